/* Lessons: what a source may not say, expressions, answers in all spellings, damaged guests, steps there and back. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lesson_data.h"
#include "lesson_elf.h"
#include "lesson_priv.h"

/* ---- the source ------------------------------------------------------------------------------------------- */

#define HEAD "lesson 7 name\ntitle T\nabout A.\nguest g.elf\n"

static const struct {
    const char *text, *wrong;
} refused[] = {
    {"lesson x\n", "line 1: say 'lesson NUMBER name'"},
    {"lesson 1 Name\n", "line 1: say 'lesson NUMBER name'"},
    {"title\n", "line 1: 'title' has nothing behind it"},
    {"hello\n", "line 1: before the first @step only"},
    {"lesson 1 a\ntitle T\nguest g\n@step s S\n", "line 4: the line 'about ...' is missing"},
    {HEAD, "line 4: the lesson has no @step"},
    {HEAD "@step s\n", "line 5: say '@step name Title in words'"},
    {HEAD "@step s S\n@step s T\n", "line 6: there is a step 's' already, in line 5"},
    {HEAD "@ask number\n", "line 5: @ask before the first @step"},
    {HEAD "@step s S\n@ask riddle\n", "line 6: say '@ask KIND POINTS'"},
    {HEAD "@step s S\n@ask number 101\n", "line 6: say '@ask KIND POINTS'"},
    {HEAD "@step s S\n@jump there\n", "line 6: @jump is no word of a lesson"},
    {HEAD "@step s S\n@answer 1\n", "line 6: @answer belongs in a question"},
    {HEAD "@step s S\n@ask number\nQ?\n@figure tss\n", "line 8: @figure belongs in a step"},
    {HEAD "@step s S\n@run\n", "line 6: @run has nothing behind it"},
    {HEAD "@step s S\n@ask number\nQ?\n", "line 6: the question has no @answer"},
    {HEAD "@step s S\n@ask number\nQ?\n@answer 1\n@answer 2\n",
     "line 6: the question has no @answer, or"},
    {HEAD "@step s S\n@ask fault\nQ?\n@answer 1\n", "line 6: this kind of question has no @answer"},
    {HEAD "@step s S\n@ask number\n@answer 1\n", "line 6: the question has no text"},
    {HEAD "@step s S\n@ask choice\nQ?\n@choice a\n@answer 1\n",
     "line 6: the question needs 2 to 12"},
    {HEAD "@step s S\n@ask number\nQ?\n@choice a\n@answer 1\n",
     "line 6: this kind of question has no @choice"},
};

Test(lesson, source_says_what_is_wrong_and_where)
{
    for (unsigned i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct lesson_source s;
        char err[300] = "";
        bool good =
            lesson_source_read(&s, refused[i].text, strlen(refused[i].text), err, sizeof err);
        lesson_source_free(&s);
        cr_expect(!good && !strncmp(err, refused[i].wrong, strlen(refused[i].wrong)),
                  "'%s' instead of '%s'", err, refused[i].wrong);
    }
    struct lesson_source s;
    char err[300];
    cr_expect(!lesson_source_read(&s, "ti\0tle", 6, err, sizeof err));
    lesson_source_free(&s);
}

Test(lesson, source_is_read)
{
    static const char text[] = HEAD "# a comment\n\n@step one The first\n@run 3\nWords\n  that go "
                                    "on\nand on.\n\n  code\n   deeper\n"
                                    "@note A note\nof two lines.\n\n@ask number 4\n@hint 2 A hint\n"
                                    "of two lines.\n@answer 5\nWhy?\r\n";
    struct lesson_source s;
    char err[300] = "";
    cr_assert(lesson_source_read(&s, text, sizeof text - 1, err, sizeof err), "%s", err);
    cr_expect_str_eq(s.id, "07-name");
    cr_expect_eq(s.steps, 1);
    const struct items *l = &s.step[0].items;
    cr_expect_eq(l->n, 6); /* run, words, code, words, code, note */
    cr_expect_str_eq(l->at[1].text, "Words");
    cr_expect_eq(l->at[2].kind, ITEM_CODE);
    cr_expect_str_eq(l->at[4].text, "code\n deeper");
    cr_expect_str_eq(l->at[5].text, "A note of two lines.");
    const struct ask_source *a = s.step[0].ask;
    cr_expect_eq(a->points, 4);
    cr_expect_str_eq(a->items.at[0].text, "2 A hint of two lines.");
    cr_expect_str_eq(a->items.at[2].text, "Why?");
    lesson_source_free(&s);
}

