/* A random run against a plain model: maps of handles, pages and names, with no code shared with the
 * kernel; now and then the host has no memory for what a call needs. After each call the kernel's own invariants are
 * walked, after each step: status, result, counts, the descriptor. A run that fails is shrunk (steps.h).
 * RT386_MODEL_SEED and RT386_MODEL_STEPS make it a run of other seeds and lengths: scripts/soak; RT386_MODEL_REPLAY plays
 * one run. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostmem.h"
#include "model.h"

uint32_t rnd(struct model *m, uint32_t below)
{
    return steps_draw(m->s, below);
}

struct m_proc *cur(struct model *m)
{
    return &m->proc[m->now];
}

bool starved(struct model *m, uint32_t status, const char *what)
{
    if (!hostmem_failed()) return false;
    MUST(m, m->f->leave_status == status, "%s without host memory: %s", what,
         rt_status_name(m->f->leave_status));
    hostmem_fail(0);
    m->s->verdict->count[STARVED]++;
    return true;
}

void expect(struct model *m, uint32_t status, const char *what)
{
    MUST(m, !hostmem_failed(), "%s: it did not say E_MEM", what);
    MUST(m, m->f->leave_status == status, "%s: %s instead of %s", what,
         rt_status_name(m->f->leave_status), rt_status_name(status));
    m->s->verdict->count[status == E_OK ? WENT_WELL : REFUSED]++;
}

/* --- the model's idea of memory --- */

static bool page_mapped(const struct model *m, unsigned proc, uint32_t off)
{
    if (off >= FAKE_IMAGE && off < FAKE_IMAGE + 0x4000) return true;
    if (off >= 0x10000 && off < 0x15000) return true; /* stack of four pages, thread block */
    if (off >= 0x7fe000) return off < 0x800000;       /* texts */
    for (unsigned i = 0; i < BLOCKS; i++) {
        const struct m_block *b = &m->block[i];
        if (b->used && b->proc == proc && off >= b->off && off - b->off < b->size) return true;
    }
    return false;
}

static bool range_mapped(const struct model *m, unsigned proc, uint32_t off, uint32_t size)
{
    for (uint64_t at = off & ~0xfffu; at < (uint64_t)off + size; at += 0x1000)
        if (at >= 0x800000 || !page_mapped(m, proc, (uint32_t)at)) return false;
    return true;
}

static struct m_block *block_new(struct model *m)
{
    for (unsigned i = 0; i < BLOCKS; i++)
        if (!m->block[i].used) return &m->block[i];
    return NULL;
}

static struct m_block *block_pick(struct model *m)
{
    for (unsigned tries = 0; tries < 40; tries++) {
        struct m_block *b = &m->block[rnd(m, BLOCKS)];
        if (b->used && b->proc == m->now) return b;
    }
    return NULL;
}

static void block_take(struct model *m, uint32_t at, uint32_t size, bool mapping)
{
    struct m_block *b = block_new(m);
    uint32_t off = at & ~0xfffu;
    size = (at - off + size + 0xfff) & ~0xfffu;
    for (uint32_t p = off; p < off + size; p += 0x1000)
        MUST(m, !page_mapped(m, m->now, p), "%08X was in use", p);
    MUST(m, off >= 0x10000);
    MUST(m, off + size <= 0x800000);
    *b = (struct m_block){true, mapping, m->now, off, size};
}

/* --- commands --- */

static void do_allocate(struct model *m)
{
    if (!block_new(m)) return;
    static const uint32_t sizes[] = {0,      1,        4096,     4097,     20000,
                                     100000, 0x7fffff, 0x800000, 0x800001, 0xffffffff};
    uint32_t size = rnd(m, 4) ? 1 + rnd(m, 40000) : sizes[rnd(m, 10)];
    uint32_t at = CALL1(m->f, "AllocateRtMemory", size);
    if (starved(m, E_MEM, "AllocateRtMemory")) return;
    if (size == 0 || size > 0x800000) {
        expect(m, fake_xm() && size ? E_VMEM : E_PARAM, "AllocateRtMemory");
        return;
    }
    if (m->f->leave_status == E_OK) {
        MUST(m, at % 4096 == 0);
        block_take(m, at, size, false);
    } else if (m->f->leave_status != E_MEM) {
        expect(m, E_VMEM, "AllocateRtMemory");
        MUST(m, size > 0x200000, "no room for %u bytes", size);
    }
}

