/* pci_bus.c: the PCI library on a bus without devices. */
#include "pcibus.h"
#include "tap.h"

int main(void)
{
    struct tap tap = {0, 0}, *t = &tap;
    static PCIDEV dev;
    IS(t, PciInitialize(0), TRUE, DOCUMENTED);
    IS(t, PciInitialize(1), TRUE, DOCUMENTED);
    IS(t, PciInitialize(2), FALSE, DOCUMENTED);
    dev.wVendorId = 0x8086;
    IS(t, PciFindDevice(&dev), FALSE, DOCUMENTED);
    dev.wClassId = 0x0200; /* network */
    IS(t, PciFindClass(&dev), FALSE, DOCUMENTED);
    dev.wBusNum = dev.wDeviceNum = dev.wFunction = 0;
    PciReadHeader(&dev);
    IS(t, dev.wVendorId, 0xFFFF, INFERRED); /* nobody answers */
    IS(t, dev.dwBaseAddr[5], 0xFFFFFFFF, INFERRED);
    IS(t, PciGetConfigRegister(&dev, 0x3D, T_BYTE), 0xFF, INFERRED);
    IS(t, PciGetConfigRegister(&dev, 0x02, T_WORD), 0xFFFF, INFERRED);
    IS(t, PciGetConfigRegister(&dev, 0x00, T_DWORD), 0xFFFFFFFF, INFERRED);
    IS(t, PcieGetConfigRegister(&dev, 0, T_DWORD), 0xFFFFFFFF, DOCUMENTED);
    IS(t, PciGetInterruptLevel(&dev), 0xFFFF, DOCUMENTED);
    dev = (PCIDEV){.wVendorId = 0x8086, .byIntPin = 1};
    for (BYTE line = 0; line < 17; line++) {
        dev.byIntLine = line;
        WORD level = line < 8 ? (WORD)(line * 16 + 8) : (WORD)(0x20 + line - 8);
        if (line == 0 || line == 16) level = 0xFFFF;
        IS(t, PciGetInterruptLevel(&dev), level, DOCUMENTED);
    }
    dev.byIntLine = 11;
    dev.byIntPin = 0;
    IS(t, PciGetInterruptLevel(&dev), 0xFFFF, DOCUMENTED); /* it does not interrupt */
    dev.byIntPin = 4;
    IS(t, PciGetInterruptLevel(&dev), IRQ11_LEVEL, DOCUMENTED);
    PciSetConfigRegister(&dev, 0x04, T_WORD, 7);
    PciEnableDevice(&dev);
    PciSetMaster(&dev);
    IS(t, PciGetConfigRegister(&dev, 0x04, T_WORD), 0xFFFF, INFERRED); /* goes nowhere */
    return tap_end(t);
}
