/* poll of the C library: the list, its results, waiting. */
#include "nettest.h"

#define LIST SETS

enum { IN = 1, PRI = 2, OUT = 4, ERR = 8, HUP = 0x10, NVAL = 0x20, READ_NORMAL = 0x40 };

static void put_entry(struct fake *f, uint32_t i, uint32_t fd, uint32_t events)
{
    put_dword(f, LIST + 8 * i, fd);
    put_dword(f, LIST + 8 * i + 4, events | 0xABCD0000);
}

static uint32_t found(struct fake *f, uint32_t i)
{
    return dword(f, LIST + 8 * i + 4) >> 16;
}

/* One descriptor, at once. */
static uint32_t events_now(struct fake *f, uint32_t fd, uint32_t asked)
{
    put_entry(f, 0, fd, asked);
    uint32_t count = CALL3(f, "clib_poll", LIST, 1, 0);
    cr_expect_eq(count, found(f, 0) != 0);
    cr_expect_eq(dword(f, LIST + 4) & 0xffff, asked, "what is asked for stays");
    return found(f, 0);
}

Test(net_poll, events_of_a_socket)
{
    struct fake *f = wire_start();
    uint32_t s = wire_socket(f, true);
    cr_expect_eq(events_now(f, s, IN | OUT | PRI), OUT);
    cr_expect_eq(events_now(f, s, IN), 0);
    wire_in("x");
    cr_expect_eq(events_now(f, s, IN | OUT), IN | OUT);
    cr_expect_eq(events_now(f, s, READ_NORMAL), READ_NORMAL);
    cr_expect_eq(events_now(f, s, 0), 0);
    wire.error = 61;
    cr_expect_eq(events_now(f, s, 0), ERR);
    wire.error = 0;
    wire.hung_up = true;
    cr_expect_eq(events_now(f, s, IN | OUT), IN | HUP, "nothing can be written");
    cr_expect_eq(events_now(f, s, 0), HUP);
    wire.fail = -RT_NET_ENOBUFS;
    cr_expect_eq(events_now(f, s, IN), ERR, "the network fails");
    finish(f);
}

Test(net_poll, other_descriptors)
{
    struct fake *f = wire_start();
    static const uint32_t none[] = {3, 66, FIRST_SOCKET, FIRST_SOCKET + SOCKETS_MAX, INT32_MAX};
    for (unsigned i = 0; i < sizeof none / sizeof none[0]; i++)
        cr_expect_eq(events_now(f, none[i], IN), NVAL, "%u", none[i]);
    cr_expect_eq(events_now(f, ALL, IN), 0, "not looked at");
    cr_expect_eq(events_now(f, 0x80000000, IN), 0);
    for (uint32_t console = 0; console < 3; console++)
        cr_expect_eq(events_now(f, console, IN | OUT | PRI), IN | OUT);
    f->k->port.net = NULL;
    cr_expect_eq(events_now(f, 1, OUT), OUT, "without a network too");
    cr_expect_eq(events_now(f, FIRST_SOCKET, OUT), NVAL);
    finish(f);
}

Test(net_poll, waits)
{
    struct fake *f = wire_start();
    uint32_t s = wire_socket(f, true);
    struct rt_net_want want[4];
    put_entry(f, 0, s, IN);
    put_entry(f, 1, ALL, IN);
    put_entry(f, 2, s, 0);
    CALL3(f, "clib_poll", LIST, 3, 15);
    cr_assert(waits(f));
    cr_expect_eq(rt_kernel_wants(f->k, want, 4), 2);
    cr_expect(want[0].socket == want[1].socket);
    cr_expect_eq(want[0].events, RT_NET_CAN_READ | RT_NET_BROKEN | RT_NET_HUNG_UP);
    cr_expect_eq(want[1].events, RT_NET_BROKEN | RT_NET_HUNG_UP);
    cr_expect_eq(rt_kernel_wants(f->k, want, 1), 1);
    fake_time(f, 10000);
    cr_assert(waits(f));
    fake_time(f, 15000);
    cr_expect(!waits(f) && f->eax == 0);
    cr_expect(found(f, 0) == 0 && found(f, 1) == 0 && found(f, 2) == 0);
    CALL3(f, "clib_poll", LIST, 3, ALL);
    fake_time(f, 60000000);
    cr_assert(waits(f), "for ever");
    wire.hung_up = true;
    fake_time(f, 60010000);
    cr_expect(!waits(f) && f->eax == 2);
    cr_expect(found(f, 0) == HUP && found(f, 1) == 0 && found(f, 2) == HUP);
    finish(f);
}

Test(net_poll, a_sleep)
{
    struct fake *f = wire_start();
    CALL3(f, "clib_poll", 0, 0, 3);
    cr_assert(waits(f));
    fake_time(f, 3000);
    cr_expect(!waits(f) && f->eax == 0);
    cr_expect_eq(CALL3(f, "clib_poll", 0, 0, 0), 0);
    finish(f);
}

Test(net_poll, closed_meanwhile)
{
    struct fake *f = wire_start();
    uint32_t s = wire_socket(f, true), main = rt_current_thread(f->k);
    CALL4(f, "CreateRtThread", 150, FAKE_IMAGE, 4096, 0);
    put_entry(f, 0, s, IN);
    CALL3(f, "clib_poll", LIST, 1, ALL);
    cr_assert_neq(rt_current_thread(f->k), main);
    CALL1(f, "clib_close", s);
    cr_assert_eq(rt_current_thread(f->k), main, "the better thread goes on");
    cr_expect_eq(f->eax, 1);
    cr_expect_eq(found(f, 0), NVAL);
    finish(f);
}

/* Another thread frees the list meanwhile. */
Test(net_poll, list_is_gone)
{
    struct fake *f = wire_start();
    uint32_t s = wire_socket(f, true), block = CALL1(f, "AllocateRtMemory", 4096);
    CALL4(f, "CreateRtThread", 150, FAKE_IMAGE, 4096, 0);
    put_dword(f, block + 4088, s);
    put_dword(f, block + 4092, IN);
    CALL3(f, "clib_poll", block + 4088, 1, ALL);
    CALL1(f, "FreeRtMemory", block);
    fake_time(f, 10000);
    cr_expect_eq((int32_t)f->eax, -RT_NET_EFAULT);
    finish(f);
}

Test(net_poll, refuses)
{
    struct fake *f = wire_start();
    uint32_t s = wire_socket(f, true), end = FAKE_IMAGE + 0x4000;
    cr_expect_eq((int32_t)CALL3(f, "clib_poll", LIST, 1025, 0), -RT_NET_EINVAL);
    cr_expect_eq((int32_t)CALL3(f, "clib_poll", LIST, ALL, 0), -RT_NET_EINVAL);
    cr_expect_eq((int32_t)CALL3(f, "clib_poll", BAD, 1, 0), -RT_NET_EFAULT);
    cr_expect_eq((int32_t)CALL3(f, "clib_poll", FAKE_RO, 1, 0), -RT_NET_EFAULT);
    cr_expect_eq((int32_t)CALL3(f, "clib_poll", end - 8, 2, 0), -RT_NET_EFAULT);
    cr_expect_eq((int32_t)CALL3(f, "clib_poll", 0xfffffffc, 1, 0), -RT_NET_EFAULT);
    put_entry(f, 0, s, IN);
    f->ds = f->k->root->handle;
    cr_expect_eq((int32_t)CALL3(f, "clib_poll", LIST, 1, 0), -RT_NET_EFAULT);
    f->ds = 0;
    cr_expect_eq(found(f, 0), 0xABCD, "nothing was written");
    finish(f);
}
