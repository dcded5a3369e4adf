#include "decode.h"

struct decoder *decoder_new(const char *const *field_name, unsigned fields)
{
    struct decoder *d = calloc(1, sizeof *d);
    if (d && coder_names(&d->c, field_name, fields)) return d;
    decoder_free(d);
    return NULL;
}

void decoder_free(struct decoder *d)
{
    free(d);
}

const char *decoder_begin(struct decoder *d, const uint8_t *bytes, size_t n, uint64_t insns)
{
    struct source s = {.p = bytes, .end = bytes + n};
    uint32_t length[STREAMS];
    coder_clear(&d->c);
    for (unsigned i = 0; i < STREAMS; i++)
        length[i] = source_32(&s);
    for (unsigned i = 0; i < STREAMS; i++) {
        const uint8_t *p = source_bytes(&s, length[i]);
        if (!p) return "its streams are longer than the chunk";
        d->stream[i] = (struct source){.p = p, .end = p + length[i]};
    }
    if (s.bad || s.p != s.end) return "its streams are shorter than the chunk";
    d->c.insns = insns;
    d->c.clocks = source_64(&d->stream[S_MISC]);
    for (unsigned i = 0; i < d->c.fields; i++)
        coder_set_field(&d->c, i, source_varint(&d->stream[S_MISC]));
    return d->stream[S_MISC].bad ? "it has no beginning" : NULL;
}

/* --- an instruction --- */

static bool get_code(struct decoder *d, struct code_entry *c, uint32_t linear)
{
    struct source *from = &d->stream[S_CODE];
    uint8_t n = source_8(from);
    if (n < 1 || n > sizeof((rt386_trace_insn *)0)->bytes) return false;
    *c = (struct code_entry){.linear = linear,
                             .code = {.length = n, .code32 = d->c.field[d->c.cs_flags] >> 2 & 1},
                             .next = d->c.regs.eip + n};
    const uint8_t *p = source_bytes(from, n);
    if (p) memcpy(c->code.bytes, p, n);
    return p;
}

#define MEMS_SHAPES 0x80u

/* How many accesses of which shape; the bits of wrong models. */
static bool get_shapes(struct decoder *d, struct code_entry *c, uint32_t *wrong)
{
    struct source *from = &d->stream[S_MEMS];
    uint8_t byte = source_8(from);
    c->accesses = byte & 0x7f;
    if (c->accesses > RT386_TRACE_ACCESSES) return false;
    for (unsigned i = 0; byte & MEMS_SHAPES && i < c->accesses; i++) {
        uint8_t shape = c->slot[i].shape = source_8(from), size = shape >> 4;
        if ((shape & 7) > RT386_GS || (size != 1 && size != 2 && size != 4)) return false;
    }
    *wrong = (uint32_t)source_varint(from);
    return !from->bad;
}

static bool physical(const struct coder *c, uint32_t linear, uint32_t *to)
{
    const struct page_entry *p = &c->page[(linear >> 12) % PAGE_ENTRIES];
    *to = p->physical << 12 | (linear & 0xfff);
    return p->linear == linear >> 12;
}

static bool get_accesses(struct decoder *d, struct code_entry *c, uint32_t wrong,
                         uint32_t x[X_COUNT], rt386_trace_insn *in)
{
    struct source *models = &d->stream[S_MODL];
    in->accesses = c->accesses;
    for (unsigned i = 0; i < c->accesses; i++) {
        rt386_trace_access *a = &in->access[i];
        struct access_slot *s = &c->slot[i];
        *a = (rt386_trace_access){
            .seg = s->shape & 7, .access = s->shape >> 3 & 1, .size = s->shape >> 4};
        x[X_LAST] = s->last;
        if (wrong >> 2 * i & 1 && !model_get(models, &s->offset)) return false;
        if (wrong >> 2 * i & 2 && !model_get(models, &s->value)) return false;
        a->offset = model_value(&s->offset, x);
        a->value = model_value(&s->value, x) & size_mask(a->size);
        a->linear = (uint32_t)d->c.field[d->c.seg_base[a->seg]] + a->offset;
        if (!physical(&d->c, a->linear, &a->physical)) return false;
        if (a->access == RT386_READ && !x[X_READ]) x[X_READ] = a->value;
        s->last = a->offset;
    }
    return true;
}

static bool get_regs(struct decoder *d, struct code_entry *c, uint8_t op, uint32_t x[X_COUNT],
                     rt386_trace_insn *in)
{
    struct source *regs = &d->stream[S_REGS];
    if (op & OP_MASK) c->mask = source_8(regs);
    uint8_t wrong = op & OP_REGS ? source_8(regs) : 0;
    if (regs->bad || wrong & ~c->mask) return false;
    for (unsigned left = c->mask; left; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctz(left);
        x[X_LAST] = c->result[i];
        if (wrong >> i & 1 && !model_get(&d->stream[S_MODL], &c->reg[i])) return false;
        in->after.gpr[i] = model_value(&c->reg[i], x);
    }
    for (unsigned left = c->mask; left; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctz(left);
        c->result[i] = in->after.gpr[i];
    }
    return true;
}

