/* seg_ask.c: what a selector load would check, what the next instruction will do, where an address is; on a
 * guest at the end or limit of its run, or on tables given as options. */
#include "seg_ask.h"

#include "account_text.h"
#include "copy.h"
#include "desc_text.h"
#include "dump.h"
#include "seg_picture.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool number(const char *s, uint64_t most, uint32_t *v)
{
    char *end;
    unsigned long long n = strtoull(s, &end, 0);
    *v = (uint32_t)n;
    return isdigit((unsigned char)*s) && !*end && n <= most;
}

static int register_named(const char *s, size_t n)
{
    static const char *const names[] = {"es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"};
    for (int i = 0; i < 8; i++)
        if (strlen(names[i]) == n && !strncmp(names[i], s, n)) return i;
    return -1;
}

static const char *register_word(rt386_segreg reg)
{
    static const char *const names[] = {"ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR"};
    return names[reg & 7];
}

/* ---- tables out of options ------------------------------------------------------------------- */

#define GDT_AT    0x1000u
#define LDT_AT    0x12000u
#define TABLE_MAX 512

static bool put_entry(struct app *app, rt386 *m, uint32_t at, const char *words, size_t n)
{
    char copy[128], err[200], *word[1] = {copy};
    uint8_t bytes[8];
    const char *how;
    if (n >= sizeof copy) n = sizeof copy - 1;
    memcpy(copy, words, n);
    copy[n] = '\0';
    if (!desc_parse(1, word, bytes, &how, err, sizeof err)) {
        app_error(app, "seg explain: '%s': %s", copy, err);
        return false;
    }
    return rt386_poke(m, (rt386_addr){.space = RT386_PHYS, .at = at}, bytes, 8) == RT386_OK;
}

/* Entries from `first` on. *count: with those before it. */
static bool put_table(struct app *app, rt386 *m, uint32_t at, unsigned first, const char *words,
                      unsigned *count)
{
    *count = first;
    while (*words && *count < TABLE_MAX) {
        size_t n = strcspn(words, ";");
        if (!put_entry(app, m, at + 8 * *count, words, n)) return false;
        ++*count;
        words += n + (words[n] != '\0');
    }
    return true;
}

static bool set(rt386 *m, const char *reg, uint64_t value)
{
    return rt386_reg_set(m, reg, value) == RT386_OK;
}

/* Protected mode with these tables and nothing else. */
static bool fill(struct app *app, rt386 *m, const struct seg_options *o)
{
    static const uint8_t halt[] = {0xf4};
    const rt386_load_options raw = {.size = sizeof raw, .kind = RT386_IMAGE_RAW};
    unsigned n = 1, local = 0;
    if (rt386_load_bytes(m, halt, sizeof halt, &raw) != RT386_OK) return false;
    static const uint8_t zero[8];
    if (rt386_poke(m, (rt386_addr){.space = RT386_PHYS, .at = GDT_AT}, zero, 8) != RT386_OK)
        return false;
    if (o->gdt && !put_table(app, m, GDT_AT, 1, o->gdt, &n)) return false;
    if (o->ldt && !put_table(app, m, LDT_AT, 0, o->ldt, &local)) return false;
    const rt386_seg ldtr = {.selector = local ? 0xfff8 : 0,
                            .usable = local > 0,
                            .base = LDT_AT,
                            .limit = 8 * local - 1,
                            .hi = 8 * local - 1,
                            .access = 0x82};
    return set(m, "gdtr_base", GDT_AT) && set(m, "gdtr_limit", 8 * n - 1) &&
           rt386_seg_poke(m, RT386_LDTR, &ldtr) == RT386_OK;
}

/* ---- explain --------------------------------------------------------------------------------- */

struct asked {
    const struct seg_options *o;
    rt386_segreg reg;
    uint32_t value;
    bool logical, physical;
};

