/* cmd_seg.c: rt386 seg decode. */
#include "desc_text.h"

#include "app.h"

#include <string.h>

struct seg_options {
    struct common common;
};

static void seg_json(struct text *t, const rt386_desc *d, const char *how)
{
    struct json j = {.to = t};
    json_open(&j, NULL, '{');
    json_str(&j, "schema", "rt386-seg/1");
    json_str(&j, "read_as", how);
    desc_json(&j, "descriptor", d);
    json_close(&j, '}');
    text_add(t, "\n");
}

static void seg_text(struct text *t, const rt386_desc *d, const char *how)
{
    text_addf(t, "read as %s\n", how);
    text_add(t, "bytes   ");
    for (unsigned i = 0; i < 8; i++)
        text_addf(t, " %02x", d->bytes[i]);
    text_addf(t, "   (in memory order)\nwords    0x%08x 0x%08x   (high dword, low dword)\n\n",
              desc_high(d), desc_low(d));
    desc_picture(t, d);
    text_addf(t, "\n%s\n", d->text[0] ? d->text : desc_kind_name(d->kind));
    desc_fields(t, d);
}

static int cmd_seg(struct app *app, const struct command *self, int argc, char **argv)
{
    struct seg_options o = {0};
    struct opt_args args;
    int status = app_options(app, self, &o, argc, argv, &args);
    if (status >= 0) return status;
    if (!args.words || strcmp(args.word[0], "decode") != 0) {
        app_error(app, "seg: say what to do: rt386 seg decode ff 0f 00 40 01 f2 40 00");
        return STATUS_USAGE;
    }
    uint8_t bytes[8];
    const char *how;
    char err[200];
    if (!desc_parse(args.words - 1, args.word + 1, bytes, &how, err, sizeof err)) {
        app_error(app, "seg decode: %s", err);
        return STATUS_USAGE;
    }
    rt386_desc d = rt386_desc_decode(bytes);
    struct text t = {0};
    if (o.common.json)
        seg_json(&t, &d, how);
    else
        seg_text(&t, &d, how);
    app_put(app, &t);
    text_free(&t);
    return app_finish(app, STATUS_OK);
}

const struct command command_seg = {
    .name = "seg",
    .arguments = "decode BYTES",
    .summary = "decode the eight bytes of a descriptor",
    .examples = "  rt386 seg decode ff 0f 00 40 01 f2 40 00   bytes as they lie in memory\n"
                "  rt386 seg decode ff0f004001f24000          the same\n"
                "  rt386 seg decode 0040f201:40000fff         high dword, low dword\n"
                "  rt386 seg decode 0x0040f20140000fff        one 64-bit number\n",
    .details =
        "All digits are hexadecimal, with or without 0x; blanks, commas, colons and brackets "
        "separate. The first line of the answer says how the digits were read.",
    .run = cmd_seg};
