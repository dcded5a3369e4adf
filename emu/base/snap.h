/* snap.h: one walk over a structure that either writes it or reads it back, so that the two cannot disagree.
 *
 *   saving    structure --> bytes      numbers little-endian, one after the other, no padding
 *   loading   bytes --> structure      each length and number is looked at before it is used
 *
 * Loading, the first thing that is wrong is kept and all that follows reads as zero: a walk needs to look at it only
 * before it loops or indexes. Nothing is allocated that the bytes that are left do not pay for.
 *
 * Not here: pointers. Who has them turns them into numbers.
 */
#ifndef RT386_BASE_SNAP_H
#define RT386_BASE_SNAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct snap {
    bool loading;
    bool guest_only;     /* saving: what the host holds open for the guest counts as closed */
    const char *refused; /* what is wrong, as the end of a sentence; NULL: nothing so far */
    uint8_t *bytes;      /* saving: what has been written */
    size_t size, room;
    /* Saving, if set: takes whole pages at once, without a copy, and what was written before them. */
    void (*put)(void *ctx, const void *bytes, size_t n);
    void *ctx;
    const uint8_t *at; /* loading: what is left */
    size_t left;
};

void snap_save(struct snap *s); /* begin; snap_end frees */
void snap_load(struct snap *s, const void *bytes, size_t n);
void snap_end(struct snap *s);
void snap_flush(struct snap *s); /* what has been written goes to `put` */

static inline bool snap_ok(const struct snap *s)
{
    return !s->refused;
}
/* The first reason stays. */
void snap_refuse(struct snap *s, const char *why);
/* Refuses when loading and `good` is false; the answer is snap_ok. */
bool snap_expect(struct snap *s, bool good, const char *why);

void snap_raw(struct snap *s, void *bytes, size_t n);
void snap_u8(struct snap *s, uint8_t *v);
void snap_u16(struct snap *s, uint16_t *v);
void snap_u32(struct snap *s, uint32_t *v);
void snap_u64(struct snap *s, uint64_t *v);
void snap_i32(struct snap *s, int32_t *v);
void snap_bool(struct snap *s, bool *v); /* 0 or 1 */
void snap_unsigned(struct snap *s, unsigned *v);
/* A number below `end`. */
void snap_below8(struct snap *s, uint8_t *v, uint32_t end);
void snap_below16(struct snap *s, uint16_t *v, uint32_t end);
/* How many follow: at most `max`, each of at least `bytes` bytes (not 0) in what is left. 0 when refused. */
uint32_t snap_count(struct snap *s, size_t n, uint32_t max, uint32_t bytes);
/* A string of at most `max` bytes, or NULL; loading, the caller frees it. */
void snap_string(struct snap *s, char **text, uint32_t max);
/* Text in an array of `size` bytes, its 0 included. */
void snap_text(struct snap *s, char *text, size_t size);
/* Zeroed host memory while loading; NULL: refused. */
void *snap_new(struct snap *s, size_t count, size_t size);

/* A structure got a member: its walk must get it, too. The figures are those of LP64 hosts on x86-64. */
#if defined(__x86_64__) && defined(__LP64__)
#define SNAP_SIZE(type, bytes)                                                                     \
    _Static_assert(sizeof(type) == (bytes),                                                        \
                   #type " has changed: so must what a snapshot keeps of it")
#else
#define SNAP_SIZE(type, bytes) _Static_assert(sizeof(type) > 0, "")
#endif

#endif
