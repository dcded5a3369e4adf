/* files.c: files for the C library: descriptors of a process, over the one port function that reaches the host.
 *
 *   process  fd 3 4 5 ...  -->  open_file: port's number, rights, offset  -->  port.file(op)
 *
 * Descriptors 0, 1 and 2 are the console and stay in the library. A call gives a number >= 0 or a negative error of
 * rtfile.def; only bad pointers are a status. The offset is kept here and every transfer names it, so that nothing
 * depends on a state of the host's. A read gives all that is asked for, up to a page or the end of the file.
 *
 * Not there: folders as lists of names, times, locks.
 */
#include "bits.h"
#include "net.h"

#define OFFSET_MAX 0x7FFFFFFFu
#define INFO_SIZE  12u

static uint32_t failure(enum rt_file_error error)
{
    return 0u - (uint32_t)error;
}

/* All of the host that a guest's files reach. */
static int32_t file_op(struct rt_kernel *k, struct rt_file_op *op)
{
    return k->port.file ? k->port.file(k->port.ctx, op) : -RT_FILE_ENOENT;
}

static struct open_file *file_of(struct call *c, uint32_t fd)
{
    if (fd < FIRST_FD || fd - FIRST_FD >= FILES_MAX) return NULL;
    struct open_file *f = &c->p->files[fd - FIRST_FD];
    return f->open ? f : NULL;
}

static uint32_t path_check(const struct call *c)
{
    return c->str_reach == RT_REACH_OK ? E_OK : E_BAD_ADDR;
}

static bool too_long(struct call *c)
{
    if (c->str_long) c->eax = failure(RT_FILE_ENAMETOOLONG);
    return c->str_long;
}

/* --- clib_open(path, flags) --- */

uint32_t vrfy_clib_open(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return path_check(c);
}

void impl_clib_open(struct rt_kernel *k, struct call *c)
{
    uint32_t slot = 0;
    while (slot < FILES_MAX && c->p->files[slot].open)
        slot++;
    if (too_long(c)) return;
    if (slot == FILES_MAX) {
        c->eax = failure(RT_FILE_EMFILE);
        return;
    }
    struct rt_file_op op = {.kind = RT_FILE_OPEN, .flags = c->arg[1], .path = c->str};
    int32_t number = file_op(k, &op);
    c->eax = (uint32_t)number;
    if (number < 0) return;
    c->p->files[slot] = (struct open_file){.open = true, .number = number, .flags = c->arg[1]};
    if (c->arg[1] & RT_FILE_APPEND) {
        struct rt_file_op size = {.kind = RT_FILE_STAT, .file = number};
        if (file_op(k, &size) >= 0) c->p->files[slot].offset = size.size;
    }
    c->eax = slot + FIRST_FD;
}

/* --- clib_close(fd) --- */

