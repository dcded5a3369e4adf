/* gates.c: calls, jumps and returns through gates. Every case starts from the tables of ring0.c. */
#include "ring0.h"

STIMULUS(call_far, "lcall *far_target\ncall_back:");
STIMULUS(jump_far, "ljmp *far_target");
STIMULUS(call16_far, "lcallw *far_target\ncall16_back:");
STIMULUS(target, "nop\ntarget_end:");
STIMULUS(call_parameters,
         "movl parameters, %ecx\n"
         "1: testl %ecx, %ecx\n jz 2f\n movl %ecx, %eax\n orl $0x50000, %eax\n pushl %eax\n"
         " decl %ecx\n jmp 1b\n"
         "2: lcall *far_target\ncall_parameters_back:");
STIMULUS(call_words, "movl parameters, %ecx\n"
                     "1: testl %ecx, %ecx\n jz 2f\n pushw %cx\n"
                     " decl %ecx\n jmp 1b\n"
                     "2: lcall *far_target\ncall_words_back:");
/* a gate's target that goes back with everything released */
STIMULUS(target_back, "movl $0x7001, %eax\n lret $12");
STIMULUS(target_segments,
         "movw $0x10, %ax\n movw %ax, %ds\n movw $0x30, %ax\n movw %ax, %es\n"
         " movw $0x40, %ax\n movw %ax, %fs\n movw $0x08, %ax\n movw %ax, %gs\n lret");
/* RETF in ring 0 to what `frame` holds: EIP, CS, ESP, SS */
STIMULUS(return_far,
         "subl $16, %esp\n movl %esp, %edi\n movl $frame, %esi\n movl $4, %ecx\n rep movsl\n lret");

STIMULUS(
    return_interrupt,
    "subl $20, %esp\n movl %esp, %edi\n movl $frame, %esi\n movl $5, %ecx\n rep movsl\n iretl");

u32 parameters;
extern u8 call_back[], call16_back[], target_end[], call_parameters_back[], call_words_back[];

#define CALL_RULE "[386 17 CALL]"

/* GATE to CODE0:target with these rights, and far_target through it */
static void gate(u32 access, u32 selector, u32 count)
{
    set_gate(gdt, GATE / 8, selector, ADDRESS(target), access, count);
    far_target.offset = 0xDEADBEEF;
    far_target.selector = GATE;
}

static void same_level(void)
{
    begin("386 call gate, same level: target, return address, stack", "[386 6.3.4]");
    gate(A_CALL, CODE0, 0);
    provoke(call_far);
    done();
    fact("eip", GOT_EIP, ADDRESS(target_end) + 2);
    fact("cs", GOT_CS, CODE0);
    fact("return", FRAME(3), ADDRESS(call_back));
    fact("return cs", FRAME(4) & 0xFFFF, CODE0);
    fact("esp", got_esp + 12, ADDRESS(stimulus_stack_top) - 8);
    end();
    begin("386 call gate, same level, count 5: nothing copied", CALL_RULE);
    gate(A_CALL, CODE0, 5);
    provoke(call_far);
    done();
    fact("esp", got_esp + 12, ADDRESS(stimulus_stack_top) - 8);
    end();
    begin("16-bit CALL through a 386 gate pushes dwords", "[386 16.4.2]");
    gate(A_CALL, CODE0, 0);
    far_target.offset = 0xDEAD | GATE << 16;
    provoke(call16_far);
    done();
    fact("return", FRAME(3), ADDRESS(call16_back));
    fact("esp", got_esp + 12, ADDRESS(stimulus_stack_top) - 8);
    end();
    begin("386 call gate: RPL of its selector does not reach CS", CALL_RULE);
    gate(A_CALL, CODE0 + 3, 0);
    provoke(call_far);
    done();
    fact("cs", GOT_CS, CODE0);
    end();
    begin("JMP through a 386 gate: nothing pushed", "[386 17 JMP]");
    gate(A_CALL, CODE0, 4);
    provoke(jump_far);
    done();
    fact("eip", GOT_EIP, ADDRESS(target_end) + 2);
    fact("esp", got_esp + 12, ADDRESS(stimulus_stack_top));
    end();
    begin("JMP through a gate to conforming code from ring 3: CPL stays", "[386 17 JMP]");
    gate(A_CALL | RING3, CONF0, 0);
    provoke_ring3(jump_far, 0);
    done();
    fact("cs", GOT_CS, CONF0 + 3);
    end();
    begin("JMP through a gate to more privileged code", "[386 17 JMP]");
    gate(A_CALL | RING3, CODE0, 0);
    provoke_ring3(jump_far, 0);
    fault(13, CODE0);
    end();
}

