/* feed.h: what a recorder has to say, in order, for a writer that works in a thread of its own.
 *
 *   recorder --messages--> block | block | block --> thread: encoder, packing, file
 *                <----------- empty blocks <----
 *
 * A block holds messages and the plain instructions and accesses that they name. Whoever finds all of them full waits, so
 * memory is bounded. The thread begins with the second block; where the host has no thread the blocks are written
 * by the one who fills them. What is written depends on the messages alone, and not on how instructions are put together to
 * batches, as long as one ends at each PLAIN_INSNS of a run: there a chunk may end, and behind an exception or interrupt.
 *
 * Invariant: the writer belongs to the thread, but between feed_wait and the next message.
 */
#ifndef RT386_TRACE_FEED_H
#define RT386_TRACE_FEED_H

#include "plain.h"
#include "writer.h"

struct trace_feed;

/* NULL: out of memory. The writer stays the caller's. */
struct trace_feed *feed_new(struct trace_writer *w);
/* What was said is written first. */
void feed_free(struct trace_feed *f);
/* All that was said is written, or the writer has failed. */
void feed_wait(struct trace_feed *f);
/* It has failed, as far as is known without waiting. */
bool feed_failed(const struct trace_feed *f);

/* As the functions of encode.h; a chunk ends behind an instruction or an event where it is large enough, and where it is far
 * too large, anywhere. */
void feed_insn(struct trace_feed *f, const rt386_trace_insn *in);
void feed_field(struct trace_feed *f, unsigned index, uint64_t value);
void feed_item(struct trace_feed *f, const rt386_trace_item *item);
void feed_load(struct trace_feed *f, const struct encode_load *load); /* its texts stay */
void feed_clocks(struct trace_feed *f, uint64_t clocks);

/* Room in the log for a batch; and the batch, if there is one: its first instruction is at `eip`. */
void feed_room(struct trace_feed *f, struct plain_log *log);
void feed_plain(struct trace_feed *f, uint32_t eip, const struct plain_log *log);
/* Of the plain instructions from now on: these bytes have that number. */
void feed_code(struct trace_feed *f, unsigned number, const struct plain_code *code);

#endif
