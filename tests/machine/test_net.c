/* The network: the host's loopback can be reached, and nothing else; nothing waits; nothing stays open. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <dirent.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "machine.h"

#define LOOPBACK 0x7F000001u

static rt386 *machine(void)
{
    rt386 *m = NULL;
    rt386_config config = {.size = sizeof config, .memory = 4u << 20};
    cr_assert_eq(rt386_create(&config, &m), RT386_OK);
    cr_assert_eq(rt386_share_loopback(m), RT386_OK);
    return m;
}

static int32_t socket_new(rt386 *m, bool stream)
{
    struct rt_net_op op = {.kind = RT_NET_SOCKET, .stream = stream};
    int32_t s = machine_net(m, &op);
    cr_assert_geq(s, 0);
    return s;
}

static int32_t at(rt386 *m, enum rt_net_kind kind, int32_t s, uint32_t address, uint16_t port)
{
    struct rt_net_op op = {.kind = (uint8_t)kind,
                           .socket = s,
                           .named = true,
                           .address = address,
                           .port = port,
                           .n = 5};
    return machine_net(m, &op);
}

static int32_t send_text(rt386 *m, int32_t s, const char *text, uint32_t address, uint16_t port)
{
    struct rt_net_op op = {.kind = RT_NET_SEND,
                           .socket = s,
                           .named = address != 0,
                           .address = address,
                           .port = port,
                           .from = text,
                           .n = (uint32_t)strlen(text)};
    return machine_net(m, &op);
}

static int32_t receive(rt386 *m, int32_t s, char *to, uint32_t n)
{
    struct rt_net_op op = {.kind = RT_NET_RECEIVE, .socket = s, .to = to, .n = n};
    return machine_net(m, &op);
}

static struct rt_net_op name_of(rt386 *m, int32_t s)
{
    struct rt_net_op op = {.kind = RT_NET_NAME, .socket = s};
    cr_assert_eq(machine_net(m, &op), 0);
    return op;
}

static int32_t ready(rt386 *m, int32_t s, uint8_t events)
{
    struct rt_net_op op = {.kind = RT_NET_READY, .socket = s, .events = events};
    for (unsigned i = 0; i < 200; i++) { /* the host's network may take a moment */
        int32_t there = machine_net(m, &op);
        if (there) return there;
        usleep(5000);
    }
    return 0;
}

static unsigned open_files(void)
{
    unsigned n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (d && readdir(d))
        n++;
    if (d) closedir(d);
    return n;
}

Test(net, only_the_loopback)
{
    rt386 *m = machine();
    static const uint32_t outside[] = {0x0A000001, 0xC0A80001, 0x08080808, 0xFFFFFFFF,
                                       0xE0000001, 0x7EFFFFFF, 0x80000000, 1};
    int32_t tcp = socket_new(m, true), udp = socket_new(m, false);
    for (unsigned i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        cr_expect_eq(at(m, RT_NET_BIND, tcp, outside[i], 0), -RT_NET_EADDRNOTAVAIL);
        cr_expect_eq(at(m, RT_NET_BIND, udp, outside[i], 0), -RT_NET_EADDRNOTAVAIL);
        cr_expect_eq(at(m, RT_NET_CONNECT, tcp, outside[i], 80), -RT_NET_ENETUNREACH);
        cr_expect_eq(at(m, RT_NET_CONNECT, udp, outside[i], 80), -RT_NET_ENETUNREACH);
        cr_expect_eq(send_text(m, udp, "x", outside[i], 80), -RT_NET_ENETUNREACH);
    }
    cr_expect_eq(at(m, RT_NET_BIND, tcp, 0, 0), 0);
    cr_expect_eq(name_of(m, tcp).address, LOOPBACK, "any address is 127.0.0.1");
    cr_expect_eq(at(m, RT_NET_BIND, udp, LOOPBACK + 1, 0), 0);
    cr_expect_eq(name_of(m, udp).address, LOOPBACK + 1);
    rt386_destroy(m);
}

