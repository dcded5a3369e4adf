/* Statuses of the calls about events and about the end that one process asks of another. */
#include <criterion/criterion.h>
#include <string.h>

#include "statuses.h"

#define INFO      (FAKE_DATA + 0x240)
#define FILE_NAME (FAKE_DATA + 0x900)
#define HANDLER   (FAKE_IMAGE + 0x10)

static uint32_t name(struct fake *f, const char *text)
{
    return fake_string(f, text);
}

/* What makes it impossible to make a mailbox, one after the other; each call needs one. */
enum lack { LACK_NAME, LACK_LIMIT, LACK_SLOT, LACK_PAGE };
struct lacking {
    enum lack lack;
    uint32_t handle[1024], block[64];
    unsigned handles, blocks;
    uint32_t pool_max;
};

/* Control blocks as many as their pages hold, and no more pages. */
static void lack_page(struct fake *f, struct lacking *l)
{
    struct process *p = f->k->current->process;
    for (unsigned pages = p->block_count; p->block_count == pages;)
        l->handle[l->handles++] = CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 16);
    CALL1(f, "DeleteRtMemoryHandle", l->handle[--l->handles]);
    l->pool_max = p->pool.max;
    p->pool.max = p->pool.held;
    while (l->blocks < 64 && (l->block[l->blocks] = CALL1(f, "AllocateRtMemory", 4096)))
        l->blocks++;
}

static struct lacking *lacks(struct fake *f, struct lacking *l, enum lack lack)
{
    struct quota *q = &f->k->current->process->quota[QUOTA_OBJECTS];
    *l = (struct lacking){.lack = lack};
    if (lack == LACK_NAME)
        CALL3(f, "CatalogRtHandle", 0, f->k->current->handle, name(f, EXIT_MBOX));
    if (lack == LACK_LIMIT) q->limit = q->used;
    while (lack == LACK_SLOT && (l->handle[l->handles] = CALL2(f, "CreateRtMemoryHandle", FAKE_DATA,
                                                               16)) != BAD_RTHANDLE)
        l->handles++;
    if (lack == LACK_PAGE) lack_page(f, l);
    CALL1(f, "SetLastRtError", 0x7777);
    return l;
}

static void has(struct fake *f, struct lacking *l)
{
    struct process *p = f->k->current->process;
    if (l->lack == LACK_NAME) CALL2(f, "UncatalogRtHandle", 0, name(f, EXIT_MBOX));
    p->quota[QUOTA_OBJECTS].limit = 0;
    while (l->blocks)
        CALL1(f, "FreeRtMemory", l->block[--l->blocks]);
    if (l->pool_max) p->pool.max = l->pool_max;
    while (l->handles)
        CALL1(f, "DeleteRtMemoryHandle", l->handle[--l->handles]);
    CALL1(f, "SetLastRtError", 0x7777);
    cr_assert_null(notify_mailbox(f->k, p));
}

void notify_calls(struct fake *f, struct seen *seen)
{
    static struct lacking l;
    uint32_t terminate = 255;
    WANT(E_PARAM, "RtNotifyEvent", 3, 0u, 0u, INFO);
    WANT(E_PARAM, "RtNotifyEvent", 3, 16u, 0u, INFO);
    WANT(E_PARAM, "RtNotifyEvent", 3, 8u, 655350u, INFO);
    WANT(E_BAD_ADDR, "RtNotifyEvent", 3, 8u, 0u, FAKE_RO - 8);
    lacks(f, &l, LACK_NAME);
    WANT(E_TYPE, "RtNotifyEvent", 3, 8u, 0u, INFO);
    has(f, &l);
    lacks(f, &l, LACK_LIMIT);
    WANT(E_LIMIT, "RtNotifyEvent", 3, 8u, 0u, INFO);
    has(f, &l);
    lacks(f, &l, LACK_SLOT);
    WANT(E_SLOT, "RtNotifyEvent", 3, 8u, 0u, INFO);
    has(f, &l);
    lacks(f, &l, LACK_PAGE);
    WANT(E_MEM, "RtNotifyEvent", 3, 8u, 0u, INFO);
    has(f, &l);
    WANT(E_TIME, "RtNotifyEvent", 3, 8u, 9u, INFO);
    uint32_t mailbox = CALL3(f, "LookupRtHandle", 0, name(f, EXIT_MBOX), 0);
    cr_expect_eq(CALL1(f, "GetRtHandleType", mailbox), TYPE_MAILBOX);
    fake_put(f, SCRATCH, &terminate, 4);
    CALL3(f, "SendRtData", mailbox, SCRATCH, 4);
    WANT(E_OK, "RtNotifyEvent", 3, 8u, 0u, INFO);
    uint32_t other = CALL4(f, "CreateRtThread", 150, FAKE_IMAGE, 4096, 0);
    CALL3(f, "RtNotifyEvent", 8, WAIT_FOREVER, INFO);
    cr_assert_eq(rt_current_thread(f->k), other);
    CALL1(f, "DeleteRtMailbox", mailbox); /* the main thread goes on */
    cr_expect_eq(f->eax, 0);
    cr_expect_eq(fake_last(f), E_EXIST);
    mark(seen, fake_row("RtNotifyEvent"), E_EXIST);
    CALL1(f, "SetLastRtError", 0x7777);
    WANT(E_OK, "DeleteRtThread", 1, other);
    WANT(E_CONTEXT, "RegisterRtEventHandler", 2, 8u, HANDLER); /* RtNotifyEvent has been called */
}

