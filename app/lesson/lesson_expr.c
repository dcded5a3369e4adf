#include "lesson_expr.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 40

struct parser {
    const struct scope *s;
    const rt386 *m; /* now, or before within was() */
    const char *at;
    unsigned depth;
    unsigned skip; /* within what the value does not depend on: it is read, and may be nonsense */
    char *err;
    size_t err_size;
    bool failed;
};

__attribute__((format(printf, 2, 3))) static uint32_t refuse(struct parser *p, const char *format,
                                                             ...)
{
    va_list list;
    if (p->failed) return 0;
    p->failed = true;
    va_start(list, format);
    (void)vsnprintf(p->err, p->err_size, format, list);
    va_end(list);
    return 0;
}

static uint32_t ternary(struct parser *p);

static void blanks(struct parser *p)
{
    p->at += strspn(p->at, " \t");
}

static bool taken(struct parser *p, const char *what)
{
    blanks(p);
    size_t n = strlen(what);
    if (strncmp(p->at, what, n) != 0) return false;
    p->at += n;
    return true;
}

static void need(struct parser *p, const char *what)
{
    if (!taken(p, what)) refuse(p, "'%s' is missing before '%.20s'", what, p->at);
}

static size_t name_length(const char *s)
{
    size_t n = 0;
    while (isalnum((unsigned char)s[n]) || s[n] == '_')
        n++;
    return n;
}

static void name_take(struct parser *p, char to[48])
{
    size_t n = name_length(p->at);
    snprintf(to, 48, "%.*s", (int)n, p->at);
    if (n > 47) refuse(p, "the name '%s...' is too long", to);
    p->at += n;
}

/* ---- descriptors and pages ------------------------------------------------------------------------------ */

