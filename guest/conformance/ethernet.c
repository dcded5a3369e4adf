/* ethernet.c: High-Performance Ethernet and INscope on a machine that has neither. */
#include "hpeif2.h"
#include "ioctl.h"
#include "tap.h"
#include "traceapi.h"

#define MODES (SPEED_100 | DUPLEX_FULL)

static void opening(struct tap *t)
{
    static char name_end[] = "ie1g0";
    HPEHANDLE handle = t;
    IS(t, hpeOpen("ie1g0", MODES, NO_INTERRUPT, &handle), E_EXIST, INFERRED);
    IS(t, hpeOpen("rtl1gl12", NO_WAIT_FOR_LINK | PROBE_ONLY, ALL_INTERRUPTS, &handle), E_EXIST,
       INFERRED);
    IS(t, hpeOpen(name_end, 0, NO_INTERRUPT, &handle), E_EXIST, INFERRED);
    IS(t, handle == t, TRUE, DOCUMENTED); /* valid on success only */
    IS(t, hpeOpen("ie1g", MODES, NO_INTERRUPT, &handle), E_PARAM, DECIDED);
    IS(t, hpeOpen("10", MODES, NO_INTERRUPT, &handle), E_PARAM, DECIDED);
    IS(t, hpeOpen("", MODES, NO_INTERRUPT, &handle), E_PARAM, DECIDED);
    IS(t, hpeOpen("a_name_of_more_than_32_characters0", MODES, NO_INTERRUPT, &handle), E_PARAM,
       DECIDED);
    IS(t, hpeOpen("ie1g0", SPEED_10 | SPEED_100, NO_INTERRUPT, &handle), E_PARAM, DECIDED);
    IS(t, hpeOpen("ie1g0", DUPLEX_HALF | DUPLEX_FULL, NO_INTERRUPT, &handle), E_PARAM, DECIDED);
    IS(t, hpeOpen("ie1g0", 0x80000000, NO_INTERRUPT, &handle), E_PARAM, DECIDED);
    IS(t, hpeOpen("ie1g0", MODES, ALL_INTERRUPTS + 1, &handle), E_PARAM, DECIDED);
    IS(t, hpeOpen("ie1g0", MODES, NO_INTERRUPT, NULL), E_INVALID_ADDR, DECIDED);
    IS(t, hpeOpen("ie1g0", MODES, NO_INTERRUPT, OUTSIDE), E_INVALID_ADDR, DECIDED);
    IS(t, hpeOpen(NULL, MODES, NO_INTERRUPT, &handle), E_INVALID_ADDR, DECIDED);
    IS(t, hpeOpen(OUTSIDE, MODES, NO_INTERRUPT, &handle), E_INVALID_ADDR, DECIDED);

    HPE_OPEN_OPTIONS options = {.interrupt_mode = INPUT_INTERRUPT, .phy_params = MODES};
    IS(t, hpeOpenWithOptions("ie1g0", &options, sizeof options, &handle), E_EXIST, INFERRED);
    IS(t, hpeOpenWithOptions("ie1g0", &options, 4, &handle), E_PARAM, DECIDED);
    IS(t, hpeOpenWithOptions("ie1g0", NULL, sizeof options, &handle), E_INVALID_ADDR, DECIDED);
    options.interrupt_mode = ALL_INTERRUPTS + 1;
    IS(t, hpeOpenWithOptions("ie1g0", &options, sizeof options, &handle), E_PARAM, DECIDED);
}

/* A name that ends with the last page that can be read is read to its end; one that goes on is not. */
static void name_at_the_end(struct tap *t)
{
    HPEHANDLE handle;
    char *page = AllocateRtMemory(4096);
    for (unsigned i = 0; i < 4096; i++)
        page[i] = 'a';
    IS(t, hpeOpen(page + 4090, MODES, NO_INTERRUPT, &handle), E_INVALID_ADDR, DECIDED);
    page[4094] = '0';
    page[4095] = '\0';
    IS(t, hpeOpen(page + 4090, MODES, NO_INTERRUPT, &handle), E_EXIST, INFERRED);
    FreeRtMemory(page);
}

