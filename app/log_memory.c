/* log_memory.c: see log_memory.h. */
#include "log_memory.h"

void log_memory_begin(struct log_memory *m)
{
    m->n = 0;
    m->many = false;
}

void log_memory_add(struct log_memory *m, const rt386_log_item *access)
{
    m->seen = true;
    if (m->n == LOG_MEMORY_MOST) {
        m->many = true;
        return;
    }
    m->access[m->n++] = (struct log_access){.write = access->write,
                                            .size = access->size,
                                            .linear = access->linear,
                                            .value = access->value};
}

static bool has_byte(const struct log_memory *m, bool write, uint32_t linear, uint8_t value,
                     uint8_t open)
{
    for (unsigned i = 0; i < m->n; i++) {
        const struct log_access *a = &m->access[i];
        uint32_t at = linear - a->linear;
        if (a->write != write || at >= a->size) continue;
        if (a->size > 4 || !(((a->value >> 8 * at) ^ value) & 0xff & ~(uint32_t)open)) return true;
    }
    return false;
}

static bool has(const struct log_memory *m, const rt386_trace_access *a, uint32_t open)
{
    bool write = a->access == RT386_WRITE;
    for (unsigned i = 0; i < a->size && i < 4; i++)
        if (!has_byte(m, write, a->linear + i, (uint8_t)(a->value >> 8 * i),
                      (uint8_t)(open >> 8 * i)))
            return false;
    return true;
}

/* PUSHF, POPF, INT n, IRET. */
static bool moves_flags(const rt386_trace_insn *in)
{
    uint8_t b = in->bytes[in->bytes[0] == 0x66];
    return b == 0x9c || b == 0x9d || (b >= 0xcc && b <= 0xcf);
}

const rt386_trace_access *log_memory_missing(const struct log_memory *m, const rt386_trace_insn *in,
                                             uint32_t open)
{
    if (!m->seen || m->many) return NULL;
    for (unsigned i = 0; i < in->accesses && i < RT386_TRACE_ACCESSES; i++)
        if (!has(m, &in->access[i], moves_flags(in) ? open : 0)) return &in->access[i];
    return NULL;
}

void log_memory_line(struct text *t, bool write, uint32_t linear, unsigned size, uint32_t value)
{
    text_addf(t, "linear %08x %s ", linear, write ? "<-" : "->");
    if (size > 4)
        text_addf(t, "%u bytes\n", size);
    else
        text_addf(t, "%0*x\n", (int)size * 2, value);
}

void log_memory_text(const struct log_memory *m, struct text *t, bool write)
{
    bool any = false;
    for (unsigned i = 0; i < m->n; i++) {
        const struct log_access *a = &m->access[i];
        if (a->write != write) continue;
        any = true;
        text_add(t, "log:   ");
        log_memory_line(t, write, a->linear, a->size, a->value);
    }
    if (!any) text_addf(t, "log:   nothing is %s\n", write ? "written" : "read");
}
