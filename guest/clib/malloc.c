/* malloc.c: the process' heap, on pages of its pool.
 *
 *      arena:  | head | chunk | chunk | ... | tail |      pages in one run
 *      chunk:  | size of the one before | size + bit 0 "in use" | payload ... |
 *      free:   | ... | ... | next | last |                in the list of its power of two
 *
 * Neighbours that are free are joined at once. The head is a chunk in use, so is the tail (size 0): joining stops
 * there. An arena that is wholly free goes back to the kernel, but for the oldest. Every chunk is known to both its
 * neighbours: what does not fit them is no block, or somebody wrote beyond one, and nothing is done with it.
 */
#include "clib.h"
#include "errno.h"
#include "heap.h"
#include "rtbase.h"
#include "signal.h"
#include "stdlib.h"
#include "string.h"

struct chunk {
    uint32_t before; /* size of the chunk before, header included */
    uint32_t size;   /* multiple of 8, header included; bit 0: in use */
};
struct free_chunk {
    struct chunk head;
    struct free_chunk *next, *last;
};
struct arena {
    struct arena *next;
    uint32_t size; /* bytes of pages */
    uint32_t spare;
};

#define IN_USE     1u
#define HEADER     ((uint32_t)sizeof(struct chunk))
#define SMALLEST   ((uint32_t)sizeof(struct free_chunk))
#define ARENA_SIZE 0x10000u
#define ARENA_HEAD (((uint32_t)sizeof(struct arena) + 7u) & ~7u)
#define OVERHEAD   (ARENA_HEAD + 2 * HEADER)
#define LARGEST    0x7FFE0000u
#define BINS       32
#define TRIES      16 /* chunks of the own power of two before a greater one is cut */

static struct arena *arenas;
static struct free_chunk *bins[BINS]; /* by the highest bit of the size */
static uint32_t filled;               /* bit n: bins[n] is not empty */
static uint32_t pages_bytes, blocks;

/* --- chunks --- */

static uint32_t size_of(const struct chunk *c)
{
    return c->size & ~7u;
}
static struct chunk *at(struct chunk *c, uint32_t off)
{
    return (struct chunk *)((char *)c + off);
}
static struct chunk *after(struct chunk *c)
{
    return at(c, size_of(c));
}
static struct chunk *before(struct chunk *c)
{
    return (struct chunk *)((char *)c - c->before);
}
static struct chunk *first_chunk(struct arena *a)
{
    return (struct chunk *)((char *)a + ARENA_HEAD);
}

/* NULL: no block or free chunk can lie there. */
static struct arena *arena_of(const void *p)
{
    for (struct arena *a = arenas; a != NULL; a = a->next)
        if ((const char *)p >= (char *)a + ARENA_HEAD + HEADER &&
            (const char *)p < (char *)a + a->size - HEADER)
            return a;
    return NULL;
}

/* A chunk of the arena, by its own word and those of its neighbours. */
static bool sound(struct arena *a, struct chunk *c)
{
    uintptr_t off = (uintptr_t)c - (uintptr_t)a;
    uint32_t size = size_of(c);
    if (a == NULL || off % 8 != 0 || off < ARENA_HEAD + HEADER) return false;
    if (size < SMALLEST || size > a->size - HEADER - off) return false;
    if (c->before < HEADER || c->before > off - ARENA_HEAD) return false;
    return after(c)->before == size && size_of(before(c)) == c->before;
}

/* --- free chunks --- */

static unsigned bin_of(uint32_t size)
{
    return 31u - (unsigned)__builtin_clz(size);
}

static void put(struct chunk *c)
{
    struct free_chunk *f = (struct free_chunk *)c;
    unsigned bin = bin_of(c->size);
    f->last = NULL;
    f->next = bins[bin];
    if (bins[bin] != NULL) bins[bin]->last = f;
    bins[bin] = f;
    filled |= 1u << bin;
}

/* False: the list is damaged. */
static bool take_out(struct chunk *c)
{
    struct free_chunk *f = (struct free_chunk *)c;
    unsigned bin = bin_of(c->size);
    if (f->last != NULL ? arena_of(f->last) == NULL || f->last->next != f : bins[bin] != f)
        return false;
    if (f->next != NULL && (arena_of(f->next) == NULL || f->next->last != f)) return false;
    if (f->next != NULL) f->next->last = f->last;
    if (f->last != NULL)
        f->last->next = f->next;
    else
        bins[bin] = f->next;
    if (bins[bin] == NULL) filled &= ~(1u << bin);
    return true;
}

