#include "desc_text.h"
#include "bytes.h"

#include <stdio.h>
#include <string.h>

uint32_t desc_high(const rt386_desc *d)
{
    return bytes_get32(d->bytes + 4);
}
uint32_t desc_low(const rt386_desc *d)
{
    return bytes_get32(d->bytes);
}

void desc_words(struct text *t, const rt386_desc *d)
{
    for (unsigned i = 0; i < 8; i++)
        text_addf(t, "%02x ", d->bytes[i]);
    text_addf(t, " 0x%08x 0x%08x", desc_high(d), desc_low(d));
}

const char *desc_kind_name(rt386_desc_kind kind)
{
    static const char *const name[] = {
        [RT386_DESC_EMPTY] = "empty",
        [RT386_DESC_DATA] = "data segment",
        [RT386_DESC_CODE] = "code segment",
        [RT386_DESC_LDT] = "LDT",
        [RT386_DESC_TSS16] = "286 TSS",
        [RT386_DESC_TSS32] = "386 TSS",
        [RT386_DESC_CALL16] = "286 call gate",
        [RT386_DESC_CALL32] = "386 call gate",
        [RT386_DESC_TASK_GATE] = "task gate",
        [RT386_DESC_INT16] = "286 interrupt gate",
        [RT386_DESC_INT32] = "386 interrupt gate",
        [RT386_DESC_TRAP16] = "286 trap gate",
        [RT386_DESC_TRAP32] = "386 trap gate",
        [RT386_DESC_RESERVED] = "reserved type",
    };
    return (unsigned)kind < sizeof name / sizeof *name ? name[kind] : "unknown";
}

bool desc_is_gate(rt386_desc_kind kind)
{
    return kind >= RT386_DESC_CALL16 && kind <= RT386_DESC_TRAP32;
}

bool desc_is_segment(rt386_desc_kind kind)
{
    return kind >= RT386_DESC_DATA && kind <= RT386_DESC_TSS32;
}

bool desc_has_offset(rt386_desc_kind kind)
{
    return desc_is_gate(kind) && kind != RT386_DESC_TASK_GATE;
}

bool desc_has_offset_high(rt386_desc_kind kind)
{
    return kind == RT386_DESC_CALL32 || kind == RT386_DESC_INT32 || kind == RT386_DESC_TRAP32;
}

bool desc_has_count(rt386_desc_kind kind)
{
    return kind == RT386_DESC_CALL16 || kind == RT386_DESC_CALL32;
}

bool desc_has_size(rt386_desc_kind kind)
{
    return kind == RT386_DESC_DATA || kind == RT386_DESC_CODE;
}

void desc_json(struct json *j, const char *key, const rt386_desc *d)
{
    json_open(j, key, '{');
    json_bytes(j, "bytes", d->bytes, sizeof d->bytes);
    json_hex(j, "high", desc_high(d), 8);
    json_hex(j, "low", desc_low(d), 8);
    json_str(j, "kind", desc_kind_name(d->kind));
    if (d->kind != RT386_DESC_EMPTY) {
        json_bool(j, "present", d->present);
        json_num(j, "dpl", d->dpl);
        json_num(j, "type", d->type);
    }
    if (desc_is_segment(d->kind)) {
        json_hex(j, "base", d->base, 8);
        json_hex(j, "limit_field", d->limit_field, 5);
        json_hex(j, "limit", d->limit, 8);
        json_hex(j, "first", d->first, 8);
        json_hex(j, "last", d->last, 8);
        json_bool(j, "granular", d->granular);
        json_bool(j, "big", d->big);
        json_bool(j, "avl", d->avl);
    } else if (desc_is_gate(d->kind)) {
        json_hex(j, "selector", d->selector, 4);
        json_hex(j, "offset", d->offset, 8);
        json_num(j, "count", d->count);
    }
    json_str(j, "text", d->text);
    json_close(j, '}');
}

/* ---- the picture ----------------------------------------------------------------------------- */