static void do_free(struct model *m)
{
    struct m_block *b = block_pick(m);
    if (!b || rnd(m, 8) == 0) {
        static const uint32_t bad[] = {0, 0xfff, 0x800000, 0xffffffff, FAKE_IMAGE, FAKE_RO};
        CALL1(m->f, "FreeRtMemory", bad[rnd(m, 6)]);
        expect(m, E_BAD_ADDR, "FreeRtMemory");
        return;
    }
    uint32_t inside = rnd(m, b->size), cut = b->mapping ? inside & ~0xfffu : 0;
    uint32_t got = CALL1(m->f, "FreeRtMemory", b->off + inside);
    expect(m, E_OK, "FreeRtMemory");
    MUST(m, got == b->size - cut, "%X bytes freed", got);
    b->size = cut;
    b->used = cut != 0;
}

static struct m_handle *handle_pick(struct model *m)
{
    for (unsigned tries = 0; tries < 60; tries++) {
        struct m_handle *h = &m->handle[rnd(m, HANDLES)];
        if (h->used) return h;
    }
    return NULL;
}

static struct m_handle *handle_new(struct model *m)
{
    for (unsigned i = 0; i < HANDLES; i++)
        if (!m->handle[i].used) return &m->handle[i];
    return NULL;
}

static void handle_range(struct model *m, uint32_t *off, uint32_t *size)
{
    const struct m_block *b = block_pick(m);
    static const uint32_t sizes[] = {0,       1,        0xfff,      0x1001,
                                     0xfffff, 0x100001, 0x80000001, 0xffffffff};
    *off = b ? b->off + rnd(m, b->size) : rnd(m, 0x800000);
    *size = rnd(m, 5) ? 1 + rnd(m, b ? b->size : 4096) : sizes[rnd(m, 8)];
    if (rnd(m, 10) == 0) *off = 0xffffff00u + rnd(m, 256);
}

static void do_create(struct model *m)
{
    uint32_t off, size;
    handle_range(m, &off, &size);
    struct m_handle *h = handle_new(m);
    if (!h) return;
    uint32_t covered = size > 0x100000 ? ((size - 1) | 0xfff) + 1 : size;
    uint32_t value = CALL2(m->f, "CreateRtMemoryHandle", off, size);
    if (starved(m, E_MEM, "CreateRtMemoryHandle")) return;
    if (size == 0) {
        expect(m, E_PARAM, "CreateRtMemoryHandle");
    } else if (!range_mapped(m, m->now, off, size) || !covered ||
               !range_mapped(m, m->now, off, covered)) {
        expect(m, E_BAD_ADDR, "CreateRtMemoryHandle");
    } else if (cur(m)->objects == cur(m)->limit) {
        expect(m, E_LIMIT, "CreateRtMemoryHandle");
    } else if (m->free_slots == 0) {
        expect(m, E_SLOT, "CreateRtMemoryHandle");
    } else if (m->f->leave_status != E_MEM) {
        expect(m, E_OK, "CreateRtMemoryHandle");
        for (unsigned i = 0; i < HANDLES; i++)
            MUST(m, !m->handle[i].used || m->handle[i].handle != value, "%04X twice", value);
        *h = (struct m_handle){true, m->now, (uint16_t)value, off, covered};
        m->free_slots--;
        cur(m)->objects++;
        const struct rt_segdef *seg = &m->f->gdt[value >> 3];
        MUST(m, seg->limit == covered - 1 && seg->dpl == 3);
        MUST(m, fake_describes(m->f, seg->base, m->f->k->current->process, off));
    }
}

