/* look.c: what is looked for, recognised when it happens. Writes are seen on the bus, so also those of the INtime kernel,
 * and cost little; to see instructions begin costs most. */
#include "look.h"

#include <stdio.h>
#include <string.h>

static bool wants(const struct look *k, unsigned i, rt386_seek_kind kind)
{
    return k->seek[i].kind == kind;
}

bool look_in_memory(const struct look *k, unsigned i)
{
    return wants(k, i, RT386_SEEK_WRITE) || wants(k, i, RT386_SEEK_READ);
}

bool look_wanted(const struct look *k, rt386_seek_kind kind)
{
    for (unsigned i = 0; i < k->count; i++)
        if (wants(k, i, kind)) return true;
    return false;
}

static bool at(const struct look *k, rt386_place place)
{
    return place_same(place_now(k->m), place);
}

/* The place where it was looked for, which does not count. */
static bool at_start(const struct look *k, unsigned i)
{
    return !k->braked && !k->seek[i].here && at(k, k->start);
}

/* --- met --- */

static void met(struct look *k, unsigned which, rt386_sighting *s)
{
    if (k->any && k->first) return;
    s->which = which;
    s->place = place_now(k->m);
    bool in_call = !k->m->in_cpu && k->called == s->place.insns;
    snprintf(s->call, sizeof s->call, "%s", in_call ? k->call : "");
    k->last = *s;
    k->any = true;
    k->by_cpu = k->m->in_cpu;
    k->at_start = !k->m->running;
    if (k->first) rt386_stop(k->m);
}

/* False: nothing is mapped there. */
static bool mapped(const rt386 *m, uint32_t linear, uint32_t *at)
{
    struct page_env env = cpu_page_env(&m->cpu);
    struct page_walk walk;
    env.hook = NULL;
    if (is_fault(page_probe(&env, lin(linear), ACCESS_READ, false, &walk))) return false;
    *at = walk.phys.v & m->bus->a20_mask;
    return true;
}

/* --- where it is in memory --- */

static void find_pieces(struct look *k, unsigned i)
{
    const rt386_seek *s = &k->seek[i];
    k->pieces[i] = 0;
    k->waits[i] = false;
    for (uint32_t done = 0, part; done < s->n && k->pieces[i] < PIECES; done += part) {
        struct piece *p = &k->piece[i][k->pieces[i]];
        uint32_t at = k->linear[i] + done;
        part = PAGE_SIZE - (at & PAGE_MASK);
        if (part > s->n - done) part = s->n - done;
        *p = (struct piece){at, part};
        if (s->at.space != RT386_PHYS && !mapped(k->m, at, &p->at))
            k->waits[i] = true;
        else
            k->pieces[i]++;
    }
}

/* Something that was not mapped is looked up again, at an access to the same place in some page. */
static void look_again(struct look *k, unsigned i, uint32_t at, unsigned size)
{
    uint32_t n = k->seek[i].n;
    if (n >= PAGE_SIZE || ((at - k->linear[i]) & PAGE_MASK) < n ||
        ((k->linear[i] - at) & PAGE_MASK) < size)
        find_pieces(k, i);
}

static bool overlaps(struct look *k, unsigned i, uint32_t at, unsigned size)
{
    if (k->waits[i]) look_again(k, i, at, size);
    for (unsigned j = 0; j < k->pieces[i]; j++) {
        const struct piece *p = &k->piece[i][j];
        if (at - p->at < p->n || p->at - at < size) return true;
    }
    return false;
}

void look_bytes(const struct look *k, unsigned which, uint8_t to[16], unsigned *n)
{
    const struct piece *p = &k->piece[which][0];
    *n = p->n < 16 ? p->n : 16;
    memset(to, 0, 16);
    (void)bus_peek(k->m->bus, phys(p->at), to, *n);
}

/* Is an instruction at `linear` the one that is looked for? A page is walked only where the place in it is right. */
static bool begins_at(const struct look *k, unsigned i, uint32_t linear)
{
    uint32_t wanted = k->piece[i][0].at, at;
    if (k->seek[i].at.space != RT386_PHYS) return wanted == linear;
    return !((wanted ^ linear) & PAGE_MASK) && mapped(k->m, linear, &at) && at == wanted;
}

