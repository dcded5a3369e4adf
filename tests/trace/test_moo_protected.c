/* Vectors of protected mode: hidden parts, error codes, ends that are no HLT. */
#include "vector.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define CODE(...)  (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})
#define CODE_BASE  0x20000u
#define DATA_BASE  0x40000u
#define STACK_BASE 0x30000u
#define RING0      0
#define RING3      3
#define UP         0x93u
#define TF         0x100u

static void hidden(struct vector *v, unsigned desc, uint16_t sel, uint32_t base, uint32_t limit,
                   uint8_t access)
{
    v->t.init.descs.have |= 1u << desc;
    v->t.init.descs.at[desc] =
        (rt386_moo_hidden){sel, true, (uint8_t)(access | (sel & 3) << 5), 4, base, limit};
}

/* At 0100 of a 32-bit code segment; DS 40000, 256 bytes; SS 30000, 4 KB. */
static void make(struct vector *v, unsigned ring, const uint8_t *code, uint32_t n)
{
    vec_make(v, true, code, n);
    v->init.n = 0;
    v->info.mode = 1;
    strcpy(v->info.cpu, "EPYC");
    for (uint32_t i = 0; i <= n; i++)
        vec_ram(v, CODE_BASE + VEC_IP + i, v->bytes[i]);
    vec_init(v, RT386_MOO_CR0, 1);
    uint16_t cs = (uint16_t)(0x08 | ring), ss = (uint16_t)(0x10 | ring),
             ds = (uint16_t)(0x18 | ring);
    hidden(v, RT386_MOO_DESC_CS, cs, CODE_BASE, 0xfff, 0x9b);
    hidden(v, RT386_MOO_DESC_SS, ss, STACK_BASE, 0xfff, UP);
    hidden(v, RT386_MOO_DESC_DS, ds, DATA_BASE, 0xff, UP);
    vec_init(v, RT386_MOO_CS, cs);
    vec_init(v, RT386_MOO_SS, ss);
    vec_init(v, RT386_MOO_DS, ds);
    static const uint8_t null[3][2] = {{RT386_MOO_DESC_ES, RT386_MOO_ES},
                                       {RT386_MOO_DESC_FS, RT386_MOO_FS},
                                       {RT386_MOO_DESC_GS, RT386_MOO_GS}};
    for (unsigned i = 0; i < 3; i++) {
        hidden(v, null[i][0], 0, 0, 0, 0);
        v->t.init.descs.at[null[i][0]].usable = false;
        vec_init(v, null[i][1], 0);
    }
}

static void ends(struct vector *v, unsigned stop, int vector, uint32_t eip)
{
    v->t.stop = (uint8_t)stop;
    v->t.has_exception = vector >= 0;
    v->t.vector = (uint8_t)vector;
    vec_want(v, RT386_MOO_EIP, eip);
    if (vector > 1) vec_want(v, RT386_MOO_EFLAGS, 0x10002); /* RF */
}

static void passes(struct vector *v, const char *what)
{
    rt386_moo_result r = vec_run(v, true);
    cr_expect(r.verdict == RT386_MOO_PASS, "%s: %u differences (%d at %x: %x, not %x), %s", what,
              r.diffs, r.diff[0].where, r.diff[0].at, r.diff[0].actual, r.diff[0].expected, r.end);
}

static void fails_at(struct vector *v, rt386_moo_where where, uint32_t at, const char *what)
{
    rt386_moo_result r = vec_run(v, false);
    cr_expect(r.verdict == RT386_MOO_FAIL && r.diff[0].where == where && r.diff[0].at == at,
              "%s: verdict %d, %d at %x", what, r.verdict, r.diff[0].where, r.diff[0].at);
}

Test(moo_protected, base_and_limit_are_the_hidden_ones)
{
    struct vector v;
    make(&v, RING0, CODE(0xc6, 0x05, 0xff, 0, 0, 0, 0x5a)); /* mov byte [ff],5a */
    vec_want_ram(&v, DATA_BASE + 0xff, 0x5a);
    passes(&v, "the last byte");
    v.t.init.descs.at[RT386_MOO_DESC_DS].base += 0x1000;
    fails_at(&v, RT386_MOO_IN_RAM, DATA_BASE + 0xff, "another base");
    v.t.init.descs.at[RT386_MOO_DESC_DS].limit = 0xfe;
    fails_at(&v, RT386_MOO_IN_END, 0, "a smaller limit");
}

