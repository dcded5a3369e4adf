/* probes.S: a multiboot kernel that provokes the processor in ring 0 and looks at what it does.
 *
 *   probe "name", vector, error     vector -1: nothing may happen
 *   ...                             the stimulus
 *   done                            reached by falling through, or from the handler
 *
 * value probes compare EAX afterwards. One line for each on port 0xE9; port 0xF4 gets the number of
 * probes that differ. The expectations are what an 80386 does.
 */
#include "multiboot.inc"

#define CODE     0x08 /* flat */
#define DATA     0x10 /* flat */
#define BYTES    0x18 /* data, limit FFF bytes, over `area` */
#define READONLY 0x20 /* the same, read-only */
#define DOWN32   0x28 /* expand-down, B = 1, limit FFF: from 1000 up */
#define DOWN16   0x30 /* expand-down, B = 0, limit FFF: 1000 to FFFF */
#define ABSENT   0x38 /* data, not present */
#define RING1    0x40 /* data, DPL 1 */
#define PAGES    0x48 /* data, limit 0 in pages: FFF */
#define EXECUTE  0x50 /* code, execute-only, limit FFF */
#define STACK    0x58 /* data, limit FFF, over `small_stack` */
#define SHORT    0x60 /* code, limit F, over `short_code` */
#define FRESH    0x68 /* data, not accessed */
#define GATE     0x70 /* call gate to CODE:gate_target */
#define NOCODE   0x78 /* code, not present */
#define CODE3    0x80
#define DATA3    0x88
#define TSS      0x90
#define READCODE 0x98 /* code, readable */
#define BEYOND   0x200

        .macro  probe name, vector, error
        .section .rodata
81:     .asciz  "\name"
        .text
        movl    $81b, probe_name
        movl    $\vector, want_vector
        movl    $\error, want_error
        movl    $82f, resume
        call    probe_begin
        .endm

        .macro  done
        .text
82:     movw    $DATA, %bx              /* a stimulus may leave anything */
        movw    %bx, %ss
        movl    %cs:saved_esp, %esp
        call    probe_end
        .endm

        .macro  value name, want        /* EAX afterwards */
        probe   "\name", -1, 0
        movl    $\want, want_value
        movl    $1, is_value
        .endm

        .macro  ldseg segment, selector
        movw    $\selector, %ax
        movw    %ax, %\segment
        .endm

        .text
        .globl  start
start:  cli
        movl    $stack_top, %esp
        call    tables
        lgdt    gdtr
        ljmp    $CODE, $1f
1:      lidt    idtr
        ldseg    ds, DATA
        ldseg    es, DATA
        ldseg    fs, DATA
        ldseg    gs, DATA
        ldseg    ss, DATA
        movl    $stack_top, %esp
        ldseg    di, TSS
        ltr     %di
        call    data_probes
        call    stack_probes
        call    load_probes
        call    code_probes
        call    string_probes
        call    misc_probes
        call    ring3_probes
        call    summary
        movl    failures, %eax
        outb    %al, $0xF4
2:      hlt
        jmp     2b

/* --- limits and rights of data segments --- */
data_probes:
        probe   "last dword inside a byte limit", -1, 0
        ldseg    es, BYTES
        movl    %es:0xFFC, %eax
        done
        probe   "dword straddling a byte limit, read", 13, 0
        ldseg    es, BYTES
        movl    %es:0xFFD, %eax
        done
        probe   "dword straddling a byte limit, write", 13, 0
        ldseg    es, BYTES
        movl    %eax, %es:0xFFD
        done
        probe   "byte behind a byte limit", 13, 0
        ldseg    es, BYTES
        movb    %es:0x1000, %al
        done
        probe   "last byte inside a page limit", -1, 0
        ldseg    es, PAGES
        movb    %es:0xFFF, %al
        done
        probe   "byte behind a page limit", 13, 0
        ldseg    es, PAGES
        movb    %es:0x1000, %al
        done
        probe   "dword that wraps in a limited segment", 13, 0
        ldseg    es, BYTES
        movl    %es:0xFFFFFFFE, %eax
        done
        probe   "expand-down B=1, below", 13, 0
        ldseg    es, DOWN32
        movb    %es:0xFFF, %al
        done
        probe   "expand-down B=1, first byte", -1, 0
        ldseg    es, DOWN32
        movb    %es:0x1000, %al
        done
        probe   "expand-down B=0, last byte", -1, 0
        ldseg    es, DOWN16
        movb    %es:0xFFFF, %al
        done
        probe   "expand-down B=0, at 10000", 13, 0
        ldseg    es, DOWN16
        movb    %es:0x10000, %al
        done
        probe   "write to read-only data", 13, 0
        ldseg    es, READONLY
        movb    %al, %es:0
        done
        probe   "write through CS", 13, 0
        movb    %al, %cs:area
        done
        probe   "read of execute-only code through CS", 13, 0
        ljmp    $EXECUTE, $0
        done
        probe   "read through null ES", 13, 0
        xorl    %eax, %eax
        movw    %ax, %es
        movb    %es:area, %al
        done
        ret

