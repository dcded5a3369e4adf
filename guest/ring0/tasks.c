/* tasks.c: task switches in every pairing, what they save and load, and what refuses them. */
#include "ring0.h"

#define OLD_TASK "movw old_tr, %ax\n ltr %ax\n"
STIMULUS(jump_task, OLD_TASK "ljmp *far_target\njump_task_back:");
STIMULUS(call_task, OLD_TASK "lcall *far_target\ncall_task_back:");
STIMULUS(int_task, OLD_TASK "int $0x40\nint_task_back:");
STIMULUS(iret_task, OLD_TASK "pushfl\n orl $0x4000, (%esp)\n popfl\n iretl\niret_task_back:");
STIMULUS(jump_only, "ljmp *far_target");
STIMULUS(int_only, "int $0x40");
STIMULUS(ud_only, ".byte 0x0F, 0xFF");
STIMULUS(gp_only, "ltr zero");
STIMULUS(jump_registers,
         "movl $0x11111111, %eax\n movl $0x22222222, %ecx\n movl $0x33333333, %edx\n"
         " movl $0x44444444, %ebx\n movl $0x55555555, %ebp\n movl $0x66666666, %esi\n"
         " movl $0x77777777, %edi\n stc\n ljmp *far_target");
STIMULUS(jump_segments,
         "movw $0x33, %ax\n movw %ax, %es\n movw $0x32, %ax\n movw %ax, %fs\n"
         " movw $0x40, %ax\n movw %ax, %gs\n movw $0x88, %ax\n lldt %ax\n ljmp *far_target");
STIMULUS(jump_paged,
         "movl $directory_a, %eax\n movl %eax, %cr3\n movl %cr0, %eax\n orl $0x80000000, %eax\n"
         " movl %eax, %cr0\n jmp 1f\n1: ljmp *far_target");
STIMULUS(iret_nested, "pushfl\n orl $0x4000, (%esp)\n popfl\n iretl\niret_nested_back:");
STIMULUS(retf_nested, "pushfl\n orl $0x4000, (%esp)\n popfl\n pushl $8\n pushl $1f\n lret\n1: nop");
STIMULUS(nop_only, "nop\nnop_back:");
void stub_286(void);
__asm__(".text\nstub_286: movzwl %sp, %esp\n pushl $0x102\n ljmp $8, $caught\n");

u16 old_tr;
const u16 zero = 0;
extern u8 jump_task_back[], call_task_back[], int_task_back[], iret_task_back[], nop_back[];
u32 directory_a[1024] __attribute__((aligned(4096)));
u32 directory_b[1024] __attribute__((aligned(4096)));
static u32 table[1024] __attribute__((aligned(4096)));

enum kind { K386, K286, KV86 };
enum how { JUMP, CALL, INT, IRET };

static const u32 new_selector[] = {TSSB, T286, TSSV};
static const u32 arrival[] = {0x101, 0x102, 0x20};

/* INT imm8 at segment:0000, for V86 tasks */
static void set_v86_code(u32 segment, u32 vector)
{
    volatile u8 *code = (volatile u8 *)(segment << 4);
    code[0] = 0xCD;
    code[1] = (u8)vector;
    __asm__ volatile("" : : : "memory");
}

static void set_new_tasks(void)
{
    set_segment(FREE, ADDRESS(stub_286), 0xFFF, A_CODE, 4);
    set_segment(FREE2, 0, 0xFFFF, A_DATA, 0);
    t286.ip = 0;
    t286.cs = FREE;
    t286.ss = FREE2;
    t286.sp0 = 0x7000;
    t286.ss0 = FREE2;
    tssv.eflags = VM | IOPL3 | 2;
    tssv.cs = 0x810;
    tssv.eip = 0;
    tssv.ss = 0x700;
    tssv.esp = 0xF00;
    tssv.ds = 0x1234;
    set_v86_code(0x810, 0x20);
}

static u32 new_flags(enum kind k)
{
    return k == KV86 ? FRAME(2) : got_flags;
}

static void new_link(enum kind k, u32 link)
{
    if (k == K286)
        t286.link = (u16)link;
    else
        (k == K386 ? &tssb : &tssv)->link = link;
}