Test(moo_protected, event_is_held)
{
    struct vector v;
    make(&v, RING3, CODE(0xc6, 0x05, 0x00, 1, 0, 0, 0x5a)); /* mov byte [100],5a */
    ends(&v, RT386_MOO_STOP_EVENT, 13, VEC_IP);
    v.t.has_error = true;
    passes(&v, "#GP(0)");
    v.t.error = 8;
    fails_at(&v, RT386_MOO_IN_EVENT, 1, "error code");
    v.t.error = 0;
    v.t.vector = 12;
    fails_at(&v, RT386_MOO_IN_EVENT, 0, "vector");
    v.t.has_exception = v.t.has_error = false;
    fails_at(&v, RT386_MOO_IN_EVENT, 0, "no exception was expected");
    v.t.stop = RT386_MOO_STOP_INSTRUCTION;
    fails_at(&v, RT386_MOO_IN_EVENT, 0, "nor here");
}

Test(moo_protected, held_state_is_what_would_be_saved)
{
    struct vector v;
    make(&v, RING3, CODE(0x8b, 0x05, 0x00, 1, 0, 0)); /* mov eax,[100] */
    ends(&v, RT386_MOO_STOP_EVENT, 13, VEC_IP);
    passes(&v, "RF is set");
    vec_want(&v, RT386_MOO_EFLAGS, 2);
    fails_at(&v, RT386_MOO_IN_REG, RT386_MOO_EFLAGS, "without RF");
}

Test(moo_protected, single_step)
{
    struct vector v;
    make(&v, RING3, CODE(0x40)); /* inc eax */
    vec_init(&v, RT386_MOO_EFLAGS, 2 | TF);
    ends(&v, RT386_MOO_STOP_EVENT, 1, VEC_IP + 1);
    vec_want(&v, RT386_MOO_EAX, 1);
    v.info.mask.have = 1u << RT386_MOO_DR6;
    rt386_moo_result r = vec_run(&v, true);
    cr_expect(r.verdict == RT386_MOO_MASKED, "DR6 is masked by the file; %s", r.end);
    cr_expect_str_eq(r.end, "vector 1, not delivered");
    v.info.mask.have = 0;
    fails_at(&v, RT386_MOO_IN_REG, RT386_MOO_DR6, "DR6.BS");
}

Test(moo_protected, whole_instruction)
{
    struct vector v;
    make(&v, RING3, CODE(0xf3, 0xac)); /* rep lodsb */
    vec_init(&v, RT386_MOO_ECX, 3);
    vec_ram(&v, DATA_BASE + 2, 0x77);
    ends(&v, RT386_MOO_STOP_INSTRUCTION, -1, VEC_IP + 2);
    vec_want(&v, RT386_MOO_EAX, 0x77);
    vec_want(&v, RT386_MOO_ESI, 3);
    vec_want(&v, RT386_MOO_ECX, 0);
    passes(&v, "all iterations");
    vec_init(&v, RT386_MOO_ESI, 0xfe);
    fails_at(&v, RT386_MOO_IN_EVENT, 0, "the third faults");
}

/* A gate says who may come in by INT n; nothing else of the tables is asked. */
Test(moo_protected, software_interrupts)
{
    struct vector v;
    for (unsigned dpl = 0; dpl < 4; dpl += 3) {
        make(&v, RING3, CODE(0xcd, 0x21));
        v.t.init.descs.have |= 1u << RT386_MOO_DESC_IDTR;
        v.t.init.descs.at[RT386_MOO_DESC_IDTR] = (rt386_moo_hidden){.base = 0x5000, .limit = 0x7ff};
        vec_ram(&v, 0x5000 + 8 * 0x21 + 5, (uint8_t)(0x8e | dpl << 5));
        ends(&v, RT386_MOO_STOP_EVENT, dpl ? 0x21 : 13, dpl ? VEC_IP + 2 : VEC_IP);
        v.t.has_error = !dpl;
        v.t.error = 8 * 0x21 + 2;
        if (dpl) v.t.fina.regs.have &= ~(1u << RT386_MOO_EFLAGS);
        passes(&v, dpl ? "open" : "closed");
    }
}

/* Ring 0, a HLT at the end, the exception through a gate of the vector's own memory. */
Test(moo_protected, delivered)
{
    struct vector v;
    make(&v, RING0, CODE(0x0f, 0x0b)); /* undefined */
    static const uint8_t gate[8] = {0x80, 0, 0x08, 0, 0, 0x8e, 0, 0};
    static const uint8_t code[8] = {0xff, 0x0f, 0, 0, 2, 0x9b, 0x40, 0};
    for (unsigned i = 0; i < 8; i++) {
        vec_ram(&v, 0x5000 + 48 + i, gate[i]);
        vec_ram(&v, 0x6000 + 8 + i, code[i]);
    }
    hidden(&v, RT386_MOO_DESC_IDTR, 0, 0x5000, 0x7ff, 0);
    hidden(&v, RT386_MOO_DESC_GDTR, 0, 0x6000, 0xf, 0);
    vec_ram(&v, CODE_BASE + 0x80, 0xf4);
    const uint32_t frame[3] = {VEC_IP, 0x08, 0x10002};
    for (unsigned i = 0; i < 12; i++)
        vec_want_ram(&v, STACK_BASE + 0x1000 - 12 + i, (uint8_t)(frame[i / 4] >> 8 * (i % 4)));
    vec_want(&v, RT386_MOO_ESP, 0x1000 - 12);
    vec_want(&v, RT386_MOO_EIP, 0x81);
    v.t.has_exception = true;
    v.t.vector = 6;
    passes(&v, "#UD");
}

