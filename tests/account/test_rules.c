/* The explanation of every rule: each is made to refuse, and the text of the step compared with a golden file.
 * RT386_GOLDEN_UPDATE=1 writes it anew. Rules that no instruction can be made to break are listed, with the reason. */
#include <stdio.h>
#include <stdlib.h>

#include "account_text.h"
#include "world.h"

enum mode { RING0, RING3, PAGED0, PAGED3, V86_0, V86_3, REAL };

struct row {
    const char *rule;
    enum mode mode;
    uint8_t code[16]; /* padded with NOP */
    struct {
        const char *reg; /* NULL: memory at `at` */
        uint32_t at;
        unsigned n;
        uint64_t value;
    } set[6]; /* up to the first with neither */
    rt386_cpu cpu;
};

#define SEG(base, limit, access, flags)                                                            \
    ((uint64_t)((limit)&0xffffu) | (uint64_t)((base)&0xffffffu) << 16 | (uint64_t)(access) << 40 | \
     (uint64_t)((limit) >> 16 & 0xfu) << 48 | (uint64_t)(flags) << 52 |                            \
     (uint64_t)((base) >> 24) << 56)
#define GATE(selector, access)                                                                     \
    ((uint64_t)(HANDLER & 0xffffu) | (uint64_t)(selector) << 16 | (uint64_t)(access) << 40 |       \
     (uint64_t)(HANDLER >> 16) << 48)
#define PUT(at, n, value)                                                                          \
    {                                                                                              \
        NULL, at, n, value                                                                         \
    }
#define REG(name, value)                                                                           \
    {                                                                                              \
        name, 0, 0, value                                                                          \
    }
#define NEW(selector, value) PUT(GDT_AT + (selector), 8, value) /* a descriptor */
#define AX(value)            REG("eax", value)
#define CODE_SEG(access)     SEG(0u, 0xfffu, access, 4)
/* 4 at a time: code, data, frames */
#define FRAME(eip, cs) PUT(STACK0 - 8, 4, eip), PUT(STACK0 - 4, 4, cs), REG("esp", STACK0 - 8)

#define MOV_ES                                                                                     \
    {                                                                                              \
        0x8e, 0xc0                                                                                 \
    }
#define MOV_SS                                                                                     \
    {                                                                                              \
        0x8e, 0xd0                                                                                 \
    }
#define JMP(sel)                                                                                   \
    {                                                                                              \
        0xea, 0, 0, 0, 0, sel, 0                                                                   \
    }
#define LCALL(sel)                                                                                 \
    {                                                                                              \
        0x9a, 0, 0, 0, 0, sel, 0                                                                   \
    }
#define INT(n)                                                                                     \
    {                                                                                              \
        0xcd, n                                                                                    \
    }
#define RETF                                                                                       \
    {                                                                                              \
        0xcb                                                                                       \
    }
#define IRET                                                                                       \
    {                                                                                              \
        0xcf                                                                                       \
    }
#define LLDT                                                                                       \
    {                                                                                              \
        0x0f, 0x00, 0xd0                                                                           \
    }
#define LTR                                                                                        \
    {                                                                                              \
        0x0f, 0x00, 0xd8                                                                           \
    }
#define VERR                                                                                       \
    {                                                                                              \
        0x0f, 0x00, 0xe0                                                                           \
    }
#define VERW                                                                                       \
    {                                                                                              \
        0x0f, 0x00, 0xe8                                                                           \
    }
#define LAR                                                                                        \
    {                                                                                              \
        0x0f, 0x02, 0xc0                                                                           \
    }
#define LSL                                                                                        \
    {                                                                                              \
        0x0f, 0x03, 0xc0                                                                           \
    }
#define READ(at)                                                                                   \
    {                                                                                              \
        0xa1, (at)&0xff, (at) >> 8 & 0xff, (at) >> 16 & 0xff, (at) >> 24 & 0xff                    \
    }