/* As a segment, also where nothing but the access byte has a meaning. */
static void segment_picture(struct text *t, const rt386_desc *d)
{
    uint32_t h = desc_high(d);
    text_add(t, "   31           24  23  22  21  20 19   16 15 14 13 12 11    8 7            0\n"
                "  +---------------+---+---+---+---+-------+--+-----+--+-------+--------------+\n");
    if (d->kind == RT386_DESC_RESERVED)
        text_add(
            t, "+4|    unused     | - | - | - | - |   -   |P | DPL |S |  type |    unused    |\n");
    else
        text_addf(t,
                  "+4|  base 31..24  | G |%s| 0 |AVL| limit |P | DPL |S |  type |  base 23..16 |\n",
                  desc_has_size(d->kind) || d->kind == RT386_DESC_EMPTY ? "D/B" : " 0 ");
    text_addf(t,
              "  |      %02x       | %u | %u | %u | %u |   %x   |%u |  %u  |%u |   %x   |      "
              "%02x      |\n",
              h >> 24, h >> 23 & 1, h >> 22 & 1, h >> 21 & 1, h >> 20 & 1, h >> 16 & 15,
              h >> 15 & 1, h >> 13 & 3, h >> 12 & 1, h >> 8 & 15, h & 0xff);
}

static void gate_picture(struct text *t, const rt386_desc *d)
{
    uint32_t h = desc_high(d);
    text_add(t, "   31                                   16 15 14 13 12 11    8 7   5 4      0\n"
                "  +---------------------------------------+--+-----+--+-------+-----+--------+\n");
    text_addf(t, "+4|             %s             |P | DPL |S |  type | %s | %s |\n",
              desc_has_offset_high(d->kind) ? "offset 31..16" : "   unused    ",
              d->kind == RT386_DESC_TASK_GATE ? " - " : "000",
              desc_has_count(d->kind) ? "count " : "unused");
    text_addf(
        t, "  |                 %04x                  |%u |  %u  |%u |   %x   |  %u  |   %2u   |\n",
        h >> 16, h >> 15 & 1, h >> 13 & 3, h >> 12 & 1, h >> 8 & 15, h >> 5 & 7, h & 31);
}

static void low_picture(struct text *t, const rt386_desc *d)
{
    bool gate = desc_is_gate(d->kind), reserved = d->kind == RT386_DESC_RESERVED;
    uint32_t l = desc_low(d);
    text_add(t, "  +---------------------------------------+----------------------------------+\n");
    text_addf(t, "+0|             %s             |           %s           |\n",
              gate       ? "  selector   "
              : reserved ? "   unused    "
                         : " base 15..0  ",
              reserved || (gate && !desc_has_offset(d->kind)) ? "   unused   "
              : gate                                          ? "offset 15..0"
                                                              : "limit 15..0 ");
    text_addf(t, "  |                 %04x                  |               %04x               |\n",
              l >> 16, l & 0xffff);
    text_add(t, "  +---------------------------------------+----------------------------------+\n"
                "   31                                   16 15                               0\n");
}

void desc_picture(struct text *t, const rt386_desc *d)
{
    if (desc_is_gate(d->kind))
        gate_picture(t, d);
    else
        segment_picture(t, d);
    low_picture(t, d);
}

/* ---- the fields ------------------------------------------------------------------------------ */

static const char *dpl_words(unsigned dpl)
{
    static const char *const words[4] = {"the kernel's level", "a level between kernel and user",
                                         "a level between kernel and user", "the user's level"};
    return words[dpl & 3];
}

