/* x87_move.c: loads, stores, and the register stack itself. */
#include "x87_insn.h"

/* --- to the stack --- */

/* Pushes v; env holds what its conversion found. */
static void push_number(struct i386_x87 *f, struct f80_env *env, f80 v)
{
    if (!x87_empty(f, 7)) {
        if (x87_stack_fault(f, true)) x87_push(f, F80_INDEFINITE);
        return;
    }
    if (x87_settle(f, env)) x87_push(f, v);
}

static fault_t load_register(struct exec *x)
{
    struct i386_x87 *f = &x->cpu->s.x87;
    struct f80_env env = {.cw = f->cw};
    x87_begin(x);
    if (!x87_empty(f, x->in->rm))
        push_number(f, &env, x87_get(f, x->in->rm));
    else if (x87_stack_fault(f, false)) /* also when there is no room, either */
        x87_push(f, F80_INDEFINITE);
    return fault_none();
}

fault_t x87_load(struct exec *x, struct mode m)
{
    struct i386_x87 *f = &x->cpu->s.x87;
    struct f80_env env = {.cw = f->cw};
    bool denormal;
    f80 v;
    if (m.a == O_STi) return load_register(x);
    TRY(x87_number(x, m.a, &v, &denormal));
    x87_begin(x);
    if (denormal) env.flags |= FE_DE;
    if ((m.a == O_Mf32 || m.a == O_Mf64) && f80_classify(v) == F80_SNAN) v = f80_nan1(&env, v);
    push_number(f, &env, v);
    return fault_none();
}

fault_t x87_load_constant(struct exec *x)
{
    struct i386_x87 *f = &x->cpu->s.x87;
    struct f80_env env = {.cw = f->cw};
    x87_begin(x);
    push_number(f, &env, f80_constant((enum f80_constant)x->in->rm, f80_rc(&env)));
    return fault_none();
}

/* --- from the stack --- */

static void convert(unsigned kind, struct f80_env *env, f80 a, uint8_t *to)
{
    switch (kind) {
    case O_Mf32: put32(to, f80_to_f32(env, a)); break;
    case O_Mf64: put64(to, f80_to_f64(env, a)); break;
    case O_Mi16: put16(to, (uint16_t)f80_to_int(env, a, 16)); break;
    case O_Mi32: put32(to, (uint32_t)f80_to_int(env, a, 32)); break;
    case O_Mi64: put64(to, (uint64_t)f80_to_int(env, a, 64)); break;
    case O_Mbcd: f80_to_bcd(env, a, to); break;
    default:
        put64(to, a.m);
        put16(to + 8, a.se);
        break;
    }
}

/* Unmasked overflow and underflow store nothing, either. */
static bool storable(struct i386_x87 *f, struct f80_env *env)
{
    bool fits = !(env->flags & ~f->cw & (FE_OE | FE_UE));
    return x87_settle(f, env) && fits;
}

static fault_t store_memory(struct exec *x, unsigned kind, bool pop)
{
    struct i386_x87 *f = &x->cpu->s.x87;
    struct f80_env env = {.cw = f->cw};
    const struct i386_x87 before = *f;
    uint8_t bytes[10];
    unsigned n = x87_bytes(kind);
    TRY(x87_room(x, n));
    x87_begin(x);
    bool go;
    if (x87_empty(f, 0)) {
        struct f80_env quiet = {.cw = 0x037f};
        go = x87_stack_fault(f, false);
        convert(kind, &quiet, F80_INDEFINITE, bytes);
    } else {
        convert(kind, &env, x87_get(f, 0), bytes);
        go = storable(f, &env);
    }
    if (!go) return fault_none();
    fault_t refused = x87_write(x, n, bytes);
    if (is_fault(refused))
        *f = before;
    else if (pop)
        x87_pop(f);
    return refused;
}

static fault_t store_register(struct exec *x, bool pop)
{
    struct i386_x87 *f = &x->cpu->s.x87;
    f80 v = x87_get(f, 0);
    x87_begin(x);
    if (x87_empty(f, 0)) {
        if (!x87_stack_fault(f, false)) return fault_none();
        v = F80_INDEFINITE;
    }
    x87_set(f, x->in->rm, v);
    if (pop) x87_pop(f);
    return fault_none();
}

/* D9 D8+i (UNDOC): nothing is wrong with an empty ST0. */
fault_t x87_store_quiet(struct exec *x)
{
    struct i386_x87 *f = &x->cpu->s.x87;
    x87_begin(x);
    if (!x87_empty(f, 0)) x87_set(f, x->in->rm, x87_get(f, 0));
    x87_pop(f);
    return fault_none();
}

fault_t x87_store(struct exec *x, struct mode m, bool pop)
{
    return m.a == O_STi ? store_register(x, pop) : store_memory(x, m.a, pop);
}

/* --- the stack --- */

fault_t x87_exchange(struct exec *x)
{
    struct i386_x87 *f = &x->cpu->s.x87;
    unsigned i = x->in->rm;
    x87_begin(x);
    f80 a = x87_get(f, 0), b = x87_get(f, i);
    if (x87_empty(f, 0) || x87_empty(f, i)) {
        if (!x87_stack_fault(f, false)) return fault_none();
        if (x87_empty(f, 0)) a = F80_INDEFINITE;
        if (x87_empty(f, i)) b = F80_INDEFINITE;
    }
    x87_set(f, 0, b);
    x87_set(f, i, a);
    return fault_none();
}

/* C3 C2 C0 by class, C1 the sign: also of an empty register. */
fault_t x87_examine(struct exec *x)
{
    static const uint16_t bits[] = {
        [F80_ZERO] = FSW_C3,   [F80_DENORMAL] = FSW_C3 | FSW_C2,
        [F80_NORMAL] = FSW_C2, [F80_INF] = FSW_C2 | FSW_C0,
        [F80_QNAN] = FSW_C0,   [F80_SNAN] = FSW_C0,
        [F80_UNSUPPORTED] = 0,
    };
    struct i386_x87 *f = &x->cpu->s.x87;
    f80 v = x87_get(f, 0);
    uint16_t cc = x87_empty(f, 0) ? FSW_C3 | FSW_C0 : bits[f80_classify(v)];
    x87_begin(x);
    f->sw = (uint16_t)((f->sw & ~FSW_CC) | cc | (f80_sign(v) ? FSW_C1 : 0));
    return fault_none();
}

fault_t x87_release(struct exec *x, bool pop)
{
    struct i386_x87 *f = &x->cpu->s.x87;
    x87_begin(x);
    x87_free(f, x->in->rm);
    if (pop) x87_pop(f);
    return fault_none();
}

fault_t x87_turn_stack(struct exec *x, int by)
{
    uint16_t c1 = by ? 0 : x->cpu->s.x87.sw & FSW_C1; /* FNOP leaves C1 */
    x87_begin(x);
    x->cpu->s.x87.sw |= c1;
    x87_turn(&x->cpu->s.x87, by);
    return fault_none();
}