uint32_t vrfy_clib_close(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

static int32_t file_close(struct rt_kernel *k, struct open_file *f)
{
    struct rt_file_op op = {.kind = RT_FILE_CLOSE, .file = f->number};
    f->open = false;
    return file_op(k, &op);
}

void impl_clib_close(struct rt_kernel *k, struct call *c)
{
    struct open_file *f = file_of(c, c->arg[0]);
    struct socket *s = socket_of(c->p, c->arg[0]);
    if (s)
        c->eax = (uint32_t)socket_close(k, s);
    else
        c->eax = f ? (uint32_t)file_close(k, f) : failure(RT_FILE_EBADF);
}

void files_close(struct rt_kernel *k, struct process *p)
{
    for (uint32_t i = 0; i < FILES_MAX; i++)
        if (p->files[i].open) file_close(k, &p->files[i]);
}

/* --- clib_read(fd, data, size), clib_write_file(fd, data, size): a page at most --- */

static uint32_t chunk(uint32_t n)
{
    return n < CONSOLE_CHUNK ? n : CONSOLE_CHUNK;
}

uint32_t vrfy_clib_read(struct rt_kernel *k, struct call *c)
{
    c->off = chunk(c->arg[2]);
    return call_writable(k, c->arg[1], c->off);
}

void impl_clib_read(struct rt_kernel *k, struct call *c)
{
    struct open_file *f = file_of(c, c->arg[0]);
    if (!f || !(f->flags & RT_FILE_READ)) {
        c->eax = failure(RT_FILE_EBADF);
        return;
    }
    struct rt_file_op op = {
        .kind = RT_FILE_GET, .file = f->number, .offset = f->offset, .n = c->off, .to = k->text};
    int32_t n = file_op(k, &op);
    c->eax = (uint32_t)n;
    if (n <= 0) return;
    call_put(k, c->arg[1], k->text, (uint32_t)n);
    f->offset += (uint32_t)n;
}

uint32_t vrfy_clib_write_file(struct rt_kernel *k, struct call *c)
{
    c->off = chunk(c->arg[2]);
    return k->port.user_read(k->port.ctx, c->arg[1], k->text, c->off) == RT_REACH_OK ? E_OK
                                                                                     : E_BAD_ADDR;
}

void impl_clib_write_file(struct rt_kernel *k, struct call *c)
{
    struct open_file *f = file_of(c, c->arg[0]);
    if (!f || !(f->flags & RT_FILE_WRITE)) {
        c->eax = failure(RT_FILE_EBADF);
        return;
    }
    if (f->flags & RT_FILE_APPEND) {
        struct rt_file_op size = {.kind = RT_FILE_STAT, .file = f->number};
        if (file_op(k, &size) >= 0) f->offset = size.size;
    }
    if (c->off > OFFSET_MAX - f->offset) {
        c->eax = failure(RT_FILE_EFBIG);
        return;
    }
    struct rt_file_op op = {
        .kind = RT_FILE_PUT, .file = f->number, .offset = f->offset, .n = c->off, .from = k->text};
    int32_t n = file_op(k, &op);
    c->eax = (uint32_t)n;
    if (n > 0) f->offset += (uint32_t)n;
}

/* --- clib_seek(fd, offset, whence): the new offset --- */

uint32_t vrfy_clib_seek(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_clib_seek(struct rt_kernel *k, struct call *c)
{
    struct open_file *f = file_of(c, c->arg[0]);
    int64_t from = 0;
    c->eax = failure(RT_FILE_EBADF);
    if (!f) return;
    if (c->arg[2] == 1) {
        from = f->offset;
    } else if (c->arg[2] == 2) {
        struct rt_file_op size = {.kind = RT_FILE_STAT, .file = f->number};
        int32_t status = file_op(k, &size);
        c->eax = (uint32_t)status;
        if (status < 0) return;
        from = size.size;
    }
    int64_t to = from + (int32_t)c->arg[1];
    c->eax = failure(RT_FILE_EINVAL);
    if (c->arg[2] > 2 || to < 0 || to > OFFSET_MAX) return;
    f->offset = (uint32_t)to;
    c->eax = f->offset;
}

/* --- clib_resize(fd, size) --- */

uint32_t vrfy_clib_resize(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_clib_resize(struct rt_kernel *k, struct call *c)
{
    struct open_file *f = file_of(c, c->arg[0]);
    struct rt_file_op op = {.kind = RT_FILE_RESIZE, .offset = c->arg[1]};
    if (!f || !(f->flags & RT_FILE_WRITE)) {
        c->eax = failure(RT_FILE_EBADF);
        return;
    }
    if (c->arg[1] > OFFSET_MAX) {
        c->eax = failure(RT_FILE_EINVAL);
        return;
    }
    op.file = f->number;
    c->eax = (uint32_t)file_op(k, &op);
}

/* --- clib_stat(path or NULL, fd, info): +0 size, +4 folder, +8 writable --- */

uint32_t vrfy_clib_stat(struct rt_kernel *k, struct call *c)
{
    if (c->arg[0] && path_check(c) != E_OK) return E_BAD_ADDR;
    return call_writable(k, c->arg[2], INFO_SIZE);
}

void impl_clib_stat(struct rt_kernel *k, struct call *c)
{
    struct rt_file_op op = {.kind = RT_FILE_STAT};
    uint8_t info[INFO_SIZE];
    if (c->arg[0]) {
        if (too_long(c)) return;
        op.path = c->str;
    } else {
        struct open_file *f = file_of(c, c->arg[1]);
        c->eax = failure(RT_FILE_EBADF);
        if (!f) return;
        op.file = f->number;
    }
    int32_t status = file_op(k, &op);
    c->eax = (uint32_t)status;
    if (status < 0) return;
    put32(info, op.size);
    put32(info + 4, op.folder);
    put32(info + 8, op.writable);
    call_put(k, c->arg[2], info, sizeof info);
}

/* --- names: clib_remove(path, folder), clib_mkdir(path), clib_rename(from, to) --- */

uint32_t vrfy_clib_remove(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return path_check(c);
}

void impl_clib_remove(struct rt_kernel *k, struct call *c)
{
    struct rt_file_op op = {.kind = RT_FILE_REMOVE, .path = c->str, .folder = c->arg[1] != 0};
    if (!too_long(c)) c->eax = (uint32_t)file_op(k, &op);
}

uint32_t vrfy_clib_mkdir(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return path_check(c);
}

void impl_clib_mkdir(struct rt_kernel *k, struct call *c)
{
    struct rt_file_op op = {.kind = RT_FILE_MKDIR, .path = c->str};
    if (!too_long(c)) c->eax = (uint32_t)file_op(k, &op);
}

/* The second path goes where text of effects goes: no effect comes of this call. */
uint32_t vrfy_clib_rename(struct rt_kernel *k, struct call *c)
{
    if (path_check(c) != E_OK) return E_BAD_ADDR;
    for (uint32_t i = 0; i < sizeof c->str; i++) {
        if (c->arg[1] + i < i ||
            k->port.user_read(k->port.ctx, c->arg[1] + i, &k->text[i], 1) != RT_REACH_OK)
            return E_BAD_ADDR;
        if (!k->text[i]) return E_OK;
    }
    c->str_long = true;
    return E_OK;
}

void impl_clib_rename(struct rt_kernel *k, struct call *c)
{
    struct rt_file_op op = {.kind = RT_FILE_RENAME, .path = c->str, .path2 = k->text};
    if (!too_long(c)) c->eax = (uint32_t)file_op(k, &op);
}

/* --- clib_environment(buffer or NULL, size): bytes of all strings "NAME=VALUE" --- */

static const char *environment(struct rt_kernel *k, uint32_t *size)
{
    *size = 0;
    return k->port.environment ? k->port.environment(k->port.ctx, size) : "";
}

uint32_t vrfy_clib_environment(struct rt_kernel *k, struct call *c)
{
    environment(k, &c->off);
    if (!c->arg[0]) return E_OK;
    return c->off > c->arg[1] ? E_LIMIT : call_writable(k, c->arg[0], c->off);
}

void impl_clib_environment(struct rt_kernel *k, struct call *c)
{
    const char *text = environment(k, &c->off);
    if (c->arg[0] && c->off) call_put(k, c->arg[0], text, c->off);
    c->eax = c->off;
}
