/* record_head.c: what the head of a trace tells of the machine: its configuration, its registers, the files that are loaded. */
#include <stdio.h>

#include "record.h"

void record_config_text(const rt386 *m, char *to, size_t size)
{
    const rt386_config *c = &m->config;
    snprintf(to, size,
             "memory=%u clock=%llu cpu=%d undefined=%d wait=%u misaligned=%u walk=%u start=%llu "
             "tick=%u fault=%d missing=%d post=%u net=%d",
             c->memory, (unsigned long long)c->clock_hz, (int)m->cpu.level, (int)c->undefined,
             c->wait_states, c->misaligned_clocks, c->page_walk_clocks,
             (unsigned long long)c->start_time, c->kernel_tick_us, (int)c->on_fault,
             c->missing_fails, c->post_port, m->net != NULL);
}

#define IMAGE_TEXT 128u
#define IMAGES     32u /* that the head names, at most */

bool record_image_text(const rt386 *m, unsigned index, char *to, size_t size)
{
    const struct loaded *l = index < m->loaded_count ? m->loaded[index] : NULL;
    if (!l || !l->image) return false;
    uint32_t first = l->image->segment_count ? l->image->segments[0].vaddr : l->image->entry;
    snprintf(to, size, "%s, linear %08x, XXH3 %016llx", l->name, l->linear_base + l->delta + first,
             (unsigned long long)trace_hash(l->bytes, l->image->file_size));
    return true;
}

/* image.1 ...: the files that are loaded. */
static unsigned image_pairs(const rt386 *m, struct trace_pair *to, char key[IMAGES][12],
                            char value[IMAGES][IMAGE_TEXT])
{
    unsigned n = 0;
    for (; n < IMAGES && record_image_text(m, n, value[n], IMAGE_TEXT); n++) {
        snprintf(key[n], sizeof key[n], "image.%u", n + 1);
        to[n] = (struct trace_pair){key[n], value[n]};
    }
    return n;
}

struct trace_writer *record_writer(const rt386 *m, const rt386_record_options *o)
{
    unsigned count;
    const struct state_field *f = state_fields(&count);
    const char *name[CODER_FIELDS];
    uint8_t bits[CODER_FIELDS];
    for (unsigned i = 0; i < count && i < CODER_FIELDS; i++) {
        name[i] = f[i].name;
        bits[i] = f[i].bits;
    }
    char tool[32], config[256];
    record_config_text(m, config, sizeof config);
    snprintf(tool, sizeof tool, "rt386 %s", rt386_version());
    char key[IMAGES][12], value[IMAGES][IMAGE_TEXT];
    struct trace_pair pair[4 + IMAGES] = {{"tool", tool},
                                          {"records", o->instructions ? "all" : "none"},
                                          {"guest", o->guest ? o->guest : ""},
                                          {"config", config}};
    unsigned images = image_pairs(m, pair + 4, key, value);
    struct trace_head head = {
        .field = name, .bits = bits, .fields = count, .pair = pair, .pairs = 4 + images};
    return trace_writer_new(&head, o->put, o->put_ctx);
}
