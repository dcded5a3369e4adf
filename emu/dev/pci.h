/* pci.h: the host bridge's configuration mechanism 1, and a bus on which no device answers.
 *
 *   CF8 (dword)   | 31 E | 30..24 0 | bus 23..16 | device 15..11 | function 10..8 | register 7..2 | 0 0 |
 *   CFC..CFF      the register that CF8 names; nobody claims the cycle, so it reads as all ones
 *
 * CF8 is a register of the bridge only when it is accessed as a dword; smaller accesses belong to the
 * ports themselves, where nothing is.
 *
 * Not emulated: devices, the bridge's own configuration space (a read of bus 0, device 0 finds nothing),
 * mechanism 2, special cycles, memory-mapped configuration.
 */
#ifndef RT386_DEV_PCI_H
#define RT386_DEV_PCI_H

#include <stdint.h>

#include "bus.h"
#include "status.h"

struct snap;

struct pci {
    uint32_t address;
};

/* Resets and claims CF8..CFF. `pci` must outlive the bus and not move. */
status_t pci_init(struct pci *pci, struct bus *bus);
void pci_snap(struct snap *s, struct pci *pci); /* to or from a snapshot */

#endif
