/* The clocks that are charged, against those of the manual (tools/clocks). CLOCKS_DIR and DOCS_DIR come
 * from the build. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clocks.h"
#include "rig.h"
#include "table.h"

static struct book *book(void)
{
    struct book *b = book_read(CLOCKS_DIR "/book.csv", CLOCKS_DIR "/switch.csv");
    cr_assert_not_null(b);
    return b;
}

/* The whole text of a file; the caller frees it. */
static char *read_all(FILE *f)
{
    enum { MAX = 1 << 20 };
    cr_assert_not_null(f);
    char *text = calloc(1, MAX);
    cr_assert_not_null(text);
    size_t n = fread(text, 1, MAX - 1, f);
    cr_assert_lt(n, MAX - 1);
    fclose(f);
    return text;
}

static struct table_sum measured(const struct book *b, FILE *out)
{
    struct table_sum sum;
    cr_assert(table_measure(b, out, &sum));
    return sum;
}

Test(clocks, book_is_complete)
{
    struct book *b = book();
    unsigned sections = 0;
    for (unsigned i = 0; i < b->row_count; i++)
        sections += i == 0 || strcmp(b->rows[i].section, b->rows[i - 1].section) != 0;
    cr_expect_eq(b->row_count, 649, "%u rows", b->row_count);
    cr_expect_eq(sections, 95, "%u tables", sections);
    cr_expect_eq(b->switch_count, 39, "%u task switches", b->switch_count);
    free(b);
}

Test(clocks, every_row_is_exact_or_excused)
{
    struct book *b = book();
    struct table_sum sum = measured(b, NULL);
    cr_expect_eq(sum.rows, 649);
    cr_expect_eq(sum.wrong_rows, 0, "%u rows differ", sum.wrong_rows);
    cr_expect_eq(sum.exact_rows, 643, "%u rows are exact", sum.exact_rows);
    cr_expect_eq(sum.excused_rows, 6);
    cr_expect_eq(sum.failed_points, 0, "%u points were not completed", sum.failed_points);
    cr_expect_eq(sum.compared_points, sum.exact_points);
    cr_expect_eq(sum.error_max, 0);
    free(b);
}

/* A difference of one clock in one row is seen, in every column. */
Test(clocks, a_wrong_count_is_seen)
{
    static const struct {
        const char *mnemonic, *outcome;
        size_t column;
        const char *count;
    } wrong[] = {
        {"AAA", "", offsetof(struct book_row, reg), "5"},
        {"ADD", "", offsetof(struct book_row, mem), "8"},
        {"CALL", "gate-args", offsetof(struct book_row, pm_reg), "94+3x+m"},
        {"CALL", "gate-inner", offsetof(struct book_row, pm_mem), "91+m"},
        {"CALL", "task-both", offsetof(struct book_row, mem), "6+ts"},
        {"INTO", "", offsetof(struct book_row, no), "4"},
        {"IN", "", offsetof(struct book_row, checked), "25"},
        {"REP MOVS", "", offsetof(struct book_row, reg), "5+5n"},
        {"MUL", "", offsetof(struct book_row, reg), "10..14"},
    };
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct book *b = book();
        struct book_row *row = b->rows;
        while (row < b->rows + b->row_count &&
               (strcmp(row->mnemonic, wrong[i].mnemonic) != 0 ||
                strcmp(row->outcome, wrong[i].outcome) != 0 || !((char *)row)[wrong[i].column]))
            row++;
        cr_assert_lt(row, b->rows + b->row_count);
        snprintf((char *)row + wrong[i].column, BOOK_FIELD, "%s", wrong[i].count);
        struct table_sum sum = measured(b, NULL);
        cr_expect_eq(sum.wrong_rows, 1, "%s %s: %u rows differ", row->mnemonic, row->outcome,
                     sum.wrong_rows);
        cr_expect_gt(sum.error_max, 0);
        free(b);
    }
}

Test(clocks, table_is_the_one_on_record)
{
    struct book *b = book();
    FILE *out = tmpfile();
    cr_assert_not_null(out);
    struct table_sum sum = measured(b, out);
    fputc('\n', out);
    table_summary(&sum, out);
    rewind(out);
    char *is = read_all(out), *want = read_all(fopen(CLOCKS_DIR "/table.txt", "r"));
    size_t at = 0;
    while (is[at] && is[at] == want[at])
        at++;
    cr_expect_str_eq(is, want, "byte %zu: %.80s", at, is + at);
    free(is);
    free(want);
    free(b);
}

