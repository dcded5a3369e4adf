/* hpeif2.h: High-Performance Ethernet: frames straight from and to an Ethernet controller.
 *
 *   hpeOpen("ie1g0")  -->  LoadRtLibrary("ie1g.rsl")  -->  the driver's controller number 0
 *
 * The emulated machine has no Ethernet controller (its PCI bus is empty), so no interface opens and no handle is good:
 * every call ends in its documented failure. Structures are those of the help pages; values of constants are chosen,
 * but the speeds, duplex modes and interrupts are bits that are or-ed, as programs do.
 */
#ifndef RT386_GUEST_HPEIF2_H
#define RT386_GUEST_HPEIF2_H

#include "rttypes.h"

typedef DWORD HPESTATUS; /* a status of rterror.h; GetLastRtError has nothing to do with it */
typedef void *HPEHANDLE;

/* phy_params: one speed, one duplex mode, or the driver finds out. */
#define SPEED_NONE       0x00
#define SPEED_10         0x01
#define SPEED_100        0x02
#define SPEED_1000       0x04
#define DUPLEX_HALF      0x10
#define DUPLEX_FULL      0x20
#define WAIT_FOR_LINK    0x00 /* documented */
#define NO_WAIT_FOR_LINK 0x100
#define PROBE_ONLY       0x200

#define NO_INTERRUPT     0
#define INPUT_INTERRUPT  1
#define OUTPUT_INTERRUPT 2
#define ALL_INTERRUPTS   (INPUT_INTERRUPT | OUTPUT_INTERRUPT)

#define HPE_TXIDLE 0
#define HPE_TXBUSY 1

#define HPEMEDIA_COPPER 0
#define HPEMEDIA_FIBER  1

#define OPT_PROMISC  1
#define OPT_ALLMULTI 2

#define HPE_INFO_INTERFACE_CAPABILITIES 0
#define HPE_INFO_INTERFACE_PARAMETERS   1
#define HPE_INFO_INTERFACE_PCIBUS       2

#define HPE_MAX_FRAGMENTS 4

typedef struct {
    LPVOID ptr;
    DWORD size, paddr; /* bytes; physical address */
    DWORD used;        /* bytes of a frame in it */
} HPEBUFFER;

typedef struct {
    DWORD context, buffer_count;
    HPEBUFFER buffers[];
} HPERXBUFFERSET;

typedef struct {
    DWORD context, fragment_count;
    HPEBUFFER fragments[HPE_MAX_FRAGMENTS];
} HPETXBUFFER;

typedef struct {
    DWORD buffer_count;
    HPETXBUFFER buffers[];
} HPETXBUFFERSET;

typedef struct {
    DWORD media_type, media_speed, media_duplex;
} HPEMEDIASTATUS;

typedef struct {
    DWORD option_flags;
    int num_addresses;
    unsigned char (*mac_addr)[6];
} HPE_CONFIG_OPTIONS;

typedef struct {
    DWORD interrupt_mode, phy_params, debug_flags;
    unsigned char mac_addr[6], pad[2];
} HPE_OPEN_OPTIONS;

typedef struct {
    DWORD min_transmit_buffers, max_transmit_buffers;
    DWORD min_receive_buffers, max_receive_buffers;
    DWORD min_dma_align;
    DWORD num_transmit_queues, num_receive_queues;
    DWORD min_receive_bufsize, max_receive_bufsize;
    DWORD min_transmit_bufsize, max_transmit_bufsize;
} HPE_INTERFACE_PARAMETERS;

typedef struct {
    DWORD vendor_id, device_id, sub_vendor_id, sub_device_id, revision_id;
    DWORD bus_number, device_number, function_number;
    DWORD hw_revision;
} HPE_INTERFACE_PCIBUS;

#ifdef __cplusplus
extern "C" {
#endif

/* E_EXIST: there is no such interface. E_PARAM: the name is not that of a driver with the number of a controller after
 * it, or a mode is none. E_INVALID_ADDR: a pointer is bad. The handle is written only on success. */
HPESTATUS hpeOpen(const char *interface_name, DWORD phy_params, DWORD interrupt_mode,
                  HPEHANDLE *handle);
HPESTATUS hpeOpenWithOptions(const char *interface_name, const HPE_OPEN_OPTIONS *options,
                             DWORD size_of_options, HPEHANDLE *handle);

/* E_EXIST: the handle is not that of an open interface. */
HPESTATUS hpeClose(HPEHANDLE handle);
HPESTATUS hpeConfigOptions(HPEHANDLE handle, HPE_CONFIG_OPTIONS *conf, DWORD size_of_conf);
HPESTATUS hpeSetPromiscuousMode(HPEHANDLE handle, BOOL on);
HPESTATUS hpeGetInterfaceInfo(HPEHANDLE handle, DWORD info_type, LPVOID *info, DWORD info_size);
HPESTATUS hpeGetMacAddress(HPEHANDLE handle, BYTE *mac_addr);
HPESTATUS hpeGetMediaStatus(HPEHANDLE handle, HPEMEDIASTATUS *media_status);
HPESTATUS hpeAllocateReceiveBufferSet(HPEHANDLE handle, HPERXBUFFERSET **set, DWORD buffer_count,
                                      DWORD buffer_size);
HPESTATUS hpeFreeReceiveBufferSet(HPEHANDLE handle, HPERXBUFFERSET **set);
HPESTATUS hpeAttachReceiveBufferSet(HPEHANDLE handle, HPERXBUFFERSET *set);
HPESTATUS hpeGetReceiveBuffer(HPEHANDLE handle, HPEBUFFER **buffer);
HPESTATUS hpeReturnReceiveBuffer(HPEHANDLE handle, HPEBUFFER *buffer);
HPESTATUS hpeWaitForReceiveComplete(HPEHANDLE handle, DWORD timeout_us);
HPESTATUS hpeAttachTransmitBufferSet(HPEHANDLE handle, HPETXBUFFERSET *set);
HPESTATUS hpeStartTransmitter(HPEHANDLE handle);
HPESTATUS hpeGetTransmitterState(HPEHANDLE handle, DWORD *state);
HPESTATUS hpeWaitForTransmitComplete(HPEHANDLE handle, DWORD timeout_us);

#ifdef __cplusplus
}
#endif

#endif
