/* Figures: each kind once, as an SVG that is compared byte for byte (RT386_GOLDEN_UPDATE=1 writes it anew); and what holds for
 * every canvas: a figure drawn on nothing is as high as drawn, colours can be told apart.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "figure.h"
#include "svg.h"

#define WIDTH  720.0f
#define MARGIN 16.0f

static const uint8_t data_bytes[8] = {0xff, 0x0f, 0x00, 0x40, 0x01, 0xf2, 0x40, 0x00};
static const uint8_t kernel_bytes[8] = {0xff, 0x0f, 0x00, 0x40, 0x01, 0x92, 0x40, 0x00};
static const uint8_t gate_bytes[8] = {0x00, 0x30, 0x08, 0x00, 0x01, 0xec, 0x01, 0xf0};
static const uint8_t down_bytes[8] = {0xff, 0x0f, 0x00, 0x00, 0x20, 0xf6, 0x40, 0x00};
static const uint8_t no_bytes[8];

typedef float draw(const struct canvas *c, struct spot at);

static float selector(const struct canvas *c, struct spot at)
{
    at.width = 480;
    return figure_selector(c, at, 0x001b);
}
static float error_code(const struct canvas *c, struct spot at)
{
    at.width = 480;
    float h = figure_error_code(c, at, 13, 0x0018) + 12;
    at.y += h;
    return h + figure_error_code(c, at, 14, 7);
}
static float descriptor(const struct canvas *c, struct spot at)
{
    rt386_desc d = rt386_desc_decode(data_bytes), before = rt386_desc_decode(kernel_bytes);
    float h = figure_desc(c, at, &d, &before) + 18;
    at.y += h;
    return h + figure_extent(c, at, &d);
}
static float gate(const struct canvas *c, struct spot at)
{
    rt386_desc d = rt386_desc_decode(gate_bytes);
    return figure_desc(c, at, &d, NULL);
}
/* Kinds that lack some of the fields, each in its own words. */
static float kinds(const struct canvas *c, struct spot at)
{
    static const uint8_t access[] = {0x85, 0x8e, 0x84, 0x89, 0x82, 0x80};
    float y = at.y;
    for (unsigned i = 0; i < sizeof access; i++) {
        const uint8_t bytes[8] = {0x67, 0, 0x34, 0x12, 0, access[i], 0, 0};
        rt386_desc d = rt386_desc_decode(bytes);
        at.y += figure_desc(c, at, &d, NULL) + 14;
    }
    return at.y - y;
}
static float extent(const struct canvas *c, struct spot at)
{
    rt386_desc down = rt386_desc_decode(down_bytes), none = rt386_desc_decode(gate_bytes);
    float h = figure_extent(c, at, &down) + 12;
    at.y += h;
    return h + figure_extent(c, at, &none);
}
static float segment(const struct canvas *c, struct spot at)
{
    rt386_seg es = {0x1b, true, 0x14000, 0xfff, 0, 0xfff, 0xf3, 4};
    rt386_seg before = {0x23, true, 0x14000, 0xffffffff, 0, 0xffffffff, 0xf3, 12};
    rt386_seg null = {0};
    float h = figure_segment(c, at, "ES", &es, &before) + 8;
    at.y += h;
    return h + figure_segment(c, at, "FS", &null, NULL);
}
static float table(const struct canvas *c, struct spot at)
{
    struct figure_entry e[] = {
        {.index = 0, .desc = rt386_desc_decode(no_bytes), .owner = ""},
        {.index = 1,
         .chosen = true,
         .desc = rt386_desc_decode(kernel_bytes),
         .owner = "kernel data"},
        {.index = 2,
         .changed = true,
         .desc = rt386_desc_decode(data_bytes),
         .owner = "memory handle of process maker"},
        {.index = 259,
         .desc = rt386_desc_decode(gate_bytes),
         .owner = "call gate of the system calls"},
    };
    return figure_table(c, at, "GDT", e, 4);
}

