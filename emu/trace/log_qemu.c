/* log_qemu.c: what QEMU writes with -d in_asm, cpu, exec, int.
 *
 *   IN:                                          a block is translated
 *   0x0010000c:  fa                  cli         its instructions; the first one's bytes are kept
 *   Trace 0: 0x7f99 [base/pc/flags/cflags]       a block is about to be executed
 *   EAX=... EBX=...                              up to EFER=: the registers it finds
 *   FCW=037f FSW=0000 [ST=0] FTW=00 ...          with fpu: the coprocessor; FTW bit n: register n is not empty
 *   FPR0=8000000000000000 3fff FPR1=...          by physical numbers; behind them XMM registers, which are passed over
 *   Stopped execution of TB chain before 0x.. [pc]   it was not executed after all
 *   Servicing hardware INT=0x08                  an interrupt from outside
 *        0: v=0d e=0008 i=0 cpl=0 IP=0008:001001d6 pc=001001d6 SP=0010:00107ff0 ...   an exception or interrupt, and
 *                                                the registers again
 *
 * A line may be missing: with `cpu` alone a dump is a state, with `exec` alone the line Trace is one. Dumps of resets and of
 * system management mode, and processors other than the first, are passed over.
 */
#include "log_lines.h"

#include <string.h>

bool log_qemu_owns(const char *text)
{
    static const char *const begin[] = {"EAX=",
                                        "Trace ",
                                        "IN:",
                                        "Servicing hardware INT=",
                                        "SMM: ",
                                        "CPU Reset (CPU ",
                                        "check_exception old: "};
    for (unsigned i = 0; i < sizeof begin / sizeof *begin; i++)
        if (!strncmp(text, begin[i], strlen(begin[i]))) return true;
    return false;
}

/* --- a dump --- */

static const struct name {
    const char *name;
    unsigned index;
} assigned[] = {{"EAX=", 0},
                {"ECX=", 1},
                {"EDX=", 2},
                {"EBX=", 3},
                {"ESP=", 4},
                {"EBP=", 5},
                {"ESI=", 6},
                {"EDI=", 7},
                {"EIP=", RT386_LOG_EIP},
                {"EFL=", RT386_LOG_EFLAGS},
                {"CPL=", RT386_LOG_CPL},
                {"CR0=", RT386_LOG_CR0},
                {"CR2=", RT386_LOG_CR2},
                {"CR3=", RT386_LOG_CR3},
                {"DR0=", RT386_LOG_DR0},
                {"DR1=", RT386_LOG_DR0 + 1},
                {"DR2=", RT386_LOG_DR0 + 2},
                {"DR3=", RT386_LOG_DR0 + 3},
                {"DR6=", RT386_LOG_DR6},
                {"DR7=", RT386_LOG_DR7}},
  segments[] = {{"ES =", 0}, {"CS =", 1}, {"SS =", 2}, {"DS =", 3},
                {"FS =", 4}, {"GS =", 5}, {"LDT=", 6}, {"TR =", 7}},
  tables[] = {{"GDT=", RT386_LOG_GDTR_BASE}, {"IDT=", RT386_LOG_IDTR_BASE}};
#define FIND(table, at) find(table, sizeof table / sizeof *table, at)

static const struct name *find(const struct name *table, size_t n, const char **at)
{
    for (size_t i = 0; i < n; i++)
        if (log_word(at, table[i].name)) return &table[i];
    return NULL;
}

/* Numbers with blanks before them. */
static rt386_status numbers(rt386_log *log, const char *at, const char *name, uint64_t *to,
                            unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        at += strspn(at, " ");
        if (!log_hex(&at, &to[i]))
            return log_refuse(log, "there are no %u numbers behind '%s'", n, name);
    }
    return RT386_OK;
}