void event_calls(struct fake *f, struct seen *seen)
{
    static struct lacking l;
    WANT(E_CONTEXT, "clib_event", 1, INFO);
    WANT(E_PARAM, "RegisterRtEventHandler", 2, 0u, HANDLER);
    WANT(E_PARAM, "RegisterRtEventHandler", 2, 16u, HANDLER);
    WANT(E_PARAM, "RegisterRtEventHandler", 2, 8u, 0u);
    WANT(E_PARAM, "RegisterRtEventHandler", 2, 8u, 0x800000u);
    WANT(E_EXIST, "UnregisterRtEventHandler", 1, 0u);
    WANT(E_EXIST, "UnregisterRtEventHandler", 1, 1u);
    WANT(E_PARAM, "SetRtEventHandlerPriority", 1, 4u);
    WANT(E_PARAM, "SetRtEventHandlerPriority", 1, 254u);
    WANT(E_LIMIT, "SetRtEventHandlerPriority", 1, 5u);
    WANT(E_OK, "SetRtEventHandlerPriority", 1, 253u);
    lacks(f, &l, LACK_NAME);
    WANT(E_TYPE, "RegisterRtEventHandler", 2, 8u, HANDLER);
    has(f, &l);
    lacks(f, &l, LACK_LIMIT);
    WANT(E_LIMIT, "RegisterRtEventHandler", 2, 8u, HANDLER);
    has(f, &l);
    lacks(f, &l, LACK_SLOT);
    WANT(E_SLOT, "RegisterRtEventHandler", 2, 8u, HANDLER);
    has(f, &l);
    lacks(f, &l, LACK_PAGE);
    WANT(E_MEM, "RegisterRtEventHandler", 2, 8u, HANDLER);
    has(f, &l);
    WANT(E_OK, "RegisterRtEventHandler", 2, 8u, HANDLER);
    for (unsigned i = 1; i < 16; i++)
        WANT(E_OK, "RegisterRtEventHandler", 2, 15u, HANDLER);
    WANT(E_LIMIT, "RegisterRtEventHandler", 2, 8u, HANDLER);
    WANT(E_OK, "UnregisterRtEventHandler", 1, 5u);
    WANT(E_EXIST, "UnregisterRtEventHandler", 1, 5u);
}

/* The event thread's own call: it is made to look as if this thread were it. */
void event_thread_calls(struct fake *f, struct seen *seen)
{
    static struct lacking l;
    struct process *p = f->k->current->process;
    p->events.thread = f->k->current->handle;
    WANT(E_BAD_ADDR, "clib_event", 1, FAKE_RO);
    lacks(f, &l, LACK_NAME);
    WANT(E_TYPE, "clib_event", 1, INFO);
    has(f, &l);
    lacks(f, &l, LACK_LIMIT);
    WANT(E_LIMIT, "clib_event", 1, INFO);
    has(f, &l);
    lacks(f, &l, LACK_SLOT);
    WANT(E_SLOT, "clib_event", 1, INFO);
    has(f, &l);
    lacks(f, &l, LACK_PAGE);
    WANT(E_MEM, "clib_event", 1, INFO);
    has(f, &l);
    CALL2(f, "RegisterRtEventHandler", 8, HANDLER);
    uint32_t terminate = 255, other = CALL4(f, "CreateRtThread", 150, FAKE_IMAGE, 4096, 0);
    f->k->current->event_at = EVENT_HANDLERS;
    CALL1(f, "clib_event", INFO);
    cr_assert_eq(rt_current_thread(f->k), other);
    uint32_t mailbox = CALL3(f, "LookupRtHandle", 0, name(f, EXIT_MBOX), 0);
    fake_put(f, SCRATCH, &terminate, 4);
    CALL3(f, "SendRtData", mailbox, SCRATCH, 4);
    cr_expect_eq(f->eax, HANDLER);
    mark(seen, fake_row("clib_event"), E_OK);
    CALL1(f, "clib_event", INFO);
    CALL1(f, "DeleteRtMailbox", mailbox);
    cr_expect_eq(f->eax, 0);
    cr_expect_eq(fake_last(f), E_EXIST);
    mark(seen, fake_row("clib_event"), E_EXIST);
}

