/* cmd_completion.c: rt386 completion: scripts for shells, from the tables of commands and options. */
#include "app.h"

#include <string.h>

struct completion_options {
    struct common common;
};

static const char *dashes(const struct opt_def *d)
{
    return d->one_dash ? "-" : "--";
}

static bool offered(const struct opt_def *d)
{
    return d->kind != OPT_UNFIT && d->kind != OPT_IGNORED;
}

/* All options of a command and the common ones, through `one`. */
static void each_option(struct text *t, const struct command *c,
                        void (*one)(struct text *t, const struct command *c,
                                    const struct opt_def *d))
{
    for (const struct opt_def *d = c->options; d && d->kind != OPT_END; d++)
        if (offered(d)) one(t, c, d);
    for (const struct opt_def *d = c->more; d && d->kind != OPT_END; d++)
        if (offered(d)) one(t, c, d);
    for (const struct opt_def *d = common_options; d->kind != OPT_END; d++)
        one(t, c, d);
}

/* Words that a command takes besides files. */
static const char *fixed_words(const struct command *c)
{
    if (c == &command_dump) return "gdt ldt idt tss pt";
    if (c == &command_seg) return "decode";
    if (c == &command_lesson) return "list run key try export";
    if (c == &command_completion) return "bash zsh fish";
    return "";
}

static bool takes_files(const struct command *c)
{
    return strstr(c->arguments, "FILE") != NULL;
}

static bool takes_value(const struct opt_def *d)
{
    return d->argument && d->kind != OPT_MAYBE;
}

/* ---- bash ------------------------------------------------------------------------------------- */

static void bash_option(struct text *t, const struct command *c, const struct opt_def *d)
{
    text_addf(t, " %s%s%s", dashes(d), d->name, takes_value(d) && !d->one_dash ? "=" : "");
}

