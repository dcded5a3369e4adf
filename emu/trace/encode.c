#include "encode.h"

struct encoder *encoder_new(const char *const *field_name, unsigned fields)
{
    struct encoder *e = calloc(1, sizeof *e);
    if (e) e->tries = calloc(CODE_ENTRIES, sizeof *e->tries);
    if (e && e->tries && coder_names(&e->c, field_name, fields)) return e;
    encoder_free(e);
    return NULL;
}

void encoder_free(struct encoder *e)
{
    if (!e) return;
    for (unsigned i = 0; i < STREAMS; i++)
        buffer_free(&e->stream[i]);
    free(e->tries);
    free(e);
}

void encoder_begin(struct encoder *e, uint64_t insns, uint64_t clocks)
{
    coder_clear(&e->c);
    e->c.insns = insns;
    e->c.clocks = clocks;
    e->items = 0;
    buffer_add64(&e->stream[S_MISC], clocks);
    for (unsigned i = 0; i < e->c.fields; i++)
        buffer_add_varint(&e->stream[S_MISC], coder_field(&e->c, i));
}

void encoder_set(struct encoder *e, unsigned index, uint64_t value)
{
    if (index < e->c.fields) coder_set_field(&e->c, index, value);
}

size_t encoder_size(const struct encoder *e)
{
    size_t n = 0;
    for (unsigned i = 0; i < STREAMS; i++)
        n += e->stream[i].n;
    return n;
}

void encoder_take(struct encoder *e, struct buffer *to)
{
    for (unsigned i = 0; i < STREAMS; i++)
        buffer_add32(to, (uint32_t)e->stream[i].n);
    for (unsigned i = 0; i < STREAMS; i++) {
        buffer_add(to, e->stream[i].p, e->stream[i].n);
        e->failed |= e->stream[i].failed;
        e->stream[i].n = 0;
    }
    e->failed |= to->failed;
}

/* --- an instruction --- */

/* A new instruction stands at this place: nothing is expected of it. */
static void entry_fill(struct encoder *e, struct code_entry *c, const rt386_trace_insn *in)
{
    struct buffer *to = &e->stream[S_CODE];
    *c = (struct code_entry){.linear = in->linear,
                             .length = in->length,
                             .code32 = in->code32,
                             .next = in->length + e->c.regs.eip};
    memcpy(c->bytes, in->bytes, sizeof c->bytes);
    memset(&e->tries[c - e->c.code], 0, sizeof *e->tries);
    buffer_add8(to, in->length);
    buffer_add(to, in->bytes, in->length);
}

static bool entry_is(const struct code_entry *c, const rt386_trace_insn *in)
{
    return c->linear == in->linear && c->length == in->length && c->code32 == in->code32 &&
           !memcmp(c->bytes, in->bytes, in->length);
}

static uint8_t changed_regs(const rt386_trace_regs *before, const rt386_trace_regs *after)
{
    uint8_t mask = 0;
    for (unsigned i = 0; i < 8; i++)
        mask |= (uint8_t)((before->gpr[i] != after->gpr[i]) << i);
    return mask;
}

/* Values that their models do not give: a bit for each, then their models. */
static bool put_regs(struct encoder *e, struct code_entry *c, const rt386_trace_insn *in,
                     uint32_t x[X_COUNT])
{
    uint8_t wrong = 0;
    for (unsigned left = c->mask; left; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctz(left);
        x[X_LAST] = c->result[i];
        if (model_value(&c->reg[i], x) != in->after.gpr[i]) wrong |= (uint8_t)(1u << i);
    }
    if (wrong) buffer_add8(&e->stream[S_REGS], wrong);
    for (unsigned left = wrong; left; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctz(left);
        x[X_LAST] = c->result[i];
        c->reg[i] = model_find(&e->tries[c - e->c.code].reg[i], i, x, in->after.gpr[i]);
        model_put(&e->stream[S_MODL], &c->reg[i]);
    }
    for (unsigned left = c->mask; left; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctz(left);
        c->result[i] = in->after.gpr[i];
    }
    return wrong;
}

