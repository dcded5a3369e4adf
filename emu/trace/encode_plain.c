/* encode_plain.c: many plain instructions at once. */
#include "encode_inside.h"

#define SEGMENTS 6u

_Static_assert((int)X_FLAGS == (int)PLAIN_EFLAGS && (int)X_COUNT == (int)PLAIN_WORDS,
               "what is behind an instruction is what a model has before the next one");

static rt386_trace_access plain_to_access(const struct coder *c, const struct plain_access *a)
{
    uint8_t seg = a->shape & 7;
    return (rt386_trace_access){.seg = seg,
                                .access = a->shape >> 3 & 1,
                                .size = a->shape >> 4,
                                .offset = a->offset,
                                .linear = (uint32_t)c->field[c->seg_base[seg]] + a->offset,
                                .physical = a->physical,
                                .value = a->value};
}

/* Its accesses so far, as items of their own. */
static void put_apart(struct encoder *e, rt386_trace_insn *in)
{
    for (unsigned i = 0; i < in->accesses; i++) {
        rt386_trace_item item = {.kind = RT386_TRACE_MEM, .mem = in->access[i]};
        encode_item(e, &item);
    }
    in->accesses = 0;
}

/* One that is not as expected, or new. before, after: the states; a: its accesses. */
static void plain_unexpected(struct encoder *e, const struct plain_code *code, uint32_t eip,
                             const struct plain_step *step, const struct plain_state *before,
                             const struct plain_access *a)
{
    const struct plain_state *after = before + 1;
    rt386_trace_insn in;
    memcpy(e->c.regs.gpr, before->x, sizeof e->c.regs.gpr);
    e->c.regs.eip = eip;
    e->c.regs.eflags = before->x[X_FLAGS];
    in.accesses = 0;
    for (unsigned i = before->accesses; i < after->accesses; i++, a++) {
        rt386_trace_access one = plain_to_access(&e->c, a);
        if (!coder_fits(&in, &one)) put_apart(e, &in);
        in.access[in.accesses++] = one;
    }
    in.linear = coder_cs_base(&e->c) + eip;
    in.length = code->length;
    in.code32 = code->code32;
    memcpy(in.bytes, code->bytes, sizeof in.bytes);
    in.clocks = after->clocks;
    memcpy(in.after.gpr, after->x, sizeof in.after.gpr);
    in.after.eip = step->eip;
    in.after.eflags = after->x[X_FLAGS];
    encode_insn(e, &in);
}

/* What is at hand while a batch is gone through. */
struct walk {
    uint32_t base[SEGMENTS]; /* of the segments */
    uint64_t insns, clocks;  /* of those that are not counted yet */
};

static inline bool plain_page_known(const struct coder *c, uint32_t linear, uint32_t physical)
{
    const struct page_entry *p = &c->page[(linear >> 12) % PAGE_ENTRIES];
    return !((p->linear ^ linear >> 12) | (p->physical ^ physical >> 12));
}

/* Are the accesses as expected, in pages that are known? */
static inline bool plain_accesses(const struct coder *c, const struct walk *w,
                                  const struct code_entry *k, const struct plain_access *a,
                                  unsigned n, uint32_t x[X_COUNT])
{
    if (k->accesses != n) return false;
    for (unsigned i = 0; i < n; i++, a++) {
        const struct access_slot *s = &k->slot[i];
        unsigned size = a->shape >> 4;
        if (s->shape != a->shape) return false;
        if (!plain_page_known(c, w->base[a->shape & 7] + a->offset, a->physical)) return false;
        x[X_LAST] = s->last;
        if (model_often(&s->offset, x) != a->offset) return false;
        uint32_t v = model_often(&s->value, x);
        if ((size == 4 ? v : v & size_mask(size)) != a->value) return false;
        if (!(s->shape & SHAPE_WRITE) && !x[X_READ]) x[X_READ] = a->value;
    }
    return true;
}

/* Two registers, in the order of the host. */
static inline uint64_t pair_of(const uint32_t *x, unsigned i)
{
    uint64_t v;
    memcpy(&v, x + 2 * i, sizeof v);
    return v;
}

/* Are the registers behind it as expected? */
static inline bool plain_regs(const struct code_entry *k, uint32_t x[X_COUNT],
                              const uint32_t after[X_COUNT])
{
    uint64_t differs = 0;
    for (unsigned i = 0; i < 4; i++)
        differs |= (pair_of(x, i) ^ pair_of(after, i)) & k->keep[i];
    if (differs) return false;
    for (unsigned left = k->mask; left; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctz(left);
        x[X_LAST] = k->result[i];
        if (model_often(&k->reg[i], x) != after[i]) return false;
    }
    return true;
}

static inline void plain_done(struct encoder *e, struct walk *w, uint8_t op, uint32_t clocks)
{
    buffer_add8(&e->stream[S_OPS], op);
    w->insns++;
    w->clocks += clocks;
}

