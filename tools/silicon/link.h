/* link.h: the runner as a child process (proto.h). */
#ifndef RT386_SILICON_LINK_H
#define RT386_SILICON_LINK_H

#include <sys/types.h>

#include "proto.h"

struct sil_link {
    struct sil_shared *shared;
    pid_t pid;
    int to, from;
};
/* False: `why` says what this machine lacks. */
bool link_start(struct sil_link *link, const char *runner, const uint8_t *arena, const char **why);
void link_stop(struct sil_link *link);
/* The two halves of a command; false: the runner died (shared->at: in which state). */
bool link_send(struct sil_link *link, enum sil_command command);
bool link_wait(struct sil_link *link);

#endif
