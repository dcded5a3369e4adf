/* gdb.h: gdb's remote serial protocol: a guest under gdb, from before its first instruction (run --gdb). docs/gdb.md tells
 * how it is used, and what of the protocol there is. */
#ifndef RT386_APP_GDB_H
#define RT386_APP_GDB_H

#include "app.h"
#include "realtime.h"

/* Guests are loaded, nothing has run. Waits for gdb at `where` (gdb_packet.h) and serves it until it detaches, kills or goes
 * away. Returns how: GDB_RUN_ON: the guest is to run on alone, from where it stands; GDB_ENDED: it has ended (why);
 * GDB_KILLED; GDB_INTERRUPTED: Ctrl-C here; GDB_FAILED: a sentence was printed. sleeper: of the machine's idle time, or NULL;
 * Ctrl-C wakes it. */
enum gdb_end { GDB_RUN_ON, GDB_ENDED, GDB_KILLED, GDB_INTERRUPTED, GDB_FAILED };
enum gdb_end gdb_serve(struct app *app, rt386 *machine, struct realtime *sleeper, const char *where,
                       rt386_exit *why);

#endif
