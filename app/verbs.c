#include "verbs.h"

#include "account_text.h"
#include "ask.h"
#include "desc_text.h"
#include "dump.h"
#include "reg_value.h"
#include "running.h"
#include "view.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- registers ------------------------------------------------------------------------------------ */

static void differs(struct text *t, const rt386 *m, const rt386_seg *s)
{
    rt386_desc now;
    if (!segment_differs(m, s, &now)) return;
    text_addf(t, "       the entry in the %s now: ", s->selector & 4 ? "LDT" : "GDT");
    text_wrap(t, now.kind == RT386_DESC_EMPTY ? "empty" : now.text, 11, TEXT_WIDTH);
}

static void sreg(struct app *app, const rt386 *m, const char *rest, struct text *t)
{
    static const char *const name[] = {"es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"};
    (void)app, (void)rest;
    for (unsigned i = 0; i < 8; i++) {
        rt386_seg s = rt386_seg_get(m, (rt386_segreg)i);
        rt386_desc d = segment_desc(&s);
        text_addf(t, "%-4s 0x%04x  base 0x%08x limit 0x%08x  dh 0x%08x dl 0x%08x  %s\n", name[i],
                  s.selector, s.base, s.limit, desc_high(&d), desc_low(&d),
                  s.usable ? "valid" : "not usable");
        if (!s.usable) continue;
        text_add(t, "       ");
        text_wrap(t, d.text, 7, TEXT_WIDTH);
        differs(t, m, &s);
    }
    text_addf(t, "gdtr base 0x%08x limit 0x%04x\nidtr base 0x%08x limit 0x%04x\nCPL %u\n",
              (uint32_t)reg_value(m, "gdtr_base"), (unsigned)reg_value(m, "gdtr_limit"),
              (uint32_t)reg_value(m, "idtr_base"), (unsigned)reg_value(m, "idtr_limit"),
              (unsigned)reg_value(m, "cpl"));
}

struct bit {
    const char *name;
    uint8_t at;
};

/* Upper case: set. */
static void bits_words(struct text *t, uint64_t v, const struct bit *b, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        char word[8] = "";
        for (unsigned j = 0; b[i].name[j] && j < 7; j++)
            word[j] =
                (char)(v >> b[i].at & 1 ? toupper((unsigned char)b[i].name[j]) : b[i].name[j]);
        text_addf(t, " %s", word);
    }
    text_add(t, "\n");
}

static void eflags(struct app *app, const rt386 *m, const char *rest, struct text *t)
{
    static const struct bit bit[] = {{"id", 21}, {"ac", 18}, {"vm", 17}, {"rf", 16}, {"nt", 14},
                                     {"of", 11}, {"df", 10}, {"if", 9},  {"tf", 8},  {"sf", 7},
                                     {"zf", 6},  {"af", 4},  {"pf", 2},  {"cf", 0}};
    uint64_t v = reg_value(m, "eflags");
    (void)app, (void)rest;
    text_addf(t, "eflags 0x%08x: IOPL=%u", (uint32_t)v, (unsigned)(v >> 12 & 3));
    bits_words(t, v, bit, sizeof bit / sizeof *bit);
}

static void creg(struct app *app, const rt386 *m, const char *rest, struct text *t)
{
    static const struct bit bit[] = {{"pg", 31}, {"cd", 30}, {"nw", 29}, {"am", 18},
                                     {"wp", 16}, {"ne", 5},  {"et", 4},  {"ts", 3},
                                     {"em", 2},  {"mp", 1},  {"pe", 0}};
    (void)app, (void)rest;
    text_addf(t, "CR0 0x%08x:", (uint32_t)reg_value(m, "cr0"));
    bits_words(t, reg_value(m, "cr0"), bit, sizeof bit / sizeof *bit);
    text_addf(t,
              "CR2 page fault linear address 0x%08x\nCR3 0x%08x: page directory at physical "
              "0x%08x\nCR4 0x%08x\n",
              (uint32_t)reg_value(m, "cr2"), (uint32_t)reg_value(m, "cr3"),
              (uint32_t)reg_value(m, "cr3") & 0xfffff000u, (uint32_t)reg_value(m, "cr4"));
}

