#include "segm.h"

#include "segm_check.h"

/* --- what follows from the purpose --- */

struct purpose_row {
    const char *text;
    uint8_t vector;        /* for everything but P=0 */
    uint8_t absent_vector; /* for P=0 */
    bool null_accepted;
    bool gdt_only;
    uint16_t null_rule; /* when null is refused */
    bool (*resolve)(struct probe *p);
};

/* Vectors: [386 9.8.10] to [386 9.8.13] and the instruction pages. */
static const struct purpose_row purposes[SEG_PURPOSE_COUNT] = {
    [SEG_DATA] = {"load of a data segment register", VEC_GP, VEC_NP, true, false, RULE_NONE,
                  resolve_data},
    [SEG_STACK] = {"load of SS", VEC_GP, VEC_SS, false, false, RULE_SEGM_NULL_STACK, resolve_stack},
    [SEG_JMP] = {"target of a far JMP", VEC_GP, VEC_NP, false, false, RULE_SEGM_NULL,
                 resolve_target},
    [SEG_CALL] = {"target of a far CALL", VEC_GP, VEC_NP, false, false, RULE_SEGM_NULL,
                  resolve_target},
    [SEG_GATE_JMP] = {"code named by a call gate, for JMP", VEC_GP, VEC_NP, false, false,
                      RULE_SEGM_NULL_GATE, resolve_gate_code},
    [SEG_GATE_CALL] = {"code named by a call gate, for CALL", VEC_GP, VEC_NP, false, false,
                       RULE_SEGM_NULL_GATE, resolve_gate_code},
    [SEG_INT] = {"code named by an interrupt or trap gate", VEC_GP, VEC_NP, false, false,
                 RULE_SEGM_NULL_GATE, resolve_int_code},
    [SEG_RET] = {"CS popped by far RET", VEC_GP, VEC_NP, false, false, RULE_SEGM_NULL,
                 resolve_return},
    [SEG_IRET] = {"CS popped by IRET", VEC_GP, VEC_NP, false, false, RULE_SEGM_NULL,
                  resolve_return},
    [SEG_RET_SS] = {"SS popped by a return to an outer level", VEC_GP, VEC_SS, false, false,
                    RULE_SEGM_NULL_STACK, resolve_stack},
    [SEG_INNER_SS] = {"SS of an inner level, from the TSS", VEC_TS, VEC_SS, false, false,
                      RULE_SEGM_NULL_STACK, resolve_stack},
    [SEG_LLDT] = {"operand of LLDT", VEC_GP, VEC_NP, true, true, RULE_NONE, resolve_ldt},
    [SEG_LTR] = {"operand of LTR", VEC_GP, VEC_NP, false, true, RULE_SEGM_NULL, resolve_ltr},
    [SEG_TASK_GATE] = {"TSS named by a task gate", VEC_GP, VEC_NP, false, true, RULE_SEGM_NULL,
                       resolve_gate_tss},
    [SEG_TASK_IRET] = {"TSS named by the back link", VEC_TS, VEC_NP, false, true, RULE_SEGM_NULL,
                       resolve_back_link},
    [SEG_TASK_LDT] = {"LDT of the new task", VEC_TS, VEC_TS, true, true, RULE_NONE, resolve_ldt},
    [SEG_TASK_CS] = {"CS of the new task", VEC_TS, VEC_NP, false, false, RULE_SEGM_NULL,
                     resolve_task_code},
    [SEG_TASK_SS] = {"SS of the new task", VEC_TS, VEC_SS, false, false, RULE_SEGM_NULL_STACK,
                     resolve_task_stack},
    [SEG_TASK_DATA] = {"data segment register of the new task", VEC_TS, VEC_NP, true, false,
                       RULE_NONE, resolve_data},
    [SEG_LAR] = {"operand of LAR", VEC_GP, VEC_GP, false, false, RULE_SEGM_NULL_ASK, resolve_ask},
    [SEG_LSL] = {"operand of LSL", VEC_GP, VEC_GP, false, false, RULE_SEGM_NULL_ASK, resolve_ask},
    [SEG_VERR] = {"operand of VERR", VEC_GP, VEC_GP, false, false, RULE_SEGM_NULL_ASK, resolve_ask},
    [SEG_VERW] = {"operand of VERW", VEC_GP, VEC_GP, false, false, RULE_SEGM_NULL_ASK, resolve_ask},
};

static const struct purpose_row *row_of(enum seg_purpose purpose)
{
    return &purposes[(unsigned)purpose < SEG_PURPOSE_COUNT ? purpose : SEG_DATA];
}

