/* ksnap.c: the kernel as a whole, to and from a snapshot. See ksnap.h. */
#include "ksnap.h"

#include <stdlib.h>

#include "kn.h"

#define NO_PROCESS 0xffffu
#define NO_THREAD  0u
#define HANDLER    0xffffu /* k->in_handler */

/* --- references --- */

static uint16_t process_number(struct ksnap *x, const struct process *p)
{
    if (!p) return NO_PROCESS;
    if (p == x->last) return (uint16_t)x->last_number;
    for (unsigned i = 0; i < x->k->process_count; i++) {
        if (x->k->process[i] != p) continue;
        x->last = x->k->process[i];
        x->last_number = i;
        return (uint16_t)i;
    }
    snap_refuse(x->s, "the kernel names a process that it does not have");
    return NO_PROCESS;
}

void ref_process(struct ksnap *x, struct process **p)
{
    uint16_t number = x->s->loading ? 0 : process_number(x, *p);
    snap_u16(x->s, &number);
    if (!x->s->loading) return;
    *p = NULL;
    if (number == NO_PROCESS || !snap_ok(x->s)) return;
    if (snap_expect(x->s, number < x->k->process_count, "there is no process of that number"))
        *p = x->k->process[number];
}

void ref_process_need(struct ksnap *x, struct process **p)
{
    ref_process(x, p);
    snap_expect(x->s, *p && (*p)->alive, "a process that must be there is missing");
}

void ref_thread(struct ksnap *x, struct thread **t)
{
    uint16_t number = NO_THREAD;
    if (!x->s->loading && *t) number = *t == &x->k->in_handler ? HANDLER : (*t)->handle >> 3;
    snap_u16(x->s, &number);
    if (!x->s->loading) return;
    *t = NULL;
    if (number == NO_THREAD || !snap_ok(x->s)) return;
    if (number == HANDLER)
        *t = &x->k->in_handler;
    else if (number < x->k->slots)
        *t = x->thread[number];
    snap_expect(x->s, *t != NULL, "there is no thread of that number");
}

void ref_slot(struct ksnap *x, uint16_t *index)
{
    snap_below16(x->s, index, x->k->slots);
}

/* --- the head: the configuration must be the same --- */

static void same32(struct snap *s, uint32_t value)
{
    uint32_t other = value;
    snap_u32(s, &other);
    snap_expect(s, other == value, "the kernel was configured in another way");
}

/* The processor's kind is for RQSYSINFO, which boot writes and memory keeps. */
SNAP_SIZE(struct rt_config, 48);
static void config_snap(struct ksnap *x)
{
    const struct rt_config *c = &x->k->config;
    uint32_t version = KSNAP_VERSION;
    snap_u32(x->s, &version);
    snap_expect(x->s, version == KSNAP_VERSION, "the kernel's part has another version");
    same32(x->s, c->ram_base);
    same32(x->s, c->ram_size);
    same32(x->s, c->gdt_slots);
    same32(x->s, c->low_tick_us);
    same32(x->s, c->on_fault);
    same32(x->s, c->xm_size);
    same32(x->s, c->kn_pages);
    same32(x->s, c->io_missing);
    same32(x->s, (uint32_t)c->start_time);
    same32(x->s, (uint32_t)(c->start_time >> 32));
}

/* --- the kernel's own members --- */

static void layout_snap(struct snap *s, struct rt_kernel *k)
{
    snap_u32(s, &k->gdt);
    snap_u32(s, &k->directory);
    snap_u32(s, &k->idt);
    snap_u32(s, &k->code);
    snap_u32(s, &k->texts);
    snap_u32(s, &k->idle_tss);
    snap_u32(s, &k->sysinfo);
    snap_u32(s, &k->block_base);
    snap_u32(s, &k->space);
    snap_u16(s, &k->running);
}

