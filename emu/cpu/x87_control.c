/* x87_control.c: control and status words, environment, and the whole state in memory. */
#include "x87_insn.h"

fault_t x87_fninit(struct exec *x)
{
    x87_init(&x->cpu->s.x87);
    return fault_none();
}

fault_t x87_fnclex(struct exec *x)
{
    x->cpu->s.x87.sw &= (uint16_t) ~(FSW_B | FSW_ES | FSW_SF | FSW_EXC);
    return fault_none();
}

fault_t x87_store_word(struct exec *x, struct mode m, uint16_t word)
{
    if (m.a != O_AX) return mem_write(x->cpu, x->in->seg, x->ea, 2, word);
    reg_set(&x->cpu->s, EAX, 2, word);
    return fault_none();
}

fault_t x87_load_control(struct exec *x)
{
    struct i386_x87 *f = &x->cpu->s.x87;
    uint32_t v;
    TRY(mem_read(x->cpu, x->in->seg, x->ea, 2, &v));
    f->cw = (uint16_t)((v & FCW_KEPT) | FCW_FIXED);
    x87_summarize(f);
    return fault_none();
}

static enum x87_format format_of(const struct exec *x)
{
    bool prot = state_descriptors(&x->cpu->s), wide = x->in->opsize == 4;
    return prot ? (wide ? X87_PROT32 : X87_PROT16) : (wide ? X87_REAL32 : X87_REAL16);
}

/* Afterwards every exception is masked: the handler that saves can go on. */
fault_t x87_store_env(struct exec *x)
{
    struct i386_x87 *f = &x->cpu->s.x87;
    uint8_t bytes[28];
    enum x87_format format = format_of(x);
    unsigned n = x87_env_bytes(format);
    TRY(x87_room(x, n));
    x87_put_env(f, format, bytes);
    TRY(x87_write(x, n, bytes));
    f->cw |= FSW_EXC;
    x87_summarize(f);
    return fault_none();
}

fault_t x87_load_env(struct exec *x)
{
    uint8_t bytes[28];
    enum x87_format format = format_of(x);
    TRY(x87_read(x, x87_env_bytes(format), bytes));
    x87_get_env(&x->cpu->s.x87, format, bytes);
    return fault_none();
}

fault_t x87_save(struct exec *x)
{
    uint8_t bytes[X87_SAVE_BYTES];
    enum x87_format format = format_of(x);
    unsigned n = x87_env_bytes(format);
    TRY(x87_room(x, n + 80));
    x87_put_env(&x->cpu->s.x87, format, bytes);
    x87_put_regs(&x->cpu->s.x87, bytes + n);
    TRY(x87_write(x, n + 80, bytes));
    x87_init(&x->cpu->s.x87);
    return fault_none();
}

fault_t x87_restore(struct exec *x)
{
    uint8_t bytes[X87_SAVE_BYTES];
    enum x87_format format = format_of(x);
    unsigned n = x87_env_bytes(format);
    TRY(x87_read(x, n + 80, bytes));
    x87_get_env(&x->cpu->s.x87, format, bytes);
    x87_get_regs(&x->cpu->s.x87, bytes + n);
    return fault_none();
}
