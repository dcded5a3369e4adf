/* moo_write.c: makes MOO files. A chunk's length is filled in when the chunk ends. */
#include "moo.h"

#include <stdlib.h>
#include <string.h>

struct rt386_moo_writer {
    struct buffer out;
    size_t count_at[2]; /* where the number of tests stands */
    bool wide;
    uint32_t tests;
};

static size_t open_chunk(struct buffer *t, const char *tag)
{
    buffer_add(t, tag, 4);
    buffer_add32(t, 0);
    return t->n;
}

static void close_chunk(struct buffer *t, size_t start)
{
    if (!t->failed) put32(t->p + start - 4, (uint32_t)(t->n - start));
}

static void add_regs32(struct buffer *t, const char *tag, const rt386_moo_regs *r)
{
    size_t at = open_chunk(t, tag);
    buffer_add32(t, (r->have & ((1u << RT386_MOO_REGS) - 1)) | (r->shutdown ? MOO_SHUTDOWN : 0));
    for (unsigned i = 0; i < RT386_MOO_REGS; i++)
        if (r->have >> i & 1) buffer_add32(t, r->value[i]);
    close_chunk(t, at);
}

static void add_regs16(struct buffer *t, const char *tag, const rt386_moo_regs *r)
{
    uint32_t bits = 0;
    for (unsigned i = 0; i < MOO_REGS16; i++)
        bits |= (r->have >> moo_regs16[i] & 1) << i;
    size_t at = open_chunk(t, tag);
    buffer_add16(t, bits);
    for (unsigned i = 0; i < MOO_REGS16; i++)
        if (bits >> i & 1) buffer_add16(t, r->value[moo_regs16[i]]);
    close_chunk(t, at);
}

static void add_regs(struct buffer *t, bool wide, const rt386_moo_regs *r)
{
    if (wide)
        add_regs32(t, "RG32", r);
    else
        add_regs16(t, "REGS", r);
}

static void add_mask(struct buffer *t, bool wide, const rt386_moo_regs *r)
{
    if (!r->have) return;
    if (wide)
        add_regs32(t, "RM32", r);
    else
        add_regs16(t, "RMSK", r);
}

static void add_list(struct buffer *t, const char *tag, const rt386_moo_list *l, size_t size)
{
    size_t at = open_chunk(t, tag);
    buffer_add32(t, l->n);
    buffer_add(t, l->p, l->n * size);
    close_chunk(t, at);
}

static void add_descs(struct buffer *t, const rt386_moo_descs *d)
{
    size_t at = open_chunk(t, "DC32");
    buffer_add32(t, d->have & ((1u << RT386_MOO_DESCS) - 1));
    for (unsigned i = 0; i < RT386_MOO_DESCS; i++) {
        const rt386_moo_hidden *h = &d->at[i];
        if (!(d->have >> i & 1)) continue;
        buffer_add16(t, h->selector);
        buffer_add32(t, h->access | (h->flags & 0xfu) << 12 | (h->usable ? 0 : MOO_DESC_UNUSABLE));
        buffer_add32(t, h->base);
        buffer_add32(t, h->limit);
    }
    close_chunk(t, at);
}

static void add_error(struct buffer *t, const rt386_moo_test *test)
{
    size_t at = open_chunk(t, "ERRC");
    buffer_add32(t, (test->has_error ? MOO_HAS_ERROR : 0) | (test->has_cr2 ? MOO_HAS_CR2 : 0));
    buffer_add32(t, test->error);
    buffer_add32(t, test->cr2);
    close_chunk(t, at);
}

static void add_ea(struct buffer *t, const rt386_moo_ea *ea)
{
    size_t at = open_chunk(t, "EA32");
    buffer_add(t, &ea->seg, 1);
    buffer_add16(t, ea->selector);
    const uint32_t v[] = {ea->base, ea->limit, ea->offset, ea->linear, ea->physical};
    for (unsigned i = 0; i < sizeof v / sizeof *v; i++)
        buffer_add32(t, v[i]);
    close_chunk(t, at);
}

