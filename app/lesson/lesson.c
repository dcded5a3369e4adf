/* lesson.c: opening a lesson, and taking its machine from stop to stop. */
#include "lesson_data.h"
#include "lesson_elf.h"
#include "lesson_priv.h"
#include "source_lines.h"

#include <rt386/breaks.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (16u << 20) /* of a lesson of somebody's own */

bool lesson_wrong(struct lesson *l, unsigned line, const char *format, ...)
{
    char words[400];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(words, sizeof words, format, list);
    va_end(list);
    text_clear(&l->error);
    if (line) text_addf(&l->error, "%s, line %u: ", l->source.id, line);
    text_add(&l->error, words);
    return false;
}

const char *lesson_error(const struct lesson *l)
{
    return text_str(&l->error);
}

/* ---- which there are ----------------------------------------------------------------------------------- */

static bool is_source(const char *name)
{
    size_t n = strlen(name);
    return n > 7 && !strcmp(name + n - 7, ".lesson");
}

static const struct lesson_file *file_named(const char *name)
{
    for (const struct lesson_file *f = lesson_files; f->name; f++)
        if (!strcmp(f->name, name)) return f;
    return NULL;
}

static struct lesson_entry entry_of(const struct lesson_source *s)
{
    struct lesson_entry e = {.number = s->number, .steps = s->steps};
    snprintf(e.id, sizeof e.id, "%s", s->id ? s->id : "");
    snprintf(e.title, sizeof e.title, "%s", s->title ? s->title : "");
    snprintf(e.about, sizeof e.about, "%s", s->about ? s->about : "");
    for (unsigned i = 0; i < s->steps; i++)
        e.questions += s->step[i].asks;
    return e;
}

bool lesson_at(unsigned index, struct lesson_entry *entry)
{
    const struct lesson_file *f = lesson_files;
    while (f->name && (!is_source(f->name) || index--))
        f++;
    if (!f->name) return false;
    struct lesson_source s;
    char err[sizeof entry->about];
    bool good = lesson_source_read(&s, (const char *)f->bytes, f->n, err, sizeof err);
    *entry = entry_of(&s);
    if (!good) snprintf(entry->about, sizeof entry->about, "%s", err);
    lesson_source_free(&s);
    return true;
}

/* ---- opening --------------------------------------------------------------------------------------------- */

/* The embedded source for "01-selectors", "selectors", "1" or "01"; n: length of the word. */
static const struct lesson_file *source_named(const char *word, size_t n)
{
    char *end;
    unsigned long number = strtoul(word, &end, 10);
    bool by_number = n && end == word + n;
    for (const struct lesson_file *f = lesson_files; f->name; f++) {
        if (!is_source(f->name)) continue;
        size_t whole = strlen(f->name) - 7;
        const char *dash = strchr(f->name, '-');
        size_t head = dash ? (size_t)(dash + 1 - f->name) : 0;
        if (by_number ? strtoul(f->name, NULL, 10) == number
                      : (n == whole && !strncmp(word, f->name, n)) ||
                            (n == whole - head && !strncmp(word, f->name + head, n)))
            return f;
    }
    return NULL;
}

static unsigned char *file_bytes(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    unsigned char *p = f ? malloc(FILE_MAX) : NULL;
    *n = p ? fread(p, 1, FILE_MAX, f) : 0;
    if (p && ferror(f)) { /* a folder, a broken disk */
        free(p);
        p = NULL;
    }
    if (f) fclose(f);
    return p;
}

static bool read_source(struct lesson *l, const char *name, const char *bytes, size_t n,
                        rt386_status *status)
{
    char err[300];
    if (lesson_source_read(&l->source, bytes, n, err, sizeof err)) return true;
    *status = RT386_E_FORMAT;
    return lesson_wrong(l, 0, "%s, %s", name, err);
}

/* The guest of a lesson of somebody's own lies beside it. False: nothing is there. */
static bool own_image(struct lesson *l, const char *path, const char *guest, size_t n)
{
    const char *slash = strrchr(path, '/');
    struct text at = {0};
    text_addn(&at, path, slash ? (size_t)(slash + 1 - path) : 0);
    text_addn(&at, guest, n);
    l->own_image = file_bytes(text_str(&at), &l->image_size);
    l->image = l->own_image;
    if (!l->image) lesson_wrong(l, 0, "%s: the lesson's guest cannot be read", text_str(&at));
    text_free(&at);
    return l->image != NULL;
}

