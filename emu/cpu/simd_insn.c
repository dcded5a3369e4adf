/* simd_insn.c: see simd_insn.h. */
#include "simd_insn.h"

#include <string.h>

#include "opcode.h"

/* --- operands --- */

static bool is_mmx(unsigned kind)
{
    return kind >= O_Pq && kind <= O_Nq;
}
static bool is_xmm(unsigned kind)
{
    return kind >= O_Vx && kind <= O_Ux;
}
static bool is_memory(const struct exec *x, unsigned kind)
{
    if (kind >= O_Mx && kind <= O_Md) return true;
    bool rm = kind == O_Qq || kind == O_Qd || (kind >= O_Wx && kind <= O_Wd) || kind == O_Ed;
    return rm && x->in->mod != 3;
}
static unsigned bytes_of(unsigned kind)
{
    switch (kind) {
    case O_Qd:
    case O_Wd:
    case O_Md:
    case O_Ed:
    case O_Gd: return 4;
    case O_Pq:
    case O_Qq:
    case O_Nq:
    case O_Wq:
    case O_Mq: return 8;
    default: return 16;
    }
}
/* In the reg field or in rm. */
static unsigned number_of(const struct exec *x, unsigned kind)
{
    return kind == O_Pq || kind == O_Vx || kind == O_Gd ? x->in->reg : x->in->rm;
}

fault_t simd_check_aligned(const struct exec *x)
{
    uint32_t at = x->cpu->s.seg[x->in->seg].sh.base + x->ea.v;
    return at & 15 ? fault_detail(VEC_GP, 0, RULE_SIMD_ALIGNED, at) : fault_none();
}

static fault_t check_aligned(const struct exec *x, unsigned kind)
{
    return kind == O_Wx || kind == O_Mx ? simd_check_aligned(x) : fault_none();
}

static struct simd register_value(const struct exec *x, unsigned kind)
{
    const struct i386_state *s = &x->cpu->s;
    unsigned n = number_of(x, kind);
    struct simd v = {{0, 0}};
    if (is_mmx(kind))
        v.q[0] = s->x87.m[n];
    else if (is_xmm(kind))
        v = (struct simd){{s->sse.xmm[n][0], s->sse.xmm[n][1]}};
    else
        v.q[0] = s->gpr[n];
    if (bytes_of(kind) == 16) return v;
    v.q[1] = 0;
    if (bytes_of(kind) == 4) v.q[0] &= 0xffffffffu;
    return v;
}

/* The operand, zero-extended; an aligned one of memory at another place is #GP(0). */
static fault_t read_one(struct exec *x, unsigned kind, struct simd *v)
{
    if (kind == O_Ib) {
        *v = (struct simd){{x->in->imm, 0}};
        return fault_none();
    }
    if (!is_memory(x, kind)) {
        *v = register_value(x, kind);
        return fault_none();
    }
    uint8_t bytes[16] = {0};
    TRY(check_aligned(x, kind));
    TRY(wide_read(x, bytes_of(kind), bytes));
    *v = (struct simd){{get64(bytes), get64(bytes + 8)}};
    return fault_none();
}

static void register_set(struct exec *x, unsigned kind, struct simd v)
{
    struct i386_state *s = &x->cpu->s;
    unsigned n = number_of(x, kind);
    if (is_mmx(kind)) {
        s->x87.m[n] = v.q[0];
        s->x87.se[n] = 0xffff;
    } else if (is_xmm(kind)) {
        if (bytes_of(kind) == 8) v.q[1] = 0;
        memcpy(s->sse.xmm[n], v.q, sizeof v.q);
    } else {
        s->gpr[n] = (uint32_t)v.q[0];
    }
}

/* To a register: all of it, zero-extended; to memory: as many bytes as the kind has. */
static fault_t write_one(struct exec *x, unsigned kind, struct simd v)
{
    if (!is_memory(x, kind)) {
        register_set(x, kind, v);
        return fault_none();
    }
    uint8_t bytes[16];
    put64(bytes, v.q[0]);
    put64(bytes + 8, v.q[1]);
    TRY(check_aligned(x, kind));
    return wide_write(x, bytes_of(kind), bytes);
}

/* --- MMX and the coprocessor --- */

/* CVTPI2PD from memory does not concern MMX; CVTPI2PS does [SDM2 CVTPI2PD CVTPI2PS]. */
static bool uses_mmx(const struct exec *x, struct mode m)
{
    bool from_memory = x->row->body == BODY_CVTPI2PD && is_memory(x, m.b);
    return (is_mmx(m.a) || is_mmx(m.b)) && !from_memory;
}

/* An error of the coprocessor comes before an instruction with MMX registers. */
static fault_t mmx_begin(struct exec *x, struct mode m)
{
    return uses_mmx(x, m) ? x87_pending(x->cpu) : fault_none();
}

