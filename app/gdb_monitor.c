#include "gdb_inside.h"
#include "verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void monitor_view(struct gdb *g, const char *s, struct text *t)
{
    for (unsigned i = 0; i < 3; i++)
        if (!strcmp(s, gdb_view_name[i])) g->view = (enum gdb_view)i;
    uint32_t size, base = gdb_view_base(g, &size);
    text_addf(t, "view %s: addresses", gdb_view_name[g->view]);
    if (base) text_addf(t, " up to 0x%08x are offsets behind linear 0x%08x, others", size, base);
    text_addf(t, " are %s\n", g->view == VIEW_PHYSICAL ? "physical" : "linear");
}

static void monitor_catch(struct gdb *g, const char *s, struct text *t)
{
    char *end;
    unsigned long v = strtoul(s, &end, 0);
    if (!strcmp(s, "off")) g->catch = -2;
    if (!strcmp(s, "all")) g->catch = -1;
    if (end != s && !*end && v <= 255) g->catch = (int)v;
    if (g->catch == -2)
        text_add(t, "exceptions do not stop the guest\n");
    else if (g->catch == -1)
        text_add(t, "every exception and interrupt stops the guest\n");
    else
        text_addf(t, "vector %d (%s) stops the guest\n", g->catch,
                  rt386_vector_mnemonic((unsigned)g->catch));
}

static void monitor_go(struct gdb *g, const char *s, struct text *t)
{
    char *end;
    unsigned long long n = strtoull(s, &end, 0);
    if (end == s || *end) {
        text_add(t, "go: name an instruction's number, as 'info place' tells it\n");
        return;
    }
    gdb_go(g, n);
    text_addf(t, "%s%sinstruction %llu; 'flushregs' makes gdb look again\n", g->stop.text,
              *g->stop.text ? "; " : "", (unsigned long long)debugger_place(g->d).insns);
}

static void monitor_help(struct text *t)
{
    text_add(t, "rt386's own words, behind 'monitor':\n"
                "  view process|linear|physical\n"
                "                           what gdb's addresses mean: offsets in the thread's\n"
                "                           process, linear or physical addresses\n"
                "  catch N|all|off          exceptions that stop the guest, before anything\n"
                "                           of them is done\n"
                "  go N                     to where N instructions have retired\n");
    verbs_help(t);
}

void gdb_monitor(struct gdb *g, const char *hex)
{
    char line[256] = "";
    struct text t = {0};
    line[gdb_unhex(hex, (uint8_t *)line, sizeof line - 1)] = '\0';
    if (!strncmp(line, "view", 4) && (!line[4] || line[4] == ' '))
        monitor_view(g, line + 4 + strspn(line + 4, " "), &t);
    else if (!strncmp(line, "catch", 5) && (!line[5] || line[5] == ' '))
        monitor_catch(g, line + 5 + strspn(line + 5, " "), &t);
    else if (!strncmp(line, "go ", 3))
        monitor_go(g, line + 3, &t);
    else if (!strcmp(line, "help") || !*line)
        monitor_help(&t);
    else if (!verb_run(g->app, gdb_machine(g), line, &t))
        text_addf(&t, "'%.80s' is no word of rt386's; 'monitor help' lists them\n", line);
    /* In pieces: a long one fits no packet. */
    for (size_t at = 0; at < t.n; at += 1000) {
        char piece[1001];
        snprintf(piece, sizeof piece, "%s", t.p + at);
        gdb_console(g, piece);
    }
    text_free(&t);
    gdb_say(g, "OK");
}
