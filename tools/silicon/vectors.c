/* vectors.c: files of vectors from blocks whose digests are a processor's, and the check that a file is just that.
 *
 *   --replay DIGESTS --moo FOLDER     FOLDER/FAMILY.MOO.gz, FOLDER/rows-X.MOO.gz: states of each block 0
 *   --moo FOLDER --seed N             the same of rt386 alone: nothing is known of a processor then
 *   --replay DIGESTS --check FOLDER   every vector there is made again from its block
 *
 * A vector's name says where it is from: "trap limit-byte 0 17 ADD": family, block, state, mnemonic.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vector.h"

#define ROW_GROUPS 17u /* by the first digit of the opcode, and 0F */

struct work {
    struct session *s;
    struct golden golden;
    struct vector_maker *maker;
    rt386_moo_info info;
    rt386_moo_writer *writer;
    uint64_t vectors, faults, left_out;
    unsigned files;
};

/* "AMD EPYC": "EPYC". */
static void short_name(const char *model, char cpu[5])
{
    const char *blank = strrchr(model, ' ');
    const char *last = blank ? blank + 1 : model;
    snprintf(cpu, 5, "%.4s", strlen(last) && strlen(last) <= 4 ? last : "x86");
}

static bool begin(struct work *w, struct session *s)
{
    char cpu[5] = "386";
    *w = (struct work){.s = s, .maker = calloc(1, sizeof *w->maker)};
    if (!w->maker || (s->replay && !golden_open(s, &w->golden))) return false;
    w->maker->emu = s->emu;
    w->maker->wraps = s->emu->cpu.flat_wraps;
    if (s->replay) short_name(w->golden.model, cpu);
    vector_info(w->maker, cpu, s->seed, &w->info);
    return true;
}

static void end(struct work *w)
{
    golden_close(&w->golden);
    free(w->maker);
}

/* --- making --- */

static bool add_state(struct work *w, const char *kind, const char *name, unsigned state)
{
    const struct sil_in *in = &w->s->in[state];
    rt386_moo_test test;
    snprintf(w->maker->name, sizeof w->maker->name, "%s %s 0 %u %s", kind, name, state,
             i386_rows[in->row].mnemonic);
    if (!vector_make(w->maker, in, kind[0] == 'b', &test)) {
        w->left_out++;
        return false;
    }
    w->vectors++;
    w->faults += test.has_exception && test.vector != 1;
    return rt386_moo_writer_add(w->writer, &test) == RT386_OK;
}

static bool faulted(const struct sil_out *out)
{
    return out->vector != SIL_NONE && out->vector != 1;
}

/* Half of them faulting ones, as far as there are any. */
static void add_traps(struct work *w, const char *family)
{
    uint64_t faults = w->s->traps / 2, want[2] = {w->s->traps - faults, faults};
    for (unsigned i = 0; i < SIL_STATES; i++) {
        bool fault = faulted(&w->s->out[i]);
        if (want[fault] && add_state(w, "trap", family, i)) want[fault]--;
    }
}

/* Of as many forms of the instruction as there can be: 32 states share one. */
static void add_batch(struct work *w, const char *row)
{
    uint64_t each = w->s->each ? w->s->each : 1, step = SIL_STATES / each ? SIL_STATES / each : 1;
    for (uint64_t i = 0; i < each && i * step < SIL_STATES; i++)
        add_state(w, "batch", row, (unsigned)(i * step + i % (step < 32 ? step : 32)));
}

/* False: the digest is not the processor's. */
static bool add_block(struct work *w, bool batch, unsigned which, const char *name)
{
    const char *kind = batch ? "batch" : "trap";
    bool equal = !w->s->replay;
    if (w->s->replay)
        (void)golden_block(w->s, &w->golden, kind, name, 0, &equal);
    else if (batch)
        equal = session_batch_emu(w->s, which, 0);
    else
        session_trap_emu(w->s, which, 0);
    if (!equal)
        printf("%s %s: its digest is not the processor's\n", kind, name);
    else if (batch)
        add_batch(w, name);
    else
        add_traps(w, name);
    return equal;
}

static bool put_file(void *ctx, const char *bytes, size_t n)
{
    return fwrite(bytes, 1, n, ctx) == n;
}

static bool save(struct work *w, const char *name)
{
    char path[512];
    const uint8_t *bytes;
    size_t n;
    rt386_moo *moo = NULL;
    snprintf(path, sizeof path, "%.400s/%.60s.MOO.gz", w->s->moo, name);
    if (rt386_moo_writer_finish(w->writer, &bytes, &n) != RT386_OK) return false;
    if (rt386_moo_open_bytes(bytes, n, &moo, NULL, 0) != RT386_OK) return false;
    FILE *f = fopen(path, "wb");
    bool good = f && rt386_moo_write_gzip(moo, put_file, f) == RT386_OK;
    if (f && fclose(f)) good = false;
    rt386_moo_close(moo);
    if (!good) fprintf(stderr, "%s: cannot be written\n", path);
    w->files++;
    return good;
}

static bool open_writer(struct work *w, const char *mnemonic)
{
    snprintf(w->info.mnemonic, sizeof w->info.mnemonic, "%s", mnemonic);
    return rt386_moo_writer_new(&w->info, &w->writer) == RT386_OK;
}

