#define _GNU_SOURCE /* fallocate */
#include "debugger.h"

#include <fcntl.h>
#include <pthread.h>
#include <rt386/trace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* From one keyframe to the next the run is made again to go back, whatever its instructions cost. */
#define KEYFRAME_US 50000u
#define SLICE       16000000u /* instructions between two looks at how long the history is */
#define PIECE_BYTES (512u << 20)
#define KEPT_BYTES  (2048ll << 20) /* of all pieces */

/* A part of the run: from `first` to `last`, and where its trace lies in the file. */
struct piece {
    off_t at, end;
    rt386_place first, last;
};

struct debugger {
    rt386 *live;
    FILE *file;
    struct piece *piece; /* the oldest first */
    unsigned pieces, room;
    bool recording; /* the last piece is not closed */
    rt386_exit why; /* of the last live run */
    /* An earlier place; NULL: the live machine is looked at. */
    rt386 *past;
    unsigned at; /* of this piece */
    rt386_trace *trace;
    rt386_reverse *reverse;
    void *bytes;
    size_t size;
    pthread_mutex_t lock; /* of the next two */
    rt386 *running;       /* debugger_call stops it */
    bool called;
};

static rt386_place place_of(const rt386 *m)
{
    return (rt386_place){rt386_insns(m), rt386_clocks(m)};
}

static void stop_with(struct debug_stop *stop, enum debug_reason reason, const char *text)
{
    *stop = (struct debug_stop){.reason = reason};
    snprintf(stop->text, sizeof stop->text, "%s", text);
}

/* ---- life ---------------------------------------------------------------------------------------- */

static void past_close(struct debugger *d)
{
    rt386_reverse_close(d->reverse);
    if (d->past) rt386_destroy(d->past);
    if (d->trace) rt386_trace_close(d->trace);
    if (d->bytes) munmap(d->bytes, d->size);
    d->past = NULL;
    d->reverse = NULL;
    d->trace = NULL;
    d->bytes = NULL;
}

static void piece_end(struct debugger *d)
{
    if (!d->recording) return;
    struct piece *p = &d->piece[d->pieces - 1];
    /* One that is not whole is refused when it is opened. */
    (void)rt386_record_end(d->live, &d->why);
    fflush(d->file);
    p->end = ftello(d->file);
    p->last = place_of(d->live);
    d->recording = false;
}

