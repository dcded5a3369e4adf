/* log_compare.c: see log_compare.h. */
#include "log_compare.h"

#include <rt386/bare.h>
#include <string.h>

#define EFLAGS_386 0x37fd5u /* 386 2.3.4: CF PF AF ZF SF TF IF DF OF IOPL NT RF VM */
#define EFLAGS_VM  0x20000u
#define CR0_386    0x8000001fu
#define DR6_386    0xe00fu
#define DR7_386    0xffff23ffu
#define BYTE_S     0x10u /* of a descriptor's access byte */
#define BYTE_A     0x01u
#define BYTE_BUSY  0x02u
#define TR         7u

static const struct {
    const char *name;
    uint32_t bits;
} flag[] = {{"cf", 1},      {"pf", 4},       {"af", 0x10},   {"zf", 0x40},  {"sf", 0x80},
            {"tf", 0x100},  {"if", 0x200},   {"df", 0x400},  {"of", 0x800}, {"iopl", 0x3000},
            {"nt", 0x4000}, {"rf", 0x10000}, {"vm", 0x20000}};

/* --- what counts --- */

static unsigned part_of(unsigned index)
{
    return index < RT386_LOG_SEGMENTS ? RT386_LOG_PARTS
                                      : (index - RT386_LOG_SEGMENTS) % RT386_LOG_PARTS;
}

/* Rights mean nothing in real and virtual-8086 mode. */
static bool has_rights(const struct log_point *p)
{
    return p->value[RT386_LOG_CR0] & 1 && !(p->value[RT386_LOG_EFLAGS] & EFLAGS_VM);
}

/* Of a cached descriptor no program sees whether it is accessed, or the task register's busy. */
static uint32_t counted_rights(unsigned index, const struct log_point *p)
{
    if (!has_rights(p)) return 0;
    if (p->value[index] & BYTE_S) return 0xffu & ~BYTE_A;
    return index == RT386_LOG_PART(TR, RT386_LOG_ACCESS) ? 0xffu & ~BYTE_BUSY : 0xff;
}

/* The bits that an 80386 has. */
static uint32_t counted(unsigned index, const struct log_point *p)
{
    if (index == RT386_LOG_EFLAGS) return EFLAGS_386;
    if (index == RT386_LOG_CR0) return CR0_386;
    if (index == RT386_LOG_DR6) return DR6_386;
    if (index == RT386_LOG_DR7) return DR7_386;
    if (index == RT386_LOG_GDTR_LIMIT || index == RT386_LOG_IDTR_LIMIT) return 0xffff;
    switch (part_of(index)) {
    case RT386_LOG_SELECTOR: return 0xffff;
    case RT386_LOG_ACCESS: return counted_rights(index, p);
    case RT386_LOG_FLAGS: return has_rights(p) ? 0xd : 0;
    default: return 0xffffffff;
    }
}

/* QEMU may have the first bytes only. */
static bool other_bytes(const struct log_point *p, const rt386_log_state *s)
{
    unsigned n = p->retired ? p->item.insn.length : 0;
    if (s->length < n) n = s->length;
    return memcmp(p->item.insn.bytes, s->bytes, n) != 0;
}

/* --- the coprocessor --- */

enum { X87_FCW = 8, X87_FSW, X87_TAGS, X87_PARTS };
static const char *const x87_name[X87_PARTS] = {"fpr0", "fpr1", "fpr2", "fpr3", "fpr4", "fpr5",
                                                "fpr6", "fpr7", "fcw",  "fsw",  "ftw"};
#define FCW_387 0x1f3fu /* masks, precision, rounding, infinity */
#define FSW_387                                                                                    \
    0x38ffu /* exceptions, TOP: condition codes are undefined behind most instructions */

static uint16_t x87_bits(const rt386_log_x87 *a, const rt386_log_x87 *b)
{
    unsigned bits = 0;
    for (unsigned i = 0; i < 8; i++) {
        bool same =
            a->significand[i] == b->significand[i] && a->sign_exponent[i] == b->sign_exponent[i];
        if (a->full & b->full & 1u << i && !same) bits |= 1u << i;
    }
    if ((a->fcw ^ b->fcw) & FCW_387) bits |= 1u << X87_FCW;
    if ((a->fsw ^ b->fsw) & FSW_387) bits |= 1u << X87_FSW;
    if (a->full != b->full) bits |= 1u << X87_TAGS;
    return (uint16_t)bits;
}

static void x87_compare(struct log_compare *c, const struct log_point *p, const rt386_log_state *s)
{
    c->x87_differs = 0;
    if (!p->has_x87 || !s->has_x87) return;
    uint16_t bits = x87_bits(&p->x87, &s->x87);
    c->x87_open &= bits;
    c->x87_differs = (uint16_t)(bits & ~c->x87_open & ~c->x87_ignored);
}

