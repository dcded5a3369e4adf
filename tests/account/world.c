#include "world.h"

void world_put(rt386 *m, uint32_t at, uint64_t value, unsigned n)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
    cr_assert_eq(rt386_poke(m, (rt386_addr){.space = RT386_PHYS, .at = at}, bytes, n), RT386_OK);
}

uint64_t world_get(const rt386 *m, uint32_t at, unsigned n)
{
    uint8_t bytes[8] = {0};
    uint64_t value = 0;
    cr_assert_eq(rt386_peek(m, (rt386_addr){.space = RT386_PHYS, .at = at}, bytes, n), RT386_OK);
    for (unsigned i = 0; i < n; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

void world_set(rt386 *m, const char *reg, uint64_t value)
{
    cr_assert_eq(rt386_reg_set(m, reg, value), RT386_OK, "%s", reg);
}

uint64_t world_reg(const rt386 *m, const char *reg)
{
    uint64_t value = 0;
    cr_assert_eq(rt386_reg_get(m, reg, &value), RT386_OK, "%s", reg);
    return value;
}

void world_segment(rt386 *m, uint32_t entry_at, uint32_t base, uint32_t limit, uint8_t access,
                   uint8_t flags)
{
    uint64_t d = (limit & 0xffff) | (uint64_t)(base & 0xffffff) << 16 | (uint64_t)access << 40 |
                 (uint64_t)(limit >> 16 & 0xf) << 48 | (uint64_t)flags << 52 |
                 (uint64_t)(base >> 24) << 56;
    world_put(m, entry_at, d, 8);
}

void world_gate(rt386 *m, uint32_t entry_at, uint16_t selector, uint32_t offset, uint8_t access,
                uint8_t count)
{
    uint64_t d = (offset & 0xffff) | (uint64_t)selector << 16 | (uint64_t)count << 32 |
                 (uint64_t)access << 40 | (uint64_t)(offset >> 16) << 48;
    world_put(m, entry_at, d, 8);
}

void world_seg(rt386 *m, rt386_segreg reg, uint16_t selector, uint32_t base, uint32_t limit,
               uint8_t access)
{
    bool down = (access & 0x1c) == 0x14;
    rt386_seg seg = {.selector = selector,
                     .usable = true,
                     .base = base,
                     .limit = limit,
                     .lo = down ? limit + 1 : 0,
                     .hi = down ? 0xffff : limit,
                     .access = access,
                     .flags = limit == 0xffffffff ? 0xc : 0x4};
    if (down) seg.flags = 0;
    cr_assert_eq(rt386_seg_poke(m, reg, &seg), RT386_OK);
}

static void set_gdt(rt386 *m)
{
    world_segment(m, GDT_AT + CODE0, 0, 0xfffff, 0x9b, 0xc);
    world_segment(m, GDT_AT + DATA0, 0, 0xfffff, 0x93, 0xc);
    world_segment(m, GDT_AT + CODE3, 0, 0xfffff, 0xfb, 0xc);
    world_segment(m, GDT_AT + DATA3, 0, 0xfffff, 0xf3, 0xc);
    world_segment(m, GDT_AT + TSSA, TSSA_AT, 0x67, 0x8b, 0);
    world_segment(m, GDT_AT + TSSB, TSSB_AT, 0x67, 0x89, 0);
    world_gate(m, GDT_AT + CALL, CODE0, HANDLER, 0xec, 0);
    world_segment(m, GDT_AT + LDT, LDT_AT, 0x1f, 0x82, 0);
    world_segment(m, GDT_AT + CONF, 0, 0xfffff, 0x9f, 0xc);
    world_segment(m, GDT_AT + TSS16, TSS16_AT, 0x2b, 0x81, 0);
    world_gate(m, GDT_AT + TASK, TSSB, 0, 0xe5, 0);
    world_set(m, "gdtr_base", GDT_AT);
    world_set(m, "gdtr_limit", GDT_LIMIT);
}

/* Every vector to ring 0; 40h an interrupt gate for ring 3, 41h a trap gate, 42h a task gate. */
static void set_idt(rt386 *m)
{
    for (unsigned v = 0; v < 256; v++)
        world_gate(m, IDT_AT + 8 * v, CODE0, HANDLER, 0x8e, 0);
    world_gate(m, IDT_AT + 8 * 0x40, CODE0, HANDLER, 0xee, 0);
    world_gate(m, IDT_AT + 8 * 0x41, CODE0, HANDLER, 0xef, 0);
    world_gate(m, IDT_AT + 8 * 0x42, TSSB, 0, 0xe5, 0);
    world_set(m, "idtr_base", IDT_AT);
    world_set(m, "idtr_limit", 0x7ff);
}

/* Task B: ring 0. */
static void set_tasks(rt386 *m)
{
    world_put(m, TSSA_AT + 4, STACK0, 4);
    world_put(m, TSSA_AT + 8, DATA0, 2);
    world_put(m, TSSA_AT + 0x66, 0x68, 2);
    world_put(m, TSSB_AT + 0x20, TASK_ENTRY, 4);
    world_put(m, TSSB_AT + 0x24, 2, 4);
    world_put(m, TSSB_AT + 0x38, STACK0 - 0x100, 4);
    static const uint16_t sel[] = {DATA0, CODE0, DATA0, DATA0, 0, 0};
    for (unsigned i = 0; i < 6; i++)
        world_put(m, TSSB_AT + 0x48 + 4 * i, sel[i], 2);
    world_put(m, TSSB_AT + 0x66, 0x68, 2);
    world_seg(m, RT386_TR, TSSA, TSSA_AT, 0x67, 0x8b);
    world_set(m, "tr_flags", 0);
}

rt386 *world_new(unsigned cpl, const void *code, size_t n, rt386_cpu cpu)
{
    rt386_config config = {.size = sizeof config, .memory = 2u << 20, .cpu = cpu};
    rt386_load_options o = {.size = sizeof o, .kind = RT386_IMAGE_RAW};
    uint8_t image[0x1000];
    rt386 *m;
    memset(image, 0x90, sizeof image);
    memcpy(image, code, n);
    cr_assert_eq(rt386_create(&config, &m), RT386_OK);
    cr_assert_eq(rt386_load_bytes(m, image, sizeof image, &o), RT386_OK, "%s", rt386_error(m));
    set_gdt(m);
    set_idt(m);
    set_tasks(m);
    uint16_t data = (uint16_t)(cpl ? DATA3 + 3 : DATA0);
    static const rt386_segreg regs[] = {RT386_DS, RT386_ES, RT386_SS};
    for (unsigned i = 0; i < 3; i++)
        world_seg(m, regs[i], data, 0, 0xffffffff, cpl ? 0xf3 : 0x93);
    world_seg(m, RT386_CS, (uint16_t)(cpl ? CODE3 + 3 : CODE0), 0, 0xffffffff, cpl ? 0xfb : 0x9b);
    world_set(m, "cpl", cpl);
    world_set(m, "eip", CODE_AT);
    world_set(m, "esp", cpl ? STACK3 : STACK0);
    world_set(m, "eflags", 2);
    return m;
}

void world_paging(rt386 *m)
{
    world_put(m, DIR_AT, TABLE_AT | 3, 4);
    for (unsigned i = 0; i < 1024; i++)
        world_put(m, TABLE_AT + 4 * i, i << 12 | 3, 4);
    world_set(m, "cr3", DIR_AT);
    world_set(m, "cr0", world_reg(m, "cr0") | 0x80000000u);
}

void world_v86(rt386 *m, unsigned iopl)
{
    static const rt386_segreg regs[] = {RT386_ES, RT386_CS, RT386_SS, RT386_DS, RT386_FS, RT386_GS};
    for (unsigned i = 0; i < 6; i++) {
        uint16_t sel = (uint16_t)(regs[i] == RT386_CS ? 0xf000 : 0x800);
        rt386_seg seg = {.selector = sel,
                         .usable = true,
                         .base = (uint32_t)sel << 4,
                         .limit = 0xffff,
                         .hi = 0xffff,
                         .access = 0xf3};
        cr_assert_eq(rt386_seg_poke(m, regs[i], &seg), RT386_OK);
    }
    world_set(m, "cs_base", CODE_AT);
    world_set(m, "eip", 0);
    world_set(m, "esp", 0x1000);
    world_set(m, "eflags", 0x20002u | iopl << 12);
    world_set(m, "cpl", 3);
}

void world_real(rt386 *m)
{
    static const rt386_segreg regs[] = {RT386_ES, RT386_CS, RT386_SS, RT386_DS, RT386_FS, RT386_GS};
    for (unsigned i = 0; i < 6; i++) {
        rt386_seg seg = {.selector = (uint16_t)(regs[i] == RT386_CS ? 0xf000 : 0x800),
                         .usable = true,
                         .base = regs[i] == RT386_CS ? CODE_AT : 0x8000,
                         .limit = 0xffff,
                         .hi = 0xffff,
                         .access = 0x93};
        cr_assert_eq(rt386_seg_poke(m, regs[i], &seg), RT386_OK);
    }
    world_set(m, "cr0", 0);
    world_set(m, "cpl", 0);
    world_set(m, "eip", 0);
    world_set(m, "esp", 0x1000);
    world_set(m, "idtr_base", 0);
    world_set(m, "idtr_limit", 0x3ff);
    for (unsigned v = 0; v < 256; v++)
        world_put(m, 4 * v, 0x0700u << 16 | v, 4);
}

rt386_account *world_account(const rt386 *m)
{
    rt386_account *a;
    cr_assert_eq(rt386_account_next(m, &a), RT386_OK);
    return a;
}