void debugger_free(struct debugger *d)
{
    if (!d) return;
    past_close(d);
    piece_end(d);
    if (d->file) fclose(d->file);
    free(d->piece);
    rt386_break_on(d->live, NULL, 0);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

/* ---- what is looked at ----------------------------------------------------------------------------- */

rt386 *debugger_machine(const struct debugger *d)
{
    return d->past ? d->past : d->live;
}

bool debugger_in_past(const struct debugger *d)
{
    return d->past != NULL;
}

rt386_place debugger_place(const struct debugger *d)
{
    return place_of(debugger_machine(d));
}

rt386_place debugger_first(const struct debugger *d)
{
    return d->pieces ? d->piece[0].first : place_of(d->live);
}

rt386_place debugger_last(const struct debugger *d)
{
    return place_of(d->live);
}

rt386 *debugger_change(struct debugger *d)
{
    if (d->past) return NULL;
    piece_end(d);
    (void)rt386_break_on(d->live, NULL, 0);
    return d->live;
}

void debugger_call(struct debugger *d)
{
    pthread_mutex_lock(&d->lock);
    d->called = true;
    if (d->running) rt386_stop(d->running);
    pthread_mutex_unlock(&d->lock);
}

static void run_on(struct debugger *d, rt386 *m)
{
    pthread_mutex_lock(&d->lock);
    d->running = m;
    pthread_mutex_unlock(&d->lock);
}

static void forget_call(struct debugger *d)
{
    pthread_mutex_lock(&d->lock);
    d->called = false;
    pthread_mutex_unlock(&d->lock);
}

static bool was_called(struct debugger *d)
{
    pthread_mutex_lock(&d->lock);
    bool called = d->called;
    pthread_mutex_unlock(&d->lock);
    return called;
}

/* ---- the history ----------------------------------------------------------------------------------- */

/* A no would end the run; the file remembers it. */
static bool put(void *ctx, const void *bytes, size_t n)
{
    (void)fwrite(bytes, 1, n, ctx);
    return true;
}

static bool piece_room(struct debugger *d)
{
    if (d->pieces < d->room) return true;
    unsigned room = d->room ? 2 * d->room : 16;
    struct piece *p = realloc(d->piece, room * sizeof *p);
    if (!p) return false;
    d->piece = p;
    d->room = room;
    return true;
}

/* Without a file for it there is no way back to what comes now, nor to what was before. */
static void piece_begin(struct debugger *d)
{
    if (d->recording) return;
    if (!d->file) d->file = tmpfile();
    const rt386_record_options o = {.size = sizeof o,
                                    .put = put,
                                    .put_ctx = d->file,
                                    .keyframe_every = UINT64_MAX,
                                    .keyframe_us = KEYFRAME_US,
                                    .digest_every = UINT64_MAX};
    off_t at = d->file ? ftello(d->file) : 0;
    d->recording =
        d->file && !ferror(d->file) && piece_room(d) && rt386_record_begin(d->live, &o) == RT386_OK;
    if (d->recording)
        d->piece[d->pieces++] = (struct piece){.at = at, .first = place_of(d->live)};
    else
        d->pieces = 0;
}

/* A long one is closed; what is too long ago is given back to the host. */
static void piece_watch(struct debugger *d)
{
    off_t end = d->file ? ftello(d->file) : 0;
    if (!d->recording || end - d->piece[d->pieces - 1].at < (off_t)PIECE_BYTES) return;
    piece_end(d);
    unsigned old = 0;
    while (old + 1 < d->pieces && end - d->piece[old].at > KEPT_BYTES)
        old++;
    if (old) {
        (void)fallocate(fileno(d->file), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                        d->piece[old].at);
        memmove(d->piece, d->piece + old, (d->pieces - old) * sizeof *d->piece);
        d->pieces -= old;
    }
    piece_begin(d);
}

/* INtime's kernel chooses its first thread when a run begins, before any instruction: it stands there. */
struct debugger *debugger_new(rt386 *live)
{
    struct debugger *d = calloc(1, sizeof *d);
    if (!d) return NULL;
    d->live = live;
    pthread_mutex_init(&d->lock, NULL);
    piece_begin(d);
    rt386_stop(live);
    (void)rt386_run(live, 1, 0, &d->why);
    return d;
}

/* The second machine stands at the beginning of a piece. NULL, or why not. */
static const char *past_open(struct debugger *d, unsigned i)
{
    rt386_config config = {.size = sizeof config};
    bool network = false;
    static char why[200];
    piece_end(d);
    if (d->past && d->at == i) return NULL;
    past_close(d);
    const struct piece *p = &d->piece[i];
    off_t skipped = p->at % sysconf(_SC_PAGESIZE);
    d->size = (size_t)(p->end - p->at + skipped);
    void *bytes = mmap(NULL, d->size, PROT_READ, MAP_PRIVATE, fileno(d->file), p->at - skipped);
    if (bytes == MAP_FAILED) return "the history cannot be read";
    d->bytes = bytes;
    d->at = i;
    if (rt386_trace_open_bytes((uint8_t *)bytes + skipped, d->size - (size_t)skipped, &d->trace,
                               why, sizeof why) != RT386_OK)
        return why;
    if (rt386_trace_config(d->trace, &config, &network) != RT386_OK ||
        rt386_create(&config, &d->past) != RT386_OK ||
        (network && rt386_share_loopback(d->past) != RT386_OK))
        return "the host has no memory for a second machine";
    if (rt386_reverse_open(d->past, d->trace, &d->reverse) == RT386_OK) return NULL;
    snprintf(why, sizeof why, "%s", rt386_error(d->past));
    return why;
}

/* Whatever cannot be done leaves the live machine to be looked at. */
static void fail(struct debugger *d, struct debug_stop *stop, const char *why)
{
    stop_with(stop, DEBUG_FAILED, why);
    past_close(d);
}

static void past_failed(struct debugger *d, struct debug_stop *stop, rt386_status st)
{
    char why[300];
    if (was_called(d)) {
        forget_call(d);
        stop_with(stop, DEBUG_CALLED, "stopped");
        return;
    }
    snprintf(why, sizeof why, "%s", rt386_error(d->past));
    if (st == RT386_E_RANGE || st == RT386_E_ARG) /* the machine has not moved */
        stop_with(stop, DEBUG_FAILED, why);
    else
        fail(d, stop, *why ? why : rt386_status_text(st));
}

/* To the beginning of the next piece; false: that is the live machine. */
static bool past_next(struct debugger *d, struct debug_stop *stop)
{
    if (d->at + 1 >= d->pieces) {
        past_close(d);
        return false;
    }
    const char *why = past_open(d, d->at + 1);
    if (why) fail(d, stop, why);
    return !why;
}

/* The live machine has not moved since the last piece ended. */
static bool at_live(const struct debugger *d)
{
    rt386_place here = place_of(d->past), live = place_of(d->live);
    return d->at + 1 == d->pieces && here.insns == live.insns && here.clocks == live.clocks;
}

/* ---- on ------------------------------------------------------------------------------------------- */

static void live_run(struct debugger *d, uint64_t insns)
{
    piece_begin(d);
    run_on(d, d->live);
    if (was_called(d))
        d->why = (rt386_exit){.kind = RT386_EXIT_STOPPED};
    else
        (void)rt386_run(d->live, insns, 0, &d->why);
    run_on(d, NULL);
}

/* What has come of it. False: nothing, the run goes on. */
static bool live_stopped(struct debugger *d, struct debug_stop *stop)
{
    switch (d->why.kind) {
    case RT386_EXIT_BUDGET: return false;
    case RT386_EXIT_BREAK:
        stop_with(stop, DEBUG_MET, d->why.text);
        rt386_break_met(d->live, &stop->met);
        return true;
    case RT386_EXIT_STOPPED:
        forget_call(d); /* or the output is broken */
        stop_with(stop, DEBUG_CALLED, "stopped");
        return true;
    default:
        stop_with(stop, DEBUG_ENDED, d->why.text);
        stop->why = d->why;
        return true;
    }
}

static void live_to(struct debugger *d, uint64_t most, struct debug_stop *stop)
{
    uint64_t end = rt386_insns(d->live) + most;
    for (;;) {
        uint64_t left = most ? end - rt386_insns(d->live) : SLICE;
        if (most && !left) break;
        live_run(d, left < SLICE ? left : SLICE);
        if (live_stopped(d, stop)) return;
        piece_watch(d);
    }
    stop_with(stop, DEBUG_STEPPED, "");
}

/* True: met, or nothing more is to be done; false: on with the live machine. What is at a piece's end is seen at the next one's
 * beginning: there it counts. */
static bool past_run(struct debugger *d, rt386_seek *seek, unsigned count, uint64_t end,
                     struct debug_stop *stop)
{
    while (d->past) {
        rt386_status st = RT386_E_NOTFOUND;
        run_on(d, d->past);
        if (count)
            st = rt386_reverse_find(d->reverse, seek, count, true, &stop->met);
        else
            st = rt386_reverse_go(d->reverse, rt386_reverse_end(d->reverse));
        run_on(d, NULL);
        if (st == RT386_OK && count && rt386_insns(d->past) <= end) {
            stop->reason = DEBUG_MET;
            return true;
        }
        if ((st != RT386_OK && st != RT386_E_NOTFOUND) || was_called(d)) {
            past_failed(d, stop, st);
            return true;
        }
        if (end < UINT64_MAX && rt386_insns(d->past) >= end) {
            debugger_go(d, end, stop);
            return true;
        }
        if (!past_next(d, stop) && stop->reason == DEBUG_FAILED) return true;
        for (unsigned i = 0; i < count; i++)
            seek[i].here = true;
    }
    return false;
}

/* A breakpoint that was set where it stands is met at once. */
static bool met_at_once(const struct debugger *d, rt386_place from, const struct debug_stop *stop)
{
    rt386_place here = place_of(d->live);
    return stop->reason == DEBUG_MET && here.insns == from.insns && here.clocks == from.clocks &&
           stop->met.place.clocks == from.clocks;
}

void debugger_run(struct debugger *d, const rt386_seek *wanted, unsigned count, uint64_t most,
                  struct debug_stop *stop)
{
    *stop = (struct debug_stop){.reason = DEBUG_STEPPED};
    uint64_t begin = rt386_insns(debugger_machine(d));
    uint64_t end = most && begin + most > begin ? begin + most : UINT64_MAX;
    rt386_seek seek[RT386_SEEK_MAX];
    bool back = d->past;
    if (count > RT386_SEEK_MAX) count = RT386_SEEK_MAX;
    if (count) memcpy(seek, wanted, count * sizeof *seek);
    forget_call(d);
    if (d->past && past_run(d, seek, count, end, stop)) return;
    if (rt386_break_on(d->live, seek, count) != RT386_OK) {
        stop_with(stop, DEBUG_FAILED, rt386_error(d->live));
        return;
    }
    rt386_place from = place_of(d->live);
    bool exec = true;
    do {
        uint64_t left = end == UINT64_MAX ? 0 : end - rt386_insns(d->live);
        live_to(d, left, stop);
        exec = stop->reason == DEBUG_MET && seek[stop->met.which].kind == RT386_SEEK_EXEC;
    } while (exec && !back && met_at_once(d, from, stop));
}

/* ---- steps ---------------------------------------------------------------------------------------- */

/* Up to so many instructions, and not past those clocks; ended by the first exception or interrupt as by its budget. True: an
 * exception is held. */
static bool live_part(struct debugger *d, uint64_t n, uint64_t clocks)
{
    rt386_sighting met;
    piece_begin(d);
    run_on(d, d->live);
    (void)rt386_run(d->live, n, clocks, &d->why);
    run_on(d, NULL);
    bool held = rt386_break_met(d->live, &met) && met.place.clocks == rt386_clocks(d->live);
    if (d->why.kind == RT386_EXIT_TIME || d->why.kind == RT386_EXIT_BREAK)
        d->why.kind = RT386_EXIT_BUDGET;
    return held;
}

/* Up to n instructions on, to the first exception or interrupt at most; how many it was. One that is refused is one; and when
 * only one is wanted, so is an interrupt, before its handler's first instruction. `first`: it may stand before an exception
 * that has been held already, and is not held again. */
static uint64_t live_steps(struct debugger *d, uint64_t n, bool first)
{
    rt386_place from = place_of(d->live);
    uint64_t soon =
        from.clocks + 1; /* an instruction or a delivery passes it; idle time does not */
    bool held = live_part(d, first ? 1 : n, first ? soon : 0);
    if (held) (void)live_part(d, 1, rt386_clocks(d->live) + 1);
    rt386_place here = place_of(d->live);
    uint64_t done = here.insns - from.insns + held;
    bool delivered = first ? here.clocks > soon : n == 1;
    return !done && delivered ? 1 : done;
}

static void live_step(struct debugger *d, uint64_t n, struct debug_stop *stop)
{
    const rt386_seek event = {.size = sizeof event, .kind = RT386_SEEK_EVENT, .vector = -1};
    rt386_status st = rt386_break_on(d->live, &event, 1);
    if (st != RT386_OK) {
        stop_with(stop, DEBUG_FAILED, rt386_error(d->live));
        return;
    }
    for (bool first = true; n && !was_called(d); first = false) {
        uint64_t done = live_steps(d, n < SLICE ? n : SLICE, first);
        n -= done < n ? done : n;
        if (live_stopped(d, stop)) return;
        piece_watch(d);
    }
    if (was_called(d)) stop_with(stop, DEBUG_CALLED, "stopped");
    forget_call(d);
}

void debugger_step(struct debugger *d, uint64_t n, struct debug_stop *stop)
{
    stop_with(stop, DEBUG_STEPPED, "");
    forget_call(d);
    while (d->past && n) {
        run_on(d, d->past);
        rt386_place before = place_of(d->past), end = d->piece[d->at].last;
        rt386_status st = rt386_reverse_step(d->reverse, n);
        run_on(d, NULL);
        if (st == RT386_OK) {
            if (at_live(d)) past_close(d);
            return;
        }
        if (st != RT386_E_NOTFOUND) {
            past_failed(d, stop, st);
            return;
        }
        uint64_t done = end.insns - before.insns;
        if (!done) done = end.clocks > before.clocks; /* the last one was refused */
        n = done < n ? n - done : 0;
        if (!past_next(d, stop) && stop->reason == DEBUG_FAILED) return;
    }
    if (n && !d->past) live_step(d, n, stop);
}

/* ---- back ------------------------------------------------------------------------------------------ */

/* The machine of a piece, wherever it stands in it. */
static bool past_any(struct debugger *d, unsigned i, struct debug_stop *stop)
{
    const char *why = past_open(d, i);
    if (why) fail(d, stop, why);
    return !why;
}

/* Something to look back at. *live: from where the live machine stands, which is the end of the last piece. */
static bool past_here(struct debugger *d, bool *live, struct debug_stop *stop)
{
    forget_call(d);
    *live = !d->past;
    if (d->past) return true;
    piece_end(d);
    if (d->pieces) return past_any(d, d->pieces - 1, stop);
    stop_with(stop, DEBUG_BEGINNING, "no earlier place is known");
    return false;
}

void debugger_back(struct debugger *d, uint64_t n, struct debug_stop *stop)
{
    bool from_end;
    stop_with(stop, DEBUG_STEPPED, "");
    if (!n || !past_here(d, &from_end, stop)) return;
    for (;; from_end = true) {
        run_on(d, d->past);
        rt386_status st = from_end ? rt386_reverse_back_from_end(d->reverse, n)
                                   : rt386_reverse_back(d->reverse, n);
        run_on(d, NULL);
        if (st == RT386_OK) return;
        if (st != RT386_E_NOTFOUND) {
            past_failed(d, stop, st);
            return;
        }
        n -= rt386_reverse_counted(d->reverse);
        if (!d->at) break;
        if (!past_any(d, d->at - 1, stop)) return;
    }
    stop_with(stop, DEBUG_BEGINNING, "no earlier place is known");
}

/* To the last one of these in a piece, or to its beginning: RT386_E_NOTFOUND. */
static rt386_status piece_back(struct debugger *d, const rt386_seek *seek, unsigned count,
                               bool from_end, struct debug_stop *stop)
{
    rt386_status st = RT386_OK;
    run_on(d, d->past);
    if (count && from_end) st = rt386_reverse_go(d->reverse, rt386_reverse_end(d->reverse));
    if (count && st == RT386_OK)
        st = rt386_reverse_find(d->reverse, seek, count, false, &stop->met);
    else if (!count)
        st = rt386_reverse_go(d->reverse, rt386_trace_describe(d->trace).first);
    run_on(d, NULL);
    return st == RT386_OK && !count ? RT386_E_NOTFOUND : st;
}

void debugger_run_back(struct debugger *d, const rt386_seek *seek, unsigned count,
                       struct debug_stop *stop)
{
    bool from_end;
    *stop = (struct debug_stop){.reason = DEBUG_MET};
    if (!past_here(d, &from_end, stop)) return;
    for (;; from_end = true) {
        rt386_status st = piece_back(d, seek, count, from_end, stop);
        if (st == RT386_OK) return;
        if (st != RT386_E_NOTFOUND) {
            past_failed(d, stop, st);
            return;
        }
        if (!d->at) break;
        if (!past_any(d, d->at - 1, stop)) return;
    }
    stop_with(stop, DEBUG_BEGINNING, "no earlier place is known");
}

void debugger_go(struct debugger *d, uint64_t insns, struct debug_stop *stop)
{
    stop_with(stop, DEBUG_STEPPED, "");
    rt386_place live = place_of(d->live);
    if (insns >= live.insns) {
        uint64_t more = insns - live.insns;
        past_close(d);
        (void)rt386_break_on(d->live, NULL, 0);
        forget_call(d);
        if (more) live_to(d, more, stop);
        return;
    }
    piece_end(d);
    unsigned i = d->pieces;
    while (i && d->piece[i - 1].first.insns > insns)
        i--;
    if (!i) {
        stop_with(stop, DEBUG_BEGINNING, "no such early place is known");
        return;
    }
    const char *why = past_open(d, i - 1);
    if (why) {
        fail(d, stop, why);
        return;
    }
    run_on(d, d->past);
    rt386_status st = rt386_reverse_go(d->reverse, insns);
    run_on(d, NULL);
    if (st != RT386_OK) past_failed(d, stop, st);
}

void debugger_go_live(struct debugger *d)
{
    past_close(d);
}