static u32 link_of(enum kind k)
{
    return (k == K386 ? tssb.link : k == K286 ? t286.link : tssv.link) & 0xFFFF;
}

static void (*const stimuli[])(void) = {jump_task, call_task, int_task, iret_task};
static u8 *const resumes[] = {jump_task_back, call_task_back, int_task_back, iret_task_back};

/* JMP, CALL, INT and IRET out of a 386 or a 286 task */
static void pairing(const char *name, enum kind from, enum kind to, enum how how, int gate)
{
    static const u8 available[] = {A_TSS, A_TSS286, A_TSS};
    begin(name, "[386 7.5]");
    set_new_tasks();
    old_tr = from == K386 ? TSSD : U286;
    far_target.selector = gate ? TGATE : (u16)new_selector[to];
    set_gate(gdt, TGATE / 8, new_selector[to], 0, A_TASK, 0);
    set_gate(idt, 0x40, new_selector[to], 0, A_TASK, 0);
    new_link(to, 0xAAAA);
    if (how == IRET) {
        set_rights(new_selector[to], available[to] | 2);
        tssd.link = new_selector[to];
        u286.link = (u16)new_selector[to];
    }
    provoke(stimuli[how]);
    fact("vector", got.vector, arrival[to]);
    fact("tr", got_tr, new_selector[to]);
    fact("ts", got_cr0 >> 3 & 1, 1);
    fact("old busy", rights(old_tr == TSSD ? TSSD : U286) >> 1 & 1, how == CALL || how == INT);
    fact("new busy", rights(new_selector[to]) >> 1 & 1, 1);
    fact("nt", new_flags(to) >> 14 & 1, how == CALL || how == INT);
    fact("link", link_of(to), how == CALL || how == INT ? old_tr : 0xAAAA);
    fact("old ip", (from == K386 ? tssd.eip : u286.ip) & 0xFFFF, ADDRESS(resumes[how]) & 0xFFFF);
    fact("old nt", (from == K386 ? tssd.eflags : u286.flags) >> 14 & 1, 0);
    end();
}

static char pair_name[64];

static char *append(char *at, const char *s)
{
    while (*s != 0)
        *at++ = *s++;
    *at = 0;
    return at;
}

static void pairings(void)
{
    static const char *const kinds[] = {"386", "286", "V86"};
    static const char *const hows[] = {"JMP", "CALL", "INT", "IRET"};
    for (u32 from = K386; from <= K286; from++)
        for (u32 to = K386; to <= KV86; to++)
            for (u32 how = JUMP; how <= IRET; how++)
                for (int gate = 0; gate < 2; gate++) {
                    if (gate && how > CALL) continue;
                    char *at = append(pair_name, hows[how]);
                    at = append(at, gate ? " by task gate, " : ", ");
                    at = append(append(at, kinds[from]), " task to ");
                    append(append(at, kinds[to]), " task");
                    pairing(pair_name, from, to, how, gate);
                }
}

/* A V86 task leaves by INT through a task gate; IRET with its link comes back into it. */
static void out_of_v86(enum kind to, const char *name)
{
    begin(name, "[386 15.3.1]");
    set_new_tasks();
    set_v86_code(0x800, 0x40);
    set_gate(idt, 0x40, new_selector[to], 0, A_TASK | RING3, 0);
    frame[0] = 0;
    frame[1] = 0x800;
    frame[2] = VM | IOPL3 | 2;
    frame[3] = 0xF00;
    frame[4] = 0x700;
    frame[5] = 0x111;
    frame[6] = 0x222;
    frame[7] = 0x333;
    frame[8] = 0x444;
    provoke(enter_frame);
    fact("vector", got.vector, arrival[to]);
    fact("tr", got_tr, new_selector[to]);
    fact("link", link_of(to), TSSA);
    fact("old vm", tssa.eflags >> 17 & 1, 1);
    fact("old ip", tssa.eip, 2);
    fact("old cs", tssa.cs & 0xFFFF, 0x800);
    fact("old es", tssa.es & 0xFFFF, 0x111);
    fact("old ds", tssa.ds & 0xFFFF, 0x222);
    fact("old gs", tssa.gs & 0xFFFF, 0x444);
    fact("nt", new_flags(to) >> 14 & 1, 1);
    end();
}

