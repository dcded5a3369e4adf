/* figure_desc.c: a descriptor as it lies in memory, as two dwords, and the offsets it allows. */
#include "desc_text.h"
#include "figure.h"

#include <stdio.h>
#include <string.h>

#define BYTE_W 40.0f
#define BYTE_H 26.0f

static unsigned gate_ink(const rt386_desc *d, unsigned byte)
{
    if (byte == 2 || byte == 3) return INK_TARGET;
    if (byte == 4) return desc_has_count(d->kind) ? INK_FLAGS : INK_DIM;
    return (byte < 2 ? desc_has_offset : desc_has_offset_high)(d->kind) ? INK_OFFSET : INK_DIM;
}

/* The ink of half a byte: 0 is the low half of byte 0. */
static unsigned ink_of_half(const rt386_desc *d, unsigned half)
{
    unsigned byte = half / 2;
    if (byte == 5) return INK_RIGHTS;
    if (desc_is_gate(d->kind)) return gate_ink(d, byte);
    if (d->kind == RT386_DESC_RESERVED) return INK_DIM;
    static const unsigned segment[] = {INK_LIMIT, INK_LIMIT, INK_BASE, INK_BASE,
                                       INK_BASE,  0,         0,        INK_BASE};
    if (byte == 6) return half % 2 ? INK_FLAGS : INK_LIMIT;
    return segment[byte];
}

static void byte_cell(const struct canvas *c, struct spot at, const rt386_desc *d, unsigned i,
                      bool changed)
{
    struct box whole = {at.x, at.y, BYTE_W, BYTE_H};
    for (unsigned half = 0; half < 2; half++) {
        struct box part = {at.x + (half ? 0 : BYTE_W / 2), at.y, BYTE_W / 2, BYTE_H};
        canvas_fill(c, part, ink_of_half(d, 2 * i + half) | INK_SOFT, 0);
    }
    for (unsigned half = 0; half < 2; half++) {
        float x = at.x + BYTE_W / 2 + (half ? -0.5f : 0.5f);
        canvas_textf(c, x, at.y + 17.5f, half ? ALIGN_RIGHT : ALIGN_LEFT, TYPE_VALUE,
                     ink_of_half(d, 2 * i + half), "%x", d->bytes[i] >> 4 * half & 15u);
    }
    canvas_frame(c, whole, changed ? INK_BAD : INK_EDGE, 0, changed ? 2 : 1);
    canvas_textf(c, at.x + BYTE_W / 2, at.y + BYTE_H + 12, ALIGN_MIDDLE, TYPE_LABEL, INK_DIM, "+%u",
                 i);
}

static float memory_row(const struct canvas *c, struct spot at, const rt386_desc *d,
                        const rt386_desc *before)
{
    canvas_text(c, at.x, at.y + 11, ALIGN_LEFT, TYPE_LABEL, INK_DIM,
                "in memory, lowest address first");
    for (unsigned i = 0; i < 8; i++)
        byte_cell(c, (struct spot){at.x + BYTE_W * (float)i, at.y + 18, 0}, d, i,
                  before && before->bytes[i] != d->bytes[i]);
    return 18 + BYTE_H + 22;
}

static void put(struct figure_field *f, unsigned high, unsigned low, unsigned ink, const char *name,
                uint32_t dword)
{
    unsigned bits = high - low + 1;
    uint32_t value = bits == 32 ? dword : dword >> low & ((1u << bits) - 1);
    *f = (struct figure_field){(uint8_t)high, (uint8_t)low, ink, name, ""};
    if (bits == 1 || bits == 2)
        snprintf(f->value, sizeof f->value, "%u", value);
    else
        snprintf(f->value, sizeof f->value, "%0*x", (int)(bits + 3) / 4, value);
}

static unsigned rights(struct figure_field *f, uint32_t high)
{
    put(&f[0], 15, 15, INK_RIGHTS, "P", high);
    put(&f[1], 14, 13, INK_RIGHTS, "DPL", high);
    put(&f[2], 12, 12, INK_RIGHTS, "S", high);
    put(&f[3], 11, 8, INK_RIGHTS, "type", high);
    return 4;
}

/* What no field lies in has a name that says so, and no colour. */
static void put_if(struct figure_field *f, bool has, unsigned high, unsigned low, unsigned ink,
                   const char *name, uint32_t dword)
{
    put(f, high, low, has ? ink : INK_DIM, has ? name : "unused", dword);
}

static unsigned gate_high_fields(struct figure_field *f, const rt386_desc *d)
{
    uint32_t v = desc_high(d);
    unsigned n = 0;
    put_if(&f[n++], desc_has_offset_high(d->kind), 31, 16, INK_OFFSET, "offset 31..16", v);
    n += rights(&f[n], v);
    if (d->kind == RT386_DESC_TASK_GATE) {
        put(&f[n++], 7, 0, INK_DIM, "unused", v);
        return n;
    }
    put(&f[n++], 7, 5, INK_DIM, "0", v);
    put_if(&f[n++], desc_has_count(d->kind), 4, 0, INK_FLAGS, "count", v);
    return n;
}

