/* Each cause that makes something derived void, in running code: the present and the next instruction, code
 * and page tables changed by the guest, a device, the host; A20, CR3, paging, WP, level, marks. Each program
 * runs on the four processors of equal.h, which must agree, and must come to the right result. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "equal.h"

#define SECOND 0x9000u /* where another version of the code lies */
#define HIGH   0x100000u

struct program {
    const char *bytes;
    unsigned n;
};
#define PROGRAM(text)                                                                              \
    {                                                                                              \
        text, sizeof text - 1                                                                      \
    }

struct scene {
    struct world *w[KINDS];
    struct round r;
};

static void put(struct round *r, uint32_t at, uint32_t value)
{
    put32(r->image + at, value);
}
static void map(struct round *r, uint32_t linear, uint32_t entry)
{
    put(r, TABLE_A + 4 * (linear >> 12), entry);
}
static void lay(struct round *r, uint32_t at, struct program p)
{
    memcpy(r->image + at, p.bytes, p.n);
}

/* Paging on, flat, ring 0. */
static void scene_new(struct scene *s)
{
    round_plain(&s->r, MODE_PM32, 0, true);
    for (unsigned k = 0; k < KINDS; k++)
        s->w[k] = world_new((enum kind)k);
}
static void scene_start(struct scene *s)
{
    for (unsigned k = 0; k < KINDS; k++)
        world_start(s->w[k], &s->r);
}
static void scene_poke(struct scene *s, uint32_t at, const void *bytes, size_t n)
{
    for (unsigned k = 0; k < KINDS; k++)
        cr_assert(bus_poke(s->w[k]->bus, phys(at), bytes, n));
}
static void scene_run(struct scene *s, unsigned steps)
{
    char why[200] = "";
    for (unsigned k = 0; k < KINDS; k++) {
        (void)world_run(s->w[k], steps, UINT64_MAX);
        bool same = world_equal(s->w[PLAIN], s->w[k], why, sizeof why);
        cr_expect(same, "kind %u: %s", k, why);
    }
}
static void expect_register(const struct scene *s, enum gpr reg, uint32_t want)
{
    for (unsigned k = 0; k < KINDS; k++)
        cr_expect_eq(s->w[k]->cpu.s.gpr[reg], want, "kind %u: %x", k, s->w[k]->cpu.s.gpr[reg]);
}
static void expect_fault(const struct scene *s, unsigned vector, uint32_t error, uint32_t cr2)
{
    for (unsigned k = 0; k < KINDS; k++) {
        const struct i386_cpu *cpu = &s->w[k]->cpu;
        fault_t f = cpu->chain[0];
        cr_expect(f.vector == vector && f.error == error && cpu->s.cr2 == cr2,
                  "kind %u: vector %u, error %x, CR2 %x", k, f.vector, f.error, cpu->s.cr2);
    }
}
static void scene_free(struct scene *s)
{
    for (unsigned k = 0; k < KINDS; k++)
        world_free(s->w[k]);
}

/* --- J: code that changes --- */

static void code_gives(struct program p, unsigned steps, enum gpr reg, uint32_t want)
{
    struct scene s;
    scene_new(&s);
    map(&s.r, 0x30000, CODE_AT | 7);
    lay(&s.r, CODE_AT, p);
    scene_start(&s);
    scene_run(&s, steps);
    expect_register(&s, reg, want);
    scene_free(&s);
}

/* mov ecx,3; 1: add byte [its immediate],1; loop 1; movzx eax,[it]; jmp $ */
Test(derived, present_instruction)
{
    code_gives((struct program)PROGRAM("\xb9\x03\x00\x00\x00\x80\x05\x0b\x80\x00\x00\x01\xe2\xf7"
                                       "\x0f\xb6\x05\x0b\x80\x00\x00\xeb\xfe"),
               20, EAX, 8);
}

/* mov ecx,3; xor eax,eax; 1: xor byte [2],8; 2: inc eax / dec eax; loop 1; jmp $ */
Test(derived, next_instruction)
{
    code_gives((struct program)PROGRAM("\xb9\x03\x00\x00\x00\x31\xc0\x80\x35\x0e\x80\x00\x00\x08"
                                       "\x40\xe2\xf6\xeb\xfe"),
               20, EAX, 0xffffffff);
}

