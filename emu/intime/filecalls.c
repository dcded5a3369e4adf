/* filecalls.c: the calls of file objects, and those that name files and folders. ADR 0047.
 *
 * Not there: asynchronous transfers, which the help does not promise for a stand-alone node either; attributes, times, lists
 * of names.
 */
#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "fileobj.h"

#define OFFSET_MAX 0x7FFFFFFFu
#define ATTRIBUTES                                                                                 \
    0x00B7u /* read-only, hidden, system, directory, archive, normal: nothing of it is kept */
#define FLAG_ASYNC   0x40000000u
#define FLAGS_KNOWN  0xFFFF0000u
#define TYPE_OF_DISK 1u
enum { MODE_NEW = 1, MODE_CREATE, MODE_OPEN, MODE_OPEN_ALWAYS, MODE_TRUNCATE };
enum { FROM_BEGIN, FROM_CURRENT, FROM_END };

static uint32_t name_check(const struct call *c)
{
    if (c->str_reach != RT_REACH_OK) return E_BAD_ADDR;
    return c->str_length == 0 || c->str_long ? E_PARAM : E_OK;
}

/* What failed is the call's status; what went well is TRUE. */
static void answer(struct call *c, int32_t result)
{
    c->status = file_status(result);
    c->eax = c->status == E_OK;
}

/* --- CreateRtFile(name, access, share, mode, attributes and flags) --- */

/* Whoever has it open must let others do what is asked for, and the other way round. */
static uint32_t share_check(const struct rt_kernel *k, const char *path, uint8_t access,
                            uint8_t share)
{
    for (const struct object *o = file_opened(k, path, NULL); o; o = file_opened(k, path, o)) {
        const struct file_object *f = o->file;
        if (f->doomed) return E_FACCESS;
        if ((access & ~f->share) || (f->access & ~share)) return E_SHARE;
    }
    return E_OK;
}

uint32_t vrfy_CreateRtFile(struct rt_kernel *k, struct call *c)
{
    uint32_t access = c->arg[1], share = c->arg[2], mode = c->arg[3], flags = c->arg[4];
    uint32_t status = name_check(c);
    if (status != E_OK) return status;
    if (access == 0 || access > (RT_FILE_READ | RT_FILE_WRITE) || share > SHARE_ALL) return E_PARAM;
    if (mode < MODE_NEW || mode > MODE_TRUNCATE) return E_PARAM;
    if (flags & ~(ATTRIBUTES | FLAGS_KNOWN)) return E_PARAM;
    if (flags & FLAG_ASYNC) return E_NOT_CONFIGURED;
    status = share_check(k, c->str, (uint8_t)access, (uint8_t)share);
    if (status == E_OK) status = object_room(k, c->p, 1, 0);
    if (status != E_OK) return status;
    struct file_object *f = calloc(1, sizeof *f);
    c->host = f;
    if (!f) return E_MEM;
    f->access = (uint8_t)access;
    f->share = (uint8_t)share;
    memcpy(f->path, c->str, c->str_length);
    return E_OK;
}

static uint32_t open_flags(uint32_t access, uint32_t mode)
{
    static const uint32_t flags[] = {[MODE_NEW] = RT_FILE_CREATE | RT_FILE_NEW | RT_FILE_WRITE,
                                     [MODE_CREATE] =
                                         RT_FILE_CREATE | RT_FILE_TRUNCATE | RT_FILE_WRITE,
                                     [MODE_OPEN] = 0,
                                     [MODE_OPEN_ALWAYS] = RT_FILE_CREATE | RT_FILE_WRITE,
                                     [MODE_TRUNCATE] = RT_FILE_TRUNCATE | RT_FILE_WRITE};
    return access | flags[mode];
}

void impl_CreateRtFile(struct rt_kernel *k, struct call *c)
{
    struct file_object *f = c->host;
    struct rt_file_op op = {
        .kind = RT_FILE_OPEN, .flags = open_flags(c->arg[1], c->arg[3]), .path = c->str};
    f->number = file_operate(k, &op);
    c->status = file_status(f->number);
    if (c->status != E_OK) return;
    c->host = NULL;
    c->object = object_new(k, c->p, TYPE_FILE, SUBTYPE_NONE, true);
    c->object->file = f;
    c->object->seg = (struct rt_segdef){
        .kind = RT_SEG_DATA, .base = object_block(c->object), .limit = CBLOCK_SIZE - 1};
    object_publish(k, c->object);
    c->eax = object_handle(k, c->object);
}

