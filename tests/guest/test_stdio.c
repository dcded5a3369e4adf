/* test_stdio.c: guest_stdio: streams of the guest C library over files in memory. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "glib.h"

void *_thread_ptr(void);
#define GERRNO (*(int *)_thread_ptr())
#define OUT    ((GFILE *)((char *)g__stdio_ptr() + stdio_stride()))

static size_t stdio_stride(void)
{
    GFILE *a = g_fopen("stride", "w"), *b = g_fopen("stride", "r");
    size_t stride = (size_t)((char *)b - (char *)a);
    g_fclose(a);
    g_fclose(b);
    return stride;
}

static void holds(const char *name, const char *text, size_t size)
{
    size_t n = 0;
    const void *data = memfs_get(name, &n);
    cr_assert_not_null(data);
    cr_assert(n == size && !memcmp(data, text, n), "%s holds %zu bytes: %.*s", name, n, (int)n,
              (const char *)data);
}
#define HOLDS(name, text) holds(name, text, sizeof(text) - 1)

static void put(const char *name, const char *text)
{
    memfs_put(name, text, strlen(text));
}

Test(guest_stdio, text_has_crlf_in_the_file)
{
    GFILE *f = g_fopen("t", "w");
    cr_assert_eq(g_fprintf(f, "a\nb%d\n", 7), 5);
    cr_assert_eq(g_fputs("\n\nend", f), 0);
    cr_assert_eq(g_fputc('\n', f), '\n');
    cr_assert_eq(g_fclose(f), 0);
    HOLDS("t", "a\r\nb7\r\n\r\n\r\nend\r\n");
    f = g_fopen("t", "r");
    char line[10];
    cr_assert_str_eq(g_fgets(line, 10, f), "a\n");
    cr_assert_str_eq(g_fgets(line, 10, f), "b7\n");
    cr_assert_str_eq(g_fgets(line, 10, f), "\n");
    cr_assert_str_eq(g_fgets(line, 2, f), "\n");
    cr_assert_str_eq(g_fgets(line, 3, f), "en");
    cr_assert_str_eq(g_fgets(line, 10, f), "d\n");
    cr_assert(!g_feof(f));
    cr_assert_null(g_fgets(line, 10, f));
    cr_assert(g_feof(f) && !g_ferror(f));
    g_fclose(f);
    cr_assert_eq(memfs_open_files(), 0);
    cr_assert_eq(host_lock_depth(), 0);
}

Test(guest_stdio, binary_is_as_it_is)
{
    GFILE *f = g_fopen("b", "wb");
    cr_assert_eq(g_fwrite("a\n\x1a\r\n", 1, 5, f), 5);
    g_fclose(f);
    HOLDS("b", "a\n\x1a\r\n");
    f = g_fopen("b", "rb");
    char data[8];
    cr_assert_eq(g_fread(data, 2, 4, f), 2);
    cr_assert(g_feof(f));
    cr_assert(!memcmp(data, "a\n\x1a\r\n", 5));
    g_fclose(f);
}

/* A lone CR stays; Control-Z ends the text; CR and LF may lie in different buffers. */
Test(guest_stdio, text_input_corners)
{
    put("c", "x\ry\r\r\nz\r");
    GFILE *f = g_fopen("c", "r");
    const char want[] = "x\ry\r\nz\r";
    for (size_t i = 0; i < sizeof want - 1; i++)
        cr_assert_eq(g_fgetc(f), want[i], "character %zu", i);
    cr_assert_eq(g_fgetc(f), EOF);
    g_fclose(f);
    put("c", "ab\x1a"
             "cd");
    f = g_fopen("c", "r");
    g_fgetc(f);
    g_fgetc(f);
    cr_assert_eq(g_fgetc(f), EOF);
    cr_assert_eq(g_fgetc(f), EOF);
    cr_assert(g_feof(f));
    cr_assert_eq(g_ftell(f), 2);
    g_fclose(f);
    char pair[4096];
    for (int size = 1; size < 20; size++) {
        memset(pair, 'q', sizeof pair);
        for (int i = 0; i < 100; i++)
            memcpy(pair + i * 7, "\r\n", 2);
        memfs_put("c", pair, 700);
        f = g_fopen("c", "r");
        cr_assert_eq(g_setvbuf(f, NULL, _IOFBF, (size_t)size), 0);
        int lines = 0, c, n = 0;
        while ((c = g_fgetc(f)) != EOF) {
            lines += c == '\n';
            n++;
            cr_assert_neq(c, '\r');
        }
        cr_assert(lines == 100 && n == 600, "buffer of %d: %d lines, %d characters", size, lines,
                  n);
        g_fclose(f);
    }
}

