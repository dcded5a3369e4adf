/* compare.h: both end states side by side, and what of a difference is known. */
#ifndef RT386_SILICON_COMPARE_H
#define RT386_SILICON_COMPARE_H

#include <stdio.h>

#include "gen.h"

/* The points where a modern processor must not be copied: each has its line in docs/divergences.md. */
enum excuse {
#define EXCUSE(name, text) EXC_##name,
#include "excuses.def"
#undef EXCUSE
    EXC_COUNT
};
extern const char *const sil_excuse_text[];

/* Flags that the instruction leaves undefined in this state, when it completes. */
uint32_t sil_undefined_flags(const struct sil_in *in);
/* What is undefined, or the host's alone, becomes zero; for either side. */
void sil_normalize(const struct sil_in *in, struct sil_out *out);
/* Where a known point applies, the native state becomes what a 386 does. Counts in `used`. `arena`:
 * what memory holds between states. After sil_normalize. */
void sil_excuse(const struct sil_in *in, bool batch, const uint8_t *arena, struct sil_out *emu,
                struct sil_out *native, uint64_t used[]);
/* NULL: equal; else the name of the first field that differs. Both normalized. */
const char *sil_compare(bool batch, const struct sil_out *a, const struct sil_out *b);
void sil_print(FILE *to, const struct sil_in *in, bool batch, const struct sil_out *emu,
               const struct sil_out *native);
/* Continues a block's digest with a normalized state. */
uint64_t sil_digest(uint64_t digest, bool batch, const struct sil_out *out);

#endif
