/* emu.h: the same states on rt386: one 80386 at CPL 3 under paging, with the arena, the LDT of kinds.def,
 * Linux's user segments, and an IDT that delivers every fault into a frame on a ring-0 stack.
 *
 *   linear 20000000   arena, user pages as in proto.h      (physical: the same)
 *          C0000000   supervisor: GDT, IDT, TSS, LDT, page tables, stack   (physical: 0)
 */
#ifndef RT386_SILICON_EMU_H
#define RT386_SILICON_EMU_H

#include "cpu.h"
#include "kinds.h"

struct sil_emu {
    struct bus *bus;
    struct i386_cpu cpu;
    struct cpu_observer obs;
    struct i386_state start;           /* all but what a state sets */
    struct seg segs[6][SIL_KINDS + 2]; /* loaded by the processor's rules; then user CS, user DS */
    uint8_t before[ARENA_SIZE];
    bool unsafe; /* the state would have reached what the runner must not touch */
};

/* NULL: no memory, or a rule refused one of the loads. `arena`: ARENA_SIZE bytes. */
struct sil_emu *emu_new(const uint8_t *arena);
void emu_free(struct sil_emu *emu);

/* False: the state must not be run natively (it would leave the arena for what belongs to the host). */
bool emu_trap(struct sil_emu *emu, const struct sil_in *in, struct sil_out *out);
void emu_batch(struct sil_emu *emu, const struct sil_in *in, struct sil_out *out);
/* What a state does, in full. */
struct emu_trace {
    struct sil_out out; /* without changes, hash, memory */
    uint32_t dr6;
    uint8_t was[ARENA_SIZE], is[ARENA_SIZE];
    bool touched[ARENA_SIZE]; /* read or written through a segment register */
};
void emu_trace(struct sil_emu *emu, const struct sil_in *in, bool batch, struct emu_trace *t);
/* The segment register that a state begins with. */
struct seg emu_seg(const struct sil_emu *emu, unsigned reg, uint16_t sel);
/* The supervisor's tables, which no state changes but for A and D: false past the last. */
struct sil_area {
    uint32_t at, size; /* physical */
    bool pages;        /* entries of a page directory or table */
    bool directory;
};
bool emu_table(unsigned index, struct sil_area *area);
uint32_t emu_word(const struct sil_emu *emu, uint32_t at);

/* Bytes that differ from what the arena holds between states; puts them back. */
uint32_t emu_stray(struct sil_emu *emu);

#endif