Test(guest_stdio, tell_and_seek_agree_in_text)
{
    put("s", "one\r\ntwo\r\nthree\r\n");
    GFILE *f = g_fopen("s", "r");
    char line[16], again[16];
    while (1) {
        long at = g_ftell(f);
        if (!g_fgets(line, sizeof line, f)) break;
        long next = g_ftell(f);
        cr_assert_eq(g_fseek(f, at, SEEK_SET), 0);
        cr_assert_not_null(g_fgets(again, sizeof again, f));
        cr_assert_str_eq(line, again);
        cr_assert_eq(g_ftell(f), next);
    }
    cr_assert_eq(g_ftell(f), 17);
    cr_assert_eq(g_fseek(f, -7, SEEK_END), 0);
    cr_assert(!g_feof(f));
    cr_assert_str_eq(g_fgets(line, sizeof line, f), "three\n");
    cr_assert_eq(g_fseek(f, -17, SEEK_CUR), 0);
    cr_assert_eq(g_fgetc(f), 'o');
    GERRNO = 0;
    cr_assert_eq(g_fseek(f, -1, SEEK_SET), -1);
    cr_assert_eq(GERRNO, EINVAL);
    g_fclose(f);
}

Test(guest_stdio, pushed_back)
{
    put("u", "abc");
    GFILE *f = g_fopen("u", "rb");
    cr_assert_eq(g_ungetc('x', f), 'x');
    cr_assert_eq(g_ungetc('y', f), 'y');
    cr_assert_eq(g_fgetc(f), 'y');
    cr_assert_eq(g_fgetc(f), 'x');
    cr_assert_eq(g_fgetc(f), 'a');
    cr_assert_eq(g_ungetc('a', f), 'a');
    cr_assert_eq(g_ftell(f), 0);
    cr_assert_eq(g_fgetc(f), 'a');
    cr_assert_eq(g_ungetc('q', f), 'q');
    cr_assert_eq(g_ftell(f), 0);
    cr_assert_eq(g_fseek(f, 0, SEEK_CUR), 0); /* forgets what was pushed back */
    cr_assert_eq(g_fgetc(f), 'a');
    cr_assert_eq(g_ungetc(EOF, f), EOF);
    while (g_fgetc(f) != EOF) {
    }
    cr_assert(g_feof(f));
    cr_assert_eq(g_ungetc('z', f), 'z');
    cr_assert(!g_feof(f));
    cr_assert_eq(g_fgetc(f), 'z');
    g_fclose(f);
}

Test(guest_stdio, update)
{
    put("p", "0123456789");
    GFILE *f = g_fopen("p", "r+b");
    cr_assert_eq(g_fgetc(f), '0');
    cr_assert_eq(g_fseek(f, 0, SEEK_CUR), 0);
    cr_assert_eq(g_fputs("AB", f), 0);
    cr_assert_eq(g_fflush(f), 0);
    cr_assert_eq(g_fgetc(f), '3');
    /* even without a call in between nothing is lost */
    cr_assert_eq(g_fputc('C', f), 'C');
    cr_assert_eq(g_fgetc(f), '5');
    cr_assert_eq(g_ftell(f), 6);
    g_rewind(f);
    char all[11] = "";
    cr_assert_eq(g_fread(all, 1, 10, f), 10);
    cr_assert_str_eq(all, "0AB3C56789");
    g_fclose(f);
    HOLDS("p", "0AB3C56789");
}

Test(guest_stdio, modes)
{
    put("m", "old");
    GFILE *f = g_fopen("m", "a");
    cr_assert_eq(g_ftell(f), 3);
    g_fputs("new", f);
    cr_assert_eq(g_ftell(f), 6);
    cr_assert_eq(g_fseek(f, 0, SEEK_SET), 0);
    g_fputs("!", f);
    g_fclose(f);
    HOLDS("m", "oldnew!");
    f = g_fopen("m", "a+b");
    g_rewind(f);
    cr_assert_eq(g_fgetc(f), 'o');
    g_fputs("?", f);
    g_fclose(f);
    HOLDS("m", "oldnew!?");
    f = g_fopen("m", "w+");
    cr_assert_eq(g_fgetc(f), EOF);
    g_fclose(f);
    HOLDS("m", "");
    GERRNO = 0;
    cr_assert_null(g_fopen("m", "wx"));
    cr_assert_eq(GERRNO, EEXIST);
    cr_assert_null(g_fopen("none", "r"));
    cr_assert_eq(GERRNO, ENOENT);
    cr_assert_null(g_fopen("none", "r+"));
    cr_assert_null(g_fopen("m", "q"));
    cr_assert_eq(GERRNO, EINVAL);
    cr_assert_null(g_fopen("m", "rz"));
    cr_assert_null(g_fopen("m", "rx"));
    f = g_fopen("m", "r");
    GERRNO = 0;
    cr_assert_eq(g_fputc('a', f), EOF);
    cr_assert(g_ferror(f) && GERRNO == EBADF);
    g_clearerr(f);
    cr_assert(!g_ferror(f));
    g_fclose(f);
    f = g_fopen("m", "w");
    cr_assert_eq(g_fgetc(f), EOF);
    cr_assert(g_ferror(f) && !g_feof(f));
    g_fclose(f);
    GERRNO = 0;
    cr_assert_eq(g_fclose(f), EOF);
    cr_assert_eq(GERRNO, EBADF);
    cr_assert_eq(g_fputc('a', f), EOF);
}

