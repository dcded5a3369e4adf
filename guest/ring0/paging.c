/* paging.c: rights, A and D, error codes and CR2, and what the processor reads for itself. */
#include "pages.h"

STIMULUS(p_read, "movl where, %esi\n movl (%esi), %eax");
STIMULUS(p_write, "movl where, %esi\n movl $0x11223344, (%esi)");
STIMULUS(p_add, "movl where, %esi\n addl $1, (%esi)");
STIMULUS(p_cmp, "movl where, %esi\n cmpl $1, (%esi)");
STIMULUS(p_xchg, "movl where, %esi\n xchgl %eax, (%esi)");
STIMULUS(p_jump, "movl where, %esi\n jmp *%esi");
STIMULUS(p_task, "ljmp *far_target");
STIMULUS(p_int, "int $0x40");
STIMULUS(p_in, "movl where, %edx\n inb %dx, %al");
STIMULUS(p_ds, "movl where, %eax\n movw %ax, %ds");
STIMULUS(p_wrap, "movl $0xA0, %eax\n movw %ax, %es\n movl %es:0x1000, %eax");
STIMULUS(p_cr3_bits,
         "movl $directory + 0xFE7, %eax\n movl %eax, %cr3\n movl where, %esi\n movl (%esi), %eax");
STIMULUS(p_reload, "movl where, %esi\n movl (%esi), %ebx\n movl pte_at, %edi\n movl pte_value, "
                   "%eax\n movl %eax, (%edi)\n"
                   " movl %cr3, %eax\n movl %eax, %cr3\n movl (%esi), %eax");
STIMULUS(p_both, "movl where, %esi\n movl (%esi), %eax\n ltr zero_selector");

u32 where, pte_at, pte_value;
struct table_register {
    u16 limit;
    u32 base;
} __attribute__((packed)) register_value;
const u32 zero_selector = 0;
static u32 extra[1024] __attribute__((aligned(4096)));

#define ALIAS 0x01000000u /* linear: PDE 4, PTE 0, on `hole` */

static void start(const char *name, const char *rule, u32 pde, u32 entry)
{
    begin(name, rule);
    pages_build();
    for (u32 i = 0; i < 1024; i++)
        extra[i] = 0;
    extra[0] = ADDRESS(hole) | entry;
    directory[4] = ADDRESS(extra) | pde;
    *pte(hole) |= 7; /* for the cases themselves */
    where = ALIAS;
    pages_on();
}

static void page_fault(u32 error, u32 cr2)
{
    fault(14, error);
    fact("cr2", got_cr2, cr2);
}

static char title[80];

static char *append(char *at, const char *s)
{
    while (*s != 0)
        *at++ = *s++;
    *at = 0;
    return at;
}

static const char *const bit_names[] = {"S R", "S W", "U R", "U W"};

/* bits: 1 writable, 2 user */
static void right(u32 pde, u32 entry, int user, int write)
{
    int allowed = !user || (pde & entry & 2 && (!write || pde & entry & 1));
    char *at = append(append(title, user ? "user " : "supervisor "), write ? "write" : "read");
    at = append(append(at, ", PDE "), bit_names[pde]);
    append(append(at, ", PTE "), bit_names[entry]);
    start(title, "[386 6.4.2, 6.4.3]", pde << 1 | PTE_P, entry << 1 | PTE_P);
    if (user)
        provoke_ring3(write ? p_write : p_read, 0);
    else
        provoke(write ? p_write : p_read);
    if (allowed)
        done();
    else
        page_fault((user ? 4u : 0) | (write ? 2u : 0) | 1, ALIAS);
    fact("pte a", extra[0] >> 5 & 1, allowed ? 1 : 0);
    fact("pte d", extra[0] >> 6 & 1, allowed && write ? 1 : 0);
    fact("pde a", directory[4] >> 5 & 1, allowed ? 1 : 0);
    fact("pde d", directory[4] >> 6 & 1, 0);
    end();
}

static void rights_matrix(void)
{
    for (u32 pde = 0; pde < 4; pde++)
        for (u32 entry = 0; entry < 4; entry++)
            for (int access = 0; access < 4; access++)
                right(pde, entry, access >> 1, access & 1);
}