/* MOV DS, AX: the final hidden part counts where it is told. */
Test(moo_protected, hidden_parts_after)
{
    struct vector v;
    make(&v, RING0, CODE(0x8e, 0xd8));
    static const uint8_t data[8] = {0x34, 0x12, 0x78, 0x56, 0x11, 0x93, 0x40, 0};
    for (unsigned i = 0; i < 8; i++)
        vec_ram(&v, 0x6000 + 0x20 + i, data[i]);
    hidden(&v, RT386_MOO_DESC_GDTR, 0, 0x6000, 0x7f, 0);
    vec_init(&v, RT386_MOO_EAX, 0x20);
    vec_want(&v, RT386_MOO_DS, 0x20);
    passes(&v, "nothing is told");
    rt386_moo_hidden *h = &v.t.fina.descs.at[RT386_MOO_DESC_DS];
    v.t.fina.descs.have = 1u << RT386_MOO_DESC_DS;
    *h = (rt386_moo_hidden){0x20, true, 0x93, 4, 0x115678, 0x1234};
    passes(&v, "as it is");
    h->base++;
    fails_at(&v, RT386_MOO_IN_DESC, 4 * RT386_MOO_DESC_DS, "base");
    h->base--;
    h->limit++;
    fails_at(&v, RT386_MOO_IN_DESC, 4 * RT386_MOO_DESC_DS + 1, "limit");
    h->limit--;
    h->flags = 0;
    fails_at(&v, RT386_MOO_IN_DESC, 4 * RT386_MOO_DESC_DS + 2, "flags");
    h->usable = false;
    fails_at(&v, RT386_MOO_IN_DESC, 4 * RT386_MOO_DESC_DS + 3, "usable");
}

/* Page tables in the file's memory; a page that is not there. */
Test(moo_protected, pages)
{
    static const uint8_t tables[] = {0x00, 0x70, 0, 0, 0x67, 0x01, 0x70, 0, 0, 0x80,
                                     0x80, 0x80, 0, 0, 0x67, 0x82, 0x80, 0, 0, 0x02,
                                     0xc0, 0x80, 0, 0, 0x67, 0xc2, 0x80, 0, 0, 0x04};
    struct vector v;
    make(&v, RING3, CODE(0xa0, 0x10, 0, 0, 0)); /* mov al,[10] */
    v.info.ram = (rt386_moo_list){tables, 6};   /* 20000 -> 20000, 30000 -> 40000 */
    vec_init(&v, RT386_MOO_CR0, 0x80000001);
    vec_init(&v, RT386_MOO_CR3, 0x7000);
    vec_ram(&v, 0x7001, 0x80);
    v.t.init.descs.at[RT386_MOO_DESC_DS].base = 0x30000;
    vec_ram(&v, 0x40010, 0x77);
    vec_want(&v, RT386_MOO_EAX, 0x77);
    ends(&v, RT386_MOO_STOP_INSTRUCTION, -1, VEC_IP + 5);
    passes(&v, "through the tables");
    v.t.init.descs.at[RT386_MOO_DESC_DS].base = 0x31000;
    v.t.fina.regs.have &= ~(1u << RT386_MOO_EAX);
    ends(&v, RT386_MOO_STOP_EVENT, 14, VEC_IP);
    v.t.has_error = v.t.has_cr2 = true;
    v.t.error = 4;
    v.t.cr2 = 0x31010;
    passes(&v, "#PF");
    v.t.cr2++;
    fails_at(&v, RT386_MOO_IN_EVENT, 2, "CR2");
}

Test(moo_protected, memory_mask)
{
    static const uint8_t mask[5] = {0x10, 0x00, 0x04, 0x00, 0xf0};
    struct vector v;
    make(&v, RING0, CODE(0xc6, 0x05, 0x10, 0, 0, 0, 0x5a));
    vec_want_ram(&v, DATA_BASE + 0x10, 0x53);
    cr_expect(vec_run(&v, true).verdict == RT386_MOO_FAIL);
    v.t.fina.ram_mask = (rt386_moo_list){mask, 1};
    cr_expect(vec_run(&v, true).verdict == RT386_MOO_MASKED);
    vec_want_ram(&v, DATA_BASE + 0x10, 0x43);
    cr_expect(vec_run(&v, true).verdict == RT386_MOO_FAIL, "a bit that is defined");
}

