/* snapshot_file.h: snapshots (docs/snapshots.md) as files. */
#ifndef RT386_APP_SNAPSHOT_FILE_H
#define RT386_APP_SNAPSHOT_FILE_H

#include "app.h"
#include "text.h"

#include <rt386/rt386.h>

/* It begins as a snapshot does. */
bool snapshot_is(const char *path);
/* The whole file. False: errno tells why; the host may have no memory (ENOMEM). */
bool snapshot_read(const char *path, struct text *bytes);
/* False: a sentence was printed, and no half of a snapshot is left. */
bool snapshot_write(struct app *app, const rt386 *machine, const char *path);

#endif
