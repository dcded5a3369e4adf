/* tables.c: pages that hold page tables somebody has translations from (see bus.h and docs/adr/0015).
 *
 *   bus_watch_tables ---> page watched --- write to it, A20, map ---> new generation, no page watched
 */
#include "bus.h"

void bus_new_generation(struct bus *bus)
{
    bus->generation += GENERATION;
    while (bus->watched_count)
        bus->tables[bus->watched[--bus->watched_count]] &= (uint8_t)~PAGE_WATCHED;
}

/* At 4 GB the last page comes before the first. */
void bus_noticed(struct bus *bus, uint32_t first, uint32_t last)
{
    if ((bus->tables[first] | bus->tables[last]) & PAGE_WATCHED) bus_new_generation(bus);
    bus->tables[first] = bus->tables[last] = 0;
}

static void watch(struct bus *bus, uint32_t page)
{
    if (bus->tables[page] & PAGE_WATCHED) return;
    bus->tables[page] |= PAGE_WATCHED;
    bus->watched[bus->watched_count++] = page;
}

/* Both or none: what one of them starts anew must not leave the other unwatched. */
bool bus_watch_tables(struct bus *bus, phys_t pde, phys_t pte)
{
    uint32_t first = pde.v & bus->a20_mask, second = pte.v & bus->a20_mask;
    if (!bus_ram_at(bus, first) || !bus_ram_at(bus, second)) return false;
    if (bus->watched_count > WATCHED_TABLES - 2) bus_new_generation(bus);
    watch(bus, first >> PAGE_SHIFT);
    watch(bus, second >> PAGE_SHIFT);
    return true;
}
