#include "thread_regs.h"
#include "bytes.h"

#include <string.h>

#define TSS_SIZE 104u

/* EIP, CS, EFLAGS or a parameter, ESP, SS, as a gate or an interrupt has pushed them. */
static void from_kernel_stack(const rt386 *m, uint32_t top, struct thread_regs *to)
{
    uint8_t frame[20];
    const rt386_addr at = {.space = RT386_LINEAR, .at = top - (uint32_t)sizeof frame};
    if (rt386_peek(m, at, frame, sizeof frame) != RT386_OK || !(frame[4] & 3)) return;
    to->eip = bytes_get32(frame);
    to->seg[RT386_CS] = (uint16_t)bytes_get32(frame + 4);
    to->gpr[4] = bytes_get32(frame + 12);
    to->seg[RT386_SS] = (uint16_t)bytes_get32(frame + 16);
}

bool thread_regs_get(const rt386 *m, uint16_t thread, struct thread_regs *to)
{
    static const uint8_t segs[6] = {[RT386_ES] = 0x48, [RT386_CS] = 0x4c, [RT386_SS] = 0x50,
                                    [RT386_DS] = 0x54, [RT386_FS] = 0x58, [RT386_GS] = 0x5c};
    uint8_t tss[TSS_SIZE];
    rt386_desc d;
    memset(to, 0, sizeof *to);
    if (rt386_table_entry(m, RT386_GDT, thread >> 3, &d, NULL) != RT386_OK ||
        d.kind != RT386_DESC_TSS32)
        return false;
    const rt386_addr at = {.space = RT386_LINEAR, .at = d.base};
    if (rt386_peek(m, at, tss, sizeof tss) != RT386_OK) return false;
    to->eip = bytes_get32(tss + 0x20);
    to->eflags = bytes_get32(tss + 0x24);
    for (unsigned i = 0; i < 8; i++)
        to->gpr[i] = bytes_get32(tss + 0x28 + 4 * i);
    for (unsigned i = 0; i < 6; i++)
        to->seg[i] = (uint16_t)bytes_get32(tss + segs[i]);
    if (!(to->seg[RT386_CS] & 3)) from_kernel_stack(m, bytes_get32(tss + 4), to);
    return true;
}

struct thread_regs thread_regs_of_fault(const rt386_thread_fault *f)
{
    struct thread_regs r = {.eip = f->eip, .eflags = f->eflags};
    memcpy(r.gpr, f->gpr, sizeof r.gpr);
    for (unsigned i = 0; i < 6; i++)
        r.seg[i] = f->seg[i].selector;
    return r;
}
