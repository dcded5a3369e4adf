#include "flat.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "level.h"
#include "x87.h"

/* --- the machine --- */

static uint32_t port_in(void *ctx, uint16_t port, unsigned size)
{
    struct flat *f = ctx;
    f->port = port;
    return f->port_value & size_mask(size);
}

static void port_out(void *ctx, uint16_t port, unsigned size, uint32_t value)
{
    struct flat *f = ctx;
    f->port = port;
    f->port_value = value & size_mask(size);
}

struct flat *flat_new(void)
{
    static const struct port_ops ops = {.in = port_in, .out = port_out};
    struct flat *f = calloc(1, sizeof *f);
    f->bus = bus_new();
    cr_assert_eq(bus_map_ram(f->bus, phys(0), FLAT_RAM, "ram"), ST_OK);
    cr_assert_eq(bus_claim_ports(f->bus, 0x40, 0x4f, &ops, f, "test"), ST_OK);
    cr_assert_eq(bus_claim_ports(f->bus, 0x1230, 0x123f, &ops, f, "test"), ST_OK);
    return f;
}

void flat_free(struct flat *f)
{
    bus_free(f->bus);
    free(f);
}

uint32_t flat_get(const struct flat *f, uint32_t at, unsigned size)
{
    uint8_t bytes[4] = {0};
    cr_assert(bus_peek(f->bus, phys(at), bytes, size));
    return get32(bytes);
}

void flat_put(struct flat *f, uint32_t at, unsigned size, uint32_t value)
{
    uint8_t bytes[4];
    put32(bytes, value);
    cr_assert(bus_poke(f->bus, phys(at), bytes, size));
}

static desc_t put_desc(struct flat *f, unsigned sel, desc_t d)
{
    flat_put(f, 0x500 + (sel & ~7u), 4, (uint32_t)d.raw);
    flat_put(f, 0x504 + (sel & ~7u), 4, (uint32_t)(d.raw >> 32));
    return d;
}

static void load(struct flat *f, struct seg *seg, uint16_t sel)
{
    desc_t d = {flat_get(f, 0x500 + (sel & ~7u), 4) | (uint64_t)flat_get(f, 0x504 + (sel & ~7u), 4)
                                                          << 32};
    *seg = (struct seg){.sel = sel, .sh = shadow_of(d)};
}

static void put_descriptors(struct flat *f)
{
    put_desc(f, FLAT_CODE32, desc_make(0, 0xffffffff, 0x9b, true, true));
    put_desc(f, FLAT_DATA32, desc_make(0, 0xffffffff, 0x93, true, true));
    put_desc(f, FLAT_CODE16, desc_make(0, 0xffff, 0x9b, false, false));
    put_desc(f, FLAT_DATA16, desc_make(0, 0xffff, 0x93, false, false));
    put_desc(f, FLAT_LDT, desc_make(0x700, 0xff, 0x82, false, false));
    put_desc(f, FLAT_TSS, desc_make(0x800, 0x67, 0x89, false, false));
    put_desc(f, FLAT_RO, desc_make(0, 0xffff, 0x91, true, false));
    put_desc(f, FLAT_SMALL, desc_make(0x2000, 0xfff, 0x93, true, false));
    put_desc(f, FLAT_CODE_R3, desc_make(0, 0xffffffff, 0xfb, true, true));
    put_desc(f, FLAT_DATA_R3, desc_make(0, 0xffffffff, 0xf3, true, true));
}

static void put_registers(struct i386_state *s)
{
    static const uint32_t gpr[8] = {0x11223344, 0x55667788, 0x99aabbcc, 0xddeeff10,
                                    FLAT_STACK, 0x0000e000, 0x00002000, 0x00008000};
    memcpy(s->gpr, gpr, sizeof gpr);
    s->eip = FLAT_CODE;
    s->eflags = FL_1;
    s->idtr = (struct dtable){0, 0};
}

/* As an operating system leaves a later processor: SSE may be used. */
static void set_level(struct flat *f)
{
    struct i386_state *s = &f->cpu.s;
    if (!f->level) return;
    cpu_set_level(&f->cpu, f->level);
    f->cpu.x87 = true;
    cpu_reset(&f->cpu);
    x87_init(&s->x87);
    s->cr4 = level_of(f->level)->cr4 & (CR4_OSFXSR | CR4_OSXMMEXCPT);
}

