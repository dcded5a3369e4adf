#include "sure.h"

#include "bits.h"

enum { EAX = 0, EDX = 2, ESP = 4, EBP = 5, SS = 2, DS = 3 };
enum group { G_ADD, G_OR, G_ADC, G_SBB, G_AND, G_SUB, G_XOR, G_CMP };
enum { READ, WRITE };

/* Operands: numbers of inputs of the models, or FLAG_K: the number k. */
struct operands {
    uint8_t to; /* what is written: a register, or X_READ: memory; none: FLAG_K */
    uint8_t i, j;
    uint32_t k;
};

/* An operand in memory. */
struct place {
    bool known;
    uint8_t seg;
    struct model offset;
    const uint8_t *behind; /* its bytes: an immediate number */
};

static const struct sure unknown;

static struct sure nothing(void)
{
    return (struct sure){.whole = true, .has_flags = true};
}

static struct model copy_of(unsigned i)
{
    return (struct model){.op = MODEL_ADDK, .i = (uint8_t)i};
}
static struct model sum_of(unsigned i, uint32_t k)
{
    return (struct model){.op = MODEL_ADDK, .i = (uint8_t)i, .k = k};
}

/* A register gets a value, and no flag changes. */
static struct sure moved(unsigned to, struct model value)
{
    return (struct sure){
        .whole = true, .has_flags = true, .mask = (uint8_t)(1u << to), .reg = {value}};
}

/* With an access at that place, before those that it has. */
static struct sure at_place(struct sure s, const struct place *p, unsigned access, unsigned size)
{
    s.whole &= p->known;
    s.offset = p->offset;
    s.shape[s.accesses++] = plain_shape(p->seg, access, size);
    return s;
}

static struct sure stored(const struct place *p, unsigned size, struct model value)
{
    struct sure s = at_place(nothing(), p, WRITE, size);
    s.value = value;
    return s;
}

/* It is whole when the result has a model. size: of the operands in bytes. */
static struct sure result(uint8_t rule, const struct operands *o, const struct place *p,
                          unsigned size, struct model value)
{
    struct sure s = {.has_flags = true, .flags = {.rule = rule, .i = o->i, .j = o->j, .k = o->k}};
    s.whole = true;
    if (p) s = at_place(s, p, READ, size);
    if (o->to == X_READ) {
        s = at_place(s, p, WRITE, size);
        s.value = value;
    } else if (o->to != FLAG_K) {
        s.mask = (uint8_t)(1u << o->to);
        s.reg[0] = value;
    }
    return s;
}

/* An operation: its rule, and the models of the result of two inputs and of an input and a number. */
struct operation {
    uint8_t rule, pair, number;
};

/* p: where memory is one of the operands. */
static struct sure arithmetic(unsigned group, struct operands o, const struct place *p)
{
    static const struct operation op[8] = {
        [G_ADD] = {FLAGS_ADD, MODEL_ADD, MODEL_ADDK}, [G_OR] = {FLAGS_OR, MODEL_OR, MODEL_ORK},
        [G_AND] = {FLAGS_AND, MODEL_AND, MODEL_ANDK}, [G_SUB] = {FLAGS_SUB, MODEL_SUB, MODEL_ADDK},
        [G_XOR] = {FLAGS_XOR, MODEL_XOR, MODEL_XORK}, [G_CMP] = {FLAGS_SUB, MODEL_SUB, MODEL_ADDK}};
    if (!op[group].rule) return unknown;
    if (group == G_CMP) o.to = FLAG_K;
    struct model value = {.op = op[group].pair, .i = o.i, .j = o.j};
    if (o.j == FLAG_K)
        value =
            (struct model){.op = op[group].number, .i = o.i, .k = group == G_SUB ? 0u - o.k : o.k};
    return result(op[group].rule, &o, p, 4, value);
}