static bool make_family(struct work *w, unsigned family)
{
    const char *name = sil_families[family].name;
    if (!session_wants(w->s, name)) return true;
    bool good = open_writer(w, "several") && add_block(w, false, family, name) && save(w, name);
    rt386_moo_writer_free(w->writer);
    return good;
}

static unsigned group_of(unsigned row)
{
    return i386_rows[row].opcode > 0xff ? 16 : i386_rows[row].opcode >> 4;
}

static bool make_rows(struct work *w, unsigned group)
{
    char name[32], row[32];
    bool good = open_writer(w, "several");
    uint64_t before = w->vectors;
    snprintf(name, sizeof name, group < 16 ? "rows-%x" : "rows-0f", group);
    for (unsigned i = 1; good && i < i386_row_count; i++)
        if (group_of(i) == group && row_usable(i, FORM_BATCH) &&
            session_wants(w->s, row_name(i, row)))
            good = add_block(w, true, i, row);
    if (good && w->vectors > before) good = save(w, name);
    rt386_moo_writer_free(w->writer);
    return good;
}

int vectors_write(struct session *s)
{
    struct work w;
    bool good = begin(&w, s);
    for (unsigned i = 0; good && i < sil_family_count; i++)
        good = make_family(&w, i);
    for (unsigned i = 0; good && i < ROW_GROUPS; i++)
        good = make_rows(&w, i);
    printf("%u files, %" PRIu64 " vectors, %" PRIu64 " of them faulted; %" PRIu64
           " states left out, which are not a processor's alone\n",
           w.files, w.vectors, w.faults, w.left_out);
    end(&w);
    return good ? 0 : 2;
}

/* --- checking --- */

struct from { /* where a vector is from */
    char kind[16], name[64];
    uint64_t number;
    unsigned state;
};

static bool read_name(const rt386_moo_test *test, struct from *from)
{
    char text[160];
    if (test->name.n >= sizeof text) return false;
    memcpy(text, test->name.p, test->name.n);
    text[test->name.n] = 0;
    return sscanf(text, "%15s %63s %" SCNu64 " %u", from->kind, from->name, &from->number,
                  &from->state) == 4 &&
           from->state < SIL_STATES;
}

static bool again(struct work *w, const rt386_moo_test *test, struct from *block)
{
    struct from from;
    rt386_moo_test made;
    bool equal = false;
    if (!read_name(test, &from)) return false;
    bool same = block->kind[0] == from.kind[0] && !strcmp(block->name, from.name) &&
                block->number == from.number;
    if (!same &&
        (!golden_block(w->s, &w->golden, from.kind, from.name, from.number, &equal) || !equal))
        return false;
    *block = from;
    snprintf(w->maker->name, sizeof w->maker->name, "%.*s", (int)test->name.n, test->name.p);
    if (!vector_make(w->maker, &w->s->in[from.state], from.kind[0] == 'b', &made)) return false;
    w->vectors++;
    return rt386_moo_writer_add(w->writer, &made) == RT386_OK;
}

/* The same bytes come out again. */
static bool check_file(struct work *w, const char *path)
{
    char err[200] = "";
    rt386_moo *moo = NULL;
    rt386_moo_test test;
    struct from block = {.kind = ""};
    const uint8_t *made = NULL;
    size_t n = 0, size = 0;
    if (rt386_moo_open(path, &moo, err, sizeof err) != RT386_OK) {
        printf("# %s: %s\n", path, err);
        return false;
    }
    bool good = open_writer(w, rt386_moo_describe(moo)->mnemonic);
    for (uint32_t i = 0; good && rt386_moo_test_at(moo, i, &test); i++)
        if (!(good = again(w, &test, &block)))
            printf("# %s: test %" PRIu32 " is of no block of the processor's\n", path, i);
    if (good) good = rt386_moo_writer_finish(w->writer, &made, &size) == RT386_OK;
    const uint8_t *bytes = rt386_moo_bytes(moo, &n);
    if (good && (n != size || memcmp(bytes, made, n) != 0)) {
        printf("# %s: not what its blocks give\n", path);
        good = false;
    }
    rt386_moo_writer_free(w->writer);
    rt386_moo_close(moo);
    w->files++;
    return good;
}

static int is_moo(const struct dirent *e)
{
    return strstr(e->d_name, ".MOO") != NULL;
}

int vectors_check(struct session *s)
{
    struct work w;
    struct dirent **list = NULL;
    bool good = begin(&w, s);
    int n = scandir(s->check, &list, is_moo, alphasort);
    for (int i = 0; i < n; i++) {
        char path[1024];
        snprintf(path, sizeof path, "%.500s/%.255s", s->check, list[i]->d_name);
        if (good && !check_file(&w, path)) good = false;
        free(list[i]);
    }
    free(list);
    good = good && w.vectors;
    if (s->tap) printf("1..1\n%sok 1 - ", good ? "" : "not ");
    printf("%" PRIu64 " vectors of %u files are of blocks whose digests are those of %s\n",
           w.vectors, w.files, w.golden.model);
    end(&w);
    return good ? 0 : 1;
}
