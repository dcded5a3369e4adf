/* snap_guests SEED POINTS FILE...: guests are stopped at a random instruction, saved, and go on in three machines: the one
 * that was saved, a new one, and the first one again after it has run to its end. All must do the same: calls, console text,
 * exit, instructions, clocks, and the bytes of a last snapshot. INtime programs run in both memory models. TAP. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rt386/snapshot.h>

/* Instructions: long enough to see most guests end; one RT386_TEST_SHARE-th of them where each is slow. */
static uint64_t most(void)
{
    const char *text = getenv("RT386_TEST_SHARE");
    unsigned long share = text ? strtoul(text, NULL, 10) : 1;
    return 4000000u / (share ? share : 1);
}

struct bytes {
    uint8_t *at;
    size_t n, room;
};

/* What somebody outside has seen of a run. */
struct seen {
    struct bytes text;
    uint64_t calls; /* a digest of them */
    unsigned count;
};

static void add(void *ctx, const void *from, size_t n)
{
    struct bytes *b = ctx;
    if (b->n + n > b->room) {
        b->room = (b->n + n) * 2;
        b->at = realloc(b->at, b->room);
        if (!b->at) abort();
    }
    if (n) memcpy(b->at + b->n, from, n);
    b->n += n;
}

static void console(void *ctx, const char *text, size_t n)
{
    add(&((struct seen *)ctx)->text, text, n);
}

static uint64_t digest(uint64_t h, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001b3u;
    return h;
}

static void call(void *ctx, const rt386_call_event *e)
{
    struct seen *s = ctx;
    uint64_t h = digest(s->calls, e->name, strlen(e->name));
    uint32_t words[] = {e->process, e->thread, e->leaving, e->blocked, e->result, e->status};
    if (e->arguments) h = digest(h, e->arguments, strlen(e->arguments));
    s->calls = digest(h, words, sizeof words);
    s->count++;
}

static void forget(struct seen *s)
{
    s->text.n = 0;
    s->calls = 0xcbf29ce484222325u;
    s->count = 0;
}

static rt386 *machine(const rt386_config *from, struct seen *seen)
{
    rt386_config c = *from;
    rt386 *m = NULL;
    c.size = sizeof c;
    c.console = console;
    c.console_ctx = seen;
    if (rt386_create(&c, &m) != RT386_OK) return NULL;
    const rt386_observer observer = {.size = sizeof observer, .ctx = seen, .call = call};
    rt386_observe(m, &observer);
    return m;
}

static struct bytes save(const rt386 *m)
{
    struct bytes b = {0};
    if (rt386_snapshot_save(m, add, &b) != RT386_OK) printf("# %s\n", rt386_error(m));
    return b;
}

static bool same_exit(const rt386_exit *a, const rt386_exit *b)
{
    return a->kind == b->kind && a->code == b->code && a->insns == b->insns &&
           a->clocks == b->clocks && !strcmp(a->text, b->text) && !strcmp(a->process, b->process);
}

static bool same_bytes(const struct bytes *a, const struct bytes *b)
{
    return a->n == b->n && a->n && !memcmp(a->at, b->at, a->n);
}

struct run {
    rt386_exit exit;
    struct seen seen;
    struct bytes last;
};

static struct run run_on(rt386 *m, struct seen *seen)
{
    struct run r = {0};
    forget(seen);
    if (rt386_run(m, most(), 0, &r.exit) != RT386_OK) printf("# %s\n", rt386_error(m));
    r.seen = *seen;
    r.seen.text = (struct bytes){0};
    add(&r.seen.text, seen->text.at, seen->text.n);
    r.last = save(m);
    return r;
}

static void run_free(struct run *r)
{
    free(r->seen.text.at);
    free(r->last.at);
}

static const char *difference(const struct run *a, const struct run *b)
{
    if (!same_exit(&a->exit, &b->exit)) return "the exits differ";
    if (a->seen.count != b->seen.count || a->seen.calls != b->seen.calls) return "the calls differ";
    if (a->seen.text.n != b->seen.text.n ||
        (a->seen.text.n && memcmp(a->seen.text.at, b->seen.text.at, a->seen.text.n)))
        return "the console text differs";
    return same_bytes(&a->last, &b->last) ? NULL : "the last snapshots differ";
}

