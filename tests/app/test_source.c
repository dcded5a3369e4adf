/* Source lines: of an ELF and a PE program with DWARF, and of PE files that are damaged. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debug_elf.h"
#include "source_lines.h"

static const char *guest(const char *name)
{
    static char path[512];
    const char *folder = getenv("RT386_TEST_GUESTS");
    snprintf(path, sizeof path, "%s/demo/%s", folder ? folder : ".", name);
    return path;
}

/* NULL: this build has no libdw, or there are no guests. */
static struct source_lines *opened(const char *name)
{
    FILE *f = fopen(guest(name), "rb");
    if (!f) cr_skip_test("the guests are not built");
    fclose(f);
    struct source_lines *s = source_lines_open(guest(name));
    if (!s) cr_skip_test("built without libdw");
    return s;
}

/* The number of the line that holds these words. */
static unsigned line_of(struct source_lines *s, const char *file, const char *words)
{
    const char *text;
    for (unsigned i = 1; (text = source_lines_text(s, file, i)); i++)
        if (strstr(text, words)) return i;
    cr_assert_fail("no '%s' in %s", words, file);
    return 0;
}

static void lines_of(const char *name)
{
    struct source_lines *s = opened(name);
    struct source_place at, there;
    uint32_t address, next;
    unsigned first = 1;
    cr_assert(source_lines_find(s, "debugged.c", &first, &address));
    cr_assert(source_lines_at(s, address, &at));
    cr_expect_geq(at.line, first, "of lines that share an address the last one counts");
    unsigned call = line_of(s, at.file, "total = gather("), wanted = call;
    cr_assert(source_lines_find(s, "demo/debugged.c", &call, &address));
    cr_expect_eq(call, wanted);
    cr_assert(source_lines_at(s, address, &there));
    cr_expect_eq(there.line, call);
    cr_assert(source_lines_at(s, address + 1, &there), "inside of an instruction");
    cr_expect_eq(there.line, call);
    unsigned blank = line_of(s, at.file, "static struct sums sums;");
    unsigned slid = blank;
    cr_assert(source_lines_find(s, "debugged.c", &slid, &next));
    cr_expect_gt(slid, blank, "a line without instructions leads to the next with some");
    unsigned behind = 100000;
    cr_expect_not(source_lines_find(s, "debugged.c", &behind, &next));
    cr_expect_not(source_lines_find(s, "ebugged.c", &first, &next), "half a name is none");
    cr_expect_not(source_lines_find(s, "", &first, &next));
    cr_expect_not(source_lines_at(s, 0, &there));
    cr_expect_not(source_lines_at(s, 0xffffffff, &there));
    cr_expect_null(source_lines_text(s, at.file, 100000));
    cr_expect_null(source_lines_text(s, at.file, 0));
    cr_expect_null(source_lines_text(s, "absent.c", 1));
    source_lines_close(s);
}

Test(source, elf)
{
    lines_of("debugged.elf");
}
Test(source, pe)
{
    lines_of("debugged.rta");
}

Test(source, files_without_lines)
{
    cr_expect_null(source_lines_open("/"));
    cr_expect_null(source_lines_open("/absent"));
    cr_expect_null(source_lines_open("/dev/zero"));
    cr_expect_null(source_lines_open(__FILE__));
    source_lines_close(NULL);
}

/* Every cut of the headers, and every byte of them changed: refused, or an ELF file that holds no more than the PE file. */
Test(source, damaged_pe_files)
{
    FILE *f = fopen(guest("debugged.rta"), "rb");
    if (!f) cr_skip_test("the guests are not built");
    static uint8_t whole[1u << 20];
    size_t n = fread(whole, 1, sizeof whole, f);
    fclose(f);
    struct text elf = {0};
    cr_assert(debug_elf_of_pe(whole, n, &elf));
    cr_assert(!memcmp(elf.p,
                      "\x7f"
                      "ELF",
                      4));
    size_t good = elf.n, cuts = 0, kept = 0;
    text_clear(&elf);
    for (size_t cut = 0; cut < n; cut += cut < 2048 ? 1 : 997, cuts++) {
        uint8_t *exact = malloc(cut ? cut : 1);
        cr_assert(exact);
        memcpy(exact, whole, cut);
        if (debug_elf_of_pe(exact, cut, &elf)) kept++;
        cr_expect_leq(elf.n, good);
        text_clear(&elf);
        free(exact);
    }
    cr_expect_lt(kept, cuts);
    for (size_t at = 0; at < 2048; at++)
        for (unsigned bit = 0; bit < 8; bit += 7) {
            whole[at] ^= (uint8_t)(1u << bit);
            (void)debug_elf_of_pe(whole, n, &elf);
            cr_expect_leq(elf.n, n + 8192);
            text_clear(&elf);
            whole[at] ^= (uint8_t)(1u << bit);
        }
    text_free(&elf);
}