/* What the host would give a name of its own has one of the loopback. */
Test(net, names_before_use)
{
    rt386 *m = machine();
    int32_t listener = socket_new(m, true), sender = socket_new(m, false),
            peer = socket_new(m, false), caller = socket_new(m, true);
    cr_expect_eq(at(m, RT_NET_LISTEN, listener, 0, 0), 0);
    cr_expect_eq(name_of(m, listener).address, LOOPBACK);
    cr_expect_eq(send_text(m, sender, "x", LOOPBACK, 9), 1);
    cr_expect_eq(name_of(m, sender).address, LOOPBACK);
    cr_expect_eq(at(m, RT_NET_CONNECT, peer, LOOPBACK + 2, 9), 0);
    cr_expect_eq(name_of(m, peer).address, LOOPBACK);
    struct rt_net_op nobody = {.kind = RT_NET_CONNECT, .socket = peer};
    cr_expect_eq(machine_net(m, &nobody), 0);
    cr_expect_eq(name_of(m, peer).address, LOOPBACK, "also without a peer");
    at(m, RT_NET_CONNECT, caller, 0, name_of(m, listener).port);
    cr_expect_eq(name_of(m, caller).address, LOOPBACK);
    rt386_destroy(m);
}

Test(net, streams)
{
    rt386 *m = machine();
    char text[16] = "";
    int32_t listener = socket_new(m, true), a = socket_new(m, true);
    struct rt_net_op accept_op = {.kind = RT_NET_ACCEPT, .socket = listener};
    cr_assert_eq(at(m, RT_NET_LISTEN, listener, 0, 0), 0);
    cr_expect_eq(machine_net(m, &accept_op), -RT_NET_EWOULDBLOCK);
    uint16_t port = name_of(m, listener).port;
    int32_t result = at(m, RT_NET_CONNECT, a, LOOPBACK, port);
    cr_expect(result == 0 || result == -RT_NET_EINPROGRESS);
    cr_assert_eq(ready(m, a, RT_NET_CAN_WRITE), RT_NET_CAN_WRITE);
    cr_assert_eq(ready(m, listener, RT_NET_CAN_READ), RT_NET_CAN_READ);
    int32_t b = machine_net(m, &accept_op);
    cr_assert_geq(b, 0);
    cr_expect(accept_op.address == LOOPBACK && accept_op.port == name_of(m, a).port);
    cr_expect_eq(receive(m, b, text, 16), -RT_NET_EWOULDBLOCK);
    cr_expect_eq(send_text(m, a, "hello", 0, 0), 5);
    cr_assert_eq(ready(m, b, RT_NET_CAN_READ), RT_NET_CAN_READ);
    struct rt_net_op unread = {.kind = RT_NET_UNREAD, .socket = b};
    cr_expect_eq(machine_net(m, &unread), 5);
    struct rt_net_op peek = {
        .kind = RT_NET_RECEIVE, .socket = b, .to = text, .n = 2, .flags = RT_NET_MSG_PEEK};
    cr_expect_eq(machine_net(m, &peek), 2);
    cr_expect_eq(receive(m, b, text, 16), 5);
    cr_expect_str_eq(text, "hello");
    struct rt_net_op end = {.kind = RT_NET_SHUTDOWN, .socket = a, .n = 1};
    cr_expect_eq(machine_net(m, &end), 0);
    cr_assert_eq(ready(m, b, RT_NET_CAN_READ), RT_NET_CAN_READ);
    cr_expect_eq(receive(m, b, text, 16), 0);
    cr_expect_eq(send_text(m, a, "x", 0, 0), -RT_NET_EPIPE, "and no signal");
    rt386_destroy(m);
}

