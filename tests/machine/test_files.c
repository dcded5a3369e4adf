/* test_files.c: which files a guest reaches by name: those beside its program, and no others. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine.h"

#include <criterion/criterion.h>

static char folder[64];

static void make(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    cr_assert_not_null(f);
    fclose(f);
}

static void setup(void)
{
    snprintf(folder, sizeof folder, "/tmp/rt386-files-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    make("part.rta");
    make("Part.rta");
    make("OTHER.RTA");
    char path[128];
    snprintf(path, sizeof path, "%s/sub", folder);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/link.rta", folder);
    cr_assert_eq(symlink("/etc/passwd", path), 0);
    snprintf(path, sizeof path, "%s/pipe.rta", folder);
    cr_assert_eq(mkfifo(path, 0600), 0);
}

static void teardown(void)
{
    static const char *const names[] = {"part.rta", "Part.rta", "OTHER.RTA",
                                        "sub",      "link.rta", "pipe.rta"};
    char path[128];
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        if (unlink(path)) rmdir(path);
    }
    rmdir(folder);
}

Test(files, names, .init = setup, .fini = teardown)
{
    static const struct {
        const char *asked, *found; /* NULL: not found */
    } rows[] = {{"part.rta", "part.rta"},
                {"Part.rta", "Part.rta"},
                {"PART.RTA", "Part.rta"}, /* the first in the order of bytes */
                {"other.rta", "OTHER.RTA"},
                {".\\part.rta", "part.rta"},
                {"C:\\programs\\part.rta", "part.rta"},
                {"C:part.rta", "part.rta"},
                {"/etc/part.rta", "part.rta"},
                {"../part.rta", "part.rta"},
                {"none.rta", NULL},
                {"/etc/passwd", NULL},
                {"..", NULL},
                {".", NULL},
                {"", NULL},
                {"sub", NULL},
                {"part.rta/", NULL},
                {"link.rta", NULL},
                {"pipe.rta", NULL}};
    rt386 *m = NULL;
    cr_assert_eq(rt386_create(NULL, &m), RT386_OK);
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char want[128], *path = NULL;
        snprintf(want, sizeof want, "%s/%s", folder, rows[i].found ? rows[i].found : "");
        rt386_status st = machine_find_file(m, folder, rows[i].asked, &path);
        cr_expect_eq(st, rows[i].found ? RT386_OK : RT386_E_NOTFOUND, "%s: %d", rows[i].asked, st);
        if (rows[i].found && path) cr_expect_str_eq(path, want, "%s", rows[i].asked);
        free(path);
    }
    char *path = NULL;
    cr_expect_eq(machine_find_file(m, NULL, "part.rta", &path), RT386_E_NOTFOUND,
                 "a program that came as bytes has no folder");
    cr_expect_eq(machine_find_file(m, "/no/such/folder", "part.rta", &path), RT386_E_NOTFOUND);
    rt386_destroy(m);
}
