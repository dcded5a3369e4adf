/* lesson_ask.c: a question is put to copies of the machine.
 *
 *   lesson's machine --copy, seeded values--> before --copy, @try--> after
 *                                               |                     |
 *                                          text, hints        answer, explanation
 */
#include "lesson_priv.h"
#include "rule_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct asking {
    struct lesson *l;
    const struct ask_source *source;
    struct asked *a;
    struct scope s; /* now: before the run */
    rt386 *before, *after;
    struct outcome outcome;
    uint64_t random;
    const char *own; /* NULL, or "name=VALUE, name=VALUE": in place of what is drawn */
};

void asked_free(struct asked *a)
{
    struct text *all[] = {&a->id, &a->text, &a->form, &a->answer, &a->correct, &a->why};
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
        text_free(all[i]);
    for (unsigned i = 0; i < LESSON_CHOICES; i++)
        text_free(&a->choice_text[i]);
    for (unsigned i = 0; i < LESSON_HINTS; i++)
        text_free(&a->hint[i]);
    *a = (struct asked){0};
}

static bool wrong(const struct asking *q, const struct item *item, const char *err)
{
    return lesson_wrong(q->l, item ? item->line : q->source->line, "%s", err);
}

/* ---- seeded values ------------------------------------------------------------------------------------------ */

/* SplitMix64: the same on every host. */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Each question has numbers of its own, whatever was asked before it. */
static uint64_t random_start(const struct lesson *l, unsigned question)
{
    uint64_t state = l->seed;
    for (const char *p = l->source.id; *p; p++)
        state = draw(&state) ^ (unsigned char)*p;
    state ^= ((uint64_t)l->step << 32) + question;
    return draw(&state);
}

/* Behind "VALUE": "to VALUE [by VALUE]". */
static bool draw_range(struct asking *q, const struct item *item, const char *at, uint32_t low,
                       uint32_t *value)
{
    char err[200];
    uint32_t high, step = 1;
    if (!expr_value(&q->s, at, &at, &high, err, sizeof err)) return wrong(q, item, err);
    if (!strncmp(at, "by ", 3) && !expr_value(&q->s, at + 3, &at, &step, err, sizeof err))
        return wrong(q, item, err);
    if (*at || high < low || !step)
        return wrong(q, item, "say '@vary NAME LOW to HIGH by STEP', LOW not above HIGH");
    uint64_t steps = (uint64_t)(high - low) / step + 1;
    *value = low + (uint32_t)(draw(&q->random) % steps) * step;
    return true;
}

static bool draw_one(struct asking *q, const struct item *item, const char *at, uint32_t *value)
{
    uint32_t v;
    char err[200];
    for (uint64_t n = 1;; n++) {
        if (!expr_value(&q->s, at, &at, &v, err, sizeof err)) return wrong(q, item, err);
        if (n == 1 && !strncmp(at, "to ", 3)) return draw_range(q, item, at + 3, v, value);
        if (draw(&q->random) % n == 0) *value = v; /* each of n as likely */
        if (!*at) return true;
        if (*at++ != ',') return wrong(q, item, "values are separated by commas");
    }
}

static bool own_refused(const struct asking *q)
{
    return lesson_wrong(q->l, 0, "'%.80s' is no list of values: say NAME=VALUE, NAME=VALUE",
                        q->own);
}

/* "name = VALUE": the length of the name, *value behind '='; NULL: there is none. */
static size_t own_name(const char *at, const char **value)
{
    size_t n = strcspn(at, "=,");
    *value = at[n] == '=' ? at + n + 1 : NULL;
    while (n && at[n - 1] == ' ')
        n--;
    return n;
}

/* The value that somebody gave for a name, if he gave one. */
static bool own_value(struct asking *q, const char *name, size_t n, uint32_t *value)
{
    char err[200];
    const char *value_at;
    for (const char *at = q->own; at && *at; at += strcspn(at, ",")) {
        at += strspn(at, " ,");
        if (own_name(at, &value_at) != n || strncmp(at, name, n) != 0 || !value_at) continue;
        if (!expr_value(&q->s, value_at, &at, value, err, sizeof err))
            return lesson_wrong(q->l, 0, "%.*s: %s", (int)n, name, err);
        return !*at || *at == ',' || own_refused(q);
    }
    return true;
}

