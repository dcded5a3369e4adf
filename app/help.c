/* help.c: help pages, from the tables of commands and options; examples first. */
#include "app.h"

#include <rt386/rt386.h>
#include <string.h>

#define HELP_COLUMN 27u

static void help_option(struct text *t, const struct opt_def *d)
{
    text_add(t, "  ");
    if (d->letter)
        text_addf(t, "-%c, ", d->letter);
    else if (!d->one_dash)
        text_add(t, "    ");
    text_addf(t, "%s%s", d->one_dash ? "-" : "--", d->name);
    if (d->argument)
        text_addf(t, d->kind == OPT_MAYBE ? "[=%s]" : d->one_dash ? " %s" : "=%s", d->argument);
    if (text_column(t) >= HELP_COLUMN - 1) text_add(t, "\n");
    text_pad(t, HELP_COLUMN);
    text_wrap(t, d->help ? d->help : "", HELP_COLUMN, TEXT_WIDTH);
}

static void help_options(struct text *t, const char *title, const struct opt_def *d, bool one_dash)
{
    bool any = false;
    for (; d && d->kind != OPT_END; d++) {
        if (d->one_dash != one_dash || d->kind == OPT_UNFIT || !d->help) continue;
        if (!any) text_addf(t, "\n%s\n", title);
        any = true;
        help_option(t, d);
    }
}

static void help_paragraphs(struct text *t, const char *s)
{
    while (*s) {
        const char *end = strstr(s, "\n\n");
        size_t n = end ? (size_t)(end - s) : strlen(s);
        struct text one = {0};
        text_addn(&one, s, n);
        text_add(t, "\n");
        text_wrap(t, text_str(&one), 0, TEXT_WIDTH);
        text_free(&one);
        s += n + (end ? 2 : 0);
    }
}

void help_command(struct text *t, const struct command *c)
{
    if (c->examples) text_addf(t, "Examples\n%s\n", c->examples);
    text_addf(t, "Usage: rt386 %s %s\n", c->name, c->arguments);
    struct text sentence = {0};
    text_addf(&sentence, "%c%s.", c->summary[0] - ('a' - 'A'), c->summary + 1);
    help_paragraphs(t, text_str(&sentence));
    text_free(&sentence);
    if (c->details) help_paragraphs(t, c->details);
    help_options(t, "Options", c->options, false);
    help_options(t, c->options ? "Guest options" : "Options", c->more, false);
    help_options(t, "Loader switches (as INtime's ldrta)", c->more, true);
    help_options(t, "Common options", common_options, false);
}

void help_main(struct text *t)
{
    text_addf(t,
              "rt386 %s: an i386 system emulator with an embedded INtime kernel\n\n"
              "Examples\n"
              "  rt386 run hello.rta                  run an INtime program\n"
              "  rt386 run --explain maker.rta user.rta\n"
              "                                       two processes; every INtime call, GDT\n"
              "                                       change and segment load in words\n"
              "  rt386 run --max-insns 1M kernel.elf  run a kernel, but not for ever\n"
              "  rt386 run --trace=t.txt hello.rta    one line for each instruction\n"
              "  rt386 info hello.rta                 what the file is and what it imports\n"
              "  rt386 dump gdt hello.rta             the GDT when the guest has ended\n"
              "  rt386 seg decode ff 0f 00 40 01 f2 40 00\n"
              "                                       the fields of a descriptor\n\n"
              "Usage: rt386 COMMAND ...\n\n"
              "Commands\n",
              rt386_version());
    for (unsigned i = 0; command_at(i); i++) {
        text_addf(t, "  %-11s", command_at(i)->name);
        text_wrap(t, command_at(i)->summary, 13, TEXT_WIDTH);
    }
    help_options(t, "Common options", common_options, false);
    help_paragraphs(
        t,
        "Exit status: the guest's own code (0..119); 120 deadlock; 121 instruction limit; 122 "
        "unsupported request of the guest; 124 time-out; 125 bad usage or failure of rt386; "
        "126 file refused; 127 file not found; 132, 133, 135, 136, 139 unhandled fault (128 "
        "plus the signal Unix would give); 134 triple fault; 130, 143 interrupted (INtime programs "
        "that listen for TERMINATE are asked first and may end with a code of their own; a "
        "second Ctrl-C does not wait).\n\n"
        "'rt386 COMMAND --help' shows a command's options.");
}
