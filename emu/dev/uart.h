/* uart.h: a 16550A serial port, eight ports from a base.
 *
 *   port   DLAB=0 read        DLAB=0 write       DLAB=1
 *   +0     RBR received byte  THR byte to send   DLL divisor, low
 *   +1     IER interrupt enables                 DLM divisor, high
 *   +2     IIR what interrupts; FCR FIFO control
 *   +3     LCR line control:   | DLAB | break | stick | even | parity | stop | length 1:0 |
 *   +4     MCR modem control:  | 0 0 0 | LOOP | OUT2 | OUT1 | RTS | DTR |
 *   +5     LSR line status:    | FIFO error | TEMT | THRE | BI | FE | PE | OE | DR |
 *   +6     MSR modem status:   | DCD | RI | DSR | CTS | dDCD | TERI | dDSR | dCTS |
 *   +7     SCR scratch
 *
 * Sent bytes leave at once, so THRE and TEMT are always set. Received bytes wait in a FIFO of 16 (1
 * with FIFOs off); what does not fit sets OE. The interrupt line is gated by OUT2, as PCs wire it,
 * and is silent in loop-back, where the outputs are inactive. With the loop off, the other side
 * always shows DCD, DSR and CTS.
 *
 * Not emulated: line speed and format (kept, without effect), break, parity and framing errors, the
 * four-character receive timeout (a byte below the trigger level is announced at once as a
 * timeout).
 */
#ifndef RT386_DEV_UART_H
#define RT386_DEV_UART_H

#include <stdbool.h>
#include <stdint.h>

#include "bus.h"
#include "status.h"

struct snap;

struct uart_config {
    uint16_t base; /* 0 = 0x3F8, COM1 */
    void (*put)(void *ctx, uint8_t c);
    void *put_ctx;
    struct irq_line irq;
    const char *owner; /* NULL = "uart" */
};

#define UART_FIFO 16

/* Plain data: what a snapshot keeps. */
struct uart_state {
    uint8_t ier, fcr, lcr, mcr, scr, dll, dlm;
    uint8_t overrun;   /* OE */
    uint8_t thr_empty; /* the "transmitter empty" interrupt waits */
    uint8_t deltas;    /* low half of MSR */
    uint8_t count, head;
    uint8_t fifo[UART_FIFO];
};
struct uart {
    struct uart_config config;
    struct uart_state state;
};

/* Resets and claims base..base+7. `uart` must outlive the bus and not move. */
status_t uart_init(struct uart *uart, const struct uart_config *config, struct bus *bus);
void uart_reset(struct uart *uart);
/* A byte from the line. False: it did not fit (OE is set) or the loop is closed (it is lost). */
bool uart_receive(struct uart *uart, uint8_t c);
/* How many more bytes fit. */
unsigned uart_room(const struct uart *uart);
/* All of its state, to or from a snapshot; no line is moved. */
void uart_snap(struct snap *s, struct uart *uart);

#endif
