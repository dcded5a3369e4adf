/* reverse_find.c: the last time, or the next one, that something happened in a recorded run.
 *
 * Backwards, keyframe by keyframe: the run again from it up to where the next one began, with somebody looking; what is seen
 * last is what is wanted. Writes are seen on the bus, so also those of the INtime kernel, and cost little; to see instructions
 * begin costs most. */
#include "reverse_inside.h"

#include <stdio.h>
#include <string.h>

/* --- what is looked for --- */

static bool wants(const struct look *k, unsigned i, rt386_seek_kind kind)
{
    return k->seek[i].kind == kind;
}

static bool in_memory(const struct look *k, unsigned i)
{
    return wants(k, i, RT386_SEEK_WRITE) || wants(k, i, RT386_SEEK_READ);
}

static void met(rt386_reverse *r, unsigned which, rt386_sighting *s)
{
    struct look *k = &r->look;
    if (k->any && k->first) return;
    s->which = which;
    s->place = place_now(r->m);
    bool in_call = !r->m->in_cpu && k->called == s->place.insns;
    snprintf(s->call, sizeof s->call, "%s", in_call ? k->call : "");
    k->last = *s;
    k->any = true;
    k->by_cpu = r->m->in_cpu;
    if (k->first) rt386_stop(r->m);
}

static bool overlaps(const struct look *k, unsigned i, uint32_t at, unsigned size)
{
    for (unsigned j = 0; j < k->pieces[i]; j++) {
        const struct piece *p = &k->piece[i][j];
        if (at - p->at < p->n || p->at - at < size) return true;
    }
    return false;
}

static void peek_first(const rt386_reverse *r, unsigned which, uint8_t to[16], unsigned *n)
{
    const struct piece *p = &r->look.piece[which][0];
    *n = p->n < 16 ? p->n : 16;
    memset(to, 0, 16);
    (void)bus_peek(r->m->bus, phys(p->at), to, *n);
}

static void see_write(void *ctx, phys_t at, unsigned size)
{
    rt386_reverse *r = ctx;
    for (unsigned i = 0; i < r->look.count; i++) {
        if (!wants(&r->look, i, RT386_SEEK_WRITE) || !overlaps(&r->look, i, at.v, size)) continue;
        rt386_sighting s = {.at = at.v, .by_kernel = !r->m->in_cpu};
        peek_first(r, i, s.after, &s.n);
        met(r, i, &s);
    }
}

static void see_read(void *ctx, const struct i386_cpu *cpu, enum segreg reg, eff_t off, lin_t at,
                     unsigned size, enum access access, uint32_t value)
{
    rt386_reverse *r = ctx;
    (void)reg, (void)off, (void)value;
    if (access != ACCESS_READ) return;
    struct page_env env = cpu_page_env(cpu);
    struct page_walk walk;
    env.hook = NULL;
    if (is_fault(page_probe(&env, at, ACCESS_READ, false, &walk))) return;
    uint32_t where = walk.phys.v & cpu->bus->a20_mask;
    for (unsigned i = 0; i < r->look.count; i++)
        if (wants(&r->look, i, RT386_SEEK_READ) && overlaps(&r->look, i, where, size))
            met(r, i, &(rt386_sighting){.at = where});
}

static void see_begin(void *ctx, const struct i386_cpu *cpu, const struct insn *in)
{
    rt386_reverse *r = ctx;
    (void)in;
    uint32_t linear = cpu->s.seg[CS].sh.base + cpu->s.eip;
    if (place_same(place_now(r->m), r->look.start)) return;
    for (unsigned i = 0; i < r->look.count; i++)
        if (wants(&r->look, i, RT386_SEEK_EXEC) && r->look.piece[i][0].at == linear)
            met(r, i, &(rt386_sighting){0});
}

static void see_event(void *ctx, const struct i386_cpu *cpu, unsigned vector,
                      enum event_source source, fault_t fault)
{
    rt386_reverse *r = ctx;
    (void)cpu, (void)source, (void)fault;
    if (place_same(place_now(r->m), r->look.start)) return;
    for (unsigned i = 0; i < r->look.count; i++)
        if (wants(&r->look, i, RT386_SEEK_EVENT) &&
            (r->look.seek[i].vector < 0 || (unsigned)r->look.seek[i].vector == vector))
            met(r, i, &(rt386_sighting){.vector = (uint8_t)vector});
}

