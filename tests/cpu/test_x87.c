/* test_x87.c: what the host cannot judge: waiting and #MF, #NM, images in all formats, addresses of the last
 * instruction, operands in forbidden memory, no coprocessor. */
#include <criterion/criterion.h>
#include <string.h>

#include "bits.h"
#include "flat.h"
#include "opcode.h"
#include "x87.h"

#define CODE(...) ((const uint8_t[]){__VA_ARGS__})

/* 32-bit protected mode with a coprocessor after FNINIT, ESI = data. */
static struct flat *start(void)
{
    struct flat *f = flat_new();
    flat_reset(f, 32);
    f->cpu.x87 = true;
    x87_init(&f->cpu.s.x87);
    f->cpu.s.gpr[ESI] = FLAT_DATA;
    return f;
}

static enum cpu_step run(struct flat *f, const uint8_t *code, size_t n)
{
    struct i386_state *s = &f->cpu.s;
    uint32_t at = s->seg[CS].sh.base + s->eip;
    for (size_t i = 0; i < n; i++)
        flat_put(f, at + (uint32_t)i, 1, code[i]);
    for (uint32_t end = s->eip + (uint32_t)n; s->eip != end;) {
        enum cpu_step step = cpu_step(&f->cpu);
        if (step != STEP_RETIRED) return step;
    }
    return STEP_RETIRED;
}
#define RUN(f, ...) run(f, CODE(__VA_ARGS__), sizeof CODE(__VA_ARGS__))

static void expect_fault(struct flat *f, enum cpu_step step, uint8_t vector, enum rule rule)
{
    cr_expect_eq(step, STEP_SHUTDOWN); /* the IDT is empty */
    cr_expect_eq(f->cpu.chain[0].vector, vector, "vector %u", f->cpu.chain[0].vector);
    cr_expect_eq(f->cpu.chain[0].rule, rule, "%s", rule_name(f->cpu.chain[0].rule));
}

/* --- exceptions wait for the next instruction that waits --- */

Test(x87, unmasked_exception_is_raised_by_the_next_one)
{
    static const uint8_t waiting[][2] = {{0xd9, 0xe8}, {0xde, 0xc9}, {0xd9, 0x2e}, {0xdd, 0x26},
                                         {0xd9, 0x26}, {0xd9, 0xd0}, {0xd9, 0xf7}, {0x9b, 0x90}};
    for (unsigned i = 0; i < sizeof waiting / sizeof waiting[0]; i++) {
        struct flat *f = start();
        f->cpu.s.x87.cw &= (uint16_t)~FE_ZE;
        /* fld1; fldz; fdivp: 1/0 */
        cr_expect_eq(RUN(f, 0xd9, 0xe8, 0xd9, 0xee, 0xde, 0xf9), STEP_RETIRED);
        struct i386_x87 pending = f->cpu.s.x87;
        uint32_t eip = f->cpu.s.eip;
        cr_expect_eq(pending.sw & (FSW_ES | FSW_B | FE_ZE), FSW_ES | FSW_B | FE_ZE);
        cr_expect_eq(x87_top(&pending), 6, "operands and TOP stay");
        expect_fault(f, run(f, waiting[i], 2), VEC_MF, RULE_X87_ERROR);
        cr_expect_eq(memcmp(&f->cpu.s.x87, &pending, sizeof pending), 0);
        cr_expect_eq(f->cpu.s.eip, eip, "the saved EIP is the instruction that waited");
        flat_free(f);
    }
}

Test(x87, instructions_that_do_not_wait)
{
    static const uint8_t quiet[][2] = {{0xdb, 0xe0}, {0xdb, 0xe1}, {0xdb, 0xe2}, {0xdb, 0xe3},
                                       {0xdb, 0xe4}, {0xdf, 0xe0}, {0xdd, 0x3e}, {0xd9, 0x3e},
                                       {0xd9, 0x36}, {0xdd, 0x36}};
    for (unsigned i = 0; i < sizeof quiet / sizeof quiet[0]; i++) {
        struct flat *f = start();
        x87_reset(&f->cpu.s.x87);
        cr_expect_eq(run(f, quiet[i], 2), STEP_RETIRED, "%02x %02x", quiet[i][0], quiet[i][1]);
        flat_free(f);
    }
}

