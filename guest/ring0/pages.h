/* pages.h: 16 MB mapped to themselves, for everyone and writable, with one page to take away. */
#ifndef PAGES_H
#define PAGES_H
#include "ring0.h"

enum pte_bit { PTE_P = 1, PTE_W = 2, PTE_U = 4, PTE_A = 0x20, PTE_D = 0x40 };

extern u32 directory[1024], tables[4][1024];
extern u8 hole[2 * 4096]; /* two pages */

/* Fresh tables; `hole` is not present. */
void pages_build(void);
void pages_on(void);
u32 *pte(const void *address);
/* After a change of the tables. */
void pages_flush(void);

#endif