/* 286 gates: words, and an offset of 16 bits. Code below 64 KB: a segment over the target. */
static void same_level_286(void)
{
    begin("286 call gate, same level: words pushed, upper offset ignored", "[386 16.4.2]");
    set_segment(FREE, ADDRESS(target), 0xFFF, A_CODE, 4);
    set_gate(gdt, GATE / 8, FREE, 0x12340000, A_CALL286, 0);
    far_target.selector = GATE;
    provoke(call_far);
    done();
    fact("eip", GOT_EIP, ADDRESS(target_end) + 2 - ADDRESS(target));
    fact("cs", GOT_CS, FREE);
    fact("return", FRAME(3), (ADDRESS(call_back) & 0xFFFF) | CODE0 << 16);
    fact("esp", got_esp + 12, ADDRESS(stimulus_stack_top) - 4);
    end();
    begin("286 call gate, inner level: words pushed, upper offset ignored", "[386 16.4.2]");
    set_segment(FREE, ADDRESS(target), 0xFFF, A_CODE, 4);
    set_gate(gdt, GATE / 8, FREE, 0x12340000, A_CALL286 | RING3, 0);
    far_target.selector = GATE;
    provoke_ring3(call_far, 0);
    done();
    fact("eip", GOT_EIP, ADDRESS(target_end) + 2 - ADDRESS(target));
    fact("return", FRAME(3), (ADDRESS(call_back) & 0xFFFF) | (CODE3 + 3) << 16);
    fact("stack", FRAME(4), ((ADDRESS(outer_stack_top) - 0x40) & 0xFFFF) | (DATA3 + 3) << 16);
    fact("esp", got_esp + 12, ADDRESS(inner_stack_top) - 8);
    end();
    begin("JMP through a 286 gate: upper offset ignored", "[386 16.4.2]");
    set_segment(FREE, ADDRESS(target), 0xFFF, A_CODE, 4);
    set_gate(gdt, GATE / 8, FREE, 0xFFFF0000, A_CALL286, 0);
    far_target.selector = GATE;
    provoke(jump_far);
    done();
    fact("eip", GOT_EIP, ADDRESS(target_end) + 2 - ADDRESS(target));
    end();
}

static char counted[] = "386 call gate, inner level, parameters 00";

static const char *count_name(char *name, u32 length, u32 count)
{
    name[length - 2] = (char)('0' + count / 10);
    name[length - 1] = (char)('0' + count % 10);
    return name;
}

static void counts(void)
{
    for (u32 n = 0; n < 32; n++) {
        count_name(counted, sizeof counted - 1, n);
        counted[0] = '3';
        begin(counted, "[386 6.3.4.1]");
        gate(A_CALL | RING3, CODE0, n);
        parameters = n;
        provoke_ring3(call_parameters, 0);
        done();
        fact("esp", got_esp + 12, ADDRESS(inner_stack_top) - 16 - 4 * n);
        const u32 *s = (const u32 *)(got_esp + 12); /* nothing has run on that stack since */
        fact("return", s[0], ADDRESS(call_parameters_back));
        fact("cs", s[1] & 0xFFFF, CODE3 + 3);
        if (n > 0) {
            fact("first", s[2], 0x50001);
            fact("last", s[1 + n], 0x50000 | n);
        }
        fact("old esp", s[2 + n], ADDRESS(outer_stack_top) - 0x40 - 4 * n);
        fact("old ss", s[3 + n] & 0xFFFF, DATA3 + 3);
        end();
    }
    for (u32 n = 0; n < 32; n++) {
        count_name(counted, sizeof counted - 1, n);
        counted[0] = '2';
        begin(counted, "[386 16.4.2]");
        set_segment(FREE, ADDRESS(target), 0xFFF, A_CODE, 4);
        set_gate(gdt, GATE / 8, FREE, 0, A_CALL286 | RING3, n);
        far_target.selector = GATE;
        parameters = n;
        provoke_ring3(call_words, 0);
        done();
        fact("esp", got_esp + 12, ADDRESS(inner_stack_top) - 8 - 2 * n);
        const u16 *s = (const u16 *)(got_esp + 12);
        fact("return", s[0], ADDRESS(call_words_back) & 0xFFFF);
        fact("cs", s[1], CODE3 + 3);
        if (n > 0) {
            fact("first", s[2], 1);
            fact("last", s[1 + n], n);
        }
        fact("old sp", s[2 + n], (ADDRESS(outer_stack_top) - 0x40 - 2 * n) & 0xFFFF);
        fact("old ss", s[3 + n], DATA3 + 3);
        end();
    }
}

