/* run.c: the run loop. The CPU runs to the next event; the loop does what neither CPU nor kernel
 * can do for itself: virtual time, idling, and the verdict. */
#include <stdio.h>
#include <string.h>

#include "breaks.h"
#include "machine.h"
#include "outside.h"
#include "record.h"

static uint64_t min64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void end_triple_fault(rt386 *m)
{
    if (m->ended) return;
    rt386_exit *e = &m->end;
    e->chain_length = m->cpu.chain_len > 3 ? 3 : m->cpu.chain_len;
    for (unsigned i = 0; i < e->chain_length; i++)
        e->chain[i] = fault_public(m, m->cpu.chain[i], m->cpu.s.eip, m->cpu.s.seg[CS].sel);
    machine_end(m, RT386_EXIT_TRIPLE_FAULT, 0,
                "triple fault: no handler could be entered, the processor shut down");
}

#define LISTEN_US                                                                                  \
    10000u /* the longest idle time at once while there are sockets: others can stop the run between */
#define LOOK_US                                                                                    \
    1000u /* the same while somebody outside waits for idle time: the network is only looked at */
#define HEARD_US 50u /* what passes when the network has said something: time never stands still */

/* The host's time passes as well: to `to`, or a part of the way. */
static uint64_t listen_until(rt386 *m, uint64_t to)
{
    uint64_t now = m->cpu.s.clocks;
    to = min64(to, now + clock_from_us(&m->clock, m->config.idle ? LOOK_US : LISTEN_US));
    uint64_t us = m->config.idle ? 0 : clock_to_us(&m->clock, to - now);
    if (to <= now || !machine_net_wait(m, us)) return to;
    m->alarm_due = m->kernel != NULL; /* the kernel looks at the network */
    return min64(to, now + clock_from_us(&m->clock, HEARD_US));
}

/* --- guests that only fault --- */

/* Exceptions in a row that end a run with a limit: far more than any guest that goes on has. In real mode its stack is full
 * after 10,923 of them. */
#define ROW_MOST 100000u

/* Limits of time end each run, as each exception takes time. */
static void row_begin(rt386 *m, uint64_t insns, uint64_t until)
{
    m->row = (struct fault_row){.counts = insns && !until, .insns = m->cpu.s.insns};
}

void run_raised(rt386 *m)
{
    struct fault_row *row = &m->row;
    if (!row->counts) return;
    if (row->insns != m->cpu.s.insns) row->n = 0;
    row->insns = m->cpu.s.insns;
    if (++row->n < ROW_MOST) return;
    row->over = true;
    m->cpu.stop = 1; /* behind its delivery */
}

static void row_exit(rt386 *m, rt386_exit *why)
{
    rt386_fault f = fault_public(m, m->cpu.last_fault, m->cpu.last_fault_eip, m->cpu.last_fault_cs);
    *why = (rt386_exit){.kind = RT386_EXIT_BUDGET, .fault = f};
    snprintf(why->text, sizeof why->text,
             "the guest only faults: %u exceptions in a row and no instruction retired, the last "
             "one %s at %04x:%08x",
             m->row.n, rt386_vector_mnemonic(f.vector), f.cs, f.eip);
}

/* Somebody outside may take the time that it lasts, and be called away. */
static uint64_t idle_wait(rt386 *m, uint64_t to)
{
    if (!m->config.idle || to <= m->cpu.s.clocks) return to;
    uint64_t us = clock_to_us(&m->clock, to);
    m->in_observer = true;
    uint64_t reached = m->config.idle(m->config.idle_ctx, us);
    m->in_observer = false;
    return reached < us ? min64(clock_from_us(&m->clock, reached), to) : to;
}

/* How far idle time goes on, at most to `most`: only that is the host's doing, so only that is in a trace. */
static uint64_t idle_to(rt386 *m, uint64_t most)
{
    uint64_t to = most;
    bool heard;
    if (outside_idle(m, &to, &heard)) {
        if (heard) m->alarm_due = m->kernel != NULL;
        return min64(to, most);
    }
    bool due = m->alarm_due;
    if (machine_net_open(m)) to = listen_until(m, to);
    to = idle_wait(m, to);
    heard = m->alarm_due && !due;
    if (to != most || heard) outside_idle_was(m, to, heard);
    return to;
}

/* HLT: time jumps to the next event. False: nothing can ever wake the processor. */
static bool idle(rt386 *m, uint64_t until)
{
    uint64_t next = clock_next(&m->clock);
    if (!(m->cpu.s.eflags & FL_IF) || !(m->alarm.armed || irq_comes(m))) return false;
    if (next == UINT64_MAX) return false;
    uint64_t to = idle_to(m, min64(next, until));
    if (to > m->cpu.s.clocks) m->cpu.s.clocks = to;
    clock_advance(&m->clock, m->cpu.s.clocks);
    return true;
}

