/* faults.c: faults on the way to a handler, and what the handler finds. */
#include "pages.h"

STIMULUS(f_ud, ".byte 0x0F, 0xFF");
STIMULUS(f_de, "xorl %ecx, %ecx\n divl %ecx");
STIMULUS(f_ts, "pushfl\n orl $0x4000, (%esp)\n popfl\n f_ts_iret: iretl");
STIMULUS(f_np, "movl $0xA3, %eax\n f_np_load: movw %ax, %es");
STIMULUS(f_ss, "movl $0xA3, %eax\n f_ss_load: movw %ax, %ss");
STIMULUS(f_gp, "hlt");
STIMULUS(f_gp0, "ltr zero_word");
STIMULUS(f_pf, "movl hole, %eax");
STIMULUS(f_int, "int $0x40\nf_int_back:");
STIMULUS(f_int20, "int $0x20");
STIMULUS(f_int3, "int3");
STIMULUS(f_into, "movb $0x7F, %al\n incb %al\n into");
STIMULUS(f_bound, "movl $11, %eax\n f_bound_at: boundl %eax, bound_pair");
STIMULUS(f_int_if, "pushfl\n orl $0x4200, (%esp)\n popfl\n int $0x40");
STIMULUS(f_lidt_int, "lidt short_idtr\n int $0x40");
STIMULUS(f_lidt_ud, "lidt short_idtr\n .byte 0x0F, 0xFF");
STIMULUS(f_rep_pf, "movl $hole - 8, %edi\n movl $4, %ecx\n cld\n f_rep_at: rep stosl");
STIMULUS(iret_rf, "pushl $0x10202\n pushl $8\n pushl $1f\n iretl\n1: cli\n pushfl\n popl %eax");

const u16 zero_word = 0;
const u32 bound_pair[] = {1, 10};
struct table_register {
    u16 limit;
    u32 base;
} __attribute__((packed)) short_idtr;
extern u8 f_ts_iret[], f_np_load[], f_ss_load[], f_bound_at[], f_int_back[], f_rep_at[];

enum second { GATE_ABSENT, GATE_DATA, STACK_NULL, STACK_ABSENT, STACK_HOLE, SECONDS };

static const struct {
    const char *name;
    void (*code)(void);
    u32 vector;
    u8 *at;   /* the instruction, where it is not the first */
    u32 kind; /* 0 benign, 1 contributory, 2 page fault */
} firsts[] = {
    {"#UD", f_ud, 6, 0, 0},          {"BOUND", f_bound, 5, f_bound_at, 0},
    {"#DE", f_de, 0, 0, 1},          {"#TS", f_ts, 10, f_ts_iret, 1},
    {"#NP", f_np, 11, f_np_load, 1}, {"#SS", f_ss, 12, f_ss_load, 1},
    {"#GP", f_gp, 13, 0, 1},         {"#PF", f_pf, 14, 0, 2},
};
static const struct {
    const char *name;
    u32 vector;
} seconds[] = {
    {"#NP of its gate", 11},        {"#GP of its code segment", 13}, {"#TS of the inner stack", 10},
    {"#SS of the inner stack", 12}, {"#PF of the inner stack", 14},
};

static char case_title[64];

static char *append(char *at, const char *s)
{
    while (*s != 0)
        *at++ = *s++;
    *at = 0;
    return at;
}

static u32 second_error(enum second second, u32 vector)
{
    static const u32 errors[] = {0, DATA0 | 1, 1, FREE2 | 1, 2};
    return second == GATE_ABSENT ? vector * 8 + 3 : errors[second];
}