bool look_begins(struct look *k)
{
    const struct i386_state *s = &k->m->cpu.s;
    uint32_t linear = s->seg[CS].sh.base + s->eip;
    bool found = false;
    for (unsigned i = 0; i < k->count; i++) {
        if (!wants(k, i, RT386_SEEK_EXEC) || !begins_at(k, i, linear) ||
            (at(k, k->start) && !k->seek[i].here))
            continue;
        met(k, i, &(rt386_sighting){0});
        found = true;
    }
    return found;
}

bool look_event(struct look *k, unsigned vector)
{
    bool found = false;
    bool known = at(k, k->braked ? k->raised : k->start);
    for (unsigned i = 0; i < k->count; i++) {
        if (!wants(k, i, RT386_SEEK_EVENT) || (known && !k->seek[i].here)) continue;
        if (k->seek[i].vector >= 0 && (unsigned)k->seek[i].vector != vector) continue;
        met(k, i, &(rt386_sighting){.vector = (uint8_t)vector});
        found = true;
    }
    return found;
}

/* --- observers --- */

static void see_write(void *ctx, phys_t at, unsigned size)
{
    struct look *k = ctx;
    for (unsigned i = 0; i < k->count; i++) {
        if (!wants(k, i, RT386_SEEK_WRITE) || !overlaps(k, i, at.v, size)) continue;
        rt386_sighting s = {.at = at.v, .by_kernel = !k->m->in_cpu};
        look_bytes(k, i, s.after, &s.n);
        met(k, i, &s);
    }
}

static void look_read_page(struct look *k, const struct i386_cpu *cpu, lin_t at, unsigned size)
{
    struct page_env env = cpu_page_env(cpu);
    struct page_walk walk;
    env.hook = NULL;
    if (is_fault(page_probe(&env, at, ACCESS_READ, false, &walk))) return;
    uint32_t where = walk.phys.v & cpu->bus->a20_mask;
    for (unsigned i = 0; i < k->count; i++)
        if (wants(k, i, RT386_SEEK_READ) && overlaps(k, i, where, size))
            met(k, i, &(rt386_sighting){.at = where});
}

static void look_read(struct look *k, const struct i386_cpu *cpu, lin_t at, unsigned size)
{
    unsigned first = PAGE_SIZE - (at.v & PAGE_MASK);
    if (first > size) first = size;
    look_read_page(k, cpu, at, first);
    if (first < size) look_read_page(k, cpu, lin(at.v + first), size - first);
}

static void see_mem(void *ctx, const struct i386_cpu *cpu, enum segreg reg, eff_t off, lin_t at,
                    unsigned size, enum access access, uint32_t value)
{
    struct look *k = ctx;
    if (access == ACCESS_READ && look_wanted(k, RT386_SEEK_READ)) look_read(k, cpu, at, size);
    if (k->next.mem) k->next.mem(k->next.ctx, cpu, reg, off, at, size, access, value);
}

static void see_insn(void *ctx, const struct i386_cpu *cpu, const struct insn *in)
{
    struct look *k = ctx;
    if (!k->braked) (void)look_begins(k);
    if (k->next.insn) k->next.insn(k->next.ctx, cpu, in);
}

static void see_event(void *ctx, const struct i386_cpu *cpu, unsigned vector,
                      enum event_source source, fault_t fault)
{
    struct look *k = ctx;
    (void)look_event(k, vector);
    if (k->next.event) k->next.event(k->next.ctx, cpu, vector, source, fault);
}

static void see_selector(void *ctx, const struct i386_cpu *cpu, uint16_t sel, uint8_t cpl,
                         enum seg_purpose purpose, bool located, lin_t where, desc_t desc,
                         fault_t fault)
{
    struct look *k = ctx;
    for (unsigned i = 0; i < k->count; i++)
        if (wants(k, i, RT386_SEEK_SELECTOR) && !at_start(k, i) &&
            (k->seek[i].selector & ~3u) == (sel & ~3u))
            met(k, i, &(rt386_sighting){0});
    if (k->next.selector)
        k->next.selector(k->next.ctx, cpu, sel, cpl, purpose, located, where, desc, fault);
}

static void see_switch(void *ctx, const struct i386_cpu *cpu, uint16_t from, uint16_t to)
{
    struct look *k = ctx;
    for (unsigned i = 0; i < k->count; i++)
        if (wants(k, i, RT386_SEEK_SWITCH) && !at_start(k, i)) met(k, i, &(rt386_sighting){0});
    if (k->next.task) k->next.task(k->next.ctx, cpu, from, to);
}

