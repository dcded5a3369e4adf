/* record_kernel.c: what the INtime kernel does, into a trace. */
#include "record.h"

#include <stdio.h>
#include <string.h>

static void put_call(struct recorder *r, const struct rt_call_info *call, bool leaving)
{
    rt386_trace_item item = {.kind = RT386_TRACE_CALL};
    item.call.leaving = leaving;
    item.call.blocked = call->blocked;
    item.call.process = call->process;
    item.call.thread = call->thread;
    if (leaving) {
        item.call.result = call->result;
        item.call.status = call->status;
    }
    snprintf(item.call.name, sizeof item.call.name, "%s", call->name);
    snprintf(item.call.arguments, sizeof item.call.arguments, "%s", call->arguments);
    record_item(r, &item);
    r->differs = true;
}

static void see_enter(void *ctx, const struct rt_call_info *call)
{
    struct recorder *r = ctx;
    put_call(r, call, false);
    if (r->kernel_next.enter) r->kernel_next.enter(r->kernel_next.ctx, call);
}

static void see_leave(void *ctx, const struct rt_call_info *call)
{
    struct recorder *r = ctx;
    put_call(r, call, true);
    if (r->kernel_next.leave) r->kernel_next.leave(r->kernel_next.ctx, call);
}

static void see_fault(void *ctx, const struct rt_fault_info *info)
{
    struct recorder *r = ctx;
    r->differs = true;
    if (r->kernel_next.fault) r->kernel_next.fault(r->kernel_next.ctx, info);
}

struct rt_observer record_kernel(struct recorder *r, const struct rt_observer *next)
{
    r->kernel_next = *next;
    return (struct rt_observer){
        .ctx = r, .enter = see_enter, .leave = see_leave, .fault = see_fault};
}

void record_table(struct recorder *r, const rt386_table_event *e)
{
    if (!r->instructions) return;
    rt386_trace_item item = {.kind = RT386_TRACE_TABLE};
    item.table.selector = e->selector;
    item.table.linear = e->linear;
    memcpy(item.table.before, e->before.bytes, 8);
    memcpy(item.table.after, e->after.bytes, 8);
    memcpy(item.table.owner, e->owner, sizeof item.table.owner);
    record_item(r, &item);
    r->differs = true;
}

void record_process(struct recorder *r, uint16_t handle, const char *name, bool started,
                    uint32_t code)
{
    if (!r->instructions) return;
    rt386_trace_item item = {.kind = RT386_TRACE_PROCESS};
    item.process.started = started;
    item.process.handle = handle;
    item.process.code = code;
    snprintf(item.process.name, sizeof item.process.name, "%s", name);
    record_item(r, &item);
    r->differs = true;
}
