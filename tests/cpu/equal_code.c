/* equal_code.c: a random start for the processors of equal.h: tables, registers, and code that is likely to
 * disturb whatever was derived: it writes where it executes, edits page tables under several addresses,
 * reloads CR3, moves A20 and the level, and faults a lot. Handlers skip a byte of what faulted. */
#include "equal.h"
#include "fp.h"
#include "x87.h"

#include <string.h>

/* --- tables --- */

static void put(struct round *r, uint32_t at, unsigned size, uint32_t value)
{
    for (unsigned i = 0; i < size; i++)
        r->image[at + i] = (uint8_t)(value >> (8 * i));
}

static void put_desc(struct round *r, uint32_t at, desc_t d)
{
    put(r, at, 4, (uint32_t)d.raw);
    put(r, at + 4, 4, (uint32_t)(d.raw >> 32));
}

static desc_t gdt_entry(uint16_t sel)
{
    static const uint32_t base16[4] = {CODE_AT, DATA_AT, STACK_AT, DIR_A};
    switch (sel) {
    case S_CODE32: return desc_make(0, 0xffffffff, 0x9b, true, true);
    case S_DATA32: return desc_make(0, 0xffffffff, 0x93, true, true);
    case S_CODE32_3: return desc_make(0, 0xffffffff, 0xfb, true, true);
    case S_DATA32_3: return desc_make(0, 0xffffffff, 0xf3, true, true);
    case S_TSS_A: return desc_make(TSS_A_AT, 0x7f, 0x8b, false, false);
    case S_TSS_B: return desc_make(TSS_B_AT, 0x7f, 0x89, false, false);
    case S_SHORT: return desc_make(0, 0xc7ff, 0xf3, true, false);
    case S_DOWN: return desc_make(0, 0xc3ff, 0xf7, true, false);
    case S_GATE: return desc_make_gate(SYS_CALL32, S_CODE32, HANDLER_AT + 0x10, 3, 0);
    default: break;
    }
    if (sel < S_CODE16 || sel > S_ALIAS16_3) return (desc_t){0};
    bool user = sel >= S_CODE16_3;
    unsigned n = (sel - (unsigned)(user ? S_CODE16_3 : S_CODE16)) / 8;
    uint32_t base = n < 4 ? base16[n] : ALIAS_AT;
    unsigned access = (n == 0 ? 0x9bu : 0x93u) | (user ? 0x60u : 0u);
    return desc_make(base, 0xffff, (uint8_t)access, false, false);
}

static void put_gates(struct round *r)
{
    for (uint32_t v = 0; v < 0x40; v++) {
        bool error = v == 8 || (v >= 10 && v <= 14);
        bool fault = v == 0 || v == 5 || v == 6 || v == 7 || v == 9 || v == 16;
        uint32_t to = HANDLER_AT + (error ? 0x20 : fault ? 0x30 : 0);
        uint8_t type = v % 4 == 3 ? SYS_TRAP32 : SYS_INT32;
        put_desc(r, IDT_AT + 8 * v, desc_make_gate(type, S_CODE32, to, 3, 0));
        put(r, 4 * v, 2, fault || error ? REAL_AT : REAL_AT + 8);
        put(r, 4 * v + 2, 2, 0);
    }
    put_desc(r, IDT_AT + 8 * 0x30, desc_make_gate(SYS_TASK_GATE, S_TSS_B, 0, 3, 0));
}

static void put_handlers(struct round *r)
{
    static const uint8_t plain[] = {0xcf};                               /* IRET */
    static const uint8_t gate[] = {0xcb};                                /* RETF */
    static const uint8_t error[] = {0x83, 0xc4, 4, 0xff, 4, 0x24, 0xcf}; /* and skip a byte */
    static const uint8_t fault[] = {0xff, 4, 0x24, 0xcf};
    static const uint8_t task[] = {0xcf, 0xeb, 0xfd}; /* IRET; JMP to it */
    static const uint8_t real[] = {0x55, 0x89, 0xe5, 0xff, 0x46, 2, 0x5d, 0xcf, 0xcf};
    memcpy(r->image + HANDLER_AT, plain, sizeof plain);
    memcpy(r->image + HANDLER_AT + 0x10, gate, sizeof gate);
    memcpy(r->image + HANDLER_AT + 0x20, error, sizeof error);
    memcpy(r->image + HANDLER_AT + 0x30, fault, sizeof fault);
    memcpy(r->image + HANDLER_AT + 0x40, task, sizeof task);
    memcpy(r->image + REAL_AT, real, sizeof real);
}

