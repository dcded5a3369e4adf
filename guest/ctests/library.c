/* library.c: the C library from inside: threads, ports, signals, setjmp, the calendar, scanf; with an argument, ways to end.
 *
 *   library                 test lines
 *   library exit|quick|abort|raise|return      says what runs, in its order
 */
#include "errno.h"
#include "excpt.h"
#include "getopt.h"
#include "heap.h"
#include "ifaddrs.h"
#include "math.h"
#include "portio.h"
#include "process.h"
#include "setjmp.h"
#include "signal.h"
#include "stdlib.h"
#include "string.h"
#include "tap.h"
#include "time.h"

#define COM1_SCRATCH 0x3FF
#define WORKERS      5
#define ROUNDS       60

/* --- _cstop, errno of each thread --- */

static volatile int child_errno, child_ready;

static void sleeper(void *unused)
{
    (void)unused;
    child_errno = errno;
    errno = 77;
    child_ready = 1;
    RtSleep(10000);
}

static void stopping(struct tap *t)
{
    errno = 5;
    for (int i = 0; i < 2; i++) {
        child_ready = 0;
        RTHANDLE thread = CreateRtThread(140, sleeper, 0x4000, NULL);
        RtSleep(20);
        HOLDS(t, child_ready == 1, DECIDED);
        IS(t, child_errno, 0, DECIDED); /* of the second one too: its block was another's */
        IS(t, errno, 5, DOCUMENTED);
        _cstop(thread);
        GIVES(t, ResumeRtThread(thread), TRUE, DOCUMENTED); /* it was suspended */
        SuspendRtThread(thread);
        GIVES(t, DeleteRtThread(thread), TRUE, DOCUMENTED);
    }
    _cstop(NULL_RTHANDLE);
    IS(t, errno, 0, DECIDED); /* dropped, and made anew */
    IS(t, gettid(), GetRtThreadHandles(THIS_THREAD), DOCUMENTED);
    IS(t, getpid(), GetRtThreadHandles(THIS_PROCESS), DOCUMENTED);
}

/* --- threads that allocate, print and read at the same time --- */

static struct worker {
    unsigned seed, wrong, rounds;
    int done;
} worker[WORKERS];

static unsigned pick(struct worker *w)
{
    w->seed = w->seed * 1664525u + 1013904223u;
    return w->seed >> 16;
}

static unsigned one_round(struct worker *w, int number)
{
    char *block[8], text[64];
    size_t size[8];
    unsigned wrong = 0;
    for (int i = 0; i < 8; i++) {
        size[i] = 1 + pick(w) % (i == 7 ? 20000 : 300);
        block[i] = malloc(size[i]);
        if (block[i] == NULL) return 1;
        memset(block[i], number * 16 + i, size[i]);
        if (pick(w) % 16 == 0) RtSleepEx(1);
    }
    int a = -1, b = -1;
    sprintf(text, "%d and %d, %.3f", number, (int)w->rounds, w->rounds / 8.0);
    double c = 0;
    errno = number + 100;
    wrong += sscanf(text, "%d and %d, %lf", &a, &b, &c) != 3 || a != number ||
             b != (int)w->rounds || c != w->rounds / 8.0;
    wrong += errno != number + 100;
    for (int i = 7; i >= 0; i--) {
        for (size_t k = 0; k < size[i]; k++)
            wrong += block[i][k] != (char)(number * 16 + i);
        free(block[i]);
    }
    return wrong;
}

static void work(void *argument)
{
    struct worker *w = argument;
    int number = (int)(w - worker);
    for (w->rounds = 0; w->rounds < ROUNDS; w->rounds++)
        w->wrong += one_round(w, number);
    w->done = 1;
}

/* Two share a priority that takes turns, the others interrupt each other whenever they wake. */
static void crowd(struct tap *t)
{
    static const BYTE priority[WORKERS] = {140, 140, 150, 160, 170};
    unsigned wrong = 0, done = 0;
    for (unsigned i = 0; i < WORKERS; i++) {
        worker[i].seed = i * 7919 + 1;
        CreateRtThread(priority[i], work, 0x8000, &worker[i]);
    }
    for (int i = 0; i < 2000 && done < WORKERS; i++) {
        RtSleep(10);
        free(malloc(100 + (size_t)i % 1000)); /* the main thread is better than all of them */
        done = 0;
        for (unsigned k = 0; k < WORKERS; k++)
            done += worker[k].done != 0;
    }
    for (unsigned k = 0; k < WORKERS; k++)
        wrong += worker[k].wrong;
    IS(t, done, WORKERS, DECIDED);
    IS(t, wrong, 0, DECIDED);
    IS(t, heap_check(), 0, DECIDED);
}