/* The same, the store through another linear page. */
Test(derived, next_instruction_through_an_alias)
{
    code_gives((struct program)PROGRAM("\xb9\x03\x00\x00\x00\x31\xc0\x80\x35\x0e\x00\x03\x00\x08"
                                       "\x40\xe2\xf6\xeb\xfe"),
               20, EAX, 0xffffffff);
}

/* mov al,90; mov ecx,10; mov edi,1-2; cld; jmp 1; nop; nop; 1: rep stosb; jmp $ */
Test(derived, rep_over_itself)
{
    code_gives((struct program)PROGRAM("\xb0\x90\xb9\x0a\x00\x00\x00\xbf\x0f\x80\x00\x00\xfc"
                                       "\xeb\x02\x90\x90\xf3\xaa\xeb\xfe"),
               30, ECX, 7);
}

/* 8FFD: mov eax,5; inc byte [9000], the immediate's third; loop; the two pages have frames apart. */
Test(derived, second_page_of_a_crossing_instruction)
{
    static const struct program start = PROGRAM("\xb9\x03\x00\x00\x00\xe9\xf3\x0f\x00\x00");
    static const struct program here = PROGRAM("\xb8\x05\x00");
    static const struct program there = PROGRAM("\x00\x00\xfe\x05\x00\x90\x00\x00\xe2\xf3\xeb\xfe");
    struct scene s;
    scene_new(&s);
    lay(&s.r, CODE_AT, start);
    lay(&s.r, CODE_AT + 0xffd, here);
    lay(&s.r, 0xb000, there);
    map(&s.r, 0x9000, 0xb007);
    scene_start(&s);
    scene_run(&s, 20);
    expect_register(&s, EAX, 0x00020005);
    scene_free(&s);
}

/* xor eax,eax; 1: inc eax / dec eax; jmp 1: the host changes it between two runs. */
Test(derived, host_changes_code)
{
    struct scene s;
    scene_new(&s);
    lay(&s.r, CODE_AT, (struct program)PROGRAM("\x31\xc0\x40\xeb\xfd"));
    scene_start(&s);
    scene_run(&s, 21);
    expect_register(&s, EAX, 10);
    scene_poke(&s, CODE_AT + 2, "\x48", 1);
    scene_run(&s, 8);
    expect_register(&s, EAX, 6);
    scene_free(&s);
}

/* --- J and H5: the frame of the code changes under it. The other frame says MOV EAX, 2. --- */

static void frame_changes(struct program p, uint32_t low, uint32_t high)
{
    struct scene s;
    scene_new(&s);
    lay(&s.r, CODE_AT, p);
    lay(&s.r, SECOND, p);
    s.r.image[low + p.n - 6] = 2;
    put(&s.r, TABLE_B + 4 * 8, SECOND | 7);
    map(&s.r, CODE_AT, high | CODE_AT | 7);
    scene_start(&s);
    scene_poke(&s, HIGH | CODE_AT, p.bytes, p.n);
    scene_run(&s, 8);
    expect_register(&s, EAX, 2);
    scene_free(&s);
}

#define TAKES_A_FRAME "\xb8\x01\x00\x00\x00"         /* mov eax,1 */
#define SAYS_WHICH    "\xb8\x01\x00\x00\x00\xeb\xfe" /* mov eax,1; jmp $ */
#define STORE         "\xc7\x05"                     /* mov dword [] */

