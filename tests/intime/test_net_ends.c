/* Socket calls: options, ends, a host without memory, and what a hostile caller gets. */
#include "nettest.h"

/* --- options --- */

Test(net, options)
{
    struct fake *f = wire_start();
    uint32_t tcp = wire_socket(f, true);
    static const struct {
        uint32_t level, name, value[2], size, got[2];
        const char *log;
    } rows[] = {{0xffff, 4, {1, 0}, 4, {1, 0}, "set(500,0,1) "},
                {0xffff, 0x1002, {9000, 0}, 4, {9000, 0}, "set(500,4,9000) "},
                {6, 1, {1, 0}, 4, {1, 0}, "set(500,5,1) "},
                {0xffff, 0x80, {5, 3}, 8, {1, 3}, "set(500,7,0) "},
                {0xffff, 0x80, {1, 0}, 8, {1, 0}, "set(500,7,1) "},
                {0xffff, 0x1005, {2, 500000}, 8, {2, 500000}, ""}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        wire.log[0] = 0;
        put_dword(f, DATA, rows[i].value[0]);
        put_dword(f, DATA + 4, rows[i].value[1]);
        cr_expect_eq(CALL5(f, "setsockopt", tcp, rows[i].level, rows[i].name, DATA, rows[i].size),
                     0);
        cr_expect_str_eq(wire.log, rows[i].log);
        put_dword(f, ROOM, 8);
        cr_expect_eq(CALL5(f, "getsockopt", tcp, rows[i].level, rows[i].name, DATA, ROOM), 0);
        cr_expect_eq(dword(f, ROOM), rows[i].size);
        cr_expect_eq(dword(f, DATA), rows[i].got[0]);
        if (rows[i].size == 8) cr_expect_eq(dword(f, DATA + 4), rows[i].got[1]);
        FAILS(f, CALL5(f, "setsockopt", tcp, rows[i].level, rows[i].name, DATA, rows[i].size - 1),
              RT_NET_EINVAL);
    }
    finish(f);
}

Test(net, options_that_only_tell)
{
    struct fake *f = wire_start();
    uint32_t tcp = wire_socket(f, true), udp = wire_socket(f, false);
    wire.error = RT_NET_ECONNREFUSED;
    CALL2(f, "listen", tcp, 1);
    const struct {
        uint32_t fd, name, want;
    } rows[] = {{tcp, 0x1008, 1}, {udp, 0x1008, 2}, {tcp, 2, 1}, {udp, 2, 0}, {tcp, 0x1007, 61}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        put_dword(f, ROOM, 4);
        cr_expect_eq(CALL5(f, "getsockopt", rows[i].fd, 0xffff, rows[i].name, DATA, ROOM), 0);
        cr_expect_eq(dword(f, DATA), rows[i].want);
        FAILS(f, CALL5(f, "setsockopt", rows[i].fd, 0xffff, rows[i].name, DATA, 4),
              RT_NET_ENOPROTOOPT);
    }
    FAILS(f, CALL5(f, "getsockopt", tcp, 0, 4, DATA, ROOM), RT_NET_ENOPROTOOPT);
    FAILS(f, CALL5(f, "setsockopt", tcp, 0xffff, 0x40, DATA, 4), RT_NET_ENOPROTOOPT);
    FAILS(f, CALL5(f, "setsockopt", tcp, 0xffff, 4, BAD, 4), RT_NET_EFAULT);
    FAILS(f, CALL5(f, "getsockopt", tcp, 0xffff, 4, FAKE_RO, ROOM), RT_NET_EFAULT);
    FAILS(f, CALL5(f, "getsockopt", tcp, 0xffff, 4, DATA, FAKE_RO), RT_NET_EFAULT);
    put_dword(f, LIMIT, 0);
    put_dword(f, LIMIT + 4, 1000000);
    FAILS(f, CALL5(f, "setsockopt", tcp, 0xffff, 0x1006, LIMIT, 8), RT_NET_EINVAL);
    finish(f);
}

/* --- ends --- */