uint8_t segm_vector(enum seg_purpose purpose)
{
    return row_of(purpose)->vector;
}
uint8_t segm_absent_vector(enum seg_purpose purpose)
{
    return row_of(purpose)->absent_vector;
}
const char *segm_purpose_text(enum seg_purpose purpose)
{
    return row_of(purpose)->text;
}

/* --- one check --- */

void check_note(struct check_log *log, struct check check)
{
    if (!log) return;
    check.state = (uint8_t)(log->refused   ? CHECK_NOT_REACHED
                            : check.passed ? CHECK_PASSED
                                           : CHECK_FAILED);
    check.passed = check.state == CHECK_PASSED;
    log->refused |= !check.passed;
    if (log->count < CHECK_LOG_MAX) log->at[log->count++] = check;
}

bool sequence_judge(struct sequence *s, enum rule rule, bool passed, struct pair values,
                    uint32_t detail)
{
    check_note(s->log, (struct check){.rule = (uint16_t)rule,
                                      .passed = passed,
                                      .have = values.have,
                                      .want = values.want});
    if (passed) return true;
    if (!is_fault(s->fault)) s->fault = fault_detail(s->vector, s->error, rule, detail);
    return check_carries_on(s->log);
}

static bool must_vector(struct probe *p, enum rule rule, uint8_t vector, bool passed, uint32_t have,
                        uint32_t want)
{
    check_note(p->log, (struct check){
                           .rule = (uint16_t)rule, .passed = passed, .have = have, .want = want});
    if (passed) return true;
    if (!is_fault(p->answer.fault))
        p->answer.fault = fault_detail(vector, SEL_ERROR(p->q.sel), rule, have);
    return check_carries_on(p->log);
}

/* A TSS that is too short is an invalid TSS even where everything else is #GP [386 table 7-1]. */
static uint8_t vector_of(const struct probe *p, enum rule rule)
{
    if (rule == RULE_SEGM_TSS_LIMIT16 || rule == RULE_SEGM_TSS_LIMIT32) return VEC_TS;
    return segm_vector(p->q.purpose);
}

bool must_judge(struct probe *p, enum rule rule, bool passed, uint32_t have, uint32_t want)
{
    return must_vector(p, rule, vector_of(p, rule), passed, have, want);
}

bool must_be_present(struct probe *p, enum rule rule)
{
    bool present = p->access & ACC_PRESENT;
    if (present && !p->log) return true;
    return must_vector(p, rule, segm_absent_vector(p->q.purpose), present, present, 1);
}

bool must_reach(struct probe *p, enum rule cpl_rule, enum rule rpl_rule)
{
    return must(p, cpl_rule, p->dpl >= p->q.cpl, p->dpl, p->q.cpl) &&
           must(p, rpl_rule, p->dpl >= p->rpl, p->dpl, p->rpl);
}

/* --- selectors --- */

/* A return looks at the RPL before it looks for null [386 17 RET]. */
static bool is_return(enum seg_purpose purpose)
{
    return purpose == SEG_RET || purpose == SEG_IRET;
}

static fault_t null_refused(uint16_t sel, uint8_t cpl, enum seg_purpose purpose,
                            struct check_log *log)
{
    struct sequence s = {.log = log, .vector = segm_vector(purpose)};
    uint32_t rpl = SEL_RPL(sel);
    enum rule rule = (enum rule)row_of(purpose)->null_rule;
    if (!is_return(purpose) ||
        sequence_check(&s, RULE_SEGM_RET_RPL, rpl >= cpl, (struct pair){rpl, cpl}, rpl))
        (void)sequence_check(&s, rule, false, (struct pair){sel, 0}, sel);
    return s.fault;
}

bool segm_null(uint16_t sel, uint8_t cpl, enum seg_purpose purpose, fault_t *fault,
               struct check_log *log)
{
    const struct purpose_row *row = row_of(purpose);
    *fault = fault_none();
    if (!SEL_NULL(sel)) {
        if (!row->null_accepted)
            check_note(log, (struct check){.rule = row->null_rule, .passed = true, .have = sel});
        return false;
    }
    if (!row->null_accepted) *fault = null_refused(sel, cpl, purpose, log);
    return true;
}

