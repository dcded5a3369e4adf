/* trace.h: the text trace, one line an instruction.
 *
 *   001b:00010123 00410123 26a100100000         mov eax, dword ptr es:[0x1000]  main+0x23
 *       es:00000010 00440010 <- 11223344
 *       load 0280: data, writable, expand-up, 32-bit, DPL 3, bytes 0x0..0xfff
 *
 * selector:offset, linear address, bytes, disassembly, symbol; then, indented, what it wrote to
 * memory and the selectors it loaded.
 */
#ifndef RT386_APP_TRACE_H
#define RT386_APP_TRACE_H

#include "app.h"
#include "disasm.h"
#include "text.h"

#include <rt386/rt386.h>

struct trace;
/* path "" = standard error. NULL and a printed sentence on failure. */
struct trace *trace_open(struct app *app, const char *path);
/* The line of an instruction. */
void trace_insn_line(struct text *t, struct disasm *d, const rt386_insn_event *e);
void trace_insn(struct trace *t, const rt386_insn_event *e);
void trace_mem(struct trace *t, const rt386_mem_event *e);
void trace_load(struct trace *t, const rt386_explanation *e);
/* False when the file could not be written to its end; says so. */
bool trace_close(struct trace *t);

extern const char *const segreg_names[8]; /* "es" ... "tr" */
const char *segreg_name(int reg);         /* "?" when out of range */

#endif