/* The same with the low bytes of registers: the others of the register that is written stay. */
static struct sure byte_arithmetic(unsigned group, struct operands o, const struct place *p)
{
    static const struct operation op[8] = {[G_ADD] = {FLAGS_ADD8, MODEL_ADD8, MODEL_ADDK8},
                                           [G_OR] = {FLAGS_OR8, MODEL_OR8, MODEL_ORK},
                                           [G_AND] = {FLAGS_AND8, MODEL_AND8, MODEL_ANDK},
                                           [G_SUB] = {FLAGS_SUB8, MODEL_SUB8, MODEL_ADDK8},
                                           [G_XOR] = {FLAGS_XOR8, MODEL_XOR8, MODEL_XORK},
                                           [G_CMP] = {FLAGS_SUB8, MODEL_SUB8, MODEL_ADDK8}};
    const uint32_t k = o.k & 0xff;
    if (!op[group].rule) return unknown;
    if (group == G_CMP) o.to = FLAG_K;
    struct model value = {.op = op[group].pair, .i = o.i, .j = o.j};
    if (o.j == FLAG_K)
        value = (struct model){.op = op[group].number,
                               .i = o.i,
                               .k = group == G_SUB   ? 0u - k
                                    : group == G_AND ? k | ~0xffu
                                                     : k};
    return result(op[group].rule, &o, p, 1, value);
}

static struct sure shifted(unsigned reg, unsigned to, unsigned count)
{
    static const uint8_t rule[8] = {[4] = FLAGS_SHL, [5] = FLAGS_SHR, [7] = FLAGS_SAR};
    static const uint8_t model[8] = {[4] = MODEL_SHL, [5] = MODEL_SHR, [7] = MODEL_SAR};
    count &= 31;
    if (!rule[reg] || !count) return unknown;
    struct sure s =
        moved(to, (struct model){.op = model[reg], .i = (uint8_t)to, .s = (uint8_t)count});
    s.flags = (struct flag_model){.rule = rule[reg], .i = (uint8_t)to, .j = FLAG_K, .k = count};
    return s;
}

static struct sure count_by_one(bool up, uint8_t reg, const struct place *p)
{
    const struct operands o = {.to = reg, .i = reg, .j = FLAG_K, .k = 1};
    return result(up ? FLAGS_INC : FLAGS_DEC, &o, p, 4, sum_of(reg, up ? 1 : UINT32_MAX));
}

/* The operand in memory of the ModR/M byte at p. */
static struct place place_of(const uint8_t *p)
{
    uint8_t modrm = *p++;
    uint8_t mod = modrm >> 6, base = modrm & 7, index = ESP, scale = 0;
    if (base == ESP) {
        base = *p & 7;
        index = *p >> 3 & 7;
        scale = *p++ >> 6;
    }
    bool absolute = mod == 0 && base == EBP;
    uint32_t k = mod == 1 ? (uint32_t)(int8_t)*p : mod == 2 || absolute ? get32(p) : 0;
    struct place at = {.known = true, .seg = base == ESP || base == EBP ? SS : DS};
    at.behind = p + (mod == 1 ? 1 : mod == 2 || absolute ? 4 : 0);
    if (absolute) at.seg = DS;
    if (index == ESP && scale)
        at.known = false; /* UNDOC: a scale without an index scales the base */
    else if (absolute && index == ESP)
        at.offset = (struct model){.op = MODEL_CONST, .k = k};
    else if (absolute)
        at.offset = (struct model){.op = MODEL_SHLK, .i = index, .s = scale, .k = k};
    else if (index == ESP)
        at.offset = sum_of(base, k);
    else
        at.offset = (struct model){.op = MODEL_SCALE, .i = base, .j = index, .s = scale, .k = k};
    return at;
}

/* --- bytes --- */

