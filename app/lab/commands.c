/* commands.c: the words of the lab, and the keys that say them. */
#include "inside.h"

#include "opt.h"

#include <stdlib.h>
#include <string.h>

/* ---- what is seen ----------------------------------------------------------------------------------------- */

static bool word_pane(struct lab *l, const char *rest)
{
    enum pane_id p = pane_named(rest);
    if (p == PANE_COUNT) {
        lab_say(l, true, "'%.30s' is no pane; 'help' lists them", rest);
        return false;
    }
    if (p == PANE_LESSON && !l->lesson) {
        lab_say(l, true, "no lesson is open: rt386 lab --lesson 1");
        return false;
    }
    lab_focus(l, p);
    return true;
}

/* To the next place of the layout, in its order; which panes share one is layout.c's business. */
static bool turn(struct lab *l, int by)
{
    struct layout layout;
    layout_make(l, l->width, l->height, &layout);
    for (unsigned i = 0; i < layout.slots; i++)
        for (unsigned k = 0; k < layout.slot[i].panes; k++) {
            if (layout.slot[i].pane[k] != l->focus) continue;
            unsigned next = (i + layout.slots + (unsigned)by) % layout.slots;
            lab_focus(l, slot_seen(l, &layout.slot[next]));
            return true;
        }
    return false;
}

static bool word_next_pane(struct lab *l, const char *rest)
{
    (void)rest;
    return turn(l, 1);
}

static bool word_previous_pane(struct lab *l, const char *rest)
{
    (void)rest;
    return turn(l, -1);
}

static bool tab(struct lab *l, int by)
{
    struct layout layout;
    layout_make(l, l->width, l->height, &layout);
    for (unsigned i = 0; i < layout.slots; i++) {
        const struct slot *s = &layout.slot[i];
        for (unsigned k = 0; k < s->panes; k++) {
            if (s->pane[k] != l->focus) continue;
            lab_focus(l, s->pane[(k + s->panes + (unsigned)by) % s->panes]);
            return true;
        }
    }
    return false;
}

static bool word_tab(struct lab *l, const char *rest)
{
    return tab(l, !strcmp(rest, "back") ? -1 : 1);
}

static bool word_zoom(struct lab *l, const char *rest)
{
    (void)rest;
    l->zoomed = !l->zoomed;
    return true;
}

static bool word_palette(struct lab *l, const char *rest)
{
    const struct palette *p = *rest ? palette_named(rest) : NULL;
    for (unsigned i = 0; !*rest && palette_at(i); i++)
        if (palette_at(i) == l->palette) p = palette_at(i + 1) ? palette_at(i + 1) : palette_at(0);
    if (!p) {
        lab_say(l, true, "'%.30s' is no palette; there are light, dark, contrast and print", rest);
        return false;
    }
    l->palette = p;
    return true;
}

static bool word_scale(struct lab *l, const char *rest)
{
    char *end;
    double v = !strcmp(rest, "up")     ? (double)l->scale + 0.2
               : !strcmp(rest, "down") ? (double)l->scale - 0.2
                                       : strtod(rest, &end);
    if (!(v >= 0.59 && v <= 4)) {
        lab_say(l, true, "scale: a number from 0.6 to 4, or up or down");
        return false;
    }
    l->scale = (float)v;
    return true;
}

static bool word_help(struct lab *l, const char *rest)
{
    (void)rest;
    l->help = !l->help;
    l->help_top = 0;
    return true;
}

static bool word_quit(struct lab *l, const char *rest)
{
    (void)rest;
    l->over = true;
    return true;
}

/* ---- rows ------------------------------------------------------------------------------------------------- */

