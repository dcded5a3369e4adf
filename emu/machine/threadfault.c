/* threadfault.c: exceptions that no INtime thread took: what observers see of them, and the first one as
 * the verdict of the run. */
#include <string.h>

#include "machine.h"

/* The stub runs in ring 0 with the data segment registers of the faulting code; CS and SS are on the
 * stack only, and their hidden parts are read from the tables anew. */
void thread_fault_keep(rt386 *m)
{
    unsigned slot = m->cpu.s.tr.sel >> 3;
    if (slot < GDT_SLOTS) memcpy(m->fault_segs[slot].seg, m->cpu.s.seg, sizeof m->cpu.s.seg);
}

static rt386_seg seg_public(const struct seg *s)
{
    return (rt386_seg){.selector = s->sel,
                       .usable = s->sh.usable,
                       .base = s->sh.base,
                       .limit = s->sh.limit,
                       .lo = s->sh.lo,
                       .hi = s->sh.hi,
                       .access = s->sh.access,
                       .flags = s->sh.flags};
}

static struct seg seg_of_selector(const rt386 *m, uint16_t sel)
{
    uint8_t bytes[8] = {0};
    struct seg s = {.sel = sel};
    if (!(sel & 0xfffcu) || !machine_lin_peek(m, m->cpu.s.gdtr.base + (sel & 0xfff8u), bytes, 8))
        return s;
    s.sh = shadow_of((desc_t){get64(bytes)});
    return s;
}

static void segs_fill(const rt386 *m, const struct rt_fault_info *info, rt386_thread_fault *to)
{
    const struct rt_fault *f = info->fault;
    const uint16_t sel[6] = {
        [ES] = f->es, [CS] = f->cs, [SS] = f->ss, [DS] = f->ds, [FS] = f->fs, [GS] = f->gs};
    const struct fault_segs *kept = &m->fault_segs[info->thread >> 3];
    for (unsigned i = 0; i < 6; i++) {
        struct seg s = kept->seg[i];
        if (i == CS || i == SS || s.sel != sel[i]) s = seg_of_selector(m, sel[i]);
        to->seg[i] = seg_public(&s);
    }
}

static rt386_fault fault_of(const struct rt_fault *f)
{
    return (rt386_fault){.raised = true,
                         .vector = f->vector,
                         .has_error = vector_has_error(f->vector),
                         .has_cr2 = f->vector == VEC_PF,
                         .error = f->error & 0xffff,
                         .cr2 = f->vector == VEC_PF ? f->cr2 : 0,
                         .rule = f->cause.known ? f->cause.rule : 0,
                         .eip = f->eip,
                         .cs = f->cs,
                         .detail = f->cause.known ? f->cause.detail : 0};
}

/* Only what ends a process in the kernel's own way is the verdict; INtime's handlers are part of the
 * program's life. Of what a guest has started, the end is in the hands of that guest: an exit code. */
static void verdict(rt386 *m, const rt386_thread_fault *e)
{
    if (e->action != RT386_ON_FAULT_REPORT || m->end.fault.raised || m->software) return;
    if (!loaded_of_user(m, e->process)) return;
    m->end.fault = e->fault;
    m->software = e->software;
    if (e->software) m->end.code = e->code;
    memcpy(m->end.process, e->process_name, sizeof m->end.process);
}

void thread_fault_see(void *ctx, const struct rt_fault_info *info)
{
    rt386 *m = ctx;
    const struct rt_fault *f = info->fault;
    rt386_thread_fault e = {.process = info->process,
                            .thread = info->thread,
                            .action = (rt386_on_fault)info->action,
                            .software = info->software,
                            .code = info->code,
                            .has_access = f->cause.known && f->cause.has_access,
                            .access_seg = (rt386_segreg)f->cause.seg,
                            .access_offset = f->cause.off,
                            .access_size = f->cause.size,
                            .access = (rt386_access)f->cause.access,
                            .eip = f->eip,
                            .eflags = f->eflags};
    memcpy(e.process_name, info->process_name, sizeof e.process_name);
    memcpy(e.gpr, f->gpr, sizeof e.gpr);
    segs_fill(m, info, &e);
    coprocessor_of_fault(m, info, &e.coprocessor);
    if (!info->software) e.fault = fault_of(f);
    verdict(m, &e);
    if (!m->observer.fault) return;
    m->in_observer = true;
    m->observer.fault(m->observer.ctx, &e);
    m->in_observer = false;
}
