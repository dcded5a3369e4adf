/* net/if.h of the guest C library: what getifaddrs says of an interface. Values are BSD's. */
#ifndef RT386_GUEST_NET_IF_H
#define RT386_GUEST_NET_IF_H

#define IFNAMSIZ 16

#define IFF_UP        0x0001
#define IFF_BROADCAST 0x0002
#define IFF_LOOPBACK  0x0008
#define IFF_RUNNING   0x0040
#define IFF_MULTICAST 0x8000

#endif
