/* gdb_regs.h: what gdb is told of the registers (target.xml), and their values.
 *
 *   org.gnu.gdb.i386.core   the 32 that gdb wants, in its order
 *   org.rt386.system        hidden parts of the segment registers, system registers, place in the run
 *
 * The ABI is "none": with that of GNU/Linux gdb takes FS and GS for what they are not here.
 */
#ifndef RT386_APP_GDB_REGS_H
#define RT386_APP_GDB_REGS_H

#include "text.h"
#include "thread_regs.h"

#include <rt386/rt386.h>

void gdb_target_xml(struct text *t);
unsigned gdb_reg_count(void);
/* In hexadecimal as gdb wants it. others: of a thread that does not run (only general ones are known: the rest is 'x'); NULL:
 * of the processor. */
void gdb_reg_get(struct text *t, const rt386 *m, const struct thread_regs *others, unsigned n);
/* From hexadecimal. RT386_E_ARG: there is no such one, or it cannot be set. */
rt386_status gdb_reg_set(rt386 *m, unsigned n, const char *hex);
/* Digits of one. */
unsigned gdb_reg_digits(unsigned n);

#endif
