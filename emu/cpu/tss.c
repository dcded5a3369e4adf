/* tss.c: task state segments in memory, both formats. */
#include "tss.h"

struct tss_format {
    uint8_t size;                       /* of EIP, EFLAGS and the general registers */
    uint8_t eip, eflags, gpr, sel, ldt; /* offsets; sel: ES CS SS DS [FS GS], `size` apart */
    uint8_t sel_count;
    uint8_t first_saved, last_saved, first_read, last_read;
};
static const struct tss_format format16 = {2, 0x0e, 0x10, 0x12, 0x22, 0x2a,
                                           4, 0x0e, 0x29, 0x0e, 0x2b};
static const struct tss_format format32 = {4, 0x20, 0x24, 0x28, 0x48, 0x60,
                                           6, 0x20, 0x5d, 0x1c, 0x65};
#define TSS_CR3   0x1cu
#define TSS_T_BIT 0x64u

static const struct tss_format *format_of(const struct shadow *tss)
{
    return tss_is32(tss) ? &format32 : &format16;
}

struct tss_image tss_image_of(const struct i386_state *s, uint32_t eip, uint32_t eflags)
{
    struct tss_image image = {.eip = eip, .eflags = eflags};
    for (unsigned i = 0; i < 8; i++)
        image.gpr[i] = s->gpr[i];
    for (unsigned i = 0; i < SEGREG_COUNT; i++)
        image.sel[i] = s->seg[i].sel;
    return image;
}

static struct tss_part part_of(const struct shadow *tss, uint8_t first, uint8_t last)
{
    return (struct tss_part){tss->base + first, last - first + 1u};
}

struct tss_part tss_saved(const struct shadow *tss)
{
    const struct tss_format *f = format_of(tss);
    return part_of(tss, f->first_saved, f->last_saved);
}

struct tss_part tss_fetched(const struct shadow *tss)
{
    const struct tss_format *f = format_of(tss);
    return part_of(tss, f->first_read, f->last_read);
}

static fault_t touch(struct i386_cpu *cpu, const struct shadow *tss, unsigned first, unsigned last,
                     enum access access)
{
    return sys_touch(cpu, lin(tss->base + first), last - first + 1, access);
}

fault_t tss_touch_save(struct i386_cpu *cpu, const struct shadow *tss)
{
    const struct tss_format *f = format_of(tss);
    return touch(cpu, tss, f->first_saved, f->last_saved, ACCESS_WRITE);
}

fault_t tss_touch_load(struct i386_cpu *cpu, const struct shadow *tss)
{
    const struct tss_format *f = format_of(tss);
    return touch(cpu, tss, f->first_read, f->last_read, ACCESS_READ);
}

fault_t tss_save(struct i386_cpu *cpu, const struct shadow *tss, const struct tss_image *image)
{
    const struct tss_format *f = format_of(tss);
    uint32_t base = tss->base;
    TRY(sys_write(cpu, lin(base + f->eip), f->size, image->eip));
    TRY(sys_write(cpu, lin(base + f->eflags), f->size, image->eflags));
    for (unsigned i = 0; i < 8; i++)
        TRY(sys_write(cpu, lin(base + f->gpr + i * f->size), f->size, image->gpr[i]));
    for (unsigned i = 0; i < f->sel_count; i++)
        TRY(sys_write(cpu, lin(base + f->sel + i * f->size), 2, image->sel[i]));
    return fault_none();
}

static fault_t read16(struct i386_cpu *cpu, uint32_t at, uint16_t *out)
{
    uint32_t value;
    TRY(sys_read(cpu, lin(at), 2, &value));
    *out = (uint16_t)value;
    return fault_none();
}

static fault_t load_registers(struct i386_cpu *cpu, uint32_t base, const struct tss_format *f,
                              struct tss_image *image)
{
    uint32_t upper = ~size_mask(f->size);
    bool kept = cpu->documented; /* the registers of the old task are still there */
    TRY(sys_read(cpu, lin(base + f->eip), f->size, &image->eip));
    TRY(sys_read(cpu, lin(base + f->eflags), f->size, &image->eflags));
    for (unsigned i = 0; i < 8; i++) {
        TRY(sys_read(cpu, lin(base + f->gpr + i * f->size), f->size, &image->gpr[i]));
        image->gpr[i] |= kept ? cpu->s.gpr[i] & upper : upper;
    }
    for (unsigned i = 0; i < f->sel_count; i++)
        TRY(read16(cpu, base + f->sel + i * f->size, &image->sel[i]));
    return read16(cpu, base + f->ldt, &image->ldt);
}

static fault_t load_386_fields(struct i386_cpu *cpu, uint32_t base, struct tss_image *image)
{
    uint16_t t;
    TRY(sys_read(cpu, lin(base + TSS_CR3), 4, &image->cr3));
    TRY(read16(cpu, base + TSS_T_BIT, &t));
    image->trap = t & 1u;
    image->has_cr3 = true;
    return fault_none();
}

fault_t tss_load(struct i386_cpu *cpu, const struct shadow *tss, struct tss_image *image)
{
    *image = (struct tss_image){0};
    TRY(load_registers(cpu, tss->base, format_of(tss), image));
    return tss_is32(tss) ? load_386_fields(cpu, tss->base, image) : fault_none();
}