static unsigned high_fields(struct figure_field *f, const rt386_desc *d)
{
    uint32_t v = desc_high(d);
    unsigned n = 0;
    bool size = desc_has_size(d->kind) || d->kind == RT386_DESC_EMPTY;
    if (desc_is_gate(d->kind)) return gate_high_fields(f, d);
    if (d->kind == RT386_DESC_RESERVED) {
        put(&f[n++], 31, 16, INK_DIM, "unused", v);
        n += rights(&f[n], v);
        put(&f[n++], 7, 0, INK_DIM, "unused", v);
        return n;
    }
    put(&f[n++], 31, 24, INK_BASE, "base 31..24", v);
    put(&f[n++], 23, 23, INK_FLAGS, "G", v);
    put(&f[n++], 22, 22, size ? INK_FLAGS : INK_DIM, size ? "D/B" : "0", v);
    put(&f[n++], 21, 21, INK_DIM, "0", v);
    put(&f[n++], 20, 20, INK_FLAGS, "AVL", v);
    put(&f[n++], 19, 16, INK_LIMIT, "limit 19..16", v);
    n += rights(&f[n], v);
    put(&f[n++], 7, 0, INK_BASE, "base 23..16", v);
    return n;
}

static unsigned low_fields(struct figure_field *f, const rt386_desc *d)
{
    uint32_t v = desc_low(d);
    if (d->kind == RT386_DESC_RESERVED) {
        put(&f[0], 31, 0, INK_DIM, "unused", v);
        return 1;
    }
    bool gate = desc_is_gate(d->kind);
    put(&f[0], 31, 16, gate ? INK_TARGET : INK_BASE, gate ? "selector" : "base 15..0", v);
    put_if(&f[1], !gate || desc_has_offset(d->kind), 15, 0, gate ? INK_OFFSET : INK_LIMIT,
           gate ? "offset 15..0" : "limit 15..0", v);
    return 2;
}

static float words(const struct canvas *c, struct spot at, const rt386_desc *d)
{
    char s[200];
    if (d->kind == RT386_DESC_EMPTY)
        snprintf(s, sizeof s, "empty: all eight bytes are zero");
    else if (desc_is_segment(d->kind))
        snprintf(s, sizeof s, "%s. Base 0x%08x, limit 0x%08x.", d->text, d->base, d->limit);
    else
        snprintf(s, sizeof s, "%s.", d->text[0] ? d->text : desc_kind_name(d->kind));
    if (s[0] >= 'a' && s[0] <= 'z') s[0] = (char)(s[0] - 'a' + 'A');
    return canvas_wrap(c, at.x, at.y + 13, at.width, 18, TYPE_BODY, INK_TEXT, s) - at.y - 8;
}

float figure_desc(const struct canvas *c, struct spot at, const rt386_desc *d,
                  const rt386_desc *before)
{
    struct figure_field f[12];
    float y = at.y + memory_row(c, at, d, before);
    canvas_text(c, at.x, y + 11, ALIGN_LEFT, TYPE_LABEL, INK_DIM, "high dword, at +4");
    y += 18;
    y += figure_strip(c, (struct spot){at.x, y, at.width}, 32, f, high_fields(f, d)) + 6;
    canvas_text(c, at.x, y + 11, ALIGN_LEFT, TYPE_LABEL, INK_DIM, "low dword, at +0");
    y += 18;
    y += figure_strip(c, (struct spot){at.x, y, at.width}, 32, f, low_fields(f, d)) + 6;
    y += words(c, (struct spot){at.x, y, at.width}, d);
    return y - at.y;
}

/* ---- which offsets are valid ------------------------------------------------------------------ */

/* A scale on which bytes and gigabytes both can be seen: a quarter of the bar for each eight bits. */
static float place_of(uint32_t offset, float width)
{
    float part = 0;
    for (unsigned shift = 0; shift < 32; shift += 8) {
        uint32_t low = shift ? 1u << shift : 0, high = (uint32_t)((1ull << (shift + 8)) - 1);
        if (offset > high) continue;
        float span = (float)(high - low);
        part = ((float)(shift / 8) + (float)(offset - low) / span) / 4;
        break;
    }
    return width * part;
}

float figure_extent(const struct canvas *c, struct spot at, const rt386_desc *d)
{
    static const uint32_t marks[] = {0, 0x100, 0x10000, 0x1000000, 0xffffffff};
    struct box bar = {at.x, at.y + 18, at.width, 22};
    bool any = desc_is_segment(d->kind) && d->last >= d->first;
    canvas_fill(c, bar, INK_RAISED, 3);
    if (any) {
        float x0 = place_of(d->first, at.width), x1 = place_of(d->last, at.width);
        if (x1 - x0 < 2) x1 = x0 + 2;
        canvas_fill(c, (struct box){at.x + x0, bar.y, x1 - x0, bar.h}, INK_LIMIT | INK_SOFT, 0);
        canvas_frame(c, (struct box){at.x + x0, bar.y, x1 - x0, bar.h}, INK_LIMIT, 0, 1.5f);
        canvas_textf(c, at.x, at.y + 11, ALIGN_LEFT, TYPE_BODY, INK_TEXT,
                     "valid offsets 0x%08x..0x%08x", d->first, d->last);
    } else
        canvas_text(c, at.x, at.y + 11, ALIGN_LEFT, TYPE_BODY, INK_TEXT, "no valid offset");
    canvas_frame(c, bar, INK_EDGE, 3, 1);
    for (unsigned i = 0; i < 5; i++) {
        float x = at.x + at.width * (float)i / 4;
        canvas_line(c, x, bar.y + bar.h, x, bar.y + bar.h + 4, INK_EDGE, 1);
        canvas_textf(c, x, bar.y + bar.h + 15,
                     i == 0   ? ALIGN_LEFT
                     : i == 4 ? ALIGN_RIGHT
                              : ALIGN_MIDDLE,
                     TYPE_LABEL, INK_DIM, "%x", marks[i]);
    }
    return 18 + 22 + 22;
}
