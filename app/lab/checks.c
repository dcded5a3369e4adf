/* checks.c: what the instruction at EIP will be checked for: as the machine is, and with a changed descriptor on a copy of it. Told
 * when somebody looks, once for each place. */
#include "checks.h"

#include "copy.h"
#include "inside.h"
#include "opt.h"

#include <stdlib.h>
#include <string.h>

struct checks {
    unsigned moves; /* of which it is; 0: of none */
    struct look now, then;
    struct what_if what;
};

struct checks *checks_new(void)
{
    return calloc(1, sizeof(struct checks));
}

/* ---- one account -------------------------------------------------------------------------------------------- */

static void look_free(struct look *k)
{
    rt386_account_free(k->account);
    *k = (struct look){0};
}

void checks_free(struct checks *k)
{
    if (!k) return;
    look_free(&k->now);
    look_free(&k->then);
    free(k);
}

/* The delivery of an exception is another thing than what raised it. */
static void look_find(struct look *k)
{
    const rt386_step *s;
    for (unsigned i = 0; (s = rt386_account_step(k->account, i)); i++) {
        if (s->kind == RT386_STEP_DELIVERY) return;
        if (s->kind == RT386_STEP_SELECTOR && !k->selector) k->selector = s;
        if (s->kind == RT386_STEP_MEMORY && !k->access) k->access = s;
        if (s->kind == RT386_STEP_FAULT && s->has_reg) k->access = s;
    }
}

static void look_at_next(const rt386 *m, struct look *k)
{
    rt386_status st = rt386_account_next(m, &k->account);
    k->failed = copy_refused(st);
    if (k->failed) {
        k->account = NULL;
        return;
    }
    k->result = rt386_account_result_of(k->account);
    k->lines = steps_lines(k->account, k->line, LOOK_LINES);
    look_find(k);
}

/* ---- what if --------------------------------------------------------------------------------------------------- */

static const struct part { /* of the eight bytes as one number, lowest first */
    const char *name;
    uint8_t low, bits, high_low, high_bits; /* the second two: the rest of a field in two pieces */
} parts[] = {
    {"type", 40, 4, 0, 0}, {"a", 40, 1, 0, 0}, {"w", 41, 1, 0, 0},      {"r", 41, 1, 0, 0},
    {"e", 42, 1, 0, 0},    {"c", 42, 1, 0, 0}, {"x", 43, 1, 0, 0},      {"s", 44, 1, 0, 0},
    {"dpl", 45, 2, 0, 0},  {"p", 47, 1, 0, 0}, {"avl", 52, 1, 0, 0},    {"b", 54, 1, 0, 0},
    {"d", 54, 1, 0, 0},    {"g", 55, 1, 0, 0}, {"limit", 0, 16, 48, 4}, {"base", 16, 24, 56, 8}};

static uint64_t part_set(uint64_t v, const struct part *p, uint64_t to)
{
    uint64_t low = ((UINT64_C(1) << p->bits) - 1) << p->low;
    uint64_t high = ((UINT64_C(1) << p->high_bits) - 1) << p->high_low;
    v = (v & ~low) | (to << p->low & low);
    return p->high_bits ? (v & ~high) | (to >> p->bits << p->high_low & high) : v;
}

static bool entry_change(rt386 *m, const struct what_if *w, rt386_desc *before, rt386_desc *after)
{
    rt386_table table = w->selector & 4 ? RT386_LDT : RT386_GDT;
    rt386_table_info info = rt386_table_get(m, table);
    uint8_t bytes[8];
    uint64_t v = 0;
    if (rt386_table_entry(m, table, w->selector >> 3, before, NULL) != RT386_OK) return false;
    for (unsigned i = 8; i--;)
        v = v << 8 | before->bytes[i];
    const struct part *p = &parts[w->part];
    v = part_set(v, p, w->flip ? ~(v >> p->low) & 1 : w->value);
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(v >> 8 * i);
    *after = rt386_desc_decode(bytes);
    rt386_addr at = {.space = RT386_LINEAR, .at = info.base + (w->selector & 0xfff8u)};
    return rt386_poke(m, at, bytes, 8) == RT386_OK;
}

static void look_make(const rt386 *m, struct what_if *w, struct look *k)
{
    rt386 *copy = NULL;
    look_free(k);
    if (!w) {
        look_at_next(m, k);
        return;
    }
    k->failed = machine_copy(m, &copy);
    if (!k->failed && !entry_change(copy, w, &w->before, &w->after))
        k->failed = "the descriptor is not there any more";
    if (!k->failed) look_at_next(copy, k);
    if (copy) rt386_destroy(copy);
}

const struct look *checks_look(struct lab *l, const struct what_if **what, const struct look **then)
{
    struct checks *k = l->checks;
    if (k->moves != l->moves) {
        look_make(lab_machine(l), NULL, &k->now);
        if (k->what.on) look_make(lab_machine(l), &k->what, &k->then);
        k->moves = l->moves;
    }
    *what = k->what.on ? &k->what : NULL;
    *then = k->what.on ? &k->then : NULL;
    return &k->now;
}

static bool what_if_wrong(struct lab *l, const char *what)
{
    lab_say(l, true,
            "what-if: %s; as 'what-if 001b p', 'what-if 001b dpl 0', 'what-if 001b limit 0xfff'",
            what);
    return false;
}

static bool part_read(const char *name, size_t n, unsigned *part)
{
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strlen(parts[i].name) == n && !strncasecmp(parts[i].name, name, n)) {
            *part = i;
            return true;
        }
    return false;
}

bool checks_what_if(struct lab *l, const char *rest)
{
    struct what_if w = {.on = true};
    char *end;
    rt386_desc d;
    l->checks->moves = 0;
    if (!*rest) {
        l->checks->what.on = false;
        lab_say(l, false, "descriptors as they are");
        return true;
    }
    unsigned long selector = strtoul(rest, &end, 16);
    if (end == rest || *end != ' ' || selector > 0xffff)
        return what_if_wrong(l, "name a selector in hexadecimal and a field");
    w.selector = (uint16_t)selector;
    end += strspn(end, " ");
    size_t n = strcspn(end, " ");
    if (!part_read(end, n, &w.part))
        return what_if_wrong(l, "the fields are p, s, a, w, r, e, c, x, b, d, g, avl, dpl, type, "
                                "limit and base");
    snprintf(w.name, sizeof w.name, "%.8s", parts[w.part].name);
    const char *value = end + n + strspn(end + n, " ");
    w.flip = !*value;
    unsigned bits = parts[w.part].bits + parts[w.part].high_bits;
    if (w.flip ? bits > 1 : !opt_number(value, 0, &w.value) || w.value >> bits)
        return what_if_wrong(l, "a field of more than one bit takes a value that fits");
    rt386_table table = selector & 4 ? RT386_LDT : RT386_GDT;
    if (rt386_table_entry(lab_machine(l), table, w.selector >> 3, &d, NULL) != RT386_OK)
        return what_if_wrong(l, "no descriptor is there");
    l->checks->what = w;
    lab_focus(l, PANE_CHECKS);
    lab_say(l, false, "on a copy of the machine; 'what-if' alone ends it");
    return true;
}
