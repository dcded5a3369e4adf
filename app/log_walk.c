/* log_walk.c: see log_walk.h. */
#include "log_walk.h"

#include <stdio.h>
#include <string.h>

static int field_of(const rt386_trace *trace, const char *want)
{
    const char *name;
    for (unsigned i = 0; (name = rt386_trace_field_name(trace, i, NULL)); i++)
        if (!strcmp(name, want)) return (int)i;
    return -1;
}

void log_walk_begin(struct log_walk *w, rt386_trace *trace)
{
    char name[24];
    *w = (struct log_walk){.trace = trace};
    for (unsigned i = 0; i < RT386_LOG_VALUES; i++)
        w->at[i] = field_of(trace, rt386_log_value_name(i));
    for (unsigned s = 0; s < 8; s++) {
        snprintf(name, sizeof name, "%s_usable",
                 rt386_log_value_name(RT386_LOG_PART(s, RT386_LOG_SELECTOR)));
        w->usable[s] = field_of(trace, name);
        snprintf(name, sizeof name, "fpr%u", s);
        w->fpr[s] = field_of(trace, name);
        snprintf(name, sizeof name, "fpr%u_se", s);
        w->fpr_se[s] = field_of(trace, name);
    }
    w->fcw = field_of(trace, "fcw");
    w->fsw = field_of(trace, "fsw");
    w->ftw = field_of(trace, "ftw");
}

static void know(struct log_point *p, unsigned index, uint64_t value)
{
    p->value[index] = (uint32_t)value;
    p->known |= UINT64_C(1) << index;
}

static bool x87(const struct log_walk *w, rt386_log_x87 *x)
{
    if (w->fcw < 0 || w->fsw < 0 || w->ftw < 0) return false;
    x->fcw = (uint16_t)rt386_trace_field(w->trace, (unsigned)w->fcw);
    x->fsw = (uint16_t)rt386_trace_field(w->trace, (unsigned)w->fsw);
    uint16_t tags = (uint16_t)rt386_trace_field(w->trace, (unsigned)w->ftw);
    x->full = 0;
    for (unsigned i = 0; i < 8; i++) {
        if (w->fpr[i] < 0 || w->fpr_se[i] < 0) return false;
        x->significand[i] = rt386_trace_field(w->trace, (unsigned)w->fpr[i]);
        x->sign_exponent[i] = (uint16_t)rt386_trace_field(w->trace, (unsigned)w->fpr_se[i]);
        if ((tags >> 2 * i & 3) != 3) x->full |= (uint8_t)(1u << i);
    }
    return true;
}

/* The registers behind the item that was read last; of a segment register that cannot be used only the selector
 * counts. */
static void registers(const struct log_walk *w, struct log_point *p)
{
    p->known = 0;
    p->has_x87 = x87(w, &p->x87);
    for (unsigned i = 0; i < RT386_LOG_VALUES; i++)
        if (w->at[i] >= 0) know(p, i, rt386_trace_field(w->trace, (unsigned)w->at[i]));
    for (unsigned s = 0; s < 8; s++) {
        if (w->usable[s] < 0 || rt386_trace_field(w->trace, (unsigned)w->usable[s])) continue;
        for (unsigned part = RT386_LOG_BASE; part < RT386_LOG_PARTS; part++)
            p->known &= ~(UINT64_C(1) << RT386_LOG_PART(s, part));
    }
}

/* Registers of segments and the system follow an instruction as items of their own, so they are still those before it. */
static void retired(const struct log_walk *w, struct log_point *p, const rt386_trace_item *item)
{
    const rt386_trace_regs *r = &item->insn.before;
    registers(w, p);
    for (unsigned i = 0; i < 8; i++)
        know(p, i, r->gpr[i]);
    know(p, RT386_LOG_EIP, r->eip);
    know(p, RT386_LOG_EFLAGS, r->eflags);
    know(p, RT386_LOG_PART(RT386_CS, RT386_LOG_SELECTOR), item->insn.cs);
    p->event = false;
    p->retired = true;
    p->linear = item->insn.linear;
    p->item = *item;
}

static void refused(const struct log_walk *w, struct log_point *p, const rt386_trace_item *item)
{
    registers(w, p);
    p->event = p->retired = false;
    p->linear = p->value[RT386_LOG_PART(RT386_CS, RT386_LOG_BASE)] + p->value[RT386_LOG_EIP];
    p->item = *item;
}

static void wait(struct log_walk *w, const rt386_trace_item *item)
{
    if (w->waits < WALK_EVENTS) w->waiting[w->waits++] = *item;
}

static bool waiting(struct log_walk *w, struct log_point *p)
{
    if (!w->ready) return false;
    if (w->taken < w->waits) {
        registers(w, p);
        p->event = true;
        p->item = w->waiting[w->taken++];
        return true;
    }
    w->waits = w->taken = 0;
    w->ready = false;
    return false;
}

/* True: *p is a state; the events that wait come behind it. */
static bool event(struct log_walk *w, struct log_point *p, const rt386_trace_item *item)
{
    bool begins = item->event.source == 'f' && !w->refused;
    wait(w, item);
    if (item->event.source == 's') return false; /* its instruction follows, or what refuses it */
    w->ready = true;
    w->refused = true;
    if (begins) refused(w, p, item);
    return begins;
}

rt386_status log_walk_next(struct log_walk *w, struct log_point *p)
{
    rt386_trace_item item;
    for (;;) {
        if (waiting(w, p)) return RT386_OK;
        rt386_status st = rt386_trace_next(w->trace, &item);
        if (st != RT386_OK) return st;
        if (item.kind == RT386_TRACE_EVENT && event(w, p, &item)) return RT386_OK;
        if (item.kind == RT386_TRACE_FIELD && (int)item.field.index == w->at[RT386_LOG_EIP])
            w->refused = false;
        if (item.kind != RT386_TRACE_INSN) continue;
        w->refused = false;
        w->ready = true;
        retired(w, p, &item);
        return RT386_OK;
    }
}
