/* thread.c: a thread: its TSS and kernel stack, its stack and block in the VSEG.
 *
 *   kernel page     |TSS 104 bytes| ...                       <- kernel stack|
 *   area in VSEG    |           <- stack (grows down)|thread block|  guard page below
 *   thread block    000 head of the SEH chain = FFFFFFFF      FS:0
 *                   02C address of the TLS array
 *                   100 TLS array, 64 slots of FFFFFFFF
 */
#include <stdlib.h>

#include "bits.h"
#include "kernel.h"

#define TSS_SIZE    104u
#define TSS_EAX     0x28u
#define TSS_EDX     0x30u
#define FLAGS_START 0x3202u /* IF; IOPL 3, see ADR 0006 */
#define BLOCK_TLS   0x2Cu
#define BLOCK_ARRAY 0x100u
/* The entry ESP lies inside the top page: start-up code moves it up within its page. */
#define STACK_GAP 0x100u

uint32_t thread_room(struct rt_kernel *k, struct process *p, uint32_t stack_pages)
{
    uint32_t page = area_find(p, stack_pages + 1);
    uint32_t tables = page == NO_PAGE ? 0 : vseg_new_tables(p, page, stack_pages + 1);
    uint32_t status = object_room(k, p, 1, tables + stack_pages + 2);
    if (status != E_OK) return status;
    if (page == NO_PAGE) return E_VMEM;
    if (!frame_low_free(k, 2) || !vseg_reserve(p, page, stack_pages + 1)) return E_MEM;
    return E_OK;
}

static void thread_tss(struct rt_kernel *k, struct thread *t, uint32_t entry, uint32_t esp)
{
    const struct process *p = t->process;
    const struct {
        uint32_t at, value;
    } fields[] = {{0x04, t->tss + PAGE},
                  {0x08, SLOT_KERNEL_DS << 3},
                  {0x1C, k->directory},
                  {0x20, entry},
                  {0x24, FLAGS_START},
                  {0x38, esp},
                  {0x48, p->ds},
                  {0x4C, p->cs},
                  {0x50, p->ds},
                  {0x54, p->ds},
                  {0x58, SLOT_THREAD_BLOCK << 3 | 3},
                  {0x60, p->handle},
                  {0x64, TSS_SIZE << 16}}; /* I/O map beyond the limit: no port without IOPL */
    for (unsigned i = 0; i < sizeof fields / sizeof fields[0]; i++)
        phys_put32(k, t->tss + fields[i].at, fields[i].value);
}

static void thread_memory(struct rt_kernel *k, struct thread *t, uint32_t stack_pages)
{
    struct process *p = t->process;
    uint32_t page = area_find(p, stack_pages + 1);
    for (uint32_t i = 0; i <= stack_pages; i++) {
        uint32_t frame = frame_find(k, 1, PAGE, k->frames);
        frame_take(k, p, frame, 1);
        vseg_map(k, p, page + i, 1, frame_phys(k, frame), PTE_OWNED | PTE_W);
    }
    area_add(p, page, stack_pages + 1, AREA_SYSTEM);
    t->block = (page + stack_pages) * PAGE;
    uint8_t block[BLOCK_ARRAY + TLS_SLOTS * 4] = {0};
    put32(block, 0xffffffffu);
    put32(block + BLOCK_TLS, t->block + BLOCK_ARRAY);
    for (unsigned i = 0; i < TLS_SLOTS; i++)
        put32(block + BLOCK_ARRAY + i * 4, 0xffffffffu);
    vseg_poke(k, p, t->block, block, sizeof block);
}

struct thread *thread_new(struct rt_kernel *k, struct process *p, uint32_t entry,
                          uint32_t stack_pages, uint8_t priority)
{
    struct thread *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    struct object *o = object_new(k, p, TYPE_THREAD, SUBTYPE_NONE, true);
    t->process = p;
    t->priority = priority;
    t->due = NEVER;
    t->handle = object_handle(k, o);
    t->tss = frame_take_low(k, p);
    o->thread = t;
    o->seg = (struct rt_segdef){.kind = RT_SEG_TSS, .base = t->tss, .limit = TSS_SIZE - 1};
    object_publish(k, o);
    thread_memory(k, t, stack_pages);
    uint32_t esp = t->block - STACK_GAP;
    uint8_t home[4];
    put32(home, p->text_off + TRAMPOLINE_OFF);
    vseg_poke(k, p, esp, home, 4);
    thread_tss(k, t, entry, esp);
    t->next = p->threads;
    p->threads = t;
    return t;
}

void thread_result(struct rt_kernel *k, struct thread *t, uint32_t eax, uint32_t edx)
{
    phys_put32(k, t->tss + TSS_EAX, eax);
    phys_put32(k, t->tss + TSS_EDX, edx);
}

void thread_release(struct rt_kernel *k, struct thread *t)
{
    frame_drop(k, t->tss);
}
