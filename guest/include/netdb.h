/* netdb.h of the guest: names of hosts. There is no name service: "localhost" and addresses as text. */
#ifndef RT386_GUEST_NETDB_H
#define RT386_GUEST_NETDB_H

#include "netinet/in.h"

#define HOST_NOT_FOUND 1

struct hostent {
    char *h_name, **h_aliases;
    int h_addrtype, h_length;
    char **h_addr_list;
};
#define h_addr h_addr_list[0]

#ifdef __cplusplus
extern "C" {
#endif
struct hostent *
gethostbyname(const char *name); /* until the next call; NULL: there is no such host */
#ifdef __cplusplus
}
#endif

#endif