/* What goes into the TSS of the task that is left. */
static void saved(void)
{
    begin("general registers in the old TSS", "[386 7.5]");
    far_target.selector = TSSB;
    provoke(jump_registers);
    fact("eax", tssa.eax, 0x11111111);
    fact("ecx", tssa.ecx, 0x22222222);
    fact("edx", tssa.edx, 0x33333333);
    fact("ebx", tssa.ebx, 0x44444444);
    fact("ebp", tssa.ebp, 0x55555555);
    fact("esi", tssa.esi, 0x66666666);
    fact("edi", tssa.edi, 0x77777777);
    fact("esp", tssa.esp, ADDRESS(stimulus_stack_top));
    fact("cf", tssa.eflags & 1, 1);
    end();
    begin("segment registers in the old TSS; LDT, CR3 and stacks not written", "[386 7.1]");
    tssa.ldt = 0x77;
    tssa.cr3 = 0x5000;
    far_target.selector = TSSB;
    provoke(jump_segments);
    fact("es", tssa.es & 0xFFFF, DATA3 + 3);
    fact("fs", tssa.fs & 0xFFFF, DATA3 + 2);
    fact("gs", tssa.gs & 0xFFFF, CONF0);
    fact("cs", tssa.cs & 0xFFFF, CODE0);
    fact("ss", tssa.ss & 0xFFFF, DATA0);
    fact("ldt", tssa.ldt, 0x77);
    fact("cr3", tssa.cr3, 0x5000);
    fact("ss0", tssa.ss0, DATA0);
    end();
}

/* What comes out of the TSS of the task that is entered. */
static void loaded(void)
{
    begin("registers of the new task", "[386 7.5]");
    tssb.eax = 0xA0A0A0A0;
    tssb.ecx = 0xA1A1A1A1;
    tssb.edx = 0xA2A2A2A2;
    tssb.ebp = 0xA3A3A3A3;
    tssb.esi = 0xA4A4A4A4;
    tssb.edi = 0xA5A5A5A5;
    tssb.gs = DATA3 + 1;
    far_target.selector = TSSB;
    provoke(jump_only);
    fact("vector", got.vector, 0x101);
    fact("eax", got.eax, 0xA0A0A0A0);
    fact("ecx", got.ecx, 0xA1A1A1A1);
    fact("edx", got.edx, 0xA2A2A2A2);
    fact("ebp", got.ebp, 0xA3A3A3A3);
    fact("esi", got.esi, 0xA4A4A4A4);
    fact("edi", got.edi, 0xA5A5A5A5);
    fact("gs", got.gs & 0xFFFF, DATA3 + 1);
    end();
    begin("LDT of the new task, DS from it", "[386 7.7]");
    ldt[2] = gdt[DATA0 / 4];
    ldt[3] = gdt[DATA0 / 4 + 1];
    tssb.ldt = LDTA;
    tssb.ds = 0xC;
    far_target.selector = TSSB;
    provoke(jump_only);
    fact("vector", got.vector, 0x101);
    fact("ldtr", got_ldtr, LDTA);
    fact("ds", got.ds & 0xFFFF, 0xC);
    end();
    begin("CR3 of the new task", "[386 7.7.1]");
    for (u32 i = 0; i < 1024; i++)
        table[i] = i << 12 | 3;
    directory_a[0] = directory_b[0] = ADDRESS(table) | 3;
    tssb.cr3 = ADDRESS(directory_b);
    far_target.selector = TSSB;
    provoke(jump_paged);
    fact("vector", got.vector, 0x101);
    fact("cr3", got_cr3, ADDRESS(directory_b));
    end();
}