/* FLDCW that clears the mask of an old exception raises it; FNCLEX and masking take it back. */
Test(x87, masks_and_summary)
{
    struct flat *f = start();
    struct i386_x87 *x = &f->cpu.s.x87;
    flat_put(f, FLAT_DATA, 2, 0x037b);
    RUN(f, 0xd9, 0xe8, 0xd9, 0xee, 0xde, 0xf9); /* masked zero divide */
    cr_expect_eq(x->sw & (FSW_ES | FE_ZE), FE_ZE);
    RUN(f, 0xd9, 0x2e);
    cr_expect_eq(x->sw & (FSW_ES | FSW_B), FSW_ES | FSW_B);
    RUN(f, 0xd9, 0x76, 0x40); /* fnstenv masks all */
    cr_expect_eq(x->sw & (FSW_ES | FSW_B | FE_ZE), FE_ZE);
    cr_expect_eq(x->cw & 0x3f, 0x3f);
    RUN(f, 0xdb, 0xe2);
    cr_expect_eq(x->sw & 0x80ff, 0);
    flat_free(f);
}

/* --- #NM --- */

Test(x87, em_and_ts)
{
    static const struct {
        uint32_t cr0;
        uint8_t code[2];
        enum rule rule; /* RULE_NONE: runs */
    } cases[] = {
        {CR0_EM, {0xd9, 0xe8}, RULE_INSN_FPU_EMULATE},
        {CR0_TS, {0xd9, 0xe8}, RULE_INSN_FPU_SWITCHED},
        {CR0_TS, {0xdb, 0xe3}, RULE_INSN_FPU_SWITCHED},
        {CR0_EM | CR0_TS, {0xdf, 0xe0}, RULE_INSN_FPU_EMULATE},
        {CR0_MP, {0xd9, 0xe8}, RULE_NONE},
        {CR0_TS, {0x9b, 0x90}, RULE_NONE},
        {CR0_MP, {0x9b, 0x90}, RULE_NONE},
        {CR0_EM, {0x9b, 0x90}, RULE_NONE},
        {CR0_MP | CR0_TS, {0x9b, 0x90}, RULE_INSN_WAIT_SWITCHED},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct flat *f = start();
        f->cpu.s.cr0 |= cases[i].cr0;
        if (cases[i].rule) x87_reset(&f->cpu.s.x87); /* #NM comes before #MF */
        enum cpu_step step = run(f, cases[i].code, 2);
        if (cases[i].rule)
            expect_fault(f, step, VEC_NM, cases[i].rule);
        else
            cr_expect_eq(step, STEP_RETIRED, "case %u", i);
        flat_free(f);
    }
}

/* --- images --- */

static const struct i386_x87 sample = {.cw = 0x0a7f,
                                       .sw = 0x3800 | FSW_C0 | FE_PE,
                                       .fip = 0x12345,
                                       .fcs = 0x1008,
                                       .fdp = 0x54321,
                                       .fds = 0x2010,
                                       .fop = 0x5a3};

static void image_in(bool prot, uint8_t prefix, const uint32_t *want, unsigned bytes, unsigned n)
{
    struct flat *f = start();
    if (!prot) flat_real(f);
    f->cpu.x87 = true;
    f->cpu.s.x87 = sample;
    x87_load_tags(&f->cpu.s.x87, 0xfff3);
    f->cpu.s.gpr[ESI] = FLAT_DATA;
    f->cpu.s.seg[DS].sh.hi = f->cpu.s.seg[DS].sh.limit = 0xffffffff;
    unsigned size = n / 7;
    if (prot)
        run(f, prefix ? CODE(0x66, 0xd9, 0x36) : CODE(0xd9, 0x36), prefix ? 3 : 2);
    else /* 16-bit code: [ESI] needs an address prefix */
        run(f, prefix ? CODE(0x66, 0x67, 0xd9, 0x36) : CODE(0x67, 0xd9, 0x36), prefix ? 4 : 3);
    for (unsigned i = 0; i < 7; i++) {
        uint32_t is = flat_get(f, FLAT_DATA + i * size, size);
        cr_expect_eq(is, want[i], "format of %u bytes, %s, field %u: %x, not %x", bytes,
                     prot ? "protected" : "real", i, is, want[i]);
    }
    struct i386_x87 back = {0};
    uint8_t raw[28];
    for (unsigned i = 0; i < n; i++)
        raw[i] = (uint8_t)flat_get(f, FLAT_DATA + i, 1);
    enum x87_format format =
        prot ? (n == 28 ? X87_PROT32 : X87_PROT16) : (n == 28 ? X87_REAL32 : X87_REAL16);
    x87_get_env(&back, format, raw);
    uint8_t again[28] = {0};
    x87_put_env(&back, format, again);
    cr_expect_eq(memcmp(raw, again, n), 0, "loading and storing again");
    flat_free(f);
}

