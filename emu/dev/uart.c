#include "uart.h"

#include "snap.h"

enum {
    IER_RX = 1,
    IER_THR = 2,
    IER_LINE = 4,
    IER_MODEM = 8,
    IIR_NONE = 1,
    IIR_MODEM = 0,
    IIR_THR = 2,
    IIR_RX = 4,
    IIR_LINE = 6,
    IIR_TIMEOUT = 0x0c,
    IIR_FIFOS = 0xc0,
    FCR_ENABLE = 1,
    FCR_CLEAR_RX = 2,
    LCR_DLAB = 0x80,
    MCR_DTR = 1,
    MCR_RTS = 2,
    MCR_OUT1 = 4,
    MCR_OUT2 = 8,
    MCR_LOOP = 16,
    LSR_DR = 1,
    LSR_OE = 2,
    LSR_THRE = 0x20,
    LSR_TEMT = 0x40,
    MSR_DCTS = 1,
    MSR_DDSR = 2,
    MSR_TERI = 4,
    MSR_DDCD = 8,
    MSR_CTS = 0x10,
    MSR_DSR = 0x20,
    MSR_RI = 0x40,
    MSR_DCD = 0x80
};

static bool has_fifos(const struct uart *u)
{
    return u->state.fcr & FCR_ENABLE;
}
static unsigned capacity(const struct uart *u)
{
    return has_fifos(u) ? UART_FIFO : 1;
}

static unsigned trigger_level(const struct uart *u)
{
    static const uint8_t level[4] = {1, 4, 8, 14};
    return has_fifos(u) ? level[u->state.fcr >> 6] : 1;
}

/* What interrupts, most urgent first. */
static uint8_t cause(const struct uart *u)
{
    const struct uart_state *s = &u->state;
    if (s->ier & IER_LINE && s->overrun) return IIR_LINE;
    if (s->ier & IER_RX && s->count) return s->count >= trigger_level(u) ? IIR_RX : IIR_TIMEOUT;
    if (s->ier & IER_THR && s->thr_empty) return IIR_THR;
    if (s->ier & IER_MODEM && s->deltas) return IIR_MODEM;
    return IIR_NONE;
}

static void update_irq(struct uart *u)
{
    bool gate = (u->state.mcr & (MCR_OUT2 | MCR_LOOP)) == MCR_OUT2;
    irq_set(&u->config.irq, gate && cause(u) != IIR_NONE);
}

/* The high half of MSR: the line's, or in loop-back the four modem outputs. */
static uint8_t modem_inputs(uint8_t mcr)
{
    if (!(mcr & MCR_LOOP)) return MSR_DCD | MSR_DSR | MSR_CTS;
    return (uint8_t)((mcr & MCR_RTS ? MSR_CTS : 0) | (mcr & MCR_DTR ? MSR_DSR : 0) |
                     (mcr & MCR_OUT1 ? MSR_RI : 0) | (mcr & MCR_OUT2 ? MSR_DCD : 0));
}

static void set_mcr(struct uart *u, uint8_t value)
{
    uint8_t before = modem_inputs(u->state.mcr);
    u->state.mcr = value & 0x1f;
    uint8_t after = modem_inputs(u->state.mcr);
    uint8_t changed = before ^ after;
    if (changed & MSR_CTS) u->state.deltas |= MSR_DCTS;
    if (changed & MSR_DSR) u->state.deltas |= MSR_DDSR;
    if (changed & before & MSR_RI) u->state.deltas |= MSR_TERI;
    if (changed & MSR_DCD) u->state.deltas |= MSR_DDCD;
}

static void clear_fifo(struct uart *u)
{
    u->state.count = u->state.head = 0;
}

static bool push(struct uart *u, uint8_t c)
{
    struct uart_state *s = &u->state;
    bool fits = s->count < capacity(u);
    if (fits) {
        s->fifo[(s->head + s->count) % UART_FIFO] = c;
        s->count++;
    } else {
        s->overrun = 1;
        /* Without FIFOs the new byte replaces the unread one. */
        if (!has_fifos(u)) s->fifo[s->head % UART_FIFO] = c;
    }
    return fits;
}

/* Reading an empty receiver shows what its register last held. */
static uint8_t pop(struct uart *u)
{
    struct uart_state *s = &u->state;
    uint8_t c = s->fifo[s->head % UART_FIFO];
    if (s->count) {
        s->head = (uint8_t)((s->head + 1u) % capacity(u));
        s->count--;
    }
    return c;
}

static void send(struct uart *u, uint8_t c)
{
    if (u->state.mcr & MCR_LOOP)
        push(u, c);
    else if (u->config.put)
        u->config.put(u->config.put_ctx, c);
    u->state.thr_empty = 1;
}

