/* test_heap.c: guest_heap: malloc of the guest C library on pages of the host, against a list of what
 * is allocated: blocks hold what was put in, are aligned and never overlap, and all pages come back.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "glib.h"

#define BLOCKS 400

void *g_malloc(size_t size);
void *g_calloc(size_t count, size_t size);
void g_free(void *p);

/* What the library asks INtime for: pages, and to wait. */
void *clib_pages(unsigned long size);
unsigned long FreeRtMemory(void *p);
unsigned char RtSleepEx(unsigned long ms);
void *_thread_ptr(void);

static struct {
    void *at;
    size_t size;
} arenas[2000];
static unsigned arena_count, arenas_live;
static size_t pages_allowed = (size_t)-1;

void *clib_pages(unsigned long size)
{
    if (size > pages_allowed || arena_count == 2000) return NULL;
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(p, 0xEE, size);
    arenas[arena_count].at = p;
    arenas[arena_count++].size = size;
    arenas_live++;
    return p;
}

unsigned long FreeRtMemory(void *p)
{
    for (unsigned i = 0; i < arena_count; i++)
        if (arenas[i].at == p) {
            munmap(p, arenas[i].size);
            arenas[i].at = NULL;
            arenas_live--;
            return arenas[i].size;
        }
    cr_assert(false, "pages are given back that were never taken");
    return 0;
}

unsigned char RtSleepEx(unsigned long ms)
{
    cr_assert(false, "nothing to wait for, yet a wait of %lu ms", ms);
    return 0;
}

void *_thread_ptr(void)
{
    static int error;
    return &error;
}

struct block {
    unsigned char *p;
    size_t size;
    unsigned char mark;
};

static void check_block(const struct block *b)
{
    for (size_t i = 0; i < b->size; i++)
        cr_assert_eq(b->p[i], b->mark, "byte %zu of %zu", i, b->size);
}

static void step(struct block *b, uint64_t *seed)
{
    uint64_t r = next_random(seed);
    if (b->p != NULL) {
        check_block(b);
        g_free(b->p);
        b->p = NULL;
        return;
    }
    b->size = (size_t)(r % 16 == 0 ? (r >> 8) % 200000 : (r >> 8) % 600);
    b->mark = (unsigned char)(r >> 40);
    b->p = r >> 50 & 1 ? g_calloc(1, b->size) : g_malloc(b->size);
    cr_assert_not_null(b->p);
    cr_assert_eq((uintptr_t)b->p % 8, 0);
    if (r >> 50 & 1)
        for (size_t i = 0; i < b->size; i++)
            cr_assert_eq(b->p[i], 0);
    memset(b->p, b->mark, b->size);
}

Test(guest_heap, random_use)
{
    static struct block blocks[BLOCKS];
    uint64_t seed = 4242;
    for (int i = 0; i < 60000; i++)
        step(&blocks[next_random(&seed) % BLOCKS], &seed);
    for (int i = 0; i < BLOCKS; i++)
        if (blocks[i].p != NULL) step(&blocks[i], &seed);
    cr_assert_eq(arenas_live, 1, "only the first arena stays, not %u", arenas_live);
    /* what is free is one piece again */
    void *all = g_malloc(65000);
    cr_assert_not_null(all);
    cr_assert_eq(arenas_live, 1);
    g_free(all);
}

Test(guest_heap, nothing_left)
{
    pages_allowed = 0;
    cr_assert_null(g_malloc(10));
    cr_assert_eq(*(int *)_thread_ptr(), 12); /* ENOMEM */
    pages_allowed = (size_t)-1;
    cr_assert_null(g_malloc(0xFFFFFFF0u));
    cr_assert_null(g_calloc(0x10000, 0x10000));
    g_free(NULL);
    void *empty = g_malloc(0);
    cr_assert_not_null(empty);
    g_free(empty);
}