/* --- DeleteRtFile(file): the object, not the file --- */

uint32_t vrfy_DeleteRtFile(struct rt_kernel *k, struct call *c)
{
    return file_get(k, c, 0);
}

void impl_DeleteRtFile(struct rt_kernel *k, struct call *c)
{
    object_close(k, c->object);
    object_delete(k, c->object);
    c->eax = 1;
}

/* --- ReadRtFile(file, buffer, size, bytes read, asynchronous), WriteRtFile(...) --- */

static uint32_t transfer_check(struct rt_kernel *k, struct call *c, uint8_t access)
{
    uint32_t status = file_get(k, c, access);
    if (status != E_OK) return status;
    if (c->arg[4]) return E_NOT_CONFIGURED;
    return c->arg[3] ? call_writable(k, c->arg[3], 4) : E_OK;
}

static void transfer_end(struct rt_kernel *k, struct call *c, uint32_t done, int32_t last)
{
    uint8_t count[4];
    put32(count, done);
    answer(c, done ? 0 : last);
    if (c->status == E_OK && c->arg[3]) call_put(k, c->arg[3], count, sizeof count);
}

static uint32_t chunk(uint32_t left)
{
    return left < CONSOLE_CHUNK ? left : CONSOLE_CHUNK;
}

uint32_t vrfy_ReadRtFile(struct rt_kernel *k, struct call *c)
{
    uint32_t status = transfer_check(k, c, RT_FILE_READ);
    return status == E_OK ? call_writable(k, c->arg[1], c->arg[2]) : status;
}

void impl_ReadRtFile(struct rt_kernel *k, struct call *c)
{
    struct file_object *f = c->object->file;
    uint32_t done = 0;
    int32_t n = 0;
    while (done < c->arg[2]) {
        struct rt_file_op op = {.kind = RT_FILE_GET,
                                .file = f->number,
                                .offset = f->offset,
                                .n = chunk(c->arg[2] - done),
                                .to = k->text};
        n = file_operate(k, &op);
        if (n <= 0) break;
        call_put(k, c->arg[1] + done, k->text, (uint32_t)n);
        done += (uint32_t)n;
        f->offset += (uint32_t)n;
    }
    transfer_end(k, c, done, n);
}

uint32_t vrfy_WriteRtFile(struct rt_kernel *k, struct call *c)
{
    uint32_t status = transfer_check(k, c, RT_FILE_WRITE);
    if (status == E_OK) status = call_readable(k, c->arg[1], c->arg[2]);
    if (status != E_OK) return status;
    return c->arg[2] > OFFSET_MAX - c->object->file->offset ? E_SPACE : E_OK;
}

void impl_WriteRtFile(struct rt_kernel *k, struct call *c)
{
    struct file_object *f = c->object->file;
    uint32_t done = 0;
    int32_t n = 0;
    while (done < c->arg[2]) {
        uint32_t size = chunk(c->arg[2] - done);
        if (k->port.user_read(k->port.ctx, c->arg[1] + done, k->text, size) != RT_REACH_OK) break;
        struct rt_file_op op = {.kind = RT_FILE_PUT,
                                .file = f->number,
                                .offset = f->offset,
                                .n = size,
                                .from = k->text};
        n = file_operate(k, &op);
        if (n <= 0) break;
        done += (uint32_t)n;
        f->offset += (uint32_t)n;
    }
    transfer_end(k, c, done, n);
}

/* --- WaitForRtIo(asynchronous, ms, bytes), CancelRtIo(asynchronous): nothing is --- */

uint32_t vrfy_WaitForRtIo(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_NOT_CONFIGURED;
}

uint32_t vrfy_CancelRtIo(struct rt_kernel *k, struct call *c)
{
    return vrfy_WaitForRtIo(k, c);
}