static void levels(void)
{
    begin("call gate from ring 3 into ring 1", "[386 6.3.4.1]");
    gate(A_CALL | RING3, CODE1, 0);
    provoke_ring3(call_far, 0);
    done();
    fact("cs", GOT_CS, CODE1 + 1);
    fact("ss", GOT_SS, DATA1 + 1);
    fact("esp", GOT_ESP, ADDRESS(middle_stack_top) - 16);
    end();
    begin("call gate from ring 3 to conforming code of ring 0: stack and CPL stay", "[386 6.3.4]");
    gate(A_CALL | RING3, CONF0, 7);
    provoke_ring3(call_far, 0);
    done();
    fact("cs", GOT_CS, CONF0 + 3);
    fact("esp", GOT_ESP, ADDRESS(outer_stack_top) - 0x48);
    end();
    begin("CALL to conforming code of ring 0 from ring 3", "[386 6.3.3]");
    far_target.offset = ADDRESS(target);
    far_target.selector = CONF0;
    provoke_ring3(call_far, 0);
    done();
    fact("cs", GOT_CS, CONF0 + 3);
    end();
    begin("CALL to conforming code of ring 3 from ring 0", "[386 6.3.3]");
    far_target.offset = ADDRESS(target);
    far_target.selector = CONF3;
    provoke(call_far);
    fault(13, CONF3);
    end();
    begin("call gate from ring 0 to code of ring 3", CALL_RULE);
    gate(A_CALL, CODE3, 0);
    provoke(call_far);
    fault(13, CODE3);
    end();
}

static void privilege(void)
{
    begin("call gate of DPL 0 from ring 3", CALL_RULE);
    gate(A_CALL, CODE0, 0);
    provoke_ring3(call_far, 0);
    fault(13, GATE);
    end();
    begin("call gate of DPL 2, RPL 3, from ring 0", CALL_RULE);
    gate(A_CALL | RING2, CODE0, 0);
    far_target.selector = GATE + 3;
    provoke(call_far);
    fault(13, GATE);
    end();
    begin("call gate of DPL 3, RPL 3, from ring 0", CALL_RULE);
    gate(A_CALL | RING3, CODE0, 0);
    far_target.selector = GATE + 3;
    provoke(call_far);
    done();
    end();
    begin("JMP, gate of DPL 0 from ring 3", "[386 17 JMP]");
    gate(A_CALL, CONF0, 0);
    provoke_ring3(jump_far, 0);
    fault(13, GATE);
    end();
    begin("not-present gate of DPL 0 from ring 3: privilege first", CALL_RULE);
    gate(A_CALL & ~PRESENT, CODE0, 0);
    provoke_ring3(call_far, 0);
    fault(13, GATE);
    end();
    begin("interrupt gate is no target of CALL", CALL_RULE);
    gate(A_INT, CODE0, 0);
    provoke(call_far);
    fault(13, GATE);
    end();
    begin("trap gate is no target of JMP", "[386 17 JMP]");
    gate(A_TRAP, CODE0, 0);
    provoke(jump_far);
    fault(13, GATE);
    end();
    begin("LDT descriptor is no target of CALL", CALL_RULE);
    far_target.selector = LDTA;
    provoke(call_far);
    fault(13, LDTA);
    end();
}

