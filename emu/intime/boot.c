/* boot.c: what stands in guest memory before the first process: GDT, page tables, IDT, the kernel's
 * few bytes of guest code, the idle thread, the root process.
 *
 *   code page  000  0F 3F 00  CA 04 00        call gate target: trap, RETF 4 (drops the code)
 *              010  FB F4 EB FC               idle: STI, HLT, JMP to the STI
 *              020  0F 3F 01  83 C4 08  CF    end of all stubs: trap, ADD ESP,8, IRET
 *              100  stubs, 12 bytes each:     [PUSH 0] PUSH vector, JMP 020
 *                   vector 7 (#NM):           CLTS, IRET
 *                   shared interrupts:        JMP 040, where intdeliver.c has its code
 *
 * A task switch sets TS, so a thread's first coprocessor instruction raises #NM: the stub clears TS and
 * lets the instruction run again. The coprocessor's state has changed hands at the switch already: the
 * machine does that (emu/machine/port.c).
 *
 * A stub pushes a 0 where the processor pushed no error code, so the trap always finds
 * vector, error code, EIP, CS, EFLAGS [, ESP, SS].
 */
#include <string.h>

#include "bits.h"
#include "fault.h"
#include "kernel.h"

#define GATE_OFF      0x000u
#define IDLE_OFF      0x010u
#define STUB_TAIL_OFF 0x020u
#define STUB_OFF      0x100u
#define STUB_SIZE     12u
#define IDLE_TSS_OFF  0x800u /* in the IDT's page; the idle stack is the page's end */
#define FLAGS_START   0x202u
#define PC_WINDOW     0xA0000u
#define PC_WINDOW_END 0x100000u
#define CS_KERNEL     (SLOT_KERNEL_CS << 3)
#define DS_KERNEL     (SLOT_KERNEL_DS << 3)

static uint32_t boot_take(struct rt_kernel *k, uint32_t pages)
{
    uint32_t i = frame_find(k, pages, PAGE, k->low_frames);
    frame_take(k, k->root, i, pages);
    return frame_phys(k, i);
}

static void boot_window(struct rt_kernel *k)
{
    uint32_t end = k->config.ram_base + k->low_frames * PAGE;
    uint32_t table = 0;
    for (uint32_t at = k->config.ram_base; at < end; at += PAGE) {
        if (!table || at % VSEG_UNIT == 0) {
            table = boot_take(k, 1);
            phys_put32(k, k->directory + (kernel_lin(at) >> 22) * 4, table | PTE_P | PTE_W);
        }
        phys_put32(k, table + (at >> 12 & 1023) * 4, at | PTE_P | PTE_W);
    }
}

/* chain: to the handlers of a shared vector, not to the trap. */
static void stub_code(struct rt_kernel *k, unsigned vector, bool chain)
{
    uint32_t target = chain ? CHAIN_OFF : STUB_TAIL_OFF, at = STUB_OFF + vector * STUB_SIZE;
    uint8_t stub[STUB_SIZE];
    unsigned n = 0;
    memset(stub, 0x90, sizeof stub);
    if (vector == VEC_NM) {
        memcpy(stub, (const uint8_t[]){0x0F, 0x06, 0xCF}, 3);
        phys_put(k, k->code + at, stub, sizeof stub);
        return;
    }
    if (!vector_has_error(vector)) {
        stub[n++] = 0x6A;
        stub[n++] = 0;
    }
    stub[n++] = 0x68;
    put32(stub + n, vector);
    n += 4;
    stub[n++] = 0xE9;
    put32(stub + n, target - (at + n + 4));
    phys_put(k, k->code + at, stub, sizeof stub);
}

static void boot_code(struct rt_kernel *k)
{
    static const uint8_t gate[] = {0x0F, 0x3F, RT_POINT_CALL, 0xCA, 0x04, 0x00};
    static const uint8_t idle[] = {0xFB, 0xF4, 0xEB, 0xFC};
    static const uint8_t tail[] = {0x0F, 0x3F, RT_POINT_FAULT, 0x83, 0xC4, 0x08, 0xCF};
    phys_put(k, k->code + GATE_OFF, gate, sizeof gate);
    phys_put(k, k->code + IDLE_OFF, idle, sizeof idle);
    phys_put(k, k->code + STUB_TAIL_OFF, tail, sizeof tail);
    chain_code(k);
    for (unsigned v = 0; v < 256; v++)
        stub_code(k, v, false);
}

void gate_put(struct rt_kernel *k, unsigned vector, uint16_t selector, uint32_t offset)
{
    unsigned dpl = vector == VEC_BP || vector == VEC_OF ? 3 : 0;
    phys_put32(k, k->idt + vector * 8, (uint32_t)selector << 16 | (offset & 0xffff));
    phys_put32(k, k->idt + vector * 8 + 4, (offset & 0xffff0000u) | 0x8E00u | dpl << 13);
}

void stub_put(struct rt_kernel *k, unsigned vector, bool chain)
{
    stub_code(k, vector, chain);
    gate_put(k, vector, CS_KERNEL, kernel_lin(k->code) + STUB_OFF + vector * STUB_SIZE);
}

