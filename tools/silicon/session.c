/* session.c: see session.h. */
#include "session.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

bool session_wants(const struct session *s, const char *name)
{
    return !s->only || strcmp(s->only, name) == 0;
}

/* Everything but test lines: a TAP reader takes no other words on standard output. */
static FILE *words_to(const struct session *s)
{
    return s->tap ? stderr : stdout;
}

/* --- one block against the runner --- */

static void differ(struct session *s, const char *what, const char *name, uint64_t number,
                   unsigned i, bool batch, const struct sil_out *native)
{
    s->row_differences[s->in[i].row]++;
    if (s->differences++ >= s->show) return;
    fprintf(words_to(s), "difference: %s (%s, seed %" PRIu64 ", block %" PRIu64 ", state %u)\n",
            what, name, s->seed, number, i);
    sil_print(words_to(s), &s->in[i], batch, &s->out[i], native);
}

static void judge(struct session *s, const char *name, uint64_t number, bool batch)
{
    for (unsigned i = 0; i < s->link.shared->count; i++) {
        struct sil_out *native = &s->link.shared->out[i];
        sil_normalize(&s->in[i], native);
        sil_normalize(&s->in[i], &s->out[i]);
        sil_excuse(&s->in[i], batch, s->emu->before, &s->out[i], native, s->excused);
        const char *what = sil_compare(batch, &s->out[i], native);
        if (what) differ(s, what, name, number, i, batch, native);
    }
}

void session_note(struct session *s, const char *kind, const char *name, uint64_t number,
                  bool batch)
{
    uint64_t digest = 0;
    if (!s->digests) return;
    for (unsigned i = 0; i < SIL_STATES; i++)
        digest = sil_digest(digest, batch, &s->link.shared->out[i]);
    fprintf(s->digests, "%s %s %" PRIu64 " %016" PRIx64 "\n", kind, name, number, digest);
}

static bool died(const struct session *s, const char *name, uint64_t number, bool batch)
{
    unsigned at = s->link.shared->at;
    fprintf(words_to(s), "the runner ended in %s, seed %" PRIu64 ", block %" PRIu64 ", state %u\n",
            name, s->seed, number, at);
    sil_print(words_to(s), &s->in[at], batch, &s->out[at], &s->out[at]);
    return false;
}

/* --- batches --- */

const char *row_name(unsigned row, char to[32])
{
    const struct i386_row *r = &i386_rows[row];
    if (r->ext < 0)
        snprintf(to, 32, "%02X", r->opcode);
    else
        snprintf(to, 32, "%02X/%d", r->opcode, r->ext);
    return to;
}

bool session_batch_emu(struct session *s, unsigned row, uint64_t number)
{
    if (!batch_block(s->seed, row, number, s->in)) return false;
    for (unsigned i = 0; i < SIL_STATES; i++)
        emu_batch(s->emu, &s->in[i], &s->out[i]);
    return true;
}

static bool batch_one(struct session *s, unsigned row, uint64_t number)
{
    char name[32];
    row_name(row, name);
    if (!batch_block(s->seed, row, number, s->in)) {
        fprintf(stderr, "no instruction for row %s\n", name);
        return false;
    }
    s->link.shared->count = SIL_STATES;
    if (!link_send(&s->link, SIL_BATCH)) return died(s, name, number, true);
    for (unsigned i = 0; i < SIL_STATES; i++)
        emu_batch(s->emu, &s->in[i], &s->out[i]);
    uint32_t stray = emu_stray(s->emu);
    if (!link_wait(&s->link)) return died(s, name, number, true);
    s->native_batch += (double)s->link.shared->nanoseconds * 1e-9;
    uint64_t differences = s->differences;
    judge(s, name, number, true);
    session_note(s, "batch", name, number, true);
    for (unsigned i = 0; i < SIL_STATES; i++)
        s->batch_faults += s->out[i].vector != SIL_NONE;
    if (stray || s->link.shared->stray) {
        fprintf(words_to(s),
                "bytes outside the windows: rt386 %u, native %u (%s, block %" PRIu64 ")\n", stray,
                s->link.shared->stray, name, number);
        s->differences++;
    }
    s->batch_differences += s->differences - differences;
    s->batch_states += SIL_STATES;
    return true;
}

static bool run_batches(struct session *s)
{
    double start = now();
    bool ok = true;
    for (uint64_t number = 0; ok && s->batch_states < s->states; number++) {
        uint64_t done = s->batch_states;
        for (unsigned row = 1; ok && row < i386_row_count && s->batch_states < s->states; row++) {
            char name[32];
            if (row_usable(row, FORM_BATCH) && session_wants(s, row_name(row, name)))
                ok = batch_one(s, row, number);
        }
        if (done == s->batch_states) break;
    }
    s->batch_seconds = now() - start;
    return ok;
}

/* --- traps --- */

void session_trap_emu(struct session *s, unsigned family, uint64_t number)
{
    struct rng r = rng_for(s->seed, 0x10000u + family, number);
    struct row_list rows;
    family_rows(family, &rows);
    for (unsigned i = 0; i < SIL_STATES;) {
        if (!trap_state(&r, family, &rows, &s->in[i])) {
            fprintf(stderr, "no instruction for %s\n", sil_families[family].name);
            exit(2);
        }
        if (emu_trap(s->emu, &s->in[i], &s->out[i]))
            i++;
        else
            s->discarded++;
    }
}