static uint16_t rule_id(const char *name)
{
    for (unsigned i = 1; i < rt386_rule_count(); i++)
        if (!strcmp(rt386_rule(i).name, name)) return (uint16_t)i;
    cr_assert_fail("no rule %s", name);
    return 0;
}
static float checks(const struct canvas *c, struct spot at)
{
    rt386_explanation why = {
        .purpose = "load of a data segment register",
        .selector = 0x1b,
        .cpl = 3,
        .located = true,
        .desc = rt386_desc_decode(kernel_bytes),
        .count = 5,
        .fault = {.raised = true, .vector = 13, .has_error = true, .error = 0x18}};
    why.checks[0] = (rt386_check){
        .rule = rule_id("SEGM_TABLE_GDT"), .passed = true, .have = 0x1f, .want = 0x7f};
    why.checks[1] = (rt386_check){
        .rule = rule_id("SEGM_DATA_TYPE"), .passed = true, .have = 0x12, .want = 0x10};
    why.checks[2] = (rt386_check){
        .rule = rule_id("SEGM_DATA_DPL_CPL"), .state = RT386_CHECK_FAILED, .have = 0, .want = 3};
    why.checks[3] = (rt386_check){
        .rule = rule_id("SEGM_DATA_DPL_RPL"), .state = RT386_CHECK_NOT_REACHED, .want = 3};
    why.checks[4] = (rt386_check){.rule = rule_id("SEGM_DATA_PRESENT"),
                                  .state = RT386_CHECK_NOT_REACHED,
                                  .have = 1,
                                  .want = 1};
    float h = figure_checks(c, at, &why, true) + 16;
    at.y += h;
    return h + figure_checks(c, at, &why, false);
}
static float address(const struct canvas *c, struct spot at)
{
    struct figure_address a = {
        .segment = "DS",
        .seg = {0x23, true, 0x1000, 0xffff, 0, 0xffff, 0xf3, 0},
        .offset = 0x234,
        .walk = {true, true, 0x1234, 0x5234, 0x9000, 0xa027, 0xa004, 0x5067, true, true, true}};
    float h = figure_address(c, at, &a) + 10;
    a.refused = "pde";
    a.walk.pde = 0;
    a.walk.pte_valid = a.walk.mapped = false;
    at.y += h;
    h += figure_address(c, at, &a) + 10;
    at.y = MARGIN + h;
    at.width = 300; /* one below the other */
    h += figure_address(c, at, &a) + 10;
    at.width = WIDTH;
    at.y = MARGIN + h;
    a.refused = NULL;
    a.walk.paging = false;
    a.walk.mapped = true;
    return h + figure_address(c, at, &a);
}
static float pages(const struct canvas *c, struct spot at)
{
    struct figure_address a = {
        .walk = {true, true, 0x1234, 0x5234, 0x9000, 0xa027, 0xa004, 0x5067, true, true, true}};
    float h = figure_address(c, at, &a) + 10; /* from the linear address on */
    at.y = MARGIN + h;
    h += figure_linear(c, at, 0x10401234) + 8;
    at.y = MARGIN + h;
    h += figure_page_entry(c, at, 0x00057267) + 8;
    at.y = MARGIN + h;
    return h + figure_page_entry(c, at, 0xdeadb000);
}
static float stack(const struct canvas *c, struct spot at)
{
    struct figure_cell cell[] = {{0x1ffc, 0x0000002b, true, "SS of the caller", false, true},
                                 {0x1ff8, 0x00008ff0, true, "ESP of the caller", false, true},
                                 {0x1ff4, 0x00000023, true, "CS of the caller", false, true},
                                 {0x1ff0, 0x00401123, true, "return EIP", true, true},
                                 {0x1fec, 0, false, "", false, false}};
    return figure_stack(c, at, "Stack of ring 0", cell, 5);
}

static const struct {
    const char *name, *title;
    draw *draw;
} figures[] = {
    {"selector", "the fields of selector 0x001b", selector},
    {"error_code", "two error codes", error_code},
    {"descriptor", "a data descriptor", descriptor},
    {"gate", "a call gate", gate},
    {"kinds", "descriptors that lack fields", kinds},
    {"extent", "valid offsets", extent},
    {"segment", "segment registers", segment},
    {"table", "a GDT", table},
    {"checks", "why #GP(0x18)", checks},
    {"address", "the way of an address", address},
    {"pages", "a linear address and two page entries", pages},
    {"stack", "a stack after a gate", stack},
};
#define FIGURES (sizeof figures / sizeof *figures)

static void picture(unsigned i, struct text *to)
{
    struct svg *svg = svg_new(palette_named("print"), figures[i].name);
    cr_assert(svg);
    struct canvas c = svg_canvas(svg);
    float h = figures[i].draw(&c, (struct spot){MARGIN, MARGIN, WIDTH});
    svg_end(svg, WIDTH + 2 * MARGIN, ceilf(h) + 2 * MARGIN, figures[i].title, to);
}

static void golden(const char *name, const char *have)
{
    char path[512], line[1024];
    snprintf(path, sizeof path, "%s/figure/%s.svg", GOLDEN, name);
    if (getenv("RT386_GOLDEN_UPDATE")) {
        FILE *f = fopen(path, "w");
        cr_assert(f && fputs(have, f) >= 0 && fclose(f) == 0);
    }
    FILE *f = fopen(path, "r");
    cr_assert(f, "%s", path);
    for (unsigned n = 1; fgets(line, sizeof line, f); n++) {
        size_t len = strlen(line);
        cr_assert(!strncmp(have, line, len), "%s line %u: want %shave %.200s", name, n, line, have);
        have += len;
    }
    fclose(f);
    cr_assert_str_eq(have, "", "%s: more than expected", name);
}

Test(figure, pictures)
{
    for (unsigned i = 0; i < FIGURES; i++) {
        struct text t = {0};
        picture(i, &t);
        golden(figures[i].name, text_str(&t));
        text_free(&t);
    }
}

