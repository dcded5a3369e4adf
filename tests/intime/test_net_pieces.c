/* Socket calls: messages in pieces. */
#include "nettest.h"

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
