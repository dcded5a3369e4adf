/* test_simd_insn.c: every row of MMX, SSE and SSE2 from random states against the host's processor: XMM and x87
 * registers, tags, MXCSR, EFLAGS, EAX, memory, and whether it is refused, with and without alignment check. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "bits.h"
#include "flat.h"
#include "next.h"
#include "opcode.h"
#include "simd.h"
#include "simd_host.h"
#include "x87.h"

#define ROUNDS 1500
#define MEMORY 1024

/* --- random states --- */

/* Lanes that mean something as integers, as binary32 or as binary64. */
static uint64_t lanes(uint64_t *seed)
{
    static const uint64_t some[] = {
        0,
        UINT64_C(0x3ff0000000000000),
        UINT64_C(0x3f8000003f800000),
        UINT64_C(0x7ff0000000000000),
        UINT64_C(0xffc00000ff800001),
        UINT64_C(0x7fff80007fff8000),
        UINT64_C(0x00000001807fffff),
        UINT64_C(0xfff8000000000001),
        UINT64_C(0x0000000000000003),
        UINT64_C(0x41dfffffffe00000),
        UINT64_C(0x7ff4000000000000),
        UINT64_C(0x000fffffffffffff),
    };
    uint64_t r = next(seed), v = next(seed);
    switch (r & 7) {
    case 0: return some[(r >> 8) % (sizeof some / sizeof some[0])];
    case 1: return v & 0x3f;
    case 2: return (v & UINT64_C(0x803fffffffffffff)) | UINT64_C(0x3fe0000000000000);
    case 3: return (v & UINT64_C(0x80ffffff80ffffff)) | UINT64_C(0x3f0000003f000000);
    case 4: return (v & UINT64_C(0x800fffffffffffff)) | (r >> 8 & 0x1f) << 52;
    default: return v;
    }
}

static void image_random(uint64_t *seed, uint8_t *p)
{
    uint64_t r = next(seed);
    bool pending = (r & 63) == 0;
    memset(p, 0, 512);
    put16(p, 0x37f);
    if (pending) put16(p, 0x340);
    put16(p + 2, (uint16_t)((r >> 8 & 0x7f00) | (pending ? 0x8081 : 0)));
    p[4] = (uint8_t)(r >> 24);
    uint32_t mxcsr = (uint32_t)(r >> 32) & MXCSR_ALL;
    if (r & 0x700000) mxcsr |= MXCSR_MASKS;
    put32(p + 24, mxcsr);
    for (unsigned i = 0; i < 8; i++) {
        put64(p + 32 + 16 * i, lanes(seed));
        put16(p + 40 + 16 * i, (uint32_t)next(seed));
    }
    for (unsigned i = 0; i < 16; i++)
        put64(p + 160 + 8 * i, lanes(seed));
}

/* --- one comparison --- */

struct both {
    const struct i386_row *row;
    uint8_t insn[8];
    unsigned n, at; /* where the operand begins: EFLAGS and memory are the same for both */
    uint8_t image[512], mine[512];
    uint32_t eax, eflags, eax_mine, eflags_mine;
    uint8_t memory[MEMORY], memory_mine[MEMORY];
    bool refused;
    struct simd_image host;
    uint8_t host_memory[MEMORY] __attribute__((aligned(64)));
};

static void state_from_image(struct i386_state *s, const uint8_t *p)
{
    uint16_t tags = 0;
    for (unsigned i = 0; i < 8; i++)
        if (!(p[4] >> i & 1)) tags |= (uint16_t)(3u << 2 * i);
    s->x87.cw = (uint16_t)get16(p);
    s->x87.sw = (uint16_t)get16(p + 2);
    for (unsigned i = 0; i < 8; i++) {
        unsigned r = x87_reg(&s->x87, i);
        s->x87.m[r] = get64(p + 32 + 16 * i);
        s->x87.se[r] = (uint16_t)get16(p + 40 + 16 * i);
    }
    x87_load_tags(&s->x87, tags);
    s->sse.mxcsr = get32(p + 24);
    for (unsigned i = 0; i < 16; i++)
        s->sse.xmm[i / 2][i % 2] = get64(p + 160 + 8 * i);
}

static void image_from_state(const struct i386_state *s, uint8_t *p)
{
    memset(p, 0, 512);
    put16(p, s->x87.cw);
    put16(p + 2, s->x87.sw);
    for (unsigned i = 0; i < 8; i++) {
        unsigned r = x87_reg(&s->x87, i);
        put64(p + 32 + 16 * i, s->x87.m[r]);
        put16(p + 40 + 16 * i, s->x87.se[r]);
        if ((s->x87.tw >> 2 * i & 3) != 3) p[4] |= (uint8_t)(1 << i);
    }
    put32(p + 24, s->sse.mxcsr);
    for (unsigned i = 0; i < 16; i++)
        put64(p + 160 + 8 * i, s->sse.xmm[i / 2][i % 2]);
}

