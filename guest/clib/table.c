/* table.c: searching and sorting of tables whose elements only their owner understands. */
#include "clib.h"
#include "stdlib.h"
#include "string.h"

typedef int compare_fn(const void *, const void *);

void *bsearch(const void *key, const void *base, size_t count, size_t size, compare_fn *compare)
{
    const char *low = base;
    while (count > 0) {
        const char *middle = low + count / 2 * size;
        int order = compare(key, middle);
        if (order == 0) return (void *)(uintptr_t)middle;
        if (order > 0) {
            low = middle + size;
            count -= count / 2 + 1;
        } else {
            count /= 2;
        }
    }
    return NULL;
}

static void swap(char *a, char *b, size_t size)
{
    for (; size > 0; size--) {
        char hold = *a;
        *a++ = *b;
        *b++ = hold;
    }
}

/* The element at `root` sinks to where its two children are not greater. */
static void sink(char *base, size_t root, size_t count, size_t size, compare_fn *compare)
{
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && compare(base + child * size, base + (child + 1) * size) < 0)
            child++;
        if (compare(base + root * size, base + child * size) >= 0) return;
        swap(base + root * size, base + child * size, size);
    }
}

/* Heap sort: no recursion, no memory, and never slower than n log n, whatever the order. */
void qsort(void *base, size_t count, size_t size, compare_fn *compare)
{
    if (count < 2 || size == 0) return;
    for (size_t root = count / 2; root-- > 0;)
        sink(base, root, count, size, compare);
    for (size_t last = count - 1; last > 0; last--) {
        swap(base, (char *)base + last * size, size);
        sink(base, 0, last, size, compare);
    }
}

void *lfind(const void *key, const void *base, unsigned *count, unsigned size, compare_fn *compare)
{
    const char *at = base;
    for (unsigned i = 0; i < *count; i++, at += size)
        if (compare(key, at) == 0) return (void *)(uintptr_t)at;
    return NULL;
}

void *lsearch(const void *key, void *base, unsigned *count, unsigned size, compare_fn *compare)
{
    void *found = lfind(key, base, count, size, compare);
    if (found != NULL) return found;
    return memcpy((char *)base + (size_t)size * (*count)++, key, size);
}
