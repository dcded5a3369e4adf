/* servicework.c: what a handler of a service is given: its arguments, and what they point to. */
#include "bits.h"
#include "service.h"

enum serve request_serve(const struct service *s, const struct request *r)
{
    if (r->serve == SERVE_CREATE_PORT && !s->initialized) return SERVE_INITIALIZE;
    if (r->serve == SERVE_DELETE_PORT && r->transaction) return SERVE_CANCEL_TRANSACTION;
    return (enum serve)r->serve;
}

static bool serve_addresses(enum serve serve)
{
    return serve == SERVE_SEND_MESSAGE || serve == SERVE_VERIFY_ADDRESS ||
           serve == SERVE_GET_FRAGMENT;
}

static bool serve_names_transaction(enum serve serve)
{
    return serve == SERVE_SEND_MESSAGE || serve == SERVE_CANCEL_TRANSACTION ||
           serve == SERVE_GET_FRAGMENT;
}

/* Arguments between the transaction's id and pExcep; how many there are then. */
static unsigned arguments_own(struct rt_kernel *k, struct service *s, struct request *r,
                              enum serve serve, uint32_t *arg, unsigned n)
{
    switch (serve) {
    case SERVE_SEND_MESSAGE:
        arg[n++] = transaction_at(s, r->transaction - 1u);
        arg[n++] = control_at(s, s->transaction[r->transaction - 1].control - 1u) + CONTROL_HEAD;
        arg[n++] = r->length;
        break;
    case SERVE_GET_FRAGMENT:
        arg[n++] = r->shown;
        arg[n++] = r->size;
        arg[n++] = 0; /* a contiguous buffer */
        break;
    case SERVE_UPDATE_RECEIVE_INFO:
        arg[n++] = control_at(s, r->control - 1u);
        arg[n++] = scratch_at(s, SCRATCH_REST);
        receive_prepare(k, s, r);
        break;
    case SERVE_GET_ATTRIBUTES:
    case SERVE_SET_ATTRIBUTES:
        n = 1; /* the handler is not told of the port */
        vseg_poke(k, s->process, scratch_at(s, SCRATCH_REST), r->bytes, r->length);
        arg[n++] = scratch_at(s, SCRATCH_REST);
        break;
    default: break;
    }
    return n;
}

void arguments_fill(struct rt_kernel *k, struct service *s, struct request *r, enum serve serve,
                    uint32_t *arg)
{
    uint8_t excep[2] = {0};
    unsigned n = 0;
    vseg_poke(k, s->process, scratch_at(s, SCRATCH_EXCEP), excep, sizeof excep);
    arg[n++] = s->descriptor;
    if (r->port && serve != SERVE_INITIALIZE) arg[n++] = (uint32_t)r->port << 3;
    if (r->addressed)
        vseg_poke(k, s->process, scratch_at(s, SCRATCH_ADDRESS), r->address, ADDRESS_BYTES);
    if (serve_addresses(serve)) arg[n++] = r->addressed ? scratch_at(s, SCRATCH_ADDRESS) : 0;
    if (serve_names_transaction(serve)) arg[n++] = r->id;
    n = arguments_own(k, s, r, serve, arg, n);
    arg[n] = scratch_at(s, SCRATCH_EXCEP);
}