/* Which rule would have given these flags, or most of them. */
static uint8_t best_rule(const struct code_entry *c, uint32_t before, uint32_t after,
                         uint32_t result)
{
    uint8_t best = c->rule;
    int fewest = 33;
    for (uint8_t rule = FLAGS_SAME; rule <= FLAGS_RESULT; rule++) {
        struct code_entry as = {.rule = rule, .flags = c->flags};
        int n = __builtin_popcount(coder_flags(&as, before, result) ^ after);
        if (n >= fewest) continue;
        fewest = n;
        best = rule;
    }
    return best;
}

static bool put_flags(struct encoder *e, struct code_entry *c, const rt386_trace_insn *in)
{
    uint32_t before = e->c.regs.eflags, after = in->after.eflags;
    uint32_t result = coder_result(in, c->mask);
    uint32_t differs = coder_flags(c, before, result) ^ after;
    if (differs) {
        uint8_t rule = best_rule(c, before, after, result);
        uint8_t byte = flags_pack(differs);
        if (differs & ~CODER_ARITH) byte |= FLAGS_FULL;
        if (rule != c->rule) byte |= FLAGS_RULE;
        buffer_add8(&e->stream[S_FLAG], byte);
        if (byte & FLAGS_FULL) buffer_add_varint(&e->stream[S_FLAG], differs & ~CODER_ARITH);
        if (byte & FLAGS_RULE) buffer_add8(&e->stream[S_FLAG], rule);
        c->rule = rule;
    }
    c->flags = after;
    return differs;
}

static uint8_t shape_of(const rt386_trace_access *a)
{
    return (uint8_t)(a->seg | a->access << 3 | a->size << 4);
}

/* Whether the accesses are as expected; the bits that say which are not: two for each, offset and value. */
static uint32_t wrong_accesses(const struct code_entry *c, const rt386_trace_insn *in,
                               uint32_t x[X_COUNT], bool *shapes)
{
    uint32_t wrong = 0;
    *shapes = c->accesses != in->accesses;
    for (unsigned i = 0; i < in->accesses; i++) {
        const rt386_trace_access *a = &in->access[i];
        const struct access_slot *s = &c->slot[i];
        *shapes |= s->shape != shape_of(a);
        x[X_LAST] = s->last;
        if (model_value(&s->offset, x) != a->offset) wrong |= 1u << 2 * i;
        uint32_t v = model_value(&s->value, x);
        if ((a->size == 4 ? v : v & size_mask(a->size)) != a->value) wrong |= 2u << 2 * i;
        if (a->access == RT386_READ && !x[X_READ]) x[X_READ] = a->value;
    }
    return wrong;
}

static void put_models(struct encoder *e, struct code_entry *c, const rt386_trace_insn *in,
                       uint32_t wrong, uint32_t x[X_COUNT])
{
    struct tries *t = &e->tries[c - e->c.code];
    for (unsigned i = 0; i < in->accesses; i++) {
        const rt386_trace_access *a = &in->access[i];
        struct access_slot *s = &c->slot[i];
        x[X_LAST] = s->last;
        if (wrong >> 2 * i & 1) {
            s->offset = model_find(&t->offset[i], X_LAST, x, a->offset);
            model_put(&e->stream[S_MODL], &s->offset);
        }
        if (wrong >> 2 * i & 2) {
            s->value = model_find(&t->value[i], X_READ, x, a->value);
            model_put(&e->stream[S_MODL], &s->value);
        }
        if (a->access == RT386_READ && !x[X_READ]) x[X_READ] = a->value;
        s->last = a->offset;
    }
}

#define MEMS_SHAPES 0x80u /* in the first byte of MEMS: shapes follow */

