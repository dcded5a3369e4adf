/* documented.c: see documented.h. */
#include "documented.h"

#include "bits.h"
#include "opcode.h"

#include <string.h>

static void forget(struct i386_cpu *cpu)
{
    memset(cpu->memo, 0, sizeof cpu->memo); /* decoded under the other rule */
}

void cpu_set_documented(struct i386_cpu *cpu, bool on)
{
    cpu->documented = on;
    forget(cpu);
}

void cpu_refuse_ice(struct i386_cpu *cpu)
{
    cpu->no_ice = true;
    forget(cpu);
}

/* --- encodings --- */

/* MOV to and from DR4 and DR5: the page has six debug registers. */
static bool no_such_register(const struct insn *in)
{
    return (in->opcode == 0x0f21 || in->opcode == 0x0f23) && (in->reg == 4 || in->reg == 5);
}

/* The manual's SIB table has no index in all four rows of scale and index = 4. */
static void unscale_base(struct insn *in)
{
    in->base = in->index;
    in->index = 0xff;
    in->scale = 0;
    in->scaled_base = 0;
}

/* The 80386 has no undefined ESC: an alias becomes an encoding that the 387 reserves. The personality trap
 * is the host's own. */
static void undocumented(const struct i386_cpu *cpu, struct insn *in)
{
    const struct i386_row *row = &i386_rows[in->row];
    if (in->scaled_base) unscale_base(in);
    if (no_such_register(in)) in->row = ROW_UNDEFINED;
    if (!(row->attrs & ATT_UNDOC) || row->body == BODY_TRAP || row->body == BODY_FNONE) return;
    bool reserved = (row->checks & CHK_FPU) && cpu->level <= LEVEL_386;
    in->row = reserved ? ROW_D9D1__ : ROW_UNDEFINED;
}

/* INT1, LOADALL, UMOV. */
static bool made_for_ice(const struct i386_row *row)
{
    bool umov = row->opcode >= 0x0f10 && row->opcode <= 0x0f13;
    return (row->attrs & ATT_UNDOC) &&
           (umov || row->body == BODY_INT1 || row->body == BODY_LOADALL);
}

void documented_decode(const struct i386_cpu *cpu, struct insn *in)
{
    if (cpu->no_ice && made_for_ice(&i386_rows[in->row])) in->row = ROW_UNDEFINED;
    if (cpu->documented) undocumented(cpu, in);
}

/* --- results --- */

struct before {
    uint32_t gpr[8], eflags;
};

/* Stores 16 bits of a system register, whatever the operand size [386 17 MOV SLDT STR SMSW]. */
static bool is_word_store(unsigned body)
{
    return body == BODY_MOV_FROM_SREG || body == BODY_SLDT || body == BODY_STR || body == BODY_SMSW;
}

bool documented_straight(const struct i386_row *row)
{
    return !row->flags_undefined && !is_word_store(row->body) && row->body != BODY_POPA &&
           row->body != BODY_LAR;
}

static bool is_shift(unsigned body)
{
    return body >= BODY_ROL && body <= BODY_SAR;
}
static bool is_double_shift(unsigned body)
{
    return body == BODY_SHLD || body == BODY_SHRD;
}

/* The count of a shift, modulo 32, from before it. */
static unsigned count_of(const struct exec *x, const struct before *b)
{
    const uint8_t *op = x->row->op;
    unsigned kind = is_double_shift(x->row->body) ? op[2] : op[1];
    if (kind == O_1) return 1;
    return (kind == O_CL ? b->gpr[ECX] : x->in->imm) & 31u;
}

/* SHLD, SHRD by the width or more: "bad parameters", result and flags are undefined. */
static bool no_result(const struct exec *x, const struct before *b)
{
    return is_double_shift(x->row->body) && count_of(x, b) >= 8u * x->in->opsize;
}

static fault_t only_check(struct exec *x)
{
    uint32_t value;
    if (!insn_is_mem(x->in)) return fault_none();
    return mem_read_rmw(x->cpu, (enum segreg)x->in->seg, x->ea, x->in->opsize, &value);
}

/* OF is defined after a shift by one, however the one is given [386 17 SAL, Operation]. */
static uint32_t open_flags(const struct exec *x, const struct before *b)
{
    uint32_t open = x->row->flags_undefined;
    if (is_shift(x->row->body) && count_of(x, b) == 1) open &= ~FL_OF;
    return open;
}

static void keep_flags(const struct exec *x, const struct before *b)
{
    uint32_t open = open_flags(x, b), *flags = &x->cpu->s.eflags;
    *flags = (*flags & ~open) | (b->eflags & open);
    bool empty = (x->row->attrs & ATT_BYTE) && count_of(x, b) > 8; /* all bits have left */
    if ((x->row->body == BODY_SHL || x->row->body == BODY_SHR) && empty) *flags &= ~FL_CF;
}

/* AL by six, AH by one, no carry between them [386 17 AAA AAS]. AF says whether. */
static uint32_t adjusted(const struct exec *x, uint32_t ax)
{
    bool adjust = x->cpu->s.eflags & FL_AF, add = x->row->body == BODY_AAA;
    uint32_t al = ax & 0xff, ah = ax >> 8 & 0xff;
    if (adjust) al = add ? al + 6 : al - 6;
    if (adjust) ah = add ? ah + 1 : ah - 1;
    return (ax & 0xffff0000u) | (ah & 0xff) << 8 | (al & 15u);
}

static void keep_results(struct exec *x, const struct before *b)
{
    struct i386_state *s = &x->cpu->s;
    const struct insn *in = x->in;
    uint32_t *rm = &s->gpr[in->rm], *reg = &s->gpr[in->reg];
    bool wide = in->opsize == 4, small_stack = !shadow_big(&s->seg[SS].sh);
    unsigned body = x->row->body;
    if (body == BODY_AAA || body == BODY_AAS) s->gpr[EAX] = adjusted(x, b->gpr[EAX]);
    if (body == BODY_POPA && wide && small_stack)
        s->gpr[ESP] = (b->gpr[ESP] & 0xffff0000u) | (s->gpr[ESP] & 0xffffu);
    if (is_word_store(body) && wide && in->mod == 3)
        *rm = (b->gpr[in->rm] & 0xffff0000u) | (*rm & 0xffffu);
    if (body == BODY_LAR && wide && (s->eflags & FL_ZF))
        *reg = (*reg & ~0xf0000u) | (b->gpr[in->reg] & 0xf0000u);
}

bool documented_run(struct exec *x, bool (*row)(struct exec *x))
{
    struct before b = {.eflags = x->cpu->s.eflags};
    memcpy(b.gpr, x->cpu->s.gpr, sizeof b.gpr);
    if (no_result(x, &b)) {
        x->fault = only_check(x);
        return !is_fault(x->fault);
    }
    if (!row(x)) return false;
    keep_flags(x, &b);
    keep_results(x, &b);
    return true;
}
