/* moves.c: on and back, and what stops the guest. */
#include "inside.h"

#include "opt.h"
#include "reg_value.h"
#include "running.h"

#include <string.h>
#include <time.h>

#define SLICE_LEAST 2000u
#define SLICE_MOST  4000000u

static bool amount(struct lab *l, const char *rest, uint64_t *n)
{
    *n = 1;
    if (!*rest || (opt_number(rest, 1000, n) && *n)) return true;
    lab_say(l, true, "'%.40s' is no number of instructions", rest);
    return false;
}

/* ---- what has become of a move ----------------------------------------------------------------------------- */

static void say_met(struct lab *l)
{
    char say[250];
    if (points_met(&l->points, &l->stop.met, say, sizeof say))
        lab_say(l, false, "stopped by %s", say);
    else
        lab_say(l, false, "over it");
}

/* Not done is what could not be; that the guest has ended is news, no failure. */
static bool stopped(struct lab *l)
{
    const struct debug_stop *s = &l->stop;
    l->running = false;
    lab_moved(l);
    switch (s->reason) {
    case DEBUG_STEPPED: lab_say(l, false, "%s", ""); break;
    case DEBUG_MET: say_met(l); break;
    case DEBUG_ENDED:
        l->ended = true;
        lab_say(l, false, "the guest has ended: %s", s->text);
        break;
    case DEBUG_BEGINNING:
    case DEBUG_CALLED: lab_say(l, false, "%s", s->text); break;
    case DEBUG_FAILED: lab_say(l, true, "%s", s->text); return false;
    }
    return true;
}

/* ---- moves: each is a job, so that whoever has a window can look after it meanwhile -------------------------------------- */

enum job_kind { JOB_STEP, JOB_BACK, JOB_RUN, JOB_RUN_BACK, JOB_GO };
struct job {
    struct lab *l;
    enum job_kind kind;
    uint64_t n; /* instructions */
    rt386_seek seek[RT386_SEEK_MAX];
    unsigned seeks;
};

static void job_do(void *arg)
{
    struct job *j = arg;
    struct debugger *d = j->l->d;
    struct debug_stop *stop = &j->l->stop;
    switch (j->kind) {
    case JOB_STEP: debugger_step(d, j->n, stop); break;
    case JOB_BACK: debugger_back(d, j->n, stop); break;
    case JOB_RUN: debugger_run(d, j->seek, j->seeks, 0, stop); break;
    case JOB_RUN_BACK: debugger_run_back(d, j->seek, j->seeks, stop); break;
    case JOB_GO: debugger_go(d, j->n, stop); break;
    }
}

static bool job_run(struct lab *l, struct job *j)
{
    lab_before(l);
    j->l = l;
    if (l->host_run)
        l->host_run(l->host, job_do, j);
    else
        job_do(j);
    return stopped(l);
}

bool move_step(struct lab *l, const char *rest)
{
    struct job j = {.kind = JOB_STEP};
    return amount(l, rest, &j.n) && job_run(l, &j);
}

bool move_back(struct lab *l, const char *rest)
{
    struct job j = {.kind = JOB_BACK};
    return amount(l, rest, &j.n) && job_run(l, &j);
}

/* A call, a software interrupt or a repeated instruction as one step. */
bool move_next(struct lab *l, const char *rest)
{
    rt386_insn_event e;
    char words[160] = "";
    (void)rest;
    if (code_insn(l, (uint32_t)reg_value(lab_machine(l), "eip"), &e))
        disasm_text(l->disasm, &e, words, sizeof words);
    if (!steps_over(words)) return move_step(l, "");
    struct job j = {.kind = JOB_RUN};
    j.seeks = points_seeks(&l->points, j.seek);
    j.seek[j.seeks++] = (rt386_seek){.size = sizeof *j.seek,
                                     .kind = RT386_SEEK_EXEC,
                                     .at = {.space = RT386_LINEAR, .at = e.linear + e.length}};
    return job_run(l, &j);
}

bool move_run_back(struct lab *l, const char *rest)
{
    struct job j = {.kind = JOB_RUN_BACK};
    (void)rest;
    j.seeks = points_seeks(&l->points, j.seek);
    return job_run(l, &j);
}