fault_t segm_locate(const struct dtable *gdtr, const struct seg *ldtr, uint16_t sel,
                    enum seg_purpose purpose, lin_t *where, struct check_log *log)
{
    struct sequence s = {.log = log, .vector = segm_vector(purpose), .error = SEL_ERROR(sel)};
    uint32_t first = sel & 0xfff8u, last = first + 7;
    bool local = SEL_TI(sel), ldt = ldtr->sh.usable;
    uint32_t limit = local ? ldtr->sh.limit : gdtr->limit;
    enum rule inside = local ? RULE_SEGM_TABLE_LDT : RULE_SEGM_TABLE_GDT;
    if (row_of(purpose)->gdt_only &&
        !sequence_check(&s, RULE_SEGM_GDT_ONLY, !local, (struct pair){local, 0}, sel))
        return s.fault;
    if (local && !sequence_check(&s, RULE_SEGM_LDT_NONE, ldt, (struct pair){ldt, 1}, ldtr->sel))
        return s.fault;
    (void)sequence_check(&s, inside, last <= limit, (struct pair){last, limit}, limit);
    if (!is_fault(s.fault)) *where = lin((local ? ldtr->sh.base : gdtr->base) + first);
    return s.fault;
}

/* --- descriptors --- */

/* What a granted load leaves in the register and in the table. */
static void grant_segment(struct probe *p)
{
    bool asks = p->q.purpose >= SEG_LAR;
    desc_t image = asks ? p->q.desc : desc_with_accessed(p->q.desc);
    p->answer.image = image;
    p->answer.write_back = image.raw != p->q.desc.raw;
    p->answer.sh = shadow_of(image);
}

static bool kind_has_shadow(enum seg_kind kind)
{
    return kind == KIND_SEGMENT || kind == KIND_TSS || kind == KIND_LDT;
}

static enum seg_kind kind_of(desc_t d)
{
    if (desc_is_segment(d)) return KIND_SEGMENT;
    if (desc_is_call_gate(d)) return KIND_CALL_GATE;
    if (desc_is_system(d, SYS_TASK_GATE)) return KIND_TASK_GATE;
    if (desc_is_tss(d)) return KIND_TSS;
    if (desc_is_system(d, SYS_LDT)) return KIND_LDT;
    return KIND_INT_GATE; /* what else is granted by LAR alone */
}

struct seg_answer segm_resolve(struct seg_query query, struct check_log *log)
{
    struct probe p = {.q = query,
                      .log = log,
                      .answer = {.image = query.desc, .sh = shadow_null(), .new_cpl = query.cpl},
                      .access = desc_access(query.desc),
                      .dpl = (uint8_t)desc_dpl(query.desc),
                      .rpl = (uint8_t)SEL_RPL(query.sel)};
    if (!row_of(query.purpose)->resolve(&p) || is_fault(p.answer.fault)) return p.answer;
    p.answer.kind = kind_of(query.desc);
    if (kind_has_shadow(p.answer.kind)) grant_segment(&p);
    return p.answer;
}

/* --- the IDT --- */

#define IDT_ERROR(vector) ((uint32_t)(vector)*8 + 2)

fault_t segm_idt_locate(const struct dtable *idtr, uint8_t vector, lin_t *where,
                        struct check_log *log)
{
    struct sequence s = {.log = log, .vector = VEC_GP, .error = IDT_ERROR(vector)};
    uint32_t first = (uint32_t)vector * 8, last = first + 7, limit = idtr->limit;
    (void)sequence_check(&s, RULE_SEGM_IDT_LIMIT, last <= limit, (struct pair){last, limit}, limit);
    if (!is_fault(s.fault)) *where = lin(idtr->base + first);
    return s.fault;
}

static bool idt_type_legal(desc_t d)
{
    return desc_is_system(d, SYS_TASK_GATE) || desc_is_system(d, SYS_INT16) ||
           desc_is_system(d, SYS_TRAP16) || desc_is_system(d, SYS_INT32) ||
           desc_is_system(d, SYS_TRAP32);
}

fault_t segm_idt_gate(desc_t d, uint8_t vector, bool software, uint8_t cpl, struct gate *gate,
                      struct check_log *log)
{
    struct sequence s = {.log = log, .vector = VEC_GP, .error = IDT_ERROR(vector)};
    uint32_t type = desc_access(d) & 0x1fu, dpl = desc_dpl(d);
    bool present = desc_present(d);
    if (!sequence_check(&s, RULE_SEGM_IDT_TYPE, idt_type_legal(d), (struct pair){type, SYS_INT32},
                        type))
        return s.fault;
    if (software &&
        !sequence_check(&s, RULE_SEGM_IDT_DPL, dpl >= cpl, (struct pair){dpl, cpl}, dpl))
        return s.fault;
    s.vector = VEC_NP;
    (void)sequence_check(&s, RULE_SEGM_IDT_PRESENT, present, (struct pair){present, 1}, present);
    if (!is_fault(s.fault)) *gate = desc_gate(d);
    return s.fault;
}
