#include "sure.h"

#include "bits.h"

enum { EAX = 0, EDX = 2, ESP = 4, EBP = 5 };
enum group { G_ADD, G_OR, G_ADC, G_SBB, G_AND, G_SUB, G_XOR, G_CMP };

/* Operands: numbers of inputs of the models, or FLAG_K: the number k. */
struct operands {
    uint8_t to; /* the register that is written; none: FLAG_K */
    uint8_t i, j;
    uint32_t k;
};

static struct sure nothing(void)
{
    return (struct sure){.whole = true, .has_flags = true};
}

/* A register gets a value, and no flag changes. */
static struct sure moved(unsigned to, struct model value)
{
    return (struct sure){
        .whole = true, .has_flags = true, .mask = (uint8_t)(1u << to), .reg = value};
}

static struct sure with_flags(uint8_t rule, const struct operands *o)
{
    return (struct sure){.has_flags = true,
                         .flags = {.rule = rule, .i = o->i, .j = o->j, .k = o->k}};
}

/* Without memory it is whole when the result has a model. */
static struct sure result(uint8_t rule, const struct operands *o, uint8_t pair, uint8_t number,
                          uint32_t k)
{
    struct sure s = with_flags(rule, o);
    if (o->i == X_READ || o->j == X_READ) return s;
    s.whole = o->to == FLAG_K || o->j != FLAG_K || number != MODEL_COUNT;
    if (o->to == FLAG_K) return s;
    s.mask = (uint8_t)(1u << o->to);
    s.reg = (struct model){.op = pair, .i = o->i, .j = o->j};
    if (o->j == FLAG_K) s.reg = (struct model){.op = number, .i = o->i, .k = k};
    return s;
}

static struct sure arithmetic(unsigned group, struct operands o)
{
    if (group == G_CMP) o.to = FLAG_K;
    switch ((enum group)group) {
    case G_ADD: return result(FLAGS_ADD, &o, MODEL_ADD, MODEL_ADDK, o.k);
    case G_CMP:
    case G_SUB: return result(FLAGS_SUB, &o, MODEL_SUB, MODEL_ADDK, 0u - o.k);
    case G_AND: return result(FLAGS_AND, &o, MODEL_AND, MODEL_ANDK, o.k);
    case G_OR: return result(FLAGS_OR, &o, MODEL_OR, MODEL_COUNT, o.k);
    case G_XOR: return result(FLAGS_XOR, &o, MODEL_XOR, MODEL_XORK, o.k);
    default: return (struct sure){0};
    }
}

static struct sure shifted(unsigned reg, unsigned to, unsigned count)
{
    static const uint8_t rule[8] = {[4] = FLAGS_SHL, [5] = FLAGS_SHR, [7] = FLAGS_SAR};
    static const uint8_t model[8] = {[4] = MODEL_SHL, [5] = MODEL_SHR, [7] = MODEL_SAR};
    count &= 31;
    if (!rule[reg] || !count) return (struct sure){0};
    struct sure s =
        moved(to, (struct model){.op = model[reg], .i = (uint8_t)to, .s = (uint8_t)count});
    s.flags = (struct flag_model){.rule = rule[reg], .i = (uint8_t)to, .j = FLAG_K, .k = count};
    return s;
}

/* The address of LEA; what is behind ModR/M begins at p. */
static struct sure address(unsigned to, const uint8_t *p, uint8_t modrm)
{
    unsigned mod = modrm >> 6, base = modrm & 7, index = ESP, scale = 0;
    if (base == ESP) {
        base = *p & 7;
        index = *p >> 3 & 7;
        scale = *p++ >> 6;
    }
    bool absolute = mod == 0 && base == EBP;
    uint32_t k = mod == 1 ? (uint32_t)(int8_t)*p : mod == 2 || absolute ? get32(p) : 0;
    /* UNDOC: a scale without an index scales the base */
    if (index == ESP ? scale : absolute) return (struct sure){0};
    if (absolute) return moved(to, (struct model){.op = MODEL_CONST, .k = k});
    if (index == ESP)
        return moved(to, (struct model){.op = MODEL_ADDK, .i = (uint8_t)base, .k = k});
    return moved(to, (struct model){.op = MODEL_SCALE,
                                    .i = (uint8_t)base,
                                    .j = (uint8_t)index,
                                    .s = (uint8_t)scale,
                                    .k = k});
}

