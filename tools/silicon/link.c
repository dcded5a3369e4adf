/* link.c: see link.h. */
#define _GNU_SOURCE
#include "link.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kinds.h"

#define SHARED_FD 3

static void child(const char *runner, int shared, int in, int out)
{
    /* Away from the numbers that are set next. */
    int far[3] = {dup2(shared, 20), dup2(in, 21), dup2(out, 22)};
    bool ok = dup2(far[1], 0) == 0 && dup2(far[2], 1) == 1 && dup2(far[0], SHARED_FD) == SHARED_FD;
    for (int fd = SHARED_FD + 1; fd < 64; fd++)
        close(fd);
    if (ok) execl(runner, runner, (char *)NULL);
    _exit(127);
}

static bool spawn(struct sil_link *link, const char *runner, int shared)
{
    int down[2], up[2];
    if (pipe(down)) return false;
    if (pipe(up)) return false;
    link->pid = fork();
    if (link->pid == 0) child(runner, shared, down[0], up[1]);
    close(down[0]);
    close(up[1]);
    link->to = down[1];
    link->from = up[0];
    return link->pid > 0;
}

static void describe(struct sil_shared *shared, const uint8_t *arena)
{
    shared->kinds = sil_kind_count;
    for (unsigned i = 0; i < sil_kind_count; i++)
        shared->ldt[i] = sil_kinds[i].ldt;
    memcpy(shared->arena, arena, ARENA_SIZE);
}

bool link_start(struct sil_link *link, const char *runner, const uint8_t *arena, const char **why)
{
    int fd = memfd_create("silicon", MFD_CLOEXEC);
    *why = "no shared memory";
    memset(link, 0, sizeof *link);
    if (fd < 0 || ftruncate(fd, sizeof *link->shared)) return false;
    void *p = mmap(NULL, sizeof *link->shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED) return false;
    link->shared = p;
    signal(SIGPIPE, SIG_IGN);
    describe(link->shared, arena);
    *why = "no child process";
    if (!spawn(link, runner, fd)) return false;
    close(fd);
    *why = "the kernel runs no 32-bit programs";
    if (!link_send(link, SIL_SETUP) || !link_wait(link)) return false;
    *why = "the kernel offers no modify_ldt, or refuses a segment kind";
    return link->shared->refused == 0;
}

void link_stop(struct sil_link *link)
{
    if (link->pid > 0) {
        close(link->to);
        close(link->from);
        waitpid(link->pid, NULL, 0);
    }
    if (link->shared) munmap(link->shared, sizeof *link->shared);
    memset(link, 0, sizeof *link);
}

bool link_send(struct sil_link *link, enum sil_command command)
{
    char c = (char)command;
    return write(link->to, &c, 1) == 1;
}

bool link_wait(struct sil_link *link)
{
    char c;
    return read(link->from, &c, 1) == 1;
}