static void no_handle(struct tap *t)
{
    HPEHANDLE h = NULL;
    HPE_CONFIG_OPTIONS conf = {OPT_PROMISC, 0, NULL};
    HPEMEDIASTATUS media = {7, 7, 7};
    HPERXBUFFERSET *rx = NULL;
    HPETXBUFFERSET tx = {.buffer_count = 1};
    HPEBUFFER *buffer = NULL;
    HPE_INTERFACE_PARAMETERS info;
    BYTE mac[6];
    DWORD state = 9;
    IS(t, hpeConfigOptions(h, &conf, sizeof conf), E_EXIST, DOCUMENTED);
    IS(t, hpeSetPromiscuousMode(h, TRUE), E_EXIST, DOCUMENTED);
    IS(t, hpeGetInterfaceInfo(h, HPE_INFO_INTERFACE_PARAMETERS, (LPVOID *)&info, sizeof info),
       E_EXIST, DOCUMENTED);
    IS(t, hpeGetMacAddress(h, mac), E_EXIST, DOCUMENTED);
    IS(t, hpeGetMediaStatus(h, &media), E_EXIST, DOCUMENTED);
    IS(t, media.media_speed, 7, INFERRED);
    IS(t, hpeAllocateReceiveBufferSet(h, &rx, 16, 1518), E_EXIST, DOCUMENTED);
    IS(t, hpeFreeReceiveBufferSet(h, &rx), E_EXIST, DOCUMENTED);
    IS(t, hpeAttachReceiveBufferSet(h, rx), E_EXIST, DOCUMENTED);
    IS(t, hpeGetReceiveBuffer(h, &buffer), E_EXIST, DOCUMENTED);
    IS(t, hpeReturnReceiveBuffer(h, buffer), E_EXIST, DOCUMENTED);
    IS(t, hpeWaitForReceiveComplete(h, INFINITE), E_EXIST, DOCUMENTED);
    IS(t, hpeAttachTransmitBufferSet(h, &tx), E_EXIST, DOCUMENTED);
    IS(t, hpeStartTransmitter(h), E_EXIST, DOCUMENTED);
    IS(t, hpeGetTransmitterState(h, &state), E_EXIST, DOCUMENTED);
    IS(t, state, 9, INFERRED);
    IS(t, hpeWaitForTransmitComplete(h, INFINITE), E_EXIST, DOCUMENTED);
    IS(t, hpeClose(h), E_EXIST, INFERRED);
    IS(t, hpeClose(t), E_EXIST, INFERRED);
}

/* The set of receive buffers and the transmit buffers lie in memory as the pages have them. */
static void layouts(struct tap *t)
{
    IS(t, sizeof(HPEBUFFER), 16, DOCUMENTED);
    IS(t, sizeof(HPERXBUFFERSET), 8, DOCUMENTED);
    IS(t, sizeof(HPETXBUFFER), 8 + 4 * 16, DOCUMENTED);
    IS(t, sizeof(HPETXBUFFERSET), 4, DOCUMENTED);
    IS(t, sizeof(HPE_OPEN_OPTIONS), 20, DOCUMENTED);
    IS(t, sizeof(HPE_CONFIG_OPTIONS), 12, DOCUMENTED);
    IS(t, FIONREAD != 0, TRUE, INFERRED); /* through <ioctl.h> */
}

static void no_inscope(struct tap *t)
{
    IS(t, log_RT_event('S', 2), -1, DOCUMENTED);
    IS(t, log_RT_app_start(), -1, DOCUMENTED);
    IS(t, start_RT_trace(1), -1, DOCUMENTED);
    IS(t, pause_RT_trace(), -1, DOCUMENTED);
    IS(t, resume_RT_trace(), -1, DOCUMENTED);
    IS(t, stop_RT_trace(), -1, DOCUMENTED);
    IS(t, save_RT_trace("trace.log"), 0xFFFF, DOCUMENTED);
}

int main(void)
{
    struct tap tap = {0, 0}, *t = &tap;
    opening(t);
    name_at_the_end(t);
    no_handle(t);
    layouts(t);
    no_inscope(t);
    return tap_end(t);
}