/* A new machine from the bytes alone. NULL: *why. */
static rt386 *machine_of(const struct bytes *b, struct seen *seen, const char **why)
{
    static char err[256];
    rt386_config c;
    rt386 *m = NULL;
    if (rt386_snapshot_config(b->at, b->n, &c, err, sizeof err) == RT386_OK) m = machine(&c, seen);
    *why = m ? NULL : err;
    if (m && rt386_snapshot_load(m, b->at, b->n) != RT386_OK) {
        snprintf(err, sizeof err, "%s", rt386_error(m));
        *why = err;
    }
    return m;
}

/* m stands where it is to be saved. */
static const char *compare(rt386 *m, struct seen *seen)
{
    struct seen other = {0};
    struct bytes here = save(m);
    const char *bad = NULL;
    rt386 *n = machine_of(&here, &other, &bad);
    struct bytes again = {0};
    if (!bad) again = save(n);
    if (!bad && !same_bytes(&here, &again)) bad = "what was loaded is saved as other bytes";
    if (!bad) {
        struct run a = run_on(m, seen), b = run_on(n, &other);
        bad = difference(&a, &b);
        if (rt386_snapshot_load(m, here.at, here.n) != RT386_OK) bad = "it does not go back";
        struct run c = run_on(m, seen);
        if (!bad && difference(&a, &c)) bad = "it goes another way the second time";
        run_free(&a);
        run_free(&b);
        run_free(&c);
    }
    free(here.at);
    free(again.at);
    free(other.text.at);
    rt386_destroy(n);
    return bad;
}

static uint64_t seed;
static uint64_t rnd(uint64_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (seed >> 20) % below;
}

/* NULL: the file is none that can be run. */
static rt386 *loaded(const char *path, bool xm, struct seen *seen)
{
    const rt386_config c = {.size = sizeof c, .memory = 32u << 20};
    const char *argv[] = {"one", "two"};
    rt386_load_options o = {.size = sizeof o, .xm = xm, .argc = 2, .argv = argv};
    rt386 *m = machine(&c, seen);
    if (m && rt386_load_file(m, path, &o) == RT386_OK) return m;
    rt386_destroy(m);
    return NULL;
}

static uint64_t length_of(const char *path, bool xm)
{
    struct seen seen = {0};
    rt386_exit e = {0};
    rt386 *m = loaded(path, xm, &seen);
    if (m) rt386_run(m, most(), 0, &e);
    rt386_destroy(m);
    free(seen.text.at);
    return e.insns;
}

static const char *point(const char *path, bool xm, uint64_t at)
{
    struct seen seen = {0};
    rt386_exit e;
    rt386 *m = loaded(path, xm, &seen);
    if (at) rt386_run(m, at, 0, &e);
    const char *bad = compare(m, &seen);
    rt386_destroy(m);
    free(seen.text.at);
    return bad;
}

static void guest(const char *path, bool xm, unsigned points, unsigned *tests, unsigned *failed)
{
    const char *slash = strrchr(path, '/'), *bad = NULL, *dot = strrchr(path, '.');
    if (xm && (!dot || strcmp(dot, ".rta") != 0)) return; /* mostly bare images */
    uint64_t length = length_of(path, xm), at = 0;
    if (!length) return;
    for (unsigned i = 0; i < points && !bad; i++) {
        at = i ? rnd(length) : 0; /* the first one is before the first instruction */
        bad = point(path, xm, at);
    }
    *failed += bad != NULL;
    printf("%sok %u - %s%s", bad ? "not " : "", ++*tests, slash ? slash + 1 : path,
           xm ? " (XM)" : "");
    if (bad) printf(": %s, saved at instruction %llu", bad, (unsigned long long)at);
    printf("\n");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    unsigned tests = 0, failed = 0;
    if (argc < 3) return 2;
    seed = strtoull(argv[1], NULL, 10);
    for (int i = 3; i < argc; i++)
        for (int xm = 0; xm < 2; xm++)
            guest(argv[i], xm, (unsigned)atoi(argv[2]), &tests, &failed);
    printf("1..%u\n", tests);
    return failed != 0;
}
