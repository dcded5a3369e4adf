/* x87_host.c: see x87_host.h. */
#include "x87_host.h"

#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <sys/mman.h>

#define CODE_SIZE 4096

struct x87_host {
    uint8_t *code;
};

struct x87_host *x87_host_new(void)
{
    struct x87_host *h = malloc(sizeof *h);
    int prot = PROT_READ | PROT_WRITE | PROT_EXEC;
    if (!h) return NULL;
    h->code = mmap(NULL, CODE_SIZE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (h->code != MAP_FAILED) return h;
    free(h);
    return NULL;
}

void x87_host_free(struct x87_host *h)
{
    munmap(h->code, CODE_SIZE);
    free(h);
}

uint16_t x87_host_run(struct x87_host *h, const uint8_t *insn, unsigned n,
                      const uint8_t before[108], uint8_t *memory, uint8_t after[108],
                      uint32_t *eflags)
{
    static const uint8_t head[] = {
        0x31, 0xc0,       /* xor eax, eax */
        0xff, 0x31, 0x9d, /* push [rcx]; popfq */
        0xdd, 0x27,       /* frstor [rdi] */
    };
    static const uint8_t tail[] = {
        0x9c, 0x8f, 0x01, /* pushfq; pop [rcx] */
        0xdd, 0x32, 0xc3, /* fnsave [rdx]; ret */
    };
    uint64_t (*run)(const void *rdi, void *rsi, void *rdx, void *rcx);
    uint64_t flags = *eflags;
    memcpy(h->code, head, sizeof head);
    memcpy(h->code + sizeof head, insn, n);
    memcpy(h->code + sizeof head + n, tail, sizeof tail);
    memcpy(&run, &h->code, sizeof run);
    uint64_t ax = run(before, memory, after, &flags);
    *eflags = (uint32_t)flags;
    return (uint16_t)ax;
}

#else

struct x87_host *x87_host_new(void)
{
    return NULL;
}

void x87_host_free(struct x87_host *h)
{
    (void)h;
}

uint16_t x87_host_run(struct x87_host *h, const uint8_t *insn, unsigned n,
                      const uint8_t before[108], uint8_t *memory, uint8_t after[108],
                      uint32_t *eflags)
{
    (void)h, (void)insn, (void)n, (void)before, (void)memory, (void)after, (void)eflags;
    return 0;
}

#endif
