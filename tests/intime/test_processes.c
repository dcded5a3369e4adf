/* Processes that start, wait for and end others: the tree, its pools and limits, exit codes, the loader's
 * two ways of waiting. */
#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"

#define ALL     0xffffffffu
#define NAME    (FAKE_DATA + 0x900)
#define ATTR    (FAKE_DATA + 0x240)
#define OUT     (FAKE_DATA + 0x100)
#define SYNC    0x08u
#define SUSPEND 0x100u

static struct fake *started(void)
{
    struct fake *f = fake_new(0x1000000, 0);
    fake_app(f);
    fake_run(f);
    fake_put(f, NAME, "child.rta", 10);
    return f;
}

static struct process *at(struct fake *f, uint32_t handle)
{
    struct object *o = object_find(f->k, handle);
    cr_assert(o && o->type == TYPE_PROCESS, "%04X is no process", handle);
    return o->process;
}

static uint32_t self(struct fake *f)
{
    return rt_current_process(f->k);
}

static uint32_t word(struct fake *f, uint32_t off)
{
    uint8_t raw[4];
    fake_get(f, off, raw, 4);
    return get32(raw);
}

static void good(struct fake *f)
{
    const char *bad = fake_check(f);
    cr_assert_null(bad, "%s", bad);
}

static uint32_t child(struct fake *f, uint32_t flags)
{
    uint32_t h = CALL4(f, "CreateRtProcess", NAME, 0, 0, flags);
    cr_assert_eq(f->leave_status, E_OK, "%s", rt_status_name(f->leave_status));
    good(f);
    return h;
}

/* What the node has: slots, frames, and the records of live processes. */
struct count {
    unsigned slots, frames, processes;
    uint32_t lent, objects, names;
};
static struct count counted(struct fake *f)
{
    struct count n = {.slots = rt_free_slots(f->k), .lent = f->k->root->pool.lent};
    for (uint32_t i = 0; i < f->k->frames; i++)
        n.frames += f->k->frame[i].owner != NULL;
    for (unsigned i = 0; i < f->k->process_count; i++)
        if (f->k->process[i]->alive) {
            n.processes++;
            n.objects += f->k->process[i]->objects;
            n.names += f->k->process[i]->dir_used;
        }
    return n;
}

Test(processes, child_belongs_to_its_maker)
{
    HOLDS_POINTERS();
    struct fake *f = started();
    struct process *me = at(f, self(f));
    struct count before = counted(f);
    uint32_t lent = me->pool.lent;
    uint32_t h = child(f, 0);
    struct process *c = at(f, h);
    cr_expect_eq(c->parent, me);
    cr_expect_str_eq(c->name, "CHILD");
    cr_expect_eq(me->pool.lent, lent + c->pool.held);
    cr_expect_eq(CALL1(f, "GetRtHandleType", h), TYPE_PROCESS);
    cr_expect_eq(CALL2(f, "DeleteRtProcess", h, 0), 1);
    cr_expect_eq(f->end_reason, RT_END_DELETED);
    cr_expect_eq(me->pool.lent, lent);
    struct count after = counted(f);
    cr_expect_eq(memcmp(&before, &after, sizeof after), 0, "something is left");
    good(f);
    fake_free(f);
}

Test(processes, arguments_reach_the_loader)
{
    struct fake *f = started();
    fake_put(f, ATTR, "-x \"two words\" three", 21);
    CALL4(f, "CreateRtProcess", NAME, ATTR, 0, 0);
    cr_expect_str_eq(f->load_args, "-x \"two words\" three");
    cr_expect_str_eq(f->seen,
                     "szFileName=\"child.rta\", szArguments=0x00401240, lpAttributes=NULL, "
                     "dwFlags=0");
    cr_expect_eq(f->loads, 1);
    fake_free(f);
}

