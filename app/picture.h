/* picture.h: a figure as a file of its own, by the name's end: an SVG document (.svg), an HTML page complete in itself (.html), or
 * pixels (.png), which need the lab's module (docs/adr/0084). One drawing makes all of them. */
#ifndef RT386_APP_PICTURE_H
#define RT386_APP_PICTURE_H

#include "app.h"
#include "figure.h"
#include "text.h"

struct picture {
    const char *title;
    float width; /* of the figure, without the margin */
    float (*draw)(const struct canvas *c, struct spot at, const void *what);
    const void *what;
    const char *words; /* the same as plain text, below the figure of an HTML page; NULL: none */
};

/* Before any work: false when the name has none of these ends, and a sentence was printed. NULL is right. */
bool picture_name_ready(struct app *app, const char *command, const char *path);
/* 0, or a status, and a sentence was printed: STATUS_UNSUPPORTED where this build draws no PNG. */
int picture_write(struct app *app, const char *path, const struct picture *p);

/* Lines of text, set as they are. `what` of the picture is the text. */
float picture_of_text(const struct canvas *c, struct spot at, const void *what);

#endif
