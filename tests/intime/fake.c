#include "fake.h"
#include "hostmem.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the kernel should never do; also in runs that are no test of their own. */
static void unsound(struct fake *f, const char *that, const char *format, ...)
{
    char text[300], detail[300];
    va_list args;
    va_start(args, format);
    vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    snprintf(text, sizeof text, "%s: %.200s", that, detail);
    if (f->unsound) f->unsound(f->unsound_ctx, text);
    cr_assert_fail("%s", text);
}
#define SOUND(f, that, ...)                                                                        \
    do {                                                                                           \
        if (!(that)) unsound(f, #that, " " __VA_ARGS__);                                           \
    } while (0)

static bool ram_has(const struct fake *f, uint32_t at, uint32_t n)
{
    return at >= FAKE_RAM_BASE && at - FAKE_RAM_BASE <= f->ram_size &&
           n <= f->ram_size - (at - FAKE_RAM_BASE);
}

static bool phys_read(void *ctx, uint32_t at, void *to, uint32_t n)
{
    struct fake *f = ctx;
    if (!ram_has(f, at, n)) return false;
    memcpy(to, f->ram + (at - FAKE_RAM_BASE), n);
    return true;
}

static bool phys_write(void *ctx, uint32_t at, const void *from, uint32_t n)
{
    struct fake *f = ctx;
    if (!ram_has(f, at, n)) return false;
    memcpy(f->ram + (at - FAKE_RAM_BASE), from, n);
    return true;
}

static uint32_t ram32(struct fake *f, uint32_t at)
{
    uint8_t raw[4] = {0};
    SOUND(f, phys_read(f, at, raw, 4), "no RAM at %08X", at);
    return get32(raw);
}

/* Page walk over the tables in RAM. */
static enum rt_reach walk(struct fake *f, uint32_t lin, bool user, bool write, uint32_t *phys)
{
    uint32_t cr3 =
        f->present[f->tr >> 3] ? ram32(f, kernel_phys(f->gdt[f->tr >> 3].base) + 0x1C) : 0;
    uint32_t pde = ram32(f, (cr3 ? cr3 : f->boot.cr3) + (lin >> 22) * 4);
    if (!(pde & 1)) return RT_REACH_MISSING;
    uint32_t pte = ram32(f, (pde & ~0xfffu) + (lin >> 12 & 1023) * 4);
    if (!(pte & 1)) return RT_REACH_MISSING;
    if (user && (!(pde & pte & 4) || (write && !(pde & pte & 2)))) return RT_REACH_DENIED;
    *phys = (pte & ~0xfffu) | (lin & 0xfff);
    return RT_REACH_OK;
}

static bool lin_read(void *ctx, uint32_t at, void *to, uint32_t n)
{
    uint8_t *bytes = to;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t phys;
        if (walk(ctx, at + i, false, false, &phys) != RT_REACH_OK) return false;
        if (!phys_read(ctx, phys, bytes + i, 1)) return false;
    }
    return true;
}

static const struct rt_segdef *data_segment(struct fake *f)
{
    const struct thread *t = f->k->current;
    return t ? &f->gdt[t->process->ds >> 3] : NULL;
}

static enum rt_reach user_check(void *ctx, uint32_t off, uint32_t n, bool write)
{
    struct fake *f = ctx;
    const struct rt_segdef *ds = data_segment(f);
    uint32_t phys;
    if (n == 0) return RT_REACH_OK;
    if (!ds || off > ds->limit || n - 1 > ds->limit - off) return RT_REACH_OUTSIDE;
    for (uint64_t at = off & ~0xfffu; at <= off + (n - 1); at += 4096) {
        enum rt_reach reach = walk(f, ds->base + (uint32_t)at, true, write, &phys);
        if (reach == RT_REACH_OK && !ram_has(f, phys, 1)) reach = RT_REACH_MISSING;
        if (reach != RT_REACH_OK) return reach;
    }
    return RT_REACH_OK;
}

