/* clocks.c: clock counts that depend on more than the row (see clocks.h). */
#include "clocks.h"

#include "memo.h"
#include "opcode.h"

static bool io_is_checked(const struct i386_state *s)
{
    return state_v86(s) || s->cpl > FL_IOPL_OF(s->eflags);
}

/* The counts marked pm hold in protected mode; V86 mode loads segments as real mode does, but
 * checks ports. */
static bool uses_protected(const struct i386_state *s, const struct i386_row *row)
{
    bool io = row->clocks.rule == CLKR_IO || row->body == BODY_INS || row->body == BODY_OUTS;
    return io ? state_protected(s) : state_descriptors(s);
}

uint32_t clocks_base(const struct i386_cpu *cpu, const struct insn *in)
{
    const struct i386_state *s = &cpu->s;
    const struct i386_row *row = &i386_rows[in->row];
    const struct row_clocks *c = &row->clocks;
    bool mem = insn_is_mem(in), prot = (c->prot_reg || c->prot_mem) && uses_protected(s, row);
    uint32_t n = prot ? (mem ? c->prot_mem : c->prot_reg) : (mem ? c->mem : c->reg);
    if (c->rule == CLKR_SIZE && in->opsize == 4) n += 16;
    bool io = c->rule == CLKR_IO || row->body == BODY_INS || row->body == BODY_OUTS;
    if (prot && io && io_is_checked(s)) n += 20;
    return n;
}

/* The bytes at the target are looked at without any effect; what cannot be read counts as one. */
static size_t bytes_at(const struct i386_cpu *cpu, uint32_t eip, uint8_t *to)
{
    const struct shadow *cs = &cpu->s.seg[CS].sh;
    struct page_env env = cpu_page_env(cpu);
    size_t n = 0;
    env.hook = NULL;
    while (n < INSN_MAX && eip <= cs->hi) {
        lin_t at = lin(cs->base + eip);
        struct page_walk walk;
        uint32_t run = PAGE_SIZE - (at.v & PAGE_MASK);
        if (run > INSN_MAX - n) run = (uint32_t)(INSN_MAX - n);
        if (run - 1 > cs->hi - eip) run = cs->hi - eip + 1;
        if (is_fault(page_probe(&env, at, ACCESS_FETCH, cpu->s.cpl == 3, &walk))) break;
        if (!bus_peek(cpu->bus, phys(walk.phys.v & cpu->bus->a20_mask), to + n, run)) break;
        n += run;
        eip += run;
    }
    return n;
}

/* Where the bytes at EIP lie, when MEMO_READ of them can be taken at once. No effect on the guest. */
static bool target_place(struct i386_cpu *cpu, uint32_t eip, uint32_t *at)
{
    const struct shadow *cs = &cpu->s.seg[CS].sh;
    struct page_env env = cpu_page_env(cpu);
    struct page_walk walk;
    *at = cs->base + eip;
    if (eip > cs->hi || cs->hi - eip < MEMO_READ - 1) return false;
    if ((*at & PAGE_MASK) > PAGE_SIZE - MEMO_READ) return false;
    if (env.paging) {
        env.hook = NULL;
        fault_t f = page_probe(&env, lin(*at), ACCESS_FETCH, cpu->s.cpl == 3, &walk);
        if (is_fault(f)) return false;
        *at = walk.phys.v;
    }
    *at &= cpu->bus->a20_mask;
    return true;
}

/* The instruction at the target if it is remembered. Entries are only looked at: the one of the
 * instruction in flight must stay. */
static const struct insn *remembered(struct i386_cpu *cpu, uint32_t eip)
{
    uint32_t at;
    uint8_t mode = memo_mode(shadow_big(&cpu->s.seg[CS].sh));
    if (!target_place(cpu, eip, &at)) return NULL;
    const uint8_t *bytes = bus_ram_at(cpu->bus, at);
    const struct insn_memo *memo = memo_slot(cpu, at);
    return bytes && memo_hit(memo, bytes, mode) ? &memo->insn : NULL;
}