static void absent(const char *name, u32 pde, u32 entry, void (*code)(void), int user, u32 error)
{
    start(name, "[386 9.8.14]", pde, entry);
    if (user)
        provoke_ring3(code, 0);
    else
        provoke(code);
    page_fault(error, ALIAS);
    fact("pde a", directory[4] >> 5 & 1, 0);
    end();
}

static void absences(void)
{
    absent("PDE absent, supervisor read", 6, 7, p_read, 0, 0);
    absent("PDE absent, supervisor write", 6, 7, p_write, 0, 2);
    absent("PDE absent, user read", 6, 7, p_read, 1, 4);
    absent("PDE absent, user write", 6, 7, p_write, 1, 6);
    absent("PTE absent, supervisor read", 7, 6, p_read, 0, 0);
    absent("PTE absent, supervisor write", 7, 6, p_write, 0, 2);
    absent("PTE absent, user read", 7, 6, p_read, 1, 4);
    absent("PTE absent, user write", 7, 6, p_write, 1, 6);
    absent("PTE absent, supervisor ADD to memory", 7, 6, p_add, 0, 2);
    absent("PTE absent, user ADD to memory", 7, 6, p_add, 1, 6);
    absent("PTE absent, supervisor CMP with memory", 7, 6, p_cmp, 0, 0);
    absent("PTE absent, user XCHG with memory", 7, 6, p_xchg, 1, 6);
    absent("PTE absent, supervisor fetch", 7, 6, p_jump, 0, 0);
    absent("PTE absent, user fetch", 7, 6, p_jump, 1, 4);
    absent("user ADD to a read-only page", 7, 5, p_add, 1, 7);
    absent("user CMP with a supervisor page", 7, 3, p_cmp, 1, 5);
    absent("user fetch from a supervisor page", 7, 3, p_jump, 1, 5);
}

static void crossing(const char *name, u32 first, u32 second, u32 offset, void (*code)(void),
                     u32 error, u32 cr2)
{
    start(name, "[386 9.8.14]", 7, first);
    extra[1] = (ADDRESS(hole) + 4096) | second;
    pages_flush();
    *(u32 *)(hole + 4092) = 0xAABBCCDD;
    *(u32 *)(hole + 4096) = 0x55667788;
    where = ALIAS + offset;
    provoke_ring3(code, 0);
    if (error == 0) {
        done();
        if (code == p_read) fact("eax", got.eax, 0x7788AABB);
        if (code == p_write) fact("memory", *(u32 *)(hole + 4094), 0x11223344);
    } else {
        page_fault(error, cr2);
        fact("first page", *(u32 *)(hole + 4092), 0xAABBCCDD);
    }
    end();
}

static void crossings(void)
{
    crossing("dword across two pages, read", 7, 7, 4094, p_read, 0, 0);
    crossing("dword across two pages, write", 7, 7, 4094, p_write, 0, 0);
    crossing("read, first page absent", 6, 7, 4094, p_read, 4, ALIAS + 4094);
    crossing("read, second page absent", 7, 6, 4094, p_read, 4, ALIAS + 4096);
    crossing("read, both pages absent", 6, 6, 4094, p_read, 4, ALIAS + 4094);
    crossing("write, second page absent: nothing written", 7, 6, 4093, p_write, 6, ALIAS + 4096);
    crossing("write, second page read-only: nothing written", 7, 5, 4095, p_write, 7, ALIAS + 4096);
    crossing("write, second page supervisor: nothing written", 7, 3, 4093, p_write, 7,
             ALIAS + 4096);
    crossing("write, first page read-only, second absent", 5, 6, 4093, p_write, 7, ALIAS + 4093);
    start("instruction across two pages, second absent", "[386 9.8.14]", 7, 7);
    *(volatile u16 *)(hole + 4094) = 0x00B8; /* MOV EAX, imm32 */
    where = ALIAS + 4094;
    provoke_ring3(p_jump, 0);
    page_fault(4, ALIAS + 4096);
    fact("eip", GOT_EIP, ALIAS + 4094);
    end();
}