Test(net, nobody_listens)
{
    rt386 *m = machine();
    int32_t listener = socket_new(m, true), a = socket_new(m, true);
    at(m, RT_NET_LISTEN, listener, 0, 0);
    uint16_t port = name_of(m, listener).port;
    struct rt_net_op end = {.kind = RT_NET_CLOSE, .socket = listener};
    cr_expect_eq(machine_net(m, &end), 0);
    cr_expect_eq(machine_net(m, &end), -RT_NET_EBADF);
    int32_t result = at(m, RT_NET_CONNECT, a, LOOPBACK, port);
    if (result == -RT_NET_EINPROGRESS) {
        ready(m, a, RT_NET_CAN_WRITE);
        result = at(m, RT_NET_CONNECT, a, LOOPBACK, port);
    }
    cr_expect_eq(result, -RT_NET_ECONNREFUSED);
    rt386_destroy(m);
}

Test(net, options)
{
    rt386 *m = machine();
    int32_t tcp = socket_new(m, true), udp = socket_new(m, false);
    for (uint8_t option = 0; option < RT_NET_OPTIONS; option++) {
        struct rt_net_op op = {
            .kind = RT_NET_SET, .socket = tcp, .option = option, .n = 0x80000000};
        bool known = option < RT_NET_PASSED || option == RT_NET_SO_LINGER;
        cr_expect_eq(machine_net(m, &op), known ? 0 : -RT_NET_ENOPROTOOPT, "option %u", option);
    }
    struct rt_net_op nodelay = {
        .kind = RT_NET_SET, .socket = udp, .option = RT_NET_SO_NODELAY, .n = 1};
    cr_expect_eq(machine_net(m, &nodelay), -RT_NET_ENOPROTOOPT);
    struct rt_net_op error = {.kind = RT_NET_GET, .socket = tcp, .option = RT_NET_SO_ERROR};
    cr_expect_eq(machine_net(m, &error), 0);
    rt386_destroy(m);
}

Test(net, nothing_stays_open)
{
    unsigned before = open_files();
    rt386 *m = machine();
    for (unsigned i = 0; i < 256; i++)
        socket_new(m, i & 1);
    struct rt_net_op op = {.kind = RT_NET_SOCKET};
    cr_expect_eq(machine_net(m, &op), -RT_NET_ENFILE);
    op = (struct rt_net_op){.kind = RT_NET_CLOSE, .socket = 7};
    cr_expect_eq(machine_net(m, &op), 0);
    cr_expect_eq(socket_new(m, true), 7);
    cr_expect(machine_net_open(m));
    rt386_destroy(m);
    cr_expect_eq(open_files(), before);
}

Test(net, hostile_numbers)
{
    rt386 *m = machine();
    static const int32_t bad[] = {-1, 0, 5, 255, 256, INT32_MAX, INT32_MIN};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        for (uint8_t kind = RT_NET_BIND; kind <= RT_NET_READY + 1; kind++) {
            struct rt_net_op op = {.kind = kind, .socket = bad[i]};
            cr_expect_eq(machine_net(m, &op), -RT_NET_EBADF);
        }
    rt386_destroy(m);
}

Test(net, when_it_can_be_had)
{
    rt386 *m = machine();
    cr_expect_eq(rt386_share_loopback(m), RT386_E_STATE);
    cr_expect_not(machine_net_open(m));
    rt386_destroy(m);
    rt386_config config = {.size = sizeof config, .memory = 4u << 20};
    cr_assert_eq(rt386_create(&config, &m), RT386_OK);
    struct rt_net_op op = {.kind = RT_NET_SOCKET};
    cr_expect_eq(machine_net(m, &op), -RT_NET_ENETDOWN);
    static const uint8_t halt[] = {0xF4};
    rt386_load_options o = {.size = sizeof o, .kind = RT386_IMAGE_RAW};
    cr_assert_eq(rt386_load_bytes(m, halt, 1, &o), RT386_OK);
    cr_expect_eq(rt386_share_loopback(m), RT386_E_STATE);
    rt386_destroy(m);
}