Test(net, close_ends_waits)
{
    struct fake *f = wire_start();
    uint32_t tcp = wire_socket(f, true);
    uint32_t second = CALL4(f, "CreateRtThread", 150, FAKE_IMAGE, 4096, 0);
    CALL4(f, "recv", tcp, DATA, 100, 0);
    cr_assert_eq(rt_current_thread(f->k), second);
    CALL1(f, "clib_close", tcp);
    cr_assert_neq(rt_current_thread(f->k), second, "the better thread goes on");
    cr_expect_eq(f->eax, ALL);
    cr_expect_eq(wire_errno(f), RT_NET_EBADF);
    finish(f);
}

Test(net, a_thread_that_waits_is_deleted)
{
    struct fake *f = wire_start();
    uint32_t tcp = wire_socket(f, true), main = rt_current_thread(f->k);
    CALL4(f, "CreateRtThread", 150, FAKE_IMAGE, 4096, 0);
    CALL4(f, "send", tcp, DATA, 100, 0);
    CALL4(f, "recv", tcp, DATA, 100, 0);
    CALL1(f, "DeleteRtThread", main);
    wire_in("x");
    fake_time(f, 10000);
    cr_expect_eq(wire.in_size, 1);
    finish(f);
}

Test(net, a_process_ends)
{
    struct fake *f = wire_start();
    wire_socket(f, true);
    wire_socket(f, false);
    CALL4(f, "recv", FIRST_SOCKET, DATA, 100, 0);
    struct rt_effects fx = {0};
    rt_process_delete(f->k, f->k->process[f->k->process_count - 1]->handle, &fx);
    fake_apply(f, &fx);
    cr_expect_eq(wire.closed, 2);
    cr_expect_eq(f->alarm, UINT64_MAX, "nobody listens");
    finish(f);
}

Test(net, a_node_ends_with_a_wait)
{
    struct fake *f = wire_start();
    CALL4(f, "recv", wire_socket(f, true), DATA, 100, 0);
    cr_assert(waits(f));
    fake_free(f);
}

/* --- the host has no memory --- */

static uint32_t poor_call(struct fake *f, unsigned which)
{
    switch (which) {
    case 0: return CALL3(f, "socket", 2, 2, 0);
    case 1: return CALL4(f, "send", FIRST_SOCKET, DATA, 100, 0);
    case 2: return CALL4(f, "recv", FIRST_SOCKET, DATA, 100, 0);
    case 3: return CALL3(f, "connect", FIRST_SOCKET, NAME, 16);
    default: return CALL3(f, "getsockname", FIRST_SOCKET, NAME, ROOM);
    }
}

Test(net, no_host_memory)
{
    HOLDS_POINTERS();
    struct fake *f = wire_start();
    unsigned refusals = 0;
    put_address(f, 1);
    put_dword(f, ROOM, 16);
    wire_in("text");
    for (unsigned which = 0; which < 5; which++)
        for (unsigned n = 1;; n++) {
            hostmem_fail(n);
            uint32_t eax = poor_call(f, which);
            bool failed = hostmem_failed();
            hostmem_fail(0);
            if (!failed) {
                cr_expect_neq(eax, ALL, "call %u", which);
                break;
            }
            refusals++;
            cr_expect_eq(eax, ALL);
            cr_expect_eq(wire_errno(f), RT_NET_ENOBUFS);
        }
    cr_expect_eq(refusals, 6, "the sockets, the buffer, and each request");
    finish(f);
}

/* --- hostile callers --- */

