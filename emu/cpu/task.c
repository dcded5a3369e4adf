/* task.c: task switches by JMP, CALL, interrupt and IRET [386 7.5, 7.6].
 *
 *             old TSS: busy   NT saved    new TSS: busy   NT          back link
 *   JMP       cleared         as it is    set             as in TSS   -
 *   CALL, INT stays           as it is    set             set         old TR
 *   IRET      cleared         cleared     stays set       as in TSS   -
 *
 * (The manual's table 7-2 says that JMP clears NT of the new task; the chip does not. UNDOC.)
 *
 * Up to the commit point a fault leaves the old task as it was. After it the new task is there, and
 * what is wrong with its segments is its own fault: EIP is that of its first instruction, selectors
 * are loaded, and registers that were not reached yet hold no usable segment.
 */
#include "level.h"
#include "transfer.h"
#include "tss.h"

#define DR6_BT     0x8000u
#define DR7_LOCALS 0x0155u /* L0..L3 and LE */
#define LINK_BYTES 2u

/* A busy bit that has to change: the descriptor as it will be. */
struct busy_change {
    bool wanted;
    lin_t where;
    desc_t image;
};

/* --- stages, for whoever looks --- */

static struct cpu_note stage_note(const struct i386_cpu *cpu, const struct task_request *req,
                                  enum task_stage stage)
{
    return (struct cpu_note){
        .kind = NOTE_TASK,
        .task = {.stage = stage, .from = cpu->s.tr.sel, .to = req->sel, .how = (uint8_t)req->how}};
}

static void tell_stage(const struct i386_cpu *cpu, const struct task_request *req,
                       enum task_stage stage, struct tss_part part, uint32_t value)
{
    if (!note_wanted(cpu)) return;
    struct cpu_note note = stage_note(cpu, req, stage);
    note.where = lin(part.at);
    note.task.size = part.size;
    note.task.value = value;
    note_tell(cpu, &note);
}

/* --- 1. what must hold --- */

static fault_t check_old_tss(const struct i386_cpu *cpu, const struct task_request *req)
{
    const struct seg *tr = &cpu->s.tr;
    uint32_t last = tss_is32(&tr->sh) ? 0x5d : 0x29;
    bool room = tr->sh.usable && tr->sh.limit >= last;
    fault_t fault = fault_none();
    if (!room) fault = fault_detail(VEC_TS, SEL_ERROR(tr->sel), RULE_FAR_OLD_TSS_LIMIT, last);
    if (note_wanted(cpu)) {
        struct cpu_note note = stage_note(cpu, req, STAGE_BEGIN);
        note.fault = fault;
        note.checks = 1;
        note.check[0] = note_check(RULE_FAR_OLD_TSS_LIMIT, room, tr->sh.limit, last);
        note_tell(cpu, &note);
    }
    return fault;
}

/* --- 2. everything that can fault --- */

/* JMP and IRET leave the old task: it is no longer busy. */
static fault_t find_old_busy(struct i386_cpu *cpu, enum task_how how, struct busy_change *old)
{
    const struct i386_state *s = &cpu->s;
    const struct page_env env = cpu_page_cached(cpu);
    if (how != TASK_JMP && how != TASK_IRET) return fault_none();
    old->where = lin(s->gdtr.base + (s->tr.sel & 0xfff8u));
    TRY(lin_read64(&env, old->where, &old->image.raw));
    old->image = desc_with_busy(old->image, false);
    old->wanted = true;
    return sys_touch(cpu, old->where, 8, ACCESS_WRITE);
}

static fault_t find_new_busy(struct i386_cpu *cpu, const struct task_request *req,
                             struct busy_change *new)
{
    if (req->how == TASK_IRET) return fault_none();
    *new = (struct busy_change){true, req->tss->where, desc_with_busy(req->tss->desc, true)};
    return sys_touch(cpu, new->where, 8, ACCESS_WRITE);
}

static bool nests(enum task_how how)
{
    return how == TASK_CALL || how == TASK_INT;
}

static fault_t touch_all(struct i386_cpu *cpu, const struct task_request *req,
                         struct busy_change *old, struct busy_change *new)
{
    const struct shadow *tss = &req->tss->answer.sh;
    TRY(tss_touch_save(cpu, &cpu->s.tr.sh));
    TRY(tss_touch_load(cpu, tss));
    if (nests(req->how)) TRY(sys_touch(cpu, lin(tss->base), LINK_BYTES, ACCESS_WRITE));
    TRY(find_old_busy(cpu, req->how, old));
    return find_new_busy(cpu, req, new);
}

/* --- 3. out of the old task, into the new one: memory --- */

