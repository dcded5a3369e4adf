#include "table_diff.h"

#include "desc_text.h"
#include "dump.h"

#include <stdlib.h>
#include <string.h>

#define TABLES 3

static const uint8_t empty[8];

static bool take_one(struct table_shot *s, const rt386 *m, unsigned table)
{
    s->info[table] = rt386_table_get(m, (rt386_table)table);
    unsigned n = s->info[table].entries;
    s->bytes[table] = calloc(n + 1u, sizeof *s->bytes[table]);
    if (!s->bytes[table]) return false;
    const rt386_addr at = {.space = RT386_LINEAR, .at = s->info[table].base};
    if (n && rt386_peek(m, at, s->bytes[table], 8 * n) != RT386_OK)
        for (unsigned i = 0; i < n; i++) /* what can be read */
            (void)rt386_peek(m, (rt386_addr){.space = RT386_LINEAR, .at = at.at + 8 * i},
                             s->bytes[table][i], 8);
    for (unsigned i = 0; i < n && table == RT386_GDT; i++) {
        rt386_desc d;
        if (memcmp(s->bytes[table][i], empty, 8))
            (void)rt386_table_entry(m, RT386_GDT, i, &d, s->owner[i]);
    }
    return true;
}

bool table_shot_take(struct table_shot *s, const rt386 *m)
{
    *s = (struct table_shot){.free_slots = rt386_intime_free_slots(m)};
    s->owner = calloc(rt386_table_get(m, RT386_GDT).entries + 1u, sizeof *s->owner);
    bool good = s->owner;
    for (unsigned i = 0; good && i < TABLES; i++)
        good = take_one(s, m, i);
    if (!good) table_shot_free(s);
    return good;
}

void table_shot_free(struct table_shot *s)
{
    for (unsigned i = 0; i < TABLES; i++)
        free(s->bytes[i]);
    free(s->owner);
    *s = (struct table_shot){0};
}

static const uint8_t *entry(const struct table_shot *s, unsigned table, unsigned i)
{
    return i < s->info[table].entries ? s->bytes[table][i] : empty;
}

static const char *owner_of(const struct table_shot *s, unsigned table, unsigned i)
{
    return table == RT386_GDT && i < s->info[table].entries ? s->owner[i] : "";
}

/* The next entry that differs, from *table and *i on. */
static bool next_change(const struct table_shot *was, const struct table_shot *is, unsigned *table,
                        unsigned *i)
{
    for (; *table < TABLES; ++*table, *i = 0) {
        unsigned a = was->info[*table].entries, b = is->info[*table].entries;
        for (; *i < (a > b ? a : b); ++*i)
            if (memcmp(entry(was, *table, *i), entry(is, *table, *i), 8)) return true;
    }
    return false;
}

unsigned table_diff_count(const struct table_shot *was, const struct table_shot *is)
{
    unsigned n = 0, table = 0, i = 0;
    for (; next_change(was, is, &table, &i); i++)
        n++;
    return n;
}

static const char *change_name(const uint8_t *was, const uint8_t *is)
{
    if (!memcmp(was, empty, 8)) return "added";
    return memcmp(is, empty, 8) ? "changed" : "removed";
}

static void side_text(struct text *t, const char *label, const uint8_t bytes[8])
{
    rt386_desc d = rt386_desc_decode(bytes);
    text_addf(t, "    %-4s ", label);
    desc_words(t, &d);
    text_add(t, "\n         ");
    text_wrap(t, d.text, 9, TEXT_WIDTH);
    if (desc_is_segment(d.kind))
        text_addf(t, "         base 0x%08x, limit 0x%08x\n", d.base, d.limit);
}

static void change_text(struct text *t, const struct table_shot *was, const struct table_shot *is,
                        unsigned table, unsigned i)
{
    const uint8_t *a = entry(was, table, i), *b = entry(is, table, i);
    const char *owner = owner_of(memcmp(b, empty, 8) ? is : was, table, i);
    struct text head = {0};
    text_addf(&head, "%s %s entry %u", change_name(a, b), dump_table_name((rt386_table)table), i);
    if (table != RT386_IDT)
        text_addf(&head, " (selector 0x%04x)", 8 * i + (table == RT386_LDT ? 4 : 0));
    if (owner[0]) text_addf(&head, ": %s", owner);
    text_add(t, "  ");
    text_wrap(t, text_str(&head), 4, TEXT_WIDTH);
    text_free(&head);
    if (memcmp(a, empty, 8)) side_text(t, "was", a);
    if (memcmp(b, empty, 8)) side_text(t, "is", b);
}

void table_diff_text(struct text *t, const struct table_shot *was, const struct table_shot *is)
{
    unsigned table = 0, i = 0;
    for (; next_change(was, is, &table, &i); i++)
        change_text(t, was, is, table, i);
    if (was->free_slots != is->free_slots)
        text_addf(t, "  free GDT slots: %u, now %u\n", was->free_slots, is->free_slots);
    else if (is->free_slots)
        text_addf(t, "  free GDT slots: %u\n", is->free_slots);
}

void table_diff_json(struct json *j, const struct table_shot *was, const struct table_shot *is)
{
    static const char *const key[TABLES] = {"gdt", "ldt", "idt"};
    unsigned table = 0, i = 0;
    json_open(j, "changes", '[');
    for (; next_change(was, is, &table, &i); i++) {
        const uint8_t *a = entry(was, table, i), *b = entry(is, table, i);
        rt386_desc before = rt386_desc_decode(a), after = rt386_desc_decode(b);
        json_open(j, NULL, '{');
        json_str(j, "change", change_name(a, b));
        json_str(j, "table", key[table]);
        json_num(j, "index", i);
        if (table != RT386_IDT) json_hex(j, "selector", 8 * i + (table == RT386_LDT ? 4 : 0), 4);
        json_str(j, "owner", owner_of(memcmp(b, empty, 8) ? is : was, table, i));
        desc_json(j, "before", &before);
        desc_json(j, "after", &after);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_num(j, "free_slots_before", was->free_slots);
    json_num(j, "free_slots", is->free_slots);
}
