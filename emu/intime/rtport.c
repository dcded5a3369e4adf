/* rtport.c: ports. The node has no services, so the only ports are sink ports: nothing can be forwarded to
 * them, a heap can be attached, and who waits for a message waits in vain. */
#include "bits.h"
#include "heap.h"

#define NAME_SERVICE_MAX 14u
#define RECEIVE_INFO     87u /* without the control message */
#define PORT_INFO        98u
#define SERVICE_DESC     208u
#define ATTRIBUTES       4u      /* SERVICEATTRIBUTES: operation code, length of what follows */
#define OF_KERNEL        0x8000u /* operation codes from here on are not for the service */

/* --- CreateRtPort(service, number, transactions, flags), ...Ex(..., heap size) --- */

static uint32_t port_room(struct rt_kernel *k, struct call *c, uint32_t heap)
{
    if (c->arg[0] && c->str_reach != RT_REACH_OK) return E_PARAM;
    if (c->arg[0] && (c->str_length == 0 || c->str_length > NAME_SERVICE_MAX)) return E_PARAM;
    if (c->arg[0]) return E_CONTEXT; /* no service of any name */
    return heap ? heap_room(k, c, heap, 2) : object_room(k, c->p, 1, 0);
}

static struct object *port_make(struct rt_kernel *k, struct call *c)
{
    c->eax = exchange_make(k, c, TYPE_PORT, c->arg[3]);
    c->object->units = (uint16_t)c->arg[1];
    c->object->units_max = (uint16_t)c->arg[2];
    c->object->port_flags = (uint16_t)c->arg[3];
    return c->object;
}

uint32_t vrfy_CreateRtPort(struct rt_kernel *k, struct call *c)
{
    return port_room(k, c, 0);
}

void impl_CreateRtPort(struct rt_kernel *k, struct call *c)
{
    port_make(k, c);
}

static void heap_attach(struct rt_kernel *k, struct object *port, struct object *heap)
{
    port->port_heap = (uint16_t)(heap - k->slot);
    heap->heap->ports++;
}

static void heap_detach(struct rt_kernel *k, struct object *port)
{
    struct object *heap = &k->slot[port->port_heap];
    if (port->port_heap && heap->heap) heap->heap->ports--;
    port->port_heap = 0;
}

uint32_t vrfy_CreateRtPortEx(struct rt_kernel *k, struct call *c)
{
    return port_room(k, c, c->arg[4]);
}

void impl_CreateRtPortEx(struct rt_kernel *k, struct call *c)
{
    struct object *heap = c->arg[4] ? heap_make(k, c, c->arg[4]) : NULL;
    struct object *port = port_make(k, c);
    if (heap) heap_attach(k, port, heap);
}

static uint32_t port_get(struct rt_kernel *k, struct call *c, uint32_t handle)
{
    return object_get(k, handle, TYPE_PORT, E_EXIST, &c->object);
}

/* --- DeleteRtPort(port): waiters go on with E_EXIST --- */

uint32_t vrfy_DeleteRtPort(struct rt_kernel *k, struct call *c)
{
    return port_get(k, c, c->arg[0]);
}

void impl_DeleteRtPort(struct rt_kernel *k, struct call *c)
{
    object_close(k, c->object);
    object_delete(k, c->object);
    c->eax = 1;
}

void port_close(struct rt_kernel *k, struct object *o)
{
    struct thread *t;
    while ((t = exchange_head(k, o, WAIT_PORT)))
        sched_wake(k, t, E_EXIST, 0);
    heap_detach(k, o);
}

/* --- AttachRtHeap(heap, port), DetachRtHeap(port): the heap --- */

uint32_t vrfy_AttachRtHeap(struct rt_kernel *k, struct call *c)
{
    uint32_t status = heap_get(k, c, c->arg[0]);
    if (status == E_OK) status = port_get(k, c, c->arg[1]);
    if (status != E_OK) return status;
    return c->object->port_heap ? E_STATE : E_OK;
}

void impl_AttachRtHeap(struct rt_kernel *k, struct call *c)
{
    heap_attach(k, c->object, object_find(k, c->arg[0]));
    c->eax = 1;
}

uint32_t vrfy_DetachRtHeap(struct rt_kernel *k, struct call *c)
{
    uint32_t status = port_get(k, c, c->arg[0]);
    if (status != E_OK) return status;
    return c->object->port_heap ? E_OK : E_STATE;
}

void impl_DetachRtHeap(struct rt_kernel *k, struct call *c)
{
    c->eax = (uint32_t)c->object->port_heap << 3;
    heap_detach(k, c->object);
}

/* --- GetRtPortAttributes(port, info) ---
 *
 *   +0 number, +2 FF, +4 transactions, +6 size of control messages, +8 service, +10 sink port, +16 heap, +18 flags,
 *   +20 local address, +52 remote address, +84 name of the service
 *
 * A sink port has no service, and so no addresses, no control messages, and is forwarded to nobody: 0. */

uint32_t vrfy_GetRtPortAttributes(struct rt_kernel *k, struct call *c)
{
    uint32_t status = port_get(k, c, c->arg[0]);
    if (status != E_OK) return status;
    return call_writable(k, c->arg[1], PORT_INFO) == E_OK ? E_OK : E_NUC_BAD_BUF;
}