uint32_t clocks_m(struct i386_cpu *cpu, uint32_t target_eip)
{
    const struct insn *known = remembered(cpu, target_eip);
    if (known) return known->components;
    uint8_t bytes[INSN_MAX];
    struct insn in;
    size_t n = bytes_at(cpu, target_eip, bytes);
    bool code32 = shadow_big(&cpu->s.seg[CS].sh);
    return decode_at(cpu->level, bytes, n, code32, &in) == DECODE_OK ? in.components : 1;
}

uint32_t clocks_multiply(uint32_t m)
{
    unsigned log = m > 1 ? 32 - (unsigned)__builtin_clz(m - 1) : 0;
    return log > 3 ? log - 3 : 0;
}

uint32_t clocks_multiply_signed(uint32_t m, unsigned size)
{
    uint32_t v = sign_extend(m, size);
    return clocks_multiply((int32_t)v < 0 ? 0u - v : v);
}

struct repeat_clocks {
    uint8_t setup, each, prot_setup, prot_each;
};

uint32_t clocks_repeat(const struct i386_cpu *cpu, unsigned body, bool last)
{
    static const struct repeat_clocks table[BODY_COUNT] = {
        [BODY_MOVS] = {5, 4, 5, 4},  [BODY_STOS] = {5, 5, 5, 5}, [BODY_LODS] = {5, 6, 5, 6},
        [BODY_CMPS] = {5, 9, 5, 9},  [BODY_SCAS] = {5, 8, 5, 8}, [BODY_INS] = {13, 6, 7, 6},
        [BODY_OUTS] = {5, 12, 6, 5},
    };
    const struct repeat_clocks *c = &table[body];
    const struct i386_state *s = &cpu->s;
    bool prot = state_protected(s), io = body == BODY_INS || body == BODY_OUTS;
    uint32_t setup = prot ? c->prot_setup : c->setup;
    if (prot && io && io_is_checked(s)) setup += 20;
    return (prot ? c->prot_each : c->each) + (last ? setup : 0);
}

uint32_t clocks_control(const struct insn *in, bool write)
{
    static const uint8_t to_cr[8] = {10, 4, 4, 5, 4, 4, 4, 4};
    if (in->opcode == 0x0f22) return to_cr[in->reg];
    return in->reg < 4 ? 22 : write ? 16 : 14;
}

uint32_t clocks_into(const struct i386_cpu *cpu)
{
    (void)cpu;
    return 35;
}

/* --- what the manual leaves out --- */

static uint32_t access_cost(const struct i386_cpu *cpu, lin_t at, unsigned size)
{
    const struct clock_costs *c = &cpu->costs;
    uint32_t cycles = ((at.v & 3) + size + 3) / 4, aligned = (size + 3) / 4;
    uint32_t pages = ((at.v & PAGE_MASK) + size + PAGE_SIZE - 1) / PAGE_SIZE;
    bool paging = cpu_page_env(cpu).paging;
    return cycles * c->wait_states + (cycles - aligned) * c->misaligned +
           (paging ? pages * c->page_walk : 0);
}

/* Each access is announced once, before its pages are asked: one that they refuse has been charged. */
static fault_t charge_access(void *ctx, lin_t at, unsigned size, enum access access, bool user)
{
    struct i386_cpu *cpu = ctx;
    const struct access_hook *below = cpu->costs_below;
    if (below && below->access) TRY(below->access(below->ctx, at, size, access, user));
    if (access != ACCESS_FETCH) cpu->s.clocks += access_cost(cpu, at, size);
    return fault_none();
}

void clocks_set_costs(struct i386_cpu *cpu, const struct clock_costs *costs)
{
    if (cpu->hook == &cpu->costs_hook) cpu->hook = cpu->costs_below;
    cpu->costs = *costs;
    if (!costs->wait_states && !costs->misaligned && !costs->page_walk) return;
    cpu->costs_below = cpu->hook;
    cpu->costs_hook = (struct access_hook){charge_access, cpu};
    cpu->hook = &cpu->costs_hook;
}
