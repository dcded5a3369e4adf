/* vector.h: states of a block as MOO vectors of protected mode (docs/moo.md).
 *
 *   digests of a processor --golden.c--> block on rt386, digest equal --vector.c--> vectors of that block
 *
 * Where the digests are equal, rt386's end states are the processor's, but for what is undefined and the points of
 * excuses.def. A vector masks both, or is not made.
 *
 * The vector's machine: CPL 3 under paging, the arena of proto.h at linear 20000000, its pages at physical 20000;
 * GDT, IDT, LDT and page tables of emu.c in the file's memory. The host's own tables do not show in ring 3.
 */
#ifndef RT386_SILICON_VECTOR_H
#define RT386_SILICON_VECTOR_H

#include <rt386/moo.h>

#include "session.h"

#define VECTOR_BYTES 4096u /* of memory, in a list */

struct vector_bytes {
    uint8_t p[5 * VECTOR_BYTES];
    uint32_t n;
};
struct vector_maker {
    struct sil_emu *emu;
    bool wraps; /* i386_cpu.flat_wraps of the recording */
    struct emu_trace recorded, plain;
    struct vector_bytes ram, init, fina, mask;
    uint8_t bytes[SIL_INSN];
    char name[128];
};
/* What all vectors have in common; `cpu`: 4 characters. */
void vector_info(struct vector_maker *v, const char *cpu, uint64_t seed, rt386_moo_info *info);
/* False: the state's end is not the processor's own in a way that a mask cannot tell. */
bool vector_make(struct vector_maker *v, const struct sil_in *in, bool batch, rt386_moo_test *test);

#endif