static void refused_code(const char *name, u32 selector, u32 vector, u32 error)
{
    begin(name, CALL_RULE);
    gate(A_CALL | RING3, selector, 0);
    set_segment(FREE, 0, 0xFFFFF, A_CODE & ~PRESENT, 0xC);
    set_segment(FREE2, 0, 0xFFF, A_CODE, 0x4);
    provoke_ring3(call_far, 0);
    fault(vector, error);
    fact("cs", GOT_CS, CODE3 + 3);
    fact("eip", GOT_EIP, ADDRESS(call_far));
    end();
}

static void steps(void)
{
    begin("call gate not present", CALL_RULE);
    gate(A_CALL & ~PRESENT, CODE0, 0);
    provoke(call_far);
    fault(11, GATE);
    end();
    begin("JMP, call gate not present", "[386 17 JMP]");
    gate(A_CALL & ~PRESENT, CODE0, 0);
    provoke(jump_far);
    fault(11, GATE);
    end();
    refused_code("gate with a null code selector", 0, 13, 0);
    refused_code("gate with code selector 3", 3, 13, 0);
    refused_code("gate with a code selector behind the GDT", BEYOND, 13, BEYOND);
    refused_code("gate with a data selector", DATA0, 13, DATA0);
    refused_code("gate with a TSS selector", TSSB, 13, TSSB);
    refused_code("gate to not-present code", FREE, 11, FREE);
    refused_code("gate to code of a missing LDT", 0xC, 13, 0xC);
    refused_code("gate to code whose limit the offset exceeds", FREE2, 13, 0);
}

/* Something is wrong with SS0 or ESP0 of the TSS. */
static void refused_stack(const char *name, u32 ss, u32 esp, u32 vector, u32 error)
{
    begin(name, CALL_RULE);
    gate(A_CALL | RING3, CODE0, 4);
    set_segment(FREE, 0, 0xFFFFF, A_DATA & ~PRESENT, 0xC);
    set_segment(FREE2, 0, 0xFFFFF, A_DATA & ~2u, 0xC);
    set_segment(FREE3, 0, 0xFFF, A_DATA | 4, 0xC); /* expand-down: from 1000000 up */
    /* the fault itself needs a stack: a task of its own */
    set_gate(idt, vector, TSSC, 0, A_TASK, 0);
    tssc.ebx = vector;
    tssa.ss0 = ss;
    tssa.esp0 = esp;
    provoke_ring3(call_far, 0);
    fact("vector", got.vector, 0x100 + vector);
    fact("error", got.stack[0], error);
    fact("cs", tssa.cs & 0xFFFF, CODE3 + 3);
    fact("eip", tssa.eip, ADDRESS(call_far));
    fact("esp", tssa.esp, ADDRESS(outer_stack_top) - 0x40);
    end();
}

static void stacks(void)
{
    u32 top = ADDRESS(inner_stack_top);
    refused_stack("SS0 null", 0, top, 10, 0);
    refused_stack("SS0 behind the GDT", BEYOND, top, 10, BEYOND);
    refused_stack("SS0 with RPL 3", DATA0 + 3, top, 10, DATA0);
    refused_stack("SS0 of DPL 3", DATA3, top, 10, DATA3);
    refused_stack("SS0 is code", CODE0, top, 10, CODE0);
    refused_stack("SS0 read-only", FREE2, top, 10, FREE2);
    refused_stack("SS0 is a TSS", TSSB, top, 10, TSSB);
    refused_stack("SS0 of a missing LDT", 0xC, top, 10, 0xC);
    refused_stack("SS0 not present", FREE, top, 12, FREE);
}

