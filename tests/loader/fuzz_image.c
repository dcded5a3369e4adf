/* fuzz_image.c: libFuzzer's entry to image_parse. The first byte chooses the kind that is asked for.
 *
 *   CC=clang meson setup build-fuzz -Dfuzz=true && ninja -C build-fuzz tests/loader/fuzz_image
 *   build-fuzz/tests/loader/fuzz_image -max_len=65536 CORPUS
 */
#include <stdlib.h>
#include <string.h>

#include "image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_up_all(const struct image *m)
{
    for (size_t i = 0; i < m->symbol_count; i++)
        if (!image_symbol_at(m, m->symbols[i].value)) abort();
    for (size_t i = 0; i < m->export_count; i++)
        if (!image_export_by_ordinal(m, m->exports[i].ordinal)) abort();
    for (size_t i = 0; i < m->import_count; i++)
        if (!image_segment_at(m, m->imports[i].slot, 4) || !*m->imports[i].module) abort();
    for (size_t i = 0; i < m->reloc_count; i++)
        if (!image_segment_at(m, m->relocs[i], 4)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct image *image;
    char err[IMAGE_ERR_MAX];
    if (!size) return 0;
    enum image_kind kind = (enum image_kind)(data[0] % (IMAGE_RAW + 1));
    status_t s = image_parse(data + 1, size - 1, kind, 0x10000, &image, err, sizeof err);
    if (s != ST_OK && (!*err || strlen(err) == sizeof err - 1)) abort();
    if (s == ST_OK) look_up_all(image);
    image_free(image);
    return 0;
}
