/* Every row and form once more, for a cause of faults that is not the hook. */
#include "sweep.h"

#include <stdio.h>

struct pass {
    struct sweep *w;
    unsigned states;
    void (*state)(struct sweep *w);
};

static void one_form(const struct pass *p, const struct sweep_form *form)
{
    struct sweep *w = p->w;
    unsigned accesses = w->count.accesses, complaints = w->complaints;
    w->count.forms++;
    for (unsigned i = 0; i < p->states && w->complaints - complaints < 4; i++) {
        w->random = 0x1986u ^ (uint64_t)form->row << 40 ^ (uint64_t)form->variant << 32 ^
                    ((unsigned)form->opsize << 20 | (unsigned)form->adsize << 16 |
                     (unsigned)form->mem << 12) ^
                    (uint64_t)(w->mode - sweep_modes + 1) << 56 ^ (i + 1);
        for (unsigned k = 0; k < 4; k++)
            (void)sweep_random(w, 0);
        sweep_prepare(w, form);
        sweep_plain(w);
        p->state(w);
        if (w->count.accesses == accesses) break; /* nothing but fetches */
    }
    sweep_undo(w);
}

static void one_row(const struct pass *p, unsigned row)
{
    bool mem, reg;
    sweep_has_operand(row, &mem, &reg);
    for (unsigned v = 0; v < sweep_variants(p->w->mode, row); v++)
        for (unsigned k = 0; k < 8; k++) {
            struct sweep_form form = {.row = row,
                                      .opsize = k & 1 ? 4 : 2,
                                      .adsize = k & 2 ? 4 : 2,
                                      .mem = k & 4,
                                      .variant = (uint8_t)v};
            if (!sweep_has_size(p->w->mode, row, form.opsize)) continue;
            if (form.mem ? mem : reg) one_form(p, &form);
        }
}

void sweep_rows(const char *name, unsigned states, bool paging,
                bool (*mode_ok)(const struct sweep_mode *), void (*state)(struct sweep *w))
{
    struct sweep *w = sweep_new();
    struct pass p = {w, states, state};
    w->paging = paging;
    for (unsigned m = 0; m < SW_MODES; m++) {
        if (!mode_ok(&sweep_modes[m])) continue;
        sweep_set_mode(w, &sweep_modes[m]);
        for (unsigned row = 1; row < ROW_COUNT; row++)
            one_row(&p, row);
    }
    const struct sweep_count *c = &w->count;
    fprintf(stderr, "# sweep, %s: %u forms, %u states, %u accesses, %u cases, %u restarts", name,
            c->forms, c->states, c->accesses, c->cases, c->restarts);
    for (unsigned i = 0; i < SWX_COUNT; i++)
        if (c->excepted[i]) fprintf(stderr, "; %s: %u", sweep_exceptions[i].name, c->excepted[i]);
    fprintf(stderr, "\n");
    sweep_free(w);
}
