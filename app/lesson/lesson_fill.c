/* lesson_fill.c: texts with expressions in braces. */
#include "disasm.h"
#include "lesson_expr.h"
#include "rule_text.h"

#include <stdio.h>
#include <string.h>

struct filling {
    const struct scope *s;
    uint32_t value;
    struct text *to;
    char *err;
    size_t err_size;
};

static bool peeked(const struct filling *f, uint8_t *to, size_t n)
{
    rt386_addr at = {.space = RT386_LINEAR, .at = f->value};
    if (rt386_peek(f->s->now, at, to, n) == RT386_OK) return true;
    snprintf(f->err, f->err_size, "nothing can be read at linear address 0x%08x", f->value);
    return false;
}

static bool fill_hex(struct filling *f)
{
    text_addf(f->to, f->value > 0xffff ? "0x%08x" : "0x%04x", f->value);
    return true;
}

static bool fill_decimal(struct filling *f)
{
    text_addf(f->to, "%u", f->value);
    return true;
}

static bool fill_binary(struct filling *f)
{
    for (int i = 15; i >= 0; i--)
        text_add(f->to, f->value >> i & 1 ? "1" : "0");
    return true;
}

/* A selector's fields: "0000000000011 0 11". */
static bool fill_selector(struct filling *f)
{
    for (int i = 15; i >= 0; i--)
        text_addf(f->to, "%s%u", i == 2 || i == 1 ? " " : "", f->value >> i & 1);
    return true;
}

static bool fill_desc(struct filling *f)
{
    uint8_t b[8];
    if (!peeked(f, b, 8)) return false;
    rt386_desc d = rt386_desc_decode(b);
    text_add(f->to, d.kind == RT386_DESC_EMPTY ? "an empty entry" : d.text);
    return true;
}

static bool fill_bytes(struct filling *f)
{
    uint8_t b[8];
    if (!peeked(f, b, 8)) return false;
    for (unsigned i = 0; i < 8; i++)
        text_addf(f->to, "%s%02x", i ? " " : "", b[i]);
    return true;
}

static bool fill_rule(struct filling *f)
{
    text_add(f->to, f->value ? rt386_rule(f->value).name : "no rule");
    return true;
}

static bool fill_says(struct filling *f)
{
    text_add(f->to, f->value ? rt386_rule(f->value).sentence : "Nothing is refused.");
    return true;
}

static bool fill_manual(struct filling *f)
{
    text_add(f->to, f->value ? rt386_rule(f->value).section : "-");
    return true;
}

static bool fill_vector(struct filling *f)
{
    text_add(f->to, rt386_vector_mnemonic(f->value));
    return true;
}

/* What stands in the error code of the outcome's event. */
static bool fill_error(struct filling *f)
{
    error_code_words(f->to, f->s->outcome ? f->s->outcome->first.vector : 13, f->value);
    return true;
}

static bool fill_insn(struct filling *f)
{
    rt386_insn_event e = {.linear = f->value, .cpu = RT386_CPU_386};
    uint64_t flags = 0, eip = 0, base = 0;
    char words[120];
    if (!peeked(f, e.bytes, sizeof e.bytes)) return false;
    (void)rt386_reg_get(f->s->now, "cs_flags", &flags);
    (void)rt386_reg_get(f->s->now, "cs_base", &base);
    eip = f->value - (uint32_t)base;
    e.eip = (uint32_t)eip;
    e.code32 = flags & 4;
    struct disasm *d = disasm_new();
    if (!d) return false;
    e.length = (uint8_t)disasm_length(d, e.bytes, sizeof e.bytes, e.code32);
    disasm_text(d, &e, words, sizeof words);
    disasm_free(d);
    text_add(f->to, words);
    return true;
}

static const struct {
    const char *word;
    bool (*fill)(struct filling *f);
} forms[] = {{"d", fill_decimal},     {"b", fill_binary},         {"desc", fill_desc},
             {"bytes", fill_bytes},   {"rule", fill_rule},        {"says", fill_says},
             {"manual", fill_manual}, {"vector", fill_vector},    {"error", fill_error},
             {"insn", fill_insn},     {"selector", fill_selector}};

/* `form` up to the closing brace. */
static bool fill_one(struct filling *f, const char *form, size_t n)
{
    if (!n) return fill_hex(f);
    if (form[0] == 'x' && n == 2 && form[1] >= '1' && form[1] <= '8') {
        text_addf(f->to, "0x%0*x", form[1] - '0', f->value);
        return true;
    }
    for (unsigned i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strlen(forms[i].word) == n && !strncmp(forms[i].word, form, n)) return forms[i].fill(f);
    snprintf(f->err, f->err_size, "'%.*s' is no form of a number", (int)n, form);
    return false;
}

bool expr_fill(const struct scope *s, const char *text, struct text *to, char *err, size_t err_size)
{
    struct filling f = {.s = s, .to = to, .err = err, .err_size = err_size};
    for (;;) {
        size_t n = strcspn(text, "{");
        text_addn(to, text, n);
        text += n;
        if (!*text) return true;
        if (*++text == '{') {
            text_add(to, "{");
            text++;
            continue;
        }
        const char *rest;
        if (!expr_value(s, text, &rest, &f.value, err, err_size)) return false;
        size_t form = strcspn(rest, "}");
        if ((*rest != ';' && *rest != '}') || !rest[form]) {
            snprintf(err, err_size, "'{%.40s' is not closed", text);
            return false;
        }
        if (!fill_one(&f, *rest == ';' ? rest + 1 : rest, *rest == ';' ? form - 1 : 0))
            return false;
        text = rest + form + 1;
    }
}