static void do_delete(struct model *m)
{
    struct m_handle *h = handle_pick(m);
    if (!h || rnd(m, 6) == 0) {
        uint32_t other = rnd(m, 2) ? m->proc[rnd(m, 3)].handle : 0x0818;
        CALL1(m->f, "DeleteRtMemoryHandle", other);
        expect(m, other == 0x0818 ? E_EXIST : E_TYPE, "DeleteRtMemoryHandle");
        return;
    }
    CALL1(m->f, "DeleteRtMemoryHandle", h->handle);
    expect(m, E_OK, "DeleteRtMemoryHandle");
    MUST(m, !m->f->present[h->handle >> 3]);
    m->proc[h->proc].objects--;
    m->free_slots++;
    h->used = false;
    CALL1(m->f, "GetRtSize", h->handle);
    expect(m, E_EXIST, "GetRtSize");
}

static void do_size(struct model *m)
{
    const struct m_handle *h = handle_pick(m);
    if (!h) return;
    MUST(m, CALL1(m->f, "GetRtSize", h->handle) == h->size);
    expect(m, E_OK, "GetRtSize");
    uint32_t off = rnd(m, h->size);
    MUST(m, CALL4(m->f, "GetRtLinearAddress", h->handle, off, 1, 0) ==
                m->f->gdt[h->handle >> 3].base + off);
}

static void do_map(struct model *m)
{
    const struct m_handle *h = handle_pick(m);
    if (!h || !block_new(m)) return;
    uint32_t at = CALL1(m->f, "MapRtSharedMemory", h->handle);
    if (starved(m, E_MEM, "MapRtSharedMemory")) return;
    if (!range_mapped(m, h->proc, h->off, h->size)) {
        expect(m, E_NOT_ALLOCATED, "MapRtSharedMemory");
        return;
    }
    if (m->f->leave_status == E_MEM || m->f->leave_status == E_VMEM) return;
    expect(m, E_OK, "MapRtSharedMemory");
    MUST(m, at % 4096 == h->off % 4096);
    block_take(m, at, h->size, true);
    /* the same bytes through both */
    uint8_t a = 0, b = 1;
    uint32_t probe = rnd(m, h->size);
    m->f->k->port.lin_read(m->f, m->f->gdt[h->handle >> 3].base + probe, &a, 1);
    m->f->k->port.lin_read(m->f, cur(m)->base + at + probe, &b, 1);
    MUST(m, a == b);
}

static void do_write(struct model *m)
{
    const struct m_block *b = block_pick(m);
    uint8_t byte = (uint8_t)rnd(m, 256), back = 0;
    if (!b) return;
    uint32_t off = b->off + rnd(m, b->size);
    enum rt_reach reach = m->f->k->port.user_write(m->f, off, &byte, 1);
    if (!b->mapping) MUST(m, reach == RT_REACH_OK);
    if (reach != RT_REACH_OK) return;
    fake_get(m->f, off, &back, 1);
    MUST(m, back == byte);
}

static uint32_t name_pick(struct model *m, unsigned *n)
{
    char text[13];
    *n = rnd(m, NAMES);
    snprintf(text, sizeof text, "NAME %u", *n);
    return fake_string(m->f, text);
}

static void do_catalog(struct model *m)
{
    unsigned n, used = 0, where = rnd(m, 3);
    uint32_t at = name_pick(m, &n);
    struct m_proc *p = &m->proc[where];
    const struct m_handle *h = handle_pick(m);
    for (unsigned i = 0; i < NAMES; i++)
        used += p->name[i].used;
    uint32_t target = where == m->now && rnd(m, 2) ? 0 : p->handle, object = h ? h->handle : 0;
    CALL3(m->f, "CatalogRtHandle", target, object, at);
    if (p->name[n].used) {
        expect(m, E_CONTEXT, "CatalogRtHandle");
    } else if (used == (m->s->def->wrong ? 3u : 16u)) {
        expect(m, E_LIMIT, "CatalogRtHandle");
    } else {
        expect(m, E_OK, "CatalogRtHandle");
        p->name[n] = (struct m_name){true, (uint16_t)object};
    }
}

