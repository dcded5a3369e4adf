/* x87_mem.c: memory operands, exceptions and the stack: what every instruction of the 80387 needs. */
#include "wide.h"
#include "x87_insn.h"

/* --- memory --- */

/* The operand wraps around the end of the addresses, and both its ends are accessible: the 80386 only
 * notices in the middle of the transfer [386 11.1.5.2]. With the coprocessor on the chip there is no such thing. */
static fault_t overrun(struct exec *x, unsigned n, enum access access, fault_t refusal)
{
    struct i386_cpu *cpu = x->cpu;
    uint32_t mask = address_mask(x), last = (x->ea.v + n - 1) & mask;
    if (cpu->level > LEVEL_386 || refusal.vector == VEC_PF) return refusal;
    if (!state_protected(&cpu->s) || last > x->ea.v) return refusal;
    const struct seg *seg = &cpu->s.seg[x->in->seg];
    bool ss = x->in->seg == SS;
    if (is_fault(segm_check_access(seg, ss, x->ea, 1, access, NULL))) return refusal;
    if (is_fault(segm_check_access(seg, ss, eff(last), 1, access, NULL))) return refusal;
    return fault_make(VEC_CSO, 0, RULE_X87_OVERRUN);
}

/* Where every address is inside the segment, an operand may go on at 0 [386 11.1.5.2]. */
static bool may_wrap(struct i386_cpu *cpu)
{
    bool was = cpu->flat_wraps;
    cpu->flat_wraps = true;
    return was;
}

static fault_t touch(struct exec *x, unsigned n, enum access access)
{
    bool was = may_wrap(x->cpu);
    fault_t f = mem_touch(x->cpu, x->in->seg, x->ea, n, access);
    x->cpu->flat_wraps = was;
    return is_fault(f) ? overrun(x, n, access, f) : f;
}

fault_t x87_read(struct exec *x, unsigned n, uint8_t *to)
{
    TRY(touch(x, n, ACCESS_READ));
    bool was = may_wrap(x->cpu);
    fault_t f = wide_load(x, n, to);
    x->cpu->flat_wraps = was;
    return f;
}

fault_t x87_room(struct exec *x, unsigned n)
{
    return touch(x, n, ACCESS_WRITE);
}

fault_t x87_write(struct exec *x, unsigned n, const uint8_t *from)
{
    bool was = may_wrap(x->cpu);
    fault_t f = wide_store(x, n, from);
    x->cpu->flat_wraps = was;
    return f;
}

unsigned x87_bytes(unsigned kind)
{
    switch (kind) {
    case O_Mi16: return 2;
    case O_Mf32:
    case O_Mi32: return 4;
    case O_Mf64:
    case O_Mi64: return 8;
    default: return 10;
    }
}

/* Conversion without its invalid operation: the NaN is put together by hand. */
static f80 quiet_load(uint64_t v, bool wide, bool *denormal)
{
    struct f80_env env = {.cw = 0x037f};
    f80 r = wide ? f80_from_f64(&env, v) : f80_from_f32(&env, (uint32_t)v);
    if (env.flags & FE_IE) r.m &= ~F80_QUIET;
    *denormal = env.flags & FE_DE;
    return r;
}

fault_t x87_number(struct exec *x, unsigned kind, f80 *v, bool *denormal)
{
    uint8_t b[10] = {0};
    *denormal = false;
    TRY(x87_read(x, x87_bytes(kind), b));
    switch (kind) {
    case O_Mf32: *v = quiet_load(get32(b), false, denormal); break;
    case O_Mf64: *v = quiet_load(get64(b), true, denormal); break;
    case O_Mf80: *v = (f80){get64(b), get16(b + 8)}; break;
    case O_Mi16: *v = f80_from_int((int16_t)get16(b)); break;
    case O_Mi32: *v = f80_from_int((int32_t)get32(b)); break;
    case O_Mi64: *v = f80_from_int((int64_t)get64(b)); break;
    default: *v = f80_from_bcd(b); break;
    }
    return fault_none();
}

/* --- exceptions and stack --- */

fault_t x87_pending(const struct i386_cpu *cpu)
{
    if (cpu->s.x87.sw & FSW_ES) return fault_make(VEC_MF, 0, RULE_X87_ERROR);
    return fault_none();
}

void x87_begin(struct exec *x)
{
    const struct i386_state *s = &x->cpu->s;
    struct i386_x87 *f = &x->cpu->s.x87;
    const struct insn *in = x->in;
    f->sw &= (uint16_t)~FSW_C1;
    f->fip = s->eip;
    f->fcs = s->seg[CS].sel;
    f->fop = (uint16_t)((in->opcode & 7) << 8 | in->mod << 6 | in->reg << 3 | in->rm);
    if (!insn_is_mem(in)) return;
    f->fdp = x->ea.v;
    f->fds = s->seg[in->seg].sel;
}

bool x87_settle(struct i386_x87 *f, struct f80_env *env)
{
    const unsigned before = FE_IE | FE_DE | FE_ZE; /* found before anything is computed */
    bool refused = env->flags & ~f->cw & before;
    if (refused) {
        env->flags &= before;
        env->up = false;
    }
    f->sw |= (uint16_t)(env->flags | (env->up ? FSW_C1 : 0));
    x87_summarize(f);
    return !refused;
}

bool x87_stack_fault(struct i386_x87 *f, bool overflow)
{
    f->sw |= (uint16_t)(FE_IE | FSW_SF | (overflow ? FSW_C1 : 0));
    x87_summarize(f);
    return f->cw & FE_IE;
}

void x87_push(struct i386_x87 *f, f80 v)
{
    x87_turn(f, -1);
    x87_set(f, 0, v);
}

void x87_pop(struct i386_x87 *f)
{
    x87_free(f, 0);
    x87_turn(f, 1);
}
