/* view.h: what a run shows, before it is decided how (words for a student, or JSON Lines).
 *
 *   machine --observer--> observe.c --(what matters)--> view: explain.c (text) or jsonl.c (JSON)
 *
 * A view only prints. What is worth showing is decided once, in observe.c, for all views.
 */
#ifndef RT386_APP_VIEW_H
#define RT386_APP_VIEW_H

#include "app.h"
#include "end.h"

#include <rt386/account.h>

/* What an instruction did, or a delivery that came before one, in the order in which it happened (rt386/account.h). */
struct view_steps {
    const rt386_step *step;
    unsigned count;
    const rt386_insn_event
        *insn;        /* NULL: its bytes could not be fetched, or an interrupt came first */
    char process[16]; /* INtime: whose code this is, or "" */
    bool have_desc;   /* of a refused access: */
    rt386_desc desc;  /* the table entry that the segment register's selector names now */
    uint8_t code[15]; /* #UD: the bytes at EIP */
    unsigned code_length;
};

/* A granted access through ES, FS or GS while it holds a memory handle. */
struct view_access {
    const rt386_mem_event *mem;
    uint16_t selector;
};

/* The accesses that were not shown one by one. */
struct view_accesses {
    rt386_segreg seg;
    uint16_t selector;
    unsigned reads, writes;
    uint32_t low, high; /* first and last byte offset touched */
};

/* What observe.c left out. */
struct view_hidden {
    unsigned calls, loads, events, table; /* table: GDT entries */
};

struct view_ops {
    void (*start)(void *view, const char *const files[], int n);
    void (*console)(void *view, const char *bytes, size_t n);
    void (*post)(void *view, uint32_t code);
    /* `arguments` are filled in both ways; a leaving event comes after the GDT writes of the call */
    void (*call)(void *view, const rt386_call_event *e);
    /* free: GDT slots that the kernel can still give away */
    void (*table)(void *view, const rt386_table_event *e, unsigned free);
    void (*steps)(void *view, const struct view_steps *e);
    void (*access)(void *view, const struct view_access *e);
    void (*accesses)(void *view, const struct view_accesses *e);
    void (*task)(void *view, uint16_t from, uint16_t to);
    void (*process)(void *view, uint16_t handle, const char *name, bool started, uint32_t code);
    /* INtime: an exception that no handler of its thread took */
    void (*fault)(void *view, const rt386_thread_fault *e);
    void (*hidden)(void *view, const struct view_hidden *hidden);
    void (*end)(void *view, const struct end *end);
    void (*close)(void *view);
};

struct view {
    const struct view_ops *ops;
    void *ctx;
};

/* The plain run: guest text only. */
bool plain_view(struct app *app, FILE *to, struct view *view);
/* The explanation. all: also what is filtered out otherwise (only a matter of headings here). */
bool explain_view(struct app *app, bool all, struct view *view);
/* What the explanation says of one instruction, without colours. False: the host has no memory. */
bool explain_steps_text(struct app *app, struct text *to, const struct view_steps *steps);
bool jsonl_view(struct app *app, struct view *view);

#endif
