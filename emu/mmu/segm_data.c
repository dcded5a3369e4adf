/* segm_data.c: descriptors that a program reads and writes through, and the four that only ask. */
#include "segm_check.h"

#define TYPE_BITS(p) ((uint32_t)((p)->access & 0x1fu)) /* S and type, for the log */

static bool conforming(const struct probe *p)
{
    return desc_is_conforming(p->q.desc);
}

/* --- DS, ES, FS, GS [386 17 MOV] --- */

static bool data_type(struct probe *p)
{
    desc_t d = p->q.desc;
    return must(p, RULE_SEGM_DATA_TYPE, desc_is_segment(d), TYPE_BITS(p), ACC_S) &&
           must(p, RULE_SEGM_DATA_READABLE, desc_is_readable(d), TYPE_BITS(p), ACC_S | ACC_READ);
}

static bool data_privilege(struct probe *p)
{
    return conforming(p) || must_reach(p, RULE_SEGM_DATA_DPL_CPL, RULE_SEGM_DATA_DPL_RPL);
}

/* A task switch looks at P before it looks at privilege [386 table 7-1, tests 13 to 16]; MOV, POP
 * and LxS look at it last. */
bool resolve_data(struct probe *p)
{
    if (p->q.purpose == SEG_TASK_DATA)
        return data_type(p) && must_be_present(p, RULE_SEGM_DATA_PRESENT) && data_privilege(p);
    return data_type(p) && data_privilege(p) && must_be_present(p, RULE_SEGM_DATA_PRESENT);
}

/* --- SS --- */

static bool stack_rpl(struct probe *p)
{
    return must(p, RULE_SEGM_STACK_RPL, p->rpl == p->q.cpl, p->rpl, p->q.cpl);
}

static bool stack_dpl(struct probe *p)
{
    return must(p, RULE_SEGM_STACK_DPL, p->dpl == p->q.cpl, p->dpl, p->q.cpl);
}

static bool stack_type(struct probe *p)
{
    desc_t d = p->q.desc;
    return must(p, RULE_SEGM_STACK_TYPE, desc_is_data(d), TYPE_BITS(p), ACC_S) &&
           must(p, RULE_SEGM_STACK_WRITABLE, desc_is_writable(d), TYPE_BITS(p), ACC_S | ACC_WRITE);
}

/* MOV and RET ask for the type before the DPL, a call through a gate after it [386 17 CALL]. */
bool resolve_stack(struct probe *p)
{
    if (!stack_rpl(p)) return false;
    bool granted = p->q.purpose == SEG_INNER_SS ? stack_dpl(p) && stack_type(p)
                                                : stack_type(p) && stack_dpl(p);
    return granted && must_be_present(p, RULE_SEGM_STACK_PRESENT);
}

/* [386 table 7-1, tests 9 to 12] */
bool resolve_task_stack(struct probe *p)
{
    return stack_type(p) && must_be_present(p, RULE_SEGM_STACK_PRESENT) && stack_dpl(p) &&
           stack_rpl(p);
}

/* --- LAR, LSL, VERR, VERW: P is not looked at --- */

/* One bit for each system type. The page of LSL prints type 8 as valid, table 6-4 as not: table 6-4
 * is right, for type 8 is reserved. */
#define TYPE_BIT(type) (1u << (type))
#define LSL_TYPES                                                                                  \
    (TYPE_BIT(SYS_TSS16_AVAIL) | TYPE_BIT(SYS_LDT) | TYPE_BIT(SYS_TSS16_BUSY) |                    \
     TYPE_BIT(SYS_TSS32_AVAIL) | TYPE_BIT(SYS_TSS32_BUSY))
#define LAR_TYPES                                                                                  \
    (LSL_TYPES | TYPE_BIT(SYS_CALL16) | TYPE_BIT(SYS_TASK_GATE) | TYPE_BIT(SYS_INT16) |            \
     TYPE_BIT(SYS_TRAP16) | TYPE_BIT(SYS_CALL32) | TYPE_BIT(SYS_INT32) | TYPE_BIT(SYS_TRAP32))

static bool ask_type(struct probe *p, enum rule rule, uint32_t valid)
{
    bool ok = desc_is_segment(p->q.desc) || (valid >> desc_type(p->q.desc) & 1u);
    return must(p, rule, ok, TYPE_BITS(p), valid);
}

static bool ask_ver(struct probe *p, enum rule rule, bool granted, uint32_t want)
{
    return must(p, RULE_SEGM_VER_TYPE, desc_is_segment(p->q.desc), TYPE_BITS(p), ACC_S) &&
           must(p, rule, granted, TYPE_BITS(p), want);
}

static bool ask_right_type(struct probe *p)
{
    desc_t d = p->q.desc;
    switch (p->q.purpose) {
    case SEG_LAR: return ask_type(p, RULE_SEGM_LAR_TYPE, LAR_TYPES);
    case SEG_LSL: return ask_type(p, RULE_SEGM_LSL_TYPE, LSL_TYPES);
    case SEG_VERR:
        return ask_ver(p, RULE_SEGM_VERR_READABLE, desc_is_readable(d), ACC_S | ACC_READ);
    default: return ask_ver(p, RULE_SEGM_VERW_WRITABLE, desc_is_writable(d), ACC_S | ACC_WRITE);
    }
}

bool resolve_ask(struct probe *p)
{
    return ask_right_type(p) &&
           (conforming(p) || must_reach(p, RULE_SEGM_ASK_DPL_CPL, RULE_SEGM_ASK_DPL_RPL));
}
