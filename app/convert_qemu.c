/* convert_qemu.c: a log as QEMU writes it with -d cpu,exec,int and one instruction a block, for diff.
 *
 *   Trace 0: [base/pc/flags/cflags] base of CS, linear address, the bits that QEMU calls hflags
 *   EAX=... EBX=...                 the registers in which the instruction is found, as QEMU's cpu dump has them
 *   Servicing hardware INT=0x..     an external interrupt
 *        N: v=0d e=0018 i=0 cpl=3 IP=003b:00401000 pc=10401000 SP=0043:00178f00 env->regs[R_EAX]=00000000
 *
 * An instruction that is refused, and INT n, have their state before the event, as with QEMU; in a trace the one has no item and the
 * other comes behind its event. Left out of QEMU's lines: the host's pointer, the cflags (0), the lines CCS, CCD, CCO of its lazy flags.
 */
#include "convert.h"
#include "trace.h"

#define EFLAGS_TF   0x100u
#define EFLAGS_IOPL 0x3000u
#define EFLAGS_RF   0x10000u
#define EFLAGS_VM   0x20000u
#define BYTE_P      0x80u /* of a descriptor's access byte */
#define BYTE_S      0x10u
#define BYTE_CODE   0x08u
#define FLAG_D      0x4u

#define EIP_FIELD 8u /* of rt386_trace_field */
#define HELD      8u
struct qemu {
    uint64_t events;
    bool refused;             /* the state of the instruction that is being refused was written */
    rt386_trace_item s[HELD]; /* INT n, whose instruction comes behind it */
    unsigned held;
};

static uint32_t part(const struct convert *c, unsigned segment, unsigned which)
{
    return convert_register(c, CONVERT_SEGMENT(segment, which));
}

static const char *system_type(unsigned type)
{
    static const char *const name[] = {"Reserved",   "TSS16-avl", "LDT",       "TSS16-busy",
                                       "CallGate16", "TaskGate",  "IntGate16", "TrapGate16",
                                       "Reserved",   "TSS32-avl", "Reserved",  "TSS32-busy",
                                       "CallGate32", "Reserved",  "IntGate32", "TrapGate32"};
    return name[type & 15];
}

/* "ES =0043 10000000 007fffff 00c7f300 DPL=3 DS   [-WA]"; the fourth number is the descriptor's second dword without
 * its bits of the base. */
static void segment_line(struct convert *c, const char *name, unsigned s)
{
    struct text *t = &c->out.text;
    uint32_t access = part(c, s, CONVERT_ACCESS), flags = part(c, s, CONVERT_FLAGS);
    uint32_t limit = part(c, s, CONVERT_LIMIT), raw = flags & 8 ? limit >> 12 : limit;
    text_addf(t, "%-3s=%04x %08x %08x %08x", name, part(c, s, CONVERT_SELECTOR),
              part(c, s, CONVERT_BASE), limit, flags << 20 | (raw & 0xf0000) | access << 8);
    if (convert_register(c, CONVERT_CR0) & 1 && access & BYTE_P) {
        text_addf(t, " DPL=%u ", access >> 5 & 3);
        if (!(access & BYTE_S))
            text_add(t, system_type(access));
        else if (access & BYTE_CODE)
            text_addf(t, "%s [%c%c%c]", flags & FLAG_D ? "CS32" : "CS16", access & 4 ? 'C' : '-',
                      access & 2 ? 'R' : '-', access & 1 ? 'A' : '-');
        else
            text_addf(t, "%s [%c%c%c]", flags & FLAG_D ? "DS  " : "DS16", access & 4 ? 'E' : '-',
                      access & 2 ? 'W' : '-', access & 1 ? 'A' : '-');
    }
    text_add(t, "\n");
}

static void general_lines(struct convert *c, const rt386_trace_regs *r)
{
    static const struct {
        unsigned bit;
        char letter;
    } flag[] = {{11, 'O'}, {7, 'S'}, {6, 'Z'}, {4, 'A'}, {2, 'P'}, {0, 'C'}};
    struct text *t = &c->out.text;
    const uint32_t *g = r->gpr;
    text_addf(t, "EAX=%08x EBX=%08x ECX=%08x EDX=%08x\n", g[0], g[3], g[1], g[2]);
    text_addf(t, "ESI=%08x EDI=%08x EBP=%08x ESP=%08x\n", g[6], g[7], g[5], g[4]);
    text_addf(t, "EIP=%08x EFL=%08x [%c", r->eip, r->eflags, r->eflags & 0x400 ? 'D' : '-');
    for (unsigned i = 0; i < sizeof flag / sizeof flag[0]; i++)
        text_addf(t, "%c", r->eflags >> flag[i].bit & 1 ? flag[i].letter : '-');
    text_addf(t, "] CPL=%u II=%u A20=1 SMM=0 HLT=0\n", convert_register(c, CONVERT_CPL),
              convert_register(c, CONVERT_INHIBIT) != 0);
}

