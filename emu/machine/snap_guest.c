/* snap_guest.c: sections of a snapshot: the INtime kernel and what the machine keeps for its threads, the files that were
 * loaded, the environment, and calls that are not there. See snapshot.h. */
#include <stdlib.h>
#include <string.h>

#include "snapshot.h"

#define BYTES_MAX  0x10000000u /* of one file: what file_read takes */
#define FOLDER_MAX 65536u
#define LOADED_MAX 65536u
#define NAME_BYTES 96u

/* --- KERNEL --- */

static void kernel_load(struct snap *s, rt386 *m)
{
    const struct rt_config config = port_config(m);
    port_init(m);
    if (irq_messages(m) != ST_OK) {
        snap_refuse(s, "the addresses of messages are taken");
        return;
    }
    m->thread_fpu = snap_new(s, GDT_SLOTS, sizeof *m->thread_fpu);
    m->fault_segs = snap_new(s, GDT_SLOTS, sizeof *m->fault_segs);
    if (snap_ok(s)) m->kernel = rt_kernel_load(&config, &m->port, s);
}

void part_kernel(struct snap *s, rt386 *m)
{
    if (s->loading && m->wants_kernel) {
        kernel_load(s, m);
    } else if (m->kernel) {
        const char *bad = rt_kernel_save(m->kernel, s);
        if (bad) snap_refuse(s, bad);
    }
}

/* --- THREADS: coprocessor and segment registers of those that do not run --- */

#define SLOT_IDLE 3u /* the idle thread's TSS */
#define THREAD    2u /* the type of a thread's object */

static bool is_thread(const rt386 *m, uint32_t slot)
{
    struct rt_slot_info info;
    if (slot == SLOT_IDLE) return true;
    return rt_slot_info(m->kernel, (uint16_t)slot, &info) && info.type == THREAD;
}

static void fpu_snap(struct snap *s, struct thread_fpu *f)
{
    x87_snap(s, &f->x87);
    sse_snap(s, &f->sse);
}

static void segs_snap(struct snap *s, struct fault_segs *f)
{
    for (unsigned i = 0; i < 6; i++)
        seg_snap(s, &f->seg[i]);
}

void part_threads(struct snap *s, rt386 *m)
{
    for (uint32_t i = 0; m->kernel && i < GDT_SLOTS && snap_ok(s); i++) {
        if (!is_thread(m, i)) continue;
        fpu_snap(s, &m->thread_fpu[i]);
        segs_snap(s, &m->fault_segs[i]);
    }
}

/* --- IMAGES: the files as they were, parsed anew --- */

static void image_parse_anew(struct snap *s, struct loaded *l, size_t n, enum image_kind kind,
                             uint32_t raw_base)
{
    char err[IMAGE_ERR_MAX] = "";
    status_t st = image_parse(l->bytes, n, kind, raw_base, &l->image, err, sizeof err);
    if (st != ST_OK)
        snap_refuse(s, st == ST_NOMEM ? "the host has no memory for it" : "a file is none");
}

static void loaded_snap(struct snap *s, struct loaded *l)
{
    uint8_t kind = l->image ? (uint8_t)l->image->kind : 0;
    uint32_t raw_base = l->image ? l->image->entry : 0; /* a raw image is entered at its start */
    uint32_t n = snap_count(s, l->image ? l->image->file_size : 0, BYTES_MAX, 1);
    if (s->loading) l->bytes = snap_new(s, n, 1);
    if (!l->bytes) return;
    snap_raw(s, l->bytes, n);
    snap_below8(s, &kind, IMAGE_RAW + 1);
    snap_u32(s, &raw_base);
    snap_text(s, l->name, sizeof l->name);
    snap_string(s, &l->folder, FOLDER_MAX);
    bool *flags[] = {&l->of_guest, &l->ended, &l->told};
    for (unsigned i = 0; i < 3; i++)
        snap_bool(s, flags[i]);
    snap_u16(s, &l->process);
    snap_u32(s, &l->linear_base);
    snap_u32(s, &l->delta);
    if (s->loading && snap_ok(s)) image_parse_anew(s, l, n, (enum image_kind)kind, raw_base);
}

