/* sweep_text.h: an instruction of the fault sweep while it is put together. */
#ifndef RT386_TESTS_CPU_SWEEP_TEXT_H
#define RT386_TESTS_CPU_SWEEP_TEXT_H

#include "sweep.h"

struct text {
    struct sweep *w;
    const struct i386_row *row;
    unsigned body;
    enum segreg seg; /* of the memory operand */
    unsigned reg;    /* reg field */
    unsigned rm;     /* when the operand is a register */
    uint32_t target; /* offset of the operand */
    uint32_t imm, imm2;
    bool repeated;
    uint8_t rep;
};

bool sweep_row_has_modrm(const struct i386_row *r);
/* Prefixes, opcode and ModR/M: sets t->seg, random prefixes and ways of addressing. */
void sweep_emit_head(struct text *t);
void sweep_emit_immediate(struct text *t, unsigned kind);

#endif
