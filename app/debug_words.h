/* debug_words.h: the words of `rt386 debug`: how the guest moves, what stops it, what is looked at. Bochs' and gdb's spellings
 * are aliases. */
#ifndef RT386_APP_DEBUG_WORDS_H
#define RT386_APP_DEBUG_WORDS_H

#include "app.h"
#include "debugger.h"
#include "disasm.h"
#include "points.h"
#include "sources.h"

struct debug {
    struct app *app;
    struct debugger *d;
    struct disasm *disasm;
    struct sources *sources;
    struct source_place shown; /* the line of source that was shown last */
    struct text out;
    struct points points; /* what stops it */
    struct debug_stop stop;
    bool moved; /* the last line has moved the guest: its place is shown */
    bool over;
    /* Around a long move; Ctrl-C then ends it. */
    void (*begin)(void *ctx);
    void (*end)(void *ctx);
    void *ctx;
};

/* One line. What is to be shown is in d->out. */
void debug_line(struct debug *d, const char *line);
/* The instruction at an offset of CS; its length, 0: no memory is there. */
unsigned debug_insn(struct debug *d, uint32_t eip, rt386_insn_event *e);
/* The instruction at EIP, as a line. */
void debug_place(struct debug *d);

#endif
