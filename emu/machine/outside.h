/* outside.h: all that a run takes from outside of the machine passes here, so that it can be written down and given
 * again.
 *
 *   live     guest -> kernel -> port -> outside -> host
 *   record                              outside -> host, and the answer into the trace
 *   replay                              outside: the answer from the trace; the host is not asked
 *
 * Six things come from outside: answers of file operations and of socket operations, how far idle time got while
 * somebody outside waited, which file a name means, the bytes of a program that a guest asks for, and requests to
 * end. Everything else follows from the state. An input has a position, instructions and clocks; in a replay an input
 * of another kind or position than the one that is needed is a divergence, and ends the run.
 */
#ifndef RT386_MACHINE_OUTSIDE_H
#define RT386_MACHINE_OUTSIDE_H

#include "machine.h"

enum outside_kind { OUT_FILE = 1, OUT_NET, OUT_IDLE, OUT_FIND, OUT_READ, OUT_TERMINATE };

/* Programs and libraries: a trace may be anybody's, so behind its last input the host is asked only for files in folders that this
 * machine was given: those of libraries, and those of files that the user has loaded. */
int32_t outside_file(rt386 *m, struct rt_file_op *op);
int32_t outside_net(rt386 *m, struct rt_net_op *op);
rt386_status outside_find(rt386 *m, const char *folder, const char *name, char **path);
/* The bytes of that file may be asked for: the trace has an answer, or it is in such a folder. */
bool outside_readable(const rt386 *m, const char *path);
/* As file_read: err: a sentence. given: the user has named it. */
status_t outside_read(rt386 *m, const char *path, bool given, uint8_t **bytes, size_t *n, char *err,
                      size_t size);
/* Idle time is to go on to `to`. True: it went on to *to as the trace says, and the kernel looks at the network if
 * *heard. False: ask the host, then outside_idle_was. */
bool outside_idle(rt386 *m, uint64_t *to, bool *heard);
void outside_idle_was(rt386 *m, uint64_t to, bool heard);
/* A request to end comes now. */
bool outside_terminate_now(rt386 *m);
/* One came: false when it is not for the guest, which a replay tells only what its trace has. */
bool outside_terminate_was(rt386 *m);
/* How many steps may be made before one has to be looked for, at least 1. An input that was passed by is a divergence. */
uint64_t outside_steps(rt386 *m);

/* The first input to come, after `skip` of them. */
void outside_begin(rt386 *m, uint64_t skip);

#endif