static uint32_t word_le(const uint8_t *b)
{
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static uint32_t desc_field(struct parser *p, const rt386_desc *d, uint32_t at, const char *name)
{
    const struct {
        const char *name;
        uint32_t value;
    } field[] = {{"at", at},
                 {"base", d->base},
                 {"limit", d->limit},
                 {"limitfield", d->limit_field},
                 {"first", d->first},
                 {"last", d->last},
                 {"dpl", d->dpl},
                 {"type", d->type},
                 {"present", d->present},
                 {"accessed", d->accessed},
                 {"busy", d->busy},
                 {"writable", d->writable},
                 {"readable", d->readable},
                 {"down", d->expand_down},
                 {"conforming", d->conforming},
                 {"big", d->big},
                 {"granular", d->granular},
                 {"avl", d->avl},
                 {"selector", d->selector},
                 {"offset", d->offset},
                 {"count", d->count},
                 {"code", d->kind == RT386_DESC_CODE},
                 {"data", d->kind == RT386_DESC_DATA},
                 {"empty", d->kind == RT386_DESC_EMPTY},
                 {"access", d->bytes[5]},
                 {"low", word_le(d->bytes)},
                 {"high", word_le(d->bytes + 4)}};
    for (unsigned i = 0; i < sizeof field / sizeof *field; i++)
        if (!strcmp(field[i].name, name)) return field[i].value;
    return refuse(p, "a descriptor has no field '%s'", name);
}

static bool linear_read(struct parser *p, uint32_t at, void *to, size_t n)
{
    rt386_addr where = {.space = RT386_LINEAR, .at = at};
    if (rt386_peek(p->m, where, to, n) == RT386_OK) return true;
    if (p->skip) {
        memset(to, 0, n);
        return true;
    }
    refuse(p, "nothing can be read at linear address 0x%08x", at);
    return false;
}

static uint32_t behind_desc(struct parser *p, uint32_t at)
{
    uint8_t bytes[8] = {0};
    char name[48] = "at";
    if (taken(p, ".")) name_take(p, name);
    if (!strcmp(name, "at")) return at;
    if (p->failed || !linear_read(p, at, bytes, 8)) return 0;
    rt386_desc d = rt386_desc_decode(bytes);
    return desc_field(p, &d, at, name);
}

static uint32_t behind_table(struct parser *p, rt386_table table, uint32_t index)
{
    rt386_table_info info = rt386_table_get(p->m, table);
    if (!info.valid && !p->skip) return refuse(p, "there is no such table now");
    return behind_desc(p, info.base + index * 8);
}

static uint32_t behind_walk(struct parser *p, uint32_t at)
{
    rt386_walk w = rt386_page_walk(p->m, at);
    char name[48] = "phys";
    if (taken(p, ".")) name_take(p, name);
    const struct {
        const char *name;
        uint32_t value;
    } field[] = {{"phys", w.paging ? w.phys : w.linear},
                 {"mapped", !w.paging || w.mapped},
                 {"pde", w.pde},
                 {"pdeat", w.pde_at},
                 {"pte", w.pte},
                 {"pteat", w.pte_at},
                 {"user", w.user},
                 {"writable", w.writable}};
    for (unsigned i = 0; i < sizeof field / sizeof *field; i++)
        if (!strcmp(field[i].name, name)) return field[i].value;
    return refuse(p, "a page walk has no field '%s'", name);
}

static uint32_t indexed(struct parser *p, const char *name, uint32_t i)
{
    uint8_t b[4] = {0};
    rt386_addr phys = {.space = RT386_PHYS, .at = i};
    if (!strcmp(name, "gdt")) return behind_table(p, RT386_GDT, i >> 3 & 0x1fff);
    if (!strcmp(name, "ldt")) return behind_table(p, RT386_LDT, i >> 3 & 0x1fff);
    if (!strcmp(name, "idt")) return behind_table(p, RT386_IDT, i & 0xff);
    if (!strcmp(name, "desc")) return behind_desc(p, i);
    if (!strcmp(name, "walk")) return behind_walk(p, i);
    if (!strcmp(name, "byte")) return linear_read(p, i, b, 1) ? word_le(b) : 0;
    if (!strcmp(name, "word")) return linear_read(p, i, b, 2) ? word_le(b) : 0;
    if (!strcmp(name, "dword")) return linear_read(p, i, b, 4) ? word_le(b) : 0;
    if (strcmp(name, "phys") != 0) return refuse(p, "'%s[' is nothing that can be read", name);
    if (rt386_peek(p->m, phys, b, 4) != RT386_OK && !p->skip)
        return refuse(p, "no memory at physical address 0x%08x", i);
    return word_le(b);
}

/* ---- what a question's copy met -------------------------------------------------------------------------- */

static uint32_t of_run(struct parser *p, const struct outcome *o, const char *what,
                       const char *name)
{
    const rt386_fault *f = &o->first.fault;
    const rt386_exit *e = &o->why;
    const struct {
        const char *what, *name;
        uint32_t value;
    } field[] = {{"fault", "raised", o->event},
                 {"fault", "vector", o->first.vector},
                 {"fault", "error", f->error},
                 {"fault", "has_error", f->has_error},
                 {"fault", "cr2", f->cr2},
                 {"fault", "rule", f->rule},
                 {"load", "at", o->load.descriptor_at},
                 {"load", "selector", o->load.selector},
                 {"load", "refused", o->load.fault.raised},
                 {"load", "rule", o->load.fault.rule},
                 {"load", "checks", o->load.count},
                 {"load", "cpl", o->load.cpl},
                 {"store", "at", o->write[0].linear},
                 {"store", "value", o->write[0].value},
                 {"store", "count", o->writes},
                 {"end", "ended", o->ended},
                 {"end", "shutdown", o->ended && e->kind == RT386_EXIT_TRIPLE_FAULT},
                 {"end", "first", e->chain[0].vector},
                 {"end", "second", e->chain[1].vector},
                 {"end", "third", e->chain[2].vector},
                 {"end", "first_rule", e->chain[0].rule},
                 {"end", "second_rule", e->chain[1].rule},
                 {"end", "third_rule", e->chain[2].rule}};
    for (unsigned i = 0; i < sizeof field / sizeof *field; i++)
        if (!strcmp(field[i].what, what) && !strcmp(field[i].name, name)) return field[i].value;
    return refuse(p, "'%s.%s' is nothing that a run tells", what, name);
}

static bool tells(const char *what)
{
    static const char *const word[] = {"fault", "load", "store", "end"};
    for (unsigned i = 0; i < sizeof word / sizeof *word; i++)
        if (!strcmp(word[i], what)) return true;
    return false;
}

static uint32_t met(struct parser *p, const char *what)
{
    static const struct outcome nothing;
    char name[48] = "";
    if (taken(p, ".")) name_take(p, name);
    return p->failed ? 0 : of_run(p, p->s->outcome ? p->s->outcome : &nothing, what, name);
}

/* ---- atoms ------------------------------------------------------------------------------------------------- */

static uint32_t earlier(struct parser *p)
{
    const rt386 *m = p->m;
    p->m = p->s->before ? p->s->before : p->s->now;
    uint32_t v = ternary(p);
    p->m = m;
    need(p, ")");
    return v;
}

static uint32_t named(struct parser *p)
{
    char name[48];
    uint64_t reg;
    uint32_t v;
    name_take(p, name);
    if (p->failed) return 0;
    for (unsigned i = 0; i < p->s->vars; i++)
        if (!strcmp(p->s->var[i].name, name)) return p->s->var[i].value;
    if (*p->at == '[') {
        p->at++;
        v = ternary(p);
        need(p, "]");
        return p->failed ? 0 : indexed(p, name, v);
    }
    if (!strcmp(name, "was") && *p->at == '(') {
        p->at++;
        return earlier(p);
    }
    if (*p->at == '.' && tells(name)) return met(p, name);
    if (rt386_reg_get(p->m, name, &reg) == RT386_OK) return (uint32_t)reg;
    if (p->s->symbol && p->s->symbol(p->s->ctx, name, &v)) return v;
    return refuse(p, "'%s' is no seeded value, register or name of the guest", name);
}

static uint32_t atom(struct parser *p)
{
    blanks(p);
    if (isdigit((unsigned char)*p->at)) {
        char *end;
        unsigned long long v = strtoull(p->at, &end, 0);
        if (v > 0xffffffffu) return refuse(p, "'%.20s' has more than 32 bits", p->at);
        p->at = end;
        return (uint32_t)v;
    }
    if (taken(p, "(")) {
        uint32_t v = ternary(p);
        need(p, ")");
        return v;
    }
    if (isalpha((unsigned char)*p->at) || *p->at == '_') return named(p);
    return refuse(p, "a value is missing before '%.20s'", p->at);
}

static uint32_t unary(struct parser *p)
{
    blanks(p);
    if (p->failed) return 0;
    if (++p->depth > DEPTH_MAX) return refuse(p, "the expression is too deep");
    uint32_t v;
    if (taken(p, "-"))
        v = 0u - unary(p);
    else if (taken(p, "~"))
        v = ~unary(p);
    else if (p->at[0] == '!' && p->at[1] != '=') {
        p->at++;
        v = !unary(p);
    } else
        v = atom(p);
    p->depth--;
    return v;
}

/* ---- operators, by rank ------------------------------------------------------------------------------------ */

static const struct operator
{
    const char *text;
    unsigned rank;
}
operators[] = {{"||", 1}, {"&&", 2}, {"<<", 8}, {">>", 8}, {"==", 6}, {"!=", 6},
               {"<=", 7}, {">=", 7}, {"|", 3},  {"^", 4},  {"&", 5},  {"<", 7},
               {">", 7},  {"+", 9},  {"-", 9},  {"*", 10}, {"/", 10}, {"%", 10}};

static const struct operator* operator_at(struct parser *p)
{
    blanks(p);
    for (unsigned i = 0; i < sizeof operators / sizeof *operators; i++)
        if (!strncmp(p->at, operators[i].text, strlen(operators[i].text))) return &operators[i];
    return NULL;
}

static uint32_t apply(struct parser *p, const char *op, uint32_t a, uint32_t b)
{
    if ((*op == '/' || *op == '%') && !b) return p->skip ? 0 : refuse(p, "a division by 0");
    switch (op[0] << 8 | op[1]) {
    case '|' << 8 | '|': return a || b;
    case '&' << 8 | '&': return a && b;
    case '<' << 8 | '<': return b > 31 ? 0 : a << b;
    case '>' << 8 | '>': return b > 31 ? 0 : a >> b;
    case '=' << 8 | '=': return a == b;
    case '!' << 8 | '=': return a != b;
    case '<' << 8 | '=': return a <= b;
    case '>' << 8 | '=': return a >= b;
    case '|' << 8: return a | b;
    case '^' << 8: return a ^ b;
    case '&' << 8: return a & b;
    case '<' << 8: return a < b;
    case '>' << 8: return a > b;
    case '+' << 8: return a + b;
    case '-' << 8: return a - b;
    case '*' << 8: return a * b;
    case '/' << 8: return a / b;
    default: return a % b;
    }
}

static uint32_t binary(struct parser *p, unsigned least)
{
    uint32_t v = unary(p);
    for (;;) {
        const struct operator* o = operator_at(p);
        if (p->failed || !o || o->rank < least) return v;
        p->at += strlen(o->text);
        bool known = (o->rank == 1 && v) || (o->rank == 2 && !v); /* || and && */
        p->skip += known;
        uint32_t right = binary(p, o->rank + 1);
        p->skip -= known;
        v = apply(p, o->text, v, right);
    }
}

static uint32_t ternary(struct parser *p)
{
    if (++p->depth > DEPTH_MAX) return refuse(p, "the expression is too deep");
    uint32_t v = binary(p, 1);
    if (taken(p, "?")) {
        p->skip += !v;
        uint32_t yes = ternary(p);
        p->skip -= !v;
        need(p, ":");
        p->skip += v != 0;
        uint32_t no = ternary(p);
        p->skip -= v != 0;
        v = v ? yes : no;
    }
    p->depth--;
    return v;
}

bool expr_value(const struct scope *s, const char *text, const char **rest, uint32_t *value,
                char *err, size_t err_size)
{
    struct parser p = {.s = s, .m = s->now, .at = text, .err = err, .err_size = err_size};
    *value = ternary(&p);
    blanks(&p);
    if (rest)
        *rest = p.at;
    else if (*p.at)
        refuse(&p, "'%.30s' is too much", p.at);
    return !p.failed;
}

int expr_segment(const char *text, const char **rest)
{
    static const char *const name[] = {"es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"};
    text += strspn(text, " \t");
    size_t n = name_length(text);
    for (int i = 0; i < 8; i++) {
        if (strlen(name[i]) != n || strncmp(name[i], text, n) != 0) continue;
        *rest = text + n + strspn(text + n, " \t");
        return i;
    }
    return -1;
}
