/* debug.c: breakpoint registers, single step, the test registers. */
#include "ring0.h"

#define ARM                                                                                        \
    "xorl %eax, %eax\n movl %eax, %dr6\n movl dr_value, %eax\n movl %eax, %dr0\n"                  \
    " movl dr_value + 4, %eax\n movl %eax, %dr1\n movl dr7_value, %eax\n movl %eax, %dr7\n"
#define SET_TF "pushfl\n orl $0x100, (%esp)\n popfl\n"

STIMULUS(read1, ARM "movl where, %esi\n movb (%esi), %al\nread1_back: nop");
STIMULUS(read2, ARM "movl where, %esi\n movw (%esi), %ax\nread2_back: nop");
STIMULUS(read4, ARM "movl where, %esi\n movl (%esi), %eax\nread4_back: nop");
STIMULUS(write1, ARM "movl where, %esi\n movb %al, (%esi)\nwrite1_back: nop");
STIMULUS(write2, ARM "movl where, %esi\n movw %ax, (%esi)\nwrite2_back: nop");
STIMULUS(write4, ARM "movl where, %esi\n movl %eax, (%esi)\nwrite4_back: nop");
STIMULUS(modify, ARM "movl where, %esi\n addl $1, (%esi)\nmodify_back: nop");
STIMULUS(pushed, ARM "movl where, %esp\n addl $4, %esp\n pushl %eax\npushed_back: nop");
STIMULUS(moved,
         ARM "movl where, %edi\n subl $2, %edi\n movl $5, %ecx\n cld\n moved_at: rep stosb\n nop");
STIMULUS(executed, ARM "nop\nexecuted_at: incl %eax\n nop");
STIMULUS(prefixed, ARM "nop\nprefixed_at: .byte 0x3E, 0x66, 0x90\n nop");
STIMULUS(resumed, ARM "pushl $0x10002\n pushl $8\n pushl $resumed_at\n movl $0x77, %ebx\n iretl\n"
                      "resumed_at: incl %ebx\n pushfl\n popl %eax");
STIMULUS(resumed_twice,
         ARM "movl $3, %ecx\n pushl $0x10002\n pushl $8\n pushl $resumed_twice_at\n iretl\n"
             "resumed_twice_at: decl %ecx\n jnz resumed_twice_at");
STIMULUS(resumed_data, ARM "movl where, %esi\n pushl $0x10002\n pushl $8\n pushl $1f\n iretl\n"
                           "1: movl (%esi), %eax\nresumed_data_back: nop");
STIMULUS(detect_read, ARM "movl $1, %ebx\ndetect_read_at: movl %dr0, %eax");
STIMULUS(detect_write, ARM "movl $1, %ebx\ndetect_write_at: movl %eax, %dr7");
STIMULUS(detect_ring3, "movl %dr7, %eax");
STIMULUS(
    shadow_mov, ARM
    "movw %ss, %bx\n movl where, %esi\n movw %ss, (watched)\n xorl %eax, %eax\n movl %eax, %dr6\n"
    " movl dr7_value, %eax\n movl %eax, %dr7\n movw watched, %ss\n nop\nshadow_mov_back: nop");
STIMULUS(shadow_code, ARM "movw %ss, %bx\n movw %bx, %ss\nshadow_code_at: nop\n nop");
STIMULUS(step_one, SET_TF "nop\nstep_one_back: nop");
STIMULUS(step_rep, "movl $watched, %edi\n movl $3, %ecx\n xorl %eax, %eax\n cld\n" SET_TF
                   "step_rep_at: rep stosb\n nop");
STIMULUS(step_rep_last, "movl $watched, %edi\n movl $1, %ecx\n xorl %eax, %eax\n cld\n" SET_TF
                        "rep stosb\nstep_rep_last_back: nop");
STIMULUS(step_rep_none,
         "movl $watched, %edi\n xorl %ecx, %ecx\n" SET_TF "rep stosb\nstep_rep_none_back: nop");