static enum rt_reach user_read(void *ctx, uint32_t off, void *to, uint32_t n)
{
    struct fake *f = ctx;
    enum rt_reach reach = user_check(ctx, off, n, false);
    f->reads++;
    for (uint32_t i = 0; reach == RT_REACH_OK && i < n; i++) {
        uint32_t phys = 0;
        walk(f, data_segment(f)->base + off + i, true, false, &phys);
        if (!phys_read(f, phys, (uint8_t *)to + i, 1)) return RT_REACH_MISSING;
        if (f->fetched) f->fetched[phys - FAKE_RAM_BASE]++;
        if (f->read_in && f->read_in[phys - FAKE_RAM_BASE] == f->calls) f->twice = phys;
        if (f->read_in) f->read_in[phys - FAKE_RAM_BASE] = f->calls;
        uint32_t arg = off + i - (FAKE_STACK + 8);
        if (arg < sizeof f->touched) f->touched[arg]++;
    }
    return reach;
}

static enum rt_reach user_write(void *ctx, uint32_t off, const void *from, uint32_t n)
{
    struct fake *f = ctx;
    enum rt_reach reach = user_check(ctx, off, n, true);
    for (uint32_t i = 0; reach == RT_REACH_OK && i < n; i++) {
        uint32_t phys = 0;
        walk(f, data_segment(f)->base + off + i, true, true, &phys);
        if (!phys_write(f, phys, (const uint8_t *)from + i, 1)) return RT_REACH_MISSING;
    }
    return reach;
}

static uint64_t now_us(void *ctx)
{
    return ((struct fake *)ctx)->now;
}

/* Masks and in-service bits of the two controllers; specific ends of interrupts. */
static uint8_t pic_in(void *ctx, uint16_t port)
{
    const struct fake *f = ctx;
    return (uint8_t)(port == 0xA0 ? f->in_service >> 8 : f->in_service);
}

static void pic_out(void *ctx, uint16_t port, uint8_t value)
{
    struct fake *f = ctx;
    unsigned shift = port & 0x80 ? 8 : 0;
    if (port & 1)
        f->imr = (uint16_t)((f->imr & ~(0xffu << shift)) | (unsigned)value << shift);
    else if ((value & 0xF8) == 0x60)
        f->in_service &= (uint16_t) ~(1u << (shift + (value & 7)));
}

static void messages(void *ctx, bool masked)
{
    ((struct fake *)ctx)->messages_masked = masked;
}

static bool irq_comes(void *ctx)
{
    return ((struct fake *)ctx)->irq_comes;
}

static void on_enter(void *ctx, const struct rt_call_info *call)
{
    struct fake *f = ctx;
    snprintf(f->seen, sizeof f->seen, "%s", call->arguments);
}

static void on_leave(void *ctx, const struct rt_call_info *call)
{
    struct fake *f = ctx;
    f->leave_status = call->status;
    f->leave_blocked = call->blocked;
    if (f->tell)
        fprintf(f->tell, "      %s(%s)%s%s\n", call->name, f->seen, call->blocked ? " waits" : ": ",
                call->blocked ? "" : rt_status_name(call->status));
}

struct fake *fake_new(uint32_t ram_size, uint32_t slots)
{
    return fake_new_tick(ram_size, slots, 0);
}

struct fake *fake_new_tick(uint32_t ram_size, uint32_t slots, uint32_t tick_us)
{
    struct fake *f = calloc(1, sizeof *f);
    f->ram = malloc(ram_size);
    memset(f->ram, 0xA5, ram_size); /* RAM holds anything at power-on */
    f->ram_size = ram_size;
    f->alarm = UINT64_MAX;
    f->reload = getenv("RT386_TEST_SNAP") != NULL;
    struct rt_config config = {.ram_base = FAKE_RAM_BASE,
                               .ram_size = ram_size,
                               .gdt_slots = slots,
                               .low_tick_us = tick_us,
                               .xm_size = 0x800000};
    struct rt_port port = {f,          phys_read, phys_write, lin_read,
                           user_check, user_read, user_write, now_us};
    port.in = pic_in;
    port.out = pic_out;
    port.messages = messages;
    port.irq_comes = irq_comes;
    struct rt_observer observer = {f, on_enter, on_leave};
    f->k = rt_kernel_new(&config, &port);
    cr_assert_not_null(f->k);
    rt_kernel_observe(f->k, &observer);
    struct rt_effects fx;
    bool more;
    do {
        more = rt_kernel_boot(f->k, &f->boot, &fx);
        f->tr = f->boot.tr;
        fx.more = false;
        fake_apply(f, &fx);
    } while (more);
    return f;
}

void fake_free(struct fake *f)
{
    rt_kernel_free(f->k);
    free(f->ram);
    free(f->read_in);
    free(f);
}

