#include "disasm.h"

#include <capstone/capstone.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct disasm {
    csh mode16, mode32;
    cs_insn *insn16, *insn32;
};

struct disasm *disasm_new(void)
{
    struct disasm *d = calloc(1, sizeof *d);
    if (!d) return NULL;
    if (cs_open(CS_ARCH_X86, CS_MODE_16, &d->mode16)) d->mode16 = 0;
    if (cs_open(CS_ARCH_X86, CS_MODE_32, &d->mode32)) d->mode32 = 0;
    if (d->mode16) d->insn16 = cs_malloc(d->mode16);
    if (d->mode32) d->insn32 = cs_malloc(d->mode32);
    if (d->insn16 && d->insn32) return d;
    disasm_free(d);
    return NULL;
}

void disasm_free(struct disasm *d)
{
    if (!d) return;
    if (d->insn16) cs_free(d->insn16, 1);
    if (d->insn32) cs_free(d->insn32, 1);
    if (d->mode16) cs_close(&d->mode16);
    if (d->mode32) cs_close(&d->mode32);
    free(d);
}

/* Length of the displacement of a near branch that ends an instruction, or 0. */
static unsigned branch_size(const rt386_insn_event *e, bool *wide)
{
    unsigned i = 0;
    *wide = e->code32;
    for (; i < e->length; i++) {
        uint8_t b = e->bytes[i];
        if (b == 0x66)
            *wide = !e->code32;
        else if (b != 0x26 && b != 0x2e && b != 0x36 && b != 0x3e && b != 0x64 && b != 0x65 &&
                 b != 0x67 && b != 0xf0 && b != 0xf2 && b != 0xf3)
            break;
    }
    if (i >= e->length) return 0;
    uint8_t op = e->bytes[i];
    if ((op & 0xf0) == 0x70 || (op >= 0xe0 && op <= 0xe3) || op == 0xeb) return 1;
    bool near = op == 0xe8 || op == 0xe9;
    if (op == 0x0f && i + 1 < e->length) near = (e->bytes[i + 1] & 0xf0) == 0x80;
    return near ? (*wide ? 4 : 2) : 0;
}

