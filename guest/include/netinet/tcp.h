/* netinet/tcp.h of the guest: options of level IPPROTO_TCP. */
#ifndef RT386_GUEST_NETINET_TCP_H
#define RT386_GUEST_NETINET_TCP_H

#define TCP_NODELAY 1

#endif