void flat_reset(struct flat *f, unsigned bits)
{
    struct i386_state *s = &f->cpu.s;
    cr_assert(bus_fill(f->bus, phys(0), 0, FLAT_RAM));
    put_descriptors(f);
    cpu_init(&f->cpu, f->bus);
    set_level(f);
    put_registers(s);
    s->cr0 = CR0_PE | CR0_ET;
    s->gdtr = (struct dtable){0x500, 0xff};
    for (unsigned reg = 0; reg < SEGREG_COUNT; reg++)
        load(f, &s->seg[reg], bits == 32 ? FLAT_DATA32 : FLAT_DATA16);
    load(f, &s->seg[CS], bits == 32 ? FLAT_CODE32 : FLAT_CODE16);
    s->ldtr = (struct seg){.sh = shadow_null()};
}

struct flat *flat_with_code(const char *bytes, size_t n)
{
    struct flat *f = flat_new();
    flat_reset(f, 32);
    cr_assert(bus_poke(f->bus, phys(FLAT_CODE), bytes, n));
    return f;
}

void flat_real(struct flat *f)
{
    struct i386_state *s = &f->cpu.s;
    cr_assert(bus_fill(f->bus, phys(0), 0, FLAT_RAM));
    cpu_init(&f->cpu, f->bus);
    set_level(f);
    put_registers(s);
    s->seg[CS] = s->seg[DS];
}

void flat_v86(struct flat *f, unsigned iopl)
{
    struct i386_state *s = &f->cpu.s;
    flat_reset(f, 16);
    for (unsigned reg = 0; reg < SEGREG_COUNT; reg++)
        s->seg[reg] = (struct seg){.sel = 0, .sh = shadow_v86(0)};
    s->eflags = FL_1 | FL_VM | iopl << 12;
    s->cpl = 3;
}

void flat_ring3(struct flat *f, unsigned iopl)
{
    struct i386_state *s = &f->cpu.s;
    flat_reset(f, 32);
    for (unsigned reg = 0; reg < SEGREG_COUNT; reg++)
        load(f, &s->seg[reg], FLAT_DATA_R3 | 3);
    load(f, &s->seg[CS], FLAT_CODE_R3 | 3);
    s->eflags = FL_1 | iopl << 12;
    s->cpl = 3;
}

#define DIRECTORY 0x70000u
void flat_paging(struct flat *f)
{
    flat_put(f, DIRECTORY, 4, FLAT_PT | 7);
    for (uint32_t i = 0; i < FLAT_RAM / PAGE_SIZE; i++)
        flat_put(f, FLAT_PT + 4 * i, 4, i << 12 | 7);
    f->cpu.s.cr3 = DIRECTORY;
    f->cpu.s.cr0 |= CR0_PG;
}

/* --- code --- */

struct text {
    uint8_t bytes[32];
    unsigned n;
};

static void emit(struct text *t, uint32_t v, unsigned size)
{
    put32(t->bytes + t->n, v);
    t->n += size;
}

static void emit_token(struct text *t, const char *word, unsigned opsize, unsigned adsize)
{
    uint32_t v = (uint32_t)strtoul(word + 1, NULL, 16);
    switch (word[0]) {
    case 'M':
        emit(t, v << 3 | (adsize == 4 ? 5 : 6), 1);
        emit(t, FLAT_DATA, adsize);
        break;
    case 'i':
    case 'd': emit(t, v, opsize); break;
    case 'a': emit(t, v, adsize); break;
    default: emit(t, (uint32_t)strtoul(word, NULL, 16), 1); break;
    }
}

static void assemble(struct text *t, const char *code, unsigned bits, bool prefix)
{
    char copy[128], *save = NULL;
    unsigned opsize = (bits == 32) != prefix ? 4 : 2, adsize = bits / 8;
    snprintf(copy, sizeof copy, "%s", code);
    if (prefix) emit(t, 0x66, 1);
    for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
        if (strcmp(w, "67") == 0) adsize = 6 - adsize;
        emit_token(t, w, opsize, adsize);
    }
}

/* --- state by words --- */

static const struct {
    char letter;
    const char *name;
    uint32_t flag;
} flag_names[] = {{'C', "cf", FL_CF}, {'P', "pf", FL_PF}, {'A', "af", FL_AF}, {'Z', "zf", FL_ZF},
                  {'S', "sf", FL_SF}, {'O', "of", FL_OF}, {'D', "df", FL_DF}, {'I', "if", FL_IF},
                  {'T', "tf", FL_TF}, {'N', "nt", FL_NT}};