static void put_tss(struct round *r, uint32_t at, uint32_t cr3)
{
    put(r, at + 4, 4, INNER_TOP);
    put(r, at + 8, 2, S_DATA32);
    put(r, at + 0x1c, 4, cr3);
    put(r, at + 0x20, 4, HANDLER_AT + 0x40);
    put(r, at + 0x24, 4, FL_1);
    put(r, at + 0x38, 4, INNER_TOP - 0x800);
    for (unsigned i = 0; i < 6; i++)
        put(r, at + 0x48 + 4 * i, 4, i == 1 ? S_CODE32 : S_DATA32);
    put(r, at + 0x66, 2, 0x68); /* an I/O map that lets ring 3 at the ports */
}

static void put_page_tables(struct round *r)
{
    static const uint32_t frames[] = {DEVICE_AT, ROM_AT, MORE_RAM, 0x7f000000};
    for (unsigned space = 0; space < 2; space++) {
        uint32_t dir = space ? DIR_B : DIR_A, table = space ? TABLE_B : TABLE_A;
        put(r, dir, 4, table | 7);
        put(r, dir + 4, 4, dir | 7); /* the map of itself */
        for (uint32_t n = 0; n < 1024; n++)
            put(r, table + 4 * n, 4, n << 12 | 7);
        for (uint32_t n = 0; n < 4; n++) {
            put(r, table + 4 * ((ALIAS_AT >> 12) + n), 4, (DIR_A + n * PAGE_SIZE) | 7);
            put(r, table + 4 * ((DEVICE_ALIAS >> 12) + n), 4, frames[n] | 7);
        }
    }
}

static void disturb_page_tables(struct round *r, struct dice *d)
{
    static const uint32_t rights[] = {7, 7, 7, 7, 0x67, 0x27, 5, 3, 1, 0};
    static const uint32_t some[] = {0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e,
                                    0x0f, 0x20, 0x21, 0x24, 0x25, 0x04, 0x06};
    for (unsigned space = 0; space < 2; space++) {
        uint32_t dir = space ? DIR_B : DIR_A, table = space ? TABLE_B : TABLE_A;
        put(r, dir, 4, table | (chance(d, 8) ? 5 : 7));
        if (chance(d, 2)) put(r, dir + 4, 4, ROM_AT | 7);
        for (unsigned n = roll(d, 6); n > 0; n--) {
            uint32_t page = PICK(d, some), frame = chance(d, 2) ? page : PICK(d, some);
            uint32_t high = chance(d, 4) ? 0x100000 : 0;
            put(r, table + 4 * page, 4, frame << 12 | high | PICK(d, rights));
        }
    }
}

/* --- code --- */

struct code {
    struct round *r;
    struct dice *d;
    uint32_t at;
    bool code32;
};

static void emit(struct code *c, uint8_t byte)
{
    if (c->at < CODE_END) c->r->image[c->at++] = byte;
}
static void emit_value(struct code *c, unsigned size, uint32_t value)
{
    for (unsigned i = 0; i < size; i++)
        emit(c, (uint8_t)(value >> (8 * i)));
}
static unsigned operand(const struct code *c)
{
    return c->code32 ? 4 : 2;
}

