/* Disassembly, recognised segment loads, help pages, dispatch. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "disasm.h"
#include "observe.h"
#include "rule_text.h"

Test(disasm, own_words_and_targets)
{
    static const struct {
        uint8_t bytes[8];
        uint8_t length;
        bool code32;
        uint32_t eip;
        const char *text;
        rt386_cpu cpu;
    } cases[] = {
        {{0x90}, 1, true, 0, "nop"},
        {{0x8e, 0xc0}, 2, true, 0, "mov es, ax"},
        {{0x0f, 0x24, 0xf0}, 3, true, 0, "mov eax, tr6"},
        {{0xf1}, 1, true, 0, "int1"},
        {{0x66, 0x0f, 0x07}, 3, true, 0, "loadall"},
        {{0x0f, 0x10, 0x03}, 3, true, 0, "umov byte ptr [ebx], al"},
        {{0x26, 0x66, 0x0f, 0x13, 0x43, 0x04}, 6, true, 0, "umov ax, word ptr es:[ebx + 4]"},
        {{0x0f, 0x26, 0xf8}, 3, true, 0, "mov tr7, eax"},
        {{0xeb, 0xfe}, 2, true, 0x1000, "jmp 0x1000"},
        {{0xeb, 0x10}, 2, false, 0xfff8, "jmp 0xa"},
        {{0x74, 0x10}, 2, true, 0xfff8, "je 0x1000a"},
        {{0xe8, 0x00, 0x01, 0x00, 0x00}, 5, true, 0xffffff00, "call 0x5"},
        {{0x66, 0xe9, 0xff, 0xff}, 4, true, 0x12345, "jmp 0x2348"},
        {{0x0f, 0x04}, 2, true, 0, "db 0x0f, 0x04"},
        {{0x0f, 0x10, 0x03}, 3, true, 0, "umov byte ptr [ebx], al", RT386_CPU_486},
        {{0x0f, 0x10, 0x03}, 3, true, 0, "movups xmm0, xmmword ptr [ebx]", RT386_CPU_SSE2},
        {{0xf2, 0x0f, 0x11, 0x03}, 4, true, 0, "movsd qword ptr [ebx], xmm0", RT386_CPU_SSE2},
        {{0x66, 0x0f, 0x13, 0x03}, 4, true, 0, "movlpd qword ptr [ebx], xmm0", RT386_CPU_SSE2},
        {{0x0f, 0x24, 0xf0}, 3, true, 0, "mov eax, tr6", RT386_CPU_486},
    };
    struct disasm *d = disasm_new();
    cr_assert_not_null(d);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rt386_insn_event e = {.length = cases[i].length,
                              .code32 = cases[i].code32,
                              .eip = cases[i].eip,
                              .cpu = cases[i].cpu};
        memcpy(e.bytes, cases[i].bytes, sizeof cases[i].bytes);
        char text[160];
        disasm_text(d, &e, text, sizeof text);
        cr_expect_str_eq(text, cases[i].text, "case %zu: %s", i, text);
    }
    disasm_free(d);
}

Test(rules, every_hint_names_a_rule)
{
    unsigned hints = 0;
    for (unsigned i = 1; i < rt386_rule_count(); i++)
        hints += rule_hint(rt386_rule(i).name, false) != NULL;
    cr_assert_geq(hints, rule_hint_count(), "a hint for a rule that does not exist");
    cr_assert_null(rule_hint("NO_SUCH_RULE", false));
    cr_assert(strstr(rule_hint("SEGM_DATA_TYPE", true), "deleted"));
}

Test(rules, error_codes_in_words)
{
    static const struct {
        uint8_t vector;
        uint32_t error;
        const char *says;
    } cases[] = {
        {13, 0x18, "entry 3 of the GDT"}, {13, 0x1c, "entry 3 of the LDT"},
        {13, 0x1b, "entry 3 of the IDT"}, {13, 0x1b, "another event"},
        {13, 0, "no selector"},           {14, 0, "page not present"},
        {14, 7, "rights violated"},       {14, 6, "write"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text t = {0};
        error_code_words(&t, cases[i].vector, cases[i].error);
        cr_expect(strstr(text_str(&t), cases[i].says), "%zu: %s", i, text_str(&t));
        text_free(&t);
    }
}

Test(help, pages_fit_and_begin_with_examples)
{
    struct text t = {0};
    help_main(&t);
    cr_assert_lt(strstr(text_str(&t), "Examples"), strstr(text_str(&t), "Usage"));
    for (unsigned i = 0; command_at(i); i++) {
        text_add(&t, "\n");
        help_command(&t, command_at(i));
        cr_expect(strstr(text_str(&t), command_at(i)->name));
    }
    for (const char *s = text_str(&t); *s; s += strcspn(s, "\n") + 1)
        cr_expect_leq(strcspn(s, "\n"), TEXT_WIDTH, "%.100s", s);
    text_free(&t);
}

static int app_with(char *out, size_t size, int argc, char **argv)
{
    char *text = NULL;
    size_t n = 0;
    struct app app = {.verbosity = 1};
    app.out = app.err = open_memstream(&text, &n);
    int status = app_main(&app, argc, argv);
    fclose(app.out);
    snprintf(out, size, "%s", text);
    free(text);
    return status;
}

Test(dispatch, words_to_commands)
{
    static const struct {
        char *word[4];
        int n, status;
        const char *says;
    } cases[] = {
        {{"version"}, 1, 0, "rt386 "},
        {{"--version"}, 1, 0, "rt386 "},
        {{"--json", "version"}, 2, 0, "rt386-version/1"},
        {{"rnu"}, 1, 125, "'rt386 run'"},
        {{"--hepl"}, 1, 125, "'--help'"},
        {{NULL}, 0, 125, "no command"},
        {{"help", "run"}, 2, 0, "--explain"},
        {{"help", "rum"}, 2, 125, "'rt386 run'"},
        {{"seg"}, 1, 125, "rt386 seg decode"},
        {{"rules", "LIMIT_UP"}, 2, 0, "SEGM_LIMIT_UP"},
        {{"rules", "nonesuch"}, 2, 1, "no rule"},
        {{"completion", "bash"}, 2, 0, "--explain"},
        {{"completion", "zsh"}, 2, 0, "#compdef rt386"},
        {{"completion", "fish"}, 2, 0, "complete -c rt386"},
        {{"completion", "tcsh"}, 2, 125, "bash, zsh or fish"},
        {{"dump", "gtd", "x"}, 3, 125, "did you mean gdt"},
        {{"--color=blue", "version"}, 2, 125, "auto, always or never"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[32768];
        char *argv[4];
        memcpy(argv, cases[i].word, sizeof argv);
        int status = app_with(out, sizeof out, cases[i].n, argv);
        cr_expect_eq(status, cases[i].status, "case %zu: %d", i, status);
        cr_expect(strstr(out, cases[i].says), "case %zu: %.300s", i, out);
    }
}