struct verdict {
    unsigned opsize;
    uint32_t clocks;
    bool has_clocks;
    uint32_t vector;
    const char *rule;
    char rule_text[40];
    uint32_t named; /* flags that were given one by one */
};

static bool set_flag(struct i386_state *s, struct verdict *verdict, const char *name, uint32_t v)
{
    for (unsigned i = 0; i < sizeof flag_names / sizeof flag_names[0]; i++) {
        if (strcmp(name, flag_names[i].name) != 0) continue;
        s->eflags = v ? s->eflags | flag_names[i].flag : s->eflags & ~flag_names[i].flag;
        verdict->named |= flag_names[i].flag;
        return true;
    }
    return false;
}

static void set_flags(struct i386_state *s, const char *letters)
{
    s->eflags &= ~FL_ARITH;
    for (unsigned i = 0; i < 6; i++)
        if (strchr(letters, flag_names[i].letter)) s->eflags |= flag_names[i].flag;
}

static void expect_push(struct i386_state *s, uint8_t *ram, unsigned size, uint32_t value)
{
    s->gpr[ESP] -= size;
    for (unsigned i = 0; i < size; i++)
        ram[s->gpr[ESP] + i] = (uint8_t)(value >> 8 * i);
}

/* Words about where the instruction leads; EIP is behind it still. */
static bool put_transfer(struct i386_state *s, uint8_t *ram, const struct verdict *v,
                         const char *name, uint32_t n)
{
    if (strcmp(name, "jump") == 0)
        s->eip += n;
    else if (strcmp(name, "push") == 0)
        expect_push(s, ram, v->opsize, s->eip);
    else if (strcmp(name, "pushcs") == 0) {
        expect_push(s, ram, v->opsize, s->seg[CS].sel);
        expect_push(s, ram, v->opsize, s->eip);
    } else
        return false;
    return true;
}

static void put_word(struct flat *f, struct i386_state *s, uint8_t *ram, struct verdict *v,
                     const char *name, const char *value)
{
    uint32_t n = (uint32_t)strtoul(value, NULL, 16);
    const struct state_field *field = state_field_named(name);
    char *end = NULL;
    uint32_t at = (uint32_t)strtoul(name + 1, &end, 16);
    unsigned size = name[0] == 'b' ? 1 : name[0] == 'w' ? 2 : name[0] == 'd' ? 4 : 0;
    if (field)
        state_set(s, field, strtoull(value, NULL, 16));
    else if (strcmp(name, "flags") == 0)
        set_flags(s, value);
    else if (strcmp(name, "clk") == 0) {
        v->clocks = (uint32_t)strtoul(value, NULL, 10);
        v->has_clocks = true;
    } else if (strcmp(name, "rule") == 0) {
        snprintf(v->rule_text, sizeof v->rule_text, "%s", value);
        v->rule = v->rule_text;
    } else if (strcmp(name, "vec") == 0)
        v->vector = n;
    else if (strcmp(name, "port") == 0)
        f->port_value = n;
    else if (set_flag(s, v, name, n) || put_transfer(s, ram, v, name, n))
        ;
    else if (size && *end == '\0' && at < FLAT_RAM - 4) {
        for (unsigned i = 0; i < size; i++)
            ram[at + i] = (uint8_t)(n >> 8 * i);
    } else
        cr_assert_fail("unknown word '%s'", name);
}

static void put_words(struct flat *f, struct i386_state *s, uint8_t *ram, struct verdict *v,
                      const char *words)
{
    char copy[400], *save = NULL;
    snprintf(copy, sizeof copy, "%s", words);
    for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
        char *eq = strchr(w, '=');
        cr_assert(eq, "'%s' has no value", w);
        *eq = '\0';
        put_word(f, s, ram, v, w, eq + 1);
    }
}

/* --- one case --- */

static void compare_state(const char *what, const struct i386_state *is,
                          const struct i386_state *want, uint32_t ignored)
{
    unsigned count;
    const struct state_field *field = state_fields(&count);
    for (unsigned i = 0; i < count; i++, field++) {
        uint64_t a = state_get(is, field), b = state_get(want, field);
        if (strcmp(field->name, "eflags") == 0) {
            a &= ~(uint64_t)ignored;
            b &= ~(uint64_t)ignored;
        }
        bool timed = strcmp(field->name, "clocks") == 0 || strcmp(field->name, "insns") == 0;
        cr_expect(timed || a == b, "%s: %s is %llx, not %llx", what, field->name,
                  (unsigned long long)a, (unsigned long long)b);
    }
}