Test(processes, a_refused_load_leaves_nothing)
{
    struct fake *f = started();
    struct count before = counted(f);
    uint8_t attr[16] = {0};
    put32(attr, 0x1000); /* the image does not fit into one page */
    put32(attr + 4, 0x4000);
    fake_put(f, ATTR, attr, sizeof attr);
    cr_expect_eq(CALL5(f, "CreateRtProcessEx", NAME, 0, ATTR, 0, OUT), BAD_RTHANDLE);
    cr_expect_eq(f->leave_status, E_MEM);
    cr_expect_eq(CALL5(f, "CreateRtProcessEx", fake_string(f, "no.rta"), 0, 0, 0, OUT),
                 BAD_RTHANDLE);
    cr_expect_eq(f->leave_status, E_EXIST);
    struct count after = counted(f);
    cr_expect_eq(memcmp(&before, &after, sizeof after), 0, "something is left");
    cr_expect_eq(f->idles, 0, "the caller waited, that is no deadlock");
    good(f);
    fake_free(f);
}

/* --- pools --- */

Test(processes, pool_comes_from_the_parent_and_goes_back)
{
    HOLDS_POINTERS();
    struct fake *f = fake_new(0x1000000, 0);
    struct rt_process_attr attr = {.name = "SMALL", .pool_min = 0x80000, .pool_max = 0x100000};
    fake_process(f, &attr);
    fake_run(f);
    fake_put(f, NAME, "child.rta", 10);
    struct process *me = at(f, self(f));
    uint8_t raw[16] = {0};
    put32(raw, 0x20000);
    put32(raw + 4, ALL); /* as much as the parent can get */
    fake_put(f, ATTR, raw, sizeof raw);
    uint32_t h = CALL4(f, "CreateRtProcess", NAME, 0, ATTR, 0);
    cr_assert_eq(f->leave_status, E_OK);
    CALL3(f, "WaitForRtProcess", h, WAIT_FOREVER, 0);
    cr_assert_eq(self(f), h);
    unsigned pages = 0;
    while (CALL1(f, "clib_pages", 4096))
        pages++;
    struct process *c = at(f, h);
    cr_expect_eq(f->leave_status, E_MEM);
    cr_expect_eq(me->pool.held, me->pool.max, "the parent has borrowed all it may");
    cr_expect_eq(me->pool.lent, c->pool.held);
    cr_expect_eq(pool_available(me), 0);
    cr_expect_gt(pages, 0x80000 / 4096, "%u pages", pages);
    good(f);
    CALL0(f, "ExitRtProcess");
    cr_expect_eq(me->pool.lent, 0);
    cr_expect_eq(me->pool.held, me->pool.min);
    good(f);
    fake_free(f);
}

Test(processes, minimum_larger_than_the_parent_can_give)
{
    struct fake *f = fake_new(0x1000000, 0);
    struct rt_process_attr attr = {.name = "SMALL", .pool_min = 0x40000, .pool_max = 0x80000};
    fake_process(f, &attr);
    fake_run(f);
    fake_put(f, NAME, "child.rta", 10);
    uint8_t raw[16] = {0};
    put32(raw, 0x80000);
    put32(raw + 4, ALL);
    fake_put(f, ATTR, raw, sizeof raw);
    cr_expect_eq(CALL4(f, "CreateRtProcess", NAME, 0, ATTR, 0), BAD_RTHANDLE);
    cr_expect_eq(f->leave_status, E_MEM);
    good(f);
    fake_free(f);
}

/* The middle of three goes: the grandparent takes over what it lent. */
Test(processes, grandparent_adopts)
{
    HOLDS_POINTERS();
    struct fake *f = started();
    uint32_t top = self(f), middle = child(f, 0);
    CALL1(f, "RtSleep", 50);
    cr_assert_eq(self(f), middle);
    fake_put(f, NAME, "child.rta", 10);
    uint32_t low = child(f, 0);
    struct process *c = at(f, low);
    cr_expect_eq(c->parent, at(f, middle));
    uint32_t used = c->pool.used;
    CALL0(f, "ExitRtProcess");
    good(f);
    cr_expect_eq(c->parent, at(f, top));
    cr_expect_eq(c->pool.used, used);
    cr_expect_eq(at(f, top)->pool.lent, c->pool.held);
    cr_expect_eq(self(f), low);
    CALL0(f, "ExitRtProcess");
    cr_expect_eq(at(f, top)->pool.lent, 0);
    good(f);
    fake_free(f);
}

