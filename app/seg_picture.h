/* seg_picture.h: what `rt386 seg` answers, as figures in a file (picture.h). Each gives a status. */
#ifndef RT386_APP_SEG_PICTURE_H
#define RT386_APP_SEG_PICTURE_H

#include "app.h"
#include "figure.h"

#include <rt386/account.h>

/* words: the same answer as text. */
int seg_picture_desc(struct app *app, const char *path, const rt386_desc *d, const char *words);
/* The load of register `reg` ("ES"): selector, descriptor, checks, error code. */
int seg_picture_load(struct app *app, const char *path, const char *reg,
                     const rt386_explanation *why, const char *words);
/* Each step, and below it its checks. */
int seg_picture_account(struct app *app, const char *path, const rt386_account *account,
                        const char *words);
/* a->segment NULL: the linear address is all that was asked for. */
int seg_picture_walk(struct app *app, const char *path, const struct figure_address *a,
                     const char *words);
int seg_picture_text(struct app *app, const char *path, const char *title, const char *words);

#endif
