/* netinet/in.h of the guest: internet addresses. Ports and addresses in network order. */
#ifndef RT386_GUEST_NETINET_IN_H
#define RT386_GUEST_NETINET_IN_H

#include "../sys/endian.h"
#include "../sys/socket.h"

#define IPPROTO_IP  0
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17

#define INADDR_ANY       UINT32_C(0)
#define INADDR_LOOPBACK  UINT32_C(0x7F000001) /* these in the i386's order: htonl */
#define INADDR_BROADCAST UINT32_C(0xFFFFFFFF)
#define INADDR_NONE      UINT32_C(0xFFFFFFFF)

struct in_addr {
    in_addr_t s_addr;
};
struct sockaddr_in {
    uint8_t sin_len;
    sa_family_t sin_family;
    in_port_t sin_port;
    struct in_addr sin_addr;
    char sin_zero[8];
};

#endif