/* Traps, error codes and NT around a switch. */
static void traps_and_errors(void)
{
    begin("T bit of the new TSS: trap before its first instruction", "[386 12.3.1.5]");
    tssb.trap = 1;
    far_target.selector = TSSB;
    provoke(jump_only);
    fact("vector", got.vector, 1);
    fact("eip", GOT_EIP, ADDRESS(task_stub));
    fact("bt", got_dr6 >> 15 & 1, 1);
    fact("tr", got_tr, TSSB);
    end();
    begin("error code on the stack of an interrupt task", "[386 9.6.2]");
    set_gate(idt, 13, TSSB, 0, A_TASK, 0);
    provoke(gp_only);
    fact("vector", got.vector, 0x101);
    fact("error", got.stack[0], 0);
    fact("esp", got_esp, tssb.esp - 4);
    fact("old eip", tssa.eip, ADDRESS(gp_only));
    end();
    begin("no error code on the stack for INT 40h", "[386 9.6.2]");
    set_gate(idt, 0x40, TSSB, 0, A_TASK, 0);
    provoke(int_only);
    fact("esp", got_esp, tssb.esp);
    end();
    begin("RETF with NT set is no task return", "[386 7.6]");
    tssa.link = TSSB;
    set_rights(TSSB, A_TSS | 2);
    provoke(retf_nested);
    done();
    fact("tr", got_tr, TSSA);
    end();
}

/* JMP to TSSB after a change; a task of its own takes the fault and its link says whose it was. */
static void refused(const char *name, const char *rule, void (*change)(void), u32 vector, u32 error,
                    u32 context)
{
    begin(name, rule);
    set_segment(FREE, 0, 0xFFFFF, A_CODE & ~PRESENT, 0xC);
    set_segment(FREE2, 0, 0xFFFFF, A_DATA & ~PRESENT, 0xC);
    set_segment(FREE3, 0, 0xFFFFF, A_DATA & ~2u, 0xC);
    for (u32 v = 8; v < 15; v++)
        set_gate(idt, v, TSSD, 0, A_TASK, 0);
    set_gate(idt, vector, TSSC, 0, A_TASK, 0);
    tssc.ebx = vector;
    tssd.ebx = 0xFF;
    far_target.selector = TSSB;
    change();
    provoke(jump_only);
    fact("vector", got.vector, 0x100 + vector);
    fact("error", got.stack[0], error);
    fact("context", (got_tr == TSSC ? tssc.link : tssd.link) & 0xFFFF, context);
    if (context == TSSB) fact("eip", tssb.eip, ADDRESS(task_stub));
    if (context == TSSA) fact("eip", tssa.eip, ADDRESS(jump_only));
    end();
}

#define CHANGE(name, ...)                                                                          \
    static void name(void)                                                                         \
    {                                                                                              \
        __VA_ARGS__;                                                                               \
    }

CHANGE(tss_busy, set_rights(TSSB, A_TSS | 2))
CHANGE(tss_absent, set_rights(TSSB, A_TSS & ~PRESENT))
CHANGE(tss_absent_busy, set_rights(TSSB, (A_TSS | 2) & ~PRESENT))
CHANGE(tss_short, set_segment(TSSB, ADDRESS(&tssb), 102, A_TSS, 0))
CHANGE(tss_short286, set_segment(T286, ADDRESS(&t286), 42, A_TSS286, 0); far_target.selector = T286)
CHANGE(tss_rpl, far_target.selector = TSSB + 3)
CHANGE(gate_absent, set_gate(gdt, TGATE / 8, TSSB, 0, A_TASK & ~PRESENT, 0);
       far_target.selector = TGATE)
