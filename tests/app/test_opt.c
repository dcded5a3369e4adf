/* Options: kinds, values, nearest match, and what is refused. */
#include <criterion/criterion.h>
#include <string.h>

#include "run_options.h"

struct target {
    bool flag;
    unsigned count;
    const char *text, *maybe;
    struct opt_num num, size, millis;
};
#define AT(m) offsetof(struct target, m)
static const struct opt_def table[] = {
    {.name = "flag", .letter = 'f', .kind = OPT_FLAG, .at = AT(flag)},
    {.name = "verbose", .letter = 'v', .kind = OPT_COUNT, .at = AT(count)},
    {.name = "text", .letter = 't', .kind = OPT_TEXT, .at = AT(text), .argument = "S"},
    {.name = "maybe", .kind = OPT_MAYBE, .at = AT(maybe), .argument = "S"},
    {.name = "num", .kind = OPT_NUM, .at = AT(num), .min = 1, .max = 100, .argument = "N"},
    {.name = "size", .kind = OPT_SIZE, .at = AT(size), .argument = "SIZE"},
    {.name = "many", .kind = OPT_AMOUNT, .at = AT(num), .argument = "N"},
    {.name = "secs", .kind = OPT_MILLIS, .at = AT(millis), .argument = "S"},
    {.name = "pmin", .one_dash = true, .kind = OPT_SIZE, .at = AT(size), .argument = "SIZE"},
    {.name = "n", .one_dash = true, .kind = OPT_IGNORED},
    {.name = "node", .one_dash = true, .kind = OPT_UNFIT, .help = "not here"},
    {.kind = OPT_END}};
static const struct opt_def *const tables[] = {table, NULL};

#define ARGS_MAX 12
struct run {
    struct target t;
    struct opt_args args;
    char err[200];
    char *argv[ARGS_MAX];
    char copy[256];
    bool good;
};

/* Parses a line of blank-separated words. */
static struct run *parse(const char *line)
{
    static struct run r; /* each test is its own process */
    memset(&r, 0, sizeof r);
    snprintf(r.copy, sizeof r.copy, "%s", line);
    int argc = words_split(r.copy, r.argv, ARGS_MAX);
    r.good = opt_parse(tables, &r.t, argc, r.argv, false, &r.args, r.err, sizeof r.err);
    return &r;
}

Test(opt, values_in_both_spellings)
{
    struct run *r = parse("a --text one --num=7 b --size 64K --secs 0.25 -pmin=1M c");
    cr_assert(r->good, "%s", r->err);
    cr_assert_str_eq(r->t.text, "one");
    cr_assert_eq(r->t.num.value, 7);
    cr_assert_eq(r->t.millis.value, 250);
    cr_assert_eq(r->t.size.value, 1u << 20, "the later of two wins");
    cr_assert_eq(r->args.words, 3);
    cr_assert_str_eq(r->args.word[2], "c");
}

Test(opt, units)
{
    static const struct {
        const char *line;
        uint64_t value;
    } cases[] = {{"--size 2k", 2048},       {"--size 1G", 1u << 30}, {"--size 0x10", 16},
                 {"--many 2k", 2000},       {"--many 3M", 3000000},  {"--many 7", 7},
                 {"--many 1G", 1000000000}, {"--size 0x1K", 1024}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct run *r = parse(cases[i].line);
        cr_expect(r->good, "%s: %s", cases[i].line, r->err);
        uint64_t have = r->t.size.given ? r->t.size.value : r->t.num.value;
        cr_expect_eq(have, cases[i].value, "%s", cases[i].line);
    }
}

Test(opt, flags_and_counts)
{
    struct run *r = parse("-f -vv -v --verbose -n");
    cr_assert(r->good, "%s", r->err);
    cr_assert(r->t.flag);
    cr_assert_eq(r->t.count, 4);
    cr_assert_eq(r->args.words, 0);
}

Test(opt, optional_value_only_with_equals)
{
    struct run *r = parse("--maybe file");
    cr_assert(r->good);
    cr_assert_str_eq(r->t.maybe, "");
    cr_assert_eq(r->args.words, 1);
    r = parse("--maybe=x file");
    cr_assert_str_eq(r->t.maybe, "x");
}

Test(opt, double_dash_ends_options)
{
    struct run *r = parse("a -- --num -x b");
    cr_assert(r->good);
    cr_assert_eq(r->args.words, 1);
    cr_assert_eq(r->args.guests, 3);
    cr_assert_str_eq(r->args.guest[0], "--num");
}

Test(opt, what_is_refused)
{
    static const struct {
        const char *line, *says;
    } cases[] = {
        {"--numm 3", "'--num'"},
        {"--tex", "'--text'"},
        {"-pmni 1", "'-pmin'"},
        {"--zzzzzzzz", "--help"},
        {"-q", "unknown option '-q'"},
        {"--num", "needs a value"},
        {"--num --", "needs a value"},
        {"--num 0", "must lie in"},
        {"--num 101", "must lie in"},
        {"--num 12x", "needs a number"},
        {"--num -1", "needs a number"},
        {"--num 0x", "needs a number"},
        {"--num 99999999999999999999", "needs a number"},
        {"--num 4K", "needs a number"},
        {"--size 4T", "needs a size"},
        {"--size 4KK", "needs a size"},
        {"--many x", "needs a number"},
        {"--size 99999999999999999G", "needs a size"},
        {"--secs 0", "seconds"},
        {"--secs -1", "seconds"},
        {"--secs nan", "seconds"},
        {"--secs inf", "seconds"},
        {"--flag=1", "takes no value"},
        {"-node", "not here"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct run *r = parse(cases[i].line);
        cr_expect_not(r->good, "%s", cases[i].line);
        cr_expect(strstr(r->err, cases[i].says), "%s: %s", cases[i].line, r->err);
    }
}

Test(opt, a_lone_dash_is_a_word)
{
    struct run *r = parse("- x");
    cr_assert(r->good);
    cr_assert_eq(r->args.words, 2);
}

Test(opt, distance)
{
    cr_assert_eq(opt_distance("", ""), 0);
    cr_assert_eq(opt_distance("abc", "abc"), 0);
    cr_assert_eq(opt_distance("abc", "abd"), 1);
    cr_assert_eq(opt_distance("abc", "ab"), 1);
    cr_assert_eq(opt_distance("kitten", "sitting"), 3);
    char longer[200];
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    cr_assert_gt(opt_distance(longer, "a"), 30, "long words are far, and safe");
}

Test(opt, nearest)
{
    static const char *const names[] = {"run", "info", "dump", "seg"};
    cr_assert_str_eq(opt_nearest("rnu", names, 4), "run");
    cr_assert_str_eq(opt_nearest("inf", names, 4), "info");
    cr_assert_null(opt_nearest("zebra", names, 4));
}

Test(opt, words_of_a_string)
{
    char line[] = "  one \"two three\"  f\"o u\"r ";
    char *word[4];
    cr_assert_eq(words_split(line, word, 4), 3);
    cr_assert_str_eq(word[0], "one");
    cr_assert_str_eq(word[1], "two three");
    cr_assert_str_eq(word[2], "fo ur");
    char many[] = "a b c";
    cr_assert_eq(words_split(many, word, 2), -1);
    char none[] = "   ";
    cr_assert_eq(words_split(none, word, 4), 0);
}