/* A linear address worth touching; half of them near the code or in a table. */
static uint32_t some_address(struct code *c)
{
    struct dice *d = c->d;
    switch (roll(d, 9)) {
    case 0: return c->at + roll(d, 24) - 4;
    case 1: return CODE_AT + roll(d, CODE_END - CODE_AT);
    case 2: return (CODE_AT + (1 + roll(d, 3)) * PAGE_SIZE) - 1 - roll(d, 4);
    case 3: return TABLE_A + 0x2000 * roll(d, 2) + 4 * (8 + roll(d, 8)) + (chance(d, 8) ? 1 : 0);
    case 4:
        return ALIAS_AT + 0x1000 * roll(d, 4) + 4 * (chance(d, 2) ? roll(d, 2) : 8 + roll(d, 8));
    case 5: return DEVICE_ALIAS + 4 * roll(d, 4);
    case 6: return ROM_ALIAS + 0x1000 * roll(d, 3) + roll(d, 64);
    default: return DATA_AT + roll(d, 2) * 0xff0 + roll(d, 0x20);
    }
}

/* ModR/M of a memory operand at a linear address, absolute; before it: prefixes for 16-bit segments. */
static void emit_memory(struct code *c, const uint8_t *opcode, unsigned n, unsigned reg,
                        uint32_t linear)
{
    static const struct {
        uint32_t base;
        uint8_t prefix;
    } way[] = {{ALIAS_AT, 0x64}, {DIR_A, 0x26}, {STACK_AT, 0x36}, {DATA_AT, 0x3e}, {CODE_AT, 0x2e}};
    uint32_t offset = linear;
    if (!c->code32) {
        unsigned i = 0;
        while (i < 4 && linear < way[i].base)
            i++;
        emit(c, way[i].prefix);
        emit(c, 0x67);
        offset -= way[i].base;
    }
    for (unsigned i = 0; i < n; i++)
        emit(c, opcode[i]);
    emit(c, (uint8_t)(reg << 3 | 5));
    emit_value(c, 4, offset);
}

static void emit_alu(struct code *c)
{
    struct dice *d = c->d;
    if (chance(d, 4)) emit(c, 0x66);
    switch (roll(d, 4)) {
    case 0:
        emit(c, (uint8_t)(roll(d, 8) << 3 | roll(d, 4)));
        emit(c, (uint8_t)(0xc0 | roll(d, 64)));
        break;
    case 1: emit(c, (uint8_t)(0x40 | (roll(d, 16) & ~4u))); break;
    case 2:
        emit(c, 0x83);
        emit(c, (uint8_t)(0xc0 | (roll(d, 64) & ~4u)));
        emit(c, (uint8_t)roll(d, 256));
        break;
    default:
        emit(c, 0xc1);
        emit(c, (uint8_t)(0xc0 | (roll(d, 64) & ~4u)));
        emit(c, (uint8_t)roll(d, 40));
        break;
    }
}

static void emit_access(struct code *c)
{
    static const uint8_t ops[] = {0x00, 0x01, 0x02, 0x03, 0x28, 0x29, 0x31, 0x33, 0x38, 0x3b,
                                  0x84, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x11, 0xfe, 0xff};
    uint8_t op = PICK(c->d, ops);
    unsigned reg = op >= 0xfe ? roll(c->d, 2) : roll(c->d, 4);
    emit_memory(c, &op, 1, reg, some_address(c));
}

/* A byte of the code is replaced: by one of its own kind or by anything. */
static void emit_patch(struct code *c)
{
    static const uint8_t bytes[] = {0x90, 0x40, 0x41, 0x43, 0xf9, 0xf8, 0x66, 0xcc, 0x0f, 0xeb};
    uint8_t store = 0xc6, add = 0x80;
    uint32_t to = c->at + roll(c->d, 40) - 8;
    if (chance(c->d, 4)) to = (c->at | PAGE_MASK) - 3 + roll(c->d, 8); /* at the end of the page */
    emit_memory(c, chance(c->d, 4) ? &add : &store, 1, 0, to);
    emit(c, chance(c->d, 3) ? (uint8_t)roll(c->d, 256) : PICK(c->d, bytes));
}

