/* f80_host.c: single x87 instructions on the host. */
#include "f80_host.h"

#include <string.h>

const char *const host_op_name[HOST_OPS] = {
    "FADD",      "FSUB",  "FMUL",    "FDIV",    "FSCALE",   "FPREM",    "FPREM1",   "FCOM",
    "FUCOM",     "FSQRT", "FRNDINT", "FXTRACT", "FXAM",     "F2XM1",    "FYL2X",    "FYL2XP1",
    "FPATAN",    "FSIN",  "FCOS",    "FPTAN",   "FST m32",  "FST m64",  "FIST m16", "FIST m32",
    "FISTP m64", "FBSTP", "FLD m32", "FLD m64", "FILD m16", "FILD m32", "FILD m64", "FBLD"};

#if defined(__x86_64__) || defined(__i386__)

bool host_has_x87(void)
{
    return true;
}

struct image {
    uint16_t cw, r0, sw, r1, tw, r2;
    uint32_t ip, cs, dp, ds;
    uint8_t reg[80];
} __attribute__((packed));

struct frame {
    uint8_t a[16], b[16], mem[16];
    struct image after;
    uint16_t cw;
};

#define RUN(insns)                                                                                 \
    __asm__ volatile("fninit\n\tfldcw %1\n\tfldt %2\n\tfldt %3\n\t" insns "\n\tfnsave %0"          \
                     : "=m"(f->after), "+m"(f->cw), "+m"(f->b), "+m"(f->a), "+m"(f->mem)           \
                     :                                                                             \
                     : "memory", "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)",       \
                       "st(7)")

static void run_register(enum host_op op, struct frame *f)
{
    switch (op) {
    case HOST_ADD: RUN("fadd %%st(1), %%st"); break;
    case HOST_SUB: RUN("fsub %%st(1), %%st"); break;
    case HOST_MUL: RUN("fmul %%st(1), %%st"); break;
    case HOST_DIV: RUN("fdiv %%st(1), %%st"); break;
    case HOST_SCALE: RUN("fscale"); break;
    case HOST_PREM: RUN("fprem"); break;
    case HOST_PREM1: RUN("fprem1"); break;
    case HOST_COM: RUN("fcom"); break;
    case HOST_UCOM: RUN("fucom"); break;
    case HOST_SQRT: RUN("fsqrt"); break;
    case HOST_RINT: RUN("frndint"); break;
    case HOST_XTRACT: RUN("fxtract"); break;
    case HOST_XAM: RUN("fxam"); break;
    case HOST_F2XM1: RUN("f2xm1"); break;
    case HOST_YL2X: RUN("fyl2x"); break;
    case HOST_YL2XP1: RUN("fyl2xp1"); break;
    case HOST_PATAN: RUN("fpatan"); break;
    case HOST_SIN: RUN("fsin"); break;
    case HOST_COS: RUN("fcos"); break;
    case HOST_TAN: RUN("fptan"); break;
    default: break;
    }
}

static void run_memory(enum host_op op, struct frame *f)
{
    switch (op) {
    case HOST_ST32: RUN("fsts %4"); break;
    case HOST_ST64: RUN("fstl %4"); break;
    case HOST_IST16: RUN("fists %4"); break;
    case HOST_IST32: RUN("fistl %4"); break;
    case HOST_IST64: RUN("fistpll %4"); break;
    case HOST_BSTP: RUN("fbstp %4"); break;
    case HOST_LD32: RUN("flds %4"); break;
    case HOST_LD64: RUN("fldl %4"); break;
    case HOST_ILD16: RUN("filds %4"); break;
    case HOST_ILD32: RUN("fildl %4"); break;
    case HOST_ILD64: RUN("fildll %4"); break;
    case HOST_BLD: RUN("fbld %4"); break;
    default: break;
    }
}

static f80 reg_of(const struct frame *f, unsigned i)
{
    f80 v;
    memcpy(&v.m, f->after.reg + 10 * i, 8);
    memcpy(&v.se, f->after.reg + 10 * i + 8, 2);
    return v;
}

static void put(uint8_t *to, f80 v)
{
    memcpy(to, &v.m, 8);
    memcpy(to + 8, &v.se, 2);
}

void host_x87(enum host_op op, uint16_t cw, f80 a, f80 b, const uint8_t *mem, struct host_out *out)
{
    struct frame frame = {.cw = cw}, *f = &frame;
    put(f->a, a);
    put(f->b, b);
    memset(f->mem, 0xa5, sizeof f->mem);
    if (mem) memcpy(f->mem, mem, 10);
    if (op < HOST_ST32)
        run_register(op, f);
    else
        run_memory(op, f);
    *out = (struct host_out){.st0 = reg_of(f, 0), .st1 = reg_of(f, 1), .sw = f->after.sw};
    memcpy(out->mem, f->mem, sizeof out->mem);
}

#else

bool host_has_x87(void)
{
    return false;
}

void host_x87(enum host_op op, uint16_t cw, f80 a, f80 b, const uint8_t *mem, struct host_out *out)
{
    (void)op, (void)cw, (void)a, (void)b, (void)mem;
    memset(out, 0, sizeof *out);
}

#endif
