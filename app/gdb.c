#include "gdb_inside.h"
#include "gdb_regs.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void gdb_say(struct gdb *g, const char *s)
{
    text_add(&g->out, s);
}

rt386 *gdb_machine(const struct gdb *g)
{
    return debugger_machine(g->d);
}

void gdb_console(struct gdb *g, const char *s)
{
    struct text t = {0};
    text_add(&t, "O");
    gdb_hex(&t, s, strlen(s));
    gdb_send(&g->link, text_str(&t), t.n);
    text_free(&t);
}

/* ---- queries ----------------------------------------------------------------------------------------- */

/* "OFFSET,LENGTH" of a document. */
static void document(struct gdb *g, const struct text *t, const char *s)
{
    uint32_t at, n;
    if (!gdb_range(s, &at, &n)) {
        gdb_say(g, "E22");
        return;
    }
    size_t left = at < t->n ? t->n - at : 0;
    if (n > PACKET_BYTES / 2) n = PACKET_BYTES / 2;
    gdb_say(g, left > n ? "m" : "l");
    text_addn(&g->out, text_str(t) + (left ? at : 0), left > n ? n : left);
}

static void transfer(struct gdb *g, const char *s)
{
    struct text t = {0};
    if (!strncmp(s, "features:read:target.xml:", 25)) {
        gdb_target_xml(&t);
        document(g, &t, s + 25);
    } else if (!strncmp(s, "threads:read::", 14)) {
        text_add(&t, "<?xml version=\"1.0\"?>\n<threads>\n");
        gdb_threads_xml(g, &t);
        text_add(&t, "</threads>\n");
        document(g, &t, s + 14);
    } else {
        gdb_say(g, "E00");
    }
    text_free(&t);
}

static void query(struct gdb *g, const char *s, size_t n)
{
    struct text t = {0};
    if (!strncmp(s, "qSupported", 10)) {
        text_addf(&g->out,
                  "PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;qXfer:threads:read+;"
                  "vContSupported+;swbreak+;hwbreak+;ReverseStep+;ReverseContinue+",
                  PACKET_BYTES);
    } else if (!strcmp(s, "qC")) {
        text_addf(&g->out, "QC%x", gdb_running_thread(g));
    } else if (!strcmp(s, "qfThreadInfo")) {
        gdb_say(g, "m");
        gdb_thread_ids(g, &t);
        text_add(&g->out, text_str(&t));
    } else if (!strcmp(s, "qsThreadInfo")) {
        gdb_say(g, "l");
    } else if (!strncmp(s, "qXfer:", 6)) {
        transfer(g, s + 6);
    } else if (!strncmp(s, "qAttached", 9)) {
        gdb_say(g, "1");
    } else if (!strcmp(s, "qOffsets")) {
        gdb_say(g, "Text=0;Data=0;Bss=0");
    } else if (!strncmp(s, "qRcmd,", 6)) {
        gdb_monitor(g, s + 6);
    } else if (!strncmp(s, "qSearch:memory:", 15)) {
        gdb_memory_search(g, s + 15, n - 15);
    } else if (!strcmp(s, "QStartNoAckMode")) {
        gdb_send(&g->link, "OK", 2);
        g->link.no_ack = true;
        text_add(&g->out, "\1"); /* said already */
    }
    text_free(&t);
}

/* ---- packets ----------------------------------------------------------------------------------------- */

static void verb_v(struct gdb *g, const char *s)
{
    if (!strcmp(s, "vCont?"))
        gdb_say(g, "vCont;c;C;s;S");
    else if (!strncmp(s, "vCont;", 6))
        gdb_move(g, strchr(s + 6, 's') || strchr(s + 6, 'S') ? 's' : 'c');
    else if (!strncmp(s, "vKill", 5)) {
        gdb_say(g, "OK");
        g->over = true;
        g->end = GDB_KILLED;
    }
}