static void time_snap(struct snap *s, struct rt_kernel *k)
{
    snap_u64(s, &k->now);
    snap_u64(s, &k->alarm);
    snap_u64(s, &k->order);
    snap_u64(s, &k->slice_from);
    snap_u64(s, &k->account_from);
    snap_u64(s, &k->clock_base);
    snap_u64(s, &k->tick_base);
    snap_bool(s, &k->accounting);
    snap_bool(s, &k->idle_told);
}

SNAP_SIZE(struct rt_kernel, 13480);
static void members_snap(struct snap *s, struct rt_kernel *k)
{
    layout_snap(s, k);
    time_snap(s, k);
    snap_u32(s, &k->message_id);
    snap_u16(s, &k->lines_masked);
    snap_bool(s, &k->messages_masked);
    snap_u16(s, &k->message_level);
    snap_unsigned(s, &k->chain_locks);
    snap_bool(s, &k->flush);
    handler_snap(s, &k->hardware);
}

/* --- frames: runs of equal ones --- */

#define RUN_BYTES 10u

static uint32_t frame_run(const struct rt_kernel *k, uint32_t from)
{
    uint32_t to = from + 1;
    while (to < k->frames && k->frame[to].owner == k->frame[from].owner &&
           k->frame[to].refs == k->frame[from].refs)
        to++;
    return to - from;
}

SNAP_SIZE(struct frame, 16);
static void frame_snap(struct ksnap *x, struct frame *f)
{
    ref_process(x, &f->owner);
    snap_u32(x->s, &f->refs);
    snap_expect(x->s, !f->owner == !f->refs, "a frame has holders but no owner");
}

static void frames_snap(struct ksnap *x)
{
    struct rt_kernel *k = x->k;
    for (uint32_t i = 0; i < k->frames && snap_ok(x->s);) {
        uint32_t run = x->s->loading ? 0 : frame_run(k, i);
        snap_u32(x->s, &run);
        if (!snap_expect(x->s, run && run <= k->frames - i, "frames run over their end")) return;
        frame_snap(x, &k->frame[i]);
        for (uint32_t n = 1; x->s->loading && n < run; n++)
            k->frame[i + n] = k->frame[i];
        i += run;
    }
    k->first_free = 0;
    while (k->first_free < k->frames && k->frame[k->first_free].owner)
        k->first_free++;
}

/* --- who has which part of the classic space --- */

static void vsegs_snap(struct ksnap *x)
{
    struct process **at = x->k->vseg_at;
    for (uint32_t i = 0; i < 1024 && snap_ok(x->s);) {
        uint16_t run = 1;
        while (i + run < 1024 && at[i + run] == at[i])
            run++;
        snap_u16(x->s, &run);
        if (!snap_expect(x->s, run && run <= 1024 - i, "address space runs over its end")) return;
        ref_process(x, &at[i]);
        for (uint32_t n = 1; n < run; n++)
            at[i + n] = at[i];
        i += run;
    }
}

/* --- the ready queue --- */

static uint32_t ready_count(const struct rt_kernel *k)
{
    uint32_t n = 0;
    for (const struct thread *t = k->ready; t; t = t->next_ready)
        n++;
    return n;
}

static void ready_snap(struct ksnap *x)
{
    struct rt_kernel *k = x->k;
    ref_thread(x, &k->current);
    snap_expect(x->s, k->current != &k->in_handler, "an interrupt handler is no thread");
    uint32_t n = snap_count(x->s, ready_count(k), k->slots, 2);
    struct thread **at = &k->ready;
    for (uint32_t i = 0; i < n && snap_ok(x->s); i++) {
        struct thread *t = *at;
        ref_thread(x, &t);
        bool good = t && t != &k->in_handler && !(x->s->loading && t->queued);
        if (!snap_expect(x->s, good, "the ready queue holds no thread, or one twice")) return;
        t->queued = true;
        *at = t;
        at = &t->next_ready;
    }
}

/* --- effects that nobody has drained yet --- */