static void add_state(struct buffer *t, const char *tag, bool wide, const rt386_moo_state *s)
{
    size_t at = open_chunk(t, tag);
    add_regs(t, wide, &s->regs);
    add_mask(t, wide, &s->mask);
    if (s->has_ea) add_ea(t, &s->ea);
    if (s->descs.have) add_descs(t, &s->descs);
    add_list(t, "RAM ", &s->ram, 5);
    if (s->ram_mask.n) add_list(t, "RAMM", &s->ram_mask, 5);
    if (s->has_queue) add_list(t, "QUEU", &s->queue, 1);
    close_chunk(t, at);
}

static void add_header(rt386_moo_writer *w, const rt386_moo_info *info)
{
    struct buffer *t = &w->out;
    char cpu[4] = {' ', ' ', ' ', ' '};
    memcpy(cpu, info->cpu, strnlen(info->cpu, sizeof cpu));
    size_t at = open_chunk(t, "MOO ");
    buffer_add(t, &(uint8_t[4]){info->major ? info->major : 1, info->minor}, 4);
    w->count_at[0] = t->n;
    buffer_add32(t, 0);
    buffer_add(t, cpu, sizeof cpu);
    close_chunk(t, at);
}

static void add_meta(rt386_moo_writer *w, const rt386_moo_info *info)
{
    struct buffer *t = &w->out;
    char mnemonic[8] = {' ', ' ', ' ', ' ', ' ', ' ', ' ', ' '};
    memcpy(mnemonic, info->mnemonic, strnlen(info->mnemonic, sizeof mnemonic));
    size_t at = open_chunk(t, "META");
    buffer_add(t, &(uint8_t[3]){info->set_major, info->set_minor, info->cpu_type}, 3);
    buffer_add32(t, info->opcode);
    buffer_add(t, mnemonic, sizeof mnemonic);
    w->count_at[1] = t->n;
    buffer_add32(t, 0);
    buffer_add32(t, (uint32_t)info->seed);
    buffer_add32(t, (uint32_t)(info->seed >> 32));
    buffer_add(t, &(uint8_t[4]){info->mode, info->extension}, 4);
    close_chunk(t, at);
}

rt386_status rt386_moo_writer_new(const rt386_moo_info *info, rt386_moo_writer **writer)
{
    if (!info || !writer) return RT386_E_ARG;
    rt386_moo_writer *w = calloc(1, sizeof *w);
    *writer = w;
    if (!w) return RT386_E_NOMEM;
    w->wide = info->wide;
    add_header(w, info);
    if (info->has_meta) add_meta(w, info);
    add_mask(&w->out, w->wide, &info->mask);
    if (info->ram.n) add_list(&w->out, "RAM ", &info->ram, 5);
    return RT386_OK;
}

rt386_status rt386_moo_writer_add(rt386_moo_writer *w, const rt386_moo_test *test)
{
    struct buffer *t = &w->out;
    size_t at = open_chunk(t, "TEST");
    buffer_add32(t, w->tests);
    add_list(t, "NAME", &test->name, 1);
    add_list(t, "BYTS", &test->bytes, 1);
    add_state(t, "INIT", w->wide, &test->init);
    add_state(t, "FINA", w->wide, &test->fina);
    add_list(t, "CYCL", &test->cycles, 15);
    if (test->has_exception) {
        size_t excp = open_chunk(t, "EXCP");
        buffer_add(t, &test->vector, 1);
        buffer_add32(t, test->flags_at);
        close_chunk(t, excp);
    }
    if (test->has_error || test->has_cr2) add_error(t, test);
    if (test->stop) {
        size_t stop = open_chunk(t, "STOP");
        buffer_add(t, &test->stop, 1);
        close_chunk(t, stop);
    }
    if (test->has_hash) {
        size_t hash = open_chunk(t, "HASH");
        buffer_add(t, test->hash, sizeof test->hash);
        close_chunk(t, hash);
    }
    close_chunk(t, at);
    w->tests++;
    return t->failed ? RT386_E_NOMEM : RT386_OK;
}

rt386_status rt386_moo_writer_finish(rt386_moo_writer *w, const uint8_t **bytes, size_t *n)
{
    if (w->out.failed) return RT386_E_NOMEM;
    for (unsigned i = 0; i < 2; i++)
        if (w->count_at[i]) put32(w->out.p + w->count_at[i], w->tests);
    *bytes = w->out.p;
    *n = w->out.n;
    return RT386_OK;
}

void rt386_moo_writer_free(rt386_moo_writer *w)
{
    if (!w) return;
    free(w->out.p);
    free(w);
}