Test(guest_stdio, buffering)
{
    char own[16];
    GFILE *f = g_fopen("f", "wb");
    size_t n;
    cr_assert_eq(g_setvbuf(f, own, _IOFBF, sizeof own), 0);
    g_fputs("12345678", f);
    cr_assert(memfs_get("f", &n) && n == 0);
    g_fputs("abcdefghij", f);
    memfs_get("f", &n);
    cr_assert_eq(n, 8);
    g_fflush(NULL);
    HOLDS("f", "12345678abcdefghij");
    g_fclose(f);
    f = g_fopen("f", "wb");
    cr_assert_eq(g_setvbuf(f, NULL, _IOLBF, 64), 0);
    g_fputs("line", f);
    memfs_get("f", &n);
    cr_assert_eq(n, 0);
    g_fputs(" one\nrest", f);
    HOLDS("f", "line one\nrest");
    g_fclose(f);
    f = g_fopen("f", "wb");
    cr_assert_eq(g_setvbuf(f, NULL, _IONBF, 0), 0);
    g_fputc('x', f);
    HOLDS("f", "x");
    cr_assert_eq(g_setvbuf(f, NULL, 9, 0), EOF);
    g_fclose(f);
}

Test(guest_stdio, disk_full)
{
    memfs_space(50);
    GFILE *f = g_fopen("d", "wb");
    char data[80];
    memset(data, 'd', sizeof data);
    cr_assert_eq(g_fwrite(data, 1, 40, f), 40);
    cr_assert_eq(g_fflush(f), 0);
    g_fwrite(data, 1, 40, f);
    GERRNO = 0;
    cr_assert_eq(g_fflush(f), EOF);
    cr_assert(g_ferror(f) && GERRNO == ENOSPC);
    cr_assert_eq(g_fclose(f), 0);
    memfs_space(65536);
}

Test(guest_stdio, console)
{
    GFILE *out = OUT;
    host_console();
    g_printf("%s %d\n", "text", 5);
    cr_assert_str_eq(host_console(), "text 5\n");
    g_puts("line");
    cr_assert_str_eq(host_console(), "line\n");
    GERRNO = ENOENT;
    g_perror("file");
    cr_assert_str_eq(host_console(), "file: no such file\n");
    char big[600];
    memset(big, 'b', sizeof big);
    big[599] = 0;
    g_printf("%s", big);
    cr_assert_str_eq(host_console(), big);
    cr_assert_eq(g_ftell(out), -1);
    cr_assert_eq(g_setvbuf(out, NULL, _IOFBF, 100), 0);
    g_printf("held");
    cr_assert_str_eq(host_console(), "");
    g_fflush(out);
    cr_assert_str_eq(host_console(), "held");
    cr_assert_eq(g_freopen("redirected", "w", out), out);
    g_printf("into the file\n");
    cr_assert_eq(g_fclose(out), 0);
    HOLDS("redirected", "into the file\r\n");
    cr_assert_eq(g_printf("nowhere"), -1);
}

