#include "terminal.h"

#include <locale.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct terminal {
    SCREEN *screen;
    chtype look[LOOK_COUNT];
    char key[16];
};

static void looks_make(struct terminal *t)
{
    static const struct {
        enum look look;
        short colour, back;
        chtype with, without; /* attributes with colours and without */
    } looks[] = {{LOOK_PLAIN, -1, -1, A_NORMAL, A_NORMAL},
                 {LOOK_DIM, -1, -1, A_DIM, A_DIM},
                 {LOOK_TITLE, COLOR_CYAN, -1, A_BOLD, A_BOLD | A_UNDERLINE},
                 {LOOK_BAR, COLOR_WHITE, COLOR_BLUE, A_BOLD, A_REVERSE},
                 {LOOK_HERE, -1, -1, A_REVERSE, A_REVERSE},
                 {LOOK_CHANGED, COLOR_YELLOW, -1, A_BOLD, A_BOLD},
                 {LOOK_BAD, COLOR_RED, -1, A_BOLD, A_BOLD | A_REVERSE}};
    bool colours = has_colors() && start_color() == OK && use_default_colors() == OK;
    for (unsigned i = 0; i < sizeof looks / sizeof *looks; i++) {
        t->look[looks[i].look] = looks[i].without;
        if (!colours) continue;
        init_pair((short)(i + 1), looks[i].colour, looks[i].back);
        t->look[looks[i].look] = looks[i].with | COLOR_PAIR(i + 1);
    }
}

struct terminal *terminal_open(const char **why)
{
    struct terminal *t = calloc(1, sizeof *t);
    *why = "it needs a terminal for input and output";
    bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    if (t && terminal) t->screen = newterm(NULL, stdout, stdin);
    if (!t || !t->screen) {
        if (terminal) *why = "the terminal that TERM names is not known or cannot move its cursor";
        free(t);
        return NULL;
    }
    set_term(t->screen);
    set_escdelay(25);
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    curs_set(0);
    looks_make(t);
    return t;
}

void terminal_close(struct terminal *t)
{
    if (!t) return;
    endwin();
    delscreen(t->screen);
    free(t);
}

void terminal_size(struct terminal *t, unsigned *w, unsigned *h)
{
    (void)t;
    *w = (unsigned)COLS;
    *h = (unsigned)LINES;
}

void terminal_show(struct terminal *t, const struct cells *c)
{
    for (unsigned y = 0; y < c->h; y++)
        for (unsigned x = 0; x < c->w; x++) {
            const struct cell *cell = &c->at[(size_t)y * c->w + x];
            mvaddch((int)y, (int)x, (chtype)(unsigned char)cell->ch | t->look[cell->look]);
        }
    refresh();
}

static const char *named_key(int code)
{
    static const struct {
        int code;
        const char *name;
    } keys[] = {{'\r', "enter"},         {'\n', "enter"},         {KEY_ENTER, "enter"},
                {'\t', "tab"},           {KEY_BTAB, "shift+tab"}, {KEY_BACKSPACE, "backspace"},
                {127, "backspace"},      {8, "backspace"},        {27, "escape"},
                {KEY_UP, "up"},          {KEY_DOWN, "down"},      {KEY_PPAGE, "pageup"},
                {KEY_NPAGE, "pagedown"}, {KEY_HOME, "home"},      {KEY_END, "end"},
                {KEY_RESIZE, "resize"}};
    for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].code == code) return keys[i].name;
    return NULL;
}

const char *terminal_key(struct terminal *t, int milliseconds)
{
    timeout(milliseconds);
    int code = getch();
    const char *name = named_key(code);
    if (name || code == ERR) return name;
    if (code >= ' ' && code < 127)
        snprintf(t->key, sizeof t->key, "%c", code);
    else if (code > KEY_F0 && code <= KEY_F(12))
        snprintf(t->key, sizeof t->key, "f%d", code - KEY_F0);
    else if (code > KEY_F(12) && code <= KEY_F(24)) /* what terminals make of shift */
        snprintf(t->key, sizeof t->key, "shift+f%d", code - KEY_F(12));
    else
        return NULL;
    return t->key;
}