STIMULUS(step_mov_ss, "movw %ss, %ax\n" SET_TF "movw %ax, %ss\n nop\nstep_mov_ss_back: nop");
STIMULUS(step_pop_ss,
         "pushl %ss\n pushfl\n orl $0x100, (%esp)\n popfl\n popl %ss\n nop\nstep_pop_ss_back: nop");
STIMULUS(step_int, SET_TF "int $0x40\nstep_int_back: nop");
STIMULUS(step_int3, SET_TF "int3\nstep_int3_back: nop");
STIMULUS(step_fault, SET_TF "step_fault_at: .byte 0x0F, 0xFF");
STIMULUS(step_popf_clear, "pushl $2\n" SET_TF "popfl\nstep_popf_clear_back: nop\n nop");
STIMULUS(step_iret, "pushl $0x102\n pushl $8\n pushl $1f\n iretl\n1: nop\nstep_iret_back: nop");
STIMULUS(step_jump, SET_TF "jmp 1f\n nop\n1: nop\n");
STIMULUS(step_data, ARM "movl where, %esi\n" SET_TF "movl (%esi), %eax\nstep_data_back: nop");
STIMULUS(step_twice, "movl $0xF, %eax\n movl %eax, %dr6\n" SET_TF "nop\nstep_twice_back: nop");
STIMULUS(task_only, "xorl %eax, %eax\n movl %eax, %dr6\n ljmp *far_target");
STIMULUS(task_armed, ARM "ljmp *far_target");
STIMULUS(test6, "movl $0x12345000, %eax\n movl %eax, %tr6\n xorl %eax, %eax\n movl %tr6, %eax");
STIMULUS(test7, "movl $0x54321004, %eax\n movl %eax, %tr7\n xorl %eax, %eax\n movl %tr7, %eax");
STIMULUS(test6_ring3, "movl %tr6, %eax");
STIMULUS(test5, ".byte 0x0F, 0x24, 0xE8"); /* MOV EAX, TR5 */
STIMULUS(dr_values, "movl $0x13579BDF, %eax\n movl %eax, %dr0\n movl %eax, %dr3\n movl %dr0, "
                    "%ebx\n movl %dr3, %ecx");
STIMULUS(dr_ring3, "movl %eax, %dr3");

u32 dr_value[2], dr7_value, where;
u8 watched[64] __attribute__((aligned(64)));
extern u8 read1_back[], read2_back[], read4_back[], write1_back[], write2_back[], write4_back[],
    modify_back[];
extern u8 pushed_back[], moved_at[], executed_at[], prefixed_at[], resumed_at[], resumed_twice_at[],
    resumed_data_back[];
extern u8 detect_read_at[], detect_write_at[], shadow_mov_back[], shadow_code_at[], step_one_back[],
    step_rep_at[];
extern u8 step_rep_last_back[], step_rep_none_back[], step_mov_ss_back[], step_pop_ss_back[],
    step_int_back[];
extern u8 step_int3_back[], step_fault_at[], step_popf_clear_back[], step_iret_back[],
    step_data_back[], step_twice_back[];

#define DR6_FACTS 0xE00Fu
enum { RW_EXEC, RW_WRITE, RW_IO, RW_DATA };

static u32 arm(u32 n, u32 rw, u32 len)
{
    return 3u << (2 * n) | (rw | (len - 1) << 2) << (16 + 4 * n) | 0x700;
}

static char title[80];

static char *append(char *at, const char *s)
{
    while (*s != 0)
        *at++ = *s++;
    *at = 0;
    return at;
}

/* Bit i: an access of `size` bytes at i - 4 meets the watched field. */
static u32 expected_hits(u32 first, u32 len, u32 size)
{
    u32 mask = 0;
    for (u32 i = 0; i < 12; i++)
        for (u32 k = 0; k < size; k++)
            if (i + k >= first && i + k < first + len) mask |= 1u << i;
    return mask;
}

struct access_kind {
    const char *name;
    void (*code)(void);
    u8 *back;
    u32 size, rw, hits;
};

