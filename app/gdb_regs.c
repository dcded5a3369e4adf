#include "gdb_regs.h"

#include "bytes.h"
#include "gdb_packet.h"
#include "reg_value.h"

#include <stdio.h>
#include <string.h>

/* as: its name in rt386_reg_get. */
struct reg {
    const char *name, *as, *type;
    unsigned bits;
};
#define INT(n, as)                                                                                 \
    {                                                                                              \
        n, as, "int32", 32                                                                         \
    }
#define FLOAT(n, as)                                                                               \
    {                                                                                              \
        n, as, "int", 32                                                                           \
    }
#define SEGMENT(s)                                                                                 \
    {s "_base", s "_base", "data_ptr", 32}, {s "_limit", s "_limit", "uint32", 32},                \
    {                                                                                              \
        s "_attr", s, "seg_attr", 32                                                               \
    }

static const struct reg core[] = {INT("eax", "eax"),
                                  INT("ecx", "ecx"),
                                  INT("edx", "edx"),
                                  INT("ebx", "ebx"),
                                  {"esp", "esp", "data_ptr", 32},
                                  {"ebp", "ebp", "data_ptr", 32},
                                  INT("esi", "esi"),
                                  INT("edi", "edi"),
                                  {"eip", "eip", "code_ptr", 32},
                                  {"eflags", "eflags", "i386_eflags", 32},
                                  INT("cs", "cs"),
                                  INT("ss", "ss"),
                                  INT("ds", "ds"),
                                  INT("es", "es"),
                                  INT("fs", "fs"),
                                  INT("gs", "gs"),
                                  {"st0", NULL, "i387_ext", 80},
                                  {"st1", NULL, "i387_ext", 80},
                                  {"st2", NULL, "i387_ext", 80},
                                  {"st3", NULL, "i387_ext", 80},
                                  {"st4", NULL, "i387_ext", 80},
                                  {"st5", NULL, "i387_ext", 80},
                                  {"st6", NULL, "i387_ext", 80},
                                  {"st7", NULL, "i387_ext", 80},
                                  FLOAT("fctrl", "fcw"),
                                  FLOAT("fstat", "fsw"),
                                  FLOAT("ftag", "ftw"),
                                  FLOAT("fiseg", "fcs"),
                                  FLOAT("fioff", "fip"),
                                  FLOAT("foseg", "fds"),
                                  FLOAT("fooff", "fdp"),
                                  FLOAT("fop", "fop")};
static const struct reg more[] = {SEGMENT("cs"),
                                  SEGMENT("ss"),
                                  SEGMENT("ds"),
                                  SEGMENT("es"),
                                  SEGMENT("fs"),
                                  SEGMENT("gs"),
                                  INT("ldtr", "ldtr"),
                                  SEGMENT("ldtr"),
                                  INT("tr", "tr"),
                                  SEGMENT("tr"),
                                  {"gdtr_base", "gdtr_base", "data_ptr", 32},
                                  {"gdtr_limit", "gdtr_limit", "uint32", 32},
                                  {"idtr_base", "idtr_base", "data_ptr", 32},
                                  {"idtr_limit", "idtr_limit", "uint32", 32},
                                  {"cr0", "cr0", "cr0_flags", 32},
                                  {"cr2", "cr2", "data_ptr", 32},
                                  {"cr3", "cr3", "data_ptr", 32},
                                  {"cr4", "cr4", "uint32", 32},
                                  {"dr0", "dr0", "data_ptr", 32},
                                  {"dr1", "dr1", "data_ptr", 32},
                                  {"dr2", "dr2", "data_ptr", 32},
                                  {"dr3", "dr3", "data_ptr", 32},
                                  {"dr6", "dr6", "uint32", 32},
                                  {"dr7", "dr7", "uint32", 32},
                                  {"cpl", "cpl", "uint32", 32},
                                  {"insns", "insns", "uint64", 64},
                                  {"clocks", "clocks", "uint64", 64}};
#define CORE (sizeof core / sizeof *core)
#define MORE (sizeof more / sizeof *more)

static const struct reg *reg_of(unsigned n)
{
    if (n < CORE) return &core[n];
    return n - CORE < MORE ? &more[n - CORE] : NULL;
}

unsigned gdb_reg_count(void)
{
    return CORE + MORE;
}

unsigned gdb_reg_digits(unsigned n)
{
    const struct reg *r = reg_of(n);
    return r ? r->bits / 4 : 0;
}

/* --- target.xml --- */

struct flag {
    const char *name;
    unsigned first, last;
};

static void flags_type(struct text *t, const char *id, const struct flag *f, unsigned n)
{
    text_addf(t, "<flags id=\"%s\" size=\"4\">", id);
    for (unsigned i = 0; i < n; i++)
        text_addf(t, "<field name=\"%s\" start=\"%u\" end=\"%u\"/>", f[i].name, f[i].first,
                  f[i].last);
    text_add(t, "</flags>\n");
}

static void regs_xml(struct text *t, const struct reg *r, unsigned n, unsigned first)
{
    for (unsigned i = 0; i < n; i++)
        text_addf(t, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\" regnum=\"%u\"%s/>\n", r[i].name,
                  r[i].bits, r[i].type, first + i,
                  !strcmp(r[i].type, "int") ? " group=\"float\"" : "");
}

