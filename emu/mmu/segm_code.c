/* segm_code.c: code segments and the gates in front of them. */
#include "segm_check.h"

#define TYPE_BITS(p) ((uint32_t)((p)->access & 0x1fu))

static bool must_be_code(struct probe *p, enum rule rule)
{
    return must(p, rule, desc_is_code(p->q.desc), TYPE_BITS(p), ACC_S | ACC_CODE);
}

static bool dpl_equals(struct probe *p, enum rule rule, uint8_t level)
{
    return must(p, rule, p->dpl == level, p->dpl, level);
}

static bool dpl_at_most(struct probe *p, enum rule rule, uint8_t level)
{
    return must(p, rule, p->dpl <= level, p->dpl, level);
}

/* --- far JMP and CALL --- */

static bool straight_code(struct probe *p)
{
    bool granted = desc_is_conforming(p->q.desc)
                       ? dpl_at_most(p, RULE_SEGM_CODE_CONFORM_DPL, p->q.cpl)
                       : must(p, RULE_SEGM_CODE_RPL, p->rpl <= p->q.cpl, p->rpl, p->q.cpl) &&
                             dpl_equals(p, RULE_SEGM_CODE_DPL, p->q.cpl);
    return granted && must_be_present(p, RULE_SEGM_CODE_PRESENT);
}

static bool call_gate(struct probe *p)
{
    return must_reach(p, RULE_SEGM_CALL_GATE_DPL_CPL, RULE_SEGM_CALL_GATE_DPL_RPL) &&
           must_be_present(p, RULE_SEGM_CALL_GATE_PRESENT);
}

bool resolve_target(struct probe *p)
{
    desc_t d = p->q.desc;
    bool code = desc_is_code(d), gate = desc_is_call_gate(d), tss = desc_is_tss(d);
    bool task = desc_is_system(d, SYS_TASK_GATE);
    bool legal = code || gate || tss || task; /* nothing follows for other types */
    if (!must(p, RULE_SEGM_TARGET_TYPE, legal, TYPE_BITS(p), ACC_S | ACC_CODE) || !legal)
        return false;
    if (code) return straight_code(p);
    if (gate) return call_gate(p);
    return tss ? resolve_tss_direct(p) : resolve_task_gate(p);
}

/* --- behind a gate: the RPL of the gate's selector is not looked at --- */

/* Conforming code keeps the CPL; other code gives its own level. */
static uint8_t level_of(const struct probe *p)
{
    return desc_is_conforming(p->q.desc) ? p->q.cpl : p->dpl;
}

static bool gate_privilege(struct probe *p)
{
    if (p->q.purpose == SEG_GATE_CALL) return dpl_at_most(p, RULE_SEGM_GATE_CALL_DPL, p->q.cpl);
    if (desc_is_conforming(p->q.desc))
        return dpl_at_most(p, RULE_SEGM_GATE_JMP_CONFORM_DPL, p->q.cpl);
    return dpl_equals(p, RULE_SEGM_GATE_JMP_DPL, p->q.cpl);
}

bool resolve_gate_code(struct probe *p)
{
    p->answer.new_cpl = level_of(p);
    return must_be_code(p, RULE_SEGM_GATE_CODE) && gate_privilege(p) &&
           must_be_present(p, RULE_SEGM_CODE_PRESENT);
}

/* The page of INT asks for P before it compares privilege [386 17 INT]. */
bool resolve_int_code(struct probe *p)
{
    p->answer.new_cpl = level_of(p);
    return must_be_code(p, RULE_SEGM_GATE_CODE) && must_be_present(p, RULE_SEGM_CODE_PRESENT) &&
           dpl_at_most(p, RULE_SEGM_INT_DPL, p->q.cpl);
}

/* --- back to where a CALL or an interrupt came from --- */

bool resolve_return(struct probe *p)
{
    p->answer.new_cpl = p->rpl;
    if (!must(p, RULE_SEGM_RET_RPL, p->rpl >= p->q.cpl, p->rpl, p->q.cpl)) return false;
    if (!must_be_code(p, RULE_SEGM_RET_CODE)) return false;
    bool granted = desc_is_conforming(p->q.desc) ? dpl_at_most(p, RULE_SEGM_RET_CONFORM_DPL, p->rpl)
                                                 : dpl_equals(p, RULE_SEGM_RET_DPL, p->rpl);
    return granted && must_be_present(p, RULE_SEGM_CODE_PRESENT);
}

/* --- CS of a new task: P before DPL [386 table 7-1, tests 6 to 8] --- */

bool resolve_task_code(struct probe *p)
{
    if (!must_be_code(p, RULE_SEGM_TASK_CS_CODE)) return false;
    if (!must_be_present(p, RULE_SEGM_CODE_PRESENT)) return false;
    return desc_is_conforming(p->q.desc) ? dpl_at_most(p, RULE_SEGM_TASK_CS_CONFORM_DPL, p->q.cpl)
                                         : dpl_equals(p, RULE_SEGM_TASK_CS_DPL, p->q.cpl);
}
