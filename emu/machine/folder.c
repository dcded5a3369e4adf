/* folder.c: the shared folder: the guest's files are those below one folder of the host, and nothing else.
 *
 *   "a\b/c"  -->  parts a, b, c  -->  openat(root, "a"), openat(., "b"), openat(., "c")
 *
 * Each part is opened by itself and no symbolic link is followed, so there is no way out, whatever changes meanwhile.
 * Refused with EACCES: absolute paths, drives, "..", links, and whatever is no regular file (a device or a pipe could
 * make the machine wait). Offsets come with each transfer; a transfer is whole unless the file ends; names are never
 * listed and times never read: what a guest sees of the host are the bytes of the files and what is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "snapshot.h"

#define OPEN_MAX_ALL 1024 /* files of all processes */
#define SIZE_MAX_31  0x7FFFFFFF
#define PART_MAX     255

struct machine_files {
    int root; /* the folder; -1: none is shared */
    bool read_only;
    unsigned temps; /* how many temporary files there have been */
    /* Of an open file fd, or it comes from a snapshot and fd is -1 until it is used; path: of both; NULL: free. */
    int fd[OPEN_MAX_ALL];
    char *path[OPEN_MAX_ALL];
    uint32_t flags[OPEN_MAX_ALL];
};

static int32_t refused(int error)
{
    static const struct {
        int host;
        enum rt_file_error guest;
    } errors[] = {{ENOENT, RT_FILE_ENOENT},       {ENOTDIR, RT_FILE_ENOTDIR},
                  {EISDIR, RT_FILE_EISDIR},       {EEXIST, RT_FILE_EEXIST},
                  {EACCES, RT_FILE_EACCES},       {EPERM, RT_FILE_EACCES},
                  {EROFS, RT_FILE_EACCES},        {ELOOP, RT_FILE_EACCES},
                  {ENXIO, RT_FILE_EACCES},        {ENOSPC, RT_FILE_ENOSPC},
                  {EDQUOT, RT_FILE_ENOSPC},       {EFBIG, RT_FILE_EFBIG},
                  {EMFILE, RT_FILE_EMFILE},       {ENFILE, RT_FILE_EMFILE},
                  {ENOTEMPTY, RT_FILE_ENOTEMPTY}, {ENAMETOOLONG, RT_FILE_ENAMETOOLONG},
                  {ENOMEM, RT_FILE_ENOMEM},       {EINVAL, RT_FILE_EINVAL}};
    for (unsigned i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (errors[i].host == error) return -(int32_t)errors[i].guest;
    return -RT_FILE_EIO;
}

/* --- paths --- */

static bool separator(char c)
{
    return c == '/' || c == '\\';
}

/* The next part of the path, without those that are ".": its length; 0 at the end; negative: an error. */
static int32_t next_part(const char **path, char part[PART_MAX + 1])
{
    const char *s = *path;
    for (;;) {
        while (separator(*s))
            s++;
        int n = 0;
        while (s[n] && !separator(s[n])) {
            if (s[n] == ':') return -RT_FILE_EACCES;
            n++;
        }
        *path = s + n;
        if (n > PART_MAX) return -RT_FILE_ENAMETOOLONG;
        if (n == 1 && *s == '.') {
            s += n;
            continue;
        }
        if (n == 2 && s[0] == '.' && s[1] == '.') return -RT_FILE_EACCES;
        memcpy(part, s, (size_t)n);
        part[n] = 0;
        return n;
    }
}

struct place {
    int folder;              /* an open folder, to be closed */
    char name[PART_MAX + 1]; /* in it; "." is the folder itself */
};

/* A descriptor, or an error; a link is no folder, wherever it points to. */
static int open_folder(int at, const char *name)
{
    struct stat st;
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0) return fd;
    int32_t error = refused(errno);
    bool link = !fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISLNK(st.st_mode);
    return link ? -RT_FILE_EACCES : error;
}