static void bash_script(struct text *t)
{
    text_add(t, "# bash completion for rt386, made by: rt386 completion bash\n"
                "_rt386() {\n"
                "    local cur=${COMP_WORDS[COMP_CWORD]} cmd= w words= files=\n"
                "    for w in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                "        [[ $w == -* ]] || { cmd=$w; break; }\n"
                "    done\n"
                "    case $cmd in\n");
    for (unsigned i = 0; command_at(i); i++) {
        const struct command *c = command_at(i);
        text_addf(t, "    %s) files=%s words=\"%s", c->name, takes_files(c) ? "1" : "",
                  fixed_words(c));
        each_option(t, c, bash_option);
        text_add(t, "\" ;;\n");
    }
    text_add(t, "    *) words=\"");
    for (unsigned i = 0; command_at(i); i++)
        text_addf(t, "%s ", command_at(i)->name);
    text_add(t, "--help --version\" ;;\n"
                "    esac\n"
                "    [[ $cur == --*=* ]] && { cur=${cur#*=}; words=; files=1; }\n"
                "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                "    [[ $files && $cur != -* ]] && COMPREPLY+=($(compgen -f -- \"$cur\"))\n"
                "    [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace\n"
                "    return 0\n"
                "}\n"
                "complete -o filenames -F _rt386 rt386\n");
}

/* ---- zsh -------------------------------------------------------------------------------------- */

/* Quotes that would end a zsh string, brackets and colons that its specs use. */
static void zsh_words(struct text *t, const char *s)
{
    for (; *s; s++) {
        if (*s == '[' || *s == ']' || *s == ':') text_add(t, "\\");
        if (*s == '\'') text_add(t, "'\\'");
        text_addn(t, s, 1);
    }
}

static void zsh_option(struct text *t, const struct command *c, const struct opt_def *d)
{
    const char *joint = !d->argument ? "" : d->kind == OPT_MAYBE ? "=-" : d->one_dash ? "" : "=";
    text_addf(t, "      '%s%s%s[", dashes(d), d->name, joint);
    zsh_words(t, d->help ? d->help : "");
    text_add(t, "]");
    if (d->argument)
        text_addf(t, "%s%s:%s", d->kind == OPT_MAYBE ? "::" : ":", d->argument,
                  strcmp(d->argument, "FILE") ? "" : "_files");
    text_add(t, "' \\\n");
}

static void zsh_script(struct text *t)
{
    text_add(t, "#compdef rt386\n# made by: rt386 completion zsh\n"
                "_rt386() {\n  local cmd=${words[2]}\n"
                "  if (( CURRENT == 2 )); then\n    local -a list=(\n");
    for (unsigned i = 0; command_at(i); i++) {
        text_addf(t, "      '%s:", command_at(i)->name);
        zsh_words(t, command_at(i)->summary);
        text_add(t, "'\n");
    }
    text_add(t,
             "    )\n    _describe command list\n    return\n  fi\n  shift words; (( CURRENT-- ))\n"
             "  case $cmd in\n");
    for (unsigned i = 0; command_at(i); i++) {
        const struct command *c = command_at(i);
        text_addf(t, "  %s)\n    _arguments \\\n", c->name);
        each_option(t, c, zsh_option);
        if (fixed_words(c)[0]) text_addf(t, "      '1:word:(%s)' \\\n", fixed_words(c));
        text_addf(t, "      '*:argument:%s' ;;\n", takes_files(c) ? "_files" : "");
    }
    text_add(t, "  esac\n}\n_rt386 \"$@\"\n");
}

/* ---- fish ------------------------------------------------------------------------------------- */

static void fish_words(struct text *t, const char *s)
{
    for (; *s; s++) {
        if (*s == '\'' || *s == '\\') text_add(t, "\\");
        text_addn(t, s, 1);
    }
}

static void fish_option(struct text *t, const struct command *c, const struct opt_def *d)
{
    text_addf(t, "complete -c rt386 -n '__fish_seen_subcommand_from %s' -%c %s", c->name,
              d->one_dash ? 'o' : 'l', d->name);
    if (d->letter) text_addf(t, " -s %c", d->letter);
    if (takes_value(d)) text_add(t, strcmp(d->argument, "FILE") ? " -x" : " -r");
    text_add(t, " -d '");
    fish_words(t, d->help ? d->help : "");
    text_add(t, "'\n");
}

static void fish_script(struct text *t)
{
    text_add(t, "# fish completion for rt386, made by: rt386 completion fish\n");
    for (unsigned i = 0; command_at(i); i++) {
        const struct command *c = command_at(i);
        text_addf(t, "complete -c rt386 -n __fish_use_subcommand -f -a %s -d '", c->name);
        fish_words(t, c->summary);
        text_add(t, "'\n");
        if (fixed_words(c)[0])
            text_addf(t, "complete -c rt386 -n '__fish_seen_subcommand_from %s' -a '%s'\n", c->name,
                      fixed_words(c));
        each_option(t, c, fish_option);
    }
}

static int cmd_completion(struct app *app, const struct command *self, int argc, char **argv)
{
    struct completion_options o = {0};
    struct opt_args args;
    int status = app_options(app, self, &o, argc, argv, &args);
    if (status >= 0) return status;
    const char *shell = args.words ? args.word[0] : "";
    struct text t = {0};
    if (!strcmp(shell, "bash"))
        bash_script(&t);
    else if (!strcmp(shell, "zsh"))
        zsh_script(&t);
    else if (!strcmp(shell, "fish"))
        fish_script(&t);
    else {
        app_error(app, "completion: name a shell: bash, zsh or fish");
        return STATUS_USAGE;
    }
    app_put(app, &t);
    text_free(&t);
    return app_finish(app, STATUS_OK);
}

const struct command command_completion = {
    .name = "completion",
    .arguments = "bash|zsh|fish",
    .summary = "print a completion script for a shell",
    .examples = "  rt386 completion bash > ~/.local/share/bash-completion/completions/rt386\n"
                "  rt386 completion zsh > ~/.zfunc/_rt386\n"
                "  rt386 completion fish > ~/.config/fish/completions/rt386.fish\n",
    .run = cmd_completion};
