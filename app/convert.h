/* convert.h: rt386 trace convert: a trace in the words of other tools.
 *
 *   trace --> convert.c --> item by item --> convert_execlog.c, convert_tenet.c ... --> file
 *
 * A format is a row of the table in convert.c. It sees the items in their order, but for memory items: those that belong
 * to an instruction come with it in `access`, those of none (the frame of an interrupt, what a refused instruction
 * had read) go to `loose`. The state that rt386_trace_field tells is that behind the item; selectors that an instruction
 * has loaded follow it as items of their own, so at an instruction they are still those before it.
 *
 * What each format cannot say stands in docs/trace-convert.md.
 */
#ifndef RT386_APP_CONVERT_H
#define RT386_APP_CONVERT_H

#include "trace_cmd.h"
#include "work.h"

/* Registers by their number here; CONVERT_SEGMENT(x, CONVERT_BASE) is a part of segment register x, where x is an
 * rt386_segreg or one of the two behind. */
enum convert_part {
    CONVERT_SELECTOR,
    CONVERT_BASE,
    CONVERT_LIMIT,
    CONVERT_ACCESS,
    CONVERT_FLAGS,
    CONVERT_USABLE,
    CONVERT_PARTS
};
#define CONVERT_LDTR             6u
#define CONVERT_TR               7u
#define CONVERT_SEGMENT(x, part) ((unsigned)(x)*CONVERT_PARTS + (unsigned)(part))
enum convert_register {
    CONVERT_GDTR_BASE = 8 * CONVERT_PARTS,
    CONVERT_GDTR_LIMIT,
    CONVERT_IDTR_BASE,
    CONVERT_IDTR_LIMIT,
    CONVERT_CR0,
    CONVERT_CR2,
    CONVERT_CR3,
    CONVERT_CR4,
    CONVERT_DR0,
    CONVERT_DR1,
    CONVERT_DR2,
    CONVERT_DR3,
    CONVERT_DR6,
    CONVERT_DR7,
    CONVERT_CPL,
    CONVERT_INHIBIT,
    CONVERT_EFLAGS,
    CONVERT_REGISTERS
};

struct convert_file {
    const char *path; /* NULL: standard output */
    FILE *f;
    struct text text;
    bool failed;
};

#define CONVERT_ACCESSES 256u
struct convert;
struct convert_format {
    const char *name, *summary;
    const char *side; /* what is put behind OUT for a second file; NULL: there is none */
    size_t own;       /* bytes of its own state, zeroed at the beginning */
    int (*begin)(struct convert *c); /* STATUS_OK, or a sentence was printed; may be NULL */
    void (*item)(struct convert *c, const rt386_trace_item *item);
    void (*loose)(struct convert *c, const rt386_trace_access *a); /* may be NULL */
    void (*end)(struct convert *c);                                /* may be NULL */
    void (*release)(struct convert *c); /* of what it holds; may be NULL */
};

struct convert {
    struct app *app;
    const struct trace_options *o;
    rt386_trace *trace;
    struct disasm *disasm;
    const struct convert_format *format;
    struct convert_file out, side;
    int at[CONVERT_REGISTERS]; /* index of a register in the trace; -1: it has none of that name */
    rt386_trace_access access[CONVERT_ACCESSES]; /* of the instruction that `item` is */
    unsigned accesses;
    uint64_t insns; /* instructions converted */
    uint64_t hz;    /* clocks in a second */
    struct work work;
    void *own;
};

int trace_convert(struct app *app, const struct trace_options *o, char **word, int words);

/* Behind the item that was read last; 0 when the trace has no such register. */
uint32_t convert_register(const struct convert *c, unsigned reg);
/* Virtual time of so many clocks: by the trace's clock_hz, or 33 MHz when it has none. */
uint64_t convert_nanoseconds(const struct convert *c, uint64_t clocks);
/* What has piled up goes to the file when it is much. */
void convert_put(struct convert *c, struct convert_file *f);

extern const struct convert_format convert_bochs, convert_callgrind, convert_execlog,
    convert_lackey, convert_perfetto, convert_qemu, convert_tenet, convert_trace32, convert_vcd;

#endif