/* A page of a dead process that another still maps is charged to the parent. */
Test(processes, orphan_pages_go_to_the_parent)
{
    HOLDS_POINTERS();
    struct fake *f = started();
    struct process *me = at(f, self(f));
    uint32_t h = child(f, 0), used = me->pool.used;
    CALL1(f, "RtSleep", 50);
    cr_assert_eq(self(f), h);
    uint32_t block = CALL1(f, "AllocateRtMemory", 0x2000);
    uint32_t shared = CALL2(f, "CreateRtMemoryHandle", block, 0x2000);
    CALL1(f, "RtSleep", 1000);
    fake_time(f, 50000);
    uint32_t map = CALL1(f, "MapRtSharedMemory", shared);
    cr_assert_neq(map, 0);
    CALL2(f, "DeleteRtProcess", h, 0);
    good(f);
    cr_expect_eq(me->pool.used, used + 2);
    cr_expect_eq(CALL1(f, "FreeRtMemory", map), 0x2000);
    cr_expect_eq(me->pool.used, used);
    good(f);
    fake_free(f);
}

/* --- limits --- */

Test(processes, limits_hold_for_the_subtree)
{
    HOLDS_POINTERS();
    struct fake *f = fake_new(0x1000000, 0);
    struct rt_process_attr attr = {
        .name = "TOP", .pool_max = ALL, .object_limit = 6, .thread_limit = 3};
    fake_process(f, &attr);
    fake_run(f);
    fake_put(f, NAME, "child.rta", 10);
    struct process *me = at(f, self(f));
    cr_expect_eq(me->quota[QUOTA_OBJECTS].used, 1, "its main thread");
    child(f, 0); /* itself and its main thread */
    cr_expect_eq(me->quota[QUOTA_OBJECTS].used, 3);
    cr_expect_eq(me->quota[QUOTA_THREADS].used, 2);
    uint32_t second = child(f, 0);
    cr_expect_eq(me->quota[QUOTA_OBJECTS].used, 5);
    CALL4(f, "CreateRtProcess", NAME, 0, 0, 0);
    cr_expect_eq(f->leave_status, E_LIMIT, "no room for a third one's main thread");
    good(f);
    CALL4(f, "CreateRtThread", 150, FAKE_IMAGE, 4096, 0);
    cr_expect_eq(f->leave_status, E_LIMIT, "three threads are all");
    cr_expect_neq(CALL3(f, "CreateRtSemaphore", 0, 1, 0), BAD_RTHANDLE);
    CALL3(f, "WaitForRtProcess", second, WAIT_FOREVER, 0);
    CALL1(f, "RtSleep", 100);
    cr_assert_eq(self(f), second, "%04X %04X", self(f), second);
    CALL3(f, "CreateRtSemaphore", 0, 1, 0);
    cr_expect_eq(f->leave_status, E_LIMIT, "the child's objects count in its parent");
    CALL0(f, "ExitRtProcess");
    cr_expect_eq(me->quota[QUOTA_OBJECTS].used, 4);
    cr_expect_eq(me->quota[QUOTA_THREADS].used, 2);
    good(f);
    fake_free(f);
}

Test(processes, maximum_of_a_child_counts_in_its_parent)
{
    struct fake *f = fake_new(0x1000000, 0);
    struct rt_process_attr attr = {.name = "TOP", .pool_max = ALL, .object_limit = 20};
    uint16_t top = fake_process(f, &attr), handle = 0;
    struct rt_effects fx;
    struct rt_process_attr low = {.name = "LOW", .object_limit = 18, .parent = top};
    cr_expect_eq(rt_process_create(f->k, &low, &handle, &fx), E_OK);
    fake_apply(f, &fx);
    cr_expect_eq(at(f, top)->quota[QUOTA_OBJECTS].used, 20, "main thread, child, its maximum");
    good(f);
    struct rt_process_attr more = {.name = "MORE", .parent = top};
    cr_expect_eq(rt_process_create(f->k, &more, &handle, &fx), E_LIMIT);
    low.object_limit = 19;
    cr_expect_eq(rt_process_create(f->k, &low, &handle, &fx), E_LIMIT);
    more.parent = 0xfff8;
    cr_expect_eq(rt_process_create(f->k, &more, &handle, &fx), E_EXIST);
    good(f);
    fake_free(f);
}