static void do_lookup(struct model *m)
{
    unsigned n;
    uint32_t at = name_pick(m, &n);
    struct m_proc *p = &m->proc[rnd(m, 3)];
    uint32_t value = CALL3(m->f, "LookupRtHandle", p->handle, at, rnd(m, 10));
    if (!p->name[n].used) {
        expect(m, E_TIME, "LookupRtHandle");
    } else if (!p->name[n].handle) {
        expect(m, E_EXIST, "LookupRtHandle");
    } else {
        expect(m, E_OK, "LookupRtHandle");
        MUST(m, value == p->name[n].handle);
    }
}

static void do_uncatalog(struct model *m)
{
    unsigned n;
    uint32_t at = name_pick(m, &n);
    struct m_proc *p = &m->proc[rnd(m, 3)];
    CALL2(m->f, "UncatalogRtHandle", p->handle, at);
    expect(m, p->name[n].used ? E_OK : E_CONTEXT, "UncatalogRtHandle");
    p->name[n].used = false;
}

static void do_next(struct model *m)
{
    CALL1(m->f, "knRtSleep", 0);
    m->now = (m->now + 1) % 3;
}

static void proc_start(struct model *m, unsigned i)
{
    struct rt_process_attr attr = {.name = "MODEL",
                                   .pool_min = 0x30000,
                                   .pool_max = 0xffffffffu,
                                   .dir_size = 16,
                                   .object_limit = 150,
                                   .xm = fake_xm()};
    struct rt_process_info info = {0};
    uint16_t handle;
    uint32_t status;
    do { /* until there is host memory for it */
        hostmem_fail(rnd(m, 16));
        status = fake_process_try(m->f, &attr, &handle);
        MUST(m, status == (hostmem_failed() ? E_MEM : E_OK), "a process: %s",
             rt_status_name(status));
        m->s->verdict->count[STARVED] += hostmem_failed();
        hostmem_fail(0);
        MUST(m, fake_check(m->f) == NULL, "%s", fake_check(m->f));
    } while (status != E_OK);
    m->proc[i] = (struct m_proc){.handle = handle, .objects = 1, .limit = 150};
    for (unsigned n = 0; rt_process_info(m->f->k, n, &info); n++)
        if (info.alive && info.handle == m->proc[i].handle) m->proc[i].base = info.vseg_base;
}

/* A process ends and another takes its place in the model. */
static void do_end(struct model *m)
{
    if (rnd(m, 12)) return;
    /* it needs slots and memory for its successor: what the dead one had is enough but for orphans */
    unsigned dead = m->now;
    for (unsigned i = 0; i < BLOCKS; i++)
        if (m->block[i].mapping && m->block[i].used && m->block[i].proc != dead) return;
    if (rnd(m, 2))
        CALL0(m->f, "ExitRtProcess");
    else
        fake_fault(m->f, 13, 0);
    for (unsigned i = 0; i < HANDLES; i++)
        if (m->handle[i].used && m->handle[i].proc == dead) {
            m->handle[i].used = false;
            m->free_slots++;
        }
    for (unsigned i = 0; i < BLOCKS; i++)
        if (m->block[i].proc == dead) m->block[i].used = false;
    for (unsigned i = 0; i < BOXES; i++)
        if (m->box[i].used && m->box[i].proc == dead) {
            box_count(m, &m->box[i], 0);
            m->free_slots++;
            m->box[i].used = false;
        }
    for (unsigned i = 0; i < ALARMS; i++)
        if (m->alarm[i].used && m->alarm[i].proc == dead) {
            m->free_slots++;
            m->alarm[i].used = false;
        }
    ports_end(m, dead);
    m->now = (m->now + 1) % 3;
    proc_start(m, dead);
}

static void check(struct model *m)
{
    const char *bad = fake_check(m->f);
    MUST(m, bad == NULL, "%s", bad);
    MUST(m, rt_free_slots(m->f->k) == m->free_slots);
    MUST(m, rt_current_process(m->f->k) == cur(m)->handle);
    struct rt_process_info info = {0};
    for (unsigned n = 0; rt_process_info(m->f->k, n, &info); n++)
        for (unsigned i = 0; i < 3; i++)
            if (info.alive && info.handle == m->proc[i].handle)
                MUST(m, info.objects == m->proc[i].objects);
}

