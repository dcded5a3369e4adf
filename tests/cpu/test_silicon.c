/* alu.h against the host's own processor, where that is an x86: the same results, and the same flags but
 * those that the manual leaves undefined. */
#include <criterion/criterion.h>

#include "alu.h"

#if defined(__x86_64__)

#define OPERATIONS 200000
#define HOST_FLAGS 0x202u /* IF and bit 1 stay set on the host */

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}
/* Small, large and edge values, not only white noise. */
static uint32_t operand(uint64_t *state, unsigned size)
{
    static const uint32_t edges[] = {0,          1,      0x7f,   0x80,       0xff,
                                     0x7fff,     0x8000, 0xffff, 0x7fffffff, 0x80000000,
                                     0xffffffff, 2,      15,     16};
    uint64_t r = next_random(state);
    return (r & 0x300 ? (uint32_t)(r >> 32) : edges[r % 14]) & size_mask(size);
}

struct host {
    uint32_t a, b, c; /* in: operands; out: results */
    uint32_t flags;
};

/* The stack is moved below the red zone; LEA leaves flags alone. */
#define HOST(text, ...)                                                                            \
    do {                                                                                           \
        uint64_t fl_ = h->flags | HOST_FLAGS;                                                      \
        __asm__ volatile("lea -128(%%rsp), %%rsp\n push %[fl]\n popfq\n" text                      \
                         "\n pushfq\n pop %[fl]\n lea 128(%%rsp), %%rsp"                           \
                         : [fl] "+&r"(fl_), __VA_ARGS__                                            \
                         :                                                                         \
                         : "cc");                                                                  \
        h->flags = (uint32_t)fl_;                                                                  \
    } while (0)

#define HOST_OP(name, text1, text2, text4)                                                         \
    static void host_##name(struct host *h, unsigned size)                                         \
    {                                                                                              \
        if (size == 1)                                                                             \
            HOST(text1, "+a"(h->a), "+c"(h->b), "+d"(h->c));                                       \
        else if (size == 2)                                                                        \
            HOST(text2, "+a"(h->a), "+c"(h->b), "+d"(h->c));                                       \
        else                                                                                       \
            HOST(text4, "+a"(h->a), "+c"(h->b), "+d"(h->c));                                       \
    }
#define HOST_BINARY(op) HOST_OP(op, #op "b %%cl, %%al", #op "w %%cx, %%ax", #op "l %%ecx, %%eax")
#define HOST_UNARY(op)  HOST_OP(op, #op "b %%al", #op "w %%ax", #op "l %%eax")
#define HOST_SHIFT(op)  HOST_OP(op, #op "b %%cl, %%al", #op "w %%cl, %%ax", #op "l %%cl, %%eax")

HOST_BINARY(add)
HOST_BINARY(adc)
HOST_BINARY(sub)
HOST_BINARY(sbb)
HOST_BINARY(and)
HOST_BINARY(or)
HOST_BINARY(xor)
HOST_UNARY(inc)
HOST_UNARY(dec)
HOST_UNARY(neg)
HOST_SHIFT(rol)
HOST_SHIFT(ror)
HOST_SHIFT(rcl)
HOST_SHIFT(rcr)
HOST_SHIFT(shl)
HOST_SHIFT(shr)
HOST_SHIFT(sar)
HOST_OP(shld, "", "shldw %%cl, %%dx, %%ax", "shldl %%cl, %%edx, %%eax")
HOST_OP(shrd, "", "shrdw %%cl, %%dx, %%ax", "shrdl %%cl, %%edx, %%eax")
HOST_OP(mul, "mulb %%cl", "mulw %%cx", "mull %%ecx")
HOST_OP(imul, "imulb %%cl", "imulw %%cx", "imull %%ecx")
HOST_OP(div, "divb %%cl", "divw %%cx", "divl %%ecx")
HOST_OP(idiv, "idivb %%cl", "idivw %%cx", "idivl %%ecx")
HOST_OP(bsf, "", "bsfw %%cx, %%ax", "bsfl %%ecx, %%eax")
HOST_OP(bsr, "", "bsrw %%cx, %%ax", "bsrl %%ecx, %%eax")

static unsigned differences;