/* ---- expressions -------------------------------------------------------------------------------------------- */

static rt386 *machine_made(void)
{
    static const uint8_t code[] = {0xf4, 0x12, 0x34, 0x56, 0xff, 0x0f,
                                   0x00, 0x40, 0x01, 0xf2, 0x40, 0x10};
    rt386_config config = {.size = sizeof config, .memory = 1 << 20};
    rt386_load_options o = {.size = sizeof o, .kind = RT386_IMAGE_RAW, .raw_base = 0x8000};
    rt386 *m;
    cr_assert_eq(rt386_create(&config, &m), RT386_OK);
    cr_assert_eq(rt386_load_bytes(m, code, sizeof code, &o), RT386_OK);
    return m;
}

static const struct {
    const char *text;
    uint32_t value;
} expressions[] = {{"1 + 2 * 3", 7},
                   {"(1 + 2) * 3", 9},
                   {"0x10 | 1 << 1", 18},
                   {"7 & 3 == 3", 1},
                   {"1 ? 2 : 3", 2},
                   {"0 ? 2 : 1 ? 4 : 5", 4},
                   {"1 ? 2 : 1 / 0", 2},
                   {"0 ? dword[0xfffff000] : 3", 3},
                   {"0 && 1 / 0 || 1 || ldt[4].base", 1},
                   {"-1 >> 28", 15},
                   {"~0 == 0xffffffff && !0", 1},
                   {"1 << 32", 0},
                   {"10 % 4 + 10 / 4", 4},
                   {"byte[0x8001]", 0x12},
                   {"word[0x8001]", 0x3412},
                   {"dword[0x8000]", 0x563412f4},
                   {"phys[0x8000]", 0x563412f4},
                   {"desc[0x8004].limit", 0xfff},
                   {"desc[0x8004].base", 0x10014000},
                   {"desc[0x8004].dpl", 3},
                   {"desc[0x8004].at", 0x8004},
                   {"desc[0x8004]", 0x8004},
                   {"walk[0x8004].phys", 0x8004},
                   {"eip", 0x8000},
                   {"cs_base + eip", 0x8000},
                   {"x + was(x)", 84},
                   {"fault.raised", 0}};
static const char *const nonsense[] = {"",
                                       "1 +",
                                       "(1",
                                       "1 2",
                                       "nobody",
                                       "1 / 0",
                                       "0 ? 1 : 1 / 0",
                                       "1 ? nobody : 1",
                                       "1 && 1 / 0",
                                       "foo[1]",
                                       "desc[0].q",
                                       "0x1ffffffff",
                                       "fault.q",
                                       "dword[0xfffff000]",
                                       "ldt[4].base",
                                       "((((((((((((((((((((((((((((((((((((((((((1"};

Test(lesson, expressions_are_worked_out)
{
    struct scope s = {.now = machine_made(), .var = {{"x", 42}}, .vars = 1};
    char err[200];
    uint32_t v;
    for (unsigned i = 0; i < sizeof expressions / sizeof *expressions; i++) {
        bool good = expr_value(&s, expressions[i].text, NULL, &v, err, sizeof err);
        cr_expect(good && v == expressions[i].value, "%s: 0x%x %s", expressions[i].text, v,
                  good ? "" : err);
    }
    for (unsigned i = 0; i < sizeof nonsense / sizeof *nonsense; i++)
        cr_expect(!expr_value(&s, nonsense[i], NULL, &v, err, sizeof err), "%s", nonsense[i]);
    rt386_destroy((rt386 *)s.now);
}

