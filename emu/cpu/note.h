/* note.h: what the processor tells of the steps inside an instruction or a delivery: a gate looked up,
 * a stack pointer fetched from the TSS, an element of a frame pushed, a stage of a task switch.
 *
 *   the code that executes --note_*()--> cpu_observer.note
 *
 * A note is told when its step is done, or has been refused: then `fault` says so. It holds what the step
 * found, so that nobody has to work it out again. Selectors, memory accesses, ports and deliveries have
 * members of their own in struct cpu_observer.
 *
 * Invariants: notes change nothing; where nobody wants them, each costs one test.
 */
#ifndef RT386_CPU_NOTE_H
#define RT386_CPU_NOTE_H

#include "cpu.h"

enum note_kind {
    NOTE_GATE,     /* the IDT entry of a vector */
    NOTE_VECTOR,   /* real mode: the four bytes of a vector */
    NOTE_TSS_SS,   /* SS:ESP of an inner level out of the TSS */
    NOTE_ELEMENT,  /* the element of a frame that is pushed next: its access follows */
    NOTE_TARGET,   /* the new EIP against the new segment's limit */
    NOTE_BYTE,     /* an access byte was written: accessed or busy bit */
    NOTE_LOADED,   /* a segment register takes what the program loads */
    NOTE_TASK,     /* a stage of a task switch */
    NOTE_IO_MAP,   /* I/O permission map */
    NOTE_NO_STACK, /* a stack that is not in SS yet refuses an access */
};

/* Elements of the frames that transfers push. */
enum element {
    ELEMENT_EIP,
    ELEMENT_CS,
    ELEMENT_EFLAGS,
    ELEMENT_ESP,
    ELEMENT_SS,
    ELEMENT_ES,
    ELEMENT_DS,
    ELEMENT_FS,
    ELEMENT_GS,
    ELEMENT_ERROR,
    ELEMENT_PARAMETER
};

enum task_stage {
    STAGE_LINK_READ, /* IRET: the back link of the present TSS */
    STAGE_BEGIN,     /* the present TSS has room for what is saved */
    STAGE_COMMIT,    /* from here on it is the new task */
    STAGE_SAVED,     /* registers in the old TSS */
    STAGE_NOT_BUSY,  /* the old TSS */
    STAGE_BUSY,      /* the new TSS */
    STAGE_LINKED,    /* back link in the new TSS */
    STAGE_FETCHED,   /* registers out of the new TSS */
    STAGE_REGISTERS  /* they are put in place now; segments are loaded next */
};

struct cpu_note {
    enum note_kind kind;
    fault_t fault; /* none: the step went well */
    lin_t where;   /* of the entry, the field, the byte */
    unsigned checks;
    struct check check[3]; /* made here and nowhere else; the last one fails if one does */
    union {
        struct {
            uint8_t vector;
            bool software, read; /* read: `desc` or `ip` and `cs` are valid */
            desc_t desc;
            uint16_t cs, ip;
        } gate; /* NOTE_GATE, NOTE_VECTOR */
        struct {
            uint8_t level, size; /* size: of ESP in the TSS, 2 or 4 */
            uint16_t ss;
            uint32_t esp;
        } inner; /* NOTE_TSS_SS; where: of ESPn */
        struct {
            enum element element;
            uint8_t number; /* parameters: 0 is the one pushed first */
            uint32_t value;
            const struct seg *ss;
        } push; /* NOTE_ELEMENT */
        struct {
            const struct shadow *code;
            uint32_t eip;
        } target;     /* NOTE_TARGET */
        desc_t image; /* NOTE_BYTE: as it is now; where: of its first byte */
        struct {
            enum segreg reg;
            const struct seg *seg;
        } loaded; /* NOTE_LOADED */
        struct {
            enum task_stage stage;
            uint16_t from, to; /* selectors of the TSSs */
            uint8_t how;       /* enum task_how */
            uint32_t size;     /* bytes read or written */
            uint32_t value;    /* EIP saved or fetched; the back link */
        } task;                /* NOTE_TASK */
        struct {
            uint16_t port, map; /* map: the two bytes at `where` */
            uint8_t size;
            uint16_t base; /* of the map in the TSS */
        } io;              /* NOTE_IO_MAP */
        struct {
            const struct seg *ss;
        } no_stack; /* NOTE_NO_STACK; the access is in cpu->refused */
    };
};

/* Cheap enough for everywhere. */
static inline bool note_wanted(const struct i386_cpu *cpu)
{
    return __builtin_expect(cpu->obs && cpu->obs->note, 0);
}
static inline void note_tell(const struct i386_cpu *cpu, const struct cpu_note *note)
{
    cpu->obs->note(cpu->obs->ctx, cpu, note);
}
static inline struct check note_check(enum rule rule, bool passed, uint32_t have, uint32_t want)
{
    return (struct check){.rule = (uint16_t)rule,
                          .passed = passed,
                          .state = passed ? CHECK_PASSED : CHECK_FAILED,
                          .have = have,
                          .want = want};
}

#endif
