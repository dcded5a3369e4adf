/* moo_to_json.c: vectors as SingleStepTests JSON, one test a line. What that form has no place for (docs/moo.md) goes
 * into members of our own; of the file as a whole only where the mode is not real, into an object before the tests. */
#include "moo.h"
#include "moo_json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLUSH_AT (64u << 10)

static void addf(struct buffer *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void addf(struct buffer *t, const char *format, ...)
{
    char line[256];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (n > 0) buffer_add(t, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

static void add_quoted(struct buffer *t, const rt386_moo_list *s)
{
    addf(t, "\"");
    for (uint32_t i = 0; i < s->n; i++) {
        uint8_t c = s->p[i];
        if (c == '"' || c == '\\')
            addf(t, "\\%c", c);
        else if (c < 0x20 || c >= 0x7f)
            addf(t, "\\u%04x", c < 0x80 ? c : '?');
        else
            buffer_add(t, &c, 1);
    }
    addf(t, "\"");
}

static void add_bytes(struct buffer *t, const rt386_moo_list *l)
{
    for (uint32_t i = 0; i < l->n; i++)
        addf(t, "%s%u", i ? "," : "", l->p[i]);
}

static void add_regs(struct buffer *t, const char *key, bool wide, const rt386_moo_regs *r)
{
    const char *comma = "";
    addf(t, "\"%s\":{", key);
    for (unsigned i = 0; i < RT386_MOO_REGS; i++) {
        const char *name = rt386_moo_reg_name(i, wide);
        if (!name || !(r->have >> i & 1)) continue;
        addf(t, "%s\"%s\":%u", comma, name, r->value[i]);
        comma = ",";
    }
    addf(t, "}");
}

static void add_ea(struct buffer *t, const rt386_moo_ea *ea)
{
    addf(t, ",\"ea\":{\"seg\":\"%s\",\"sel\":%u,\"base\":%u,\"limit\":%u,",
         ea->seg < 6 ? moo_seg_name[ea->seg] : "", ea->selector, ea->base, ea->limit);
    addf(t, "\"offset\":%u,\"l_addr\":%u,\"p_addr\":%u}", ea->offset, ea->linear, ea->physical);
}

static void add_pairs(struct buffer *t, const char *key, const rt386_moo_list *l)
{
    addf(t, ",\"%s\":[", key);
    for (uint32_t i = 0; i < l->n; i++)
        addf(t, "%s[%u,%u]", i ? "," : "", get32(l->p + 5 * (size_t)i), l->p[5 * (size_t)i + 4]);
    addf(t, "]");
}

static void add_descs(struct buffer *t, const rt386_moo_descs *d)
{
    const char *comma = "";
    addf(t, ",\"descriptors\":{");
    for (unsigned i = 0; i < RT386_MOO_DESCS; i++) {
        const rt386_moo_hidden *h = &d->at[i];
        if (!(d->have >> i & 1)) continue;
        addf(t, "%s\"%s\":{\"sel\":%u,\"usable\":%s,\"access\":%u,\"flags\":%u,", comma,
             rt386_moo_desc_name(i), h->selector, h->usable ? "true" : "false", h->access,
             h->flags);
        addf(t, "\"base\":%u,\"limit\":%u}", h->base, h->limit);
        comma = ",";
    }
    addf(t, "}");
}

static void add_state(struct buffer *t, const char *key, const rt386_moo_info *info,
                      const rt386_moo_state *s)
{
    bool wide = info->wide;
    addf(t, "\"%s\":{", key);
    add_regs(t, "regs", wide, &s->regs);
    if (s->regs.shutdown) addf(t, ",\"shutdown\":true");
    if (s->mask.have) {
        addf(t, ",");
        add_regs(t, "masks", wide, &s->mask);
    }
    if (s->has_ea) add_ea(t, &s->ea);
    if (s->descs.have) add_descs(t, &s->descs);
    add_pairs(t, "ram", &s->ram);
    if (s->ram_mask.n) add_pairs(t, "ram_mask", &s->ram_mask);
    if (s->has_queue || !info->mode) {
        addf(t, ",\"queue\":[");
        add_bytes(t, &s->queue);
        addf(t, "]");
    }
    addf(t, "}");
}

static void add_cycles(struct buffer *t, bool wide, const rt386_moo_list *cycles)
{
    addf(t, ",\"cycles\":[");
    for (uint32_t i = 0; i < cycles->n; i++) {
        const uint8_t *c = cycles->p + 15 * (size_t)i;
        addf(t, "%s[%u,%u,%u,%u,%u,\"%s\",%u,\"%s\"]", i ? "," : "", c[0], get32(c + 1), c[6], c[7],
             get16(c + 9), moo_bus_name(wide, c[11]), c[11], moo_t_name(wide, c[12]));
    }
    addf(t, "]");
}

static void add_end(struct buffer *t, const rt386_moo_test *test)
{
    if (test->has_exception)
        addf(t, ",\"exception\":{\"number\":%u,\"flag_address\":%u}", test->vector, test->flags_at);
    if (test->has_error || test->has_cr2) {
        addf(t, ",\"error\":{");
        if (test->has_error) addf(t, "\"code\":%u", test->error);
        if (test->has_cr2) addf(t, "%s\"cr2\":%u", test->has_error ? "," : "", test->cr2);
        addf(t, "}");
    }
    if (test->stop) addf(t, ",\"stop\":%u", test->stop);
}

static void add_test(struct buffer *t, const rt386_moo_info *info, const rt386_moo_test *test)
{
    addf(t, "{\"idx\":%u,\"name\":", test->index);
    add_quoted(t, &test->name);
    addf(t, ",\"bytes\":[");
    add_bytes(t, &test->bytes);
    addf(t, "],");
    add_state(t, "initial", info, &test->init);
    addf(t, ",");
    add_state(t, "final", info, &test->fina);
    add_cycles(t, info->wide, &test->cycles);
    add_end(t, test);
    if (test->has_hash) {
        addf(t, ",\"hash\":\"");
        for (unsigned i = 0; i < sizeof test->hash; i++)
            addf(t, "%02x", test->hash[i]);
        addf(t, "\"");
    }
    addf(t, "}");
}

static void add_text(struct buffer *t, const char *key, const char *text)
{
    rt386_moo_list l = {(const uint8_t *)text, (uint32_t)strlen(text)};
    addf(t, ",\"%s\":", key);
    add_quoted(t, &l);
}

static void add_file(struct buffer *t, const rt386_moo_info *i)
{
    addf(t, "\n{\"file\":{\"version\":[%u,%u],\"set\":[%u,%u],\"mode\":%u,\"extension\":%u",
         i->major, i->minor, i->set_major, i->set_minor, i->mode, i->extension);
    add_text(t, "cpu", i->cpu);
    add_text(t, "mnemonic", i->mnemonic);
    addf(t, ",\"cpu_type\":%u,\"opcode\":%u,\"seed\":%llu", i->cpu_type, i->opcode,
         (unsigned long long)i->seed);
    if (i->mask.have) {
        addf(t, ",");
        add_regs(t, "masks", i->wide, &i->mask);
    }
    add_pairs(t, "ram", &i->ram);
    addf(t, "}}%s", i->tests ? "," : "");
}

rt386_status rt386_moo_write_json(const rt386_moo *moo, rt386_moo_put put, void *ctx)
{
    struct buffer t = {0};
    rt386_moo_test test;
    bool going = true;
    buffer_add(&t, "[", 1);
    if (moo->info.mode) add_file(&t, &moo->info);
    for (uint32_t i = 0; going && rt386_moo_test_at(moo, i, &test); i++) {
        addf(&t, "%s", i ? ",\n" : "\n");
        add_test(&t, &moo->info, &test);
        if (t.n < FLUSH_AT || t.failed) continue;
        going = put(ctx, (char *)t.p, t.n);
        t.n = 0;
    }
    buffer_add(&t, "\n]\n", 3);
    if (going && !t.failed) going = put(ctx, (char *)t.p, t.n);
    bool failed = t.failed;
    free(t.p);
    return failed ? RT386_E_NOMEM : going ? RT386_OK : RT386_E_IO;
}
