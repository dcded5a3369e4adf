/* fileobj.c: file objects: what is open, and what that allows others.
 *
 *   handle --> object --> port's number, access, share, offset --> port.file(op), as for the C library's files
 *
 * The offset is kept here and every transfer names it. Paths are compared as text, with one separator for both: the shared
 * folder has neither links nor drives. ADR 0047.
 */
#include "fileobj.h"

#include <stdlib.h>

int32_t file_operate(struct rt_kernel *k, struct rt_file_op *op)
{
    return k->port.file ? k->port.file(k->port.ctx, op) : -RT_FILE_ENOENT;
}

uint32_t file_status(int32_t result)
{
    switch (-result) {
    case RT_FILE_ENOENT:
    case RT_FILE_ENOTDIR: return E_FNEXIST;
    case RT_FILE_EEXIST: return E_FEXIST;
    case RT_FILE_EACCES:
    case RT_FILE_EISDIR: return E_FACCESS;
    case RT_FILE_ENOSPC:
    case RT_FILE_EFBIG: return E_SPACE;
    case RT_FILE_ENOTEMPTY: return E_DIR_NOT_EMPTY;
    case RT_FILE_EMFILE: return E_LIMIT;
    case RT_FILE_ENOMEM: return E_MEM;
    case RT_FILE_EINVAL:
    case RT_FILE_ENAMETOOLONG: return E_PARAM;
    default: return result < 0 ? E_IO : E_OK;
    }
}

/* --- paths --- */

static bool separator(char c)
{
    return c == '/' || c == '\\';
}

/* The next part of the path that counts. */
static const char *part(const char *at)
{
    while (separator(*at) || (at[0] == '.' && (!at[1] || separator(at[1]))))
        at++;
    return at;
}

static bool same_path(const char *a, const char *b)
{
    for (a = part(a), b = part(b); *a && *b; a = part(a), b = part(b)) {
        while (*a && *a == *b && !separator(*a)) {
            a++;
            b++;
        }
        bool ends = (!*a || separator(*a)) && (!*b || separator(*b));
        if (!ends) return false;
    }
    return !*a && !*b;
}

struct object *file_opened(const struct rt_kernel *k, const char *path, const struct object *last)
{
    for (uint32_t i = last ? (uint32_t)(last - k->slot) + 1 : 0; i < k->slots; i++) {
        struct object *o = &k->slot[i];
        if (o->file && same_path(o->file->path, path)) return o;
    }
    return NULL;
}

/* --- an object --- */

uint32_t file_get(struct rt_kernel *k, struct call *c, uint8_t access)
{
    uint32_t status = object_get(k, c->arg[0], TYPE_FILE, E_EXIST, &c->object);
    if (status != E_OK) return status;
    return (c->object->file->access & access) == access ? E_OK : E_FACCESS;
}

/* The last one that has a doomed file open takes it along; by now another one may have its name. */
void file_object_close(struct rt_kernel *k, struct object *o)
{
    struct file_object *f = o->file;
    if (!f || f->number < 0) return;
    const struct object *other = file_opened(k, f->path, NULL);
    while (other && (other == o || other->file->number < 0))
        other = file_opened(k, f->path, other);
    struct rt_file_op gone = {
        .kind = RT_FILE_REMOVE, .path = f->path, .file = f->number, .same = true};
    if (f->doomed && !other) file_operate(k, &gone);
    struct rt_file_op op = {.kind = RT_FILE_CLOSE, .file = f->number};
    file_operate(k, &op);
    f->number = -1;
}

void file_object_forget(struct object *o)
{
    free(o->file);
    o->file = NULL;
}
