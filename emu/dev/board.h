/* board.h: just enough of a PC's board for bare guests that poke it on their way to the console. It
 * stands in for the real chips; of interrupts it raises the timer's only.
 *
 *   port       answers
 *   40-43      8254: three counters that follow virtual time at 1,193,182 Hz; latch, read-back,
 *              low/high/both byte access; the output of counter 0 is IRQ 0
 *   60 64      keyboard controller: nobody types. Self test, command byte, output port (A20, reset), and a
 *              keyboard that acknowledges what it is sent
 *   61         counter 2's gate and output, speaker bit, the refresh bit that toggles
 *   70 71      CMOS: a fixed date (Sunday 1 January 1995, 00:00:00), the memory size, 114 bytes to write
 *   92         system port: bit 1 = A20, bit 0 going up = reset
 *
 *   port 92 bit 1 --+
 *                   +--> A20 gate of the bus: the last writer wins; both read the gate back
 *   output port  1 -+
 *
 * Not emulated: interrupts of keyboard and clock, BCD counting, one-shot retriggering, exact output waveforms
 * of modes 1 to 5, periodic or alarm functions of the clock, keys, mouse, DMA, speaker sound.
 */
#ifndef RT386_DEV_BOARD_H
#define RT386_DEV_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "bus.h"
#include "clock.h"
#include "status.h"

struct snap;

struct board_config {
    struct clock *clock;
    struct irq_line irq0;
    uint64_t ram_bytes;       /* end of RAM, for the CMOS; 0 = 640 KB only */
    void (*reset)(void *ctx); /* may be NULL */
    void *reset_ctx;
    bool a20_closed; /* after reset; false = open, as loaders leave it */
};

struct board_counter {
    uint64_t start;  /* tick of the last load */
    uint32_t reload; /* 1..65536 */
    uint16_t latch;
    uint8_t mode;       /* 0..5 */
    uint8_t access;     /* 1 low, 2 high, 3 low then high */
    uint8_t low;        /* the first byte of a two-byte load */
    uint8_t write_high; /* the next byte written (read) is the high one */
    uint8_t read_high;
    uint8_t latched; /* bytes of the latch still to be read */
    uint8_t status;
    uint8_t has_status;
};
#define BOARD_KBD_QUEUE 4
struct board_kbd {
    uint8_t command_byte;
    uint8_t pending; /* command whose data byte comes next on port 60; 0 = none */
    uint8_t count;
    uint8_t queue[BOARD_KBD_QUEUE];
};
struct board {
    struct board_config config;
    struct bus *bus;
    struct board_counter counter[3];
    struct clock_event irq0; /* the next rising edge of counter 0 */
    struct board_kbd kbd;
    uint8_t port61, port92;
    uint8_t cmos_index;
    uint8_t cmos[128];
};

/* Resets and claims the ports. `board`, the clock and the bus must outlive each other's use. */
status_t board_init(struct board *board, const struct board_config *config, struct bus *bus);
/* Power-on values; sets the A20 gate. */
void board_reset(struct board *board);
/* All but the gate, which is the bus's, and the event, which is the clock's, to or from a snapshot. */
void board_snap(struct snap *s, struct board *board);

#endif
