/* golden.c: block digests of a processor as a text file, and their replay on rt386.
 *
 *   # rt386 silicon digests 2
 *   # cpu AMD EPYC
 *   # seed 386
 *   batch 00 0 0123456789abcdef     row, block number, digest of 1,024 end states
 *   trap limit-byte 0 ...           family, block number, digest
 *
 * A block is a pure function of seed, row or family, and number. A digest covers the end states with
 * undefined flags and the points of excuses.def taken out. In version 1 one more point was taken out: an access
 * across 4 GB in a flat segment, which the host refuses, counted as one that goes on at 0.
 */
#include "session.h"

#include <inttypes.h>
#include <string.h>

static void cpu_model(char *to, size_t size)
{
    char line[256];
    FILE *f = fopen("/proc/cpuinfo", "r");
    snprintf(to, size, "unknown");
    while (f && fgets(line, sizeof line, f)) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !colon) continue;
        snprintf(to, size, "%s", colon + 2);
        to[strcspn(to, "\n")] = '\0';
        break;
    }
    if (f) fclose(f);
}

FILE *golden_create(const char *path, uint64_t seed)
{
    char model[200];
    FILE *f = fopen(path, "w");
    if (!f) return NULL;
    cpu_model(model, sizeof model);
    fprintf(f, "# rt386 silicon digests 2\n# cpu %s\n# seed %" PRIu64 "\n", model, seed);
    return f;
}

static bool find_row(const char *name, unsigned *row)
{
    char is[32];
    for (*row = 1; *row < i386_row_count; ++*row)
        if (row_usable(*row, FORM_BATCH) && strcmp(row_name(*row, is), name) == 0) return true;
    return false;
}

static bool find_family(const char *name, unsigned *family)
{
    for (*family = 0; *family < sil_family_count; ++*family)
        if (strcmp(sil_families[*family].name, name) == 0) return true;
    return false;
}

static uint64_t digest_of(struct session *s, bool batch)
{
    uint64_t digest = 0;
    for (unsigned i = 0; i < SIL_STATES; i++) {
        sil_normalize(&s->in[i], &s->out[i]);
        digest = sil_digest(digest, batch, &s->out[i]);
    }
    return digest;
}

/* False: the line is not one of ours. */
static bool replay_line(struct session *s, const char *line, bool *equal)
{
    char kind[16], name[64];
    uint64_t number, want;
    unsigned which;
    if (sscanf(line, "%15s %63s %" SCNu64 " %" SCNx64, kind, name, &number, &want) != 4)
        return false;
    bool batch = strcmp(kind, "batch") == 0;
    if (!batch && strcmp(kind, "trap") != 0) return false;
    if (batch ? !find_row(name, &which) : !find_family(name, &which)) return false;
    if (batch && !session_batch_emu(s, which, number)) return false;
    if (!batch) session_trap_emu(s, which, number);
    *equal = digest_of(s, batch) == want;
    if (!*equal) printf("# %s %s, block %" PRIu64 ": not as recorded\n", kind, name, number);
    return true;
}

static void read_header(struct session *s, struct golden *g, const char *line)
{
    unsigned version;
    if (sscanf(line, "# rt386 silicon digests %u", &version) == 1)
        s->emu->cpu.flat_wraps = version == 1;
    (void)sscanf(line, "# seed %" SCNu64, &s->seed);
    (void)sscanf(line, "# cpu %255[^\n]", g->model);
}

bool golden_open(struct session *s, struct golden *g)
{
    char line[256];
    *g = (struct golden){.file = fopen(s->replay, "r"), .model = "unknown"};
    if (!g->file) {
        fprintf(stderr, "%s: cannot be read\n", s->replay);
        return false;
    }
    while (fgets(line, sizeof line, g->file) && line[0] == '#')
        read_header(s, g, line);
    rewind(g->file);
    return true;
}

void golden_close(struct golden *g)
{
    if (g->file) fclose(g->file);
    g->file = NULL;
}

bool golden_block(struct session *s, struct golden *g, const char *kind, const char *name,
                  uint64_t number, bool *equal)
{
    char line[256], start[128];
    int n = snprintf(start, sizeof start, "%s %s %" PRIu64 " ", kind, name, number);
    bool found = false;
    rewind(g->file);
    while (!found && fgets(line, sizeof line, g->file))
        found = n > 0 && strncmp(line, start, (size_t)n) == 0;
    return found && replay_line(s, line, equal);
}

int golden_replay(struct session *s)
{
    char line[256];
    uint64_t blocks = 0, bad = 0;
    struct golden g;
    if (!golden_open(s, &g)) return 2;
    while (fgets(line, sizeof line, g.file)) {
        bool equal = false;
        if (line[0] == '#' || line[0] == '\n') continue;
        if (!replay_line(s, line, &equal)) printf("# not understood: %s", line);
        blocks++;
        bad += !equal;
    }
    golden_close(&g);
    if (s->tap) printf("1..1\n%sok 1 - ", bad || !blocks ? "not " : "");
    printf("recorded on %s: %" PRIu64 " blocks of %u states, %" PRIu64 " not as recorded\n",
           g.model, blocks, SIL_STATES, bad);
    return bad || !blocks ? 1 : 0;
}
