/* screen_module.h: the module that draws pixels (screen.h), loaded when it is first needed. */
#ifndef RT386_APP_SCREEN_MODULE_H
#define RT386_APP_SCREEN_MODULE_H

#include "screen.h"

/* NULL: *why says in one clause why this build or installation has none. */
const struct screen_ops *screen_module(const char **why);

#endif
