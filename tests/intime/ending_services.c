/* ending_services.c: steps of struct life about services: the child's own, and that of the watchers. Handlers are steps of
 * the service's thread. */
#include "ending.h"
#include "serving.h"

void life_install(struct life *l, const char *name)
{
    const struct serving s = {
        name, 0, 4, 4, 6, 6, 1u << SERVE_SEND_MESSAGE | 1u << SERVE_GET_FRAGMENT};
    serve_describe(l->f, &s);
    CALL1(l->f, "InstallRtServiceDescriptor", SERVE_DESC);
}

static struct service *own_service(const struct life *l)
{
    const struct object *port = object_find(l->f->k, l->served);
    return port && port->port ? service_of(l->f->k, port->port->service) : NULL;
}

/* The service's thread runs, if it can. */
static bool server_runs(struct life *l)
{
    struct fake *f = l->f;
    const struct rt_kernel *k = f->k;
    for (unsigned i = 0; i < 6; i++) {
        if (k->current && k->current->process->handle == l->child && service_served(k, k->current))
            return true;
        CALL1(f, "knRtSleep", 0);
    }
    return false;
}

void install_service(struct life *l)
{
    life_install(l, "OWN");
    l->served = CALL5(l->f, "CreateRtPortEx", life_text(l, "OWN"), 1, 0, 0, 4096);
}

void ask_watchers(struct life *l)
{
    l->asking = CALL4(l->f, "CreateRtPort", life_text(l, "WATCH"), 0, 0, 0);
}

void serve(struct life *l)
{
    if (server_runs(l)) CALL1(l->f, "clib_service", SERVE_ROOM);
}

void stop_server(struct life *l)
{
    const struct service *s = own_service(l);
    if (s) CALL1(l->f, "SuspendRtThread", s->thread);
}

void start_server(struct life *l)
{
    const struct service *s = own_service(l);
    if (s) CALL1(l->f, "ResumeRtThread", s->thread);
}

/* What the handler leaves, and the next one. */
static void served_as(struct life *l, uint32_t status)
{
    uint32_t at = server_runs(l) ? serve_arg(l->f, 7) : 0;
    uint8_t raw[2];
    put16(raw, (uint16_t)status);
    if (!at) return;
    fake_put(l->f, at, raw, 2);
    CALL1(l->f, "clib_service", SERVE_ROOM);
}

void serve_later(struct life *l)
{
    served_as(l, E_SEND_NOT_COMPLETE);
}

void serve_well(struct life *l)
{
    served_as(l, E_OK);
}

void deliver(struct life *l)
{
    uint32_t buffer = serve_control(l->f, l->served, (uint16_t)life_random(l, 2), 0, 50);
    CALL2(l->f, "DeliverMessage", l->served, buffer);
    CALL2(l->f, "RequestTransaction", l->served, E_RESULT);
}

/* For the response to a request that has gone out. */
void wait_reply(struct life *l)
{
    const struct service *s = own_service(l);
    for (unsigned i = 0; s && i < s->transactions; i++)
        if (s->transaction[i].state == TRANSACTION_SENT) {
            CALL4(l->f, "ReceiveRtReply", l->served, s->transaction[i].id, WAIT_FOREVER, E_INFO);
            return;
        }
}