static fault_t write_busy(struct i386_cpu *cpu, const struct busy_change *change)
{
    if (!change->wanted) return fault_none();
    return descriptor_write_access(cpu, change->where, change->image);
}

static fault_t leave_old(struct i386_cpu *cpu, const struct task_request *req,
                         const struct busy_change *old)
{
    uint32_t flags = req->how == TASK_IRET ? req->eflags & ~FL_NT : req->eflags;
    struct tss_image image = tss_image_of(&cpu->s, req->eip, flags);
    TRY(tss_save(cpu, &cpu->s.tr.sh, &image));
    tell_stage(cpu, req, STAGE_SAVED, tss_saved(&cpu->s.tr.sh), image.eip);
    TRY(write_busy(cpu, old));
    if (old->wanted) tell_stage(cpu, req, STAGE_NOT_BUSY, (struct tss_part){old->where.v, 8}, 0);
    return fault_none();
}

static fault_t enter_new(struct i386_cpu *cpu, const struct task_request *req,
                         const struct busy_change *new, struct tss_image *image)
{
    const struct shadow *tss = &req->tss->answer.sh;
    uint16_t link = cpu->s.tr.sel;
    TRY(write_busy(cpu, new));
    if (new->wanted) tell_stage(cpu, req, STAGE_BUSY, (struct tss_part){new->where.v, 8}, 0);
    if (nests(req->how)) {
        TRY(sys_write(cpu, lin(tss->base), LINK_BYTES, link));
        tell_stage(cpu, req, STAGE_LINKED, (struct tss_part){tss->base, LINK_BYTES}, link);
    }
    TRY(tss_load(cpu, tss, image));
    tell_stage(cpu, req, STAGE_FETCHED, tss_fetched(tss), image->eip);
    return fault_none();
}

/* The hook was told by touch_all. */
static fault_t exchange(struct i386_cpu *cpu, const struct task_request *req,
                        const struct busy_change *old, const struct busy_change *new,
                        struct tss_image *image)
{
    const struct access_hook *hook = hook_mute(cpu);
    fault_t fault = leave_old(cpu, req, old);
    if (!is_fault(fault)) fault = enter_new(cpu, req, new, image);
    cpu->hook = hook;
    return fault;
}

/* --- 4. registers --- */

static void load_task_register(struct i386_state *s, const struct task_request *req)
{
    s->tr = (struct seg){.sel = req->sel, .sh = req->tss->answer.sh};
    s->tr.sh.access |= 2u; /* busy */
    s->cr0 |= CR0_TS;
    s->dr[7] &= ~DR7_LOCALS;
}

/* Selectors first, without their segments [386 9.8.11]. */
static void load_selectors(struct i386_state *s, const struct tss_image *image)
{
    for (unsigned i = 0; i < SEGREG_COUNT; i++)
        s->seg[i] = (struct seg){.sel = image->sel[i], .sh = shadow_null()};
    s->ldtr = (struct seg){.sel = image->ldt, .sh = shadow_null()};
    s->cpl = state_v86(s) ? 3 : SEL_RPL(image->sel[CS]);
}

static void load_registers(struct i386_cpu *cpu, const struct task_request *req,
                           const struct tss_image *image)
{
    struct i386_state *s = &cpu->s;
    load_task_register(s, req);
    if (image->has_cr3 && (s->cr0 & CR0_PG)) s->cr3 = image->cr3 & level_cr3(cpu);
    for (unsigned i = 0; i < 8; i++)
        s->gpr[i] = image->gpr[i];
    s->eip = image->eip;
    s->eflags = (image->eflags & level_eflags(cpu)) | FL_1 | (nests(req->how) ? FL_NT : 0);
    load_selectors(s, image);
    if (image->trap) s->pending_db |= DR6_BT;
    if (req->how == TASK_IRET) s->nmi_blocked = 0; /* what follows is the new task's [386 9.2.1] */
}

/* --- 5. in the new task: segments [386 table 7-1, tests 4 to 16] --- */

static fault_t load_ldt(struct i386_cpu *cpu)
{
    struct resolved r;
    TRY(descriptor_resolve(cpu, cpu->s.ldtr.sel, cpu->s.cpl, SEG_TASK_LDT, &r));
    cpu->s.ldtr.sh = r.answer.sh;
    return fault_none();
}

static fault_t load_segment(struct i386_cpu *cpu, enum segreg reg, enum seg_purpose purpose)
{
    struct resolved r;
    TRY(descriptor_resolve(cpu, cpu->s.seg[reg].sel, cpu->s.cpl, purpose, &r));
    TRY(descriptor_write_back(cpu, &r));
    cpu->s.seg[reg].sh = r.answer.sh;
    return fault_none();
}