/* One that is as expected but for EFLAGS, EIP and clocks behind it. */
static inline void plain_expected(struct encoder *e, struct walk *w, struct code_entry *k,
                                  const struct plain_step *step, const struct plain_state *before,
                                  const struct plain_access *a)
{
    const struct plain_state *after = before + 1;
    unsigned n = after->accesses - before->accesses;
    uint32_t flags = after->x[X_FLAGS];
    uint8_t op = 0;
    for (unsigned i = 0; i < n; i++)
        k->slot[i].last = a[i].offset;
    for (unsigned left = k->mask; left; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctz(left);
        k->result[i] = after->x[i];
    }
    if (k->rule.rule == FLAGS_SAME && flags == before->x[X_FLAGS]) {
        k->flags = flags;
    } else {
        uint32_t result = k->mask ? after->x[__builtin_ctz(k->mask)] : n ? a[n - 1].value : 0;
        if (put_flags(e, k, before->x, flags, result, &k->rule)) op |= OP_FLAGS;
    }
    op |= put_next(e, k, before->x[X_NEXT], step->eip, after->clocks);
    plain_done(e, w, op, after->clocks);
}

void encode_code(struct encoder *e, unsigned number, const struct plain_code *code)
{
    e->told[number] =
        (struct plain_told){.code = *code, .sure = sure_of(code), .identity = ++e->codes};
}

/* Does the entry hold that instruction? */
static inline bool plain_is(struct code_entry *k, uint32_t linear, const struct plain_told *told)
{
    if (k->linear != linear) return false;
    if (k->identity == told->identity) return true;
    if (memcmp(&k->code, &told->code, sizeof k->code) != 0) return false;
    k->identity = told->identity;
    return true;
}

/* One of which nobody looked at what it did, but at what it has read. */
static inline void plain_sure(struct encoder *e, struct walk *w, const struct plain_told *told,
                              uint32_t eip, const struct plain_step *step,
                              const struct plain_access *a)
{
    const uint32_t at = w->base[RT386_CS] + eip;
    struct code_entry *k = coder_entry(&e->c, at);
    const bool memory = told->sure.accesses;
    uint8_t op = 0;
    if (memory) {
        uint32_t linear = w->base[a->shape & 7] + a->offset;
        if (!plain_page_known(&e->c, linear, a->physical)) put_page(e, linear, a->physical);
    }
    if (!plain_is(k, at, told) || !k->sure) {
        const uint32_t read[SURE_ACCESSES] = {memory ? a->value : 0};
        entry_fill(e, k, at, eip, &told->code);
        entry_be_sure(k, &told->sure);
        op |= OP_CODE | put_sure(e, k, read);
    } else if (memory) {
        op |= put_read(e, k, a->value);
    }
    op |= put_next(e, k, eip + told->code.length, step->eip, step->clocks);
    plain_done(e, w, op, step->clocks);
}

/* One with all that it did. */
static inline void plain_seen(struct encoder *e, struct walk *w, const struct plain_told *told,
                              uint32_t eip, const struct plain_step *step,
                              struct plain_state *before, const struct plain_access *a)
{
    const uint32_t at = w->base[RT386_CS] + eip;
    struct code_entry *k = coder_entry(&e->c, at);
    unsigned count = before[1].accesses - before->accesses;
    before->x[X_READ] = 0;
    before->x[X_NEXT] = eip + told->code.length;
    if (plain_is(k, at, told) && !k->sure &&
        (!(count | k->accesses) || plain_accesses(&e->c, w, k, a, count, before->x)) &&
        plain_regs(k, before->x, before[1].x))
        plain_expected(e, w, k, step, before, a);
    else
        plain_unexpected(e, &told->code, eip, step, before, a);
}

void encode_plain(struct encoder *e, const struct plain_batch *b)
{
    struct walk w = {0};
    struct plain_state *state = b->state;
    const struct plain_access *access = b->access; /* of the next instruction */
    uint32_t eip = b->eip;
    bool behind = false; /* `state` is that of an instruction before the last one */
    for (unsigned i = 0; i < SEGMENTS; i++)
        w.base[i] = (uint32_t)e->c.field[e->c.seg_base[i]];
    for (const struct plain_step *at = b->step; at < b->step + b->n; at++) {
        const struct plain_told *told = &e->told[at->code & ~PLAIN_SEEN];
        if (at->code & PLAIN_SEEN) {
            state += behind;
            plain_seen(e, &w, told, eip, at, state, access);
            state++;
            access = &b->access[state->accesses];
            behind = false;
        } else {
            plain_sure(e, &w, told, eip, at, access);
            access += told->sure.accesses;
            behind = true;
        }
        eip = at->eip;
    }
    const struct plain_state *last = &b->state[b->states - 1];
    memcpy(e->c.regs.gpr, last->x, sizeof e->c.regs.gpr);
    e->c.regs.eip = eip;
    e->c.regs.eflags = last->x[X_FLAGS];
    e->c.insns += w.insns;
    e->c.clocks += w.clocks;
    e->items += w.insns;
}
