/* loader.S: a boot sector that loads a flat image of a ring-0 guest to 1 MB and starts it as multiboot would:
 * ring 0, flat segments, A20 open, paging off. The sectors behind it hold the image; `sectors` is patched in.
 */
        .code16
        .text
        .globl  start
start:  cli
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    $0x7C00, %sp
        movb    %dl, drive
        inb     $0x92, %al
        orb     $2, %al
        andb    $0xFE, %al
        outb    %al, $0x92
        sti
        movw    $1, %si                 /* logical sector */
        movw    $0x1000, %di            /* where to: DI:0000 */
1:      movw    %si, %ax
        xorw    %dx, %dx
        movw    $18, %bx
        divw    %bx
        movb    %dl, %cl
        incb    %cl                     /* sector */
        movb    %al, %dh
        andb    $1, %dh                 /* head */
        shrw    $1, %ax
        movb    %al, %ch                /* cylinder */
        movb    drive, %dl
        movw    %di, %es
        xorw    %bx, %bx
        movw    $0x0201, %ax
        int     $0x13
        jc      1b
        addw    $0x20, %di
        incw    %si
        cmpw    sectors, %si
        jbe     1b
        cli
        movb    $0xFF, %al              /* no interrupt line */
        outb    %al, $0x21
        outb    %al, $0xA1
        lgdtl   gdtr
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $8, $2f
        .code32
2:      movw    $0x10, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    $0x10000, %esi
        movl    $0x100000, %edi
        movzwl  sectors, %ecx
        shll    $7, %ecx
        cld
        rep movsl
        movl    $0x100000, %eax
        jmp     *%eax
        .p2align 3
gdt:    .long   0, 0, 0x0000FFFF, 0x00CF9A00, 0x0000FFFF, 0x00CF9200
gdtr:   .word   23
        .long   gdt
drive:  .byte   0
        .org    508
sectors: .word  0
        .word   0xAA55
