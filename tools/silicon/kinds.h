/* kinds.h: the LDT of kinds.def as data, and as images and shadows. */
#ifndef RT386_SILICON_KINDS_H
#define RT386_SILICON_KINDS_H

#include "desc.h"
#include "proto.h"

struct sil_kind {
    const char *name;
    struct sil_ldt ldt;
};
extern const struct sil_kind sil_kinds[];
extern const unsigned sil_kind_count;

static inline uint16_t kind_sel(unsigned kind, unsigned rpl)
{
    return (uint16_t)(kind << 3 | 4u | rpl);
}
/* The image that the kernel makes of an entry. */
desc_t kind_image(const struct sil_ldt *e);
static inline struct shadow kind_shadow(unsigned kind)
{
    return shadow_of(kind_image(&sil_kinds[kind].ldt));
}

/* What a segment register may be given from outside; data: readable code, too. */
enum kind_use { KIND_FOR_CODE, KIND_FOR_DATA, KIND_FOR_STACK };
bool kind_usable(unsigned kind, enum kind_use use);

#endif
