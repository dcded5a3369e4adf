/* tap.h: test lines of the guest programs: "ok N - Call STATUS (basis)", the count at the end.
 *
 * Basis of an expectation:
 *   documented  the vendor's page says so
 *   inferred    the pages imply it
 *   decided     the pages are silent; the project's decision
 */
#ifndef RT386_GUEST_TAP_H
#define RT386_GUEST_TAP_H

#include "rt.h"
#include "stdio.h"

#define DOCUMENTED "documented"
#define INFERRED   "inferred"
#define DECIDED    "decided"

#define NO_ERROR_YET 0x7E57u /* no call sets this */
#define OUTSIDE                                                                                    \
    ((void                                                                                         \
          *)0xF0000000u) /* beyond every segment of a program in the classic model; the kernel's in XM */

struct tap {
    unsigned count, failed;
};

static inline void tap_line(struct tap *tap, int good, const char *what, const char *basis)
{
    tap->count++;
    tap->failed += !good;
    printf("%sok %u - %s (%s)\n", good ? "" : "not ", tap->count, what, basis);
}

static inline void tap_equal(struct tap *tap, const char *what, DWORD got, DWORD expected,
                             const char *basis)
{
    tap_line(tap, got == expected, what, basis);
    if (got != expected) printf("# expected %08lX, got %08lX\n", expected, got);
}

static inline void tap_result(struct tap *tap, const char *what, DWORD result, DWORD got,
                              DWORD failure, DWORD status, const char *basis)
{
    tap_line(tap, result == failure && got == status, what, basis);
    if (result != failure) printf("# result %08lX, on failure it is %08lX\n", result, failure);
    if (got != status) printf("# expected status %04lX, got %04lX\n", status, got);
}

static inline void tap_status(struct tap *tap, const char *what, DWORD result, DWORD failure,
                              DWORD status, const char *basis)
{
    tap_result(tap, what, result, GetLastRtError(), failure, status, basis);
}

static inline int tap_end(const struct tap *tap)
{
    printf("1..%u\n", tap->count);
    return tap->failed != 0;
}

/* The call must fail with this result and this status. */
#define FAILS(tap, call, failure, status, basis)                                                   \
    do {                                                                                           \
        SetLastRtError(NO_ERROR_YET);                                                              \
        tap_status(tap, #call " " #status, (DWORD)(call), (DWORD)(failure), status, basis);        \
    } while (0)

/* The call must give this result and leave the last status alone: "E_OK". */
#define GIVES(tap, call, result, basis)                                                            \
    do {                                                                                           \
        SetLastRtError(NO_ERROR_YET);                                                              \
        tap_status(tap, #call " E_OK", (DWORD)(call), (DWORD)(result), NO_ERROR_YET, basis);       \
    } while (0)

/* The same for a call that another thread or a handler has made and whose result and last status it has kept: `got` and
 * `kept`. */
#define FAILED(tap, call, got, kept, failure, status, basis)                                       \
    tap_result(tap, #call " " #status, (DWORD)(got), (DWORD)(kept), (DWORD)(failure), status, basis)
/* A condition. */
#define HOLDS(tap, condition, basis) tap_line(tap, (condition) != 0, #condition, basis)
/* A number. */
#define IS(tap, value, expected, basis)                                                            \
    tap_equal(tap, #value " = " #expected, (DWORD)(value), (DWORD)(expected), basis)

#endif