/* Ring 3 raises the first; task gates take whatever comes of it. */
static void pair(u32 first, enum second second)
{
    u32 vector = firsts[first].vector;
    int twice = firsts[first].kind == 2 || (firsts[first].kind == 1 && second != STACK_HOLE);
    append(append(append(case_title, firsts[first].name), ", then "), seconds[second].name);
    begin(case_title, "[386 9.8.8]");
    pages_build();
    set_segment(FREE, 0, 0xFFFFF, (A_DATA | RING3) & ~PRESENT, 0xC);
    set_segment(FREE2, 0, 0xFFFFF, A_DATA & ~PRESENT, 0xC);
    for (u32 v = 0; v < 32; v++)
        set_gate(idt, v, TSSD, 0, A_TASK, 0);
    set_gate(idt, 8, TSSC, 0, A_TASK, 0);
    tssc.ebx = 8;
    tssd.ebx = seconds[second].vector;
    tssa.cr3 = tssc.cr3 = tssd.cr3 = ADDRESS(directory);
    set_gate(idt, vector, second == GATE_DATA ? DATA0 : CODE0, stubs[vector],
             second == GATE_ABSENT ? A_INT & ~PRESENT : A_INT, 0);
    if (second == STACK_NULL) tssa.ss0 = 0;
    if (second == STACK_ABSENT) tssa.ss0 = FREE2;
    if (second == STACK_HOLE) tssa.esp0 = ADDRESS(hole) + 0x800;
    tssa.link = 0;
    pages_on();
    provoke_ring3(firsts[first].code, 0);
    fact("vector", got.vector, twice ? 0x108 : 0x100 + seconds[second].vector);
    fact("error", got.stack[0], twice ? 0 : second_error(second, vector));
    fact("cs", tssa.cs & 0xFFFF, CODE3 + 3);
    if (!twice)
        fact("eip", tssa.eip,
             firsts[first].at ? ADDRESS(firsts[first].at)
                              : ADDRESS(firsts[first].code) + (vector == 0 ? 2 : 0));
    if (second == STACK_HOLE) fact("cr2", got_cr2 & ~0xFFFu, ADDRESS(hole));
    end();
}

static void doubles(void)
{
    for (u32 first = 0; first < sizeof firsts / sizeof firsts[0]; first++)
        for (u32 second = 0; second < SECONDS; second++)
            pair(first, second);
    begin("#DF through an interrupt gate: error code 0", "[386 9.8.8]");
    set_gate(idt, 13, CODE0, stubs[13], A_INT & ~PRESENT, 0);
    provoke(f_gp0);
    fault(8, 0);
    end();
    begin("#DF in ring 3 through an interrupt gate", "[386 9.8.8]");
    set_gate(idt, 13, CODE0, stubs[13], A_INT & ~PRESENT, 0);
    provoke_ring3(f_gp, 0);
    fault(8, 0);
    fact("cs", GOT_CS, CODE3 + 3);
    fact("esp", got_esp, ADDRESS(inner_stack_top) - 24);
    end();
}

static void gate_case(const char *name, const char *rule, u32 number, u32 selector, u32 access,
                      void (*code)(void), int ring3, u32 vector, u32 error)
{
    begin(name, rule);
    set_segment(FREE, 0, 0xFFFFF, A_CODE & ~PRESENT, 0xC);
    set_segment(FREE2, 0, 0xFFF, A_CODE, 4);
    set_gate(idt, number, selector, stubs[number], access, 0);
    if (ring3)
        provoke_ring3(code, 0);
    else
        provoke(code);
    fault(vector, error);
    end();
}