static fault_t load_segments_v86(struct i386_state *s)
{
    for (unsigned i = 0; i < SEGREG_COUNT; i++)
        s->seg[i].sh = shadow_v86(s->seg[i].sel);
    return fault_none();
}

static fault_t load_segments(struct i386_cpu *cpu)
{
    static const enum segreg data[] = {DS, ES, FS, GS};
    TRY(load_ldt(cpu));
    if (state_v86(&cpu->s)) return load_segments_v86(&cpu->s);
    TRY(load_segment(cpu, CS, SEG_TASK_CS));
    TRY(load_segment(cpu, SS, SEG_TASK_SS));
    for (unsigned i = 0; i < 4; i++)
        TRY(load_segment(cpu, data[i], SEG_TASK_DATA));
    return fault_none();
}

/* --- 6. in the new task: error code and first instruction --- */

static fault_t push_error(struct i386_cpu *cpu, const struct task_request *req)
{
    struct frame frame = {.size = tss_is32(&cpu->s.tr.sh) ? 4 : 2};
    struct stack st = stack_now(cpu);
    if (!req->has_error) return fault_none();
    frame_add(&frame, ELEMENT_ERROR, req->error);
    TRY(frame_probe(&st, &frame));
    TRY(frame_fill(&st, &frame));
    stack_commit(&st);
    return fault_none();
}

static fault_t finish_in_new_task(struct i386_cpu *cpu, const struct task_request *req)
{
    TRY(load_segments(cpu));
    TRY(push_error(cpu, req));
    return target_check_eip(cpu, &cpu->s.seg[CS].sh, cpu->s.eip);
}

fault_t task_switch_full(struct i386_cpu *cpu, const struct task_request *req)
{
    struct busy_change old = {0}, new = {0};
    struct tss_image image;
    uint16_t from = cpu->s.tr.sel;
    TRY(check_old_tss(cpu, req));
    TRY(touch_all(cpu, req, &old, &new));
    /* commit point */
    tell_stage(cpu, req, STAGE_COMMIT, (struct tss_part){0, 0}, 0);
    TRY(exchange(cpu, req, &old, &new, &image));
    tell_stage(cpu, req, STAGE_REGISTERS, (struct tss_part){0, 0}, image.eip);
    load_registers(cpu, req, &image);
    if (cpu->obs && cpu->obs->task) cpu->obs->task(cpu->obs->ctx, cpu, from, req->sel);
    return finish_in_new_task(cpu, req);
}

fault_t task_switch(struct i386_cpu *cpu, uint16_t sel, const struct resolved *r, enum task_how how,
                    uint32_t eip, bool has_error, uint32_t error)
{
    struct task_request req = {sel, r, how, eip, cpu->s.eflags, has_error, error};
    return task_switch_full(cpu, &req);
}

/* For a host that schedules: no privilege is asked, and a halted processor runs again. */
fault_t cpu_task_jump(struct i386_cpu *cpu, uint16_t tss_sel)
{
    struct i386_state *s = &cpu->s;
    uint16_t sel = tss_sel & 0xfffcu;
    struct resolved r;
    if (!state_protected(s)) return fault_make(VEC_GP, sel, RULE_FAR_TASK_MODE);
    TRY(descriptor_resolve(cpu, sel, 0, SEG_TASK_GATE, &r));
    fault_t fault = task_switch(cpu, sel, &r, TASK_JMP, s->eip, false, 0);
    if (s->tr.sel != sel) return fault; /* before the commit point */
    s->activity = ACT_RUN;
    s->inhibit = INHIBIT_NONE;
    return fault;
}

/* --- clocks --- */

uint8_t task_kind(const struct i386_state *s)
{
    if (!tss_is32(&s->tr.sh)) return 2;
    return state_v86(s) ? 1 : 0;
}

/* ts [386 17 CALL, INT, IRET, JMP]; rows by old task, columns by new one: 386, V86, 286. The row of
 * an old V86 task is printed for INT only; elsewhere it takes that of a 386 task. */
static const uint16_t ts_clocks[4][3][3] = {
    [TASK_JMP] = {{303, 220, 276}, {303, 220, 276}, {301, 218, 274}},
    [TASK_CALL] = {{300, 217, 273}, {300, 217, 273}, {298, 217, 273}},
    [TASK_INT] = {{309, 226, 282}, {314, 231, 287}, {307, 224, 280}},
    [TASK_IRET] = {{275, 224, 271}, {275, 224, 271}, {265, 214, 232}},
};
enum { CLOCKS_TASK_GATE = 9 };

uint32_t task_clocks(enum task_how how, bool gate, uint8_t old_kind, uint8_t new_kind)
{
    return ts_clocks[how][old_kind][new_kind] + (gate ? CLOCKS_TASK_GATE : 0u);
}