static void run_mine(struct flat *f, struct both *b)
{
    struct i386_state *s = &f->cpu.s;
    s->eip = FLAT_CODE;
    s->cr0 |= CR0_AM;
    s->gpr[ESI] = s->gpr[EDI] = FLAT_DATA + b->at;
    s->gpr[EAX] = b->eax;
    s->eflags = b->eflags;
    cr_assert(bus_poke(f->bus, phys(FLAT_CODE), b->insn, b->n));
    cr_assert(bus_poke(f->bus, phys(FLAT_DATA), b->memory, MEMORY));
    state_from_image(s, b->image);
    b->refused = cpu_step(&f->cpu) != STEP_RETIRED;
    cr_assert(bus_peek(f->bus, phys(FLAT_DATA), b->memory_mine, MEMORY));
    image_from_state(s, b->mine);
    b->eax_mine = s->gpr[EAX];
    b->eflags_mine = s->eflags;
    if (b->refused) flat_ring3(f, 0);
}

static void run_host(struct simd_host *h, struct both *b)
{
    memcpy(b->host.before, b->image, 512);
    memcpy(b->host_memory, b->memory, MEMORY);
    b->host.eax = b->eax;
    b->host.eflags = b->eflags;
    b->host.memory = b->host_memory + b->at;
    simd_host_image(h, b->insn, b->n, &b->host);
}

/* What FXSAVE leaves to the implementation: the addresses of the last x87 instruction, the mask, registers of 64-bit
 * mode, and what is reserved. */
static void forget_addresses(uint8_t *p)
{
    memset(p + 5, 0, 19);
    memset(p + 28, 0, 4);
    for (unsigned i = 0; i < 8; i++)
        memset(p + 42 + 16 * i, 0, 6);
    memset(p + 288, 0, 512 - 288);
}

static bool is_approximate(const struct both *b)
{
    unsigned body = b->row->body;
    return body == BODY_RCPPS || body == BODY_RCPSS || body == BODY_RSQRTPS || body == BODY_RSQRTSS;
}

/* Lanes of the destination that are numbers: only sign and nearness count (test_simd.c has the error). */
static void forget_approximations(struct both *b)
{
    unsigned reg = b->insn[b->row->prefix ? 3 : 2] >> 3 & 7;
    for (unsigned i = 0; i < (b->row->prefix ? 1u : 4u); i++) {
        uint8_t *mine = b->mine + 160 + 16 * reg + 4 * i, *host = b->host.after + (mine - b->mine);
        uint32_t v = get32(host), w = get32(mine), off = v - w + 0x2000;
        bool number = (v & 0x7f800000) % 0x7f800000;
        if (number && off <= 0x4000) put32(mine, v);
    }
}

#define ARITHMETIC 0x8d5u

static const char *difference(struct both *b)
{
    forget_addresses(b->mine);
    forget_addresses(b->host.after);
    if (b->row->body == BODY_FXSAVE) {
        forget_addresses(b->memory_mine);
        forget_addresses(b->host_memory);
    }
    if (is_approximate(b)) forget_approximations(b);
    if (b->refused != (b->host.signal != 0)) return "refused or not";
    if (memcmp(b->mine, b->host.after, 24) != 0) return "x87 words";
    if (memcmp(b->mine + 24, b->host.after + 24, 4) != 0) return "MXCSR";
    if (memcmp(b->mine + 32, b->host.after + 32, 128) != 0) return "MMX registers";
    if (memcmp(b->mine + 160, b->host.after + 160, 128) != 0) return "XMM registers";
    if (b->eax_mine != b->host.eax) return "EAX";
    if ((b->eflags_mine ^ b->host.eflags) & ARITHMETIC && !b->refused) return "EFLAGS";
    return memcmp(b->memory_mine, b->host_memory, MEMORY) != 0 ? "memory" : NULL;
}

static void tell(const struct both *b, const char *what)
{
    const uint8_t *p[3] = {b->image, b->host.after, b->mine};
    static const char *const who[3] = {"from", "host", "here"};
    cr_log_error("%s, %s:%s%s at %u", b->row->mnemonic, what, b->refused ? " refused here" : "",
                 b->host.signal ? " refused by the host" : "", b->at);
    for (unsigned i = 0; i < b->n; i++)
        cr_log_error("  byte %02x", b->insn[i]);
    for (unsigned i = 0; i < 3; i++)
        cr_log_error(
            "  %s cw %04x sw %04x tw %02x mxcsr %04x xmm0 %016lx:%016lx xmm1 %016lx:%016lx mm0 "
            "%016lx",
            who[i], get16(p[i]), get16(p[i] + 2), p[i][4], get32(p[i] + 24), get64(p[i] + 168),
            get64(p[i] + 160), get64(p[i] + 184), get64(p[i] + 176), get64(p[i] + 32));
    cr_log_error("  eax %08x host %08x here %08x memory %016lx host %016lx here %016lx", b->eax,
                 b->host.eax, b->eax_mine, get64(b->memory + b->at), get64(b->host_memory + b->at),
                 get64(b->memory_mine + b->at));
}