bool move_go(struct lab *l, const char *rest)
{
    struct job j = {.kind = JOB_GO};
    if (!*rest || !opt_number(rest, 1000, &j.n)) {
        lab_say(l, true, "go: name an instruction's number, as 120000 or 3M");
        return false;
    }
    return job_run(l, &j);
}

bool move_live(struct lab *l, const char *rest)
{
    (void)rest;
    lab_before(l);
    debugger_go_live(l->d);
    lab_moved(l);
    lab_say(l, false, "the present");
    return true;
}

/* ---- running -------------------------------------------------------------------------------------------------- */

/* The live machine runs in slices, so that it is seen; the past is run through at once. */
bool move_run(struct lab *l, const char *rest)
{
    (void)rest;
    if (!debugger_in_past(l->d)) {
        lab_before(l);
        l->running = true;
        lab_say(l, false, "running; Space stops it");
        return true;
    }
    struct job j = {.kind = JOB_RUN};
    j.seeks = points_seeks(&l->points, j.seek);
    return job_run(l, &j);
}

bool move_stop(struct lab *l, const char *rest)
{
    (void)rest;
    if (!l->running) return true;
    l->running = false;
    lab_moved(l);
    lab_say(l, false, "stopped");
    return true;
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* A slice that ends just before a breakpoint has met it: the next one would take it for the one it comes from. */
static bool slice_run(struct lab *l)
{
    rt386_seek seek[RT386_SEEK_MAX];
    debugger_run(l->d, seek, points_seeks(&l->points, seek), l->slice, &l->stop);
    const struct point *p = l->stop.reason == DEBUG_STEPPED ? lab_point_at(l, lab_pc(l)) : NULL;
    if (p) {
        l->stop.reason = DEBUG_MET;
        l->stop.met.which = (unsigned)(p - l->points.point);
    }
    return l->stop.reason == DEBUG_STEPPED;
}

void lab_tick(struct lab *l, uint64_t nanoseconds)
{
    uint64_t begin = now(), at = begin;
    while (l->running && at - begin < nanoseconds) {
        if (!slice_run(l)) {
            (void)stopped(l);
            return;
        }
        uint64_t end = now(), took = end - at + 1;
        at = end;
        /* four slices for each picture: a stop is shown soon, and looking at the clock costs little */
        l->slice = l->slice * (nanoseconds / 4) / took;
        if (l->slice < SLICE_LEAST) l->slice = SLICE_LEAST;
        if (l->slice > SLICE_MOST) l->slice = SLICE_MOST;
    }
    l->moves++;
    l->code_at = (uint32_t)reg_value(lab_machine(l), "eip");
}

/* ---- what stops it ----------------------------------------------------------------------------------------------- */

static bool said(struct lab *l, bool done, const char *say)
{
    lab_say(l, !done, "%s", say);
    return done;
}

#define SAYS 300u

/* Without an address: at the selected line, or no longer there. */
bool point_break(struct lab *l, const char *rest)
{
    char say[SAYS], here[16];
    if (!*rest) {
        uint32_t linear = rt386_seg_get(lab_machine(l), RT386_CS).base + l->code_at;
        const struct point *p = lab_point_at(l, linear);
        if (p) {
            lab_say(l, false, "%u no longer stops it", p->number);
            points_remove(&l->points, (unsigned)(p - l->points.point));
            return true;
        }
        snprintf(here, sizeof here, "0x%08x", linear);
        rest = here;
    }
    return said(l, points_break(&l->points, l->sources, lab_machine(l), rest, say, sizeof say),
                say);
}

bool point_watch(struct lab *l, const char *rest)
{
    char say[SAYS];
    return said(l, points_watch(&l->points, lab_machine(l), rest, say, sizeof say), say);
}

bool point_catch(struct lab *l, const char *rest)
{
    char say[SAYS];
    return said(l, points_catch(&l->points, rest, say, sizeof say), say);
}

bool point_delete(struct lab *l, const char *rest)
{
    char say[SAYS];
    return said(l, points_delete(&l->points, rest, say, sizeof say), say);
}
