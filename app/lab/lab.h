/* lab.h: what the lab shows and does, without a window: a guest under a debugger, panes with a place in each, and commands
 * by name. The window, a script and the tests all go through the same three functions: lab_line, lab_key, lab_click.
 *
 *     keys, pointer --table--> lab_line("step 10") --> debugger.c
 *                                   |
 *                              struct lab <--looks-- panes (pane_*.c) --canvas_*()--> pixels, or words for `expect`
 *
 * Panes keep nothing of the guest: each picture is made of the machine as it is then, so no table is ever stale.
 */
#ifndef RT386_APP_LAB_LAB_H
#define RT386_APP_LAB_LAB_H

#include "app.h"
#include "canvas.h"
#include "chronicle.h"
#include "debugger.h"
#include "disasm.h"
#include "points.h"
#include "sources.h"

enum pane_id {
    PANE_CODE,
    PANE_REGISTERS,
    PANE_SEGMENTS,
    PANE_CHECKS,
    PANE_GDT,
    PANE_LDT,
    PANE_IDT,
    PANE_TSS,
    PANE_PAGES,
    PANE_MAP,
    PANE_ADDRESS,
    PANE_STACK,
    PANE_MEMORY,
    PANE_OBJECTS,
    PANE_SLOTS,
    PANE_CONSOLE,
    PANE_SCREEN,
    PANE_TIME,
    PANE_LESSON,
    PANE_COUNT
};

/* Where somebody is in a pane. */
struct lab_pane {
    unsigned selected, top; /* rows */
    unsigned rows, shown;   /* how many there are, and fit: known once it was drawn */
    unsigned raised;        /* of the panes of a place, the one raised last is seen */
};

struct lab_hit { /* what a click does there */
    struct box at;
    char once[56], twice[56]; /* commands; "": none */
    enum pane_id pane;
};
#define LAB_HITS 2048u /* the map of 4 GB alone has 1024 */

#define LAB_REGS 160u
#define LAB_GDT  0x10000u
/* As it was before the last move, to mark what that has changed. */
struct lab_before {
    bool known;
    uint64_t reg[LAB_REGS];
    uint8_t gdt[LAB_GDT];
    unsigned gdt_bytes;
};

#define LAB_HINTS 8u /* questions of a page whose hint is kept */
#define LAB_TRAIL 16u
struct lab_trail { /* where `follow` came from */
    enum pane_id pane;
    unsigned selected, top;
};

struct lab {
    struct app *app;
    struct debugger *d;
    struct disasm *disasm;
    struct chronicle *chronicle;
    const char *title;
    struct lesson *lesson;       /* the caller's; NULL: none is open */
    const char *hint[LAB_HINTS]; /* the last one of each question */
    struct sources *sources;     /* the caller's; NULL: lines of source are not known */
    /* what is seen */
    enum pane_id focus;
    struct lab_pane pane[PANE_COUNT];
    unsigned raises;
    bool zoomed, help, over;
    unsigned help_top;   /* the first line of the help that is seen */
    bool ended;          /* the live guest has */
    float width, height; /* of the last picture */
    const struct palette *palette;
    float scale;
    uint32_t code_top, code_at; /* offsets in CS: the first line, and the selected one */
    bool code_elsewhere;        /* somebody looks at other code than that at EIP */
    rt386_addr memory;          /* first byte of the memory pane */
    unsigned memory_row;        /* bytes in a row of it, when it was drawn last */
    unsigned opened;            /* 1 + the directory entry whose table is listed; 0: none */
    /* moves */
    bool running;
    uint64_t slice;       /* instructions that take about as long as a slice should */
    struct points points; /* what stops it */
    struct debug_stop stop;
    struct lab_before before;
    unsigned
        moves; /* how often the guest has moved or was changed: what depends on that is made anew */
    /* talk */
    char message[300];
    bool bad; /* the message is about something that was not done */
    bool prompting;
    char prompt[200];
    struct lab_trail trail[LAB_TRAIL];
    unsigned trails;
    struct lab_hit hit[LAB_HITS];
    unsigned hits;
    float pointer_x, pointer_y;
    /* How a move that may take long is made; NULL: it is just called. */
    void (*host_run)(void *host, void (*job)(void *arg), void *arg);
    void *host;
    struct checks *checks; /* of the instruction at EIP, made when they are looked at */
};

/* Guests are loaded and have not run. The machine, the chronicle and the title stay the caller's. NULL: no memory. */
struct lab *lab_new(struct app *app, rt386 *machine, struct chronicle *chronicle,
                    const char *title);
void lab_free(struct lab *l);
/* A lesson, whose machine this is; it stays the caller's. */
void page_begin(struct lab *l, struct lesson *lesson);
/* The machine that is looked at. */
rt386 *lab_machine(const struct lab *l);

/* ---- what is done --------------------------------------------------------------------------------------- */

/* One command, as "step 10". False: it was not understood or not done; l->message says why. */
bool lab_line(struct lab *l, const char *line);
/* A key that is not printable, by name ("f7", "shift+tab"), and what was typed. */
bool lab_key(struct lab *l, const char *key); /* false: no key has that name */
void lab_typed(struct lab *l, const char *text);
void lab_click(struct lab *l, float x, float y, bool twice);
void lab_wheel(struct lab *l, float x, float y, int rows);
/* The guest runs on for about so many nanoseconds, if it runs. */
void lab_tick(struct lab *l, uint64_t nanoseconds);

void lab_say(struct lab *l, bool bad, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void lab_focus(struct lab *l, enum pane_id pane);

/* ---- how it looks --------------------------------------------------------------------------------------- */

void lab_draw(struct lab *l, const struct canvas *c, float w, float h);
/* All that can be read in a picture of that size, pane by pane. */
void lab_words(struct lab *l, float w, float h, struct text *to);

/* The column of keys of the help, from the same table that lab_key reads. */
struct lab_help {
    const char *keys, *command, *help;
};
bool lab_help_at(unsigned index, struct lab_help *to, char *keys, size_t size);

#endif
