/* encode_items.c: all items of a trace but instructions. */
#include "encode.h"

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
    buffer_add8(to, plain_shape(a->seg, a->access, a->size));
    buffer_add32(to, a->offset);
    buffer_add32(to, a->linear);
    buffer_add32(to, a->physical);
    buffer_add32(to, a->value);
}

void encode_load(struct encoder *e, const struct encode_load *load)
{
    struct buffer *to = &e->stream[S_MISC];
    buffer_add8(&e->stream[S_OPS], OP_ITEM | ITEM_LOAD);
    e->items++;
    buffer_add_varint(to, load->selector);
    buffer_add8(to, (uint8_t)(load->cpl | load->located << 2));
    buffer_add_text(to, load->purpose);
    buffer_add_text(to, load->rule_name);
    if (!load->located) return;
    buffer_add32(to, load->descriptor_at);
    buffer_add(to, load->descriptor, sizeof load->descriptor);
}

static void put_load(struct encoder *e, const rt386_trace_item *i)
{
    struct encode_load load = {.selector = i->load.selector,
                               .cpl = i->load.cpl,
                               .located = i->load.located,
                               .descriptor_at = i->load.descriptor_at,
                               .purpose = i->load.purpose,
                               .rule_name = i->load.rule_name};
    memcpy(load.descriptor, i->load.descriptor, sizeof load.descriptor);
    encode_load(e, &load);
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
        [RT386_TRACE_MEM] = ITEM_MEM,        [RT386_TRACE_TABLE] = ITEM_TABLE,
        [RT386_TRACE_EVENT] = ITEM_EVENT,    [RT386_TRACE_IO] = ITEM_IO,
        [RT386_TRACE_TASK] = ITEM_TASK,      [RT386_TRACE_CALL] = ITEM_CALL,
        [RT386_TRACE_PROCESS] = ITEM_PROCESS};
    if (item->kind == RT386_TRACE_LOAD) {
        put_load(e, item);
        return;
    }
    buffer_add8(&e->stream[S_OPS], (uint8_t)(OP_ITEM | number[item->kind]));
    e->items++;
    switch (item->kind) {
    case RT386_TRACE_MEM: put_mem(e, &item->mem); break;
    case RT386_TRACE_TABLE: put_table(e, item); break;
    case RT386_TRACE_EVENT: put_event(e, item); break;
    case RT386_TRACE_CALL: put_call(e, item); break;
    default: put_small(e, item); break;
    }
}