/* Interrupt gates; INT3 and INTO may be called from ring 3 [386 9.5]. */
static void boot_idt(struct rt_kernel *k)
{
    for (unsigned v = 0; v < 256; v++)
        gate_put(k, v, CS_KERNEL, kernel_lin(k->code) + STUB_OFF + v * STUB_SIZE);
}

static void boot_idle(struct rt_kernel *k)
{
    uint32_t stack = kernel_lin(k->idt) + PAGE, tss = k->idle_tss;
    phys_put32(k, tss + 0x04, stack);
    phys_put32(k, tss + 0x08, DS_KERNEL);
    phys_put32(k, tss + 0x1C, k->directory);
    phys_put32(k, tss + 0x20, kernel_lin(k->code) + IDLE_OFF);
    phys_put32(k, tss + 0x24, FLAGS_START);
    phys_put32(k, tss + 0x38, stack);
    for (uint32_t off = 0x48; off <= 0x5C; off += 4)
        phys_put32(k, tss + off, off == 0x4C ? CS_KERNEL : DS_KERNEL);
    phys_put32(k, tss + 0x64, 104u << 16);
}

static void boot_slots(struct rt_kernel *k)
{
    struct rt_segdef cs = {.kind = RT_SEG_CODE, .granular = true, .limit = 0xffffffffu};
    struct rt_segdef ds = {.kind = RT_SEG_DATA, .granular = true, .limit = 0xffffffffu};
    struct rt_segdef tss = {.kind = RT_SEG_TSS, .base = kernel_lin(k->idle_tss), .limit = 103};
    struct rt_segdef block = {.kind = RT_SEG_DATA, .dpl = 3, .limit = PAGE - 1};
    struct rt_segdef gate = {.kind = RT_SEG_CALLGATE,
                             .dpl = 3,
                             .count = 1,
                             .target = CS_KERNEL,
                             .base = kernel_lin(k->code) + GATE_OFF};
    slot_fix(k, SLOT_KERNEL_CS, &cs);
    slot_fix(k, SLOT_KERNEL_DS, &ds);
    slot_fix(k, SLOT_IDLE_TSS, &tss);
    slot_fix(k, SLOT_THREAD_BLOCK, &block);
    slot_fix(k, SLOT_CALL_GATE, &gate);
}

static void boot_texts(struct rt_kernel *k)
{
    uint8_t pages[TEXT_PAGES * PAGE];
    status_fill(pages);
    phys_put(k, k->texts, pages, sizeof pages);
}

/* The first page (real-mode vectors) and the adapters' window of a PC are not handed out. */
static void boot_reserve(struct rt_kernel *k)
{
    for (uint32_t i = 0; i < k->frames && frame_phys(k, i) < PC_WINDOW_END; i++) {
        uint32_t at = frame_phys(k, i);
        if (at != 0 && at < PC_WINDOW) continue;
        pool_take(k->root, 1);
        k->frame[i] = (struct frame){.owner = k->root, .refs = 1};
    }
    while (k->frame[k->first_free].owner)
        k->first_free++;
}

static void boot_layout(struct rt_kernel *k)
{
    boot_reserve(k);
    k->gdt = boot_take(k, (k->slots * 8 + PAGE - 1) / PAGE);
    k->directory = boot_take(k, 1);
    k->idt = boot_take(k, 1);
    k->idle_tss = k->idt + IDLE_TSS_OFF;
    k->code = boot_take(k, 1);
    k->texts = boot_take(k, TEXT_PAGES);
    boot_window(k);
    boot_code(k);
    boot_idt(k);
    boot_idle(k);
    boot_texts(k);
    boot_slots(k);
}

bool rt_kernel_boot(struct rt_kernel *k, struct rt_boot *boot, struct rt_effects *fx)
{
    if (!k->booted) {
        k->booted = true;
        k->root->pool = (struct pool){k->frames, k->frames, k->frames, 0, 0};
        boot_layout(k);
        k->running = SLOT_IDLE_TSS << 3;
        process_system(k, k->root, SLOT_ROOT);
        process_system(k, k->idle, SLOT_IDLE_PROCESS);
        dir_add(k, k->root, "R?IDLE", k->idle->handle);
        sysinfo_make(k);
        int_boot(k);
        fault_boot(k);
    }
    *boot = (struct rt_boot){.gdt_base = kernel_lin(k->gdt),
                             .gdt_limit = k->slots * 8 - 1,
                             .idt_base = kernel_lin(k->idt),
                             .idt_limit = 256 * 8 - 1,
                             .cr3 = k->directory,
                             .cs = CS_KERNEL,
                             .ss = DS_KERNEL,
                             .ds = DS_KERNEL,
                             .tr = SLOT_IDLE_TSS << 3,
                             .eip = kernel_lin(k->code) + IDLE_OFF,
                             .esp = kernel_lin(k->idt) + PAGE};
    fx_flush(k, fx);
    return fx->more;
}
