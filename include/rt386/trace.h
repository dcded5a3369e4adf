/* trace.h: traces: what a machine did, instruction by instruction, in a file.
 *
 *   rt386_trace_open -> rt386_trace_next (again and again) -> rt386_trace_close
 *                       rt386_trace_seek
 *
 * A trace holds items in the order in which they happened. An instruction is one item, with the registers before and
 * after it and the memory that it used; what it did besides (selectors loaded, ports, an exception) comes before it as
 * items of their own. docs/trace-format.md describes the file.
 */
#ifndef RT386_TRACE_H
#define RT386_TRACE_H

#include <rt386/rt386.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rt386_trace_regs {
    uint32_t gpr[8]; /* EAX ECX EDX EBX ESP EBP ESI EDI */
    uint32_t eip, eflags;
} rt386_trace_regs;

typedef struct rt386_trace_access {
    uint8_t seg;    /* rt386_segreg */
    uint8_t access; /* rt386_access: read or write */
    uint8_t size;   /* 1, 2 or 4 bytes */
    uint32_t offset, linear, physical;
    uint32_t value; /* what was read or written, zero-extended */
} rt386_trace_access;

/* Of one instruction at most; those before, and what does not go together with a later one, come as items of their own. */
#define RT386_TRACE_ACCESSES 8
typedef struct rt386_trace_insn {
    uint16_t cs;
    bool code32;
    uint8_t length; /* 1..15 */
    uint8_t bytes[15];
    uint8_t accesses;
    uint32_t linear;
    uint32_t clocks; /* that it took */
    rt386_trace_regs before, after;
    rt386_trace_access access[RT386_TRACE_ACCESSES];
} rt386_trace_insn;

typedef enum rt386_trace_kind {
    RT386_TRACE_INSN, /* one instruction, or one iteration of a repeated one, has retired */
    RT386_TRACE_MEM,  /* an access that no instruction item tells of */
    RT386_TRACE_FIELD, /* a register of any kind has changed, other than by what RT386_TRACE_INSN tells */
    RT386_TRACE_LOAD,  /* a selector was resolved: accepted, or refused */
    RT386_TRACE_TABLE, /* the INtime kernel wrote a descriptor */
    RT386_TRACE_EVENT, /* an exception or interrupt is being delivered */
    RT386_TRACE_IO,
    RT386_TRACE_TASK,   /* a task switch */
    RT386_TRACE_CALL,   /* an INtime call begins or ends */
    RT386_TRACE_PROCESS /* an INtime process begins or ends */
} rt386_trace_kind;

typedef struct rt386_trace_item {
    rt386_trace_kind kind;
    uint64_t insns;  /* instructions that had retired before it */
    uint64_t clocks; /* virtual time then */
    union {
        rt386_trace_insn insn;
        rt386_trace_access mem;
        struct {
            unsigned index; /* rt386_trace_field_name */
            uint64_t before, after;
        } field;
        struct {
            uint16_t selector;
            uint8_t cpl;
            bool located;           /* the descriptor was found inside its table */
            uint32_t descriptor_at; /* linear */
            uint8_t descriptor[8];
            char purpose[64];   /* "load of a data segment register" */
            char rule_name[48]; /* "" when accepted */
        } load;
        struct {
            uint16_t selector;
            uint32_t linear;
            uint8_t before[8], after[8];
            char owner[64];
        } table;
        struct {
            uint8_t vector;
            char source; /* 'f' fault, 't' trap, 's' software, 'x' external */
            bool has_error, has_cr2;
            uint32_t error, cr2;
            char rule_name[48]; /* which refused; "" = none did */
        } event;
        struct {
            uint16_t port;
            uint8_t size;
            bool out;
            uint32_t value;
        } io;
        struct {
            uint16_t from, to;
        } task;
        struct {
            bool leaving, blocked;
            uint16_t process, thread;
            uint32_t result, status;
            char name[64], arguments[256];
        } call;
        struct {
            bool started;
            uint16_t handle;
            uint32_t code;
            char name[16];
        } process;
    };
} rt386_trace_item;

/* ---- reading ----------------------------------------------------------------------------------- */

typedef struct rt386_trace rt386_trace;