/* The byte register `reg` with that byte of xi. */
static struct sure byte_moved(uint8_t reg, uint8_t i)
{
    struct model m = {.op = reg < 4 ? MODEL_BYTE : MODEL_HIGH, .i = reg & 3, .j = i};
    return moved(reg & 3, m);
}
/* Its value, of which the low byte counts. */
static struct model byte_of(uint8_t reg)
{
    if (reg < 4) return copy_of(reg);
    return (struct model){.op = MODEL_ZERO8, .i = reg & 3, .s = 8};
}

/* MOV of bytes with ModR/M at p. */
static struct sure moved_byte(uint8_t opcode, const uint8_t *p)
{
    const uint8_t reg = *p >> 3 & 7, rm = *p & 7;
    const bool load = opcode == 0x8a;
    if (*p >> 6 == 3) {
        uint8_t to = load ? reg : rm, from = load ? rm : reg;
        return from < 4 ? byte_moved(to, from) : unknown;
    }
    const struct place at = place_of(p);
    if (load) return at_place(byte_moved(reg, X_READ), &at, READ, 1);
    return stored(&at, 1, byte_of(reg));
}

/* An operation on bytes, ModR/M at p; not with the second byte of a register. */
static struct sure byte_operation(uint8_t opcode, const uint8_t *p)
{
    const bool memory = *p >> 6 != 3;
    const uint8_t reg = *p >> 3 & 7, rm = memory ? X_READ : *p & 7;
    const struct place place = memory ? place_of(p) : (struct place){.behind = p + 1};
    const struct place *at = memory ? &place : NULL;
    const bool number = opcode == 0x80 || opcode == 0xf6;
    const struct operands e_k = {rm, rm, FLAG_K, *place.behind}, e_g = {rm, rm, reg, 0},
                          g_e = {reg, reg, rm, 0};
    if ((!memory && rm >= 4) || (!number && reg >= 4)) return unknown;
    switch (opcode) {
    case 0x80: return byte_arithmetic(reg, e_k, at);
    case 0x84: return byte_arithmetic(G_AND, (struct operands){FLAG_K, rm, reg, 0}, at);
    case 0xf6:
        if (reg) return unknown;
        return byte_arithmetic(G_AND, (struct operands){FLAG_K, rm, FLAG_K, *place.behind}, at);
    default: return byte_arithmetic(opcode >> 3, opcode & 2 ? g_e : e_g, at);
    }
}

/* --- the stack --- */

static struct sure stacked(struct sure s)
{
    s.stack = true;
    return s;
}

static struct sure pushed(struct model value)
{
    const struct place at = {.known = true, .seg = SS, .offset = sum_of(ESP, 0u - 4)};
    struct sure s = stored(&at, 4, value);
    s.mask = 1u << ESP;
    s.reg[0] = at.offset;
    return stacked(s);
}

/* What is read at xi goes to `to`, FLAG_K: to EIP; ESP is that place and `by` bytes. */
static struct sure popped(uint8_t to, uint8_t i, uint32_t by)
{
    const struct place at = {.known = true, .seg = SS, .offset = copy_of(i)};
    struct sure s = at_place(moved(ESP, sum_of(i, by)), &at, READ, 4);
    if (to == FLAG_K) return stacked(s);
    if (to != ESP) s.mask |= (uint8_t)(1u << to);
    s.reg[to > ESP] = copy_of(X_READ);
    if (to < ESP) s.reg[1] = sum_of(i, by);
    return stacked(s);
}

/* --- by opcode --- */

/* 0F xx with ModR/M at p. */
static struct sure extended(uint8_t opcode, const uint8_t *p)
{
    const bool memory = *p >> 6 != 3;
    const uint8_t to = *p >> 3 & 7, from = memory ? X_READ : *p & 7;
    const bool high = !memory && from >= 4;
    struct model m = {.i = from};
    switch (opcode) {
    case 0xb6: m = (struct model){MODEL_ZERO8, high ? from & 3 : from, 0, high ? 8 : 0, 0}; break;
    case 0xb7: m.op = MODEL_ZERO16; break;
    case 0xbe:
        if (high) return unknown;
        m.op = MODEL_SIGN8;
        break;
    case 0xbf: m.op = MODEL_SIGN16; break;
    default: return unknown;
    }
    if (!memory) return moved(to, m);
    const struct place at = place_of(p);
    return at_place(moved(to, m), &at, READ, opcode & 1 ? 2 : 1);
}