/* The processor's task switch: registers into the old TSS, from the new one. */
static void task_switch(struct fake *f, uint16_t selector)
{
    SOUND(f, f->present[selector >> 3] && f->gdt[selector >> 3].kind == RT_SEG_TSS,
          "switch to %04X, which is no TSS", selector);
    uint8_t raw[4];
    if (f->present[f->tr >> 3]) {
        uint32_t old = kernel_phys(f->gdt[f->tr >> 3].base);
        put32(raw, f->returned ? f->eax : 0xDEADBEEF);
        phys_write(f, old + 0x28, raw, 4);
        put32(raw, f->returned ? f->edx : 0xDEADBEEF);
        phys_write(f, old + 0x30, raw, 4);
    }
    uint32_t tss = kernel_phys(f->gdt[selector >> 3].base);
    f->eax = ram32(f, tss + 0x28);
    f->edx = ram32(f, tss + 0x30);
    SOUND(f, ram_has(f, ram32(f, tss + 0x1C), 4096), "CR3 of a thread");
    f->tr = selector;
    f->returned = true; /* what the new thread has, it has */
    f->switches++;
}

static void apply_one(struct fake *f, const struct rt_effect *e)
{
    switch (e->kind) {
    case RT_FX_GDT_SET:
        f->gdt[e->slot] = e->seg;
        f->present[e->slot] = true;
        break;
    case RT_FX_GDT_CLEAR:
        SOUND(f, f->present[e->slot]);
        SOUND(f, e->slot != f->tr >> 3, "the TSS in TR is deleted");
        f->present[e->slot] = false;
        break;
    case RT_FX_RETURN:
        f->eax = e->eax;
        f->edx = e->edx;
        f->returned = true;
        f->returns++;
        break;
    case RT_FX_SWITCH: task_switch(f, e->selector); break;
    case RT_FX_ALARM: f->alarm = e->due_us; break;
    case RT_FX_LOG: snprintf(f->text, sizeof f->text, "%s", e->text); break;
    case RT_FX_CONSOLE:
        memcpy(f->text, e->text, e->length);
        f->text[e->length] = 0;
        break;
    case RT_FX_PROCESS_END:
        f->ends++;
        f->end_process = e->selector;
        f->end_reason = e->reason;
        f->end_code = e->code;
        snprintf(f->text, sizeof f->text, "%s", e->text ? e->text : "");
        break;
    case RT_FX_MISSING:
        f->missing++;
        snprintf(f->text, sizeof f->text, "%s", e->text);
        break;
    case RT_FX_IDLE:
        f->idles++;
        f->idle_code = e->code;
        break;
    case RT_FX_LOAD: f->loads++; break;
    case RT_FX_FLUSH: f->flushes++; break;
    default: SOUND(f, false, "unknown effect %u", e->kind);
    }
}

void fake_apply(struct fake *f, struct rt_effects *fx)
{
    for (;;) {
        SOUND(f, fx->count <= RT_FX_MAX);
        for (unsigned i = 0; i < fx->count; i++)
            apply_one(f, &fx->at[i]);
        if (!fx->more) return;
        rt_kernel_more(f->k, fx);
    }
}

/* Image pages, and the main thread. */
static uint32_t start_image(struct fake *f, uint16_t handle)
{
    struct rt_effects fx;
    const char *argv[] = {"demo.rta", "one", "two words"};
    uint32_t status = rt_process_place(f->k, handle, FAKE_IMAGE, 0x4000, true);
    if (status != E_OK) return status;
    rt_process_protect(f->k, handle, FAKE_RO, 0x1000, false);
    status = rt_process_start(f->k, handle, FAKE_IMAGE, 0x4000, 3, argv, &fx);
    fake_apply(f, &fx);
    return status;
}

bool fake_describes(struct fake *f, uint32_t base, const struct process *p, uint32_t off)
{
    if (!p->xm) return base == p->base + off;
    uint32_t pte = vseg_pte(p, off / PAGE), phys;
    enum rt_reach reach = walk(f, base, true, pte & PTE_W, &phys);
    if (base < SHARED_BASE || base % PAGE != off % PAGE) return false;
    return pte ? reach == RT_REACH_OK && phys / PAGE == pte / PAGE : reach == RT_REACH_MISSING;
}

bool fake_xm(void)
{
    return getenv("RT386_TEST_XM") != NULL;
}