/* err: one sentence on failure. A trace that was cut off is opened as well, up to where it was. */
RT386_API rt386_status rt386_trace_open(const char *path, rt386_trace **trace, char *err,
                                        size_t err_size);
/* The same with its bytes, which stay where they are until rt386_trace_close. */
RT386_API rt386_status rt386_trace_open_bytes(const void *bytes, size_t n, rt386_trace **trace,
                                              char *err, size_t err_size);
RT386_API void rt386_trace_close(rt386_trace *trace);

typedef struct rt386_trace_info {
    unsigned major, minor; /* of the format */
    uint64_t bytes;        /* of the file */
    bool whole;            /* it has its end; else `why` says what is wrong, and cut_at where */
    uint64_t cut_at;       /* offset in the file */
    char why[80];
    uint64_t first, insns; /* instructions before it, and up to its end as far as it is there */
    uint64_t clocks;
    unsigned chunks, keyframes;
    uint64_t records, digests; /* items */
    bool has_end;              /* how the run ended is known: the next three */
    rt386_exit_kind end_kind;
    uint32_t end_code;
    char end_text[160];
} rt386_trace_info;
RT386_API rt386_trace_info rt386_trace_describe(const rt386_trace *trace);
/* Of what the head says: "tool", "guest" ...; NULL: nothing of that name. */
RT386_API const char *rt386_trace_value(const rt386_trace *trace, const char *key);
/* The keys in their order; NULL past the end. */
RT386_API const char *rt386_trace_key(const rt386_trace *trace, unsigned index);
/* The registers in their order; NULL past the end. bits may be NULL. */
RT386_API const char *rt386_trace_field_name(const rt386_trace *trace, unsigned index,
                                             unsigned *bits);

/* The next item: RT386_OK; RT386_E_NOTFOUND at the end; RT386_E_FORMAT: damaged, and rt386_trace_error says where. */
RT386_API rt386_status rt386_trace_next(rt386_trace *trace, rt386_trace_item *item);
/* Goes to the first item at or behind that many instructions. RT386_E_NOTFOUND: there is none; RT386_E_FORMAT. */
RT386_API rt386_status rt386_trace_seek(rt386_trace *trace, uint64_t insns);
/* The same access, whether by an instruction or not. */
RT386_API bool rt386_trace_same_access(const rt386_trace_access *a, const rt386_trace_access *b);
/* The same bytes at the same place leave the same registers and make the same accesses; what was before, selectors and
 * clocks are not looked at. */
RT386_API bool rt386_trace_same_insn(const rt386_trace_insn *a, const rt386_trace_insn *b);
/* The same of any item, but for its place in the run and an instruction's clocks. */
RT386_API bool rt386_trace_same_item(const rt386_trace_item *a, const rt386_trace_item *b);
/* Of a register behind the item that was read last. */
RT386_API uint64_t rt386_trace_field(const rt386_trace *trace, unsigned index);
/* Asked between two pieces of long work, with the instruction where it is. False: it is to end. */
typedef bool (*rt386_look)(void *ctx, uint64_t insns);
/* How many records of input there are: all that came from outside. RT386_E_FORMAT: one is damaged, or they are out of order, and
 * rt386_trace_error says so; *count of them come before it. */
RT386_API rt386_status rt386_trace_inputs(rt386_trace *trace, uint64_t *count);
/* Who is asked in the course of rt386_trace_check; NULL: nobody. */
RT386_API void rt386_trace_look(rt386_trace *trace, rt386_look look, void *ctx);
/* Reads every chunk, every item and every record of input. RT386_E_FORMAT: rt386_trace_error says what is wrong first, and where; RT386_E_STATE:
 * it was to end. */
RT386_API rt386_status rt386_trace_check(rt386_trace *trace);
RT386_API const char *rt386_trace_error(const rt386_trace *trace);

/* ---- recording --------------------------------------------------------------------------------- */

