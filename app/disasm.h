/* disasm.h: one instruction as text, by capstone, with own words where capstone has none (MOV to
 * and from test registers) or differs (a near branch's target is cut to 16 bits in 16-bit code).
 */
#ifndef RT386_APP_DISASM_H
#define RT386_APP_DISASM_H

#include <rt386/rt386.h>

struct disasm;
struct disasm *disasm_new(void); /* NULL: the host has no memory */
void disasm_free(struct disasm *d);
/* "mov eax, dword ptr [ebx]"; "db 0x0f, 0xff" when nothing knows the bytes. */
void disasm_text(struct disasm *d, const rt386_insn_event *insn, char *to, size_t size);

/* The length of the instruction at the start of `bytes`; 1 when nothing knows it. */
unsigned disasm_length(struct disasm *d, const uint8_t *bytes, unsigned n, bool code32);

/* The instruction that later processors see at the start of `bytes`, with its length in *used; false when
 * none does, or when it is one that the 80386 has. */
bool disasm_later(struct disasm *d, const uint8_t *bytes, unsigned n, bool code32, char *to,
                  size_t size, unsigned *used);

#endif
