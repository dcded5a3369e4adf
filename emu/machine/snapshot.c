/* snapshot.c: a machine as bytes, and back: the frame around the sections, and what loading does in which order.
 *
 *   "RT386SNP" | version | section | section | ... | section "END"
 *   section:  name, 8 bytes | version | flags | bytes, 64 bits | content
 *
 * Loading fills a second machine, so that bytes which turn out to be wrong leave the first one as it was. Then what is large
 * changes hands, and the rest is read once more, into its place.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rt386/snapshot.h>

#include "snapshot.h"

#define MAGIC        "RT386SNP"
#define VERSION      1u
#define NAME_BYTES   8u
#define HEAD_BYTES   24u
#define OPTIONAL     1u /* flags: who does not know the section may skip it */
#define SECTIONS_MAX 256u

struct part {
    char name[NAME_BYTES + 1];
    void (*walk)(struct snap *s, rt386 *m);
    bool again; /* also into the machine itself; the others change hands */
};

/* In the order in which they are read, whatever their order in the bytes. */
static const struct part parts[] = {
    {"CONFIG", part_config, false},   {"MACHINE", part_machine, true},
    {"MEMORY", part_memory, false},   {"KERNEL", part_kernel, false},
    {"CPU", part_cpu, true},          {"THREADS", part_threads, false},
    {"DEVICES", part_devices, true},  {"SOURCES", part_sources, true},
    {"IMAGES", part_images, false},   {"ENVIRON", part_environment, false},
    {"MISSING", part_missing, false}, {"FOLDER", part_folder, false},
    {"NETWORK", part_network, true},  {"EVENTS", part_events, true},
};
#define PARTS        (sizeof parts / sizeof parts[0])
#define PART_VERSION 1u

/* --- saving --- */

static void head_put(struct snap *s, const char *name, uint64_t n)
{
    char text[NAME_BYTES] = "";
    uint32_t version = PART_VERSION, flags = 0;
    memcpy(text, name, strlen(name));
    snap_raw(s, text, sizeof text);
    snap_u32(s, &version);
    snap_u32(s, &flags);
    snap_u64(s, &n);
}

/* The length comes when it is known. */
static void part_put(struct snap *s, const struct part *part, rt386 *m)
{
    size_t at = s->size;
    head_put(s, part->name, 0);
    size_t from = s->size;
    part->walk(s, m);
    if (snap_ok(s)) put64(s->bytes + at + HEAD_BYTES - 8, s->size - from);
}

/* The large one: its pages go out as they are. */
static void memory_put(struct snap *s, rt386 *m,
                       void (*put)(void *ctx, const void *bytes, size_t n), void *ctx)
{
    head_put(s, "MEMORY", bus_snap_size(m->bus));
    s->put = put;
    s->ctx = ctx;
    part_memory(s, m);
}

static void all_put(struct snap *s, rt386 *m, void (*put)(void *ctx, const void *bytes, size_t n),
                    void *ctx)
{
    uint32_t version = VERSION;
    snap_raw(s, MAGIC, NAME_BYTES);
    snap_u32(s, &version);
    for (unsigned i = 0; i < PARTS && snap_ok(s); i++)
        if (parts[i].walk != part_memory) part_put(s, &parts[i], m);
    if (snap_ok(s)) memory_put(s, m, put, ctx); /* nothing can fail any more */
    head_put(s, "END", 0);
    snap_flush(s);
}

static rt386_status busy(rt386 *m)
{
    if (m->in_observer || m->running)
        return machine_fail(m, RT386_E_STATE, "a snapshot is taken or loaded between runs only");
    if (m->bare_log)
        return machine_fail(m, RT386_E_STATE, "a machine for test vectors has no snapshots");
    return RT386_OK;
}

rt386_status machine_snapshot(rt386 *m, bool guest_only,
                              void (*put)(void *ctx, const void *bytes, size_t n), void *ctx)
{
    struct snap s;
    rt386_status st = RT386_OK;
    snap_save(&s);
    s.guest_only = guest_only;
    all_put(&s, m, put, ctx);
    if (!snap_ok(&s))
        st = machine_fail(m, RT386_E_STATE, "no snapshot can be made now: %s", s.refused);
    snap_end(&s);
    return st;
}

rt386_status rt386_snapshot_save(const rt386 *from,
                                 void (*put)(void *ctx, const void *bytes, size_t n), void *ctx)
{
    rt386 *m = (rt386 *)from; /* the walk writes only when it loads */
    if (!put) return machine_fail(m, RT386_E_ARG, "a snapshot needs somebody who takes its bytes");
    rt386_status st = busy(m);
    return st == RT386_OK ? machine_snapshot(m, false, put, ctx) : st;
}

/* --- loading: where the sections are --- */

struct found {
    const uint8_t *at[PARTS]; /* NULL: not there */
    size_t n[PARTS];
};

static int part_named(const char name[NAME_BYTES])
{
    for (unsigned i = 0; i < PARTS; i++) {
        char text[NAME_BYTES] = "";
        memcpy(text, parts[i].name, strlen(parts[i].name));
        if (!memcmp(text, name, NAME_BYTES)) return (int)i;
    }
    return -1;
}

