/* transfer.c: frames, inner stacks and the commit steps that all transfers share. */
#include "transfer.h"

/* --- frames --- */

void frame_add(struct frame *frame, enum element element, uint32_t value)
{
    frame->element[frame->count] = (uint8_t)element;
    frame->at[frame->count++] = value;
}

fault_t frame_probe(const struct stack *st, const struct frame *frame)
{
    struct stack probe = *st;
    for (unsigned i = 0; i < frame->count; i++) {
        TRY(stack_room(&probe, frame->size));
        stack_skip(&probe, -(int32_t)frame->size);
    }
    return fault_none();
}

/* Parameters are counted from the first that is pushed. */
static void note_element(const struct stack *st, const struct frame *frame, unsigned i)
{
    unsigned number = 0;
    while (number < i && frame->element[i - number - 1] == frame->element[i])
        number++;
    const struct cpu_note note = {.kind = NOTE_ELEMENT,
                                  .push = {.element = (enum element)frame->element[i],
                                           .number = (uint8_t)number,
                                           .value = frame->at[i],
                                           .ss = &st->ss}};
    note_tell(st->cpu, &note);
}

/* The hook was told by frame_probe; what it would say now comes too late. */
fault_t frame_fill(struct stack *st, const struct frame *frame)
{
    const struct access_hook *hook = hook_mute(st->cpu);
    fault_t fault = fault_none();
    for (unsigned i = 0; i < frame->count && !is_fault(fault); i++) {
        if (note_wanted(st->cpu)) note_element(st, frame, i);
        fault = stack_push(st, frame->size, frame->at[i]);
    }
    st->cpu->hook = hook;
    return fault;
}

/* --- targets --- */

fault_t target_resolve(struct i386_cpu *cpu, uint16_t sel, uint32_t eip, enum seg_purpose purpose,
                       struct target *to)
{
    to->sel = sel;
    to->eip = eip;
    TRY(descriptor_resolve(cpu, sel, cpu->s.cpl, purpose, &to->code));
    to->cpl = to->code.answer.new_cpl;
    return fault_none();
}

static void note_target(const struct i386_cpu *cpu, const struct shadow *code, uint32_t eip,
                        fault_t fault)
{
    const struct cpu_note note = {
        .kind = NOTE_TARGET,
        .fault = fault,
        .where = lin(code->base + eip),
        .checks = 1,
        .check = {note_check(RULE_FAR_EIP_LIMIT, !is_fault(fault), eip, code->hi)},
        .target = {code, eip}};
    note_tell(cpu, &note);
}

fault_t target_check_eip(const struct i386_cpu *cpu, const struct shadow *code, uint32_t eip)
{
    fault_t fault = fault_none();
    if (eip < code->lo || eip > code->hi) fault = fault_detail(VEC_GP, 0, RULE_FAR_EIP_LIMIT, eip);
    if (note_wanted(cpu)) note_target(cpu, code, eip, fault);
    return fault;
}

void target_commit(struct i386_cpu *cpu, const struct target *to)
{
    struct i386_state *s = &cpu->s;
    s->cpl = to->cpl;
    s->seg[CS].sel = (uint16_t)((to->sel & 0xfffcu) | to->cpl);
    s->seg[CS].sh = to->code.answer.sh;
    s->eip = to->eip;
}

/* --- stacks of inner levels [386 6.3.4.1, 7.1, 13.1] --- */

uint32_t esp_loaded(const struct i386_cpu *cpu, const struct shadow *ss, uint32_t value)
{
    if (shadow_big(ss)) return value;
    return (cpu->s.gpr[ESP] & 0xffff0000u) | (value & 0xffffu);
}

/* 386 TSS: ESPn at 4 + 8n, SSn after it. 286 TSS: SPn at 2 + 4n, SSn after it. The whole slot must
 * be inside the limit, the reserved upper word of SSn too. */
struct tss_slot {
    uint32_t at, last;
    unsigned size;
};

static struct tss_slot slot_of(const struct seg *tr, uint8_t cpl)
{
    unsigned size = tr->sh.access & 8u ? 4 : 2;
    uint32_t at = size * (1 + 2u * cpl);
    return (struct tss_slot){at, at + 2 * size - 1, size};
}