static int explain_print(struct app *app, rt386 *m, const struct asked *a)
{
    rt386_explanation why;
    struct text t = {0};
    if (a->o->cpl.given && !set(m, "cpl", a->o->cpl.value)) return STATUS_USAGE;
    if (rt386_explain_load(m, a->reg, (uint16_t)a->value, &why) != RT386_OK) {
        app_error(app, "seg explain: the descriptor's table lies where no memory is");
        return STATUS_USAGE;
    }
    if (a->o->run.common.json && !a->o->run.picture) {
        struct json j = {.to = &t};
        json_open(&j, NULL, '{');
        json_str(&j, "schema", "rt386-seg-explain/1");
        json_hex(&j, "selector", why.selector, 4);
        account_why_json(&j, &why);
        json_bool(&j, "granted", !why.fault.raised);
        json_close(&j, '}');
        text_add(&t, "\n");
    } else {
        account_load_text(&t, &why, a->reg);
    }
    int status = STATUS_OK;
    if (a->o->run.picture)
        status =
            seg_picture_load(app, a->o->run.picture, register_word(a->reg), &why, text_str(&t));
    else
        app_put(app, &t);
    text_free(&t);
    return status;
}

static int explain_session(struct session *s, const void *ctx)
{
    return explain_print(s->app, s->machine, ctx);
}

static int explain_tables(struct app *app, const struct asked *a)
{
    const rt386_config config = {.size = sizeof config, .memory = 2u << 20};
    rt386 *m;
    int status = STATUS_USAGE;
    if (rt386_create(&config, &m) != RT386_OK) {
        app_error(app, "the host has no memory left");
        return status;
    }
    if (fill(app, m, a->o)) status = explain_print(app, m, a);
    rt386_destroy(m);
    return app_finish(app, status);
}

int seg_explain(struct app *app, struct seg_options *o, char *const word[], int words)
{
    int reg = words >= 2 ? register_named(word[0], strlen(word[0])) : -1;
    struct asked a = {.o = o, .reg = (rt386_segreg)(reg < 0 ? 0 : reg)};
    if (reg < 0 || !number(word[1], 0xffff, &a.value)) {
        app_error(app, "seg explain: name a register and a selector, as es 0x1b; then --gdt "
                       "'BYTES;BYTES', or a FILE");
        return STATUS_USAGE;
    }
    if (o->gdt || o->ldt) return explain_tables(app, &a);
    return session_look(app, &o->run, explain_session, &a);
}

/* ---- next ---- */

static int next_session(struct session *s, const void *ctx)
{
    const struct seg_options *o = ctx;
    struct text t = {0};
    struct json j = {.to = &t};
    rt386_account *account;
    const char *why = copy_refused(rt386_account_next(s->machine, &account));
    if (why) {
        app_error(s->app, "seg next: %s", why);
        return STATUS_USAGE;
    }
    int status = STATUS_OK;
    if (o->run.common.json && !o->run.picture)
        account_json(&j, account);
    else
        account_text(&t, account, s->app->out_colour && !o->run.picture);
    if (o->run.common.json) text_add(&t, "\n");
    if (o->run.picture)
        status = seg_picture_account(s->app, o->run.picture, account, text_str(&t));
    else
        app_put(s->app, &t);
    text_free(&t);
    rt386_account_free(account);
    return status;
}

int seg_next(struct app *app, struct seg_options *o, char *const word[], int words)
{
    (void)word;
    (void)words;
    return session_look(app, &o->run, next_session, o);
}

/* ---- walk ------------------------------------------------------------------------------------ */

static void entry_text(struct text *t, const char *name, uint32_t at, uint32_t entry)
{
    text_addf(t, "  %-10s 0x%08x at physical 0x%08x: ", name, entry, at);
    text_addf(t, "P=%u, R/W=%u, U/S=%u, A=%u, D=%u, frame 0x%08x\n", entry & 1, entry >> 1 & 1,
              entry >> 2 & 1, entry >> 5 & 1, entry >> 6 & 1, entry & 0xfffff000u);
}

