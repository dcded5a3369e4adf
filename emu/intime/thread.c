/* thread.c: a thread: its TSS and kernel stack, its stack and block in the VSEG.
 *
 *   kernel page     |TSS 104 bytes| ...                       <- kernel stack|
 *   area in VSEG    |           <- stack (grows down)|thread block|  guard page below
 *   thread block    000 head of the SEH chain = FFFFFFFF      FS:0
 *                   004 end of the stack   008 its start      for the walk along the chain
 *                   02C address of the TLS array
 *                   100 TLS array, 64 slots of FFFFFFFF
 */
#include <stdlib.h>

#include "bits.h"
#include "kn.h"
#include "request.h"
#include "rsl.h"
#include "service.h"

#define TSS_SIZE    104u
#define TSS_EAX     0x28u
#define TSS_EDX     0x30u
#define FLAGS_START 0x3202u /* IF; IOPL 3, see ADR 0006 */
#define BLOCK_TLS   0x2Cu
#define BLOCK_ARRAY 0x100u
/* The entry ESP lies inside the top page: start-up code moves it up within its page. */
#define STACK_GAP 0x100u

uint32_t thread_room(struct rt_kernel *k, struct process *p, uint32_t stack_pages,
                     struct thread **fresh)
{
    uint32_t page = area_find(p, stack_pages + 1);
    uint32_t tables = page == NO_PAGE ? 0 : vseg_new_tables(p, page, stack_pages + 1);
    if (!quota_room(p, QUOTA_THREADS, 1)) return E_LIMIT;
    uint32_t status = object_room(k, p, 1, tables + stack_pages + 2);
    if (status != E_OK) return status;
    if (page == NO_PAGE) return E_VMEM;
    if (!frame_low_free(k, 2) || !vseg_reserve(p, page, stack_pages + 1)) return E_MEM;
    *fresh = calloc(1, sizeof **fresh);
    return *fresh ? E_OK : E_MEM;
}

