#include "coder.h"

static unsigned named(const char *const *name, unsigned count, const char *want)
{
    for (unsigned i = 0; i < count; i++)
        if (!strcmp(name[i], want)) return i;
    return count;
}

bool coder_names(struct coder *c, const char *const *name, unsigned count)
{
    static const char *const given[CODER_GIVEN] = {"eax", "ecx", "edx", "ebx", "esp",
                                                   "ebp", "esi", "edi", "eip", "eflags"};
    static const char segs[6][3] = {"es", "cs", "ss", "ds", "fs", "gs"};
    char text[8];
    if (count < CODER_GIVEN || count > CODER_FIELDS) return false;
    for (unsigned i = 0; i < CODER_GIVEN; i++)
        if (strcmp(name[i], given[i]) != 0) return false;
    c->fields = count;
    c->cs_flags = named(name, count, "cs_flags");
    for (unsigned i = 0; i < 6; i++) {
        memcpy(text, segs[i], 2);
        memcpy(text + 2, "_base", 6);
        c->seg_sel[i] = named(name, count, segs[i]);
        c->seg_base[i] = named(name, count, text);
        if (c->seg_sel[i] == count || c->seg_base[i] == count) return false;
    }
    return c->cs_flags < count;
}

void coder_clear(struct coder *c)
{
    for (unsigned i = 0; i < PAGE_ENTRIES; i++)
        c->page[i] = (struct page_entry){.linear = NO_PAGE};
    for (unsigned i = 0; i < CODE_ENTRIES; i++)
        c->code[i].code.length = 0;
    for (unsigned i = 0; i < CODE_ENTRIES; i++)
        c->code[i].identity = c->code[i].sure = 0;
}

uint64_t coder_field(const struct coder *c, unsigned index)
{
    if (index < 8) return c->regs.gpr[index];
    if (index == 8) return c->regs.eip;
    return index == 9 ? c->regs.eflags : c->field[index];
}

void coder_set_field(struct coder *c, unsigned index, uint64_t value)
{
    if (index < 8)
        c->regs.gpr[index] = (uint32_t)value;
    else if (index == 8)
        c->regs.eip = (uint32_t)value;
    else if (index == 9)
        c->regs.eflags = (uint32_t)value;
    else
        c->field[index] = value;
}

/* op, then what that op uses. */
enum { USE_I = 1, USE_J = 2, USE_S = 4, USE_K = 8 };
static uint8_t model_uses(uint8_t op)
{
    static const uint8_t uses[MODEL_COUNT] = {
        [MODEL_CONST] = USE_K,         [MODEL_ADDK] = USE_I | USE_K,
        [MODEL_XORK] = USE_I | USE_K,  [MODEL_ANDK] = USE_I | USE_K,
        [MODEL_SHL] = USE_I | USE_S,   [MODEL_SHR] = USE_I | USE_S,
        [MODEL_SAR] = USE_I | USE_S,   [MODEL_ROL] = USE_I | USE_S,
        [MODEL_ZERO8] = USE_I | USE_S, [MODEL_SCALE] = USE_I | USE_J | USE_S | USE_K,
        [MODEL_ZERO16] = USE_I,        [MODEL_SIGN8] = USE_I,
        [MODEL_SIGN16] = USE_I,        [MODEL_SHLK] = USE_I | USE_S | USE_K,
        [MODEL_ORK] = USE_I | USE_K,   [MODEL_ADDK8] = USE_I | USE_K,
    };
    return uses[op] ? uses[op] : USE_I | USE_J;
}

void model_put(struct buffer *to, const struct model *m)
{
    uint8_t uses = model_uses(m->op);
    buffer_add8(to, m->op);
    if (uses & (USE_I | USE_J)) buffer_add8(to, (uint8_t)(m->i | m->j << 4));
    if (uses & USE_S) buffer_add8(to, m->s);
    if (uses & USE_K) buffer_add32(to, m->k);
}

bool model_get(struct source *from, struct model *m)
{
    *m = (struct model){.op = source_8(from)};
    if (m->op >= MODEL_COUNT) return false;
    uint8_t uses = model_uses(m->op);
    uint8_t ij = uses & (USE_I | USE_J) ? source_8(from) : 0;
    m->i = ij & 15;
    m->j = ij >> 4;
    if (uses & USE_S) m->s = source_8(from);
    if (uses & USE_K) m->k = source_32(from);
    return m->i < X_COUNT && m->j < X_COUNT && m->s < 32 && !from->bad;
}

void rule_put(struct buffer *to, const struct flag_model *m)
{
    buffer_add8(to, m->rule);
    if (m->rule < FLAGS_ADD) return;
    buffer_add8(to, (uint8_t)(m->i | m->j << 4));
    if (m->j == FLAG_K) buffer_add32(to, m->k);
}

bool rule_get(struct source *from, struct flag_model *m)
{
    *m = (struct flag_model){.rule = source_8(from)};
    if (m->rule >= FLAG_RULES) return false;
    if (m->rule < FLAGS_ADD) return !from->bad;
    uint8_t ij = source_8(from);
    m->i = ij & 15;
    m->j = ij >> 4;
    if (m->j == FLAG_K) m->k = source_32(from);
    bool shift = m->rule >= FLAGS_SHL && m->rule <= FLAGS_SAR;
    bool k_good = !shift || (m->j == FLAG_K && m->k >= 1 && m->k <= 31);
    return m->i < X_COUNT && (m->j < X_COUNT || m->j == FLAG_K) && k_good && !from->bad;
}