Test(clocks, docs_hold_the_summary)
{
    struct book *b = book();
    FILE *out = tmpfile();
    cr_assert_not_null(out);
    struct table_sum sum = measured(b, NULL);
    table_summary(&sum, out);
    rewind(out);
    char *is = read_all(out), *docs = read_all(fopen(DOCS_DIR "/clocks.md", "r"));
    cr_expect_not_null(strstr(docs, is), "docs/clocks.md lacks:\n%s", is);
    free(is);
    free(docs);
    free(b);
}

/* --- the parts of the program --- */

Test(clocks, counts_are_read)
{
    static const struct {
        const char *count;
        int value;
    } table[] = {{"7", 7},    {"7+m", 9},    {"94+4x+m", 108}, {"11+4n", 31},
                 {"ts", 300}, {"5+ts", 305}, {"", -1},         {"7-m", -1}};
    struct book_terms terms = {.m = 2, .n = 5, .x = 3, .t = 300};
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++)
        cr_expect_eq(book_value(table[i].count, &terms), table[i].value, "'%s' is %d",
                     table[i].count, book_value(table[i].count, &terms));
}

/* [386 17 IMUL]: max(ceiling(log2 |m|), 3) + 6 */
Test(clocks, multiplier_formula)
{
    static const struct {
        uint32_t magnitude;
        int clocks;
    } table[] = {{0, 9},   {1, 9},    {8, 9},      {9, 10},     {16, 10},
                 {17, 11}, {255, 14}, {65535, 22}, {65536, 22}, {0xffffffff, 38}};
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++)
        cr_expect_eq(book_multiply(table[i].magnitude), table[i].clocks, "%u gives %d",
                     table[i].magnitude, book_multiply(table[i].magnitude));
}

Test(clocks, bad_files_are_refused)
{
    cr_expect_null(book_read("/nonexistent", CLOCKS_DIR "/switch.csv"));
    cr_expect_null(book_read(CLOCKS_DIR "/switch.csv", CLOCKS_DIR "/book.csv"));
}

/* --- a sequence that the manual counts itself [386 3.4.4.1] --- */

/* CMP EAX, 0; JGE; ADD EAX, ECX; DEC EAX; SAR EAX, CL. Printed: 2, 3 or 9, 2, 2, 3 and a total of 12 when
 * the jump is not taken. (The other total, 18, adds up the instructions that the jump leaves out.) */
Test(clocks, the_worked_example)
{
    static const uint8_t code[] = {0x83, 0xf8, 0x00, 0x7d, 0x03, 0x01, 0xc8, 0x48, 0xd3, 0xf8};
    static const struct {
        uint32_t eax;
        unsigned insns, clocks;
    } runs[] = {{0xfffffff7, 5, 12}, {9, 3, 2 + 9 + 3}};
    struct rig *r = rig_new();
    cr_assert_not_null(r);
    for (unsigned i = 0; i < 2; i++) {
        rig_reset(r, RIG_PROT, 0);
        for (unsigned n = 0; n < sizeof code; n++)
            rig_put(r, RIG_CODE + n, 1, code[n]);
        r->cpu.s.gpr[EAX] = runs[i].eax;
        cr_expect_eq(cpu_run(&r->cpu, runs[i].insns, UINT64_MAX), STEP_RETIRED);
        cr_expect_eq(r->cpu.s.eip, RIG_CODE + sizeof code);
        cr_expect_eq(r->cpu.s.clocks, runs[i].clocks, "%u clocks", (unsigned)r->cpu.s.clocks);
    }
    rig_free(r);
}

/* --- what the manual leaves out --- */

enum { DIRECTORY = 0xb000, TABLE = 0xc000 };

static void page_identity(struct rig *r)
{
    rig_put(r, DIRECTORY, 4, TABLE | 7);
    for (uint32_t page = 0; page < 16; page++)
        rig_put(r, TABLE + 4 * page, 4, page << 12 | 7);
    r->cpu.s.cr3 = DIRECTORY;
    r->cpu.s.cr0 |= CR0_PG;
}

static fault_t note_access(void *ctx, lin_t at, unsigned size, enum access access, bool user)
{
    (void)at, (void)size, (void)user;
    if (access != ACCESS_FETCH) ++*(unsigned *)ctx;
    return fault_none();
}

/* `esi`: the operand's address; `code`: at most four bytes. */
static int costly(struct rig *r, uint32_t code, uint32_t esi, bool paging, struct clock_costs costs)
{
    rig_reset(r, RIG_PROT, 0);
    if (paging) page_identity(r);
    rig_put(r, RIG_CODE, 4, code);
    r->cpu.s.gpr[ESI] = esi;
    clocks_set_costs(&r->cpu, &costs);
    return rig_run(r);
}

