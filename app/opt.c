#include "opt.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX  40u /* longer words are too far from every name */
#define NAMES_MAX 96u /* options of one command, counted for the nearest match */

unsigned opt_distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    if (n > WORD_MAX || m > WORD_MAX) return WORD_MAX;
    unsigned row[WORD_MAX + 1];
    for (size_t j = 0; j <= m; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned best = diagonal + (a[i - 1] != b[j - 1]);
            if (row[j] + 1 < best) best = row[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[m];
}

const char *opt_nearest(const char *word, const char *const names[], size_t n)
{
    const char *best = NULL;
    unsigned reach = (unsigned)(strlen(word) / 3);
    unsigned least = (reach < 2 ? 2 : reach) + 1;
    for (size_t i = 0; i < n; i++) {
        unsigned d = opt_distance(word, names[i]);
        size_t len = strlen(names[i]);
        bool nothing_left = d >= len; /* a name rewritten from end to end is no match */
        if (d < least && !nothing_left) {
            least = d;
            best = names[i];
        }
    }
    return best;
}

/* "" is 1, "K" the unit, "M" its square, "G" its cube; 0: something else. */
static uint64_t opt_factor(const char *s, unsigned unit)
{
    static const char letters[] = "KMG";
    if (!*s) return 1;
    const char *at = strchr(letters, *s >= 'a' ? *s - ('a' - 'A') : *s);
    if (!unit || !at || s[1]) return 0;
    uint64_t factor = unit;
    for (const char *p = letters; p < at; p++)
        factor *= unit;
    return factor;
}

bool opt_number(const char *s, unsigned unit, uint64_t *value)
{
    if (*s < '0' || *s > '9') return false;
    char *end;
    errno = 0;
    bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
    if (hex && !strchr("0123456789abcdefABCDEF", s[2] ? s[2] : '?')) return false;
    unsigned long long v = strtoull(s, &end, hex ? 16 : 10);
    uint64_t factor = opt_factor(end, unit);
    if (errno || !factor || v > UINT64_MAX / factor) return false;
    *value = v * factor;
    return true;
}

static bool opt_millis(const char *s, uint64_t *value)
{
    if (!strchr("0123456789.", *s ? *s : '?')) return false;
    char *end;
    double v = strtod(s, &end);
    if (end == s || *end || !isfinite(v) || v <= 0 || v > 1e9) return false;
    *value = (uint64_t)ceil(v * 1000);
    return true;
}

/* ---- finding ------------------------------------------------------------------------------- */

static const char *opt_dashes(const struct opt_def *d)
{
    return d->one_dash ? "-" : "--";
}

static const struct opt_def *opt_find(const struct opt_def *const tables[], const char *name,
                                      size_t n, bool one_dash)
{
    for (; *tables; tables++)
        for (const struct opt_def *d = *tables; d->kind != OPT_END; d++) {
            if (d->one_dash == one_dash && strlen(d->name) == n && !memcmp(d->name, name, n))
                return d;
            if (one_dash && n == 1 && d->letter == name[0]) return d;
        }
    return NULL;
}

/* One sentence: the option is not there, and the nearest that is. */
static void opt_unknown(const struct opt_def *const tables[], const char *arg, char *err, size_t n)
{
    char name[WORD_MAX + 2];
    snprintf(name, sizeof name, "%s", arg + strspn(arg, "-"));
    name[strcspn(name, "=")] = '\0';
    const char *names[NAMES_MAX];
    size_t count = 0;
    for (const struct opt_def *const *t = tables; *t; t++)
        for (const struct opt_def *d = *t; d->kind != OPT_END && count < NAMES_MAX; d++)
            names[count++] = d->name;
    const char *near = opt_nearest(name, names, count);
    const char *dashes = "--";
    for (const struct opt_def *const *t = tables; near && *t; t++)
        for (const struct opt_def *d = *t; d->kind != OPT_END; d++)
            if (d->name == near) dashes = opt_dashes(d);
    if (near)
        snprintf(err, n, "unknown option '%.60s'; the nearest is '%s%s'", arg, dashes, near);
    else
        snprintf(err, n, "unknown option '%.60s'; --help lists the options", arg);
}

/* ---- storing ------------------------------------------------------------------------------- */

/* In the base in which the value was given. */
static void out_of_range(const struct opt_def *d, const char *value, char *err, size_t n)
{
    bool hex = value[0] == '0' && (value[1] == 'x' || value[1] == 'X');
    unsigned long long min = d->min, max = d->max;
    if (!d->max)
        snprintf(err, n, "%s%s must lie at %llu or above, and '%.40s' does not", opt_dashes(d),
                 d->name, min, value);
    else if (hex || d->kind == OPT_SIZE)
        snprintf(err, n, "%s%s must lie in 0x%llx..0x%llx, and '%.40s' does not", opt_dashes(d),
                 d->name, min, max, value);
    else
        snprintf(err, n, "%s%s must lie in %llu..%llu, and '%.40s' does not", opt_dashes(d),
                 d->name, min, max, value);
}

static bool opt_store_number(const struct opt_def *d, struct opt_num *to, const char *value,
                             char *err, size_t n)
{
    uint64_t v = 0;
    unsigned unit = d->kind == OPT_SIZE ? 1024 : d->kind == OPT_AMOUNT ? 1000 : 0;
    bool good = d->kind == OPT_MILLIS ? opt_millis(value, &v) : opt_number(value, unit, &v);
    if (!good) {
        const char *what = d->kind == OPT_MILLIS   ? "a number of seconds above 0, like 10 or 0.5"
                           : d->kind == OPT_SIZE   ? "a size, like 65536, 0x10000, 64K or 1M"
                           : d->kind == OPT_AMOUNT ? "a number, like 1000, 50K or 2M"
                                                   : "a number, like 1000 or 0x3e8";
        snprintf(err, n, "%s%s needs %s, not '%.40s'", opt_dashes(d), d->name, what, value);
        return false;
    }
    if (v < d->min || (d->max && v > d->max)) {
        out_of_range(d, value, err, n);
        return false;
    }
    *to = (struct opt_num){true, v};
    return true;
}

static bool opt_store_list(const struct opt_def *d, struct opt_list *to, const char *value,
                           char *err, size_t n)
{
    if (to->count == OPT_LIST_MAX) {
        snprintf(err, n, "%s%s can be given %d times, not more", opt_dashes(d), d->name,
                 OPT_LIST_MAX);
        return false;
    }
    to->text[to->count++] = value;
    return true;
}

static bool opt_store(const struct opt_def *d, void *target, const char *value, char *err, size_t n)
{
    char *at = (char *)target + d->at;
    switch (d->kind) {
    case OPT_FLAG: *(bool *)(void *)at = true; return true;
    case OPT_COUNT: ++*(unsigned *)(void *)at; return true;
    case OPT_LIST: return opt_store_list(d, (struct opt_list *)(void *)at, value, err, n);
    case OPT_TEXT:
    case OPT_MAYBE: *(const char **)(void *)at = value ? value : ""; return true;
    case OPT_NUM:
    case OPT_AMOUNT:
    case OPT_SIZE:
    case OPT_MILLIS: return opt_store_number(d, (struct opt_num *)(void *)at, value, err, n);
    case OPT_UNFIT: snprintf(err, n, "%s%s: %s", opt_dashes(d), d->name, d->help); return false;
    case OPT_IGNORED:
    case OPT_END: break;
    }
    return true;
}

static bool opt_takes_value(const struct opt_def *d)
{
    return d->kind == OPT_TEXT || d->kind == OPT_LIST || d->kind == OPT_NUM ||
           d->kind == OPT_SIZE || d->kind == OPT_AMOUNT || d->kind == OPT_MILLIS;
}

/* -vv: the same letter again and again, all of one counting option. */
static const struct opt_def *opt_repeats(const struct opt_def *const tables[], const char *arg)
{
    size_t n = strlen(arg + 1);
    if (n < 2 || strspn(arg + 1, (char[]){arg[1], 0}) != n) return NULL;
    const struct opt_def *d = opt_find(tables, arg + 1, 1, true);
    return d && d->kind == OPT_COUNT ? d : NULL;
}

/* One option at argv[*i]; *i moves past its value. */
static bool opt_one(const struct opt_def *const tables[], void *target, int argc, char **argv,
                    int *i, char *err, size_t err_size)
{
    char *arg = argv[*i];
    bool one_dash = arg[1] != '-';
    const char *name = arg + (one_dash ? 1 : 2);
    size_t n = strcspn(name, "=");
    const char *value = name[n] == '=' ? name + n + 1 : NULL;
    const struct opt_def *d = opt_find(tables, name, n, one_dash);
    if (!d && one_dash && !value && (d = opt_repeats(tables, arg)))
        for (size_t k = 1; k < strlen(name); k++)
            opt_store(d, target, NULL, err, err_size);
    if (!d) {
        opt_unknown(tables, arg, err, err_size);
        return false;
    }
    if (value && !opt_takes_value(d) && d->kind != OPT_MAYBE) {
        snprintf(err, err_size, "%s%s takes no value", opt_dashes(d), d->name);
        return false;
    }
    if (!value && opt_takes_value(d)) {
        if (*i + 1 >= argc || !strcmp(argv[*i + 1], "--")) {
            snprintf(err, err_size, "%s%s needs a value: %s", opt_dashes(d), d->name,
                     d->argument ? d->argument : "VALUE");
            return false;
        }
        value = argv[++*i];
    }
    return opt_store(d, target, value, err, err_size);
}

bool opt_parse(const struct opt_def *const tables[], void *target, int argc, char **argv,
               bool first_word_ends, struct opt_args *out, char *err, size_t err_size)
{
    *out = (struct opt_args){.word = argv};
    int i = 0;
    for (; i < argc; i++) {
        char *arg = argv[i];
        if (!strcmp(arg, "--")) {
            out->dashes = true;
            out->guest = argv + i + 1;
            out->guests = argc - i - 1;
            i = argc;
            break;
        }
        if (arg[0] == '-' && arg[1]) {
            if (!opt_one(tables, target, argc, argv, &i, err, err_size)) return false;
            continue;
        }
        if (first_word_ends) break;
        argv[out->words++] = arg;
    }
    out->next = i;
    return true;
}

bool opt_given(const struct opt_def *d, const void *target)
{
    const void *at = (const char *)target + d->at;
    switch (d->kind) {
    case OPT_FLAG: return *(const bool *)at;
    case OPT_COUNT: return *(const unsigned *)at != 0;
    case OPT_TEXT:
    case OPT_MAYBE: return *(const char *const *)at != NULL;
    case OPT_LIST: return ((const struct opt_list *)at)->count != 0;
    case OPT_NUM:
    case OPT_AMOUNT:
    case OPT_SIZE:
    case OPT_MILLIS: return ((const struct opt_num *)at)->given;
    default: return false;
    }
}
