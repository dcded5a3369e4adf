/* sockets.c: sockets of netlib.rsl between two threads of this program, on 127.0.0.1; needs a network (--net=loopback of
 * the emulator). With an argument:
 *
 *   echo   a server that prints "port N", answers one caller in capitals and ends
 *   tell   the same with datagrams
 *   pair   two processes of that name talk
 *   wait   waits for a connection for ever
 *   none   what a program sees without a network
 */
#include "arpa/inet.h"
#include "errno.h"
#include "fcntl.h"
#include "ifaddrs.h"
#include "io.h"
#include "net/if.h"
#include "netdb.h"
#include "netinet/tcp.h"
#include "poll.h"
#include "stdlib.h"
#include "string.h"
#include "sys/ioctl.h"
#include "sys/select.h"
#include "sys/stat.h"
#include "tap.h"

/* The call gives -1 and this errno. */
#define REFUSED(tap, call, error, basis)                                                           \
    do {                                                                                           \
        errno = 0;                                                                                 \
        int result = (call), why = errno;                                                          \
        tap_line(tap, result == -1 && why == (error), #call " " #error, basis);                    \
        if (result != -1 || why != (error)) printf("# result %d, errno %d\n", result, why);        \
    } while (0)

static struct sockaddr_in local(unsigned port)
{
    struct sockaddr_in a = {
        sizeof a, AF_INET, htons((uint16_t)port), {htonl(INADDR_LOOPBACK)}, {0}};
    return a;
}

static unsigned port_of(int s)
{
    struct sockaddr_in a;
    socklen_t size = sizeof a;
    return getsockname(s, (struct sockaddr *)&a, &size) == 0 ? ntohs(a.sin_port) : 0;
}

static int bound(int type, unsigned *port)
{
    struct sockaddr_in a = local(0);
    int s = socket(AF_INET, type, 0);
    if (bind(s, (struct sockaddr *)&a, sizeof a) != 0) return -1;
    if (type == SOCK_STREAM && listen(s, 5) != 0) return -1;
    *port = port_of(s);
    return s;
}

static int connected(unsigned port)
{
    struct sockaddr_in a = local(port);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    return connect(s, (struct sockaddr *)&a, sizeof a) == 0 ? s : -1;
}

/* --- the other thread --- */

static struct {
    unsigned port;
    int listener, got, error;
    RTHANDLE done;
    char text[64];
} other;

static void caller(void *argument)
{
    (void)argument;
    int s = connected(other.port);
    send(s, "from the other thread", 21, 0);
    other.got = (int)recv(s, other.text, sizeof other.text, 0);
    close(s);
    ReleaseRtSemaphore(other.done, 1);
}

static void receiver(void *argument)
{
    int s = *(int *)argument;
    other.got = (int)recv(s, other.text, sizeof other.text, 0);
    other.error = errno;
    ReleaseRtSemaphore(other.done, 1);
}

static void await(struct tap *t)
{
    HOLDS(t, WaitForRtSemaphore(other.done, 1, 5000) != 0xFFFFFFFF, INFERRED);
}

static void reader(void *argument)
{
    int s = *(int *)argument;
    other.got = read(s, other.text, sizeof other.text);
    ReleaseRtSemaphore(other.done, 1);
}

/* --- parts --- */

/* Two ends of a connection: the result, and the accepted one in *in. */
static int joined(int *in)
{
    unsigned port;
    int listener = bound(SOCK_STREAM, &port), out = connected(port);
    *in = accept(listener, NULL, NULL);
    close(listener);
    return out;
}

static void stream(struct tap *t)
{
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    char text[64] = "";
    int listener = bound(SOCK_STREAM, &other.port);
    HOLDS(t, listener >= 0 && other.port != 0, INFERRED);
    HOLDS(t, CreateRtThread(150, (LPPROC)caller, 8192, NULL) != BAD_RTHANDLE, DOCUMENTED);
    int s = accept(listener, (struct sockaddr *)&peer, &size);
    HOLDS(t, s >= 0, DOCUMENTED);
    HOLDS(t, size == sizeof peer && peer.sin_addr.s_addr == htonl(INADDR_LOOPBACK), DOCUMENTED);
    IS(t, recv(s, text, sizeof text, MSG_PEEK), 21, INFERRED);
    IS(t, recv(s, text, 4, 0), 4, DOCUMENTED);
    IS(t, recv(s, text + 4, 17, MSG_WAITALL), 17, DOCUMENTED);
    HOLDS(t, strcmp(text, "from the other thread") == 0, DOCUMENTED);
    IS(t, send(s, "and back", 8, 0), 8, INFERRED);
    await(t);
    IS(t, other.got, 8, INFERRED);
    HOLDS(t, memcmp(other.text, "and back", 8) == 0, INFERRED);
    IS(t, recv(s, text, sizeof text, 0), 0, DOCUMENTED);
    IS(t, close(s), 0, INFERRED);
    IS(t, close(listener), 0, INFERRED);
    REFUSED(t, connected(other.port), ECONNREFUSED, DOCUMENTED);
}

static void datagrams(struct tap *t)
{
    unsigned port, mine;
    int in = bound(SOCK_DGRAM, &port), out = bound(SOCK_DGRAM, &mine);
    struct sockaddr_in to = local(port), from;
    socklen_t size = sizeof from;
    char text[64] = "";
    HOLDS(t, CreateRtThread(150, (LPPROC)receiver, 8192, &in) != BAD_RTHANDLE, DOCUMENTED);
    RtSleep(20);
    IS(t, sendto(out, "first", 5, 0, (struct sockaddr *)&to, sizeof to), 5, INFERRED);
    await(t);
    IS(t, other.got, 5, INFERRED);
    IS(t, sendto(out, "too long", 8, 0, (struct sockaddr *)&to, sizeof to), 8, INFERRED);
    IS(t, sendto(out, "", 0, 0, (struct sockaddr *)&to, sizeof to), 0, INFERRED);
    IS(t, recvfrom(in, text, 3, 0, (struct sockaddr *)&from, &size), 3, DOCUMENTED);
    HOLDS(t, memcmp(text, "too", 4) == 0 && ntohs(from.sin_port) == mine, DOCUMENTED);
    IS(t, recv(in, text, sizeof text, 0), 0, INFERRED);
    IS(t, connect(out, (struct sockaddr *)&to, sizeof to), 0, DOCUMENTED);
    IS(t, send(out, "x", 1, 0), 1, INFERRED);
    REFUSED(t, send(in, "x", 1, 0), EDESTADDRREQ, INFERRED);
    close(in);
    close(out);
}

static void messages(struct tap *t)
{
    unsigned port;
    int s = bound(SOCK_DGRAM, &port);
    struct sockaddr_in to = local(port), from;
    char first[4] = "", second[4] = "";
    struct iovec out[2] = {{"one", 3}, {" two", 4}}, in[2] = {{first, 3}, {second, 3}};
    struct msghdr m = {&to, sizeof to, out, 2, NULL, 0, 0};
    IS(t, sendmsg(s, &m, 0), 7, INFERRED);
    m = (struct msghdr){&from, sizeof from, in, 2, NULL, 0, 0};
    IS(t, recvmsg(s, &m, 0), 6, DOCUMENTED);
    HOLDS(t, strcmp(first, "one") == 0 && strcmp(second, " tw") == 0, DOCUMENTED);
    HOLDS(t, m.msg_namelen == sizeof from && ntohs(from.sin_port) == port, DOCUMENTED);
    IS(t, m.msg_flags, MSG_TRUNC, INFERRED);
    m.msg_iovlen = 0;
    REFUSED(t, recvmsg(s, &m, 0), EMSGSIZE, INFERRED);
    close(s);
}

static void waiting(struct tap *t)
{
    unsigned port;
    int s = bound(SOCK_DGRAM, &port), on = 1, n = 0;
    struct timeval limit = {0, 30000};
    socklen_t size = sizeof n;
    char byte;
    fd_set set;
    REFUSED(t, recv(s, &byte, 1, MSG_DONTWAIT), EWOULDBLOCK, DOCUMENTED);
    IS(t, ioctl(s, FIONBIO, &on), 0, INFERRED);
    IS(t, fcntl(s, F_GETFL, 0) & O_NONBLOCK, O_NONBLOCK, DECIDED);
    REFUSED(t, recv(s, &byte, 1, 0), EWOULDBLOCK, DOCUMENTED);
    IS(t, fcntl(s, F_SETFL, 0), 0, DECIDED);
    IS(t, setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0, INFERRED);
    DWORD before = (DWORD)clock();
    REFUSED(t, recv(s, &byte, 1, 0), EWOULDBLOCK, DOCUMENTED);
    HOLDS(t, (DWORD)clock() - before >= 30, INFERRED);
    FD_ZERO(&set);
    FD_SET(s, &set);
    IS(t, select(s + 1, &set, NULL, NULL, &limit), 0, DOCUMENTED);
    HOLDS(t, !FD_ISSET(s, &set), DOCUMENTED);
    struct sockaddr_in self = local(port);
    IS(t, sendto(s, "xyz", 3, 0, (struct sockaddr *)&self, sizeof self), 3, INFERRED);
    FD_SET(s, &set);
    IS(t, select(s + 1, &set, NULL, NULL, NULL), 1, DOCUMENTED);
    HOLDS(t, FD_ISSET(s, &set), DOCUMENTED);
    IS(t, ioctl(s, FIONREAD, &n), 0, INFERRED);
    IS(t, n, 3, INFERRED);
    IS(t, getsockopt(s, SOL_SOCKET, SO_TYPE, &n, &size), 0, INFERRED);
    IS(t, n, SOCK_DGRAM, INFERRED);
    struct pollfd list[3] = {{s, POLLIN | POLLOUT, 0}, {-1, POLLIN, 0}, {1, POLLOUT, 0}};
    IS(t, poll(list, 3, 0), 2, DECIDED);
    HOLDS(t, list[0].revents == (POLLIN | POLLOUT) && list[1].revents == 0, DECIDED);
    IS(t, recv(s, &byte, 1, 0), 1, DOCUMENTED);
    IS(t, poll(list, 1, 20), 1, DECIDED);
    list[0].events = POLLIN;
    IS(t, poll(list, 1, 20), 0, DECIDED);
    close(s);
    IS(t, poll(list, 1, -1), 1, DECIDED);
    IS(t, list[0].revents, POLLNVAL, DECIDED);
    REFUSED(t, select(s + 1, &set, NULL, NULL, NULL), EBADF, INFERRED);
}

static void refusals(struct tap *t)
{
    struct sockaddr_in far = local(80), high = local(0);
    char byte = 0;
    int s = socket(AF_INET, SOCK_STREAM, 0), u = socket(AF_INET, SOCK_DGRAM, 0);
    far.sin_addr.s_addr = inet_addr("10.1.2.3");
    REFUSED(t, connect(s, (struct sockaddr *)&far, sizeof far), ENETUNREACH, DECIDED);
    REFUSED(t, sendto(u, &byte, 1, 0, (struct sockaddr *)&far, sizeof far), ENETUNREACH, DECIDED);
    REFUSED(t, bind(s, (struct sockaddr *)&far, sizeof far), EADDRNOTAVAIL, INFERRED);
    REFUSED(t, socket(28, SOCK_STREAM, 0), EPFNOSUPPORT, DECIDED);
    REFUSED(t, socket(AF_INET, SOCK_RAW, 0), EPROTONOSUPPORT, INFERRED);
    REFUSED(t, recv(s, &byte, 1, 0), ENOTCONN, INFERRED);
    REFUSED(t, recv(s, (void *)4, 1, 0), EFAULT, INFERRED);
    REFUSED(t, recv(0, &byte, 1, 0), ENOTSOCK, INFERRED);
    REFUSED(t, recv(1000, &byte, 1, 0), EBADF, INFERRED);
    REFUSED(t, accept(s, NULL, NULL), EINVAL, DECIDED);
    high.sin_addr.s_addr = htonl(INADDR_ANY);
    IS(t, bind(s, (struct sockaddr *)&high, sizeof high), 0, DECIDED);
    socklen_t size = sizeof high;
    IS(t, getsockname(s, (struct sockaddr *)&high, &size), 0, DECIDED);
    HOLDS(t, high.sin_addr.s_addr == htonl(INADDR_LOOPBACK) && high.sin_port != 0, DECIDED);
    REFUSED(t, getpeername(s, (struct sockaddr *)&high, &size), ENOTCONN, INFERRED);
    close(s);
    close(u);
}

static void names(struct tap *t)
{
    struct in_addr a;
    char text[INET_ADDRSTRLEN];
    IS(t, inet_addr("127.0.0.1"), htonl(INADDR_LOOPBACK), INFERRED);
    IS(t, inet_addr("0x7f.1"), htonl(INADDR_LOOPBACK), INFERRED);
    IS(t, inet_addr("010.0.0.255"), htonl(0x080000FF), INFERRED);
    IS(t, inet_addr("1.2.3.4.5"), INADDR_NONE, INFERRED);
    IS(t, inet_addr("1.2.3.256"), INADDR_NONE, INFERRED);
    IS(t, inet_addr(""), INADDR_NONE, INFERRED);
    IS(t, inet_aton("255.255.255.255", &a), 1, INFERRED);
    IS(t, inet_pton(AF_INET, "1.2.3", &a), 0, INFERRED);
    IS(t, inet_pton(AF_INET, "192.168.0.10", &a), 1, INFERRED);
    HOLDS(t, strcmp(inet_ntoa(a), "192.168.0.10") == 0, INFERRED);
    HOLDS(t, inet_ntop(AF_INET, &a, text, sizeof text) == text, INFERRED);
    HOLDS(t, inet_ntop(AF_INET, &a, text, 12) == NULL && errno == ENOSPC, INFERRED);
    struct hostent *h = gethostbyname("localhost");
    HOLDS(t, h != NULL && *(in_addr_t *)h->h_addr == htonl(INADDR_LOOPBACK), DECIDED);
    HOLDS(t, gethostbyname("somewhere.example") == NULL, DECIDED);
}

/* A thread waits with a socket that another one closes. */
static void closing(struct tap *t)
{
    unsigned port;
    int s = bound(SOCK_DGRAM, &port);
    HOLDS(t, CreateRtThread(140, (LPPROC)receiver, 8192, &s) != BAD_RTHANDLE, DOCUMENTED);
    RtSleep(20);
    IS(t, close(s), 0, INFERRED);
    await(t);
    HOLDS(t, other.got == -1 && other.error == EBADF, DECIDED);
}

/* read, write and their kin take sockets: bytes as they are, what there is. */
static void plain_bytes(struct tap *t)
{
    char text[64] = "";
    struct stat about;
    int in = -1, out = joined(&in), on = 1;
    HOLDS(t, in >= 0 && out >= 0, DOCUMENTED);
    IS(t, write(out, "one\ntwo\n", 8), 8, DECIDED);
    IS(t, read(in, text, 3), 3, DECIDED);
    IS(t, read(in, text + 3, 60), 5, DECIDED);
    HOLDS(t, memcmp(text, "one\ntwo\n", 9) == 0, DECIDED);
    IS(t, write(in, "\x1A\r\n", 3), 3, DECIDED);
    IS(t, recv(out, text, 60, 0), 3, DECIDED);
    HOLDS(t, memcmp(text, "\x1A\r\n", 3) == 0, DECIDED);
    IS(t, setmode(in, O_TEXT), O_BINARY, DECIDED);
    IS(t, fstat(in, &about), 0, DECIDED);
    IS(t, about.st_mode & S_IFMT, S_IFSOCK, DECIDED);
    IS(t, isatty(in), 0, DECIDED);
    REFUSED(t, (int)lseek(in, 0, SEEK_SET), ESPIPE, DECIDED);
    IS(t, ioctl(in, FIONBIO, &on), 0, INFERRED);
    REFUSED(t, read(in, text, 1), EWOULDBLOCK, DECIDED);
    on = 0;
    IS(t, ioctl(in, FIONBIO, &on), 0, INFERRED);
    REFUSED(t, read(in, (void *)4, 1), EFAULT, DECIDED);
    REFUSED(t, write(in, OUTSIDE, 1), EFAULT, DECIDED);
    HOLDS(t, CreateRtThread(150, (LPPROC)reader, 8192, &in) != BAD_RTHANDLE, DOCUMENTED);
    RtSleep(20);
    IS(t, write(out, "late", 4), 4, DECIDED);
    await(t);
    HOLDS(t, other.got == 4 && memcmp(other.text, "late", 4) == 0, DECIDED);
    IS(t, shutdown(out, 1), 0, DOCUMENTED);
    IS(t, read(in, text, 60), 0, DECIDED);
    IS(t, close(out), 0, INFERRED);
    IS(t, close(in), 0, INFERRED);
    REFUSED(t, read(in, text, 1), EBADF, DECIDED);
    REFUSED(t, write(in, text, 1), EBADF, DECIDED);
    REFUSED(t, (int)lseek(in, 0, SEEK_SET), EBADF, DECIDED);
    REFUSED(t, read(1000, text, 1), EBADF, DECIDED);
}

/* A stream of the C library over a socket. */
static void stream_over_socket(struct tap *t)
{
    char text[64] = "";
    int in = -1, out = joined(&in);
    FILE *from = fdopen(in, "rb"), *to = fdopen(out, "wb");
    HOLDS(t, from != NULL && to != NULL, DECIDED);
    IS(t, fprintf(to, "%d lines\n", 2), 8, DECIDED);
    IS(t, fflush(to), 0, DECIDED);
    HOLDS(t, fgets(text, sizeof text, from) == text, DECIDED); /* does not wait for more */
    HOLDS(t, strcmp(text, "2 lines\n") == 0, DECIDED);
    IS(t, fclose(to), 0, DECIDED);
    HOLDS(t, fgets(text, sizeof text, from) == NULL && feof(from) != 0, DECIDED);
    IS(t, fclose(from), 0, DECIDED);
}

static void interfaces(struct tap *t)
{
    struct ifaddrs *list = NULL;
    IS(t, getifaddrs(&list), 0, DOCUMENTED);
    HOLDS(t, list != NULL && strcmp(list->ifa_name, "lo0") == 0, DECIDED);
    struct sockaddr_in *a = (struct sockaddr_in *)list->ifa_addr;
    IS(t, a->sin_addr.s_addr, htonl(INADDR_LOOPBACK), DECIDED);
    IS(t, ((struct sockaddr_in *)list->ifa_netmask)->sin_addr.s_addr, htonl(0xFF000000), DECIDED);
    IS(t, list->ifa_flags & (IFF_UP | IFF_LOOPBACK), IFF_UP | IFF_LOOPBACK, DECIDED);
    HOLDS(t, list->ifa_next == NULL, DECIDED);
    freeifaddrs(list);
    RTHANDLE clib = GetRtModuleHandle("clib.rsl"); /* where programs look for them by name */
    HOLDS(t, clib == 0 || GetRtProcAddress(clib, "getifaddrs") != NULL, INFERRED);
    REFUSED(t, ioctl(0, 1, &list), ENOTTY, DECIDED); /* a number of the library's own */
}

static short events_of(int fd, short asked)
{
    struct pollfd p = {fd, asked, 0x7FFF};
    return poll(&p, 1, 0) < 0 ? -1 : p.revents;
}

static void endings(struct tap *t)
{
    unsigned port;
    int in = -1, out = joined(&in), error = 0, gone = bound(SOCK_DGRAM, &port);
    struct sockaddr_in nobody = local(port);
    socklen_t size = sizeof error;
    struct pollfd both[2] = {{in, POLLIN, 0}, {out, 0, 0}};
    IS(t, events_of(in, POLLIN | POLLOUT), POLLOUT, DECIDED);
    IS(t, events_of(out, 0), 0, DECIDED);
    IS(t, write(out, "x", 1), 1, DECIDED);
    IS(t, events_of(in, POLLIN | POLLRDNORM), POLLIN | POLLRDNORM, DECIDED);
    IS(t, poll(both, 2, -1), 1, DECIDED);
    HOLDS(t, both[0].revents == POLLIN && both[1].revents == 0, DECIDED);
    IS(t, shutdown(in, 2), 0, DOCUMENTED);
    IS(t, shutdown(out, 2), 0, DOCUMENTED);
    both[0].events = 0;
    IS(t, poll(both, 2, -1), 2, DECIDED); /* nobody asked for it */
    HOLDS(t, both[0].revents == POLLHUP && both[1].revents == POLLHUP, DECIDED);
    IS(t, events_of(out, POLLIN | POLLOUT), POLLIN | POLLHUP, DECIDED);
    close(in);
    close(out);
    int u = socket(AF_INET, SOCK_DGRAM, 0);
    close(gone);
    IS(t, connect(u, (struct sockaddr *)&nobody, sizeof nobody), 0, DOCUMENTED);
    IS(t, send(u, "?", 1, 0), 1, INFERRED); /* and the host says that nobody is there */
    IS(t, events_of(u, 0), POLLERR, DECIDED);
    IS(t, getsockopt(u, SOL_SOCKET, SO_ERROR, &error, &size), 0, DOCUMENTED);
    IS(t, error, ECONNREFUSED, INFERRED);
    IS(t, events_of(u, POLLOUT), POLLOUT, DECIDED);
    struct pollfd mixed[4] = {{u, POLLOUT, 7}, {-1, POLLIN, 7}, {1, POLLOUT, 7}, {in, POLLIN, 7}};
    IS(t, poll(mixed, 4, -1), 3, DECIDED);
    HOLDS(t, mixed[0].revents == POLLOUT && mixed[1].revents == 0, DECIDED);
    HOLDS(t, mixed[2].revents == POLLOUT && mixed[3].revents == POLLNVAL, DECIDED);
    REFUSED(t, poll(OUTSIDE, 1, 0), EFAULT, DECIDED);
    REFUSED(t, poll(mixed, 1025, 0), EINVAL, DECIDED);
    DWORD before = (DWORD)clock();
    IS(t, poll(NULL, 0, 30), 0, DECIDED);
    HOLDS(t, (DWORD)clock() - before >= 30, DECIDED);
    close(u);
}

/* --- for a program on the host --- */

static int echo(void)
{
    char text[256];
    unsigned port;
    int listener = bound(SOCK_STREAM, &port);
    printf("port %u\n", port);
    int s = accept(listener, NULL, NULL);
    for (;;) {
        int n = (int)recv(s, text, sizeof text, 0);
        if (n <= 0) return n == 0 ? 0 : 1;
        for (int i = 0; i < n; i++)
            if (text[i] >= 'a' && text[i] <= 'z') text[i] = (char)(text[i] - 'a' + 'A');
        if (send(s, text, (size_t)n, 0) != n) return 2;
    }
}

static int say_it(void)
{
    char text[256];
    unsigned port;
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    int s = bound(SOCK_DGRAM, &port);
    printf("port %u\n", port);
    int n = (int)recvfrom(s, text, sizeof text, 0, (struct sockaddr *)&from, &size);
    for (int i = 0; i < n; i++)
        if (text[i] >= 'a' && text[i] <= 'z') text[i] = (char)(text[i] - 'a' + 'A');
    return n < 0 || sendto(s, text, (size_t)n, 0, (struct sockaddr *)&from, size) != n;
}

/* Two processes: who catalogs the mailbox serves, the other one asks. */
static int pair(void)
{
    RTHANDLE root = GetRtThreadHandles(ROOT_PROCESS), box = CreateRtMailbox(DATA_MAILBOX);
    char text[16] = "";
    unsigned port;
    if (CatalogRtHandle(root, box, "PORTBOX")) {
        int listener = bound(SOCK_STREAM, &port);
        SendRtData(box, &port, sizeof port);
        int s = accept(listener, NULL, NULL);
        while (recv(s, text, sizeof text, 0) > 0)
            send(s, "answer", 6, 0);
        printf("served\n");
        return strcmp(text, "question") != 0;
    }
    box = LookupRtHandle(root, "PORTBOX", 5000);
    if (ReceiveRtData(box, &port, 5000) != sizeof port) return 2;
    int s = connected(port);
    if (send(s, "question", 8, 0) != 8 || recv(s, text, 6, MSG_WAITALL) != 6) return 3;
    printf("asked\n");
    return strcmp(text, "answer") != 0;
}

static int wait_for_ever(void)
{
    unsigned port;
    int s = bound(SOCK_STREAM, &port);
    printf("ready\n");
    return accept(s, NULL, NULL);
}

int main(int argc, char **argv)
{
    struct tap t = {0, 0};
    other.done = CreateRtSemaphore(0, 1, FIFO_QUEUING);
    if (argc > 1 && strcmp(argv[1], "echo") == 0) return echo();
    if (argc > 1 && strcmp(argv[1], "tell") == 0) return say_it();
    if (argc > 1 && strcmp(argv[1], "wait") == 0) return wait_for_ever();
    if (argc > 1 && strcmp(argv[1], "pair") == 0) return pair();
    if (argc > 1) return socket(AF_INET, SOCK_STREAM, 0) == -1 ? 9 : 1;
    stream(&t);
    datagrams(&t);
    messages(&t);
    waiting(&t);
    refusals(&t);
    names(&t);
    closing(&t);
    plain_bytes(&t);
    stream_over_socket(&t);
    endings(&t);
    interfaces(&t);
    return tap_end(&t);
}
