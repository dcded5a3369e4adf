/* documented.h: "documented only": what the 1986 manual leaves open stays as it was.
 *
 *   bytes --decode--> struct insn --documented_decode--> what the manual knows of it
 *                     row.any(x)  --documented_run-----> what it leaves undefined is put back
 *
 * Encodings that the manual does not have become undefined opcodes, those of the coprocessor reserved ones;
 * a scale without an index is ignored. Flags of a row's `undefined` column, and results that a page calls
 * undefined, keep their values. Where a page describes a result and the chip gives another (AAA, AAS,
 * POPAD, CF of long byte shifts), the page decides. ADR 0004 lists all of it.
 *
 * The straight loop does not run what needs documented_run, so nothing here costs anything while it is off.
 */
#ifndef RT386_CPU_DOCUMENTED_H
#define RT386_CPU_DOCUMENTED_H

#include "exec.h"

/* Also what cpu->no_ice takes away. */
void documented_decode(const struct i386_cpu *cpu, struct insn *in);
/* Only for cpu->documented from here on. */
/* May the straight loop run this row? */
bool documented_straight(const struct i386_row *row);
/* Runs the row's function and puts back what is undefined; false: x->fault, as the row's function. */
bool documented_run(struct exec *x, bool (*row)(struct exec *x));

#endif
