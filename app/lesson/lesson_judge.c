/* lesson_judge.c: reading an answer, in whatever spelling, and comparing it with what the machine did. */
#include "desc_text.h"
#include "lesson_priv.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ANSWER_MAX 200

/* ---- how the right answer is written, and how any answer is ------------------------------------------------------ */

static void form_choice(struct asked *a, bool order)
{
    if (order)
        text_add(&a->form, "Answer with the letters in their order, as B A C; one that does not "
                           "happen is left out.");
    else
        text_add(&a->form, "Answer with a letter.");
}

static void correct_bytes(struct asked *a)
{
    for (unsigned i = 0; i < 8; i++)
        text_addf(&a->correct, "%s%02x", i ? " " : "", a->bytes[i]);
}

static void correct_fault(struct asked *a)
{
    if (!a->faults)
        text_add(&a->correct, "none");
    else if (a->has_error)
        text_addf(&a->correct, "%s 0x%04x", rt386_vector_mnemonic(a->vector), a->error);
    else if (a->vector < 20)
        text_add(&a->correct, rt386_vector_mnemonic(a->vector));
    else
        text_addf(&a->correct, "%u", a->vector);
}

static void correct_list(struct asked *a, bool order)
{
    unsigned n = order ? a->ordered : a->changes;
    for (unsigned i = 0; i < n; i++) {
        if (i) text_add(&a->correct, " ");
        if (order)
            text_addf(&a->correct, "%c", 'A' + a->order[i]);
        else
            text_addf(&a->correct, "0x%04x", a->changed[i]);
    }
    if (!n) text_add(&a->correct, "none");
}

void asked_forms(struct asked *a, const struct ask_source *source)
{
    switch (source->kind) {
    case LESSON_NUMBER:
        text_add(&a->form, a->hex ? "Answer with a number, hexadecimal (0x12, 12h, 12) or decimal."
                                  : "Answer with a decimal number, or a hexadecimal one as 0x12.");
        text_addf(&a->correct,
                  !a->hex              ? "%u"
                  : a->number > 0xffff ? "0x%08x"
                                       : "0x%04x",
                  a->number);
        break;
    case LESSON_FAULT:
        text_add(&a->form, "Answer with the exception and its error code, as #GP 0x0010, or none.");
        correct_fault(a);
        break;
    case LESSON_CHOICE:
        form_choice(a, false);
        text_addf(&a->correct, "%c", 'A' + a->number);
        break;
    case LESSON_BYTES:
        text_add(&a->form, "Answer with eight bytes in memory order, or two dwords, the high one "
                           "first. Accessed and AVL bits do not count.");
        correct_bytes(a);
        break;
    case LESSON_ORDER:
        form_choice(a, true);
        correct_list(a, true);
        break;
    case LESSON_SET:
        text_add(&a->form, "Answer with selectors in hexadecimal, as 0x10 0x18, or none. Accessed "
                           "and busy bits do not count.");
        correct_list(a, false);
        break;
    }
}

/* ---- numbers ------------------------------------------------------------------------------------------------------ */

/* Small letters, without blanks and what people put between digits. */
static void squeeze(const char *s, char to[ANSWER_MAX])
{
    size_t n = 0;
    for (; *s && n < ANSWER_MAX - 1; s++)
        if (!isspace((unsigned char)*s) && !strchr("_'", *s))
            to[n++] = (char)tolower((unsigned char)*s);
    to[n] = 0;
}

static bool digits(const char *s, size_t n, int base, uint32_t *v)
{
    char copy[40], *end;
    if (!n || n >= sizeof copy) return false;
    memcpy(copy, s, n);
    copy[n] = 0;
    if (!isalnum((unsigned char)copy[0])) return false;
    unsigned long long value = strtoull(copy, &end, base);
    *v = (uint32_t)value;
    return !*end && value <= 0xffffffffu;
}

/* The ways a number can be meant: 0, 1 or 2 of them. */
static unsigned readings(const char *s, uint32_t v[2])
{
    size_t n = strlen(s);
    if (!strncmp(s, "0x", 2)) return digits(s + 2, n - 2, 16, v);
    if (*s == '$' || *s == '#') return digits(s + 1, n - 1, 16, v);
    if (n > 1 && s[n - 1] == 'h') return digits(s, n - 1, 16, v);
    unsigned k = digits(s, n, 10, v);
    k += digits(s, n, 16, v + k);
    if (n > 2 && !strncmp(s, "0b", 2) && k < 2) k += digits(s + 2, n - 2, 2, v + k);
    return k;
}