static bool find_image(struct lesson *l, const char *path, rt386_status *status)
{
    const char *guest = l->source.guest;
    size_t n = strcspn(guest, " ");
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)n, guest);
    const struct lesson_file *f = file_named(name);
    if (path && own_image(l, path, guest, n)) return true;
    if (f) {
        text_clear(&l->error);
        l->image = f->bytes;
        l->image_size = f->n;
        return true;
    }
    *status = RT386_E_NOTFOUND;
    return !path &&
           lesson_wrong(l, 0,
                        "the guest %s is not in this build: it was made without the guests' "
                        "compilers",
                        name);
}

static bool own_source(struct lesson *l, const char *path, rt386_status *status)
{
    size_t n;
    unsigned char *bytes = file_bytes(path, &n);
    size_t mark = bytes && n >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3) ? 3 : 0; /* of UTF-8 */
    bool good = bytes ? read_source(l, path, (const char *)bytes + mark, n - mark, status)
                      : lesson_wrong(l, 0, "%s cannot be read", path);
    free(bytes);
    return good && find_image(l, path, status);
}

/* Where ":SEED:STEP" begins; NULL: there is none. */
static const char *link_tail(const char *id)
{
    const char *own = strstr(id, ".lesson:");
    return own ? own + 7 : strchr(id, '/') ? NULL : strchr(id, ':');
}

bool lesson_is_permalink(const char *id)
{
    return link_tail(id) != NULL;
}

/* ":SEED:STEP" or ":SEED" */
static bool link_read(struct lesson *l, const char *id, const char *colon, const char **step)
{
    char *end;
    l->seed = strtoull(colon + 1, &end, 0);
    if (end == colon + 1 || (*end && *end != ':'))
        return lesson_wrong(l, 0, "'%.80s' is no permalink: ID:SEED:STEP", id);
    *step = *end ? end + 1 : "";
    return true;
}

/* `id` may be a permalink: "ID:SEED:STEP". */
static bool find_source(struct lesson *l, const char *id, const char **step, rt386_status *status)
{
    const char *colon = link_tail(id);
    size_t length = colon ? (size_t)(colon - id) : strlen(id);
    *status = RT386_E_NOTFOUND;
    if (colon && !link_read(l, id, colon, step)) return false;
    if (memchr(id, '/', length) || (length > 7 && !strncmp(id + length - 7, ".lesson", 7))) {
        struct text path = {0};
        text_addn(&path, id, length);
        bool good = own_source(l, text_str(&path), status);
        text_free(&path);
        return good;
    }
    const struct lesson_file *f = source_named(id, length);
    if (!f)
        return lesson_wrong(l, 0, "there is no lesson '%.60s'; 'rt386 lesson list' names them", id);
    return read_source(l, f->name, (const char *)f->bytes, f->n, status) &&
           find_image(l, NULL, status);
}

static bool make_asked(struct lesson *l)
{
    const struct lesson_source *s = &l->source;
    l->visited = calloc(s->steps, sizeof *l->visited);
    l->asked = calloc(s->steps, sizeof *l->asked);
    bool good = l->visited && l->asked;
    for (unsigned i = 0; good && i < s->steps; i++) {
        l->asked[i] = calloc(s->step[i].asks + 1, sizeof **l->asked);
        good = l->asked[i] != NULL;
    }
    return good || lesson_wrong(l, 0, "the host has no memory left");
}

/* A step by name or by number from 1; steps if there is none. */
static unsigned step_named(const struct lesson *l, const char *name)
{
    char *end;
    unsigned long n = strtoul(name, &end, 10);
    for (unsigned i = 0; i < l->source.steps; i++)
        if (!strcmp(l->source.step[i].name, name)) return i;
    return *name && !*end && n >= 1 && n <= l->source.steps ? (unsigned)n - 1 : l->source.steps;
}

static bool begin(struct lesson *l, const char *id, const char *step, rt386_status *status)
{
    if (!find_source(l, id, &step, status)) return false;
    l->lines = source_lines_of_bytes(l->image, l->image_size);
    *status = RT386_E_NOMEM;
    if (!make_asked(l)) return false;
    l->first = *step ? step_named(l, step) : 0;
    *status = RT386_E_NOTFOUND;
    if (l->first >= l->source.steps)
        return lesson_wrong(l, 0, "lesson %s has no step '%.40s'", l->source.id, step);
    *status = RT386_E_FORMAT;
    return lesson_go(l, l->first);
}