/* "EAX=00000000 EBX=...": names that are not in the table are passed over. */
static rt386_status assignments(rt386_log *log, rt386_log_state *s)
{
    uint64_t v;
    for (const char *at = log->text; *at; at += strspn(at, " ")) {
        const struct name *name = FIND(assigned, &at);
        if (!name) {
            at += strcspn(at, " ");
            continue;
        }
        if (!log_hex(&at, &v)) return log_refuse(log, "there is no number behind '%s'", name->name);
        log_know(s, name->index, v);
        at += strcspn(at, " ");
    }
    return RT386_OK;
}

/* The fourth number is the descriptor's second dword without its bits of the base. */
static rt386_status segment(rt386_log *log, rt386_log_state *s, const struct name *name,
                            const char *at)
{
    uint64_t v[4];
    rt386_status st = numbers(log, at, name->name, v, 4);
    if (st != RT386_OK) return st;
    log_know(s, RT386_LOG_PART(name->index, RT386_LOG_SELECTOR), v[0]);
    log_know(s, RT386_LOG_PART(name->index, RT386_LOG_BASE), v[1]);
    log_know(s, RT386_LOG_PART(name->index, RT386_LOG_LIMIT), v[2]);
    log_know(s, RT386_LOG_PART(name->index, RT386_LOG_ACCESS), v[3] >> 8 & 0xff);
    log_know(s, RT386_LOG_PART(name->index, RT386_LOG_FLAGS), v[3] >> 20 & 0xf);
    return RT386_OK;
}

/* "FCW=037f FSW=0000 [ST=0] FTW=00 MXCSR=00001f80" */
static rt386_status control_line(rt386_log *log, rt386_log_state *s, const char *at)
{
    uint64_t fcw, fsw, ftw;
    const char *tags = strstr(at, " FTW=");
    bool good = log_hex(&at, &fcw) && log_word(&at, " FSW=") && log_hex(&at, &fsw) && tags;
    if (good) tags += strlen(" FTW=");
    if (!good || !log_hex(&tags, &ftw))
        return log_refuse(log, "there are no numbers of the coprocessor behind 'FCW='");
    s->x87.fcw = (uint16_t)fcw;
    s->x87.fsw = (uint16_t)fsw;
    s->x87.full = (uint8_t)ftw;
    return RT386_OK;
}

/* "FPR0=8000000000000000 3fff FPR1=0000000000000000 0000"; the state is whole with the last one. */
static rt386_status x87_line(rt386_log *log, rt386_log_state *s, const char *at)
{
    uint64_t number, significand, se;
    while (log_word(&at, "FPR")) {
        if (!log_hex(&at, &number) || number > 7 || !log_word(&at, "=") ||
            !log_hex(&at, &significand) || !log_word(&at, " ") || !log_hex(&at, &se))
            return log_refuse(log, "there are no two numbers of a register behind 'FPR'");
        s->x87.significand[number] = significand;
        s->x87.sign_exponent[number] = (uint16_t)se;
        s->has_x87 = number == 7;
        at += strspn(at, " ");
    }
    return RT386_OK;
}

static rt386_status dump_line(rt386_log *log, rt386_log_state *s)
{
    const char *at = log->text;
    uint64_t v[2];
    if (log_word(&at, "FCW=")) return control_line(log, s, at);
    if (!strncmp(at, "FPR", 3)) return x87_line(log, s, at);
    const struct name *name = FIND(segments, &at);
    if (name) return segment(log, s, name, at);
    name = FIND(tables, &at);
    if (!name) return assignments(log, s);
    rt386_status st = numbers(log, at, name->name, v, 2);
    if (st != RT386_OK) return st;
    log_know(s, name->index, v[0]);
    log_know(s, name->index + 1, v[1]);
    return RT386_OK;
}

static bool of_a_dump(const char *text)
{
    static const char *const more[] = {"CCS=", "EFER=", "FCW=", "FPR", "XMM"};
    const char *at = text;
    if (FIND(assigned, &at) || FIND(segments, &at) || FIND(tables, &at)) return true;
    for (unsigned i = 0; i < sizeof more / sizeof *more; i++)
        if (!strncmp(text, more[i], strlen(more[i]))) return true;
    return false;
}

/* --- items --- */