static struct chunk *search(unsigned bin, uint32_t need, unsigned tries)
{
    for (struct free_chunk *f = bins[bin]; f != NULL && tries > 0; f = f->next, tries--) {
        if (arena_of(f) == NULL) return NULL;
        if (f->head.size >= need) return &f->head;
    }
    return NULL;
}

static struct chunk *find(uint32_t need)
{
    unsigned bin = bin_of(need);
    uint32_t greater = filled & ~(((uint32_t)2 << bin) - 1);
    struct chunk *c = search(bin, need, TRIES);
    if (c == NULL && greater != 0) c = search((unsigned)__builtin_ctz(greater), need, 1);
    return c != NULL ? c : search(bin, need, (unsigned)-1);
}

/* --- arenas --- */

static struct arena *add_arena(uint32_t need)
{
    uint32_t least = (need + OVERHEAD + 0xFFFu) & ~0xFFFu;
    uint32_t size = pages_bytes / 8 & ~0xFFFu; /* the more, the larger: few arenas */
    if (size < ARENA_SIZE) size = ARENA_SIZE;
    if (size < least) size = least;
    struct arena *a = clib_pages(size);
    if (a == NULL && size > least) a = clib_pages(size = least);
    if (a == NULL) return NULL;
    a->size = size;
    a->next = NULL;
    pages_bytes += size;
    struct chunk *head = first_chunk(a), *body = at(head, HEADER);
    *head = (struct chunk){0, HEADER | IN_USE};
    *body = (struct chunk){HEADER, size - OVERHEAD};
    *after(body) = (struct chunk){body->size, IN_USE};
    put(body);
    struct arena **end = &arenas;
    while (*end != NULL)
        end = &(*end)->next;
    *end = a;
    return a;
}

static void drop_if_empty(struct arena *a)
{
    struct chunk *body = after(first_chunk(a));
    struct arena **link = &arenas;
    if (a == arenas || (body->size & IN_USE) != 0 || body->size != a->size - OVERHEAD) return;
    if (!take_out(body)) return;
    while (*link != a)
        link = &(*link)->next;
    *link = a->next;
    pages_bytes -= a->size;
    FreeRtMemory(a);
}

/* --- blocks, for those who hold the lock --- */

/* The chunk keeps `need` bytes; what is left over is free. */
static void cut(struct chunk *c, uint32_t need)
{
    uint32_t size = size_of(c);
    if (size - need < SMALLEST) return;
    struct chunk *rest = at(c, need);
    *rest = (struct chunk){need, size - need};
    after(rest)->before = rest->size;
    c->size = need | (c->size & IN_USE);
    if ((after(rest)->size & IN_USE) == 0 && take_out(after(rest))) {
        rest->size += after(rest)->size;
        after(rest)->before = rest->size;
    }
    put(rest);
}

static bool need_of(size_t size, uint32_t *need)
{
    if (size > LARGEST) return false;
    *need = ((uint32_t)size + HEADER + 7u) & ~7u;
    if (*need < SMALLEST) *need = SMALLEST;
    return true;
}

void *heap_take(size_t size)
{
    uint32_t need;
    if (!need_of(size, &need)) return NULL;
    struct chunk *c = find(need);
    if (c == NULL && add_arena(need) != NULL) c = find(need);
    if (c == NULL || !sound(arena_of(c), c) || !take_out(c)) return NULL;
    c->size |= IN_USE;
    cut(c, need);
    blocks++;
    return c + 1;
}

/* NULL: no block of this heap, or a damaged one. */
static struct chunk *block_at(void *p)
{
    if ((uintptr_t)p % 8 != 0 || arena_of(p) == NULL) return NULL;
    struct chunk *c = (struct chunk *)p - 1;
    return (c->size & IN_USE) != 0 && sound(arena_of(c), c) ? c : NULL;
}

static void give(struct chunk *c)
{
    struct arena *a = arena_of(c);
    struct chunk *next = after(c), *last = before(c);
    c->size &= ~IN_USE;
    if ((next->size & IN_USE) == 0 && take_out(next)) c->size += next->size;
    if ((last->size & IN_USE) == 0 && take_out(last)) {
        last->size += c->size;
        c = last;
    }
    after(c)->before = c->size;
    put(c);
    blocks--;
    drop_if_empty(a);
}

void heap_give(void *p)
{
    struct chunk *c = p == NULL ? NULL : block_at(p);
    if (c != NULL) give(c);
}

