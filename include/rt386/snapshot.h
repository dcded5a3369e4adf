/* snapshot.h: a whole machine as bytes, and back.
 *
 *   rt386_run ... -> rt386_snapshot_save -> bytes -> rt386_snapshot_config -> rt386_create -> rt386_snapshot_load -> rt386_run
 *
 * A snapshot holds everything that decides how the run goes on: registers, memory, devices, the INtime kernel, the files
 * that were loaded. From there a run is the same, bit for bit, on any host. docs/snapshots.md draws the format; docs/adr/0070
 * says what does not survive: connections of sockets, temporary files, and what the shared folder holds.
 */
#ifndef RT386_SNAPSHOT_H
#define RT386_SNAPSHOT_H

#include <rt386/rt386.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Gives the bytes, in one piece or several. Between runs only, never from an observer: RT386_E_STATE. Not for machines of
 * rt386_bare_create (RT386_E_STATE). RT386_E_NOMEM. */
RT386_API rt386_status rt386_snapshot_save(const rt386 *machine,
                                           void (*put)(void *ctx, const void *bytes, size_t n),
                                           void *ctx);

/* The machine, whatever it ran before, becomes the one that was saved; its configuration, as far as a guest can tell, and
 * whether it has a network, must be the same (RT386_E_ARG). RT386_E_FORMAT: these bytes are no snapshot, or rt386_error says
 * what is wrong with them; RT386_E_STATE: not between runs, or a recording is under way; RT386_E_NOMEM. A snapshot that is
 * refused leaves the machine as it was. Any bytes may be given. */
RT386_API rt386_status rt386_snapshot_load(rt386 *machine, const void *bytes, size_t n);

/* The configuration to create a machine for it; what is the host's (callbacks) is not filled in. err (may be NULL): one
 * sentence on failure. RT386_E_FORMAT. */
RT386_API rt386_status rt386_snapshot_config(const void *bytes, size_t n, rt386_config *config,
                                             char *err, size_t err_size);

/* A second machine that stands where this one stands, to try on it what this one shall not do; it is destroyed like any. What
 * is the host's (callbacks, observers, breakpoints) it has none of: its guest's text goes nowhere. Between runs.
 * RT386_E_STATE: a machine that has a network, one of rt386_bare_create, or within a run; RT386_E_NOMEM. */
RT386_API rt386_status rt386_copy(const rt386 *machine, rt386 **copy);

#ifdef __cplusplus
}
#endif

#endif
