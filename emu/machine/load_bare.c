/* load_bare.c: guests without a personality: multiboot kernels, ELF programs, flat binaries, boot
 * sectors, ROMs. Each starts in the state that its own world promises.
 *
 *   multiboot  [Multiboot 1, 3.2]: protected mode, flat 4 GB segments, EAX = 2BADB002, EBX -> info
 *   ELF, raw   the same segments, ESP below 0x90000, EAX = EBX = 0
 *   boot       real mode, 0000:7C00, DL = 80h
 *   BIOS       the state after RESET; the ROM ends at 4 GB and, its last 128 KB at most, at 1 MB
 *
 * A GDT with the flat descriptors lies in the loader's page, so that a guest that reloads a segment
 * register before its own LGDT meets what its loader promised. That page is the first one below
 * 0x8f000 that the image leaves free; a file that leaves none is refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

#define STACK_TOP 0x90000u
/* Layout of the loader's page: flat GDT, information structure, memory map, command line, name. */
#define PAGE_INFO 0x040u
#define PAGE_MMAP 0x100u
#define PAGE_TEXT 0x200u
#define PAGE_NAME 0x600u

static bool poke32(rt386 *m, uint32_t at, uint32_t v)
{
    uint8_t b[4];
    put32(b, v);
    return bus_poke(m->bus, phys(at), b, 4);
}

static void flat_segment(rt386 *m, enum segreg reg, uint16_t sel, desc_t d)
{
    cpu_seg_poke(&m->cpu, reg, (struct seg){.sel = sel, .sh = shadow_of(desc_with_accessed(d))});
}

/* The first page from 0x1000 on that no segment touches. */
static uint32_t loader_page(const struct image *im)
{
    for (uint32_t at = PAGE_SIZE; at < STACK_TOP - PAGE_SIZE; at += PAGE_SIZE) {
        bool taken = false;
        for (size_t i = 0; i < im->segment_count && !taken; i++) {
            const struct image_segment *s = &im->segments[i];
            taken = s->paddr < at + PAGE_SIZE && (uint64_t)s->paddr + s->mem_size > at;
        }
        if (!taken) return at;
    }
    return 0;
}

static void enter_flat(rt386 *m, uint32_t entry, uint32_t page)
{
    struct i386_state *s = &m->cpu.s;
    desc_t code = desc_make(0, 0xffffffffu, ACC_PRESENT | ACC_S | ACC_CODE | ACC_READ, true, true);
    desc_t data = desc_make(0, 0xffffffffu, ACC_PRESENT | ACC_S | ACC_WRITE, true, true);
    uint8_t gdt[24] = {0};
    put64(gdt + 8, code.raw);
    put64(gdt + 16, data.raw);
    bus_poke(m->bus, phys(page), gdt, sizeof gdt);
    s->gdtr = (struct dtable){page, sizeof gdt - 1};
    s->idtr = (struct dtable){
        0, 0}; /* the first exception is a triple fault until the guest has an IDT */
    s->cr0 |= CR0_PE;
    flat_segment(m, CS, 0x08, code);
    for (unsigned r = 0; r < SEGREG_COUNT; r++)
        if (r != CS) flat_segment(m, (enum segreg)r, 0x10, data);
    s->cpl = 0;
    s->eip = entry;
    s->eflags = FL_1;
    memset(s->gpr, 0, sizeof s->gpr);
    s->gpr[ESP] = STACK_TOP;
}

/* Segments to their physical addresses. */
static rt386_status place_segments(rt386 *m, const struct loaded *file)
{
    const struct image *im = file->image;
    for (size_t i = 0; i < im->segment_count; i++) {
        const struct image_segment *s = &im->segments[i];
        uint64_t end = (uint64_t)s->paddr + s->mem_size;
        if (end > m->config.memory)
            return machine_fail(
                m, RT386_E_FORMAT,
                "%s: segment at 0x%08x needs memory up to 0x%llx, the machine has 0x%x: "
                "give more with --memory",
                file->name, s->paddr, (unsigned long long)end, m->config.memory);
        if (!bus_poke(m->bus, phys(s->paddr), s->bytes, s->file_size) ||
            !bus_fill(m->bus, phys(s->paddr + s->file_size), 0, s->mem_size - s->file_size))
            return machine_fail(m, RT386_E_FORMAT, "%s: segment at 0x%08x is not memory",
                                file->name, s->paddr);
    }
    return RT386_OK;
}

