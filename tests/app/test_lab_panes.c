/* test_lab_panes.c: what panes show that have no rows of a table, and the help over them. */
#include "lab_fixture.h"

/* ---- rows of what has no table -------------------------------------------------------------------------------------------- */

Test(lab, home_and_end_of_code_are_those_of_the_function)
{
    struct fixture f = begin("demo/debugged.elf");
    char line[60];
    uint32_t behind = 0, at = 0x401000;
    const char *name = NULL;
    for (; at < 0x402000 && (!name || behind || strcmp(name, "gather") != 0); at++)
        name = code_symbol(f.l, at, &behind);
    at--;
    snprintf(line, sizeof line, "break cs:0x%x", at);
    done(f.l, line);
    done(f.l, "run");
    done(f.l, "step 3");
    done(f.l, "pane code");
    lab_key(f.l, "home");
    cr_expect_eq(f.l->code_at, at);
    cr_expect(sees(f.l, "the beginning of gather"));
    lab_key(f.l, "end");
    cr_expect_gt(f.l->code_at, at);
    rt386_insn_event e;
    cr_expect(code_insn(f.l, f.l->code_at, &e));
    cr_expect_str_eq(e.symbol, "gather");
    cr_assert(code_insn(f.l, f.l->code_at + e.length, &e));
    cr_expect(!e.symbol || strcmp(e.symbol, "gather") != 0, "it was the last one");
    end(&f);
    f = begin("ring0/ring0_walk.elf"); /* without names */
    uint32_t eip = reg(f.l, "eip");
    lab_key(f.l, "down");
    lab_key(f.l, "down");
    lab_key(f.l, "home");
    cr_expect_eq(f.l->code_at, eip);
    cr_expect_not(lab_line(f.l, "row last"));
    cr_expect(strstr(f.l->message, "no name is known here"));
    end(&f);
}

Test(lab, memory_is_walked_row_by_row)
{
    struct fixture f = begin("ring0/ring0_walk.elf");
    const struct lab_pane *p = &f.l->pane[PANE_MEMORY];
    done(f.l, "pane memory");
    done(f.l, "at 0x100000");
    cr_expect(sees(f.l, "00100000"));
    lab_key(f.l, "down");
    cr_expect_eq(p->selected, 1);
    cr_expect_eq(f.l->memory.at, 0x100000, "all rows stay where they are");
    for (unsigned i = 1; i < p->shown; i++)
        lab_key(f.l, "down");
    cr_expect_eq(p->selected, p->shown - 1);
    cr_expect_eq(f.l->memory.at, 0x100000 + f.l->memory_row, "one row more");
    lab_key(f.l, "pageup");
    lab_key(f.l, "up");
    cr_expect_eq(p->selected, 0);
    cr_expect_eq(f.l->memory.at, 0x100000);
    lab_key(f.l, "end");
    cr_expect_eq(f.l->memory.at + (p->selected + 1) * f.l->memory_row, 0);
    lab_key(f.l, "home");
    cr_expect_eq(f.l->memory.at, 0);
    end(&f);
}

Test(lab, guessed_frames_say_so)
{
    struct fixture f = begin("ring0/ring0_walk.elf");
    done(f.l, "catch 14");
    done(f.l, "run");
    done(f.l, "delete");
    done(f.l, "step");
    cr_expect(sees(f.l, "EIP of an interrupt frame?"));
    cr_expect(sees(f.l, "EFLAGS?"));
    end(&f);
}

/* ---- the text screen ------------------------------------------------------------------------------------------------------- */

struct inks {
    char words[400];
    unsigned ink[40], n, back[40], backs;
};

static void see_text(void *ctx, float x, float y, enum align align, struct type type, unsigned ink,
                     const char *s, size_t n)
{
    struct inks *k = ctx;
    (void)x, (void)y, (void)align, (void)type;
    if (!(ink & INK_VGA_TEXT) || k->n == 40) return;
    size_t len = strlen(k->words);
    snprintf(k->words + len, sizeof k->words - len, "%.*s|", (int)n, s);
    k->ink[k->n++] = ink & 0xff;
}

static void see_fill(void *ctx, struct box at, unsigned ink, float radius)
{
    struct inks *k = ctx;
    (void)at, (void)radius;
    if (ink & INK_VGA_BACK && k->backs < 40) k->back[k->backs++] = ink & 0xff;
}

static float see_width(void *ctx, struct type type, const char *s, size_t n)
{
    (void)ctx, (void)s;
    return type.size * 0.6f * (float)n;
}

Test(lab, the_text_screen_has_its_letters_and_colours)
{
    struct fixture f = begin("ring0/ring0_walk.elf");
    static const struct canvas_ops ops = {.text = see_text, .fill = see_fill, .width = see_width};
    struct inks k = {.n = 0};
    const struct canvas c = {&ops, &k};
    static const char cells[] = "a\x07"
                                "b\x07"
                                " \x07"
                                "c\x07"
                                "!\x4e"
                                "\xc4\x4e"
                                "\xdb\x4e"
                                "d\x07";
    done(f.l, "pane screen");
    cr_expect(sees(f.l, "nothing is on the text screen"));
    const rt386_addr at = {.space = RT386_PHYS, .at = 0xb8000};
    cr_assert_eq(rt386_poke(f.m, at, cells, sizeof cells - 1), RT386_OK);
    cr_expect(sees(f.l, "ab c"));
    lab_draw(f.l, &c, 1280, 800);
    cr_expect_str_eq(k.words, "ab c|!\xe2\x94\x80\xe2\x96\x88|d|");
    cr_assert_eq(k.n, 3);
    cr_expect_eq(k.ink[0], 0x07);
    cr_expect_eq(k.ink[1], 0x4e);
    cr_expect_eq(k.ink[2], 0x07);
    cr_assert_eq(k.backs, 2, "the screen, and one run on a ground of its own");
    cr_expect_eq(k.back[1], 0x4e);
    end(&f);
}

/* Where not all of it fits, it scrolls to its end and no further. */
Test(lab, the_help_scrolls)
{
    struct fixture f = begin("demo/limit.elf");
    for (unsigned scale = 1; scale <= 4; scale++) {
        float w = 1280 / (float)scale, h = 800 / (float)scale;
        bool first = false, last = false;
        lab_typed(f.l, "?");
        for (unsigned i = 0; i < 40; i++) {
            struct text t = {0};
            lab_words(f.l, w, h, &t);
            first |= strstr(text_str(&t), "an instruction on") != NULL;
            last |= strstr(text_str(&t), "leave; the guest ends") != NULL;
            text_free(&t);
            lab_key(f.l, "down");
        }
        cr_expect(first && last, "scale %u", scale);
        cr_expect(f.l->help, "keys that scroll do not close it");
        unsigned top = f.l->help_top;
        lab_wheel(f.l, 10, 10, 3);
        struct text t = {0};
        lab_words(f.l, w, h, &t);
        text_free(&t);
        cr_expect_leq(f.l->help_top, top);
        lab_key(f.l, "escape");
    }
    end(&f);
}