/* The target, computed as the processor does. */
static bool branch_target(const rt386_insn_event *e, uint32_t *target)
{
    bool wide;
    unsigned n = branch_size(e, &wide);
    if (n == 0 || n > e->length) return false;
    const uint8_t *p = e->bytes + e->length - n;
    uint32_t disp = p[0];
    if (n == 1) disp = (uint32_t)(int32_t)(int8_t)p[0];
    if (n >= 2) disp |= (uint32_t)p[1] << 8;
    if (n == 4) disp |= (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    *target = e->eip + e->length + disp;
    if (!wide) *target &= 0xffff;
    return true;
}

/* MOV r32, TRn and MOV TRn, r32: up to the 80486. */
static bool test_register_move(const rt386_insn_event *e, char *to, size_t size)
{
    static const char *const reg[] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    if (e->length < 3 || e->bytes[0] != 0x0f || e->cpu > RT386_CPU_486) return false;
    unsigned rm = e->bytes[2] & 7, tr = e->bytes[2] >> 3 & 7;
    if (e->bytes[1] == 0x24)
        snprintf(to, size, "mov %s, tr%u", reg[rm], tr);
    else if (e->bytes[1] == 0x26)
        snprintf(to, size, "mov tr%u, %s", tr, reg[rm]);
    else
        return false;
    return true;
}

/* MOV Sreg, r16: the processor reads 16 bits whatever the operand size, capstone prints 32. */
static bool segment_move(const rt386_insn_event *e, char *to, size_t size)
{
    static const char *const reg[] = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
    static const char *const seg[] = {"es", "cs", "ss", "ds", "fs", "gs"};
    unsigned i = e->length > 2 && e->bytes[0] == 0x66;
    if (e->length != i + 2 || e->bytes[i] != 0x8e || e->bytes[i + 1] < 0xc0) return false;
    unsigned sreg = e->bytes[i + 1] >> 3 & 7;
    if (sreg > 5) return false;
    snprintf(to, size, "mov %s, %s", seg[sreg], reg[e->bytes[i + 1] & 7]);
    return true;
}

static bool is_prefix(uint8_t b)
{
    return (b & 0xe7) == 0x26 || (b >= 0x64 && b <= 0x67) || b == 0xf0 || b == 0xf2 || b == 0xf3;
}

/* LOADALL, up to the 80386, and UMOV, up to the 80486, which capstone takes for what they became later. UMOV is
 * read as the MOV that it is. */
static bool made_for_ice(struct disasm *d, const rt386_insn_event *e, char *to, size_t size)
{
    rt386_insn_event mov = *e;
    unsigned i = 0;
    while (i < e->length && is_prefix(e->bytes[i]))
        i++;
    if (i + 2 > e->length || e->bytes[i] != 0x0f || e->cpu > RT386_CPU_486) return false;
    uint8_t op = e->bytes[i + 1];
    bool loadall = op == 0x07 && e->cpu <= RT386_CPU_386;
    if (loadall) snprintf(to, size, "loadall");
    if (loadall) return true;
    if ((op & 0xfc) != 0x10 || size < 2) return false;
    mov.bytes[i] = 0x88 | (op & 3);
    memmove(mov.bytes + i + 1, mov.bytes + i + 2, e->length - i - 2u);
    mov.length--;
    *to = 'u';
    disasm_text(d, &mov, to + 1, size - 1);
    return true;
}

static void raw_bytes(const rt386_insn_event *e, char *to, size_t size)
{
    int n = snprintf(to, size, "db");
    for (unsigned i = 0; i < e->length && n > 0 && (size_t)n < size; i++)
        n += snprintf(to + n, size - (size_t)n, "%s 0x%02x", i ? "," : "", e->bytes[i]);
}

void disasm_text(struct disasm *d, const rt386_insn_event *e, char *to, size_t size)
{
    if (test_register_move(e, to, size) || segment_move(e, to, size)) return;
    if (made_for_ice(d, e, to, size)) return;
    const uint8_t *code = e->bytes;
    size_t left = e->length;
    uint64_t at = e->eip;
    cs_insn *insn = e->code32 ? d->insn32 : d->insn16;
    if (!cs_disasm_iter(e->code32 ? d->mode32 : d->mode16, &code, &left, &at, insn) || left) {
        raw_bytes(e, to, size);
        return;
    }
    uint32_t target;
    if (branch_target(e, &target))
        snprintf(to, size, "%s 0x%x", insn->mnemonic, target);
    else
        snprintf(to, size, "%s%s%s", insn->mnemonic, insn->op_str[0] ? " " : "", insn->op_str);
}

unsigned disasm_length(struct disasm *d, const uint8_t *bytes, unsigned n, bool code32)
{
    size_t left = n;
    uint64_t at = 0;
    cs_insn *insn = code32 ? d->insn32 : d->insn16;
    return cs_disasm_iter(code32 ? d->mode32 : d->mode16, &bytes, &left, &at, insn) ? insn->size
                                                                                    : 1;
}

bool disasm_later(struct disasm *d, const uint8_t *bytes, unsigned n, bool code32, char *to,
                  size_t size, unsigned *used)
{
    const uint8_t *code = bytes;
    size_t left = n;
    uint64_t at = 0;
    cs_insn *insn = code32 ? d->insn32 : d->insn16;
    if (!cs_disasm_iter(code32 ? d->mode32 : d->mode16, &code, &left, &at, insn)) return false;
    /* UD2, UD1 and UD0 are undefined on purpose, on every processor. */
    if (!strncmp(insn->mnemonic, "ud", 2)) return false;
    *used = insn->size;
    snprintf(to, size, "%s%s%s", insn->mnemonic, insn->op_str[0] ? " " : "", insn->op_str);
    return true;
}
