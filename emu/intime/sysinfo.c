/* sysinfo.c: the system data segment: one page of a small VSEG of the root process, catalogued there as
 * RQSYSINFO. What a program writes into it shows in CopyRtSystemInfo and is used for nothing else. */
#include <stdlib.h>

#include "bits.h"
#include "kernel.h"

#define SYSINFO_SIZE 160u
#define ROOT_BASE    (VSEG_LAST - VSEG_UNIT)
#define ROOT_PAGE    VSEG_LOW_PAGE

/* Host memory for the root's VSEG; what is in it comes with sysinfo_make. */
bool sysinfo_reserve(struct rt_kernel *k)
{
    struct process *p = k->root;
    p->size = VSEG_UNIT;
    p->base = ROOT_BASE;
    p->tables = calloc(1, sizeof *p->tables);
    return p->tables && vseg_reserve(p, ROOT_PAGE, 1);
}

static void sysinfo_fill(struct rt_kernel *k)
{
    uint8_t info[SYSINFO_SIZE] = {0};
    put16(info + 57, HIGH_TICK_US / 1000);
    put16(info + 59, (uint16_t)(HIGH_TICK_US / k->config.low_tick_us));
    info[64] = 7; /* the version whose interface this is */
    info[65] = 1;
    put32(info + 70, 33); /* clocks per microsecond of the machine */
    info[79] = 1;         /* processors */
    uint32_t family = k->config.cpu_signature >> 8 & 15;
    info[91] = (uint8_t)(family ? family : 3);
    put32(info + 97, k->config.ram_size / 1024);
    info[109] = k->config.cpu_signature >> 4 & 15;
    put32(info + 110, k->config.cpu_features);
    info[114] = 12;
    phys_put(k, k->sysinfo, info, sizeof info);
}

void sysinfo_make(struct rt_kernel *k)
{
    struct process *p = k->root;
    space_make(k, p);
    k->sysinfo = frame_take_low(k, p);
    vseg_map(k, p, ROOT_PAGE, 1, k->sysinfo, PTE_OWNED | PTE_W);
    area_add(p, ROOT_PAGE, 1, AREA_SYSTEM);
    sysinfo_fill(k);
    struct object *o = object_fixed(k, p, SLOT_SYSINFO, TYPE_SEGMENT);
    o->subtype = SUBTYPE_SEGMENT;
    o->off = ROOT_PAGE * PAGE;
    o->size = SYSINFO_SIZE;
    o->seg = (struct rt_segdef){.kind = RT_SEG_DATA,
                                .dpl = 3,
                                .base = shared_show(k, o, p, o->off, SYSINFO_SIZE),
                                .limit = SYSINFO_SIZE - 1};
    object_publish(k, o);
    dir_add(k, p, "RQSYSINFO", object_handle(k, o));
}

/* --- CopyRtSystemInfo(info) --- */

uint32_t vrfy_CopyRtSystemInfo(struct rt_kernel *k, struct call *c)
{
    return call_writable(k, c->arg[0], SYSINFO_SIZE);
}

void impl_CopyRtSystemInfo(struct rt_kernel *k, struct call *c)
{
    uint8_t info[SYSINFO_SIZE];
    phys_get(k, k->sysinfo, info, sizeof info);
    call_put(k, c->arg[0], info, sizeof info);
    c->eax = 1;
}