Test(derived, entry_of_the_code_written)
{
    frame_changes(
        (struct program)PROGRAM(TAKES_A_FRAME STORE "\x20\x10\x01\x00\x07\x90\x00\x00" SAYS_WHICH),
        SECOND, 0);
}
Test(derived, one_byte_of_the_entry_written) /* mov byte [11021],90 */
{
    frame_changes((struct program)PROGRAM(TAKES_A_FRAME "\xc6\x05\x21\x10\x01\x00\x90" SAYS_WHICH),
                  SECOND, 0);
}
Test(derived, entry_written_through_an_alias)
{
    frame_changes(
        (struct program)PROGRAM(TAKES_A_FRAME STORE "\x20\x10\x02\x00\x07\x90\x00\x00" SAYS_WHICH),
        SECOND, 0);
}
Test(derived, entry_written_through_the_map_of_itself)
{
    frame_changes(
        (struct program)PROGRAM(TAKES_A_FRAME STORE "\x20\x00\x40\x00\x07\x90\x00\x00" SAYS_WHICH),
        SECOND, 0);
}
Test(derived, directory_written)
{
    frame_changes(
        (struct program)PROGRAM(TAKES_A_FRAME STORE "\x00\x00\x01\x00\x07\x30\x01\x00" SAYS_WHICH),
        SECOND, 0);
}
Test(derived, entry_written_by_a_device) /* its register 1 changes bit 12 of the entry */
{
    frame_changes(
        (struct program)PROGRAM(TAKES_A_FRAME STORE "\x04\x40\x02\x00\x06\x01\x00\x00" SAYS_WHICH),
        SECOND, 0);
}
Test(derived, cr3_loaded) /* mov eax,12000; mov cr3,eax */
{
    frame_changes((struct program)PROGRAM("\xb8\x00\x20\x01\x00\x0f\x22\xd8" SAYS_WHICH), SECOND,
                  0);
}
Test(derived, a20_closed_by_a_device_under_the_code) /* its register 0 is the gate */
{
    frame_changes(
        (struct program)PROGRAM(TAKES_A_FRAME STORE "\x00\x40\x02\x00\x00\x00\x00\x00" SAYS_WHICH),
        CODE_AT, HIGH);
}

/* A CALL pushes 9007 over the entry of its target's page; both versions cost another m. */
Test(derived, call_pushes_over_the_entry_of_its_target)
{
    static const struct program start = PROGRAM("\x90\xe9\xfa\x0f\x00\x00");    /* to 9000 */
    static const struct program call = PROGRAM("\x90\x90\xe8\xf9\xf0\xff\xff"); /* to 8100 */
    static const struct program old = PROGRAM("\x90\xb8\x01\x00\x00\x00\xeb\xfe");
    static const struct program new = PROGRAM("\xb8\x02\x00\x00\x00\xeb\xfe");
    struct scene s;
    scene_new(&s);
    lay(&s.r, CODE_AT, start);
    lay(&s.r, SECOND, call);
    lay(&s.r, CODE_AT + 0x100, old);
    lay(&s.r, SECOND + 0x100, new);
    s.r.state.gpr[ESP] = TABLE_A + 4 * 8 + 4;
    scene_start(&s);
    scene_run(&s, 10);
    expect_register(&s, EAX, 2);
    scene_free(&s);
}

/* --- H5: data --- */

#define DATA_1 0x11111111u
#define DATA_2 0x22222222u

/* The page of the data has frame 0C000 or what `entry` says; 1C000 + ... hold another value. */
static void data_gives(struct program p, uint32_t entry, unsigned steps, uint32_t want)
{
    struct scene s;
    uint8_t high[4];
    scene_new(&s);
    lay(&s.r, CODE_AT, p);
    put(&s.r, DATA_AT, DATA_1);
    put(&s.r, DATA_AT + PAGE_SIZE, DATA_2);
    map(&s.r, DATA_AT, entry);
    s.r.wp = true;
    scene_start(&s);
    put32(high, DATA_2);
    scene_poke(&s, HIGH | DATA_AT, high, 4);
    scene_run(&s, steps);
    expect_register(&s, EAX, want);
    scene_free(&s);
}

/* mov ebx,[c000]; xor eax,eax; out 92,al; mov eax,[c000]; jmp $ */
Test(derived, a20_closed_by_a_port)
{
    data_gives((struct program)PROGRAM("\x8b\x1d\x00\xc0\x00\x00\x31\xc0\xe6\x92"
                                       "\xa1\x00\xc0\x00\x00\xeb\xfe"),
               HIGH | DATA_AT | 7, 8, DATA_1);
}

