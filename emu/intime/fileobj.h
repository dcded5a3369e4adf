/* fileobj.h: file objects: fileobj.c and filecalls.c. Private to emu/intime. */
#ifndef RT386_INTIME_FILEOBJ_H
#define RT386_INTIME_FILEOBJ_H

#include "kernel.h"

enum file_share { SHARE_READ = 1, SHARE_WRITE = 2, SHARE_DELETE = 4, SHARE_ALL = 7 };

struct file_object {
    int32_t number; /* the port's */
    uint8_t access; /* RT_FILE_READ, RT_FILE_WRITE */
    uint8_t share;  /* enum file_share */
    bool doomed;    /* its file goes with the last object that has it open */
    uint32_t offset;
    char path[PATH_BYTES];
};

/* fileobj.c */
int32_t file_operate(struct rt_kernel *k,
                     struct rt_file_op *op); /* of the host; without files -RT_FILE_ENOENT */
uint32_t file_status(int32_t result); /* E_OK for >= 0, else the status of an error of rtfile.def */
/* An object that has the path open, after `last` (NULL: the first one); NULL: no more. */
struct object *file_opened(const struct rt_kernel *k, const char *path, const struct object *last);
uint32_t file_get(struct rt_kernel *k, struct call *c, uint8_t access); /* c->object; E_FACCESS */
void file_object_close(struct rt_kernel *k, struct object *o);
void file_object_forget(struct object *o);

#endif
