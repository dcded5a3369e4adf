/* tui_board.h: what `rt386 debug --screen` shows and which key does what, without a terminal.
 *
 *   +-- title: instruction, clock, past or present ----------------------+
 *   | code, with lines of source                | registers, segment      |
 *   |                                           | registers with their    |
 *   |                                           | hidden parts            |
 *   +-- log | why | gdt | ldt | ... ------------+-------------------------+
 *   | one of the views                                                    |
 *   +---------------------------------------------------------------------+
 *   | (rt386) what is being typed                                         |
 *
 * Words typed are those of the line mode (debug_words.h); keys are short for some of them.
 */
#ifndef RT386_APP_BOARD_H
#define RT386_APP_BOARD_H

#include "cells.h"
#include "debug_words.h"

#define BOARD_WIDTH  80u /* the least that is drawn */
#define BOARD_HEIGHT 24u

#define BOARD_REGS 24u
struct board {
    struct debug *d;
    const char *title;
    struct text log;  /* what was said and what the guest has written */
    struct text view; /* the view that is shown, as text; made anew when stale */
    bool stale;
    unsigned shown; /* which view */
    unsigned
        back; /* lines that the view is scrolled: from its end in the log, else from its start */
    uint32_t code_top; /* offset in CS of the first line of code */
    uint64_t reg[BOARD_REGS], before[BOARD_REGS];
    char typed[120];
    char last[120];
    bool running; /* a move is being made: shown in the bar */
};

void board_new(struct board *b, struct debug *d, const char *title);
void board_free(struct board *b);
/* What the guest or the command has written goes to the log. */
void board_say(struct board *b, const char *bytes, size_t n);
/* The line that this key asks for, good until the next call: "" when it was only typed or scrolled. Keys by name: "a", "f7", "shift+f7",
 * "enter", "backspace", "tab", "shift+tab", "up", "down", "pageup", "pagedown", "home", "end", "escape". */
const char *board_key(struct board *b, const char *key);
/* One line of the debugger; its answer goes to the log. */
void board_do(struct board *b, const char *line);
void board_draw(struct board *b, struct cells *c);
/* "f7 step" and so on; NULL past the end. */
const char *board_help(unsigned index);

#endif