static void type_bits(struct text *t, const rt386_desc *d)
{
    bool s = d->kind == RT386_DESC_DATA || d->kind == RT386_DESC_CODE;
    text_addf(t, "  S     = %u           %s\n", s,
              s ? "code or data segment" : "system descriptor or gate");
    if (d->kind == RT386_DESC_DATA)
        text_addf(t, "  type  = %-10s  data, %s, %s, %s\n",
                  (char[]){'0', d->expand_down ? '1' : '0', d->writable ? '1' : '0',
                           d->accessed ? '1' : '0', 'b', 0},
                  d->expand_down ? "E=1 expand-down" : "E=0 expand-up",
                  d->writable ? "W=1 writable" : "W=0 read-only",
                  d->accessed ? "A=1 loaded" : "A=0 not loaded");
    else if (d->kind == RT386_DESC_CODE)
        text_addf(t, "  type  = %-10s  code, %s, %s, %s\n",
                  (char[]){'1', d->conforming ? '1' : '0', d->readable ? '1' : '0',
                           d->accessed ? '1' : '0', 'b', 0},
                  d->conforming ? "C=1 conforming" : "C=0 nonconforming",
                  d->readable ? "R=1 readable" : "R=0 execute-only",
                  d->accessed ? "A=1 loaded" : "A=0 not loaded");
    else
        text_addf(t, "  type  = 0x%x         %s%s\n", d->bytes[5] & 15u, desc_kind_name(d->kind),
                  d->busy ? ", busy" : "");
}

static void segment_fields(struct text *t, const rt386_desc *d)
{
    text_addf(t, "  base  = 0x%08x  linear address of offset 0\n", d->base);
    const char *meaning = d->expand_down ? "last offset that is NOT valid" : "last offset";
    text_addf(t, "  limit = 0x%05x     G=%u: ", d->limit_field, d->granular);
    if (d->granular)
        text_addf(t, "4 KB pages: (0x%05x << 12) + 0xfff = 0x%08x\n", d->limit_field, d->limit);
    else
        text_addf(t, "bytes: %s 0x%08x\n", meaning, d->limit);
    text_addf(t, "  D/B   = %u           %s\n", d->big,
              d->kind == RT386_DESC_CODE ? (d->big ? "32-bit code" : "16-bit code")
              : d->kind == RT386_DESC_DATA
                  ? (d->big ? "stack uses ESP; upper bound 0xffffffff if expand-down"
                            : "stack uses SP; upper bound 0xffff if expand-down")
                  : "no meaning here");
    text_addf(t, "  AVL   = %u           free for software\n", d->avl);
    if (d->last < d->first)
        text_add(t, "  valid offsets: none\n");
    else
        text_addf(t, "  valid offsets: 0x%08x..0x%08x, %llu bytes\n", d->first, d->last,
                  (unsigned long long)d->last - d->first + 1);
}

void desc_fields(struct text *t, const rt386_desc *d)
{
    if (d->kind == RT386_DESC_EMPTY) {
        text_add(t, "  all zero: an empty entry; loading its selector raises #GP\n");
        return;
    }
    text_addf(t, "  P     = %u           %s\n", d->present,
              d->present ? "present" : "not present: loading it raises #NP (#SS for SS)");
    text_addf(t, "  DPL   = %u           %s\n", d->dpl, dpl_words(d->dpl));
    type_bits(t, d);
    if (desc_is_segment(d->kind)) segment_fields(t, d);
    if (!desc_is_gate(d->kind)) return;
    text_addf(t, "  selector = 0x%04x   index %u, %s, RPL %u\n", d->selector, d->selector >> 3,
              d->selector & 4 ? "LDT" : "GDT", d->selector & 3);
    if (desc_has_offset(d->kind))
        text_addf(t, "  offset = 0x%08x where the transfer lands\n", d->offset);
    if (desc_has_count(d->kind))
        text_addf(t, "  count = %-2u          %s copied to the inner stack\n", d->count,
                  d->kind == RT386_DESC_CALL32 ? "dwords" : "words");
}

rt386_desc segment_desc(const rt386_seg *s)
{
    uint32_t limit = s->flags & 8 ? s->limit >> 12 : s->limit;
    const uint8_t bytes[8] = {(uint8_t)limit,
                              (uint8_t)(limit >> 8),
                              (uint8_t)s->base,
                              (uint8_t)(s->base >> 8),
                              (uint8_t)(s->base >> 16),
                              s->access,
                              (uint8_t)((limit >> 16 & 15) | (unsigned)s->flags << 4),
                              (uint8_t)(s->base >> 24)};
    return rt386_desc_decode(bytes);
}
