/* Socket calls: descriptors, errno, waiting, connections, select. */
#include "nettest.h"

/* --- descriptors --- */

Test(net, kinds_of_sockets)
{
    struct fake *f = wire_start();
    static const struct {
        uint32_t domain, type, protocol, error;
    } rows[] = {{2, 1, 6, 0},
                {2, 1, 0, 0},
                {2, 2, 17, 0},
                {2, 2, 0, 0},
                {2, 1, 17, RT_NET_EPROTOTYPE},
                {2, 2, 6, RT_NET_EPROTOTYPE},
                {2, 1, 1, RT_NET_EPROTONOSUPPORT},
                {2, 3, 0, RT_NET_EPROTONOSUPPORT},
                {28, 1, 0, RT_NET_EPFNOSUPPORT},
                {0, 1, 0, RT_NET_EPFNOSUPPORT},
                {18, 3, 0, RT_NET_EPFNOSUPPORT},
                {ALL, ALL, ALL, RT_NET_EPFNOSUPPORT}};
    uint32_t made = 0;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].error)
            FAILS(f, CALL3(f, "socket", rows[i].domain, rows[i].type, rows[i].protocol),
                  rows[i].error);
        else
            cr_expect_eq(CALL3(f, "socket", rows[i].domain, rows[i].type, rows[i].protocol),
                         FIRST_SOCKET + made++);
    cr_expect_str_eq(wire.log, "socket(tcp) socket(tcp) socket(udp) socket(udp) ");
    wire.fail = -RT_NET_ENFILE;
    FAILS(f, CALL3(f, "socket", 2, 1, 0), RT_NET_ENFILE);
    finish(f);
}

Test(net, numbers_are_used_again)
{
    struct fake *f = wire_start();
    for (unsigned i = 0; i < SOCKETS_MAX; i++)
        cr_assert_eq(wire_socket(f, true), FIRST_SOCKET + i);
    FAILS(f, CALL3(f, "socket", 2, 1, 0), RT_NET_EMFILE);
    cr_expect_eq(wire.sockets, SOCKETS_MAX, "the network was not asked");
    cr_expect_eq(CALL1(f, "clib_close", FIRST_SOCKET + 5), 0);
    cr_expect_str_eq(wire.log, "close(505) ");
    cr_expect_eq((int32_t)CALL1(f, "clib_close", FIRST_SOCKET + 5), -RT_FILE_EBADF);
    cr_expect_eq(wire_socket(f, true), FIRST_SOCKET + 5);
    finish(f);
}

Test(net, what_is_no_socket)
{
    struct fake *f = wire_start();
    static const uint32_t bad[] = {3, 66, FIRST_SOCKET, FIRST_SOCKET + 64, 1000, 0x80000000, ALL};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        FAILS(f, CALL2(f, "listen", bad[i], 1), RT_NET_EBADF);
        FAILS(f, CALL4(f, "recv", bad[i], DATA, 1, 0), RT_NET_EBADF);
        FAILS(f, CALL4(f, "send", bad[i], DATA, 1, 0), RT_NET_EBADF);
        FAILS(f, CALL3(f, "connect", bad[i], put_address(f, 1), 16), RT_NET_EBADF);
        FAILS(f, CALL3(f, "accept", bad[i], 0, 0), RT_NET_EBADF);
        cr_expect_eq((int32_t)CALL3(f, "clib_ioctl", bad[i], 0x8004667E, DATA), -RT_NET_EBADF);
    }
    FAILS(f, CALL2(f, "shutdown", 1, 2), RT_NET_ENOTSOCK);
    cr_expect_eq((int32_t)CALL3(f, "clib_ioctl", 1, 0x8004667E, DATA), -RT_NET_ENOTTY);
    cr_expect_eq(CALL3(f, "clib_ioctl", ALL, 1, 0), 0, "there is a network");
    uint32_t udp = wire_socket(f, false), tcp = wire_socket(f, true);
    FAILS(f, CALL2(f, "listen", udp, 1), RT_NET_EOPNOTSUPP);
    FAILS(f, CALL3(f, "accept", udp, 0, 0), RT_NET_EOPNOTSUPP);
    FAILS(f, CALL3(f, "accept", tcp, 0, 0), RT_NET_EINVAL);
    FAILS(f, CALL2(f, "shutdown", tcp, 3), RT_NET_EINVAL);
    cr_expect_eq((int32_t)CALL3(f, "clib_read", tcp, DATA, 1), -RT_FILE_EBADF);
    cr_expect_str_eq(wire.log, "");
    finish(f);
}