Test(figure, as_high_on_nothing_as_drawn)
{
    for (unsigned i = 0; i < FIGURES; i++) {
        struct svg *svg = svg_new(palette_named("dark"), "x");
        struct canvas c = svg_canvas(svg), blank = canvas_blank();
        struct spot at = {MARGIN, MARGIN, WIDTH};
        cr_expect_float_eq(figures[i].draw(&c, at), figures[i].draw(&blank, at), 0.01, "%s",
                           figures[i].name);
        struct text t = {0};
        svg_end(svg, 1, 1, "", &t);
        text_free(&t);
    }
}

/* WCAG's relative luminance. */
static double light(uint32_t rgb)
{
    double sum = 0, weight[] = {0.0722, 0.7152, 0.2126};
    for (unsigned i = 0; i < 3; i++) {
        double v = (rgb >> 8 * i & 0xff) / 255.0;
        sum += weight[i] * (v <= 0.03928 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
    }
    return sum;
}
static double contrast(uint32_t a, uint32_t b)
{
    double x = light(a), y = light(b);
    return x > y ? (x + 0.05) / (y + 0.05) : (y + 0.05) / (x + 0.05);
}

Test(figure, every_ink_can_be_read)
{
    static const enum ink words[] = {INK_TEXT,  INK_FOCUS,  INK_GOOD,  INK_BAD,    INK_BASE,
                                     INK_LIMIT, INK_RIGHTS, INK_FLAGS, INK_TARGET, INK_OFFSET};
    const struct palette *p;
    for (unsigned n = 0; (p = palette_at(n)); n++) {
        for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
            double plain = contrast(palette_rgb(p, words[i]), palette_rgb(p, INK_PANEL));
            double soft = contrast(palette_rgb(p, words[i]), palette_rgb(p, words[i] | INK_SOFT));
            cr_expect_geq(plain, 4.5, "%s, ink %u: %.2f", p->name, words[i], plain);
            if (words[i] != INK_TEXT)
                cr_expect_geq(soft, 3.5, "%s, ink %u on its own: %.2f", p->name, words[i], soft);
        }
        double dim = contrast(palette_rgb(p, INK_DIM), palette_rgb(p, INK_PANEL));
        cr_expect_geq(dim, 4.5, "%s, dim: %.2f", p->name, dim);
        double changed = contrast(palette_rgb(p, INK_TEXT), palette_rgb(p, INK_CHANGED));
        cr_expect_geq(changed, 4.5, "%s, changed: %.2f", p->name, changed);
    }
    cr_assert_null(palette_named("pink"));
}

/* Also where a guest writes blue on black, or a colour on itself. */
Test(figure, every_attribute_of_a_text_screen_can_be_read)
{
    const struct palette *p;
    for (unsigned n = 0; (p = palette_at(n)); n++) {
        for (unsigned attribute = 0; attribute < 256; attribute++) {
            double have = contrast(palette_rgb(p, INK_VGA_TEXT | attribute),
                                   palette_rgb(p, INK_VGA_BACK | attribute));
            cr_expect_geq(have, 4.5, "%s, attribute %02x: %.2f", p->name, attribute, have);
        }
        cr_expect_eq(palette_rgb(p, INK_VGA_BACK | 0x07), p->paper ? 0xffffff : 0, "%s", p->name);
    }
    p = palette_at(0);
    cr_expect_eq(palette_rgb(p, INK_VGA_TEXT | 0x07), 0xaaaaaa, "what can be read stays");
    cr_expect_eq(palette_rgb(p, INK_VGA_BACK | 0x4e), 0xaa0000);
    cr_expect_eq(palette_rgb(p, INK_VGA_TEXT | 0x0e), 0xffff55);
}

Test(figure, text_is_escaped)
{
    struct svg *svg = svg_new(palette_named("print"), "x");
    struct canvas c = svg_canvas(svg);
    canvas_text(&c, 0, 0, ALIGN_LEFT, TYPE_BODY, INK_TEXT, "a<b & \"c\"\x01>\xc3\xa9\xe9");
    struct text t = {0};
    svg_end(svg, 10, 10, "<t>", &t);
    cr_assert(strstr(text_str(&t), ">a&lt;b &amp; &quot;c&quot;&gt;\xc3\xa9\xef\xbf\xbd</text>"),
              "%s", text_str(&t));
    cr_assert(strstr(text_str(&t), "<title>&lt;t&gt;</title>"), "%s", text_str(&t));
    text_free(&t);
}

Test(figure, wrapping_keeps_to_the_column)
{
    struct canvas c = canvas_blank();
    float one = canvas_wrap(&c, 0, 0, 1000, 10, TYPE_BODY, INK_TEXT, "one line only");
    float many = canvas_wrap(&c, 0, 0, 60, 10, TYPE_BODY, INK_TEXT, "one line only");
    float none = canvas_wrap(&c, 0, 0, 30, 10, TYPE_BODY, INK_TEXT, "  ");
    cr_expect_eq((int)one, 10);
    cr_expect_eq((int)many, 20);
    cr_expect_eq((int)none, 0);
}