static void thread_tss(struct rt_kernel *k, struct thread *t, uint32_t entry, uint32_t esp)
{
    const struct process *p = t->process;
    const struct {
        uint32_t at, value;
    } fields[] = {{0x04, kernel_lin(t->tss) + PAGE},
                  {0x08, SLOT_KERNEL_DS << 3},
                  {0x1C, p->directory},
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
    vseg_fill(k, p, page, stack_pages + 1, PTE_W);
    area_add(p, page, stack_pages + 1, AREA_SYSTEM);
    t->block = (page + stack_pages) * PAGE;
    uint8_t block[BLOCK_ARRAY + TLS_SLOTS * 4] = {0};
    put32(block, 0xffffffffu);
    put32(block + 4, t->block);
    put32(block + 8, page * PAGE);
    put32(block + BLOCK_TLS, t->block + BLOCK_ARRAY);
    for (unsigned i = 0; i < TLS_SLOTS; i++)
        put32(block + BLOCK_ARRAY + i * 4, 0xffffffffu);
    vseg_poke(k, p, t->block, block, sizeof block);
}

/* What the new thread finds on its stack: each function returns to the next one.
 *
 *   ESP -> [second]      only if two run before the entry
 *          [entry]       only if one does
 *          trampoline    where the entry function returns to
 *          parameter */
static uint32_t thread_stack(struct rt_kernel *k, struct thread *t,
                             const struct thread_start *start, uint32_t *begin)
{
    const uint32_t order[] = {start->first[0], start->first[1], start->entry,
                              t->process->text_off + TRAMPOLINE_OFF, start->parameter};
    uint8_t words[sizeof order];
    uint32_t n = 0;
    bool begun = false;
    for (unsigned i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (i < 2 && !order[i]) continue;
        if (!begun) {
            *begin = order[i];
            begun = true;
            continue;
        }
        put32(words + n, order[i]);
        n += 4;
    }
    uint32_t esp = t->block - STACK_GAP - (n - 8);
    vseg_poke(k, t->process, esp, words, n);
    return esp;
}

void thread_make(struct rt_kernel *k, struct process *p, struct thread *t,
                 const struct thread_start *start)
{
    struct object *o = object_new(k, p, TYPE_THREAD, SUBTYPE_NONE, true);
    t->process = p;
    t->priority = t->base = start->priority;
    t->handler = p->handler;
    t->due = NEVER;
    t->slice = SLICE_US;
    t->created = t->reset_at = k->now;
    t->stack_pages = start->stack_pages;
    t->handle = object_handle(k, o);
    t->tss = frame_take_low(k, p);
    o->thread = t;
    o->seg =
        (struct rt_segdef){.kind = RT_SEG_TSS, .base = kernel_lin(t->tss), .limit = TSS_SIZE - 1};
    object_publish(k, o);
    thread_memory(k, t, start->stack_pages);
    uint32_t begin, esp = thread_stack(k, t, start, &begin);
    thread_tss(k, t, begin, esp);
    t->next = p->threads;
    p->threads = t;
    quota_take(p, QUOTA_THREADS, 1);
}

static void thread_unlink(struct thread *t)
{
    struct thread **at = &t->process->threads;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
}

void thread_delete(struct rt_kernel *k, struct thread *t)
{
    struct process *p = t->process;
    int_thread_gone(k, t);
    dir_unwait(k, t);
    exchange_unwait(k, t);
    region_drop_all(k, t);
    kn_regions_drop(k, t);
    sched_remove(k, t);
    t->wait = WAIT_SELF;
    t->due = NEVER;
    if (k->current == t) {
        k->current = NULL;
        sched_commit(k);
    }
    uint32_t page = t->block / PAGE - t->stack_pages;
    area_remove(p, area_at(p, page));
    vseg_unmap(k, p, page, t->stack_pages + 1);
    thread_release(k, t);
    object_delete(k, object_find(k, t->handle));
    thread_unlink(t);
    net_forget(t);
    free(t);
}

/* What is to run before a thread ends by itself: libraries first, then the program; 0 = nothing more. */
static uint32_t thread_last(const struct process *p, struct thread *t)
{
    while (!t->main && t->leaving < 2) {
        uint32_t function = p->callback[1];
        if (t->leaving == 0) function = rsl_thread_function(p, RSL_THREAD_DETACH);
        t->leaving++;
        if (function) return function;
    }
    return 0;
}

void thread_leave(struct rt_kernel *k, struct call *c)
{
    struct thread *t = c->t;
    uint32_t last = thread_last(c->p, t);
    if (last) {
        c->eax = last; /* the gate returns to CALL EAX */
        phys_put32(k, kernel_phys(c->frame_lin), c->p->text_off + FINISH_OFF);
        return;
    }
    c->ended = true;
    call_leave(k, c->row, t, 1, E_OK, false);
    thread_delete(k, t);
}

void thread_result(struct rt_kernel *k, struct thread *t, uint32_t eax, uint32_t edx)
{
    phys_put32(k, t->tss + TSS_EAX, eax);
    phys_put32(k, t->tss + TSS_EDX, edx);
}

void thread_release(struct rt_kernel *k, struct thread *t)
{
    load_forget(k, t);
    event_leave(t);
    service_thread_gone(k, t);
    rsl_thread_gone(k, t);
    frame_drop(k, t->tss);
    quota_give(t->process, QUOTA_THREADS, 1);
}

bool thread_reach(const struct rt_kernel *k, const struct thread *t, uint32_t off, uint32_t n)
{
    if (n == 0) return true;
    if (!vseg_writable(t->process, off, n)) return false;
    uint8_t byte;
    for (uint32_t done = 0; done < n; done += PAGE - (off + done) % PAGE)
        if (!vseg_peek(k, t->process, off + done, &byte, 1)) return false;
    return true;
}

bool thread_put(struct rt_kernel *k, struct thread *t, uint32_t off, const void *from, uint32_t n)
{
    return thread_reach(k, t, off, n) && vseg_poke(k, t->process, off, from, n);
}
