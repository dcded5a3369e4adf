/* trace_same.c: whether two items of traces tell the same. */
#include <rt386/trace.h>
#include <string.h>

static bool same_load(const rt386_trace_item *a, const rt386_trace_item *b)
{
    return a->load.selector == b->load.selector && a->load.cpl == b->load.cpl &&
           a->load.located == b->load.located &&
           (!a->load.located || (a->load.descriptor_at == b->load.descriptor_at &&
                                 !memcmp(a->load.descriptor, b->load.descriptor, 8))) &&
           !strcmp(a->load.rule_name, b->load.rule_name);
}

static bool same_event(const rt386_trace_item *a, const rt386_trace_item *b)
{
    return a->event.vector == b->event.vector && a->event.source == b->event.source &&
           a->event.has_error == b->event.has_error && a->event.error == b->event.error &&
           a->event.has_cr2 == b->event.has_cr2 && a->event.cr2 == b->event.cr2 &&
           !strcmp(a->event.rule_name, b->event.rule_name);
}

static bool same_call(const rt386_trace_item *a, const rt386_trace_item *b)
{
    return a->call.leaving == b->call.leaving && a->call.blocked == b->call.blocked &&
           a->call.process == b->call.process && a->call.thread == b->call.thread &&
           a->call.result == b->call.result && a->call.status == b->call.status &&
           !strncmp(a->call.name, b->call.name, sizeof a->call.name - 1) &&
           !strncmp(a->call.arguments, b->call.arguments, sizeof a->call.arguments - 1);
}

bool rt386_trace_same_item(const rt386_trace_item *a, const rt386_trace_item *b)
{
    if (a->kind != b->kind) return false;
    switch (a->kind) {
    case RT386_TRACE_INSN: return rt386_trace_same_insn(&a->insn, &b->insn);
    case RT386_TRACE_FIELD:
        return a->field.index == b->field.index && a->field.after == b->field.after;
    case RT386_TRACE_MEM: return rt386_trace_same_access(&a->mem, &b->mem);
    case RT386_TRACE_LOAD: return same_load(a, b);
    case RT386_TRACE_TABLE:
        return a->table.selector == b->table.selector && a->table.linear == b->table.linear &&
               !memcmp(a->table.before, b->table.before, 8) &&
               !memcmp(a->table.after, b->table.after, 8);
    case RT386_TRACE_EVENT: return same_event(a, b);
    case RT386_TRACE_IO:
        return a->io.port == b->io.port && a->io.size == b->io.size && a->io.out == b->io.out &&
               a->io.value == b->io.value;
    case RT386_TRACE_TASK: return a->task.from == b->task.from && a->task.to == b->task.to;
    case RT386_TRACE_CALL: return same_call(a, b);
    case RT386_TRACE_PROCESS:
        return a->process.started == b->process.started && a->process.handle == b->process.handle &&
               a->process.code == b->process.code;
    }
    return false;
}