static bool vary(struct asking *q, const struct item *item)
{
    size_t n = strcspn(item->text, " ");
    if (q->s.vars == SCOPE_VARS || n >= sizeof q->s.var[0].name || !item->text[n])
        return wrong(q, item, "say '@vary NAME VALUE, VALUE ...', at most 12 names of 15 letters");
    uint32_t value = 0;
    if (!draw_one(q, item, item->text + n + 1, &value) || !own_value(q, item->text, n, &value))
        return false;
    snprintf(q->s.var[q->s.vars].name, sizeof q->s.var[0].name, "%.*s", (int)n, item->text);
    q->s.var[q->s.vars++].value = value;
    return true;
}

static rt386_status put_value(struct asking *q, const char *name, uint32_t at, uint32_t value)
{
    static const char *const place[] = {"byte", "word", "dword", "phys"};
    static const size_t size[] = {1, 2, 4, 4};
    const uint8_t b[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                          (uint8_t)(value >> 24)};
    for (unsigned i = 0; i < 4; i++)
        if (!strcmp(name, place[i]))
            return rt386_poke(q->before,
                              (rt386_addr){.space = i == 3 ? RT386_PHYS : RT386_LINEAR, .at = at},
                              b, size[i]);
    return RT386_E_NOTFOUND;
}

/* "eax = VALUE", "byte[LINEAR] = VALUE" */
static bool put_into(struct asking *q, const struct item *item)
{
    const char *at = item->text;
    char name[24], err[200];
    uint32_t where = 0, value;
    size_t n = strcspn(at, " [=");
    snprintf(name, sizeof name, "%.*s", (int)n, at);
    at += n;
    bool memory = *at == '[';
    if (memory && !expr_value(&q->s, at + 1, &at, &where, err, sizeof err))
        return wrong(q, item, err);
    if (memory && *at++ != ']') return wrong(q, item, "']' is missing");
    at += strspn(at, " ");
    if (*at != '=')
        return wrong(q, item, "say '@do REGISTER = VALUE' or '@do byte[LINEAR] = VALUE'");
    if (!expr_value(&q->s, at + 1, NULL, &value, err, sizeof err)) return wrong(q, item, err);
    rt386_status status =
        memory ? put_value(q, name, where, value) : rt386_reg_set(q->before, name, value);
    return status == RT386_OK || wrong(q, item, "nothing can be put there");
}

static bool prepare(struct asking *q)
{
    const struct items *l = &q->source->items;
    const char *why = machine_copy(q->l->machine, &q->before);
    if (why) return wrong(q, NULL, why);
    q->s.now = q->before;
    for (unsigned i = 0; i < l->n; i++) {
        if (l->at[i].kind == ITEM_VARY && !vary(q, &l->at[i])) return false;
        if (l->at[i].kind == ITEM_DO && !put_into(q, &l->at[i])) return false;
    }
    return true;
}

/* ---- the run -------------------------------------------------------------------------------------------------- */

static bool try_it(struct asking *q)
{
    const struct items *l = &q->source->items;
    const char *why = machine_copy(q->before, &q->after);
    if (why) return wrong(q, NULL, why);
    for (unsigned i = 0; i < l->n; i++) {
        struct run_goal goal;
        struct scope s = q->s;
        if (l->at[i].kind != ITEM_TRY) continue;
        s.now = q->after;
        if (!lesson_goal(q->l, &s, &l->at[i], &goal)) return false;
        if (!outcome_run(q->after, &goal, &q->outcome) && !q->outcome.ended)
            return wrong(q, &l->at[i], "the copy of the machine does not get there");
    }
    return true;
}

static struct scope scope_after(const struct asking *q)
{
    struct scope s = q->s;
    s.now = q->after;
    s.before = q->before;
    s.outcome = &q->outcome;
    return s;
}