/* -1: it is no number. A number without a mark may be meant either way where hexadecimal was asked for. */
static int number_is(const char *s, uint32_t right, bool hex)
{
    uint32_t v[2];
    unsigned n = readings(s, v);
    bool marked = !strncmp(s, "0x", 2) || !strncmp(s, "0b", 2) || *s == '$' ||
                  (*s && s[strlen(s) - 1] == 'h');
    if (!n) return -1;
    if (!hex && !marked) return isdigit((unsigned char)*s) ? v[0] == right : -1;
    return v[0] == right || (n > 1 && v[1] == right);
}

static enum lesson_mark marked(bool right)
{
    return right ? LESSON_RIGHT : LESSON_WRONG;
}

static enum lesson_mark judge_number(const struct asked *a, const char *s, char *err, size_t size)
{
    int is = number_is(s, a->number, a->hex);
    if (is < 0) snprintf(err, size, "'%.40s' is no number of 32 bits. %s", s, text_str(&a->form));
    return is < 0 ? LESSON_OPEN : marked(is == 1);
}

/* ---- faults --------------------------------------------------------------------------------------------------------- */

static bool is_none(const char *s)
{
    static const char *const word[] = {"none",    "no",      "nothing",    "ok",
                                       "granted", "nofault", "noexception"};
    for (unsigned i = 0; i < sizeof word / sizeof *word; i++)
        if (!strcmp(s, word[i])) return true;
    return false;
}

/* The length of the exception's name at the start of `s`, 0: there is none. */
static size_t vector_read(const char *s, unsigned *vector)
{
    size_t skip = *s == '#';
    for (unsigned v = 0; v < 20; v++) {
        const char *name = rt386_vector_mnemonic(v);
        size_t n = strlen(name);
        if (n < 2 || name[0] != '#' || strncasecmp(s + skip, name + 1, n - 1) != 0) continue;
        *vector = v;
        return skip + n - 1;
    }
    if (skip || !isdigit((unsigned char)*s)) return 0;
    char *end;
    bool hex = s[0] == '0' && tolower((unsigned char)s[1]) == 'x';
    unsigned long v = strtoul(s, &end, hex ? 16 : 10);
    if (v > 255) return 0;
    *vector = (unsigned)v;
    return (size_t)(end - s);
}

/* What stands behind the exception's name, without what people put before a number: "(0x10)", ", error code 10". */
static const char *code_read(const char *text, char rest[ANSWER_MAX])
{
    static const char *const word[] = {"witherrorcode", "errorcode", "error", "code"};
    size_t k = 0;
    squeeze(text, rest);
    for (const char *p = rest; *p; p++)
        if (!strchr("(),;:=", *p)) rest[k++] = *p;
    rest[k] = 0;
    if (!strcmp(rest, "noerrorcode")) return "";
    for (unsigned i = 0; i < sizeof word / sizeof *word; i++)
        if (!strncmp(rest, word[i], strlen(word[i]))) return rest + strlen(word[i]);
    return rest;
}

static enum lesson_mark judge_fault(const struct asked *a, const char *text, char *err, size_t size)
{
    char s[ANSWER_MAX], rest[ANSWER_MAX];
    unsigned vector;
    squeeze(text, s);
    if (is_none(s)) return marked(!a->faults);
    while (isspace((unsigned char)*text))
        text++;
    size_t n = vector_read(text, &vector);
    if (!n) {
        snprintf(err, size, "'%.40s' names no exception. %s", text, text_str(&a->form));
        return LESSON_OPEN;
    }
    const char *code = code_read(text + n, rest);
    int is = *code ? number_is(code, a->error, true) : 0;
    if (is < 0) {
        snprintf(err, size, "'%.40s' is no error code. %s", code, text_str(&a->form));
        return LESSON_OPEN;
    }
    if (!a->faults || vector != a->vector) return LESSON_WRONG;
    if (!a->has_error) return marked(!*code);
    if (!*code) snprintf(err, size, "The error code is missing. %s", text_str(&a->form));
    return *code ? marked(is == 1) : LESSON_OPEN;
}

/* ---- letters, bytes, lists -------------------------------------------------------------------------------------------- */

static enum lesson_mark judge_choice(const struct asked *a, const char *text, char *err,
                                     size_t size)
{
    char s[ANSWER_MAX], word[ANSWER_MAX];
    squeeze(text, s);
    size_t n = strlen(s);
    if (n == 2 && strchr(").:", s[1])) s[n = 1] = 0;
    if (n == 1 && s[0] >= 'a' && (unsigned)(s[0] - 'a') < a->choices)
        return marked((unsigned)(s[0] - 'a') == a->number);
    for (unsigned i = 0; n > 1 && i < a->choices; i++) {
        squeeze(text_str(&a->choice_text[i]), word);
        if (!strncmp(s, word, n) && (!word[n] || strchr(":(", word[n])))
            return marked(i == a->number);
    }
    snprintf(err, size, "'%.40s' is none of the %u choices. %s", text, a->choices,
             text_str(&a->form));
    return LESSON_OPEN;
}

