/* v86.c: virtual 8086 mode: the way in and out, what IOPL guards, the I/O map, addresses. */
#include "ring0.h"

/* 16-bit code for 0800:0000; it ends in an undefined instruction, which no IOPL stops. */
#define CODE16(name, code)                                                                         \
    extern const u8 name[], name##_end[];                                                          \
    __asm__(".text\n.code16\n" #name ":\n" code "\n .byte 0x0F, 0xFF\n" #name "_end:\n.code32\n")
#define V86_END            6
#define ENTER(code, flags) enter_v86(code, code##_end, flags)

CODE16(c_nothing, "");
CODE16(c_hlt, "hlt");
CODE16(c_cli, "cli");
CODE16(c_sti, "sti");
CODE16(c_pushf, "pushfw\n popw %ax");
CODE16(c_pushfd, "pushfl\n popl %eax");
CODE16(c_popf, "pushw $0x0AD5\n popfw");
CODE16(c_popfd, "pushl $0x00020AD5\n popfl");
CODE16(c_int, "int $0x20");
CODE16(c_int40, "int $0x40");
CODE16(c_int3, "int3");
CODE16(c_into, "movb $0x7F, %al\n incb %al\n into");
CODE16(c_iret, "pushw $0x3AD5\n pushw $0x800\n pushw $9\n .byte 0xCF\n nop");
CODE16(c_iretd, "pushl $0x00020AD5\n pushl $0x800\n pushl $18\n iretl\n nop\n nop\n nop\n nop");
CODE16(c_lgdt, "lgdtl 0");
CODE16(c_lidt, "lidtl 0");
CODE16(c_lmsw, "lmsw %ax");
CODE16(c_clts, "clts");
CODE16(c_mov_cr, "movl %cr0, %eax");
CODE16(c_mov_dr, "movl %dr7, %eax");
CODE16(c_smsw, "smsww %ax");
CODE16(c_sgdt, "sgdtl 0");
CODE16(c_arpl, "arpl %ax, %cx");
CODE16(c_lar, "larw %ax, %cx");
CODE16(c_lsl, "lslw %ax, %cx");
CODE16(c_lldt, "lldt %ax");
CODE16(c_ltr, "ltr %ax");
CODE16(c_sldt, "sldtw %ax");
CODE16(c_str, "strw %ax");
CODE16(c_verr, "verr %ax");
CODE16(c_lock, "lock incw 0");
CODE16(c_word_ffff, "movw $0xFFFF, %bx\n movw (%bx), %ax");
CODE16(c_dword_fffd, "movw $0xFFFD, %bx\n movl (%bx), %eax");
CODE16(c_dword_fffc, "movw $0xFFFC, %bx\n movl (%bx), %eax");
CODE16(c_index_wrap, "movw $0xFFFF, %bx\n movw $2, %si\n movb (%bx, %si), %al");
CODE16(c_offset32, "movl $0x10000, %ebx\n movb (%ebx), %al");
CODE16(c_push_sp1, "movw $1, %sp\n pushw %ax");
CODE16(c_push_sp0, "movw $0, %sp\n pushw %ax");
CODE16(c_pop_ffff, "movw $0xFFFF, %sp\n popw %ax");
CODE16(c_high, "movw $0xFFFF, %ax\n movw %ax, %ds\n movb 0x14, %al");
CODE16(c_load, "movw $0x0900, %ax\n movw %ax, %ds\n movl 0, %eax");
CODE16(c_lds, "movw $0x0910, %ax\n movw %ax, %es\n ldsw %es:0, %si\n movl (%si), %eax");
CODE16(c_far, "ljmpw $0x0900, $0x10");
CODE16(c_callf, "lcallw $0x0900, $0x10");
CODE16(c_in8, "movw $0x5555, %dx\n inb %dx, %al");
STIMULUS(ring3_in8, "movl io_port, %edx\n inb %dx, %al");
STIMULUS(ring3_in16, "movl io_port, %edx\n inw %dx, %ax");
STIMULUS(ring3_in32, "movl io_port, %edx\n inl %dx, %eax");
STIMULUS(ring3_iret_vm, "pushl $0x20002\n pushl $0x2B\n pushl $1f\n iretl\n1: nop");
STIMULUS(jump_v86_task, "ljmp *far_target");

u32 io_port;

static void enter_v86(const u8 *code, const u8 *end, u32 flags)
{
    volatile u8 *to = (volatile u8 *)0x8000;
    while (code < end)
        *to++ = *code++;
    frame[1] = 0x800;
    frame[2] = VM | flags | 2;
    frame[3] = 0xF00;
    frame[4] = 0x700;
    frame[5] = 0x900;
    frame[6] = 0x910;
    frame[7] = 0x920;
    frame[8] = 0x930;
    provoke(enter_frame);
}

static void transitions(void)
{
    begin("IRET into V86: segments, flags, stack", "[386 15.3]");
    ENTER(c_nothing, IOPL3);
    fact("vector", got.vector, V86_END);
    fact("cs", GOT_CS, 0x800);
    fact("eflags", GOT_EFLAGS & 0x3F002, VM | IOPL3 | RF | 2);
    fact("esp", GOT_ESP, 0xF00);
    fact("ss", GOT_SS, 0x700);
    fact("es", FRAME(5) & 0xFFFF, 0x900);
    fact("ds", FRAME(6) & 0xFFFF, 0x910);
    fact("fs", FRAME(7) & 0xFFFF, 0x920);
    fact("gs", FRAME(8) & 0xFFFF, 0x930);
    end();
    begin("out of V86: nine dwords, data segments null, VM clear", "[386 15.3.2]");
    ENTER(c_nothing, IOPL3);
    fact("esp", got_esp, ADDRESS(inner_stack_top) - 36);
    fact("ss", got_ss, DATA0);
    fact("ds", got.ds & 0xFFFF, 0);
    fact("es", got.es & 0xFFFF, 0);
    fact("fs", got.fs & 0xFFFF, 0);
    fact("gs", got.gs & 0xFFFF, 0);
    fact("vm", got_flags >> 17 & 1, 0);
    end();
    begin("out of V86 with an error code: ten dwords", "[386 15.3.2]");
    ENTER(c_hlt, IOPL3);
    fault(13, 0);
    fact("esp", got_esp, ADDRESS(inner_stack_top) - 40);
    fact("eip", GOT_EIP, 0);
    fact("gs", FRAME(8) & 0xFFFF, 0x930);
    end();
    begin("V86 by a task switch", "[386 15.3.1]");
    tssv.eflags = VM | 2;
    tssv.cs = 0x800;
    tssv.eip = 0;
    tssv.ss = 0x700;
    tssv.esp = 0x500;
    tssv.es = 0x23;
    tssv.ds = 0xFFFF;
    *(volatile u16 *)0x8000 = 0xFF0F;
    far_target.selector = TSSV;
    provoke(jump_v86_task);
    fact("vector", got.vector, V86_END);
    fact("cs", GOT_CS, 0x800);
    fact("vm", GOT_EFLAGS >> 17 & 1, 1);
    fact("es", FRAME(5) & 0xFFFF, 0x23);
    fact("ds", FRAME(6) & 0xFFFF, 0xFFFF);
    fact("tr", got_tr, TSSV);
    end();
    begin("IRET of ring 3 does not enter V86", "[386 17 IRET]");
    provoke_ring3(ring3_iret_vm, 0);
    done();
    fact("vm", GOT_EFLAGS >> 17 & 1, 0);
    fact("cs", GOT_CS, CODE3 + 3);
    end();
}

struct guarded {
    const char *name0, *name3;
    const u8 *code, *end;
    u32 eip; /* of the instruction */
};

static void iopl(void)
{
    static const struct guarded rows[] = {
        {"CLI, IOPL 0", "CLI, IOPL 3", c_cli, c_cli_end, 0},
        {"STI, IOPL 0", "STI, IOPL 3", c_sti, c_sti_end, 0},
        {"PUSHF, IOPL 0", "PUSHF, IOPL 3", c_pushf, c_pushf_end, 0},
        {"PUSHFD, IOPL 0", "PUSHFD, IOPL 3", c_pushfd, c_pushfd_end, 0},
        {"POPF, IOPL 0", "POPF, IOPL 3", c_popf, c_popf_end, 3},
        {"POPFD, IOPL 0", "POPFD, IOPL 3", c_popfd, c_popfd_end, 6},
        {"IRET, IOPL 0", "IRET, IOPL 3", c_iret, c_iret_end, 8},
        {"IRETD, IOPL 0", "IRETD, IOPL 3", c_iretd, c_iretd_end, 0xFFFF},
    };
    for (u32 i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(rows[i].name0, "[386 15.4]");
        enter_v86(rows[i].code, rows[i].end, 0);
        fault(13, 0);
        if (rows[i].eip != 0xFFFF) fact("eip", GOT_EIP, rows[i].eip);
        end();
        begin(rows[i].name3, "[386 15.4]");
        enter_v86(rows[i].code, rows[i].end, IOPL3);
        fact("vector", got.vector, V86_END);
        end();
    }
}

/* LOCK and INT n at IOPL 0, 2 and 3. */
static void lock_and_int(void)
{
    begin("LOCK INC, IOPL 0: not guarded by IOPL", "[386 17 LOCK]");
    ENTER(c_lock, 0);
    fact("vector", got.vector, V86_END);
    end();
    begin("LOCK INC, IOPL 3", "[386 17 LOCK]");
    ENTER(c_lock, IOPL3);
    fact("vector", got.vector, V86_END);
    end();
    begin("INT 20h, IOPL 0", "[386 15.4]");
    ENTER(c_int, 0);
    fault(13, 0);
    end();
    begin("INT 20h, IOPL 2", "[386 15.4]");
    ENTER(c_int, 0x2000);
    fault(13, 0);
    end();
    begin("INT 20h, IOPL 3", "[386 15.4]");
    ENTER(c_int, IOPL3);
    done();
    fact("eip", GOT_EIP, 2);
    end();
    begin("INT 40h of DPL 0, IOPL 3", "[386 17 INT]");
    ENTER(c_int40, IOPL3);
    fault(13, 0x40 * 8 + 2);
    end();
}

/* What the gate and its target decide. */
static void gates(void)
{
    begin("INT3, IOPL 0, gate of DPL 3: not guarded by IOPL", "[386 15.4]");
    set_gate(idt, 3, CODE0, stubs[3], A_TRAP | RING3, 0);
    ENTER(c_int3, 0);
    fact("vector", got.vector, 3);
    end();
    begin("INTO, IOPL 0, gate of DPL 3: not guarded by IOPL", "[386 15.4]");
    set_gate(idt, 4, CODE0, stubs[4], A_TRAP | RING3, 0);
    ENTER(c_into, 0);
    fact("vector", got.vector, 4);
    end();
    begin("INT3, IOPL 3, gate of DPL 0", "[386 17 INT]");
    ENTER(c_int3, IOPL3);
    fault(13, 3 * 8 + 2);
    end();
    begin("INT to conforming code out of V86", "[386 15.3.2]");
    set_gate(idt, 0x20, CONF0, stubs[0x20], A_INT | RING3, 0);
    ENTER(c_int, IOPL3);
    fault(13, CONF0);
    end();
    begin("INT to ring 1 out of V86", "[386 15.3.2]");
    set_gate(idt, 0x20, CODE1, stubs[0x20], A_INT | RING3, 0);
    ENTER(c_int, IOPL3);
    fault(13, CODE1);
    end();
}

static void flags(void)
{
    begin("PUSHF at IOPL 3 shows IOPL and IF as they are", "[386 17 PUSHF]");
    ENTER(c_pushf, IOPL3);
    fact("ax", got.eax & 0xFFFF, IOPL3 | 2);
    end();
    begin("PUSHFD at IOPL 3: VM and RF read as 0", "[386 17 PUSHF]");
    ENTER(c_pushfd, IOPL3 | RF);
    fact("eax", got.eax, IOPL3 | 2);
    end();
    begin("POPF at IOPL 3 sets IF and leaves IOPL", "[386 17 POPF]");
    ENTER(c_popf, IOPL3);
    fact("flags", GOT_EFLAGS & 0x23FD7, VM | IOPL3 | 0xAD7);
    end();
    begin("IRET at IOPL 3 pops IF, leaves IOPL and VM", "[386 17 IRET]");
    ENTER(c_iret, IOPL3);
    fact("flags", GOT_EFLAGS & 0x23200, VM | IOPL3 | 0x200);
    fact("eip", GOT_EIP, 10);
    end();
}

static void instructions(void)
{
    static const struct {
        const char *name, *rule;
        const u8 *code, *end;
        u32 vector;
    } rows[] = {
        {"HLT", "[386 6.3.5.1]", c_hlt, c_hlt_end, 13},
        {"LGDT", "[386 6.3.5.1]", c_lgdt, c_lgdt_end, 13},
        {"LIDT", "[386 6.3.5.1]", c_lidt, c_lidt_end, 13},
        {"LMSW", "[386 6.3.5.1]", c_lmsw, c_lmsw_end, 13},
        {"CLTS", "[386 6.3.5.1]", c_clts, c_clts_end, 13},
        {"MOV from CR0", "[386 6.3.5.1]", c_mov_cr, c_mov_cr_end, 13},
        {"MOV from DR7", "[386 6.3.5.1]", c_mov_dr, c_mov_dr_end, 13},
        {"SMSW", "[386 17 SMSW]", c_smsw, c_smsw_end, V86_END},
        {"SGDT", "[386 17 SGDT]", c_sgdt, c_sgdt_end, V86_END},
        {"ARPL", "[386 15.1.1]", c_arpl, c_arpl_end, 6},
        {"LAR", "[386 15.1.1]", c_lar, c_lar_end, 6},
        {"LSL", "[386 15.1.1]", c_lsl, c_lsl_end, 6},
        {"LLDT", "[386 15.1.1]", c_lldt, c_lldt_end, 6},
        {"LTR", "[386 15.1.1]", c_ltr, c_ltr_end, 6},
        {"SLDT", "[386 15.1.1]", c_sldt, c_sldt_end, 6},
        {"STR", "[386 15.1.1]", c_str, c_str_end, 6},
        {"VERR", "[386 15.1.1]", c_verr, c_verr_end, 6},
    };
    for (u32 i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int stopped = rows[i].vector == 13 || rows[i].rule[5] == '1' && rows[i].rule[6] == '5';
        begin(rows[i].name, rows[i].rule);
        enter_v86(rows[i].code, rows[i].end, IOPL3);
        fault(rows[i].vector, 0);
        fact("eip", GOT_EIP, stopped ? 0 : (u32)(rows[i].end - rows[i].code) - 2);
        end();
    }
}

static void addresses(void)
{
    static const struct {
        const char *name, *rule;
        const u8 *code, *end;
        u32 vector;
    } rows[] = {
        {"word at FFFF", "[386 14.7]", c_word_ffff, c_word_ffff_end, 13},
        {"dword at FFFD", "[386 14.7]", c_dword_fffd, c_dword_fffd_end, 13},
        {"dword at FFFC", "[386 14.7]", c_dword_fffc, c_dword_fffc_end, V86_END},
        {"BX + SI wraps at 64 KB", "[386 15.1.2]", c_index_wrap, c_index_wrap_end, V86_END},
        {"32-bit offset 10000", "[386 15.1.2]", c_offset32, c_offset32_end, 13},
        {"PUSH with SP = 1", "[386 14.7]", c_push_sp1, c_push_sp1_end, 12},
        {"PUSH with SP = 0", "[386 14.7]", c_push_sp0, c_push_sp0_end, V86_END},
        {"POP with SP = FFFF", "[386 14.7]", c_pop_ffff, c_pop_ffff_end, 12},
    };
    for (u32 i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(rows[i].name, rows[i].rule);
        enter_v86(rows[i].code, rows[i].end, IOPL3);
        fault(rows[i].vector, 0);
        end();
    }
    begin("FFFF:0014 is above 1 MB", "[386 15.1.2]");
    ENTER(c_high, IOPL3);
    fact("al", got.eax & 0xFF, *(volatile u8 *)0x100004);
    end();
    begin("MOV DS: base is 16 times the selector", "[386 15.1.2]");
    *(volatile u32 *)0x9000 = 0x12345678;
    ENTER(c_load, IOPL3);
    fact("eax", got.eax, 0x12345678);
    end();
    begin("LDS: the same", "[386 15.1.2]");
    *(volatile u32 *)0x9100 = 0x09200004;
    *(volatile u32 *)0x9204 = 0xCAFEF00D;
    ENTER(c_lds, IOPL3);
    fact("eax", got.eax, 0xCAFEF00D);
    fact("ds", FRAME(6) & 0xFFFF, 0x920);
    end();
    *(volatile u32 *)0x9010 = 0xFF0F;
    begin("far JMP stays in V86", "[386 15.1.1]");
    ENTER(c_far, 0);
    fact("vector", got.vector, V86_END);
    fact("cs", GOT_CS, 0x900);
    fact("eip", GOT_EIP, 0x10);
    end();
    begin("far CALL pushes two words", "[386 15.1.1]");
    ENTER(c_callf, 0);
    fact("cs", GOT_CS, 0x900);
    fact("esp", GOT_ESP, 0xEFC);
    fact("return", *(volatile u32 *)0x7EFC, 0x08000005);
    end();
    begin("IP behind FFFF", "[386 14.7]");
    *(volatile u8 *)0x17FFF = 0x90;
    frame[0] = 0xFFFF;
    ENTER(c_nothing, IOPL3);
    fault(13, 0);
    fact("eip", GOT_EIP, 0x10000);
    end();
}

struct map_case {
    const char *name;
    u32 port, width, base, limit, forbidden, vector;
};

/* The map is clear but for the bit `forbidden`; in V86 IOPL 3 does not help, in ring 3 IOPL is 0. */
static void map_case(const struct map_case *c, int v86)
{
    static void (*const ring3[])(void) = {0, ring3_in8, ring3_in16, 0, ring3_in32};
    begin(c->name, v86 ? "[386 15.4, 8.3.2]" : "[386 8.3.2]");
    tssa.map = (u16)c->base;
    set_segment(TSSA, ADDRESS(&tssa), c->limit, A_TSS, 0);
    recover();
    if (c->forbidden != ~0u)
        ((u8 *)&tssa)[c->base + c->forbidden / 8] = (u8)(1 << c->forbidden % 8);
    io_port = c->port;
    if (v86) {
        ENTER(c_in8, IOPL3);
    } else {
        provoke_ring3(ring3[c->width], 0);
    }
    fault(c->vector, 0);
    end();
}

#define NOBIT ~0u
#define WHOLE (104 + 0x2000)

static void io_map(void)
{
    static const struct map_case rows[] = {
        {"map: byte of port 0, free", 0, 1, 104, WHOLE, NOBIT, 0x20},
        {"map: byte of port 0, bit set", 0, 1, 104, WHOLE, 0, 13},
        {"map: byte of port 0, bit of port 1 set", 0, 1, 104, WHOLE, 1, 0x20},
        {"map: word of port 0, bit of port 1 set", 0, 2, 104, WHOLE, 1, 13},
        {"map: word of port 0, bit of port 2 set", 0, 2, 104, WHOLE, 2, 0x20},
        {"map: dword of port 0, bit of port 3 set", 0, 4, 104, WHOLE, 3, 13},
        {"map: dword of port 0, bit of port 4 set", 0, 4, 104, WHOLE, 4, 0x20},
        {"map: byte of port 7, bit of port 8 set", 7, 1, 104, WHOLE, 8, 0x20},
        {"map: word of port 7, bit of port 8 set", 7, 2, 104, WHOLE, 8, 13},
        {"map: dword of port 7, bit of port A set", 7, 4, 104, WHOLE, 10, 13},
        {"map: dword of port 7, bit of port B set", 7, 4, 104, WHOLE, 11, 0x20},
        {"map: byte of port 8, bit of port 7 set", 8, 1, 104, WHOLE, 7, 0x20},
        {"map: byte of port 8, bit set", 8, 1, 104, WHOLE, 8, 13},
        {"map: byte of port FFFF, whole map and a byte", 0xFFFF, 1, 104, WHOLE, NOBIT, 0x20},
        {"map: byte of port FFFF, bit set", 0xFFFF, 1, 104, WHOLE, 0xFFFF, 13},
        {"map: byte of port 7, map of one byte and a byte", 7, 1, 104, 105, NOBIT, 0x20},
        {"map: word of port 7, byte behind the map FF", 7, 2, 104, 105, 8, 13},
        {"map: byte of port 10h, map of two bytes", 16, 1, 104, 105, NOBIT, 13},
        {"map: dword of port Dh, map of two bytes", 13, 4, 104, 105, NOBIT, 13},
        {"map: byte of port 7, base at the limit", 7, 1, 104, 104, NOBIT, 13},
        {"map: byte of port 8, its byte is the last of the TSS: two bytes are read", 8, 1, 104, 105,
         NOBIT, 13},
        {"map base at the limit", 0, 1, 104, 104, NOBIT, 13},
        {"map base behind the limit", 0, 1, 0x2200, 0x2000, NOBIT, 13},
    };
    for (u32 i = 0; i < sizeof rows / sizeof rows[0]; i++)
        map_case(&rows[i], 0);
    static const struct map_case v86_rows[] = {
        {"V86: map consulted at IOPL 3, bit set", 0x5555, 1, 104, WHOLE, 0x5555, 13},
        {"V86: map consulted at IOPL 3, bit clear", 0x5555, 1, 104, WHOLE, NOBIT, V86_END},
        {"V86: no map at IOPL 3", 0x5555, 1, 0x2200, 0x2000, NOBIT, 13},
    };
    for (u32 i = 0; i < sizeof v86_rows / sizeof v86_rows[0]; i++)
        map_case(&v86_rows[i], 1);
    begin("ring 3 with IOPL 3: the map does not matter", "[386 8.3.1]");
    io_port = 0x5555;
    provoke_ring3(ring3_in8, IOPL3);
    done();
    end();
}

void run(void)
{
    transitions();
    iopl();
    lock_and_int();
    gates();
    flags();
    instructions();
    addresses();
    io_map();
}
