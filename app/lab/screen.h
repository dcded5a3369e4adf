/* screen.h: the pixels of the lab, in a module of its own.
 *
 *     rt386 lab --dlopen--> rt386-lab.so --SDL2, SDL2_ttf, libpng
 *       |                        |
 *       panes --canvas_*()----> paint.c (pixels in memory) --> a window, a PNG file
 *
 * Only this module knows SDL2, so only what draws pixels loads it (docs/adr/0084). It knows nothing of guests: it draws on a
 * surface in memory, shows that in a window if there is one, and tells of keys and the pointer by name.
 */
#ifndef RT386_APP_LAB_SCREEN_H
#define RT386_APP_LAB_SCREEN_H

#include "canvas.h"

struct screen;

struct screen_want {
    unsigned width, height; /* pixels */
    float scale;            /* pixels for each unit of the canvas */
    bool window;            /* false: only in memory */
    const char *title;
    const char *fonts; /* a folder that is looked in first; NULL: none */
};

enum screen_event_kind {
    SCREEN_NOTHING,
    SCREEN_QUIT,
    SCREEN_RESIZED,
    SCREEN_KEY,   /* name: "f7", "shift+f7", "ctrl+c", "left", "page up" ... no printable ones */
    SCREEN_TEXT,  /* name: what was typed, UTF-8 */
    SCREEN_CLICK, /* x, y; count 2: the second of two */
    SCREEN_WHEEL, /* x, y; count: rows downwards */
    SCREEN_MOVED  /* x, y */
};
struct screen_event {
    enum screen_event_kind kind;
    char name[32];
    float x, y; /* units of the canvas */
    int count;
};

#define SCREEN_VERSION 1u
#define SCREEN_SYMBOL  "rt386_lab_screen"
struct screen_ops {
    unsigned version;
    /* NULL: `err` says why in one sentence. */
    struct screen *(*open)(const struct screen_want *want, char *err, size_t size);
    void (*close)(struct screen *s);
    /* A new picture, all paper, of *w by *h units. */
    struct canvas (*begin)(struct screen *s, const struct palette *p, float *w, float *h);
    /* More on the last one. */
    struct canvas (*over)(struct screen *s, float *w, float *h);
    /* The picture goes to the window. */
    void (*show)(struct screen *s);
    /* The picture as a PNG file. False: `err` says why. */
    bool (*save)(struct screen *s, const char *path, char *err, size_t size);
    /* What has come, after at most so many milliseconds; false: nothing. */
    bool (*event)(struct screen *s, int wait, struct screen_event *e);
    void (*rescale)(struct screen *s, float scale);
    void (*name)(struct screen *s, const char *title); /* of the window */
};

#endif
