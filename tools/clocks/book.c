/* book.c: reading the tables (see book.h). */
#include "book.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- lines of fields --- */

static unsigned split(char *line, char *field[], unsigned max)
{
    unsigned n = 0;
    line[strcspn(line, "\n")] = '\0';
    for (char *at = line; at && n < max; n++) {
        field[n] = at;
        at = strchr(at, ';');
        if (at) *at++ = '\0';
    }
    return n;
}

static bool copy(char *to, const char *from)
{
    return snprintf(to, BOOK_FIELD, "%s", from) < BOOK_FIELD;
}

static bool add_row(struct book *b, char *field[], unsigned n)
{
    if (n != 12 || b->row_count == BOOK_ROWS) return false;
    struct book_row *r = &b->rows[b->row_count++];
    char *to[12] = {r->section, r->opcode, r->mnemonic, r->operands, r->outcome, r->reg,
                    r->mem,     r->pm_reg, r->pm_mem,   r->checked,  r->no,      r->note};
    for (unsigned i = 0; i < 12; i++)
        if (!copy(to[i], field[i])) return false;
    return true;
}

static enum task_kind kind_named(const char *name)
{
    static const char *const names[] = {"386", "V86", "286"};
    for (unsigned i = 0; i < 3; i++)
        if (strcmp(name, names[i]) == 0) return (enum task_kind)i;
    return KIND_NONE;
}

static bool add_switch(struct book *b, char *field[], unsigned n)
{
    if (n != 5 || b->switch_count == SWITCH_ROWS) return false;
    struct switch_row *r = &b->switches[b->switch_count++];
    r->from = kind_named(field[1]);
    r->to = kind_named(field[2]);
    r->gate = field[3][0] == 'Y';
    r->clocks = atoi(field[4]);
    return copy(r->section, field[0]) && r->from != KIND_NONE && r->to != KIND_NONE;
}

static bool read_file(struct book *b, const char *path,
                      bool (*add)(struct book *, char *[], unsigned))
{
    char line[512], *field[16];
    bool ok = true, heading = true;
    FILE *f = fopen(path, "r");
    if (!f) {
        fprintf(stderr, "clocks: cannot read %s\n", path);
        return false;
    }
    while (ok && fgets(line, sizeof line, f)) {
        if (!heading) ok = add(b, field, split(line, field, 16));
        heading = false;
    }
    fclose(f);
    if (!ok) fprintf(stderr, "clocks: %s: a line is not of the form expected\n", path);
    return ok;
}

struct book *book_read(const char *book_csv, const char *switch_csv)
{
    struct book *b = calloc(1, sizeof *b);
    if (b && read_file(b, book_csv, add_row) && read_file(b, switch_csv, add_switch)) return b;
    free(b);
    return NULL;
}

/* --- counts --- */

static int letter_value(char c, const struct book_terms *t)
{
    return c == 'm' ? t->m : c == 'n' ? t->n : c == 'x' ? t->x : t->t;
}

int book_value(const char *count, const struct book_terms *terms)
{
    int sum = 0;
    if (*count == '\0') return -1;
    for (const char *at = count; *at;) {
        char *end;
        int factor = isdigit((unsigned char)*at) ? (int)strtol(at, &end, 10) : (end = NULL, 1);
        if (end) at = end;
        if (*at && strchr("mnxt", *at)) {
            factor *= letter_value(*at, terms);
            at += *at == 't' ? 2 : 1;
        } else if (!end)
            return -1;
        sum += factor;
        if (*at == '+')
            at++;
        else if (*at)
            return -1;
    }
    return sum;
}

bool book_has(const char *count, char letter)
{
    return strchr(count, letter) != NULL;
}

bool book_range(const char *count, int *low, int *high)
{
    return sscanf(count, "%d..%d", low, high) == 2;
}

int book_multiply(uint32_t magnitude)
{
    int log = 0;
    while (log < 32 && (uint64_t)1 << log < magnitude)
        log++;
    return (log > 3 ? log : 3) + 6;
}
