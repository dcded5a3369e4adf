/* seh.h: inside of structured exception handling (seh.c, sehasm.S). */
#ifndef RT386_GUEST_SEH_H
#define RT386_GUEST_SEH_H

#include "excpt.h"

struct seh_frame {
    struct seh_frame *prev;
    EXCEPTION_ROUTINE handler;
    struct seh_frame *called; /* frames of seh_call only: whose handler runs */
};

struct seh_scope {
    DWORD outer;          /* try level around it; -1: none */
    int (*filter)(void);  /* NULL: a termination block */
    int (*handler)(void); /* the __except block, or the termination block */
};
struct seh_scope_frame {
    struct seh_frame *prev;
    EXCEPTION_ROUTINE handler;
    const struct seh_scope *table;
    DWORD level;
};

typedef VOID(RTAPI *SEH_USER_HANDLER)(PEXCEPTION_RECORD record, PCONTEXT context);

/* In ring 0's words: what becomes of the thread. A handler of the program's own to call, or NULL. */
RTAPI LPPROC RslUnhandledException(PEXCEPTION_RECORD pRecord, PCONTEXT pContext);

void seh_dispatch(PEXCEPTION_RECORD record,
                  PCONTEXT context); /* returns: go on as the context says */
void seh_continue(PCONTEXT context) __attribute__((noreturn));
void seh_capture(PCONTEXT context);
void seh_raise(PEXCEPTION_RECORD record);
EXCEPTION_DISPOSITION seh_call(PEXCEPTION_RECORD record, struct seh_frame *frame, PCONTEXT context,
                               struct seh_frame **dispatcher, EXCEPTION_ROUTINE handler,
                               EXCEPTION_ROUTINE inner);
int seh_block(int (*function)(void), void *ebp);
void seh_enter(int (*function)(void), void *ebp) __attribute__((noreturn));

#endif
