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
    if (!access->write) return;
    if (m->n == LOG_MEMORY_WRITES) {
        m->many = true;
        return;
    }
    m->write[m->n].linear = access->linear;
    m->write[m->n].value = access->value;
    m->write[m->n++].size = access->size;
}

static bool has_byte(const struct log_memory *m, uint32_t linear, uint8_t value, uint8_t open)
{
    for (unsigned i = 0; i < m->n; i++) {
        uint32_t at = linear - m->write[i].linear;
        if (at < m->write[i].size &&
            !(((m->write[i].value >> 8 * at) ^ value) & 0xff & ~(uint32_t)open))
            return true;
    }
    return false;
}

static bool has(const struct log_memory *m, const rt386_trace_access *a, uint32_t open)
{
    for (unsigned i = 0; i < a->size && i < 4; i++)
        if (!has_byte(m, a->linear + i, (uint8_t)(a->value >> 8 * i), (uint8_t)(open >> 8 * i)))
            return false;
    return true;
}

/* PUSHF and INT n. */
static bool stores_flags(const rt386_trace_insn *in)
{
    uint8_t b = in->bytes[in->bytes[0] == 0x66];
    return b == 0x9c || (b >= 0xcc && b <= 0xce);
}

const rt386_trace_access *log_memory_missing(const struct log_memory *m, const rt386_trace_insn *in,
                                             uint32_t open)
{
    if (!m->seen || m->many) return NULL;
    for (unsigned i = 0; i < in->accesses && i < RT386_TRACE_ACCESSES; i++) {
        const rt386_trace_access *a = &in->access[i];
        if (a->access == RT386_WRITE && !has(m, a, stores_flags(in) ? open : 0)) return a;
    }
    return NULL;
}

void log_memory_text(const struct log_memory *m, struct text *t)
{
    for (unsigned i = 0; i < m->n; i++)
        text_addf(t, "log:   linear %08x <- %0*x\n", m->write[i].linear, m->write[i].size * 2,
                  m->write[i].value);
    if (!m->n) text_add(t, "log:   nothing is written\n");
}