/* The inner stack ends, or the TSS does before it names one; task gates take the fault. */
static void short_stack(const char *name, const char *rule, u32 esp, u32 tss_limit, u32 vector,
                        u32 error)
{
    begin(name, rule);
    gate(A_CALL | RING3, CODE0, 4);
    set_segment(FREE, ADDRESS(inner_stack_top) - 0x800, 0x7FF, A_DATA, 4);
    set_gate(idt, vector, TSSC, 0, A_TASK, 0);
    set_gate(idt, 0x20, TSSC, 0, A_TASK | RING3, 0);
    tssc.ebx = vector;
    tssa.ss0 = FREE;
    tssa.esp0 = esp;
    set_segment(TSSA, ADDRESS(&tssa), tss_limit, A_TSS, 0);
    recover();
    provoke_ring3(call_far, 0);
    fact("vector", got.vector, 0x100 + vector);
    if (vector != 0x20) fact("error", got.stack[0], error);
    fact("cs", tssa.cs & 0xFFFF, vector == 0x20 ? CODE0 : CODE3 + 3);
    end();
}

static void short_stacks(void)
{
    short_stack("inner stack with room for all of 32 bytes", CALL_RULE, 32, sizeof tssa - 1, 0x20,
                0);
    short_stack("inner stack with room for 28 of 32 bytes", "[386 9.8.12]", 28, sizeof tssa - 1, 12,
                FREE);
    short_stack("inner stack with room for nothing", "[386 9.8.12]", 0, sizeof tssa - 1, 12, FREE);
    short_stack("inner stack pointer behind the limit", "[386 9.8.12]", 0x900, sizeof tssa - 1, 12,
                FREE);
}

static void returns(void)
{
    begin("RETF to the outer level: CS, EIP, SS, ESP", "[386 6.3.4.2]");
    frame[0] = ADDRESS(target);
    frame[1] = CODE3 + 3;
    frame[2] = ADDRESS(outer_stack_top) - 0x80;
    frame[3] = DATA3 + 3;
    provoke(return_far);
    done();
    fact("cs", GOT_CS, CODE3 + 3);
    fact("ss", GOT_SS, DATA3 + 3);
    fact("esp", GOT_ESP, ADDRESS(outer_stack_top) - 0x80);
    fact("ds", got.ds & 0xFFFF, 0);
    end();
    begin("RETF 12 releases parameters on both stacks", "[386 6.3.4.2]");
    set_gate(gdt, GATE / 8, CODE0, ADDRESS(target_back), A_CALL | RING3, 3);
    far_target.selector = GATE;
    parameters = 3;
    provoke_ring3(call_parameters, 0);
    done();
    fact("eax", got.eax, 0x7001);
    fact("esp", GOT_ESP, ADDRESS(outer_stack_top) - 0x40);
    fact("cs", GOT_CS, CODE3 + 3);
    end();
    begin("RETF outward nulls DS of DPL 0, keeps DPL 3, keeps conforming, nulls code",
          "[386 6.3.4.2]");
    set_gate(gdt, GATE / 8, CODE0, ADDRESS(target_segments), A_CALL | RING3, 0);
    far_target.selector = GATE;
    provoke_ring3(call_far, 0);
    done();
    fact("ds", got.ds & 0xFFFF, 0);
    fact("es", got.es & 0xFFFF, DATA3);
    fact("fs", got.fs & 0xFFFF, CONF0);
    fact("gs", got.gs & 0xFFFF, 0);
    end();
}

static void refused_return(const char *name, u32 cs, u32 ss, u32 vector, u32 error)
{
    begin(name, "[386 17 RET]");
    set_segment(FREE, 0, 0xFFFFF, (A_CODE | RING3) & ~PRESENT, 0xC);
    set_segment(FREE2, 0, 0xFFFFF, (A_DATA | RING3) & ~PRESENT, 0xC);
    set_segment(FREE3, 0, 0xFFFFF, (A_DATA | RING3) & ~2u, 0xC);
    frame[0] = ADDRESS(target);
    frame[1] = cs;
    frame[2] = ADDRESS(outer_stack_top) - 0x80;
    frame[3] = ss;
    provoke(return_far);
    fault(vector, error);
    fact("cs", GOT_CS, CODE0);
    end();
}