static void walk_text(struct text *t, const rt386_walk *w)
{
    if (!w->paging) {
        text_addf(t, "  paging is off: physical 0x%08x\n", w->linear);
        return;
    }
    text_addf(t, "  linear     0x%08x: directory index %u, table index %u, offset 0x%03x\n",
              w->linear, w->linear >> 22, w->linear >> 12 & 1023, w->linear & 4095);
    entry_text(t, "PDE", w->pde_at, w->pde);
    if (w->pte_valid) entry_text(t, "PTE", w->pte_at, w->pte);
    if (w->mapped)
        text_addf(t, "  physical   0x%08x, %s, %s\n", w->phys, w->user ? "user" : "supervisor",
                  w->writable ? "writable" : "read-only");
    else
        text_add(t, "  not present: an access raises #PF\n");
}

static void walk_json(struct json *j, const rt386_walk *w)
{
    json_hex(j, "linear", w->linear, 8);
    json_bool(j, "paging", w->paging);
    json_bool(j, "mapped", w->mapped);
    if (w->paging) {
        json_hex(j, "pde_at", w->pde_at, 8);
        json_hex(j, "pde", w->pde, 8);
    }
    if (w->pte_valid) {
        json_hex(j, "pte_at", w->pte_at, 8);
        json_hex(j, "pte", w->pte, 8);
    }
    if (w->mapped) json_hex(j, "physical", w->paging ? w->phys : w->linear, 8);
}

/* Where the way ends; NULL: at a physical address. */
static const char *walk_refused(const rt386_walk *w, bool inside)
{
    if (!inside) return "segment";
    if (!w->paging || w->mapped) return NULL;
    return w->pde & 1 ? "pte" : "pde";
}

static int forward(struct app *app, const rt386 *m, const struct asked *a)
{
    struct text t = {0};
    struct json j = {.to = &t};
    rt386_seg s = rt386_seg_get(m, a->reg);
    rt386_walk w = rt386_page_walk(m, a->logical ? s.base + a->value : a->value);
    bool inside = !a->logical || (s.usable && a->value >= s.lo && a->value <= s.hi);
    if (a->o->run.common.json && !a->o->run.picture) {
        json_open(&j, NULL, '{');
        json_str(&j, "schema", "rt386-seg-walk/1");
        if (a->logical) {
            json_hex(&j, "selector", s.selector, 4);
            json_hex(&j, "base", s.base, 8);
            json_hex(&j, "limit", s.limit, 8);
            json_hex(&j, "offset", a->value, 8);
            json_bool(&j, "inside", inside);
        }
        walk_json(&j, &w);
        json_close(&j, '}');
        text_add(&t, "\n");
    } else {
        if (a->logical)
            text_addf(
                &t,
                "  segment    selector 0x%04x, base 0x%08x, limit 0x%08x: offset 0x%08x is %s\n",
                s.selector, s.base, s.limit, a->value, inside ? "inside" : "outside");
        walk_text(&t, &w);
    }
    int status = STATUS_OK;
    const struct figure_address way = {.segment = a->logical ? register_word(a->reg) : NULL,
                                       .seg = s,
                                       .offset = a->value,
                                       .walk = w,
                                       .refused = walk_refused(&w, inside)};
    if (a->o->run.picture)
        status = seg_picture_walk(app, a->o->run.picture, &way, text_str(&t));
    else
        app_put(app, &t);
    text_free(&t);
    return status;
}

/* ---- the other way round --------------------------------------------------------------------- */

struct finding {
    const rt386 *m;
    struct text *t;
    struct json *j; /* NULL: text */
    unsigned count;
};

static void found(struct finding *f, const char *table, uint16_t selector, uint32_t offset,
                  uint32_t linear)
{
    f->count++;
    if (f->j) {
        json_open(f->j, NULL, '{');
        json_hex(f->j, "linear", linear, 8);
        if (table) json_hex(f->j, "selector", selector, 4);
        if (table) json_hex(f->j, "offset", offset, 8);
        json_close(f->j, '}');
    } else if (table) {
        text_addf(f->t, "    0x%04x:0x%08x  (%s entry %u)\n", selector, offset, table,
                  selector >> 3);
    } else {
        text_addf(f->t, "  linear 0x%08x\n", linear);
    }
}