static const struct {
    const char *text, *filled;
} fillings[] = {{"a {x} b", "a 0x002a b"},
                {"{x;d}{{", "42{"},
                {"{x;b}", "0000000000101010"},
                {"{0x1b;selector}", "0000000000011 0 11"},
                {"{x;x2}", "0x2a"},
                {"{desc[0x8004];bytes}", "ff 0f 00 40 01 f2 40 10"},
                {"{13;vector}", "#GP"},
                {"{0x8000;insn}", "hlt"},
                {"{0x18;error}", "entry 3 of the GDT; the RPL is not part of it"}};

Test(lesson, texts_are_filled)
{
    struct scope s = {.now = machine_made(), .var = {{"x", 42}}, .vars = 1};
    char err[200];
    struct text t = {0};
    for (unsigned i = 0; i < sizeof fillings / sizeof *fillings; i++) {
        text_clear(&t);
        bool good = expr_fill(&s, fillings[i].text, &t, err, sizeof err);
        cr_expect(good && !strcmp(text_str(&t), fillings[i].filled), "%s: '%s' %s",
                  fillings[i].text, text_str(&t), good ? "" : err);
    }
    cr_expect(!expr_fill(&s, "{x", &t, err, sizeof err));
    cr_expect(!expr_fill(&s, "{x;q}", &t, err, sizeof err));
    cr_expect(!expr_fill(&s, "{x y}", &t, err, sizeof err));
    text_free(&t);
    rt386_destroy((rt386 *)s.now);
}

/* ---- answers -------------------------------------------------------------------------------------------------- */

