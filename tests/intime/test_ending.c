/* The end of a process: whatever it has and wherever its threads stand, nothing of it stays. A child that uses every
 * kind of object is ended after each number of steps and in each way, ten thousand times; then the node has what it
 * had before the child. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dir.h"
#include "ending.h"
#include "hostmem.h"
#include "kn.h"
#include "queue.h"

#define CYCLES 10000u
#define WALK   61u /* in each so manieth one the invariants are walked after each call */
#define LAST_WAIT                                                                                  \
    WAIT_SERVE /* up to here, each kind of wait but those of states_expect has a step */

/* What the node has that a process could leave behind. */
struct balance {
    unsigned slots, frames, processes, threads, names, areas, sponsors, dependencies, messages;
    unsigned regions, handlers, files;
    uint32_t
        entries;     /* sum of the IDT and of the kernel's code, which has a stub for each vector */
    uint16_t masked; /* lines */
    long blocks;     /* of the host's memory; records of dead processes are kept on purpose */
    uint32_t lent, objects, used;
    uint64_t alarm;
};

static void balance_interrupts(const struct fake *f, struct balance *b)
{
    const struct rt_kernel *k = f->k;
    for (unsigned n = 0; n < INTERRUPTS; n++)
        b->handlers += k->interrupt[n].used;
    for (uint32_t i = 0; i < 256 * 8; i++)
        b->entries = b->entries * 31 + f->ram[k->idt - FAKE_RAM_BASE + i];
    for (uint32_t i = 0; i < PAGE; i++)
        b->entries = b->entries * 31 + f->ram[k->code - FAKE_RAM_BASE + i];
    b->masked = f->imr;
}

static struct balance balance_of(const struct fake *f)
{
    const struct rt_kernel *k = f->k;
    struct balance b = {
        .slots = k->free_count, .lent = k->root->pool.lent, .used = k->root->pool.used};
    for (uint32_t i = 0; i < k->frames; i++)
        b.frames += k->frame[i].owner != NULL;
    for (unsigned i = 0; i < k->process_count; i++) {
        const struct process *p = k->process[i];
        if (!p->alive) continue;
        b.processes++;
        b.objects += p->objects;
        b.names += p->dir_used;
        b.areas += p->area_count;
        for (const struct thread *t = p->threads; t; t = t->next)
            b.threads++;
    }
    for (const struct sponsor *s = k->sponsors; s; s = s->next)
        b.sponsors++;
    for (const struct dependency *d = k->dependencies; d; d = d->next)
        b.dependencies++;
    for (const struct message *m = k->described; m; m = m->next)
        b.messages++;
    b.regions = k->kn_region_count;
    b.alarm = k->alarm;
    b.files = f->files_open;
    b.blocks = hostmem_blocks() - (long)k->process_count;
    balance_interrupts(f, &b);
    return b;
}

static void expect_same(const struct balance *a, const struct balance *b, const char *where)
{
    cr_assert_eq(a->slots, b->slots, "%s: %u free slots, were %u", where, b->slots, a->slots);
    cr_assert_eq(a->frames, b->frames, "%s: %u frames, were %u", where, b->frames, a->frames);
    cr_assert_eq(a->processes, b->processes, "%s: processes", where);
    cr_assert_eq(a->threads, b->threads, "%s: threads", where);
    cr_assert_eq(a->names, b->names, "%s: %u names, were %u", where, b->names, a->names);
    cr_assert_eq(a->areas, b->areas, "%s: %u areas, were %u", where, b->areas, a->areas);
    cr_assert_eq(a->sponsors, b->sponsors, "%s: sponsors", where);
    cr_assert_eq(a->dependencies, b->dependencies, "%s: dependencies", where);
    cr_assert_eq(a->messages, b->messages, "%s: long messages", where);
    cr_assert_eq(a->regions, b->regions, "%s: low-level regions", where);
    cr_assert_eq(a->handlers, b->handlers, "%s: interrupt handlers", where);
    cr_assert_eq(a->entries, b->entries, "%s: the IDT", where);
    cr_assert_eq(a->masked, b->masked, "%s: lines masked: %04X, were %04X", where, b->masked,
                 a->masked);
    cr_assert_eq(a->files, b->files, "%s: %u open files, were %u", where, b->files, a->files);
    cr_assert_eq(a->blocks, b->blocks, "%s: %ld blocks of host memory, were %ld", where, b->blocks,
                 a->blocks);
    cr_assert(a->lent == b->lent && a->used == b->used, "%s: the root's pool", where);
    cr_assert_eq(a->objects, b->objects, "%s: objects", where);
    cr_assert_eq(a->alarm, b->alarm, "%s: alarm at %llu, was %llu", where,
                 (unsigned long long)b->alarm, (unsigned long long)a->alarm);
}

