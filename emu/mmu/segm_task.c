/* segm_task.c: LDT, TSS and task gates. The busy bit is written by the task switch, not here. */
#include "segm_check.h"

#define TYPE_BITS(p) ((uint32_t)((p)->access & 0x1fu))

#define TSS16_LIMIT_MIN 0x2bu
#define TSS32_LIMIT_MIN 0x67u

bool resolve_ldt(struct probe *p)
{
    return must(p, RULE_SEGM_LDT_TYPE, desc_is_system(p->q.desc, SYS_LDT), TYPE_BITS(p), SYS_LDT) &&
           must_be_present(p, RULE_SEGM_LDT_PRESENT);
}

static bool tss_type(struct probe *p)
{
    return must(p, RULE_SEGM_TSS_TYPE, desc_is_tss(p->q.desc), TYPE_BITS(p), SYS_TSS32_AVAIL);
}

static bool tss_available(struct probe *p)
{
    return must(p, RULE_SEGM_TSS_AVAILABLE, desc_is_tss_available(p->q.desc), TYPE_BITS(p),
                SYS_TSS32_AVAIL);
}

static bool tss_present(struct probe *p)
{
    return must_be_present(p, RULE_SEGM_TSS_PRESENT);
}

static bool tss_limit(struct probe *p)
{
    desc_t d = p->q.desc;
    uint32_t limit = desc_limit(d);
    if (desc_is_tss(d) && !desc_is_tss32(d))
        return must(p, RULE_SEGM_TSS_LIMIT16, limit >= TSS16_LIMIT_MIN, limit, TSS16_LIMIT_MIN);
    return must(p, RULE_SEGM_TSS_LIMIT32, limit >= TSS32_LIMIT_MIN, limit, TSS32_LIMIT_MIN);
}

/* LTR does not ask for the limit: no task state is read by it. */
bool resolve_ltr(struct probe *p)
{
    return tss_type(p) && tss_available(p) && tss_present(p);
}

/* JMP and CALL name the TSS itself: any table so far, and the type is a TSS already. The page of
 * CALL prints #TS for its refusals, the page of JMP and [386 9.8.13] #GP: #GP it is. */
bool resolve_tss_direct(struct probe *p)
{
    return must(p, RULE_SEGM_GDT_ONLY, !SEL_TI(p->q.sel), SEL_TI(p->q.sel) != 0, 0) &&
           must_reach(p, RULE_SEGM_TSS_DPL_CPL, RULE_SEGM_TSS_DPL_RPL) && tss_available(p) &&
           tss_present(p) && tss_limit(p);
}

bool resolve_task_gate(struct probe *p)
{
    return must_reach(p, RULE_SEGM_TASK_GATE_DPL_CPL, RULE_SEGM_TASK_GATE_DPL_RPL) &&
           must_be_present(p, RULE_SEGM_TASK_GATE_PRESENT);
}

/* Behind a task gate the DPL of the TSS does not matter [386 7.4]. */
bool resolve_gate_tss(struct probe *p)
{
    return tss_type(p) && tss_available(p) && tss_present(p) && tss_limit(p);
}

bool resolve_back_link(struct probe *p)
{
    return tss_type(p) &&
           must(p, RULE_SEGM_TSS_BUSY, !desc_is_tss_available(p->q.desc), TYPE_BITS(p),
                SYS_TSS32_BUSY) &&
           tss_present(p) && tss_limit(p);
}