static const struct {
    enum lesson_question_kind kind;
    const char *answer;
    enum lesson_mark mark;
} answers[] = {{LESSON_NUMBER, "0x10", LESSON_RIGHT},
               {LESSON_NUMBER, " 0X10 ", LESSON_RIGHT},
               {LESSON_NUMBER, "10h", LESSON_RIGHT},
               {LESSON_NUMBER, "16", LESSON_RIGHT},
               {LESSON_NUMBER, "10", LESSON_RIGHT},
               {LESSON_NUMBER, "0b1_0000", LESSON_RIGHT},
               {LESSON_NUMBER, "0000 0010h", LESSON_RIGHT},
               {LESSON_NUMBER, "$10", LESSON_RIGHT},
               {LESSON_NUMBER, "17", LESSON_WRONG},
               {LESSON_NUMBER, "0x16", LESSON_WRONG},
               {LESSON_NUMBER, "", LESSON_OPEN},
               {LESSON_NUMBER, "sixteen", LESSON_OPEN},
               {LESSON_NUMBER, "0x1ffffffff", LESSON_OPEN},
               {LESSON_NUMBER, "-16", LESSON_OPEN},
               {LESSON_FAULT, "#GP 0x18", LESSON_RIGHT},
               {LESSON_FAULT, "gp(18h)", LESSON_RIGHT},
               {LESSON_FAULT, "#gp, 24", LESSON_RIGHT},
               {LESSON_FAULT, "13 0x18", LESSON_RIGHT},
               {LESSON_FAULT, "#GP = 18", LESSON_RIGHT},
               {LESSON_FAULT, "#GP 0x1b", LESSON_WRONG},
               {LESSON_FAULT, "#NP 0x18", LESSON_WRONG},
               {LESSON_FAULT, "#GP, error code 0x18", LESSON_RIGHT},
               {LESSON_FAULT, "0xd 0x18", LESSON_RIGHT},
               {LESSON_FAULT, "015 0x18", LESSON_WRONG}, /* 15, not octal */
               {LESSON_FAULT, "4294967309 0x18", LESSON_OPEN},
               {LESSON_FAULT, "#NP whatever", LESSON_OPEN},
               {LESSON_FAULT, "No exception", LESSON_WRONG},
               {LESSON_FAULT, "none", LESSON_WRONG},
               {LESSON_FAULT, "#GP", LESSON_OPEN},
               {LESSON_FAULT, "trap", LESSON_OPEN},
               {LESSON_CHOICE, "b", LESSON_RIGHT},
               {LESSON_CHOICE, "B)", LESSON_RIGHT},
               {LESSON_CHOICE, "secondone", LESSON_RIGHT},
               {LESSON_CHOICE, "Second one", LESSON_RIGHT},
               {LESSON_CHOICE, "a", LESSON_WRONG},
               {LESSON_CHOICE, "d", LESSON_OPEN},
               {LESSON_CHOICE, "", LESSON_OPEN},
               {LESSON_BYTES, "ff 0f 00 40 01 f2 40 10", LESSON_RIGHT},
               {LESSON_BYTES, "0x1040f201 0x40000fff", LESSON_RIGHT},
               {LESSON_BYTES, "FF0F004001F34010", LESSON_RIGHT}, /* accessed */
               {LESSON_BYTES, "ff 0f 00 40 01 92 40 10", LESSON_WRONG},
               {LESSON_BYTES, "ff 0f 00", LESSON_OPEN},
               {LESSON_ORDER, "C A", LESSON_RIGHT},
               {LESSON_ORDER, "c, a", LESSON_RIGHT},
               {LESSON_ORDER, "c->a", LESSON_RIGHT},
               {LESSON_ORDER, "A C", LESSON_WRONG},
               {LESSON_ORDER, "C A B", LESSON_WRONG},
               {LESSON_ORDER, "C X", LESSON_OPEN},
               {LESSON_ORDER, " ", LESSON_OPEN},
               {LESSON_SET, "0xa8 b0", LESSON_RIGHT},
               {LESSON_SET, "B3, 00a8h, a8", LESSON_RIGHT},
               {LESSON_SET, "a8 0b0", LESSON_RIGHT},
               {LESSON_SET, "a8 0x100b0", LESSON_OPEN},
               {LESSON_SET, "0xa8", LESSON_WRONG},
               {LESSON_SET, "none", LESSON_WRONG},
               {LESSON_SET, "a8 b0 b8", LESSON_WRONG},
               {LESSON_SET, "a8 zz", LESSON_OPEN}};

Test(lesson, answers_in_all_spellings)
{
    struct asked a = {.hex = true,
                      .number = 16,
                      .faults = true,
                      .vector = 13,
                      .has_error = true,
                      .error = 0x18,
                      .choices = 3,
                      .bytes = {0xff, 0x0f, 0x00, 0x40, 0x01, 0xf2, 0x40, 0x10},
                      .order = {2, 0},
                      .ordered = 2,
                      .changed = {0xa8, 0xb0},
                      .changes = 2};
    text_add(&a.choice_text[0], "first one");
    text_add(&a.choice_text[1], "second one");
    text_add(&a.choice_text[2], "third one");
    for (unsigned i = 0; i < sizeof answers / sizeof *answers; i++) {
        char err[400] = "";
        a.number = answers[i].kind == LESSON_CHOICE ? 1 : 16;
        enum lesson_mark mark =
            asked_judge(&a, answers[i].kind, answers[i].answer, err, sizeof err);
        cr_expect_eq(mark, answers[i].mark, "'%s' is %d instead of %d: %s", answers[i].answer, mark,
                     answers[i].mark, err);
        cr_expect((mark == LESSON_OPEN) == (err[0] != 0), "'%s'", answers[i].answer);
    }
    struct asked plain = {.number = 10};
    char err[400];
    cr_expect_eq(asked_judge(&plain, LESSON_NUMBER, "10", err, sizeof err), LESSON_RIGHT);
    cr_expect_eq(asked_judge(&plain, LESSON_NUMBER, "0xa", err, sizeof err), LESSON_RIGHT);
    cr_expect_eq(asked_judge(&plain, LESSON_NUMBER, "16", err, sizeof err), LESSON_WRONG);
    cr_expect_eq(asked_judge(&plain, LESSON_NUMBER, "a", err, sizeof err), LESSON_OPEN);
    struct asked quiet = {0};
    cr_expect_eq(asked_judge(&quiet, LESSON_FAULT, "None", err, sizeof err), LESSON_RIGHT);
    cr_expect_eq(asked_judge(&quiet, LESSON_FAULT, "#GP 0", err, sizeof err), LESSON_WRONG);
    struct asked divide = {.faults = true};
    cr_expect_eq(asked_judge(&divide, LESSON_FAULT, "#DE", err, sizeof err), LESSON_RIGHT);
    cr_expect_eq(asked_judge(&divide, LESSON_FAULT, "#DE, no error code", err, sizeof err),
                 LESSON_RIGHT);
    cr_expect_eq(asked_judge(&divide, LESSON_FAULT, "#DE 0", err, sizeof err), LESSON_WRONG);
    asked_free(&a);
}