/* The same by IRET, with flags in between. */
static void refused_iret(const char *name, u32 cs, u32 ss, u32 vector, u32 error)
{
    begin(name, vector == 12 ? "[386 9.8.12]" : "[386 17 IRET]");
    set_segment(FREE, 0, 0xFFFFF, (A_CODE | RING3) & ~PRESENT, 0xC);
    set_segment(FREE2, 0, 0xFFFFF, (A_DATA | RING3) & ~PRESENT, 0xC);
    set_segment(FREE3, 0, 0xFFFFF, (A_DATA | RING3) & ~2u, 0xC);
    frame[0] = ADDRESS(target);
    frame[1] = cs;
    frame[2] = 2;
    frame[3] = ADDRESS(outer_stack_top) - 0x80;
    frame[4] = ss;
    provoke(return_interrupt);
    fault(vector, error);
    fact("cs", GOT_CS, CODE0);
    end();
}

static void bad_irets(void)
{
    refused_iret("IRET, CS null", 0, DATA3 + 3, 13, 0);
    refused_iret("IRET, CS behind the GDT", BEYOND + 3, DATA3 + 3, 13, BEYOND);
    refused_iret("IRET, CS is data", DATA3 + 3, DATA3 + 3, 13, DATA3);
    refused_iret("IRET, CS is a gate", TGATE + 3, DATA3 + 3, 13, TGATE);
    refused_iret("IRET, CS of DPL 0 with RPL 3", CODE0 + 3, DATA3 + 3, 13, CODE0);
    refused_iret("IRET, CS of DPL 3 with RPL 0", CODE3, DATA3 + 3, 13, CODE3);
    refused_iret("IRET, CS conforming of DPL 3 with RPL 0", CONF3, DATA3 + 3, 13, CONF3);
    refused_iret("IRET, CS not present", FREE + 3, DATA3 + 3, 11, FREE);
    refused_iret("IRET, SS null", CODE3 + 3, 0, 13, 0);
    refused_iret("IRET, SS behind the GDT", CODE3 + 3, BEYOND + 3, 13, BEYOND);
    refused_iret("IRET, SS with RPL 0", CODE3 + 3, DATA3, 13, DATA3);
    refused_iret("IRET, SS of DPL 0", CODE3 + 3, DATA0 + 3, 13, DATA0);
    refused_iret("IRET, SS read-only", CODE3 + 3, FREE3 + 3, 13, FREE3);
    refused_iret("IRET, SS is code", CODE3 + 3, CODE3 + 3, 13, CODE3);
    refused_iret("IRET, SS not present", CODE3 + 3, FREE2 + 3, 12, FREE2);
}

static void bad_returns(void)
{
    refused_return("RETF, CS null", 0, DATA3 + 3, 13, 0);
    refused_return("RETF, CS null with RPL 3", 3, DATA3 + 3, 13, 0);
    refused_return("RETF, CS behind the GDT", BEYOND + 3, DATA3 + 3, 13, BEYOND);
    refused_return("RETF, CS is data", DATA3 + 3, DATA3 + 3, 13, DATA3);
    refused_return("RETF, CS of DPL 0 with RPL 3", CODE0 + 3, DATA3 + 3, 13, CODE0);
    refused_return("RETF, CS of DPL 3 with RPL 0", CODE3, DATA3 + 3, 13, CODE3);
    refused_return("RETF, CS not present", FREE + 3, DATA3 + 3, 11, FREE);
    refused_return("RETF, SS null", CODE3 + 3, 0, 13, 0);
    refused_return("RETF, SS behind the GDT", CODE3 + 3, BEYOND + 3, 13, BEYOND);
    refused_return("RETF, SS with RPL 0", CODE3 + 3, DATA3, 13, DATA3);
    refused_return("RETF, SS of DPL 0", CODE3 + 3, DATA0 + 3, 13, DATA0);
    refused_return("RETF, SS read-only", CODE3 + 3, FREE3 + 3, 13, FREE3);
    refused_return("RETF, SS is code", CODE3 + 3, CODE3 + 3, 13, CODE3);
    refused_return("RETF, SS not present", CODE3 + 3, FREE2 + 3, 12, FREE2);
}

void run(void)
{
    same_level();
    same_level_286();
    counts();
    levels();
    privilege();
    steps();
    stacks();
    short_stacks();
    returns();
    bad_returns();
    bad_irets();
}
