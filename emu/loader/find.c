/* Look-ups in a parsed image. */
#include <string.h>

#include "image.h"

/* How many symbols are looked at below the nearest one for a larger one that encloses the address.
 */
#define ENCLOSING_MAX 64u

/* Index after the last symbol whose value is at or below the address. */
static size_t symbols_upto(const struct image *image, uint32_t address)
{
    size_t lo = 0, hi = image->symbol_count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (image->symbols[mid].value <= address)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool sizeless_covers(const struct image *image, const struct image_symbol *s,
                            uint32_t address)
{
    const struct image_segment *seg = image_segment_at(image, s->value, 1);
    return address == s->value || (seg && seg == image_segment_at(image, address, 1));
}

const struct image_symbol *image_symbol_at(const struct image *image, uint32_t address)
{
    size_t end = symbols_upto(image, address);
    if (!end) return NULL;
    uint32_t nearest = image->symbols[end - 1].value;
    const struct image_symbol *best = NULL;
    for (size_t i = end; i-- > 0 && end - i <= ENCLOSING_MAX;) {
        const struct image_symbol *s = &image->symbols[i];
        if (best && s->value != best->value) break;
        if (s->size ? address - s->value < s->size
                    : s->value == nearest && sizeless_covers(image, s, address))
            best = s;
    }
    return best;
}

/* Exports are sorted by name, those without one last. */
static int export_name_compare(const struct image_export *e, const char *name)
{
    return e->name ? strcmp(e->name, name) : 1;
}

const struct image_export *image_export_by_name(const struct image *image, const char *name)
{
    size_t lo = 0, hi = image->export_count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (export_name_compare(&image->exports[mid], name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    bool hit = lo < image->export_count && !export_name_compare(&image->exports[lo], name);
    return hit ? &image->exports[lo] : NULL;
}

const struct image_export *image_export_by_ordinal(const struct image *image, uint16_t ordinal)
{
    uint32_t i = (uint32_t)ordinal - image->ordinal_base;
    if (ordinal < image->ordinal_base || i >= image->ordinal_count) return NULL;
    uint32_t at = image->ordinals[i];
    return at ? &image->exports[at - 1] : NULL;
}
