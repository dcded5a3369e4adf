/* terminal_none.c: terminal.h of a build without ncurses. */
#include "terminal.h"

struct terminal *terminal_open(const char **why)
{
    *why = "this build was made without ncurses";
    return NULL;
}
void terminal_close(struct terminal *t)
{
    (void)t;
}
void terminal_size(struct terminal *t, unsigned *w, unsigned *h)
{
    (void)t;
    *w = *h = 0;
}
void terminal_show(struct terminal *t, const struct cells *c)
{
    (void)t, (void)c;
}
const char *terminal_key(struct terminal *t, int milliseconds)
{
    (void)t, (void)milliseconds;
    return NULL;
}