/* mov ebx,[c000]; paging off; mov dword [11030],d007; paging on; mov eax,[c000]; jmp $ */
Test(derived, paging_off_and_on)
{
    data_gives((struct program)PROGRAM("\x8b\x1d\x00\xc0\x00\x00\x0f\x20\xc0\x25\xff\xff\xff\x7f"
                                       "\x0f\x22\xc0\xc7\x05\x30\x10\x01\x00\x07\xd0\x00\x00\x0d"
                                       "\x00\x00\x00\x80\x0f\x22\xc0\xa1\x00\xc0\x00\x00\xeb\xfe"),
               DATA_AT | 7, 12, DATA_2);
}

/* mov eax,[c000]; and byte [11030],9f; mov eax,[c000]; mov eax,[11030]; jmp $ */
Test(derived, accessed_mark_cleared)
{
    data_gives((struct program)PROGRAM("\xa1\x00\xc0\x00\x00\x80\x25\x30\x10\x01\x00\x9f"
                                       "\xa1\x00\xc0\x00\x00\xa1\x30\x10\x01\x00\xeb\xfe"),
               DATA_AT | 7, 8, DATA_AT | 0x27);
}

/* mov [c000],eax; and byte [11030],bf; mov eax,[c000]; mov [c000],eax; mov eax,[11030]; jmp $ */
Test(derived, dirty_mark_cleared)
{
    data_gives((struct program)PROGRAM("\xa3\x00\xc0\x00\x00\x80\x25\x30\x10\x01\x00\xbf"
                                       "\xa1\x00\xc0\x00\x00\xa3\x00\xc0\x00\x00"
                                       "\xa1\x30\x10\x01\x00\xeb\xfe"),
               DATA_AT | 7, 8, DATA_AT | 0x67);
}

static void data_refused(struct program p, uint32_t entry, unsigned steps, unsigned vector,
                         uint32_t error, uint32_t cr2)
{
    struct scene s;
    scene_new(&s);
    lay(&s.r, CODE_AT, p);
    map(&s.r, DATA_AT, entry);
    s.r.wp = true;
    scene_start(&s);
    scene_run(&s, steps);
    expect_fault(&s, vector, error, cr2);
    scene_free(&s);
}

/* mov [c000],eax; CR0.WP set; mov [c004],eax */
Test(derived, wp_set)
{
    data_refused((struct program)PROGRAM("\xa3\x00\xc0\x00\x00\x0f\x20\xc0\x0d\x00\x00\x01\x00"
                                         "\x0f\x22\xc0\xa3\x04\xc0\x00\x00\xeb\xfe"),
                 DATA_AT | 5, 6, VEC_PF, 3, DATA_AT + 4);
}

/* mov eax,[c000] in ring 0; IRET to ring 3; mov eax,ss:[d000]; mov eax,ss:[c000] */
Test(derived, level_changes)
{
    data_refused((struct program)PROGRAM("\xa1\x00\xc0\x00\x00\x6a\x4b\x68\x00\xff\x00\x00\x6a\x02"
                                         "\x6a\x43\x68\x16\x80\x00\x00\xcf\x36\xa1\x00\xd0\x00\x00"
                                         "\x36\xa1\x00\xc0\x00\x00\xeb\xfe"),
                 DATA_AT | 3, 9, VEC_PF, 5, DATA_AT);
}

/* mov eax,88; mov fs,eax (limit c7ff); mov eax,fs:[c7fc]; mov ebx,fs:[c7fd] */
Test(derived, limit_inside_a_page)
{
    data_refused((struct program)PROGRAM("\xb8\x88\x00\x00\x00\x8e\xe0\x64\xa1\xfc\xc7\x00\x00"
                                         "\x64\x8b\x1d\xfd\xc7\x00\x00\xeb\xfe"),
                 DATA_AT | 7, 4, VEC_GP, 0, 0);
}