Test(processes, directory_sizes)
{
    static const uint32_t rows[][2] = {{3, 3},    {15, 15}, {16, 16},     {17, 16},    {31, 16},
                                       {100, 96}, {0, 64},  {3839, 3824}, {3840, 3840}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fake *f = fake_new(0x1000000, 0);
        struct rt_process_attr attr = {.name = "DIR", .dir_size = rows[i][0]};
        cr_expect_eq(at(f, fake_process(f, &attr))->dir_size, rows[i][1], "%u", rows[i][0]);
        fake_free(f);
    }
}

/* --- the end, and who waits for it --- */

Test(processes, exit_codes)
{
    static const struct {
        const char *call;
        uint32_t code;
    } rows[] = {{"clib_exit", 0x12345678}, {"ExitRtProcess", 0}, {"clib_thread_return", 0x55}};
    for (unsigned i = 0; i < 3; i++) {
        struct fake *f = started();
        uint32_t top = self(f), h = child(f, 0);
        CALL3(f, "WaitForRtProcess", h, WAIT_FOREVER, OUT);
        cr_assert_eq(self(f), h);
        f->eax = 0x55; /* what its main function returns */
        CALL1(f, rows[i].call, 0x12345678);
        cr_expect_eq(self(f), top);
        cr_expect_eq(f->leave_status, E_OK);
        cr_expect_eq(f->eax, 1);
        cr_expect_eq(word(f, OUT), rows[i].code, "%s", rows[i].call);
        good(f);
        fake_free(f);
    }
}

Test(processes, exit_code_of_a_fault_and_of_a_deletion)
{
    struct fake *f = started();
    uint32_t h = child(f, 0);
    CALL3(f, "WaitForRtProcess", h, WAIT_FOREVER, OUT);
    fake_fault(f, 13, 0);
    cr_expect_eq(word(f, OUT), EH_GENERAL_PROTECTION);
    uint32_t other = child(f, 0);
    h = child(f, 0);
    CALL3(f, "WaitForRtProcess", h, WAIT_FOREVER, OUT);
    cr_assert_eq(self(f), other);
    CALL2(f, "DeleteRtProcess", h, 0);
    cr_expect_eq(self(f), other, "the one that was woken waits for its turn");
    CALL0(f, "ExitRtProcess");
    cr_expect_eq(word(f, OUT), 0);
    good(f);
    fake_free(f);
}

Test(processes, waits_end_in_time)
{
    struct fake *f = started();
    uint32_t top = self(f), h = child(f, 0);
    CALL3(f, "WaitForRtProcess", h, 30, OUT);
    CALL1(f, "RtSleep", 100);
    cr_expect_eq(self(f), 0);
    cr_expect_eq(f->alarm, 30000);
    fake_time(f, 30000);
    cr_expect_eq(self(f), top);
    cr_expect_eq(f->leave_status, E_TIME);
    cr_expect_eq(f->eax, 0);
    good(f);
    fake_free(f);
}

/* The place for the code is freed while its thread waits. */
Test(processes, place_for_the_code_goes_away)
{
    struct fake *f = started();
    uint32_t top = self(f), h = child(f, 0), block = CALL1(f, "AllocateRtMemory", 4096);
    uint32_t t = CALL4(f, "CreateRtThread", 0, FAKE_IMAGE, 4096, 0);
    CALL3(f, "WaitForRtProcess", h, WAIT_FOREVER, block);
    while (rt_current_thread(f->k) != t)
        CALL1(f, "RtSleep", 50);
    CALL1(f, "FreeRtMemory", block);
    CALL2(f, "DeleteRtProcess", h, 0);
    CALL1(f, "DeleteRtThread", 0);
    cr_expect_eq(self(f), top);
    cr_expect_eq(f->eax, 0);
    cr_expect_eq(fake_last(f), E_BAD_ADDR);
    good(f);
    fake_free(f);
}

