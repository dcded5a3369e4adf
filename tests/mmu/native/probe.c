#define _GNU_SOURCE
#include "probe.h"

#include <asm/ldt.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define FLAG_DF 0x400

/* A signal handler has no other way to learn these. */
static struct {
    volatile int vector;
    volatile uint32_t error;
    volatile uint32_t eip, esp;
    uint32_t cs, ss, es;
} at_fault;

static void on_fault(int sig, siginfo_t *info, void *context)
{
    greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
    (void)sig;
    (void)info;
    at_fault.vector = g[REG_TRAPNO];
    at_fault.error = (uint32_t)g[REG_ERR];
    g[REG_EIP] = (greg_t)at_fault.eip;
    g[REG_ESP] = (greg_t)at_fault.esp;
    g[REG_CS] = (greg_t)at_fault.cs;
    g[REG_SS] = (greg_t)at_fault.ss;
    g[REG_ES] = (greg_t)at_fault.es;
    g[REG_EFL] &= ~FLAG_DF;
}

void probe_start(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    static char stack[65536];
    uint16_t cs, ss, es;
    __asm__("movw %%cs, %0\n\tmovw %%ss, %1\n\tmovw %%es, %2" : "=r"(cs), "=r"(ss), "=r"(es));
    at_fault.cs = cs;
    at_fault.ss = ss;
    at_fault.es = es;
    stack_t own = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&own, NULL);
    struct sigaction action = {.sa_sigaction = on_fault,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    for (unsigned i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], &action, NULL);
}

bool probe_set_ldt(unsigned index, const struct ldt_entry *e)
{
    struct user_desc d = {.entry_number = index,
                          .base_addr = e->base,
                          .limit = e->limit,
                          .contents = e->contents & 3,
                          .read_exec_only = e->read_exec_only,
                          .limit_in_pages = e->pages,
                          .seg_32bit = e->big,
                          .seg_not_present = e->absent};
    return syscall(SYS_modify_ldt, 0x11, &d, sizeof d) == 0;
}

/* EDX is the selector (or a pointer), EDI the offset; EAX is free; EBX and ESI bring SS and ES back. */
#define RUN(instructions, edx, edi)                                                                \
    do {                                                                                           \
        at_fault.vector = -1;                                                                      \
        at_fault.error = 0;                                                                        \
        __asm__ volatile("movl $9f, %[eip]\n\tmovl %%esp, %[esp]\n\t" instructions                 \
                         "\n9:\tmovw %w[ss], %%ss\n\tmovw %w[es], %%es"                            \
                         : [eip] "=m"(at_fault.eip), [esp] "=m"(at_fault.esp)                      \
                         : [ss] "b"(at_fault.ss), [es] "S"(at_fault.es), "d"(edx), "D"(edi)        \
                         : "eax", "memory", "cc");                                                 \
    } while (0)

static struct outcome outcome(void)
{
    bool objected = at_fault.vector >= 0 && at_fault.vector != 14;
    return objected ? (struct outcome){at_fault.vector, at_fault.error} : (struct outcome){-1, 0};
}

struct outcome probe_load(enum probe_reg reg, uint16_t sel)
{
    if (reg == PROBE_SS)
        RUN("movw %%dx, %%ss", sel, 0);
    else
        RUN("movw %%dx, %%es", sel, 0);
    return outcome();
}

static void access_es(uint16_t sel, uint32_t off, unsigned size, bool write)
{
    switch (size * 2 + write) {
    case 2: RUN("movw %%dx, %%es\n\tmovb %%es:(%%edi), %%al", sel, off); break;
    case 3: RUN("movw %%dx, %%es\n\tmovb %%al, %%es:(%%edi)", sel, off); break;
    case 4: RUN("movw %%dx, %%es\n\tmovw %%es:(%%edi), %%ax", sel, off); break;
    case 5: RUN("movw %%dx, %%es\n\tmovw %%ax, %%es:(%%edi)", sel, off); break;
    case 8: RUN("movw %%dx, %%es\n\tmovl %%es:(%%edi), %%eax", sel, off); break;
    default: RUN("movw %%dx, %%es\n\tmovl %%eax, %%es:(%%edi)", sel, off); break;
    }
}

static void access_ss(uint16_t sel, uint32_t off, unsigned size, bool write)
{
    switch (size * 2 + write) {
    case 2: RUN("movw %%dx, %%ss\n\tmovb %%ss:(%%edi), %%al", sel, off); break;
    case 3: RUN("movw %%dx, %%ss\n\tmovb %%al, %%ss:(%%edi)", sel, off); break;
    case 4: RUN("movw %%dx, %%ss\n\tmovw %%ss:(%%edi), %%ax", sel, off); break;
    case 5: RUN("movw %%dx, %%ss\n\tmovw %%ax, %%ss:(%%edi)", sel, off); break;
    case 8: RUN("movw %%dx, %%ss\n\tmovl %%ss:(%%edi), %%eax", sel, off); break;
    default: RUN("movw %%dx, %%ss\n\tmovl %%eax, %%ss:(%%edi)", sel, off); break;
    }
}

struct outcome probe_access(enum probe_reg reg, uint16_t sel, uint32_t off, unsigned size,
                            bool write)
{
    if (reg == PROBE_SS)
        access_ss(sel, off, size, write);
    else
        access_es(sel, off, size, write);
    return outcome();
}

struct outcome probe_far_jmp(uint16_t sel, uint32_t off)
{
    struct {
        uint32_t off;
        uint16_t sel;
    } target = {off, sel};
    RUN("ljmp *(%%edx)", &target, 0);
    return outcome();
}

struct outcome probe_far_ret(uint16_t sel, uint32_t off)
{
    RUN("pushl %%edx\n\tpushl %%edi\n\tlret", (uint32_t)sel, off);
    return outcome();
}

bool probe_lar(uint16_t sel, uint32_t *value)
{
    bool zf;
    __asm__("larl %2, %0\n\tsetz %1" : "+r"(*value), "=q"(zf) : "r"((uint32_t)sel) : "cc");
    return zf;
}

bool probe_lsl(uint16_t sel, uint32_t *value)
{
    bool zf;
    __asm__("lsll %2, %0\n\tsetz %1" : "+r"(*value), "=q"(zf) : "r"((uint32_t)sel) : "cc");
    return zf;
}

bool probe_verr(uint16_t sel)
{
    bool zf;
    __asm__("verr %1\n\tsetz %0" : "=q"(zf) : "r"(sel) : "cc");
    return zf;
}

bool probe_verw(uint16_t sel)
{
    bool zf;
    __asm__("verw %1\n\tsetz %0" : "=q"(zf) : "r"(sel) : "cc");
    return zf;
}