Test(guest_stdio, many_and_temporary)
{
    GFILE *f[6];
    char name[16];
    for (int i = 0; i < 6; i++)
        cr_assert_not_null(f[i] = g_tmpfile());
    g_fputs("temp", f[0]);
    g_rewind(f[0]);
    cr_assert_eq(g_fgetc(f[0]), 't');
    cr_assert_eq(g_rmtmp(), 6);
    cr_assert_eq(memfs_open_files(), 0);
    put("tmp1", "x");
    cr_assert_str_eq(g_tmpnam(name), "tmp2");
    cr_assert_str_eq(g_tmpnam(NULL), "tmp3");
    cr_assert_eq(g_rename("tmp1", "tmp9"), 0);
    GERRNO = 0;
    cr_assert_eq(g_rename("tmp1", "tmp8"), -1);
    cr_assert_eq(GERRNO, ENOENT);
    cr_assert_eq(g_remove("tmp9"), 0);
    cr_assert_eq(g_remove("tmp9"), -1);
    for (int i = 0; i < 8; i++)
        cr_assert_not_null(g_fopen("same", "w"));
    cr_assert_null(g_fopen("same", "w"));
    cr_assert_eq(GERRNO, EMFILE);
    cr_assert_eq(g_fcloseall(), 8);
}

Test(guest_stdio, scan_a_stream)
{
    put("n", "12 0x1f -3.5e2 word\r\n[abc]77x");
    GFILE *f = g_fopen("n", "r");
    int a = 0, b = 0, c = 0;
    double d = 0;
    char s[10], t[10];
    cr_assert_eq(g_fscanf(f, "%d %i %lf %9s", &a, &b, &d, s), 4);
    cr_assert(a == 12 && b == 31 && !strcmp(s, "word"));
    cr_assert_float_eq(d, -350, 0);
    cr_assert_eq(g_fscanf(f, " [%9[a-c]]%d", t, &c), 2);
    cr_assert(!strcmp(t, "abc") && c == 77);
    cr_assert_eq(g_fgetc(f), 'x');
    cr_assert_eq(g_fscanf(f, "%d", &c), EOF);
    g_fclose(f);
}

Test(guest_stdio, descriptors)
{
    char data[20] = "";
    int fd = g_open("l", 0x0200 | 2); /* O_CREAT | O_RDWR, text */
    cr_assert(fd >= 3);
    cr_assert_eq(g_write(fd, "a\nb\r\n", 5), 5);
    HOLDS("l", "a\r\nb\r\r\n");
    cr_assert_eq(g_lseek(fd, 0, SEEK_SET), 0);
    cr_assert_eq(g_read(fd, data, 20), 5);
    cr_assert(!memcmp(data, "a\nb\r\n", 5));
    cr_assert_eq(g_filelength(fd), 7);
    cr_assert_eq(g_eof(fd), 1);
    cr_assert_eq(g_lseek(fd, 0, SEEK_SET), 0);
    cr_assert_eq(g_read(fd, data, 2), 2); /* CR LF at the edge of what was asked for */
    cr_assert(!memcmp(data, "a\n", 2));
    cr_assert_eq(g_lseek(fd, 0, SEEK_CUR), 3);
    cr_assert_eq(g_close(fd), 0);
    GERRNO = 0;
    cr_assert_eq(g_close(fd), -1);
    cr_assert_eq(GERRNO, EBADF);
    cr_assert_eq(g_read(0, data, 5), 0);
    cr_assert_eq(g_read(1, data, 5), -1);
    cr_assert_eq(g_write(1, "out", 3), 3);
    cr_assert_str_eq(host_console(), "out");
}

/* A long random run against the host's own stdio on the same bytes. */
Test(guest_stdio, like_the_host)
{
    uint64_t seed = 99;
    FILE *h = tmpfile();
    GFILE *g = g_fopen("like", "w+b");
    for (int i = 0; i < 200000; i++) {
        uint64_t r = next_random(&seed);
        char text[40], back[40];
        size_t n = r >> 8 & 31;
        switch (r & 7) {
        case 0:
        case 1:
            memset(text, (int)('a' + (r >> 16 & 15)), n);
            fseek(h, 0, SEEK_CUR);
            g_fseek(g, 0, SEEK_CUR);
            cr_assert_eq(g_fwrite(text, 1, n, g), fwrite(text, 1, n, h));
            fseek(h, 0, SEEK_CUR);
            break;
        case 2:
        case 3:
        case 4:
            memset(text, 0, sizeof text);
            memset(back, 0, sizeof back);
            cr_assert_eq(g_fread(back, 1, n, g), fread(text, 1, n, h), "step %d", i);
            cr_assert(!memcmp(text, back, sizeof text), "step %d", i);
            break;
        case 5: {
            long to = (long)(r >> 16 & 4095);
            cr_assert_eq(g_fseek(g, to, SEEK_SET), fseek(h, to, SEEK_SET));
            break;
        }
        case 6: cr_assert_eq(g_ftell(g), ftell(h), "step %d", i); break;
        default: cr_assert_eq(!g_feof(g), !feof(h), "step %d", i); break;
        }
    }
    g_fclose(g);
    fclose(h);
}
