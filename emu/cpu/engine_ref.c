/* engine_ref.c: the plain engine: fetch, decode, check, execute, retire; one instruction at a time.
 *
 * Every row of i386.def is instantiated once from the bodies in op_*.h. Nothing is kept from one
 * instruction to the next but struct i386_state (and memo.h, which nobody can see).
 */
#include "access.h"
#include "boundary.h"
#include "documented.h"
#include "flag_sets.h"
#include "level.h"
#include "memo.h"
#include "op_arith.h"
#include "op_bit.h"
#include "op_control.h"
#include "op_later.h"
#include "op_move.h"
#include "op_shift.h"
#include "op_simd.h"
#include "op_stack.h"
#include "op_string.h"
#include "op_system.h"
#include "op_x87.h"
#include "opcode.h"

#include <string.h>

#define DR6_BS 0x4000u

/* --- each row three times: as it stands; folded for 32-bit operands in registers; and in memory --- */

FOLD bool ran(struct exec *x, fault_t fault)
{
    if (LIKELY(!is_fault(fault))) return true;
    x->fault = fault;
    return false;
}

/* What the choice of the function already says about the instruction; the bodies' tests fold away. */
FOLD void assume(const struct exec *x, struct mode m, bool mem)
{
    bool e = opd_is_e(m.a) || opd_is_e(m.b) || opd_is_e(m.c);
    if (x->in->opsize != 4 || (e && mem != (x->in->mod != 3))) __builtin_unreachable();
}

