/* pcibus.c: the PCI library, by configuration mechanism 1. Linked into the programs that want it. */
#include "pcibus.h"

#define CONFIG_ADDRESS 0xCF8
#define CONFIG_DATA    0xCFC
#define ENABLE         0x80000000u
#define DEVICES        32
#define FUNCTIONS      8
#define NO_VENDOR      0xFFFF
#define COMMAND        0x04
#define COMMAND_SPACES 0x03
#define COMMAND_MASTER 0x04
#define HEADER_TYPE    0x0E
#define MULTI_FUNCTION 0x80
#define BRIDGE         1
#define SECONDARY_BUS  0x19
#define BAD_LEVEL      0xFFFF

static void out32(WORD port, DWORD value)
{
    __asm__ volatile("outl %0, %w1" : : "a"(value), "Nd"(port));
}

static DWORD in32(WORD port)
{
    DWORD value;
    __asm__ volatile("inl %w1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static DWORD size_mask(BYTE size)
{
    return size == T_BYTE ? 0xFF : size == T_WORD ? 0xFFFF : 0xFFFFFFFF;
}

static void select(const PCIDEV *d, DWORD offset)
{
    out32(CONFIG_ADDRESS, ENABLE | (DWORD)(d->wBusNum & 0xFF) << 16 |
                              (DWORD)(d->wDeviceNum & 31) << 11 | (DWORD)(d->wFunction & 7) << 8 |
                              (offset & 0xFC));
}

BYTE PciInitialize(BYTE method)
{
    if (method > 1) return FALSE;
    out32(CONFIG_ADDRESS, ENABLE);
    return in32(CONFIG_ADDRESS) == ENABLE;
}

DWORD PciGetConfigRegister(PCIDEV *d, BYTE offset, BYTE size)
{
    select(d, offset);
    return in32(CONFIG_DATA) >> offset % 4 * 8 & size_mask(size);
}

/* The other bytes of the dword are written as they are read. */
VOID PciSetConfigRegister(PCIDEV *d, BYTE offset, BYTE size, DWORD value)
{
    DWORD shift = offset % 4 * 8u, mask = size_mask(size) << shift;
    select(d, offset);
    DWORD old = in32(CONFIG_DATA);
    out32(CONFIG_DATA, (old & ~mask) | (value << shift & mask));
}

DWORD PcieGetConfigRegister(PCIDEV *d, WORD offset, BYTE size)
{
    (void)d;
    (void)offset;
    (void)size;
    return 0xFFFFFFFF;
}

VOID PciReadHeader(PCIDEV *d)
{
    DWORD ids = PciGetConfigRegister(d, 0x00, T_DWORD),
          class = PciGetConfigRegister(d, 0x08, T_DWORD);
    DWORD line = PciGetConfigRegister(d, 0x0C, T_DWORD),
          sub = PciGetConfigRegister(d, 0x2C, T_DWORD);
    DWORD interrupt = PciGetConfigRegister(d, 0x3C, T_DWORD);
    d->wVendorId = (WORD)ids;
    d->wDeviceId = (WORD)(ids >> 16);
    d->byRevId = (BYTE) class;
    d->byInterfaceId = (BYTE)(class >> 8);
    d->wClassId = (WORD)(class >> 16);
    d->byCLS = (BYTE)line;
    d->byLatency = (BYTE)(line >> 8);
    d->byHeaderType = (BYTE)(line >> 16);
    for (BYTE i = 0; i < 6; i++)
        d->dwBaseAddr[i] = PciGetConfigRegister(d, (BYTE)(0x10 + 4 * i), T_DWORD);
    d->dwCIS = PciGetConfigRegister(d, 0x28, T_DWORD);
    d->wSubSystemVendorId = (WORD)sub;
    d->wSubSystemId = (WORD)(sub >> 16);
    d->dwRomBaseAddr = PciGetConfigRegister(d, 0x30, T_DWORD);
    d->byCapsPtr = (BYTE)PciGetConfigRegister(d, 0x34, T_BYTE);
    d->byIntLine = (BYTE)interrupt;
    d->byIntPin = (BYTE)(interrupt >> 8);
    d->byMinGrant = (BYTE)(interrupt >> 16);
    d->byMaxLatency = (BYTE)(interrupt >> 24);
}

/* What is looked for; a class of 0 looks for vendor and device. */
struct wanted {
    WORD vendor, device, class, skip;
    int by_class;
};

static int matches(PCIDEV *d, struct wanted *w)
{
    WORD vendor = (WORD)PciGetConfigRegister(d, 0x00, T_WORD);
    WORD device = (WORD)PciGetConfigRegister(d, 0x02, T_WORD);
    WORD class = (WORD)PciGetConfigRegister(d, 0x0A, T_WORD);
    int good = w->by_class ? class == w->class
                           : vendor == w->vendor && (!w->device || device == w->device);
    if (!good) return 0;
    if (w->skip == 0) return 1;
    w->skip--;
    return 0;
}

/* One device of a bus; a bridge widens the search to the bus behind it. */
static int search_device(PCIDEV *d, struct wanted *w, WORD *last_bus)
{
    WORD functions = 1;
    for (d->wFunction = 0; d->wFunction < functions; d->wFunction++) {
        if (PciGetConfigRegister(d, 0x00, T_WORD) == NO_VENDOR) continue;
        DWORD type = PciGetConfigRegister(d, HEADER_TYPE, T_BYTE);
        if (type & MULTI_FUNCTION) functions = FUNCTIONS;
        if ((type & 0x7F) == BRIDGE) {
            WORD behind = (WORD)PciGetConfigRegister(d, SECONDARY_BUS, T_BYTE);
            if (behind > *last_bus) *last_bus = behind;
        }
        if (matches(d, w)) return 1;
    }
    return 0;
}

static BYTE search(PCIDEV *d, struct wanted *w)
{
    WORD last_bus = 0;
    if (!PciInitialize(0)) return FALSE;
    for (d->wBusNum = 0; d->wBusNum <= last_bus; d->wBusNum++)
        for (d->wDeviceNum = 0; d->wDeviceNum < DEVICES; d->wDeviceNum++)
            if (search_device(d, w, &last_bus)) {
                PciReadHeader(d);
                return TRUE;
            }
    return FALSE;
}

BYTE PciFindDevice(PCIDEV *d)
{
    struct wanted w = {d->wVendorId, d->wDeviceId, 0, d->wDeviceIndex, 0};
    return search(d, &w);
}

BYTE PciFindClass(PCIDEV *d)
{
    struct wanted w = {0, 0, d->wClassId, d->wDeviceIndex, 1};
    return search(d, &w);
}

/* Lines of the first controller are levels 08, 18 .. 78, those of the second one 20 .. 27. */
WORD PciGetInterruptLevel(PCIDEV *d)
{
    BYTE line = d->byIntLine;
    if (d->wVendorId == NO_VENDOR || d->byIntPin == 0 || line == 0 || line > 15) return BAD_LEVEL;
    return (WORD)(line < 8 ? line * 16 + 8 : 0x20 + line % 8);
}

VOID PciEnableDevice(PCIDEV *d)
{
    DWORD command = PciGetConfigRegister(d, COMMAND, T_WORD);
    PciSetConfigRegister(d, COMMAND, T_WORD, command | COMMAND_SPACES);
}

VOID PciSetMaster(PCIDEV *d)
{
    DWORD command = PciGetConfigRegister(d, COMMAND, T_WORD);
    PciSetConfigRegister(d, COMMAND, T_WORD, command | COMMAND_MASTER);
}