Test(net, addresses)
{
    struct fake *f = wire_start();
    uint32_t tcp = wire_socket(f, true);
    const uint8_t old[16] = {2, 0, 0x12, 0x34, 127, 1, 2, 3}, other[16] = {16, 28};
    cr_expect_eq(CALL3(f, "bind", tcp, put_address(f, 80), 16), 0);
    fake_put(f, NAME, old, sizeof old);
    cr_expect_eq(CALL3(f, "bind", tcp, NAME, 16), 0);
    cr_expect_str_eq(wire.log, "bind(500,7f000001,80) bind(500,7f010203,4660) ");
    FAILS(f, CALL3(f, "bind", tcp, NAME, 15), RT_NET_EINVAL);
    FAILS(f, CALL3(f, "bind", tcp, NAME, 0), RT_NET_EINVAL);
    FAILS(f, CALL3(f, "bind", tcp, BAD, 16), RT_NET_EFAULT);
    fake_put(f, NAME, other, sizeof other);
    FAILS(f, CALL3(f, "bind", tcp, NAME, 28), RT_NET_EAFNOSUPPORT);
    FAILS(f, CALL3(f, "connect", tcp, NAME, 16), RT_NET_EAFNOSUPPORT);
    wire.fail = -RT_NET_EADDRINUSE;
    FAILS(f, CALL3(f, "bind", tcp, put_address(f, 80), 16), RT_NET_EADDRINUSE);
    put_dword(f, ROOM, 100);
    cr_expect_eq(CALL3(f, "getsockname", tcp, NAME, ROOM), 0);
    uint8_t got[16];
    const uint8_t want[16] = {16, 2, 4711 >> 8, 4711 & 255, 127, 0, 0, 1};
    fake_get(f, NAME, got, 16);
    cr_expect_arr_eq(got, want, 16);
    cr_expect_eq(dword(f, ROOM), 16);
    put_dword(f, ROOM, 3);
    put_dword(f, NAME, ALL);
    cr_expect_eq(CALL3(f, "getpeername", tcp, NAME, ROOM), 0);
    cr_expect_eq(dword(f, NAME), 0xff000210, "three bytes");
    cr_expect_eq(dword(f, ROOM), 16);
    FAILS(f, CALL3(f, "getsockname", tcp, 0, ROOM), RT_NET_EFAULT);
    put_dword(f, ROOM, 0x80000000);
    FAILS(f, CALL3(f, "getsockname", tcp, NAME, ROOM), RT_NET_EINVAL);
    finish(f);
}

/* A datagram socket gives up its peer for an address of no family. */
Test(net, no_peer_any_more)
{
    struct fake *f = wire_start();
    uint32_t udp = wire_socket(f, false);
    const uint8_t none[16] = {16, 0};
    cr_expect_eq(CALL3(f, "connect", udp, put_address(f, 7), 16), 0);
    fake_put(f, NAME, none, sizeof none);
    cr_expect_eq(CALL3(f, "connect", udp, NAME, 16), 0);
    cr_expect_str_eq(wire.log, "connect(500,7f000001,7) connect(500,0,0) ");
    finish(f);
}

/* --- errno --- */

