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
/* Bytes that differ from what the arena holds between states; puts them back. */
uint32_t emu_stray(struct sil_emu *emu);

#endif