static void rows_by(struct lab *l, long by)
{
    struct lab_pane *p = &l->pane[l->focus];
    if (l->focus == PANE_CODE) {
        for (long i = 0; i < (by < 0 ? -by : by); i++)
            code_select(l, by < 0 ? -1 : 1);
        return;
    }
    if (l->focus == PANE_MEMORY) {
        memory_select(l, by);
        return;
    }
    if (l->focus == PANE_LESSON) {
        lab_scroll(l, l->focus, (int)by);
        return;
    }
    long to = (long)p->selected + by, last = (long)p->rows - 1;
    if (to > last) to = last;
    p->selected = to < 0 ? 0 : (unsigned)to;
}

/* What has no first and last row of its own. */
static bool row_end(struct lab *l, bool last)
{
    long all = (long)l->pane[l->focus].rows;
    if (l->focus == PANE_CODE) return code_end(l, last);
    if (l->focus == PANE_MEMORY)
        memory_end(l, last);
    else
        rows_by(l, last ? all : -all);
    return true;
}

static bool word_row(struct lab *l, const char *rest)
{
    const struct lab_pane *p = &l->pane[l->focus];
    long page = p->shown > 1 ? (long)p->shown - 1 : 1;
    bool first = !strcmp(rest, "first"), last = !strcmp(rest, "last");
    long by = !strcmp(rest, "up")          ? -1
              : !strcmp(rest, "page up")   ? -page
              : !strcmp(rest, "page down") ? page
                                           : 1;
    if (l->help)
        help_scroll(l, first ? -1000 : last ? 1000 : by > 1 ? 5 : by < -1 ? -5 : (int)by);
    else if (first || last)
        return row_end(l, last);
    else
        rows_by(l, by);
    return true;
}

/* "gdt 3", "code 0x401000" */
static bool word_select(struct lab *l, const char *rest)
{
    char name[24] = "";
    uint64_t n = 0;
    size_t len = strcspn(rest, " ");
    if (len < sizeof name) memcpy(name, rest, len);
    enum pane_id p = pane_named(name);
    rest += len + strspn(rest + len, " ");
    if (p >= PANE_LESSON || !opt_number(rest, 0, &n) || n > UINT32_MAX) {
        lab_say(l, true, "select: name a pane and a row, as 'select gdt 3'");
        return false;
    }
    lab_focus(l, p);
    if (p == PANE_CODE) {
        l->code_at = (uint32_t)n;
        l->code_elsewhere = true;
    } else {
        l->pane[p].selected = (unsigned)n;
    }
    return true;
}

/* ---- the tables ---------------------------------------------------------------------------------------------- */

static const struct command_word {
    const char *name, *help;
    bool (*run)(struct lab *l, const char *rest);
} words[] = {
    {"step", "step [N]: an instruction on, or N", move_step},
    {"next", "next: the same, but a call is one step", move_next},
    {"back", "back [N]: instructions back", move_back},
    {"run", "run: on to what stops the guest", move_run},
    {"run-back", "run-back: back to what stops it", move_run_back},
    {"stop", "stop: no longer on", move_stop},
    {"go", "go N: to where N instructions have retired, as 120000 or 3M", move_go},
    {"live", "live: to the present", move_live},
    {"break",
     "break [ADDRESS|FILE.c:LINE]: stop before an instruction; alone: at the selected line",
     point_break},
    {"watch",
     "watch [r|w] ADDRESS,N: stop behind an access; ds:0x10,4, 0x401000,4 or phys:0x9000,4",
     point_watch},
    {"catch", "catch VECTOR|all|call:NAME|selector:N|switch: stop there", point_catch},
    {"delete", "delete [N]: it no longer stops the guest", point_delete},
    {"follow", "follow: a selector to its descriptor, a descriptor to its memory", follow},
    {"return", "return: to where 'follow' came from", follow_return},
    {"at", "at ADDRESS: code, or memory, there; ds:0x10, 0x401000 (linear) or phys:0x9000",
     look_at},
    {"what-if",
     "what-if SELECTOR FIELD [VALUE]: the instruction on a copy with that descriptor "
     "changed; alone: no longer",
     checks_what_if},
    {"page", "page next|back|NAME|N: another step of the lesson", page_turn},
    {"answer", "answer N TEXT: to question N of the page; the first answer counts", page_answer},
    {"hint", "hint N: for question N; it costs", page_hint},
    {"pane", "pane NAME: the keyboard goes there", word_pane},
    {"next-pane", "next-pane: to the next one", word_next_pane},
    {"previous-pane", "previous-pane: to the one before", word_previous_pane},
    {"tab", "tab [back]: the next one of the same place", word_tab},
    {"row", "row up|down|page up|page down|first|last", word_row},
    {"select", "select PANE ROW", word_select},
    {"zoom", "zoom: one pane alone, or all", word_zoom},
    {"palette", "palette [light|dark|contrast|print]: the next one", word_palette},
    {"scale", "scale up|down|NUMBER: the size of everything", word_scale},
    {"help", "help: this list", word_help},
    {"quit", "quit: leave; the guest ends", word_quit},
};
#define WORDS (sizeof words / sizeof *words)

