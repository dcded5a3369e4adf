#include "snap.h"

#include <stdlib.h>
#include <string.h>

#include "bits.h"

#define FIRST_ROOM 65536u
#define WHOLE      4096u /* bytes from here on are not copied */

void snap_save(struct snap *s)
{
    *s = (struct snap){0};
}

void snap_load(struct snap *s, const void *bytes, size_t n)
{
    *s = (struct snap){.loading = true, .at = bytes, .left = n};
}

void snap_end(struct snap *s)
{
    free(s->bytes);
    s->bytes = NULL;
    s->size = s->room = 0;
}

void snap_refuse(struct snap *s, const char *why)
{
    if (!s->refused) s->refused = why;
}

bool snap_expect(struct snap *s, bool good, const char *why)
{
    if (s->loading && !good) snap_refuse(s, why);
    return snap_ok(s);
}

static bool grow(struct snap *s, size_t n)
{
    size_t room = s->room ? s->room : FIRST_ROOM;
    while (room - s->size < n && room <= SIZE_MAX / 2)
        room *= 2;
    uint8_t *bytes = room - s->size < n ? NULL : realloc(s->bytes, room);
    if (!bytes) {
        snap_refuse(s, "the host has no memory for it");
        return false;
    }
    s->bytes = bytes;
    s->room = room;
    return true;
}

void snap_flush(struct snap *s)
{
    if (s->size && snap_ok(s)) s->put(s->ctx, s->bytes, s->size);
    s->size = 0;
}

static void save_raw(struct snap *s, const void *bytes, size_t n)
{
    if (s->put && n >= WHOLE && snap_ok(s)) {
        snap_flush(s);
        s->put(s->ctx, bytes, n);
        return;
    }
    if (s->refused || (s->room - s->size < n && !grow(s, n))) return;
    if (n) memcpy(s->bytes + s->size, bytes, n);
    s->size += n;
}

static void load_raw(struct snap *s, void *bytes, size_t n)
{
    if (s->left < n) snap_refuse(s, "it ends too early");
    if (s->refused) {
        memset(bytes, 0, n);
        return;
    }
    if (n) memcpy(bytes, s->at, n);
    s->at += n;
    s->left -= n;
}

void snap_raw(struct snap *s, void *bytes, size_t n)
{
    if (s->loading)
        load_raw(s, bytes, n);
    else
        save_raw(s, bytes, n);
}

void snap_u8(struct snap *s, uint8_t *v)
{
    snap_raw(s, v, 1);
}

void snap_u16(struct snap *s, uint16_t *v)
{
    uint8_t raw[2];
    put16(raw, *v);
    snap_raw(s, raw, sizeof raw);
    if (s->loading) *v = get16(raw);
}

void snap_u32(struct snap *s, uint32_t *v)
{
    uint8_t raw[4];
    put32(raw, *v);
    snap_raw(s, raw, sizeof raw);
    if (s->loading) *v = get32(raw);
}

void snap_u64(struct snap *s, uint64_t *v)
{
    uint8_t raw[8];
    put64(raw, *v);
    snap_raw(s, raw, sizeof raw);
    if (s->loading) *v = get64(raw);
}

void snap_i32(struct snap *s, int32_t *v)
{
    uint32_t bits = (uint32_t)*v;
    snap_u32(s, &bits);
    if (s->loading) *v = (int32_t)bits;
}

void snap_bool(struct snap *s, bool *v)
{
    uint8_t byte = *v;
    snap_u8(s, &byte);
    if (!s->loading) return;
    snap_expect(s, byte <= 1, "a truth value is neither 0 nor 1");
    *v = byte == 1;
}

void snap_unsigned(struct snap *s, unsigned *v)
{
    uint32_t n = *v;
    snap_u32(s, &n);
    if (s->loading) *v = n;
}

void snap_below8(struct snap *s, uint8_t *v, uint32_t end)
{
    snap_u8(s, v);
    if (!snap_expect(s, *v < end, "a number is out of its range") && s->loading) *v = 0;
}

void snap_below16(struct snap *s, uint16_t *v, uint32_t end)
{
    snap_u16(s, v);
    if (!snap_expect(s, *v < end, "a number is out of its range") && s->loading) *v = 0;
}

uint32_t snap_count(struct snap *s, size_t n, uint32_t max, uint32_t bytes)
{
    uint32_t count = (uint32_t)n;
    if (!s->loading && n > max) snap_refuse(s, "there is more than a snapshot has room for");
    snap_u32(s, &count);
    bool fits = count <= max && (uint64_t)count * bytes <= s->left;
    if (!snap_expect(s, fits, "a count is higher than it can be")) return 0;
    return count;
}

void snap_string(struct snap *s, char **text, uint32_t max)
{
    bool there = *text != NULL;
    snap_bool(s, &there);
    if (s->loading) *text = NULL;
    if (!there) return;
    uint32_t n = snap_count(s, s->loading ? 0 : strlen(*text), max, 1);
    if (!snap_ok(s)) return;
    if (s->loading) *text = snap_new(s, n + 1u, 1);
    if (*text) snap_raw(s, *text, n);
    snap_expect(s, !*text || strlen(*text) == n, "a text has a zero inside");
}

void snap_text(struct snap *s, char *text, size_t size)
{
    uint32_t n = snap_count(s, s->loading ? 0 : strnlen(text, size - 1), (uint32_t)(size - 1), 1);
    if (s->loading) memset(text, 0, size);
    snap_raw(s, text, n);
    snap_expect(s, strlen(text) == n, "a text has a zero inside");
}

void *snap_new(struct snap *s, size_t count, size_t size)
{
    void *memory = snap_ok(s) ? calloc(count ? count : 1, size) : NULL;
    if (!memory) snap_refuse(s, "the host has no memory for it");
    return memory;
}