static bool get_flags(struct decoder *d, struct code_entry *c, uint8_t op,
                      const uint32_t x[X_COUNT], rt386_trace_insn *in)
{
    struct source *from = &d->stream[S_FLAG];
    struct flag_model rule = c->rule;
    uint32_t differs = 0;
    if (op & OP_FLAGS) {
        uint8_t byte = source_8(from);
        differs = flags_unpack(byte & 0x3f);
        if (byte & FLAGS_FULL) differs ^= (uint32_t)source_varint(from);
        if (byte & FLAGS_RULE && !rule_get(from, &c->rule)) return false;
        if (from->bad) return false;
        if (d->c.rule_first) rule = c->rule;
    }
    uint32_t flags = coder_flags(c, &rule, x, coder_result(in, c->mask)) ^ differs;
    c->flags = in->after.eflags = flags;
    return true;
}

static bool get_next(struct decoder *d, struct code_entry *c, uint8_t op, rt386_trace_insn *in)
{
    struct source *next = &d->stream[S_NEXT], *clocks = &d->stream[S_CLKS];
    if (op & OP_NEXT)
        c->next = d->c.regs.eip + c->code.length + zigzag_back((uint32_t)source_varint(next));
    if (op & OP_CLOCKS) c->clocks = (uint32_t)source_varint(clocks);
    in->after.eip = c->next;
    in->clocks = c->clocks;
    return !next->bad && !clocks->bad;
}

static int get_insn(struct decoder *d, uint8_t op, rt386_trace_item *item)
{
    rt386_trace_insn *in = &item->insn;
    uint32_t linear = coder_cs_base(&d->c) + d->c.regs.eip, x[X_COUNT], wrong = 0;
    struct code_entry *c = coder_entry(&d->c, linear);
    item->kind = RT386_TRACE_INSN;
    if (op & OP_CODE ? !get_code(d, c, linear) : c->code.length == 0 || c->linear != linear)
        return -1;
    *in = (rt386_trace_insn){.cs = (uint16_t)d->c.field[d->c.seg_sel[RT386_CS]],
                             .code32 = c->code.code32,
                             .length = c->code.length,
                             .linear = linear,
                             .before = d->c.regs,
                             .after = d->c.regs};
    memcpy(in->bytes, c->code.bytes, sizeof in->bytes);
    coder_inputs(&d->c, in, x);
    if (op & OP_MEMS && !get_shapes(d, c, &wrong)) return -1;
    if (!get_accesses(d, c, wrong, x, in) || !get_regs(d, c, op, x, in) ||
        !get_flags(d, c, op, x, in) || !get_next(d, c, op, in))
        return -1;
    d->c.regs = in->after;
    d->c.insns++;
    d->c.clocks += in->clocks;
    return 1;
}

/* --- the others --- */

static bool get_page(struct decoder *d)
{
    struct source *from = &d->stream[S_MISC];
    uint64_t linear = source_varint(from), phys = source_varint(from);
    if (from->bad || linear >> 20 || phys >> 20) return false;
    *coder_page(&d->c, (uint32_t)linear << 12) =
        (struct page_entry){.linear = (uint32_t)linear, .physical = (uint32_t)phys};
    return true;
}

static bool get_mem(struct source *from, rt386_trace_access *a)
{
    uint8_t shape = source_8(from);
    *a = (rt386_trace_access){.seg = shape & 7, .access = shape >> 3 & 1, .size = shape >> 4};
    a->offset = source_32(from);
    a->linear = source_32(from);
    a->physical = source_32(from);
    a->value = source_32(from);
    return a->seg <= RT386_GS && (a->size == 1 || a->size == 2 || a->size == 4);
}

static bool get_field(struct decoder *d, rt386_trace_item *item)
{
    struct source *from = &d->stream[S_MISC];
    uint64_t index = source_varint(from), change = source_varint(from);
    if (from->bad || index >= d->c.fields) return false;
    item->field.index = (unsigned)index;
    item->field.before = coder_field(&d->c, (unsigned)index);
    item->field.after = item->field.before ^ change;
    coder_set_field(&d->c, (unsigned)index, item->field.after);
    return true;
}

static void get_copy(struct source *from, void *to, size_t n)
{
    const uint8_t *p = source_bytes(from, n);
    if (p) memcpy(to, p, n);
}