CHANGE(gate_rpl, far_target.selector = TGATE + 2)
CHANGE(gate_null, set_gate(gdt, TGATE / 8, 0, 0, A_TASK, 0); far_target.selector = TGATE)
CHANGE(gate_local, set_gate(gdt, TGATE / 8, TSSB + 4, 0, A_TASK, 0); far_target.selector = TGATE)
CHANGE(gate_data, set_gate(gdt, TGATE / 8, DATA0, 0, A_TASK, 0); far_target.selector = TGATE)
CHANGE(gate_busy, set_rights(TSSB, A_TSS | 2); far_target.selector = TGATE)
CHANGE(gate_tss_absent, set_rights(TSSB, A_TSS & ~PRESENT); far_target.selector = TGATE)
CHANGE(ldt_local, tssb.ldt = LDTA + 4)
CHANGE(ldt_data, tssb.ldt = DATA0)
CHANGE(ldt_beyond, tssb.ldt = BEYOND)
CHANGE(ldt_absent, tssb.ldt = LDTA; set_rights(LDTA, A_LDT & ~PRESENT))
CHANGE(cs_null, tssb.cs = 0)
CHANGE(cs_beyond, tssb.cs = BEYOND)
CHANGE(cs_data, tssb.cs = DATA0)
CHANGE(cs_system, tssb.cs = LDTA)
CHANGE(cs_dpl, tssb.cs = CODE0 + 3)
CHANGE(cs_rpl, tssb.cs = CODE3)
CHANGE(cs_conforming, tssb.cs = CONF3)
CHANGE(cs_absent, tssb.cs = FREE)
CHANGE(ss_null, tssb.ss = 0)
CHANGE(ss_beyond, tssb.ss = BEYOND)
CHANGE(ss_code, tssb.ss = CODE0)
CHANGE(ss_readonly, tssb.ss = FREE3)
CHANGE(ss_rpl, tssb.ss = DATA0 + 3)
CHANGE(ss_dpl, tssb.ss = DATA3)
CHANGE(ss_absent, tssb.ss = FREE2)
CHANGE(ds_beyond, tssb.ds = BEYOND)
CHANGE(ds_execute, tssb.ds = FREE; set_rights(FREE, A_CODE & ~2u))
CHANGE(ds_system, tssb.ds = TSSB)
CHANGE(es_rpl, tssb.es = DATA0 + 3)
CHANGE(fs_absent, tssb.fs = FREE2)
CHANGE(gs_local, tssb.gs = 0xC)
CHANGE(es_absent_code, tssb.es = FREE)
CHANGE(cs_absent_dpl, tssb.cs = FREE + 3)
CHANGE(ss_absent_dpl, tssb.ss = FREE2; set_rights(FREE2, (A_DATA | RING3) & ~PRESENT))
CHANGE(cs_before_ss, tssb.cs = BEYOND; tssb.ss = FREE3)
CHANGE(ldt_before_cs, tssb.ldt = DATA0; tssb.cs = BEYOND)
CHANGE(ss_before_ds, tssb.ss = FREE3; tssb.ds = BEYOND)