/* --- wait handles --- */

Test(processes, wait_handle_outlives_the_process)
{
    struct fake *f = started();
    uint32_t top = self(f), h = CALL5(f, "CreateRtProcessEx", NAME, 0, 0, 0, OUT);
    uint32_t wait = word(f, OUT) & 0xffff;
    cr_expect_eq(CALL1(f, "GetRtHandleType", wait), TYPE_EXIT);
    CALL1(f, "RtSleep", 10);
    cr_assert_eq(self(f), h);
    CALL1(f, "clib_exit", 9);
    fake_time(f, 10000);
    cr_assert_eq(self(f), top);
    good(f);
    CALL3(f, "WaitForRtProcess", h, 0, 0);
    cr_expect_eq(f->leave_status, E_EXIST);
    cr_expect_eq(CALL3(f, "WaitForRtProcessEx", wait, 0, OUT), h);
    cr_expect_eq(word(f, OUT), 9);
    CALL1(f, "GetRtHandleType", wait);
    cr_expect_eq(f->leave_status, E_EXIST, "it is used up");
    good(f);
    fake_free(f);
}

Test(processes, two_threads_wait_through_one_handle)
{
    struct fake *f = started();
    uint32_t h = CALL5(f, "CreateRtProcessEx", NAME, 0, 0, 0, OUT);
    uint32_t wait = word(f, OUT) & 0xffff, first = rt_current_thread(f->k);
    CALL2(f, "SetRtProcessMaxPriority", 0, 100);
    CALL4(f, "CreateRtThread", 120, FAKE_IMAGE, 4096, 0);
    cr_assert_neq(rt_current_thread(f->k), first);
    CALL3(f, "WaitForRtProcessEx", wait, WAIT_FOREVER, OUT);
    CALL3(f, "WaitForRtProcessEx", wait, WAIT_FOREVER, OUT + 4);
    cr_assert_eq(self(f), h);
    CALL1(f, "clib_exit", 3);
    cr_expect_eq(f->eax, h);
    cr_expect_eq(word(f, OUT), 3);
    cr_expect_eq(word(f, OUT + 4), 3);
    CALL1(f, "DeleteRtThread", 0);
    cr_expect_eq(f->eax, h);
    CALL1(f, "GetRtHandleType", wait);
    cr_expect_eq(f->leave_status, E_EXIST);
    good(f);
    fake_free(f);
}

/* Another process waits through the handle of one that ends. */
Test(processes, owner_of_a_wait_handle_ends)
{
    struct fake *f = started();
    uint32_t top = self(f);
    uint32_t slow = CALL5(f, "CreateRtProcessEx", NAME, 0, 0, SUSPEND, OUT);
    uint32_t wait = word(f, OUT) & 0xffff, h = child(f, 0);
    CALL1(f, "RtSleep", 10);
    cr_assert_eq(self(f), h);
    CALL3(f, "WaitForRtProcessEx", wait, WAIT_FOREVER, 0);
    fake_time(f, 10000);
    cr_assert_eq(self(f), top);
    CALL0(f, "ExitRtProcess");
    cr_expect_eq(self(f), h);
    cr_expect_eq(fake_last(f), E_EXIST);
    cr_expect_eq(at(f, slow)->parent, f->k->root);
    good(f);
    fake_free(f);
}

/* --- start --- */

Test(processes, suspended_until_started)
{
    HOLDS_POINTERS();
    struct fake *f = started();
    uint32_t h = child(f, SUSPEND);
    struct thread *t = at(f, h)->threads;
    CALL1(f, "ResumeRtThread", t->handle);
    cr_expect_eq(f->leave_status, E_STATE);
    CALL2(f, "GetRtThreadState", t->handle, OUT);
    uint8_t state = 0;
    fake_get(f, OUT + 4, &state, 1);
    cr_expect_eq(state, 0x10);
    CALL1(f, "RtSleep", 10);
    cr_expect_eq(self(f), 0, "nobody can run");
    fake_time(f, 10000);
    uint32_t wait = CALL1(f, "StartRtProcess", h);
    cr_expect_eq(CALL1(f, "GetRtHandleType", wait), TYPE_EXIT);
    CALL3(f, "WaitForRtProcessEx", wait, WAIT_FOREVER, OUT);
    cr_assert_eq(self(f), h);
    CALL1(f, "clib_exit", 1);
    cr_expect_eq(f->eax, h);
    cr_expect_eq(word(f, OUT), 1);
    good(f);
    fake_free(f);
}