static void see_selector(void *ctx, const struct i386_cpu *cpu, uint16_t sel, uint8_t cpl,
                         enum seg_purpose purpose, bool located, lin_t where, desc_t desc,
                         fault_t fault)
{
    rt386_reverse *r = ctx;
    (void)cpu, (void)cpl, (void)purpose, (void)located, (void)where, (void)desc, (void)fault;
    if (place_same(place_now(r->m), r->look.start)) return;
    for (unsigned i = 0; i < r->look.count; i++)
        if (wants(&r->look, i, RT386_SEEK_SELECTOR) &&
            (r->look.seek[i].selector & ~3u) == (sel & ~3u))
            met(r, i, &(rt386_sighting){0});
}

static void see_switch(void *ctx, const struct i386_cpu *cpu, uint16_t from, uint16_t to)
{
    rt386_reverse *r = ctx;
    (void)cpu, (void)from, (void)to;
    if (place_same(place_now(r->m), r->look.start)) return;
    for (unsigned i = 0; i < r->look.count; i++)
        if (wants(&r->look, i, RT386_SEEK_SWITCH)) met(r, i, &(rt386_sighting){0});
}

static void see_call(void *ctx, const struct rt_call_info *call)
{
    rt386_reverse *r = ctx;
    struct look *k = &r->look;
    snprintf(k->call, sizeof k->call, "%s", call->name);
    k->called = r->m->cpu.s.insns;
    for (unsigned i = 0; i < k->count; i++)
        if (wants(k, i, RT386_SEEK_CALL) &&
            (!k->seek[i].call || !strcmp(k->seek[i].call, call->name)))
            met(r, i, &(rt386_sighting){0});
}

static bool wanted(const rt386_reverse *r, rt386_seek_kind kind)
{
    for (unsigned i = 0; i < r->look.count; i++)
        if (wants(&r->look, i, kind)) return true;
    return false;
}

/* Only for what is looked for: a run that nobody looks at is quick. */
static void look_on(rt386_reverse *r)
{
    r->cpu = (struct cpu_observer){.ctx = r,
                                   .insn = wanted(r, RT386_SEEK_EXEC) ? see_begin : NULL,
                                   .mem = wanted(r, RT386_SEEK_READ) ? see_read : NULL,
                                   .event = wanted(r, RT386_SEEK_EVENT) ? see_event : NULL,
                                   .selector = wanted(r, RT386_SEEK_SELECTOR) ? see_selector : NULL,
                                   .task = wanted(r, RT386_SEEK_SWITCH) ? see_switch : NULL};
    r->kernel = (struct rt_observer){.ctx = r, .enter = see_call};
    reverse_wire(r, true);
    if (!r->cpu.insn && !r->cpu.mem && !r->cpu.event && !r->cpu.selector && !r->cpu.task)
        r->m->cpu.obs = NULL;
    if (wanted(r, RT386_SEEK_WRITE))
        bus_set_watcher(r->m->bus, &(struct bus_watcher){see_write, r});
}

static void look_off(rt386_reverse *r)
{
    bus_set_watcher(r->m->bus, NULL);
    reverse_wire(r, false);
    r->kernel = (struct rt_observer){0};
}

/* --- where it is in memory --- */

static bool physical_of(const rt386 *m, const rt386_seek *s, uint32_t done, uint32_t *at)
{
    if (s->at.space == RT386_PHYS) {
        *at = s->at.at + done;
        return true;
    }
    rt386_seg seg = s->at.space == RT386_LOGICAL ? rt386_seg_get(m, s->at.seg) : (rt386_seg){0};
    struct page_env env = cpu_page_env(&m->cpu);
    struct page_walk walk;
    env.hook = NULL;
    if (is_fault(page_probe(&env, lin(seg.base + s->at.at + done), ACCESS_READ, false, &walk)))
        return false;
    *at = walk.phys.v & m->bus->a20_mask;
    return true;
}

static rt386_status find_pieces(rt386_reverse *r, unsigned i)
{
    struct look *k = &r->look;
    const rt386_seek *s = &k->seek[i];
    for (uint32_t done = 0, part; done < s->n; done += part) {
        struct piece *p = &k->piece[i][k->pieces[i]];
        if (k->pieces[i] == PIECES || !physical_of(r->m, s, done, &p->at))
            return machine_fail(r->m, RT386_E_RANGE,
                                "there is no memory at 0x%08x at instruction %llu", s->at.at + done,
                                (unsigned long long)r->m->cpu.s.insns);
        part = PAGE_SIZE - (p->at & PAGE_MASK);
        if (part > s->n - done) part = s->n - done;
        p->n = part;
        k->pieces[i]++;
    }
    return RT386_OK;
}