/* FF with ModR/M at p: `rm` is the operand, `next` its place or NULL. */
static struct sure group_ff(unsigned reg, uint8_t rm, const struct place *at)
{
    switch (reg) {
    case 0:
    case 1: return count_by_one(reg == 0, rm, at);
    case 2: return at ? unknown : pushed(copy_of(X_NEXT));
    case 4: return at ? at_place(nothing(), at, READ, 4) : nothing();
    case 6: return at ? unknown : pushed(copy_of(rm));
    default: return unknown;
    }
}

/* With an operand of 32 bits and a register, ModR/M at p. */
static struct sure with_modrm(uint8_t opcode, const uint8_t *p)
{
    const uint8_t modrm = p[0];
    const bool memory = modrm >> 6 != 3;
    const uint8_t reg = modrm >> 3 & 7, rm = memory ? X_READ : modrm & 7;
    const struct place place = memory ? place_of(p) : (struct place){.behind = p + 1};
    const struct place *at = memory ? &place : NULL;
    const uint32_t byte = (uint32_t)(int8_t)*place.behind, word = get32(place.behind);
    const struct operands e_g = {.to = rm, .i = rm, .j = reg}, g_e = {.to = reg, .i = reg, .j = rm};
    if (opcode < 0x40) return arithmetic(opcode >> 3, (opcode & 7) == 1 ? e_g : g_e, at);
    switch (opcode) {
    case 0x81: return arithmetic(reg, (struct operands){rm, rm, FLAG_K, word}, at);
    case 0x83: return arithmetic(reg, (struct operands){rm, rm, FLAG_K, byte}, at);
    case 0x85: return arithmetic(G_AND, (struct operands){FLAG_K, rm, reg, 0}, at);
    case 0x89: return memory ? stored(at, 4, copy_of(reg)) : moved(rm, copy_of(reg));
    case 0x8b:
        return memory ? at_place(moved(reg, copy_of(X_READ)), at, READ, 4)
                      : moved(reg, copy_of(rm));
    case 0x8d: return memory && place.known ? moved(reg, place.offset) : unknown;
    case 0xc1: return memory ? unknown : shifted(reg, rm, p[1]);
    case 0xc6:
        if (reg || !memory) return unknown;
        return stored(at, 1, (struct model){.op = MODEL_CONST, .k = byte & 0xff});
    case 0xc7:
        if (reg) return unknown;
        if (!memory) return moved(rm, (struct model){.op = MODEL_CONST, .k = word});
        return stored(at, 4, (struct model){.op = MODEL_CONST, .k = word});
    case 0xd1: return memory ? unknown : shifted(reg, rm, 1);
    case 0xff: return group_ff(reg, rm, at);
    default: return unknown;
    }
}

/* MOV between EAX or AL and memory at an offset. */
static struct sure at_offset(uint8_t opcode, uint32_t offset)
{
    const struct place at = {.known = true, .seg = DS, .offset = {.op = MODEL_CONST, .k = offset}};
    switch (opcode) {
    case 0xa0: return at_place(byte_moved(EAX, X_READ), &at, READ, 1);
    case 0xa1: return at_place(moved(EAX, copy_of(X_READ)), &at, READ, 4);
    case 0xa2: return stored(&at, 1, copy_of(EAX));
    default: return stored(&at, 4, copy_of(EAX));
    }
}