/* --- ports --- */

static void ports(struct tap *t)
{
    BYTE in[3], out[3] = {1, 2, 0xA5};
    outbyte(COM1_SCRATCH, 0x5A);
    IS(t, inbyte(COM1_SCRATCH), 0x5A, DOCUMENTED);
    blockoutbyte(COM1_SCRATCH, out, 3);
    blockinbyte(COM1_SCRATCH, in, 3);
    IS(t, in[0], 0xA5, DOCUMENTED); /* the last one, three times */
    IS(t, in[2], 0xA5, DOCUMENTED);
    outhword(COM1_SCRATCH - 1, 0x1200);
    IS(t, inbyte(COM1_SCRATCH), 0x12, DOCUMENTED);
    IS(t, inhword(COM1_SCRATCH - 1) >> 8, 0x12, DOCUMENTED);
    outword(COM1_SCRATCH - 3, 0x34000003);
    IS(t, inbyte(COM1_SCRATCH), 0x34, DOCUMENTED);
    IS(t, inword(COM1_SCRATCH - 3) >> 24, 0x34, DOCUMENTED);
}

/* --- signals, setjmp --- */

static volatile int caught, other_caught;

static void catch (int number)
{
    caught += number;
}

static void raiser(void *unused)
{
    (void)unused;
    other_caught = raise(SIGINT) == 0 && caught == 0; /* the handler is the other thread's */
}

static void signals(struct tap *t)
{
    caught = 0;
    IS(t, signal(SIGINT, catch), SIG_DFL, DOCUMENTED);
    CreateRtThread(140, raiser, 0x4000, NULL);
    RtSleep(20);
    IS(t, other_caught, 1, DOCUMENTED);
    IS(t, raise(SIGINT), 0, DOCUMENTED);
    IS(t, caught, SIGINT, DOCUMENTED);
    IS(t, raise(SIGINT), 0, DOCUMENTED); /* the default again: ignored */
    IS(t, caught, SIGINT, DOCUMENTED);
    errno = 0;
    IS(t, raise(SIGSEGV), 0, DOCUMENTED);
    IS(t, errno, EDOM, DOCUMENTED);
    signal(SIGTERM, SIG_IGN);
    IS(t, raise(SIGTERM), 0, DOCUMENTED);
    IS(t, signal(99, catch), SIG_ERR, DECIDED);
    IS(t, raise(0), -1, DECIDED);
}

static jmp_buf back;
static EXCEPTION_REGISTRATION *head(void)
{
    EXCEPTION_REGISTRATION *value;
    __asm__ volatile("movl %%fs:0, %0" : "=r"(value));
    return value;
}

static EXCEPTION_DISPOSITION RTAPI jumps(PEXCEPTION_RECORD record, PVOID frame, PCONTEXT context,
                                         PVOID dispatcher)
{
    (void)frame;
    (void)context;
    (void)dispatcher;
    longjmp(back, (int)record->ExceptionCode);
}

static void leaves_two_frames(void)
{
    EXCEPTION_REGISTRATION outer = {head(), jumps}, inner = {&outer, jumps};
    __asm__ volatile("movl %0, %%fs:0" : : "r"(&inner) : "memory");
    RaiseException(0x1234, 0, 0, NULL);
}

static void jumping(struct tap *t)
{
    EXCEPTION_REGISTRATION *before = head();
    volatile int passed = 0;
    int value = setjmp(back);
    if (value == 0) longjmp(back, 0);
    IS(t, value == 1 || passed, 1, DOCUMENTED);
    if (passed++ == 0) leaves_two_frames();
    IS(t, value, 0x1234, INFERRED);
    HOLDS(t, head() == before, INFERRED);
}

/* --- the calendar --- */

static void moment(struct tap *t, time_t at, const char *text)
{
    char shown[64];
    struct tm *tm = gmtime(&at);
    HOLDS(t, tm != NULL, DECIDED);
    strftime(shown, sizeof shown, "%Y-%m-%d %H:%M:%S %a %j", tm);
    HOLDS(t, strcmp(shown, text) == 0, DOCUMENTED);
    if (strcmp(shown, text) != 0) printf("# %s instead of %s\n", shown, text);
    IS(t, mktime(tm), at, DOCUMENTED);
}