/* 0F xx with two registers. */
static struct sure extended(uint8_t opcode, unsigned to, unsigned from)
{
    bool high = from >= 4;
    struct model m = {.i = (uint8_t)from};
    switch (opcode) {
    case 0xb6:
        m = (struct model){.op = MODEL_ZERO8, .i = (uint8_t)(from & 3), .s = high ? 8 : 0};
        return moved(to, m);
    case 0xb7: m.op = MODEL_ZERO16; return moved(to, m);
    case 0xbe: m.op = MODEL_SIGN8; return high ? (struct sure){0} : moved(to, m);
    case 0xbf: m.op = MODEL_SIGN16; return moved(to, m);
    default: return (struct sure){0};
    }
}

/* With ModR/M. */
static struct sure with_modrm(uint8_t opcode, const uint8_t *p)
{
    const uint8_t modrm = p[0];
    const bool memory = modrm >> 6 != 3;
    const uint8_t reg = modrm >> 3 & 7, rm = memory ? X_READ : modrm & 7;
    /* Behind the address: only without one is its place known. */
    const uint32_t byte = (uint32_t)(int8_t)p[1], word = get32(p + 1);
    const struct operands e_g = {.to = rm, .i = rm, .j = reg}, g_e = {.to = reg, .i = reg, .j = rm};
    if (opcode < 0x40) return arithmetic(opcode >> 3, (opcode & 7) == 1 ? e_g : g_e);
    if (opcode == 0x85)
        return arithmetic(G_AND, (struct operands){.to = FLAG_K, .i = rm, .j = reg});
    if (opcode == 0x8d) return memory ? address(reg, p + 1, modrm) : (struct sure){0};
    if (memory) return (struct sure){0};
    switch (opcode) {
    case 0x81: return arithmetic(reg, (struct operands){rm, rm, FLAG_K, word});
    case 0x83: return arithmetic(reg, (struct operands){rm, rm, FLAG_K, byte});
    case 0x89: return moved(rm, (struct model){.op = MODEL_ADDK, .i = reg});
    case 0x8b: return moved(reg, (struct model){.op = MODEL_ADDK, .i = rm});
    case 0xc1: return shifted(reg, rm, p[1]);
    case 0xd1: return shifted(reg, rm, 1);
    default: return (struct sure){0};
    }
}

static struct sure count_by_one(uint8_t rule, uint8_t reg, uint32_t k)
{
    struct sure s = moved(reg, (struct model){.op = MODEL_ADDK, .i = reg, .k = k});
    s.flags = (struct flag_model){.rule = rule, .i = reg, .j = FLAG_K, .k = 1};
    return s;
}

struct sure sure_of(const struct plain_code *code)
{
    const uint8_t *p = code->bytes, opcode = p[0], reg = opcode & 7;
    if (!code->code32) return (struct sure){0};
    if (opcode == 0x0f && p[1] >> 4 == 8) return nothing(); /* Jcc */
    if (opcode == 0x0f)
        return p[2] >> 6 == 3 ? extended(p[1], p[2] >> 3 & 7, p[2] & 7) : (struct sure){0};
    if (opcode < 0x40 && (reg == 1 || reg == 3)) return with_modrm(opcode, p + 1);
    if (opcode < 0x40 && reg == 5)
        return arithmetic(opcode >> 3, (struct operands){EAX, EAX, FLAG_K, get32(p + 1)});
    if (opcode < 0x40) return (struct sure){0};
    switch (opcode >> 3) {
    case 0x40 >> 3: return count_by_one(FLAGS_INC, reg, 1);
    case 0x48 >> 3: return count_by_one(FLAGS_DEC, reg, UINT32_MAX);
    case 0x70 >> 3:
    case 0x78 >> 3: return nothing(); /* Jcc */
    case 0xb8 >> 3: return moved(reg, (struct model){.op = MODEL_CONST, .k = get32(p + 1)});
    default: break;
    }
    switch (opcode) {
    case 0x90:
    case 0xe9:
    case 0xeb: return nothing(); /* NOP, JMP */
    case 0x98: return moved(EAX, (struct model){.op = MODEL_SIGN16, .i = EAX});
    case 0x99: return moved(EDX, (struct model){.op = MODEL_SAR, .i = EAX, .s = 31});
    case 0xa9: return arithmetic(G_AND, (struct operands){FLAG_K, EAX, FLAG_K, get32(p + 1)});
    default: return with_modrm(opcode, p + 1);
    }
}