/* --- the stack segment --- */
stack_probes:
        probe   "POP straddling the SS limit", 12, 0
        ldseg    ss, STACK
        movl    $0xFFD, %esp
        popl    %eax
        done
        probe   "[EBP] behind the SS limit", 12, 0
        ldseg    ss, STACK
        movl    $0x800, %esp
        movl    $0x1000, %ebp
        movl    (%ebp), %eax
        done
        probe   "ENTER below the SS base", 12, 0
        ldseg    ss, STACK
        movl    $0x100, %esp
        enter   $0xFF00, $0
        done
        value   "PUSH FS writes 16 of 32 bits", 0xAAAA0010
        pushl   $0xAAAAAAAA
        addl    $4, %esp
        ldseg    fs, DATA
        pushl   %fs
        popl    %eax
        done
        value   "PUSH ESP pushes the old ESP", 0
        movl    %esp, %eax
        pushl   %esp
        popl    %ebx
        subl    %ebx, %eax
        done
        ret

/* --- loading segment registers --- */
load_probes:
        probe   "not-present data into DS", 11, ABSENT
        ldseg    ds, ABSENT
        done
        probe   "not-present data into SS", 12, ABSENT
        ldseg    ss, ABSENT
        done
        probe   "data of DPL 1 into SS", 13, RING1
        ldseg    ss, RING1
        done
        probe   "read-only data into SS", 13, READONLY
        ldseg    ss, READONLY
        done
        probe   "execute-only code into DS", 13, EXECUTE
        ldseg    ds, EXECUTE
        done
        probe   "readable code into DS", -1, 0
        ldseg    ds, READCODE
        done
        probe   "call gate into ES", 13, GATE
        ldseg    es, GATE
        done
        probe   "selector behind the GDT", 13, BEYOND
        ldseg    es, BEYOND
        done
        probe   "selector of a missing LDT", 13, 4
        ldseg    es, 4
        done
        probe   "null into SS", 13, 0
        xorl    %eax, %eax
        movw    %ax, %ss
        done
        probe   "null into ES", -1, 0
        xorl    %eax, %eax
        movw    %ax, %es
        done
        value   "accessed bit is written back", 0x93
        movb    $0x92, gdt + FRESH + 5
        ldseg    es, FRESH
        movzbl  gdt + FRESH + 5, %eax
        done
        value   "LSL of a page limit", 0xFFF
        movl    $PAGES, %ecx
        lsll    %ecx, %eax
        done
        value   "LAR of not-accessed data", 0x00409200
        movb    $0x92, gdt + FRESH + 5
        movl    $FRESH, %ecx
        larl    %ecx, %eax
        done
        ret

/* --- code segments, transfers, interrupts --- */
code_probes:
        probe   "execution past the CS limit", 13, 0
        ljmp    $SHORT, $0xE
        done
        probe   "instruction straddling the CS limit", 13, 0
        ljmp    $SHORT, $0x8
        done
        probe   "far jump past the CS limit", 13, 0
        ljmp    $SHORT, $0x10
        done
        probe   "far jump to a data segment", 13, DATA
        ljmp    $DATA, $0
        done
        probe   "far jump to not-present code", 11, NOCODE
        ljmp    $NOCODE, $0
        done
        probe   "far jump to code of DPL 3", 13, CODE3
        ljmp    $CODE3, $0
        done
        probe   "far jump to null", 13, 0
        ljmp    $0, $0
        done
        value   "call gate without a ring change", 0x6A7E
        lcall   $GATE, $0xDEAD
        done
        probe   "INT behind the IDT", 13, 0x202
        int     $0x40
        done
        probe   "LOCK MOV", 6, 0
        .byte   0xF0
        movl    %eax, area
        done
        probe   "LOCK ADD to a register", 6, 0
        .byte   0xF0, 0x01, 0xC8
        done
        probe   "16-byte instruction", 13, 0
        .fill   15, 1, 0x3E
        nop
        done
        probe   "15-byte instruction", -1, 0
        .fill   14, 1, 0x3E
        nop
        done
        probe   "undefined opcode 0F FF", 6, 0
        .byte   0x0F, 0xFF
        done
        value   "RF is set in EFLAGS of a fault", 0x10000
        ldseg    es, BYTES
        movl    $83f, resume
        movl    %es:0x1000, %eax