static void dump(struct convert *c, const rt386_trace_regs *r)
{
    static const char *const name[] = {"ES", "CS", "SS", "DS", "FS", "GS", "LDT", "TR"};
    struct text *t = &c->out.text;
    general_lines(c, r);
    for (unsigned s = 0; s < 8; s++)
        segment_line(c, name[s], s);
    text_addf(t, "GDT=     %08x %08x\nIDT=     %08x %08x\n", convert_register(c, CONVERT_GDTR_BASE),
              convert_register(c, CONVERT_GDTR_LIMIT), convert_register(c, CONVERT_IDTR_BASE),
              convert_register(c, CONVERT_IDTR_LIMIT));
    text_addf(t, "CR0=%08x CR2=%08x CR3=%08x CR4=%08x\n", convert_register(c, CONVERT_CR0),
              convert_register(c, CONVERT_CR2), convert_register(c, CONVERT_CR3),
              convert_register(c, CONVERT_CR4));
    for (unsigned i = 0; i < 4; i++)
        text_addf(t, "DR%u=%08x ", i, convert_register(c, CONVERT_DR0 + i));
    text_addf(t, "\nDR6=%08x DR7=%08x\nEFER=0000000000000000\n", convert_register(c, CONVERT_DR6),
              convert_register(c, CONVERT_DR7));
}

/* What QEMU keeps of the state for its translations: bit 0-1 CPL, 3 interrupt shadow, 4 CS.D, 5 SS.B, 6 a base is not 0,
 * 7 PE, 9-11 MP EM TS, and TF, IOPL, RF and VM at their places in EFLAGS. */
static uint32_t hidden_flags(const struct convert *c, uint32_t eflags)
{
    uint32_t cr0 = convert_register(c, CONVERT_CR0);
    bool vm = eflags & EFLAGS_VM, code32 = part(c, RT386_CS, CONVERT_FLAGS) & FLAG_D;
    bool based = part(c, RT386_DS, CONVERT_BASE) || part(c, RT386_ES, CONVERT_BASE) ||
                 part(c, RT386_SS, CONVERT_BASE);
    uint32_t f = convert_register(c, CONVERT_CPL) & 3;
    if (convert_register(c, CONVERT_INHIBIT)) f |= 1u << 3;
    if (code32) f |= 1u << 4;
    if (part(c, RT386_SS, CONVERT_FLAGS) & FLAG_D) f |= 1u << 5;
    if (!(cr0 & 1) || vm || !code32 || based) f |= 1u << 6;
    f |= (cr0 & 1) << 7 | (cr0 & 0xe) << 8;
    return f | (eflags & (EFLAGS_TF | EFLAGS_IOPL | EFLAGS_RF | EFLAGS_VM));
}

/* An event finds the registers as they are behind the item before it. */
static rt386_trace_regs registers_now(const struct convert *c)
{
    rt386_trace_regs r;
    for (unsigned i = 0; i < 8; i++)
        r.gpr[i] = (uint32_t)rt386_trace_field(c->trace, i);
    r.eip = (uint32_t)rt386_trace_field(c->trace, 8);
    r.eflags = (uint32_t)rt386_trace_field(c->trace, 9);
    return r;
}

static void event_lines(struct convert *c, const rt386_trace_item *i, const rt386_trace_regs *r)
{
    struct qemu *own = c->own;
    struct text *t = &c->out.text;
    if (i->event.source == 'x') text_addf(t, "Servicing hardware INT=0x%02x\n", i->event.vector);
    text_addf(t, "%6llu: v=%02x e=%04x i=%d cpl=%u IP=%04x:%08x pc=%08x SP=%04x:%08x",
              (unsigned long long)own->events++, i->event.vector, i->event.error,
              i->event.source == 's', convert_register(c, CONVERT_CPL),
              part(c, RT386_CS, CONVERT_SELECTOR), r->eip, part(c, RT386_CS, CONVERT_BASE) + r->eip,
              part(c, RT386_SS, CONVERT_SELECTOR), r->gpr[4]);
    if (i->event.has_cr2)
        text_addf(t, " CR2=%08x\n", i->event.cr2);
    else
        text_addf(t, " env->regs[R_EAX]=%08x\n", r->gpr[0]);
    dump(c, r);
}

static void state(struct convert *c, const rt386_trace_regs *r)
{
    uint32_t base = part(c, RT386_CS, CONVERT_BASE);
    text_addf(&c->out.text, "Trace 0: [%08x/%08x/%08x/00000000]\n", base, base + r->eip,
              hidden_flags(c, r->eflags));
    dump(c, r);
}

static void held(struct convert *c, const rt386_trace_regs *r)
{
    struct qemu *own = c->own;
    for (unsigned n = 0; n < own->held; n++)
        event_lines(c, &own->s[n], r);
    own->held = 0;
}

static void event(struct convert *c, const rt386_trace_item *i)
{
    struct qemu *own = c->own;
    rt386_trace_regs r = registers_now(c);
    if (i->event.source == 's' && own->held < HELD) {
        own->s[own->held++] = *i;
        return;
    }
    if (i->event.source == 'f' && !own->refused) state(c, &r);
    own->refused = true;
    held(c, &r);
    event_lines(c, i, &r);
}

static void item(struct convert *c, const rt386_trace_item *i)
{
    struct qemu *own = c->own;
    if (i->kind == RT386_TRACE_EVENT) event(c, i);
    if (i->kind == RT386_TRACE_INSN ||
        (i->kind == RT386_TRACE_FIELD && i->field.index == EIP_FIELD))
        own->refused = false; /* it was delivered */
    if (i->kind != RT386_TRACE_INSN) return;
    state(c, &i->insn.before);
    held(c, &i->insn.before);
}

const struct convert_format convert_qemu = {.name = "qemu",
                                            .summary = "a QEMU log of -d cpu,exec,int",
                                            .own = sizeof(struct qemu),
                                            .item = item};