/* In its place, if there is room. */
static bool resize(struct chunk *c, uint32_t need)
{
    struct chunk *next = after(c);
    if (size_of(c) < need) {
        if ((next->size & IN_USE) != 0 || size_of(c) + next->size < need) return false;
        if (!sound(arena_of(next), next) || !take_out(next)) return false;
        c->size += next->size;
        after(c)->before = size_of(c);
    }
    cut(c, need);
    return true;
}

/* The front of the block is given back, so that the payload begins at a multiple of `alignment`. */
static void *align(struct chunk *c, uint32_t need, size_t alignment)
{
    uintptr_t from = (uintptr_t)(c + 1), to = (from + alignment - 1) & ~(alignment - 1);
    while (to != from && to - from < SMALLEST)
        to += alignment;
    uint32_t front = (uint32_t)(to - from);
    if (front != 0) {
        struct chunk *block = at(c, front);
        *block = (struct chunk){front, (size_of(c) - front) | IN_USE};
        after(block)->before = size_of(block);
        c->size = front | IN_USE;
        blocks++;
        give(c);
        c = block;
    }
    cut(c, need);
    return c + 1;
}

/* --- C --- */

static void *no_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

/* What was to be freed is no block. The default of SIGFREE ends the process [7-1/raise]. */
static void bad_block(const char *what)
{
    clib_write(what, strlen(what));
    errno = EINVAL;
    raise(SIGFREE);
}

void *malloc(size_t size)
{
    clib_lock();
    void *p = heap_take(size);
    clib_unlock();
    return p == NULL ? no_memory() : p;
}

void *calloc(size_t count, size_t size)
{
    uint64_t bytes = (uint64_t)(uint32_t)count * (uint32_t)size;
    void *p = malloc(bytes > LARGEST ? (size_t)-1 : (size_t)bytes);
    return p == NULL ? NULL : memset(p, 0, (size_t)bytes);
}

void free(void *p)
{
    if (p == NULL) return;
    clib_lock();
    struct chunk *c = block_at(p);
    if (c != NULL) give(c);
    clib_unlock();
    if (c == NULL) bad_block("heap: free of what is no block, or of a damaged one\n");
}

void *realloc(void *p, size_t size)
{
    uint32_t need, old = 0;
    void *moved = NULL;
    if (p == NULL) return malloc(size);
    if (!need_of(size, &need)) return no_memory();
    clib_lock();
    struct chunk *c = block_at(p);
    if (c != NULL && resize(c, need)) {
        moved = p;
    } else if (c != NULL) {
        old = size_of(c) - HEADER;
        moved = heap_take(size);
        if (moved != NULL) {
            memcpy(moved, p, old < size ? old : size);
            give(c);
        }
    }
    clib_unlock();
    if (c == NULL) bad_block("heap: realloc of what is no block, or of a damaged one\n");
    return moved == NULL && c != NULL ? no_memory() : moved;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    uint32_t need;
    if (alignment == 0 || (alignment & (alignment - 1)) != 0) {
        errno = EINVAL;
        return NULL;
    }
    if (alignment <= 8) return malloc(size);
    if (alignment > LARGEST / 4 || size > LARGEST / 2 || !need_of(size, &need)) return no_memory();
    clib_lock();
    void *p = heap_take(size + 2 * alignment + SMALLEST);
    if (p != NULL) p = align((struct chunk *)p - 1, need, alignment);
    clib_unlock();
    return p == NULL ? no_memory() : p;
}

/* --- heap.h --- */

static bool check_arena(struct arena *a)
{
    struct chunk *c = first_chunk(a), *end = at((struct chunk *)(void *)a, a->size - HEADER);
    if (c->size != (HEADER | IN_USE)) return false;
    for (c = after(c); c != end; c = after(c))
        if (!sound(a, c)) return false;
    return c->size == IN_USE;
}

int heap_check(void)
{
    bool good = true;
    clib_lock();
    for (struct arena *a = arenas; a != NULL && good; a = a->next)
        good = check_arena(a);
    clib_unlock();
    if (!good) errno = EINVAL;
    return good ? 0 : -1;
}

int heap_compact(void)
{
    return 0; /* what is wholly free is with the kernel already */
}

unsigned long heap_buffer_cnt(void)
{
    return blocks;
}

unsigned long heap_buffer_size(void *p)
{
    clib_lock();
    struct chunk *c = p == NULL ? NULL : block_at(p);
    uint32_t size = c == NULL ? 0 : size_of(c) - HEADER;
    clib_unlock();
    if (c == NULL) errno = EINVAL;
    return size;
}

int heap_validate_buffer(void *p)
{
    return heap_buffer_size(p) != 0;
}

unsigned long heap_get_page_size(void)
{
    return 4096;
}