/* --- the parent --- */

/* The parent's main thread waits at its gate, with the best priority. */
static void parent_waits(struct life *l)
{
    CALL3(l->f, "WaitForRtSemaphore", l->gate, 1, WAIT_FOREVER);
}

/* It goes on, whatever runs. False: a thread has stopped the scheduler. */
static bool parent_runs(struct life *l)
{
    struct object *gate = object_find(l->f->k, l->gate);
    gate->units++;
    semaphore_serve(l->f->k, gate);
    fake_run(l->f);
    bool runs = rt_current_process(l->f->k) == l->parent;
    cr_assert(runs || l->f->k->current->locks);
    return runs;
}

/* Files without contents. */
static int32_t disk(void *ctx, struct rt_file_op *op)
{
    struct fake *f = ctx;
    if (op->kind == RT_FILE_OPEN) f->files_open++;
    if (op->kind == RT_FILE_CLOSE) f->files_open--;
    return 0;
}

/* The parent's own objects are new in each cycle, as the child changes what is in them. */
static void parent_prepares(struct life *l)
{
    uint8_t end[2];
    struct fake *f = l->f;
    l->own = (struct things){0};
    l->workers = l->grandchild = l->wait = 0;
    l->kn_sem = l->kn_region = l->kn_mail = l->kn_alarm = 0;
    l->served = l->asking = 0;
    life_things(l, &l->theirs);
    l->theirs.kn_region = CALL2(f, "knCreateRtSemaphore", E_KN, KN_REGION | 4);
    l->watch_gate = CALL3(f, "CreateRtSemaphore", 0, WATCHERS, 0);
    l->watch = CALL4(f, "CreateRtProcess", E_NAME, 0, 0, 0);
    parent_waits(l);
    life_watchers(l);
    cr_assert(parent_runs(l));
    l->child = CALL5(f, "CreateRtProcessEx", E_NAME, 0, 0, 0, E_RESULT);
    fake_get(f, E_RESULT, end, sizeof end);
    l->child_end = get16(end);
    cr_assert_eq(f->leave_status, E_OK, "%s", rt_status_name(f->leave_status));
}

static void parent_cleans(struct life *l)
{
    struct fake *f = l->f;
    for (unsigned i = 0; i < f->k->process_count; i++) { /* those that the child has started */
        const struct process *p = f->k->process[i];
        if (p->alive && !p->system && p->handle != l->parent)
            CALL2(f, "DeleteRtProcess", p->handle, 0);
    }
    uint32_t ended = CALL3(f, "WaitForRtProcessEx", l->child_end, 0, E_RESULT);
    cr_assert(ended == l->child || f->leave_status == E_EXIST); /* a watcher got it */
    CALL2(f, "UncatalogRtHandle", 0, fake_string(f, "THEIRS"));
    CALL1(f, "DeleteRtSemaphore", l->theirs.sem);
    CALL1(f, "DeleteRtSemaphore", l->watch_gate);
    CALL1(f, "DeleteRtRegion", l->theirs.region);
    CALL1(f, "DeleteRtMailbox", l->theirs.handles);
    CALL1(f, "DeleteRtMailbox", l->theirs.data);
    CALL1(f, "DeleteRtAlarm", l->theirs.alarm);
    CALL1(f, "DeleteRtQueue", l->theirs.queue);
    CALL1(f, "DeleteRtHeap", CALL1(f, "DetachRtHeap", l->theirs.port));
    CALL1(f, "DeleteRtPort", l->theirs.port);
    CALL1(f, "DeleteRtHeap", l->theirs.heap);
    CALL1(f, "DeleteRtMemoryHandle", l->theirs.segment);
    CALL1(f, "FreeRtMemory", l->theirs.memory);
    while (CALL3(f, "RtNotifyEvent", 15, 0, E_INFO)) {
    }
    cr_assert_eq(rt_current_process(f->k), l->parent);
}

