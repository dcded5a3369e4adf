#include "vector.h"

#include <criterion/criterion.h>
#include <string.h>

static void add(struct ram *r, uint32_t at, uint8_t value)
{
    for (uint32_t i = 0; i < r->n; i++) {
        uint8_t *e = r->p + 5 * i;
        if ((e[0] | (uint32_t)e[1] << 8 | (uint32_t)e[2] << 16) != at) continue;
        e[4] = value;
        return;
    }
    cr_assert(r->n < VEC_RAM);
    uint8_t *e = r->p + 5 * r->n++;
    e[0] = (uint8_t)at;
    e[1] = (uint8_t)(at >> 8);
    e[2] = (uint8_t)(at >> 16);
    e[3] = (uint8_t)(at >> 24);
    e[4] = value;
}

void vec_ram(struct vector *v, uint32_t at, uint8_t value)
{
    add(&v->init, at, value);
}

void vec_want_ram(struct vector *v, uint32_t at, uint8_t value)
{
    add(&v->fina, at, value);
}

void vec_init(struct vector *v, unsigned reg, uint32_t value)
{
    v->t.init.regs.value[reg] = value;
}

void vec_want(struct vector *v, unsigned reg, uint32_t value)
{
    v->t.fina.regs.have |= 1u << reg;
    v->t.fina.regs.value[reg] = value;
}

void vec_make(struct vector *v, bool wide, const uint8_t *code, uint32_t n)
{
    memset(v, 0, sizeof *v);
    v->info = (rt386_moo_info){.major = 1, .minor = 1, .wide = wide, .has_meta = true};
    strcpy(v->info.cpu, wide ? "386E" : "C286");
    strcpy(v->info.mnemonic, "test");
    memcpy(v->bytes, code, n);
    v->bytes[n] = 0xf4;
    v->t.bytes = (rt386_moo_list){v->bytes, n + 1};
    v->t.name = (rt386_moo_list){(const uint8_t *)"made by hand", 12};
    for (unsigned i = 0; i < RT386_MOO_REGS; i++)
        if (rt386_moo_reg_name(i, wide)) v->t.init.regs.have |= 1u << i;
    vec_init(v, RT386_MOO_CS, VEC_CS);
    vec_init(v, RT386_MOO_SS, VEC_SS);
    vec_init(v, RT386_MOO_DS, VEC_DS);
    vec_init(v, RT386_MOO_EIP, VEC_IP);
    vec_init(v, RT386_MOO_ESP, 0x1000);
    vec_init(v, RT386_MOO_EFLAGS, 2);
    for (uint32_t i = 0; i <= n; i++)
        vec_ram(v, VEC_PC + i, v->bytes[i]);
    for (uint32_t i = 0; i < 20; i++) {
        vec_ram(v, 4 * i, (uint8_t)(16 * i));
        vec_ram(v, 4 * i + 1, (uint8_t)(i >> 4));
        vec_ram(v, 4 * i + 2, VEC_ISR & 0xff);
        vec_ram(v, 4 * i + 3, VEC_ISR >> 8);
        vec_ram(v, VEC_ISR * 16 + 16 * i, 0xf4);
    }
    vec_want(v, RT386_MOO_EIP, VEC_IP + n + 1);
}

void vec_want_fault(struct vector *v, uint8_t vector)
{
    const rt386_moo_regs *r = &v->t.init.regs;
    const uint32_t word[] = {r->value[RT386_MOO_EFLAGS], r->value[RT386_MOO_CS],
                             r->value[RT386_MOO_EIP]};
    uint32_t sp = r->value[RT386_MOO_ESP], base = r->value[RT386_MOO_SS] << 4;
    for (unsigned i = 0; i < 3; i++) {
        sp = (sp - 2) & 0xffff;
        vec_want_ram(v, base + sp, (uint8_t)word[i]);
        vec_want_ram(v, base + ((sp + 1) & 0xffff), (uint8_t)(word[i] >> 8));
    }
    vec_want(v, RT386_MOO_ESP, sp);
    vec_want(v, RT386_MOO_CS, VEC_ISR);
    vec_want(v, RT386_MOO_EIP, 16u * vector + 1);
    v->t.has_exception = true;
    v->t.vector = vector;
    v->t.flags_at = base + ((sp + 4) & 0xffff);
}

rt386_moo *vec_file(struct vector *v, unsigned copies)
{
    rt386_moo_writer *w;
    rt386_moo *moo = NULL;
    const uint8_t *bytes;
    size_t n;
    char err[200] = "";
    v->t.init.ram = (rt386_moo_list){v->init.p, v->init.n};
    v->t.fina.ram = (rt386_moo_list){v->fina.p, v->fina.n};
    cr_assert(rt386_moo_writer_new(&v->info, &w) == RT386_OK);
    for (unsigned i = 0; i < copies; i++)
        cr_assert(rt386_moo_writer_add(w, &v->t) == RT386_OK);
    cr_assert(rt386_moo_writer_finish(w, &bytes, &n) == RT386_OK);
    cr_assert(rt386_moo_open_bytes(bytes, n, &moo, err, sizeof err) == RT386_OK, "%s", err);
    rt386_moo_writer_free(w);
    return moo;
}

rt386_moo_result vec_run_as(struct vector *v, bool strict, rt386_undefined undefined)
{
    rt386_moo_runner *runner;
    rt386_moo_result r;
    rt386_moo *moo = vec_file(v, 1);
    cr_assert(rt386_moo_runner_new(strict, &runner) == RT386_OK);
    cr_assert(rt386_moo_runner_undefined(runner, undefined) == RT386_OK);
    cr_assert(rt386_moo_run(runner, moo, 0, &r) == RT386_OK);
    rt386_moo_runner_free(runner);
    rt386_moo_close(moo);
    return r;
}

rt386_moo_result vec_run(struct vector *v, bool strict)
{
    return vec_run_as(v, strict, RT386_UNDEFINED_CHIP);
}
