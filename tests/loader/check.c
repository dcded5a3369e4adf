/* check.c: parses a file and holds the result against the promises of image.h. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "build.h"

/* What the loader asks of the host during one parse; the linker routes its calls here. */
static size_t asked;
static unsigned requests, refuse_from;

void check_refuse_memory(unsigned n)
{
    requests = 0;
    refuse_from = n;
}

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size)
{
    asked += n * size;
    if (refuse_from && ++requests >= refuse_from) return NULL;
    return __real_calloc(n, size);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool one_sentence(const char *s)
{
    size_t n = strlen(s);
    if (n < 20 || n >= IMAGE_ERR_MAX || s[n - 1] == '.') return false;
    for (size_t i = 0; i < n; i++)
        if (s[i] < 0x20 || s[i] == 0x7f) return false;
    return true;
}

static bool inside(const struct image *m, const void *at, size_t n)
{
    const uint8_t *p = at;
    return p >= m->file && p <= m->file + m->file_size && n <= m->file_size - (size_t)(p - m->file);
}

static void segments_hold(const struct image *m)
{
    uint64_t sum = 0;
    cr_assert(m->segment_count > 0);
    for (size_t i = 0; i < m->segment_count; i++) {
        const struct image_segment *s = &m->segments[i];
        cr_assert(inside(m, s->bytes, s->file_size), "segment %s leaves the file", s->name);
        cr_assert(s->mem_size >= s->file_size, "segment %s: memory below file size", s->name);
        cr_assert((uint64_t)s->vaddr + s->mem_size <= UINT64_C(1) << 32);
        cr_assert((uint64_t)s->paddr + s->mem_size <= UINT64_C(1) << 32);
        cr_assert(strnlen(s->name, sizeof s->name) < sizeof s->name);
        sum += s->mem_size;
        if (i && m->kind == IMAGE_MULTIBOOT)
            cr_assert(s[-1].paddr + (uint64_t)s[-1].mem_size <= s->paddr);
        else if (i)
            cr_assert(s[-1].vaddr + (uint64_t)s[-1].mem_size <= s->vaddr);
    }
    cr_assert(sum <= IMAGE_MEMORY_MAX);
}

static void tables_hold(const struct image *m)
{
    for (size_t i = 0; i < m->import_count; i++) {
        const struct image_import *x = &m->imports[i];
        cr_assert(inside(m, x->module, strlen(x->module) + 1));
        cr_assert(!x->name || inside(m, x->name, strlen(x->name) + 1));
        cr_assert(image_segment_at(m, x->slot, 4));
    }
    for (size_t i = 0; i < m->reloc_count; i++)
        cr_assert(image_segment_at(m, m->relocs[i], 4));
    for (size_t i = 0; i < m->export_count; i++) {
        const struct image_export *x = &m->exports[i];
        if (x->forward) {
            const char *dot = strrchr(x->forward, '.');
            cr_assert(inside(m, x->forward, strlen(x->forward) + 1));
            cr_assert(dot && dot > x->forward && dot[1] && x->vaddr == 0);
        } else {
            cr_assert(x->vaddr - m->base < m->size);
        }
        if (x->name) cr_assert_str_eq(image_export_by_name(m, x->name)->name, x->name);
        cr_assert_eq(image_export_by_ordinal(m, x->ordinal)->ordinal, x->ordinal);
    }
    for (size_t i = 0; i < m->symbol_count; i++) {
        const struct image_symbol *x = &m->symbols[i];
        cr_assert(x->name && strlen(x->name) > 0);
        cr_assert(!i || m->symbols[i - 1].value <= x->value);
        const struct image_symbol *at = image_symbol_at(m, x->value);
        cr_assert(at && at->value <= x->value);
    }
}

struct verdict check_parse(const uint8_t *bytes, size_t size, enum image_kind kind)
{
    struct verdict v = {.copy = malloc(size ? size : 1)};
    cr_assert(v.copy);
    memcpy(v.copy, bytes, size);
    asked = 0;
    double start = seconds();
    v.status = image_parse(v.copy, size, kind, 0x10000, &v.image, v.err, sizeof v.err);
    cr_assert(seconds() - start < 1.0, "more than a second for %zu bytes", size);
    cr_assert(asked <= IMAGE_STORE_FACTOR * size + IMAGE_STORE_EXTRA + 4096,
              "%zu bytes of tables for a file of %zu", asked, size);
    if (v.status) {
        cr_assert_null(v.image);
        cr_assert_eq(v.status, ST_FORMAT);
        cr_assert(one_sentence(v.err), "refused with \"%s\"", v.err);
    } else {
        cr_assert_str_empty(v.err);
        segments_hold(v.image);
        tables_hold(v.image);
    }
    return v;
}

void verdict_free(struct verdict *v)
{
    image_free(v->image);
    free(v->copy);
    *v = (struct verdict){0};
}

void expect_refused(const struct bytes *f, enum image_kind kind, const char *text)
{
    struct verdict v = check_parse(f->b, f->n, kind);
    cr_expect(v.status == ST_FORMAT && strstr(v.err, text), "wanted \"%s\", got \"%s\"", text,
              v.err);
    verdict_free(&v);
}