/* An entry in use is replaced, or a bit of it set, cleared or changed. */
static void emit_table_edit(struct code *c)
{
    static const uint32_t entries[] = {0x8007, 0x9007, 0xa067, 0xb027, 0xc007, 0xe005, 0x8006};
    static const uint8_t bits[] = {0, 1, 2, 5, 6, 12, 13, 20};
    struct dice *d = c->d;
    uint32_t entry = chance(d, 6) ? 0 : 8 + roll(d, 8); /* 0 with the directory */
    uint32_t at = (chance(d, 2) ? DIR_A : ALIAS_AT) + (chance(d, 4) ? 0x2000 : 0);
    at += (entry ? PAGE_SIZE : 0) + 4 * entry;
    if (entry && chance(d, 3)) {
        uint8_t store = 0xc7;
        if (!c->code32) emit(c, 0x66);
        emit_memory(c, &store, 1, 0, at);
        emit_value(c, 4, PICK(d, entries));
        return;
    }
    uint8_t bit[] = {0x0f, 0xba};
    if (!c->code32) emit(c, 0x66);
    emit_memory(c, bit, 2, 5 + roll(d, 3), at);
    emit(c, PICK(d, bits));
}

static void emit_stack(struct code *c)
{
    static const uint8_t ops[] = {0x50, 0x51, 0x53, 0x58, 0x59, 0x5b, 0x60, 0x61, 0x9c, 0x6a};
    uint8_t op = PICK(c->d, ops);
    if (chance(c->d, 8)) { /* a stack in the page of a table */
        if (!c->code32) emit(c, 0x66);
        emit(c, 0xbc);
        emit_value(c, 4,
                   c->code32 ? TABLE_A + 4 * (10 + roll(c->d, 8)) : TABLE_A - STACK_AT + 0x28);
    }
    emit(c, op);
    if (op == 0x6a) emit(c, (uint8_t)roll(c->d, 256));
}

static void emit_jump(struct code *c)
{
    struct dice *d = c->d;
    switch (roll(d, 5)) {
    case 0:
        emit(c, (uint8_t)(0x70 | roll(d, 16)));
        emit(c, (uint8_t)(roll(d, 24) - 8));
        break;
    case 1:
        emit(c, 0xeb);
        emit(c, (uint8_t)roll(d, 12));
        break;
    case 2:
        emit(c, (uint8_t)(0xe0 | roll(d, 4)));
        emit(c, (uint8_t)(roll(d, 16) - 10));
        break;
    case 3:
        emit(c, 0xe8);
        emit_value(c, operand(c), roll(d, 16));
        break;
    default: emit(c, 0xc3); break;
    }
}

static void emit_move(struct code *c, unsigned reg, uint32_t value)
{
    if (!c->code32) emit(c, 0x66);
    emit(c, (uint8_t)(0xb8 | reg));
    emit_value(c, 4, value);
}

static void emit_string(struct code *c)
{
    static const uint8_t ops[] = {0xa4, 0xa5, 0xaa, 0xab, 0xac, 0xad, 0xa6, 0xa7, 0xae, 0xaf};
    struct dice *d = c->d;
    emit_move(c, 1, roll(d, 12));
    if (chance(d, 2)) emit_move(c, 7, c->code32 ? some_address(c) : roll(d, 0x4000));
    if (chance(d, 2)) emit_move(c, 6, c->code32 ? some_address(c) : roll(d, 0x4000));
    if (chance(d, 4)) emit(c, (uint8_t)(0xfc | roll(d, 2)));
    if (!chance(d, 4)) emit(c, (uint8_t)(0xf2 | roll(d, 2)));
    emit(c, PICK(d, ops));
}

static void emit_control(struct code *c)
{
    struct dice *d = c->d;
    emit_move(c, 0, chance(d, 2) ? DIR_A : DIR_B);
    if (chance(d, 3)) {
        static const uint8_t bits[] = {31, 16, 3, 2};
        static const uint8_t change[] = {0x0f, 0x20, 0xc0, 0x66, 0x0f, 0xba, 0xf8}; /* BTC EAX */
        for (unsigned i = 0; i < sizeof change; i++)
            if (change[i] != 0x66 || !c->code32) emit(c, change[i]);
        emit(c, PICK(d, bits));
    }
    emit(c, 0x0f);
    emit(c, 0x22);
    emit(c, chance(d, 2) ? 0xd8 : 0xc0);
}

