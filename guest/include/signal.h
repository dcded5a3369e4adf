/* signal.h of the guest C library. Handlers are the calling thread's own. */
#ifndef RT386_GUEST_SIGNAL_H
#define RT386_GUEST_SIGNAL_H

#ifdef __cplusplus
extern "C" {
#endif

/* Values chosen: the usual ones. */
#define SIGINT  2
#define SIGILL  4
#define SIGABRT 6
#define SIGFPE  8
#define SIGSEGV 11
#define SIGTERM 15
#define SIGFREE 16 /* a bad pointer was freed */

typedef int sig_atomic_t;
typedef void (*sighandler_t)(int);
#define SIG_DFL ((sighandler_t)0)
#define SIG_IGN ((sighandler_t)1)
#define SIG_ERR ((sighandler_t)-1)

sighandler_t signal(int number, sighandler_t handler);
int raise(int number);

#ifdef __cplusplus
}
#endif

#endif