/* Pages of the tables become supervisor pages; ring 3 makes the processor read them. */
static void supervisor_tables(void)
{
    start("ring 3 loads DS: GDT on a supervisor page", "[386 6.4.3]", 7, 7);
    *pte(gdt) &= ~4u;
    *pte(idt) &= ~4u;
    for (u32 i = 0; i < 3; i++)
        *pte((u8 *)&tssa + i * 4096) &= ~4u;
    pages_flush();
    where = DATA3 + 3;
    provoke_ring3(p_ds, 0);
    done();
    fact("ds", got.ds & 0xFFFF, DATA3 + 3);
    end();
    start("ring 3 loads DS: LDT on a supervisor page", "[386 6.4.3]", 7, 7);
    *pte(ldt) &= ~4u;
    pages_flush();
    ldt[2] = gdt[DATA3 / 4];
    ldt[3] = gdt[DATA3 / 4 + 1];
    __asm__ volatile("lldt %w0" : : "r"(LDTA));
    where = 0xC + 3;
    provoke_ring3(p_ds, 0);
    done();
    fact("ds", got.ds & 0xFFFF, 0xC + 3);
    end();
    start("I/O map on a supervisor page", "[386 6.4.3]", 7, 7);
    for (u32 i = 0; i < 3; i++)
        *pte((u8 *)&tssa + i * 4096) &= ~4u;
    pages_flush();
    where = 0x7D00;
    provoke_ring3(p_in, 0);
    done();
    end();
    start("I/O map on an absent page: supervisor read", "[386 6.4.3, 9.8.14]", 7, 7);
    *pte((u8 *)&tssa + 4096) &= ~1u;
    pages_flush();
    where = 0x7D00;
    provoke_ring3(p_in, 0);
    page_fault(0, ADDRESS(&tssa) + 104 + 0x7D00 / 8);
    end();
    start("LDT on an absent page, ring 3: supervisor read", "[386 6.4.3, 9.8.14]", 7, 6);
    set_segment(LDTA, ALIAS, 127, A_LDT, 0);
    __asm__ volatile("lldt %w0" : : "r"(LDTA));
    where = 0xC + 3;
    provoke_ring3(p_ds, 0);
    page_fault(0, ALIAS + 8);
    end();
    start("LDT on a read-only page: accessed bit is written", "[386 6.4.3]", 7, 5);
    set_segment(LDTA, ALIAS, 127, A_LDT, 0);
    ((volatile u32 *)hole)[2] = gdt[DATA3 / 4];
    ((volatile u32 *)hole)[3] = gdt[DATA3 / 4 + 1] & ~0x100u;
    __asm__ volatile("lldt %w0" : : "r"(LDTA));
    where = 0xC + 3;
    provoke_ring3(p_ds, 0);
    done();
    fact("accessed", ((volatile u32 *)hole)[3] >> 8 & 1, 1);
    end();
}

/* A table that goes on in an absent page: the first `bytes` of `table` end where the page does. */
static u32 straddle(const u32 *table, u32 bytes)
{
    volatile u32 *to = (volatile u32 *)(hole + 4096 - bytes);
    for (u32 i = 0; i < bytes / 4; i++)
        to[i] = table[i];
    return ALIAS + 4096 - bytes;
}

static void absent_gate(const char *name, int user)
{
    start(name, "[386 6.4.3, 9.8.14]", 7, 3);
    register_value = (struct table_register){0x7FF, straddle(idt, 32 * 8)};
    __asm__ volatile("lidt register_value" : : : "memory");
    if (user)
        provoke_ring3(p_int, 0);
    else
        provoke(p_int);
    page_fault(0, register_value.base + 0x40 * 8);
    fact("eip", GOT_EIP, ADDRESS(p_int));
    end();
}

static void absent_descriptor(const char *name, int user)
{
    start(name, "[386 6.4.3, 9.8.14]", 7, 3);
    register_value = (struct table_register){0x3FF, straddle(gdt, FREE)};
    __asm__ volatile("lgdt register_value" : : : "memory");
    where = FREE + 3;
    if (user)
        provoke_ring3(p_ds, 0);
    else
        provoke(p_ds);
    page_fault(0, register_value.base + FREE);
    end();
}