static void gates(void)
{
    gate_case("EXT clear: INT with a not-present gate", "[386 9.7]", 0x40, CODE0, A_INT & ~PRESENT,
              f_int, 0, 11, 0x202);
    gate_case("EXT set: #UD with a not-present gate", "[386 9.7]", 6, CODE0, A_INT & ~PRESENT, f_ud,
              0, 11, 0x33);
    gate_case("INT, code selector null", "[386 17 INT]", 0x40, 0, A_INT, f_int, 0, 13, 0);
    gate_case("#UD, code selector null", "[386 17 INT]", 6, 0, A_INT, f_ud, 0, 13, 1);
    gate_case("INT, code behind the GDT", "[386 17 INT]", 0x40, BEYOND, A_INT, f_int, 0, 13,
              BEYOND);
    gate_case("INT, data selector", "[386 17 INT]", 0x40, DATA0, A_INT, f_int, 0, 13, DATA0);
    gate_case("INT, code not present", "[386 17 INT]", 0x40, FREE, A_INT, f_int, 0, 11, FREE);
    gate_case("#UD, code not present", "[386 17 INT]", 6, FREE, A_INT, f_ud, 0, 11, FREE | 1);
    gate_case("INT, offset behind the code limit", "[386 17 INT]", 0x40, FREE2, A_INT, f_int, 0, 13,
              0);
    gate_case("INT to outer code", "[386 9.6.1.4]", 0x40, CODE3, A_INT, f_int, 0, 13, CODE3);
    gate_case("#UD to outer code", "[386 9.6.1.4]", 6, CODE3, A_INT, f_ud, 0, 13, CODE3 | 1);
    gate_case("INT through a call gate", "[386 17 INT]", 0x40, CODE0, A_CALL, f_int, 0, 13, 0x202);
    gate_case("INT through a data descriptor", "[386 17 INT]", 0x40, CODE0, A_DATA, f_int, 0, 13,
              0x202);
    gate_case("INT through type 0", "[386 17 INT]", 0x40, CODE0, PRESENT, f_int, 0, 13, 0x202);
    gate_case("INT of DPL 0 from ring 3", "[386 9.6.1.4]", 0x40, CODE0, A_INT, f_int, 1, 13, 0x202);
    gate_case("INT of DPL 0, not present, from ring 3: privilege first", "[386 17 INT]", 0x40,
              CODE0, A_INT & ~PRESENT, f_int, 1, 13, 0x202);
    gate_case("INT of DPL 3 from ring 3", "[386 9.6.1.4]", 0x40, CODE0, A_INT | RING3, f_int, 1,
              0x40, 0);
    gate_case("INT3 of DPL 0 from ring 3", "[386 9.6.1.4]", 3, CODE0, A_TRAP, f_int3, 1, 13, 0x1A);
    gate_case("INT3 of DPL 3 from ring 3", "[386 9.6.1.4]", 3, CODE0, A_TRAP | RING3, f_int3, 1, 3,
              0);
    gate_case("INTO of DPL 0 from ring 3", "[386 9.6.1.4]", 4, CODE0, A_TRAP, f_into, 1, 13, 0x22);
    gate_case("INTO of DPL 3 from ring 3", "[386 9.6.1.4]", 4, CODE0, A_TRAP | RING3, f_into, 1, 4,
              0);
    gate_case("BOUND of DPL 0 from ring 3: no privilege asked", "[386 9.6.1.4]", 5, CODE0, A_TRAP,
              f_bound, 1, 5, 0);
    gate_case("#DE of DPL 0 from ring 3: no privilege asked", "[386 9.6.1.4]", 0, CODE0, A_TRAP,
              f_de, 1, 0, 0);
    begin("INT to conforming code from ring 3: CPL and stack stay", "[386 9.6.1.4]");
    set_gate(idt, 0x20, CONF0, stubs[0x20], A_INT | RING3, 0);
    /* the stub goes on in ring 3 and cannot load DATA0 */
    provoke_ring3(f_int20, 0);
    fault(13, DATA0);
    fact("cs", GOT_CS, CONF0 + 3);
    end();
}

static void idt_limits(void)
{
    static const struct {
        const char *name;
        u32 limit;
        void (*code)(void);
        u32 vector, error;
    } rows[] = {
        {"INT, gate inside the IDT limit", 0x40 * 8 + 7, f_lidt_int, 0x40, 0},
        {"INT, last byte of the gate outside", 0x40 * 8 + 6, f_lidt_int, 13, 0x202},
        {"INT, gate outside", 0x40 * 8 - 1, f_lidt_int, 13, 0x202},
        {"#UD inside a short IDT", 14 * 8 - 1, f_lidt_ud, 6, 0},
    };
    for (u32 i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(rows[i].name, "[386 17 INT]");
        short_idtr = (struct table_register){(u16)rows[i].limit, ADDRESS(idt)};
        provoke(rows[i].code);
        fault(rows[i].vector, rows[i].error);
        end();
    }
}