/* ---- what is right ---------------------------------------------------------------------------------------------- */

static const struct item *item_of(const struct asking *q, enum item_kind kind)
{
    for (unsigned i = 0; i < q->source->items.n; i++)
        if (q->source->items.at[i].kind == kind) return &q->source->items.at[i];
    return NULL;
}

static bool right_value(struct asking *q, uint32_t *value)
{
    struct scope s = scope_after(q);
    char err[200];
    const struct item *item = item_of(q, ITEM_ANSWER);
    return expr_value(&s, item->text, NULL, value, err, sizeof err) || wrong(q, item, err);
}

static bool right_bytes(struct asking *q)
{
    uint32_t at;
    if (!right_value(q, &at)) return false;
    rt386_addr where = {.space = RT386_LINEAR, .at = at};
    return rt386_peek(q->after, where, q->a->bytes, 8) == RT386_OK ||
           wrong(q, item_of(q, ITEM_ANSWER), "there are no eight bytes at this linear address");
}

static bool right_fault(struct asking *q)
{
    struct asked *a = q->a;
    /* an INT that is taken is no exception */
    a->faults =
        q->outcome.event && q->outcome.first.source != 's' && q->outcome.first.source != 'x';
    a->vector = q->outcome.first.vector;
    uint64_t cr0 = 0;
    (void)rt386_reg_get(q->before, "cr0", &cr0);
    a->has_error = q->outcome.first.fault.has_error && cr0 & 1; /* real mode has no error codes */
    a->error = q->outcome.first.fault.error;
    return true;
}

/* Choices of a question about checks: those that the processor makes, in its order, and that all are passed. */
static bool right_check(struct asking *q)
{
    const rt386_explanation *e = &q->outcome.load;
    struct asked *a = q->a;
    const char *rest;
    if (!q->outcome.loads) return wrong(q, NULL, "no selector is looked up in this run");
    for (unsigned i = 0; i < e->count && a->choices < LESSON_CHOICES - 1; i++) {
        if (e->checks[i].state == RT386_CHECK_NOT_REACHED) break;
        if (!e->checks[i].passed) a->number = a->choices;
        text_addf(&a->choice_text[a->choices++], "%s", rt386_rule(e->checks[i].rule).name);
    }
    for (unsigned i = 0;
         e->fault.raised && a->choices < LESSON_CHOICES - 1 && (rest = rule_not_reached(e, i)); i++)
        text_add(&a->choice_text[a->choices++], rest);
    if (!e->fault.raised) a->number = a->choices;
    text_add(&a->choice_text[a->choices++], "none: every check is passed");
    return true;
}

static bool right_choice(struct asking *q, const unsigned place[])
{
    uint32_t i;
    if (!right_value(q, &i)) return false;
    if (i >= q->a->choices)
        return wrong(q, item_of(q, ITEM_ANSWER), "there are not so many choices");
    q->a->number = place[i];
    return true;
}

/* Where a choice's value was written first, of those that no earlier choice has; OUTCOME_WRITES if nowhere. */
static unsigned written(const struct outcome *o, uint32_t value, uint32_t *used)
{
    for (unsigned i = 0; i < o->writes; i++) {
        uint32_t mask = o->write[i].size == 2 ? 0xffff : 0xffffffff;
        if (*used >> i & 1 || ((o->write[i].value ^ value) & mask)) continue;
        *used |= 1u << i;
        return i;
    }
    return OUTCOME_WRITES;
}

/* rank[i]: of the choice that stands at i. */
static void sort_order(struct asked *a, const uint64_t rank[], bool pushes)
{
    for (unsigned i = 0; i < a->choices; i++) {
        if (pushes && rank[i] == OUTCOME_WRITES) continue; /* it is not pushed at all */
        unsigned j = a->ordered++;
        for (; j && rank[a->order[j - 1]] > rank[i]; j--)
            a->order[j] = a->order[j - 1];
        a->order[j] = i;
    }
}