/* Not reached. */
void impl_WaitForRtIo(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

void impl_CancelRtIo(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

/* --- SetRtFilePointer(file, distance, new pointer, method), SetEndOfRtFile(file), GetRtFileSize(file, size) --- */

/* Bytes of the file, or a negative error. */
static int64_t size_of(struct rt_kernel *k, const struct object *o)
{
    struct rt_file_op op = {.kind = RT_FILE_STAT, .file = o->file->number};
    int32_t result = file_operate(k, &op);
    return result < 0 ? result : (int64_t)op.size;
}

uint32_t vrfy_SetRtFilePointer(struct rt_kernel *k, struct call *c)
{
    uint32_t status = file_get(k, c, 0);
    if (status == E_OK && c->arg[4] > FROM_END) status = E_PARAM;
    if (status == E_OK && c->arg[3]) status = call_writable(k, c->arg[3], 8);
    return status;
}

void impl_SetRtFilePointer(struct rt_kernel *k, struct call *c)
{
    struct file_object *f = c->object->file;
    int64_t distance = (int64_t)((uint64_t)c->arg[2] << 32 | c->arg[1]), from = 0;
    uint8_t to[8];
    if (c->arg[4] == FROM_CURRENT) from = f->offset;
    if (c->arg[4] == FROM_END) from = size_of(k, c->object);
    if (from < 0) {
        answer(c, (int32_t)from);
        return;
    }
    if (distance < -from || distance > (int64_t)OFFSET_MAX - from) {
        c->status = E_PARAM;
        return;
    }
    f->offset = (uint32_t)(from + distance);
    put64(to, f->offset);
    if (c->arg[3]) call_put(k, c->arg[3], to, sizeof to);
    c->eax = 1;
}

uint32_t vrfy_SetEndOfRtFile(struct rt_kernel *k, struct call *c)
{
    return file_get(k, c, RT_FILE_WRITE);
}

void impl_SetEndOfRtFile(struct rt_kernel *k, struct call *c)
{
    const struct file_object *f = c->object->file;
    struct rt_file_op op = {.kind = RT_FILE_RESIZE, .file = f->number, .offset = f->offset};
    answer(c, file_operate(k, &op));
}

uint32_t vrfy_GetRtFileSize(struct rt_kernel *k, struct call *c)
{
    uint32_t status = file_get(k, c, 0);
    return status == E_OK ? call_writable(k, c->arg[1], 8) : status;
}

void impl_GetRtFileSize(struct rt_kernel *k, struct call *c)
{
    int64_t size = size_of(k, c->object);
    uint8_t to[8];
    answer(c, size < 0 ? (int32_t)size : 0);
    if (size < 0) return;
    put64(to, (uint64_t)size);
    call_put(k, c->arg[1], to, sizeof to);
}

/* --- GetRtFileType(file), FlushRtFileBuffers(file): every one is on a disk, and nothing is kept back --- */

uint32_t vrfy_GetRtFileType(struct rt_kernel *k, struct call *c)
{
    return file_get(k, c, 0);
}

void impl_GetRtFileType(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = TYPE_OF_DISK;
}

uint32_t vrfy_FlushRtFileBuffers(struct rt_kernel *k, struct call *c)
{
    return file_get(k, c, 0);
}

void impl_FlushRtFileBuffers(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = 1;
}

/* --- RemoveRtFile(name): when the last object that has it open is gone --- */

uint32_t vrfy_RemoveRtFile(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return name_check(c);
}

void impl_RemoveRtFile(struct rt_kernel *k, struct call *c)
{
    struct object *o = file_opened(k, c->str, NULL);
    struct rt_file_op op = {.kind = RT_FILE_REMOVE, .path = c->str};
    if (!o) answer(c, file_operate(k, &op));
    if (o) c->eax = 1;
    for (; o; o = file_opened(k, c->str, o))
        o->file->doomed = true;
}

/* --- CreateRtDirectory(name, 0), RemoveRtDirectory(name) --- */

uint32_t vrfy_CreateRtDirectory(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return name_check(c);
}

void impl_CreateRtDirectory(struct rt_kernel *k, struct call *c)
{
    struct rt_file_op op = {.kind = RT_FILE_MKDIR, .path = c->str};
    answer(c, file_operate(k, &op));
}

uint32_t vrfy_RemoveRtDirectory(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return name_check(c);
}

void impl_RemoveRtDirectory(struct rt_kernel *k, struct call *c)
{
    struct rt_file_op op = {.kind = RT_FILE_REMOVE, .path = c->str, .folder = true};
    answer(c, file_operate(k, &op));
}
