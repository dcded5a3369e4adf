/* table.c: cells and points of a row, and their sum (see table.h). */
#include "table.h"

#include <stdlib.h>

#include "trial.h"

enum { LINE_MAX = 12 };

struct cell {
    struct trial trial; /* without the samples */
    const char *count;
    const char *what; /* beyond mode and operand */
};

/* A line of the table: cells that agree in all but the mode. */
struct line {
    char modes[16], text[512];
};

struct row_result {
    bool wrong, blank;
    unsigned cells, lines;
    struct line line[LINE_MAX];
};

struct table {
    const struct book *book;
    struct rig *rig;
    FILE *out;
    struct table_sum *sum;
    struct row_result row;
    bool excused;
};

/* A line that cannot be right as it is printed; what is charged instead is in docs/clocks.md. */
static bool is_excused(const struct book_row *row)
{
    return strstr(row->note, "str-as-ltr") || strstr(row->note, "inc-blank");
}

/* --- one point --- */

struct points {
    char text[400];
    unsigned n, wrong;
};

static void add_text(struct points *p, const char *text)
{
    size_t used = strlen(p->text);
    snprintf(p->text + used, sizeof p->text - used, " %s", text);
}

static void count_point(struct table *t, int book, int charged)
{
    struct table_sum *sum = t->sum;
    unsigned error = (unsigned)(book < charged ? charged - book : book - charged);
    sum->points++;
    if (charged < 0) sum->failed_points++;
    if (t->excused) return;
    sum->compared_points++;
    sum->error_sum += error;
    if (error > sum->error_max) sum->error_max = error;
    if (error == 0) sum->exact_points++;
}

/* `book` < 0: no count is printed. */
static void point(struct table *t, struct points *p, const struct trial *trial, int book,
                  const char *label)
{
    char text[64];
    int charged = trial_run(t->rig, trial);
    bool wrong = book != charged;
    if (wrong && book >= 0)
        snprintf(text, sizeof text, "%s%d(book %d)", label, charged, book);
    else
        snprintf(text, sizeof text, "%s%d", label, charged);
    add_text(p, text);
    p->n++;
    p->wrong += wrong;
    count_point(t, book, charged);
}

/* --- the samples of a cell --- */

static void multiply_point(struct table *t, struct points *p, const struct cell *c, uint32_t value,
                           uint32_t magnitude)
{
    struct trial trial = c->trial;
    int low = 0, high = 0;
    char label[16];
    (void)!book_range(c->count, &low, &high);
    int book = book_multiply(magnitude) + low - 9; /* 3 more for a memory operand */
    trial.value = value;
    snprintf(label, sizeof label, "%x:", (unsigned)value);
    point(t, p, &trial, book > high ? high : book, label);
}

/* Bits of the multiplier: the immediate, or the operand named last. */
static unsigned multiplier_bits(const struct book_row *row)
{
    const char *imm = strstr(row->operands, "imm");
    if (imm) return (unsigned)strtoul(imm + 3, NULL, 10);
    return 8 * trial_width(row);
}

static void multiply_points(struct table *t, struct points *p, const struct cell *c)
{
    static const uint32_t samples[] = {0, 1, 2, 8, 9, 16, 17, 100};
    unsigned bits = multiplier_bits(c->trial.row);
    uint32_t top = 1u << (bits - 1), mask = top | (top - 1);
    bool is_signed = !is_named(c->trial.row, "MUL");
    for (unsigned i = 0; i < sizeof samples / sizeof samples[0]; i++)
        multiply_point(t, p, c, samples[i], samples[i]);
    multiply_point(t, p, c, top - 1, top - 1);
    multiply_point(t, p, c, top, top);
    multiply_point(t, p, c, mask, is_signed ? 1 : mask);
    multiply_point(t, p, c, mask - 99, is_signed ? 100 : mask - 99);
}

static uint32_t scan_value(const struct book_row *row, unsigned n)
{
    unsigned top = 8 * trial_width(row) - 1;
    return is_named(row, "BSF") ? 1u << n : 1u << (top - n);
}

static void one_point(struct table *t, struct points *p, const struct cell *c,
                      struct book_terms terms)
{
    struct trial trial = c->trial;
    trial.terms = terms;
    if (trial.row->mnemonic[0] == 'B' && trial.row->mnemonic[1] == 'S')
        trial.value = scan_value(trial.row, (unsigned)terms.n);
    char label[32] = "";
    const char *text = c->count;
    if (book_has(text, 'm')) snprintf(label, sizeof label, "m%d:", terms.m);
    if (book_has(text, 'x')) snprintf(label, sizeof label, "m%d,x%d:", terms.m, terms.x);
    if (book_has(text, 'n')) snprintf(label, sizeof label, "n%d:", terms.n);
    point(t, p, &trial, book_value(c->count, &terms), label);
}