static bool right_order(struct asking *q, const unsigned place[])
{
    struct scope s = q->source->pushes ? q->s : scope_after(q);
    uint64_t rank[LESSON_CHOICES] = {0};
    uint32_t used = 0, value;
    unsigned n = 0;
    char err[200];
    for (unsigned i = 0; i < q->source->items.n; i++) {
        const struct item *item = &q->source->items.at[i];
        if (item->kind != ITEM_CHOICE) continue;
        const char *eq = strstr(item->text, " = ");
        if (!eq) return wrong(q, item, "say '@choice words = VALUE'");
        if (!expr_value(&s, eq + 3, NULL, &value, err, sizeof err)) return wrong(q, item, err);
        rank[place[n++]] = q->source->pushes ? written(&q->outcome, value, &used) : value;
    }
    sort_order(q->a, rank, q->source->pushes);
    return q->a->ordered > 1 || wrong(q, NULL, "nothing of this is written in the run");
}

/* The accessed bit of segments and the busy bit of a TSS come and go. */
static bool entry_differs(const rt386_desc *a, const rt386_desc *b)
{
    uint8_t mask = a->bytes[5] & 0x10 ? 1 : 2;
    for (unsigned i = 0; i < 8; i++)
        if ((a->bytes[i] ^ b->bytes[i]) & (i == 5 ? ~mask & 0xff : 0xff)) return true;
    return false;
}

static bool right_changes(struct asking *q)
{
    rt386_table_info info = rt386_table_get(q->after, RT386_GDT);
    for (unsigned i = 0; i < info.entries; i++) {
        rt386_desc is, was;
        if (rt386_table_entry(q->after, RT386_GDT, i, &is, NULL) != RT386_OK ||
            rt386_table_entry(q->before, RT386_GDT, i, &was, NULL) != RT386_OK ||
            !entry_differs(&was, &is))
            continue;
        if (q->a->changes == LESSON_CHANGES) return wrong(q, NULL, "more than 64 entries change");
        q->a->changed[q->a->changes++] = (uint16_t)(i * 8);
    }
    return true;
}

/* ---- texts ------------------------------------------------------------------------------------------------------- */

/* Choices in a seeded order: place[i] is where the i-th of the source stands. */
static bool choices(struct asking *q, unsigned place[LESSON_CHOICES])
{
    struct asked *a = q->a;
    char err[200] = "the host has no memory left";
    unsigned n = 0;
    for (unsigned i = 0; i < q->source->items.n; i++)
        n += q->source->items.at[i].kind == ITEM_CHOICE;
    for (unsigned i = 0; i < n; i++) {
        unsigned j = (unsigned)(draw(&q->random) % (i + 1));
        place[i] = i;
        for (unsigned k = 0; k < i; k++)
            if (place[k] >= j) place[k]++;
        place[i] = j;
    }
    for (unsigned i = 0; i < q->source->items.n; i++) {
        const struct item *item = &q->source->items.at[i];
        if (item->kind != ITEM_CHOICE) continue;
        struct text *t = &a->choice_text[place[a->choices++]];
        const char *value = q->source->kind == LESSON_ORDER ? strstr(item->text, " = ") : NULL;
        /* only the words before it */
        char *words = value ? strndup(item->text, (size_t)(value - item->text)) : NULL;
        bool good =
            (words || !value) && expr_fill(&q->s, words ? words : item->text, t, err, sizeof err);
        free(words);
        if (!good) return wrong(q, item, err);
    }
    return true;
}

static bool hint_make(struct asking *q, const struct item *item)
{
    char *end, err[200];
    unsigned long cost = strtoul(item->text, &end, 10);
    struct asked *a = q->a;
    if (end == item->text || *end != ' ' || cost > 100 || a->hints == LESSON_HINTS)
        return wrong(q, item, "say '@hint COST text', at most four to a question");
    a->hint_cost[a->hints] = (unsigned)cost;
    return expr_fill(&q->s, end + 1, &a->hint[a->hints++], err, sizeof err) || wrong(q, item, err);
}

