/* trace_text.h: items of a trace as lines.
 *
 *   12 001b:00401005 10401005 8b0d00104000         mov ecx, dword ptr [0x401000]  ecx=0000002a
 *       ds:00401000 10401000 -> 0000002a
 *
 * Instructions retired before it, selector:offset, linear address, bytes, disassembly, the registers that changed; then,
 * indented, the memory that it read (->) and wrote (<-). All other items are indented lines of their own.
 */
#ifndef RT386_APP_TRACE_TEXT_H
#define RT386_APP_TRACE_TEXT_H

#include "disasm.h"
#include "text.h"

#include <rt386/trace.h>

void trace_item_text(struct text *t, struct disasm *d, const rt386_trace *trace,
                     const rt386_trace_item *item);
void trace_item_json(struct text *t, struct disasm *d, const rt386_trace *trace,
                     const rt386_trace_item *item);
/* The registers of rt386_trace_regs in their order: "eax" ... "edi", "eip", "eflags". */
#define TRACE_REGS 10u
const char *trace_reg_name(unsigned i);
uint32_t trace_reg(const rt386_trace_regs *r, unsigned i);
/* "insn", "mem", "field" ... */
const char *trace_kind_name(rt386_trace_kind kind);
/* "mov ecx, dword ptr [0x401000]" */
void trace_insn_words(struct disasm *d, const rt386_trace_insn *in, char *to, size_t size);

#endif