static bool put_accesses(struct encoder *e, struct code_entry *c, const rt386_trace_insn *in,
                         uint32_t x[X_COUNT])
{
    struct buffer *to = &e->stream[S_MEMS];
    bool shapes;
    uint32_t wrong = wrong_accesses(c, in, x, &shapes);
    if (wrong || shapes) {
        buffer_add8(to, (uint8_t)(in->accesses | (shapes ? MEMS_SHAPES : 0)));
        for (unsigned i = 0; shapes && i < in->accesses; i++) {
            c->slot[i].shape = shape_of(&in->access[i]);
            buffer_add8(to, c->slot[i].shape);
        }
        buffer_add_varint(to, wrong);
        c->accesses = in->accesses;
    }
    x[X_READ] = 0;
    put_models(e, c, in, wrong, x);
    return wrong || shapes;
}

/* Where linear pages are, as far as the accesses need it. */
static void put_page(struct encoder *e, uint32_t linear, uint32_t physical)
{
    struct page_entry *p = coder_page(&e->c, linear);
    struct page_entry want = {.linear = linear >> 12, .physical = physical >> 12, .known = true};
    if (p->known && p->linear == want.linear && p->physical == want.physical) return;
    *p = want;
    buffer_add8(&e->stream[S_OPS], OP_ITEM | ITEM_PAGE);
    buffer_add_varint(&e->stream[S_MISC], want.linear);
    buffer_add_varint(&e->stream[S_MISC], want.physical);
}

void encode_insn(struct encoder *e, const rt386_trace_insn *in)
{
    struct code_entry *c = coder_entry(&e->c, in->linear);
    uint32_t x[X_COUNT];
    uint8_t op = 0;
    for (unsigned i = 0; i < in->accesses; i++)
        put_page(e, in->access[i].linear, in->access[i].physical);
    if (!entry_is(c, in)) {
        entry_fill(e, c, in);
        op |= OP_CODE;
    }
    coder_inputs(&e->c, in, x);
    if (in->accesses | c->accesses && put_accesses(e, c, in, x)) op |= OP_MEMS;
    uint8_t mask = changed_regs(&e->c.regs, &in->after);
    if (mask != c->mask) {
        c->mask = mask;
        buffer_add8(&e->stream[S_REGS], mask);
        op |= OP_MASK;
    }
    if (mask && put_regs(e, c, in, x)) op |= OP_REGS;
    if (put_flags(e, c, in)) op |= OP_FLAGS;
    if (c->next != in->after.eip) {
        uint32_t straight = e->c.regs.eip + in->length;
        c->next = in->after.eip;
        buffer_add_varint(&e->stream[S_NEXT], zigzag(in->after.eip - straight));
        op |= OP_NEXT;
    }
    if (c->clocks != in->clocks) {
        c->clocks = in->clocks;
        buffer_add_varint(&e->stream[S_CLKS], in->clocks);
        op |= OP_CLOCKS;
    }
    buffer_add8(&e->stream[S_OPS], op);
    e->c.regs = in->after;
    e->c.insns++;
    e->c.clocks += in->clocks;
    e->items++;
}

/* --- the others --- */

void encode_field(struct encoder *e, unsigned index, uint64_t value)
{
    struct buffer *to = &e->stream[S_MISC];
    if (index >= e->c.fields) return;
    buffer_add8(&e->stream[S_OPS], OP_ITEM | ITEM_FIELD);
    buffer_add_varint(to, index);
    buffer_add_varint(to, value ^ coder_field(&e->c, index));
    coder_set_field(&e->c, index, value);
    e->items++;
}

void encode_clocks(struct encoder *e, uint64_t clocks)
{
    if (clocks == e->c.clocks) return;
    buffer_add8(&e->stream[S_OPS], OP_ITEM | ITEM_CLOCKS);
    buffer_add_varint(&e->stream[S_MISC], clocks - e->c.clocks);
    e->c.clocks = clocks;
}

static void put_mem(struct encoder *e, const rt386_trace_access *a)
{
    struct buffer *to = &e->stream[S_MISC];
    buffer_add8(to, shape_of(a));
    buffer_add32(to, a->offset);
    buffer_add32(to, a->linear);
    buffer_add32(to, a->physical);
    buffer_add32(to, a->value);
}

