/* breaks.h: breakpoints and watchpoints of whoever debugs a guest; the guest cannot see them.
 *
 *   rt386_break_on -> rt386_run -> exit RT386_EXIT_BREAK -> rt386_break_met -> rt386_run ...
 *
 * What can be looked for is that of reverse.h. Where the machine then stands:
 *
 *   RT386_SEEK_EXEC    before the instruction
 *   RT386_SEEK_EVENT   before the delivery of an exception that an instruction raised: nothing has changed, and running on
 *                      raises it again; behind the delivery of any other trap or interrupt
 *   the others         behind the instruction, or the work of the INtime kernel, that did it; SWITCH, SELECTOR: behind the
 *                      instruction, or behind the delivery in whose course it was
 */
#ifndef RT386_BREAKS_H
#define RT386_BREAKS_H

#include <rt386/reverse.h>

#ifdef __cplusplus
extern "C" {
#endif

/* From now on runs of this machine end at each of these, too; in place of those from before. What has
 * ended a run at the present place does not end the next one. count 0: at none, and it is forgotten what ended the last run: for
 * when the machine is changed by hand. WRITE and READ: where they lie in memory is looked up now. The
 * seeks are copied. Not for a machine of rt386_bare_create or of rt386_reverse_open. RT386_E_ARG: more than RT386_SEEK_MAX, or one is not said well;
 * RT386_E_RANGE: no memory there; RT386_E_STATE: from an observer; RT386_E_NOMEM. Then those from before stay. */
RT386_API rt386_status rt386_break_on(rt386 *machine, const rt386_seek *seek, unsigned count);

/* Which one ended the last run. Its place is the one before what happened, `before` is not filled in. False: none did. */
RT386_API bool rt386_break_met(const rt386 *machine, rt386_sighting *met);

#ifdef __cplusplus
}
#endif

#endif