void sponsor_calls(struct fake *f, struct seen *seen)
{
    fake_put(f, FILE_NAME, "child.rta", 10);
    CALL4(f, "CreateRtProcess", FILE_NAME, 0, 0, 0);
    uint32_t big = CALL1(f, "clib_pages", 4096);
    for (unsigned i = 0; i < 260; i++)
        fake_put(f, big + i, "x", 1);
    WANT(E_BAD_ADDR, "RegisterRtSponsor", 1, 0u);
    WANT(E_PARAM, "RegisterRtSponsor", 1, name(f, ""));
    WANT(E_PARAM, "RegisterRtSponsor", 1, big);
    WANT(E_BAD_ADDR, "UnregisterRtSponsor", 1, 0u);
    WANT(E_PARAM, "UnregisterRtSponsor", 1, name(f, ""));
    WANT(E_PARAM, "UnregisterRtSponsor", 1, big);
    WANT(E_BAD_ADDR, "RegisterRtDependency", 2, 0u, 0u);
    WANT(E_PARAM, "RegisterRtDependency", 2, name(f, ""), 0u);
    WANT(E_PARAM, "RegisterRtDependency", 2, big, 0u);
    WANT(E_BAD_ADDR, "UnregisterRtDependency", 1, 0u);
    WANT(E_PARAM, "UnregisterRtDependency", 1, name(f, ""));
    WANT(E_PARAM, "UnregisterRtDependency", 1, big);
    WANT(E_STATE, "UnregisterRtSponsor", 1, name(f, "ME"));
    WANT(E_OK, "RegisterRtSponsor", 1, name(f, "ME"));
    WANT(E_STATE, "RegisterRtSponsor", 1, name(f, "ANOTHER"));
    WANT(E_STATE, "UnregisterRtSponsor", 1, name(f, "ANOTHER"));
    WANT(E_PARAM, "RegisterRtDependency", 2, name(f, "ANOTHER"), 655350u);
    WANT(E_TIME, "RegisterRtDependency", 2, name(f, "ANOTHER"), 9u);
    WANT(E_CONTEXT, "RegisterRtDependency", 2, name(f, "ME"), 0u);
    WANT(E_STATE, "UnregisterRtDependency", 1, name(f, "ME"));
    CALL1(f, "RtSleep", 100); /* the child's turn */
    CALL1(f, "SetLastRtError", 0x7777);
    WANT(E_CONTEXT, "RegisterRtSponsor", 1, name(f, "ME"));
    WANT(E_OK, "RegisterRtDependency", 2, name(f, "ME"), 0u);
    WANT(E_STATE, "RegisterRtDependency", 2, name(f, "ME"), 0u);
    WANT(E_OK, "UnregisterRtDependency", 1, name(f, "ME"));
    CALL1(f, "RtSleep", 1000);
    fake_time(f, f->now + 100000);
    CALL1(f, "SetLastRtError", 0x7777);
    WANT(E_OK, "UnregisterRtSponsor", 1, name(f, "ME"));
}

void terminate_calls(struct fake *f, struct seen *seen)
{
    uint32_t thread = CALL1(f, "GetRtThreadHandles", 0), root = RT_ROOT_PROCESS;
    uint32_t remote = reference(f, TYPE_PROCESS, "REMOTE END");
    fake_put(f, FILE_NAME, "child.rta", 10);
    uint32_t h = CALL4(f, "CreateRtProcess", FILE_NAME, 0, 0, 0);
    WANT(E_PARAM, "TerminateRtProcess", 3, h, 0u, 655350u);
    WANT(E_EXIST, "TerminateRtProcess", 3, remote, 0u, 0u);
    WANT(E_EXIST, "TerminateRtProcess", 3, 0xfff8u, 0u, 0u);
    WANT(E_TYPE, "TerminateRtProcess", 3, thread, 0u, 0u);
    WANT(E_CONTEXT, "TerminateRtProcess", 3, root, 1u, 0u);
    WANT(E_TIME, "TerminateRtProcess", 3, h, 0u, 0u);
    WANT(E_TIME, "TerminateRtProcess", 3, 0u, 0u, 0u);
    CALL1(f, "RtSleep", 100); /* the child takes a region */
    CALL1(f, "WaitForRtControl", CALL1(f, "CreateRtRegion", 0));
    CALL1(f, "RtSleep", 655349);
    fake_time(f, f->now + 100000);
    CALL1(f, "SetLastRtError", 0x7777);
    WANT(E_CONTEXT, "TerminateRtProcess", 3, h, 1u, 0u);
    uint32_t other = CALL4(f, "CreateRtProcess", FILE_NAME, 0, 0, 0x100);
    WANT(E_OK, "TerminateRtProcess", 3, other, 1u, 0u);
    WANT(E_EXIST, "TerminateRtProcess", 3, other, 1u, 0u);
}