static bool same_segment(const rt386_desc *a, const rt386_desc *b)
{
    return a->kind == b->kind && a->base == b->base && a->limit == b->limit && a->dpl == b->dpl &&
           a->present == b->present && a->writable == b->writable && a->readable == b->readable &&
           a->expand_down == b->expand_down && a->conforming == b->conforming && a->big == b->big &&
           a->selector == b->selector && a->offset == b->offset && a->count == b->count;
}

static enum lesson_mark judge_bytes(const struct asked *a, const char *text, char *err, size_t size)
{
    char copy[ANSWER_MAX], *word[16], *save = NULL, why[120];
    const char *how;
    uint8_t bytes[8];
    int n = 0;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *p = strtok_r(copy, " \t,", &save); p && n < 16; p = strtok_r(NULL, " \t,", &save))
        word[n++] = p;
    if (!n || !desc_parse(n, word, bytes, &how, why, sizeof why)) {
        snprintf(err, size, "%s. %s", n ? why : "There is nothing", text_str(&a->form));
        return LESSON_OPEN;
    }
    rt386_desc is = rt386_desc_decode(bytes), want = rt386_desc_decode(a->bytes);
    return marked(same_segment(&is, &want));
}

static enum lesson_mark judge_order(const struct asked *a, const char *text, char *err, size_t size)
{
    unsigned n = 0;
    bool right = true;
    for (; *text; text++) {
        if (isspace((unsigned char)*text) || strchr(",;->.", *text)) continue;
        unsigned letter = (unsigned)(tolower((unsigned char)*text) - 'a');
        if (letter >= a->choices) {
            snprintf(err, size, "'%c' is none of the letters. %s", *text, text_str(&a->form));
            return LESSON_OPEN;
        }
        right = right && n < a->ordered && a->order[n] == letter;
        n++;
    }
    if (n) return marked(right && n == a->ordered);
    snprintf(err, size, "There is no letter. %s", text_str(&a->form));
    return LESSON_OPEN;
}

static bool is_changed(const struct asked *a, uint32_t selector)
{
    for (unsigned i = 0; i < a->changes; i++)
        if (a->changed[i] == (selector & 0xfff8)) return true;
    return false;
}

/* Without a mark it is hexadecimal. */
static bool selector_read(const char *s, uint32_t *selector)
{
    uint32_t v[2];
    if (!digits(s, strlen(s), 16, selector)) {
        if (!readings(s, v)) return false;
        *selector = v[0];
    }
    return *selector <= 0xffff;
}

static enum lesson_mark judge_set(const struct asked *a, const char *text, char *err, size_t size)
{
    char copy[ANSWER_MAX], s[ANSWER_MAX], *save = NULL;
    uint32_t seen[LESSON_CHANGES], selector;
    unsigned n = 0;
    bool right = true;
    squeeze(text, s);
    if (is_none(s)) return marked(!a->changes);
    snprintf(copy, sizeof copy, "%s", text);
    for (char *p = strtok_r(copy, " \t,;", &save); p; p = strtok_r(NULL, " \t,;", &save)) {
        squeeze(p, s);
        if (!selector_read(s, &selector) || n == LESSON_CHANGES) {
            snprintf(err, size, "'%.40s' is no selector. %s", p, text_str(&a->form));
            return LESSON_OPEN;
        }
        selector &= 0xfff8;
        bool again = false;
        for (unsigned i = 0; i < n; i++)
            again = again || seen[i] == selector;
        if (again) continue;
        seen[n++] = selector;
        right = right && is_changed(a, selector);
    }
    return marked(right && n == a->changes);
}

enum lesson_mark asked_judge(const struct asked *a, enum lesson_question_kind kind,
                             const char *answer, char *err, size_t err_size)
{
    char s[ANSWER_MAX];
    squeeze(answer, s);
    if (strlen(answer) >= ANSWER_MAX) {
        snprintf(err, err_size, "An answer has fewer than %d characters.", ANSWER_MAX);
        return LESSON_OPEN;
    }
    switch (kind) {
    case LESSON_NUMBER: return judge_number(a, s, err, err_size);
    case LESSON_FAULT: return judge_fault(a, answer, err, err_size);
    case LESSON_CHOICE: return judge_choice(a, answer, err, err_size);
    case LESSON_BYTES: return judge_bytes(a, answer, err, err_size);
    case LESSON_ORDER: return judge_order(a, answer, err, err_size);
    case LESSON_SET: return judge_set(a, answer, err, err_size);
    }
    return LESSON_OPEN;
}