static void letter_points(struct table *t, struct points *p, const struct cell *c)
{
    static const int components[] = {1, 2, 3, 4, 5, 6, -1}, parameters[] = {1, 2, 31, -1};
    static const int times[] = {0, 1, 3, -1}, bits[] = {0, 1, 7, 15, -1}, levels[] = {2, 3, 31, -1};
    static const int none[] = {1, -1};
    const struct book_row *row = c->trial.row;
    bool rep = strncmp(row->mnemonic, "REP", 3) == 0, enter = is_named(row, "ENTER");
    const int *m = book_has(c->count, 'm') ? components : none;
    const int *x = book_has(c->count, 'x') ? parameters : none;
    const int *n = !book_has(c->count, 'n') ? none : rep ? times : enter ? levels : bits;
    for (; *m > 0; m++)
        for (const int *at_x = x; *at_x >= 0; at_x++)
            for (const int *at_n = n; *at_n >= 0; at_n++) {
                if (x != none && *m > 2) continue;
                int args = has_outcome(row, "gate-args") ? *at_x : 0;
                one_point(t, p, c, (struct book_terms){.m = *m, .n = *at_n, .x = args});
            }
}

/* MOV with control registers and others by number. */
static void number_points(struct table *t, struct points *p, const struct cell *c)
{
    const struct book_row *row = c->trial.row;
    const char *numbers = has_operand(row, "CR")       ? "023"
                          : has_operand(row, "DR0 --") ? "0123"
                                                       : "67";
    int counts[3];
    bool listed = sscanf(c->count, "%d:%d:%d", &counts[0], &counts[1], &counts[2]) == 3;
    for (unsigned i = 0; numbers[i]; i++) {
        struct trial trial = c->trial;
        char label[8];
        trial.number = (unsigned)(numbers[i] - '0');
        snprintf(label, sizeof label, "%c:", numbers[i]);
        point(t, p, &trial, listed ? counts[i] : (int)strtol(c->count, NULL, 10), label);
    }
}

static bool switch_wanted(const struct book_row *row, const struct switch_row *s, bool v86)
{
    if (strcmp(row->section, s->section) != 0 || (s->from == KIND_V86) != v86) return false;
    return has_outcome(row, "task-both") || has_outcome(row, "task-return") ||
           s->gate == has_outcome(row, "task-gate");
}

static void switch_points(struct table *t, struct points *p, const struct cell *c)
{
    static const char *const names[] = {"386", "V86", "286"};
    for (unsigned i = 0; i < t->book->switch_count; i++) {
        const struct switch_row *s = &t->book->switches[i];
        struct trial trial = c->trial;
        char label[24];
        if (!switch_wanted(trial.row, s, trial.mode == RIG_V86)) continue;
        trial.task = s;
        trial.terms = (struct book_terms){.m = 1, .t = s->clocks};
        snprintf(label, sizeof label, "%s%s%s:", names[s->from], s->gate ? "=>" : "->",
                 names[s->to]);
        point(t, p, &trial, book_value(c->count, &trial.terms), label);
    }
}

static bool by_number(const struct book_row *row)
{
    return has_operand(row, "CR0") || has_operand(row, "DR") || has_operand(row, "TR");
}

static void run_points(struct table *t, struct points *p, const struct cell *c)
{
    int low, high;
    if (book_has(c->count, 't'))
        switch_points(t, p, c);
    else if (by_number(c->trial.row))
        number_points(t, p, c);
    else if (book_range(c->count, &low, &high))
        multiply_points(t, p, c);
    else
        letter_points(t, p, c);
}

/* --- a cell --- */

static void add_line(struct row_result *row, const struct line *line)
{
    for (unsigned i = 0; i < row->lines; i++) {
        struct line *has = &row->line[i];
        if (strcmp(has->text, line->text) != 0) continue;
        size_t used = strlen(has->modes);
        snprintf(has->modes + used, sizeof has->modes - used, " %s", line->modes);
        return;
    }
    if (row->lines < LINE_MAX) row->line[row->lines++] = *line;
}

static void run_cell(struct table *t, struct cell c)
{
    static const char *const modes[] = {"real", "prot", "v86"};
    struct points p = {.n = 0};
    if (c.trial.value == 0) c.trial.value = 7;
    run_points(t, &p, &c);
    t->sum->cells++;
    t->row.cells++;
    if (p.wrong) t->row.wrong = true;
    struct line line;
    snprintf(line.modes, sizeof line.modes, "%s", modes[c.trial.mode]);
    snprintf(line.text, sizeof line.text, "%s %-8s %8s |%s%s", c.trial.mem ? "mem" : "   ", c.what,
             *c.count ? c.count : "-", p.text, p.wrong ? "  *" : "");
    add_line(&t->row, &line);
}

