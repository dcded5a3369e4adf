/* breaks.c: runs that end where something happens: breakpoints and watchpoints of a debugger.
 *
 *   EXEC, EVENT of faults   the processor is held before anything has changed (struct cpu_brake)
 *   the others              seen when they happen (look.h); the run ends at the next boundary
 *
 * The brake is always there: exceptions are counted with it (run.c).
 */
#include "breaks.h"

#include <rt386/breaks.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "look.h"

struct breaks {
    struct look look;
    bool told; /* the run that one has ended has said so */
    rt386_seek seek[RT386_SEEK_MAX];
    char call[RT386_SEEK_MAX][64];
};

/* --- the brake --- */

static bool hold_begin(void *ctx, const struct i386_cpu *cpu)
{
    const rt386 *m = ctx;
    (void)cpu;
    return look_begins(&m->breaks->look);
}

static bool hold_fault(void *ctx, const struct i386_cpu *cpu, fault_t fault)
{
    rt386 *m = ctx;
    struct breaks *b = m->breaks;
    (void)cpu;
    if (b && look_wanted(&b->look, RT386_SEEK_EVENT) && look_event(&b->look, fault.vector))
        return true;
    run_raised(m);
    return false;
}

void breaks_wire(rt386 *m)
{
    struct breaks *b = m->breaks;
    m->brake = (struct cpu_brake){.ctx = m, .fault = hold_fault};
    m->cpu.brake = &m->brake;
    if (!b || !b->look.count) return;
    if (look_observers(&b->look, m->cpu.obs, &m->rt_observer)) {
        m->cpu.obs = &b->look.cpu;
        m->cpu.log = NULL;
    }
    m->rt_observer = b->look.kernel;
    if (look_wanted(&b->look, RT386_SEEK_EXEC)) m->brake.begin = hold_begin;
    look_at_bus(&b->look);
}

/* --- runs --- */

void breaks_begin(rt386 *m)
{
    struct breaks *b = m->breaks;
    if (!b) return;
    if (b->look.any && !b->told) m->stop = 0; /* somebody wrote to a watched place by hand */
    b->look.any = b->told = false;
}

bool breaks_exit(rt386 *m, rt386_exit *why)
{
    struct breaks *b = m->breaks;
    if (!b || !b->look.any) return false;
    b->told = true;
    /* The next run goes on from there. */
    rt386_seek_kind kind = b->seek[b->look.last.which].kind;
    if (kind == RT386_SEEK_EXEC) b->look.start = place_now(m);
    if (kind == RT386_SEEK_EVENT) b->look.raised = place_now(m);
    *why = (rt386_exit){.kind = RT386_EXIT_BREAK};
    snprintf(why->text, sizeof why->text, "what was waited for has happened");
    return true;
}

void breaks_free(rt386 *m)
{
    free(m->breaks);
    m->breaks = NULL;
}

/* --- for others --- */

static void copy_seeks(struct breaks *b, const rt386_seek *seek, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        b->seek[i] = seek[i];
        if (!seek[i].call) continue;
        snprintf(b->call[i], sizeof b->call[i], "%s", seek[i].call);
        b->seek[i].call = b->call[i];
    }
}

rt386_status rt386_break_on(rt386 *m, const rt386_seek *seek, unsigned count)
{
    if (m->in_observer || m->running)
        return machine_fail(m, RT386_E_STATE, "breakpoints are set between runs only");
    if (m->bare_log) return machine_fail(m, RT386_E_STATE, "a machine for vectors has none");
    if (count > RT386_SEEK_MAX || (count && !seek))
        return machine_fail(m, RT386_E_ARG, "there can be %u breakpoints at most", RT386_SEEK_MAX);
    struct breaks *b = calloc(1, sizeof *b);
    if (!b) return machine_fail(m, RT386_E_NOMEM, "the host has no memory for breakpoints");
    copy_seeks(b, seek, count);
    rt386_status st = look_for(&b->look, m, b->seek, count);
    if (st != RT386_OK) {
        free(b);
        return st;
    }
    b->look.first = b->look.braked = true;
    const rt386_place nowhere = {UINT64_MAX, UINT64_MAX};
    bool known = m->breaks && count;
    b->look.start = known ? m->breaks->look.start : nowhere;
    b->look.raised = known ? m->breaks->look.raised : nowhere;
    bus_set_watcher(m->bus, NULL);
    breaks_free(m);
    m->breaks = b;
    observe_wire(m);
    return RT386_OK;
}

bool rt386_break_met(const rt386 *m, rt386_sighting *met)
{
    if (!m->breaks || !m->breaks->look.any || !m->breaks->told) return false;
    *met = m->breaks->look.last;
    return true;
}
