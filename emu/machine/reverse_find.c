/* reverse_find.c: the last time, or the next one, that something happened in a recorded run.
 *
 * Backwards, keyframe by keyframe: the run again from it up to where the next one began, with somebody looking (look.h); what is
 * seen last is what is wanted. */
#include "reverse_inside.h"

#include <string.h>

static void look_on(rt386_reverse *r)
{
    bool needed = look_observers(&r->look, NULL, NULL);
    reverse_wire(r, true);
    if (!needed) r->m->cpu.obs = NULL;
    look_at_bus(&r->look);
}

static void look_off(rt386_reverse *r)
{
    bus_set_watcher(r->m->bus, NULL);
    reverse_wire(r, false);
    r->look.kernel = (struct rt_observer){0};
}

/* --- backwards, forwards --- */

/* From here to the place, which is as far as the run goes; and the run's end, if that is there. */
static rt386_status look_to(rt386_reverse *r, rt386_place to, bool finish)
{
    look_on(r);
    reverse_start(r);
    rt386_status st = reverse_run_to(r, to);
    if (st == RT386_OK && finish && !reverse_met(r)) st = reverse_finish(r);
    look_off(r);
    return st;
}

/* Before what was seen: the kernel works behind the instruction that called it, but for its first choice of a thread. */
static rt386_status stand_before(rt386_reverse *r, rt386_sighting *found)
{
    bool here = r->look.by_cpu || r->look.at_start;
    *found = r->look.last;
    rt386_status st = here ? reverse_go(r, found->place) : reverse_back_from(r, found->place, 1);
    found->place = place_now(r->m);
    return st;
}

static void written_ranges(const rt386_reverse *r, uint8_t to[RT386_SEEK_MAX][16])
{
    unsigned n;
    for (unsigned i = 0; i < r->look.count; i++)
        if (r->look.seek[i].kind == RT386_SEEK_WRITE) look_bytes(&r->look, i, to[i], &n);
}

static rt386_status find_back(rt386_reverse *r, rt386_sighting *found)
{
    uint8_t unstarted[RT386_SEEK_MAX][16];
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
        written_ranges(r, unstarted);
        /* At the beginning nothing has happened yet, the kernel's first choice neither. */
        if (place_same(from, look.start)) reverse_start(r);
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
    if (st == RT386_OK && had.at_start)
        memcpy(found->before, unstarted[found->which], 16);
    else if (st == RT386_OK && r->look.seek[found->which].kind == RT386_SEEK_WRITE)
        look_bytes(&r->look, found->which, found->before, &n);
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
        if (look_in_memory(&r->look, found->which)) return RT386_OK;
        behind = place_now(r->m);
        struct look had = r->look;
        st = stand_before(r, found);
        if (st != RT386_OK || !place_same(found->place, start) || place_same(behind, last) ||
            had.seek[found->which].here)
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
    if (reverse_at_end(r)) return RT386_E_NOTFOUND;
    written_ranges(r, before);
    r->look.first = true;
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
    rt386_status st = look_for(&r->look, r->m, seek, count);
    if (st == RT386_OK) st = forwards ? find_on(r, found) : find_back(r, found);
    return reverse_speak(r, st);
}
