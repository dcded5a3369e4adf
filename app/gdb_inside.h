/* gdb_inside.h: what the parts of the gdb server share.
 *
 *   gdb.c          the connection, packets, queries
 *   gdb_target.c   threads, memory and registers, as gdb sees them
 *   gdb_move.c     breakpoints, moves, stops
 *   gdb_monitor.c  rt386's own words
 */
#ifndef RT386_APP_GDB_INSIDE_H
#define RT386_APP_GDB_INSIDE_H

#include "ctrlc.h"
#include "debugger.h"
#include "gdb.h"
#include "gdb_packet.h"

#define GDB_POINTS   (RT386_SEEK_MAX / 2 - 1) /* each may be two that are looked for */
#define PACKET_BYTES 0x4000u                  /* of one payload, as gdb is told */

enum gdb_view { VIEW_PROCESS, VIEW_LINEAR, VIEW_PHYSICAL };
extern const char *const gdb_view_name[3];

/* A breakpoint of gdb's: Z0, Z1 at an instruction, Z2 writes, Z3 reads, Z4 both. */
struct gdb_point {
    unsigned kind;
    uint32_t at, n;   /* as gdb says it */
    rt386_addr where; /* as it was meant when it was set first */
    bool on;          /* gdb takes all of them out at each stop, and sets them again */
};

struct gdb {
    struct app *app;
    struct debugger *d;
    struct realtime *sleeper; /* NULL: idle time is skipped */
    struct gdb_link link;
    struct text out;
    enum gdb_view view;
    struct gdb_point point[GDB_POINTS];
    unsigned points;
    unsigned thread;        /* whose registers are wanted; 0: the running one's */
    int catch;              /* exceptions that stop: a vector, -1 all, -2 none */
    unsigned signal;        /* of the last stop */
    struct debug_stop stop; /* the same */
    bool mourned;           /* the end of the guest by a fault has been told as a stop */
    bool over;
    enum gdb_end end;
    struct interrupt interrupt;
};

/* Into the reply. */
void gdb_say(struct gdb *g, const char *s);
/* On gdb's console, at once. */
void gdb_console(struct gdb *g, const char *s);
rt386 *gdb_machine(const struct gdb *g);

/* gdb_target.c */
unsigned gdb_running_thread(const struct gdb *g);
void gdb_thread_ids(const struct gdb *g, struct text *t); /* "1d78,1e90" */
void gdb_threads_xml(const struct gdb *g, struct text *t);
void gdb_thread_choose(struct gdb *g, const char *s);
void gdb_thread_alive(struct gdb *g, const char *s);
/* What gdb's addresses below `size` are added to; those above are linear ones, as the kernel's are. */
uint32_t gdb_view_base(const struct gdb *g, uint32_t *size);
rt386_addr gdb_view_address(const struct gdb *g, uint32_t at);
/* "ADDRESS,LENGTH"; where the rest begins, NULL: it is not that. */
const char *gdb_range(const char *s, uint32_t *at, uint32_t *n);
void gdb_memory_read(struct gdb *g, const char *s);
void gdb_memory_write(struct gdb *g, const char *s, size_t left, bool digits);
void gdb_memory_search(struct gdb *g, const char *s, size_t left);
void gdb_registers_read(struct gdb *g);
void gdb_register_read(struct gdb *g, const char *s);
void gdb_register_write(struct gdb *g, const char *s);
void gdb_registers_write(struct gdb *g, const char *s);

/* gdb_move.c */
void gdb_point_change(struct gdb *g, const char *packet);
/* how: 's' a step, 'c' on, 'b' a step back, 'r' back. */
void gdb_move(struct gdb *g, char how);
void gdb_stop_reply(struct gdb *g);
/* To where so many instructions have retired; Ctrl-C ends it. */
void gdb_go(struct gdb *g, uint64_t insns);

/* gdb_monitor.c: the command in hexadecimal. */
void gdb_monitor(struct gdb *g, const char *hex);

#endif
