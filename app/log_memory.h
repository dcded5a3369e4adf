/* log_memory.h: what an instruction read and wrote, in a trace and in Bochs' trace-mem.
 *
 * Each byte that the trace has must be among the accesses of that kind in the log, with the same value. Not the other way round: the log's
 * lines hold descriptors and task state too, and may be wider.
 */
#ifndef RT386_APP_LOG_MEMORY_H
#define RT386_APP_LOG_MEMORY_H

#include "text.h"

#include <rt386/log.h>
#include <rt386/trace.h>

#define LOG_MEMORY_MOST 64u
struct log_memory {
    bool seen; /* the log has memory: before its first access nothing can be said */
    bool many; /* more than there is room for, not compared */
    unsigned n;
    struct log_access {
        bool write;
        uint8_t size; /* above 4: any value */
        uint32_t linear, value;
    } access[LOG_MEMORY_MOST];
};

/* Those of the next instruction follow. */
void log_memory_begin(struct log_memory *m);
void log_memory_add(struct log_memory *m, const rt386_log_item *access);
/* open: flags that need not be equal, where PUSHF and INT n store and POPF and IRET load them. NULL, or the access of the trace
 * that the log does not have. */
const rt386_trace_access *log_memory_missing(const struct log_memory *m, const rt386_trace_insn *in,
                                             uint32_t open);
/* "linear 00100406 <- 61" */
void log_memory_line(struct text *t, bool write, uint32_t linear, unsigned size, uint32_t value);
/* The log's accesses of that kind. */
void log_memory_text(const struct log_memory *m, struct text *t, bool write);

#endif
