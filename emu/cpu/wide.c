/* wide.c: see wide.h. */
#include "wide.h"

#define PIECE 4

/* The operand was granted as a whole: nobody is asked about its pieces again. */
static fault_t move_piece(struct exec *x, unsigned at, unsigned size, bool write, uint32_t *v)
{
    struct i386_cpu *cpu = x->cpu;
    const struct access_hook *hook = hook_mute(cpu);
    enum segreg seg = (enum segreg)x->in->seg;
    eff_t off = eff(x->ea.v + at);
    cpu->granted = true;
    fault_t f = write ? mem_write(cpu, seg, off, size, *v) : mem_read(cpu, seg, off, size, v);
    cpu->granted = false;
    cpu->hook = hook;
    return f;
}

fault_t wide_load(struct exec *x, unsigned n, uint8_t *to)
{
    for (unsigned at = 0; at < n; at += PIECE) {
        unsigned size = n - at < PIECE ? n - at : PIECE;
        uint32_t v;
        TRY(move_piece(x, at, size, false, &v));
        for (unsigned i = 0; i < size; i++)
            to[at + i] = (uint8_t)(v >> 8 * i);
    }
    return fault_none();
}

fault_t wide_store(struct exec *x, unsigned n, const uint8_t *from)
{
    for (unsigned at = 0; at < n; at += PIECE) {
        unsigned size = n - at < PIECE ? n - at : PIECE;
        uint32_t v = 0;
        for (unsigned i = 0; i < size; i++)
            v |= (uint32_t)from[at + i] << 8 * i;
        TRY(move_piece(x, at, size, true, &v));
    }
    return fault_none();
}