83:     movl    saved_flags, %eax
        andl    $0x10000, %eax
        movl    $-1, got_vector
        movl    $82f, resume
        done
        value   "RF is clear in EFLAGS of INT3", 0
        movl    $83f, resume
        int3
83:     movl    saved_flags, %eax
        andl    $0x10000, %eax
        movl    $-1, got_vector
        movl    $82f, resume
        done
        value   "INT3 saves the address behind it", 0
        movl    $83f, resume
        int3
84:     nop
83:     movl    saved_eip, %eax
        subl    $84b, %eax
        movl    $-1, got_vector
        movl    $82f, resume
        done
        ret

/* --- string instructions --- */
string_probes:
        probe   "REP STOSB runs into the limit", 13, 0
        ldseg    es, BYTES
        movl    $0xFF0, %edi
        movl    $0x20, %ecx
        cld
        rep stosb
        done
        value   "ECX tells how far REP STOSB came", 0x10
        movl    $83f, resume
        ldseg    es, BYTES
        movl    $0xFF0, %edi
        movl    $0x20, %ecx
        rep stosb
83:     movl    saved_ecx, %eax
        movl    $-1, got_vector
        movl    $82f, resume
        done
        value   "EDI tells it, too", 0x1000
        movl    $83f, resume
        ldseg    es, BYTES
        movl    $0xFF0, %edi
        movl    $0x20, %ecx
        rep stosb
83:     movl    saved_edi, %eax
        movl    $-1, got_vector
        movl    $82f, resume
        done
        probe   "REP with ECX = 0 and bad pointers", -1, 0
        ldseg    es, BYTES
        movl    $0x5000, %edi
        xorl    %ecx, %ecx
        rep stosl
        done
        ret

misc_probes:
        probe   "DIV by zero", 0, 0
        xorl    %ecx, %ecx
        divl    %ecx
        done
        probe   "quotient does not fit", 0, 0
        movl    $2, %edx
        movl    $1, %ecx
        divl    %ecx
        done
        probe   "BOUND outside", 5, 0
        movl    $11, %eax
        boundl  %eax, bounds
        done
        probe   "INTO with OF", 4, 0
        movb    $0x7F, %al
        incb    %al
        into
        done
        probe   "LES from a register", 6, 0
        .byte   0xC4, 0xC0
        done
        probe   "MOV to CS", 6, 0
        .byte   0x8E, 0xC8
        done
        value   "POP [ESP] uses the new ESP", 2
        pushl   $1
        pushl   $2
        popl    (%esp)
        popl    %eax
        done
        ret

/* --- ring 3, by IRET; the handlers run on the stack of the TSS --- */
        .macro  ring3 name, vector, error, target
        probe   "\name", \vector, \error
        movl    %esp, tss + 4
        subl    $256, tss + 4
        pushl   $DATA3 + 3
        pushl   $ring3_stack
        pushl   $2
        pushl   $CODE3 + 3
        pushl   $\target
        ldseg    ds, DATA3 + 3
        ldseg    es, DATA3 + 3
        iret
        done
        .endm

ring3_probes:
        ring3   "CLI in ring 3", 13, 0, do_cli
        ring3   "HLT in ring 3", 13, 0, do_hlt
        ring3   "IN from a port in ring 3", 13, 0, do_in
        ring3   "data of DPL 0 into DS in ring 3", 13, DATA, do_data0
        ring3   "INT 0x20 of DPL 0 in ring 3", 13, 0x102, do_int
        ring3   "far call to code of DPL 0 in ring 3", 13, CODE, do_call
        ring3   "MOV from CR0 in ring 3", 13, 0, do_cr0
        ret
do_cli: cli
        int3
do_hlt: hlt
        int3
do_in:  inb     $0x80, %al
        int3
do_data0:
        ldseg    ds, DATA
        int3
do_int: int     $0x20
        int3
do_call:
        lcall   $CODE, $do_cli
        int3
do_cr0: movl    %cr0, %eax
        int3

gate_target:
        movl    $0x6A7E, %eax
        lret

#include "probe_frame.inc"