static void same(const char *name, unsigned size, const struct host *in, const struct host *is,
                 const struct alu_out *o, bool high)
{
    uint32_t mask = size_mask(size), flags = FL_ARITH & ~o->undefined;
    uint32_t result2 = size == 1 ? is->a >> 8 & 0xff : is->c & mask;
    bool ok = ((is->a ^ o->result) & mask) == 0 && (!high || result2 == o->result2) &&
              ((is->flags ^ o->flags) & flags) == 0;
    if (ok || ++differences > 20) return;
    cr_expect(false, "%s%u a=%x b=%x c=%x flags=%x: %x:%x flags %x, host %x:%x flags %x", name,
              8 * size, in->a, in->b, in->c, in->flags & FL_ARITH, o->result2, o->result,
              o->flags & FL_ARITH, result2, is->a & mask, is->flags & FL_ARITH);
}

#define CHECK(name, expression, high)                                                              \
    do {                                                                                           \
        struct host h = in;                                                                        \
        struct alu_out o = expression;                                                             \
        host_##name(&h, size);                                                                     \
        same(#name, size, &in, &h, &o, high);                                                      \
    } while (0)

static void compare_all(struct host in, unsigned size)
{
    uint32_t a = in.a, b = in.b, f = in.flags;
    CHECK(add, alu_add(a, b, f, size), false);
    CHECK(adc, alu_adc(a, b, f & FL_CF, f, size), false);
    CHECK(sub, alu_sub(a, b, f, size), false);
    CHECK(sbb, alu_sbb(a, b, f & FL_CF, f, size), false);
    CHECK(and, alu_logic(a & b, f, size), false);
    CHECK(or, alu_logic(a | b, f, size), false);
    CHECK(xor, alu_logic(a ^ b, f, size), false);
    CHECK(inc, alu_inc(a, f, size), false);
    CHECK(dec, alu_dec(a, f, size), false);
    CHECK(neg, alu_neg(a, f, size), false);
    CHECK(rol, alu_rol(a, b, f, size), false);
    CHECK(ror, alu_ror(a, b, f, size), false);
    CHECK(rcl, alu_rcl(a, b, f, size), false);
    CHECK(rcr, alu_rcr(a, b, f, size), false);
    CHECK(shl, alu_shl(a, b, f, size), false);
    CHECK(shr, alu_shr(a, b, f, size), false);
    CHECK(sar, alu_sar(a, b, f, size), false);
    CHECK(mul, alu_mul(a, b, f, size), true);
    CHECK(imul, alu_imul(a, b, f, size), true);
}

/* Those without a byte form, and with undefined results to keep away from. */
static void compare_wide(struct host in, unsigned size)
{
    uint32_t a = in.a, b = in.b, c = in.c, f = in.flags;
    if ((b & 31) <= 8 * size) CHECK(shld, alu_shld(a, c, b, f, size), false);
    if ((b & 31) <= 8 * size) CHECK(shrd, alu_shrd(a, c, b, f, size), false);
    if (b) CHECK(bsf, alu_scan(b, a, false, f), false);
    if (b) CHECK(bsr, alu_scan(b, a, true, f), false);
}

static void compare_division(struct host in, unsigned size)
{
    struct alu_out o;
    struct host h = in;
    uint32_t high = size == 1 ? in.a >> 8 & 0xff : in.c, low = in.a & size_mask(size);
    if (alu_div(high, low, in.b, in.flags, size, &o) == DIVIDE_OK) {
        host_div(&h, size);
        same("div", size, &in, &h, &o, true);
    }
    h = in;
    if (alu_idiv(high, low, in.b, in.flags, size, &o) == DIVIDE_OK) {
        host_idiv(&h, size);
        same("idiv", size, &in, &h, &o, true);
    }
}

Test(silicon, alu)
{
    uint64_t seed = 0x9e3779b97f4a7c15u;
    for (unsigned i = 0; i < OPERATIONS; i++)
        for (unsigned size = 1; size <= 4; size *= 2) {
            struct host in = {.a = operand(&seed, size), .b = operand(&seed, size)};
            in.c = operand(&seed, size);
            in.flags = (uint32_t)next_random(&seed) & FL_ARITH;
            compare_all(in, size);
            if (size > 1) compare_wide(in, size);
            if (i & 1) in.c = in.a & size_sign(size) ? size_mask(size) : 0; /* quotients that fit */
            if (size == 1) in.a |= (in.c & 0xff) << 8;
            compare_division(in, size);
        }
    cr_expect_eq(differences, 0);
}

#else

Test(silicon, host_is_not_an_x86)
{
    cr_skip_test("the host cannot execute the instructions itself");
}

#endif
