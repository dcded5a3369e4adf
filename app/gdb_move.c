#include "gdb_inside.h"

#include "listener.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* As gdb numbers them. */
#define SIGNAL_INT  2u
#define SIGNAL_ILL  4u
#define SIGNAL_TRAP 5u
#define SIGNAL_FPE  8u
#define SIGNAL_SEGV 11u

/* ---- breakpoints ------------------------------------------------------------------------------------- */

/* The place of a new one; NULL: there are too many. */
static struct gdb_point *point_new(struct gdb *g)
{
    for (unsigned i = 0; i < g->points; i++)
        if (!g->point[i].on && g->points == GDB_POINTS) return &g->point[i];
    return g->points < GDB_POINTS ? &g->point[g->points++] : NULL;
}

void gdb_point_change(struct gdb *g, const char *packet)
{
    struct gdb_point p = {.kind = (unsigned)(packet[1] - '0'), .on = true};
    bool set = packet[0] == 'Z';
    if (p.kind > 4 || packet[2] != ',') return; /* empty: not supported */
    if (!gdb_range(packet + 3, &p.at, &p.n) || (g->view == VIEW_PHYSICAL && p.kind < 2)) {
        gdb_say(g, "E22");
        return;
    }
    p.where = gdb_view_address(g, p.at);
    struct gdb_point *was = NULL;
    for (unsigned i = 0; i < g->points && !was; i++)
        if (g->point[i].kind == p.kind && g->point[i].at == p.at) was = &g->point[i];
    if (was) {
        was->on = set;
        was->n = p.n;
    } else if (set) {
        was = point_new(g);
        if (was) *was = p;
    }
    gdb_say(g, was || !set ? "OK" : "E28");
}

/* What is looked for, and which of the points each one is. */
static unsigned seeks(const struct gdb *g, rt386_seek seek[RT386_SEEK_MAX],
                      unsigned which[RT386_SEEK_MAX])
{
    unsigned n = 0;
    for (unsigned i = 0; i < g->points; i++) {
        const struct gdb_point *p = &g->point[i];
        if (!p->on) continue;
        rt386_seek s = {.size = sizeof s, .at = p->where, .n = p->n ? p->n : 1};
        for (unsigned kind = 0; kind < 2; kind++) {
            if (kind && p->kind != 4) continue;
            s.kind = p->kind < 2            ? RT386_SEEK_EXEC
                     : p->kind == 3 || kind ? RT386_SEEK_READ
                                            : RT386_SEEK_WRITE;
            which[n] = i;
            seek[n++] = s;
        }
    }
    if (g->catch >= -1) {
        which[n] = RT386_SEEK_MAX;
        seek[n++] =
            (rt386_seek){.size = sizeof *seek, .kind = RT386_SEEK_EVENT, .vector = g->catch};
    }
    return n;
}

/* ---- stops ------------------------------------------------------------------------------------------- */

static unsigned signal_of(unsigned vector)
{
    switch (vector) {
    case 0:
    case 16: return SIGNAL_FPE;
    case 1:
    case 3: return SIGNAL_TRAP;
    case 6: return SIGNAL_ILL;
    default: return SIGNAL_SEGV;
    }
}

/* Offsets are not what gdb has symbols for when the segment does not begin at 0 and the view does not add its base. */
static void tell_base(struct gdb *g)
{
    rt386_seg cs = rt386_seg_get(gdb_machine(g), RT386_CS);
    char line[160];
    uint64_t eip = 0;
    (void)rt386_reg_get(gdb_machine(g), "eip", &eip);
    if (g->view == VIEW_PHYSICAL ||
        gdb_view_address(g, (uint32_t)eip).at == cs.base + (uint32_t)eip)
        return;
    snprintf(line, sizeof line,
             "CS 0x%04x begins at linear 0x%08x: EIP is no address of the view '%s'.\n",
             cs.selector, cs.base, gdb_view_name[g->view]);
    gdb_console(g, line);
}

void gdb_stop_reply(struct gdb *g)
{
    if (!g->signal) g->signal = SIGNAL_TRAP; /* nothing has run */
    text_addf(&g->out, "T%02xthread:%x;", g->signal, gdb_running_thread(g));
    const struct debug_stop *s = &g->stop;
    if (s->reason == DEBUG_BEGINNING) gdb_say(g, "replaylog:begin;");
    if (s->reason != DEBUG_MET) return;
    rt386_seek seek[RT386_SEEK_MAX];
    unsigned which[RT386_SEEK_MAX], n = seeks(g, seek, which);
    if (s->met.which >= n || which[s->met.which] >= g->points) return;
    const struct gdb_point *p = &g->point[which[s->met.which]];
    static const char *const word[] = {"swbreak", "hwbreak", "watch", "rwatch", "awatch"};
    if (p->kind < 2)
        text_addf(&g->out, "%s:;", word[p->kind]);
    else
        text_addf(&g->out, "%s:%x;", word[p->kind], p->at);
}

