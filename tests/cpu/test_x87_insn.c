/* test_x87_insn.c: every x87 row from random states against the host's processor: registers, tags, status,
 * EFLAGS, memory. Where the host must not be copied, x87_differs says why. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "bits.h"
#include "flat.h"
#include "next.h"
#include "opcode.h"
#include "x87.h"
#include "x87_host.h"

#define ROUNDS 4000
#define SAVE   108

/* --- random states --- */

static f80 number(uint64_t *seed)
{
    uint64_t r = next(seed), m = next(seed) | F80_J;
    uint16_t sign = (uint16_t)(r & 0x8000);
    if (r & 0x10000) m &= ~UINT64_C(0) << (r >> 20 & 63);
    switch (r & 31) {
    case 0: return f80_zero(sign);
    case 1: return f80_inf(sign);
    case 2: return (f80){m, (uint16_t)(sign | 0x7fff)};
    case 3: return (f80){m & ~F80_QUIET, (uint16_t)(sign | 0x7fff)};
    case 4: return (f80){m >> (r >> 32 & 63), sign};
    case 5: return (f80){m & ~F80_J, (uint16_t)(sign | (r >> 40 & 0x7fff))};
    case 6:
    case 7: return (f80){m, (uint16_t)(sign | (1 + (r >> 40) % 0x7ffe))};
    default: return (f80){m, (uint16_t)(sign | (F80_BIAS - 40 + (r >> 40) % 80))};
    }
}

static void state_random(uint64_t *seed, uint8_t image[SAVE])
{
    uint64_t r = next(seed), e = next(seed);
    unsigned masks = r & 7 ? 0x3f : (unsigned)(r >> 8 & 0x3f), tags = 0;
    static const uint16_t pc[] = {0x000, 0x200, 0x300, 0x300};
    unsigned cw = masks | 0x40 | pc[r >> 16 & 3] | (unsigned)(r >> 20 & 3) << 10;
    unsigned sw = (unsigned)(r >> 24 & 0x7f00) | ((unsigned)(r >> 40) & masks);
    for (unsigned i = 0; i < 8; i++, e >>= 4)
        if (!(e & 3) || ((r >> 60 & 1) && (e & 1))) tags |= 3u << 2 * i;
    memset(image, 0, SAVE);
    put32(image, 0xffff0000u | cw);
    put32(image + 4, 0xffff0000u | sw);
    put32(image + 8, 0xffff0000u | tags);
    for (unsigned i = 0; i < 8; i++) {
        f80 v = number(seed);
        put64(image + 28 + 10 * i, v.m);
        put16(image + 28 + 10 * i + 8, v.se);
    }
}

static void memory_random(uint64_t *seed, unsigned kind, uint8_t mem[16])
{
    struct f80_env env = {.cw = 0x37f};
    uint64_t r = next(seed);
    f80 v = number(seed);
    memset(mem, 0, 16);
    put64(mem, next(seed));
    put16(mem + 8, (uint16_t)r);
    if (kind == O_Mf80) {
        put64(mem, v.m);
        put16(mem + 8, v.se);
    }
    if (kind == O_Mf32 && r >> 20 & 3) put32(mem, f80_to_f32(&env, v));
    if (kind == O_Mf64 && r >> 20 & 3) put64(mem, f80_to_f64(&env, v));
    if (kind == O_Mbcd)
        for (unsigned i = 0; i < 9; i++)
            mem[i] &= 0x77;
}

/* --- one comparison --- */

struct both {
    const struct i386_row *row;
    uint8_t insn[2];
    uint8_t before[SAVE], host[SAVE], mine[SAVE];
    uint8_t mem_before[16], mem_host[16], mem_mine[16];
    uint16_t ax_host, ax_mine;
    uint32_t eflags, eflags_host, eflags_mine; /* FCMOVcc reads them, FCOMI writes them */
    bool event;                                /* the processor raised something */
};

static void start(struct flat *f)
{
    flat_reset(f, 32);
    f->cpu.x87 = true;
    cpu_set_level(&f->cpu, LEVEL_SSE2); /* what the 80387 has is the same at all levels */
}

static void run_mine(struct flat *f, struct both *b)
{
    struct i386_state *s = &f->cpu.s;
    s->eip = FLAT_CODE;
    s->gpr[ESI] = FLAT_DATA;
    s->gpr[EAX] = 0;
    s->eflags = b->eflags;
    flat_put(f, FLAT_CODE, 2, get16(b->insn));
    for (unsigned i = 0; i < 16; i++)
        flat_put(f, FLAT_DATA + i, 1, b->mem_before[i]);
    x87_get_env(&s->x87, X87_PROT32, b->before);
    x87_get_regs(&s->x87, b->before + 28);
    b->event = cpu_step(&f->cpu) != STEP_RETIRED;
    for (unsigned i = 0; i < 16; i++)
        b->mem_mine[i] = (uint8_t)flat_get(f, FLAT_DATA + i, 1);
    x87_put_env(&s->x87, X87_PROT32, b->mine);
    x87_put_regs(&s->x87, b->mine + 28);
    b->ax_mine = (uint16_t)s->gpr[EAX];
    b->eflags_mine = s->eflags;
    if (b->event) start(f);
}

static bool is_transcendental(unsigned body)
{
    return body == BODY_F2XM1 || body == BODY_FYL2X || body == BODY_FYL2XP1 ||
           body == BODY_FPATAN || body == BODY_FPTAN || body == BODY_FSIN || body == BODY_FCOS ||
           body == BODY_FSINCOS;
}