static fault_t inner_stack_pointer(struct i386_cpu *cpu, uint8_t cpl, uint16_t *ss, uint32_t *esp)
{
    const struct seg *tr = &cpu->s.tr;
    const struct tss_slot slot = slot_of(tr, cpl);
    uint32_t sel;
    if (!tr->sh.usable || slot.last > tr->sh.limit)
        return fault_detail(VEC_TS, SEL_ERROR(tr->sel), RULE_FAR_TSS_STACK_LIMIT, slot.last);
    TRY(sys_read(cpu, lin(tr->sh.base + slot.at + slot.size), 2, &sel));
    TRY(sys_read(cpu, lin(tr->sh.base + slot.at), slot.size, esp));
    *ss = (uint16_t)sel;
    return fault_none();
}

static void note_inner(const struct i386_cpu *cpu, uint8_t cpl, uint16_t ss, uint32_t esp,
                       fault_t fault)
{
    const struct seg *tr = &cpu->s.tr;
    const struct tss_slot slot = slot_of(tr, cpl);
    bool inside = fault.rule != RULE_FAR_TSS_STACK_LIMIT;
    const struct cpu_note note = {
        .kind = NOTE_TSS_SS,
        .fault = fault,
        .where = lin(tr->sh.base + slot.at),
        .checks = 1,
        .check = {note_check(RULE_FAR_TSS_STACK_LIMIT, inside, slot.last, tr->sh.limit)},
        .inner = {cpl, (uint8_t)slot.size, ss, esp}};
    note_tell(cpu, &note);
}

fault_t inner_stack_find(struct i386_cpu *cpu, uint8_t cpl, struct inner_stack *inner)
{
    uint32_t esp = 0;
    uint16_t sel = 0;
    fault_t fault = inner_stack_pointer(cpu, cpl, &sel, &esp);
    if (note_wanted(cpu)) note_inner(cpu, cpl, sel, esp, fault);
    TRY(fault);
    TRY(descriptor_resolve(cpu, sel, cpl, SEG_INNER_SS, &inner->ss));
    struct seg ss = {.sel = sel, .sh = inner->ss.answer.sh};
    inner->st = stack_at(cpu, &ss, esp_loaded(cpu, &ss.sh, esp), cpl);
    inner->st.ss_error = 1; /* no room there: #SS names the segment [386 9.8.12] */
    return fault_none();
}

void inner_stack_commit(struct i386_cpu *cpu, const struct inner_stack *inner)
{
    cpu->s.seg[SS] = inner->st.ss;
    stack_commit(&inner->st);
}

/* --- data segments on a change of level --- */

static bool data_valid_outside(const struct seg *seg, uint8_t cpl)
{
    uint8_t access = seg->sh.access;
    bool conforming = (access & (ACC_CODE | ACC_CONFORM)) == (ACC_CODE | ACC_CONFORM);
    return seg->sh.usable && (conforming || shadow_dpl(&seg->sh) >= cpl);
}

static void make_null(struct seg *seg)
{
    *seg = (struct seg){.sel = 0, .sh = shadow_null()};
}

static const enum segreg data_registers[] = {ES, DS, FS, GS};

void outer_null_data(struct i386_state *s)
{
    for (unsigned i = 0; i < 4; i++) {
        struct seg *seg = &s->seg[data_registers[i]];
        if (!data_valid_outside(seg, s->cpl)) make_null(seg);
    }
}

void null_all_data(struct i386_state *s)
{
    for (unsigned i = 0; i < 4; i++)
        make_null(&s->seg[data_registers[i]]);
}

/* --- news for the engine --- */

void exec_transferred(struct exec *x)
{
    x->transferred = true;
    x->next_eip = x->cpu->s.eip;
}

void exec_task_switched(struct exec *x, enum task_how how, bool gate, uint8_t old_kind)
{
    uint32_t pointer = how <= TASK_CALL && insn_is_mem(x->in) ? 5 : 0;
    exec_transferred(x);
    x->keep_rf = true;
    x->no_step = true;
    x->clocks = task_clocks(how, gate, old_kind, task_kind(&x->cpu->s)) + pointer;
}
