/* segm_check.h: how the segm_*.c files write down a sequence of checks. Private to the mmu layer.
 *
 *   return must(p, RULE_A, ok_a, have, want) &&
 *          must(p, RULE_B, ok_b, have, want) && ...
 *
 * Each must() logs its check; the first that fails sets p->answer.fault and ends the sequence, unless
 * the log carries on: then the sequence goes to its end and the first failure stands. The vector follows
 * from the purpose: segm_vector for what is wrong, segm_absent_vector for P=0.
 */
#ifndef RT386_MMU_SEGM_CHECK_H
#define RT386_MMU_SEGM_CHECK_H

#include "segm.h"

struct probe {
    struct seg_query q;
    struct check_log *log;
    struct seg_answer answer;
    uint8_t access; /* of q.desc */
    uint8_t dpl;    /* of q.desc */
    uint8_t rpl;    /* of q.sel */
};

uint8_t segm_vector(enum seg_purpose purpose);
uint8_t segm_absent_vector(enum seg_purpose purpose);

/* Checks whose refusals are all of one vector and error code. */
struct sequence {
    struct check_log *log;
    fault_t fault; /* of the first check that failed */
    uint32_t error;
    uint8_t vector;
};
struct pair {
    uint32_t have, want;
};
/* Notes a check; the first that fails becomes the fault, with `detail`. True: the sequence goes on. */
bool sequence_judge(struct sequence *s, enum rule rule, bool passed, struct pair values,
                    uint32_t detail);
static inline bool sequence_check(struct sequence *s, enum rule rule, bool passed,
                                  struct pair values, uint32_t detail)
{
    return (passed && !s->log) || sequence_judge(s, rule, passed, values, detail);
}

bool must_judge(struct probe *p, enum rule rule, bool passed, uint32_t have, uint32_t want);
static inline bool must(struct probe *p, enum rule rule, bool passed, uint32_t have, uint32_t want)
{
    return (passed && !p->log) || must_judge(p, rule, passed, have, want);
}
/* P must be 1. */
bool must_be_present(struct probe *p, enum rule rule);
/* DPL must not be smaller than CPL, nor than RPL. */
bool must_reach(struct probe *p, enum rule cpl_rule, enum rule rpl_rule);

/* Each resolves the purposes of its group into p->answer; false, or a fault in p->answer: refused. */
bool resolve_data(struct probe *p);  /* segm_data.c: SEG_DATA, SEG_TASK_DATA */
bool resolve_stack(struct probe *p); /* SEG_STACK, SEG_RET_SS, SEG_INNER_SS */
bool resolve_task_stack(struct probe *p);
bool resolve_ask(struct probe *p);    /* LAR, LSL, VERR, VERW */
bool resolve_target(struct probe *p); /* segm_code.c: SEG_JMP, SEG_CALL */
bool resolve_gate_code(struct probe *p);
bool resolve_int_code(struct probe *p);
bool resolve_return(struct probe *p);
bool resolve_task_code(struct probe *p);
bool resolve_ldt(struct probe *p); /* segm_task.c */
bool resolve_ltr(struct probe *p);
bool resolve_tss_direct(struct probe *p); /* TSS named by JMP or CALL */
bool resolve_task_gate(struct probe *p);  /* task gate named by JMP or CALL */
bool resolve_gate_tss(struct probe *p);   /* TSS named by a task gate */
bool resolve_back_link(struct probe *p);

#endif
