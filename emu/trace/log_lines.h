/* log_lines.h: inside of the readers of other emulators' logs (public part: rt386/log.h).
 *
 *   file --> log_read.c: lines --> log_qemu.c, log_bochs.c: items
 *
 * One line and one item are kept, so memory does not grow with the log. A reader may hold a line that belongs to the
 * item behind the one it gives.
 */
#ifndef RT386_TRACE_LOG_LINES_H
#define RT386_TRACE_LOG_LINES_H

#include <rt386/log.h>
#include <stdio.h>

#define LOG_LINE_MAX 4096u /* bytes; those of QEMU and Bochs have some 200 */

/* log_qemu.c: what the lines since the last item have told. */
struct log_qemu {
    rt386_log_item item;
    bool have;       /* there is an item that may not be complete */
    bool dumped;     /* a dump of registers has begun */
    bool skip;       /* the next dump is of something else: a reset, system management mode */
    bool listing;    /* the next line of assembler is a block's first */
    uint32_t asm_at; /* of that line */
    uint8_t asm_length, asm_bytes[15];
};
/* log_bochs.c: registers that were printed before the instruction they belong to. */
struct log_bochs {
    rt386_log_state regs;
    uint64_t line; /* of the first of them */
    uint32_t rmw;  /* linear address of the last read for modification */
    bool has_rmw;
    unsigned exception; /* its vector, when the last event was one; its line Interrupt follows */
    bool has_exception;
};

struct rt386_log {
    FILE *file;
    rt386_log_format format;
    char text[LOG_LINE_MAX + 1]; /* the line, without its end and without what is no text in it */
    uint64_t line;               /* its number */
    bool held;                   /* it is to be read again */
    bool found;                  /* an item was found */
    char error[240];
    struct log_qemu qemu;
    struct log_bochs bochs;
};

/* The next line: RT386_OK; RT386_E_NOTFOUND at the end, RT386_E_FORMAT, RT386_E_IO. */
rt386_status log_line(rt386_log *log);
/* "line 12: " + sentence; RT386_E_FORMAT. */
rt386_status log_refuse(rt386_log *log, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A number of 1 to 16 hex digits at *at, which moves behind it. */
bool log_hex(const char **at, uint64_t *value);
/* `word` at *at, which moves behind it. */
bool log_word(const char **at, const char *word);
/* Pairs of hex digits, with a blank between two if `blanks`; the number of bytes, at most 15. */
unsigned log_bytes(const char *at, bool blanks, uint8_t to[15]);
void log_know(rt386_log_state *state, unsigned index, uint64_t value);

/* The line is one that only this format has. */
bool log_qemu_owns(const char *text);
bool log_bochs_owns(const char *text);
/* As rt386_log_next. */
rt386_status log_qemu_next(rt386_log *log, rt386_log_item *item);
rt386_status log_bochs_next(rt386_log *log, rt386_log_item *item);

#endif
