/* engine_ref.c: the plain engine: fetch, decode, check, execute, retire; one instruction at a time.
 *
 * Every row of i386.def is instantiated once from the bodies in op_*.h. Nothing is kept from one
 * instruction to the next but struct i386_state (and memo.h, which nobody can see).
 */
#include "access.h"
#include "flag_sets.h"
#include "memo.h"
#include "op_arith.h"
#include "op_bit.h"
#include "op_control.h"
#include "op_move.h"
#include "op_shift.h"
#include "op_stack.h"
#include "op_string.h"
#include "op_system.h"
#include "op_x87.h"
#include "opcode.h"

#include <string.h>

#define DR7_ENABLED 0xffu
#define DR6_BS      0x4000u

/* --- one function for each row --- */

#define ROW(code, ext, name, a, b, c, body, w, u, checks, attrs, level, clocks, section)           \
    static fault_t run_##code##_##ext(struct exec *x)                                              \
    {                                                                                              \
        return op_##body(x, (struct mode){O_##a, O_##b, O_##c, ((attrs)&ATT_BYTE) != 0});          \
    }
#include "i386.def"
#undef ROW

static fault_t run_undefined(struct exec *x)
{
    (void)x;
    return fault_make(VEC_UD, 0, RULE_INSN_UNDEFINED);
}

static fault_t (*const run_row[])(struct exec *x) = {
    run_undefined,
#define ROW(code, ext, ...) run_##code##_##ext,
#include "i386.def"
#undef ROW
};

/* --- fetch --- */

/* Physical address of the next instruction, and how many of its bytes may be taken at once: to the
 * end of the page, of the segment, or enough for any instruction. 0: the byte-wise way has to say why
 * not. */
static inline size_t fetch_window(struct i386_cpu *cpu, phys_t *at)
{
    const struct shadow *cs = &cpu->s.seg[CS].sh;
    uint32_t eip = cpu->s.eip, linear = cs->base + eip;
    if (eip < cs->lo || eip > cs->hi || cpu->hook) return 0;
    uint32_t n = PAGE_SIZE - (linear & PAGE_MASK);
    if (n > MEMO_READ) n = MEMO_READ;
    if (n - 1 > cs->hi - eip) n = cs->hi - eip + 1;
    *at = phys(linear);
    if (cpu->s.cr0 & CR0_PG) {
        struct page_env env = cpu_page_env(cpu);
        if (is_fault(page_translate(&env, lin(linear), ACCESS_FETCH, acc_user(cpu), at))) return 0;
    }
    at->v &= cpu->bus->a20_mask;
    return n;
}

/* Byte by byte: each one is checked against the limit, then translated. */
static fault_t fetch_bytewise(struct i386_cpu *cpu, bool code32, struct insn *in)
{
    const struct seg *cs = &cpu->s.seg[CS];
    struct page_env env = cpu_page_env(cpu);
    uint8_t bytes[INSN_MAX];
    for (unsigned n = 0; n < INSN_MAX; n++) {
        eff_t off = eff(cpu->s.eip + n);
        fault_t f = segm_check_access(cs, false, off, 1, ACCESS_FETCH, NULL);
        if (!is_fault(f)) f = lin_fetch(&env, segm_linear(cs, off), acc_user(cpu), &bytes[n]);
        if (is_fault(f)) return acc_refuse(cpu, CS, off, 1, ACCESS_FETCH, f);
        if (decode(bytes, n + 1, code32, in) == DECODE_OK) return fault_none();
    }
    return fault_make(VEC_GP, 0, RULE_INSN_TOO_LONG);
}