void impl_GetRtPortAttributes(struct rt_kernel *k, struct call *c)
{
    const struct object *o = c->object;
    uint8_t info[PORT_INFO] = {0};
    put16(info, o->units);
    info[2] = 0xFF;
    put16(info + 4, o->units_max);
    put16(info + 16, (uint16_t)(o->port_heap << 3));
    put16(info + 18, o->port_flags);
    call_put(k, c->arg[1], info, sizeof info);
    c->eax = 1;
}

/* --- InstallRtServiceDescriptor(descriptor), UninstallRtServiceDescriptor(name): services are refused (ADR 0046) ---
 *
 * SERVICEDESC:
 *   +0 name, +14 flags, +16 default of transactions, +18 bytes of an address, +20 of a control message, +22 transactions,
 *   +24 control buffers, +26 size of the port table, +28 null port, +30 first and +32 last valid port, +34 first and
 *   +36 last that is given out, +38 twelve handlers of six bytes, +110 stack, +116 service, +118 local address,
 *   +206 bytes that follow */

uint32_t vrfy_InstallRtServiceDescriptor(struct rt_kernel *k, struct call *c)
{
    uint8_t desc[SERVICE_DESC];
    if (k->port.user_read(k->port.ctx, c->arg[0], desc, sizeof desc) != RT_REACH_OK)
        return E_NUC_BAD_BUF;
    return get16(desc + 32) > get16(desc + 26) ? E_PARAM : E_NOT_CONFIGURED;
}

uint32_t vrfy_UninstallRtServiceDescriptor(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return c->str_reach == RT_REACH_OK ? E_CONTEXT : E_NUC_BAD_BUF;
}

/* --- what a sink port refuses --- */

/* The kernel has no operations of its own, and there is no service that could have others. */
static uint32_t attributes_check(struct rt_kernel *k, struct call *c)
{
    uint8_t head[ATTRIBUTES];
    uint32_t status = port_get(k, c, c->arg[0]);
    if (status != E_OK) return status;
    if (k->port.user_read(k->port.ctx, c->arg[1], head, sizeof head) != RT_REACH_OK)
        return E_NUC_BAD_BUF;
    return get16(head) >= OF_KERNEL ? E_PARAM : E_NOT_CONFIGURED;
}

uint32_t vrfy_GetRtServiceAttributes(struct rt_kernel *k, struct call *c)
{
    return attributes_check(k, c);
}

uint32_t vrfy_SetRtServiceAttributes(struct rt_kernel *k, struct call *c)
{
    return attributes_check(k, c);
}

uint32_t vrfy_ConnectRtPort(struct rt_kernel *k, struct call *c)
{
    uint32_t status = port_get(k, c, c->arg[0]);
    return status == E_OK ? E_STATE : status;
}

uint32_t vrfy_AttachRtPort(struct rt_kernel *k, struct call *c)
{
    uint32_t status = port_get(k, c, c->arg[0]);
    if (status == E_OK) status = port_get(k, c, c->arg[1]);
    return status == E_OK ? E_TYPE : status; /* messages of sink ports are not forwarded */
}

uint32_t vrfy_DetachRtPort(struct rt_kernel *k, struct call *c)
{
    uint32_t status = port_get(k, c, c->arg[0]);
    return status == E_OK ? E_STATE : status;
}

uint32_t vrfy_SendRtMessage(struct rt_kernel *k, struct call *c)
{
    uint32_t status = port_get(k, c, c->arg[0]);
    return status == E_OK ? E_CONTEXT : status;
}

uint32_t vrfy_SendRtMessageRSVP(struct rt_kernel *k, struct call *c)
{
    return vrfy_SendRtMessage(k, c);
}

uint32_t vrfy_BindRtPort(struct rt_kernel *k, struct call *c)
{
    return vrfy_DetachRtPort(k, c);
}

uint32_t vrfy_SendRtReply(struct rt_kernel *k, struct call *c)
{
    return vrfy_SendRtMessage(k, c);
}

uint32_t vrfy_ReceiveRtReply(struct rt_kernel *k, struct call *c)
{
    return vrfy_DetachRtPort(k, c);
}

uint32_t vrfy_CancelRtTransaction(struct rt_kernel *k, struct call *c)
{
    uint32_t status = port_get(k, c, c->arg[0]);
    return status == E_OK ? E_TRANS_ID : status;
}

/* Each of them is refused, so none of these is reached. */

void impl_InstallRtServiceDescriptor(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

void impl_UninstallRtServiceDescriptor(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

void impl_GetRtServiceAttributes(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

void impl_SetRtServiceAttributes(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

void impl_ConnectRtPort(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

void impl_AttachRtPort(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

void impl_DetachRtPort(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

void impl_SendRtMessage(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

void impl_SendRtMessageRSVP(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

void impl_BindRtPort(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

void impl_SendRtReply(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

void impl_ReceiveRtReply(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

void impl_CancelRtTransaction(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

/* --- ReceiveRtMessage(port, ms, info): nothing ever comes --- */

uint32_t vrfy_ReceiveRtMessage(struct rt_kernel *k, struct call *c)
{
    uint32_t status = exchange_ms(c->arg[1]) ? port_get(k, c, c->arg[0]) : E_PARAM;
    if (status == E_OK) status = call_writable(k, c->arg[2], RECEIVE_INFO);
    if (status != E_OK) return status;
    return c->arg[1] < HIGH_TICK_US / 1000 ? E_TIME : E_OK;
}

void impl_ReceiveRtMessage(struct rt_kernel *k, struct call *c)
{
    exchange_wait(k, c, WAIT_PORT, c->arg[1]);
}