static bool trap_one(struct session *s, unsigned family, uint64_t number)
{
    const char *name = sil_families[family].name;
    session_trap_emu(s, family, number);
    s->link.shared->count = SIL_STATES;
    if (!link_send(&s->link, SIL_TRAP) || !link_wait(&s->link)) return died(s, name, number, false);
    s->native_trap += (double)s->link.shared->nanoseconds * 1e-9;
    uint64_t differences = s->differences;
    judge(s, name, number, false);
    session_note(s, "trap", name, number, false);
    s->family_differences[family] += s->differences - differences;
    for (unsigned i = 0; i < SIL_STATES; i++) {
        uint32_t v = s->link.shared->out[i].vector;
        bool fault = v != 1 && v != 3 && v != 4 && v != SIL_NONE; /* not INT3, INTO, single step */
        s->vectors[v < 32 ? v : 32]++;
        s->trap_faults += fault;
        s->family_faults[family] += fault;
    }
    s->trap_states += SIL_STATES;
    s->family_states[family] += SIL_STATES;
    return true;
}

static bool run_traps(struct session *s)
{
    double start = now();
    bool ok = true;
    for (uint64_t number = 0; ok && s->trap_faults < s->faults; number++) {
        uint64_t done = s->trap_states;
        for (unsigned f = 0; ok && f < sil_family_count; f++)
            if (session_wants(s, sil_families[f].name)) ok = trap_one(s, f, number);
        if (done == s->trap_states) break;
    }
    s->trap_seconds = now() - start;
    return ok;
}

/* --- report --- */

static double rate(uint64_t n, double seconds)
{
    return seconds > 0 ? (double)n / seconds : 0;
}

static void report(const struct session *s)
{
    FILE *to = words_to(s);
    fprintf(to, "seed %" PRIu64 "\n", s->seed);
    fprintf(to,
            "batch: %" PRIu64 " states (%" PRIu64
            " faulted) in %.1f s: %.0f/s, processor alone %.0f/s\n",
            s->batch_states, s->batch_faults, s->batch_seconds,
            rate(s->batch_states, s->batch_seconds), rate(s->batch_states, s->native_batch));
    fprintf(to,
            "trap: %" PRIu64 " states, %" PRIu64
            " faulted, in %.1f s: %.0f/s, processor alone %.0f/s; "
            "%" PRIu64 " drawn and left out\n",
            s->trap_states, s->trap_faults, s->trap_seconds, rate(s->trap_states, s->trap_seconds),
            rate(s->trap_states, s->native_trap), s->discarded);
    for (unsigned v = 0; v < 33; v++)
        if (s->vectors[v]) fprintf(to, "  vector %2u: %" PRIu64 "\n", v, s->vectors[v]);
    for (unsigned f = 0; f < sil_family_count; f++)
        if (s->family_states[f])
            fprintf(to, "  %-18s %8" PRIu64 " states, %8" PRIu64 " faulted: %s\n",
                    sil_families[f].name, s->family_states[f], s->family_faults[f],
                    sil_families[f].what);
    for (unsigned e = 0; e < EXC_COUNT; e++)
        if (s->excused[e])
            fprintf(to, "  explained %8" PRIu64 ": %s\n", s->excused[e], sil_excuse_text[e]);
    for (unsigned row = 0; row < i386_row_count; row++) {
        char name[32];
        if (s->row_differences[row])
            fprintf(to, "  differs %8" PRIu64 ": %s %s\n", s->row_differences[row],
                    row_name(row, name), i386_rows[row].mnemonic);
    }
    fprintf(to, "unexplained differences: %" PRIu64 "\n", s->differences);
}

/* One test for the batches and one for each family. */
static void report_tap(const struct session *s)
{
    unsigned n = 1;
    printf("1..%u\n", sil_family_count + 1);
    printf("%sok %u - batch: %" PRIu64 " states\n", s->batch_differences ? "not " : "", n++,
           s->batch_states);
    for (unsigned f = 0; f < sil_family_count; f++)
        printf("%sok %u - %s: %" PRIu64 " states, %" PRIu64 " faulted\n",
               s->family_differences[f] || !s->family_states[f] ? "not " : "", n++,
               sil_families[f].name, s->family_states[f], s->family_faults[f]);
}

static int not_run(const struct session *s, const char *why)
{
    printf(s->tap ? "1..0 # SKIP %s\n" : "not run: %s\n", why);
    return s->tap ? 0 : 77;
}

static int compare_run(struct session *s, const uint8_t *arena)
{
    const char *why = "no --runner";
    if (!s->runner || !link_start(&s->link, s->runner, arena, &why)) return not_run(s, why);
    s->in = s->link.shared->in;
    if (s->write && !(s->digests = golden_create(s->write, s->seed))) return 2;
    bool ok = run_batches(s) && run_traps(s);
    report(s);
    if (s->tap) report_tap(s);
    if (s->digests) fclose(s->digests);
    link_stop(&s->link);
    return ok && !s->differences ? 0 : 1;
}

static int replay_run(struct session *s)
{
    s->in = calloc(SIL_STATES, sizeof *s->in);
    if (!s->in) return 2;
    int status = s->moo ? vectors_write(s) : s->check ? vectors_check(s) : golden_replay(s);
    free(s->in);
    return status;
}

int session_run(struct session *s)
{
    static uint8_t arena[ARENA_SIZE];
    struct rng r = rng_for(0, 0, 0);
    rng_fill(&r, arena, ARENA_SIZE);
    s->emu = emu_new(arena);
    s->out = calloc(SIL_STATES, sizeof *s->out);
    int status = 2;
    if (s->emu && s->out) status = s->replay || s->moo ? replay_run(s) : compare_run(s, arena);
    emu_free(s->emu);
    free(s->out);
    return status;
}