static rt386_status look_for(rt386_reverse *r, const rt386_seek *seek, unsigned count)
{
    rt386_status st = RT386_OK;
    r->look = (struct look){.seek = seek, .count = count, .start = place_now(r->m)};
    for (unsigned i = 0; i < count && st == RT386_OK; i++) {
        const rt386_seek *s = &seek[i];
        bool range = in_memory(&r->look, i);
        if (s->size < sizeof *s || (unsigned)s->kind > RT386_SEEK_SWITCH || s->vector > 255 ||
            (range && (!s->n || s->n > 65536)))
            return machine_fail(r->m, RT386_E_ARG, "what is looked for is not said well");
        if (range) st = find_pieces(r, i);
        if (s->kind != RT386_SEEK_EXEC) continue;
        rt386_seg seg =
            s->at.space == RT386_LOGICAL ? rt386_seg_get(r->m, s->at.seg) : (rt386_seg){0};
        r->look.piece[i][0].at = seg.base + s->at.at;
    }
    return st;
}

/* --- backwards, forwards --- */

/* From here to the place, which is as far as the run goes; and the run's end, if that is there. */
static rt386_status look_to(rt386_reverse *r, rt386_place to, bool finish)
{
    look_on(r);
    rt386_status st = reverse_run_to(r, to);
    if (st == RT386_OK && finish && !reverse_met(r)) st = reverse_finish(r);
    look_off(r);
    return st;
}

/* Before what was seen: the kernel works behind the instruction that called it. */
static rt386_status stand_before(rt386_reverse *r, rt386_sighting *found)
{
    bool by_cpu = r->look.by_cpu;
    *found = r->look.last;
    rt386_status st = by_cpu ? reverse_go(r, found->place) : reverse_back_from(r, found->place, 1);
    found->place = place_now(r->m);
    return st;
}

static rt386_status find_back(rt386_reverse *r, rt386_sighting *found)
{
    rt386_place to = r->look.start;
    uint64_t first = rt386_trace_describe(r->t).first;
    struct look look = r->look;
    rt386_status st = RT386_OK;
    bool finish = r->m->ended;
    for (;; finish = false) {
        st = reverse_keyframe(r, to.insns);
        if (st != RT386_OK) return st;
        rt386_place from = place_now(r->m);
        r->look = look;
        r->look.start = (rt386_place){UINT64_MAX, UINT64_MAX};
        st = look_to(r, to, finish);
        if (st != RT386_OK) return st;
        if (r->look.any) break;
        if (from.insns <= first) {
            st = reverse_first(r);
            return st == RT386_OK ? RT386_E_NOTFOUND : st;
        }
        to = from;
    }
    struct look had = r->look;
    st = stand_before(r, found);
    r->look = had;
    unsigned n;
    if (st == RT386_OK && wants(&r->look, found->which, RT386_SEEK_WRITE))
        peek_first(r, found->which, found->before, &n);
    return st;
}

/* What the present instruction does counts only where the machine then stands behind it: else the next one would
 * always be the same. */
static rt386_status next_other(rt386_reverse *r, rt386_sighting *found)
{
    rt386_place start = r->look.start, behind = start;
    for (;;) {
        rt386_place last = behind;
        rt386_status st = look_to(r, reverse_end_of(r), true);
        if (st != RT386_OK) return st;
        if (!r->look.any) return RT386_E_NOTFOUND;
        *found = r->look.last;
        if (in_memory(&r->look, found->which)) return RT386_OK;
        behind = place_now(r->m);
        struct look had = r->look;
        st = stand_before(r, found);
        if (st != RT386_OK || !place_same(found->place, start) || place_same(behind, last))
            return st;
        st = reverse_go(r, behind);
        if (st != RT386_OK) return st;
        r->look = had;
        r->look.any = false;
    }
}

static rt386_status find_on(rt386_reverse *r, rt386_sighting *found)
{
    uint8_t before[RT386_SEEK_MAX][16];
    unsigned n;
    struct look *k = &r->look;
    if (r->m->ended || r->m->cpu.s.insns >= r->end) return RT386_E_NOTFOUND;
    for (unsigned i = 0; i < k->count; i++)
        if (wants(k, i, RT386_SEEK_WRITE)) peek_first(r, i, before[i], &n);
    k->first = true;
    reverse_shot(r);
    rt386_status st = next_other(r, found);
    if (st == RT386_OK && found->n) memcpy(found->before, before[found->which], 16);
    return st;
}

rt386_status rt386_reverse_find(rt386_reverse *r, const rt386_seek *seek, unsigned count,
                                bool forwards, rt386_sighting *found)
{
    *found = (rt386_sighting){0};
    if (!seek || !count || count > RT386_SEEK_MAX)
        return machine_fail(r->m, RT386_E_ARG, "nothing, or too much, is looked for at once");
    reverse_hush(r);
    rt386_status st = look_for(r, seek, count);
    if (st == RT386_OK) st = forwards ? find_on(r, found) : find_back(r, found);
    return reverse_speak(r, st);
}
