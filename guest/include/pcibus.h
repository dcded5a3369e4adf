/* pcibus.h: the PCI library: static, ring 3, ports CF8 and CFC (applications run with IOPL 3). */
#ifndef RT386_GUEST_PCIBUS_H
#define RT386_GUEST_PCIBUS_H

#include "rttypes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sizes of a register: chosen. */
#define T_BYTE  1
#define T_WORD  2
#define T_DWORD 4
/* Kinds of an address space: chosen. */
#define IOSPACE_MEM 1
#define IOSPACE_IO  2

typedef struct {
    DWORD start, size, flags;
} RTPACKED PCISPACE;

/* Member order of the help page, byte packed. */
typedef struct {
    WORD wBusNum, wDeviceNum, wFunction;
    WORD wVendorId, wDeviceId, wDeviceIndex; /* index: so many matches are skipped */
    WORD wClassId;                           /* class and subclass */
    BYTE byInterfaceId, byRevId, byCLS, byLatency;
    DWORD dwBaseAddr[6], dwCIS;
    WORD wSubSystemVendorId, wSubSystemId;
    DWORD dwRomBaseAddr;
    BYTE byIntLine, byIntPin, byMaxLatency, byMinGrant, byHeaderType, byCapsPtr;
    char szName[40];
    BYTE bUnusable; /* not 0: not given to this node */
    char _res[39];
    char szSlot[8];
    PCISPACE IoSpace[12];
    LPVOID pDrvData;
    BYTE MsiOffset;
    WORD MsixOffset;
} RTPACKED PCIDEV;

/* 0: find out; 1, 2: that configuration mechanism. FALSE: it does not work here. */
RTAPI BYTE PciInitialize(BYTE byMethod);
/* By wVendorId, wDeviceId (0: any) and wDeviceIndex; fills the structure. */
RTAPI BYTE PciFindDevice(PCIDEV *pPciDevice);
/* By wClassId and wDeviceIndex. */
RTAPI BYTE PciFindClass(PCIDEV *pPciDevice);
/* Fills it from the header of bus, device and function. */
RTAPI VOID PciReadHeader(PCIDEV *pPciDevice);
RTAPI DWORD PciGetConfigRegister(PCIDEV *pPciDevice, BYTE byOffset, BYTE bySize);
RTAPI VOID PciSetConfigRegister(PCIDEV *pPciDevice, BYTE byOffset, BYTE bySize, DWORD dwValue);
/* There is no memory-mapped configuration: all ones. */
RTAPI DWORD PcieGetConfigRegister(PCIDEV *pPciDevice, WORD wOffset, BYTE bySize);
/* The interrupt level of the line that the device's pin is routed to, as byIntPin and byIntLine say; FFFF: none. */
RTAPI WORD PciGetInterruptLevel(PCIDEV *pPciDevice);
/* Bits of the command register: spaces on; bus mastering on. */
RTAPI VOID PciEnableDevice(PCIDEV *pPciDevice);
RTAPI VOID PciSetMaster(PCIDEV *pPciDevice);

#ifdef __cplusplus
}
#endif

#endif
