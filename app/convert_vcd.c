/* convert_vcd.c: a value change dump (IEEE 1364) for GTKWave and its like.
 *
 *   module rt386: es es_base es_limit ... tr_limit, cpl, pe, pg, cr3, if, thread, fault, vector,
 *                 desc_write, desc_table, desc_entry, desc_high, desc_low
 *
 * Time is in nanoseconds. `thread` is the selector of the task register, which with INtime names the thread. `fault` goes up
 * when an exception or interrupt is delivered, `vector` tells which, and down with the next change of time. `desc_write` does so
 * when a descriptor is written: into the GDT (0), LDT (1) or IDT (2), the selector or vector of the entry, and its two dwords as they
 * are then; bits that the trace does not tell are x.
 */
#include "convert_tables.h"

#include <string.h>

#define EFLAGS_FIELD 9u
#define EFLAGS_IF    9u
#define SEGMENTS     8u
#define ID_FIRST     33u

enum {
    CPL = 3 * SEGMENTS,
    PE,
    PG,
    CR3,
    IF,
    THREAD,
    FAULT,
    VECTOR,
    WRITE,
    TABLE,
    ENTRY,
    HIGH,
    LOW,
    SIGNALS
};

struct vcd {
    uint32_t value[SIGNALS], unknown[SIGNALS]; /* the bits that are x */
    struct tables tables;
    uint64_t now;  /* as written last */
    uint64_t last; /* clocks behind the last item */
    bool begun;
};

static void signal_name(unsigned s, char *to, size_t size)
{
    static const char *const segment[] = {"es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"};
    static const char *const part[] = {"", "_base", "_limit"};
    static const char *const other[] = {
        "cpl",    "pe",         "pg",         "cr3",        "if",        "thread",  "fault",
        "vector", "desc_write", "desc_table", "desc_entry", "desc_high", "desc_low"};
    if (s < CPL)
        snprintf(to, size, "%s%s", segment[s / 3], part[s % 3]);
    else
        snprintf(to, size, "%s", other[s - CPL]);
}

static unsigned signal_bits(unsigned s)
{
    static const uint8_t other[] = {2, 1, 1, 32, 1, 16, 1, 8, 1, 2, 16, 32, 32};
    return s >= CPL ? other[s - CPL] : s % 3 ? 32 : 16;
}

/* The register that a signal shows, and its place there; CONVERT_REGISTERS: none. */
static unsigned signal_register(unsigned s, unsigned *shift)
{
    static const uint8_t part[] = {CONVERT_SELECTOR, CONVERT_BASE, CONVERT_LIMIT};
    *shift = 0;
    if (s < CPL) return CONVERT_SEGMENT(s / 3, part[s % 3]);
    switch (s) {
    case CPL: return CONVERT_CPL;
    case PE: return CONVERT_CR0;
    case PG: *shift = 31; return CONVERT_CR0;
    case CR3: return CONVERT_CR3;
    case IF: *shift = EFLAGS_IF; return CONVERT_EFLAGS;
    case THREAD: return CONVERT_SEGMENT(CONVERT_TR, CONVERT_SELECTOR);
    default: return CONVERT_REGISTERS;
    }
}

static uint32_t signal_value(const struct convert *c, unsigned s)
{
    unsigned shift, reg = signal_register(s, &shift);
    uint32_t v = reg == CONVERT_REGISTERS ? 0 : convert_register(c, reg) >> shift;
    return signal_bits(s) == 32 ? v : v & ((1u << signal_bits(s)) - 1);
}

static void value_line(struct convert *c, unsigned s)
{
    const struct vcd *own = c->own;
    struct text *t = &c->out.text;
    uint32_t v = own->value[s], x = own->unknown[s];
    char digits[40];
    unsigned n = 0, bit = signal_bits(s);
    if (bit == 1) {
        text_addf(t, "%u%c\n", v, (char)(ID_FIRST + s));
        return;
    }
    while (bit > 1 && !((v | x) >> (bit - 1) & 1)) /* zeros in front are understood */
        bit--;
    while (bit-- > 0)
        digits[n++] = x >> bit & 1 ? 'x' : (char)('0' + (v >> bit & 1));
    digits[n] = 0;
    text_addf(t, "b%s %c\n", digits, (char)(ID_FIRST + s));
}

static const unsigned pulses[] = {FAULT, WRITE};

/* Those that are up go down; but for `but`, which is about to be told. */
static void pulses_end(struct convert *c, unsigned but)
{
    struct vcd *own = c->own;
    for (unsigned i = 0; i < sizeof pulses / sizeof *pulses; i++)
        if (own->value[pulses[i]] && pulses[i] != but) {
            own->value[pulses[i]] = 0;
            value_line(c, pulses[i]);
        }
}

