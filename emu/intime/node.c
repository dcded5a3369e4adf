/* node.c: calls about the node itself and its host. There is one node, on a host that serves its files and its console
 * and that keeps the time of day: what the pages say of a node that shares its host with Windows holds here. */

#include "bits.h"
#include "kernel.h"

#define CLOCK_DEFAULT 0u
#define CLOCK_HOST    1u
#define CLOCK_LOCAL   2u
#define IO_SERVICE    2u
#define TIMEVALUE     12u

static const char version[] =
    "7.1.0.1"; /* as RQSYSINFO has it; no date of building, and the last number unused */

/* --- ShutdownRtHost(reboot, ms): for hosts without Windows --- */

uint32_t vrfy_ShutdownRtHost(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_CONTEXT;
}

/* --- StartLocalRtApplicationNode(location), StopLocalRtApplicationNode(location): there is no other node --- */

uint32_t vrfy_StartLocalRtApplicationNode(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_NOT_CONFIGURED;
}

uint32_t vrfy_StopLocalRtApplicationNode(struct rt_kernel *k, struct call *c)
{
    return vrfy_StartLocalRtApplicationNode(k, c);
}

/* --- SyncLocalRtClock(source): the time of day is the host's again --- */

uint32_t vrfy_SyncLocalRtClock(struct rt_kernel *k, struct call *c)
{
    if (c->arg[0] > CLOCK_LOCAL) return E_PARAM;
    if (c->arg[0] == CLOCK_LOCAL) return E_EXIST;
    return k->config.io_missing & IO_SERVICE ? E_CONTEXT : E_OK;
}

void impl_SyncLocalRtClock(struct rt_kernel *k, struct call *c)
{
    k->clock_base = k->config.start_time * 1000000;
    c->eax = 1;
}

/* --- GetRtHardwareClock(time): the clock of the host is not the node's --- */

uint32_t vrfy_GetRtHardwareClock(struct rt_kernel *k, struct call *c)
{
    uint32_t status = call_writable(k, c->arg[0], TIMEVALUE);
    return status == E_OK ? E_NOT_CONFIGURED : status;
}

/* --- GetINtimeProductVersion(buffer, size): characters, or how many there would be --- */

uint32_t vrfy_GetINtimeProductVersion(struct rt_kernel *k, struct call *c)
{
    if (c->arg[1] < sizeof version) return E_OK;
    return call_writable(k, c->arg[0], sizeof version);
}

void impl_GetINtimeProductVersion(struct rt_kernel *k, struct call *c)
{
    if (c->arg[1] >= sizeof version) call_put(k, c->arg[0], version, sizeof version);
    c->eax = sizeof version - 1;
}

/* Each of the others is refused, so none of these is reached. */

void impl_ShutdownRtHost(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

void impl_StartLocalRtApplicationNode(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

void impl_StopLocalRtApplicationNode(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

void impl_GetRtHardwareClock(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}