/* Those whose opcode holds a register. */
static struct sure with_register(uint8_t opcode, const uint8_t *p)
{
    const uint8_t reg = opcode & 7;
    switch (opcode >> 3) {
    case 0x40 >> 3: return count_by_one(true, reg, NULL);
    case 0x48 >> 3: return count_by_one(false, reg, NULL);
    case 0x50 >> 3: return pushed(copy_of(reg));
    case 0x58 >> 3: return popped(reg, ESP, 4);
    default: return moved(reg, (struct model){.op = MODEL_CONST, .k = get32(p + 1)});
    }
}

static struct sure without_modrm(const uint8_t *p)
{
    const struct model word = {.op = MODEL_CONST, .k = get32(p + 1)},
                       byte = {.op = MODEL_CONST, .k = (uint32_t)(int8_t)p[1]};
    switch (p[0]) {
    case 0x68: return pushed(word);
    case 0x6a: return pushed(byte);
    case 0x90:
    case 0xe9:
    case 0xeb: return nothing(); /* NOP, JMP */
    case 0x98: return moved(EAX, (struct model){.op = MODEL_SIGN16, .i = EAX});
    case 0x99: return moved(EDX, (struct model){.op = MODEL_SAR, .i = EAX, .s = 31});
    case 0xa0:
    case 0xa1:
    case 0xa2:
    case 0xa3: return at_offset(p[0], word.k);
    case 0xa8: return byte_arithmetic(G_AND, (struct operands){FLAG_K, EAX, FLAG_K, byte.k}, NULL);
    case 0xa9: return arithmetic(G_AND, (struct operands){FLAG_K, EAX, FLAG_K, word.k}, NULL);
    case 0xc2: return popped(FLAG_K, ESP, 4 + get16(p + 1));
    case 0xc3: return popped(FLAG_K, ESP, 4);
    case 0xc9: return popped(EBP, EBP, 4);
    case 0xe8: return pushed(copy_of(X_NEXT));
    default: return with_modrm(p[0], p + 1);
    }
}

static struct sure by_bytes(const uint8_t *p)
{
    const uint8_t opcode = p[0], low = opcode & 7;
    if (opcode == 0x0f) return p[1] >> 4 == 8 ? nothing() /* Jcc */ : extended(p[1], p + 2);
    if (opcode < 0x40 && (low == 1 || low == 3)) return with_modrm(opcode, p + 1);
    if (opcode < 0x40 && (low == 0 || low == 2)) return byte_operation(opcode, p + 1);
    if (opcode < 0x40 && low == 4)
        return byte_arithmetic(opcode >> 3, (struct operands){EAX, EAX, FLAG_K, p[1]}, NULL);
    if (opcode < 0x40 && low == 5)
        return arithmetic(opcode >> 3, (struct operands){EAX, EAX, FLAG_K, get32(p + 1)}, NULL);
    if (opcode < 0x40) return unknown;
    if (opcode < 0x60 || opcode >> 3 == 0xb8 >> 3) return with_register(opcode, p);
    if (opcode >> 4 == 7) return nothing(); /* Jcc */
    if (opcode == 0x88 || opcode == 0x8a) return moved_byte(opcode, p + 1);
    if (opcode == 0x80 || opcode == 0x84 || opcode == 0xf6) return byte_operation(opcode, p + 1);
    return without_modrm(p);
}

/* A prefix names the segment of an operand in memory, but not that of the stack. */
struct sure sure_of(const struct plain_code *code)
{
    static const uint8_t prefix[6] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65};
    if (!code->code32) return unknown;
    for (uint8_t seg = 0; seg < sizeof prefix; seg++) {
        if (code->bytes[0] != prefix[seg]) continue;
        struct sure s = by_bytes(code->bytes + 1);
        if (!s.accesses || s.stack) return unknown;
        for (unsigned i = 0; i < s.accesses; i++)
            s.shape[i] = (uint8_t)((s.shape[i] & ~7u) | seg);
        return s;
    }
    return by_bytes(code->bytes);
}