uint32_t fake_process_try(struct fake *f, const struct rt_process_attr *attr, uint16_t *handle)
{
    struct rt_effects fx = {0};
    *handle = 0;
    uint32_t status = rt_process_create(f->k, attr, handle, &fx);
    fake_apply(f, &fx);
    if (status == E_OK) status = start_image(f, *handle);
    if (status == E_OK || *handle == 0) return status;
    rt_process_abandon(f->k, *handle, &fx);
    fake_apply(f, &fx);
    return status;
}

uint16_t fake_process(struct fake *f, const struct rt_process_attr *attr)
{
    uint16_t handle = 0;
    struct rt_process_attr how = *attr;
    how.xm |= fake_xm() && attr->vseg_size <= VSEG_MIN;
    uint32_t status = fake_process_try(f, &how, &handle);
    SOUND(f, status == E_OK, "%s: %s", attr->name, rt_status_name(status));
    return handle;
}

uint16_t fake_module(struct fake *f, const char *name, uint32_t base,
                     const struct rt_export *exports, size_t count)
{
    const struct rt_module_def def = {
        .name = name, .base = base, .size = 0x1000, .exports = exports, .export_count = count};
    struct rt_effects fx;
    uint16_t handle = 0;
    uint32_t at;
    uint32_t status = rt_module_map(f->k, rt_current_process(f->k), &def, &handle, &at);
    SOUND(f, status == E_OK, "%s: %s", name, rt_status_name(status));
    rt_kernel_more(f->k, &fx);
    fake_apply(f, &fx);
    return handle;
}

uint16_t fake_app(struct fake *f)
{
    struct rt_process_attr attr = {.name = "APP", .pool_min = 0x40000, .pool_max = 0xffffffffu};
    return fake_process(f, &attr);
}

void fake_run(struct fake *f)
{
    struct rt_effects fx;
    fake_between(f);
    rt_kernel_schedule(f->k, &fx);
    fake_apply(f, &fx);
}

void fake_put(struct fake *f, uint32_t off, const void *from, uint32_t n)
{
    SOUND(f, user_write(f, off, from, n) == RT_REACH_OK, "no memory at %08X", off);
}

void fake_get(struct fake *f, uint32_t off, void *to, uint32_t n)
{
    SOUND(f, user_read(f, off, to, n) == RT_REACH_OK, "no memory at %08X", off);
}

uint32_t fake_string(struct fake *f, const char *text)
{
    fake_put(f, FAKE_DATA + 0x800, text, (uint32_t)strlen(text) + 1);
    return FAKE_DATA + 0x800;
}

const struct row *fake_row(const char *name)
{
    for (unsigned i = 0; i < rt_row_count; i++)
        if (!strcmp(rt_rows[i].name, name)) return &rt_rows[i];
    cr_assert(false, "no call %s", name);
    return NULL;
}

/* ESP0 of the running thread's TSS. */
static uint32_t kernel_esp(struct fake *f)
{
    return ram32(f, kernel_phys(f->gdt[f->tr >> 3].base) + 4);
}

static void walk_invariants(struct fake *f, uint32_t code)
{
    hostmem_counts(false);
    const char *bad = fake_check(f);
    SOUND(f, bad == NULL, "after call %08X: %s", code, bad);
    hostmem_counts(true);
}

uint32_t fake_call_raw(struct fake *f, uint32_t code, uint32_t ebp)
{
    uint8_t stack[20] = {0};
    uint32_t esp = kernel_esp(f) - (uint32_t)sizeof stack;
    put32(stack + 4, 0x1B);
    put32(stack + 8, code);
    phys_write(f, kernel_phys(esp), stack, sizeof stack);
    struct rt_trap trap = {.point = RT_POINT_CALL, .tr = f->tr, .stack_lin = esp};
    trap.ds = f->ds ? f->ds : f->k->current ? f->k->current->process->ds : 0;
    trap.gpr[0] = f->eax;
    trap.gpr[5] = ebp;
    struct rt_effects fx;
    fake_between(f);
    f->leave_blocked = false;
    f->returned = false; /* inside the call EAX is the kernel's */
    rt_kernel_trap(f->k, &trap, &fx);
    fake_apply(f, &fx);
    fake_answer_loads(f);
    if (f->walk) walk_invariants(f, code);
    return f->eax;
}

/* Somewhere on the kernel stack of the running task. */
static uint32_t kernel_stack(struct fake *f, uint32_t below)
{
    return ram32(f, kernel_phys(f->gdt[f->tr >> 3].base) + 4) - 0x100 - below;
}

