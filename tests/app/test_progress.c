/* The line of long work; and signals as a question. */
#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "ctrlc.h"
#include "progress.h"

Test(progress, line)
{
    static const struct {
        uint64_t total, done;
        double seconds;
        const char *text;
    } rows[] = {{1000, 0, 0, "a.MOO  [>                   ]   0 %, 0 of 1,000, 0 tests/s"},
                {1000, 500, 2, "a.MOO  [==========>         ]  50 %, 500 of 1,000, 250 tests/s"},
                {5000000, 5000000, 10,
                 "a.MOO  [====================] 100 %, 5.0 M of 5.0 M, 500,000 tests/s"},
                {10, 12, 1, "a.MOO  [====================] 100 %, 12 of 10, 12 tests/s"},
                {0, 4200000, 2, "a.MOO  4.2 M tests, 2.1 M tests/s"}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct progress p = {.what = "a.MOO", .unit = "tests", .total = rows[i].total};
        char line[120];
        progress_line(line, sizeof line, &p, rows[i].done, rows[i].seconds);
        cr_expect_str_eq(line, rows[i].text);
    }
}

Test(progress, line_of_a_terminal)
{
    struct progress p = {.what = "interrupts.trace", .unit = "instructions", .total = 123400000};
    char line[80];
    p.first = 100000000; /* a replay from there: the rate is that of what was done here */
    progress_line(line, sizeof line, &p, 110000000, 2);
    cr_expect_str_eq(
        line, "interrupts.trace  [=========> ]  89 %, 110.0 M of 123.4 M, 5.0 M instructions/s");
    cr_expect(strlen(line) <= 79, "%zu", strlen(line));
}

Test(progress, never_behind_an_open_line)
{
    static const struct {
        const char *text;
        bool drawn;
    } rows[] = {{"", true}, {"x", false}, {"\n", true}, {"x\ny", false}, {"\033[2J\n", false}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        FILE *f = tmpfile();
        struct progress p = {.to = f, .what = "x", .unit = "tests", .total = 10, .shared = true};
        if (*rows[i].text) progress_output(&p, rows[i].text, strlen(rows[i].text));
        progress_show(&p, 5);
        cr_expect((ftell(f) > 0) == rows[i].drawn, "row %u", i);
        fclose(f);
    }
}

Test(progress, only_a_terminal)
{
    FILE *f = tmpfile();
    struct app app = {.out = f, .err = f, .verbosity = 1};
    struct progress p;
    progress_begin(&p, &app, "some/file", "tests", 10);
    cr_expect_str_eq(p.what, "file");
    p.next = 0;
    progress_show(&p, 5);
    progress_end(&p);
    cr_expect(ftell(f) == 0, "a file is no terminal");
    fclose(f);
}

Test(progress, wiped_before_other_output)
{
    FILE *f = tmpfile();
    struct progress p = {.to = f, .what = "x", .unit = "tests", .total = 10};
    char text[400] = "";
    progress_wipe(&p);
    cr_expect(ftell(f) == 0, "nothing was drawn");
    progress_show(&p, 5);
    progress_wipe(&p);
    rewind(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    cr_assert(n == 1 + 79 + 1 + 79 + 1, "%zu", n);
    cr_expect(text[0] == '\r' && text[80] == '\r' && text[n - 1] == '\r');
    cr_expect(strspn(text + 81, " ") == 79);
    fclose(f);
}

Test(interrupt, is_asked_for)
{
    struct interrupt i;
    interrupt_begin(&i);
    cr_expect(interrupt_poll(&i) == 0 && interrupt_status(&i, 7) == 7);
    raise(SIGTERM); /* does not end the test */
    cr_expect(interrupt_poll(&i) == SIGTERM && interrupt_poll(&i) == SIGTERM);
    cr_expect(interrupt_status(&i, 7) == STATUS_TERM);
    interrupt_end(&i);
}
