/* explain_load.c: the load of a segment register, check by check, and the accesses through it. */
#include "explain_priv.h"

#include <ctype.h>
#include <string.h>

#define RULE_COLUMN 13u /* of the rule's name */
#define WORD_COLUMN 37u /* of the values */

static const char *upper_name(int reg, char to[8])
{
    snprintf(to, 8, "%s", segreg_name(reg));
    for (char *p = to; *p; p++)
        *p = (char)toupper((unsigned char)*p);
    return to;
}

void explain_insn(struct explain *e, const char *process, const rt386_insn_event *insn)
{
    char text[160] = "";
    if (process[0]) text_addf(&e->out, "[%s] ", process);
    if (!insn) {
        text_add(&e->out, "(before the first instruction)\n");
        return;
    }
    disasm_text(e->disasm, insn, text, sizeof text);
    explain_paint(e, PAINT_HEAD, text);
    char at[96];
    int n = snprintf(at, sizeof at, "at %04x:%08x", insn->cs, insn->eip);
    if (insn->symbol)
        snprintf(at + n, sizeof at - (size_t)n, ", %.60s+0x%x", insn->symbol, insn->symbol_offset);
    size_t used = strlen(text) + strlen(process) + (process[0] ? 3 : 0);
    if (used + 2 + strlen(at) > TEXT_WIDTH) text_add(&e->out, "\n        ");
    text_addf(&e->out, "  %s\n", at);
}

/* ---- checks
 * -------------------------------------------------------------------------------------- */

bool explain_first(uint8_t seen[RULES_MAX / 8], unsigned n)
{
    if (n >= RULES_MAX) return true;
    uint8_t bit = (uint8_t)(1u << (n % 8));
    bool before = seen[n / 8] & bit;
    seen[n / 8] |= bit;
    return !before;
}

static void not_reached_line(struct explain *e, unsigned number, const char *rule)
{
    struct text line = {0};
    text_addf(&line, "    %2u  --   %-22s  not reached", number, rule);
    explain_paint(e, PAINT_DIM, text_str(&line));
    text_add(&e->out, "\n");
    text_free(&line);
}

/* last_told: the sentence of a failed check is printed too; else it follows elsewhere. */
static void check_line(struct explain *e, const rt386_explanation *why, unsigned i, bool last_told)
{
    const rt386_check *c = &why->checks[i];
    rt386_rule_info rule = rt386_rule(c->rule);
    if (c->state == RT386_CHECK_NOT_REACHED) {
        not_reached_line(e, i + 1, rule.name);
        return;
    }
    struct text t = {0}, line = {0};
    text_addf(&e->out, "    %2u ", i + 1);
    explain_paint(e, c->passed ? PAINT_GOOD : PAINT_BAD, c->passed ? "pass" : "FAIL");
    rule_values(&t, why, c);
    text_pad(&line, WORD_COLUMN);
    text_wrap(&line, text_str(&t), WORD_COLUMN, TEXT_WIDTH);
    text_addf(&e->out, "  %-22s  %s", rule.name, text_str(&line) + WORD_COLUMN);
    text_clear(&t);
    bool tell = explain_first(e->told, c->rule) || !c->passed;
    if (tell && (c->passed || last_told)) {
        text_pad(&e->out, RULE_COLUMN);
        text_addf(&t, "%s [%s]", rule.sentence, rule.section);
        text_wrap(&e->out, text_str(&t), RULE_COLUMN, TEXT_WIDTH);
    }
    text_free(&t);
    text_free(&line);
}

void explain_checks(struct explain *e, const rt386_explanation *why, bool last_told)
{
    unsigned n = why->count < RT386_CHECKS_MAX ? why->count : RT386_CHECKS_MAX;
    if (n) text_add(&e->out, "  checks, in the processor's order:\n");
    for (unsigned i = 0; i < n; i++)
        check_line(e, why, i, last_told);
}

/* ---- loads
 * --------------------------------------------------------------------------------------- */

static void selector_line(struct explain *e, uint16_t sel)
{
    char bits[14];
    for (int i = 0; i < 13; i++)
        bits[i] = sel >> (15 - i) & 1 ? '1' : '0';
    bits[13] = '\0';
    text_addf(&e->out, "  selector   0x%04x = %s %u %u%u: index %u, TI %u (%s), RPL %u\n", sel,
              bits, sel >> 2 & 1, sel >> 1 & 1, sel & 1, sel >> 3, sel >> 2 & 1,
              sel & 4 ? "LDT" : "GDT", sel & 3);
}