/* mov eax,[c000]; int 30 (a task gate: its CR3 maps D000 there, it copies to D000); mov eax,[d000] */
Test(derived, task_switch_changes_cr3)
{
    static const struct program main = PROGRAM("\xa1\x00\xc0\x00\x00\xcd\x30\xa1\x00\xe0\x00\x00"
                                               "\xeb\xfe");
    static const struct program task = PROGRAM("\xff\x35\x00\xc0\x00\x00\x8f\x05\x00\xe0\x00\x00"
                                               "\xcf");
    struct scene s;
    scene_new(&s);
    lay(&s.r, CODE_AT, main);
    lay(&s.r, HANDLER_AT + 0x40, task);
    put(&s.r, DATA_AT, DATA_1);
    put(&s.r, DATA_AT + PAGE_SIZE, DATA_2);
    put(&s.r, TABLE_B + 4 * (DATA_AT >> 12), (DATA_AT + PAGE_SIZE) | 7);
    scene_start(&s);
    scene_run(&s, 9);
    expect_register(&s, EAX, DATA_2);
    scene_free(&s);
}

/* mov ecx,5; 1: add eax,[c000]; loop 1; jmp $, the table in ROM, then in nothing */
Test(derived, tables_outside_ram)
{
    static const struct program p = PROGRAM("\xb9\x05\x00\x00\x00\x31\xc0\x03\x05\x00\xc0\x00\x00"
                                            "\xe2\xf8\xeb\xfe");
    struct scene s;
    scene_new(&s);
    lay(&s.r, CODE_AT, p);
    put(&s.r, DATA_AT, 3);
    put(&s.r, DIR_A, ROM_AT | 7);
    scene_start(&s);
    scene_run(&s, 14);
    expect_register(&s, EAX, 15);
    for (unsigned k = 0; k < KINDS; k++)
        s.w[k]->cpu.s.cr3 = 0x70000000;
    scene_run(&s, 1);
    expect_fault(&s, VEC_UD, 0, 0);
    scene_free(&s);
}

/* Set by the host between two runs, without an instruction. */
Test(derived, host_sets_registers)
{
    struct scene s;
    scene_new(&s);
    lay(&s.r, CODE_AT, (struct program)PROGRAM("\xa1\x00\xc0\x00\x00\xeb\xf9"));
    put(&s.r, DATA_AT, DATA_1);
    put(&s.r, DATA_AT + PAGE_SIZE, DATA_2);
    put(&s.r, TABLE_B + 4 * (DATA_AT >> 12), (DATA_AT + PAGE_SIZE) | 7);
    scene_start(&s);
    scene_run(&s, 9);
    expect_register(&s, EAX, DATA_1);
    for (unsigned k = 0; k < KINDS; k++)
        s.w[k]->cpu.s.cr3 = DIR_B;
    scene_run(&s, 8);
    expect_register(&s, EAX, DATA_2);
    for (unsigned k = 0; k < KINDS; k++)
        s.w[k]->cpu.s.cr0 &= ~CR0_PG;
    scene_run(&s, 8);
    expect_register(&s, EAX, DATA_1);
    scene_free(&s);
}

/* --- what a device wants is heard at the next boundary --- */

/* xor eax,eax; sti; nop; mov dword [24008],1; [handler: inc eax; iret] mov ebx,eax; jmp $ */
Test(derived, interrupt_raised_by_a_store)
{
    struct scene s;
    scene_new(&s);
    lay(&s.r, CODE_AT,
        (struct program)PROGRAM("\x31\xc0\xfb\x90\xc7\x05\x08\x40\x02\x00"
                                "\x01\x00\x00\x00\x89\xc3\xeb\xfe"));
    lay(&s.r, HANDLER_AT, (struct program)PROGRAM("\x40\xcf"));
    scene_start(&s);
    scene_run(&s, 10);
    expect_register(&s, EBX, 1);
    scene_free(&s);
}

/* nop; mov dword [2400c],1; nop; jmp $ */
Test(derived, stop_wanted_by_a_store)
{
    struct scene s;
    scene_new(&s);
    lay(&s.r, CODE_AT,
        (struct program)PROGRAM("\x90\xc7\x05\x0c\x40\x02\x00\x01\x00\x00\x00\x90"
                                "\xeb\xfe"));
    scene_start(&s);
    scene_run(&s, 10);
    for (unsigned k = 0; k < KINDS; k++)
        cr_expect_eq(s.w[k]->cpu.s.insns, 2, "kind %u", k);
    scene_free(&s);
}
