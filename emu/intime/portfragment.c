/* portfragment.c: ReceiveRtFragment: a piece of the data of a request, fetched by whoever received the request without
 * them. The GetFragment handler fills it in; the caller's buffer is shown to the service for as long as that takes.
 *
 *   DeliverMessage, no data, cbDataLength n  -->  RECEIVEINFO: no data, dwDataSize n
 *   ReceiveRtFragment(port, address, id, fragment, size)  -->  GetFragment(..., fragment, size, flags, pExcep)
 */
#include "service.h"

#include <string.h>

#include "bits.h"

void window_hide(struct rt_kernel *k, struct process *p, struct window *w)
{
    if (w->pages) {
        area_remove(p, area_at(p, w->page));
        vseg_unmap(k, p, w->page, w->pages);
    }
    *w = (struct window){0};
}

void window_leave(struct rt_kernel *k, struct service *s, const struct thread *t, struct request *r)
{
    if (!r->window.pages) return;
    if (s->busy && s->caller == t->handle)
        s->left = r->window;
    else
        window_hide(k, s->process, &r->window);
}

/* --- ReceiveRtFragment(port, address, id, fragment, size, flags) --- */

static uint32_t fragment_port(struct rt_kernel *k, struct call *c, struct service **s)
{
    uint32_t status = port_get(k, c, c->arg[0]);
    if (status != E_OK) return status;
    const struct port *p = c->object->port;
    *s = p->service ? service_of(k, p->service) : NULL;
    if (!*s || !service_may_wait(*s, c)) return E_CONTEXT;
    if (!(*s)->handler[SERVE_GET_FRAGMENT]) return E_NOT_CONFIGURED;
    return p->bound ? E_OK : E_UNBOUND;
}

static uint32_t fragment_address(struct rt_kernel *k, const struct call *c, const struct service *s,
                                 struct request *r)
{
    const struct port *p = c->object->port;
    r->addressed = true;
    if (!c->arg[1]) {
        r->addressed = p->connected;
        memcpy(r->address, p->remote, ADDRESS_BYTES);
        return E_OK;
    }
    if (k->port.user_read(k->port.ctx, c->arg[1], r->address, ADDRESS_BYTES) != RT_REACH_OK)
        return E_NUC_BAD_BUF;
    return r->address[0] > s->address_size ? E_INVALID_ADDRESS : E_OK;
}

/* The caller's own memory, and room for it in the service's process. */
static uint32_t fragment_room(struct rt_kernel *k, struct call *c, const struct service *s)
{
    uint32_t at = c->arg[3], size = c->arg[4];
    c->pages = 0;
    if (call_writable(k, at, size) != E_OK || call_lasting(c) != E_OK) return E_NUC_BAD_BUF;
    if (s->process == c->p || !size) return E_OK;
    if (!vseg_mapped(c->p, at, size)) return E_NUC_BAD_BUF;
    c->pages = pages_touched(at, size);
    c->page = area_find(s->process, c->pages);
    if (c->page == NO_PAGE) return E_RESOURCE_LIMIT;
    bool can = pool_can(s->process, vseg_new_tables(s->process, c->page, c->pages));
    return can && vseg_reserve(s->process, c->page, c->pages) ? E_OK : E_RESOURCE_LIMIT;
}

uint32_t vrfy_ReceiveRtFragment(struct rt_kernel *k, struct call *c)
{
    struct service *s = NULL;
    uint32_t status = fragment_port(k, c, &s), id = c->arg[2];
    if (status != E_OK) return status;
    if (c->arg[5]) return E_PARAM; /* no contiguous buffer */
    if (id == 0 || id == 0xffff) return E_TRANS_ID;
    struct request *r = request_new(c, SERVE_GET_FRAGMENT, 0);
    if (!r) return E_RESOURCE_LIMIT;
    status = fragment_address(k, c, s, r);
    return status == E_OK ? fragment_room(k, c, s) : status;
}

void impl_ReceiveRtFragment(struct rt_kernel *k, struct call *c)
{
    uint16_t service = c->object->port->service;
    struct process *p = service_of(k, service)->process;
    struct request *r = c->request;
    r->port = (uint16_t)(c->object - k->slot);
    r->id = (uint16_t)c->arg[2];
    r->shown = c->arg[3];
    r->size = c->arg[4];
    if (c->pages) {
        r->window = (struct window){c->page, c->pages};
        r->shown = c->page * PAGE + c->arg[3] % PAGE;
        vseg_map_entries(k, p, c->page, c->pages, c->p, c->arg[3] / PAGE);
        area_add(p, c->page, c->pages, AREA_SYSTEM);
    }
    service_ask(k, c, &k->slot[service]);
}