Test(net, bad_pointers_take_nothing)
{
    struct fake *f = wire_start();
    uint32_t tcp = wire_socket(f, true), end = FAKE_IMAGE + 0x4000;
    CALL2(f, "listen", tcp, 1);
    wire_in("kept");
    wire.callers = 1;
    wire.log[0] = 0;
    const struct {
        uint32_t at, size, error;
    } rows[] = {{BAD, 1, RT_NET_EFAULT},           {FAKE_RO, 1, RT_NET_EFAULT},
                {end - 4, 5, RT_NET_EFAULT},       {0xfffffffe, 4, RT_NET_EFAULT},
                {DATA, 0x80000000, RT_NET_EINVAL}, {DATA, ALL, RT_NET_EINVAL}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        FAILS(f, CALL4(f, "recv", tcp, rows[i].at, rows[i].size, 0), rows[i].error);
        if (rows[i].at != FAKE_RO)
            FAILS(f, CALL4(f, "send", tcp, rows[i].at, rows[i].size, 0), rows[i].error);
    }
    FAILS(f, CALL4(f, "recv", tcp, DATA, 0x7fffffff, RT_NET_MSG_WAITALL), RT_NET_EFAULT);
    FAILS(f, CALL4(f, "recv", tcp, DATA, 1, ALL), RT_NET_EOPNOTSUPP);
    FAILS(f, CALL6(f, "recvfrom", tcp, DATA, 1, 0, NAME, BAD), RT_NET_EFAULT);
    put_dword(f, ROOM, 16);
    FAILS(f, CALL6(f, "recvfrom", tcp, DATA, 1, 0, FAKE_RO, ROOM), RT_NET_EFAULT);
    FAILS(f, CALL3(f, "accept", tcp, BAD, ROOM), RT_NET_EFAULT);
    FAILS(f, CALL3(f, "accept", tcp, NAME, FAKE_RO), RT_NET_EFAULT);
    cr_expect_str_eq(wire.log, "");
    cr_expect_eq(CALL4(f, "send", tcp, DATA, 0, 0), 0);
    finish(f);
}

/* Each byte of what the caller hands over is read once. */
Test(net, nothing_is_read_twice)
{
    struct fake *f = wire_start();
    uint32_t udp = wire_socket(f, false);
    f->fetched = calloc(1, f->ram_size);
    wire_in("x");
    put_dword(f, ROOM, 16);
    put_dword(f, LIMIT, 0);
    put_dword(f, LIMIT + 4, 0);
    put_address(f, 1);
    const struct piece pieces[] = {{DATA, 3}, {DATA + 0x40, 4}};
    put_header(f, NAME, 16, pieces, 2);
    for (unsigned i = 0; i < 8; i++) {
        memset(f->fetched, 0, f->ram_size);
        switch (i) {
        case 0: CALL6(f, "sendto", udp, DATA, 5000 - 4096, 0, NAME, 16); break;
        case 1: CALL5(f, "setsockopt", udp, 0xffff, 4, DATA, 4); break;
        case 2: CALL3(f, "bind", udp, NAME, 16); break;
        case 3: CALL5(f, "clib_select", 96, SETS, SETS + 64, SETS + 128, LIMIT); break;
        case 4: CALL3(f, "sendmsg", udp, HEADER, 0); break;
        case 6: CALL3(f, "clib_poll", SETS, 12, 0); break;
        case 5: CALL3(f, "recvmsg", udp, HEADER, RT_NET_MSG_DONTWAIT); break;
        default: CALL3(f, "clib_ioctl", udp, 0x8004667E, DATA); break;
        }
        for (uint32_t j = 0; j < f->ram_size; j++)
            cr_assert_leq(f->fetched[j], 1, "call %u", i);
    }
    free(f->fetched);
    finish(f);
}

/* A caller that has loaded another data segment cannot name places that are used later. */
Test(net, another_data_segment)
{
    struct fake *f = wire_start();
    uint32_t tcp = wire_socket(f, true);
    f->ds = f->k->root->handle;
    FAILS(f, CALL4(f, "recv", tcp, DATA, 4, 0), RT_NET_EFAULT);
    f->ds = 0;
    finish(f);
}

/* Without the network they are calls that are not there. */
Test(net, no_network)
{
    struct fake *f = wire_start();
    f->k->port.net = NULL;
    cr_expect_eq(CALL3(f, "socket", 2, 1, 0), ALL);
    cr_expect_eq(f->missing, 1);
    cr_expect_str_eq(f->text, "socket");
    cr_expect_eq(fake_last(f), E_NOT_CONFIGURED);
    cr_expect_eq((int32_t)CALL3(f, "clib_ioctl", 70, 0x8004667E, DATA), -RT_NET_EBADF);
    cr_expect_eq((int32_t)CALL3(f, "clib_ioctl", ALL, 1, 0), -RT_NET_ENETDOWN);
    finish(f);
}
