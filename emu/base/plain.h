/* plain.h: instructions that change nothing but general registers, EIP, EFLAGS and memory, many at once: as an engine
 * notes them and a trace takes them.
 *
 *   step[0] step[1] ... step[n - 1]                 each instruction: which, and what is behind it
 *   state[0]  state[1] ... state[states - 1]        registers: before the first, and in order
 *   access[0] access[1] ... access[accesses - 1]    of all of them, in order
 *
 * What some instructions do follows from their bytes: of these there is nothing but the step. Any other one has PLAIN_SEEN
 * in its step, and the state behind it; if the one before had none, the state before it is there as well. The last state is
 * the one at the end of the batch.
 *
 * The bytes of an instruction have a number, which stands for others as soon as the log is told so.
 */
#ifndef RT386_BASE_PLAIN_H
#define RT386_BASE_PLAIN_H

#include <stdbool.h>
#include <stdint.h>

#define PLAIN_INSNS    128u /* of a batch */
#define PLAIN_ACCESSES 512u
#define PLAIN_MOST     128u /* accesses of one instruction, at most: ENTER makes 63 */
#define PLAIN_CODES    1024u
#define PLAIN_STATES   (2 * PLAIN_INSNS + 2)

struct plain_code {
    uint8_t bytes[16]; /* zero behind the last one */
    uint8_t length;
    uint8_t code32; /* the D bit of CS */
};

#define PLAIN_SEEN 0x8000u
struct plain_step {
    uint32_t eip;    /* behind it */
    uint16_t clocks; /* of one that is not PLAIN_SEEN */
    uint16_t code;   /* the number of its bytes, below PLAIN_CODES; PLAIN_SEEN */
};

/* Numbers of words in x. What is between belongs to whoever takes the batch. */
enum { PLAIN_EFLAGS = 10, PLAIN_WORDS = 12 };
struct plain_state {
    uint32_t x[PLAIN_WORDS]; /* the general registers, EFLAGS */
    uint32_t clocks;         /* of the instruction before it */
    uint32_t accesses;       /* the batch's, up to here */
    uint32_t unused[2];
};

struct plain_access {
    uint32_t offset, physical, value;
    uint8_t shape; /* segment register | write << 3 | size in bytes << 4 */
};
static inline uint8_t plain_shape(unsigned seg, unsigned access, unsigned size)
{
    return (uint8_t)(seg | access << 3 | size << 4);
}

/* The first one is behind `eip`. */
struct plain_batch {
    uint32_t eip;
    unsigned n, states;
    const struct plain_step *step;
    struct plain_state *state;
    const struct plain_access *access;
};

struct plain_log {
    void *ctx;
    /* before the first instruction of a batch; finds room for it and fills state[0] */
    void (*begin)(void *ctx);
    /* From now on the number stands for these bytes; no instruction of the batch has had it for others. True: what it does
     * follows from them. */
    bool (*code)(void *ctx, unsigned number, const struct plain_code *code);
    /* the batch, at an instruction boundary or when an instruction was refused: its accesses are the last ones */
    void (*take)(void *ctx);
    unsigned n, states, accesses;
    bool behind;                 /* the last state is that of an instruction before the last one */
    unsigned most;               /* instructions of this batch, up to PLAIN_INSNS: set by `begin` */
    struct plain_step *step;     /* PLAIN_INSNS of them */
    struct plain_state *state;   /* PLAIN_STATES */
    struct plain_access *access; /* PLAIN_ACCESSES */
};

#endif