static void calendar(struct tap *t)
{
    char shown[8];
    moment(t, 0, "1970-01-01 00:00:00 Thu 001");
    moment(t, 951782400, "2000-02-29 00:00:00 Tue 060");
    moment(t, 0x7FFFFFFF, "2038-01-19 03:14:07 Tue 019");
    moment(t, -86400, "1969-12-31 00:00:00 Wed 365");
    moment(t, (time_t)0x80000000, "1901-12-13 20:45:52 Fri 347");
    struct tm late = {
        .tm_year = 138, .tm_mon = 0, .tm_mday = 19, .tm_hour = 3, .tm_min = 14, .tm_sec = 8};
    IS(t, mktime(&late), -1, DOCUMENTED);
    struct tm odd = {.tm_year = 100, .tm_mon = 14, .tm_mday = -1, .tm_hour = 49};
    IS(t, mktime(&odd), 983408400, DOCUMENTED);             /* 2001-02-27 + 49 h */
    IS(t, odd.tm_mon * 100 + odd.tm_mday, 201, DOCUMENTED); /* 1 March, 1 o'clock */
    struct tm year = {.tm_year = 100, .tm_mday = 1};
    IS(t, strftime(shown, sizeof shown, "%Y", &year), 4, DOCUMENTED);
    IS(t, strftime(shown, 4, "%Y", &year), 0, DOCUMENTED);
    HOLDS(t, difftime(10, -10) == 20.0, DOCUMENTED);
}

/* --- scanf --- */

static void scanning(struct tap *t)
{
    int a = 0, b = 0, n = 0;
    long long big = 0;
    signed char tiny = 0;
    char word[8] = "", set[16] = "";
    void *pointer = NULL;
    double d = 0;
    IS(t, sscanf("12 0x1f 077", "%d %i%n", &a, &b, &n), 2, DOCUMENTED);
    IS(t, a * 1000 + b * 10 + n, 12 * 1000 + 31 * 10 + 7, DOCUMENTED);
    IS(t, sscanf("-9223372036854775808 300", "%lld %hhd", &big, &tiny), 2, DOCUMENTED);
    HOLDS(t, big == -9223372036854775807ll - 1 && tiny == 44, DOCUMENTED);
    IS(t, sscanf("abcdefghij,rest", "%7s%[^,],%*s", word, set), 2, DOCUMENTED);
    HOLDS(t, strcmp(word, "abcdefg") == 0 && strcmp(set, "hij") == 0, DOCUMENTED);
    IS(t, sscanf("1e-310 x", "%lf%d", &d, &a), 1, DOCUMENTED);
    HOLDS(t, d == 1e-310, DOCUMENTED);
    IS(t, sscanf("", "%d", &a), EOF, DOCUMENTED);
    IS(t, sscanf("x", "%d", &a), 0, DOCUMENTED);
    char text[24];
    sprintf(text, "%p", (void *)&a);
    sscanf(text, "%p", &pointer);
    HOLDS(t, pointer == &a, DOCUMENTED);
}

/* --- ends --- */

/* Wide text in byte formats, as compilers for Windows and C have it; the compiler here does not know the former. */
static void wide(struct tap *t)
{
    static const char *const formats[] = {"%S|%ls|%.2S|%6S|%hs|%hS", "%C%lc%hc%hC%c", "%S"};
    char text[64];
    int n = snprintf(text, sizeof text, formats[0], L"one", L"two", L"three", L"4", "five", "six");
    IS(t, n, 26, DECIDED);
    HOLDS(t, strcmp(text, "one|two|th|     4|five|six") == 0, DECIDED);
    n = snprintf(text, sizeof text, formats[1], (int)L'a', (int)L'b', 'c', 'd', 'e');
    IS(t, n, 5, DECIDED);
    HOLDS(t, strcmp(text, "abcde") == 0, DECIDED);
    n = snprintf(text, sizeof text, formats[2], L"\x100");
    IS(t, n, -1, DECIDED); /* no byte */
    IS(t, errno, EILSEQ, DECIDED);
}

static void no_network(struct tap *t)
{
    struct ifaddrs *list = (struct ifaddrs *)t;
    IS(t, getifaddrs(&list), 0, DECIDED);
    HOLDS(t, list == NULL, DECIDED);
}

static void first(void)
{
    puts("first registered");
}

static void second(void)
{
    puts("second registered");
}

static void quick(void)
{
    puts("quick");
}

static void end(const char *how)
{
    atexit(first);
    atexit(second);
    at_quick_exit(quick);
    printf("no end of line");
    if (strcmp(how, "exit") == 0) exit(11);
    if (strcmp(how, "quick") == 0) quick_exit(12);
    if (strcmp(how, "abort") == 0) abort();
    if (strcmp(how, "raise") == 0) raise(SIGFPE);
}

/* --- numbers to text, options, random numbers, the time of day --- */