static void get_load(struct source *from, rt386_trace_item *i)
{
    i->load.selector = (uint16_t)source_varint(from);
    uint8_t bits = source_8(from);
    i->load.cpl = bits & 3;
    i->load.located = bits >> 2 & 1;
    source_text(from, i->load.purpose, sizeof i->load.purpose);
    source_text(from, i->load.rule_name, sizeof i->load.rule_name);
    if (!i->load.located) return;
    i->load.descriptor_at = source_32(from);
    get_copy(from, i->load.descriptor, sizeof i->load.descriptor);
}

static void get_table(struct source *from, rt386_trace_item *i)
{
    i->table.selector = (uint16_t)source_varint(from);
    i->table.linear = source_32(from);
    get_copy(from, i->table.before, sizeof i->table.before);
    get_copy(from, i->table.after, sizeof i->table.after);
    source_text(from, i->table.owner, sizeof i->table.owner);
}

static void get_event(struct source *from, rt386_trace_item *i)
{
    i->event.vector = source_8(from);
    i->event.source = (char)source_8(from);
    uint8_t bits = source_8(from);
    i->event.has_error = bits & 1;
    i->event.has_cr2 = bits >> 1 & 1;
    i->event.error = (uint32_t)source_varint(from);
    i->event.cr2 = (uint32_t)source_varint(from);
    source_text(from, i->event.rule_name, sizeof i->event.rule_name);
}

static void get_io(struct source *from, rt386_trace_item *i)
{
    i->io.port = (uint16_t)source_varint(from);
    uint8_t bits = source_8(from);
    i->io.size = bits & 15;
    i->io.out = bits >> 4 & 1;
    i->io.value = (uint32_t)source_varint(from);
}

static void get_call(struct source *from, rt386_trace_item *i)
{
    uint8_t bits = source_8(from);
    i->call.leaving = bits & 1;
    i->call.blocked = bits >> 1 & 1;
    i->call.process = (uint16_t)source_varint(from);
    i->call.thread = (uint16_t)source_varint(from);
    i->call.result = (uint32_t)source_varint(from);
    i->call.status = (uint32_t)source_varint(from);
    source_text(from, i->call.name, sizeof i->call.name);
    source_text(from, i->call.arguments, sizeof i->call.arguments);
}

static void get_process(struct source *from, rt386_trace_item *i)
{
    i->process.started = source_8(from) & 1;
    i->process.handle = (uint16_t)source_varint(from);
    i->process.code = (uint32_t)source_varint(from);
    source_text(from, i->process.name, sizeof i->process.name);
}

/* 1: an item; 0: nothing to show, go on; -1: damaged. */
static int get_item(struct decoder *d, uint8_t op, rt386_trace_item *item)
{
    static const rt386_trace_kind kind[ITEM_COUNT] = {
        [ITEM_MEM] = RT386_TRACE_MEM,        [ITEM_FIELD] = RT386_TRACE_FIELD,
        [ITEM_LOAD] = RT386_TRACE_LOAD,      [ITEM_TABLE] = RT386_TRACE_TABLE,
        [ITEM_EVENT] = RT386_TRACE_EVENT,    [ITEM_IO] = RT386_TRACE_IO,
        [ITEM_TASK] = RT386_TRACE_TASK,      [ITEM_CALL] = RT386_TRACE_CALL,
        [ITEM_PROCESS] = RT386_TRACE_PROCESS};
    struct source *from = &d->stream[S_MISC];
    unsigned number = op & ~OP_ITEM;
    bool good = number < ITEM_COUNT;
    if (good) item->kind = kind[number];
    switch (number) {
    case ITEM_PAGE: return get_page(d) ? 0 : -1;
    case ITEM_CLOCKS: d->c.clocks += source_varint(from); return from->bad ? -1 : 0;
    case ITEM_MEM: good = get_mem(from, &item->mem); break;
    case ITEM_FIELD: good = get_field(d, item); break;
    case ITEM_LOAD: get_load(from, item); break;
    case ITEM_TABLE: get_table(from, item); break;
    case ITEM_EVENT: get_event(from, item); break;
    case ITEM_IO: get_io(from, item); break;
    case ITEM_TASK:
        item->task.from = (uint16_t)source_varint(from);
        item->task.to = (uint16_t)source_varint(from);
        break;
    case ITEM_CALL: get_call(from, item); break;
    case ITEM_PROCESS: get_process(from, item); break;
    default: break;
    }
    return good && !from->bad ? 1 : -1;
}

int decode_next(struct decoder *d, rt386_trace_item *item)
{
    struct source *ops = &d->stream[S_OPS];
    int got = 0;
    while (!got) {
        if (ops->p == ops->end) return 0;
        uint8_t op = *ops->p++;
        *item = (rt386_trace_item){.insns = d->c.insns, .clocks = d->c.clocks};
        got = op & OP_ITEM ? get_item(d, op, item) : get_insn(d, op, item);
    }
    return got;
}
