/* report.c: the lines of the probes, on port 0xE9. */
extern const char *probe_name;
extern int want_vector, want_error, want_value, is_value, got_vector, got_error;

void report(unsigned eax);
void summary(void);
extern int failures;
int failures;
static int count;

static void put(char c)
{
    __asm__ volatile("outb %0, $0xE9" : : "a"(c));
}

static void text(const char *s)
{
    while (*s != 0)
        put(*s++);
}

static void hex(unsigned value, int digits)
{
    while (digits-- > 0)
        put("0123456789abcdef"[value >> (digits * 4) & 15]);
}

static void decimal(unsigned value)
{
    if (value >= 10) decimal(value / 10);
    put((char)('0' + value % 10));
}

static void outcome(int vector, int error)
{
    if (vector < 0) {
        text("no fault");
        return;
    }
    text("vector ");
    decimal((unsigned)vector);
    text(" error ");
    hex((unsigned)error, 4);
}

/* "name: got ..., expected ...: ok"; value probes compare EAX and must not fault. */
void report(unsigned eax)
{
    int good = got_vector == want_vector && (want_vector < 0 || got_error == want_error);
    text(probe_name);
    text(": ");
    if (is_value && got_vector < 0) {
        good = eax == (unsigned)want_value;
        hex(eax, 8);
        text(", expected ");
        hex((unsigned)want_value, 8);
    } else {
        outcome(got_vector, got_error);
        text(", expected ");
        outcome(want_vector, want_error);
    }
    text(good ? ": ok\n" : ": DIFFERS\n");
    failures += !good;
    count++;
}

void summary(void)
{
    decimal((unsigned)count);
    text(" probes, ");
    decimal((unsigned)failures);
    text(" differ\n");
}
