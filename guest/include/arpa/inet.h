/* arpa/inet.h of the guest: addresses as text. */
#ifndef RT386_GUEST_ARPA_INET_H
#define RT386_GUEST_ARPA_INET_H

#include "../netinet/in.h"

#define INET_ADDRSTRLEN 16

#ifdef __cplusplus
extern "C" {
#endif

/* "a.b.c.d", "a.b.c", "a.b" or "a"; each part decimal, 0x hexadecimal or 0 octal. INADDR_NONE; false. */
in_addr_t inet_addr(const char *text);
int inet_aton(const char *text, struct in_addr *address);
char *inet_ntoa(struct in_addr address); /* until the next call */
/* Only AF_INET, only four decimal parts. */
const char *inet_ntop(int family, const void *address, char *text, socklen_t size);
int inet_pton(int family, const char *text, void *address);

#ifdef __cplusplus
}
#endif

#endif