static struct life *life_new(void)
{
    struct life *l = calloc(1, sizeof *l);
    struct fake *f = l->f = fake_new(0x800000, 700);
    struct rt_process_attr attr = {.name = "PARENT", .pool_min = 0x40000, .pool_max = 0xffffffffu};
    l->parent = fake_process(f, &attr);
    fake_run(f);
    f->k->port.file = disk;
    CALL2(f, "SetRtProcessMaxPriority", 0, PRIORITY_LINES + 1); /* it masks no line */
    CALL2(f, "SetRtThreadPriority", 0, PRIORITY_LINES + 1);
    CALL4(f, "SetRtInterruptHandlerEx", E_SHARED, 0, FAKE_IMAGE + 0x10, 0);
    fake_put(f, E_NAME, "child.rta", 10);
    l->gate = CALL3(f, "CreateRtSemaphore", 0, 1, 0);
    CALL3(f, "RtNotifyEvent", 3, 0, E_INFO); /* it listens */
    CALL1(f, "RegisterRtSponsor", fake_string(f, "PARENT"));
    parent_prepares(l); /* its lists have grown when the first balance is taken */
    CALL2(f, "DeleteRtProcess", l->child, 0);
    parent_cleans(l);
    return l;
}

/* --- the child --- */

static bool child_alive(const struct life *l)
{
    const struct object *o = object_find(l->f->k, l->child);
    return o && o->type == TYPE_PROCESS && o->process->alive;
}

/* Some thread of the child has the processor; time goes on if need be. */
static bool child_runs(struct life *l)
{
    struct fake *f = l->f;
    for (unsigned i = 0; i < 8 && child_alive(l); i++) {
        const struct thread *t = f->k->current;
        if (t && t->process->handle == l->child) return true;
        if (t) /* a grandchild's, or a watcher's */
            CALL1(f, "RtSleep", 655349);
        else if (f->alarm == UINT64_MAX)
            return false;
        else
            fake_time(f, f->alarm);
    }
    return false;
}

static void child_steps(struct life *l, unsigned n)
{
    for (unsigned i = 0; i < n && child_runs(l); i++) {
        const struct step *s =
            &life_steps[i < life_step_count ? i : life_random(l, life_step_count)];
        if (s->waits && life_random(l, 8)) life_worker(l);
        if (child_runs(l)) s->act(l);
    }
}

/* --- its end --- */

/* In which states threads were when their process ended. */
struct states {
    unsigned wait[32], stopped[32]; /* by enum wait_kind; suspended besides */
    unsigned running, ready, faulted, regions, low_regions, locks, doomed, signalled;
};

static void states_see(struct states *s, const struct life *l)
{
    const struct thread *t = object_find(l->f->k, l->child)->process->threads;
    for (; t; t = t->next) {
        s->wait[t->wait]++;
        s->stopped[t->wait] += t->depth && t->wait != WAIT_SELF;
        s->running += t == l->f->k->current;
        s->ready += t->queued;
        s->faulted += t->faulted;
        s->regions += t->held != 0;
        s->low_regions += t->kn_held != 0;
        s->locks += t->locks != 0;
        s->doomed += t->doomed;
        s->signalled += t->interrupt && t->interrupt->count;
    }
}

/* Not seen: a start of the child itself, a load (nothing else runs meanwhile: in_a_load), a service that never comes, the
 * network (test_net_ends.c). */
static void states_expect(const struct states *s)
{
    static const char *const kinds[] = {
#define RT_WAIT(kind, state, late, at) #kind,
#include "waits.def"
#undef RT_WAIT
    };
    for (unsigned i = 0; i <= LAST_WAIT; i++) {
        if (i == WAIT_START || i == WAIT_LOAD || i == WAIT_IO || i == WAIT_SOCKET) continue;
        cr_expect(s->wait[i], "no thread was in state %s", kinds[i]);
        if (i == WAIT_SELF || i == WAIT_INTERRUPT)
            continue; /* interrupt threads are not suspended */
        cr_expect(s->stopped[i], "none was suspended in state %s", kinds[i]);
    }
    cr_expect(s->running && s->ready && s->faulted && s->regions && s->low_regions && s->locks &&
              s->doomed && s->signalled);
}