/* Walks to the folder that holds the path's last part. 0 or an error. */
static int32_t walk(const struct machine_files *f, const char *path, struct place *place)
{
    char part[PART_MAX + 1];
    place->folder = -1;
    if (f->root < 0 || !*path) return -RT_FILE_ENOENT;
    if (separator(*path)) return -RT_FILE_EACCES;
    int at = fcntl(f->root, F_DUPFD_CLOEXEC, 3);
    if (at < 0) return refused(errno);
    strcpy(place->name, ".");
    for (;;) {
        int32_t n = next_part(&path, part);
        if (n < 0) {
            close(at);
            return n;
        }
        if (n == 0) break;
        if (strcmp(place->name, ".") != 0) {
            int next = open_folder(at, place->name);
            close(at);
            if (next < 0) return next;
            at = next;
        }
        memcpy(place->name, part, (size_t)n + 1);
    }
    place->folder = at;
    return 0;
}

/* --- open and close --- */

static int open_flags(uint32_t flags)
{
    bool read = flags & RT_FILE_READ, write = flags & RT_FILE_WRITE;
    int how = read && write ? O_RDWR : write ? O_WRONLY : O_RDONLY;
    if (flags & RT_FILE_CREATE) how |= O_CREAT;
    if (flags & RT_FILE_NEW) how |= O_EXCL;
    return how | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
}

/* What is there already must be a regular file: opening something else could do something. */
static int32_t before_open(const struct place *place)
{
    struct stat st;
    if (fstatat(place->folder, place->name, &st, AT_SYMLINK_NOFOLLOW))
        return errno == ENOENT ? 0 : refused(errno);
    if (S_ISDIR(st.st_mode)) return -RT_FILE_EISDIR;
    return S_ISREG(st.st_mode) ? 0 : -RT_FILE_EACCES;
}

/* Only regular files; cut to nothing only after it is known to be one. */
static int32_t accept_file(int fd, uint32_t flags)
{
    struct stat st;
    if (fstat(fd, &st)) return refused(errno);
    if (S_ISDIR(st.st_mode)) return -RT_FILE_EISDIR;
    if (!S_ISREG(st.st_mode)) return -RT_FILE_EACCES;
    if (st.st_size > SIZE_MAX_31) return -RT_FILE_EFBIG;
    if (flags & RT_FILE_TRUNCATE && ftruncate(fd, 0)) return refused(errno);
    return 0;
}

/* A file without a name, in the folder that holds the path's last part. */
static int open_temp(struct machine_files *f, const struct place *place)
{
    char name[40];
    for (unsigned tries = 0; tries < 1000; tries++) {
        snprintf(name, sizeof name, ".rt386-%u.tmp", f->temps++);
        int fd =
            openat(place->folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd >= 0) unlinkat(place->folder, name, 0);
        if (fd >= 0 || errno != EEXIST) return fd;
    }
    return -1;
}

static int32_t file_open(struct machine_files *f, const struct rt_file_op *op)
{
    int32_t number = 0;
    while (number < OPEN_MAX_ALL && f->path[number])
        number++;
    if (number == OPEN_MAX_ALL) return -RT_FILE_EMFILE;
    if (!(op->flags & (RT_FILE_READ | RT_FILE_WRITE))) return -RT_FILE_EINVAL;
    struct place place;
    int32_t status = walk(f, op->path, &place);
    if (status < 0) return status;
    int fd = -1;
    if (op->flags & RT_FILE_TEMP) {
        fd = open_temp(f, &place);
        status = fd < 0 ? refused(errno) : 0;
    } else if ((status = before_open(&place)) == 0) {
        fd = openat(place.folder, place.name, open_flags(op->flags), 0666);
        status = fd < 0 ? refused(errno) : accept_file(fd, op->flags);
    }
    close(place.folder);
    if (status < 0) {
        if (fd >= 0) close(fd);
        return status;
    }
    f->path[number] = strdup(op->path);
    if (!f->path[number]) {
        close(fd);
        return -RT_FILE_ENOMEM;
    }
    f->flags[number] = op->flags;
    f->fd[number] = fd;
    return number;
}

