/* The shared folder: what lies below it can be reached, and by no path anything else. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine.h"

/*   top/outside.txt   top/in/ a.txt, sub/b.txt, links and a pipe      the folder that is shared is top/in */
struct setup {
    char top[64];
    rt386 *m;
};

static void put(const char *top, const char *name, const char *text)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", top, name);
    FILE *f = fopen(path, "we");
    cr_assert_not_null(f);
    fputs(text, f);
    fclose(f);
}

static struct setup setup(bool read_only)
{
    struct setup s = {.top = "/tmp/rt386-files-XXXXXX"};
    char path[200];
    cr_assert_not_null(mkdtemp(s.top));
    const char *const folders[] = {"in", "in/sub", "other"};
    for (unsigned i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", s.top, folders[i]);
        cr_assert_eq(mkdir(path, 0700), 0);
    }
    put(s.top, "outside.txt", "secret");
    put(s.top, "other/c.txt", "secret");
    put(s.top, "in/a.txt", "alpha");
    put(s.top, "in/sub/b.txt", "beta");
    static const char *const links[][2] = {{"../outside.txt", "in/link"},
                                           {"..", "in/up"},
                                           {"/etc", "in/etc"},
                                           {"a.txt", "in/inner"},
                                           {"../other", "in/sub/other"},
                                           {"nowhere", "in/dangling"}};
    for (unsigned i = 0; i < sizeof links / sizeof links[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", s.top, links[i][1]);
        cr_assert_eq(symlink(links[i][0], path), 0);
    }
    snprintf(path, sizeof path, "%s/in/pipe", s.top);
    cr_assert_eq(mkfifo(path, 0600), 0);
    rt386_config config = {.size = sizeof config, .memory = 4u << 20};
    cr_assert_eq(rt386_create(&config, &s.m), RT386_OK);
    snprintf(path, sizeof path, "%s/in", s.top);
    cr_assert_eq(rt386_share_folder(s.m, path, read_only), RT386_OK);
    return s;
}

static void teardown(struct setup *s)
{
    char command[100];
    rt386_destroy(s->m);
    snprintf(command, sizeof command, "rm -rf '%s'", s->top);
    cr_assert_eq(system(command), 0);
}

static int32_t op(struct setup *s, struct rt_file_op o)
{
    return machine_file(s->m, &o);
}

static int32_t file_open(struct setup *s, const char *path, uint32_t flags)
{
    return op(s, (struct rt_file_op){.kind = RT_FILE_OPEN, .path = path, .flags = flags});
}

static int32_t file_close(struct setup *s, int32_t file)
{
    return op(s, (struct rt_file_op){.kind = RT_FILE_CLOSE, .file = file});
}

#define NEW_FILE (RT_FILE_READ | RT_FILE_WRITE | RT_FILE_CREATE)

static bool exists(const struct setup *s, const char *name)
{
    char path[300];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", s->top, name);
    return !lstat(path, &st);
}

Test(folder, inside)
{
    struct setup s = setup(false);
    static const char *const good[] = {"a.txt",      "./a.txt",    "sub/b.txt",
                                       "sub\\b.txt", "sub//b.txt", "./sub/./b.txt",
                                       "sub/b.txt/", "a.txt/.",    ".\\sub\\.\\b.txt"};
    for (unsigned i = 0; i < sizeof good / sizeof good[0]; i++) {
        int32_t n = file_open(&s, good[i], RT_FILE_READ);
        cr_expect(n >= 0, "%s: %d", good[i], n);
        if (n >= 0) cr_expect_eq(file_close(&s, n), 0);
    }
    char text[8] = "";
    int32_t n = file_open(&s, "sub/b.txt", RT_FILE_READ);
    cr_expect_eq(
        op(&s,
           (struct rt_file_op){.kind = RT_FILE_GET, .file = n, .offset = 1, .n = 7, .to = text}),
        3);
    cr_expect_str_eq(text, "eta");
    teardown(&s);
}

/* Every way out that comes to mind; besides: an absolute path to the file outside. */
static const char *const ways_out[] = {"../outside.txt",
                                       "sub/../../outside.txt",
                                       "..",
                                       "sub/..",
                                       "sub/../a.txt",
                                       "..\\outside.txt",
                                       "sub\\..\\..\\outside.txt",
                                       "/etc/passwd",
                                       "\\etc\\passwd",
                                       "//etc/passwd",
                                       "C:\\x",
                                       "c:x",
                                       "sub/c:/x",
                                       "up/outside.txt",
                                       "up",
                                       "link",
                                       "etc/passwd",
                                       "etc",
                                       "inner",
                                       "dangling",
                                       "sub/other/c.txt",
                                       "dangling/x",
                                       "./up/outside.txt",
                                       "pipe",
                                       ".../../outside.txt",
                                       "a.txt/../../outside.txt",
                                       "/",
                                       "\\",
                                       "..//outside.txt",
                                       "./../outside.txt",
                                       "link/",
                                       "link/.",
                                       "sub/../../in/../outside.txt"};

/* No operation that takes a path goes there. */
static void stays_inside(struct setup *s, const char *path)
{
    const struct rt_file_op tries[] = {
        {.kind = RT_FILE_OPEN, .path = path, .flags = RT_FILE_READ},
        {.kind = RT_FILE_OPEN, .path = path, .flags = NEW_FILE},
        {.kind = RT_FILE_OPEN, .path = path, .flags = NEW_FILE | RT_FILE_TRUNCATE},
        {.kind = RT_FILE_OPEN, .path = path, .flags = RT_FILE_WRITE | RT_FILE_APPEND}};
    for (unsigned t = 0; t < sizeof tries / sizeof tries[0]; t++) {
        int32_t n = op(s, tries[t]);
        cr_expect(n == -RT_FILE_EACCES || n == -RT_FILE_ENOENT || n == -RT_FILE_ENOTDIR,
                  "open %s (%u): %d", path, t, n);
    }
    int32_t n = op(s, (struct rt_file_op){.kind = RT_FILE_STAT, .path = path});
    cr_expect(n < 0, "stat %s: %d", path, n);
    n = op(s, (struct rt_file_op){.kind = RT_FILE_RENAME, .path = "a.txt", .path2 = path});
    cr_expect(n < 0, "rename to %s: %d", path, n);
    n = op(s, (struct rt_file_op){.kind = RT_FILE_MKDIR, .path = path});
    cr_expect(n < 0, "mkdir %s: %d", path, n);
}

Test(folder, outside)
{
    struct setup s = setup(false);
    char absolute[100];
    snprintf(absolute, sizeof absolute, "%s/outside.txt", s.top);
    stays_inside(&s, absolute);
    for (unsigned i = 0; i < sizeof ways_out / sizeof ways_out[0]; i++)
        stays_inside(&s, ways_out[i]);
    cr_expect(exists(&s, "outside.txt") && exists(&s, "other/c.txt") && exists(&s, "in/a.txt"));
    cr_expect(!exists(&s, "nowhere") && !exists(&s, "in/nowhere"));
    cr_expect(!exists(&s, "x"));
    teardown(&s);
}

/* A link itself may be removed: what it points to stays. */
Test(folder, removing_links)
{
    struct setup s = setup(false);
    cr_expect_eq(op(&s, (struct rt_file_op){.kind = RT_FILE_REMOVE, .path = "link"}), 0);
    cr_expect(exists(&s, "outside.txt") && !exists(&s, "in/link"));
    cr_expect(op(&s, (struct rt_file_op){.kind = RT_FILE_REMOVE, .path = "up/outside.txt"}) < 0);
    cr_expect(op(&s, (struct rt_file_op){.kind = RT_FILE_REMOVE, .path = "up/in", .folder = true}) <
              0);
    cr_expect(op(&s, (struct rt_file_op){.kind = RT_FILE_REMOVE, .path = ".", .folder = true}) < 0);
    cr_expect(exists(&s, "outside.txt"));
    teardown(&s);
}

/* What a number has open is removed by its name only as long as that is its name. */
Test(folder, removing_the_same_file)
{
    struct setup s = setup(false);
    int32_t n = file_open(&s, "new.txt", NEW_FILE);
    struct rt_file_op gone = {.kind = RT_FILE_REMOVE, .path = "./new.txt", .file = n, .same = true};
    cr_expect_eq(
        op(&s, (struct rt_file_op){.kind = RT_FILE_RENAME, .path = "new.txt", .path2 = "old.txt"}),
        0);
    cr_expect_eq(op(&s, gone), 0, "there is none");
    cr_expect_eq(file_close(&s, file_open(&s, "new.txt", NEW_FILE)), 0);
    cr_expect_eq(op(&s, gone), 0, "it is another one");
    cr_expect(exists(&s, "in/new.txt") && exists(&s, "in/old.txt"));
    gone.path = "old.txt";
    cr_expect_eq(op(&s, gone), 0);
    cr_expect(!exists(&s, "in/old.txt"));
    cr_expect_eq(file_close(&s, n), 0);
    cr_expect_eq(op(&s, gone), -RT_FILE_EBADF);
    teardown(&s);
}

/* A folder that becomes a link while its parts are walked is still not followed. */
Test(folder, folder_replaced_by_a_link)
{
    struct setup s = setup(false);
    char from[200], to[200];
    snprintf(from, sizeof from, "%s/in/sub", s.top);
    snprintf(to, sizeof to, "%s/in/was", s.top);
    cr_assert_eq(rename(from, to), 0);
    cr_assert_eq(symlink("../other", from), 0);
    cr_expect_eq(file_open(&s, "sub/c.txt", RT_FILE_READ), -RT_FILE_EACCES);
    cr_expect_eq(file_open(&s, "sub/new.txt", NEW_FILE), -RT_FILE_EACCES);
    cr_expect(!exists(&s, "other/new.txt"));
    teardown(&s);
}

Test(folder, operations)
{
    struct setup s = setup(false);
    int32_t n = file_open(&s, "new.txt", NEW_FILE | RT_FILE_NEW);
    cr_assert(n >= 0);
    cr_expect_eq(file_open(&s, "new.txt", NEW_FILE | RT_FILE_NEW), -RT_FILE_EEXIST);
    cr_expect_eq(op(&s,
                    (struct rt_file_op){
                        .kind = RT_FILE_PUT, .file = n, .offset = 10, .n = 3, .from = "xyz"}),
                 3);
    struct rt_file_op st = {.kind = RT_FILE_STAT, .file = n};
    cr_expect_eq(machine_file(s.m, &st), 0);
    cr_expect(st.size == 13 && !st.folder && st.writable);
    cr_expect_eq(op(&s, (struct rt_file_op){.kind = RT_FILE_RESIZE, .file = n, .offset = 4}), 0);
    st = (struct rt_file_op){.kind = RT_FILE_STAT, .path = "new.txt"};
    cr_expect_eq(machine_file(s.m, &st), 0);
    cr_expect_eq(st.size, 4);
    cr_expect_eq(file_close(&s, n), 0);
    cr_expect_eq(file_close(&s, n), -RT_FILE_EBADF);
    cr_expect_eq(file_open(&s, "sub", RT_FILE_READ), -RT_FILE_EISDIR);
    cr_expect_eq(file_open(&s, ".", NEW_FILE), -RT_FILE_EISDIR);
    cr_expect_eq(file_open(&s, "", RT_FILE_READ), -RT_FILE_ENOENT);
    cr_expect_eq(file_open(&s, "none", RT_FILE_READ), -RT_FILE_ENOENT);
    cr_expect_eq(file_open(&s, "a.txt/b", RT_FILE_READ), -RT_FILE_ENOTDIR);
    cr_expect_eq(file_open(&s, "a.txt", 0), -RT_FILE_EINVAL);
    cr_expect_eq(
        op(&s, (struct rt_file_op){.kind = RT_FILE_RENAME, .path = "new.txt", .path2 = "a.txt"}),
        -RT_FILE_EACCES);
    cr_expect_eq(
        op(&s,
           (struct rt_file_op){.kind = RT_FILE_RENAME, .path = "new.txt", .path2 = "sub/n.txt"}),
        0);
    cr_expect_eq(op(&s, (struct rt_file_op){.kind = RT_FILE_REMOVE, .path = "sub", .folder = true}),
                 -RT_FILE_ENOTEMPTY);
    cr_expect_eq(op(&s, (struct rt_file_op){.kind = RT_FILE_REMOVE, .path = "sub/n.txt"}), 0);
    cr_expect_eq(op(&s, (struct rt_file_op){.kind = RT_FILE_MKDIR, .path = "sub/dir"}), 0);
    cr_expect_eq(op(&s, (struct rt_file_op){.kind = RT_FILE_MKDIR, .path = "sub/dir"}),
                 -RT_FILE_EEXIST);
    cr_expect_eq(
        op(&s, (struct rt_file_op){.kind = RT_FILE_REMOVE, .path = "sub/dir", .folder = true}), 0);
    char name[400];
    memset(name, 'n', sizeof name);
    name[399] = 0;
    cr_expect_eq(file_open(&s, name, NEW_FILE), -RT_FILE_ENAMETOOLONG);
    teardown(&s);
}

Test(folder, temporary)
{
    struct setup s = setup(false);
    int32_t a = file_open(&s, ".", NEW_FILE | RT_FILE_TEMP),
            b = file_open(&s, ".", NEW_FILE | RT_FILE_TEMP);
    cr_assert(a >= 0 && b >= 0 && a != b);
    cr_expect_eq(op(&s, (struct rt_file_op){.kind = RT_FILE_PUT, .file = a, .n = 3, .from = "abc"}),
                 3);
    char command[150];
    snprintf(command, sizeof command, "! ls -A '%s/in' | grep -q tmp", s.top);
    cr_expect_eq(system(command), 0, "temporary files have no names");
    cr_expect(file_open(&s, "up/x", NEW_FILE | RT_FILE_TEMP) < 0);
    teardown(&s);
}

Test(folder, read_only)
{
    struct setup s = setup(true);
    int32_t n = file_open(&s, "a.txt", RT_FILE_READ);
    cr_assert(n >= 0);
    const struct rt_file_op writes[] = {
        {.kind = RT_FILE_OPEN, .path = "a.txt", .flags = RT_FILE_READ | RT_FILE_WRITE},
        {.kind = RT_FILE_OPEN, .path = "new", .flags = NEW_FILE},
        {.kind = RT_FILE_OPEN, .path = "new", .flags = RT_FILE_READ | RT_FILE_CREATE},
        {.kind = RT_FILE_OPEN, .path = "a.txt", .flags = RT_FILE_READ | RT_FILE_TRUNCATE},
        {.kind = RT_FILE_OPEN, .path = ".", .flags = RT_FILE_READ | RT_FILE_TEMP},
        {.kind = RT_FILE_PUT, .file = n, .n = 1, .from = "x"},
        {.kind = RT_FILE_RESIZE, .file = n},
        {.kind = RT_FILE_REMOVE, .path = "a.txt"},
        {.kind = RT_FILE_RENAME, .path = "a.txt", .path2 = "b.txt"},
        {.kind = RT_FILE_MKDIR, .path = "d"}};
    for (unsigned i = 0; i < sizeof writes / sizeof writes[0]; i++)
        cr_expect_eq(op(&s, writes[i]), -RT_FILE_EACCES, "write %u", i);
    struct rt_file_op st = {.kind = RT_FILE_STAT, .path = "a.txt"};
    cr_expect_eq(machine_file(s.m, &st), 0);
    cr_expect(st.size == 5 && !st.writable);
    cr_expect(!exists(&s, "in/new") && !exists(&s, "in/d"));
    teardown(&s);
}

Test(folder, numbers_of_no_file)
{
    struct setup s = setup(false);
    static const int32_t bad[] = {-1, 0, 5, 1023, 1024, 1 << 30, INT32_MIN, INT32_MAX};
    static const uint8_t kinds[] = {RT_FILE_CLOSE, RT_FILE_GET, RT_FILE_PUT, RT_FILE_RESIZE,
                                    RT_FILE_STAT};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        for (unsigned k = 0; k < sizeof kinds; k++)
            cr_expect_eq(op(&s, (struct rt_file_op){.kind = kinds[k], .file = bad[i], .n = 1}),
                         -RT_FILE_EBADF);
    cr_expect_eq(op(&s, (struct rt_file_op){.kind = 99}), -RT_FILE_EINVAL);
    int count = 0;
    while (file_open(&s, "a.txt", RT_FILE_READ) >= 0)
        count++;
    cr_expect(count > 100 && count <= 1024, "%d files", count);
    teardown(&s);
}

Test(folder, sharing)
{
    rt386_config config = {.size = sizeof config, .memory = 4u << 20};
    rt386 *m;
    cr_assert_eq(rt386_create(&config, &m), RT386_OK);
    struct rt_file_op o = {.kind = RT_FILE_OPEN, .path = "a.txt", .flags = RT_FILE_READ};
    cr_expect_eq(machine_file(m, &o), -RT_FILE_ENOENT, "nothing is shared");
    cr_expect_eq(rt386_share_folder(m, "/nonexistent/folder", false), RT386_E_NOTFOUND);
    cr_expect_str_not_empty(rt386_error(m));
    cr_expect_eq(rt386_share_folder(m, "/etc/passwd", false), RT386_E_IO);
    cr_expect_eq(rt386_share_folder(m, NULL, false), RT386_E_ARG);
    cr_expect_eq(rt386_share_folder(m, "/tmp", false), RT386_OK);
    cr_expect_eq(rt386_share_folder(m, "/tmp", false), RT386_E_STATE);
    cr_expect_eq(rt386_environment_add(m, "A=1"), RT386_OK);
    cr_expect_eq(rt386_environment_add(m, "B="), RT386_OK);
    cr_expect_eq(m->environment_size, 7);
    cr_expect(!memcmp(m->environment, "A=1\0B=", 7));
    cr_expect_eq(rt386_environment_add(m, "=1"), RT386_E_ARG);
    cr_expect_eq(rt386_environment_add(m, "A"), RT386_E_ARG);
    cr_expect_eq(rt386_environment_add(m, NULL), RT386_E_ARG);
    char *big = calloc(1, 40000);
    memset(big, 'x', 39999);
    big[1] = '=';
    cr_expect_eq(rt386_environment_add(m, big), RT386_E_ARG);
    free(big);
    rt386_destroy(m);
}