static void end_halted(rt386 *m)
{
    bool interrupts = m->cpu.s.eflags & FL_IF;
    machine_end(m, RT386_EXIT_HALT, m->last_post,
                interrupts ? "HLT with interrupts on, but no device will ever raise one"
                           : "HLT with interrupts off");
}

/* A thread may be switched to, so not where interrupts are off: inside a handler, for example. */
static bool can_ask(const rt386 *m)
{
    return !m->kernel || (m->cpu.s.eflags & FL_IF);
}

static void ask_to_end(rt386 *m)
{
    bool asked = outside_terminate_was(m);
    m->terminate = 0;
    m->cpu.stop = 0;
    if (!asked || !m->kernel || !port_terminate(m)) m->stop = 1;
}

static void after_step(rt386 *m, enum cpu_step step, uint64_t until)
{
    switch (step) {
    case STEP_PERSONALITY: port_trap(m); break;
    case STEP_SHUTDOWN: end_triple_fault(m); break;
    case STEP_HALTED:
        if (m->alarm_due || idle(m, until)) break;
        if (m->kernel) port_start(m); /* it looks again whether anybody can ever run */
        if (!m->ended) end_halted(m);
        break;
    default: break;
    }
    if (!m->alarm_due || m->ended) return;
    if ((m->cpu.s.eflags & FL_IF) || m->irq.tick_now)
        port_time(m);
    else
        irq_tick(m);
}

static void fill_exit(rt386 *m, rt386_exit *why, uint64_t budget, uint64_t until)
{
    if (breaks_exit(m, why)) { /* the end comes with the next run */
        m->stop = 0;
    } else if (m->ended) {
        *why = m->end;
    } else if (m->stop) {
        m->stop = 0;
        *why = (rt386_exit){.kind = RT386_EXIT_STOPPED};
        snprintf(why->text, sizeof why->text, "stopped on request");
    } else if (m->row.over) {
        row_exit(m, why);
    } else if (m->cpu.s.clocks >= until) {
        *why = (rt386_exit){.kind = RT386_EXIT_TIME};
        snprintf(why->text, sizeof why->text, "the limit of virtual time is reached");
    } else {
        *why = (rt386_exit){.kind = RT386_EXIT_BUDGET};
        snprintf(why->text, sizeof why->text, "the limit of %llu instructions is reached",
                 (unsigned long long)budget);
    }
    why->insns = m->cpu.s.insns;
    why->clocks = m->cpu.s.clocks;
}

rt386_status rt386_run(rt386 *m, uint64_t insns, uint64_t until, rt386_exit *why)
{
    if (!why) return machine_fail(m, RT386_E_ARG, "rt386_run needs a place for the exit");
    if (!m->loaded_count && !m->bare && !m->ended)
        return machine_fail(m, RT386_E_STATE, "nothing is loaded: load a file before running");
    if (m->in_observer) return machine_fail(m, RT386_E_STATE, "observers only look");
    breaks_begin(m);
    if (m->kernel && !m->ended && m->started) port_start(m);
    row_begin(m, insns, until);
    uint64_t budget = insns;
    if (!until) until = UINT64_MAX;
    uint64_t last = insns ? m->cpu.s.insns + insns : UINT64_MAX;
    if (last < m->cpu.s.insns) last = UINT64_MAX;
    m->cpu.stop = 0;
    m->running = true;
    rt386_status st = RT386_OK;
    if (m->record) record_pace(m->record, true);
    while (!m->ended && !m->stop && !m->row.over && m->cpu.s.insns < last &&
           m->cpu.s.clocks < until) {
        if (m->record) st = record_tick(m->record);
        if (m->replay && st == RT386_OK) st = replay_tick(m);
        if (st != RT386_OK || (m->replay && replay_lost(m))) break;
        if ((m->terminate && can_ask(m)) || outside_terminate_now(m)) {
            ask_to_end(m);
            continue;
        }
        uint64_t limit = min64(clock_next(&m->clock), until);
        uint64_t most = m->terminate ? 1 : last - m->cpu.s.insns;
        most = min64(most, outside_steps(m));
        if (m->record) most = min64(most, record_steps(m->record));
        if (m->replay) most = min64(most, replay_steps(m));
        if (m->terminate) m->cpu.stop = 0; /* step by step to where it can be asked */
        m->in_cpu = true;
        enum cpu_step step = cpu_run(&m->cpu, most, limit);
        m->in_cpu = false;
        clock_advance(&m->clock, m->cpu.s.clocks);
        if (step != STEP_HELD) after_step(m, step, until);
    }
    m->running = false;
    if (m->record) record_pace(m->record, false);
    fill_exit(m, why, budget, until);
    return st;
}

void rt386_stop(rt386 *m)
{
    m->stop = 1;
    m->cpu.stop = 1;
}

void rt386_terminate(rt386 *m)
{
    m->terminate = 1;
    m->cpu.stop = 1;
}

uint64_t rt386_insns(const rt386 *m)
{
    return m->cpu.s.insns;
}

uint64_t rt386_clocks(const rt386 *m)
{
    return m->cpu.s.clocks;
}