/* --- rows --- */

static bool is_judged(const struct i386_row *r)
{
    bool state = r->body == BODY_FXSAVE || r->body == BODY_FXRSTOR;
    return state || (r->checks & (CHK_MMX | CHK_SSE));
}

static bool row_has(const struct i386_row *r, unsigned kind)
{
    return r->op[0] == kind || r->op[1] == kind || r->op[2] == kind;
}

/* A register form, or [ESI]; general registers are EAX. */
static void assemble(struct both *b, uint64_t *seed, bool mem)
{
    const struct i386_row *r = b->row;
    uint64_t v = next(seed);
    unsigned reg = r->ext >= 0 ? (unsigned)r->ext : (unsigned)(v & 7), rm = v >> 3 & 7;
    b->n = 0;
    if (r->prefix) b->insn[b->n++] = r->prefix;
    b->insn[b->n++] = 0x0f;
    b->insn[b->n++] = (uint8_t)r->opcode;
    if (row_has(r, O_Gd)) reg = EAX;
    if (row_has(r, O_Ed)) rm = EAX;
    if (r->body != BODY_EMMS)
        b->insn[b->n++] = (uint8_t)(mem ? reg << 3 | 6 : 0xc0 | reg << 3 | rm);
    if (row_has(r, O_Ib)) b->insn[b->n++] = (uint8_t)(v >> 8);
}

static void prepare(struct both *b, uint64_t *seed, bool mem)
{
    uint64_t r = next(seed);
    image_random(seed, b->image);
    assemble(b, seed, mem);
    for (unsigned i = 0; i < MEMORY; i += 8)
        put64(b->memory + i, lanes(seed));
    b->at = r & 15 ? 0u : (unsigned)(r >> 8 & 15);
    if (b->row->body == BODY_FXRSTOR) image_random(seed, b->memory);
    if (b->row->body == BODY_LDMXCSR) {
        put32(b->memory + b->at, (uint32_t)(r >> 16 & MXCSR_ALL));
        if ((r & 0x70) == 0) put32(b->memory + b->at, 0x10000);
    }
    b->eax = (uint32_t)next(seed);
    b->eflags = FL_1 | ((uint32_t)next(seed) & FL_ARITH);
    /* MASKMOVQ, MASKMOVDQU: what must be aligned is left open. */
    if ((r & 0x300000) == 0 && b->row->body != BODY_MASKMOV) b->eflags |= FL_AC;
}

static unsigned judge(struct flat *f, struct simd_host *h, const struct i386_row *r, bool mem)
{
    static struct both b;
    unsigned bad = 0;
    uint64_t seed =
        0x86u + r->opcode * 64u + r->prefix * 0x100000u + (unsigned)(r->ext + 1) * 2u + mem;
    b.row = r;
    for (unsigned i = 0; i < ROUNDS; i++) {
        prepare(&b, &seed, mem);
        run_host(h, &b);
        run_mine(f, &b);
        const char *what = difference(&b);
        if (what && bad++ < 2) tell(&b, what);
    }
    return bad;
}

Test(simd_insn, every_row)
{
    struct simd_host *h = simd_host_new();
    if (!h) cr_skip("this host has no SSE2 to compare with");
    struct flat *f = flat_new();
    f->level = LEVEL_SSE2;
    flat_ring3(f, 0);
    unsigned forms = 0;
    for (unsigned row = 1; row < ROW_COUNT; row++) {
        const struct i386_row *r = &i386_rows[row];
        bool register_form = i386_rows[row - 1].attrs & ATT_PAIR;
        bool memory_only =
            (r->checks & CHK_MEM) || (r->attrs & ATT_PAIR) || r->op[0] == O_Mq || row_has(r, O_Mx);
        if (!is_judged(r)) continue;
        for (unsigned mem = 0; mem < 2; mem++) {
            bool no_memory = r->body == BODY_EMMS || (r->checks & CHK_REG) || register_form;
            /* Intel's manual makes MMX of the coprocessor here, parts of AMD do not: later_refusals.def. */
            if (mem && r->body == BODY_CVTPI2PS) continue;
            if (mem ? no_memory : memory_only) continue;
            unsigned bad = judge(f, h, r, mem);
            cr_expect_eq(bad, 0, "%s %02x %x /%d %s: %u of %u", r->mnemonic, r->prefix, r->opcode,
                         r->ext, mem ? "memory" : "register", bad, ROUNDS);
            forms++;
        }
    }
    fprintf(stderr, "# MMX, SSE, SSE2 against the host: %u forms, %u cases\n", forms,
            forms * ROUNDS);
    flat_free(f);
    simd_host_free(h);
}