/* When all is done the registers are MMX's. */
static void mmx_end(struct exec *x, struct mode m)
{
    struct i386_x87 *f = &x->cpu->s.x87;
    if (!uses_mmx(x, m)) return;
    f->sw &= (uint16_t)~FSW_TOP;
    x87_load_tags(f, 0);
}

fault_t simd_emms(struct exec *x)
{
    struct i386_x87 *f = &x->cpu->s.x87;
    TRY(x87_pending(x->cpu));
    f->sw &= (uint16_t)~FSW_TOP;
    f->tw = 0xffff;
    return fault_none();
}

/* --- exceptions --- */

/* Exceptions of env into MXCSR; #XM, or #UD without CR4.OSXMMEXCPT, if one is unmasked. */
static fault_t settle(struct exec *x, struct fp_env *env)
{
    struct i386_state *s = &x->cpu->s;
    bool goes_on = fp_settle(env);
    s->sse.mxcsr = env->mxcsr;
    if (goes_on) return fault_none();
    bool known = s->cr4 & CR4_OSXMMEXCPT;
    return fault_make(known ? VEC_XM : VEC_UD, 0, known ? RULE_SIMD_NUMERIC : RULE_SIMD_NUMERIC_UD);
}

static struct fp_env env_of(const struct exec *x)
{
    return (struct fp_env){.mxcsr = x->cpu->s.sse.mxcsr};
}

/* --- families: second operand, first operand, result, exceptions, destination --- */

static fault_t read_both(struct exec *x, struct mode m, struct simd *a, struct simd *b)
{
    TRY(read_one(x, m.b, b));
    return read_one(x, m.a, a);
}
/* The result of arithmetic, unless an exception keeps it back. */
static fault_t finish(struct exec *x, struct mode m, struct fp_env *env, struct simd r)
{
    TRY(settle(x, env));
    return write_one(x, m.a, r);
}

fault_t simd_do_lanes(struct exec *x, struct mode m, simd_lanes *fn)
{
    struct simd a, b;
    TRY(mmx_begin(x, m));
    TRY(read_both(x, m, &a, &b));
    TRY(write_one(x, m.a, fn(a, b, is_mmx(m.a) ? 8 : 16)));
    mmx_end(x, m);
    return fault_none();
}

fault_t simd_do_arith(struct exec *x, struct mode m, fp_binary *fn, enum fp_format f,
                      unsigned lanes)
{
    struct simd a, b;
    struct fp_env env = env_of(x);
    TRY(read_both(x, m, &a, &b));
    return finish(x, m, &env, simd_arith(&env, fn, f, lanes, a, b));
}

fault_t simd_do_sqrt(struct exec *x, struct mode m, enum fp_format f, unsigned lanes)
{
    struct simd a, b;
    struct fp_env env = env_of(x);
    TRY(read_both(x, m, &a, &b));
    return finish(x, m, &env, simd_sqrt(&env, f, lanes, a, b));
}

/* UNDOC: of the predicate only three bits count. */
fault_t simd_do_compare(struct exec *x, struct mode m, enum fp_format f, unsigned lanes)
{
    struct simd a, b;
    struct fp_env env = env_of(x);
    TRY(read_both(x, m, &a, &b));
    return finish(x, m, &env, simd_compare(&env, f, lanes, a, b, x->in->imm & 7));
}

fault_t simd_do_approx(struct exec *x, struct mode m, uint32_t (*fn)(uint32_t), unsigned lanes)
{
    struct simd a, b;
    TRY(read_both(x, m, &a, &b));
    return write_one(x, m.a, simd_approx(fn, lanes, a, b));
}

fault_t simd_do_convert(struct exec *x, struct mode m, struct simd_conversion how)
{
    struct simd a, b;
    struct fp_env env = env_of(x);
    TRY(mmx_begin(x, m));
    TRY(read_both(x, m, &a, &b));
    struct simd r = simd_convert(&env, how, a, b);
    mmx_end(x, m); /* UNDOC: also when a numeric exception follows */
    return finish(x, m, &env, r);
}

fault_t simd_do_order(struct exec *x, struct mode m, enum fp_format f, bool quiet)
{
    struct i386_state *s = &x->cpu->s;
    struct simd a, b;
    struct fp_env env = env_of(x);
    unsigned size = f == FP_32 ? 4 : 8;
    TRY(read_both(x, m, &a, &b));
    enum f80_order o = fp_compare(&env, f, simd_lane(&a, size, 0), simd_lane(&b, size, 0), quiet);
    TRY(settle(x, &env));
    s->eflags = alu_merge(s->eflags, FL_ARITH, x87_order_flags(o));
    return fault_none();
}