/* NULL, or what is wrong; *end: it was the last one. */
static const char *section_next(struct snap *s, struct found *f, bool *end)
{
    char name[NAME_BYTES];
    uint32_t version = 0, flags = 0;
    uint64_t n = 0;
    snap_raw(s, name, sizeof name);
    snap_u32(s, &version);
    snap_u32(s, &flags);
    snap_u64(s, &n);
    if (!snap_ok(s) || n > s->left) return "it ends too early";
    *end = !memcmp(name, "END\0\0\0\0\0", NAME_BYTES);
    int i = part_named(name);
    if (i < 0 && !*end && !(flags & OPTIONAL))
        return "it has a section that this version does not know";
    if (i >= 0 && version != PART_VERSION) return "a section of it has another version";
    if (i >= 0 && f->at[i]) return "it has a section twice";
    if (i >= 0) {
        f->at[i] = s->at;
        f->n[i] = (size_t)n;
    }
    s->at += n;
    s->left -= (size_t)n;
    return NULL;
}

static const char *sections_find(const void *bytes, size_t n, struct found *f)
{
    struct snap s;
    char magic[NAME_BYTES];
    uint32_t version = 0;
    bool end = false;
    *f = (struct found){0};
    snap_load(&s, bytes, n);
    snap_raw(&s, magic, sizeof magic);
    snap_u32(&s, &version);
    if (!snap_ok(&s) || memcmp(magic, MAGIC, NAME_BYTES)) return "these bytes are no snapshot";
    if (version > VERSION) return "it was made by a newer version of rt386";
    if (version != VERSION) return "its version is unknown";
    for (unsigned i = 0; i < SECTIONS_MAX && !end; i++) {
        const char *bad = section_next(&s, f, &end);
        if (bad) return bad;
    }
    if (!end || s.left) return "its end is not where it should be";
    for (unsigned i = 0; i < PARTS; i++)
        if (!f->at[i]) return "a section of it is missing";
    return NULL;
}

/* --- loading: into a second machine, then into the first --- */

static const char *part_load(rt386 *m, const struct found *f, unsigned i)
{
    struct snap s;
    snap_load(&s, f->at[i], f->n[i]);
    parts[i].walk(&s, m);
    if (snap_ok(&s) && s.left) return "a section of it is longer than what it holds";
    return s.refused;
}

static rt386_status twin_make(rt386 *m, rt386 **twin)
{
    rt386_config c = m->config;
    c.console = NULL;
    c.log = NULL;
    c.post = NULL;
    c.idle = NULL;
    rt386_status st = rt386_create(&c, twin);
    if (st == RT386_OK && m->net) st = rt386_share_loopback(*twin);
    if (st == RT386_OK) return st;
    rt386_destroy(*twin);
    return machine_fail(m, st, "the host has no memory for a second machine");
}

static rt386_status twin_load(rt386 *m, rt386 *twin, const struct found *f)
{
    for (unsigned i = 0; i < PARTS; i++) {
        const char *bad = part_load(twin, f, i);
        if (!bad) continue;
        if (parts[i].walk == part_config)
            return machine_fail(m, RT386_E_ARG, "the snapshot is that of another machine: %s", bad);
        return machine_fail(m, RT386_E_FORMAT, "the snapshot is refused: section %s: %s",
                            parts[i].name, bad);
    }
    return RT386_OK;
}

/* Nothing here can fail. */
static void twin_become(rt386 *m, rt386 *twin, const struct found *f)
{
    events_disarm(m);
    parts_take(m, twin);
    for (unsigned i = 0; i < PARTS; i++)
        if (parts[i].again) (void)part_load(m, f, i);
    observe_wire(m);
}

rt386_status rt386_snapshot_load(rt386 *m, const void *bytes, size_t n)
{
    struct found f;
    rt386 *twin = NULL;
    if (n && !bytes) return machine_fail(m, RT386_E_ARG, "no bytes of a snapshot");
    rt386_status st = busy(m);
    if (st != RT386_OK) return st;
    if (m->record)
        return machine_fail(m, RT386_E_STATE, "a snapshot cannot be loaded into a recording");
    const char *bad = sections_find(bytes, n, &f);
    if (bad) return machine_fail(m, RT386_E_FORMAT, "the snapshot is refused: %s", bad);
    st = twin_make(m, &twin);
    if (st != RT386_OK) return st;
    st = twin_load(m, twin, &f);
    if (st == RT386_OK) twin_become(m, twin, &f);
    rt386_destroy(twin);
    return st;
}

rt386_status rt386_snapshot_config(const void *bytes, size_t n, rt386_config *config, char *err,
                                   size_t err_size)
{
    struct found f;
    const char *bad = n && !bytes ? "no bytes" : sections_find(bytes, n, &f);
    if (!bad) bad = config_read(f.at[0], f.n[0], config);
    if (err && err_size) snprintf(err, err_size, "%s", bad ? bad : "");
    return bad ? RT386_E_FORMAT : RT386_OK;
}
