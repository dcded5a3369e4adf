/* lesson_expr.h: small expressions over a machine, of 32 bits, and texts with such in braces.
 *
 *   0x18  24                            numbers
 *   s  es  es_base  eax  cpl  cr0       seeded values, registers as `rt386_reg_get` names them, the guest's names
 *   byte[a] word[a] dword[a]            memory, linear; phys[a]: a dword, physical
 *   gdt[s].base  ldt[s]  idt[v]  desc[a] descriptors: by selector, by vector, at a linear address
 *   walk[a].phys                        the page tables on the way to a linear address
 *   fault.vector  load.rule             what the copy of a question met
 *   was(e)                              before the copy ran
 *   a ? b : c  || && | ^ & == != < <= > >= << >> + - * / % - ~ ! ( )      as in C, unsigned
 *
 * `{e}` in a text is 0x and digits; `{e;d}` decimal, `{e;b}` 16 binary digits, `{e;x8}` so many hexadecimal ones, `{e;desc}`
 * the words of the descriptor at that linear address, `{e;bytes}` its bytes, `{e;rule}` a rule's name, `{e;says}` its sentence,
 * `{e;manual}` its section, `{e;vector}` "#GP", `{e;insn}` the instruction there.
 */
#ifndef RT386_APP_LESSON_EXPR_H
#define RT386_APP_LESSON_EXPR_H

#include "lesson_copy.h"
#include "text.h"

#define SCOPE_VARS 12
struct scope {
    const rt386 *now, *before;     /* before NULL: the same */
    const struct outcome *outcome; /* NULL: nothing was run */
    bool (*symbol)(const void *ctx, const char *name, uint32_t *value);
    const void *ctx;
    struct {
        char name[16];
        uint32_t value;
    } var[SCOPE_VARS];
    unsigned vars;
};

/* *rest (may be NULL): behind the expression; without it nothing may follow. False: err is one sentence. */
bool expr_value(const struct scope *s, const char *text, const char **rest, uint32_t *value,
                char *err, size_t err_size);
/* Appends `text` with its braces filled. */
bool expr_fill(const struct scope *s, const char *text, struct text *to, char *err,
               size_t err_size);
/* A segment register by name: "es"; -1: none. *rest behind it. */
int expr_segment(const char *text, const char **rest);

#endif
