/* opt.h: command-line options from tables.
 *
 *   --name value   --name=value   -l value   -name value (the loader's switches: one dash)
 *
 * Each command lists its options once; parsing, help text and the nearest match of a misspelt
 * option all read that list. A target is a struct; an option stores at its offset.
 *
 * Not done: abbreviated names, bundled letters other than repeats (-vv).
 */
#ifndef RT386_APP_OPT_H
#define RT386_APP_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct opt_num { /* a number that may be absent */
    bool given;
    uint64_t value;
};

#define OPT_LIST_MAX 64
struct opt_list { /* texts of an option that may be given again and again */
    const char *text[OPT_LIST_MAX];
    unsigned count;
};

enum opt_kind {
    OPT_END,
    OPT_FLAG,    /* bool */
    OPT_COUNT,   /* unsigned, one more each time */
    OPT_TEXT,    /* const char * */
    OPT_LIST,    /* struct opt_list; each time one more text */
    OPT_MAYBE,   /* const char *; only --name=value gives one, else "" */
    OPT_NUM,     /* struct opt_num; decimal or 0x */
    OPT_AMOUNT,  /* struct opt_num; with K, M or G for 1000, 1000000 ... */
    OPT_SIZE,    /* struct opt_num; with K, M or G for 1024, 1048576 ... */
    OPT_MILLIS,  /* struct opt_num; seconds with fraction, stored as milliseconds */
    OPT_IGNORED, /* accepted for habit's sake, no value */
    OPT_UNFIT    /* known, and refused with `help` as the reason */
};

struct opt_def {
    const char *name; /* without dashes */
    char letter;      /* short form, or 0 */
    bool one_dash;    /* -name instead of --name */
    enum opt_kind kind;
    size_t at;            /* offsetof the target */
    uint64_t min, max;    /* OPT_NUM, OPT_SIZE; max 0 = no bound */
    const char *argument; /* "N", "FILE" for the help; NULL for flags */
    const char *help;
    unsigned actions; /* of a command that has some: a bit for each that takes it; 0: all do */
};

struct opt_args {
    char **word; /* positional arguments: points into argv */
    int words;
    char **guest; /* after "--" */
    int guests;
    bool dashes; /* "--" was there */
    int next;    /* index where parsing stopped */
};

/* Parses argv[0..argc) (no command name). tables: NULL-terminated list. Positional words are moved
 * to the front of argv. first_word_ends: stop at the first word. On failure false, and one sentence
 * in err. */
bool opt_parse(const struct opt_def *const tables[], void *target, int argc, char **argv,
               bool first_word_ends, struct opt_args *out, char *err, size_t err_size);

/* It was among the arguments; target as of opt_parse. */
bool opt_given(const struct opt_def *d, const void *target);

/* Number parsing on its own: "4096", "0x1000", "64K" (unit: what K stands for, 0 = no suffix). */
bool opt_number(const char *s, unsigned unit, uint64_t *value);

/* Edit distance, and the nearest of n names within reach, or NULL. */
unsigned opt_distance(const char *a, const char *b);
const char *opt_nearest(const char *word, const char *const names[], size_t n);

#endif