#define ROW_MODE(a, b, c, attrs) ((struct mode){O_##a, O_##b, O_##c, ((attrs)&ATT_BYTE) != 0})
#define ROW(code, ext, name, a, b, c, body, w, u, checks, attrs, level, clocks, section)           \
    static bool any_##code##_##ext(struct exec *x)                                                 \
    {                                                                                              \
        return ran(x, op_##body(x, ROW_MODE(a, b, c, attrs)));                                     \
    }                                                                                              \
    static bool reg_##code##_##ext(struct exec *x)                                                 \
    {                                                                                              \
        assume(x, ROW_MODE(a, b, c, attrs), false);                                                \
        return ran(x, op_##body(x, ROW_MODE(a, b, c, attrs)));                                     \
    }                                                                                              \
    static bool mem_##code##_##ext(struct exec *x)                                                 \
    {                                                                                              \
        assume(x, ROW_MODE(a, b, c, attrs), true);                                                 \
        return ran(x, op_##body(x, ROW_MODE(a, b, c, attrs)));                                     \
    }
#include "i386.def"
#undef ROW

static bool undefined(struct exec *x)
{
    return ran(x, fault_make(VEC_UD, 0, RULE_INSN_UNDEFINED));
}

struct row_run {
    bool (*any)(struct exec *x), (*reg)(struct exec *x), (*mem)(struct exec *x);
};
static const struct row_run run_row[] = {
    {undefined, undefined, undefined},
#define ROW(code, ext, ...) {any_##code##_##ext, reg_##code##_##ext, mem_##code##_##ext},
#include "i386.def"
#undef ROW
};

/* --- the checks of a row, in the manual's order --- */

#define CHK_OF_MODE                                                                                \
    (CHK_MEM | CHK_PROT | CHK_CPL0 | CHK_IOPL | CHK_V86IOPL | CHK_FPU | CHK_WAIT | CHK_REG |       \
     CHK_MMX | CHK_SSE)
/* Of these, what depends on CR0.EM, MP and TS and CR4.OSFXSR. */
#define CHK_OF_COPROCESSOR (CHK_FPU | CHK_WAIT | CHK_MMX | CHK_SSE)

static fault_t check_encoding(const struct exec *x)
{
    unsigned checks = x->row->checks;
    bool mem = insn_is_mem(x->in);
    if (x->in->row == ROW_UNDEFINED) return fault_none();
    if (x->in->lock && !(checks & CHK_LOCK)) return fault_make(VEC_UD, 0, RULE_INSN_LOCK);
    if (x->in->lock && (checks & CHK_NOLOCKREG) && !mem)
        return fault_make(VEC_UD, 0, RULE_INSN_LOCK_REGISTER);
    if ((checks & CHK_MEM) && !mem) return fault_make(VEC_UD, 0, RULE_INSN_MEMORY_OPERAND);
    if ((checks & CHK_REG) && mem) return fault_make(VEC_UD, 0, RULE_LATER_REGISTER_OPERAND);
    return fault_none();
}

static bool v86_sensitive(const struct i386_state *s)
{
    return state_v86(s) && FL_IOPL_OF(s->eflags) < 3;
}

static fault_t check_simd(const struct exec *x)
{
    const struct i386_state *s = &x->cpu->s;
    if (s->cr0 & CR0_EM) return fault_make(VEC_UD, 0, RULE_SIMD_EMULATE);
    if ((x->row->checks & CHK_SSE) && !(s->cr4 & CR4_OSFXSR))
        return fault_make(VEC_UD, 0, RULE_SIMD_OSFXSR);
    if (s->cr0 & CR0_TS) return fault_make(VEC_NM, 0, RULE_INSN_FPU_SWITCHED);
    return fault_none();
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
    return checks & (CHK_MMX | CHK_SSE) ? check_simd(x) : fault_none();
}

static inline fault_t check(const struct exec *x)
{
    if (LIKELY(!x->in->lock && !(x->row->checks & CHK_OF_MODE))) return fault_none();
    TRY(check_encoding(x));
    return check_mode(x);
}

/* --- what is worked out when an instruction is remembered --- */

/* Is the row's count the same in every mode? */
static bool clocks_fixed(const struct row_clocks *c)
{
    return !c->prot_reg && !c->prot_mem && c->rule != CLKR_SIZE && c->rule != CLKR_IO;
}

/* What the processor makes of a decoded instruction. */
static inline void admit(const struct i386_cpu *cpu, struct insn *in)
{
    if (UNLIKELY(cpu->documented || cpu->no_ice)) documented_decode(cpu, in);
}

/* May this instruction run in the straight loop? It must not change what that loop has looked at
 * before: CS, CPL, control and debug registers, IF; and nothing must be left to check but what run_coprocessor
 * does. */
static bool is_straight(const struct insn *in)
{
    const struct i386_row *row = &i386_rows[in->row];
    unsigned checks = row->checks & CHK_OF_MODE & ~CHK_OF_COPROCESSOR;
    checks &= ~(unsigned)(insn_is_mem(in) ? CHK_MEM : CHK_REG);
    if (in->row == ROW_UNDEFINED || in->lock || checks || !clocks_fixed(&row->clocks)) return false;
    return !(row->attrs & ATT_END) || row_near(row);
}

/* Coprocessor, MMX and SSE in the straight loop. */
static bool run_coprocessor(struct exec *x)
{
    return ran(x, check_mode(x)) && run_row[x->in->row].any(x);
}

/* MOV with an offset in place of ModR/M. */
static bool has_offset(const struct i386_row *row)
{
    return row->op[0] == O_Ob || row->op[0] == O_Ov || row->op[1] == O_Ob || row->op[1] == O_Ov;
}

static void remember(struct i386_cpu *cpu, struct insn_memo *memo, const uint8_t *bytes,
                     bool code32)
{
    const struct insn *in = &memo->insn;
    memo_fill(memo, cpu->level, bytes, code32);
    if (!memo->mode) return;
    admit(cpu, &memo->insn);
    const struct i386_row *row = &i386_rows[in->row];
    const struct row_run *run = &run_row[in->row];
    bool mem = insn_is_mem(in);
    memo->row = row;
    memo->next[0] = memo->next[1] = memo_distance(cpu, memo);
    memo->number = (uint16_t)(memo - cpu->memo);
    memo->straight = is_straight(in) && !(cpu->documented && !documented_straight(row));
    memo->quick = memo->straight && in->len <= 8 ? memo->mode : 0;
    memo->clocks = mem ? row->clocks.mem : row->clocks.reg;
    memo->plain = row_plain(in->row) ? PLAIN_NEW : PLAIN_NOT;
    memo->has_ea = mem || has_offset(row);
    memo->run = in->opsize != 4 ? run->any : mem ? run->mem : run->reg;
    if (row->checks & CHK_OF_COPROCESSOR) memo->run = run_coprocessor;
}

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
        struct page_env env = cpu_page_cached(cpu);
        if (is_fault(page_translate(&env, lin(linear), ACCESS_FETCH, acc_user(cpu), at))) return 0;
    }
    at->v &= cpu->bus->a20_mask;
    return n;
}

/* Byte by byte: each one is checked against the limit, then translated. */
static fault_t fetch_bytewise(struct i386_cpu *cpu, bool code32, struct insn *in)
{
    const struct seg *cs = &cpu->s.seg[CS];
    struct page_env env = cpu_page_cached(cpu);
    uint8_t bytes[INSN_MAX];
    for (unsigned n = 0; n < INSN_MAX; n++) {
        eff_t off = eff(cpu->s.eip + n);
        fault_t f = segm_check_access(cs, false, off, 1, ACCESS_FETCH, NULL);
        if (!is_fault(f)) f = lin_fetch(&env, segm_linear(cs, off), acc_user(cpu), &bytes[n]);
        if (is_fault(f)) return acc_refuse(cpu, CS, off, 1, ACCESS_FETCH, f);
        if (decode_at(cpu->level, bytes, n + 1, code32, in) != DECODE_OK) continue;
        admit(cpu, in);
        return fault_none();
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
    if (LIKELY(bytes && n == MEMO_READ && !cpu->keep_nothing)) {
        struct insn_memo *memo = memo_slot(cpu, at.v);
        if (UNLIKELY(!memo_hit(memo, bytes, memo_mode(code32)))) remember(cpu, memo, bytes, code32);
        *in = &memo->insn;
        if (LIKELY(memo->mode)) return fault_none();
    }
    *in = copy;
    if (!bytes || decode_at(cpu->level, bytes, n, code32, copy) != DECODE_OK)
        return fetch_bytewise(cpu, code32, copy);
    admit(cpu, copy);
    return fault_none();
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
    bool (*row)(struct exec *) = run_row[in->row].any;
    return (UNLIKELY(cpu->documented) ? documented_run(x, row) : row(x)) ? fault_none() : x->fault;
}

/* The one place where an instruction becomes history. Between iterations of REP the instruction
 * stays, with RF so that a breakpoint on it is not met again. `tf`: TF when it began. */
static inline void retire_quietly(struct exec *x, uint32_t tf)
{
    struct i386_state *s = &x->cpu->s;
    if (LIKELY(!x->rep_again)) s->eip = x->next_eip;
    if (!x->keep_rf) s->eflags &= ~FL_RF;
    if (UNLIKELY(x->rep_again)) s->eflags |= FL_RF;
    if (UNLIKELY(tf && !x->no_step)) s->pending_db |= DR6_BS;
    s->inhibit = x->inhibit;
    s->clocks += x->clocks;
    s->insns++;
}

static inline enum cpu_step retire(struct exec *x, uint32_t tf)
{
    retire_quietly(x, tf);
    told(x, true);
    return UNLIKELY(x->personality) ? STEP_PERSONALITY : STEP_RETIRED;
}

static inline enum cpu_step step_one(struct i386_cpu *cpu)
{
    struct i386_state *s = &cpu->s;
    if (UNLIKELY(needs_attention(cpu))) {
        enum cpu_step step;
        if (event_boundary(cpu, &step)) return step;
        if (s->activity != ACT_RUN) return s->activity == ACT_HLT ? STEP_HALTED : STEP_SHUTDOWN;
    }
    if (UNLIKELY(cpu_braked(cpu)) && cpu->brake->begin(cpu->brake->ctx, cpu)) return STEP_HELD;
    struct exec x = {.cpu = cpu};
    struct insn copy;
    uint32_t tf = s->eflags & FL_TF;
    cpu->refused.valid = false;
    fault_t fault = execute(&x, &copy);
    if (UNLIKELY(is_fault(fault))) {
        cpu->refusals += x.in != NULL; /* else it could not be fetched */
        return event_fault(cpu, fault);
    }
    return retire(&x, tf);
}

/* --- the straight loop: what step_one does, with everything that cannot change looked at once --- */

/* The RAM at EIP in one piece: with paging the page, if its translation is kept, so that nothing is
 * walked before step_one would. *before bytes of it lie before EIP. */
static const uint8_t *code_run(struct i386_cpu *cpu, uint32_t *at, uint32_t *before,
                               uint32_t *after)
{
    uint32_t linear = cpu->s.seg[CS].sh.base + cpu->s.eip;
    const uint8_t *ram;
    bool paged = cpu->straight == STRAIGHT_PAGED || cpu->straight == LOGGED_PAGED;
    if (paged) {
        const struct tlb_entry *e = &cpu->pages[tlb_index(linear)];
        *at = e->wire | (linear & PAGE_MASK);
        ram = e->read == tlb_tag(cpu->bus, linear) ? e->bytes + (linear & PAGE_MASK) : NULL;
    } else {
        *at = linear & cpu->bus->a20_mask;
        ram = bus_ram_run(cpu->bus, *at, before, after);
    }
    if (paged || !bus_a20(cpu->bus)) {
        *before = linear & PAGE_MASK;
        *after = PAGE_SIZE - *before;
    }
    return ram;
}

/* Opens the window around EIP as far as RAM in one piece and segment allow. False: the present
 * instruction cannot be fetched at once. */
static bool open_window(struct i386_cpu *cpu)
{
    const struct shadow *cs = &cpu->s.seg[CS].sh;
    uint32_t eip = cpu->s.eip, at, before = 0, after = 0;
    cpu->window.room = cpu->window.span = 0;
    if (eip < cs->lo || eip > cs->hi) return false;
    const uint8_t *ram = code_run(cpu, &at, &before, &after);
    if (!ram) return false;
    if (before > eip - cs->lo) before = eip - cs->lo;
    if (after - 1 > cs->hi - eip) after = cs->hi - eip + 1;
    uint32_t room = before + after;
    cpu->window = (struct code_window){.bytes = ram - before,
                                       .first = eip - before,
                                       .room = room,
                                       .span = room < MEMO_READ ? 0 : room - (MEMO_READ - 1),
                                       .at = at - before,
                                       .mode = memo_mode(shadow_big(cs)),
                                       .generation = cpu->bus->generation};
    return true;
}

/* The log names entries by their numbers, so it is taken before one of them changes. */
static void log_taken(struct i386_cpu *cpu)
{
    struct plain_log *log = cpu->log;
    if (cpu->straight < LOGGED_PHYSICAL || !log->n) return;
    log->take(log->ctx);
}

/* The entry for the instruction at EIP when it is not the expected one, NULL: not for the loop. At the
 * end of the window there are fewer bytes than MEMO_READ, but they may be enough. */
static struct insn_memo *find_straight(struct i386_cpu *cpu, uint32_t *guess)
{
    const struct code_window *w = &cpu->window;
    uint32_t eip = cpu->s.eip;
    uint8_t tail[MEMO_READ] = {0};
    const uint8_t *bytes = window_bytes(cpu, eip);
    if (!bytes && !open_window(cpu)) return NULL;
    uint32_t off = eip - w->first, left = w->room - off;
    bytes = w->bytes + off;
    if (left < MEMO_READ) bytes = memcpy(tail, bytes, left);
    struct insn_memo *memo = memo_slot(cpu, w->at + off);
    *guess = memo_distance(cpu, memo);
    if (!memo_hit(memo, bytes, w->mode)) {
        log_taken(cpu);
        remember(cpu, memo, bytes, w->mode == memo_mode(true));
    }
    return memo->mode && memo->straight && memo->insn.len <= left ? memo : NULL;
}

/* The entry for the instruction at EIP. `guess` is tried first: any entry that holds the bytes is
 * right, and it is known sooner than EIP is. The guess is set right. */
static inline struct insn_memo *next_straight(struct i386_cpu *cpu, uint32_t *guess)
{
    const uint8_t *bytes = window_bytes(cpu, cpu->s.eip);
    struct insn_memo *memo = memo_at(cpu, *guess);
    if (LIKELY(bytes && memo_hit_quick(memo, bytes, cpu->window.mode))) return memo;
    return find_straight(cpu, guess);
}

/* What can come up while the loop runs: a device or another thread wants something. IF stays. */
static inline bool called_for(const struct i386_cpu *cpu, bool interruptible)
{
    return cpu->stop || cpu->s.nmi_pending || (cpu->intr & interruptible);
}

FOLD void enter_straight(struct i386_cpu *cpu, bool logged)
{
    const struct page_env env = cpu_page_cached(cpu);
    cpu->straight = env.paging ? STRAIGHT_PAGED : STRAIGHT_PHYSICAL;
    if (logged) cpu->straight = env.paging ? LOGGED_PAGED : LOGGED_PHYSICAL;
    cpu->pages = cpu->tlb.entry[acc_user(cpu)];
    if (env.paging) page_tlb_sync(&env);
    cpu->refused.valid = false;
}

FOLD void leave_straight(struct i386_cpu *cpu, struct plain_log *log)
{
    if (log && (log->n || log->accesses)) log->take(log->ctx);
    cpu->straight = NOT_STRAIGHT;
    cpu->window.room = cpu->window.span = 0;
}

/* Retirement with more to do than EIP and counts. False: the next boundary is not like the others. */
static bool retire_unusual(struct exec *x)
{
    retire_quietly(x, 0);
    bool again = x->rep_again;
    x->unusual = 0;
    x->rf_was_set = again;
    return !x->cpu->s.inhibit;
}

FOLD void log_state(struct plain_log *log, const struct i386_state *s, uint32_t clocks)
{
    struct plain_state *to = &log->state[log->states++];
    for (unsigned i = 0; i < 8; i++)
        to->x[i] = s->gpr[i];
    to->x[PLAIN_EFLAGS] = s->eflags;
    to->clocks = clocks;
    to->accesses = log->accesses;
    log->behind = false;
}

/* One of which more is wanted than its step, or a new one. False: it is not for the log. */
static bool log_prepares(struct plain_log *log, const struct i386_state *s, struct insn_memo *memo)
{
    if (memo->plain == PLAIN_NEW)
        memo->plain = log->code(log->ctx, memo->number, &memo->code) ? PLAIN_SURE : PLAIN_TOLD;
    if (memo->plain == PLAIN_TOLD && log->behind) log_state(log, s, 0);
    return memo->plain != PLAIN_NOT;
}

/* May the instruction go into the log? Then it has room, knows the bytes, and the state before it if that is wanted. */
FOLD bool log_ready(struct plain_log *log, const struct i386_state *s, struct insn_memo *memo)
{
    if (UNLIKELY(!log->n && memo->plain != PLAIN_NOT)) log->begin(log->ctx);
    return memo->plain == PLAIN_SURE || log_prepares(log, s, memo);
}

/* What has retired goes into the log; room is left for the accesses of any other one. `unusual`: all of it, whatever it
 * is; the state before it is there, as only the first of a batch clears RF and no others that are sure are unusual. */
FOLD void log_retired(struct plain_log *log, const struct i386_state *s,
                      const struct insn_memo *memo, uint32_t clocks, bool unusual)
{
    struct plain_step *to = &log->step[log->n++];
    *to = (struct plain_step){.eip = s->eip, .clocks = (uint16_t)clocks, .code = memo->number};
    log->behind = true;
    if (unusual || memo->plain != PLAIN_SURE) {
        to->code |= PLAIN_SEEN;
        log_state(log, s, clocks);
    }
    if (UNLIKELY(log->n == log->most || log->accesses > PLAIN_ACCESSES - PLAIN_MOST))
        log->take(log->ctx);
}

/* Runs up to *insns instructions and counts them off; it stops before the first one that is not for
 * it, and after a fault. RF, which no breakpoint asks for here, is only cleared. log: a constant NULL, or each
 * instruction goes there. */
FOLD enum cpu_step straight(struct i386_cpu *cpu, uint64_t *insns, uint64_t until_clocks,
                            struct plain_log *log)
{
    struct i386_state *s = &cpu->s;
    struct exec x = {.cpu = cpu};
    struct insn_memo *memo;
    uint32_t first = 0, *guess = &first;
    uint64_t left = *insns;
    bool interruptible = s->eflags & FL_IF;
    x.rf_was_set = s->eflags & FL_RF;
    enter_straight(cpu, log);
    while (left && s->clocks < until_clocks && !called_for(cpu, interruptible) &&
           (memo = next_straight(cpu, guess)) != NULL && (!log || log_ready(log, s, memo))) {
        uint32_t follows = s->eip + memo->insn.len;
        x.in = &memo->insn;
        x.row = memo->row;
        x.next_eip = follows;
        x.clocks = memo->clocks;
        if (memo->has_ea) x.ea = operand_address(s, x.in);
        left--;
        if (UNLIKELY(!memo->run(&x))) {
            leave_straight(cpu, log);
            *insns = left;
            cpu->refusals++;
            return event_fault(cpu, x.fault);
        }
        guess = &memo->next[0];
        if (UNLIKELY(x.unusual)) {
            bool more = retire_unusual(&x);
            if (log) log_retired(log, s, memo, x.clocks, true);
            if (more) continue;
            break;
        }
        /* Not simply EIP = next_eip: the processor of the host need not wait for it to be stored. */
        s->eip = follows;
        if (x.next_eip != follows) {
            s->eip = x.next_eip;
            guess = &memo->next[1];
        }
        s->clocks += x.clocks;
        s->insns++;
        if (log) log_retired(log, s, memo, x.clocks, false);
    }
    leave_straight(cpu, log);
    *insns = left;
    return STEP_RETIRED;
}

static enum cpu_step run_straight(struct i386_cpu *cpu, uint64_t *insns, uint64_t until_clocks)
{
    return straight(cpu, insns, until_clocks, NULL);
}

static enum cpu_step run_logged(struct i386_cpu *cpu, uint64_t *insns, uint64_t until_clocks)
{
    return straight(cpu, insns, until_clocks, cpu->log);
}

/* --- the processor --- */

enum cpu_step cpu_step(struct i386_cpu *cpu)
{
    return step_one(cpu);
}

/* An event counts as a step, so that a guest whose handlers only fault cannot hold the host. */
enum cpu_step cpu_run(struct i386_cpu *cpu, uint64_t insns, uint64_t until_clocks)
{
    enum cpu_step step = STEP_RETIRED;
    while (step == STEP_RETIRED || step == STEP_EVENT) {
        step = watched(cpu) ? STEP_RETIRED
               : cpu->log   ? run_logged(cpu, &insns, until_clocks)
                            : run_straight(cpu, &insns, until_clocks);
        if (step != STEP_RETIRED) continue; /* a fault was delivered */
        if (!insns || cpu->s.clocks >= until_clocks || cpu->stop) return STEP_RETIRED;
        insns--;
        step = step_one(cpu);
    }
    return step;
}
