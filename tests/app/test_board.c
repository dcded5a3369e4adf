/* The screen of `debug --screen`, without a terminal: as lines of characters, compared byte for byte with a golden page
 * (RT386_GOLDEN_UPDATE=1 writes it anew), and what keys do.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reg_value.h"
#include "tui_board.h"

/* mov eax, 3 / mov ds, eax / nop / inc eax / inc eax / hlt: it needs no guest file. */
static const uint8_t code[] = {0xb8, 3, 0, 0, 0, 0x8e, 0xd8, 0x90, 0x40, 0x40, 0xf4};
#define START 0x100000u

struct scene {
    struct app app;
    rt386 *m;
    struct debug d;
    struct board b;
    unsigned begun;
};
static void begin(void *ctx)
{
    ((struct scene *)ctx)->begun++;
}
static void end(void *ctx)
{
    (void)ctx;
}

static void scene_open(struct scene *s)
{
    rt386_config config = {.size = sizeof config};
    *s = (struct scene){.app = {.out = stdout, .err = stderr}};
    cr_assert(rt386_create(&config, &s->m) == RT386_OK);
    const rt386_load_options how = {.size = sizeof how, .kind = RT386_IMAGE_RAW, .raw_base = START};
    cr_assert(rt386_load_bytes(s->m, code, sizeof code, &how) == RT386_OK);
    s->d = (struct debug){.app = &s->app,
                          .d = debugger_new(s->m),
                          .disasm = disasm_new(),
                          .sources = sources_new(NULL, 0),
                          .begin = begin,
                          .end = end,
                          .ctx = s};
    cr_assert(s->d.d && s->d.disasm && s->d.sources);
    board_new(&s->b, &s->d, "scene");
}

static void scene_close(struct scene *s)
{
    board_free(&s->b);
    text_free(&s->d.out);
    sources_free(s->d.sources);
    disasm_free(s->d.disasm);
    debugger_free(s->d.d);
    rt386_destroy(s->m);
}

static void key(struct scene *s, const char *name)
{
    const char *line = board_key(&s->b, name);
    if (*line) board_do(&s->b, line);
}

static void type(struct scene *s, const char *words)
{
    for (; *words; words++)
        key(s, (const char[]){*words, 0});
    key(s, "enter");
}

static char *page(struct scene *s, unsigned w, unsigned h)
{
    struct cells c;
    cr_assert(cells_new(&c, w, h));
    board_draw(&s->b, &c);
    char *text = malloc((size_t)(w + 1) * h + 1), *to = text;
    cr_assert(text);
    for (unsigned y = 0; y < h; y++) {
        for (unsigned x = 0; x < w; x++)
            *to++ = c.at[y * w + x].ch;
        while (to > text && to[-1] == ' ')
            to--;
        *to++ = '\n';
    }
    *to = '\0';
    cells_free(&c);
    return text;
}

static void shows(struct scene *s, const char *words, bool wanted)
{
    char *text = page(s, 100, 30);
    cr_expect((strstr(text, words) != NULL) == wanted, "'%s' %s:\n%s", words,
              wanted ? "is missing" : "is there", text);
    free(text);
}

Test(board, page)
{
    struct scene s;
    char path[512], want[8192];
    scene_open(&s);
    key(&s, "f7");
    key(&s, "f7");
    type(&s, "gdt");
    for (const char *c = "x 0x10000"; *c; c++)
        key(&s, (const char[]){*c, 0});
    char *have = page(&s, 100, 30);
    snprintf(path, sizeof path, "%s/board.txt", GOLDEN);
    if (getenv("RT386_GOLDEN_UPDATE")) {
        FILE *f = fopen(path, "w");
        cr_assert(f && fputs(have, f) >= 0 && fclose(f) == 0);
    }
    FILE *f = fopen(path, "r");
    cr_assert(f, "%s", path);
    want[fread(want, 1, sizeof want - 1, f)] = '\0';
    fclose(f);
    cr_assert_str_eq(have, want, "have:\n%s", have);
    free(have);
    scene_close(&s);
}

Test(board, steps_on_and_back)
{
    struct scene s;
    scene_open(&s);
    shows(&s, ">0008:00100000  mov eax, 3", true);
    key(&s, "f7");
    cr_expect_eq(reg_value(debugger_machine(s.d.d), "eip"), START + 5);
    shows(&s, "*eax    00000003", true);
    key(&s, "f7");
    shows(&s, "*ds   0003 not usable", true);
    shows(&s, "*eax", false);
    key(&s, "shift+f7");
    cr_expect_eq(reg_value(debugger_machine(s.d.d), "eip"), START + 5);
    shows(&s, "past: f4 goes to the present", true);
    key(&s, "f4");
    cr_expect_eq(reg_value(debugger_machine(s.d.d), "eip"), START + 7);
    key(&s, "enter"); /* nothing was typed yet: nothing happens */
    cr_expect_eq(reg_value(debugger_machine(s.d.d), "eip"), START + 7);
    type(&s, "s");
    key(&s, "enter");
    key(&s, "enter");
    cr_expect_eq(reg_value(debugger_machine(s.d.d), "eip"), START + 10, "the last line again");
    cr_expect_geq(s.begun, 6);
    scene_close(&s);
}

Test(board, views_and_typing)
{
    struct scene s;
    scene_open(&s);
    key(&s, "shift+tab");
    shows(&s, "[threads]", true);
    key(&s, "tab");
    key(&s, "tab");
    shows(&s, "[why]", true);
    shows(&s, "it loads no segment register and raises nothing", true);
    for (unsigned i = 0; i < 200; i++)
        key(&s, "z");
    cr_expect_lt(strlen(s.b.typed), sizeof s.b.typed);
    key(&s, "backspace");
    key(&s, "escape");
    cr_expect_str_empty(s.b.typed);
    type(&s, "nonsense");
    shows(&s, "[log]", true);
    shows(&s, "'nonsense' is no word of the debugger", true);
    for (unsigned i = 0; i < 200; i++)
        board_say(&s.b, "line\n", 5);
    shows(&s, "nonsense", false);
    key(&s, "home");
    shows(&s, "nonsense", true);
    key(&s, "pagedown");
    key(&s, "end");
    shows(&s, "nonsense", false);
    for (unsigned i = 0; i < 80000; i++)
        board_say(&s.b, "a line of the guest\n", 20);
    cr_expect_lt(s.b.log.n, 300000, "the log is bounded");
    scene_close(&s);
}

Test(board, every_size_is_drawn)
{
    struct scene s;
    scene_open(&s);
    for (unsigned h = 1; h < 60; h += 3)
        for (unsigned w = 1; w < 200; w += 13)
            free(page(&s, w, h));
    char *small = page(&s, 79, 24);
    cr_expect(strstr(small, "80x24 characters are needed"), "%s", small);
    free(small);
    small = page(&s, 80, 24);
    cr_expect(strstr(small, "tr   0000"), "%s", small);
    cr_expect(strstr(small, "(rt386)"), "%s", small);
    free(small);
    scene_close(&s);
}
