/* views.c: what outsiders may look at. */
#include <stdio.h>
#include <string.h>

#include "rsl.h"
#include "service.h"

static const char *type_name(const struct object *o)
{
    switch (o->type) {
    case TYPE_PROCESS: return "process";
    case TYPE_THREAD: return "thread";
    case TYPE_MAILBOX: return "mailbox";
    case TYPE_ALARM: return "alarm";
    case TYPE_PORT: return o->port && o->port->service ? "port" : "sink port";
    case TYPE_SERVICE: return "service";
    case TYPE_HEAP: return "heap";
    case TYPE_QUEUE: return "message queue";
    case TYPE_FILE: return "file";
    case TYPE_REGION: return "region";
    case TYPE_SEMAPHORE: return "semaphore";
    case TYPE_MODULE: return "module";
    case TYPE_EXIT: return "wait handle";
    case TYPE_INTERRUPT: return "interrupt vectors";
    case TYPE_SEGMENT:
        return o->subtype == SUBTYPE_VSEG         ? "virtual segment"
               : o->subtype == SUBTYPE_DESCRIPTOR ? "flat DS"
                                                  : "memory handle";
    default: return "object";
    }
}

static const char *fixed_name(uint16_t slot)
{
    switch (slot) {
    case 0: return "null descriptor";
    case SLOT_KERNEL_CS: return "kernel code";
    case SLOT_KERNEL_DS: return "kernel data";
    case SLOT_IDLE_TSS: return "TSS of the idle thread";
    case SLOT_THREAD_BLOCK: return "thread block (FS)";
    case SLOT_CALL_GATE: return "call gate of the system calls";
    default: return "reserved";
    }
}

bool rt_slot_info(const struct rt_kernel *k, uint16_t slot, struct rt_slot_info *info)
{
    *info = (struct rt_slot_info){0};
    if (slot >= k->slots) return false;
    const struct object *o = &k->slot[slot];
    info->type = o->use == USE_OBJECT ? o->type : 0;
    info->owner = o->owner ? o->owner->handle : 0;
    const char *owner = o->owner ? o->owner->name : "";
    if (o->use == USE_FREE)
        snprintf(info->text, sizeof info->text, "free");
    else if (o->use == USE_FIXED)
        snprintf(info->text, sizeof info->text, "%s", fixed_name(slot));
    else if (o->use == USE_CODE)
        snprintf(info->text, sizeof info->text, "%s of process %s",
                 o->seg.kind == RT_SEG_CODE ? "flat CS" : "longer queue of a mailbox", owner);
    else if (o->type == TYPE_PROCESS && !o->reference)
        snprintf(info->text, sizeof info->text, "process %s", owner);
    else if (o->type == TYPE_MODULE)
        snprintf(info->text, sizeof info->text, "module %.24s of process %s", o->module->name,
                 owner);
    else
        snprintf(info->text, sizeof info->text, "%s%s of process %s",
                 o->reference ? "reference to a remote " : "", type_name(o), owner);
    return true;
}

bool rt_process_info(const struct rt_kernel *k, unsigned index, struct rt_process_info *info)
{
    *info = (struct rt_process_info){0};
    if (index >= k->process_count) return false;
    const struct process *p = k->process[index];
    info->handle = p->handle;
    info->cs = p->cs;
    info->ds = p->ds;
    memcpy(info->name, p->name, sizeof info->name);
    info->vseg_base = p->base;
    info->xm = p->xm;
    info->vseg_size = p->size;
    info->objects = p->objects;
    info->pool_used = p->pool.used >= 1u << 20 ? 0xffffffffu : p->pool.used * PAGE;
    info->alive = p->alive;
    return true;
}

bool rt_module_at(const struct rt_kernel *k, uint16_t process, uint32_t off,
                  struct rt_module_info *info)
{
    const struct object *o = object_find(k, process);
    if (!o || o->type != TYPE_PROCESS || o->reference) return false;
    for (const struct module *m = o->process->modules; m; m = m->next) {
        if (off < m->base || off - m->base >= m->size) continue;
        *info = (struct rt_module_info){.base = m->base, .size = m->size};
        snprintf(info->name, sizeof info->name, "%s", m->name);
        return true;
    }
    return false;
}

uint16_t rt_current_process(const struct rt_kernel *k)
{
    return k->current ? k->current->process->handle : 0;
}

uint16_t rt_current_thread(const struct rt_kernel *k)
{
    return k->current ? k->current->handle : 0;
}

unsigned rt_free_slots(const struct rt_kernel *k)
{
    return k->free_count;
}
