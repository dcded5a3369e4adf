/* files.c: files of the shared folder as a program sees them. Run with --fs and a folder that holds only "input.txt",
 * with the lines "first" and "second" (LF); "ro" as argument: the folder is read-only; "none": there is none.
 */
#include "errno.h"
#include "fcntl.h"
#include "io.h"
#include "rt.h"
#include "stdlib.h"
#include "string.h"
#include "sys/stat.h"
#include "tap.h"
#include "utime.h"

static struct tap tap;

#define CHECK(condition)    HOLDS(&tap, condition, DECIDED)
#define EQUAL(value, other) IS(&tap, value, other, DECIDED)
/* An operation that must fail with this errno. */
#define REFUSED(operation, error)                                                                  \
    do {                                                                                           \
        errno = 0;                                                                                 \
        int failed = (operation);                                                                  \
        tap_line(&tap, failed &&errno == (error), #operation " " #error, DECIDED);                 \
        if (!failed || errno != (error)) printf("# errno %d\n", errno);                            \
    } while (0)

static void read_input(void)
{
    char line[32] = "";
    FILE *f = fopen("input.txt", "r");
    CHECK(f != NULL);
    if (f == NULL) return;
    CHECK(fgets(line, sizeof line, f) == line && strcmp(line, "first\n") == 0);
    CHECK(fscanf(f, "%31s", line) == 1 && strcmp(line, "second") == 0);
    EQUAL(getc(f), '\n');
    EQUAL(getc(f), EOF);
    CHECK(feof(f) && !ferror(f));
    EQUAL(fclose(f), 0);
}

/* Nothing outside of the folder can be named. */
static void escapes(void)
{
    static const char *const paths[] = {"../x",  "..\\x",     "/etc/passwd", "\\etc\\passwd",
                                        "C:\\x", "a/../../x", "./../x",      "..",
                                        "//x",   "c:x"};
    for (unsigned i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        REFUSED(fopen(paths[i], "r") == NULL, EACCES);
        REFUSED(fopen(paths[i], "w") == NULL, EACCES);
        REFUSED(remove(paths[i]) != 0, EACCES);
        REFUSED(rename("input.txt", paths[i]) != 0, EACCES);
    }
    static char long_name[4000];
    memset(long_name, 'n', sizeof long_name - 1);
    REFUSED(fopen(long_name, "r") == NULL, ENAMETOOLONG);
    REFUSED(fopen("", "r") == NULL, ENOENT);
}

static void write_and_read(void)
{
    static unsigned char data[20000], back[20000];
    for (unsigned i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 7 + i / 256);
    FILE *f = fopen("data.bin", "w+b");
    CHECK(f != NULL);
    EQUAL(fwrite(data, 1, sizeof data, f), sizeof data);
    EQUAL(ftell(f), sizeof data);
    rewind(f);
    EQUAL(fread(back, 1, sizeof back, f), sizeof back);
    CHECK(memcmp(data, back, sizeof data) == 0);
    EQUAL(fseek(f, 12345, SEEK_SET), 0);
    EQUAL(getc(f), data[12345]);
    EQUAL(fseek(f, -1, SEEK_END), 0);
    EQUAL(fputc('!', f), '!');
    EQUAL(fclose(f), 0);
    struct stat s;
    EQUAL(stat("data.bin", &s), 0);
    EQUAL(s.st_size, sizeof data);
    CHECK((s.st_mode & S_IFMT) == S_IFREG && (s.st_mode & S_IWRITE) != 0);
    f = fopen("text.txt", "w");
    fprintf(f, "%d lines\n%s\n", 2, "end");
    fclose(f);
    EQUAL(stat("text.txt", &s), 0);
    EQUAL(s.st_size, 14); /* CR LF twice */
    EQUAL(rename("text.txt", "data.bin") != 0 && errno == EACCES, 1);
    EQUAL(rename("text.txt", "moved.txt"), 0);
    REFUSED(fopen("text.txt", "r") == NULL, ENOENT);
    EQUAL(mkdir("folder"), 0);
    f = fopen("folder\\inside.txt", "w");
    CHECK(f != NULL && fclose(f) == 0);
    EQUAL(access("folder/inside.txt", F_OK), 0);
    REFUSED(rmdir("folder") != 0, ENOTEMPTY);
    EQUAL(remove("folder/inside.txt"), 0);
    EQUAL(rmdir("folder"), 0);
    f = tmpfile();
    CHECK(f != NULL && fputs("temporary", f) == 0 && fflush(f) == 0);
}

static void limits(void)
{
    FILE *f[FOPEN_MAX];
    unsigned n = 0;
    while (n < FOPEN_MAX && (f[n] = fopen("input.txt", "r")) != NULL)
        n++;
    EQUAL(n, FOPEN_MAX - 3 - 1); /* three of the console, and the temporary file */
    EQUAL(errno, EMFILE);
    while (n > 0)
        fclose(f[--n]);
    int fd, most = -1;
    while ((fd = open("input.txt", O_RDONLY)) >= 0)
        most = fd;
    EQUAL(errno, EMFILE);
    CHECK(most >= 60);
    for (fd = 4; fd <= most; fd++) /* 3 is the temporary file's */
        close(fd);
    REFUSED(read(500, &n, 1) < 0, EBADF);
    REFUSED(read(-1, &n, 1) < 0, EBADF);
    REFUSED(lseek(3, -1, SEEK_SET) < 0, EINVAL);
    REFUSED(read(3, (void *)0xFFFFF000, 4096) < 0, EFAULT);
}

#define WRITERS 4
#define ROUNDS  20

static RTHANDLE writers_done;
static volatile unsigned writers_wrong[WRITERS];

/* Its own file, again and again: what is in it is what this thread has written. */
static void writer(void *number)
{
    char name[] = "t0.txt", line[64];
    unsigned wrong = 0;
    name[1] = (char)('0' + (unsigned)number);
    for (int round = 0; round < ROUNDS; round++) {
        FILE *f = fopen(name, "w");
        for (int i = 0; f != NULL && i < 50; i++)
            fprintf(f, "%s round %d line %d\n", name, round, i);
        wrong += f == NULL || fclose(f) != 0;
        f = fopen(name, "r");
        for (int i = 0; f != NULL && i < 50; i++) {
            char expected[64];
            sprintf(expected, "%s round %d line %d\n", name, round, i);
            wrong += fgets(line, sizeof line, f) == NULL || strcmp(line, expected) != 0;
        }
        wrong += f == NULL || getc(f) != EOF || fclose(f) != 0;
    }
    wrong += remove(name) != 0;
    writers_wrong[(unsigned)number] = wrong;
    ReleaseRtSemaphore(writers_done, 1);
}

/* Round robin among them, so a slice ends anywhere in the library. */
static void in_threads(void)
{
    writers_done = CreateRtSemaphore(0, WRITERS, FIFO_QUEUING);
    for (unsigned i = 0; i < WRITERS; i++)
        CHECK(CreateRtThread(180, writer, 0x4000, (LPVOID)i) != BAD_RTHANDLE);
    for (unsigned i = 0; i < WRITERS; i++)
        CHECK(WaitForRtSemaphore(writers_done, 1, WAIT_FOREVER) != WAIT_FAILED);
    for (unsigned i = 0; i < WRITERS; i++)
        EQUAL(writers_wrong[i], 0);
}

static void lines_of_input(void)
{
    char line[32] = "";
    CHECK(freopen("input.txt", "r", stdin) == stdin);
    CHECK(gets(line) == line && strcmp(line, "first") == 0);
    CHECK(gets(line) == line && strcmp(line, "second") == 0);
    CHECK(gets(line) == NULL && feof(stdin) && !ferror(stdin));
    CHECK(strcmp(line, "second") == 0); /* nothing was read: it is as it was */
}

static void read_only(void)
{
    read_input();
    REFUSED(fopen("new.txt", "w") == NULL, EACCES);
    REFUSED(fopen("input.txt", "r+") == NULL, EACCES);
    REFUSED(fopen("input.txt", "a") == NULL, EACCES);
    REFUSED(remove("input.txt") != 0, EACCES);
    REFUSED(rename("input.txt", "other") != 0, EACCES);
    REFUSED(mkdir("folder") != 0, EACCES);
    REFUSED(tmpfile() == NULL, EACCES);
    REFUSED(access("input.txt", W_OK) != 0, EACCES);
    EQUAL(access("input.txt", R_OK), 0);
}

static void none(void)
{
    REFUSED(fopen("input.txt", "r") == NULL, ENOENT);
    REFUSED(fopen("new.txt", "w") == NULL, ENOENT);
    REFUSED(tmpfile() == NULL, ENOENT);
    REFUSED(remove("input.txt") != 0, ENOENT);
}

/* Several descriptors for one file: one offset, and it stays until the last is closed. */
static void duplicates(void)
{
    char text[8] = "";
    int a = open("dup.txt", O_RDWR | O_CREAT | O_BINARY), b = dup(a), lowest = a;
    CHECK(a >= 3 && b > a);
    EQUAL(write(a, "abcd", 4), 4);
    EQUAL(tell(b), 4);
    EQUAL(lseek(b, 1, SEEK_SET), 1);
    CHECK(read(a, text, 2) == 2 && text[0] == 'b' && filelength(b) == 4);
    EQUAL(close(a), 0);
    REFUSED(close(a) != 0, EBADF);
    REFUSED(read(a, text, 1) < 0, EBADF);
    REFUSED(dup(a) < 0, EBADF);
    CHECK(read(b, text, 1) == 1 && text[0] == 'd');
    int c = open("input.txt", O_RDONLY);
    CHECK(c == a); /* the lowest number is free again, whatever the kernel calls the file */
    EQUAL(dup2(b, c), 0);
    EQUAL(dup2(b, b), 0);
    REFUSED(dup2(b, 1000) != 0, EBADF);
    REFUSED(dup2(60, b) != 0, EBADF);
    EQUAL(filelength(c), 4);
    EQUAL(close(b), 0);
    EQUAL(lseek(c, 0, SEEK_SET), 0);
    CHECK(read(c, text, 4) == 4 && !isatty(c));
    /* what goes to standard output goes to the file, and back */
    int console = dup(1);
    int sent = dup2(c, 1), is_file = !isatty(1);
    printf("into the file\n");
    fflush(stdout);
    CHECK(dup2(console, 1) == 0 && sent == 0 && is_file);
    CHECK(isatty(console) && isatty(1));
    EQUAL(close(console), 0);
    EQUAL(filelength(c), 18);
    EQUAL(close(c), 0);
    for (int fds[70], n = 0;; n++) { /* they run out, and none is lost */
        fds[n] = dup(0);
        if (fds[n] >= 0) continue;
        CHECK(errno == EMFILE && n > 50);
        REFUSED(open("input.txt", O_RDONLY) < 0, EMFILE);
        while (n-- > 0)
            close(fds[n]);
        break;
    }
    a = open("input.txt", O_RDONLY);
    EQUAL(a, lowest);
    EQUAL(close(a), 0);
    EQUAL(unlink("dup.txt"), 0);
}

/* What cannot be changed may be asked for as it is. */
static void owners(void)
{
    char name[] = "tempXXX", other[] = "tempXXX", none[] = "temp";
    struct stat s;
    int fd = sopen("input.txt", O_RDONLY, SH_DENYNO);
    CHECK(fd >= 3 && tell(fd) == 0 && read(fd, none, 2) == 2);
    EQUAL(tell(fd), 2);
    EQUAL(close(fd), 0);
    EQUAL(chmod("input.txt", S_IREAD | S_IWRITE), 0);
    REFUSED(chmod("input.txt", S_IREAD) != 0, EPERM);
    REFUSED(chmod("nowhere.txt", S_IREAD) != 0, ENOENT);
    EQUAL(umask(022), 0);
    EQUAL(umask(0), 022);
    EQUAL(stat("input.txt", &s), 0);
    struct utimbuf as_it_is = {s.st_atime, s.st_mtime}, other_time = {1, 1};
    EQUAL(utime("input.txt", &as_it_is), 0);
    REFUSED(utime("input.txt", &other_time) != 0, EPERM);
    REFUSED(utime("nowhere.txt", &as_it_is) != 0, ENOENT);
    CHECK(mktemp(name) == name && strncmp(name, "temp", 4) == 0 && access(name, F_OK) != 0);
    fd = creat(name, 0);
    CHECK(mktemp(other) == other && strcmp(name, other) != 0);
    EQUAL(close(fd), 0);
    EQUAL(unlink(name), 0);
    char wrong[] = "temp";
    REFUSED(mktemp(wrong) == NULL, EINVAL);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "ro") == 0) {
        read_only();
    } else if (argc > 1 && strcmp(argv[1], "none") == 0) {
        none();
    } else {
        read_input();
        escapes();
        write_and_read();
        in_threads();
        limits();
        lines_of_input();
        duplicates();
        owners();
        FILE *left_open = fopen("at_exit.txt", "w");
        fputs("written by exit", left_open);
    }
    return tap_end(&tap);
}
