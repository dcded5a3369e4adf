/* fxsave.c: MXCSR, and the 512 bytes of FXSAVE and FXRSTOR [SDM2 FXSAVE].
 *
 *        15  14..13  12  11..8  7..6  5   4   3..2  1..0
 *   000  (0) FCS      FIP       FOP   (0) FTW FSW   FCW        FTW: one bit a register, set: not empty
 *   010  MXCSR mask   MXCSR     (0)  FDS      FDP
 *   020  (0)          ST0, MM0: 10 bytes                       ... 090: ST7
 *   0A0  XMM0                                                  ... 110: XMM7
 *   120  reserved, left as they are                            ... 1F0
 */
#include <string.h>

#include "level.h"
#include "simd_insn.h"

#define IMAGE_BYTES 512
#define AT_MXCSR    24
#define AT_ST       32
#define AT_XMM      160
#define AT_RESERVED FXSAVE_BYTES

fault_t simd_ldmxcsr(struct exec *x)
{
    uint32_t v;
    TRY(mem_read(x->cpu, (enum segreg)x->in->seg, x->ea, 4, &v));
    if (v & ~MXCSR_ALL) return fault_make(VEC_GP, 0, RULE_SIMD_MXCSR);
    x->cpu->s.sse.mxcsr = v;
    return fault_none();
}

fault_t simd_stmxcsr(struct exec *x)
{
    return mem_write(x->cpu, (enum segreg)x->in->seg, x->ea, 4, x->cpu->s.sse.mxcsr);
}

/* MXCSR and the XMM registers take part. */
static bool with_sse(const struct i386_cpu *cpu)
{
    return (level_of(cpu->level)->features & FEATURE_SSE) && (cpu->s.cr4 & CR4_OSFXSR);
}

static void put_x87(const struct i386_x87 *f, uint8_t *to)
{
    unsigned tags = 0;
    for (unsigned r = 0; r < 8; r++)
        tags |= (unsigned)((f->tw >> 2 * r & 3) != 3) << r;
    put16(to, f->cw);
    put16(to + 2, f->sw);
    put16(to + 4, tags);
    put16(to + 6, f->fop);
    put32(to + 8, f->fip);
    put32(to + 12, f->fcs);
    put32(to + 16, f->fdp);
    put32(to + 20, f->fds);
    for (unsigned i = 0; i < 8; i++) {
        f80 v = x87_get(f, i);
        put64(to + AT_ST + 16 * i, v.m);
        put64(to + AT_ST + 16 * i + 8, v.se);
    }
}

void fxsave_put(const struct i386_x87 *f, const struct i386_sse *sse, bool all,
                uint8_t to[FXSAVE_BYTES])
{
    put_x87(f, to);
    put32(to + AT_MXCSR, all ? sse->mxcsr : 0);
    put32(to + AT_MXCSR + 4, all ? MXCSR_ALL : 0);
    for (unsigned i = 0; i < 8; i++) {
        put64(to + AT_XMM + 16 * i, all ? sse->xmm[i][0] : 0);
        put64(to + AT_XMM + 16 * i + 8, all ? sse->xmm[i][1] : 0);
    }
}

fault_t simd_fxsave(struct exec *x)
{
    bool all = with_sse(x->cpu);
    uint8_t bytes[AT_RESERVED];
    TRY(simd_check_aligned(x));
    TRY(wide_touch(x, IMAGE_BYTES, ACCESS_WRITE));
    fxsave_put(&x->cpu->s.x87, &x->cpu->s.sse, all, bytes);
    return wide_store(x, all ? AT_RESERVED : AT_XMM, bytes);
}

static void get_x87(struct i386_x87 *f, const uint8_t *from)
{
    uint16_t tags = 0;
    for (unsigned r = 0; r < 8; r++)
        if (!(from[4] >> r & 1)) tags |= (uint16_t)(3u << 2 * r);
    f->cw = (uint16_t)((get16(from) & FCW_KEPT) | FCW_FIXED);
    f->sw = get16(from + 2);
    f->fop = get16(from + 6) & 0x7ff;
    f->fip = get32(from + 8);
    f->fcs = get16(from + 12);
    f->fdp = get32(from + 16);
    f->fds = get16(from + 20);
    for (unsigned i = 0; i < 8; i++) {
        unsigned r = x87_reg(f, i);
        f->m[r] = get64(from + AT_ST + 16 * i);
        f->se[r] = get16(from + AT_ST + 16 * i + 8);
    }
    x87_load_tags(f, tags);
    x87_summarize(f);
}

fault_t simd_fxrstor(struct exec *x)
{
    struct i386_sse *sse = &x->cpu->s.sse;
    bool all = with_sse(x->cpu);
    uint8_t bytes[AT_RESERVED];
    TRY(simd_check_aligned(x));
    TRY(wide_touch(x, IMAGE_BYTES, ACCESS_READ));
    TRY(wide_load(x, all ? AT_RESERVED : AT_XMM, bytes));
    uint32_t mxcsr = get32(bytes + AT_MXCSR);
    if (all && (mxcsr & ~MXCSR_ALL)) return fault_make(VEC_GP, 0, RULE_SIMD_MXCSR);
    get_x87(&x->cpu->s.x87, bytes);
    if (!all) return fault_none();
    sse->mxcsr = mxcsr;
    for (unsigned i = 0; i < 8; i++) {
        sse->xmm[i][0] = get64(bytes + AT_XMM + 16 * i);
        sse->xmm[i][1] = get64(bytes + AT_XMM + 16 * i + 8);
    }
    return fault_none();
}
