#include "gdb_packet.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PAYLOAD_MAX (1u << 20)

/* --- bytes --- */

/* False: nobody wants to wait any longer. */
static bool wait_byte(struct gdb_link *l)
{
    struct pollfd p = {.fd = l->fd, .events = POLLIN};
    while (l->quit && poll(&p, 1, 100) <= 0)
        if (l->quit(l->quit_ctx)) return false;
    return true;
}

static int byte_get(struct gdb_link *l)
{
    if (l->at == l->have) {
        ssize_t n;
        if (!wait_byte(l)) return -1;
        do
            n = recv(l->fd, l->in, sizeof l->in, 0);
        while (n < 0 && errno == EINTR);
        if (n <= 0) return -1;
        l->at = 0;
        l->have = (size_t)n;
    }
    return l->in[l->at++];
}

static bool bytes_put(struct gdb_link *l, const char *bytes, size_t n)
{
    while (n) {
        ssize_t done = send(l->fd, bytes, n, MSG_NOSIGNAL);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        bytes += done;
        n -= (size_t)done;
    }
    return true;
}

static int digit(int c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void gdb_hex(struct text *t, const void *bytes, size_t n)
{
    const uint8_t *b = bytes;
    for (size_t i = 0; i < n; i++)
        text_addf(t, "%02x", b[i]);
}

size_t gdb_unhex(const char *text, uint8_t *bytes, size_t max)
{
    size_t n = 0;
    for (; n < max && digit(text[0]) >= 0 && digit(text[1]) >= 0; text += 2)
        bytes[n++] = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
    return n;
}

/* --- packets --- */

/* What stands between '$' and '#', and its sum. False: the connection has ended. */
static bool payload_get(struct gdb_link *l, struct text *payload, uint8_t *sum)
{
    int c;
    bool escaped = false;
    text_clear(payload);
    *sum = 0;
    while ((c = byte_get(l)) >= 0 && c != '#') {
        *sum = (uint8_t)(*sum + c);
        if (c == '$') { /* the last one was cut off */
            text_clear(payload);
            *sum = 0;
            continue;
        }
        if (c == '}' && !escaped) {
            escaped = true;
            continue;
        }
        char byte = (char)(escaped ? c ^ 0x20 : c);
        escaped = false;
        if (payload->n < PAYLOAD_MAX) text_addn(payload, &byte, 1); /* the rest is not taken */
    }
    return c >= 0;
}

bool gdb_receive(struct gdb_link *l, struct text *payload)
{
    for (;;) {
        int c = byte_get(l);
        if (c < 0) return false;
        if (c == 3) {
            text_clear(payload);
            text_add(payload, "\3");
            return true;
        }
        if (c != '$') continue;
        uint8_t sum;
        if (!payload_get(l, payload, &sum)) return false;
        int high = byte_get(l), low = byte_get(l);
        if (low < 0) return false;
        bool good = digit(high) >= 0 && digit(low) >= 0 && (digit(high) << 4 | digit(low)) == sum;
        /* Who has said its last word may be gone: the next packet will tell. */
        if (!l->no_ack) (void)bytes_put(l, good ? "+" : "-", 1);
        if (good || l->no_ack) return true;
    }
}

bool gdb_send(struct gdb_link *l, const char *payload, size_t n)
{
    struct text t = {0};
    uint8_t sum = 0;
    text_add(&t, "$");
    for (size_t i = 0; i < n; i++) {
        char c = payload[i];
        if (c == '$' || c == '#' || c == '}' || c == '*') {
            text_add(&t, "}");
            c = (char)(c ^ 0x20);
        }
        text_addn(&t, &c, 1);
    }
    for (size_t i = 1; i < t.n; i++)
        sum = (uint8_t)(sum + (uint8_t)t.p[i]);
    text_addf(&t, "#%02x", sum);
    bool good = !t.failed && bytes_put(l, t.p, t.n);
    /* gdb's "+" is skipped by the next gdb_receive; it asks again only over lines that lose bytes. */
    text_free(&t);
    return good;
}

/* --- connections --- */

static int listen_failed(int fd, char *why, size_t size, const char *where)
{
    snprintf(why, size, "cannot wait for gdb at '%.100s': %s", where, strerror(errno));
    if (fd >= 0) close(fd);
    return -1;
}

static int listen_unix(const char *where, const char *path, char *why, size_t size)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (!*path || strlen(path) >= sizeof a.sun_path) {
        snprintf(why, size, "'%.100s' is no path for a socket", where);
        return -1;
    }
    memcpy(a.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) || listen(fd, 1))
        return listen_failed(fd, why, size, where);
    return fd;
}

static int listen_tcp(const char *where, unsigned port, char *why, size_t size)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) || listen(fd, 1))
        return listen_failed(fd, why, size, where);
    return fd;
}

int gdb_listen(const char *where, char *why, size_t size)
{
    if (!strncmp(where, "unix:", 5)) return listen_unix(where, where + 5, why, size);
    const char *port = where;
    if (!strncmp(port, "127.0.0.1", 9)) port += 9;
    if (!strncmp(port, "localhost", 9)) port += 9;
    char *end;
    unsigned long n = *port == ':' ? strtoul(port + 1, &end, 10) : 0;
    if (*port == ':' && port[1] >= '0' && port[1] <= '9' && !*end && n <= 65535)
        return listen_tcp(where, (unsigned)n, why, size);
    snprintf(why, size, "'%.100s' is no place for gdb: say :PORT on this host, or unix:PATH",
             where);
    return -1;
}

unsigned gdb_port(int listener)
{
    struct sockaddr_in a = {0};
    socklen_t n = sizeof a;
    bool good = !getsockname(listener, (struct sockaddr *)&a, &n) && a.sin_family == AF_INET;
    return good ? ntohs(a.sin_port) : 0;
}