static void selectors(struct finding *f, uint32_t linear)
{
    for (unsigned table = 0; table < 2; table++) {
        rt386_table_info info = rt386_table_get(f->m, (rt386_table)table);
        for (unsigned i = 0; info.valid && i < info.entries; i++) {
            rt386_desc d;
            if (rt386_table_entry(f->m, (rt386_table)table, i, &d, NULL) != RT386_OK) continue;
            bool system = d.kind == RT386_DESC_LDT || d.kind == RT386_DESC_TSS16 ||
                          d.kind == RT386_DESC_TSS32;
            uint32_t offset = linear - d.base;
            if ((!desc_is_segment(d.kind) && !system) || d.last < d.first || offset < d.first ||
                offset > d.last)
                continue;
            found(f, dump_table_name((rt386_table)table), (uint16_t)(8 * i + 4 * table), offset,
                  linear);
        }
    }
}

static void at_linear(struct finding *f, uint32_t linear)
{
    found(f, NULL, 0, 0, linear);
    selectors(f, linear);
}

static void search(struct finding *f, uint32_t physical)
{
    if (!rt386_page_walk(f->m, 0).paging) {
        at_linear(f, physical);
        return;
    }
    for (uint32_t dir = 0; dir < 1024; dir++) {
        if (!(rt386_page_walk(f->m, dir << 22).pde & 1)) continue;
        for (uint32_t page = 0; page < 1024; page++) {
            rt386_walk w = rt386_page_walk(f->m, dir << 22 | page << 12);
            if (w.mapped && w.phys == (physical & ~0xfffu))
                at_linear(f, w.linear | (physical & 0xfff));
        }
    }
}

static int backward(struct app *app, const rt386 *m, const struct asked *a)
{
    struct text t = {0};
    struct json j = {.to = &t};
    const char *picture = a->o->run.picture;
    struct finding f = {.m = m, .t = &t, .j = a->o->run.common.json && !picture ? &j : NULL};
    int status = STATUS_OK;
    if (f.j) {
        json_open(&j, NULL, '{');
        json_str(&j, "schema", "rt386-seg-walk/1");
        json_hex(&j, "physical", a->value, 8);
        json_open(&j, "reached", '[');
    } else {
        text_addf(&t, "physical 0x%08x is reached by\n", a->value);
    }
    search(&f, a->value);
    if (f.j) {
        json_close(&j, ']');
        json_close(&j, '}');
        text_add(&t, "\n");
    } else if (!f.count) {
        text_add(&t, "  no linear address\n");
    }
    if (picture)
        status = seg_picture_text(app, picture, "what reaches a physical address", text_str(&t));
    else
        app_put(app, &t);
    text_free(&t);
    return status;
}

static int walk_session(struct session *s, const void *ctx)
{
    const struct asked *a = ctx;
    return a->physical ? backward(s->app, s->machine, a) : forward(s->app, s->machine, a);
}

int seg_walk(struct app *app, struct seg_options *o, char *const word[], int words)
{
    const char *colon = words ? strchr(word[0], ':') : NULL;
    const char *at = colon ? colon + 1 : words ? word[0] : "";
    struct asked a = {.o = o, .physical = colon && !strncmp(word[0], "phys:", 5)};
    int reg = colon && !a.physical ? register_named(word[0], (size_t)(colon - word[0])) : -1;
    a.logical = reg >= 0;
    if (reg >= 0) a.reg = (rt386_segreg)reg;
    if (!number(at, 0xffffffffu, &a.value) || (colon && reg < 0 && !a.physical)) {
        app_error(app,
                  "seg walk: name an address and a FILE: ds:0x1000, a linear one as 0x401000, or "
                  "phys:0x8000 for what reaches it");
        return STATUS_USAGE;
    }
    return session_look(app, &o->run, walk_session, &a);
}
