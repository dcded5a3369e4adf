/* msi.h: what receives message-signalled interrupts: a write of four bytes to FEE00000..FEEFFFFF.
 *
 *   data | 0 ... 0 | mode 10:8 = 000 | vector 7:0 |        vectors 10 .. FE
 *
 * A vector that is written again before it is acknowledged is one request. The highest one is taken first, but
 * none while they are masked. There is no in-service state: handlers run with IF = 0.
 *
 * Not emulated: everything else of an APIC: registers, priorities, other processors; reads give all ones.
 */
#ifndef RT386_DEV_MSI_H
#define RT386_DEV_MSI_H

#include <stdbool.h>
#include <stdint.h>

#include "bus.h"
#include "status.h"

struct snap;

#define MSI_ADDRESS 0xFEE00000u

struct msi {
    struct irq_line out; /* some vector waits and they are not masked */
    uint32_t pending[8];
    bool masked;
};

/* Maps the addresses; `msi` must outlive the bus and not move. */
status_t msi_init(struct msi *msi, const struct irq_line *out, struct bus *bus);
void msi_raise(struct msi *msi, uint8_t vector);
void msi_mask(struct msi *msi, bool masked);
/* The vector that is taken, or -1. */
int msi_acknowledge(struct msi *msi);
bool msi_waiting(const struct msi *msi); /* the level of `out` */
/* What waits, to or from a snapshot; no line is moved. */
void msi_snap(struct snap *s, struct msi *msi);

#endif