static void x87_text(const struct log_compare *c, struct text *t, const rt386_log_x87 *a,
                     const rt386_log_x87 *b)
{
    for (unsigned i = 0; i < 8; i++)
        if (c->x87_differs >> i & 1)
            text_addf(t, "  %-7s%04x %016llx  %04x %016llx\n", x87_name[i], a->sign_exponent[i],
                      (unsigned long long)a->significand[i], b->sign_exponent[i],
                      (unsigned long long)b->significand[i]);
    if (c->x87_differs >> X87_FCW & 1)
        text_addf(t, "  %-12s%16x%16x\n", x87_name[X87_FCW], a->fcw, b->fcw);
    if (c->x87_differs >> X87_FSW & 1)
        text_addf(t, "  %-12s%16x%16x\n", x87_name[X87_FSW], a->fsw, b->fsw);
    if (c->x87_differs >> X87_TAGS & 1)
        text_addf(t, "  %-12s%16x%16x  registers that are not empty\n", x87_name[X87_TAGS], a->full,
                  b->full);
}

bool log_compare_states(struct log_compare *c, const struct log_point *p, const rt386_log_state *s)
{
    uint32_t all = 0;
    c->other_bytes = other_bytes(p, s);
    for (unsigned i = 0; i < RT386_LOG_VALUES; i++) {
        c->differs[i] = 0;
        if (!(p->known & s->known & UINT64_C(1) << i)) continue;
        uint32_t bits = (p->value[i] ^ s->value[i]) & counted(i, p);
        c->open[i] &= bits;
        c->differs[i] = bits & ~c->open[i] & ~c->ignored[i];
        all |= c->differs[i];
    }
    x87_compare(c, p, s);
    return !all && !c->other_bytes && !c->x87_differs;
}

void log_compare_open(struct log_compare *c)
{
    for (unsigned i = 0; i < RT386_LOG_VALUES; i++)
        c->open[i] |= c->differs[i];
    c->x87_open |= c->x87_differs;
}

void log_compare_executed(struct log_compare *c, const rt386_trace_insn *in)
{
    c->open[RT386_LOG_EFLAGS] |= rt386_undefined_flags(in->bytes, in->length, in->code32);
}

/* --- words --- */

static bool ignore_one(struct log_compare *c, const char *word, size_t n)
{
    const char *name;
    for (unsigned i = 0; i < sizeof flag / sizeof *flag; i++)
        if (strlen(flag[i].name) == n && !strncmp(flag[i].name, word, n)) {
            c->ignored[RT386_LOG_EFLAGS] |= flag[i].bits;
            return true;
        }
    for (unsigned i = 0; (name = rt386_log_value_name(i)); i++)
        if (strlen(name) == n && !strncmp(name, word, n)) {
            c->ignored[i] = 0xffffffff;
            return true;
        }
    for (unsigned i = 0; i < X87_PARTS; i++)
        if (strlen(x87_name[i]) == n && !strncmp(x87_name[i], word, n)) {
            c->x87_ignored |= (uint16_t)(1u << i);
            return true;
        }
    return false;
}

bool log_compare_ignore(struct log_compare *c, struct app *app, const char *list)
{
    while (list && *list) {
        size_t n = strcspn(list, ",");
        if (!ignore_one(c, list, n)) {
            app_error(app,
                      "trace diff: '%.*s' is neither a register, like eax, cr3 or ds_limit, nor a "
                      "flag, like af",
                      (int)(n < 40 ? n : 40), list);
            return false;
        }
        list += n + (list[n] == ',');
    }
    return true;
}

void log_compare_names(const struct log_compare *c, struct text *t)
{
    const char *between = "";
    for (unsigned i = 0; i < RT386_LOG_VALUES; i++) {
        if (!c->differs[i]) continue;
        text_addf(t, "%s%s", between, rt386_log_value_name(i));
        between = ", ";
    }
    for (unsigned i = 0; i < X87_PARTS; i++) {
        if (!(c->x87_differs >> i & 1)) continue;
        text_addf(t, "%s%s", between, x87_name[i]);
        between = ", ";
    }
}

static void flag_names(struct text *t, uint32_t bits)
{
    for (unsigned i = 0; i < sizeof flag / sizeof *flag; i++)
        if (bits & flag[i].bits) text_addf(t, " %s", flag[i].name);
}

void log_compare_text(const struct log_compare *c, struct text *t, const struct log_point *p,
                      const rt386_log_state *s)
{
    text_addf(t, "  %-12s%16s%16s\n", "", "trace", "log");
    for (unsigned i = 0; i < RT386_LOG_VALUES; i++) {
        if (!c->differs[i]) continue;
        text_addf(t, "  %-12s%16x%16x", rt386_log_value_name(i), p->value[i], s->value[i]);
        if (i == RT386_LOG_EFLAGS) flag_names(t, c->differs[i]);
        text_add(t, "\n");
    }
    x87_text(c, t, &p->x87, &s->x87);
    if (!c->other_bytes) return;
    text_addf(t, "  %-12s%16s", "bytes", "");
    for (unsigned i = 0; i < s->length; i++)
        text_addf(t, "%02x", s->bytes[i]);
    text_add(t, "\n");
}
