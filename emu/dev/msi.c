#include "msi.h"

#include "snap.h"

enum { MSI_BASE = MSI_ADDRESS >> 20, MSI_SIZE = 0x100000, VECTOR_FIRST = 0x10, VECTOR_LAST = 0xFE };

static int highest(const struct msi *msi)
{
    for (int word = 7; word >= 0; word--)
        if (msi->pending[word]) return word * 32 + 31 - __builtin_clz(msi->pending[word]);
    return -1;
}

bool msi_waiting(const struct msi *msi)
{
    return !msi->masked && highest(msi) >= 0;
}

void msi_raise(struct msi *msi, uint8_t vector)
{
    if (vector < VECTOR_FIRST || vector > VECTOR_LAST) return;
    msi->pending[vector >> 5] |= 1u << (vector & 31);
    irq_set(&msi->out, msi_waiting(msi));
}

void msi_mask(struct msi *msi, bool masked)
{
    msi->masked = masked;
    irq_set(&msi->out, msi_waiting(msi));
}

int msi_acknowledge(struct msi *msi)
{
    int vector = msi->masked ? -1 : highest(msi);
    if (vector >= 0) msi->pending[vector >> 5] &= ~(1u << (vector & 31));
    irq_set(&msi->out, msi_waiting(msi));
    return vector;
}

static void msi_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    if (size == 4 && !(offset & 3) && !(value & 0x700)) msi_raise(ctx, (uint8_t)value);
}

status_t msi_init(struct msi *msi, const struct irq_line *out, struct bus *bus)
{
    static const struct mmio_ops ops = {.write = msi_write};
    *msi = (struct msi){.out = *out};
    return bus_map_mmio(bus, phys((uint32_t)MSI_BASE << 20), MSI_SIZE, &ops, msi,
                        "message-signalled interrupts");
}

/* --- snapshots --- */

SNAP_SIZE(struct msi, 56);
void msi_snap(struct snap *s, struct msi *msi)
{
    for (unsigned i = 0; i < 8; i++)
        snap_u32(s, &msi->pending[i]);
    snap_bool(s, &msi->masked);
}