static void emit_flags(struct code *c)
{
    static const uint8_t ops[] = {0xfa, 0xfb, 0xfc, 0xfd, 0xf8, 0xf9, 0xcc, 0xce, 0xf4, 0x17};
    struct dice *d = c->d;
    if (!chance(d, 3)) {
        uint8_t op = PICK(d, ops);
        if (op != 0xf4 || chance(d, 4)) emit(c, op);
        return;
    }
    emit(c, 0x68);
    emit_value(c, operand(c), (chance(d, 2) ? 0x100u : 0) | (chance(d, 2) ? 0x200u : 0) | 0x3000u);
    emit(c, 0x9d);
}

static void emit_far(struct code *c)
{
    static const uint8_t sels[] = {S_DATA32, S_DATA16,  S_DATA32_3,  S_DATA16_3, S_SHORT,
                                   S_DOWN,   S_TABLE16, S_ALIAS16_3, 0,          S_CODE32};
    struct dice *d = c->d;
    switch (roll(d, 4)) {
    case 0:
        emit_move(c, 0, PICK(d, sels) | roll(d, 4));
        emit(c, 0x8e);
        emit(c, (uint8_t)(0xc0 | (chance(d, 2) ? 0 : 3 + roll(d, 3)) << 3));
        break;
    case 1:
        emit(c, 0x9a);
        emit_value(c, operand(c), 0);
        emit_value(c, 2, S_GATE);
        break;
    case 2:
        emit(c, 0xcd);
        emit(c, (uint8_t)(chance(d, 3) ? 0x30 : roll(d, 0x40)));
        break;
    default: emit(c, 0xcf); break;
    }
}

static void emit_port(struct code *c)
{
    static const uint8_t ports[] = {PORT_A20, PORT_DMA, PORT_DMA, PORT_INTR, PORT_STOP};
    struct dice *d = c->d;
    emit(c, 0xb0);
    emit(c, (uint8_t)roll(d, 256));
    emit(c, chance(d, 4) ? 0xe4 : 0xe6);
    emit(c, PICK(d, ports));
}

static void emit_debug(struct code *c)
{
    struct dice *d = c->d;
    emit_move(c, 0, chance(d, 2) ? some_address(c) : roll(d, 0x10000) << 16 | 0x3ff);
    emit(c, 0x0f);
    emit(c, 0x23);
    emit(c, (uint8_t)(0xc0 | (chance(d, 2) ? 7 : roll(d, 4)) << 3));
}

/* ModR/M of a register, or of memory that is often mapped. */
static void emit_operand(struct code *c)
{
    static const uint8_t at32[] = {3, 6, 7}, at16[] = {7, 4, 5}; /* EBX, ESI, EDI */
    struct dice *d = c->d;
    if (chance(d, 2))
        emit(c, (uint8_t)(0xc0 | roll(d, 64)));
    else
        emit(c, (uint8_t)(roll(d, 8) << 3 | (c->code32 ? PICK(d, at32) : PICK(d, at16))));
}

static void emit_coprocessor(struct code *c)
{
    if (chance(c->d, 6)) emit(c, 0x9b);
    emit(c, (uint8_t)(0xd8 | roll(c->d, 8)));
    emit_operand(c);
}

static void emit_simd(struct code *c)
{
    static const uint8_t prefixes[] = {0x66, 0xf2, 0xf3};
    static const uint8_t first[] = {0x10, 0x28, 0x50, 0x58, 0x60, 0x68, 0x70, 0x78,
                                    0xa8, 0xc0, 0xd0, 0xd8, 0xe0, 0xe8, 0xf0, 0xf8};
    struct dice *d = c->d;
    if (chance(d, 2)) emit(c, PICK(d, prefixes));
    emit(c, 0x0f);
    emit(c, (uint8_t)(PICK(d, first) | roll(d, 8)));
    emit_operand(c);
}

static void emit_any(struct code *c)
{
    for (unsigned n = 1 + roll(c->d, 5); n > 0; n--)
        emit(c, (uint8_t)roll(c->d, 256));
}