/* ---- guests ----------------------------------------------------------------------------------------------------- */

static const struct lesson_file *first_guest(void)
{
    const struct lesson_file *f = lesson_files;
    while (f->name && !strstr(f->name, ".elf"))
        f++;
    return f->name ? f : NULL;
}

Test(lesson, a_damaged_guest_has_no_names)
{
    const struct lesson_file *f = first_guest();
    uint32_t value;
    uint8_t sector[512];
    if (!f) cr_skip_test("this build has no guests");
    cr_expect(lesson_elf_symbol(f->bytes, f->n, "before_alpha", &value) && value > 0x100000);
    cr_expect(!lesson_elf_symbol(f->bytes, f->n, "nobody", &value));
    unsigned char *copy = malloc(f->n);
    for (size_t n = 0; n < f->n; n += 7) { /* cut off: no byte behind the end is read */
        unsigned char *cut = malloc(n ? n : 1);
        memcpy(cut, f->bytes, n);
        (void)lesson_elf_symbol(cut, n, "nobody", &value);
        (void)lesson_elf_boot(cut, n, sector);
        free(cut);
    }
    for (size_t i = 0; i < f->n; i++) {
        memcpy(copy, f->bytes, f->n);
        copy[i] ^= 0xff;
        (void)lesson_elf_symbol(copy, f->n, "nobody", &value);
    }
    free(copy);
}

Test(lesson, steps_there_and_back)
{
    char err[300];
    if (!first_guest()) cr_skip_test("this build has no guests");
    struct lesson *l = lesson_open("selectors", 3, err, sizeof err, NULL);
    cr_assert(l, "%s", err);
    struct lesson_question q;
    cr_assert(lesson_question(l, 0, &q));
    char *text = strdup(q.text);
    cr_expect_eq(q.mark, LESSON_OPEN);
    cr_expect_str_eq(q.correct, "");
    cr_assert(lesson_go(l, 3));
    cr_expect_str_eq(lesson_permalink(l), "01-selectors:3:edge");
    cr_assert(lesson_go(l, 0));
    cr_assert(lesson_question(l, 0, &q));
    cr_expect_str_eq(q.text, text);
    cr_expect(!lesson_answer(l, 0, "what?", &q));
    cr_expect(lesson_hint(l, 0) && !lesson_hint(l, 0));
    cr_assert(lesson_reveal(l, 0, &q));
    char *right = strdup(q.correct);
    cr_assert(lesson_answer(l, 0, right, &q));
    cr_expect_eq(q.mark, LESSON_RIGHT);
    cr_expect_eq(q.earned, 7);
    cr_assert(lesson_answer(l, 0, "0x7777", &q)); /* the first one counts */
    cr_expect_eq(q.mark, LESSON_RIGHT);
    cr_expect(!lesson_go(l, 99));
    cr_expect_eq(lesson_result(l).right, 1);
    free(text);
    free(right);
    lesson_close(l);
}

