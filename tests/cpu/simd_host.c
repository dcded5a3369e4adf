/* simd_host.c: see simd_host.h. */
#define _GNU_SOURCE
#include "simd_host.h"

#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && defined(__linux__)
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#define CODE_SIZE 4096

struct simd_host {
    uint8_t *code;
    unsigned insn, after; /* offsets of the instruction and of what follows */
};

/* The instruction that may trap, for the signal handler. */
static const uint8_t *volatile trap_from;
static const uint8_t *volatile trap_to;
static volatile int trapped; /* the signal */

static void on_trap(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    (void)info;
    if ((uint8_t *)u->uc_mcontext.gregs[REG_RIP] != trap_from) abort();
    u->uc_mcontext.gregs[REG_RIP] = (greg_t)trap_to;
    trapped = sig;
}

struct simd_host *simd_host_new(void)
{
    struct simd_host *h = malloc(sizeof *h);
    struct sigaction action = {.sa_flags = SA_SIGINFO};
    int prot = PROT_READ | PROT_WRITE | PROT_EXEC;
    if (!h) return NULL;
    h->code = mmap(NULL, CODE_SIZE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (h->code == MAP_FAILED) {
        free(h);
        return NULL;
    }
    action.sa_sigaction = on_trap;
    static const int signals[] = {SIGFPE, SIGSEGV, SIGBUS, SIGILL};
    for (unsigned i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], &action, NULL);
    return h;
}

void simd_host_free(struct simd_host *h)
{
    munmap(h->code, CODE_SIZE);
    free(h);
}

void simd_host_set(struct simd_host *h, const uint8_t *insn, unsigned n)
{
    static const uint8_t head[] = {
        0x0f, 0x10, 0x07,       /* movups xmm0, [rdi] */
        0x0f, 0x10, 0x4f, 0x10, /* movups xmm1, [rdi + 16] */
        0x0f, 0x6f, 0x47, 0x20, /* movq mm0, [rdi + 32] */
        0x0f, 0x6f, 0x4f, 0x28, /* movq mm1, [rdi + 40] */
        0x8b, 0x47, 0x38,       /* mov eax, [rdi + 56] */
        0x6a, 0x02, 0x9d,       /* push 2; popfq */
        0x0f, 0xae, 0x57, 0x30, /* ldmxcsr [rdi + 48] */
    };
    static const uint8_t tail[] = {
        0x0f, 0xae, 0x5f, 0x34, /* stmxcsr [rdi + 52] */
        0x9c, 0x59,             /* pushfq; pop rcx */
        0x89, 0x4f, 0x3c,       /* mov [rdi + 60], ecx */
        0x89, 0x47, 0x38,       /* mov [rdi + 56], eax */
        0x0f, 0x11, 0x07,       /* movups [rdi], xmm0 */
        0x0f, 0x7f, 0x47, 0x20, /* movq [rdi + 32], mm0 */
        0x0f, 0x77, 0xc3,       /* emms; ret */
    };
    memcpy(h->code, head, sizeof head);
    memcpy(h->code + sizeof head, insn, n);
    memcpy(h->code + sizeof head + n, tail, sizeof tail);
    h->insn = sizeof head;
    h->after = (unsigned)sizeof head + n;
}

void simd_host_run(struct simd_host *h, struct simd_regs *regs)
{
    void (*run)(struct simd_regs *);
    uint32_t own;
    memcpy(&run, &h->code, sizeof run);
    trap_from = h->code + h->insn;
    trap_to = h->code + h->after;
    trapped = 0;
    __asm__ volatile("stmxcsr %0" : "=m"(own));
    run(regs);
    __asm__ volatile("ldmxcsr %0" ::"m"(own));
    regs->trapped = trapped != 0;
}

void simd_host_image(struct simd_host *h, const uint8_t *insn, unsigned n, struct simd_image *i)
{
    static const uint8_t head[] = {
        0x0f, 0xae, 0x0f,       /* fxrstor [rdi] */
        0x48, 0x89, 0xf7,       /* mov rdi, rsi */
        0x8b, 0x01,             /* mov eax, [rcx] */
        0xff, 0x71, 0x08, 0x9d, /* push [rcx + 8]; popfq */
    };
    static const uint8_t tail[] = {
        0x9c, 0x8f, 0x41, 0x08, /* pushfq; pop [rcx + 8] */
        0x6a, 0x02, 0x9d,       /* push 2; popfq: without AC */
        0x89, 0x01,             /* mov [rcx], eax */
        0x0f, 0xae, 0x02,       /* fxsave [rdx] */
        0xc3,
    };
    uint8_t own[512] __attribute__((aligned(16)));
    uint64_t regs[2] = {i->eax, i->eflags};
    void (*run)(const void *rdi, void *rsi, void *rdx, void *rcx);
    memcpy(h->code, head, sizeof head);
    memcpy(h->code + sizeof head, insn, n);
    memcpy(h->code + sizeof head + n, tail, sizeof tail);
    memcpy(&run, &h->code, sizeof run);
    trap_from = h->code + sizeof head;
    trap_to = trap_from + n;
    trapped = 0;
    __asm__ volatile("fxsave %0" : "=m"(own));
    run(i->before, i->memory, i->after, regs);
    __asm__ volatile("fxrstor %0" ::"m"(own));
    i->eax = (uint32_t)regs[0];
    i->eflags = (uint32_t)regs[1];
    i->signal = trapped;
}

#else

struct simd_host *simd_host_new(void)
{
    return NULL;
}

void simd_host_free(struct simd_host *h)
{
    (void)h;
}

void simd_host_set(struct simd_host *h, const uint8_t *insn, unsigned n)
{
    (void)h, (void)insn, (void)n;
}

void simd_host_run(struct simd_host *h, struct simd_regs *regs)
{
    (void)h, (void)regs;
}

void simd_host_image(struct simd_host *h, const uint8_t *insn, unsigned n, struct simd_image *i)
{
    (void)h, (void)insn, (void)n, (void)i;
}

#endif