/* The instruction is remembered, or decoded into `copy` when it cannot be taken at once. */
static inline fault_t fetch(struct i386_cpu *cpu, struct insn *copy, const struct insn **in)
{
    bool code32 = shadow_big(&cpu->s.seg[CS].sh);
    uint8_t rom[MEMO_READ];
    phys_t at;
    size_t n = fetch_window(cpu, &at);
    const uint8_t *bytes = n ? bus_ram_at(cpu->bus, at.v) : NULL;
    if (UNLIKELY(n && !bytes) && bus_peek(cpu->bus, at, rom, n)) bytes = rom;
    if (LIKELY(bytes && n == MEMO_READ)) {
        struct insn_memo *memo = memo_slot(cpu, at.v);
        if (UNLIKELY(!memo_hit(memo, bytes, code32))) memo_fill(memo, bytes, code32);
        *in = &memo->insn;
        if (LIKELY(memo->mode)) return fault_none();
    }
    *in = copy;
    if (bytes && decode(bytes, n, code32, copy) == DECODE_OK) return fault_none();
    return fetch_bytewise(cpu, code32, copy);
}

/* --- the checks of a row, in the manual's order --- */

#define CHK_OF_MODE (CHK_MEM | CHK_PROT | CHK_CPL0 | CHK_IOPL | CHK_V86IOPL | CHK_FPU | CHK_WAIT)

static fault_t check_encoding(const struct exec *x)
{
    unsigned checks = x->row->checks;
    bool mem = insn_is_mem(x->in);
    if (x->in->row == ROW_UNDEFINED) return fault_none();
    if (x->in->lock && !(checks & CHK_LOCK)) return fault_make(VEC_UD, 0, RULE_INSN_LOCK);
    if (x->in->lock && (checks & CHK_NOLOCKREG) && !mem)
        return fault_make(VEC_UD, 0, RULE_INSN_LOCK_REGISTER);
    if ((checks & CHK_MEM) && !mem) return fault_make(VEC_UD, 0, RULE_INSN_MEMORY_OPERAND);
    return fault_none();
}

static bool v86_sensitive(const struct i386_state *s)
{
    return state_v86(s) && FL_IOPL_OF(s->eflags) < 3;
}

static fault_t check_mode(const struct exec *x)
{
    const struct i386_state *s = &x->cpu->s;
    unsigned checks = x->row->checks;
    if ((checks & CHK_PROT) && !state_descriptors(s))
        return fault_make(VEC_UD, 0, RULE_INSN_PROTECTED_ONLY);
    if ((checks & CHK_V86IOPL) && v86_sensitive(s))
        return fault_make(VEC_GP, 0, RULE_INSN_V86_IOPL);
    if ((checks & CHK_CPL0) && s->cpl != 0) return fault_make(VEC_GP, 0, RULE_INSN_CPL0);
    if ((checks & CHK_IOPL) && s->cpl > FL_IOPL_OF(s->eflags))
        return fault_make(VEC_GP, 0, RULE_INSN_IOPL);
    if ((checks & CHK_FPU) && (s->cr0 & CR0_EM))
        return fault_make(VEC_NM, 0, RULE_INSN_FPU_EMULATE);
    if ((checks & CHK_FPU) && (s->cr0 & CR0_TS))
        return fault_make(VEC_NM, 0, RULE_INSN_FPU_SWITCHED);
    if ((checks & CHK_WAIT) && (s->cr0 & (CR0_MP | CR0_TS)) == (CR0_MP | CR0_TS))
        return fault_make(VEC_NM, 0, RULE_INSN_WAIT_SWITCHED);
    return fault_none();
}

static inline fault_t check(const struct exec *x)
{
    if (LIKELY(!x->in->lock && !(x->row->checks & CHK_OF_MODE))) return fault_none();
    TRY(check_encoding(x));
    return check_mode(x);
}

/* --- one instruction --- */

static inline uint32_t base_clocks(const struct exec *x)
{
    const struct row_clocks *c = &x->row->clocks;
    if (UNLIKELY(c->prot_reg || c->prot_mem || c->rule == CLKR_SIZE))
        return clocks_base(x->cpu, x->in);
    return insn_is_mem(x->in) ? c->mem : c->reg;
}

static inline void told(const struct exec *x, bool retired)
{
    const struct cpu_observer *obs = x->cpu->obs;
    if (LIKELY(!obs)) return;
    if (!retired && obs->insn) obs->insn(obs->ctx, x->cpu, x->in);
    if (retired && obs->retired) obs->retired(obs->ctx, x->cpu, x->in);
}