static void refusals(void)
{
    static const struct {
        const char *name, *rule;
        void (*change)(void);
        u32 vector, error, context;
    } rows[] = {
        {"TSS busy", "[386 table 7-1, 2]", tss_busy, 13, TSSB, TSSA},
        {"TSS not present", "[386 table 7-1, 1]", tss_absent, 11, TSSB, TSSA},
        {"TSS busy and not present", "[386 17 JMP]", tss_absent_busy, 13, TSSB, TSSA},
        {"TSS limit 102", "[386 table 7-1, 3]", tss_short, 10, TSSB, TSSA},
        {"286 TSS limit 42", "[386 9.8.10]", tss_short286, 10, T286, TSSA},
        {"TSS of DPL 0 by RPL 3", "[386 17 JMP]", tss_rpl, 13, TSSB, TSSA},
        {"task gate not present", "[386 17 JMP]", gate_absent, 11, TGATE, TSSA},
        {"task gate of DPL 0 by RPL 2", "[386 17 JMP]", gate_rpl, 13, TGATE, TSSA},
        {"task gate with a null TSS", "[386 9.8.13]", gate_null, 13, 0, TSSA},
        {"task gate with a TSS of the LDT", "[386 17 JMP]", gate_local, 13, TSSB + 4, TSSA},
        {"task gate with a data segment", "[386 17 JMP]", gate_data, 13, DATA0, TSSA},
        {"task gate to a busy TSS", "[386 17 JMP]", gate_busy, 13, TSSB, TSSA},
        {"task gate to a not-present TSS", "[386 17 JMP]", gate_tss_absent, 11, TSSB, TSSA},
        {"new LDT selector of the LDT", "[386 table 7-1, 4]", ldt_local, 10, LDTA + 4, TSSB},
        {"new LDT is data", "[386 table 7-1, 4]", ldt_data, 10, DATA0, TSSB},
        {"new LDT behind the GDT", "[386 table 7-1, 4]", ldt_beyond, 10, BEYOND, TSSB},
        {"new LDT not present", "[386 table 7-1, 5]", ldt_absent, 10, LDTA, TSSB},
        {"new CS null", "[386 9.8.10]", cs_null, 10, 0, TSSB},
        {"new CS behind the GDT", "[386 table 7-1, 6]", cs_beyond, 10, BEYOND, TSSB},
        {"new CS is data", "[386 table 7-1, 6]", cs_data, 10, DATA0, TSSB},
        {"new CS is a system segment", "[386 table 7-1, 6]", cs_system, 10, LDTA, TSSB},
        {"new CS of DPL 0 with RPL 3", "[386 table 7-1, 8]", cs_dpl, 10, CODE0, TSSB},
        {"new CS of DPL 3 with RPL 0", "[386 table 7-1, 8]", cs_rpl, 10, CODE3, TSSB},
        {"new CS conforming of DPL 3 with RPL 0", "[386 table 7-1, 8]", cs_conforming, 10, CONF3,
         TSSB},
        {"new CS not present", "[386 table 7-1, 7]", cs_absent, 11, FREE, TSSB},
        {"new SS null", "[386 9.8.10]", ss_null, 10, 0, TSSB},
        {"new SS behind the GDT", "[386 9.8.10]", ss_beyond, 10, BEYOND, TSSB},
        {"new SS is code", "[386 9.8.10]", ss_code, 10, CODE0, TSSB},
        {"new SS read-only", "[386 9.8.10]", ss_readonly, 10, FREE3, TSSB},
        {"new SS with RPL 3", "[386 9.8.10]", ss_rpl, 10, DATA0, TSSB},
        {"new SS of DPL 3", "[386 9.8.10]", ss_dpl, 10, DATA3, TSSB},
        {"new SS not present", "[386 table 7-1, 10]", ss_absent, 12, FREE2, TSSB},
        {"new DS behind the GDT", "[386 9.8.10]", ds_beyond, 10, BEYOND, TSSB},
        {"new DS execute-only", "[386 9.8.10]", ds_execute, 10, FREE, TSSB},
        {"new DS is a TSS", "[386 9.8.10]", ds_system, 10, TSSB, TSSB},
        {"new ES of DPL 0 with RPL 3", "[386 9.8.10]", es_rpl, 10, DATA0, TSSB},
        {"new FS not present", "[386 table 7-1, 15]", fs_absent, 11, FREE2, TSSB},
        {"new GS of a missing LDT", "[386 9.8.10]", gs_local, 10, 0xC, TSSB},
        {"new ES is not-present readable code", "[386 table 7-1, 15]", es_absent_code, 11, FREE,
         TSSB},
        {"new CS not present and of the wrong DPL", "[386 table 7-1, 7 and 8]", cs_absent_dpl, 11,
         FREE, TSSB},
        {"new SS not present and of the wrong DPL", "[386 table 7-1, 10 and 11]", ss_absent_dpl, 12,
         FREE2, TSSB},
        {"new CS and SS bad: CS first", "[386 table 7-1]", cs_before_ss, 10, BEYOND, TSSB},
        {"new LDT and CS bad: LDT first", "[386 table 7-1]", ldt_before_cs, 10, DATA0, TSSB},
        {"new SS and DS bad: SS first", "[386 table 7-1]", ss_before_ds, 10, FREE3, TSSB},
    };
    for (u32 i = 0; i < sizeof rows / sizeof rows[0]; i++)
        refused(rows[i].name, rows[i].rule, rows[i].change, rows[i].vector, rows[i].error,
                rows[i].context);
}