void part_images(struct snap *s, rt386 *m)
{
    uint32_t n = snap_count(s, m->loaded_count, LOADED_MAX, 25);
    if (s->loading) {
        m->loaded = snap_new(s, n, sizeof(struct loaded *));
        m->loaded_room = m->loaded && n ? n : 0;
    }
    for (uint32_t i = 0; i < n && snap_ok(s); i++) {
        if (s->loading) m->loaded[i] = snap_new(s, 1, sizeof(struct loaded));
        if (!m->loaded[i]) return;
        if (s->loading) m->loaded_count = i + 1;
        loaded_snap(s, m->loaded[i]);
    }
}

/* --- ENVIRON --- */

void part_environment(struct snap *s, rt386 *m)
{
    uint32_t n = snap_count(s, m->environment_size, ENVIRONMENT_MAX, 1);
    if (!n) return;
    if (s->loading) m->environment = snap_new(s, n, 1);
    if (!m->environment) return;
    snap_raw(s, m->environment, n);
    m->environment_size = n;
    snap_expect(s, m->environment[n - 1] == 0, "the environment has no end");
}

/* --- MISSING: imports that nothing supplies, and what was called of them --- */

static void called_snap(struct snap *s, rt386_missing_call *c)
{
    snap_text(s, c->name, sizeof c->name);
    snap_text(s, c->module, sizeof c->module);
    snap_u32(s, &c->offset);
    snap_u32(s, &c->address);
    for (unsigned i = 0; i < 4; i++)
        snap_u32(s, &c->argument[i]);
    snap_u32(s, &c->times);
}

SNAP_SIZE(rt386_missing_call, 188);
void part_missing(struct snap *s, rt386 *m)
{
    uint32_t n = snap_count(s, m->missing_count, 0x10000, 4);
    if (s->loading && n) m->missing = snap_new(s, n, sizeof *m->missing);
    for (uint32_t i = 0; i < n && m->missing; i++)
        snap_text(s, m->missing[i], sizeof m->missing[i]);
    m->missing_count = m->missing ? n : 0;
    n = snap_count(s, m->called_count, RT386_MISSING_MAX, 36);
    if (s->loading && n) m->called = snap_new(s, n, sizeof *m->called);
    for (uint32_t i = 0; i < n && m->called; i++)
        called_snap(s, &m->called[i]);
    m->called_count = m->called ? n : 0;
}

/* --- from one machine to the other --- */

#define SWAP(a, b)                                                                                 \
    do {                                                                                           \
        __typeof__(a) swap_ = (a);                                                                 \
        (a) = (b);                                                                                 \
        (b) = swap_;                                                                               \
    } while (0)

static void kernel_take(rt386 *m, rt386 *from)
{
    if (m->kernel) bus_unmap_mmio(m->bus, phys(MSI_ADDRESS));
    SWAP(m->kernel, from->kernel);
    SWAP(m->thread_fpu, from->thread_fpu);
    SWAP(m->fault_segs, from->fault_segs);
    if (!m->kernel) return;
    port_init(m);
    rt_kernel_attach(m->kernel, &m->port);
    (void)irq_messages(m); /* the same addresses were free in a machine of the same memory */
}

void parts_take(rt386 *m, rt386 *from)
{
    m->config.undefined = from->config.undefined;
    bus_take_memory(m->bus, from->bus);
    kernel_take(m, from);
    SWAP(m->loaded, from->loaded);
    SWAP(m->loaded_count, from->loaded_count);
    SWAP(m->loaded_room, from->loaded_room);
    SWAP(m->environment, from->environment);
    SWAP(m->environment_size, from->environment_size);
    SWAP(m->missing, from->missing);
    SWAP(m->missing_count, from->missing_count);
    SWAP(m->called, from->called);
    SWAP(m->called_count, from->called_count);
    files_take(m, from);
    m->leaving_count = 0;
    m->insn_module = (struct rt_module_info){0};
}