static uint32_t join_command_line(const rt386_load_options *o, const char *name, char *to,
                                  size_t size)
{
    size_t n = (size_t)snprintf(to, size, "%s", name);
    for (int i = 0; i < o->argc && n < size; i++)
        n += (size_t)snprintf(to + n, size - n, " %s", o->argv[i]);
    return (uint32_t)(n < size ? n + 1 : size);
}

/* The information structure: memory sizes, command line, memory map, loader name. */
static void multiboot_info(rt386 *m, const struct loaded *file, const rt386_load_options *o,
                           uint32_t page)
{
    const uint32_t info = page + PAGE_INFO, text = page + PAGE_TEXT;
    char line[1024];
    uint32_t length = join_command_line(o, file->name, line, sizeof line);
    static const char loader[] = "rt386";
    uint32_t upper = (m->config.memory - 0x100000) >> 10;
    poke32(m, info, 1u << 0 | 1u << 2 | 1u << 6 | 1u << 9);
    poke32(m, info + 4, 640);
    poke32(m, info + 8, upper);
    poke32(m, info + 16, text);
    poke32(m, info + 44, 48);
    poke32(m, info + 48, page + PAGE_MMAP);
    poke32(m, info + 64, page + PAGE_NAME);
    const uint32_t ranges[2][2] = {{0, 0xa0000}, {0x100000, m->config.memory - 0x100000}};
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t at = page + PAGE_MMAP + 24 * i;
        poke32(m, at, 20); /* size of the entry, not counting this field */
        poke32(m, at + 4, ranges[i][0]);
        poke32(m, at + 12, ranges[i][1]);
        poke32(m, at + 20, 1);
    }
    bus_poke(m->bus, phys(text), line, length);
    bus_poke(m->bus, phys(page + PAGE_NAME), loader, sizeof loader);
}

static void enter_boot_sector(rt386 *m)
{
    struct i386_state *s = &m->cpu.s;
    for (unsigned r = 0; r < SEGREG_COUNT; r++) {
        struct seg seg = {.sel = 0, .sh = shadow_real(s->seg[r].sh, 0)};
        cpu_seg_poke(&m->cpu, (enum segreg)r, seg);
    }
    s->eip = 0x7c00;
    s->gpr[EDX] = 0x80;
    s->gpr[ESP] = 0x7c00;
    s->eflags = FL_1;
}

rt386_status load_bare(rt386 *m, struct loaded *file, const rt386_load_options *o)
{
    rt386_status st = machine_map_ram(m, false);
    if (st == RT386_OK) st = place_segments(m, file);
    if (st != RT386_OK) return st;
    const struct image *im = file->image;
    if (im->kind == IMAGE_BOOT) {
        enter_boot_sector(m);
    } else {
        uint32_t page = loader_page(im);
        if (!page)
            return machine_fail(m, RT386_E_FORMAT,
                                "%s: it fills all memory below 0x8f000; link it at 1 MB",
                                file->name);
        enter_flat(m, im->entry, page);
        if (im->kind == IMAGE_MULTIBOOT) {
            multiboot_info(m, file, o, page);
            m->cpu.s.gpr[EAX] = 0x2badb002u;
            m->cpu.s.gpr[EBX] = page + PAGE_INFO;
        }
    }
    m->bare = true;
    return RT386_OK;
}

rt386_status load_bios(rt386 *m, const uint8_t *bytes, size_t n)
{
    if (m->bare || m->kernel)
        return machine_fail(m, RT386_E_STATE,
                            "a ROM needs a machine in which nothing else is loaded");
    if (n < 16 || n > 0x1000000 || n % 4096)
        return machine_fail(
            m, RT386_E_FORMAT,
            "a ROM image is a multiple of 4096 bytes, at most 16 MB; this one has %zu", n);
    rt386_status st = machine_map_ram(m, true);
    if (st != RT386_OK) return st;
    size_t low = n < 0x20000 ? n : 0x20000;
    if (bus_map_rom(m->bus, phys((uint32_t)(0x100000 - low)), bytes + (n - low), low,
                    "ROM below 1 MB") ||
        bus_map_rom(m->bus, phys((uint32_t)-n), bytes, n, "ROM"))
        return machine_fail(m, RT386_E_CLASH, "the ROM's place is taken");
    cpu_reset(&m->cpu);
    m->bare = true;
    return RT386_OK;
}
