/* app.h: what every command of rt386 shares: where it prints, and the table of commands.
 *
 *   main -> app_main -> command table -> cmd_run, cmd_info ...
 *
 * Data goes to `out`, talk to `err`. Nothing is global: each command gets its struct app.
 */
#ifndef RT386_APP_APP_H
#define RT386_APP_APP_H

#include "json.h"
#include "opt.h"
#include "text.h"

#include <rt386/rt386.h>
#include <stdio.h>

/* The exit status contract. Guest codes 0..119 pass; these are the command's own. */
enum app_status {
    STATUS_OK = 0,
    STATUS_UNEXPECTED = 1, /* --expect-...: not as expected */
    STATUS_DEADLOCK = 120,
    STATUS_LIMIT = 121,
    STATUS_UNSUPPORTED = 122,
    STATUS_DIVERGED = 123, /* a replay went another way than its trace */
    STATUS_TIMEOUT = 124,
    STATUS_USAGE = 125, /* bad usage, or the emulator itself failed */
    STATUS_REFUSED = 126,
    STATUS_NOT_FOUND = 127,
    STATUS_INT = 130,
    STATUS_ILL = 132,
    STATUS_TRAP = 133,
    STATUS_ABORT = 134,
    STATUS_BUS = 135,
    STATUS_FPE = 136,
    STATUS_SEGV = 139,
    STATUS_TERM = 143
};

/* Options of every command; first member of every command's target. */
struct common {
    bool help;
    bool json;
    bool quiet;
    unsigned verbose;
    const char *colour; /* auto, always, never */
    const char *log;
};
extern const struct opt_def common_options[];

struct progress;
struct app {
    FILE *out, *err;
    FILE *log; /* --log FILE, or NULL */
    bool out_colour;
    bool broken;        /* stdout takes no more */
    unsigned verbosity; /* 0 quiet, 1 normal, 2 -v, 3 -vv */
    struct progress
        *progress; /* a line on stderr that has to go before anything else is printed; NULL: none */
};

struct command {
    const char *name;
    const char *arguments; /* "FILE... [options] [-- guest arguments]" */
    const char *summary;
    const char *examples;          /* lines; may be NULL */
    const char *details;           /* paragraphs, separated by empty lines; may be NULL */
    const struct opt_def *options; /* besides the common ones; may be NULL */
    const struct opt_def *more;    /* likewise, shared by several commands */
    int (*run)(struct app *app, const struct command *self, int argc, char **argv);
};

/* By index in the order of the help; NULL past the end. */
const struct command *command_at(unsigned index);
extern const struct command command_run, command_debug, command_lab, command_info, command_dump,
    command_seg, command_rules, command_moo, command_trace, command_objects, command_vt, command_vf,
    command_vk, command_vq, command_pdp, command_lesson, command_version, command_completion,
    command_help;

int app_main(struct app *app, int argc, char **argv);

/* "rt386: " + sentence + newline on stderr. */
void app_error(struct app *app, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same, unless -q. */
void app_note(struct app *app, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "path: why", where `why` may begin with the path, or with the file's name, already. */
void app_file_sentence(char *to, size_t size, const char *path, const char *why);

/* The status of a file that was refused: 127 it is not there, 125 the host has no memory, 126 all else. */
int app_file_status(rt386_status status);
/* Before it is opened: STATUS_OK, or the status of one that is not there, may not be read, or is a folder, and its sentence. */
int app_file_look(const char *path, char *text, size_t size);
/* The same, and the sentence is printed. */
int app_file_ready(struct app *app, const char *path);
/* Behind a failure to open or to read it: "path: why" is printed; its status. why "": the status in words. */
int app_file_refused(struct app *app, const char *path, rt386_status status, const char *why);

/* The first bytes of the file are all printable ASCII: no program looks like that. */
bool app_file_is_text(const char *path);

/* The word of --undefined, NULL when it was not given. False: a sentence was printed. */
bool app_undefined(struct app *app, const char *word, rt386_undefined *choice);

/* Parse a command's own options and the common ones. Returns -1 to go on, or the status to leave
 * with (help was shown, or the usage is wrong and a sentence was printed). `target` begins with
 * struct common. */
int app_options(struct app *app, const struct command *self, void *target, int argc, char **argv,
                struct opt_args *args);

/* Both are there, and are the same regular file, by whatever names: one that writing would empty. */
bool app_same_file(const char *a, const char *b);

/* The first word against the actions' names: its index, or -1 when it is none or has no FILE behind it, and a sentence was
 * printed. */
int app_action(struct app *app, const struct command *self, const char *const name[],
               unsigned count, const struct opt_args *args);
/* Whether that action takes all the options that were given; json: a bit for each action that has JSON. Else false, and a sentence. */
bool app_action_takes(struct app *app, const struct command *self, const char *const name[],
                      int action, unsigned json, const void *values);

/* Write text to stdout and empty it. Once stdout fails, app->broken is set and nothing more is
 * tried. */
void app_put(struct app *app, struct text *t);
void app_put_bytes(struct app *app, const char *bytes, size_t n);
/* Last words of a data command: 0, or STATUS_USAGE with a sentence when stdout failed. */
int app_finish(struct app *app, int status);

/* Help pages. */
void help_main(struct text *t);
void help_command(struct text *t, const struct command *command);

#endif