#define WRITE(at)                                                                                  \
    {                                                                                              \
        0xa3, (at)&0xff, (at) >> 8 & 0xff, (at) >> 16 & 0xff, (at) >> 24 & 0xff                    \
    }
#define IN_10                                                                                      \
    {                                                                                              \
        0xe4, 0x10                                                                                 \
    }

#define SMALL_DOWN                                                                                 \
    REG("ds_access", 0x97), REG("ds_limit", 0xfff), REG("ds_lo", 0x1000), REG("ds_hi", 0xffff),    \
        REG("ds_flags", 0)
#define USER_CODE   PUT(TABLE_AT + 4 * 0x100, 4, CODE_AT | 7)
#define PTE_8(bits) PUT(TABLE_AT + 4 * 8, 4, 0x8000 | (bits))
#define PDE(bits)   PUT(DIR_AT, 4, TABLE_AT | (bits))

static const struct row rows[] = {
    {"SEGM_NULL", RING0, LTR, {AX(0)}},
    {"SEGM_NULL_STACK", RING0, MOV_SS, {AX(0)}},
    {"SEGM_NULL_GATE", RING3, LCALL(CALL), {NEW(CALL, GATE(0, 0xec))}},
    {"SEGM_NULL_ASK", RING0, LAR, {AX(0)}},
    {"SEGM_TABLE_GDT", RING3, MOV_ES, {AX(0x103)}},
    {"SEGM_TABLE_LDT",
     RING0,
     MOV_ES,
     {AX(0x24), REG("ldtr", LDT), REG("ldtr_base", LDT_AT), REG("ldtr_limit", 0x1f),
      REG("ldtr_usable", 1)}},
    {"SEGM_LDT_NONE", RING0, MOV_ES, {AX(4), REG("ldtr", 0), REG("ldtr_usable", 0)}},
    {"SEGM_GDT_ONLY", RING0, LTR, {AX(4)}},
    {"SEGM_DATA_TYPE", RING0, MOV_ES, {AX(LDT)}},
    {"SEGM_DATA_READABLE", RING0, MOV_ES, {AX(FREE), NEW(FREE, CODE_SEG(0x98))}},
    {"SEGM_DATA_DPL_CPL", RING3, MOV_ES, {AX(DATA0 + 3)}},
    {"SEGM_DATA_DPL_RPL", RING0, MOV_ES, {AX(DATA0 + 3)}},
    {"SEGM_DATA_PRESENT", RING0, MOV_ES, {AX(FREE), NEW(FREE, CODE_SEG(0x12))}},
    {"SEGM_STACK_RPL", RING0, MOV_SS, {AX(DATA0 + 3)}},
    {"SEGM_STACK_TYPE", RING0, MOV_SS, {AX(CODE0)}},
    {"SEGM_STACK_WRITABLE", RING0, MOV_SS, {AX(FREE), NEW(FREE, CODE_SEG(0x90))}},
    {"SEGM_STACK_DPL", RING0, MOV_SS, {AX(DATA3)}},
    {"SEGM_STACK_PRESENT", RING0, MOV_SS, {AX(FREE), NEW(FREE, CODE_SEG(0x12))}},
    {"SEGM_TARGET_TYPE", RING0, JMP(DATA0), {{0}}},
    {"SEGM_CODE_RPL", RING0, JMP(CODE0 + 3), {{0}}},
    {"SEGM_CODE_DPL", RING0, JMP(CODE3), {{0}}},
    {"SEGM_CODE_CONFORM_DPL", RING0, JMP(FREE), {NEW(FREE, CODE_SEG(0xfe))}},
    {"SEGM_CODE_PRESENT", RING0, JMP(FREE), {NEW(FREE, CODE_SEG(0x1a))}},
    {"SEGM_CALL_GATE_DPL_CPL", RING3, LCALL(CALL), {NEW(CALL, GATE(CODE0, 0x8c))}},
    {"SEGM_CALL_GATE_DPL_RPL", RING0, LCALL(CALL + 3), {NEW(CALL, GATE(CODE0, 0x8c))}},
    {"SEGM_CALL_GATE_PRESENT", RING3, LCALL(CALL), {NEW(CALL, GATE(CODE0, 0x6c))}},
    {"SEGM_GATE_CODE", RING3, LCALL(CALL), {NEW(CALL, GATE(DATA0, 0xec))}},
    {"SEGM_GATE_CALL_DPL", RING0, LCALL(CALL), {NEW(CALL, GATE(CODE3, 0xec))}},
    {"SEGM_GATE_JMP_DPL", RING3, JMP(CALL), {{0}}},
    {"SEGM_GATE_JMP_CONFORM_DPL",
     RING0,
     JMP(CALL),
     {NEW(CALL, GATE(FREE, 0xec)), NEW(FREE, CODE_SEG(0xfe))}},
    {"SEGM_IDT_LIMIT", RING3, INT(0x40), {REG("idtr_limit", 0x1ff)}},
    {"SEGM_IDT_TYPE", RING3, INT(0x40), {PUT(IDT_AT + 0x200, 8, CODE_SEG(0xf2))}},
    {"SEGM_IDT_DPL", RING3, INT(0x21), {{0}}},
    {"SEGM_IDT_PRESENT", RING3, INT(0x40), {PUT(IDT_AT + 0x200, 8, GATE(CODE0, 0x6e))}},
    {"SEGM_INT_DPL", RING0, INT(0x40), {PUT(IDT_AT + 0x200, 8, GATE(CODE3, 0xee))}},
    {"SEGM_RET_RPL", RING3, RETF, {FRAME(CODE_AT, CODE0)}},
    {"SEGM_RET_CODE", RING0, RETF, {FRAME(CODE_AT, DATA0)}},
    {"SEGM_RET_DPL", RING0, RETF, {FRAME(CODE_AT, CODE3)}},
    {"SEGM_RET_CONFORM_DPL", RING0, RETF, {FRAME(CODE_AT, FREE), NEW(FREE, CODE_SEG(0xfe))}},
    {"SEGM_LDT_TYPE", RING0, LLDT, {AX(DATA0)}},
    {"SEGM_LDT_PRESENT", RING0, LLDT, {AX(FREE), NEW(FREE, SEG(LDT_AT, 0x1fu, 0x02, 0))}},
    {"SEGM_TSS_TYPE", RING0, LTR, {AX(DATA0)}},
    {"SEGM_TSS_AVAILABLE", RING0, LTR, {AX(TSSA)}},
    {"SEGM_TSS_BUSY", RING0, IRET, {REG("eflags", 0x4002), PUT(TSSA_AT, 2, TSSB)}},
    {"SEGM_TSS_DPL_CPL", RING3, JMP(TSSB), {{0}}},
    {"SEGM_TSS_DPL_RPL", RING0, JMP(TSSB + 3), {{0}}},
    {"SEGM_TSS_PRESENT", RING0, LTR, {AX(FREE), NEW(FREE, SEG(TSSB_AT, 0x67u, 0x09, 0))}},
    {"SEGM_TSS_LIMIT16", RING0, JMP(FREE), {NEW(FREE, SEG(TSS16_AT, 0x2au, 0x81, 0))}},
    {"SEGM_TSS_LIMIT32", RING0, JMP(FREE), {NEW(FREE, SEG(TSSB_AT, 0x66u, 0x89, 0))}},
    {"SEGM_TASK_GATE_DPL_CPL", RING3, JMP(OTHER), {NEW(OTHER, GATE(TSSB, 0x85))}},
    {"SEGM_TASK_GATE_DPL_RPL", RING0, JMP(OTHER + 3), {NEW(OTHER, GATE(TSSB, 0x85))}},
    {"SEGM_TASK_GATE_PRESENT", RING0, JMP(OTHER), {NEW(OTHER, GATE(TSSB, 0x65))}},
    {"SEGM_TASK_CS_CODE", RING0, JMP(TSSB), {PUT(TSSB_AT + 0x4c, 2, DATA0)}},
    {"SEGM_TASK_CS_DPL", RING0, JMP(TSSB), {PUT(TSSB_AT + 0x4c, 2, CODE3)}},
    {"SEGM_TASK_CS_CONFORM_DPL",
     RING0,
     JMP(TSSB),
     {PUT(TSSB_AT + 0x4c, 2, FREE), NEW(FREE, CODE_SEG(0xfe))}},
    {"SEGM_LAR_TYPE", RING0, LAR, {AX(FREE)}},
    {"SEGM_LSL_TYPE", RING0, LSL, {AX(CALL)}},
    {"SEGM_ASK_DPL_CPL", RING3, LAR, {AX(DATA0)}},
    {"SEGM_ASK_DPL_RPL", RING0, LAR, {AX(DATA0 + 3)}},
    {"SEGM_VER_TYPE", RING0, VERR, {AX(LDT)}},
    {"SEGM_VERR_READABLE", RING0, VERR, {AX(FREE), NEW(FREE, CODE_SEG(0x98))}},
    {"SEGM_VERW_WRITABLE", RING0, VERW, {AX(FREE), NEW(FREE, CODE_SEG(0x90))}},
    {"SEGM_USE_NULL",
     RING3,
     READ(0x8000),
     {REG("ds", 0), REG("ds_usable", 0), REG("ds_base", 0), REG("ds_limit", 0), REG("ds_access", 0),
      REG("ds_hi", 0)}},
    {"SEGM_READ_EXECUTE_ONLY", RING0, {0x2e, 0xa1, 0, 0x80, 0, 0}, {REG("cs_access", 0x99)}},
    {"SEGM_WRITE_CODE", RING0, {0x2e, 0xa3, 0, 0x80, 0, 0}, {{0}}},
    {"SEGM_WRITE_READ_ONLY", RING0, WRITE(0x8000), {REG("ds_access", 0x91)}},
    {"SEGM_LIMIT_UP", RING3, READ(0xffe), {REG("ds_limit", 0xfff), REG("ds_hi", 0xfff)}},
    {"SEGM_LIMIT_DOWN_LOW", RING0, READ(0xffc), {SMALL_DOWN}},
    {"SEGM_LIMIT_DOWN_HIGH", RING0, READ(0xfffe), {SMALL_DOWN}},
    {"SEGM_LIMIT_WRAP", RING0, READ(0xfffffffeu), {{0}}},
    {"PAGE_PDE_PRESENT", PAGED0, READ(0x500000), {{0}}},
    {"PAGE_PTE_PRESENT", PAGED0, READ(0x8010), {PTE_8(2)}},
    {"PAGE_PDE_USER", PAGED3, READ(0x8010), {{0}}},
    {"PAGE_PTE_USER", PAGED3, READ(0x8010), {PDE(7), USER_CODE}},
    {"PAGE_PDE_WRITE", PAGED3, WRITE(0x8010), {PDE(5), USER_CODE, PTE_8(7)}},
    {"PAGE_PTE_WRITE", PAGED3, WRITE(0x8010), {PDE(7), USER_CODE, PTE_8(5)}},
    {"PAGE_PDE_WP", PAGED0, WRITE(0x8010), {PDE(1), REG("cr0", 0x80010011u)}, RT386_CPU_486},
    {"PAGE_PTE_WP", PAGED0, WRITE(0x8010), {PTE_8(1), REG("cr0", 0x80010011u)}, RT386_CPU_486},
    {"FAR_EIP_LIMIT", RING0, {0xea, 0, 0x20, 0, 0, FREE, 0}, {NEW(FREE, CODE_SEG(0x9a))}},
    {"FAR_TSS_STACK_LIMIT", RING3, INT(0x40), {REG("tr_limit", 9), REG("tr_hi", 9)}},
    {"FAR_IVT_LIMIT", REAL, INT(0x21), {REG("idtr_limit", 0x83)}},
    {"FAR_V86_HANDLER", V86_3, INT(0x40), {PUT(IDT_AT + 0x200, 8, GATE(CODE3, 0xee))}},
    {"FAR_V86_IOPL", V86_0, INT(0x40), {{0}}},
    {"FAR_OLD_TSS_LIMIT", RING0, JMP(TSSB), {REG("tr_limit", 0x20), REG("tr_hi", 0x20)}},
    {"FAR_BACK_LINK_TSS",
     RING0,
     IRET,
     {REG("eflags", 0x4002), REG("tr_limit", 0), REG("tr_hi", 0)}},
    {"FAR_PG_NEEDS_PE", REAL, {0x0f, 0x22, 0xc0}, {AX(0x80000000u)}},
    {"FAR_NO_REGISTER", RING0, {0x0f, 0x20, 0xc8}, {{0}}},
    {"FAR_DEBUG_GUARD", RING0, {0x0f, 0x21, 0xc0}, {REG("dr7", 0x2400)}},
    {"FAR_BREAKPOINT", RING0, {0x90}, {REG("dr0", CODE_AT), REG("dr7", 0x401)}},
    {"FAR_IO_TSS", RING3, IN_10, {REG("tr_access", 0x83)}},
    {"FAR_IO_LIMIT", RING3, IN_10, {{0}}},
    {"FAR_IO_BITMAP",
     RING3,
     IN_10,
     {REG("tr_limit", 0x80), REG("tr_hi", 0x80), PUT(TSSA_AT + 0x6a, 1, 1)}},
    {"INSN_UNDEFINED", RING3, {0x0f, 0x0b}, {{0}}},
    {"INSN_TOO_LONG",
     RING3,
     {0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
      0x90},
     {{0}}},
    {"INSN_LOCK", RING3, {0xf0, 0x90}, {{0}}},
    {"INSN_LOCK_REGISTER", RING3, {0xf0, 0x01, 0xc0}, {{0}}},
    {"INSN_MEMORY_OPERAND", RING3, {0x8d, 0xc0}, {{0}}},
    {"INSN_SREG_NUMBER", RING3, {0x8e, 0xf0}, {{0}}},
    {"INSN_MOV_CS", RING3, {0x8e, 0xc8}, {{0}}},
    {"INSN_PERSONALITY", RING3, {0x0f, 0x3f, 0x00}, {{0}}},
    {"INSN_PROTECTED_ONLY", REAL, LAR, {{0}}},
    {"INSN_CPL0", RING3, {0xf4}, {{0}}},
    {"INSN_IOPL", RING3, {0xfa}, {{0}}},
    {"INSN_V86_IOPL", V86_0, {0x9c}, {{0}}},
    {"INSN_FPU_EMULATE", RING3, {0xd9, 0xe8}, {REG("cr0", 0x15)}},
    {"INSN_FPU_SWITCHED", RING3, {0xd9, 0xe8}, {REG("cr0", 0x19)}},
    {"INSN_WAIT_SWITCHED", RING3, {0x9b}, {REG("cr0", 0x1b)}},
    {"INSN_TARGET_LIMIT",
     RING3,
     {0xe9, 0, 0x10, 0, 0},
     {REG("cs_limit", CODE_AT + 0xff), REG("cs_hi", CODE_AT + 0xff)}},
    {"INSN_DIVIDE_ZERO", RING3, {0xf7, 0xf3}, {REG("ebx", 0)}},
    {"INSN_DIVIDE_OVERFLOW", RING3, {0xf7, 0xf3}, {REG("edx", 5), REG("ebx", 1)}},
    {"INSN_BOUND",
     RING3,
     {0x62, 0x05, 0, 0x80, 0, 0},
     {AX(1), PUT(DATA_AT, 4, 5), PUT(DATA_AT + 4, 4, 6)}},
    {"X87_ERROR", RING3, {0x9b}, {REG("fcw", 0x37e), REG("fsw", 0x8081)}},
    {"X87_OVERRUN",
     RING0,
     {0x67, 0xdd, 0x06, 0xfc, 0xff},
     {REG("ds_limit", 0xffff), REG("ds_hi", 0xffff)}},
    {"LATER_UD2", RING3, {0x0f, 0x0b}, {{0}}, RT386_CPU_P6},
    {"LATER_CR0_CACHE", RING0, {0x0f, 0x22, 0xc0}, {AX(0x20000011u)}, RT386_CPU_486},
    {"LATER_CR4_RESERVED", RING0, {0x0f, 0x22, 0xe0}, {AX(0x80000000u)}, RT386_CPU_PENTIUM},
    {"LATER_DR_EXTENSIONS", RING0, {0x0f, 0x21, 0xe0}, {REG("cr4", 8)}, RT386_CPU_PENTIUM},
    {"LATER_MSR", RING0, {0x0f, 0x32}, {REG("ecx", 0x12345)}, RT386_CPU_PENTIUM},
    {"LATER_MSR_VALUE", RING0, {0x0f, 0x30}, {REG("ecx", 0x186), REG("edx", 1)}, RT386_CPU_P6},
    {"LATER_TSD", RING3, {0x0f, 0x31}, {REG("cr4", 4)}, RT386_CPU_PENTIUM},
    {"LATER_PCE", RING3, {0x0f, 0x33}, {{0}}, RT386_CPU_P6},
    {"LATER_PMC", RING0, {0x0f, 0x33}, {REG("ecx", 9)}, RT386_CPU_P6},
    {"LATER_REGISTER_OPERAND", RING0, {0x0f, 0x71, 0x10, 0}, {{0}}, RT386_CPU_P6},
    {"LATER_ALIGNMENT",
     RING3,
     READ(0x8001),
     {REG("cr0", 0x40011), REG("eflags", 0x40002)},
     RT386_CPU_486},
    {"SIMD_EMULATE", RING3, {0x0f, 0x77}, {REG("cr0", 0x15)}, RT386_CPU_SSE2},
    {"SIMD_OSFXSR", RING3, {0x0f, 0x28, 0xc1}, {REG("cr4", 0)}, RT386_CPU_SSE2},
    {"SIMD_ALIGNED", RING3, {0x0f, 0x28, 0x05, 1, 0x80, 0, 0}, {REG("cr4", 0x200)}, RT386_CPU_SSE2},
    {"SIMD_MXCSR",
     RING3,
     {0x0f, 0xae, 0x15, 0, 0x80, 0, 0},
     {REG("cr4", 0x200), PUT(DATA_AT, 4, 0xffff0000u)},
     RT386_CPU_SSE2},
    {"SIMD_NUMERIC",
     RING3,
     {0x0f, 0x5e, 0xc1},
     {REG("cr4", 0x600), REG("mxcsr", 0)},
     RT386_CPU_SSE2},
    {"SIMD_NUMERIC_UD",
     RING3,
     {0x0f, 0x5e, 0xc1},
     {REG("cr4", 0x200), REG("mxcsr", 0)},
     RT386_CPU_SSE2},
};