static bool is_open(const struct machine_files *f, int32_t number)
{
    return number >= 0 && number < OPEN_MAX_ALL && f->path[number];
}

static int32_t file_close(struct machine_files *f, int32_t number)
{
    int fd = f->fd[number];
    f->fd[number] = -1;
    free(f->path[number]);
    f->path[number] = NULL;
    return fd >= 0 && close(fd) ? refused(errno) : 0;
}

/* A file that was open in a snapshot, at its next use: it must be there, as it must have been; what had no name is gone. */
static int32_t reopen(struct machine_files *f, int32_t number)
{
    struct place place;
    uint32_t flags = f->flags[number];
    if (f->fd[number] >= 0) return 0;
    if (flags & RT_FILE_TEMP || (f->read_only && flags & RT_FILE_WRITE)) return -RT_FILE_EIO;
    if (walk(f, f->path[number], &place) < 0) return -RT_FILE_EIO;
    flags &= RT_FILE_READ | RT_FILE_WRITE;
    int fd = before_open(&place) == 0 ? openat(place.folder, place.name, open_flags(flags)) : -1;
    close(place.folder);
    if (fd < 0) return -RT_FILE_EIO;
    if (accept_file(fd, flags) < 0) {
        close(fd);
        return -RT_FILE_EIO;
    }
    f->fd[number] = fd;
    return 0;
}

/* --- bytes --- */