/* Instructions of CPL 0, and those that V86 and real mode do not know. */
static bool is_privileged(const struct book_row *row)
{
    static const char *const names[] = {"LGDT", "LIDT", "LMSW", "CLTS", "HLT", "LLDT", "LTR"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (is_named(row, names[i])) return true;
    return by_number(row);
}

static unsigned ring_of(const struct book_row *row)
{
    return has_outcome(row, "inner") || has_outcome(row, "gate-inner") ||
                   has_outcome(row, "gate-args")
               ? 3
               : 0;
}

static void cells_of_kind(struct table *t, const struct book_row *row, bool mem, const char *base,
                          const char *pm)
{
    struct cell c = {.trial = {.row = row, .mem = mem, .ring = ring_of(row)}, .what = ""};
    bool plain = row->outcome[0] == '\0' && (*base || t->row.blank), tasks = book_has(base, 't');
    bool from_v86 = has_outcome(row, "from-v86");
    bool real_only =
        plain && strcmp(row->section, "INT/INTO") == 0; /* other modes have lines of their own */
    if (plain && !is_named(row, "LLDT")) {
        c.trial.mode = RIG_REAL;
        c.count = base;
        run_cell(t, c);
    }
    if ((*pm || *base || t->row.blank) && !from_v86 && !real_only) {
        c.trial.mode = RIG_PROT;
        c.count = *pm ? pm : base;
        run_cell(t, c);
    }
    if ((plain && !is_privileged(row) && !real_only) || from_v86 ||
        (tasks && strcmp(row->section, "INT/INTO") == 0)) {
        c.trial.mode = RIG_V86;
        c.count = from_v86 ? pm : *row->checked ? row->checked : base;
        run_cell(t, c);
    }
}

static void cells_of_row(struct table *t, const struct book_row *row)
{
    bool memory = *row->mem || *row->pm_mem || (t->row.blank && has_operand(row, "r/m"));
    if (*row->reg || *row->pm_reg || t->row.blank)
        cells_of_kind(t, row, false, row->reg, row->pm_reg);
    if (memory) cells_of_kind(t, row, true, row->mem, row->pm_mem);
    struct cell c = {.trial = {.row = row, .mode = RIG_PROT, .ring = 3}, .what = "IOPL<CPL"};
    c.count = row->checked;
    if (*row->checked) run_cell(t, c);
    for (int mode = RIG_REAL; *row->no && mode < RIG_MODES; mode++) {
        struct cell no = {.trial = {.row = row, .mode = (enum rig_mode)mode, .unmet = true},
                          .what = "not",
                          .count = row->no};
        run_cell(t, no);
    }
}

static void print_row(const struct table *t, const struct book_row *row)
{
    for (unsigned i = 0; i < t->row.lines; i++)
        fprintf(t->out, "%-11s %-10s %-18s %-11s %-13s %s\n", row->opcode, row->mnemonic,
                row->operands, row->outcome, t->row.line[i].modes, t->row.line[i].text);
    if (t->row.cells == 0) fprintf(t->out, "%s %s: not measured\n", row->opcode, row->mnemonic);
    if (*row->note) fprintf(t->out, "%11s note: %s\n", "", row->note);
}

static void run_row(struct table *t, const struct book_row *row)
{
    struct table_sum *sum = t->sum;
    t->row = (struct row_result){.blank = strstr(row->note, "inc-blank") != NULL};
    t->excused = is_excused(row);
    sum->rows++;
    sum->blank_rows += t->row.blank;
    cells_of_row(t, row);
    bool measured = t->row.cells > 0;
    sum->exact_rows += measured && !t->row.wrong;
    sum->excused_rows += measured && t->row.wrong && t->excused;
    sum->wrong_rows += !measured || (t->row.wrong && !t->excused);
    if (t->out) print_row(t, row);
}

bool table_measure(const struct book *book, FILE *out, struct table_sum *sum)
{
    struct table t = {.book = book, .rig = rig_new(), .out = out, .sum = sum};
    const char *section = "";
    *sum = (struct table_sum){.rows = 0};
    if (!t.rig) return false;
    for (unsigned i = 0; i < book->row_count; i++) {
        const struct book_row *row = &book->rows[i];
        if (out && strcmp(section, row->section) != 0) fprintf(out, "\n%s\n", row->section);
        section = row->section;
        run_row(&t, row);
    }
    rig_free(t.rig);
    return true;
}

void table_summary(const struct table_sum *s, FILE *out)
{
    unsigned long mean = s->compared_points ? 1000 * s->error_sum / s->compared_points : 0;
    fprintf(out, "rows                    %u\n", s->rows);
    fprintf(out, "  exact                 %u\n", s->exact_rows);
    fprintf(out, "  excused by a misprint %u, %u of them without a printed count\n",
            s->excused_rows, s->blank_rows);
    fprintf(out, "  different             %u\n", s->wrong_rows);
    fprintf(out, "cells                   %u\n", s->cells);
    fprintf(out, "points                  %u, not completed %u\n", s->points, s->failed_points);
    fprintf(out, "points compared         %u, exact %u\n", s->compared_points, s->exact_points);
    fprintf(out, "mean absolute error     %lu.%03lu\n", mean / 1000, mean % 1000);
    fprintf(out, "maximum absolute error  %u\n", s->error_max);
}