/* A command that ends with a blank is only begun: the rest is asked for. */
static const struct key {
    const char *key, *command;
} keys[] = {
    {"s", "step"},
    {"f7", "step"},
    {"right", "step"},
    {"n", "next"},
    {"f8", "next"},
    {"S", "back"},
    {"shift+f7", "back"},
    {"left", "back"},
    {"c", "run"},
    {"f9", "run"},
    {"C", "run-back"},
    {"shift+f9", "run-back"},
    {" ", "stop"},
    {"ctrl+c", "stop"},
    {"g", "go "},
    {"L", "live"},
    {"b", "break"},
    {"f2", "break"},
    {"w", "watch "},
    {"e", "catch "},
    {"d", "delete "},
    {"return", "follow"},
    {"backspace", "return"},
    {"a", "at "},
    {"x", "what-if "},
    {">", "page next"},
    {"<", "page back"},
    {"A", "answer "},
    {"H", "hint "},
    {"/", "pane "},
    {"tab", "next-pane"},
    {"shift+tab", "previous-pane"},
    {"]", "tab"},
    {"[", "tab back"},
    {"up", "row up"},
    {"down", "row down"},
    {"k", "row up"},
    {"j", "row down"},
    {"pageup", "row page up"},
    {"pagedown", "row page down"},
    {"home", "row first"},
    {"end", "row last"},
    {"z", "zoom"},
    {"f5", "zoom"},
    {"p", "palette"},
    {"+", "scale up"},
    {"-", "scale down"},
    {"=", "scale 1"},
    {"?", "help"},
    {"f1", "help"},
    {"h", "help"},
    {"q", "quit"},
    {"ctrl+q", "quit"},
};
#define KEYS (sizeof keys / sizeof *keys)

static const struct command_word *word_named(const char *s, size_t n)
{
    for (unsigned i = 0; i < WORDS; i++)
        if (strlen(words[i].name) == n && !strncmp(words[i].name, s, n)) return &words[i];
    return NULL;
}

bool lab_line(struct lab *l, const char *line)
{
    line += strspn(line, " \t");
    size_t n = strcspn(line, " \t");
    if (!n) return true;
    const struct command_word *w = word_named(line, n);
    if (!w) {
        const char *names[WORDS];
        char word[40];
        for (unsigned i = 0; i < WORDS; i++)
            names[i] = words[i].name;
        snprintf(word, sizeof word, "%.*s", (int)(n < sizeof word ? n : sizeof word - 1), line);
        const char *near = opt_nearest(word, names, WORDS);
        lab_say(l, true, "'%s' is no command%s%s; 'help' lists them", word,
                near ? "; the nearest is " : "", near ? near : "");
        return false;
    }
    line += n + strspn(line + n, " \t");
    return w->run(l, line);
}