static void descriptor_lines(struct explain *e, const rt386_explanation *why)
{
    struct text t = {0};
    desc_words(&t, &why->desc);
    text_addf(&e->out, "  descriptor %s\n", text_str(&t));
    text_clear(&t);
    text_addf(&t, "at linear 0x%08x: %s", why->descriptor_at,
              why->desc.kind == RT386_DESC_EMPTY ? "empty" : why->desc.text);
    explain_item(e, "", text_str(&t));
    text_free(&t);
}

/* LAR, LSL, VERR and VERW only ask: the answer is ZF, never a fault. */
static bool only_asks(const char *purpose)
{
    return strstr(purpose, "LAR") || strstr(purpose, "LSL") || strstr(purpose, "VERR") ||
           strstr(purpose, "VERW");
}

static void load_result(struct explain *e, const struct view_load *l)
{
    const rt386_explanation *why = l->why;
    char reg[8];
    if (only_asks(why->purpose)) {
        text_addf(&e->out, "  answer     ZF=%u\n", !why->fault.raised);
    } else if (why->fault.raised) {
        explain_paint(e, PAINT_BAD, "  refused");
        text_addf(&e->out, "    the register keeps its old contents\n");
    } else if (why->located && desc_is_segment(why->desc.kind) && l->reg >= 0) {
        text_addf(&e->out, "  loaded     %s: base 0x%08x, limit 0x%08x%s\n",
                  upper_name(l->reg, reg), why->desc.base, why->desc.limit,
                  why->desc.accessed ? "" : "; the A bit is set");
    }
}

static void explain_ask(struct explain *e, const struct view_load *l)
{
    const rt386_explanation *why = l->why;
    const rt386_check *failed = rule_failed(why);
    text_addf(&e->out, "  asks       selector 0x%04x (index %u) at CPL %u: ", why->selector,
              why->selector >> 3, why->cpl);
    if (why->fault.raised || failed) {
        text_add(&e->out, "ZF=0, without a fault\n");
        if (failed) check_line(e, why, (unsigned)(failed - why->checks), true);
    } else {
        text_addf(&e->out, "ZF=1, all %u checks pass\n", why->count);
    }
    explain_put(e);
}

static void load_body(struct explain *e, const struct view_load *l)
{
    char reg[8];
    text_addf(&e->out, "  %s", l->why->purpose);
    if (l->reg >= 0) text_addf(&e->out, " (%s)", upper_name(l->reg, reg));
    text_addf(&e->out, " at CPL %u\n", l->why->cpl);
    selector_line(e, l->why->selector);
    if (l->why->located) descriptor_lines(e, l->why);
    explain_checks(e, l->why, true);
    load_result(e, l);
}

bool explain_load_text(struct app *app, struct text *to, const rt386_explanation *why, int reg)
{
    struct app plain;
    struct view view;
    if (!explain_view_text(app, &plain, to, &view)) return false;
    load_body(view.ctx, &(struct view_load){.why = why, .reg = reg});
    explain_put(view.ctx);
    view.ops->close(view.ctx);
    return true;
}

bool explain_checks_text(struct app *app, struct text *to, const rt386_explanation *why)
{
    struct app plain;
    struct view view;
    if (!explain_view_text(app, &plain, to, &view)) return false;
    explain_checks(view.ctx, why, true);
    explain_put(view.ctx);
    view.ops->close(view.ctx);
    return true;
}

void explain_load(void *view, const struct view_load *l)
{
    struct explain *e = view;
    explain_open_calls(e);
    explain_block(e);
    explain_insn(e, l->process, l->insn);
    if (only_asks(l->why->purpose) && !e->all) {
        explain_ask(e, l);
        return;
    }
    load_body(e, l);
    explain_put(e);
}

/* ---- accesses
 * ------------------------------------------------------------------------------------- */

void explain_access(void *view, const struct view_access *a)
{
    struct explain *e = view;
    char reg[8];
    explain_open_calls(e);
    explain_line(e);
    int digits = a->mem->size >= 4 ? 8 : (int)a->mem->size * 2;
    text_addf(&e->out, "  access     %s:0x%08x (linear 0x%08x) %s 0x%0*x\n",
              upper_name((int)a->mem->seg, reg), a->mem->offset, a->mem->linear,
              a->mem->access == RT386_WRITE ? "<-" : "->", digits, a->mem->value);
    explain_put(e);
}

void explain_accesses(void *view, const struct view_accesses *s)
{
    struct explain *e = view;
    char reg[8];
    explain_line(e);
    text_addf(&e->out, "  and        %s:", upper_name((int)s->seg, reg));
    if (s->reads) text_addf(&e->out, " %u more read%s,", s->reads, s->reads == 1 ? "" : "s");
    if (s->writes) text_addf(&e->out, " %u more write%s,", s->writes, s->writes == 1 ? "" : "s");
    text_addf(&e->out, " offsets 0x%x..0x%x\n", s->low, s->high);
    explain_put(e);
}
