/* bytes.h: what recordings write, kept in memory and opened as a trace. */
#ifndef TEST_MACHINE_BYTES_H
#define TEST_MACHINE_BYTES_H

#include <criterion/criterion.h>
#include <rt386/trace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    uint8_t *p;
    size_t n, room;
    size_t most; /* no more are taken; 0: any number */
};

static inline bool bytes_put(void *ctx, const void *from, size_t n)
{
    struct bytes *b = ctx;
    if (b->most && b->n + n > b->most) return false;
    if (b->n + n > b->room) {
        b->room = (b->n + n) * 2;
        b->p = realloc(b->p, b->room);
    }
    memcpy(b->p + b->n, from, n);
    b->n += n;
    return true;
}

/* A file of the bytes; the name is the caller's to free and the file's to remove. */
static inline char *bytes_file(const struct bytes *b)
{
    char *name = strdup("/tmp/rt386-record-XXXXXX");
    int fd = mkstemp(name);
    FILE *f = fdopen(fd, "wb");
    cr_assert(f && fwrite(b->p, 1, b->n, f) == b->n && fclose(f) == 0);
    return name;
}

static inline rt386_trace *bytes_open(const struct bytes *b)
{
    char err[200] = "";
    char *name = bytes_file(b);
    rt386_trace *t = NULL;
    cr_assert_eq(rt386_trace_open(name, &t, err, sizeof err), RT386_OK, "%s", err);
    remove(name);
    free(name);
    return t;
}

#endif
