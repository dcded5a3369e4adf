/* hpe.c: the library of High-Performance Ethernet, on a machine without an Ethernet controller (ADR 0066). Linked into
 * the programs that want it, as the vendor's is.
 */
#include "hpeif2.h"
#include "rt.h"

#define DRIVER_MAX 32 /* characters of a driver's name */
#define PAGE       4096u

/* Length of a text that the caller can read; -1 when it cannot, or when it is longer than the limit. */
static int text_length(const char *text, int limit)
{
    for (int n = 0; n <= limit; n++) {
        DWORD at = (DWORD)(text + n);
        if ((n == 0 || at % PAGE == 0) && !ValidateRtBuffer((LPVOID)at, 1, BUFFER_READONLY))
            return -1;
        if (text[n] == '\0') return n;
    }
    return limit + 1;
}

/* "ie1g0": the file of the driver is ie1g.rsl. False: the name does not end in a number, or is nothing else. */
static BOOLEAN driver_file(const char *name, int length, char *file)
{
    static const char extension[] = ".rsl";
    int digits = 0, n = 0;
    while (digits < length && name[length - 1 - digits] >= '0' && name[length - 1 - digits] <= '9')
        digits++;
    if (digits == 0 || digits == length) return FALSE;
    for (; n < length - digits; n++)
        file[n] = name[n];
    for (unsigned i = 0; i < sizeof extension; i++)
        file[n++] = extension[i];
    return TRUE;
}

static BOOLEAN modes_good(DWORD phy_params, DWORD interrupt_mode)
{
    const DWORD known = SPEED_10 | SPEED_100 | SPEED_1000 | DUPLEX_HALF | DUPLEX_FULL |
                        NO_WAIT_FOR_LINK | PROBE_ONLY;
    DWORD speed = phy_params & (SPEED_10 | SPEED_100 | SPEED_1000);
    DWORD duplex = phy_params & (DUPLEX_HALF | DUPLEX_FULL);
    return (phy_params & ~known) == 0 && (speed & (speed - 1)) == 0 &&
           (duplex & (duplex - 1)) == 0 && interrupt_mode <= ALL_INTERRUPTS;
}

HPESTATUS hpeOpen(const char *interface_name, DWORD phy_params, DWORD interrupt_mode,
                  HPEHANDLE *handle)
{
    char file[DRIVER_MAX + sizeof ".rsl"];
    int length = text_length(interface_name, DRIVER_MAX);
    if (length < 0 || !ValidateRtBuffer(handle, sizeof *handle, BUFFER_WRITABLE))
        return E_INVALID_ADDR;
    if (length > DRIVER_MAX || !driver_file(interface_name, length, file)) return E_PARAM;
    if (!modes_good(phy_params, interrupt_mode)) return E_PARAM;
    RTHANDLE driver = LoadRtLibrary(file);
    if (driver != 0 && driver != BAD_RTHANDLE) FreeRtLibrary(driver); /* it has nothing to drive */
    return E_EXIST;
}

HPESTATUS hpeOpenWithOptions(const char *interface_name, const HPE_OPEN_OPTIONS *options,
                             DWORD size_of_options, HPEHANDLE *handle)
{
    if (size_of_options != sizeof *options) return E_PARAM;
    if (!ValidateRtBuffer((LPVOID)options, sizeof *options, BUFFER_READONLY)) return E_INVALID_ADDR;
    return hpeOpen(interface_name, options->phy_params, options->interrupt_mode, handle);
}

/* --- no handle is that of an open interface --- */

HPESTATUS hpeClose(HPEHANDLE handle)
{
    (void)handle;
    return E_EXIST;
}

HPESTATUS hpeConfigOptions(HPEHANDLE handle, HPE_CONFIG_OPTIONS *conf, DWORD size_of_conf)
{
    (void)conf;
    (void)size_of_conf;
    return hpeClose(handle);
}

HPESTATUS hpeSetPromiscuousMode(HPEHANDLE handle, BOOL on)
{
    (void)on;
    return hpeClose(handle);
}

HPESTATUS hpeGetInterfaceInfo(HPEHANDLE handle, DWORD info_type, LPVOID *info, DWORD info_size)
{
    (void)info_type;
    (void)info;
    (void)info_size;
    return hpeClose(handle);
}

HPESTATUS hpeGetMacAddress(HPEHANDLE handle, BYTE *mac_addr)
{
    (void)mac_addr;
    return hpeClose(handle);
}

HPESTATUS hpeGetMediaStatus(HPEHANDLE handle, HPEMEDIASTATUS *media_status)
{
    (void)media_status;
    return hpeClose(handle);
}

HPESTATUS hpeAllocateReceiveBufferSet(HPEHANDLE handle, HPERXBUFFERSET **set, DWORD buffer_count,
                                      DWORD buffer_size)
{
    (void)set;
    (void)buffer_count;
    (void)buffer_size;
    return hpeClose(handle);
}

HPESTATUS hpeFreeReceiveBufferSet(HPEHANDLE handle, HPERXBUFFERSET **set)
{
    (void)set;
    return hpeClose(handle);
}

HPESTATUS hpeAttachReceiveBufferSet(HPEHANDLE handle, HPERXBUFFERSET *set)
{
    (void)set;
    return hpeClose(handle);
}

HPESTATUS hpeGetReceiveBuffer(HPEHANDLE handle, HPEBUFFER **buffer)
{
    (void)buffer;
    return hpeClose(handle);
}

HPESTATUS hpeReturnReceiveBuffer(HPEHANDLE handle, HPEBUFFER *buffer)
{
    (void)buffer;
    return hpeClose(handle);
}

HPESTATUS hpeWaitForReceiveComplete(HPEHANDLE handle, DWORD timeout_us)
{
    (void)timeout_us;
    return hpeClose(handle);
}

HPESTATUS hpeAttachTransmitBufferSet(HPEHANDLE handle, HPETXBUFFERSET *set)
{
    (void)set;
    return hpeClose(handle);
}

HPESTATUS hpeStartTransmitter(HPEHANDLE handle)
{
    return hpeClose(handle);
}

HPESTATUS hpeGetTransmitterState(HPEHANDLE handle, DWORD *state)
{
    (void)state;
    return hpeClose(handle);
}

HPESTATUS hpeWaitForTransmitComplete(HPEHANDLE handle, DWORD timeout_us)
{
    (void)timeout_us;
    return hpeClose(handle);
}
