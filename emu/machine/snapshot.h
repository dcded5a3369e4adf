/* snapshot.h: the sections of a snapshot. Private to emu/machine.
 *
 * Each is one walk in both directions (snap.h). Loading, it meets either a machine that was just created with the same
 * configuration, or, for those that are read again, the machine that has just been given all that changes hands.
 */
#ifndef RT386_MACHINE_SNAPSHOT_H
#define RT386_MACHINE_SNAPSHOT_H

#include "machine.h"
#include "snap.h"

/* --- snap_machine.c --- */
void part_config(struct snap *s, rt386 *m);
/* NULL, or what is wrong. */
const char *config_read(const uint8_t *bytes, size_t n, rt386_config *config);
void part_machine(struct snap *s, rt386 *m);
void part_memory(struct snap *s, rt386 *m);
void part_cpu(struct snap *s, rt386 *m);
void part_devices(struct snap *s, rt386 *m);
void part_sources(struct snap *s, rt386 *m);
void part_events(struct snap *s, rt386 *m);
void events_disarm(rt386 *m); /* all that there are */

/* --- snap_guest.c --- */
void part_kernel(struct snap *s, rt386 *m);
void part_threads(struct snap *s, rt386 *m);
void part_images(struct snap *s, rt386 *m);
void part_environment(struct snap *s, rt386 *m);
void part_missing(struct snap *s, rt386 *m);
/* What is large goes from one machine to the other, whose own is given up. Events have been disarmed. */
void parts_take(rt386 *m, rt386 *from);

/* --- folder.c, net.c --- */
void part_folder(struct snap *s, rt386 *m);
void files_take(rt386 *m, rt386 *from);
void part_network(struct snap *s, rt386 *m);

#endif
