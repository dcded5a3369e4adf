/* terminal.h: a terminal that shows a struct cells and tells of keys by name (ncurses, docs/adr/0086). */
#ifndef RT386_APP_TERMINAL_H
#define RT386_APP_TERMINAL_H

#include "cells.h"

struct terminal;

/* Standard input and output. NULL: *why says why not. */
struct terminal *terminal_open(const char **why);
/* The terminal is as it was before. NULL is right. */
void terminal_close(struct terminal *t);
/* The size it has now. */
void terminal_size(struct terminal *t, unsigned *w, unsigned *h);
void terminal_show(struct terminal *t, const struct cells *c);
/* The next key ("a", "f7", "shift+f7", "enter", "resize" ...; tui_board.h lists them), after at most so many milliseconds; NULL: none.
 * Good until the next call. */
const char *terminal_key(struct terminal *t, int milliseconds);

#endif