/* No instruction leads to these. */
static const struct {
    const char *rule, *why;
} unprovoked[] = {
    {"FAR_LOAD_CS", "a host's call loads a segment register that is CS; MOV to CS is INSN_MOV_CS"},
    {"FAR_TASK_MODE", "a host's call switches tasks in real mode; no instruction does"},
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static rt386 *world_of(const struct row *r)
{
    uint8_t code[16];
    for (unsigned i = 0; i < sizeof code; i++)
        code[i] = r->code[i];
    rt386 *m = world_new(r->mode == RING3 || r->mode == PAGED3 ? 3 : 0, code, sizeof code,
                         r->cpu ? r->cpu : RT386_CPU_386);
    if (r->mode == PAGED0 || r->mode == PAGED3) world_paging(m);
    if (r->mode == V86_0 || r->mode == V86_3) world_v86(m, r->mode == V86_3 ? 3 : 0);
    if (r->mode == REAL) world_real(m);
    for (unsigned i = 0; i < COUNT(r->set) && (r->set[i].reg || r->set[i].n); i++) {
        if (r->set[i].reg)
            world_set(m, r->set[i].reg, r->set[i].value);
        else
            world_put(m, r->set[i].at, r->set[i].value, r->set[i].n);
    }
    return m;
}

/* The step that the rule refuses: a fault, or a question that is answered with ZF = 0. */
static const rt386_step *refused(const rt386_account *a, const char *rule)
{
    const rt386_step *s;
    for (unsigned i = 0; (s = rt386_account_step(a, i)); i++) {
        bool asks = s->kind == RT386_STEP_SELECTOR && s->why.fault.raised && s->why.purpose &&
                    !rt386_account_result_of(a)->fault.raised;
        if ((s->kind == RT386_STEP_FAULT || asks) &&
            !strcmp(rt386_rule(s->why.fault.rule).name, rule))
            return s;
    }
    return NULL;
}

static void told(struct text *t, const struct row *r)
{
    rt386 *m = world_of(r);
    rt386_account *a = world_account(m);
    const rt386_step *s = refused(a, r->rule);
    struct text all = {0};
    account_text(&all, a, false);
    cr_expect(s, "%s is not what refuses:\n%s", r->rule, text_str(&all));
    text_addf(t, "== %s\n", r->rule);
    text_addn(t, text_str(&all), strcspn(text_str(&all), "\n") + 1); /* the instruction */
    if (s) account_step_text(t, NULL, s, (unsigned)(s - rt386_account_step(a, 0)) + 1, false, NULL);
    text_add(t, "\n");
    text_free(&all);
    rt386_account_free(a);
    rt386_destroy(m);
}

static void golden(const char *name, const char *have)
{
    char path[512], line[1024];
    unsigned n = 0;
    snprintf(path, sizeof path, "%s/%s", GOLDEN, name);
    if (getenv("RT386_GOLDEN_UPDATE")) {
        FILE *f = fopen(path, "w");
        cr_assert(f && fputs(have, f) >= 0 && fclose(f) == 0);
    }
    FILE *f = fopen(path, "r");
    cr_assert(f, "%s", path);
    for (; fgets(line, sizeof line, f); have += strlen(line), n++)
        cr_assert(!strncmp(have, line, strlen(line)), "%s line %u: want %shave %.200s", name, n + 1,
                  line, have);
    fclose(f);
    cr_assert_str_eq(have, "", "%s: more text than expected", name);
}

Test(rules, text_of_every_one)
{
    struct text t = {0};
    for (unsigned i = 0; i < COUNT(rows); i++)
        told(&t, &rows[i]);
    for (const char *s = text_str(&t); *s; s += strcspn(s, "\n") + 1)
        cr_expect_leq(strcspn(s, "\n"), TEXT_WIDTH, "%.100s", s);
    golden("rules.txt", text_str(&t));
    text_free(&t);
}

Test(rules, every_one_has_a_row)
{
    cr_expect_eq(COUNT(unprovoked), 2u);
    for (unsigned rule = 1; rule < rt386_rule_count(); rule++) {
        const char *name = rt386_rule(rule).name;
        unsigned n = 0;
        for (unsigned i = 0; i < COUNT(rows); i++)
            n += !strcmp(rows[i].rule, name);
        for (unsigned i = 0; i < COUNT(unprovoked); i++)
            n += !strcmp(unprovoked[i].rule, name) && unprovoked[i].why[0];
        cr_expect_eq(n, 1u, "%s has %u rows", name, n);
    }
}