/* A task switch whose TSS cannot be reached: still in the old task. */
static void absent_tss(const char *name, u32 first, u32 second)
{
    start(name, "[386 9.8.14.1]", 7, 7);
    *pte((u8 *)&tssb) = (*pte((u8 *)&tssb) & ~1u) | first;
    set_segment(FREE, ADDRESS(&tssb) + 4096 - 40, 103, A_TSS, 0);
    *pte((u8 *)&tssb + 4096) = (*pte((u8 *)&tssb + 4096) & ~1u) | second;
    pages_flush();
    far_target.selector = FREE;
    tssa.eip = 0x5A5A5A5A;
    provoke(p_task);
    fact("vector", got.vector, 14);
    fact("user, present", got.stack[0] & 5, 0);
    fact("page", got_cr2 >> 12, (ADDRESS(&tssb) >> 12) + (first ? 1 : 0));
    fact("tr", got_tr, TSSA);
    fact("busy", rights(FREE) >> 1 & 1, 0);
    fact("old tss", tssa.eip, 0x5A5A5A5A);
    fact("eip", GOT_EIP, ADDRESS(p_task));
    end();
}

static void translation(void)
{
    start("PTE changed, CR3 loaded: the new page", "[386 5.2.5]", 7, 7);
    *(volatile u32 *)hole = 0x0A0A0A0A;
    *(volatile u32 *)(hole + 4096) = 0x0B0B0B0B;
    pte_at = ADDRESS(&extra[0]);
    pte_value = (ADDRESS(hole) + 4096) | 7;
    provoke(p_reload);
    done();
    fact("before", got.ebx, 0x0A0A0A0A);
    fact("after", got.eax, 0x0B0B0B0B);
    end();
    start("PTE made absent, CR3 loaded: page fault", "[386 5.2.5]", 7, 7);
    pte_at = ADDRESS(&extra[0]);
    pte_value = 0;
    provoke(p_reload);
    page_fault(0, ALIAS);
    end();
    start("CR3: bits 0 to 11 do not select a directory", "[386 5.2.3]", 7, 7);
    *(volatile u32 *)hole = 0x0C0C0C0C;
    provoke(p_cr3_bits);
    done();
    fact("eax", got.eax, 0x0C0C0C0C);
    end();
    start("base + offset above 4 GB goes on at 0", "[386 5.1.3]", 7, 7);
    set_segment(FREE, 0xFFFFF500, 0xFFFFF, A_DATA, 0xC);
    u32 low = 0x500;
    __asm__ volatile("movl $0x0D0D0D0D, (%0)" : : "r"(low) : "memory");
    provoke(p_wrap);
    done();
    fact("eax", got.eax, 0x0D0D0D0D);
    end();
    start("page table where there is no memory: reads as ones", "[386 5.2.3]", 7, 7);
    directory[4] = 0x40000007;
    pages_flush();
    provoke(p_read);
    done();
    end();
    start("page where there is no memory: reads as ones", "[386 5.2.1]", 7, 7);
    extra[0] = 0x40000007;
    pages_flush();
    provoke(p_read);
    done();
    fact("eax", got.eax, 0xFFFFFFFF);
    end();
    start("CR2 stays over another fault", "[386 9.8.14]", 7, 7);
    __asm__ volatile("movl %0, %%cr2" : : "r"(0x13572468));
    provoke(p_both);
    fault(13, 0);
    fact("cr2", got_cr2, 0x13572468);
    end();
}

void run(void)
{
    rights_matrix();
    absences();
    crossings();
    supervisor_tables();
    absent_gate("IDT entry on an absent page, INT in ring 0", 0);
    absent_gate("IDT entry on an absent page, INT in ring 3: supervisor read", 1);
    absent_descriptor("GDT entry on an absent page, MOV DS in ring 0", 0);
    absent_descriptor("GDT entry on an absent page, MOV DS in ring 3: supervisor read", 1);
    absent_tss("JMP to a TSS whose first page is absent", 0, 1);
    absent_tss("JMP to a TSS whose second page is absent", 1, 0);
    translation();
}