static void data_case(const struct access_kind *a, u32 len, u32 off)
{
    static const char *const lens[] = {0, "1", "2", 0, "4"};
    static const char *const offs[] = {"0", "1", "2", "3"};
    u32 hits = 0, wrong = 0;
    char *at = append(append(append(title, a->name), ", LEN "), lens[len]);
    append(append(at, ", DR0 at "), offs[off]);
    begin(title, "[386 12.2.4]");
    for (u32 i = 0; i < 12; i++) {
        recover();
        dr_value[0] = ADDRESS(watched) + 16 + off;
        dr7_value = arm(0, a->rw, len);
        where = ADDRESS(watched) + 12 + i;
        provoke(a->code);
        if (got.vector == 1) {
            hits |= 1u << i;
            wrong += GOT_EIP != ADDRESS(a->back) || (got_dr6 & DR6_FACTS) != 1;
        }
    }
    fact("hits", hits, a->hits ? expected_hits(4 + (off & ~(len - 1)), len, a->size) : 0);
    fact("wrong eip or dr6", wrong, 0);
    end();
}

static void data_breakpoints(void)
{
    static const struct access_kind kinds[] = {
        {"byte read, R/W 3", read1, read1_back, 1, RW_DATA, 1},
        {"word read, R/W 3", read2, read2_back, 2, RW_DATA, 1},
        {"dword read, R/W 3", read4, read4_back, 4, RW_DATA, 1},
        {"byte written, R/W 3", write1, write1_back, 1, RW_DATA, 1},
        {"word written, R/W 3", write2, write2_back, 2, RW_DATA, 1},
        {"dword written, R/W 3", write4, write4_back, 4, RW_DATA, 1},
        {"byte written, R/W 1", write1, write1_back, 1, RW_WRITE, 1},
        {"word written, R/W 1", write2, write2_back, 2, RW_WRITE, 1},
        {"dword written, R/W 1", write4, write4_back, 4, RW_WRITE, 1},
        {"byte read, R/W 1", read1, read1_back, 1, RW_WRITE, 0},
        {"dword read, R/W 1", read4, read4_back, 4, RW_WRITE, 0},
        {"dword read-modify-write, R/W 1", modify, modify_back, 4, RW_WRITE, 1},
        {"dword read, R/W 0", read4, read4_back, 4, RW_EXEC, 0},
    };
    for (u32 k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        for (u32 len = 1; len <= 4; len *= 2)
            for (u32 off = 0; off < 4; off++)
                if (kinds[k].rw != RW_EXEC || len == 1) data_case(&kinds[k], len, off);
}

static u32 second; /* DR1 as DR0 in the next case */

static void armed(const char *name, const char *rule, void (*code)(void), u32 at0, u32 dr7)
{
    begin(name, rule);
    dr_value[0] = at0;
    dr_value[1] = second ? at0 : 0;
    second = 0;
    dr7_value = dr7;
    where = ADDRESS(watched) + 16;
    provoke(code);
}

static void debug_fact(u8 *eip, u32 dr6)
{
    fact("vector", got.vector, 1);
    fact("eip", GOT_EIP, ADDRESS(eip));
    fact("dr6", got_dr6 & DR6_FACTS, dr6);
}

static void code_breakpoints(void)
{
    armed("code breakpoint: before the instruction, RF in the image", "[386 12.3.1.1]", executed,
          ADDRESS(executed_at), arm(0, RW_EXEC, 1));
    debug_fact(executed_at, 1);
    fact("rf", GOT_EFLAGS >> 16 & 1, 1);
    end();
    armed("code breakpoint, only L0", "[386 12.2.2]", executed, ADDRESS(executed_at), 1);
    debug_fact(executed_at, 1);
    end();
    armed("code breakpoint, only G0", "[386 12.2.2]", executed, ADDRESS(executed_at), 2);
    debug_fact(executed_at, 1);
    end();
    armed("code breakpoint, not enabled", "[386 12.2.2]", executed, ADDRESS(executed_at), 0x700);
    done();
    end();
    armed("code breakpoint on the first prefix", "[386 12.2.4]", prefixed, ADDRESS(prefixed_at),
          arm(0, RW_EXEC, 1));
    debug_fact(prefixed_at, 1);
    end();
    armed("code breakpoint on the second prefix", "[386 12.2.4]", prefixed,
          ADDRESS(prefixed_at) + 1, arm(0, RW_EXEC, 1));
    done();
    end();
    second = 1;
    armed("DR0 and DR1 on one instruction: B0 and B1", "[386 12.2.3]", executed,
          ADDRESS(executed_at), arm(0, RW_EXEC, 1) | arm(1, RW_EXEC, 1));
    debug_fact(executed_at, 3);
    end();
    second = 1;
    armed("DR1 matches but is not enabled: B1 as well", "[386 12.2.3]", executed,
          ADDRESS(executed_at), arm(0, RW_EXEC, 1));
    debug_fact(executed_at, 3);
    end();
    armed("RF set by IRET: no fault, RF clear afterwards", "[386 12.3.1.1]", resumed,
          ADDRESS(resumed_at), arm(0, RW_EXEC, 1));
    done();
    fact("ebx", got.ebx, 0x78);
    fact("rf", got.eax >> 16 & 1, 0);
    end();
    armed("RF holds for one instruction", "[386 12.3.1.1]", resumed_twice,
          ADDRESS(resumed_twice_at), arm(0, RW_EXEC, 1));
    fact("vector", got.vector, 1);
    fact("ecx", got.ecx, 2);
    end();
    armed("RF does not stop a data breakpoint", "[386 12.3.1.1]", resumed_data,
          ADDRESS(watched) + 16, arm(0, RW_DATA, 4));
    debug_fact(resumed_data_back, 1);
    end();
}

static void other_data(void)
{
    armed("PUSH to a watched dword", "[386 12.3.1.2]", pushed, ADDRESS(watched) + 16,
          arm(0, RW_WRITE, 4));
    fact("vector", got.vector, 1);
    fact("eip", GOT_EIP, ADDRESS(pushed_back));
    end();
    armed("REP STOSB over a watched byte: after that iteration", "[386 12.3.1.2]", moved,
          ADDRESS(watched) + 16, arm(0, RW_WRITE, 1));
    fact("vector", got.vector, 1);
    fact("eip", GOT_EIP, ADDRESS(moved_at));
    fact("ecx", got.ecx, 2);
    end();
    armed("data breakpoint of MOV SS waits for the next instruction", "[386 9.2.4]", shadow_mov,
          ADDRESS(watched), arm(0, RW_DATA, 2));
    fact("vector", got.vector, 1);
    end();
    armed("code breakpoint behind MOV SS is not taken", "[386 9.2.4]", shadow_code,
          ADDRESS(shadow_code_at), arm(0, RW_EXEC, 1));
    done();
    end();
    armed("GD: MOV from DR0", "[386 12.3.1.3]", detect_read, 0, 0x2000);
    debug_fact(detect_read_at, 0x2000);
    fact("gd in the handler", got_dr7 >> 13 & 1, 0);
    end();
    armed("GD: MOV to DR7", "[386 12.3.1.3]", detect_write, 0, 0x2000);
    debug_fact(detect_write_at, 0x2000);
    end();
}

static void step(const char *name, void (*code)(void), u8 *back)
{
    begin(name, "[386 12.3.1.4]");
    provoke(code);
    fact("vector", got.vector, 1);
    fact("eip", GOT_EIP, ADDRESS(back));
    fact("bs", got_dr6 >> 14 & 1, 1);
    fact("tf in the handler", got_flags >> 8 & 1, 0);
    end();
}

static void steps(void)
{
    step("TF by POPF: after the next instruction", step_one, step_one_back);
    step("TF by IRET: after the next instruction", step_iret, step_iret_back);
    step("POPF that clears TF: still a trap", step_popf_clear, step_popf_clear_back);
    step("REP STOSB: after each iteration", step_rep, step_rep_at);
    step("REP STOSB, last iteration", step_rep_last, step_rep_last_back);
    step("REP STOSB with ECX = 0", step_rep_none, step_rep_none_back);
    step("MOV SS: after the instruction behind it", step_mov_ss, step_mov_ss_back);
    step("POP SS: after the instruction behind it", step_pop_ss, step_pop_ss_back);
    begin("INT n: TF in the image, no step in the handler", "[386 12.3.1.4]");
    provoke(step_int);
    fact("vector", got.vector, 0x40);
    fact("image", GOT_EFLAGS >> 8 & 1, 1);
    fact("handler", got_flags >> 8 & 1, 0);
    end();
    begin("INT3: the same", "[386 12.3.1.4]");
    provoke(step_int3);
    fact("vector", got.vector, 3);
    fact("image", GOT_EFLAGS >> 8 & 1, 1);
    end();
    begin("a fault comes instead of the trap", "[386 12.3.1.4]");
    provoke(step_fault);
    fact("vector", got.vector, 6);
    fact("eip", GOT_EIP, ADDRESS(step_fault_at));
    fact("image", GOT_EFLAGS >> 8 & 1, 1);
    end();
    armed("single step and data breakpoint: BS and B0", "[386 12.2.3]", step_data,
          ADDRESS(watched) + 16, arm(0, RW_DATA, 4));
    debug_fact(step_data_back, 0x4001);
    end();
    begin("DR6 keeps what was there", "[386 12.2.3]");
    provoke(step_twice);
    debug_fact(step_twice_back, 0x400F);
    end();
    begin("TF in the image of a TSS: after the first instruction of the task", "[386 12.3.1.4]");
    tssb.eflags = TF | 2;
    far_target.selector = TSSB;
    provoke(task_only);
    debug_fact((u8 *)ADDRESS(task_stub) + 1, 0x4000);
    end();
}

static void tasks(void)
{
    begin("task switch clears L0 to L3 and LE, keeps G and GE", "[386 12.2.2]");
    far_target.selector = TSSB;
    dr_value[0] = dr_value[1] = ADDRESS(watched);
    dr7_value = 0x3FF;
    provoke(task_armed);
    fact("vector", got.vector, 0x101);
    fact("dr7", got_dr7 & 0x3FF, 0x2AA);
    end();
    begin("T bit: BT only", "[386 12.3.1.5]");
    tssb.trap = 1;
    far_target.selector = TSSB;
    provoke(task_only);
    debug_fact((u8 *)ADDRESS(task_stub), 0x8000);
    end();
}

static void registers(void)
{
    begin("DR0 and DR3 hold 32 bits", "[386 12.2.1]");
    provoke(dr_values);
    done();
    fact("dr0", got.ebx, 0x13579BDF);
    fact("dr3", got.ecx, 0x13579BDF);
    end();
    begin("MOV to DR3 in ring 3", "[386 6.3.5.1]");
    provoke_ring3(dr_ring3, 0);
    fault(13, 0);
    end();
    begin("MOV from DR7 in ring 3", "[386 6.3.5.1]");
    provoke_ring3(detect_ring3, 0);
    fault(13, 0);
    end();
    begin("TR6: a write command and back", "[386 10.6.2]");
    provoke(test6);
    done();
    fact("tr6", got.eax, 0x12345000);
    end();
    begin("TR7: a frame and back", "[386 10.6.2]");
    provoke(test7);
    done();
    fact("tr7", got.eax & 0xFFFFF000, 0x54321000);
    end();
    begin("MOV from TR6 in ring 3", "[386 6.3.5.1]");
    provoke_ring3(test6_ring3, 0);
    fault(13, 0);
    end();
    begin("MOV from TR5: not on a 386", "[386 17 MOV]");
    provoke(test5);
    fault(6, 0);
    end();
}

void run(void)
{
    data_breakpoints();
    code_breakpoints();
    other_data();
    steps();
    tasks();
    registers();
}
