/* test_heap.c: guest_heap: malloc of the guest C library on pages of the host, against a list of what
 * is allocated: blocks hold what was put in, are aligned and never overlap, and all pages come back.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "glib.h"

#define BLOCKS 400

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

/* Blocks grow and shrink, in place or not, and keep what is in them; aligned ones are aligned. */
Test(guest_heap, realloc_and_alignment)
{
    static struct block blocks[60];
    uint64_t seed = 77;
    for (int i = 0; i < 30000; i++) {
        struct block *b = &blocks[next_random(&seed) % 60];
        uint64_t r = next_random(&seed);
        size_t size = (size_t)(r % 20 == 0 ? (r >> 8) % 100000 : (r >> 8) % 900);
        if (b->p != NULL && r >> 60 == 0) {
            g_free(b->p);
            b->p = NULL;
            continue;
        }
        if (b->p == NULL && r >> 61 == 1) {
            size_t alignment = (size_t)1 << (r >> 40 & 12);
            b->p = g_aligned_alloc(alignment, size);
            cr_assert_eq((uintptr_t)b->p % alignment, 0);
        } else {
            unsigned char *moved = g_realloc(b->p, size);
            size_t kept = b->p == NULL ? 0 : b->size < size ? b->size : size;
            cr_assert_not_null(moved);
            for (size_t k = 0; k < kept; k++)
                cr_assert_eq(moved[k], b->mark);
            b->p = moved;
        }
        b->size = size;
        b->mark = (unsigned char)(r >> 50);
        memset(b->p, b->mark, size);
        if (i % 500 == 0) cr_assert_eq(g_heap_check(), 0);
    }
    for (int i = 0; i < 60; i++)
        g_free(blocks[i].p);
    cr_assert_eq(g_heap_check(), 0);
    cr_assert_eq(g_heap_buffer_cnt(), 0);
    cr_assert_eq(arenas_live, 1);
    cr_assert_null(g_aligned_alloc(24, 8));
}

static int freed_badly;
static void bad_free(int number)
{
    freed_badly += number == 16; /* SIGFREE */
}

static void must_be_refused(void *p)
{
    int before = freed_badly;
    g_signal(16, bad_free);
    g_free(p);
    cr_assert_eq(freed_badly, before + 1);
}

/* What is no block, or not any more, is refused, and the heap stays good; a block that somebody wrote beyond too. */
Test(guest_heap, bad_pointers_and_damage)
{
    unsigned char *a = g_malloc(40), *b = g_malloc(40), *c = g_malloc(40);
    int local;
    must_be_refused(&local);
    must_be_refused(a + 8);
    must_be_refused(a + 1);
    g_free(b);
    must_be_refused(b);
    cr_assert_eq(g_heap_check(), 0);
    b = g_malloc(40);
    memset(a, 0xAA, 60); /* over b's head */
    cr_assert_eq(g_heap_check(), -1);
    must_be_refused(a);
    must_be_refused(b);
    must_be_refused(c); /* its neighbour is damaged */
    host_console();
}