static void trap_there(struct fake *f, struct rt_trap *trap)
{
    struct rt_effects fx;
    fake_between(f);
    trap->tr = f->tr;
    trap->ds = f->k->current ? f->k->current->process->ds : 0;
    rt_kernel_trap(f->k, trap, &fx);
    fake_apply(f, &fx);
}

uint32_t fake_handler(struct fake *f, const char *name, uint32_t argument)
{
    const struct row *row = fake_row(name);
    uint8_t stack[24] = {0};
    uint32_t esp = kernel_stack(f, sizeof stack);
    put32(stack + 4, 0x70); /* CS of ring 0 */
    put32(stack + 8, (uint32_t)row->number << 16 | row->class);
    put32(stack + 20, argument);
    phys_write(f, kernel_phys(esp), stack, sizeof stack);
    struct rt_trap trap = {.point = RT_POINT_CALL, .stack_lin = esp};
    trap.gpr[4] = esp; /* SS has base 0 */
    trap.gpr[5] = esp + 12;
    f->returned = false;
    trap_there(f, &trap);
    return f->eax;
}

void fake_chain(struct fake *f, uint8_t vector, uint32_t cursor, uint32_t room[8])
{
    uint8_t stack[88] = {0};
    uint32_t esp = kernel_stack(f, sizeof stack);
    put32(stack + 28, cursor);
    put32(stack + 84, vector);
    phys_write(f, kernel_phys(esp), stack, sizeof stack);
    struct rt_trap trap = {.point = RT_POINT_INTERRUPT, .stack_lin = esp};
    trap_there(f, &trap);
    for (unsigned i = 0; i < 8; i++)
        room[i] = ram32(f, kernel_phys(esp) + 4 * i);
}

uint32_t fake_call(struct fake *f, const char *name, unsigned count, ...)
{
    const struct row *row = fake_row(name);
    uint8_t raw[CALL_ARGS * 4] = {0};
    va_list args;
    va_start(args, count);
    for (unsigned i = 0; i < count; i++)
        put32(raw + i * 4, va_arg(args, uint32_t));
    va_end(args);
    fake_put(f, FAKE_STACK + 8, raw, count * 4);
    memset(f->touched, 0, sizeof f->touched);
    f->calls++;
    f->twice = 0;
    return fake_call_raw(f, (uint32_t)row->number << 16 | row->class, FAKE_STACK);
}

void fake_time(struct fake *f, uint64_t now)
{
    struct rt_effects fx;
    fake_between(f);
    f->now = now;
    rt_kernel_time(f->k, now, &fx);
    fake_apply(f, &fx);
}

void fake_fault(struct fake *f, uint32_t vector, uint32_t error)
{
    fake_fault_at(f, vector, error, 0x1B);
}

void fake_fault_at(struct fake *f, uint32_t vector, uint32_t error, uint16_t cs)
{
    uint8_t stack[28] = {0};
    uint32_t esp = kernel_esp(f) - (uint32_t)sizeof stack;
    put32(stack, vector);
    put32(stack + 4, error);
    put32(stack + 8, FAKE_IMAGE + 0x12);
    put32(stack + 12, cs);
    phys_write(f, kernel_phys(esp), stack, sizeof stack);
    struct rt_trap trap = {.point = RT_POINT_FAULT, .tr = f->tr, .stack_lin = esp};
    struct rt_effects fx;
    fake_between(f);
    rt_kernel_trap(f->k, &trap, &fx);
    fake_apply(f, &fx);
}

uint32_t fake_last(struct fake *f)
{
    return CALL0(f, "GetLastRtError");
}

static bool same(const struct rt_segdef *a, const struct rt_segdef *b)
{
    return a->kind == b->kind && a->dpl == b->dpl && a->count == b->count &&
           a->granular == b->granular && a->target == b->target && a->base == b->base &&
           a->limit == b->limit;
}

const char *fake_check(struct fake *f)
{
    const char *bad = rt_kernel_check(f->k);
    for (uint32_t i = 0; !bad && i < f->k->slots; i++) {
        const struct object *o = &f->k->slot[i];
        bool used = o->use == USE_OBJECT || o->use == USE_CODE;
        if (o->use == USE_FIXED) continue;
        if (used != f->present[i]) return "a slot and its descriptor disagree";
        if (used && !same(&o->seg, &f->gdt[i])) return "a descriptor is not the object's";
    }
    return bad;
}
