/* kernel.c: life of the kernel, its queue of effects, and its hands on physical memory. */
#include "kn.h"
#include "queue.h"
#include "request.h"

#include <stdlib.h>
#include <string.h>

#include "bits.h"

#define RAM_MIN    0x200000u
#define START_TIME 694224000u /* 1 January 2000 */

static bool config_fill(struct rt_kernel *k, const struct rt_config *config)
{
    k->config = *config;
    uint32_t base = (config->ram_base + PAGE - 1) & ~(PAGE - 1);
    if (base < config->ram_base || (uint64_t)config->ram_base + config->ram_size > 1ull << 32)
        return false;
    if (config->ram_size < base - config->ram_base) return false;
    k->config.ram_size = (config->ram_size - (base - config->ram_base)) & ~(PAGE - 1);
    k->config.ram_base = base;
    if (k->config.ram_size < RAM_MIN || base > KERNEL_SIZE - RAM_MIN) return false;
    if (k->config.gdt_slots == 0 || k->config.gdt_slots > 8192) k->config.gdt_slots = 8192;
    if (k->config.gdt_slots < SLOT_CALL_GATE + 1) k->config.gdt_slots = SLOT_CALL_GATE + 1;
    if (k->config.low_tick_us == 0 || k->config.low_tick_us > HIGH_TICK_US)
        k->config.low_tick_us = 500;
    if (k->config.xm_size == 0 || k->config.xm_size > XM_SIZE) k->config.xm_size = XM_SIZE;
    if (k->config.start_time == 0) k->config.start_time = START_TIME;
    k->clock_base = k->config.start_time * 1000000;
    k->slots = k->config.gdt_slots;
    k->frames = k->config.ram_size / PAGE;
    uint32_t low = (KERNEL_SIZE - base) / PAGE;
    k->low_frames = k->frames < low ? k->frames : low;
    return true;
}

/* The processes that boot will bring to life: all host memory is taken here, so boot cannot fail. */
static bool system_records(struct rt_kernel *k)
{
    k->root = process_record(k, "ROOT", 3840);
    k->idle = k->root ? process_record(k, "IDLE", 0) : NULL;
    return k->idle && blocks_reserve(k->root, 1) && blocks_reserve(k->idle, 1) &&
           fault_reserve(k) && sysinfo_reserve(k);
}

struct rt_kernel *kernel_room(const struct rt_config *config, const struct rt_port *port)
{
    struct rt_kernel *k = calloc(1, sizeof *k);
    if (!k) return NULL;
    k->port = *port;
    k->alarm = NEVER;
    if (!config_fill(k, config)) {
        free(k);
        return NULL;
    }
    k->queue_size = k->slots * 2 + 256;
    k->slot = calloc(k->slots, sizeof *k->slot);
    k->frame = calloc(k->frames, sizeof *k->frame);
    k->queue = calloc(k->queue_size, sizeof *k->queue);
    k->text = calloc(1, CONSOLE_CHUNK + 1);
    k->kn_region = calloc(KN_REGIONS, sizeof *k->kn_region);
    if (k->slot && k->kn_region && k->frame && k->queue && k->text && shared_new(k)) return k;
    rt_kernel_free(k);
    return NULL;
}

struct rt_kernel *rt_kernel_new(const struct rt_config *config, const struct rt_port *port)
{
    struct rt_kernel *k = kernel_room(config, port);
    if (!k) return NULL;
    if (!system_records(k)) {
        rt_kernel_free(k);
        return NULL;
    }
    slots_init(k);
    return k;
}

void rt_kernel_free(struct rt_kernel *k)
{
    if (!k) return;
    for (unsigned i = 0; i < k->process_count; i++)
        process_forget(k->process[i]);
    for (uint32_t i = 0; k->slot && i < k->slots; i++)
        object_forget(&k->slot[i]);
    net_forget(&k->in_handler); /* a snapshot that was refused can have left one */
    free(k->in_handler.request);
    fault_unreserve(k);
    loads_free(k);
    sponsors_free(k);
    free(k->process);
    queue_forget_all(k);
    free(k->kn_region);
    free(k->shared);
    free(k->slot);
    free(k->frame);
    free(k->queue);
    free(k->text);
    free(k->packet);
    free(k);
}

void rt_kernel_observe(struct rt_kernel *k, const struct rt_observer *observer)
{
    k->observer = observer ? *observer : (struct rt_observer){0};
}

/* --- effects --- */

struct rt_effect *fx_add(struct rt_kernel *k, enum rt_fx_kind kind)
{
    if (k->queue_count == k->queue_size) {
        k->queue_lost = true; /* rt_kernel_check reports it */
        k->queue_count--;
    }
    unsigned at = (k->queue_head + k->queue_count++) % k->queue_size;
    k->queue[at] = (struct rt_effect){.kind = (uint8_t)kind};
    return &k->queue[at];
}

void fx_flush(struct rt_kernel *k, struct rt_effects *fx)
{
    fx->count = 0;
    while (k->queue_count && fx->count < RT_FX_MAX) {
        fx->at[fx->count++] = k->queue[k->queue_head];
        k->queue_head = (k->queue_head + 1) % k->queue_size;
        k->queue_count--;
    }
    fx->more = k->queue_count != 0;
    if (!fx->more) k->flush = false;
}

void rt_kernel_more(struct rt_kernel *k, struct rt_effects *fx)
{
    fx_flush(k, fx);
}

void fx_translations(struct rt_kernel *k)
{
    if (k->flush) return;
    k->flush = true;
    fx_add(k, RT_FX_FLUSH);
}

const char *kernel_text(struct rt_kernel *k, const char *text)
{
    size_t n = strlen(text);
    if (n > CONSOLE_CHUNK) n = CONSOLE_CHUNK;
    memmove(k->text, text, n);
    k->text[n] = 0;
    return k->text;
}

/* --- physical memory --- */

void phys_put(struct rt_kernel *k, uint32_t at, const void *from, uint32_t n)
{
    k->port.phys_write(k->port.ctx, at, from, n);
}

void phys_put32(struct rt_kernel *k, uint32_t at, uint32_t value)
{
    uint8_t bytes[4];
    put32(bytes, value);
    phys_put(k, at, bytes, 4);
}

bool phys_get(const struct rt_kernel *k, uint32_t at, void *to, uint32_t n)
{
    if (k->port.phys_read(k->port.ctx, at, to, n)) return true;
    memset(to, 0xff, n);
    return false;
}

void phys_zero(struct rt_kernel *k, uint32_t at, uint32_t n)
{
    static const uint8_t zero[PAGE];
    for (; n >= PAGE; n -= PAGE, at += PAGE)
        phys_put(k, at, zero, PAGE);
    if (n) phys_put(k, at, zero, n);
}
