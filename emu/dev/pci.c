#include "pci.h"

#include "snap.h"

#define CONFIG_ADDRESS 0xcf8u
#define CONFIG_LAST    0xcffu
#define ADDRESS_BITS   0x80fffffcu

static uint32_t pci_in(void *ctx, uint16_t port, unsigned size)
{
    const struct pci *pci = ctx;
    if (port == CONFIG_ADDRESS && size == 4) return pci->address;
    return 0xffffffffu >> (32 - 8 * size); /* master abort, or no port */
}

static void pci_out(void *ctx, uint16_t port, unsigned size, uint32_t value)
{
    struct pci *pci = ctx;
    if (port == CONFIG_ADDRESS && size == 4) pci->address = value & ADDRESS_BITS;
}

status_t pci_init(struct pci *pci, struct bus *bus)
{
    static const struct port_ops ops = {pci_in, pci_out, 4};
    *pci = (struct pci){0};
    return bus_claim_ports(bus, CONFIG_ADDRESS, CONFIG_LAST, &ops, pci, "PCI");
}

/* --- snapshots --- */

SNAP_SIZE(struct pci, 4);
void pci_snap(struct snap *s, struct pci *pci)
{
    snap_u32(s, &pci->address);
}
