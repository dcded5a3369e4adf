/* dir.h: the inside of object directories, for directory.c and dirlong.c. */
#ifndef RT386_INTIME_DIR_H
#define RT386_INTIME_DIR_H

#include "kernel.h"

/* An entry of that name, valid or waited for; NULL: none. */
struct entry *dir_find(const struct process *p, const char *name, unsigned length);
/* A free entry takes the name; NULL: the directory is full. */
struct entry *dir_new(struct process *p, const char *name, unsigned length);
/* The caller waits for an entry of c->target that is there already. */
void dir_wait(struct rt_kernel *k, struct call *c, const char *name, unsigned length, uint32_t ms);
/* Host memory of all entries. */
void dir_forget(struct process *p);

#endif