Test(net, errno_is_where_the_library_looks)
{
    struct fake *f = wire_start();
    uint32_t block = f->k->current->block;
    put_dword(f, DATA, 77);
    FAILS(f, CALL3(f, "socket", 0, 0, 0), RT_NET_EPFNOSUPPORT);
    cr_expect_eq(dword(f, DATA), 77);
    put_dword(f, block + 0xF8, DATA);
    CALL1(f, "SetLastRtError", 0x1234);
    FAILS(f, CALL3(f, "socket", 0, 0, 0), RT_NET_EPFNOSUPPORT);
    cr_expect_eq(dword(f, DATA), RT_NET_EPFNOSUPPORT);
    cr_expect_eq(fake_last(f), 0x1234, "the thread's status is another matter");
    put_dword(f, block + 0xF8, FAKE_RO);
    FAILS(f, CALL3(f, "socket", 0, 0, 0), RT_NET_EPFNOSUPPORT);
    put_dword(f, block + 0xF8, 0xfffffffe);
    FAILS(f, CALL3(f, "socket", 0, 0, 0), RT_NET_EPFNOSUPPORT);
    finish(f);
}

/* --- receiving --- */

Test(net, receives_at_once)
{
    struct fake *f = wire_start();
    uint32_t udp = wire_socket(f, false);
    wire_in("hello");
    cr_expect_eq(CALL4(f, "recv", udp, DATA, 3, RT_NET_MSG_PEEK), 3);
    put_dword(f, ROOM, 16);
    cr_expect_eq(CALL6(f, "recvfrom", udp, DATA, 100, 0, NAME, ROOM), 5);
    expect_text(f, DATA, "hello");
    cr_expect_eq(dword(f, NAME), 0x09000210);
    cr_expect_eq(dword(f, ROOM), 16);
    cr_expect_str_eq(wire.log, "receive(500,3,2) receive(500,100,0) ");
    finish(f);
}

Test(net, waits_for_bytes)
{
    struct fake *f = wire_start();
    uint32_t tcp = wire_socket(f, true);
    CALL4(f, "recv", tcp, DATA, 100, 0);
    cr_assert(waits(f));
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    cr_expect_eq(f->idles, 0, "the network may still say something");
    cr_expect_eq(f->alarm, 10000, "a look each tick");
    struct rt_net_want want[2];
    cr_expect_eq(rt_kernel_wants(f->k, want, 2), 1);
    cr_expect(want[0].socket == 500 && want[0].events == RT_NET_CAN_READ);
    fake_time(f, 10000);
    cr_expect(waits(f) && f->alarm == 20000);
    wire_in("later");
    fake_time(f, 20000);
    cr_assert(!waits(f));
    cr_expect_eq(f->eax, 5);
    expect_text(f, DATA, "later");
    cr_expect_eq(rt_kernel_wants(f->k, want, 2), 0);
    wire.ended = true;
    cr_expect_eq(CALL4(f, "recv", tcp, DATA, 100, 0), 0, "the end of the stream");
    finish(f);
}

Test(net, does_not_wait)
{
    struct fake *f = wire_start();
    uint32_t tcp = wire_socket(f, true);
    FAILS(f, CALL4(f, "recv", tcp, DATA, 100, RT_NET_MSG_DONTWAIT), RT_NET_EWOULDBLOCK);
    put_dword(f, DATA, 1);
    cr_expect_eq(CALL3(f, "clib_ioctl", tcp, 0, 0), 0);
    cr_expect_eq(CALL3(f, "clib_ioctl", tcp, 0x8004667E, DATA), 0);
    cr_expect_eq(CALL3(f, "clib_ioctl", tcp, 0, 0), 1);
    FAILS(f, CALL4(f, "recv", tcp, DATA, 100, 0), RT_NET_EWOULDBLOCK);
    wire.window = 3;
    cr_expect_eq(CALL4(f, "send", tcp, DATA, 100, 0), 3, "what went out");
    FAILS(f, CALL4(f, "send", tcp, DATA, 100, 0), RT_NET_EWOULDBLOCK);
    wire.connect = -RT_NET_EINPROGRESS;
    FAILS(f, CALL3(f, "connect", tcp, put_address(f, 1), 16), RT_NET_EINPROGRESS);
    wire.connect = -RT_NET_EALREADY;
    FAILS(f, CALL3(f, "connect", tcp, put_address(f, 1), 16), RT_NET_EALREADY);
    wire_in("seven b");
    cr_expect_eq(CALL3(f, "clib_ioctl", tcp, 0x4004667F, DATA), 0);
    cr_expect_eq(dword(f, DATA), 7);
    cr_expect_eq((int32_t)CALL3(f, "clib_ioctl", tcp, 0x12345678, DATA), -RT_NET_ENOTTY);
    finish(f);
}