enum way { BY_DELETE, BY_TERMINATE, BY_EXIT, BY_FAULT, BY_HANDLER, BY_MACHINE, WAYS };

static void by_machine(struct life *l)
{
    struct rt_effects fx;
    rt_process_delete(l->f->k, (uint16_t)l->child, &fx);
    fake_apply(l->f, &fx);
}

/* The machine ends it while it looks for a program or a library that it wants. */
static void in_a_load(struct life *l)
{
    struct fake *f = l->f;
    f->loads_later = true;
    if (life_random(l, 2))
        CALL4(f, "CreateRtProcess", E_NAME, 0, 0, 0);
    else
        CALL1(f, "LoadRtLibrary", fake_string(f, "one.rsl"));
    by_machine(l);
    f->loads_later = false;
}

/* A handler of the shared level faults, in whichever thread it interrupted. */
static void by_handler(struct life *l)
{
    struct rt_kernel *k = l->f->k;
    uint16_t cs = object_find(k, l->child)->process->ring0_cs;
    uint32_t room[8];
    if (!cs) return;
    fake_chain(l->f, E_VECTOR, 0, room);
    cr_assert(room[3] && k->chain_locks);
    fake_fault_at(l->f, 14, 2, cs);
    cr_assert_not(child_alive(l));
    cr_assert(k->chain_locks == 0 && k->message_level == 0);
}

static void end_child(struct life *l, enum way way)
{
    struct fake *f = l->f;
    if (way == BY_EXIT && child_runs(l)) CALL1(f, "clib_exit", 3);
    f->k->config.on_fault = RT_FAULT_REPORT;
    if (way == BY_FAULT && child_runs(l)) fake_fault(f, 14, 4);
    if (way == BY_HANDLER && child_runs(l)) by_handler(l);
    if (child_alive(l) && (way == BY_DELETE || way == BY_TERMINATE) && parent_runs(l)) {
        if (way == BY_DELETE) CALL2(f, "DeleteRtProcess", l->child, 0);
        if (way == BY_TERMINATE) CALL3(f, "TerminateRtProcess", l->child, 1, 0);
        parent_waits(l);
    }
    if (way == BY_MACHINE && child_runs(l)) in_a_load(l);
    if (child_alive(l)) by_machine(l); /* it holds a region, or has no thread that runs */
    cr_assert_not(child_alive(l));
}

static void cycle(struct life *l, unsigned number, const struct balance *before,
                  struct states *states)
{
    char where[64];
    unsigned steps = number % (life_step_count * 2);
    l->seed = number / WAYS;
    snprintf(where, sizeof where, "cycle %u, %u steps", number, steps);
    l->f->walk = number % WALK == 0;
    parent_prepares(l);
    parent_waits(l);
    child_steps(l, steps);
    if (child_alive(l)) states_see(states, l);
    end_child(l, (enum way)(number % WAYS));
    const char *bad = rt_kernel_check(l->f->k);
    cr_assert_null(bad, "%s: after the end: %s", where, bad);
    if (rt_current_process(l->f->k) != l->parent) cr_assert(parent_runs(l), "%s", where);
    parent_cleans(l);
    struct balance after = balance_of(l->f);
    bad = fake_check(l->f);
    cr_assert_null(bad, "%s: %s", where, bad);
    expect_same(before, &after, where);
}

/* Numbers from ... on, so that two processors share the work. */
static void cycles(unsigned from, unsigned count)
{
    struct life *l = life_new();
    struct balance before = balance_of(l->f);
    struct states states = {0};
    for (unsigned i = from; i < from + count; i++)
        cycle(l, i, &before, &states);
    if (fake_share(CYCLES) == CYCLES) states_expect(&states); /* a share meets fewer */
    fake_free(l->f);
    free(l);
}

Test(ending, nothing_stays_first_half)
{
    cycles(0, fake_share(CYCLES) / 2);
}

Test(ending, nothing_stays_second_half)
{
    cycles(CYCLES / 2, fake_share(CYCLES) / 2);
}
