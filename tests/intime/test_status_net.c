/* Statuses of the socket calls: always E_OK, since what they refuse is an errno (test_net.c). */
#include <criterion/criterion.h>

#include "net.h"
#include "statuses.h"
#include "wire.h"

void net_calls(struct fake *f, struct seen *seen)
{
    const uint8_t name[16] = {16, 2, 0, 9, 127, 0, 0, 1};
    const uint32_t tcp = FIRST_SOCKET, at = SCRATCH + 64, room = SCRATCH + 128;
    uint8_t size[4];
    wire_attach(f);
    fake_put(f, at, name, sizeof name);
    put32(size, sizeof name);
    fake_put(f, room, size, sizeof size);
    WANT(E_OK, "socket", 3, 2u, 1u, 0u);
    WANT(E_OK, "bind", 3, tcp, at, 16u);
    WANT(E_OK, "connect", 3, tcp, at, 16u);
    WANT(E_OK, "listen", 2, tcp, 1u);
    wire.callers = 1;
    WANT(E_OK, "accept", 3, tcp, 0u, 0u);
    WANT(E_OK, "getsockname", 3, tcp, at, room);
    WANT(E_OK, "getpeername", 3, tcp, at, room);
    WANT(E_OK, "setsockopt", 5, tcp, 0xffffu, 4u, at, 4u);
    WANT(E_OK, "getsockopt", 5, tcp, 0xffffu, 4u, at, room);
    wire_in("three");
    WANT(E_OK, "recv", 4, tcp, at, 1u, 0u);
    WANT(E_OK, "recvfrom", 6, tcp, at, 1u, 0u, 0u, 0u);
    WANT(E_OK, "send", 4, tcp, at, 1u, 0u);
    WANT(E_OK, "sendto", 6, tcp, at, 1u, 0u, 0u, 0u);
    for (uint32_t i = 0; i < 28; i += 4) {
        put32(size, i == 8 ? at + 32 : i == 12);
        fake_put(f, at + i, size, 4);
    }
    put32(size, room);
    fake_put(f, at + 32, size, 4);
    put32(size, 1);
    fake_put(f, at + 36, size, 4);
    WANT(E_OK, "recvmsg", 3, tcp, at, 0u);
    WANT(E_OK, "sendmsg", 3, tcp, at, 0u);
    WANT(E_OK, "clib_ioctl", 3, tcp, 0x8004667Eu, at);
    WANT(E_OK, "clib_select", 5, 0u, 0u, 0u, 0u, at);
    WANT(E_OK, "clib_poll", 3, 0u, 0u, 0u);
    WANT(E_OK, "shutdown", 2, tcp, 2u);
    WANT(E_OK, "socket", 3, 0u, 0u, 0u); /* refused, and yet: the thread's status stays */
}
