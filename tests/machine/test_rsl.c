/* test_rsl.c: libraries whose files are damaged, as part of a program and through LoadRtLibrary: a clear refusal or a run
 * that ends, never a host that suffers. RT386_TEST_GUESTS names the folder of the guests. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "machine.h"

#include <criterion/criterion.h>

#define ROUNDS    150u
#define FILE_ROOM 65536u

static char folder[64];

struct file {
    uint8_t b[FILE_ROOM];
    size_t n;
};

static bool file_get(const char *name, struct file *f)
{
    char path[512];
    const char *guests = getenv("RT386_TEST_GUESTS");
    snprintf(path, sizeof path, "%s/rsl/%s", guests ? guests : "", name);
    FILE *in = guests ? fopen(path, "rb") : NULL;
    if (!in) return false;
    f->n = fread(f->b, 1, FILE_ROOM, in);
    fclose(in);
    return f->n > 0 && f->n < FILE_ROOM;
}

static void file_put(const char *name, const struct file *f)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "wb");
    cr_assert_not_null(out);
    cr_assert_eq(fwrite(f->b, 1, f->n, out), f->n);
    fclose(out);
}

static const char *const names[] = {"rsls.rta",       "linked.rta",    "rsl_one.rsl",
                                    "rsl_two.rsl",    "rsl_ping.rsl",  "rsl_pong.rsl",
                                    "rsl_refuse.rsl", "rsl_inner.rsl", "rsl_forward.rsl"};

static void setup(void)
{
    static struct file f;
    snprintf(folder, sizeof folder, "/tmp/rt386-rsl-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (file_get(names[i], &f)) file_put(names[i], &f);
}

static void teardown(void)
{
    char path[512];
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

/* Loads and runs; the kernel's own tables must hold afterwards. True: the program was not refused. */
static bool run(const char *program)
{
    char path[512];
    rt386 *m = NULL;
    rt386_config config = {.size = sizeof config, .memory = 16u << 20};
    snprintf(path, sizeof path, "%s/%s", folder, program);
    cr_assert_eq(rt386_create(&config, &m), RT386_OK);
    rt386_status st = rt386_load_file(m, path, NULL);
    if (st == RT386_OK) {
        rt386_exit why;
        cr_expect_eq(rt386_run(m, 200000, 0, &why), RT386_OK);
    } else {
        cr_expect_eq(st, RT386_E_FORMAT, "%s", rt386_error(m));
        cr_expect_gt(strlen(rt386_error(m)), 10);
    }
    const char *bad = rt_kernel_check(m->kernel);
    cr_expect_null(bad, "%s", bad);
    rt386_destroy(m);
    return st == RT386_OK;
}

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* A few bytes of the headers, of the tables, or of anything. */
static void damage(struct file *f, uint32_t *seed)
{
    static const uint32_t spans[] = {0x400, 0x2000, FILE_ROOM};
    uint32_t span = spans[next(seed) % 3], count = 1 + next(seed) % 4;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = next(seed) % (span < f->n ? span : (uint32_t)f->n);
        f->b[at] = next(seed) % 3 ? (uint8_t)next(seed) : 0xff;
    }
    if (next(seed) % 16 == 0) f->n = 1 + next(seed) % f->n;
}

/* How many of the rounds were not refused. */
static unsigned rounds(const char *library, const char *program)
{
    static struct file whole, f;
    if (!file_get(library, &whole)) cr_skip_test("the guest programs were not built");
    uint32_t seed = 20251;
    unsigned ran = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        f = whole;
        damage(&f, &seed);
        file_put(library, &f);
        ran += run(program);
    }
    return ran;
}

Test(rsl, damaged_as_part_of_a_program, .init = setup, .fini = teardown)
{
    unsigned ran = rounds("rsl_two.rsl", "linked.rta");
    cr_expect(ran > ROUNDS / 10 && ran < ROUNDS, "%u of %u ran: the damage is one-sided", ran,
              ROUNDS);
}

Test(rsl, damaged_and_loaded_at_run_time, .init = setup, .fini = teardown)
{
    cr_expect_eq(rounds("rsl_one.rsl", "rsls.rta"), ROUNDS, "the program itself is sound");
}

Test(rsl, folders)
{
    rt386 *m = NULL;
    cr_assert_eq(rt386_create(NULL, &m), RT386_OK);
    cr_expect_eq(rt386_rsl_folder(m, NULL), RT386_E_ARG);
    cr_expect_eq(rt386_rsl_folder(m, ""), RT386_E_ARG);
    cr_expect_eq(rt386_rsl_folder(m, "/no/such/folder"), RT386_E_NOTFOUND);
    cr_expect_eq(rt386_rsl_folder(m, "/etc/passwd"), RT386_E_NOTFOUND);
    cr_expect_eq(rt386_rsl_folder(m, "/tmp"), RT386_OK);
    cr_expect_eq(rt386_rsl_folder(m, "/etc"), RT386_OK);
    rt386_destroy(m);
}
