/* segm_access.c: the checks of one access through a loaded segment register. */
#include "segm_check.h"

struct use {
    const struct shadow *sh;
    struct check_log *log;
    uint32_t off;
    enum rule refused; /* the first; RULE_NONE */
};

static bool use_must(struct use *u, enum rule rule, bool passed, uint32_t have, uint32_t want)
{
    check_note(u->log, (struct check){
                           .rule = (uint16_t)rule, .passed = passed, .have = have, .want = want});
    if (passed) return true;
    if (u->refused == RULE_NONE) u->refused = rule;
    return check_carries_on(u->log);
}

static bool right_to_write(struct use *u)
{
    uint8_t access = u->sh->access;
    return use_must(u, RULE_SEGM_WRITE_CODE, !(access & ACC_CODE), access, ACC_S | ACC_WRITE) &&
           use_must(u, RULE_SEGM_WRITE_READ_ONLY, access & ACC_WRITE, access, ACC_S | ACC_WRITE);
}

/* System segments (TSS, LDT) are read and written by the processor itself: no right is asked. */
static bool right_to(struct use *u, enum access access)
{
    uint8_t have = u->sh->access;
    if (!(have & ACC_S) || access == ACCESS_FETCH) return true;
    if (access == ACCESS_WRITE) return right_to_write(u);
    return !(have & ACC_CODE) ||
           use_must(u, RULE_SEGM_READ_EXECUTE_ONLY, have & ACC_READ, have, ACC_S | ACC_READ);
}

static bool inside_down(struct use *u, uint32_t last)
{
    return use_must(u, RULE_SEGM_LIMIT_DOWN_LOW, u->off >= u->sh->lo, u->off, u->sh->limit) &&
           use_must(u, RULE_SEGM_LIMIT_DOWN_HIGH, last >= u->off && last <= u->sh->hi, last,
                    u->sh->hi);
}

/* A limit of FFFFFFFF is no exception: a doubleword must not begin beyond limit - 3 [386 6.3.1.2]. */
static bool inside_up(struct use *u, uint32_t last)
{
    uint32_t hi = u->sh->hi;
    bool wraps = last < u->off;
    return use_must(u, RULE_SEGM_LIMIT_UP, hi == 0xffffffffu || (!wraps && last <= hi), last, hi) &&
           use_must(u, RULE_SEGM_LIMIT_WRAP, !wraps, last, hi);
}

static bool inside(struct use *u, unsigned size)
{
    const struct shadow *sh = u->sh;
    uint32_t last = u->off + (size - 1);
    if ((sh->access & (ACC_S | ACC_CODE | ACC_DOWN)) == (ACC_S | ACC_DOWN))
        return inside_down(u, last);
    return inside_up(u, last);
}

fault_t segm_access_checked(const struct seg *seg, bool is_stack, eff_t off, unsigned size,
                            enum access access, struct check_log *log)
{
    struct use u = {.sh = &seg->sh, .log = log, .off = off.v};
    if (use_must(&u, RULE_SEGM_USE_NULL, seg->sh.usable, seg->sh.usable, 1) && right_to(&u, access))
        (void)inside(&u, size);
    if (u.refused == RULE_NONE) return fault_none();
    return fault_detail(is_stack ? VEC_SS : VEC_GP, 0, u.refused, off.v);
}
