/* plain.h: instructions that change nothing but general registers, EIP, EFLAGS and memory, many at once: as an engine
 * notes them and a trace takes them.
 *
 *   insn[0]        insn[1]  ...  insn[n]           access[0] ... access[accesses - 1]
 *   before them    behind the first one            of all of them, in order
 *
 *
 * The bytes of an instruction have a number, which stands for others as soon as the log is told so.
 */
#ifndef RT386_BASE_PLAIN_H
#define RT386_BASE_PLAIN_H

#include <stdint.h>

#define PLAIN_INSNS    128u /* of a batch */
#define PLAIN_ACCESSES 512u
#define PLAIN_MOST     128u /* accesses of one instruction, at most: ENTER makes 63 */
#define PLAIN_CODES    1024u

struct plain_code {
    uint8_t bytes[16]; /* zero behind the last one */
    uint8_t length;
    uint8_t code32; /* the D bit of CS */
};

/* Numbers of words in x. What is between belongs to whoever takes the batch. */
enum { PLAIN_EFLAGS = 10, PLAIN_WORDS = 12 };
struct plain_insn {
    uint32_t x[PLAIN_WORDS]; /* behind it: the general registers, EFLAGS */
    uint32_t eip;            /* behind it */
    uint32_t clocks;
    uint16_t accesses; /* the batch's, up to its end */
    uint16_t code;     /* the number of its bytes, below PLAIN_CODES */
    uint32_t unused;
};

struct plain_access {
    uint32_t offset, physical, value;
    uint8_t shape; /* segment register | write << 3 | size in bytes << 4 */
};
static inline uint8_t plain_shape(unsigned seg, unsigned access, unsigned size)
{
    return (uint8_t)(seg | access << 3 | size << 4);
}

struct plain_log {
    void *ctx;
    /* before the first instruction of a batch; finds room for it and fills insn[0] */
    void (*begin)(void *ctx);
    /* from now on the number stands for these bytes; no instruction of the batch has had it for others */
    void (*code)(void *ctx, unsigned number, const struct plain_code *code);
    /* the batch, at an instruction boundary or when an instruction was refused: its accesses are the last ones */
    void (*take)(void *ctx);
    unsigned n, accesses;
    unsigned most;               /* instructions of this batch, up to PLAIN_INSNS: set by `begin` */
    struct plain_insn *insn;     /* PLAIN_INSNS + 1 of them */
    struct plain_access *access; /* PLAIN_ACCESSES */
};

#endif