static void put_code(struct round *r, struct dice *d, bool code32)
{
    static void (*const what[])(struct code *) = {
        emit_alu,   emit_alu,   emit_alu,         emit_access,     emit_access, emit_patch,
        emit_patch, emit_stack, emit_table_edit,  emit_jump,       emit_string, emit_flags,
        emit_port,  emit_far,   emit_any,         emit_table_edit, emit_debug,  emit_control,
        emit_simd,  emit_simd,  emit_coprocessor,
    };
    unsigned kinds = sizeof what / sizeof what[0] - (r->level > LEVEL_386 ? 0 : 3);
    struct code c = {r, d, CODE_AT, code32};
    while (c.at < CODE_END) {
        unsigned n = roll(d, kinds);
        if (what[n] == emit_debug && !chance(d, 4)) continue; /* they end the straight loop */
        what[n](&c);
    }
}

/* --- registers --- */

static struct seg segment(struct round *r, uint16_t sel)
{
    uint32_t at = GDT_AT + (sel & 0xfff8u);
    desc_t desc = {get32(r->image + at) | (uint64_t)get32(r->image + at + 4) << 32};
    return (struct seg){.sel = sel, .sh = shadow_of(desc)};
}

static struct seg real_segment(uint32_t base, bool v86)
{
    struct shadow sh = shadow_of(desc_make(base, 0xffff, v86 ? 0xf3 : 0x93, false, false));
    return (struct seg){.sel = (uint16_t)(base >> 4), .sh = sh};
}

static void set_segments(struct round *r)
{
    static const uint32_t base[SEGREG_COUNT] = {DIR_A, CODE_AT, STACK_AT, DATA_AT, ALIAS_AT, 0};
    static const uint16_t sel16[SEGREG_COUNT] = {S_TABLE16, S_CODE16,  S_STACK16,
                                                 S_DATA16,  S_ALIAS16, S_DATA32};
    for (unsigned i = 0; i < SEGREG_COUNT; i++) {
        uint16_t sel = sel16[i];
        if (r->mode == MODE_PM32) sel = i == CS ? S_CODE32 : S_DATA32;
        if (r->ring == 3) sel = (uint16_t)(sel + (S_CODE32_3 - S_CODE32) + 3);
        r->state.seg[i] = r->mode == MODE_REAL || r->mode == MODE_V86
                              ? real_segment(base[i], r->mode == MODE_V86)
                              : segment(r, sel);
    }
}

static void set_system(struct round *r)
{
    struct i386_state *s = &r->state;
    bool real = r->mode == MODE_REAL, flat = r->mode == MODE_PM32;
    s->gdtr = (struct dtable){GDT_AT, S_LAST - 1};
    s->idtr = (struct dtable){real ? 0 : IDT_AT, real ? 0xff : 0x1ff};
    s->tr = segment(r, S_TSS_A);
    s->cr3 = DIR_A;
    s->cr0 = CR0_ET | (real ? 0 : CR0_PE) | (r->paging ? CR0_PG : 0);
    s->cpl = (uint8_t)r->ring;
    s->eflags = FL_1 | (r->mode == MODE_V86 ? FL_VM : 0);
    s->gpr[ESP] = flat ? STACK_TOP : STACK_TOP - STACK_AT;
    s->eip = flat ? CODE_AT : 0;
}

void round_plain(struct round *r, enum mode mode, unsigned ring, bool paging)
{
    memset(r, 0, sizeof *r);
    r->mode = mode;
    r->ring = ring;
    r->paging = paging;
    state_reset(&r->state);
    for (uint16_t sel = 8; sel < S_LAST; sel = (uint16_t)(sel + 8))
        put_desc(r, GDT_AT + sel, gdt_entry(sel));
    put_gates(r);
    put_handlers(r);
    put_tss(r, TSS_A_AT, DIR_A);
    put_tss(r, TSS_B_AT, DIR_B);
    put_page_tables(r);
    set_segments(r);
    set_system(r);
}

