#include "encode_inside.h"

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

static void set_mask(struct code_entry *c, uint8_t mask)
{
    uint32_t keep[8];
    for (unsigned i = 0; i < 8; i++)
        keep[i] = mask >> i & 1 ? 0 : UINT32_MAX;
    memcpy(c->keep, keep, sizeof keep);
    c->mask = mask;
}

/* A new instruction stands at this place: nothing is expected of it. */
void entry_fill(struct encoder *e, struct code_entry *c, uint32_t linear, uint32_t eip,
                const struct plain_code *code)
{
    struct buffer *to = &e->stream[S_CODE];
    *c = (struct code_entry){.linear = linear, .code = *code, .next = code->length + eip};
    set_mask(c, 0);
    memset(&e->tries[c - e->c.code], 0, sizeof *e->tries);
    buffer_add8(to, code->length);
    buffer_add(to, code->bytes, code->length);
}

/* What follows from its bytes is its model; of a number that is read, that it is the last one. */
void entry_be_sure(struct code_entry *c, const struct sure *s)
{
    unsigned n = 0;
    set_mask(c, s->mask);
    for (unsigned left = s->mask; left; left &= left - 1)
        c->reg[__builtin_ctz(left)] = s->reg[n++];
    for (unsigned i = 0; i < s->accesses; i++) {
        c->slot[i].shape = s->shape[i];
        c->slot[i].offset = s->offset;
        if (s->shape[i] & SHAPE_WRITE) c->slot[i].value = s->value;
    }
    c->accesses = s->accesses;
    c->rule = s->flags;
    c->sure = true;
}

/* Nothing is expected of it after all. */
static void entry_be_new(struct code_entry *c)
{
    memset(c->reg, 0, sizeof c->reg);
    memset(c->slot, 0, sizeof c->slot);
    c->accesses = 0;
    c->rule = (struct flag_model){.rule = FLAGS_SAME};
    c->sure = false;
    set_mask(c, 0);
}

/* All models of such a new entry; it has read these numbers. */
uint8_t put_sure(struct encoder *e, struct code_entry *c, const uint32_t value[SURE_ACCESSES])
{
    uint8_t op = 0;
    if (c->accesses) {
        struct buffer *to = &e->stream[S_MEMS];
        buffer_add8(to, c->accesses | MEMS_SHAPES);
        for (unsigned i = 0; i < c->accesses; i++)
            buffer_add8(to, c->slot[i].shape);
        buffer_add_varint(to, (1u << 2 * c->accesses) - 1);
        op |= OP_MEMS;
    }
    for (unsigned i = 0; i < c->accesses; i++) {
        struct access_slot *s = &c->slot[i];
        if (!(s->shape & SHAPE_WRITE)) s->value.k = value[i];
        model_put(&e->stream[S_MODL], &s->offset);
        model_put(&e->stream[S_MODL], &s->value);
    }
    if (c->mask) {
        buffer_add8(&e->stream[S_REGS], c->mask); /* they change, */
        buffer_add8(&e->stream[S_REGS], c->mask); /* and have a new model */
        for (unsigned left = c->mask; left; left &= left - 1)
            model_put(&e->stream[S_MODL], &c->reg[__builtin_ctz(left)]);
        op |= OP_MASK | OP_REGS;
    }
    if (c->rule.rule != FLAGS_SAME) {
        buffer_add8(&e->stream[S_FLAG], FLAGS_RULE);
        rule_put(&e->stream[S_FLAG], &c->rule);
        op |= OP_FLAGS;
    }
    return op;
}

/* Its accesses, as a sure one should have them; x[X_READ] is then what it has read. */
static bool sure_accesses(const struct code_entry *c, const rt386_trace_insn *in,
                          uint32_t x[X_COUNT])
{
    if (in->accesses != c->accesses) return false;
    for (unsigned i = 0; i < in->accesses; i++) {
        const rt386_trace_access *a = &in->access[i];
        const struct access_slot *s = &c->slot[i];
        if (s->shape != plain_shape(a->seg, a->access, a->size)) return false;
        if (model_value(&s->offset, x) != a->offset) return false;
        if (!(s->shape & SHAPE_WRITE))
            x[X_READ] = a->value;
        else if ((model_value(&s->value, x) & size_mask(a->size)) != a->value)
            return false;
    }
    return true;
}

/* Did it do what its bytes say? */
static bool sure_holds(const struct code_entry *c, const rt386_trace_insn *in, uint32_t x[X_COUNT])
{
    bool holds = sure_accesses(c, in, x);
    for (unsigned i = 0; holds && i < 8; i++)
        holds = (c->mask >> i & 1 ? model_value(&c->reg[i], x) : x[i]) == in->after.gpr[i];
    holds = holds && coder_flags(c, &c->rule, x, 0) == in->after.eflags;
    x[X_READ] = 0;
    return holds;
}