/* x: the bits that are not known. */
static void set_known(struct convert *c, uint64_t clocks, unsigned s, uint32_t v, uint32_t x)
{
    struct vcd *own = c->own;
    uint64_t time = convert_nanoseconds(c, clocks);
    if (own->value[s] == v && own->unknown[s] == x) return;
    if (time > own->now) {
        text_addf(&c->out.text, "#%llu\n", (unsigned long long)time);
        own->now = time;
        pulses_end(c, s);
    }
    own->value[s] = v;
    own->unknown[s] = x;
    value_line(c, s);
}

static void set(struct convert *c, uint64_t clocks, unsigned s, uint32_t v)
{
    set_known(c, clocks, s, v, 0);
}

static int begin(struct convert *c)
{
    struct text *t = &c->out.text;
    const char *tool = rt386_trace_value(c->trace, "tool");
    char name[24];
    text_addf(t, "$version %.60s $end\n$timescale 1ns $end\n$scope module rt386 $end\n",
              tool && *tool && !strchr(tool, '$') ? tool : "rt386");
    for (unsigned s = 0; s < SIGNALS; s++) {
        unsigned bits = signal_bits(s);
        signal_name(s, name, sizeof name);
        text_addf(t, "$var wire %u %c %s", bits, (char)(ID_FIRST + s), name);
        if (bits > 1) text_addf(t, " [%u:0]", bits - 1);
        text_add(t, " $end\n");
    }
    text_add(t, "$upscope $end\n$enddefinitions $end\n");
    return STATUS_OK;
}

static void first(struct convert *c, const rt386_trace_item *i)
{
    struct vcd *own = c->own;
    own->begun = true;
    own->now = convert_nanoseconds(c, i->clocks);
    text_addf(&c->out.text, "#%llu\n$dumpvars\n", (unsigned long long)own->now);
    for (unsigned s = 0; s < SIGNALS; s++) {
        own->value[s] = signal_value(c, s);
        own->unknown[s] = s == TABLE ? 3 : s == ENTRY ? 0xffff : s == HIGH || s == LOW ? ~0u : 0;
        value_line(c, s);
    }
    text_add(&c->out.text, "$end\n");
}

static void descriptor(void *ctx, const struct table_write *w)
{
    struct convert *c = ctx;
    struct vcd *own = c->own;
    uint32_t dword[2] = {0}, x[2] = {0};
    for (unsigned i = 0; i < 8; i++) {
        bool known = w->known_after >> i & 1;
        dword[i / 4] |= known ? (uint32_t)w->after[i] << 8 * (i % 4) : 0;
        x[i / 4] |= known ? 0 : 0xffu << 8 * (i % 4);
    }
    if (own->value[WRITE]) set(c, own->last, WRITE, 0); /* of the one before */
    set(c, own->last, TABLE, (uint32_t)w->table);
    set(c, own->last, ENTRY, w->key);
    set_known(c, own->last, HIGH, dword[1], x[1]);
    set_known(c, own->last, LOW, dword[0], x[0]);
    set(c, own->last, WRITE, 1);
}

static void loose(struct convert *c, const rt386_trace_access *a)
{
    struct vcd *own = c->own;
    if (own->begun) tables_access(&own->tables, c, a, descriptor, c);
}

static void field(struct convert *c, const rt386_trace_item *i)
{
    for (unsigned s = 0; s < FAULT; s++) {
        unsigned shift, reg = signal_register(s, &shift);
        if (reg < CONVERT_REGISTERS && c->at[reg] == (int)i->field.index)
            set(c, i->clocks, s, signal_value(c, s));
    }
}

static void event(struct convert *c, const rt386_trace_item *i)
{
    struct vcd *own = c->own;
    if (own->value[FAULT])
        set(c, i->clocks, FAULT, 0); /* of the one before, even at the same time */
    set(c, i->clocks, VECTOR, i->event.vector);
    set(c, i->clocks, FAULT, 1);
}

static void item(struct convert *c, const rt386_trace_item *i)
{
    struct vcd *own = c->own;
    if (!own->begun) first(c, i);
    own->last = i->clocks + (i->kind == RT386_TRACE_INSN ? i->insn.clocks : 0);
    tables_item(&own->tables, c, i, descriptor, c);
    if (i->kind == RT386_TRACE_FIELD) field(c, i);
    if (i->kind == RT386_TRACE_EVENT) event(c, i);
    if (i->kind == RT386_TRACE_INSN) set(c, own->last, IF, i->insn.after.eflags >> EFLAGS_IF & 1);
}

static void end(struct convert *c)
{
    struct vcd *own = c->own;
    if (!own->begun) return;
    uint64_t time = convert_nanoseconds(c, own->last);
    if (time <= own->now) time = own->now + 1;
    text_addf(&c->out.text, "#%llu\n", (unsigned long long)time);
    pulses_end(c, SIGNALS);
}

static void release(struct convert *c)
{
    struct vcd *own = c->own;
    tables_free(&own->tables);
}

const struct convert_format convert_vcd = {.name = "vcd",
                                           .summary = "a value change dump",
                                           .own = sizeof(struct vcd),
                                           .begin = begin,
                                           .item = item,
                                           .loose = loose,
                                           .end = end,
                                           .release = release};
