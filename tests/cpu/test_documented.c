/* "Documented only": what the 1986 manual leaves undefined stays, what it does not have is #UD, and
 * everything else is as it was. In these cases flags of a row's `undefined` column keep their values
 * unless a case names them. */
#include <criterion/criterion.h>
#include <string.h>

#include "documented.h"
#include "flat.h"
#include "opcode.h"
#include "x87.h"

static const struct flat_case cases[] = {
#include "insn_cases.def"
};

/* The cases of insn_cases.def for which the page has another result than the chip. */
static const struct flat_case by_the_page[] = {
    {"37", "eax=123405fa", "eax=12340600 flags=CA"},
    {"3F", "eax=12340205 af=1", "eax=1234010f flags=CA"},
    {"8C D8", "ds=1235", "eax=11221235"},
    {"0F 00 C0", "ldtr=28", "eax=11220028"},
    {"0F 01 E0", "", "eax=11220011"},
    {"0F 02 C8", "eax=40", "ecx=469300 flags=Z", "ecx=55669300 flags=Z"},
};
#define PAGES (sizeof by_the_page / sizeof by_the_page[0])

static const struct flat_case *the_page(const struct flat_case *c, unsigned *found)
{
    for (unsigned i = 0; i < PAGES; i++) {
        const struct flat_case *page = &by_the_page[i];
        if (strcmp(page->code, c->code) || strcmp(page->in, c->in)) continue;
        *found |= 1u << i;
        return page;
    }
    return c;
}

Test(documented, every_row)
{
    struct flat *f = flat_new();
    unsigned found = 0;
    f->documented = true;
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (unsigned k = 0; k < 4; k++)
            flat_run(f, the_page(&cases[i], &found), k & 1 ? FLAT_P16 : FLAT_P32, k & 2, NULL,
                     NULL);
    cr_expect_eq(found, (1u << PAGES) - 1, "a page without its case: %x", found);
    flat_free(f);
}

static const struct {
    enum flat_mode mode;
    struct flat_case c;
} results[] = {
    /* a scale without an index is ignored */
    {FLAT_P32, {"8D 04 60", "eax=11", ""}},
    {FLAT_P32, {"8D 04 A4", "esp=11", "eax=11"}},
    {FLAT_P32, {"8D 44 65 10", "ebp=100", "eax=110"}},
    {FLAT_P32, {"8B 04 A5 00 20 00 00", "d2000=77", "eax=77"}},
    {FLAT_P32, {"8D 04 58", "eax=11 ebx=3", "eax=17"}},
    {FLAT_P32, {"8F 04 64", "df000=12345678", "df004=12345678 esp=f004"}}, /* POP [ESP*2] */
    /* POPAD throws the slot of ESP away */
    {FLAT_P16,
     {"66 61", "esp=abcdf000 edi=0 esi=0 ebp=0 ebx=0 edx=0 ecx=0 eax=0 df00c=12345678",
      "esp=abcdf020"}},
    /* AAA and AAS: no carry from AL to AH */
    {FLAT_P32, {"37", "eax=112200ff", "eax=11220105 cf=1 af=1"}},
    {FLAT_P32, {"37", "eax=1122ff09 of=1 cf=1 zf=1", "eax=1122ff09 cf=0"}},
    {FLAT_P32, {"3F", "eax=11220000 af=1", "eax=1122ff0a cf=1"}},
    /* SHLD, SHRD by the width or more: nothing changes, but the operand is checked */
    {FLAT_P16, {"0F A4 D8 10", "cf=1 of=1 sf=1", ""}},
    {FLAT_P16, {"0F A4 D8 11", "zf=1 af=1", ""}},
    {FLAT_P16, {"0F AD D8", "ecx=1f", ""}},
    {FLAT_P16, {"0F AC M3 1F", "d2000=12345678", ""}},
    {FLAT_P16, {"0F AC M3 1F", "ds_access=91", "vec=d rule=SEGM_WRITE_READ_ONLY"}},
    {FLAT_P16, {"0F A4 D8 0F", "eax=0 ebx=8000 of=1 af=1", "eax=4000 flags=PAO"}},
    {FLAT_P32, {"0F A4 D8 1F", "eax=0 ebx=2", "eax=1 flags="}},
    /* BSF, BSR of zero */
    {FLAT_P32, {"0F BC C3", "ebx=0 cf=1 of=1", "zf=1"}},
    {FLAT_P32, {"0F BD C3", "ebx=0 cf=1 of=1", "zf=1"}},
    /* OF is defined after a shift by one, wherever the one comes from; not after others */
    {FLAT_P32, {"D3 E0", "eax=40000000 ecx=1", "eax=80000000 sf=1 of=1 pf=1"}},
    {FLAT_P32, {"D3 E0", "eax=20000000 ecx=2 af=1", "eax=80000000 sf=1 pf=1"}},
    {FLAT_P32, {"C1 E0 01", "eax=40000000 of=1 af=1", "eax=80000000 sf=1 of=1 pf=1"}},
    {FLAT_P32, {"D3 C8", "eax=1 ecx=1", "eax=80000000 cf=1 of=1"}},
    {FLAT_P32, {"D3 E0", "ecx=20 of=1 af=1 cf=1", ""}},
    /* a byte is empty after nine shifts: CF is 0, also where the chip has another */
    {FLAT_P32, {"C0 E0 10", "eax=ff cf=1 of=1", "eax=0 zf=1 pf=1 cf=0"}},
    {FLAT_P32, {"C0 E8 18", "eax=ff cf=1", "eax=0 zf=1 pf=1 cf=0"}},
    {FLAT_P32, {"C0 E0 08", "eax=1", "eax=0 zf=1 pf=1 cf=1"}},
    {FLAT_P32, {"D2 E8", "eax=80 ecx=8", "eax=0 zf=1 pf=1 cf=1"}},
    /* logic leaves AF, multiplication SF ZF AF PF, division all */
    {FLAT_P32, {"21 D8", "eax=0 af=1 cf=1", "zf=1 pf=1 cf=0"}},
    {FLAT_P32, {"F7 E3", "eax=0 ebx=0 sf=1 af=1 cf=1", "edx=0 cf=0"}},
    {FLAT_P32, {"F7 F3", "eax=7 edx=0 ebx=2 sf=1 zf=1 cf=1", "eax=3 edx=1"}},
    /* registers that the page of MOV does not have */
    {FLAT_P32, {"0F 21 E0", "", "vec=6 rule=INSN_UNDEFINED"}},
    {FLAT_P32, {"0F 23 E8", "", "vec=6 rule=INSN_UNDEFINED"}},
    {FLAT_P32, {"0F 21 F8", "dr7=400", "eax=400"}},
    /* stores of a word to memory are not wider for it */
    {FLAT_P32, {"8C M3", "ds=1235 d2000=11111111", "w2000=1235"}},
    {FLAT_P32, {"0F 01 M4", "d2000=11111111", "w2000=11"}},
};

