/* reverse.h: back in time in a run that was recorded.
 *
 *   rt386_trace_open -> rt386_trace_config -> rt386_create -> rt386_reverse_open -> rt386_reverse_back, _find ... -> rt386_reverse_close
 *
 * The machine is always one that stands somewhere in the run; to get to an earlier place it becomes that of a keyframe and runs
 * again, with what came from outside out of the trace. Between two calls it can be looked at like any other; whoever changes
 * it gets another run than the recorded one. docs/adr/0076 tells how places are found.
 */
#ifndef RT386_REVERSE_H
#define RT386_REVERSE_H

#include <rt386/trace.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A place in a run, between two steps of the processor: so many instructions had retired, at that time. Of several places with
 * the same instructions (an exception was delivered) the clocks tell them apart. */
typedef struct rt386_place {
    uint64_t insns, clocks;
} rt386_place;

typedef struct rt386_reverse rt386_reverse;

/* The machine, made for this trace with rt386_trace_config, stands at its beginning afterwards. Both stay the caller's and are
 * in use until rt386_reverse_close; no recording may begin meanwhile. RT386_E_NOTFOUND: no keyframe; RT386_E_FORMAT, RT386_E_STATE, RT386_E_NOMEM. */
RT386_API rt386_status rt386_reverse_open(rt386 *machine, rt386_trace *trace,
                                          rt386_reverse **reverse);
RT386_API void rt386_reverse_close(rt386_reverse *reverse);
/* Asked between two pieces of a run again, with the instructions that were run again since rt386_reverse_open. False: what is under way ends with
 * RT386_E_STATE, and the machine stands somewhere. NULL: nobody is asked. */
RT386_API void rt386_reverse_look(rt386_reverse *reverse, rt386_look look, void *ctx);

RT386_API rt386_place rt386_reverse_place(const rt386_reverse *reverse);
/* The last instruction of the trace. */
RT386_API uint64_t rt386_reverse_end(const rt386_reverse *reverse);

/* Where `insns` instructions have retired: the first such place, but at the end of the trace the last, where all has happened. And
 * to a place that was there before. RT386_E_RANGE: not in the trace;
 * RT386_E_STATE: there was no such place, or the run goes another way than it did (rt386_error), and then the machine is of
 * no use; RT386_E_FORMAT: a keyframe is damaged. */
RT386_API rt386_status rt386_reverse_go(rt386_reverse *reverse, uint64_t insns);
RT386_API rt386_status rt386_reverse_return(rt386_reverse *reverse, rt386_place place);

/* Before the instruction that began `n` instructions ago; one that was refused counts as well, an interrupt does not.
 * RT386_E_NOTFOUND: the machine is at the beginning, which comes sooner. */
RT386_API rt386_status rt386_reverse_back(rt386_reverse *reverse, uint64_t n);
/* The same from the end of the trace, wherever the machine is now: the way there is spared. */
RT386_API rt386_status rt386_reverse_back_from_end(rt386_reverse *reverse, uint64_t n);
/* After RT386_E_NOTFOUND of these two: how many instructions began between the beginning and where it came from. */
RT386_API uint64_t rt386_reverse_counted(const rt386_reverse *reverse);
/* The other way round: n instructions later. RT386_E_NOTFOUND: the machine is at the end. */
RT386_API rt386_status rt386_reverse_step(rt386_reverse *reverse, uint64_t n);

typedef enum rt386_seek_kind {
    RT386_SEEK_EXEC,     /* the instruction at `at` begins */
    RT386_SEEK_WRITE,    /* somebody, also the INtime kernel, writes to bytes of the range */
    RT386_SEEK_READ,     /* an instruction reads them */
    RT386_SEEK_EVENT,    /* an exception or interrupt is delivered */
    RT386_SEEK_CALL,     /* an INtime call begins */
    RT386_SEEK_SELECTOR, /* the selector is looked up: loaded, or refused */
    RT386_SEEK_SWITCH    /* a task switch by TSS */
} rt386_seek_kind;
typedef struct rt386_seek {
    size_t size;
    rt386_seek_kind kind;
    rt386_addr
        at; /* EXEC; WRITE, READ: where it lies in memory is looked up at the present place, what is
                 * not mapped there as soon as it is */
    uint32_t n;        /* WRITE, READ: bytes, 1 to 64 K */
    int vector;        /* EVENT: -1 any */
    const char *call;  /* CALL: its name; NULL any */
    uint16_t selector; /* SELECTOR: RPL does not count */
    bool here;         /* forwards: what the present instruction is, or does, counts as well */
} rt386_seek;
#define RT386_SEEK_MAX 64

typedef struct rt386_sighting {
    unsigned which;    /* of the seeks */
    rt386_place place; /* before the instruction, or the delivery, that did it */
    bool by_kernel;    /* WRITE: the INtime kernel did, in the course of `call` if that is not "" */
    char call[64];
    uint8_t vector;                /* EVENT */
    uint32_t at;                   /* WRITE, READ: first byte, physical */
    unsigned n;                    /* bytes in the next two */
    uint8_t before[16], after[16]; /* WRITE: the first bytes of the range */
} rt386_sighting;
/* The nearest place where one of them is met. Backwards: the last one before the present place, and the machine stands before it.
 * Forwards: the first one; the machine stands before it, or behind it for WRITE and READ; what the present instruction is, or
 * does, counts for WRITE and READ only. RT386_E_NOTFOUND: none, and the machine is at the beginning or at the end.
 * RT386_E_RANGE: no memory there; RT386_E_ARG, RT386_E_STATE, RT386_E_FORMAT. Writes of the INtime kernel's first choice of a
 * thread, before any instruction, are met backwards, at the beginning; from there on they count as done. */
RT386_API rt386_status rt386_reverse_find(rt386_reverse *reverse, const rt386_seek *seek,
                                          unsigned count, bool forwards, rt386_sighting *found);

#ifdef __cplusplus
}
#endif

#endif