Test(net, time_limits)
{
    struct fake *f = wire_start();
    uint32_t tcp = wire_socket(f, true);
    put_dword(f, LIMIT, 0);
    put_dword(f, LIMIT + 4, 20001);
    cr_expect_eq(CALL5(f, "setsockopt", tcp, 0xffff, 0x1006, LIMIT, 8), 0);
    CALL4(f, "recv", tcp, DATA, 100, 0);
    cr_assert(waits(f));
    fake_time(f, 10000);
    fake_time(f, 20000);
    cr_expect(waits(f) && f->alarm == 20500, "the tick after the limit: %u", (unsigned)f->alarm);
    fake_time(f, 20500);
    cr_assert(!waits(f));
    cr_expect_eq(f->eax, ALL);
    cr_expect_eq(wire_errno(f), RT_NET_EWOULDBLOCK);
    finish(f);
}

Test(net, waits_for_all)
{
    struct fake *f = wire_start();
    uint32_t tcp = wire_socket(f, true);
    wire_in("one ");
    CALL4(f, "recv", tcp, DATA, 9, RT_NET_MSG_WAITALL);
    cr_assert(waits(f));
    wire_in("two ");
    fake_time(f, 10000);
    cr_assert(waits(f));
    wire_in("three");
    fake_time(f, 20000);
    cr_expect_eq(f->eax, 9);
    expect_text(f, DATA, "one two t");
    CALL4(f, "recv", tcp, DATA, 100, RT_NET_MSG_WAITALL);
    wire.ended = true;
    fake_time(f, 30000);
    cr_expect_eq(f->eax, 4, "as much as there was");
    finish(f);
}

/* The buffer is freed by another thread meanwhile: nothing is taken from the network. */
Test(net, buffer_is_gone)
{
    struct fake *f = wire_start();
    uint32_t tcp = wire_socket(f, true), block = CALL1(f, "AllocateRtMemory", 4096);
    uint32_t second = CALL4(f, "CreateRtThread", 150, FAKE_IMAGE, 4096, 0);
    CALL4(f, "recv", tcp, block, 100, 0);
    cr_assert_eq(rt_current_thread(f->k), second);
    CALL1(f, "FreeRtMemory", block);
    wire.log[0] = 0;
    wire_in("lost?");
    fake_time(f, 10000);
    cr_expect_eq(f->eax, ALL);
    cr_expect_eq(wire_errno(f), RT_NET_EFAULT);
    cr_expect_str_eq(wire.log, "");
    finish(f);
}

/* --- sending --- */

Test(net, sends_what_was_there_at_the_call)
{
    struct fake *f = wire_start();
    uint32_t tcp = wire_socket(f, true);
    uint32_t second = CALL4(f, "CreateRtThread", 150, FAKE_IMAGE, 4096, 0);
    wire.window = 4;
    fake_put(f, DATA, "first text", 10);
    CALL4(f, "send", tcp, DATA, 10, 0);
    cr_assert_eq(rt_current_thread(f->k), second, "others run meanwhile");
    fake_put(f, DATA, "other text", 10);
    wire.window = 4;
    fake_time(f, 10000);
    cr_assert_eq(rt_current_thread(f->k), second);
    wire.window = 100;
    fake_time(f, 20000);
    cr_assert_neq(rt_current_thread(f->k), second);
    cr_expect_eq(f->eax, 10);
    cr_expect_arr_eq(wire.out, "first text", 10);
    finish(f);
}