/* A wrong end is put right; what was made passes, hidden parts included. */
Test(moo_protected, made_again)
{
    struct vector v;
    rt386_moo_runner *runner;
    rt386_moo_writer *w;
    rt386_moo_result r;
    rt386_moo_test t;
    const uint8_t *bytes;
    size_t n;
    make(&v, RING3, CODE(0x8e, 0x1d, 0, 0, 0, 0)); /* mov ds,[0]: a null selector */
    vec_ram(&v, DATA_BASE, 1);
    ends(&v, RT386_MOO_STOP_EVENT, 13, VEC_IP);
    vec_want_ram(&v, DATA_BASE, 7);
    v.t.stop = RT386_MOO_STOP_INSTRUCTION;
    rt386_moo *moo = vec_file(&v, 1);
    cr_assert(rt386_moo_runner_new(true, &runner) == RT386_OK);
    cr_assert(rt386_moo_writer_new(rt386_moo_describe(moo), &w) == RT386_OK);
    cr_assert(rt386_moo_again(runner, moo, 0, w) == RT386_OK);
    cr_expect(rt386_moo_again(runner, moo, 1, w) == RT386_E_ARG);
    rt386_moo_close(moo);
    cr_assert(rt386_moo_writer_finish(w, &bytes, &n) == RT386_OK);
    cr_assert(rt386_moo_open_bytes(bytes, n, &moo, NULL, 0) == RT386_OK);
    cr_assert(rt386_moo_test_at(moo, 0, &t));
    cr_expect(!t.has_exception && t.fina.regs.value[RT386_MOO_DS] == 1 && t.fina.ram.n == 0);
    cr_expect(t.fina.descs.have == 1u << RT386_MOO_DESC_DS);
    cr_expect(!t.fina.descs.at[RT386_MOO_DESC_DS].usable);
    cr_assert(rt386_moo_run(runner, moo, 0, &r) == RT386_OK);
    cr_expect(r.verdict == RT386_MOO_PASS, "%s", r.end);
    rt386_moo_close(moo);
    rt386_moo_writer_free(w);
    rt386_moo_runner_free(runner);
}

/* One runner for several: nothing of a run is left for the next. */
Test(moo_protected, tests_do_not_meet)
{
    struct vector held, real;
    rt386_moo_runner *runner;
    rt386_moo_result r;
    make(&held, RING3, CODE(0xfa)); /* cli: #GP(0) */
    ends(&held, RT386_MOO_STOP_EVENT, 13, VEC_IP);
    vec_make(&real, false, CODE(0x0f, 0x0b));
    vec_want_fault(&real, 6);
    strcpy(real.info.cpu, "386");
    rt386_moo *a = vec_file(&held, 1), *b = vec_file(&real, 1);
    cr_assert(rt386_moo_runner_new(false, &runner) == RT386_OK);
    for (unsigned i = 0; i < 4; i++) {
        cr_assert(rt386_moo_run(runner, i & 1 ? b : a, 0, &r) == RT386_OK);
        cr_expect(r.verdict == RT386_MOO_PASS, "run %u: %s", i, r.end);
    }
    rt386_moo_runner_free(runner);
    rt386_moo_close(a);
    rt386_moo_close(b);
}

Test(moo_protected, refuses_what_it_cannot_run)
{
    static const char *const kind[] = {"real mode", "V86",  "no CS",       "VM",
                                       "no PE",     "stop", "unknown stop"};
    for (unsigned i = 0; i < sizeof kind / sizeof *kind; i++) {
        struct vector v;
        rt386_moo_runner *runner;
        rt386_moo_result r;
        make(&v, RING0, CODE(0x90));
        if (i == 0) v.info.mode = 0;
        if (i == 1) v.info.mode = 2;
        if (i == 2) v.t.init.descs.have &= ~1u;
        if (i == 3) vec_init(&v, RT386_MOO_EFLAGS, 0x20002);
        if (i == 4) vec_init(&v, RT386_MOO_CR0, 0);
        if (i == 5) {
            vec_make(&v, true, CODE(0x90)); /* real mode ends at HLT */
            v.t.stop = 1;
        }
        if (i == 6) v.t.stop = 9;
        rt386_moo *moo = vec_file(&v, 1);
        cr_assert(rt386_moo_runner_new(false, &runner) == RT386_OK);
        cr_expect(rt386_moo_run(runner, moo, 0, &r) == RT386_E_STATE, "%s", kind[i]);
        rt386_moo_runner_free(runner);
        rt386_moo_close(moo);
    }
}
