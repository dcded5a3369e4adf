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
                      const uint8_t before[108], uint8_t *memory, uint8_t after[108])
{
    static const uint8_t head[] = {0x31, 0xc0, 0xdd, 0x27}; /* xor eax,eax; frstor [rdi] */
    static const uint8_t tail[] = {0xdd, 0x32, 0xc3};       /* fnsave [rdx]; ret */
    uint64_t (*run)(const void *rdi, void *rsi, void *rdx);
    memcpy(h->code, head, sizeof head);
    memcpy(h->code + sizeof head, insn, n);
    memcpy(h->code + sizeof head + n, tail, sizeof tail);
    memcpy(&run, &h->code, sizeof run);
    return (uint16_t)run(before, memory, after);
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
                      const uint8_t before[108], uint8_t *memory, uint8_t after[108])
{
    (void)h, (void)insn, (void)n, (void)before, (void)memory, (void)after;
    return 0;
}

#endif