SNAP_SIZE(struct rt_segdef, 16);
void segdef_snap(struct snap *s, struct rt_segdef *d)
{
    snap_u8(s, &d->kind);
    snap_u8(s, &d->dpl);
    snap_u8(s, &d->count);
    snap_bool(s, &d->granular);
    snap_u16(s, &d->target);
    snap_u32(s, &d->base);
    snap_u32(s, &d->limit);
}

SNAP_SIZE(struct rt_effect, 80);
static void effect_snap(struct ksnap *x, struct rt_effect *e)
{
    snap_below8(x->s, &e->kind, RT_FX_FLUSH + 1);
    snap_u8(x->s, &e->reason);
    ref_slot(x, &e->slot);
    snap_u16(x->s, &e->selector);
    snap_u32(x->s, &e->eax);
    snap_u32(x->s, &e->edx);
    snap_u32(x->s, &e->code);
    snap_u64(x->s, &e->due_us);
    segdef_snap(x->s, &e->seg);
    bool told = e->kind == RT_FX_LOG || e->kind == RT_FX_CONSOLE || e->kind == RT_FX_MISSING ||
                e->kind == RT_FX_PROCESS_END;
    if (told) snap_refuse(x->s, "an effect with a text is under way");
}

static void effects_snap(struct ksnap *x)
{
    struct rt_kernel *k = x->k;
    if (k->queue_lost) snap_refuse(x->s, "the kernel has lost effects");
    uint32_t n = snap_count(x->s, k->queue_count, k->queue_size, 40);
    for (uint32_t i = 0; i < n && snap_ok(x->s); i++)
        effect_snap(x, &k->queue[(k->queue_head + i) % k->queue_size]);
    k->queue_count = n;
}

/* --- all --- */

static void kernel_snap(struct ksnap *x)
{
    struct rt_kernel *k = x->k;
    config_snap(x);
    members_snap(x->s, k);
    processes_snap(x);
    sponsors_snap(x);
    messages_snap(x, &k->described, true);
    loads_snap(x);
    slots_snap(x);
    objects_snap(x);
    for (unsigned i = 0; i < k->process_count && snap_ok(x->s); i++)
        process_snap(x, k->process[i]);
    thread_snap(x, &k->in_handler);
    frames_snap(x);
    vsegs_snap(x);
    shared_snap(x);
    interrupts_snap(x);
    kn_regions_snap(x);
    ready_snap(x);
    effects_snap(x);
}

const char *rt_kernel_save(const struct rt_kernel *k, struct snap *s)
{
    if (!k->booted) return "the kernel has not been booted";
    struct ksnap x = {.s = s, .k = (struct rt_kernel *)k};
    kernel_snap(&x);
    return s->refused;
}

/* What a machine of the same memory could not have done is refused; walked last, when every number is known to be one
 * that can be followed. */
static const char *kernel_look(const struct rt_kernel *k)
{
    const char *bad = ksnap_check(k);
    return bad ? bad : rt_kernel_check(k);
}

struct rt_kernel *rt_kernel_load(const struct rt_config *config, const struct rt_port *port,
                                 struct snap *s)
{
    struct rt_kernel *k = kernel_room(config, port);
    struct ksnap x = {.s = s, .k = k};
    if (k) x.thread = calloc(k->slots, sizeof *x.thread);
    if (!k || !x.thread) {
        snap_refuse(s, "the host has no memory for it");
        rt_kernel_free(k);
        return NULL;
    }
    k->booted = true;
    kernel_snap(&x);
    free(x.thread);
    const char *bad = snap_ok(s) ? kernel_look(k) : NULL;
    if (bad) snap_refuse(s, bad);
    if (snap_ok(s)) return k;
    rt_kernel_free(k);
    return NULL;
}

void rt_kernel_attach(struct rt_kernel *k, const struct rt_port *port)
{
    k->port = *port;
}