typedef struct rt386_record_options {
    size_t size;
    /* Takes the bytes of the trace as they come; false: it could not. With `instructions` also from a thread of the recording's
     * own: never twice at once, and between rt386_record_flush or rt386_record_end and the next run not at all. */
    bool (*put)(void *ctx, const void *bytes, size_t n);
    void *put_ctx;
    bool instructions; /* every instruction and all that happens with it */
    const char *guest; /* its name, for people; NULL: none */
    /* So many instructions from one keyframe, and from one digest of the whole state, to the next; 0 = 16 million. */
    uint64_t keyframe_every, digest_every;
    bool plain; /* nothing is packed: quicker, for a recording that stays in memory */
    /* Besides, a keyframe when the guest has cost so many microseconds of the host's processor time since the last one, so that none is
     * far from the next for a slow guest either; 0: that does not count. Longer where a keyframe itself takes more than a
     * sixteenth of it. Only where keyframes are depends on it; what the trace says does not. */
    uint64_t keyframe_us;
} rt386_record_options;
/* From now on, until rt386_record_end; observers may look as well. Between runs only, as its end. Once `put` has said no,
 * rt386_run ends, and says RT386_E_IO, until the recording has ended, too. RT386_E_ARG, RT386_E_NOMEM, RT386_E_IO,
 * RT386_E_STATE. */
RT386_API rt386_status rt386_record_begin(rt386 *machine, const rt386_record_options *options);
/* What has happened by now is written; from an observer too. A trace can be read up to there. RT386_E_STATE; RT386_E_IO: some
 * byte could not be written, RT386_E_NOMEM: a keyframe or digest not made, then or before. */
RT386_API rt386_status rt386_record_flush(rt386 *machine);
/* why: how the run ended; may be NULL. RT386_E_IO, RT386_E_NOMEM as above: the trace is not whole. */
RT386_API rt386_status rt386_record_end(rt386 *machine, const rt386_exit *why);

/* ---- replay ------------------------------------------------------------------------------------ */

typedef struct rt386_replay_options {
    size_t size;
    bool verify; /* compare every item of the trace with what happens */
    bool live; /* behind the last input of the trace, what comes from outside is the host's again */
    bool
        keyframe; /* begin at the last keyframe at or before `from`, whatever the machine held before */
    uint64_t from; /* instructions */
} rt386_replay_options;
/* The configuration to create a machine for a replay from a keyframe; callbacks are not filled in, and whether it has a
 * network. RT386_E_NOTFOUND: the trace has no keyframe; RT386_E_FORMAT. */
RT386_API rt386_status rt386_trace_config(rt386_trace *trace, rt386_config *config, bool *network);
/* From now on what comes from outside comes from the trace, which stays the caller's and is not to be read meanwhile; a run
 * that goes another way ends with RT386_EXIT_DIVERGED. Without `keyframe` the machine is where the trace begins: the same
 * guests loaded in the same way, nothing run; with it, it is there afterwards. Digests of the trace are compared on the
 * way, and, unless it is live, how and where the run ends; behind a trace that was cut, or whose run was broken off,
 * nothing is. Where there is no memory for a digest rt386_run says RT386_E_NOMEM. RT386_E_STATE: the machine is not there, or
 * records; RT386_E_NOTFOUND: no keyframe; RT386_E_FORMAT. options may be NULL. */
RT386_API rt386_status rt386_replay_begin(rt386 *machine, rt386_trace *trace,
                                          const rt386_replay_options *options);

#define RT386_REPLAY_LAST 32
typedef struct rt386_divergence {
    bool diverged;
    uint64_t insns;        /* instructions that had retired */
    bool digest;           /* the whole state differs from the trace's at a digest */
    uint64_t digest_equal; /* instructions at the last one that was equal */
    bool other_guest;      /* a file that was loaded is another than was recorded */
    bool input;            /* what came from outside was asked for in another way */
    bool end;          /* the run ended otherwise than the trace says, or goes on behind its end */
    bool damaged;      /* the trace is, there: rt386_trace_error */
    bool after_input;  /* something came from outside since the last equal instruction */
    bool has_expected; /* the trace has an item there */
    bool has_actual;   /* something happened there */
    rt386_trace_item expected, actual;
    char ended[160];     /* with `end`: how it ended, as in rt386_exit; "": it goes on */
    unsigned last_count; /* the last instructions that were equal, the oldest first */
    rt386_trace_item last[RT386_REPLAY_LAST];
} rt386_divergence;
/* The end of a replay: what was found, and the machine is as others again. out may be NULL. */
RT386_API rt386_status rt386_replay_end(rt386 *machine, rt386_divergence *out);

#ifdef __cplusplus
}
#endif

#endif
