/* sponsor.c: sponsors and those who depend on them. A sponsor's name stays taken until nobody depends on it. */
#include <stdlib.h>
#include <string.h>

#include "kernel.h"

static struct sponsor *sponsor_find(const struct rt_kernel *k, const char *name)
{
    struct sponsor *s = k->sponsors;
    while (s && strcmp(s->name, name))
        s = s->next;
    return s;
}

static struct sponsor *sponsor_of(const struct rt_kernel *k, const struct process *p)
{
    struct sponsor *s = k->sponsors;
    while (s && (s->process != p || !s->active))
        s = s->next;
    return s;
}

static struct dependency *dependency_find(const struct rt_kernel *k, const struct process *p,
                                          const char *name)
{
    struct dependency *d = k->dependencies;
    while (d && (d->process != p || !d->sponsor || strcmp(d->name, name)))
        d = d->next;
    return d;
}

/* Once, and not on itself. */
static uint32_t depends_on(const struct rt_kernel *k, const struct process *p,
                           const struct sponsor *s)
{
    if (s->process == p) return E_CONTEXT;
    return dependency_find(k, p, s->name) ? E_STATE : E_OK;
}

static void sponsor_free(struct rt_kernel *k, struct sponsor *s)
{
    struct sponsor **at = &k->sponsors;
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    free(s);
}

static void dependency_free(struct rt_kernel *k, struct dependency *d)
{
    struct dependency **at = &k->dependencies;
    while (*at != d)
        at = &(*at)->next;
    *at = d->next;
    free(d);
}

static bool sponsor_used(const struct rt_kernel *k, const struct sponsor *s)
{
    for (const struct dependency *d = k->dependencies; d; d = d->next)
        if (d->sponsor == s) return true;
    return false;
}

/* Its name is free again when it is unregistered and nobody depends on it. */
static void sponsor_settle(struct rt_kernel *k, struct sponsor *s)
{
    if (!s->active && !sponsor_used(k, s)) sponsor_free(k, s);
}

static void tell(struct rt_kernel *k, struct process *p, enum notify_type type,
                 const struct process *about)
{
    const struct event event = {.type = type, .process = about->handle};
    notify_send(k, p, &event);
}

static void depend(struct rt_kernel *k, struct dependency *d, struct sponsor *s)
{
    d->sponsor = s;
    tell(k, s->process, DEPENDENT_REGISTERED, d->process);
}

/* --- ends --- */

void dependency_drop(struct rt_kernel *k, struct thread *t)
{
    if (t->dependency) dependency_free(k, t->dependency);
    t->dependency = NULL;
}

static void sponsor_ends(struct rt_kernel *k, struct sponsor *s)
{
    struct dependency *next;
    for (struct dependency *d = k->dependencies; d; d = next) {
        next = d->next;
        if (d->sponsor != s) continue;
        if (s->active) tell(k, d->process, SPONSOR_TERMINATED, s->process);
        dependency_free(k, d);
    }
    sponsor_free(k, s);
}

static void dependent_ends(struct rt_kernel *k, struct dependency *d)
{
    struct sponsor *s = d->sponsor;
    tell(k, s->process, DEPENDENT_TERMINATED, d->process);
    dependency_free(k, d);
    sponsor_settle(k, s);
}

void sponsors_leave(struct rt_kernel *k, struct process *p)
{
    struct sponsor *after;
    struct dependency *next;
    for (struct sponsor *s = k->sponsors; s; s = after) {
        after = s->next;
        if (s->process == p) sponsor_ends(k, s);
    }
    for (struct dependency *d = k->dependencies; d; d = next) {
        next = d->next;
        if (d->process == p) dependent_ends(k, d);
    }
}

void sponsors_free(struct rt_kernel *k)
{
    while (k->sponsors)
        sponsor_free(k, k->sponsors);
    while (k->dependencies)
        dependency_free(k, k->dependencies);
}

/* --- RegisterRtSponsor(name), UnregisterRtSponsor(name) --- */

static uint32_t name_check(const struct call *c)
{
    if (c->str_reach != RT_REACH_OK) return E_BAD_ADDR;
    return c->str_length == 0 || c->str_long || c->str_length >= PATH_BYTES ? E_PARAM : E_OK;
}

uint32_t vrfy_RegisterRtSponsor(struct rt_kernel *k, struct call *c)
{
    uint32_t status = name_check(c);
    if (status != E_OK) return status;
    if (sponsor_of(k, c->p)) return E_STATE;
    if (sponsor_find(k, c->str)) return E_CONTEXT;
    c->host = calloc(1, sizeof(struct sponsor) + c->str_length + 1);
    return c->host ? E_OK : E_MEM;
}