static void packet(struct gdb *g, const struct text *in)
{
    const char *s = text_str(in);
    switch (*s) {
    case '?': gdb_stop_reply(g); break;
    case 'g': gdb_registers_read(g); break;
    case 'G': gdb_registers_write(g, s + 1); break;
    case 'p': gdb_register_read(g, s + 1); break;
    case 'P': gdb_register_write(g, s + 1); break;
    case 'm': gdb_memory_read(g, s + 1); break;
    case 'M': gdb_memory_write(g, s + 1, in->n - 1, true); break;
    case 'X': gdb_memory_write(g, s + 1, in->n - 1, false); break;
    case 'Z':
    case 'z': gdb_point_change(g, s); break;
    case 'c':
    case 'C': gdb_move(g, 'c'); break;
    case 's':
    case 'S': gdb_move(g, 's'); break;
    case 'b':
        if (s[1] == 's') gdb_move(g, 'b');
        if (s[1] == 'c') gdb_move(g, 'r');
        break;
    case 'H': gdb_thread_choose(g, s + 1); break;
    case 'T': gdb_thread_alive(g, s + 1); break;
    case 'q':
    case 'Q': query(g, s, in->n); break;
    case 'v': verb_v(g, s); break;
    case 'D':
        gdb_say(g, "OK");
        g->over = true;
        g->end = GDB_RUN_ON;
        break;
    case 'k':
        g->over = true;
        g->end = GDB_KILLED;
        break;
    default: break;
    }
}

static void serve(struct gdb *g)
{
    struct text in = {0};
    while (!g->over && gdb_receive(&g->link, &in)) {
        text_clear(&g->out);
        if (*text_str(&in) == 3) continue; /* it stands already */
        packet(g, &in);
        if (*text_str(&g->out) == 1) continue;
        if (*text_str(&in) == 'k') break;
        if (!gdb_send(&g->link, text_str(&g->out), g->out.n)) break;
    }
    text_free(&in);
}

/* ---- the connection ---------------------------------------------------------------------------------- */

static bool called_away(void *ctx)
{
    struct gdb *g = ctx;
    return interrupt_poll(&g->interrupt) != 0;
}

static int accept_one(struct gdb *g, int listener)
{
    for (;;) {
        struct pollfd p = {.fd = listener, .events = POLLIN};
        if (interrupt_poll(&g->interrupt)) return -1;
        int n = poll(&p, 1, 100);
        if (n < 0 && errno != EINTR) return -1;
        if (n > 0) return accept(listener, NULL, NULL);
    }
}

static void announce(struct gdb *g, int listener, const char *where)
{
    unsigned port = gdb_port(listener);
    char at[160];
    if (port)
        snprintf(at, sizeof at, "127.0.0.1:%u", port);
    else
        snprintf(at, sizeof at, "%.120s", where + 5);
    app_note(g->app, "waiting for gdb: target remote %s", at);
}

enum gdb_end gdb_serve(struct app *app, rt386 *m, struct realtime *sleeper, const char *where,
                       rt386_exit *why)
{
    struct gdb *g = calloc(1, sizeof *g);
    char err[200] = "the host has no memory left";
    int listener = g ? gdb_listen(where, err, sizeof err) : -1;
    enum gdb_end end = GDB_FAILED;
    if (g && listener >= 0) {
        *g = (struct gdb){
            .app = app, .d = debugger_new(m), .sleeper = sleeper, .catch = -2, .end = GDB_KILLED};
        interrupt_begin(&g->interrupt);
        announce(g, listener, where);
        g->link.quit = called_away;
        g->link.quit_ctx = g;
        g->link.fd = g->d ? accept_one(g, listener) : -1;
        if (g->link.fd >= 0) {
            serve(g);
            close(g->link.fd);
        }
        end = g->interrupt.taken == SIGINT ? GDB_INTERRUPTED : g->end;
        *why = g->stop.why;
        interrupt_end(&g->interrupt);
        debugger_free(g->d);
        text_free(&g->out);
    } else {
        app_error(app, "%s", err);
    }
    if (listener >= 0) close(listener);
    if (listener >= 0 && !strncmp(where, "unix:", 5)) unlink(where + 5);
    free(g);
    return end;
}
