/* preview.h: what the next instruction will do, check by check, without doing it: it runs on a copy of the machine. */
#ifndef RT386_APP_PREVIEW_H
#define RT386_APP_PREVIEW_H

#include "app.h"

/* In the words of `run --explain=all`. False: `to` says why it cannot be told. */
bool preview_text(struct app *app, const rt386 *m, struct text *to);

#endif