/* Longest waiting first. */
static struct thread *sponsor_waiter(const struct rt_kernel *k, const char *name)
{
    struct thread *best = NULL;
    for (struct thread *t = thread_first(k); t; t = thread_after(k, t))
        if (t->wait == WAIT_SPONSOR && !strcmp(t->dependency->name, name) &&
            (!best || t->since < best->since))
            best = t;
    return best;
}

/* Now the call that t waits in can be decided. */
static void waiter_depends(struct rt_kernel *k, struct thread *t, struct sponsor *s)
{
    uint32_t status = depends_on(k, t->process, s);
    if (status == E_OK) {
        struct dependency *d = t->dependency;
        t->dependency = NULL;
        depend(k, d, s);
    } else {
        dependency_drop(k, t);
    }
    sched_wake(k, t, status, 1);
}

void impl_RegisterRtSponsor(struct rt_kernel *k, struct call *c)
{
    struct sponsor *s = c->host;
    c->host = NULL;
    s->process = c->p;
    s->active = true;
    strcpy(s->name, c->str);
    s->next = k->sponsors;
    k->sponsors = s;
    c->eax = 1;
    struct thread *t;
    while ((t = sponsor_waiter(k, s->name)))
        waiter_depends(k, t, s);
}

uint32_t vrfy_UnregisterRtSponsor(struct rt_kernel *k, struct call *c)
{
    uint32_t status = name_check(c);
    const struct sponsor *s = sponsor_of(k, c->p);
    if (status != E_OK) return status;
    return s && !strcmp(s->name, c->str) ? E_OK : E_STATE;
}

void impl_UnregisterRtSponsor(struct rt_kernel *k, struct call *c)
{
    struct sponsor *s = sponsor_of(k, c->p);
    s->active = false;
    for (struct dependency *d = k->dependencies; d; d = d->next)
        if (d->sponsor == s) tell(k, d->process, SPONSOR_UNREGISTERED, c->p);
    sponsor_settle(k, s);
    c->eax = 1;
}

/* --- RegisterRtDependency(name, ms), UnregisterRtDependency(name) --- */

uint32_t vrfy_RegisterRtDependency(struct rt_kernel *k, struct call *c)
{
    uint32_t status = name_check(c), ms = c->arg[1];
    if (status == E_OK && !exchange_ms(ms)) status = E_PARAM;
    if (status != E_OK) return status;
    const struct sponsor *s = sponsor_find(k, c->str);
    if (s && s->active)
        status = depends_on(k, c->p, s);
    else if (ms < HIGH_TICK_US / 1000)
        status = E_TIME;
    if (status != E_OK) return status;
    c->host = calloc(1, sizeof(struct dependency) + c->str_length + 1);
    return c->host ? E_OK : E_MEM;
}

void impl_RegisterRtDependency(struct rt_kernel *k, struct call *c)
{
    struct sponsor *s = sponsor_find(k, c->str);
    struct dependency *d = c->host;
    uint32_t ms = c->arg[1];
    c->host = NULL;
    d->process = c->p;
    strcpy(d->name, c->str);
    d->next = k->dependencies;
    k->dependencies = d;
    c->eax = 1;
    if (s && s->active) {
        depend(k, d, s);
        return;
    }
    c->t->dependency = d;
    sched_wait(k, c, WAIT_SPONSOR, exchange_due(k, ms));
}

uint32_t vrfy_UnregisterRtDependency(struct rt_kernel *k, struct call *c)
{
    uint32_t status = name_check(c);
    if (status != E_OK) return status;
    return dependency_find(k, c->p, c->str) ? E_OK : E_STATE;
}

void impl_UnregisterRtDependency(struct rt_kernel *k, struct call *c)
{
    struct dependency *d = dependency_find(k, c->p, c->str);
    struct sponsor *s = d->sponsor;
    dependency_free(k, d);
    tell(k, s->process, DEPENDENT_UNREGISTERED, c->p);
    sponsor_settle(k, s);
    c->eax = 1;
}

/* --- invariants --- */

const char *sponsors_check(const struct rt_kernel *k)
{
    unsigned waits = 0, waiting = 0;
    for (const struct sponsor *s = k->sponsors; s; s = s->next) {
        if (!s->process->alive) return "a sponsor is dead";
        if (!s->active && !sponsor_used(k, s)) return "the name of a sponsor is kept for nobody";
        if (sponsor_find(k, s->name) != s) return "two sponsors have one name";
    }
    for (const struct dependency *d = k->dependencies; d; d = d->next) {
        if (!d->process->alive) return "a dead process depends on a sponsor";
        waiting += !d->sponsor;
    }
    for (const struct thread *t = thread_first(k); t; t = thread_after(k, t)) {
        waits += t->wait == WAIT_SPONSOR;
        if ((t->wait == WAIT_SPONSOR) != (t->dependency != NULL))
            return "a thread waits for a sponsor without saying which";
    }
    return waits == waiting ? NULL : "a dependency waits for nobody";
}