struct lesson *lesson_open(const char *id, uint64_t seed, char *err, size_t err_size,
                           rt386_status *status)
{
    return lesson_open_at(id, seed, NULL, err, err_size, status);
}

struct lesson *lesson_open_at(const char *id, uint64_t seed, const char *step, char *err,
                              size_t err_size, rt386_status *status)
{
    rt386_status why = RT386_OK;
    struct lesson *l = calloc(1, sizeof *l);
    if (l) l->seed = seed;
    if (l && begin(l, id, step ? step : "", &why)) {
        if (status) *status = RT386_OK;
        return l;
    }
    snprintf(err, err_size, "%s", l ? lesson_error(l) : "the host has no memory left");
    if (status) *status = l ? why : RT386_E_NOMEM;
    lesson_close(l);
    return NULL;
}

void lesson_close(struct lesson *l)
{
    if (!l) return;
    for (unsigned i = 0; l->asked && i < l->source.steps && l->asked[i]; i++) {
        for (unsigned j = 0; j < l->source.step[i].asks; j++)
            asked_free(&l->asked[i][j]);
        free(l->asked[i]);
    }
    free(l->asked);
    asked_free(&l->tried);
    text_free(&l->values);
    text_free(&l->source_line);
    free(l->visited);
    lesson_page_free(l);
    source_lines_close(l->lines);
    rt386_destroy(l->machine);
    lesson_source_free(&l->source);
    text_free(&l->console);
    text_free(&l->link);
    text_free(&l->error);
    free(l->own_image);
    free(l);
}

/* ---- the machine ------------------------------------------------------------------------------------------ */

static void console(void *ctx, const char *bytes, size_t n)
{
    struct lesson *l = ctx;
    if (l->console.n + n < 65536) text_addn(&l->console, bytes, n);
}

/* What the addresses of the guest's file are relative to. */
static bool guest_base(const struct lesson *l, uint32_t *base)
{
    rt386_process p;
    unsigned n = 0;
    *base = 0;
    if (!l->intime) return true;
    while (rt386_intime_process(l->machine, n, &p)) /* the last one is the guest */
        n++;
    if (n) *base = p.vseg_base;
    return n > 0;
}

bool lesson_symbol(const struct lesson *l, const char *name, uint32_t *linear)
{
    uint32_t base;
    if (!lesson_elf_symbol(l->image, l->image_size, name, linear) || !guest_base(l, &base))
        return false;
    *linear += base;
    return true;
}

/* A line of a source that is built in. */
static const char *built_in_line(struct text *to, const struct lesson_file *f, unsigned line)
{
    const char *all = (const char *)f->bytes, *at = text_line_at(all, f->n, line);
    text_clear(to);
    if (!at) return text_str(to);
    size_t left = f->n - (size_t)(at - all);
    const char *newline = memchr(at, '\n', left);
    text_addn(to, at, newline ? (size_t)(newline - at) : left);
    return text_str(to);
}

const char *lesson_source_line(struct lesson *l, uint32_t linear, unsigned *line)
{
    struct source_place place;
    uint32_t base;
    if (!l->lines || !guest_base(l, &base) || !source_lines_at(l->lines, linear - base, &place))
        return NULL;
    const char *slash = strrchr(place.file, '/');
    const struct lesson_file *f = l->own_image ? NULL : file_named(slash ? slash + 1 : place.file);
    if (line) *line = place.line;
    return f ? built_in_line(&l->source_line, f, place.line)
             : source_lines_text(l->lines, place.file, place.line);
}

static bool symbol_of(const void *ctx, const char *name, uint32_t *value)
{
    return lesson_symbol(ctx, name, value);
}

struct scope lesson_scope(const struct lesson *l)
{
    return (struct scope){.now = l->machine, .symbol = symbol_of, .ctx = l};
}

static bool fresh_machine(struct lesson *l)
{
    if (!lesson_elf_is(l->image, l->image_size))
        return lesson_wrong(l, 0, "the guest %s is no ELF file of 32 bits", l->source.guest);
    const char *kind = strchr(l->source.guest, ' ');
    uint8_t sector[512];
    rt386_load_options o = {.size = sizeof o, .name = "lesson"};
    l->intime = kind && !strcmp(kind + 1, "intime");
    rt386_config config = {.size = sizeof config,
                           .memory = l->intime ? 0 : 4u << 20,
                           .console = console,
                           .console_ctx = l};
    bool boot = lesson_elf_boot(l->image, l->image_size, sector);
    rt386_destroy(l->machine);
    l->machine = NULL;
    text_clear(&l->console);
    if (boot) o.kind = RT386_IMAGE_BOOT;
    if (rt386_create(&config, &l->machine) != RT386_OK)
        return lesson_wrong(l, 0, "the host has no memory for the machine");
    if (rt386_load_bytes(l->machine, boot ? sector : l->image, boot ? sizeof sector : l->image_size,
                         &o) != RT386_OK)
        return lesson_wrong(l, 0, "the guest is refused: %s", rt386_error(l->machine));
    return true;
}

