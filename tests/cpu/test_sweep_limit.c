/* The segment ends, or begins, inside an access: for each access of an instruction through a segment
 * register, the register's bounds are drawn so that this access is refused. What is left is judged as
 * for a page fault. */
#include <criterion/criterion.h>
#include <string.h>

#include "sweep.h"

static bool any_mode(const struct sweep_mode *mode)
{
    return true;
}

static void repair(struct sweep *w, const struct sweep_cause *cause)
{
    w->at_fault.seg[cause->seg] = w->start.seg[cause->seg];
    w->cpu.s.seg[cause->seg] = w->start.seg[cause->seg];
}

/* The last byte of the access lies outside, or for segments that begin there, the first. */
static void draw_bounds(struct shadow *sh, const struct sweep_use *use, bool down)
{
    if (down) {
        sh->access |= ACC_DOWN;
        sh->limit = use->off;
        sh->lo = use->off + 1;
    } else {
        sh->limit = sh->hi = use->off + use->size - 2;
    }
}

static bool is_far(unsigned row)
{
    switch (i386_rows[row].body) {
    case BODY_CALL_FAR:
    case BODY_CALL_FAR_M:
    case BODY_INT:
    case BODY_INT3:
    case BODY_INT1:
    case BODY_INTO: return true;
    default: return false;
    }
}

static void refuse_use(struct sweep *w, const struct sweep_use *use, bool down)
{
    struct i386_state from = w->start;
    struct sweep_cause cause = {.seg = use->seg, .repair = repair, .optional = is_far(w->form.row)};
    uint8_t vector = use->seg == SS ? VEC_SS : VEC_GP;
    bool ext = i386_rows[w->form.row].body == BODY_INT1; /* delivered as from outside */
    cause.fault = fault_make(vector, ext, RULE_SEGM_LIMIT_UP);
    draw_bounds(&from.seg[use->seg].sh, use, down);
    sweep_case(w, &cause, &from);
    sweep_hookless(w, &cause, &from);
}

/* Each boundary once: REP and frames come back to the same places. */
static bool seen_before(const struct sweep_trail *t, unsigned k)
{
    for (unsigned i = 0; i < k; i++)
        if (t->use[i].seg == t->use[k].seg && t->use[i].off == t->use[k].off &&
            t->use[i].size == t->use[k].size)
            return true;
    return false;
}

static void all_uses(struct sweep *w)
{
    static struct sweep_use use[SW_ACCESSES];
    unsigned count = 0;
    for (unsigned i = 0; i < w->plain.uses; i++)
        if (w->plain.use[i].seg != CS && !seen_before(&w->plain, i)) use[count++] = w->plain.use[i];
    for (unsigned i = 0; i < count; i++) {
        refuse_use(w, &use[i], false);
        refuse_use(w, &use[i], true);
    }
}

Test(sweep_limit, every_access_of_every_form)
{
    sweep_rows("segment limits", 12, false, any_mode, all_uses);
}
