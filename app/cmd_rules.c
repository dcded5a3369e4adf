/* cmd_rules.c: rt386 rules and rt386 version. */
#include "app.h"

#include <rt386/rt386.h>
#include <string.h>

struct rules_options {
    struct common common;
};

static void rules_json(struct text *t)
{
    struct json j = {.to = t};
    json_open(&j, NULL, '{');
    json_str(&j, "schema", "rt386-rules/1");
    json_open(&j, "rules", '[');
    for (unsigned i = 1; i < rt386_rule_count(); i++) {
        rt386_rule_info rule = rt386_rule(i);
        json_open(&j, NULL, '{');
        json_num(&j, "id", i);
        json_str(&j, "name", rule.name);
        json_str(&j, "section", rule.section);
        json_str(&j, "sentence", rule.sentence);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_close(&j, '}');
    text_add(t, "\n");
}

/* Rules whose name or sentence holds the word; all for NULL. */
static unsigned rules_text(struct text *t, const char *word)
{
    unsigned n = 0;
    for (unsigned i = 1; i < rt386_rule_count(); i++) {
        rt386_rule_info rule = rt386_rule(i);
        if (word && !strstr(rule.name, word) && !strstr(rule.sentence, word) &&
            !strstr(rule.section, word))
            continue;
        text_addf(t, "%-26s [%s]\n    ", rule.name, rule.section);
        text_wrap(t, rule.sentence, 4, TEXT_WIDTH);
        n++;
    }
    return n;
}

static int cmd_rules(struct app *app, const struct command *self, int argc, char **argv)
{
    struct rules_options o = {0};
    struct opt_args args;
    int status = app_options(app, self, &o, argc, argv, &args);
    if (status >= 0) return status;
    struct text t = {0};
    const char *word = args.words ? args.word[0] : NULL;
    if (o.common.json) {
        rules_json(&t);
    } else if (!rules_text(&t, word)) {
        app_error(app, "no rule has '%.60s' in its name, section or sentence", word ? word : "");
        status = STATUS_UNEXPECTED;
    }
    app_put(app, &t);
    text_free(&t);
    return app_finish(app, status < 0 ? STATUS_OK : status);
}

const struct command command_rules = {
    .name = "rules",
    .arguments = "[WORD] [options]",
    .summary = "list the rules by which the processor refuses something",
    .examples = "  rt386 rules\n"
                "  rt386 rules LIMIT\n"
                "  rt386 rules '386 6.3.1'\n",
    .details = "Each rule has a stable name, the section of the manual that states it (386: the "
               "80386 Programmer's Reference Manual; SDM: the later Software Developer's Manual), "
               "and what must hold.",
    .run = cmd_rules};

static int cmd_version(struct app *app, const struct command *self, int argc, char **argv)
{
    struct rules_options o = {0};
    struct opt_args args;
    int status = app_options(app, self, &o, argc, argv, &args);
    if (status >= 0) return status;
    struct text t = {0};
    if (o.common.json) {
        struct json j = {.to = &t};
        json_open(&j, NULL, '{');
        json_str(&j, "schema", "rt386-version/1");
        json_str(&j, "version", rt386_version());
        json_num(&j, "rules", rt386_rule_count() - 1);
        json_close(&j, '}');
        text_add(&t, "\n");
    } else {
        text_addf(&t, "rt386 %s\n", rt386_version());
    }
    app_put(app, &t);
    text_free(&t);
    return app_finish(app, STATUS_OK);
}

const struct command command_version = {.name = "version",
                                        .arguments = "[options]",
                                        .summary = "print the version",
                                        .run = cmd_version};