static bool text_make(struct asking *q, const struct item *item)
{
    struct scope after = scope_after(q);
    struct text *t = item->kind == ITEM_EXPLAIN ? &q->a->why : &q->a->text;
    char err[200];
    struct text one = {0};
    if (t->n) text_add(t, "\n\n");
    bool good =
        expr_fill(item->kind == ITEM_EXPLAIN ? &after : &q->s, item->text, &one, err, sizeof err) ||
        wrong(q, item, err);
    if (item->kind == ITEM_CODE) text_add(t, "    ");
    for (const char *p = text_str(&one); *p; p++)
        item->kind == ITEM_CODE &&*p == '\n' ? text_add(t, "\n    ") : text_addn(t, p, 1);
    text_free(&one);
    return good;
}

static bool texts(struct asking *q)
{
    for (unsigned i = 0; i < q->source->items.n; i++) {
        const struct item *item = &q->source->items.at[i];
        bool good = true;
        switch (item->kind) {
        case ITEM_PARAGRAPH:
        case ITEM_CODE:
        case ITEM_EXPLAIN: good = text_make(q, item); break;
        case ITEM_HINT: good = hint_make(q, item); break;
        case ITEM_FORM: q->a->hex = strcmp(item->text, "dec") != 0; break;
        default: break;
        }
        if (!good) return false;
    }
    return true;
}

static bool right(struct asking *q)
{
    unsigned place[LESSON_CHOICES];
    if (!choices(q, place)) return false;
    switch (q->source->kind) {
    case LESSON_NUMBER: return right_value(q, &q->a->number);
    case LESSON_FAULT: return right_fault(q);
    case LESSON_CHOICE: return q->source->check ? right_check(q) : right_choice(q, place);
    case LESSON_BYTES: return right_bytes(q);
    case LESSON_ORDER: return right_order(q, place);
    case LESSON_SET: return right_changes(q);
    }
    return false;
}

/* Each name that is given is one of the question's, and has a value. */
static bool own_names(struct asking *q)
{
    const struct items *l = &q->source->items;
    for (const char *at = q->own; at && *at; at += strcspn(at, ",")) {
        at += strspn(at, " ,");
        if (!*at) break;
        const char *value;
        size_t n = own_name(at, &value);
        bool known = false;
        for (unsigned i = 0; i < l->n; i++)
            known |= l->at[i].kind == ITEM_VARY && n == strcspn(l->at[i].text, " ") &&
                     !strncmp(l->at[i].text, at, n);
        if (!value) return own_refused(q);
        if (!known)
            return lesson_wrong(q->l, 0, "question %s has no value '%.*s'", text_str(&q->a->id),
                                (int)(n > 40 ? 40 : n), at);
    }
    return true;
}

void asked_values(const struct lesson *l, unsigned question, struct text *to)
{
    const struct items *items = &l->source.step[l->step].ask[question].items;
    const char *between = "";
    for (unsigned i = 0; i < items->n; i++) {
        if (items->at[i].kind != ITEM_VARY) continue;
        text_addf(to, "%s%.*s", between, (int)strcspn(items->at[i].text, " "), items->at[i].text);
        between = ", ";
    }
}

bool asked_work(struct lesson *l, unsigned question, const char *own, struct asked *a)
{
    asked_free(a);
    struct asking q = {.l = l,
                       .own = own,
                       .source = &l->source.step[l->step].ask[question],
                       .a = a,
                       .s = lesson_scope(l),
                       .random = random_start(l, question)};
    a->hex = true;
    text_addf(&a->id, "%s.%u", l->source.step[l->step].name, question + 1);
    a->made = own_names(&q) && prepare(&q) && try_it(&q) && right(&q) && texts(&q);
    if (a->made) asked_forms(a, q.source);
    for (unsigned i = 0; i < a->choices; i++)
        a->choice[i] = text_str(&a->choice_text[i]);
    rt386_destroy(q.before);
    rt386_destroy(q.after);
    return a->made;
}

bool asked_make(struct lesson *l, unsigned question)
{
    struct asked *a = &l->asked[l->step][question];
    return a->made || asked_work(l, question, NULL, a);
}