static bool entry_is(const struct code_entry *c, const rt386_trace_insn *in)
{
    if (c->linear != in->linear || c->code.length != in->length || c->code.code32 != in->code32)
        return false;
    for (unsigned i = 0; i < in->length; i++)
        if (c->code.bytes[i] != in->bytes[i]) return false;
    return true;
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

static int ones(uint32_t v)
{
    v -= v >> 1 & 0x55555555u;
    v = (v & 0x33333333u) + (v >> 2 & 0x33333333u);
    return (int)(((v + (v >> 4)) & 0x0f0f0f0fu) * 0x01010101u >> 24);
}

/* Which rule would have given these flags, or most of them; `first`: what to begin with. */
static struct flag_model best_rule(const struct code_entry *c, const struct flag_model *first,
                                   const uint32_t x[X_COUNT], uint32_t after, uint32_t result)
{
    struct flag_model best = *first;
    int fewest = ones(coder_flags(c, first, x, result) ^ after);
    for (uint8_t rule = FLAGS_SAME; rule <= FLAGS_RESULT; rule++) {
        struct flag_model as = {.rule = rule};
        int n = ones(coder_flags(c, &as, x, result) ^ after);
        if (n >= fewest) continue;
        fewest = n;
        best = as;
    }
    return best;
}

#define FLAGS_OF_RESULT 0xc4u /* S Z P */

bool put_flags(struct encoder *e, struct code_entry *c, const uint32_t x[X_COUNT], uint32_t after,
               uint32_t result, const struct flag_model *first)
{
    uint32_t differs = coder_flags(c, &c->rule, x, result) ^ after;
    if (differs || first->rule != c->rule.rule) {
        /* S, Z and P are right: C, A and O follow no other rule any better. */
        bool good = c->rule.rule == FLAGS_RESULT && !(differs & FLAGS_OF_RESULT);
        struct flag_model rule = good ? c->rule : best_rule(c, first, x, after, result);
        differs = coder_flags(c, &rule, x, result) ^ after;
        uint8_t byte = flags_pack(differs);
        if (differs & ~CODER_ARITH) byte |= FLAGS_FULL;
        if (rule.rule != c->rule.rule) byte |= FLAGS_RULE;
        c->flags = after;
        if (!byte) return false;
        buffer_add8(&e->stream[S_FLAG], byte);
        if (byte & FLAGS_FULL) buffer_add_varint(&e->stream[S_FLAG], differs & ~CODER_ARITH);
        if (byte & FLAGS_RULE) rule_put(&e->stream[S_FLAG], &rule);
        c->rule = rule;
        return true;
    }
    c->flags = after;
    return false;
}

static uint8_t shape_of(const rt386_trace_access *a)
{
    return plain_shape(a->seg, a->access, a->size);
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

/* A number that is read is seldom one of those that the registers hold: no model is looked for. */
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
            s->value = a->access == RT386_READ ? (struct model){.op = MODEL_CONST, .k = a->value}
                                               : model_find(&t->value[i], X_READ, x, a->value);
            model_put(&e->stream[S_MODL], &s->value);
        }
        if (a->access == RT386_READ && !x[X_READ]) x[X_READ] = a->value;
        s->last = a->offset;
    }
}

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
void put_page(struct encoder *e, uint32_t linear, uint32_t physical)
{
    struct page_entry *p = coder_page(&e->c, linear);
    struct page_entry want = {.linear = linear >> 12, .physical = physical >> 12};
    if (p->linear == want.linear && p->physical == want.physical) return;
    *p = want;
    buffer_add8(&e->stream[S_OPS], OP_ITEM | ITEM_PAGE);
    buffer_add_varint(&e->stream[S_MISC], want.linear);
    buffer_add_varint(&e->stream[S_MISC], want.physical);
}

static uint8_t put_effects(struct encoder *e, struct code_entry *c, const rt386_trace_insn *in,
                           uint32_t x[X_COUNT], const struct flag_model *first)
{
    uint8_t op = 0;
    if (in->accesses | c->accesses && put_accesses(e, c, in, x)) op |= OP_MEMS;
    uint8_t mask = changed_regs(&e->c.regs, &in->after);
    if (mask & ~c->mask) {
        set_mask(c, c->mask | mask);
        buffer_add8(&e->stream[S_REGS], c->mask);
        op |= OP_MASK;
    }
    if (c->mask && put_regs(e, c, in, x)) op |= OP_REGS;
    if (put_flags(e, c, x, in->after.eflags, coder_result(in, c->mask), first)) op |= OP_FLAGS;
    return op;
}

/* The entry of a new instruction, or of one that does not do what it should: those that are sure have their models at
 * once, however they came here. */
static uint8_t put_new(struct encoder *e, struct code_entry *c, const rt386_trace_insn *in,
                       uint32_t x[X_COUNT], struct flag_model *first)
{
    struct plain_code code = {.length = in->length, .code32 = in->code32};
    memcpy(code.bytes, in->bytes, in->length);
    const struct sure s = sure_of(&code);
    bool again = c->sure && entry_is(c, in);
    entry_fill(e, c, in->linear, e->c.regs.eip, &code);
    if (s.whole && !again) entry_be_sure(c, &s);
    const uint32_t read[SURE_ACCESSES] = {in->accesses ? in->access[0].value : 0};
    if (c->sure && sure_holds(c, in, x)) return OP_CODE | put_sure(e, c, read);
    if (c->sure) entry_be_new(c);
    if (s.has_flags) *first = s.flags;
    return OP_CODE;
}

void encode_insn(struct encoder *e, const rt386_trace_insn *in)
{
    struct code_entry *c = coder_entry(&e->c, in->linear);
    uint32_t x[X_COUNT];
    uint8_t op = 0;
    for (unsigned i = 0; i < in->accesses; i++)
        put_page(e, in->access[i].linear, in->access[i].physical);
    coder_inputs(&e->c, in, x);
    struct flag_model first = c->rule;
    if (!entry_is(c, in) || (c->sure && !sure_holds(c, in, x))) {
        first = (struct flag_model){.rule = FLAGS_SAME};
        op |= put_new(e, c, in, x, &first);
    } else if (c->sure && in->accesses) {
        op |= put_read(e, c, in->access[0].value);
    }
    if (!c->sure) op |= put_effects(e, c, in, x, &first);
    op |= put_next(e, c, x[X_NEXT], in->after.eip, in->clocks);
    buffer_add8(&e->stream[S_OPS], op);
    e->c.regs = in->after;
    e->c.insns++;
    e->c.clocks += in->clocks;
    e->items++;
}