Test(net, sends_to_an_address)
{
    struct fake *f = wire_start();
    uint32_t udp = wire_socket(f, false);
    fake_put(f, DATA, "datagram", 8);
    cr_expect_eq(CALL6(f, "sendto", udp, DATA, 8, 0, put_address(f, 13), 16), 8);
    cr_expect_eq(CALL6(f, "sendto", udp, DATA, 0, 0, NAME, 16), 0, "one without bytes");
    cr_expect_str_eq(wire.log, "send(500,8,7f000001,13) send(500,0,7f000001,13) ");
    FAILS(f, CALL6(f, "sendto", udp, DATA, 65508, 0, NAME, 16), RT_NET_EMSGSIZE);
    FAILS(f, CALL6(f, "sendto", udp, DATA, 8, 0, NAME, 4), RT_NET_EINVAL);
    FAILS(f, CALL6(f, "sendto", udp, DATA, 8, 0, BAD, 16), RT_NET_EFAULT);
    FAILS(f, CALL4(f, "send", udp, DATA, 8, RT_NET_MSG_OOB), RT_NET_EOPNOTSUPP);
    wire.fail = -RT_NET_EDESTADDRREQ;
    FAILS(f, CALL4(f, "send", udp, DATA, 8, 0), RT_NET_EDESTADDRREQ);
    finish(f);
}

/* --- connections --- */

Test(net, accepts)
{
    struct fake *f = wire_start();
    uint32_t tcp = wire_socket(f, true);
    cr_expect_eq(CALL2(f, "listen", tcp, 0x7fffffff), 0);
    cr_expect_str_eq(wire.log, "listen(500,64) ");
    put_dword(f, ROOM, 16);
    CALL3(f, "accept", tcp, NAME, ROOM);
    cr_assert(waits(f));
    wire.callers = 2;
    wire.peer_port = 0x1122;
    fake_time(f, 10000);
    cr_assert(!waits(f));
    cr_expect_eq(f->eax, FIRST_SOCKET + 1);
    cr_expect_eq(dword(f, NAME), 0x22110210);
    cr_expect_eq(dword(f, NAME + 4), 0x0100007f);
    wire_in("x");
    cr_expect_eq(CALL4(f, "recv", FIRST_SOCKET + 1, DATA, 1, 0), 1);
    for (unsigned i = 2; i < SOCKETS_MAX; i++)
        wire_socket(f, true);
    wire.log[0] = 0;
    FAILS(f, CALL3(f, "accept", tcp, 0, 0), RT_NET_EMFILE);
    cr_expect_str_eq(wire.log, "", "the caller still waits");
    finish(f);
}

Test(net, connects)
{
    struct fake *f = wire_start();
    uint32_t tcp = wire_socket(f, true);
    wire.connect = -RT_NET_EINPROGRESS;
    CALL3(f, "connect", tcp, put_address(f, 1), 16);
    cr_assert(waits(f));
    struct rt_net_want want[1];
    cr_expect_eq(rt_kernel_wants(f->k, want, 1), 1);
    cr_expect_eq(want[0].events, RT_NET_CAN_WRITE);
    wire.connect = -RT_NET_EALREADY;
    fake_time(f, 10000);
    cr_assert(waits(f));
    wire.connect = -RT_NET_ECONNREFUSED;
    fake_time(f, 20000);
    cr_expect_eq(f->eax, ALL);
    cr_expect_eq(wire_errno(f), RT_NET_ECONNREFUSED);
    wire.connect = -RT_NET_EINPROGRESS;
    CALL3(f, "connect", tcp, put_address(f, 1), 16);
    wire.connect = 0;
    fake_time(f, 30000);
    cr_expect_eq(f->eax, 0);
    finish(f);
}

/* --- select --- */

static uint32_t select_one(struct fake *f, uint32_t fd, uint32_t sets, uint32_t limit)
{
    for (unsigned i = 0; i < 3; i++)
        for (uint32_t j = 0; j < 16; j += 4)
            put_dword(f, SETS + 0x40 * i + j, fd / 32 == j / 4 ? 1u << fd % 32 : 0);
    return CALL5(f, "clib_select", fd + 1, sets & 1 ? SETS : 0, sets & 2 ? SETS + 0x40 : 0,
                 sets & 4 ? SETS + 0x80 : 0, limit);
}

