/* life.c: what becomes of a processor besides running: it is made, reset, interrupted by NMI, and forgets what it has derived. */
#include <string.h>

#include "cpu.h"
#include "level.h"
#include "memo.h"
#include "x87.h"
/* Time goes on over a reset. */
void cpu_reset(struct i386_cpu *cpu)
{
    uint64_t clocks = cpu->s.clocks, insns = cpu->s.insns;
    state_reset(&cpu->s);
    level_reset(cpu);
    if (cpu->x87) x87_reset(&cpu->s.x87);
    if (cpu->x87) cpu->s.cr0 |= CR0_ET; /* found by its ERROR# [386 11.1.1] */
    cpu->s.clocks = clocks;
    cpu->s.insns = insns;
    cpu->chain_len = 0;
    cpu->refused.valid = false;
}

void cpu_init(struct i386_cpu *cpu, struct bus *bus)
{
    memset(cpu, 0, sizeof *cpu);
    cpu->bus = bus;
    cpu->level = LEVEL_386;
    cpu_reset(cpu);
}

/* What an instruction in flight still reads stays where it is. */
void cpu_drop_derived(struct i386_cpu *cpu)
{
    for (unsigned i = 0; i < MEMO_ENTRIES; i++)
        cpu->memo[i].mode = cpu->memo[i].quick = 0;
    cpu->window.room = cpu->window.span = 0;
    tlb_drop(&cpu->tlb);
    bus_new_generation(cpu->bus);
}

/* The log knows no bytes yet. */
void cpu_set_log(struct i386_cpu *cpu, struct plain_log *log)
{
    for (unsigned i = 0; i < MEMO_ENTRIES; i++)
        if (cpu->memo[i].plain > PLAIN_NEW) cpu->memo[i].plain = PLAIN_NEW;
    cpu->log = log;
}

void cpu_nmi(struct i386_cpu *cpu)
{
    cpu->s.nmi_pending = 1;
}