static void conversions(struct tap *t)
{
    char s[40];
    int point, sign;
    HOLDS(t, strcmp(ecvt(-1234.5678, 6, &point, &sign), "123457") == 0, DOCUMENTED);
    HOLDS(t, point == 4 && sign != 0, DOCUMENTED);
    HOLDS(t, strcmp(fcvt(0.00123, 5, &point, &sign), "123") == 0, DOCUMENTED);
    HOLDS(t, point == -2 && sign == 0, DOCUMENTED);
    HOLDS(t, strcmp(gcvt(1e-7, 4, s), "1e-07") == 0, DECIDED);
    HOLDS(t, strcmp(ftoa(-123.999, s, 1, 3), "-1.239E2") == 0, DECIDED);
    HOLDS(t, strcmp(itoh(-1, s), "ffffffff") == 0, DOCUMENTED);
    HOLDS(t, strcmp(ltoh(0xBEEF, s), "beef") == 0, DOCUMENTED);
    HOLDS(t, strcmp(ltos(-255, s, -16), "-ff") == 0, DECIDED);
    HOLDS(t, strcmp(ltos(-255, s, 16), "ffffff01") == 0, DECIDED);
    GIVES(t, matherr(NULL), 0, DOCUMENTED);
    double sine, cosine;
    float sine_f, cosine_f;
    sincos(0.7, &sine, &cosine);
    sincosf(0.7f, &sine_f, &cosine_f);
    HOLDS(t, sine == sin(0.7) && cosine == cos(0.7), DECIDED);
    HOLDS(t, sine_f == sinf(0.7f) && cosine_f == cosf(0.7f), DECIDED);
    HOLDS(t, square(-3) == 9 && j0(0) == 1 && j1(0) == 0 && jn(2, 0) == 0, DOCUMENTED);
    HOLDS(t, y0(1) > 0.0882569 && y0(1) < 0.0882570 && yn(1, 2) == y1(2), DOCUMENTED);
    errno = 0;
    HOLDS(t, y1(-1) == -HUGE_VAL && errno == EDOM, DOCUMENTED);
}

static void options(struct tap *t)
{
    char *words[] = {"program", "-ab", "-ofile", "-o", "name", "-x", "--", "-a", NULL};
    opterr = 0;
    IS(t, getopt(8, words, "abo:"), 'a', DECIDED);
    IS(t, getopt(8, words, "abo:"), 'b', DECIDED);
    IS(t, getopt(8, words, "abo:"), 'o', DECIDED);
    HOLDS(t, strcmp(optarg, "file") == 0, DECIDED);
    IS(t, getopt(8, words, "abo:"), 'o', DECIDED);
    HOLDS(t, strcmp(optarg, "name") == 0, DECIDED);
    IS(t, getopt(8, words, "abo:"), '?', DECIDED);
    IS(t, optopt, 'x', DECIDED);
    IS(t, getopt(8, words, "abo:"), -1, DECIDED);
    IS(t, optind, 7, DECIDED);
    char *lacks[] = {"program", "-o", NULL};
    optind = 1;
    IS(t, getopt(2, lacks, ":o:"), ':', DECIDED);
    IS(t, getopt(2, lacks, ":o:"), -1, DECIDED);
}

static void chance_and_time(struct tap *t)
{
    unsigned seen = 0, ones = 0;
    for (unsigned i = 0; i < 64; i++) {
        unsigned v = arc4random();
        seen |= v;
        for (; v; v &= v - 1)
            ones++;
    }
    HOLDS(t, seen == 0xFFFFFFFF && ones > 900 && ones < 1150, DECIDED);
    struct timeval to = {1000000000, 250000}, now, bad = {0, 1000000};
    GIVES(t, settimeofday(&to, NULL), 0, DOCUMENTED);
    GIVES(t, gettimeofday(&now, NULL), 0, DOCUMENTED);
    HOLDS(t, now.tv_sec == to.tv_sec && now.tv_usec >= to.tv_usec, DOCUMENTED);
    errno = 0;
    HOLDS(t, settimeofday(&bad, NULL) == -1 && errno == EINVAL, DECIDED);
}

int main(int argc, char **argv)
{
    struct tap t = {0, 0};
    if (argc > 1) {
        end(argv[1]);
        return 13;
    }
    stopping(&t);
    crowd(&t);
    ports(&t);
    signals(&t);
    jumping(&t);
    calendar(&t);
    wide(&t);
    no_network(&t);
    scanning(&t);
    conversions(&t);
    options(&t);
    chance_and_time(&t);
    return tap_end(&t);
}