static void begin(rt386_log *log, rt386_log_kind kind)
{
    struct log_qemu *q = &log->qemu;
    q->item = (rt386_log_item){.kind = kind, .line = log->line};
    q->have = true;
    q->dumped = q->skip = false;
}

/* "0: 0x7f99 [base/pc/flags/cflags] symbol"; until QEMU 2.8 "0x7f99 [pc] symbol", later "0x7f99 [0: pc] symbol". */
static rt386_status trace_line(rt386_log *log, const char *at)
{
    struct log_qemu *q = &log->qemu;
    uint64_t first = 0, second;
    const char *in = strchr(at, '[');
    bool other = at[0] >= '1' && at[0] <= '9';
    if (!in || (in++, !log_hex(&in, &first)))
        return log_refuse(log, "there is no address in brackets behind 'Trace'");
    if (log_word(&in, ": ")) {
        other = first != 0;
        if (!log_hex(&in, &first))
            return log_refuse(log, "there is no address in brackets behind 'Trace'");
    }
    bool based = log_word(&in, "/") && log_hex(&in, &second);
    q->skip = other;
    q->dumped = false;
    if (other) return RT386_OK;
    begin(log, RT386_LOG_STATE);
    rt386_log_state *s = &q->item.state;
    s->has_linear = true;
    s->linear = (uint32_t)(based ? second : first);
    if (based) {
        log_know(s, RT386_LOG_PART(RT386_CS, RT386_LOG_BASE), first);
        log_know(s, RT386_LOG_EIP, second - first);
    }
    if (q->asm_length && q->asm_at == s->linear) {
        s->length = q->asm_length;
        memcpy(s->bytes, q->asm_bytes, sizeof s->bytes);
    }
    q->asm_length = 0;
    return RT386_OK;
}

static bool pushes_error(unsigned vector)
{
    return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17;
}

/* "     0: v=0d e=0008 i=0 cpl=0 IP=0008:001001d6 pc=001001d6 SP=0010:00107ff0 env->regs[R_EAX]=00000000"; behind an
 * interrupt from outside its details. */
static rt386_status event_line(rt386_log *log, const char *at)
{
    struct log_qemu *q = &log->qemu;
    uint64_t vector, error = 0, soft = 0, v;
    bool good = log_hex(&at, &vector) && vector < 256 && log_word(&at, " e=") &&
                log_hex(&at, &error) && log_word(&at, " i=") && log_hex(&at, &soft);
    if (!good) return log_refuse(log, "there are no numbers of an exception behind 'v='");
    bool external = q->have && q->item.external && q->item.vector == vector && !q->dumped;
    if (!external) begin(log, RT386_LOG_EVENT);
    q->item.vector = (uint8_t)vector;
    q->item.has_error = !soft && !external && pushes_error((unsigned)vector);
    q->item.error = (uint16_t)error;
    rt386_log_state *s = &q->item.state;
    const char *ip = strstr(at, " IP="), *cr2 = strstr(at, " CR2=");
    if (ip && (ip += 4, log_hex(&ip, &v)) && log_word(&ip, ":")) {
        log_know(s, RT386_LOG_PART(RT386_CS, RT386_LOG_SELECTOR), v);
        if (log_hex(&ip, &v)) log_know(s, RT386_LOG_EIP, v);
    }
    if (cr2 && (cr2 += 5, log_hex(&cr2, &v))) log_know(s, RT386_LOG_CR2, v);
    return RT386_OK;
}

/* "     0: v=": behind the number of the event. */
static const char *event_of(const char *text)
{
    const char *at = text + strspn(text, " ");
    size_t digits = strspn(at, "0123456789");
    at += digits;
    return digits && log_word(&at, ": v=") ? at : NULL;
}

static rt386_status interrupt_line(rt386_log *log, const char *at)
{
    uint64_t v;
    if (!log_hex(&at, &v) || v > 255) return log_refuse(log, "there is no vector behind 'INT='");
    begin(log, RT386_LOG_EVENT);
    log->qemu.item.vector = (uint8_t)v;
    log->qemu.item.external = true;
    return RT386_OK;
}