/* INT 40h or #UD through a task gate to TSSB; the error code of an exception has EXT. */
static void refused_event(const char *name, const char *rule, void (*code)(void),
                          void (*change)(void), u32 vector, u32 error, u32 context)
{
    begin(name, rule);
    set_segment(FREE2, 0, 0xFFFFF, A_DATA & ~PRESENT, 0xC);
    for (u32 v = 8; v < 15; v++)
        set_gate(idt, v, TSSD, 0, A_TASK, 0);
    set_gate(idt, vector, TSSC, 0, A_TASK, 0);
    set_gate(idt, 6, TSSB, 0, A_TASK, 0);
    set_gate(idt, 0x40, TSSB, 0, A_TASK, 0);
    tssc.ebx = vector;
    tssd.ebx = 0xFF;
    change();
    provoke(code);
    fact("vector", got.vector, 0x100 + vector);
    fact("error", got.stack[0], error);
    fact("context", (got_tr == TSSC ? tssc.link : tssd.link) & 0xFFFF, context);
    fact("eip", context == TSSB ? tssb.eip : tssa.eip,
         context == TSSB ? ADDRESS(task_stub) : ADDRESS(code));
    end();
}

CHANGE(event_gate_absent, set_gate(idt, 6, TSSB, 0, A_TASK & ~PRESENT, 0);
       set_gate(idt, 0x40, TSSB, 0, A_TASK & ~PRESENT, 0))

static void events(void)
{
    static const struct {
        const char *name, *name_ext;
        void (*change)(void);
        u32 vector, error, context;
    } rows[] = {
        {"INT to a task: TSS busy", "#UD to a task: TSS busy", tss_busy, 13, TSSB, TSSA},
        {"INT to a task: TSS not present", "#UD to a task: TSS not present", tss_absent, 11, TSSB,
         TSSA},
        {"INT to a task: TSS limit 102", "#UD to a task: TSS limit 102", tss_short, 10, TSSB, TSSA},
        {"INT to a task: new LDT is data", "#UD to a task: new LDT is data", ldt_data, 10, DATA0,
         TSSB},
        {"INT to a task: new CS is data", "#UD to a task: new CS is data", cs_data, 10, DATA0,
         TSSB},
        {"INT to a task: new SS not present", "#UD to a task: new SS not present", ss_absent, 12,
         FREE2, TSSB},
        {"INT to a task: new DS behind the GDT", "#UD to a task: new DS behind the GDT", ds_beyond,
         10, BEYOND, TSSB},
    };
    for (u32 i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        refused_event(rows[i].name, "[386 9.7]", int_only, rows[i].change, rows[i].vector,
                      rows[i].error, rows[i].context);
        refused_event(rows[i].name_ext, "[386 9.7]", ud_only, rows[i].change, rows[i].vector,
                      rows[i].error | 1, rows[i].context);
    }
    refused_event("INT to a task: gate not present", "[386 9.7]", int_only, event_gate_absent, 11,
                  0x202, TSSA);
    refused_event("#UD to a task: gate not present", "[386 9.7]", ud_only, event_gate_absent, 11,
                  6 * 8 + 3, TSSA);
}

/* IRET with NT set and a bad link: #TS with the link */
static void bad_link(const char *name, u32 link, u32 access, u32 vector)
{
    begin(name, "[386 17 IRET]");
    tssa.link = link;
    if (access != 0) set_rights(TSSB, access);
    provoke(iret_nested);
    fault(vector, link & 0xFFFC);
    fact("tr", got_tr, TSSA);
    end();
}

static void links(void)
{
    bad_link("back link to a TSS that is not busy", TSSB, A_TSS, 10);
    bad_link("back link to data", DATA0, 0, 10);
    bad_link("back link behind the GDT", BEYOND, 0, 10);
    bad_link("back link into the LDT", LDTA + 4, 0, 10);
    bad_link("back link null", 0, 0, 10);
    bad_link("back link to a not-present TSS", TSSB, (A_TSS | 2) & ~PRESENT, 11);
}

void run(void)
{
    pairings();
    out_of_v86(K386, "INT out of a V86 task to a 386 task");
    out_of_v86(K286, "INT out of a V86 task to a 286 task");
    out_of_v86(KV86, "INT out of a V86 task to a V86 task");
    saved();
    loaded();
    traps_and_errors();
    refusals();
    events();
    links();
}
