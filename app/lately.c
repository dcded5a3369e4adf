#include "lately.h"

#include "again.h"
#include "slices.h"
#include "trace.h"

#include <rt386/trace.h>
#include <stdlib.h>
#include <string.h>

/* Instructions between a fault and its report, at most. */
#define HANDLING 20000u

struct lately {
    rt386 *machine;
    unsigned instructions;
    uint64_t slice;
    uint64_t turned;         /* instructions when this slice began */
    struct text now, before; /* recordings of this slice and of the one before */
    bool recording;
};

struct lately *lately_new(rt386 *machine, unsigned instructions, uint64_t slice)
{
    struct lately *l = calloc(1, sizeof *l);
    if (l) *l = (struct lately){.machine = machine, .instructions = instructions, .slice = slice};
    return l;
}

static void stop(struct lately *l)
{
    if (l->recording) rt386_record_end(l->machine, NULL);
    l->recording = false;
}

void lately_free(struct lately *l)
{
    if (!l) return;
    stop(l);
    text_free(&l->now);
    text_free(&l->before);
    free(l);
}

/* ---- recordings -------------------------------------------------------------------------------- */

/* A no would end the run. */
static bool put(void *ctx, const void *bytes, size_t n)
{
    text_addn(ctx, bytes, n);
    return true;
}

/* Without memory for it nothing is told, and the run goes on. */
static bool turn(void *ctx)
{
    struct lately *l = ctx;
    uint64_t insns = rt386_insns(l->machine);
    if (l->recording && insns == l->turned) return true; /* the guest only faults */
    l->turned = insns;
    struct text spare = l->before;
    stop(l);
    l->before = l->now;
    l->now = spare;
    text_clear(&l->now);
    const rt386_record_options o = {.size = sizeof o,
                                    .put = put,
                                    .put_ctx = &l->now,
                                    .plain = true,
                                    .keyframe_every = UINT64_MAX,
                                    .digest_every = UINT64_MAX};
    l->recording = rt386_record_begin(l->machine, &o) == RT386_OK;
    return true;
}

rt386_status lately_run(struct lately *l, uint64_t insns, rt386_exit *why)
{
    const struct slices s = {.slice = l->slice, .before = turn, .ctx = l};
    return slices_run(&s, l->machine, insns, 0, why);
}

/* ---- again ------------------------------------------------------------------------------------- */

/* One that is told, with the name that the machine has for it now. */
struct told {
    rt386_insn_event insn;
    char symbol[96];
};

struct teller {
    struct told *ring, *at_fault; /* `size` of them each */
    unsigned size;
    uint64_t n, n_at_fault; /* ever; 0: it has not been met */
    uint32_t linear;        /* of the instruction that was refused */
    char why[200];          /* they cannot be told */
};

static bool teller_new(struct teller *t, unsigned size, uint32_t linear)
{
    *t = (struct teller){.size = size, .linear = linear};
    t->ring = calloc(size, sizeof *t->ring);
    t->at_fault = calloc(size, sizeof *t->at_fault);
    return t->ring && t->at_fault;
}

static void see(void *ctx, const rt386_insn_event *e)
{
    struct teller *t = ctx;
    struct told *to = &t->ring[t->n++ % t->size];
    to->insn = *e;
    snprintf(to->symbol, sizeof to->symbol, "%s", e->symbol ? e->symbol : "");
    if (e->linear != t->linear) return;
    memcpy(t->at_fault, t->ring, t->size * sizeof *t->ring);
    t->n_at_fault = t->n;
}

/* Up to the one that was refused, if it was among them: what came then is its handling. */
static void tell(const struct teller *t, struct text *to, struct disasm *d)
{
    const struct told *ring = t->n_at_fault ? t->at_fault : t->ring;
    uint64_t n = t->n_at_fault ? t->n_at_fault : t->n;
    for (uint64_t i = n < t->size ? 0 : n - t->size; i < n; i++) {
        struct told one = ring[i % t->size];
        one.insn.symbol = *one.symbol ? one.symbol : NULL;
        text_add(to, "  ");
        trace_insn_line(to, d, &one.insn);
    }
}

/* The `count` instructions before `end`, by a machine that the recording describes. NULL, or why not. */
static const char *run_again(rt386 *m, rt386_trace *trace, uint64_t end, uint64_t count,
                             struct teller *teller)
{
    const rt386_replay_options o = {
        .size = sizeof o, .keyframe = true, .from = rt386_trace_describe(trace).first};
    const rt386_observer look = {.size = sizeof look, .ctx = teller, .insn = see};
    rt386_exit why;
    if (rt386_replay_begin(m, trace, &o) != RT386_OK) return rt386_error(m);
    uint64_t far = end - rt386_insns(m) - count;
    if (far && rt386_run(m, far, 0, &why) != RT386_OK) return rt386_error(m);
    if (rt386_observe(m, &look) != RT386_OK || rt386_run(m, count, 0, &why) != RT386_OK)
        return rt386_error(m);
    return rt386_insns(m) == end ? NULL : "the run went another way when it was made again";
}

/* False: teller->why tells. */
static bool tail(struct teller *teller, rt386_trace *trace, uint64_t end, uint64_t count)
{
    rt386 *m = NULL;
    const char *wrong = NULL;
    if (again_machine(trace, &m, &wrong) == STATUS_OK)
        wrong = run_again(m, trace, end, count, teller);
    if (wrong) snprintf(teller->why, sizeof teller->why, "%s", wrong);
    if (m) rt386_destroy(m);
    return !wrong;
}

static rt386_trace *recording_of(const struct text *bytes, char *why, size_t size)
{
    rt386_trace *trace = NULL;
    (void)rt386_trace_open_bytes(bytes->p, bytes->n, &trace, why, size);
    return trace;
}

/* The last ones up to `end`, out of the slice of now and, where that is too short, the one before it. */
static void run_both(struct lately *l, struct teller *teller, rt386_trace *now, rt386_trace *before)
{
    uint64_t end = rt386_insns(l->machine), most = l->instructions + HANDLING;
    uint64_t first = rt386_trace_describe(now).first;
    uint64_t older = before ? rt386_trace_describe(before).first : first;
    if (first > end) first = end;
    if (older > first) older = first;
    uint64_t have = end - first < most ? end - first : most, more = most - have;
    if (more > first - older) more = first - older;
    if ((!more || tail(teller, before, first, more)) && have) tail(teller, now, end, have);
}

static void run_kept(struct lately *l, struct teller *teller)
{
    char unsaid[200];
    bool good = l->recording && rt386_record_flush(l->machine) == RT386_OK && !l->now.failed;
    rt386_trace *before = recording_of(&l->before, unsaid, sizeof unsaid);
    rt386_trace *now = good ? recording_of(&l->now, teller->why, sizeof teller->why) : NULL;
    if (!good) snprintf(teller->why, sizeof teller->why, "the host has no memory for them");
    if (now) run_both(l, teller, now, before);
    rt386_trace_close(now);
    rt386_trace_close(before);
}

void lately_text(struct lately *l, uint32_t linear, struct text *t)
{
    struct disasm *d = disasm_new();
    struct teller teller;
    bool good = teller_new(&teller, l->instructions, linear) && d;
    if (good) run_kept(l, &teller);
    if (good) tell(&teller, t, d);
    if (!good) snprintf(teller.why, sizeof teller.why, "the host has no memory for them");
    if (*teller.why) text_addf(t, "  the others cannot be told: %s\n", teller.why);
    free(teller.ring);
    free(teller.at_fault);
    disasm_free(d);
}