bool lab_help_at(unsigned index, struct lab_help *to, char *text, size_t size)
{
    if (index >= WORDS) return false;
    size_t n = 0;
    *text = '\0';
    for (unsigned i = 0; i < KEYS; i++) {
        const char *command = keys[i].command;
        size_t len = strcspn(command, " ");
        if (word_named(command, len) != &words[index]) continue;
        const char *key = !strcmp(keys[i].key, " ") ? "space" : keys[i].key;
        int wrote = snprintf(text + n, size - n, "%s%s", n ? "  " : "", key);
        n += wrote > 0 && (size_t)wrote < size - n ? (size_t)wrote : 0;
    }
    *to = (struct lab_help){text, words[index].name, words[index].help};
    return true;
}

/* ---- keys ----------------------------------------------------------------------------------------------------- */

static void prompt_end(struct lab *l, bool run)
{
    char line[sizeof l->prompt];
    memcpy(line, l->prompt, sizeof line);
    l->prompting = false;
    *l->prompt = '\0';
    if (run) (void)lab_line(l, line);
}

static void prompt_back(struct lab *l)
{
    size_t n = strlen(l->prompt);
    while (n && ((uint8_t)l->prompt[n - 1] & 0xc0) == 0x80)
        n--;
    if (n)
        l->prompt[n - 1] = '\0';
    else
        prompt_end(l, false);
}

static void prompt_key(struct lab *l, const char *key)
{
    if (!strcmp(key, "return") || !strcmp(key, "keypad enter"))
        prompt_end(l, true);
    else if (!strcmp(key, "escape"))
        prompt_end(l, false);
    else if (!strcmp(key, "backspace"))
        prompt_back(l);
}

/* What is selected is what one means. */
static void prompt_selected(struct lab *l)
{
    size_t n = strlen(l->prompt);
    unsigned row = l->pane[l->focus].selected, selector = 0;
    bool about = !strcmp(l->prompt, "answer ") || !strcmp(l->prompt, "hint ");
    if (about && page_open_question(l))
        snprintf(l->prompt + n, sizeof l->prompt - n, "%u ", page_open_question(l));
    if (strcmp(l->prompt, "what-if ") != 0) return;
    if (l->focus == PANE_GDT || l->focus == PANE_LDT)
        selector = 8 * row + (l->focus == PANE_LDT ? 4 : 0);
    else if (l->focus == PANE_SEGMENTS)
        selector = rt386_seg_get(lab_machine(l), (rt386_segreg)row).selector;
    if (selector) snprintf(l->prompt + n, sizeof l->prompt - n, "%04x ", selector);
}

static void key_command(struct lab *l, const char *command)
{
    size_t n = strlen(command);
    if (command[n - 1] != ' ') {
        (void)lab_line(l, command);
        return;
    }
    l->prompting = true;
    snprintf(l->prompt, sizeof l->prompt, "%s", command);
    prompt_selected(l);
}

bool lab_key(struct lab *l, const char *key)
{
    if (l->prompting) {
        prompt_key(l, key);
        return true;
    }
    if (!strcmp(key, "escape")) {
        if (l->help)
            l->help = false;
        else if (l->running)
            (void)lab_line(l, "stop");
        else
            l->zoomed = false;
        return true;
    }
    for (unsigned i = 0; i < KEYS; i++)
        if (!strcmp(keys[i].key, key)) {
            bool stays = !strcmp(keys[i].command, "help") || !strncmp(keys[i].command, "row", 3);
            if (l->help && !stays) l->help = false;
            key_command(l, keys[i].command);
            return true;
        }
    return false;
}

void lab_typed(struct lab *l, const char *text)
{
    size_t n = strlen(l->prompt), more = strlen(text);
    if (!l->prompting) {
        if (strcmp(text, ":") != 0) {
            (void)lab_key(l, text);
            return;
        }
        l->prompting = true;
        *l->prompt = '\0';
    } else if (n + more < sizeof l->prompt) {
        memcpy(l->prompt + n, text, more + 1);
    }
}
