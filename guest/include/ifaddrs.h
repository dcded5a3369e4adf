/* ifaddrs.h of the guest C library: the interfaces of the node: with a network lo0, without one none. */
#ifndef RT386_GUEST_IFADDRS_H
#define RT386_GUEST_IFADDRS_H

#include "sys/socket.h"

/* BSD's layout: the last address is that of broadcasts or of the other end. */
struct ifaddrs {
    struct ifaddrs *ifa_next;
    char *ifa_name;
    u_int ifa_flags; /* net/if.h */
    struct sockaddr *ifa_addr, *ifa_netmask, *ifa_dstaddr;
    void *ifa_data;
};
#define ifa_broadaddr ifa_dstaddr

#ifdef __cplusplus
extern "C" {
#endif
int getifaddrs(struct ifaddrs **list); /* ENOMEM */
void freeifaddrs(struct ifaddrs *list);
#ifdef __cplusplus
}
#endif

#endif