static void pass_retired(void *ctx, const struct i386_cpu *cpu, const struct insn *in)
{
    struct look *k = ctx;
    k->next.retired(k->next.ctx, cpu, in);
}

static void pass_io(void *ctx, const struct i386_cpu *cpu, uint16_t port, unsigned size, bool out,
                    uint32_t value)
{
    struct look *k = ctx;
    k->next.io(k->next.ctx, cpu, port, size, out, value);
}

static void see_call(void *ctx, const struct rt_call_info *call)
{
    struct look *k = ctx;
    snprintf(k->call, sizeof k->call, "%s", call->name);
    k->called = k->m->cpu.s.insns;
    for (unsigned i = 0; i < k->count; i++)
        if (wants(k, i, RT386_SEEK_CALL) &&
            (!k->seek[i].call || !strcmp(k->seek[i].call, call->name)))
            met(k, i, &(rt386_sighting){0});
    if (k->kernel_next.enter) k->kernel_next.enter(k->kernel_next.ctx, call);
}

static void pass_leave(void *ctx, const struct rt_call_info *call)
{
    struct look *k = ctx;
    if (k->kernel_next.leave) k->kernel_next.leave(k->kernel_next.ctx, call);
}

static void pass_fault(void *ctx, const struct rt_fault_info *info)
{
    struct look *k = ctx;
    if (k->kernel_next.fault) k->kernel_next.fault(k->kernel_next.ctx, info);
}

static void pass_note(void *ctx, const struct i386_cpu *cpu, const struct cpu_note *note)
{
    struct look *k = ctx;
    k->next.note(k->next.ctx, cpu, note);
}

bool look_observers(struct look *k, const struct cpu_observer *next,
                    const struct rt_observer *kernel_next)
{
    k->next = next ? *next : (struct cpu_observer){0};
    k->kernel_next = kernel_next ? *kernel_next : (struct rt_observer){0};
    const struct cpu_observer *n = &k->next;
    k->cpu = (struct cpu_observer){
        .ctx = k,
        .insn = (look_wanted(k, RT386_SEEK_EXEC) && !k->braked) || n->insn ? see_insn : NULL,
        .retired = n->retired ? pass_retired : NULL,
        .mem = look_wanted(k, RT386_SEEK_READ) || n->mem ? see_mem : NULL,
        .event = look_wanted(k, RT386_SEEK_EVENT) || n->event ? see_event : NULL,
        .selector = look_wanted(k, RT386_SEEK_SELECTOR) || n->selector ? see_selector : NULL,
        .task = look_wanted(k, RT386_SEEK_SWITCH) || n->task ? see_switch : NULL,
        .io = n->io ? pass_io : NULL,
        .note = n->note ? pass_note : NULL};
    k->kernel =
        (struct rt_observer){.ctx = k, .enter = see_call, .leave = pass_leave, .fault = pass_fault};
    const struct cpu_observer *c = &k->cpu;
    return c->insn || c->retired || c->mem || c->event || c->selector || c->task || c->io ||
           c->note;
}

void look_at_bus(struct look *k)
{
    if (look_wanted(k, RT386_SEEK_WRITE))
        bus_set_watcher(k->m->bus, &(struct bus_watcher){see_write, k});
}

/* --- what is looked for --- */

rt386_status look_for(struct look *k, rt386 *m, const rt386_seek *seek, unsigned count)
{
    *k = (struct look){.m = m, .seek = seek, .count = count, .start = place_now(m)};
    for (unsigned i = 0; i < count; i++) {
        const rt386_seek *s = &seek[i];
        bool range = look_in_memory(k, i);
        if (s->size < sizeof *s || (unsigned)s->kind > RT386_SEEK_SWITCH || s->vector > 255 ||
            (range && (!s->n || s->n > 65536)))
            return machine_fail(m, RT386_E_ARG, "what is looked for is not said well");
        rt386_seg seg = s->at.space == RT386_LOGICAL ? rt386_seg_get(m, s->at.seg) : (rt386_seg){0};
        k->linear[i] = seg.base + s->at.at;
        if (range) find_pieces(k, i);
        if (s->kind == RT386_SEEK_EXEC) k->piece[i][0].at = k->linear[i];
    }
    return RT386_OK;
}