fault_t simd_do_shuffle(struct exec *x, struct mode m, enum simd_order how)
{
    struct simd a, b, r;
    unsigned order = x->in->imm & 0xff;
    TRY(mmx_begin(x, m));
    TRY(read_both(x, m, &a, &b));
    switch (how) {
    case ORDER_WORDS: r = simd_shuffle(b, 2, order); break;
    case ORDER_DWORDS: r = simd_shuffle(b, 4, order); break;
    case ORDER_LOW: r = simd_shuffle_half(b, false, order); break;
    case ORDER_HIGH: r = simd_shuffle_half(b, true, order); break;
    case ORDER_PS: r = simd_SHUFPS(a, b, order); break;
    default: r = simd_SHUFPD(a, b, order); break;
    }
    TRY(write_one(x, m.a, r));
    mmx_end(x, m);
    return fault_none();
}

fault_t simd_do_signs(struct exec *x, struct mode m, unsigned size, unsigned n)
{
    struct simd v;
    TRY(mmx_begin(x, m));
    TRY(read_one(x, m.b, &v));
    x->cpu->s.gpr[x->in->reg] = simd_signs(v, size, n);
    mmx_end(x, m);
    return fault_none();
}

/* --- moves --- */

fault_t simd_move(struct exec *x, struct mode m)
{
    struct simd v;
    TRY(mmx_begin(x, m));
    TRY(read_one(x, m.b, &v));
    TRY(write_one(x, m.a, v));
    mmx_end(x, m);
    return fault_none();
}

fault_t simd_move_lane(struct exec *x, struct mode m, unsigned size)
{
    struct simd v;
    TRY(read_one(x, m.b, &v));
    if (x->in->mod != 3) return write_one(x, m.a, v);
    unsigned to = number_of(x, m.a);
    struct simd r = {{x->cpu->s.sse.xmm[to][0], x->cpu->s.sse.xmm[to][1]}};
    simd_put(&r, size, 0, simd_lane(&v, size, 0));
    memcpy(x->cpu->s.sse.xmm[to], r.q, sizeof r.q);
    return fault_none();
}

fault_t simd_move_half(struct exec *x, struct mode m, unsigned to, unsigned from)
{
    struct simd v;
    TRY(read_one(x, m.b, &v));
    if (m.a == O_Mq) return write_one(x, m.a, (struct simd){{v.q[from], 0}});
    x->cpu->s.sse.xmm[x->in->reg][to] = v.q[from];
    return fault_none();
}

/* From memory two bytes are read. */
static fault_t read_word(struct exec *x, uint32_t *v)
{
    if (insn_is_mem(x->in)) return mem_read(x->cpu, (enum segreg)x->in->seg, x->ea, 2, v);
    *v = x->cpu->s.gpr[x->in->rm] & 0xffff;
    return fault_none();
}

fault_t simd_insert_word(struct exec *x, struct mode m)
{
    struct simd r;
    uint32_t v;
    TRY(mmx_begin(x, m));
    TRY(read_word(x, &v));
    TRY(read_one(x, m.a, &r));
    simd_put(&r, 2, x->in->imm & (is_mmx(m.a) ? 3 : 7), v);
    TRY(write_one(x, m.a, r));
    mmx_end(x, m);
    return fault_none();
}

fault_t simd_extract_word(struct exec *x, struct mode m)
{
    struct simd v;
    TRY(mmx_begin(x, m));
    TRY(read_one(x, m.b, &v));
    uint64_t word = simd_lane(&v, 2, x->in->imm & (is_mmx(m.b) ? 3 : 7));
    x->cpu->s.gpr[x->in->reg] = (uint32_t)word;
    mmx_end(x, m);
    return fault_none();
}

/* The bytes of the register from x->ea on that the mask chooses: all are checked before one is written. */
static fault_t masked_bytes(struct exec *x, const struct simd *v, uint32_t chosen, unsigned n,
                            bool write)
{
    enum segreg seg = (enum segreg)x->in->seg;
    for (unsigned i = 0; i < n; i++) {
        eff_t at = eff((x->ea.v + i) & address_mask(x));
        if (!(chosen >> i & 1)) continue;
        if (write)
            TRY(mem_write(x->cpu, seg, at, 1, (uint32_t)simd_lane(v, 1, i)));
        else
            TRY(mem_touch(x->cpu, seg, at, 1, ACCESS_WRITE));
    }
    return fault_none();
}

fault_t simd_store_masked(struct exec *x, struct mode m)
{
    struct simd v, mask;
    unsigned n = bytes_of(m.a);
    TRY(mmx_begin(x, m));
    TRY(read_one(x, m.a, &v));
    TRY(read_one(x, m.b, &mask));
    uint32_t chosen = simd_signs(mask, 1, n);
    x->ea = eff(index_get(x, EDI));
    TRY(masked_bytes(x, &v, chosen, n, false));
    const struct access_hook *hook = hook_mute(x->cpu);
    fault_t f = masked_bytes(x, &v, chosen, n, true);
    x->cpu->hook = hook;
    if (!is_fault(f)) mmx_end(x, m);
    return f;
}