/* Registers within a unit of the last place, C1 as it likes. */
static bool nearly_equal(const struct both *b)
{
    if ((get16(b->host + 4) ^ get16(b->mine + 4)) & ~FSW_C1) return false;
    for (unsigned i = 0; i < 8; i++) {
        const uint8_t *p = b->host + 28 + 10 * i, *q = b->mine + 28 + 10 * i;
        uint64_t d = get64(p) - get64(q);
        if (get16(p + 8) != get16(q + 8) || (d + 1 > 2)) return false;
    }
    return true;
}

/* FCOMI leaves EFLAGS alone when its operand is refused: Intel's manual says so, parts of AMD write them. */
static bool flags_agree(const struct both *b)
{
    bool refused = get16(b->mine + 4) & ~get16(b->mine) & (FE_IE | FE_DE);
    return !((b->eflags_mine ^ (refused ? b->eflags : b->eflags_host)) & FL_ARITH);
}

static bool agree(struct both *b)
{
    bool words = get16(b->host) == get16(b->mine) && get16(b->host + 8) == get16(b->mine + 8);
    bool memory = !memcmp(b->mem_host, b->mem_mine, 16) && b->ax_host == b->ax_mine && !b->event;
    if (!words || !memory || !flags_agree(b)) return false;
    if (is_transcendental(b->row->body)) return nearly_equal(b);
    return get16(b->host + 4) == get16(b->mine + 4) && !memcmp(b->host + 28, b->mine + 28, 80);
}

static void print_image(const char *who, const uint8_t *p, const uint8_t *mem)
{
    char line[256];
    int n = snprintf(line, sizeof line, "  %s cw %04x sw %04x tw %04x", who, get16(p), get16(p + 4),
                     get16(p + 8));
    for (unsigned i = 0; i < 2; i++)
        n += snprintf(line + n, sizeof line - (size_t)n, " %04x:%08x%08x",
                      get16(p + 28 + 10 * i + 8), get32(p + 32 + 10 * i), get32(p + 28 + 10 * i));
    cr_log_error("%s mem %08x%08x", line, get32(mem + 4), get32(mem));
}

static void complain(const struct both *b)
{
    cr_log_error("%s %02x %02x%s", b->row->mnemonic, b->insn[0], b->insn[1],
                 b->event ? ": event" : "");
    cr_log_error("  eflags %04x host %04x here %04x", b->eflags, b->eflags_host, b->eflags_mine);
    print_image("from", b->before, b->mem_before);
    print_image("host", b->host, b->mem_host);
    print_image("here", b->mine, b->mem_mine);
}

/* Arguments for which the 387 promises nothing: beyond 1 for F2XM1, beyond 1 - sqrt(1/2) for FYL2XP1. */
static bool is_undefined(const struct both *b)
{
    unsigned exp = get16(b->before + 28 + 8) & 0x7fff;
    if (b->row->body == BODY_F2XM1) return exp >= F80_BIAS;
    return b->row->body == BODY_FYL2XP1 && exp >= F80_BIAS - 2;
}

/* --- rows --- */

/* Left to test_x87.c: addresses of the last instruction; and encodings the 387 reserves, which later
 * parts refuse. */
static bool is_judged(const struct i386_row *r)
{
    switch (r->body) {
    case BODY_FNONE:
    case BODY_FLDENV:
    case BODY_FRSTOR:
    case BODY_FNSTENV:
    case BODY_FNSAVE:
    case BODY_FXSAVE:
    case BODY_FXRSTOR: return false;
    default: return r->checks & CHK_FPU;
    }
}

static unsigned judge_row(struct flat *f, struct x87_host *h, const struct i386_row *r,
                          unsigned plus, unsigned rounds)
{
    unsigned bad = 0;
    uint64_t seed = 0x387u + r->opcode * 64u + plus + (unsigned)(r->ext + 1) * 8u;
    struct both b = {.row = r, .insn = {(uint8_t)r->opcode, (uint8_t)(r->ext << 3 | 6)}};
    if (r->ext < 0)
        put16(b.insn, ((uint32_t)r->opcode >> 8 | (uint32_t)r->opcode << 8) + (plus << 8));
    for (unsigned i = 0; i < rounds; i++) {
        state_random(&seed, b.before);
        if (is_undefined(&b)) continue;
        memory_random(&seed, r->op[0], b.mem_before);
        memcpy(b.mem_host, b.mem_before, 16);
        b.eflags = b.eflags_host = FL_1 | ((uint32_t)next(&seed) & FL_ARITH);
        b.ax_host = x87_host_run(h, b.insn, 2, b.before, b.mem_host, b.host, &b.eflags_host);
        run_mine(f, &b);
        if (agree(&b)) continue;
        if (bad++ < 2) complain(&b);
    }
    return bad;
}

Test(x87_insn, every_row)
{
    struct x87_host *h = x87_host_new();
    if (!h) cr_skip("this host cannot run x87 instructions from a buffer");
    struct flat *f = flat_new();
    unsigned cases = 0, forms = 0;
    start(f);
    for (unsigned row = 1; row < ROW_COUNT; row++) {
        const struct i386_row *r = &i386_rows[row];
        if (!is_judged(r)) continue;
        unsigned rounds = is_transcendental(r->body) ? ROUNDS / 4 : ROUNDS;
        for (unsigned plus = 0; plus < (r->attrs & ATT_PLUSR ? 8 : 1); plus++) {
            if (r->attrs & ATT_PLUSR) rounds = ROUNDS / 4;
            unsigned bad = judge_row(f, h, r, plus, rounds);
            cr_expect_eq(bad, 0, "%s %x /%d: %u of %u", r->mnemonic, r->opcode, r->ext, bad,
                         rounds);
            cases += rounds;
            forms++;
        }
    }
    fprintf(stderr, "# x87 against the host: %u forms, %u cases\n", forms, cases);
    flat_free(f);
    x87_host_free(h);
}
