/* boot.S: a boot sector, 16-bit code at 0000:7C00, that does the same. */
        .code16
        .text
        .globl  start
start:  cli
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    $0x7C00, %sp
        cld
        movw    $debug_text, %si
1:      lodsb
        testb   %al, %al
        jz      2f
        outb    %al, $0xE9
        jmp     1b
2:      movw    $serial_text, %si
3:      lodsb
        testb   %al, %al
        jz      5f
        movb    %al, %bl
        movw    $0x3FD, %dx
4:      inb     %dx, %al
        testb   $0x20, %al
        jz      4b
        movb    %bl, %al
        movw    $0x3F8, %dx
        outb    %al, %dx
        jmp     3b
5:      movb    $0, %al
        outb    %al, $0xF4
6:      hlt
        jmp     6b
debug_text:
        .asciz  "hello from a boot sector, on port E9\n"
serial_text:
        .asciz  "hello from a boot sector, on COM1\n"
        .org    510
        .word   0xAA55