Test(clocks, costs_of_the_bus)
{
    enum { LOAD = 0x9090068b, ADD_MEM = 0x90900601, INC_REG = 0x90909040, MOVS = 0x909090a5 };
    static const struct {
        const char *what;
        uint32_t code, esi;
        bool paging;
        struct clock_costs costs;
        int clocks;
    } table[] = {
        {"none", LOAD, 0x5000, true, {0, 0, 0}, 4},
        {"one cycle", LOAD, 0x5000, false, {3, 0, 0}, 4 + 3},
        {"two cycles", LOAD, 0x5001, false, {3, 0, 0}, 4 + 6},
        {"misaligned", LOAD, 0x5001, false, {0, 2, 0}, 4 + 2},
        {"both", LOAD, 0x5003, false, {1, 2, 0}, 4 + 2 + 2},
        {"read and write", ADD_MEM, 0x5000, false, {1, 0, 0}, 7 + 2},
        {"no operand", INC_REG, 0x5000, true, {9, 9, 9}, 2},
        {"string", MOVS, 0x5000, false, {1, 0, 0}, 7 + 2},
        {"walk, paging off", LOAD, 0x5000, false, {0, 0, 5}, 4},
        {"walk", LOAD, 0x5000, true, {0, 0, 5}, 4 + 5},
        {"two walks", LOAD, 0x5ffe, true, {0, 0, 5}, 4 + 10},
    };
    struct rig *r = rig_new();
    cr_assert_not_null(r);
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++) {
        int is = costly(r, table[i].code, table[i].esi, table[i].paging, table[i].costs);
        cr_expect_eq(is, table[i].clocks, "%s: %d clocks", table[i].what, is);
    }
    rig_free(r);
}

/* The charge takes nothing from a hook that was there, and goes away. */
Test(clocks, costs_leave_the_hook)
{
    struct rig *r = rig_new();
    unsigned seen = 0;
    struct access_hook hook = {note_access, &seen};
    const struct clock_costs some = {.wait_states = 1}, more = {.wait_states = 2}, none = {0};
    cr_assert_not_null(r);
    rig_reset(r, RIG_PROT, 0);
    r->cpu.hook = &hook;
    clocks_set_costs(&r->cpu, &some);
    clocks_set_costs(&r->cpu, &more);
    rig_put(r, RIG_CODE, 4, 0x9090068b);
    cr_expect_eq(rig_run(r), 4 + 2);
    cr_expect_eq(seen, 1, "%u accesses", seen);
    clocks_set_costs(&r->cpu, &none);
    cr_expect_eq(r->cpu.hook, &hook);
    rig_free(r);
}

/* --- exceptions and interrupts take what INT through the same gate takes --- */

enum { SLOT = 0x30 };
static int interrupt_vector(void *ctx)
{
    return *(int *)ctx;
}

/* The step that delivers, in clocks. An undefined opcode, or the INTR pin. */
static int delivery(struct rig *r, enum rig_mode mode, unsigned ring, uint16_t task, bool external)
{
    int vector = SLOT;
    rig_reset(r, mode, ring);
    rig_vector(r, VEC_UD, task);
    rig_vector(r, SLOT, task);
    rig_put(r, RIG_CODE, 2, external ? 0x9090 : 0xff0f);
    r->cpu.inta = interrupt_vector;
    r->cpu.inta_ctx = &vector;
    r->cpu.intr = external;
    if (external) r->cpu.s.eflags |= FL_IF;
    cr_expect_eq(cpu_step(&r->cpu), STEP_EVENT);
    return (int)r->cpu.s.clocks;
}

Test(clocks, events_take_what_int_takes)
{
    static const struct {
        enum rig_mode mode;
        unsigned ring;
        uint16_t task;
        int clocks;
    } table[] = {
        {RIG_REAL, 0, 0, 37},      {RIG_PROT, 0, 0, 59},      {RIG_PROT, 3, 0, 99},
        {RIG_V86, 3, 0, 119},      {RIG_PROT, 0, SEL_B, 309}, {RIG_PROT, 0, SEL_V, 226},
        {RIG_PROT, 0, SEL_C, 282}, {RIG_V86, 3, SEL_B, 314},  {RIG_V86, 3, SEL_V, 231},
        {RIG_V86, 3, SEL_C, 287},
    };
    struct rig *r = rig_new();
    cr_assert_not_null(r);
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++)
        for (unsigned external = 0; external < 2; external++) {
            int is = delivery(r, table[i].mode, table[i].ring, table[i].task, external);
            cr_expect_eq(is, table[i].clocks, "row %u, %s: %d clocks", i, external ? "INTR" : "#UD",
                         is);
        }
    rig_free(r);
}