static void disturb_registers(struct round *r, struct dice *d, uint32_t start)
{
    struct i386_state *s = &r->state;
    bool flat = r->mode == MODE_PM32;
    uint32_t esp = s->gpr[ESP];
    for (unsigned i = 0; i < 8; i++)
        s->gpr[i] = chance(d, 2) ? roll(d, 0x40) : roll(d, 0x8000) << 17 | roll(d, 0x20000);
    s->gpr[EBX] = flat ? DATA_AT + roll(d, 0x100) : roll(d, 0x100);
    s->gpr[ESI] = flat ? CODE_AT + roll(d, 0x4000) : roll(d, 0x1000);
    s->gpr[EDI] = flat ? (chance(d, 2) ? DATA_AT : ALIAS_AT) + roll(d, 0x1000) : roll(d, 0x4000);
    s->gpr[ESP] = esp;
    s->gpr[EBP] = esp - roll(d, 0x40);
    s->eip = flat ? start : start - CODE_AT;
    if (flat && r->ring == 3 && chance(d, 4)) s->seg[DS] = segment(r, S_SHORT + 3);
}

static void disturb_system(struct round *r, struct dice *d)
{
    struct i386_state *s = &r->state;
    if (chance(d, 4)) s->cr3 = DIR_B;
    if (chance(d, 2)) s->cr0 |= CR0_WP;
    s->eflags |= (chance(d, 2) ? FL_IF : 0) | (chance(d, 2) ? FL_IOPL : 0);
    if (chance(d, 12)) s->eflags |= FL_TF;
    if (!chance(d, 8)) return;
    for (unsigned i = 0; i < 4; i++)
        s->dr[i] = chance(d, 2) ? CODE_AT + roll(d, 0x4000) : DATA_AT + roll(d, 0x2000);
    s->dr[7] = roll(d, 0x10000) << 16 | 0x300u | roll(d, 256);
}

/* Some exceptions unmasked, some registers empty, at times switched off. */
static void disturb_coprocessor(struct round *r, struct dice *d)
{
    struct i386_state *s = &r->state;
    x87_init(&s->x87);
    s->cr4 = chance(d, 8) ? 0 : CR4_OSFXSR | CR4_OSXMMEXCPT;
    s->sse.mxcsr = chance(d, 4) ? roll(d, MXCSR_ALL + 1) : MXCSR_DEFAULT;
    s->x87.tw = (uint16_t)(chance(d, 2) ? 0 : roll(d, 4) * 0x5555);
    for (unsigned i = 0; i < 8; i++) {
        s->x87.m[i] = UINT64_C(0x8000000000000000) >> roll(d, 64);
        s->x87.se[i] = (uint16_t)(0x3fc0 + roll(d, 0x80));
        s->sse.xmm[i][0] = (uint64_t)roll(d, 0x10000) << roll(d, 48);
    }
    if (chance(d, 6)) s->x87.cw &= 0xffc0;
    if (chance(d, 8)) s->cr0 |= chance(d, 2) ? CR0_TS : CR0_EM;
}

void round_make(struct round *r, struct dice *d)
{
    enum mode mode = (enum mode)roll(d, MODE_COUNT);
    unsigned ring = mode == MODE_V86 ? 3 : mode == MODE_REAL ? 0 : chance(d, 2) ? 3 : 0;
    round_plain(r, mode, ring, mode != MODE_REAL && !chance(d, 3));
    r->wp = chance(d, 2);
    r->level = chance(d, 3) ? LEVEL_SSE2 : LEVEL_386;
    r->looks = chance(d, 4) ? (enum looks)roll(d, LOOK_COUNT) : LOOK_NONE;
    disturb_page_tables(r, d);
    for (uint32_t at = DATA_AT; at < DIR_A; at += 4)
        put(r, at, 4, roll(d, 0x10000) << 16 | roll(d, 0x10000));
    put_code(r, d, mode == MODE_PM32);
    uint32_t start = CODE_AT + roll(d, 0x3000);
    if (chance(d, 2)) start = CODE_AT + (1 + roll(d, 3)) * PAGE_SIZE - 1 - roll(d, 48);
    disturb_registers(r, d, start);
    disturb_system(r, d);
    if (r->level > LEVEL_386) disturb_coprocessor(r, d);
}
