/* pages.c: page tables of the ring-0 guests. */
#include "pages.h"

u32 directory[1024] __attribute__((aligned(4096)));
u32 tables[4][1024] __attribute__((aligned(4096)));
u8 hole[2 * 4096] __attribute__((aligned(4096)));

u32 *pte(const void *address)
{
    u32 page = ADDRESS(address) >> 12;
    return &tables[page >> 10][page & 1023];
}

void pages_build(void)
{
    for (u32 i = 0; i < 4; i++) {
        directory[i] = ADDRESS(tables[i]) | PTE_P | PTE_W | PTE_U;
        for (u32 k = 0; k < 1024; k++)
            tables[i][k] = (i * 1024 + k) << 12 | PTE_P | PTE_W | PTE_U;
    }
    for (u32 i = 4; i < 1024; i++)
        directory[i] = 0;
    *pte(hole) = ADDRESS(hole);
}

void pages_flush(void)
{
    __asm__ volatile("movl %0, %%cr3" : : "r"(directory) : "memory");
}

void pages_on(void)
{
    pages_flush();
    __asm__ volatile("movl %%cr0, %%eax\n orl $0x80000000, %%eax\n movl %%eax, %%cr0\n jmp 1f\n1:"
                     :
                     :
                     : "eax", "memory");
}
