/* pic.h: one 8259A interrupt controller, two ports from a base. A PC has two, the second one's INT on
 * line 2 of the first:
 *
 *   lines 8..15 -> [slave A0]--INT--> line 2 \
 *   lines 0..7  ----------------------------> [master 20]--INT--> processor
 *
 *   port   read                          write
 *   +0     IRR or ISR (OCW3), or poll    ICW1 (bit 4), OCW2 (bits 4:3 = 00), OCW3 (bits 4:3 = 01)
 *   +1     IMR                           ICW2, ICW3, ICW4 after ICW1; else OCW1 = IMR
 *
 *   ICW1 | 0 0 0 1 LTIM 0 SNGL IC4 |    ICW4 | 0 0 0 SFNM BUF M/S AEOI uPM |
 *   OCW2 | R SL EOI 0 0 L2 L1 L0 |      OCW3 | 0 ESMM SMM 0 1 P RR RIS |
 *
 * A request is a line that went up (edge) or is up (level, LTIM) and has not been acknowledged; a line
 * that falls before takes its request back, and an acknowledgement then gives line 7 without an in-service
 * bit: the spurious interrupt. Priorities run from one above the lowest; rotation moves the lowest.
 *
 * Not emulated: the call sequences of MCS-80/85 mode (uPM = 0 is treated as 8086 mode), buffered mode
 * (its bits are kept without effect), a slave identity that does not match the master's ICW3.
 */
#ifndef RT386_DEV_PIC_H
#define RT386_DEV_PIC_H

#include <stdbool.h>
#include <stdint.h>

#include "bus.h"
#include "status.h"

struct snap;

struct pic;

struct pic_config {
    uint16_t base;
    struct irq_line out; /* INT */
    struct pic *slave;   /* on a line of this one, or NULL */
    const char *owner;   /* NULL = "PIC" */
};

/* Plain data: what a snapshot keeps. */
struct pic_state {
    uint8_t lines; /* as they are */
    uint8_t irr, isr, imr;
    uint8_t vectors; /* ICW2: upper five bits */
    uint8_t cascade; /* ICW3 */
    uint8_t lowest;  /* the line with the lowest priority */
    uint8_t init;    /* initialisation word that port +1 waits for: 2, 3, 4; 0 = none */
    bool icw4_follows, single, level;
    bool auto_eoi, rotate_auto_eoi, special_nested, special_mask;
    bool read_isr, poll;
    bool out; /* INT as it is */
};
struct pic {
    struct pic_config config;
    struct pic_state state;
};

/* Resets and claims base, base + 1. `pic` must outlive the bus and not move. */
status_t pic_init(struct pic *pic, const struct pic_config *config, struct bus *bus);
/* As at power-on: every line masked, vectors 0, edges, nothing in service. */
void pic_reset(struct pic *pic);
/* Level of line 0..7. */
void pic_line(struct pic *pic, unsigned line, bool level);
/* The processor's acknowledgement: a vector. With a slave behind the line, the slave's. */
uint8_t pic_acknowledge(struct pic *pic);
/* The line that the next acknowledgement takes, or -1. */
int pic_next(const struct pic *pic);
/* The highest line in service, or -1. */
int pic_in_service(const struct pic *pic);
/* All of its state, to or from a snapshot; no line is moved. */
void pic_snap(struct snap *s, struct pic *pic);

#endif