/* ---- sources that are damaged --------------------------------------------------------------------------------- */

static uint32_t roll(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Bytes, words and lines of a lesson changed, cut or doubled. */
static size_t spoil(char *text, size_t n, size_t room, uint32_t *state)
{
    static const char *const bits[] = {"{",
                                       "}",
                                       "[0xffffffff]",
                                       "@run 99",
                                       "@try 999999",
                                       "0x",
                                       "walk[",
                                       "gdt[0xfff8]",
                                       "@do eip = 0",
                                       "@figure words 0, 64",
                                       "(((((((",
                                       "? 1 :",
                                       ";x99",
                                       "@do esp = 3",
                                       "@figure stack 999",
                                       "% 0",
                                       "@answer",
                                       "byte[",
                                       "@do cr0 = 0x80000001",
                                       "\xff\xfe"};
    for (unsigned i = roll(state) % 4 + 1; i; i--) {
        const char *bit = bits[roll(state) % (sizeof bits / sizeof *bits)];
        size_t at = roll(state) % n, length = strlen(bit);
        switch (roll(state) % 4) {
        case 0: text[at] = (char)roll(state); break;
        case 1: /* over what is there */
            memcpy(text + at, bit, length < n - at ? length : n - at);
            break;
        case 2: /* a line of its own */
            while (at < n && text[at] != '\n')
                at++;
            if (at == n || n + length + 1 > room) break;
            memmove(text + at + length + 1, text + at, n - at);
            memcpy(text + at + 1, bit, length);
            text[at] = '\n';
            n += length + 1;
            break;
        default: /* some lines less */ {
            size_t less = roll(state) % 60;
            if (less >= n - at) less = n - at - 1;
            memmove(text + at, text + at + less, n - at - less);
            n -= less;
        }
        }
    }
    return n;
}

/* Every page and every answer, as far as it gets: a sentence where it does not. */
static bool read_through(const char *path)
{
    char err[500] = "";
    rt386_status status;
    struct lesson *l = lesson_open(path, 1, err, sizeof err, &status);
    if (!l) {
        cr_expect(err[0] && status != RT386_OK, "a refusal has a sentence");
        return false;
    }
    bool good = true;
    for (unsigned i = 0; good && i < lesson_steps(l); i++) {
        struct lesson_question q;
        good = lesson_go(l, i);
        for (unsigned k = 0; good && k < lesson_page(l)->questions; k++)
            good = lesson_reveal(l, k, &q);
    }
    cr_expect(good || lesson_error(l)[0], "a refusal has a sentence");
    lesson_close(l);
    return good;
}

Test(lesson, damaged_sources_are_refused_or_read)
{
    char path[] = "/tmp/rt386-lesson-XXXXXX.lesson";
    uint32_t state = 20261129;
    unsigned good = 0, tried = 0;
    if (!first_guest()) cr_skip_test("this build has no guests");
    int fd = mkstemps(path, 7);
    cr_assert(fd >= 0);
    close(fd);
    for (const struct lesson_file *f = lesson_files; f->name; f++) {
        if (!strstr(f->name, ".lesson")) continue;
        for (unsigned i = 0; i < 12; i++) {
            char *text = malloc(f->n + 4096);
            memcpy(text, f->bytes, f->n);
            size_t n = i ? spoil(text, f->n, f->n + 4096, &state) : f->n;
            FILE *out = fopen(path, "w");
            cr_assert(out && fwrite(text, 1, n, out) == n && !fclose(out));
            bool read = read_through(path);
            if (!i) cr_expect(read, "%s as it is", f->name);
            good += read;
            tried++;
            free(text);
        }
    }
    unlink(path);
    cr_expect(tried >= 15 * 12 && good >= 15 && good < tried, "%u of %u", good, tried);
}