static void regs(struct app *app, const rt386 *m, const char *rest, struct text *t)
{
    static const char *const name[] = {"eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "esp"};
    for (unsigned i = 0; i < 8; i++)
        text_addf(t, "%s 0x%08x%s", name[i], (uint32_t)reg_value(m, name[i]),
                  i % 4 == 3 ? "\n" : "  ");
    text_addf(t, "eip 0x%08x  ", (uint32_t)reg_value(m, "eip"));
    eflags(app, m, rest, t);
}

static void place(struct app *app, const rt386 *m, const char *rest, struct text *t)
{
    (void)app, (void)rest;
    text_addf(t, "instruction %llu, clock %llu\n", (unsigned long long)rt386_insns(m),
              (unsigned long long)rt386_clocks(m));
}

/* ---- tables ------------------------------------------------------------------------------------------ */

/* "5", "(5)", "0x1b", "(40t)": the number of an entry, decimal with the t of the vendor's debugger, too. */
static bool index_read(const char *rest, unsigned *index)
{
    char *end;
    rest += strspn(rest, " ");
    bool bracket = *rest == '(';
    rest += bracket;
    rest += strspn(rest, " ");
    const char *digit = rest + strspn(rest, "0123456789");
    bool ten = (*digit == 't' || *digit == 'T') && digit != rest;
    unsigned long v = strtoul(rest, &end, ten ? 10 : 0);
    bool good = end != rest && isdigit((unsigned char)*rest) && v < 8192;
    if (ten) end++;
    end += strspn(end, " ");
    if (bracket && *end == ')') {
        bracket = false;
        end++;
    }
    *index = (unsigned)v;
    return good && !bracket && !end[strspn(end, " ")];
}

static const char *const table_words_of[] = {"gdt", "ldt", "idt"};

/* One entry, its bytes and its fields. */
static void table_one(struct text *t, const rt386 *m, rt386_table table, unsigned i)
{
    rt386_table_info info = rt386_table_get(m, table);
    char owner[64] = "";
    rt386_desc d;
    if (!info.valid || i >= info.entries) {
        text_addf(t, "the %s has %u entries\n", dump_table_name(table),
                  info.valid ? info.entries : 0);
        return;
    }
    if (rt386_table_entry(m, table, i, &d, owner) != RT386_OK) {
        text_addf(t, "entry %u lies where no memory is\n", i);
        return;
    }
    text_addf(t, "%s entry %u", dump_table_name(table), i);
    if (table == RT386_IDT)
        text_addf(t, ", vector 0x%02x", i);
    else
        text_addf(t, ", selector 0x%04x", i << 3 | (table == RT386_LDT ? 4u : 0u));
    text_addf(t, ", at linear 0x%08x%s%s\n  ", info.base + i * 8, owner[0] ? ": " : "", owner);
    desc_words(t, &d);
    text_add(t, "\n");
    desc_fields(t, &d);
}

/* All entries, or the one that is named. */
static void table_words(struct text *t, const rt386 *m, rt386_table table, const char *rest)
{
    unsigned i;
    if (!*rest)
        dump_table_text(t, m, table);
    else if (index_read(rest, &i))
        table_one(t, m, table, i);
    else
        text_addf(t, "%s: name the number of an entry, as 5, 0x1b or 40t\n", table_words_of[table]);
}

bool verb_entry(const rt386 *m, const char *line, struct text *out)
{
    for (unsigned i = 0; i < 3; i++) {
        const char *rest = line + 3;
        if (strncmp(line, table_words_of[i], 3) != 0 || isalnum((unsigned char)*rest)) continue;
        table_words(out, m, (rt386_table)i, rest + strspn(rest, " "));
        return true;
    }
    return false;
}

static void table_gdt(struct app *app, const rt386 *m, const char *rest, struct text *t)
{
    (void)app;
    table_words(t, m, RT386_GDT, rest);
}

static void table_ldt(struct app *app, const rt386 *m, const char *rest, struct text *t)
{
    (void)app;
    table_words(t, m, RT386_LDT, rest);
}

static void table_idt(struct app *app, const rt386 *m, const char *rest, struct text *t)
{
    (void)app;
    table_words(t, m, RT386_IDT, rest);
}

static void table_tss(struct app *app, const rt386 *m, const char *rest, struct text *t)
{
    (void)app, (void)rest;
    dump_tss_text(t, m);
}

static void table_pt(struct app *app, const rt386 *m, const char *rest, struct text *t)
{
    (void)app, (void)rest;
    dump_pt_text(t, m);
}

static void page_entry(struct text *t, const char *name, uint32_t at, uint32_t entry)
{
    static const struct bit bit[] = {{"d", 6},  {"a", 5},  {"pcd", 4}, {"pwt", 3},
                                     {"us", 2}, {"rw", 1}, {"p", 0}};
    text_addf(t, "%s at physical 0x%08x: 0x%08x", name, at, entry);
    bits_words(t, entry, bit, sizeof bit / sizeof *bit);
}

static void page(struct app *app, const rt386 *m, const char *rest, struct text *t)
{
    char *end;
    unsigned long long at = strtoull(rest, &end, 0);
    (void)app;
    if (end == rest || *end || at > 0xffffffffu) {
        text_add(t, "page: name a linear address, as 0x401000\n");
        return;
    }
    rt386_walk w = rt386_page_walk(m, (uint32_t)at);
    if (!w.paging) {
        text_addf(t, "paging is off: linear 0x%08x is physical 0x%08x\n", w.linear, w.linear);
        return;
    }
    text_addf(t, "linear 0x%08x: directory index %u, table index %u, offset 0x%03x\n", w.linear,
              w.linear >> 22, w.linear >> 12 & 1023, w.linear & 4095);
    page_entry(t, "PDE", w.pde_at, w.pde);
    if (w.pte_valid) page_entry(t, "PTE", w.pte_at, w.pte);
    if (w.mapped)
        text_addf(t, "physical 0x%08x, %s, %s\n", w.phys, w.user ? "user" : "supervisor",
                  w.writable ? "writable" : "read-only");
    else
        text_add(t, "not present: an access raises #PF\n");
}

static void why(struct app *app, const rt386 *m, const char *rest, struct text *t)
{
    (void)app;
    (void)rest;
    account_next_text(t, m, false);
}

/* ---- what would happen ------------------------------------------------------------------------------- */

static int segment_read(const char **at)
{
    static const char *const name[] = {"es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"};
    for (int i = 0; i < 8; i++) {
        size_t n = strlen(name[i]);
        if (strncmp(*at, name[i], n) != 0) continue;
        *at += n;
        return i;
    }
    return -1;
}

static bool number_read(const char **at, uint32_t *v)
{
    char *end;
    unsigned long long n = strtoull(*at, &end, 0);
    bool good = end != *at && n <= 0xffffffffu;
    *at = end;
    *v = (uint32_t)n;
    return good;
}

/* "REG SELECTOR" */
static void ask_load(struct app *app, const rt386 *m, int reg, const char *rest, struct text *t)
{
    rt386_explanation why;
    uint32_t selector;
    rest += strspn(rest, " ");
    if (!number_read(&rest, &selector) || *rest || selector > 0xffff)
        text_add(t, "explain: name a selector, as 0x1b\n");
    else if (rt386_explain_load(m, (rt386_segreg)reg, (uint16_t)selector, &why) != RT386_OK)
        text_add(t, "the descriptor's table lies where no memory is\n");
    else
        account_load_text(t, &why, (rt386_segreg)reg);
}

/* "REG:OFFSET[,N] [r|w|x]" */
static void ask_access(struct app *app, const rt386 *m, int reg, const char *rest, struct text *t)
{
    static const char *const word[] = {"read", "write", "fetch"};
    uint32_t offset, n = 4;
    rt386_explanation why;
    bool good = reg <= RT386_GS && number_read(&rest, &offset);
    if (good && *rest == ',') good = rest++ && number_read(&rest, &n);
    rest += strspn(rest, " ");
    rt386_access access = *rest == 'w' ? RT386_WRITE : *rest == 'x' ? RT386_FETCH : RT386_READ;
    if (!good || (*rest && rest[1]) ||
        rt386_explain_access(m, (rt386_segreg)reg, offset, n, access, &why) != RT386_OK) {
        text_add(t, "explain: name an access, as ds:0x1000,4 w; up to 4096 bytes\n");
        return;
    }
    rt386_seg s = rt386_seg_get(m, (rt386_segreg)reg);
    text_addf(t, "  %s of %u byte%s at offset 0x%08x, selector 0x%04x: base 0x%08x, limit 0x%08x\n",
              word[access], n, n == 1 ? "" : "s", offset, s.selector, s.base, s.limit);
    account_checks_text(t, &why);
    if (why.fault.raised)
        text_addf(t, "  it would raise %s with error code 0x%04x\n",
                  rt386_vector_mnemonic(why.fault.vector), why.fault.error);
    else
        text_addf(t, "  granted: linear 0x%08x\n", s.base + offset);
}

static void explain(struct app *app, const rt386 *m, const char *rest, struct text *t)
{
    int reg = segment_read(&rest);
    if (reg >= 0 && *rest == ' ')
        ask_load(app, m, reg, rest, t);
    else if (reg >= 0 && *rest == ':')
        ask_access(app, m, reg, rest + 1, t);
    else
        text_add(
            t, "explain: a load, as 'explain es 0x1b', or an access, as 'explain ds:0x1000,4 w'\n");
}

/* ---- INtime ------------------------------------------------------------------------------------------- */

static void answer(const rt386 *m, const struct question *question, const char *rest,
                   struct text *t)
{
    struct question q = *question;
    rt386_process root;
    if (!q.any && !rt386_intime_process(m, 0, &root))
        text_add(t, "the guest is no INtime program\n");
    else if (q.read && !q.read(rest, &q))
        text_addf(t, "%s\n", q.wrong);
    else
        q.text(t, m, &q);
}

#define QUESTION(name)                                                                             \
    static void ask_##name(struct app *app, const rt386 *m, const char *rest, struct text *t)      \
    {                                                                                              \
        (void)app;                                                                                 \
        answer(m, &question_##name, rest, t);                                                      \
    }
QUESTION(objects)
QUESTION(vf)
QUESTION(vt)
QUESTION(vk)
QUESTION(vq)
QUESTION(pdp)
#undef QUESTION

/* ---- the table --------------------------------------------------------------------------------------- */

static const struct verb {
    const char *name, *alias, *help;
    void (*run)(struct app *app, const rt386 *m, const char *rest, struct text *t);
} verbs[] = {
    {"why", NULL, "what the instruction at EIP does, and why it faults if it does", why},
    {"explain", NULL, "explain REG SELECTOR, explain REG:OFFSET,N [r|w|x]: what would be checked",
     explain},
    {"info gdt", "gdt", "the global descriptor table, or its entry: info gdt N", table_gdt},
    {"info ldt", "ldt", "the local descriptor table, or its entry: info ldt N", table_ldt},
    {"info idt", "idt", "the interrupt descriptor table, or its entry: info idt N", table_idt},
    {"info tss", "tss", "the task state segment of TR", table_tss},
    {"info tab", "tab", "linear ranges that are mapped", table_pt},
    {"info sreg", "sreg", "segment registers with their hidden parts", sreg},
    {"info creg", "creg", "control registers", creg},
    {"info eflags", "eflags", "EFLAGS by name; upper case is set", eflags},
    {"info registers", "regs", "general registers", regs},
    {"info place", "ptime", "instructions and clocks since the beginning", place},
    {"page", NULL, "page LINEAR: the page tables on the way to an address", page},
    {"objects", "vo", "INtime: processes, objects, names", ask_objects},
    {"vt", NULL, "vt HANDLE: INtime: what a handle is", ask_vt},
    {"vk", "vj", "INtime: ready and sleeping threads", ask_vk},
    {"vf", NULL, "INtime: free GDT slots", ask_vf},
    {"vq", NULL, "INtime: interrupt handlers", ask_vq},
    {"pdp", NULL, "pdp SELECTOR:OFFSET: to the linear and the physical address", ask_pdp}};
#define VERBS (sizeof verbs / sizeof *verbs)

/* Where the words behind `name` begin; NULL: the line does not begin with it. */
static const char *behind(const char *line, const char *name)
{
    size_t n = name ? strlen(name) : 0;
    if (!n || strncmp(line, name, n) != 0 || (line[n] && line[n] != ' ')) return NULL;
    return line + n + strspn(line + n, " ");
}

bool verb_run(struct app *app, const rt386 *m, const char *line, struct text *out)
{
    for (unsigned i = 0; i < VERBS; i++) {
        const char *rest = behind(line, verbs[i].name);
        if (!rest) rest = behind(line, verbs[i].alias);
        if (!rest) continue;
        verbs[i].run(app, m, rest, out);
        return true;
    }
    return false;
}

void verbs_help(struct text *out)
{
    for (unsigned i = 0; i < VERBS; i++) {
        unsigned from = (unsigned)out->n;
        text_addf(out, "  %s", verbs[i].name);
        if (verbs[i].alias) text_addf(out, ", %s", verbs[i].alias);
        if (out->n - from < 26) text_pad(out, 26);
        text_add(out, " ");
        text_wrap(out, verbs[i].help, 27, TEXT_WIDTH);
    }
}