static void (*const commands[])(struct model *) = {
    do_allocate, do_free,         do_create,      do_create,    do_delete,      do_size,
    do_map,      do_write,        do_catalog,     do_lookup,    do_uncatalog,   do_next,
    do_end,      do_box_create,   do_box_send,    do_box_send,  do_box_receive, do_box_delete,
    do_time,     do_alarm_create, do_alarm_poll,  do_alarm_end, do_kn_create,   do_kn_semaphore,
    do_kn_mail,  do_port_create,  do_port_attach, do_port_use,  do_port_delete};
static const char *const names[] = {
    "allocate",   "free",    "create handle", "create handle", "delete handle", "size",
    "map",        "write",   "catalog",       "lookup",        "uncatalog",     "next process",
    "end",        "mailbox", "send",          "send",          "receive",       "delete mailbox",
    "time",       "alarm",   "poll alarm",    "end alarm",     "kn object",     "kn semaphore",
    "kn mailbox", "port",    "attach port",   "use port",      "delete port"};
_Static_assert(sizeof names / sizeof names[0] == sizeof commands / sizeof commands[0],
               "a name for each command");

static void *make(struct steps *s)
{
    struct model *m = calloc(1, sizeof *m);
    m->f = fake_new(0x300000, SLOTS);
    m->s = s;
    m->f->walk = true;
    service_start(m->f);
    for (unsigned i = 0; i < 3; i++)
        proc_start(m, i);
    fake_run(m->f);
    m->free_slots = rt_free_slots(m->f->k);
    return m;
}

static void play(struct steps *s, void *model)
{
    struct model *m = model;
    m->s = s;
    m->f->unsound = steps_unsound;
    m->f->unsound_ctx = s;
    m->f->tell = s->tell;
    for (unsigned kind; steps_next(s, &kind);) {
        hostmem_fail(rnd(m, 4) == 3 ? 1 + rnd(m, 2) : 0);
        commands[kind](m);
        hostmem_fail(0);
        check(m);
    }
    fake_free(m->f);
    free(m);
}

static const struct steps_def model_def = {.name = "model",
                                           .kinds = names,
                                           .kind_count = sizeof names / sizeof names[0],
                                           .longest = 256, /* 200 on average */
                                           .make = make,
                                           .play = play};

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

/* The n-th of four runs. */
static void model_part(unsigned n)
{
    static const uint64_t seeds[] = {1, 386, 7707, 80386};
    uint64_t first = number_of("RT386_MODEL_SEED", 0), seed = first ? first * 4 + n : seeds[n];
    unsigned of[COUNTS_MAX], steps = (unsigned)number_of("RT386_MODEL_STEPS", STEPS) / 4;
    steps_test(&model_def, seed, steps / 200, of);
    cr_expect_gt(of[WENT_WELL], steps / 20, "seed %llu: %u calls went well",
                 (unsigned long long)seed, of[WENT_WELL]);
    cr_expect_gt(of[REFUSED], steps / 20, "seed %llu: %u were refused", (unsigned long long)seed,
                 of[REFUSED]);
    cr_expect_gt(of[STARVED], steps / 1000, "seed %llu: %u times without host memory",
                 (unsigned long long)seed, of[STARVED]);
}

Test(model, seed_1)
{
    model_part(0);
}
Test(model, seed_386)
{
    model_part(1);
}
Test(model, seed_7707)
{
    model_part(2);
}
Test(model, seed_80386)
{
    model_part(3);
}

/* The model with a wrong rule, directories of three names, is found out by the fourth, and by no step that is not
 * needed. */
Test(model, shrinks)
{
    struct steps_def def = model_def;
    struct steps_run *run = steps_run_new();
    char why[600];
    def.wrong = true;
    cr_assert(steps_smallest(&def, 386, 5, run, why), "the wrong rule was not found out");
    cr_expect_not_null(strstr(why, "CatalogRtHandle: E_OK instead of E_LIMIT"), "%s", why);
    cr_expect_eq(run->steps, 4);
    for (unsigned i = 0; i < run->steps; i++)
        cr_expect_str_eq(names[run->kind[i]], "catalog");
    cr_expect_not(steps_fails(&model_def, run), "it fails without the wrong rule");
    steps_run_free(run);
}
