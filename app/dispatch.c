/* dispatch.c: from the words of the command line to a command. */
#include "app.h"

#include <string.h>
#include <unistd.h>

#define COMMANDS_MAX 32u

const struct command *command_at(unsigned index)
{
    static const struct command *const table[] = {
        &command_run,     &command_info,   &command_debug,      &command_lab,   &command_dump,
        &command_seg,     &command_rules,  &command_moo,        &command_trace, &command_objects,
        &command_vt,      &command_vf,     &command_vk,         &command_vq,    &command_pdp,
        &command_version, &command_lesson, &command_completion, &command_help,  NULL};
    return index < sizeof table / sizeof *table ? table[index] : NULL;
}

static const struct command *command_find(const char *name)
{
    for (unsigned i = 0; command_at(i); i++)
        if (!strcmp(command_at(i)->name, name)) return command_at(i);
    return NULL;
}

static int command_unknown(struct app *app, const char *word)
{
    const char *names[COMMANDS_MAX];
    size_t n = 0;
    for (unsigned i = 0; command_at(i) && n < COMMANDS_MAX; i++)
        names[n++] = command_at(i)->name;
    const char *near = opt_nearest(word, names, n);
    if (near)
        app_error(app, "unknown command '%.60s'; the nearest is 'rt386 %s'", word, near);
    else if (access(word, F_OK) == 0)
        app_error(app, "'%.60s' is a file, not a command; to run it: rt386 run %.60s", word, word);
    else
        app_error(app, "unknown command '%.60s'; 'rt386 --help' lists the commands", word);
    return STATUS_USAGE;
}

static int help_topic(struct app *app, const char *topic)
{
    const struct command *command = topic ? command_find(topic) : NULL;
    if (topic && !command) return command_unknown(app, topic);
    struct text t = {0};
    if (command)
        help_command(&t, command);
    else
        help_main(&t);
    app_put(app, &t);
    text_free(&t);
    return app_finish(app, STATUS_OK);
}

static int cmd_help(struct app *app, const struct command *self, int argc, char **argv)
{
    struct {
        struct common common;
    } o = {0};
    struct opt_args args;
    int status = app_options(app, self, &o, argc, argv, &args);
    if (status >= 0) return status;
    return help_topic(app, args.words ? args.word[0] : NULL);
}

const struct command command_help = {
    .name = "help", .arguments = "[COMMAND]", .summary = "show a command's page", .run = cmd_help};

int app_main(struct app *app, int argc, char **argv)
{
    /* Options before the command are the common ones; they are handed on to the command. */
    struct {
        struct common common;
        bool version;
    } o = {0};
    const struct opt_def early[] = {{.name = "version",
                                     .letter = 'V',
                                     .kind = OPT_FLAG,
                                     .at = offsetof(__typeof__(o), version)},
                                    {.kind = OPT_END}};
    const struct opt_def *const tables[] = {common_options, early, NULL};
    struct opt_args args;
    char err[256];
    if (!opt_parse(tables, &o, argc, argv, true, &args, err, sizeof err)) {
        app_error(app, "%s", err);
        return STATUS_USAGE;
    }
    int at = args.next;
    if (o.common.help) return help_topic(app, at < argc ? argv[at] : NULL);
    if (o.version) return command_version.run(app, &command_version, 0, NULL);
    if (at >= argc) {
        app_error(app, "no command given; 'rt386 --help' shows what there is");
        return STATUS_USAGE;
    }
    const struct command *command = command_find(argv[at]);
    if (!command) return command_unknown(app, argv[at]);
    memmove(argv + 1, argv, (size_t)at * sizeof *argv); /* over the command's name */
    return command->run(app, command, argc - 1, argv + 1);
}