void gdb_target_xml(struct text *t)
{
    static const struct flag eflags[] = {
        {"CF", 0, 0},   {"", 1, 1},     {"PF", 2, 2},     {"AF", 4, 4},
        {"ZF", 6, 6},   {"SF", 7, 7},   {"TF", 8, 8},     {"IF", 9, 9},
        {"DF", 10, 10}, {"OF", 11, 11}, {"IOPL", 12, 13}, {"NT", 14, 14},
        {"RF", 16, 16}, {"VM", 17, 17}, {"AC", 18, 18},   {"ID", 21, 21}};
    static const struct flag attr[] = {{"TYPE", 0, 3}, {"S", 4, 4},       {"DPL", 5, 6},
                                       {"P", 7, 7},    {"AVL", 8, 8},     {"DB", 10, 10},
                                       {"G", 11, 11},  {"USABLE", 12, 12}};
    static const struct flag cr0[] = {
        {"PE", 0, 0},   {"MP", 1, 1},   {"EM", 2, 2},   {"TS", 3, 3},   {"ET", 4, 4},  {"NE", 5, 5},
        {"WP", 16, 16}, {"AM", 18, 18}, {"NW", 29, 29}, {"CD", 30, 30}, {"PG", 31, 31}};
    text_add(t, "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target>"
                "<architecture>i386</architecture><osabi>none</osabi>\n"
                "<feature name=\"org.gnu.gdb.i386.core\">\n");
    flags_type(t, "i386_eflags", eflags, sizeof eflags / sizeof *eflags);
    regs_xml(t, core, CORE, 0);
    text_add(t, "</feature>\n<feature name=\"org.rt386.system\">\n");
    flags_type(t, "seg_attr", attr, sizeof attr / sizeof *attr);
    flags_type(t, "cr0_flags", cr0, sizeof cr0 / sizeof *cr0);
    regs_xml(t, more, MORE, CORE);
    text_add(t, "</feature>\n</target>\n");
}

/* --- values --- */

static unsigned stack_register(const rt386 *m, const struct reg *r, char name[16])
{
    unsigned top = (unsigned)(reg_value(m, "fsw") >> 11 & 7), n = (unsigned)(r->name[2] - '0');
    snprintf(name, 16, "fpr%u", (top + n) & 7);
    return n;
}

static void x87_get(struct text *t, const rt386 *m, const struct reg *r)
{
    uint8_t bytes[10];
    char name[16], high[24];
    stack_register(m, r, name);
    snprintf(high, sizeof high, "%s_se", name);
    bytes_put64(bytes, reg_value(m, name));
    bytes[8] = (uint8_t)reg_value(m, high);
    bytes[9] = (uint8_t)(reg_value(m, high) >> 8);
    gdb_hex(t, bytes, sizeof bytes);
}

/* As in a descriptor's bytes 5 and 6, and whether it may be used at all. */
static uint64_t attributes(const rt386 *m, const char *segment)
{
    char name[24];
    snprintf(name, sizeof name, "%s_access", segment);
    uint64_t v = reg_value(m, name);
    snprintf(name, sizeof name, "%s_flags", segment);
    v |= reg_value(m, name) << 8;
    snprintf(name, sizeof name, "%s_usable", segment);
    return v | reg_value(m, name) << 12;
}

static void number_hex(struct text *t, uint64_t v, unsigned bits)
{
    uint8_t bytes[8];
    bytes_put64(bytes, v);
    gdb_hex(t, bytes, bits / 8);
}

/* Of a thread that waits; false: it is not known. */
static bool waiting_value(const struct thread_regs *o, unsigned n, uint32_t *v)
{
    static const rt386_segreg seg[] = {RT386_CS, RT386_SS, RT386_DS, RT386_ES, RT386_FS, RT386_GS};
    if (n < 8)
        *v = o->gpr[n];
    else if (n < 10)
        *v = n == 8 ? o->eip : o->eflags;
    else if (n < 16)
        *v = o->seg[seg[n - 10]];
    return n < 16;
}

void gdb_reg_get(struct text *t, const rt386 *m, const struct thread_regs *others, unsigned n)
{
    const struct reg *r = reg_of(n);
    uint32_t v;
    if (!r) return;
    if (others && waiting_value(others, n, &v))
        number_hex(t, v, 32);
    else if (others)
        for (unsigned i = 0; i < r->bits / 4; i++)
            text_add(t, "x");
    else if (!r->as)
        x87_get(t, m, r);
    else if (!strcmp(r->type, "seg_attr"))
        number_hex(t, attributes(m, r->as), 32);
    else
        number_hex(t, reg_value(m, r->as), r->bits);
}

static rt386_status x87_set(rt386 *m, const struct reg *r, const uint8_t bytes[10])
{
    char name[16], high[24];
    stack_register(m, r, name);
    snprintf(high, sizeof high, "%s_se", name);
    rt386_status st = rt386_reg_set(m, name, bytes_get64(bytes));
    return st == RT386_OK ? rt386_reg_set(m, high, bytes[8] | (uint64_t)bytes[9] << 8) : st;
}

rt386_status gdb_reg_set(rt386 *m, unsigned n, const char *hex)
{
    const struct reg *r = reg_of(n);
    uint8_t bytes[10] = {0};
    if (!r || gdb_unhex(hex, bytes, r->bits / 8) != r->bits / 8) return RT386_E_ARG;
    if (!r->as) return x87_set(m, r, bytes);
    uint64_t v = bytes_get64(bytes);
    /* A selector that changes is loaded, as MOV would; gdb writes all of them back when it calls functions. */
    if (n >= 10 && n < 16) {
        static const rt386_segreg seg[] = {RT386_CS, RT386_SS, RT386_DS,
                                           RT386_ES, RT386_FS, RT386_GS};
        if (reg_value(m, r->as) == v) return RT386_OK;
        if (n == 10) return RT386_E_ARG;
        return rt386_seg_load(m, seg[n - 10], (uint16_t)v).raised ? RT386_E_ARG : RT386_OK;
    }
    if (!strcmp(r->type, "seg_attr") || !strcmp(r->name, "insns") || !strcmp(r->name, "clocks"))
        return RT386_E_ARG;
    return rt386_reg_set(m, r->as, v);
}