Test(documented, results)
{
    struct flat *f = flat_new();
    f->documented = true;
    for (unsigned i = 0; i < sizeof results / sizeof results[0]; i++)
        flat_run(f, &results[i].c, results[i].mode, false, NULL, NULL);
    flat_free(f);
}

/* Each row that is marked, whatever its operands: #UD; of the coprocessor: no effect; the host's own trap
 * stays. */
Test(documented, encodings)
{
    struct flat *f = flat_new();
    unsigned undefined = 0, reserved = 0;
    for (unsigned i = 1; i < i386_row_count; i++) {
        const struct i386_row *row = &i386_rows[i];
        if (!(row->attrs & ATT_UNDOC) || row->body == BODY_TRAP) continue;
        uint8_t bytes[8] = {(uint8_t)(row->opcode >> 8), (uint8_t)row->opcode, 0, 0x20};
        unsigned skip = row->opcode < 0x100, modrm = row->ext >= 0 ? (unsigned)row->ext << 3 : 0;
        bytes[2] = (uint8_t)((row->checks & CHK_MEM ? 5 : 0xc0) | modrm);
        if (row->opcode >= 0xd8c0) memset(bytes + 2, 0, 2);
        flat_reset(f, 32);
        f->cpu.x87 = true;
        cpu_set_documented(&f->cpu, true);
        cr_assert(bus_poke(f->bus, phys(FLAT_CODE), bytes + skip, sizeof bytes - 1));
        struct i386_x87 before = f->cpu.s.x87;
        enum cpu_step step = cpu_step(&f->cpu);
        if (row->checks & CHK_FPU) {
            reserved++;
            cr_expect_eq(step, STEP_RETIRED, "%s %x", row->mnemonic, row->opcode);
            cr_expect_arr_eq(&before, &f->cpu.s.x87, sizeof before);
        } else {
            undefined++;
            cr_expect_eq(step, STEP_SHUTDOWN, "%s %x", row->mnemonic, row->opcode);
            cr_expect_eq(f->cpu.chain[0].rule, RULE_INSN_UNDEFINED);
        }
    }
    cr_expect(undefined > 15 && reserved > 50, "%u and %u rows", undefined, reserved);
    flat_free(f);
}

Test(documented, personality_trap_stays)
{
    struct flat *f = flat_with_code("\x0f\x3f\x0a", 3);
    cpu_set_documented(&f->cpu, true);
    f->cpu.personality = true;
    cr_expect_eq(cpu_step(&f->cpu), STEP_PERSONALITY);
    flat_free(f);
}

/* shl al,16; pushf: twice through cpu_run, the second time with what was decoded before. Turning the
 * switch counts from the next instruction on. */
Test(documented, holds_in_a_run_and_can_be_turned)
{
    static const char code[] = "\xc0\xe0\x10\x9c\xeb\xfa";
    struct flat *f = flat_with_code(code, sizeof code - 1);
    uint32_t flags[3];
    for (unsigned i = 0; i < 3; i++) {
        f->cpu.s.gpr[EAX] = 0x101;
        f->cpu.s.eflags = FL_1;
        f->cpu.s.eip = FLAT_CODE;
        cpu_set_documented(&f->cpu, i == 1);
        cpu_run(&f->cpu, 3, UINT64_MAX);
        flags[i] = flat_get(f, f->cpu.s.gpr[ESP], 4);
    }
    cr_expect_eq(flags[0] & FL_CF, FL_CF);
    cr_expect_eq(flags[1] & (FL_CF | FL_AF), 0);
    cr_expect_eq(flags[2], flags[0]);
    flat_free(f);
}
