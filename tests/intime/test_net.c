/* Socket calls: descriptors, waiting, select, errno, ends, and what a hostile caller gets. */
#include <criterion/criterion.h>
#include <string.h>

#include "hostmem.h"
#include "net.h"
#include "wire.h"

#define ALL   0xffffffffu
#define NAME  (FAKE_DATA + 0x100)
#define ROOM  (FAKE_DATA + 0x140)
#define DATA  (FAKE_DATA + 0x200)
#define SETS  (FAKE_DATA + 0x600)
#define LIMIT (FAKE_DATA + 0x700)
#define BAD   0x10u

static void put_dword(struct fake *f, uint32_t at, uint32_t value)
{
    uint8_t bytes[4];
    put32(bytes, value);
    fake_put(f, at, bytes, 4);
}

static uint32_t dword(struct fake *f, uint32_t at)
{
    uint8_t bytes[4];
    fake_get(f, at, bytes, 4);
    return get32(bytes);
}

static uint32_t put_address(struct fake *f, uint16_t port)
{
    const uint8_t raw[16] = {16, 2, (uint8_t)(port >> 8), (uint8_t)port, 127, 0, 0, 1};
    fake_put(f, NAME, raw, sizeof raw);
    return NAME;
}

/* The call failed with that errno. */
#define FAILS(f, call, error)                                                                      \
    do {                                                                                           \
        put_dword(f, (f)->k->current->block + 0xF0, 0);                                            \
        cr_expect_eq(call, ALL, #call);                                                            \
        cr_expect_eq(wire_errno(f), error, #call ": errno %u", wire_errno(f));                     \
    } while (0)

static void expect_text(struct fake *f, uint32_t at, const char *text)
{
    char got[128] = "";
    fake_get(f, at, got, (uint32_t)strlen(text));
    cr_expect_str_eq(got, text);
}

static void finish(struct fake *f)
{
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    fake_free(f);
}

static bool waits(const struct fake *f)
{
    return !f->k->current;
}

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

/* --- messages in pieces --- */

#define HEADER (FAKE_DATA + 0x780)
#define PIECES (FAKE_DATA + 0x7C0)

struct piece {
    uint32_t at, size;
};

static void put_header(struct fake *f, uint32_t name, uint32_t name_size, const struct piece *piece,
                       uint32_t count)
{
    const uint32_t words[7] = {name, name_size, PIECES, count, 0, 0, ALL};
    for (uint32_t i = 0; i < 7; i++)
        put_dword(f, HEADER + 4 * i, words[i]);
    for (uint32_t i = 0; i < count; i++) {
        put_dword(f, PIECES + 8 * i, piece[i].at);
        put_dword(f, PIECES + 8 * i + 4, piece[i].size);
    }
}

Test(net, message_out_of_pieces)
{
    struct fake *f = wire_start();
    uint32_t udp = wire_socket(f, false);
    const struct piece pieces[] = {{DATA, 3}, {0, 0}, {DATA + 0x40, 4}};
    fake_put(f, DATA, "one", 3);
    fake_put(f, DATA + 0x40, " two", 4);
    put_header(f, put_address(f, 13), 16, pieces, 3);
    cr_expect_eq(CALL3(f, "sendmsg", udp, HEADER, 0), 7);
    cr_expect_str_eq(wire.log, "send(500,7,7f000001,13) ");
    cr_expect_arr_eq(wire.out, "one two", 7);
    put_dword(f, HEADER + 20, 12);
    FAILS(f, CALL3(f, "sendmsg", udp, HEADER, 0), RT_NET_EINVAL);
    finish(f);
}

Test(net, message_into_pieces)
{
    struct fake *f = wire_start();
    uint32_t udp = wire_socket(f, false);
    const struct piece pieces[] = {{DATA, 3}, {0, 0}, {DATA + 0x40, 2}, {DATA + 0x80, 100}};
    put_header(f, NAME, 16, pieces, 4);
    CALL3(f, "recvmsg", udp, HEADER, 0);
    cr_assert(waits(f));
    wire_in("abcdefgh");
    wire.cut = true;
    fake_time(f, 10000);
    cr_expect_eq(f->eax, 8);
    expect_text(f, DATA, "abc");
    expect_text(f, DATA + 0x40, "de");
    expect_text(f, DATA + 0x80, "fgh");
    cr_expect_eq(dword(f, NAME), 0x09000210);
    cr_expect_eq(dword(f, HEADER + 4), 16);
    cr_expect_eq(dword(f, HEADER + 20), 0, "no control data");
    cr_expect_eq(dword(f, HEADER + 24), RT_NET_MSG_TRUNC);
    finish(f);
}

/* Pieces are filled one after the other, also by what comes later. */
Test(net, pieces_wait_for_all)
{
    struct fake *f = wire_start();
    uint32_t tcp = wire_socket(f, true);
    const struct piece pieces[] = {{DATA, 2}, {DATA + 0x40, 5}};
    put_header(f, 0, 0, pieces, 2);
    wire_in("abc");
    CALL3(f, "recvmsg", tcp, HEADER, RT_NET_MSG_WAITALL);
    cr_assert(waits(f));
    wire_in("defghi");
    fake_time(f, 10000);
    cr_expect_eq(f->eax, 7);
    expect_text(f, DATA, "ab");
    expect_text(f, DATA + 0x40, "cdefg");
    finish(f);
}

Test(net, hostile_messages)
{
    struct fake *f = wire_start();
    uint32_t udp = wire_socket(f, false);
    wire_in("kept");
    const struct piece good = {DATA, 4};
    const struct {
        struct piece piece[2];
        uint32_t count, error;
    } rows[] = {{{good}, 0, RT_NET_EMSGSIZE},
                {{good}, 65, RT_NET_EMSGSIZE},
                {{good}, ALL, RT_NET_EMSGSIZE},
                {{{BAD, 4}}, 1, RT_NET_EFAULT},
                {{good, {BAD, 4}}, 2, RT_NET_EFAULT},
                {{{0xfffffffe, 4}}, 1, RT_NET_EFAULT},
                {{{DATA, 0x7fffffff}, {DATA, 0x7fffffff}}, 2, RT_NET_EINVAL},
                {{{DATA, ALL}, {DATA, ALL}}, 2, RT_NET_EINVAL}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        put_header(f, 0, 0, rows[i].piece, rows[i].count < 2 ? 1 : 2);
        put_dword(f, HEADER + 12, rows[i].count);
        FAILS(f, CALL3(f, "recvmsg", udp, HEADER, 0), rows[i].error);
        FAILS(f, CALL3(f, "sendmsg", udp, HEADER, 0), rows[i].error);
    }
    put_header(f, BAD, 16, &good, 1);
    FAILS(f, CALL3(f, "recvmsg", udp, HEADER, 0), RT_NET_EFAULT);
    FAILS(f, CALL3(f, "sendmsg", udp, HEADER, 0), RT_NET_EFAULT);
    put_dword(f, HEADER + 8, 0xfffffffc);
    FAILS(f, CALL3(f, "recvmsg", udp, HEADER, 0), RT_NET_EFAULT);
    FAILS(f, CALL3(f, "recvmsg", udp, FAKE_RO, 0), RT_NET_EFAULT);
    FAILS(f, CALL3(f, "sendmsg", udp, FAKE_IMAGE + 0x4000 - 27, 0), RT_NET_EFAULT);
    FAILS(f, CALL3(f, "sendmsg", udp, HEADER, RT_NET_MSG_OOB), RT_NET_EFAULT);
    cr_expect_str_eq(wire.log, "");
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
    for (unsigned i = 0; i < 7; i++) {
        memset(f->fetched, 0, f->ram_size);
        switch (i) {
        case 0: CALL6(f, "sendto", udp, DATA, 5000 - 4096, 0, NAME, 16); break;
        case 1: CALL5(f, "setsockopt", udp, 0xffff, 4, DATA, 4); break;
        case 2: CALL3(f, "bind", udp, NAME, 16); break;
        case 3: CALL5(f, "clib_select", 96, SETS, SETS + 64, SETS + 128, LIMIT); break;
        case 4: CALL3(f, "sendmsg", udp, HEADER, 0); break;
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
    finish(f);
}