static int32_t file_get(int fd, const struct rt_file_op *op)
{
    uint32_t done = 0;
    while (done < op->n) {
        ssize_t n = pread(fd, (char *)op->to + done, op->n - done, (off_t)op->offset + done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return done ? (int32_t)done : refused(errno);
        if (n == 0) break;
        done += (uint32_t)n;
    }
    return (int32_t)done;
}

static int32_t file_put(int fd, const struct rt_file_op *op)
{
    uint32_t done = 0;
    while (done < op->n) {
        ssize_t n =
            pwrite(fd, (const char *)op->from + done, op->n - done, (off_t)op->offset + done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return done ? (int32_t)done : refused(n < 0 ? errno : ENOSPC);
        done += (uint32_t)n;
    }
    return (int32_t)done;
}

/* --- what is known of a file --- */

static int32_t stat_result(const struct machine_files *f, const struct stat *st,
                           struct rt_file_op *op)
{
    op->folder = S_ISDIR(st->st_mode);
    if (!op->folder && !S_ISREG(st->st_mode)) return -RT_FILE_EACCES;
    op->size = op->folder ? 0 : st->st_size > SIZE_MAX_31 ? SIZE_MAX_31 : (uint32_t)st->st_size;
    op->writable = !f->read_only && (st->st_mode & 0222);
    return 0;
}

static int32_t file_stat(const struct machine_files *f, struct rt_file_op *op)
{
    struct stat st;
    struct place place;
    if (!op->path) return fstat(f->fd[op->file], &st) ? refused(errno) : stat_result(f, &st, op);
    int32_t status = walk(f, op->path, &place);
    if (status < 0) return status;
    status = fstatat(place.folder, place.name, &st, AT_SYMLINK_NOFOLLOW) ? refused(errno) : 0;
    close(place.folder);
    return status < 0 ? status : stat_result(f, &st, op);
}

/* --- names --- */

/* Has the open file still this name? */
static bool names(const struct place *place, int fd)
{
    struct stat is, at;
    return !fstat(fd, &is) && !fstatat(place->folder, place->name, &at, AT_SYMLINK_NOFOLLOW) &&
           is.st_dev == at.st_dev && is.st_ino == at.st_ino;
}

static int32_t file_remove(const struct machine_files *f, const struct rt_file_op *op)
{
    struct place place;
    int32_t status = walk(f, op->path, &place);
    if (status < 0) return status;
    if (op->same && !names(&place, f->fd[op->file]))
        status = 0;
    else if (!strcmp(place.name, "."))
        status = -RT_FILE_EACCES;
    else if (unlinkat(place.folder, place.name, op->folder ? AT_REMOVEDIR : 0))
        status = refused(errno);
    close(place.folder);
    return status;
}

/* A new name that is taken is refused [7-1/rename]. */
static int32_t file_rename(const struct machine_files *f, const struct rt_file_op *op)
{
    struct place from, to;
    struct stat st;
    int32_t status = walk(f, op->path, &from);
    if (status < 0) return status;
    status = walk(f, op->path2, &to);
    if (status == 0) {
        if (!strcmp(from.name, ".") || !strcmp(to.name, "."))
            status = -RT_FILE_EACCES;
        else if (fstatat(from.folder, from.name, &st, AT_SYMLINK_NOFOLLOW))
            status = refused(errno);
        else if (!fstatat(to.folder, to.name, &st, AT_SYMLINK_NOFOLLOW))
            status = -RT_FILE_EACCES;
        else if (renameat(from.folder, from.name, to.folder, to.name))
            status = refused(errno);
        close(to.folder);
    }
    close(from.folder);
    return status;
}

static int32_t file_mkdir(const struct machine_files *f, const struct rt_file_op *op)
{
    struct place place;
    int32_t status = walk(f, op->path, &place);
    if (status < 0) return status;
    if (mkdirat(place.folder, place.name, 0777)) status = refused(errno);
    close(place.folder);
    return status;
}

/* --- the port's function --- */

static bool changes(const struct rt_file_op *op)
{
    const uint32_t write = RT_FILE_WRITE | RT_FILE_CREATE | RT_FILE_TRUNCATE | RT_FILE_TEMP;
    switch (op->kind) {
    case RT_FILE_OPEN: return op->flags & write;
    case RT_FILE_PUT:
    case RT_FILE_RESIZE:
    case RT_FILE_REMOVE:
    case RT_FILE_RENAME:
    case RT_FILE_MKDIR: return true;
    default: return false;
    }
}

int32_t machine_file(rt386 *m, struct rt_file_op *op)
{
    struct machine_files *f = m->files;
    if (!f) return -RT_FILE_ENOENT;
    if (f->read_only && changes(op)) return -RT_FILE_EACCES;
    bool by_number = op->kind == RT_FILE_CLOSE || op->kind == RT_FILE_GET ||
                     op->kind == RT_FILE_PUT || op->kind == RT_FILE_RESIZE ||
                     (op->kind == RT_FILE_STAT && !op->path) ||
                     (op->kind == RT_FILE_REMOVE && op->same);
    if (by_number && !is_open(f, op->file)) return -RT_FILE_EBADF;
    if (by_number && op->kind != RT_FILE_CLOSE) {
        int32_t status = reopen(f, op->file);
        if (status < 0) return status;
    }
    switch (op->kind) {
    case RT_FILE_OPEN: return file_open(f, op);
    case RT_FILE_CLOSE: return file_close(f, op->file);
    case RT_FILE_GET: return file_get(f->fd[op->file], op);
    case RT_FILE_PUT: return file_put(f->fd[op->file], op);
    case RT_FILE_RESIZE: return ftruncate(f->fd[op->file], op->offset) ? refused(errno) : 0;
    case RT_FILE_STAT: return file_stat(f, op);
    case RT_FILE_REMOVE: return file_remove(f, op);
    case RT_FILE_RENAME: return file_rename(f, op);
    case RT_FILE_MKDIR: return file_mkdir(f, op);
    default: return -RT_FILE_EINVAL;
    }
}

void machine_files_free(rt386 *m)
{
    if (!m->files) return;
    for (int i = 0; i < OPEN_MAX_ALL; i++)
        if (m->files->path[i]) file_close(m->files, i);
    if (m->files->root >= 0) close(m->files->root);
    free(m->files);
    m->files = NULL;
}

static struct machine_files *files_new(void)
{
    struct machine_files *f = calloc(1, sizeof *f);
    if (!f) return NULL;
    f->root = -1;
    for (int i = 0; i < OPEN_MAX_ALL; i++)
        f->fd[i] = -1;
    return f;
}

rt386_status rt386_share_folder(rt386 *m, const char *path, bool read_only)
{
    if (!path) return machine_fail(m, RT386_E_ARG, "no folder to share");
    if (m->files && m->files->root >= 0)
        return machine_fail(m, RT386_E_STATE, "one shared folder is all a machine takes");
    int root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return machine_fail(m, errno == ENOENT ? RT386_E_NOTFOUND : RT386_E_IO,
                            "the folder '%s' cannot be shared: %s", path, strerror(errno));
    if (!m->files) m->files = files_new();
    if (!m->files) {
        close(root);
        return machine_fail(m, RT386_E_NOMEM, "the host has no memory");
    }
    m->files->root = root;
    m->files->read_only = read_only;
    return RT386_OK;
}

/* --- snapshots: which files are open, not what is in them --- */

#define PATH_MAX_KEPT 65536u

static void file_snap(struct snap *s, struct machine_files *f, uint16_t *number)
{
    snap_below16(s, number, OPEN_MAX_ALL);
    if (!snap_expect(s, !f->path[*number], "a file is open twice")) return;
    snap_string(s, &f->path[*number], PATH_MAX_KEPT);
    snap_expect(s, f->path[*number] != NULL, "an open file has no path");
    snap_u32(s, &f->flags[*number]);
}

void part_folder(struct snap *s, rt386 *m)
{
    uint32_t n = 0;
    uint16_t at = 0;
    bool kept = m->files && !s->guest_only;
    for (int i = 0; kept && i < OPEN_MAX_ALL; i++)
        n += m->files->path[i] != NULL;
    n = snap_count(s, n, OPEN_MAX_ALL, 11);
    uint32_t temps = kept ? m->files->temps : 0;
    snap_u32(s, &temps);
    if (s->loading && snap_ok(s)) m->files = files_new();
    if (s->loading && !m->files) snap_refuse(s, "the host has no memory for it");
    for (uint32_t i = 0; i < n && snap_ok(s); i++, at++) {
        while (!s->loading && !m->files->path[at])
            at++;
        file_snap(s, m->files, &at);
    }
    if (s->loading && m->files) m->files->temps = temps;
}

/* The folder stays, its open files are those of `from`. */
void files_take(rt386 *m, rt386 *from)
{
    int root = -1;
    bool read_only = false;
    if (m->files) {
        root = m->files->root;
        read_only = m->files->read_only;
        m->files->root = -1;
    }
    machine_files_free(m);
    m->files = from->files;
    from->files = NULL;
    m->files->root = root;
    m->files->read_only = read_only;
}

/* --- the environment of the guests --- */

rt386_status rt386_environment_add(rt386 *m, const char *text)
{
    const char *equal = text ? strchr(text, '=') : NULL;
    if (!equal || equal == text)
        return machine_fail(m, RT386_E_ARG, "an environment variable is NAME=VALUE, not '%s'",
                            text ? text : "");
    size_t n = strlen(text) + 1;
    if (n > ENVIRONMENT_MAX - m->environment_size)
        return machine_fail(m, RT386_E_ARG, "the environment is limited to %u bytes",
                            ENVIRONMENT_MAX);
    char *grown = realloc(m->environment, m->environment_size + n);
    if (!grown) return machine_fail(m, RT386_E_NOMEM, "the host has no memory");
    memcpy(grown + m->environment_size, text, n);
    m->environment = grown;
    m->environment_size += (uint32_t)n;
    return RT386_OK;
}