static void put_load(struct encoder *e, const rt386_trace_item *i)
{
    struct buffer *to = &e->stream[S_MISC];
    buffer_add_varint(to, i->load.selector);
    buffer_add8(to, (uint8_t)(i->load.cpl | i->load.located << 2));
    buffer_add_text(to, i->load.purpose);
    buffer_add_text(to, i->load.rule_name);
    if (!i->load.located) return;
    buffer_add32(to, i->load.descriptor_at);
    buffer_add(to, i->load.descriptor, sizeof i->load.descriptor);
}

static void put_table(struct encoder *e, const rt386_trace_item *i)
{
    struct buffer *to = &e->stream[S_MISC];
    buffer_add_varint(to, i->table.selector);
    buffer_add32(to, i->table.linear);
    buffer_add(to, i->table.before, sizeof i->table.before);
    buffer_add(to, i->table.after, sizeof i->table.after);
    buffer_add_text(to, i->table.owner);
}

static void put_event(struct encoder *e, const rt386_trace_item *i)
{
    struct buffer *to = &e->stream[S_MISC];
    buffer_add8(to, i->event.vector);
    buffer_add8(to, (uint8_t)i->event.source);
    buffer_add8(to, (uint8_t)(i->event.has_error | i->event.has_cr2 << 1));
    buffer_add_varint(to, i->event.error);
    buffer_add_varint(to, i->event.cr2);
    buffer_add_text(to, i->event.rule_name);
}

static void put_call(struct encoder *e, const rt386_trace_item *i)
{
    struct buffer *to = &e->stream[S_MISC];
    buffer_add8(to, (uint8_t)(i->call.leaving | i->call.blocked << 1));
    buffer_add_varint(to, i->call.process);
    buffer_add_varint(to, i->call.thread);
    buffer_add_varint(to, i->call.result);
    buffer_add_varint(to, i->call.status);
    buffer_add_text(to, i->call.name);
    buffer_add_text(to, i->call.arguments);
}

static void put_small(struct encoder *e, const rt386_trace_item *i)
{
    struct buffer *to = &e->stream[S_MISC];
    if (i->kind == RT386_TRACE_IO) {
        buffer_add_varint(to, i->io.port);
        buffer_add8(to, (uint8_t)(i->io.size | i->io.out << 4));
        buffer_add_varint(to, i->io.value);
    } else if (i->kind == RT386_TRACE_TASK) {
        buffer_add_varint(to, i->task.from);
        buffer_add_varint(to, i->task.to);
    } else {
        buffer_add8(to, i->process.started);
        buffer_add_varint(to, i->process.handle);
        buffer_add_varint(to, i->process.code);
        buffer_add_text(to, i->process.name);
    }
}

void encode_item(struct encoder *e, const rt386_trace_item *item)
{
    static const uint8_t number[] = {
        [RT386_TRACE_MEM] = ITEM_MEM,     [RT386_TRACE_LOAD] = ITEM_LOAD,
        [RT386_TRACE_TABLE] = ITEM_TABLE, [RT386_TRACE_EVENT] = ITEM_EVENT,
        [RT386_TRACE_IO] = ITEM_IO,       [RT386_TRACE_TASK] = ITEM_TASK,
        [RT386_TRACE_CALL] = ITEM_CALL,   [RT386_TRACE_PROCESS] = ITEM_PROCESS};
    buffer_add8(&e->stream[S_OPS], (uint8_t)(OP_ITEM | number[item->kind]));
    e->items++;
    switch (item->kind) {
    case RT386_TRACE_MEM: put_mem(e, &item->mem); break;
    case RT386_TRACE_LOAD: put_load(e, item); break;
    case RT386_TRACE_TABLE: put_table(e, item); break;
    case RT386_TRACE_EVENT: put_event(e, item); break;
    case RT386_TRACE_CALL: put_call(e, item); break;
    default: put_small(e, item); break;
    }
}