static void flag_case(const char *name, const char *rule, void (*code)(void), u32 vector, u32 rf)
{
    begin(name, rule);
    pages_build();
    pages_on();
    provoke(code);
    fact("vector", got.vector, vector);
    fact("rf", GOT_EFLAGS >> 16 & 1, rf);
    end();
}

static void flags(void)
{
    flag_case("RF in the image: #UD", "[386 12.3.1.1]", f_ud, 6, 1);
    flag_case("RF in the image: #DE", "[386 12.3.1.1]", f_de, 0, 1);
    flag_case("RF in the image: #GP", "[386 12.3.1.1]", f_gp0, 13, 1);
    flag_case("RF in the image: #PF", "[386 12.3.1.1]", f_pf, 14, 1);
    flag_case("RF in the image: BOUND", "[386 12.3.1.1]", f_bound, 5, 1);
    flag_case("RF in the image: REP STOSD into a hole", "[386 12.3.1.1]", f_rep_pf, 14, 1);
    flag_case("RF in the image: INT3", "[386 12.3.1.1]", f_int3, 3, 0);
    flag_case("RF in the image: INTO", "[386 12.3.1.1]", f_into, 4, 0);
    flag_case("RF in the image: INT 40h", "[386 12.3.1.1]", f_int, 0x40, 0);
    begin("interrupt gate: IF, TF and NT clear in the handler, kept in the image", "[386 9.6.1.3]");
    provoke(f_int_if);
    fact("vector", got.vector, 0x40);
    fact("flags", got_flags & (IF | NT | TF), 0);
    fact("image", GOT_EFLAGS & (IF | NT | TF), IF | NT);
    end();
    begin("trap gate: IF stays, NT clear", "[386 9.6.1.3]");
    set_gate(idt, 0x40, CODE0, stubs[0x40], A_TRAP, 0);
    provoke(f_int_if);
    fact("flags", got_flags & (IF | NT | TF), IF);
    fact("image", GOT_EFLAGS & (IF | NT | TF), IF | NT);
    end();
    begin("RF is cleared by the instruction after IRET", "[386 12.3.1.1]");
    provoke(iret_rf);
    done();
    fact("rf", got.eax >> 16 & 1, 0);
    end();
    begin("#PF in the middle of REP STOSD: ECX and EDI", "[386 17 REP]");
    pages_build();
    pages_on();
    provoke(f_rep_pf);
    fault(14, 2);
    fact("ecx", got.ecx, 2);
    fact("edi", got.edi, ADDRESS(hole));
    fact("eip", GOT_EIP, ADDRESS(f_rep_at));
    fact("cr2", got_cr2, ADDRESS(hole));
    end();
}

void stub_words(void);
__asm__(".text\nstub_words: pushl $0x40\n ljmp $8, $caught\n");

/* 286 gates: three words, 16-bit offset */
static void gate286(const char *name, u32 access)
{
    begin(name, "[386 9.5]");
    set_segment(FREE, ADDRESS(stub_words), 0xFFF, A_CODE, 4);
    set_gate(idt, 0x40, FREE, 0x43210000, access, 0);
    provoke(f_int);
    fact("vector", got.vector, 0x40);
    fact("frame", got.stack[0], (ADDRESS(f_int_back) & 0xFFFF) | CODE0 << 16);
    fact("esp", got_esp, ADDRESS(stimulus_stack_top) - 6);
    end();
}

void run(void)
{
    doubles();
    gates();
    idt_limits();
    flags();
    gate286("286 interrupt gate: words, upper offset ignored", A_INT286);
    gate286("286 trap gate: words, upper offset ignored", A_TRAP286);
}