/* Back to the instruction whose fault has ended the guest: there is more to see there than behind it. */
static bool mourn(struct gdb *g)
{
    const rt386_exit *e = &g->stop.why;
    const rt386_fault f = e->kind == RT386_EXIT_TRIPLE_FAULT ? e->chain[0] : e->fault;
    bool fault = (e->kind == RT386_EXIT_FAULT || e->kind == RT386_EXIT_TRIPLE_FAULT) && f.raised;
    if (!fault || g->mourned) return false;
    const rt386_seek seek = {.size = sizeof seek, .kind = RT386_SEEK_EVENT, .vector = f.vector};
    char line[400];
    snprintf(line, sizeof line, "%.200s. This is before it; 'monitor why' explains.\n",
             g->stop.text);
    g->mourned = true;
    struct debug_stop back;
    debugger_run_back(g->d, &seek, 1, &back);
    if (back.reason != DEBUG_MET) debugger_go_live(g->d);
    g->stop = (struct debug_stop){.reason = DEBUG_STEPPED};
    g->signal = signal_of(f.vector);
    gdb_console(g, line);
    return true;
}

static void ended(struct gdb *g)
{
    const rt386_exit *e = &g->stop.why;
    char line[400];
    if (mourn(g)) {
        gdb_stop_reply(g);
        return;
    }
    g->over = true;
    g->end = GDB_ENDED;
    snprintf(line, sizeof line, "The guest has ended: %.200s.\n", g->stop.text);
    if (e->kind == RT386_EXIT_GUEST && e->code <= 0xff)
        text_addf(&g->out, "W%02x", e->code);
    else
        text_addf(&g->out, "X%02x", e->kind == RT386_EXIT_FAULT ? signal_of(e->fault.vector) : 15u);
    gdb_console(g, line);
}

static void stopped(struct gdb *g)
{
    const struct debug_stop *s = &g->stop;
    g->thread = 0;
    g->signal = SIGNAL_TRAP;
    if (s->reason == DEBUG_ENDED) {
        ended(g);
        return;
    }
    if (s->reason == DEBUG_CALLED) g->signal = SIGNAL_INT;
    if (s->reason == DEBUG_FAILED) {
        char line[400];
        snprintf(line, sizeof line, "rt386: %.300s\n", s->text);
        gdb_console(g, line);
    }
    rt386_seek seek[RT386_SEEK_MAX];
    unsigned which[RT386_SEEK_MAX], n = seeks(g, seek, which);
    if (s->reason == DEBUG_MET && s->met.which < n && seek[s->met.which].kind == RT386_SEEK_EVENT) {
        char line[120];
        snprintf(line, sizeof line, "%s %s; 'monitor why' explains.\n",
                 rt386_vector_mnemonic(s->met.vector), rt386_vector_name(s->met.vector));
        g->signal = signal_of(s->met.vector);
        gdb_console(g, line);
    }
    tell_base(g);
    gdb_stop_reply(g);
}

/* ---- while it runs ----------------------------------------------------------------------------------- */

/* The run ends at its next boundary; one that sleeps has to be woken for it. */
static bool call(struct gdb *g)
{
    debugger_call(g->d);
    if (g->sleeper) realtime_wake(g->sleeper);
    return true;
}

/* Ctrl-C in gdb comes as a byte; its going away, and Ctrl-C here, end the run, too. */
static bool gdb_calls(void *ctx)
{
    struct gdb *g = ctx;
    struct pollfd p = {.fd = g->link.fd, .events = POLLIN};
    char c;
    if (interrupt_poll(&g->interrupt)) return call(g);
    if (poll(&p, 1, 20) <= 0) return false;
    ssize_t n = recv(g->link.fd, &c, 1, MSG_PEEK | MSG_DONTWAIT);
    bool acknowledged = n == 1 && c == '+';
    if (acknowledged || (n == 1 && c == 3)) (void)recv(g->link.fd, &c, 1, 0);
    return acknowledged ? false : call(g);
}

void gdb_move(struct gdb *g, char how)
{
    rt386_seek seek[RT386_SEEK_MAX];
    unsigned which[RT386_SEEK_MAX], n = seeks(g, seek, which);
    struct listener l;
    if (how == 's') debugger_step(g->d, 1, &g->stop);
    if (how == 'b') debugger_back(g->d, 1, &g->stop);
    if (how == 'c' || how == 'r') {
        listener_begin(&l, gdb_calls, g);
        if (how == 'c')
            debugger_run(g->d, seek, n, 0, &g->stop);
        else
            debugger_run_back(g->d, seek, n, &g->stop);
        listener_end(&l);
    }
    if (interrupt_poll(&g->interrupt)) g->over = true;
    stopped(g);
}

void gdb_go(struct gdb *g, uint64_t insns)
{
    struct listener l;
    listener_begin(&l, gdb_calls, g);
    debugger_go(g->d, insns, &g->stop);
    listener_end(&l);
}
