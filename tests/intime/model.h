/* model.h: a plain model of the kernel for test_model.c and model_objects.c; no code shared with the kernel. */
#ifndef RT386_TESTS_MODEL_H
#define RT386_TESTS_MODEL_H

#include "fake.h"
#include "steps.h"

#define HANDLES 512
#define BLOCKS  128
#define NAMES   24
#define SLOTS   420u
#define STEPS   20000u
#define BOXES   12
#define ITEMS   1000 /* that the model lets stand in one mailbox */
#define ALARMS  8
#define SEMS    6 /* low-level, for each process */
#define PLACES  4 /* of a low-level mailbox */
#define PORTS   10

struct m_block { /* a run of pages in one process */
    bool used, mapping;
    unsigned proc;
    uint32_t off, size; /* whole pages; the address given out may be inside the first */
};
struct m_handle {
    bool used;
    unsigned proc;
    uint16_t handle;
    uint32_t off, size;
};
struct m_name {
    bool used;
    uint16_t handle;
};
struct m_box {
    bool used, data;
    unsigned proc, depth, count;
    uint16_t handle;
    uint32_t item[ITEMS]; /* a handle; length << 8 | first byte */
};
struct m_alarm {
    bool used, repeats;
    unsigned proc;
    uint16_t handle;
    uint32_t interval, unseen; /* ticks of 500 us */
    uint64_t next;             /* tick of the next event; 0 = none */
};
struct m_port {
    bool used, served;   /* at the service of a fourth process; else a sink port */
    unsigned proc, sink; /* forwarded to: its place plus 1; 0 = nowhere */
    uint16_t handle;
};
struct m_kn { /* in the process's scratch memory */
    uint32_t sem[SEMS], units[SEMS];
    uint32_t mail, count;
    uint8_t item[PLACES];
};
struct m_proc {
    uint16_t handle;
    uint32_t base, objects, limit;
    struct m_name name[NAMES];
    struct m_kn kn;
};
struct model {
    struct fake *f;
    struct steps *s;
    struct m_proc proc[3];
    unsigned now; /* who runs */
    struct m_block block[BLOCKS];
    struct m_handle handle[HANDLES];
    struct m_box box[BOXES];
    struct m_alarm alarm[ALARMS];
    struct m_port port[PORTS];
    unsigned free_slots;
};
/* Of the verdict's counts. */
enum { WENT_WELL, REFUSED, STARVED };

uint32_t rnd(struct model *m, uint32_t below);
struct m_proc *cur(struct model *m); /* who runs */
void expect(struct model *m, uint32_t status, const char *what);
/* The host had no memory for the last call, which says so; nothing has changed. */
bool starved(struct model *m, uint32_t status, const char *what);

/* Mailbox b holds `count` items now: slots of its longer queues. */
void box_count(struct model *m, struct m_box *b, unsigned count);
void do_box_create(struct model *m);
void do_box_send(struct model *m);
void do_box_receive(struct model *m);
void do_box_delete(struct model *m);
void do_time(struct model *m);
void do_alarm_create(struct model *m);
void do_alarm_poll(struct model *m);
void do_alarm_end(struct model *m);
void service_start(struct fake *f); /* the process with the service, and its threads at rest */
void ports_end(struct model *m, unsigned proc); /* all of a process */
void do_port_create(struct model *m);
void do_port_attach(struct model *m);
void do_port_use(struct model *m);
void do_port_delete(struct model *m);
void do_kn_create(struct model *m);
void do_kn_semaphore(struct model *m);
void do_kn_mail(struct model *m);

#endif
