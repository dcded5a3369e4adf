/* boundary.h: what a boundary between two instructions has to look at before the next one begins. */
#ifndef RT386_CPU_BOUNDARY_H
#define RT386_CPU_BOUNDARY_H

#include "access.h"

#define DR7_ENABLED 0xffu

static inline bool needs_attention(const struct i386_cpu *cpu)
{
    const struct i386_state *s = &cpu->s;
    return s->pending_db || s->nmi_pending || s->activity != ACT_RUN ||
           (cpu->intr && (s->eflags & FL_IF));
}

/* Somebody wants to see each instruction or access, or this boundary is not like the others. */
static inline bool watched(const struct i386_cpu *cpu)
{
    const struct i386_state *s = &cpu->s;
    return (cpu->obs && !cpu->log) || cpu_braked(cpu) || cpu->hook || cpu->keep_nothing ||
           (s->dr[7] & DR7_ENABLED) || s->inhibit || (s->eflags & FL_TF) ||
           acc_checks_alignment(cpu) || needs_attention(cpu);
}

#endif
