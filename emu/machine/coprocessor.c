/* coprocessor.c: x87 and XMM registers of INtime threads, as FNSAVE and FXSAVE would store them.
 *
 *   the thread that runs     the processor's own
 *   another                  what the switch away from it kept
 *   one that has faulted     what the dispatcher has put into the CONTEXT on its stack: FNSAVE leaves the processor empty
 *
 *   CONTEXT: +0 flags (8 coprocessor, 20 XMM registers), +1C as FNSAVE stores it, +CC as FXSAVE does, only MXCSR and XMM
 */
#include <string.h>

#include "level.h"
#include "machine.h"
#include "x87.h"

#define OBJECT_THREAD    2u /* as GetRtHandleType tells it */
#define CONTEXT_FLOATING 0x08u
#define CONTEXT_EXTENDED 0x20u
#define AT_FLOATING      0x1Cu
#define AT_EXTENDED      0xCCu
#define FSAVE_REGS       28u /* behind the environment */
#define FXSAVE_MXCSR     24u
#define FXSAVE_XMM       160u

static void images(const rt386 *m, const struct i386_x87 *x87, const struct i386_sse *sse,
                   rt386_coprocessor *to)
{
    uint32_t features = level_of(m->cpu.level)->features;
    *to = (rt386_coprocessor){.has_fxsave = features & FEATURE_FXSR,
                              .has_xmm = features & FEATURE_SSE};
    x87_put_env(x87, X87_PROT32, to->fsave);
    x87_put_regs(x87, to->fsave + FSAVE_REGS);
    if (to->has_fxsave) fxsave_put(x87, sse, to->has_xmm, to->fxsave);
}

bool rt386_thread_coprocessor(const rt386 *m, uint16_t thread, rt386_coprocessor *to)
{
    rt386_object o;
    if (!m || !to || !rt386_intime_object(m, thread, &o) || o.type != OBJECT_THREAD || o.reference)
        return false;
    uint16_t slot = thread >> 3;
    bool runs = slot == m->cpu.s.tr.sel >> 3;
    const struct thread_fpu *kept = &m->thread_fpu[slot];
    images(m, runs ? &m->cpu.s.x87 : &kept->x87, runs ? &m->cpu.s.sse : &kept->sse, to);
    return true;
}

static bool process_base(const rt386 *m, uint16_t process, uint32_t *base)
{
    struct rt_process_info info;
    for (unsigned i = 0; rt_process_info(m->kernel, i, &info); i++)
        if (info.alive && info.handle == process) {
            *base = info.vseg_base;
            return true;
        }
    return false;
}

/* What stands in the context; what does not stays. */
static void from_context(const rt386 *m, const struct rt_fault_info *info, struct i386_x87 *x87,
                         struct i386_sse *sse)
{
    uint8_t context[AT_EXTENDED + FXSAVE_BYTES];
    uint32_t base, at = info->fault->context;
    if (!at || !process_base(m, info->process, &base) ||
        !machine_lin_peek(m, base + at, context, sizeof context))
        return;
    uint32_t flags = get32(context);
    if (flags & CONTEXT_FLOATING) {
        x87_get_env(x87, X87_PROT32, context + AT_FLOATING);
        x87_get_regs(x87, context + AT_FLOATING + FSAVE_REGS);
    }
    if (flags & CONTEXT_EXTENDED) {
        const uint8_t *image = context + AT_EXTENDED;
        sse->mxcsr = get32(image + FXSAVE_MXCSR);
        for (unsigned i = 0; i < 8; i++) {
            sse->xmm[i][0] = get64(image + FXSAVE_XMM + 16 * i);
            sse->xmm[i][1] = get64(image + FXSAVE_XMM + 16 * i + 8);
        }
    }
}

void coprocessor_of_fault(const rt386 *m, const struct rt_fault_info *info, rt386_coprocessor *to)
{
    struct i386_x87 x87 = m->cpu.s.x87;
    struct i386_sse sse = m->cpu.s.sse;
    from_context(m, info, &x87, &sse);
    images(m, &x87, &sse, to);
}
