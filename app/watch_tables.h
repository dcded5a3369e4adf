/* watch_tables.h: the view of run --watch-tables: after each INtime call, what it changed in GDT, LDT and IDT. */
#ifndef RT386_APP_WATCH_TABLES_H
#define RT386_APP_WATCH_TABLES_H

#include "view.h"

/* json: JSON Lines, schema rt386-tables/1. False: the host has no memory left. */
bool watch_tables_view(struct app *app, bool json, struct view *view);
/* The machine that is watched, before it runs. */
void watch_tables_of(struct view *view, const rt386 *machine);

#endif