/* The first instruction of a block that is translated. */
static void listing_line(rt386_log *log)
{
    struct log_qemu *q = &log->qemu;
    const char *at = log->text;
    uint64_t v;
    if (!q->listing || !log_word(&at, "0x") || !log_hex(&at, &v) || *at++ != ':') return;
    q->listing = false;
    q->asm_at = (uint32_t)v;
    memset(q->asm_bytes, 0, sizeof q->asm_bytes);
    q->asm_length = (uint8_t)log_bytes(at + strspn(at, " "), true, q->asm_bytes);
}

static void stopped_line(rt386_log *log)
{
    struct log_qemu *q = &log->qemu;
    const char *at = strchr(log->text, '[');
    uint64_t v;
    if (!q->have || q->item.kind != RT386_LOG_STATE || !at) return;
    at++;
    if (log_hex(&at, &v) && (uint32_t)v == q->item.state.linear) q->have = false;
}

/* A line that begins something: the item before it is complete then. */
static bool begins(const struct log_qemu *q, const char *text)
{
    const char *at = text;
    if (log_word(&at, "EAX=")) return q->dumped;
    bool details = q->have && q->item.external && !q->dumped && event_of(text);
    return log_word(&at, "Trace ") || log_word(&at, "Servicing hardware INT=0x") ||
           log_word(&at, "SMM: ") || log_word(&at, "CPU Reset (CPU ") ||
           (event_of(text) && !details);
}

static rt386_status line(rt386_log *log)
{
    struct log_qemu *q = &log->qemu;
    const char *at = log->text, *event = event_of(log->text);
    bool dump = of_a_dump(at), first = !strncmp(at, "EAX=", 4);
    if (dump) {
        if (first && q->skip && q->dumped) q->skip = false; /* the one to skip was before */
        if (first && !q->have && !q->skip) begin(log, RT386_LOG_STATE);
        if (first) q->dumped = true;
        return q->have && q->dumped ? dump_line(log, &q->item.state) : RT386_OK;
    }
    q->skip = q->skip && !q->dumped;
    if (log_word(&at, "Trace ")) return trace_line(log, at);
    if (log_word(&at, "Servicing hardware INT=0x")) return interrupt_line(log, at);
    if (event) return event_line(log, event);
    if (log_word(&at, "SMM: ") || log_word(&at, "CPU Reset (CPU "))
        q->skip = true, q->dumped = false;
    if (log_word(&at, "Stopped execution of TB chain before ")) stopped_line(log);
    if (log_word(&at, "IN:")) q->listing = true;
    listing_line(log);
    return RT386_OK;
}

/* A dump gives the linear address too. False: there is nothing that says where the processor is. */
static bool complete(rt386_log_item *item)
{
    rt386_log_state *s = &item->state;
    unsigned base = RT386_LOG_PART(RT386_CS, RT386_LOG_BASE);
    uint64_t both = UINT64_C(1) << RT386_LOG_EIP | UINT64_C(1) << base;
    if ((s->known & both) == both) {
        s->has_linear = true;
        s->linear = s->value[base] + s->value[RT386_LOG_EIP];
    }
    return item->kind == RT386_LOG_EVENT || s->has_linear;
}

static bool give(rt386_log *log, rt386_log_item *item)
{
    struct log_qemu *q = &log->qemu;
    bool good = q->have && complete(&q->item);
    if (good) *item = q->item;
    q->have = q->dumped = false;
    return good;
}

rt386_status log_qemu_next(rt386_log *log, rt386_log_item *item)
{
    for (;;) {
        rt386_status st = log_line(log);
        if (st == RT386_E_NOTFOUND) return give(log, item) ? RT386_OK : st;
        if (st != RT386_OK) return st;
        if (log->qemu.have && begins(&log->qemu, log->text)) {
            log->held = true;
            if (give(log, item)) return RT386_OK;
            continue;
        }
        st = line(log);
        if (st != RT386_OK) return st;
    }
}
