/* agree.h: when a decoded instruction and capstone's view of it are the same. */
#ifndef RT386_TESTS_CPU_AGREE_H
#define RT386_TESTS_CPU_AGREE_H

#include <ctype.h>
#include <string.h>

#include "insn.h"
#include "state.h"

/* --- names: the manual's to capstone's --- */

/* "a/b": 16-bit operands / 32-bit operands; "j": by the address size; one word: both. */
static const struct {
    const char *manual, *capstone;
} names[] = {
    {"JB", "jb"},
    {"JNB", "jae"},
    {"JZ", "je"},
    {"JNZ", "jne"},
    {"JNBE", "ja"},
    {"JNL", "jge"},
    {"JNLE", "jg"},
    {"SETNB", "setae"},
    {"SETZ", "sete"},
    {"SETNZ", "setne"},
    {"SETNBE", "seta"},
    {"SETNL", "setge"},
    {"SETNLE", "setg"},
    {"CMOVNB", "cmovae"},
    {"CMOVZ", "cmove"},
    {"CMOVNZ", "cmovne"},
    {"CMOVNBE", "cmova"},
    {"CMOVNL", "cmovge"},
    {"CMOVNLE", "cmovg"},
    {"CMPPS", "cmpeqps"},
    {"CMPSS", "cmpeqss"},
    {"CMPPD", "cmpeqpd"},
    {"CMPSD", "cmpeqsd"},
    {"CBW", "cbw/cwde"},
    {"CWD", "cwd/cdq"},
    {"PUSHA", "pushaw/pushal"},
    {"POPA", "popaw/popal"},
    {"PUSHF", "pushf/pushfd"},
    {"POPF", "popf/popfd"},
    {"IRET", "iret/iretd"},
    {"XLAT", "xlatb"},
    {"MOVS", "movsw/movsd"},
    {"CMPS", "cmpsw/cmpsd"},
    {"STOS", "stosw/stosd"},
    {"LODS", "lodsw/lodsd"},
    {"SCAS", "scasw/scasd"},
    {"INS", "insw/insd"},
    {"OUTS", "outsw/outsd"},
};

static inline void lower(char *to, const char *from)
{
    do
        *to++ = (char)tolower((unsigned char)*from);
    while (*from++);
}

/* The half of "a/b" for an operand size; a byte form ends in b. */
static inline void pick(char *to, const char *pair, unsigned opsize, bool byte)
{
    const char *slash = strchr(pair, '/');
    strcpy(to, slash && opsize == 4 ? slash + 1 : pair);
    if (slash && opsize == 2) to[slash - pair] = '\0';
    if (slash && byte) to[strlen(to) - 1] = 'b';
}

static inline void expected_name(char *to, const struct insn *in)
{
    const struct i386_row *row = &i386_rows[in->row];
    bool byte = row->attrs & ATT_BYTE, far = row->op[0] == O_Ap || row->op[0] == O_Mp;
    if (strcmp(row->mnemonic, "JCXZ") == 0) {
        strcpy(to, in->adsize == 2 ? "jcxz" : "jecxz");
        return;
    }
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].manual, row->mnemonic) == 0) {
            pick(to, names[i].capstone, in->opsize, byte);
            return;
        }
    *to = 'l';
    lower(to + far, row->mnemonic);
}

/* Capstone's word for another view of the same instruction. Version 4 names these three by the mode
 * alone when two size prefixes come together, or in 16-bit code. */
static inline bool same_name(const char *want, const char *is, const struct insn *in)
{
    if (strcmp(want, is) == 0) return true;
    switch (in->opcode) {
    case 0x98: return strcmp(is, "cbw") == 0 || strcmp(is, "cwde") == 0;
    case 0x99: return strcmp(is, "cwd") == 0 || strcmp(is, "cdq") == 0;
    case 0xe3: return strcmp(is, "jcxz") == 0 || strcmp(is, "jecxz") == 0;
    case 0xca:
    case 0xcb: return strncmp(is, "retf", 4) == 0;
    default: return strcmp(want, "shl") == 0 && strcmp(is, "sal") == 0;
    }
}

/* --- what capstone 4 does not know, or says of later processors --- */

static inline bool excepted(const struct insn *in)
{
    if ((i386_rows[in->row].checks & CHK_MEM) && in->mod == 3) return true; /* refused later */
    switch (in->opcode) {
    case 0x0f3f: return true; /* the personality trap */
    case 0x0f07:              /* LOADALL, UMOV: other instructions later */
    case 0x0f10:
    case 0x0f11:
    case 0x0f12:
    case 0x0f13: return true;
    case 0x0f20: /* mod is ignored: capstone refuses some */
    case 0x0f21:
    case 0x0f22:
    case 0x0f23:
    case 0x0f24: /* test registers are gone since the Pentium */
    case 0x0f26: return true;
    case 0x8c:
    case 0x8e: return in->reg >= SEGREG_COUNT; /* refused later */
    case 0xf6:
    case 0xf7: return in->reg == 1;                           /* alias of TEST */
    case 0x82: return true;                                   /* alias of 80 */
    default: return in->opcode >= 0xd8 && in->opcode <= 0xdf; /* x87 names */
    }
}

#endif
