/* dirlong.c: what stands in a directory, and names that are too long for one.
 *
 *   entry    short name = "~" and 11 letters and digits worked out from the long name, which is kept beside it
 */
#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "dir.h"

#define ENTRY_SIZE      16u
#define ENTRY_LONG_SIZE 20u /* before the long name */
#define ROOM_AT         16u /* in: room for the long name; out: its length */
#define DIR_HEADER      6u
#define STATUS_INVALID  3u /* of the long form; the short form has 0 */

/* --- InspectRtProcessDirectory(process, directory): WORDs +0 room (in), +2 entries, +4 size; entries --- */

static void entry_put(const struct entry *e, uint8_t *to)
{
    memset(to, 0, ENTRY_SIZE);
    to[0] = e->length;
    memcpy(to + 1, e->name, NAME_MAX_LEN);
    to[13] = e->status;
    if (e->status == ENTRY_VALID) put16(to + 14, e->handle);
}

uint32_t vrfy_InspectRtProcessDirectory(struct rt_kernel *k, struct call *c)
{
    uint8_t room[2];
    uint32_t status = process_get(k, c, c->arg[0], E_EXIST);
    if (status != E_OK) return status;
    if (k->port.user_read(k->port.ctx, c->arg[1], room, sizeof room) != RT_REACH_OK)
        return E_BAD_ADDR;
    c->pages = get16(room);
    if (c->pages > c->target->dir_used) c->pages = c->target->dir_used;
    uint32_t size = DIR_HEADER + c->pages * ENTRY_SIZE - 2; /* the room has been read already */
    return k->port.user_check(k->port.ctx, c->arg[1] + 2, size, true) == RT_REACH_OK ? E_OK
                                                                                     : E_BAD_ADDR;
}

void impl_InspectRtProcessDirectory(struct rt_kernel *k, struct call *c)
{
    const struct process *p = c->target;
    uint8_t bytes[ENTRY_SIZE];
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->dir_size && n < c->pages; i++) {
        if (p->dir[i].status == ENTRY_FREE) continue;
        entry_put(&p->dir[i], bytes);
        call_put(k, c->arg[1] + DIR_HEADER + n++ * ENTRY_SIZE, bytes, sizeof bytes);
    }
    put16(bytes, (uint16_t)n);
    put16(bytes + 2, (uint16_t)p->dir_size);
    call_put(k, c->arg[1] + 2, bytes, 4);
    c->eax = 1;
}

/* --- GetRtProcessDirectoryEntry(process, index, entry), ...Long --- */

static uint32_t entry_check(struct rt_kernel *k, struct call *c)
{
    uint32_t status = process_get(k, c, c->arg[0], E_EXIST);
    if (status != E_OK) return status;
    return c->arg[1] < c->target->dir_size ? E_OK : E_PARAM;
}

uint32_t vrfy_GetRtProcessDirectoryEntry(struct rt_kernel *k, struct call *c)
{
    uint32_t status = entry_check(k, c);
    return status == E_OK ? call_writable(k, c->arg[2], ENTRY_SIZE) : status;
}

void impl_GetRtProcessDirectoryEntry(struct rt_kernel *k, struct call *c)
{
    uint8_t bytes[ENTRY_SIZE];
    entry_put(&c->target->dir[c->arg[1]], bytes);
    call_put(k, c->arg[2], bytes, sizeof bytes);
    c->eax = 1;
}

static uint32_t long_length(const struct entry *e)
{
    return e->long_name ? (uint32_t)strlen(e->long_name) : 0;
}

uint32_t vrfy_GetRtProcessDirectoryEntryLong(struct rt_kernel *k, struct call *c)
{
    uint8_t room[4];
    uint32_t status = entry_check(k, c), at = c->arg[2];
    if (status != E_OK) return status;
    if (k->port.user_read(k->port.ctx, at + ROOM_AT, room, sizeof room) != RT_REACH_OK)
        return E_BAD_ADDR;
    uint32_t length = long_length(&c->target->dir[c->arg[1]]);
    c->off = length < get32(room) ? length : get32(room);
    bool there = k->port.user_check(k->port.ctx, at, ENTRY_LONG_SIZE + c->off, true) == RT_REACH_OK;
    return there ? E_OK : E_BAD_ADDR;
}

