/* log_memory.h: what an instruction wrote, in a trace and in Bochs' trace-mem.
 *
 * Each byte that the trace has written must be among the writes of the log, with the same value. Not the other way round: the log's lines
 * hold descriptors and task state too, and may be wider.
 */
#ifndef RT386_APP_LOG_MEMORY_H
#define RT386_APP_LOG_MEMORY_H

#include "text.h"

#include <rt386/log.h>
#include <rt386/trace.h>

#define LOG_MEMORY_WRITES 64u
struct log_memory {
    bool seen; /* the log has memory: before its first access nothing can be said */
    bool many; /* more than there is room for: not compared */
    unsigned n;
    struct {
        uint32_t linear, value;
        uint8_t size;
    } write[LOG_MEMORY_WRITES];
};

/* Those of the next instruction follow. */
void log_memory_begin(struct log_memory *m);
void log_memory_add(struct log_memory *m, const rt386_log_item *access);
/* open: flags that need not be equal, where PUSHF and INT n store them. NULL, or the access of the trace that the log does not have. */
const rt386_trace_access *log_memory_missing(const struct log_memory *m, const rt386_trace_insn *in,
                                             uint32_t open);
void log_memory_text(const struct log_memory *m, struct text *t);

#endif