static void compare_ram(struct flat *f, const char *what, const uint8_t *want)
{
    static uint8_t is[FLAT_RAM];
    cr_assert(bus_peek(f->bus, phys(0), is, FLAT_RAM));
    for (unsigned i = 0; i < FLAT_RAM; i++) {
        if (is[i] == want[i]) continue;
        cr_expect(false, "%s: byte %05x is %02x, not %02x", what, i, is[i], want[i]);
        return;
    }
}

static void set_mode(struct flat *f, enum flat_mode mode)
{
    switch (mode) {
    case FLAT_P32: flat_reset(f, 32); break;
    case FLAT_P16: flat_reset(f, 16); break;
    case FLAT_REAL: flat_real(f); break;
    case FLAT_V86: flat_v86(f, 0); break;
    case FLAT_R3: flat_ring3(f, 0); break;
    }
    cpu_set_documented(&f->cpu, f->documented);
}

static const char *expected(const struct flat *f, const struct flat_case *c, const struct insn *in)
{
    const struct i386_row *row = &i386_rows[in->row];
    bool reserved = row->checks & CHK_FPU;
    if (f->documented && (row->attrs & ATT_UNDOC) && !reserved && in->opcode != TRAP_OPCODE)
        return "vec=6 rule=INSN_UNDEFINED";
    return in->opsize == 2 && c->out16 ? c->out16 : c->out;
}

static void check_fault(const char *what, const struct i386_cpu *cpu, enum cpu_step step,
                        const struct verdict *v)
{
    fault_t fault = cpu->chain[0];
    cr_expect_eq(step, STEP_SHUTDOWN, "%s: step %d", what, step);
    cr_expect_str_eq(rule_name(fault.rule), v->rule, "%s: rule %s", what, rule_name(fault.rule));
    cr_expect_eq(fault.vector, v->vector, "%s: vector %u", what, fault.vector);
}

void flat_run(struct flat *f, const struct flat_case *c, enum flat_mode mode, bool prefix,
              unsigned *row, unsigned *opsize)
{
    static uint8_t ram[FLAT_RAM];
    struct verdict v = {0};
    struct text t = {.n = 0};
    struct insn in = {0};
    unsigned bits = mode == FLAT_P32 || mode == FLAT_R3 ? 32 : 16;
    char what[160];
    snprintf(what, sizeof what, "%s%s (%s, mode %d)", prefix ? "66 " : "", c->code, c->in, mode);
    set_mode(f, mode);
    assemble(&t, c->code, bits, prefix);
    cr_assert(bus_peek(f->bus, phys(0), ram, FLAT_RAM));
    memcpy(ram + FLAT_CODE, t.bytes, t.n);
    put_words(f, &f->cpu.s, ram, &v, c->in);
    cr_assert(bus_poke(f->bus, phys(0), ram, FLAT_RAM));
    struct i386_state want = f->cpu.s;
    uint32_t before = want.eflags;
    if (decode_at(f->cpu.level, t.bytes, t.n, bits == 32, &in) == DECODE_OK) {
        want.eip += in.len;
        cr_expect_eq(in.len, t.n, "%s: length %u", what, in.len);
    }
    v.opsize = in.opsize;
    v.named = 0;
    put_words(f, &want, ram, &v, expected(f, c, &in));
    uint32_t open = i386_rows[in.row].flags_undefined;
    if (f->documented) {
        open &= ~v.named;
        want.eflags = (want.eflags & ~open) | (before & open);
        open = 0;
    }
    enum cpu_step step = cpu_step(&f->cpu);
    if (v.rule) {
        check_fault(what, &f->cpu, step, &v);
        want.eip = FLAT_CODE;
        want.activity = ACT_SHUTDOWN;
    } else {
        cr_expect_eq(step, STEP_RETIRED, "%s: step %d (%s)", what, step,
                     rule_name(f->cpu.last_fault.rule));
    }
    uint32_t allowed = i386_rows[in.row].flags_written | i386_rows[in.row].flags_undefined | FL_RF;
    cr_expect_eq((f->cpu.s.eflags ^ before) & ~allowed, 0, "%s: writes flags not in its row", what);
    compare_state(what, &f->cpu.s, &want, open);
    compare_ram(f, what, ram);
    if (v.has_clocks)
        cr_expect_eq(f->cpu.s.clocks, v.clocks, "%s: clocks %u", what, (unsigned)f->cpu.s.clocks);
    if (row) *row = in.row;
    if (opsize) *opsize = in.opsize;
}