Test(x87, environment_in_four_formats)
{
    image_in(true, 0,
             (const uint32_t[]){0xffff0a7f, 0xffff3920, 0xfffffff7, 0x12345, 0x05a31008, 0x54321,
                                0xffff2010},
             28, 28);
    image_in(true, 0x66, (const uint32_t[]){0x0a7f, 0x3920, 0xfff7, 0x2345, 0x1008, 0x4321, 0x2010},
             14, 14);
    /* linear: 12345 + 10080 = 223C5, 54321 + 20100 = 74421 */
    image_in(false, 0x66,
             (const uint32_t[]){0xffff0a7f, 0xffff3920, 0xfffffff7, 0xffff23c5, 0x000025a3,
                                0xffff4421, 0x00007000},
             28, 28);
    image_in(false, 0, (const uint32_t[]){0x0a7f, 0x3920, 0xfff7, 0x23c5, 0x25a3, 0x4421, 0x7000},
             14, 14);
}

Test(x87, save_and_restore)
{
    struct flat *f = start();
    struct i386_x87 *x = &f->cpu.s.x87;
    RUN(f, 0xd9, 0xe8, 0xd9, 0xeb, 0xd9, 0xee, 0xdd, 0xc1); /* 1, pi, 0; ffree st1 */
    struct i386_x87 before = *x;
    RUN(f, 0xdd, 0x36); /* fnsave */
    cr_expect_eq(x->cw, 0x037f);
    cr_expect_eq(x->sw, 0);
    cr_expect_eq(x->tw, 0xffff);
    cr_expect_eq(flat_get(f, FLAT_DATA + 28 + 28, 2), 0x3fff, "ST2 is 1");
    RUN(f, 0xdd, 0x26); /* frstor */
    cr_expect_eq(memcmp(x, &before, sizeof before), 0);
    flat_free(f);
}

Test(x87, last_instruction_and_operand)
{
    struct flat *f = start();
    struct i386_x87 *x = &f->cpu.s.x87;
    uint32_t eip = f->cpu.s.eip;
    RUN(f, 0x3e, 0xd9, 0x46, 0x10); /* fld dword ds:[esi+16] */
    cr_expect_eq(x->fip, eip, "prefixes belong to the instruction");
    cr_expect_eq(x->fcs, f->cpu.s.seg[CS].sel);
    cr_expect_eq(x->fdp, FLAT_DATA + 16);
    cr_expect_eq(x->fds, f->cpu.s.seg[DS].sel);
    cr_expect_eq(x->fop, 0x146);
    RUN(f, 0xd9, 0xe0); /* fchs: the operand stays */
    cr_expect_eq(x->fip, eip + 4);
    cr_expect_eq(x->fdp, FLAT_DATA + 16);
    struct i386_x87 was = *x;
    RUN(f, 0xd9, 0x3e, 0xdf, 0xe0, 0xdb, 0xe2); /* control instructions leave the addresses */
    cr_expect_eq(x->fip, was.fip);
    cr_expect_eq(x->fop, was.fop);
    flat_free(f);
}

/* --- operands --- */

Test(x87, refused_operand_changes_nothing)
{
    static const uint8_t stores[][2] = {{0xd9, 0x16}, {0xdd, 0x1e}, {0xdb, 0x3e}, {0xdf, 0x36},
                                        {0xdd, 0x36}, {0xd9, 0x36}, {0xd8, 0x06}, {0xdd, 0x26},
                                        {0xd9, 0x2e}, {0xdf, 0x2e}};
    for (unsigned i = 0; i < sizeof stores / sizeof stores[0]; i++) {
        struct flat *f = start();
        RUN(f, 0xd9, 0xe8, 0xd9, 0xeb);
        struct i386_x87 was = f->cpu.s.x87;
        struct seg *ds = &f->cpu.s.seg[DS];
        ds->sh.limit = ds->sh.hi = FLAT_DATA; /* the first byte only */
        uint32_t memory = flat_get(f, FLAT_DATA, 4);
        expect_fault(f, run(f, stores[i], 2), VEC_GP, RULE_SEGM_LIMIT_UP);
        cr_expect_eq(memcmp(&f->cpu.s.x87, &was, sizeof was), 0, "%02x", stores[i][0]);
        cr_expect_eq(flat_get(f, FLAT_DATA, 4), memory);
        flat_free(f);
    }
}