static void set_fcr(struct uart *u, uint8_t value)
{
    if ((value ^ u->state.fcr) & FCR_ENABLE || value & FCR_CLEAR_RX) clear_fifo(u);
    u->state.fcr = value & FCR_ENABLE ? value & 0xc9 : 0;
}

/* Enabling the transmitter interrupt while the register is empty, which it always is, raises it. */
static void set_ier(struct uart *u, uint8_t value)
{
    if (value & ~u->state.ier & IER_THR) u->state.thr_empty = 1;
    u->state.ier = value & 0x0f;
}

static uint8_t read_iir(struct uart *u)
{
    uint8_t c = cause(u);
    if (c == IIR_THR) u->state.thr_empty = 0;
    return has_fifos(u) ? c | IIR_FIFOS : c;
}

static uint8_t read_lsr(struct uart *u)
{
    uint8_t v = LSR_THRE | LSR_TEMT;
    if (u->state.count) v |= LSR_DR;
    if (u->state.overrun) v |= LSR_OE;
    u->state.overrun = 0;
    return v;
}

static uint8_t read_msr(struct uart *u)
{
    uint8_t v = modem_inputs(u->state.mcr) | u->state.deltas;
    u->state.deltas = 0;
    return v;
}

static uint32_t uart_in(void *ctx, uint16_t port, unsigned size)
{
    struct uart *u = ctx;
    struct uart_state *s = &u->state;
    bool dlab = s->lcr & LCR_DLAB;
    uint8_t v = 0;
    switch (port - u->config.base) {
    case 0: v = dlab ? s->dll : pop(u); break;
    case 1: v = dlab ? s->dlm : s->ier; break;
    case 2: v = read_iir(u); break;
    case 3: v = s->lcr; break;
    case 4: v = s->mcr; break;
    case 5: v = read_lsr(u); break;
    case 6: v = read_msr(u); break;
    case 7: v = s->scr; break;
    }
    update_irq(u);
    return v;
}

static void uart_out(void *ctx, uint16_t port, unsigned size, uint32_t value)
{
    struct uart *u = ctx;
    struct uart_state *s = &u->state;
    bool dlab = s->lcr & LCR_DLAB;
    uint8_t v = (uint8_t)value;
    switch (port - u->config.base) {
    case 0:
        if (dlab)
            s->dll = v;
        else
            send(u, v);
        break;
    case 1:
        if (dlab)
            s->dlm = v;
        else
            set_ier(u, v);
        break;
    case 2: set_fcr(u, v); break;
    case 3: s->lcr = v; break;
    case 4: set_mcr(u, v); break;
    case 7: s->scr = v; break;
    default: break; /* LSR and MSR: factory test only */
    }
    update_irq(u);
}

void uart_reset(struct uart *u)
{
    u->state = (struct uart_state){.dll = 12}; /* 9600 baud, as a BIOS leaves it */
    update_irq(u);
}

bool uart_receive(struct uart *u, uint8_t c)
{
    if (u->state.mcr & MCR_LOOP) return false;
    bool fits = push(u, c);
    update_irq(u);
    return fits;
}

unsigned uart_room(const struct uart *u)
{
    return u->state.mcr & MCR_LOOP ? 0 : capacity(u) - u->state.count;
}

status_t uart_init(struct uart *u, const struct uart_config *config, struct bus *bus)
{
    static const struct port_ops ops = {uart_in, uart_out, .widest = 1};
    *u = (struct uart){.config = *config};
    if (!u->config.base) u->config.base = 0x3f8;
    if (!u->config.owner) u->config.owner = "uart";
    if (u->config.base > 0xfff8) return ST_ARG;
    uart_reset(u);
    return bus_claim_ports(bus, u->config.base, (uint16_t)(u->config.base + 7), &ops, u,
                           u->config.owner);
}

/* --- snapshots --- */

SNAP_SIZE(struct uart_state, 28);
void uart_snap(struct snap *s, struct uart *u)
{
    struct uart_state *t = &u->state;
    uint8_t *bytes[] = {&t->ier, &t->fcr, &t->lcr,     &t->mcr,       &t->scr,
                        &t->dll, &t->dlm, &t->overrun, &t->thr_empty, &t->deltas};
    for (unsigned i = 0; i < sizeof bytes / sizeof bytes[0]; i++)
        snap_u8(s, bytes[i]);
    snap_below8(s, &t->count, UART_FIFO + 1);
    snap_below8(s, &t->head, UART_FIFO);
    snap_raw(s, t->fifo, UART_FIFO);
}
