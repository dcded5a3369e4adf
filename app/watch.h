/* watch.h: what may stop a run from outside: Ctrl-C, SIGTERM, the time-out.
 *
 *   watch_start: SIGINT and SIGTERM are blocked everywhere; one thread waits for them, for the
 *                time-out and for watch_stop
 *   the first signal: rt386_terminate; INtime programs that listen have ten seconds to end
 *   a second signal, or the end of those, or the time-out: rt386_stop
 *   a third signal, or a run that does not stop within two seconds: the process ends at once
 *
 * No signal handler and no global: the thread waits with sigtimedwait.
 */
#ifndef RT386_APP_WATCH_H
#define RT386_APP_WATCH_H

#include "end.h"
#include "realtime.h"

struct watch;
/* millis 0: no time-out. sleeper: who is woken when the run is to end; NULL: nobody sleeps. NULL: the host gives no
 * thread. */
struct watch *watch_start(rt386 *machine, struct realtime *sleeper, uint64_t millis);
/* Ends the thread; why it stopped the run, or STOP_NONE. */
enum stop_reason watch_stop(struct watch *w);

#endif