/* Both ends inside, the middle not: FFFC..FFFF and 0..3 of a segment that ends at FFFD [386 11.1.5.2]. */
Test(x87, operand_that_wraps_is_an_overrun)
{
    struct flat *f = start();
    struct seg *ds = &f->cpu.s.seg[DS];
    ds->sh.limit = ds->sh.hi = 0xfffd;
    f->cpu.s.gpr[ESI] = 0xfffc;
    expect_fault(f, RUN(f, 0x67, 0xdd, 0x04), VEC_CSO, RULE_X87_OVERRUN); /* fld qword [si] */
    flat_free(f);
    f = start();
    ds = &f->cpu.s.seg[DS];
    ds->sh.limit = ds->sh.hi = 0xfffb; /* not even the first byte */
    f->cpu.s.gpr[ESI] = 0xfffc;
    expect_fault(f, RUN(f, 0x67, 0xdd, 0x04), VEC_GP, RULE_SEGM_LIMIT_UP);
    flat_free(f);
}

/* In a flat segment nothing lies between the ends: the operand goes on at 0, which no other operand may. */
Test(x87, operand_that_wraps_in_a_flat_segment)
{
    struct flat *f = start();
    f->cpu.s.gpr[ESI] = 0xfffffffe;
    flat_put(f, 0, 4, 0x3ff0);
    cr_expect_eq(RUN(f, 0xdd, 0x06), STEP_RETIRED); /* fld qword [esi] */
    expect_fault(f, RUN(f, 0x8b, 0x06), VEC_GP, RULE_SEGM_LIMIT_WRAP);
    flat_free(f);
}

/* --- reserved encodings, and no coprocessor --- */

Test(x87, absent_esc_has_no_effect)
{
    for (unsigned row = 1; row < ROW_COUNT; row++) {
        const struct i386_row *r = &i386_rows[row];
        if (!(r->checks & CHK_FPU) || r->level > LEVEL_386) continue;
        uint8_t code[2] = {(uint8_t)r->opcode, (uint8_t)(r->ext << 3 | 6)};
        if (r->ext < 0) put16(code, (uint32_t)r->opcode >> 8 | (uint32_t)r->opcode << 8);
        struct flat *f = start();
        f->cpu.x87 = false;
        memset(&f->cpu.s.x87, 0, sizeof f->cpu.s.x87);
        struct i386_state was = f->cpu.s;
        struct seg *ds = &f->cpu.s.seg[DS];
        *ds = (struct seg){0}; /* the operand is not looked at */
        was.seg[DS] = *ds;
        cr_expect_eq(run(f, code, 2), STEP_RETIRED, "%s", r->mnemonic);
        was.eip += 2;
        was.clocks += 2;
        was.insns++;
        cr_expect_eq(memcmp(&f->cpu.s, &was, sizeof was), 0, "%s %x", r->mnemonic, r->opcode);
        flat_free(f);
    }
}

Test(x87, every_mod_3_encoding_has_a_row)
{
    for (unsigned op = 0xd8; op <= 0xdf; op++)
        for (unsigned modrm = 0; modrm < 256; modrm++) {
            struct insn in;
            uint8_t bytes[15] = {(uint8_t)op, (uint8_t)modrm};
            cr_expect_eq(decode(bytes, sizeof bytes, true, &in), DECODE_OK);
            cr_expect_neq(in.row, ROW_UNDEFINED, "%02x %02x", op, modrm);
            const struct i386_row *r = &i386_rows[in.row];
            if (modrm >= 0xc0)
                cr_expect_eq(r->opcode >> 8, op, "%02x %02x", op, modrm);
            else
                cr_expect(r->opcode == op && r->ext == (int)in.reg);
        }
}

/* Constants as the rounding control says; clocks of a row. */
Test(x87, constants_follow_the_rounding)
{
    static const uint64_t pi[4] = {0xc90fdaa22168c235u, 0xc90fdaa22168c234u, 0xc90fdaa22168c235u,
                                   0xc90fdaa22168c234u};
    for (unsigned rc = 0; rc < 4; rc++) {
        struct flat *f = start();
        f->cpu.s.x87.cw |= (uint16_t)(rc << 10);
        uint64_t clocks = f->cpu.s.clocks;
        RUN(f, 0xd9, 0xeb);
        f80 v = x87_get(&f->cpu.s.x87, 0);
        cr_expect_eq(v.m, pi[rc]);
        cr_expect_eq(f->cpu.s.clocks - clocks, 40);
        flat_free(f);
    }
}