void impl_GetRtProcessDirectoryEntryLong(struct rt_kernel *k, struct call *c)
{
    const struct entry *e = &c->target->dir[c->arg[1]];
    uint8_t bytes[ENTRY_LONG_SIZE] = {0};
    bytes[0] = e->status == ENTRY_FREE ? STATUS_INVALID : e->status;
    if (e->status == ENTRY_VALID) put16(bytes + 1, e->handle);
    bytes[3] = e->length;
    memcpy(bytes + 4, e->name, NAME_MAX_LEN);
    put32(bytes + ROOM_AT, long_length(e));
    call_put(k, c->arg[2], bytes, sizeof bytes);
    if (c->off) call_put(k, c->arg[2] + ENTRY_LONG_SIZE, e->long_name, c->off);
    c->eax = 1;
}

/* --- long names --- */

static struct entry *long_find(const struct process *p, const char *name)
{
    for (uint32_t i = 0; i < p->dir_size; i++) {
        struct entry *e = &p->dir[i];
        if (e->status != ENTRY_FREE && e->long_name && !strcmp(e->long_name, name)) return e;
    }
    return NULL;
}

/* A short name that no other entry has. */
static void long_key(const struct process *p, const char *name, char *key)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *name; name++)
        hash = (hash ^ (uint8_t)*name) * 0x100000001b3u;
    do {
        key[0] = '~';
        for (unsigned i = 1; i < NAME_MAX_LEN; i++)
            key[i] = digits[hash >> (i * 5) & 31];
        key[NAME_MAX_LEN] = 0;
        hash += 1u << 5;
    } while (dir_find(p, key, NAME_MAX_LEN));
}

static uint32_t long_check(struct rt_kernel *k, struct call *c, uint32_t remote)
{
    if (c->str_reach != RT_REACH_OK) return E_BAD_ADDR;
    if (c->str_length == 0 || c->str_length >= PATH_BYTES) return E_PARAM;
    return process_get(k, c, c->arg[0], remote);
}

/* Room and host memory for a name that is not there yet. */
static uint32_t long_room(struct call *c)
{
    if (c->target->dir_used == c->target->dir_size) return E_LIMIT;
    c->host = strdup(c->str);
    return c->host ? E_OK : E_LIMIT;
}

static struct entry *long_new(struct call *c, enum entry_status status)
{
    char key[NAME_MAX_LEN + 1];
    long_key(c->target, c->str, key);
    struct entry *e = dir_new(c->target, key, NAME_MAX_LEN);
    e->status = (uint8_t)status;
    e->long_name = c->host;
    c->host = NULL;
    return e;
}

/* --- CatalogRtHandleLong(process, object, name) --- */

uint32_t vrfy_CatalogRtHandleLong(struct rt_kernel *k, struct call *c)
{
    uint32_t status = long_check(k, c, E_EXIST);
    if (status != E_OK) return status;
    if (c->arg[1] != NULL_RTHANDLE && !object_find(k, c->arg[1])) return E_EXIST;
    const struct entry *e = long_find(c->target, c->str);
    if (e) return e->status == ENTRY_VALID ? E_CONTEXT : E_OK;
    return long_room(c);
}

void impl_CatalogRtHandleLong(struct rt_kernel *k, struct call *c)
{
    struct entry *e = long_find(c->target, c->str);
    if (!e) e = long_new(c, ENTRY_WAITED);
    char key[NAME_MAX_LEN + 1] = "";
    memcpy(key, e->name, e->length);
    dir_add(k, c->target, key, (uint16_t)c->arg[1]);
    c->eax = 1;
}

/* --- LookupRtHandleLong(process, name, ms) --- */

uint32_t vrfy_LookupRtHandleLong(struct rt_kernel *k, struct call *c)
{
    uint32_t ms = c->arg[2], status = long_check(k, c, E_INVALID_ADDRESS);
    if (status == E_OK && !exchange_ms(ms)) status = E_PARAM;
    if (status != E_OK) return status;
    if (c->target->dir_size == 0) return E_CONTEXT;
    const struct entry *e = long_find(c->target, c->str);
    if (e && e->status == ENTRY_VALID) return e->handle == NULL_RTHANDLE ? E_EXIST : E_OK;
    if (ms < HIGH_TICK_US / 1000) return E_TIME;
    return e ? E_OK : long_room(c);
}

void impl_LookupRtHandleLong(struct rt_kernel *k, struct call *c)
{
    struct entry *e = long_find(c->target, c->str);
    if (e && e->status == ENTRY_VALID) {
        c->eax = e->handle;
        return;
    }
    if (!e) e = long_new(c, ENTRY_WAITED);
    dir_wait(k, c, e->name, e->length, c->arg[2]);
}
