/* lesson_page.c: what there is to read at a step. */
#include "lesson_priv.h"

#include <stdlib.h>
#include <string.h>

void lesson_page_free(struct lesson *l)
{
    for (unsigned i = 0; i < LESSON_BLOCKS; i++) {
        text_free(&l->block_text[i]);
        text_free(&l->block_caption[i]);
        figure_free(&l->figure[i]);
    }
    l->page = (struct lesson_page){0};
}

static bool filled(struct lesson *l, const struct item *item, struct text *to)
{
    struct scope s = lesson_scope(l);
    char err[200];
    return expr_fill(&s, item->text, to, err, sizeof err) || lesson_wrong(l, item->line, "%s", err);
}

static bool is_block(enum item_kind kind)
{
    return kind == ITEM_PARAGRAPH || kind == ITEM_CODE || kind == ITEM_FIGURE || kind == ITEM_NOTE;
}

static bool block_make(struct lesson *l, const struct item *item)
{
    unsigned i = l->page.blocks;
    struct text *t = &l->block_text[i];
    if (i == LESSON_BLOCKS)
        return lesson_wrong(l, item->line, "a step has at most %d paragraphs", LESSON_BLOCKS);
    enum lesson_block_kind kind = item->kind == ITEM_CODE   ? LESSON_CODE
                                  : item->kind == ITEM_NOTE ? LESSON_NOTE
                                                            : LESSON_PARAGRAPH;
    if (item->kind == ITEM_FIGURE) {
        kind = LESSON_FIGURE;
        if (!figure_read(l, item, &l->figure[i], &l->block_caption[i])) return false;
        figure_text(l, &l->figure[i], t);
    } else if (!filled(l, item, t))
        return false;
    l->block[i] = (struct lesson_block){
        .kind = kind, .text = text_str(t), .caption = text_str(&l->block_caption[i])};
    l->page.blocks++;
    return !t->failed || lesson_wrong(l, 0, "the host has no memory left");
}

bool lesson_page_make(struct lesson *l)
{
    const struct step_source *step = l->source.step + l->step;
    lesson_page_free(l);
    l->page = (struct lesson_page){
        .name = step->name, .title = step->title, .block = l->block, .questions = step->asks};
    for (unsigned i = 0; i < step->items.n; i++)
        if (is_block(step->items.at[i].kind) && !block_make(l, &step->items.at[i])) return false;
    return true;
}
