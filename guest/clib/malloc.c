/* malloc.c: the process' heap, on pages from the kernel.
 *
 *      arena:  | head | chunk | chunk | ... | tail |      pages in one run
 *      chunk:  | size of the one before | size + bit 0 "in use" | payload ... |
 *
 * First fit over all arenas; neighbours that are free are joined at once. The head is a chunk in
 * use, so is the tail (size 0): joining stops there. An arena that is wholly free goes back to the
 * kernel, but for the first one.
 */
#include "clib.h"
#include "errno.h"
#include "rtbase.h"
#include "stdlib.h"
#include "string.h"

struct chunk {
    uint32_t before; /* size of the chunk before, header included */
    uint32_t size;   /* multiple of 8, header included; bit 0: in use */
};
struct arena {
    struct arena *next;
    uint32_t size; /* bytes of pages */
};

#define IN_USE     1u
#define HEADER     ((uint32_t)sizeof(struct chunk))
#define ARENA_SIZE 0x10000u
#define OVERHEAD   ((uint32_t)sizeof(struct arena) + 2 * HEADER)

static struct arena *arenas;
static int lock;

static uint32_t size_of(const struct chunk *c)
{
    return c->size & ~7u;
}
static struct chunk *after(struct chunk *c)
{
    return (struct chunk *)((char *)c + size_of(c));
}
static struct chunk *before(struct chunk *c)
{
    return (struct chunk *)((char *)c - c->before);
}
static struct chunk *first_chunk(struct arena *a)
{
    return (struct chunk *)((char *)a + sizeof *a);
}

static struct arena *add_arena(uint32_t need)
{
    uint32_t size = need + OVERHEAD + HEADER;
    size = size <= ARENA_SIZE ? ARENA_SIZE : (size + 0xFFFu) & ~0xFFFu;
    struct arena *a = clib_pages(size);
    if (a == NULL) return NULL;
    a->size = size;
    struct chunk *head = first_chunk(a);
    head->before = 0;
    head->size = HEADER | IN_USE;
    struct chunk *body = after(head);
    body->before = HEADER;
    body->size = size - OVERHEAD;
    struct chunk *tail = after(body);
    tail->before = body->size;
    tail->size = IN_USE;
    struct arena **end = &arenas;
    while (*end != NULL)
        end = &(*end)->next;
    a->next = NULL;
    *end = a;
    return a;
}

static struct chunk *find(struct arena *a, uint32_t need)
{
    for (struct chunk *c = first_chunk(a); size_of(c) != 0; c = after(c))
        if ((c->size & IN_USE) == 0 && c->size >= need) return c;
    return NULL;
}

static void take(struct chunk *c, uint32_t need)
{
    if (c->size - need >= 2 * HEADER) {
        struct chunk *rest = (struct chunk *)((char *)c + need);
        rest->before = need;
        rest->size = c->size - need;
        after(rest)->before = rest->size;
        c->size = need;
    }
    c->size |= IN_USE;
}

void *malloc(size_t size)
{
    struct chunk *c = NULL;
    uint32_t need = ((uint32_t)size + HEADER + 7u) & ~7u;
    if (size >= 0x7FFFFFFFu) {
        errno = ENOMEM;
        return NULL;
    }
    if (need < 2 * HEADER) need = 2 * HEADER;
    clib_lock(&lock);
    for (struct arena *a = arenas; a != NULL && c == NULL; a = a->next)
        c = find(a, need);
    if (c == NULL) {
        struct arena *a = add_arena(need);
        if (a != NULL) c = find(a, need);
    }
    if (c != NULL) take(c, need);
    clib_unlock(&lock);
    if (c == NULL) errno = ENOMEM;
    return c == NULL ? NULL : c + 1;
}

void *calloc(size_t count, size_t size)
{
    uint64_t bytes = (uint64_t)count * size;
    void *p = malloc(bytes >> 31 != 0 ? (size_t)-1 : (size_t)bytes);
    return p == NULL ? NULL : memset(p, 0, (size_t)bytes);
}

static void join(struct chunk *left, struct chunk *right)
{
    left->size += right->size;
    after(left)->before = left->size;
}

static void drop_if_empty(struct arena *a)
{
    struct chunk *body = after(first_chunk(a));
    struct arena **link = &arenas;
    if (a == arenas || (body->size & IN_USE) != 0 || body->size != a->size - OVERHEAD) return;
    while (*link != a)
        link = &(*link)->next;
    *link = a->next;
    FreeRtMemory(a);
}

static struct arena *arena_of(struct chunk *c)
{
    for (struct arena *a = arenas; a != NULL; a = a->next)
        if ((char *)c > (char *)a && (char *)c < (char *)a + a->size) return a;
    return NULL;
}

void free(void *p)
{
    if (p == NULL) return;
    struct chunk *c = (struct chunk *)p - 1;
    clib_lock(&lock);
    struct arena *a = arena_of(c);
    if (a != NULL && (c->size & IN_USE) != 0) {
        c->size &= ~IN_USE;
        if ((after(c)->size & IN_USE) == 0) join(c, after(c));
        if ((before(c)->size & IN_USE) == 0) join(before(c), c);
        drop_if_empty(a);
    }
    clib_unlock(&lock);
}

char *strdup(const char *s)
{
    size_t n = strlen(s) + 1;
    char *copy = malloc(n);
    return copy == NULL ? NULL : memcpy(copy, s, n);
}