/* --- R?END_INIT --- */

Test(processes, synchronized_by_any_object)
{
    struct fake *f = started();
    uint32_t top = self(f);
    CALL4(f, "CreateRtProcess", NAME, 0, 0, SYNC);
    uint32_t h = self(f);
    cr_assert_neq(h, top);
    cr_expect(f->leave_blocked);
    CALL3(f, "CatalogRtHandle", 0, 0, fake_string(f, "R?END"));
    CALL1(f, "RtSleep", 10);
    cr_expect_eq(self(f), 0);
    fake_time(f, 10000);
    CALL3(f, "CatalogRtHandle", 0, 0, fake_string(f, "R?END_INIT"));
    CALL1(f, "RtSleep", 10);
    cr_expect_eq(self(f), top);
    cr_expect_eq(f->eax, h);
    cr_expect_eq(f->alarm, 20000, "the loader's limit of 30 s is over");
    good(f);
    fake_free(f);
}

Test(processes, synchronized_by_the_call)
{
    struct fake *f = started();
    uint32_t top = self(f);
    CALL4(f, "CreateRtProcess", NAME, 0, 0, SYNC);
    uint32_t h = self(f);
    cr_expect_eq(f->alarm, 30000000);
    cr_expect_eq(CALL0(f, "SynchronizeRtLoader"), 1);
    cr_expect_eq(CALL3(f, "LookupRtHandle", 0, fake_string(f, "R?END_INIT"), 0), h);
    CALL1(f, "RtSleep", 10);
    cr_expect_eq(self(f), top);
    cr_expect_eq(f->eax, h);
    good(f);
    fake_free(f);
}

/* Too late, or never: no process and no wait handle are left. */
Test(processes, not_synchronized)
{
    for (unsigned i = 0; i < 2; i++) {
        struct fake *f = started();
        struct count before = counted(f);
        uint32_t top = self(f);
        CALL5(f, "CreateRtProcessEx", NAME, 0, 0, SYNC, OUT);
        if (i == 0) {
            CALL1(f, "RtSleep", 60000);
            fake_time(f, 29999999);
            cr_expect_eq(self(f), 0);
            fake_time(f, 30000000);
        } else {
            CALL0(f, "ExitRtProcess");
        }
        cr_expect_eq(self(f), top);
        cr_expect_eq(f->eax, BAD_RTHANDLE);
        cr_expect_eq(fake_last(f), i == 0 ? E_TIME : E_EXIST);
        struct count after = counted(f);
        cr_expect_eq(memcmp(&before, &after, sizeof after), 0, "something is left");
        good(f);
        fake_free(f);
    }
}

/* --- regions keep a process alive --- */

Test(processes, holder_of_a_region_is_not_deleted)
{
    struct fake *f = started();
    uint32_t top = self(f), h = child(f, 0), region = CALL1(f, "CreateRtRegion", 0);
    CALL1(f, "RtSleep", 10);
    cr_assert_eq(self(f), h);
    CALL1(f, "WaitForRtControl", region);
    CALL1(f, "RtSleep", 30);
    fake_time(f, 10000);
    cr_assert_eq(self(f), top);
    CALL2(f, "DeleteRtProcess", h, 0);
    cr_expect_eq(f->leave_status, E_CONTEXT);
    CALL1(f, "RtSleep", 100);
    fake_time(f, 40000);
    cr_assert_eq(self(f), h);
    CALL0(f, "ExitRtProcess");
    cr_expect_eq(f->leave_status, E_CONTEXT);
    CALL0(f, "ReleaseRtControl");
    CALL0(f, "ExitRtProcess");
    cr_expect_eq(f->end_process, h);
    good(f);
    fake_free(f);
}