static uint32_t set_bits(struct fake *f, uint32_t fd)
{
    uint32_t bits = 0;
    for (unsigned i = 0; i < 3; i++)
        bits |= (dword(f, SETS + 0x40 * i + fd / 32 * 4) >> fd % 32 & 1) << i;
    return bits;
}

Test(net, select_tells_what_is_ready)
{
    struct fake *f = wire_start();
    uint32_t tcp = wire_socket(f, true);
    put_dword(f, LIMIT, 0);
    put_dword(f, LIMIT + 4, 0);
    cr_expect_eq(select_one(f, tcp, 7, LIMIT), 1);
    cr_expect_eq(set_bits(f, tcp), RT_NET_CAN_WRITE);
    wire_in("x");
    cr_expect_eq(select_one(f, tcp, 7, 0), 2);
    cr_expect_eq(set_bits(f, tcp), 3);
    wire.in_size = wire.window = 0;
    cr_expect_eq(select_one(f, tcp, 7, LIMIT), 0);
    cr_expect_eq(set_bits(f, tcp), 0);
    cr_expect_eq(select_one(f, 1, 3, LIMIT), 2, "the console never waits");
    cr_expect_eq((int32_t)select_one(f, 66, 1, LIMIT), -RT_NET_EBADF);
    finish(f);
}

Test(net, select_waits)
{
    struct fake *f = wire_start();
    uint32_t tcp = wire_socket(f, true);
    put_dword(f, LIMIT, 0);
    put_dword(f, LIMIT + 4, 15000);
    select_one(f, tcp, 1, LIMIT);
    cr_assert(waits(f));
    fake_time(f, 10000);
    cr_expect(waits(f) && f->alarm == 15000);
    fake_time(f, 15000);
    cr_expect_eq(f->eax, 0);
    cr_expect_eq(set_bits(f, tcp), 2 | 4, "the sets that were given are empty");
    select_one(f, tcp, 1, 0);
    cr_assert(waits(f));
    wire_in("x");
    fake_time(f, 20000);
    cr_expect_eq(f->eax, 1);
    cr_expect_eq(set_bits(f, tcp) & 1, 1);
    put_dword(f, LIMIT + 4, 1000);
    CALL5(f, "clib_select", 0, 0, 0, 0, LIMIT);
    cr_assert(waits(f), "a sleep");
    fake_time(f, 21000);
    cr_expect_eq(f->eax, 0);
    finish(f);
}

Test(net, select_refuses)
{
    struct fake *f = wire_start();
    static const uint32_t limits[][2] = {{0, 1000000}, {ALL, 0}, {0, ALL}};
    cr_expect_eq((int32_t)CALL5(f, "clib_select", 1025, SETS, 0, 0, 0), -RT_NET_EINVAL);
    cr_expect_eq((int32_t)CALL5(f, "clib_select", ALL, SETS, 0, 0, 0), -RT_NET_EINVAL);
    cr_expect_eq((int32_t)CALL5(f, "clib_select", 64, BAD, 0, 0, 0), -RT_NET_EFAULT);
    cr_expect_eq((int32_t)CALL5(f, "clib_select", 64, 0, 0, FAKE_RO, 0), -RT_NET_EFAULT);
    cr_expect_eq((int32_t)CALL5(f, "clib_select", 64, FAKE_IMAGE + 0x4000 - 4, 0, 0, 0),
                 -RT_NET_EFAULT);
    cr_expect_eq((int32_t)CALL5(f, "clib_select", 1, 0, 0, 0, BAD), -RT_NET_EFAULT);
    for (unsigned i = 0; i < 3; i++) {
        put_dword(f, LIMIT, limits[i][0]);
        put_dword(f, LIMIT + 4, limits[i][1]);
        cr_expect_eq((int32_t)CALL5(f, "clib_select", 0, 0, 0, 0, LIMIT), -RT_NET_EINVAL);
    }
    finish(f);
}