static inline fault_t execute(struct exec *x, struct insn *copy)
{
    struct i386_cpu *cpu = x->cpu;
    const struct insn *in = NULL;
    if (UNLIKELY(cpu->s.dr[7] & DR7_ENABLED)) TRY(debug_fetch(cpu));
    TRY(fetch(cpu, copy, &in));
    *x = (struct exec){.cpu = cpu,
                       .in = in,
                       .row = &i386_rows[in->row],
                       .next_eip = cpu->s.eip + in->len,
                       .ea = operand_address(&cpu->s, in)};
    told(x, false);
    TRY(check(x));
    x->clocks = base_clocks(x);
    return run_row[in->row](x);
}

/* The one place where an instruction becomes history. Between iterations of REP the instruction
 * stays, with RF so that a breakpoint on it is not met again. `tf`: TF when it began. */
static inline enum cpu_step retire(struct exec *x, uint32_t tf)
{
    struct i386_state *s = &x->cpu->s;
    if (LIKELY(!x->rep_again)) s->eip = x->next_eip;
    if (!x->keep_rf) s->eflags &= ~FL_RF;
    if (UNLIKELY(x->rep_again)) s->eflags |= FL_RF;
    if (UNLIKELY(tf && !x->no_step)) s->pending_db |= DR6_BS;
    s->inhibit = x->inhibit;
    s->clocks += x->clocks;
    s->insns++;
    told(x, true);
    return UNLIKELY(x->personality) ? STEP_PERSONALITY : STEP_RETIRED;
}

static inline bool needs_attention(const struct i386_cpu *cpu)
{
    const struct i386_state *s = &cpu->s;
    return s->pending_db || s->nmi_pending || s->activity != ACT_RUN ||
           (cpu->intr && (s->eflags & FL_IF));
}

static inline enum cpu_step step_one(struct i386_cpu *cpu)
{
    struct i386_state *s = &cpu->s;
    if (UNLIKELY(needs_attention(cpu))) {
        enum cpu_step step;
        if (event_boundary(cpu, &step)) return step;
        if (s->activity != ACT_RUN) return s->activity == ACT_HLT ? STEP_HALTED : STEP_SHUTDOWN;
    }
    struct exec x = {.cpu = cpu};
    struct insn copy;
    uint32_t tf = s->eflags & FL_TF;
    cpu->refused.valid = false;
    fault_t fault = execute(&x, &copy);
    if (UNLIKELY(is_fault(fault))) return event_fault(cpu, fault);
    return retire(&x, tf);
}

/* --- the processor --- */

enum cpu_step cpu_step(struct i386_cpu *cpu)
{
    return step_one(cpu);
}

/* An event counts as a step, so that a guest whose handlers only fault cannot hold the host. */
enum cpu_step cpu_run(struct i386_cpu *cpu, uint64_t insns, uint64_t until_clocks)
{
    for (; insns && cpu->s.clocks < until_clocks && !cpu->stop; insns--) {
        enum cpu_step step = step_one(cpu);
        if (UNLIKELY(step != STEP_RETIRED && step != STEP_EVENT)) return step;
    }
    return STEP_RETIRED;
}

/* Time goes on over a reset. */
void cpu_reset(struct i386_cpu *cpu)
{
    uint64_t clocks = cpu->s.clocks, insns = cpu->s.insns;
    state_reset(&cpu->s);
    if (cpu->x87) x87_reset(&cpu->s.x87);
    if (cpu->x87) cpu->s.cr0 |= CR0_ET; /* found by its ERROR# [386 11.1.1] */
    cpu->s.clocks = clocks;
    cpu->s.insns = insns;
    cpu->chain_len = 0;
    cpu->refused.valid = false;
}

void cpu_init(struct i386_cpu *cpu, struct bus *bus)
{
    memset(cpu, 0, sizeof *cpu);
    cpu->bus = bus;
    cpu_reset(cpu);
}

void cpu_nmi(struct i386_cpu *cpu)
{
    cpu->s.nmi_pending = 1;
}
