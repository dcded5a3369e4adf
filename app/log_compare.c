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
    return !all && !c->other_bytes;
}

void log_compare_open(struct log_compare *c)
{
    for (unsigned i = 0; i < RT386_LOG_VALUES; i++)
        c->open[i] |= c->differs[i];
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
    if (!c->other_bytes) return;
    text_addf(t, "  %-12s%16s", "bytes", "");
    for (unsigned i = 0; i < s->length; i++)
        text_addf(t, "%02x", s->bytes[i]);
    text_add(t, "\n");
}
