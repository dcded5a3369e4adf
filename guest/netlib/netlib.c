/* netlib.c: what netlib.rsl has besides the socket calls: addresses and names. No string instructions, no memory: two
 * results that hold until the next call. */
#include "arpa/inet.h"
#include "errno.h"
#include "netdb.h"
#include "stdio.h"
#include "string.h"
#include "sys/select.h"

/* The headers' numbers are the kernel's. */
#define RT_NET_ERROR(name, value)         _Static_assert(E##name == (value), #name);
#define RT_NET_MESSAGE(name, value)       _Static_assert(MSG_##name == (value), #name);
#define TCP_NODELAY_LEVEL                 IPPROTO_TCP
#define SO_NODELAY                        TCP_NODELAY
#define RT_NET_OPTION(name, level, value) _Static_assert(SO_##name == (value), #name);
#include "netinet/tcp.h"
#include "rtnet.def"

/* --- text to address --- */

static unsigned digit(char c)
{
    if (c >= '0' && c <= '9') return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f') return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') return (unsigned)(c - 'A') + 10;
    return 99;
}

/* A number at *text; false: there is none, or it is too large. */
static int number(const char **text, unsigned base, uint32_t *value)
{
    const char *s = *text;
    uint64_t v = 0;
    while (digit(*s) < base && v <= UINT32_MAX)
        v = v * base + digit(*s++);
    *value = (uint32_t)v;
    int some = s != *text && v <= UINT32_MAX;
    *text = s;
    return some;
}

static int part(const char **text, uint32_t *value)
{
    unsigned base = 10;
    if (**text == '0' && ((*text)[1] == 'x' || (*text)[1] == 'X')) {
        base = 16;
        *text += 2;
    } else if (**text == '0') {
        base = 8;
    }
    return number(text, base, value);
}

int inet_aton(const char *text, struct in_addr *address)
{
    uint32_t v, sum = 0;
    for (unsigned n = 0;; text++) {
        if (!part(&text, &v)) return 0;
        if (*text != '.') {
            if (*text != 0 || (n > 0 && v >= UINT32_C(1) << (32 - 8 * n))) return 0;
            address->s_addr = htonl(sum | v);
            return 1;
        }
        if (v > 255 || n == 3) return 0;
        sum |= v << (24 - 8 * n++);
    }
}

in_addr_t inet_addr(const char *text)
{
    struct in_addr a;
    return inet_aton(text, &a) ? a.s_addr : INADDR_NONE;
}

int inet_pton(int family, const char *text, void *address)
{
    uint32_t v, sum = 0;
    if (family != AF_INET) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    for (unsigned n = 0; n < 4; n++) {
        const char *start = text;
        if (!number(&text, 10, &v) || v > 255 || (*start == '0' && text != start + 1)) return 0;
        if (*text++ != (n == 3 ? 0 : '.')) return 0;
        sum = sum << 8 | v;
    }
    ((struct in_addr *)address)->s_addr = htonl(sum);
    return 1;
}

/* --- address to text --- */

static void text_of(const void *address, char text[INET_ADDRSTRLEN])
{
    const unsigned char *b = address;
    snprintf(text, INET_ADDRSTRLEN, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
}

char *inet_ntoa(struct in_addr address)
{
    static char text[INET_ADDRSTRLEN];
    text_of(&address, text);
    return text;
}

const char *inet_ntop(int family, const void *address, char *text, socklen_t size)
{
    char whole[INET_ADDRSTRLEN];
    if (family != AF_INET) {
        errno = EAFNOSUPPORT;
        return NULL;
    }
    text_of(address, whole);
    if (strlen(whole) >= size) {
        errno = ENOSPC;
        return NULL;
    }
    return strcpy(text, whole);
}

/* --- hosts --- */

struct hostent *gethostbyname(const char *name)
{
    static struct in_addr address;
    static char *addresses[2], *none[1], known[64];
    static struct hostent host;
    if (strcmp(name, "localhost") == 0)
        address.s_addr = htonl(INADDR_LOOPBACK);
    else if (!inet_aton(name, &address) || strlen(name) >= sizeof known)
        return NULL;
    strcpy(known, name);
    addresses[0] = (char *)&address;
    host = (struct hostent){known, none, AF_INET, sizeof address, addresses};
    return &host;
}