bool lesson_goal(struct lesson *l, const struct scope *s, const struct item *item,
                 struct run_goal *goal)
{
    char err[200];
    const char *t = item->text;
    *goal = (struct run_goal){.end = RUN_EVENT, .insns = LESSON_INSNS};
    if (!strcmp(t, "event")) return true;
    goal->end = strncmp(t, "to ", 3) ? RUN_COUNT : RUN_AT;
    uint32_t value;
    if (!expr_value(s, goal->end == RUN_AT ? t + 3 : t, NULL, &value, err, sizeof err))
        return lesson_wrong(l, item->line, "%s", err);
    if (goal->end == RUN_COUNT && value > LESSON_INSNS)
        return lesson_wrong(l, item->line, "at most %u instructions are run", LESSON_INSNS);
    if (goal->end == RUN_AT)
        goal->linear = value;
    else
        goal->insns = value;
    return true;
}

static bool run_item(struct lesson *l, const struct item *item)
{
    struct scope s = lesson_scope(l);
    struct run_goal goal;
    rt386_exit why = {0};
    if (!lesson_goal(l, &s, item, &goal)) return false;
    if (goal.end == RUN_COUNT) {
        struct outcome out;
        return outcome_run(l->machine, &goal, &out) ||
               lesson_wrong(l, item->line, "the guest ended: %s", out.why.text);
    }
    rt386_seek seek = {.size = sizeof seek,
                       .kind = goal.end == RUN_AT ? RT386_SEEK_EXEC : RT386_SEEK_EVENT,
                       .at = {.space = RT386_LINEAR, .at = goal.linear},
                       .vector = -1};
    bool there = rt386_break_on(l->machine, &seek, 1) == RT386_OK &&
                 rt386_run(l->machine, goal.insns, 0, &why) == RT386_OK &&
                 why.kind == RT386_EXIT_BREAK;
    (void)rt386_break_on(l->machine, NULL, 0);
    return there || lesson_wrong(l, item->line, "the guest does not get to '%s': %s", item->text,
                                 why.text[0] ? why.text : "it runs on and on");
}

static bool run_step(struct lesson *l, unsigned step)
{
    const struct items *items = &l->source.step[step].items;
    for (unsigned i = 0; i < items->n; i++)
        if (items->at[i].kind == ITEM_RUN && !run_item(l, &items->at[i])) return false;
    l->step = step;
    return true;
}

bool lesson_go(struct lesson *l, unsigned step)
{
    if (step >= l->source.steps) return lesson_wrong(l, 0, "there is no step %u", step + 1);
    /* from the start, whatever has been done to the machine meanwhile: guests of lessons are short */
    if (!fresh_machine(l)) return false;
    for (unsigned i = 0; i <= step; i++)
        if (!run_step(l, i)) return false;
    l->visited[step] = true;
    text_clear(&l->link);
    text_addf(&l->link, "%s:%llu:%s", l->source.id, (unsigned long long)l->seed,
              l->source.step[step].name);
    return lesson_page_make(l);
}

/* ---- looking ------------------------------------------------------------------------------------------------ */

struct lesson_entry lesson_describe(const struct lesson *l)
{
    return entry_of(&l->source);
}

uint64_t lesson_seed(const struct lesson *l)
{
    return l->seed;
}

unsigned lesson_steps(const struct lesson *l)
{
    return l->source.steps;
}

unsigned lesson_step(const struct lesson *l)
{
    return l->step;
}

const char *lesson_step_name(const struct lesson *l, unsigned step)
{
    return step < l->source.steps ? l->source.step[step].name : "";
}

rt386 *lesson_machine(const struct lesson *l)
{
    return l->machine;
}

const char *lesson_console(const struct lesson *l)
{
    return text_str(&l->console);
}

const struct lesson_page *lesson_page(const struct lesson *l)
{
    return &l->page;
}

const char *lesson_permalink(const struct lesson *l)
{
    return text_str(&l->link);
}
