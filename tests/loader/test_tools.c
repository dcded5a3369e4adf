/* Real files of gcc -m32 and i686 MinGW, and what binutils say about them. Skipped by name where a
 * tool is missing. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build.h"

#define MINGW      "i686-w64-mingw32-"
#define OUTPUT_MAX 400000

struct work {
    char dir[64];
    char *output; /* of the last command */
    struct verdict v;
    uint8_t *bytes;
    size_t size;
};

/* Runs a shell command in the work folder; true for status 0. */
static bool run(struct work *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool run(struct work *w, const char *format, ...)
{
    char command[1000], whole[1200];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    snprintf(whole, sizeof whole, "cd %s && LC_ALL=C %s 2>/dev/null", w->dir, command);
    fflush(stdout);
    FILE *f = popen(whole, "r");
    if (!f) return false;
    size_t n = fread(w->output, 1, OUTPUT_MAX - 1, f);
    w->output[n] = 0;
    return pclose(f) == 0;
}

static struct work work_open(void)
{
    struct work w = {.dir = "/tmp/rt386-tools-XXXXXX", .output = malloc(OUTPUT_MAX)};
    cr_assert(w.output && mkdtemp(w.dir));
    return w;
}

static void work_close(struct work *w)
{
    verdict_free(&w->v);
    free(w->bytes);
    run(w, "rm -f *");
    rmdir(w->dir);
    free(w->output);
}

static void write_text(const struct work *w, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", w->dir, name);
    FILE *f = fopen(path, "w");
    cr_assert(f && fputs(text, f) >= 0);
    fclose(f);
}

static const struct image *parse_file(struct work *w, const char *name)
{
    char path[128], err[200];
    snprintf(path, sizeof path, "%s/%s", w->dir, name);
    verdict_free(&w->v);
    free(w->bytes);
    cr_assert_eq(file_read(path, &w->bytes, &w->size, err, sizeof err), ST_OK, "%s", err);
    w->v = check_parse(w->bytes, w->size, IMAGE_AUTO);
    return w->v.image;
}

static bool have(struct work *w, const char *tool)
{
    return run(w, "command -v %s", tool);
}

/* Calls `row` for each line of the output; returns how many it took. */
static size_t each_line(struct work *w, const struct image *m,
                        bool (*row)(const struct image *m, const char *line, size_t index))
{
    size_t n = 0;
    char *save = NULL;
    for (char *line = strtok_r(w->output, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        if (row(m, line, n)) n++;
    return n;
}

static uint32_t number_after(const struct work *w, const char *key, int base)
{
    const char *at = strstr(w->output, key);
    cr_assert(at, "no %s in the tool's output", key);
    return (uint32_t)strtoul(at + strlen(key), NULL, base);
}

static const char source_plain[] =
    "static int counter = 3; int *pointer = &counter; char zeroes[5000];\n"
    "int helper(int x) { return x * *pointer; }\n"
    "void _start(void) { for (;;) zeroes[1] = (char)helper(zeroes[2]); }\n";

static bool load_row(const struct image *m, const char *line, size_t i)
{
    unsigned off, vaddr, paddr, file, mem;
    if (sscanf(line, " LOAD 0x%x 0x%x 0x%x 0x%x 0x%x", &off, &vaddr, &paddr, &file, &mem) != 5)
        return false;
    cr_assert_lt(i, m->segment_count);
    const struct image_segment *s = &m->segments[i];
    cr_expect_eq(s->bytes - m->file, off);
    cr_expect(s->vaddr == vaddr && s->paddr == paddr && s->file_size == file && s->mem_size == mem,
              "%s", line);
    cr_expect_eq(s->writable, strstr(line, " RW ") || strstr(line, " RWE"), "%s", line);
    cr_expect_eq(s->executable, strstr(line, " R E") || strstr(line, " RWE"), "%s", line);
    return true;
}

static bool has_symbol(const struct image *m, uint32_t value, const char *name)
{
    for (size_t i = 0; i < m->symbol_count; i++)
        if (m->symbols[i].value == value && !strcmp(m->symbols[i].name, name)) return true;
    return false;
}

static bool elf_symbol_row(const struct image *m, const char *line, size_t i)
{
    unsigned number, value, size;
    char type[16], name[200];
    if (sscanf(line, " %u: %x %u %15s %*s %*s %*u %199s", &number, &value, &size, type, name) !=
            5 ||
        (strcmp(type, "FUNC") && strcmp(type, "OBJECT")))
        return false;
    cr_expect(has_symbol(m, value, name), "%s", line);
    return true;
}

Test(tools, static_elf_agrees_with_readelf)
{
    struct work w = work_open();
    write_text(&w, "a.c", source_plain);
    if (!have(&w, "readelf") || !run(&w, "gcc -m32 -static -nostdlib -fno-pie -no-pie a.c -o a")) {
        work_close(&w);
        cr_skip_test("no gcc -m32 with readelf");
    }
    const struct image *m = parse_file(&w, "a");
    cr_assert(m && m->kind == IMAGE_ELF, "%s", w.v.err);
    cr_assert(run(&w, "readelf -hW a"));
    cr_expect_eq(m->entry, number_after(&w, "Entry point address:", 16));
    cr_expect_str_eq(image_symbol_at(m, m->entry + 1)->name, "_start");
    cr_assert(run(&w, "readelf -lW a"));
    cr_expect_eq(each_line(&w, m, load_row), m->segment_count);
    cr_assert(run(&w, "readelf -sW a"));
    cr_expect_gt(each_line(&w, m, elf_symbol_row), 4);
    work_close(&w);
}

Test(tools, other_outputs_of_gcc_are_refused)
{
    static const struct {
        const char *options, *text;
    } rows[] = {{"-m32 -c", "object file"},
                {"-m32 -shared -fPIC", "position-independent"},
                {"-m32 -fPIE -pie", "-static -no-pie"},
                {"-m64 -static", "64-bit ELF"}};
    struct work w = work_open();
    write_text(&w, "a.c", source_plain);
    if (!run(&w, "gcc -m32 -nostdlib -static a.c -o a")) {
        work_close(&w);
        cr_skip_test("no gcc -m32");
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!run(&w, "gcc %s -nostdlib a.c -o a", rows[i].options)) continue;
        cr_expect_null(parse_file(&w, "a"), "%s", rows[i].options);
        cr_expect(strstr(w.v.err, rows[i].text), "%s: %s", rows[i].options, w.v.err);
    }
    work_close(&w);
}

Test(tools, dynamic_elf_is_refused_by_its_linker)
{
    struct work w = work_open();
    write_text(&w, "a.c", "int main(void) { return 0; }\n");
    if (!run(&w, "gcc -m32 -no-pie -fno-pie a.c -o a")) {
        work_close(&w);
        cr_skip_test("no gcc -m32 with a C library");
    }
    cr_expect_null(parse_file(&w, "a"));
    cr_expect(strstr(w.v.err, "needs the dynamic linker /lib/ld-linux.so.2"), "%s", w.v.err);
    work_close(&w);
}

/* The note that marks ELF programs for INtime, as an assembler makes it. */
Test(tools, note_of_an_assembler_marks_intime)
{
    struct work w = work_open();
    write_text(&w, "a.c", source_plain);
    write_text(&w, "n.s",
               ".section .note.INtime,\"a\",@note\n.long 7,0,1\n.asciz \"INtime\"\n.balign 4\n");
    if (!run(&w, "gcc -m32 -static -nostdlib -fno-pie -no-pie a.c n.s -o a")) {
        work_close(&w);
        cr_skip_test("no gcc -m32");
    }
    const struct image *m = parse_file(&w, "a");
    cr_assert(m && m->intime, "%s", w.v.err);
    work_close(&w);
}

static const char source_rta[] =
    "void *malloc(unsigned); int printf(const char *, ...);\n"
    "unsigned short CreateRtMemoryHandle(void *, unsigned); void *AllocateRtMemory(unsigned);\n"
    "static int counter = 3; int *pointer = &counter; char zeroes[5000];\n"
    "void start(void) { void *p = AllocateRtMemory(4096);\n"
    "printf(\"%d %p %x\", *pointer, malloc(4), CreateRtMemoryHandle(p, 4096));\n"
    "for (;;) zeroes[1]++; }\n";
static const char source_rsl[] =
    "int table[3] = {1, 2, 3}; int *first = table;\n"
    "int open_it(int x) { return table[x]; } int close_it(int x) { return *first - x; }\n"
    "int hidden(void) { return 7; } int RslMain(void *h, int why, void *r) { return 1; }\n";

/* Builds a.rta and b.rsl; false where MinGW is missing. */
static bool build_mingw(struct work *w)
{
    write_text(w, "a.c", source_rta);
    write_text(w, "b.c", source_rsl);
    write_text(w, "clib.def",
               "LIBRARY clib.rsl\nEXPORTS\nmalloc @301 NONAME\nprintf @237 NONAME\n");
    write_text(w, "rt.def", "LIBRARY RtRsl.rsl\nEXPORTS\nCreateRtMemoryHandle\nAllocateRtMemory\n");
    write_text(w, "b.def",
               "LIBRARY b.rsl\nEXPORTS\nopen_it\nclose_it\nhidden @40 NONAME\ntable DATA\n");
    return run(w, MINGW "dlltool -d clib.def -l libclib.a") &&
           run(w, MINGW "dlltool -d rt.def -l librt.a") &&
           run(w, MINGW "gcc -O1 -ffreestanding -nostdlib -Wl,-e,_start,--dynamicbase,"
                        "--major-image-version,21076,--minor-image-version,20053 "
                        "a.c -L. -lclib -lrt -o a.rta") &&
           run(w, MINGW "gcc -O1 -shared -nostdlib -Wl,-e,_RslMain b.c b.def -o b.rsl");
}

static struct work work_mingw(void)
{
    struct work w = work_open();
    if (!have(&w, MINGW "objdump") || !build_mingw(&w)) {
        work_close(&w);
        cr_skip_test("no " MINGW "gcc with binutils");
    }
    return w;
}

static bool section_row(const struct image *m, const char *line, size_t i)
{
    unsigned index, size, vma, lma, off;
    char name[64];
    if (sscanf(line, " %u %63s %x %x %x %x", &index, name, &size, &vma, &lma, &off) != 6)
        return false;
    cr_assert_lt(i + 1, m->segment_count);
    const struct image_segment *s = &m->segments[i + 1]; /* 0 is the headers */
    cr_expect_eq(strncmp(s->name, name, sizeof s->name - 1), 0, "%s", line);
    cr_expect(s->vaddr == vma && s->mem_size == size, "%s", line);
    if (off) cr_expect_eq(s->bytes - m->file, off, "%s", line);
    cr_expect_eq(s->file_size, off ? size : 0, "%s", line);
    return true;
}

static void compare_headers(struct work *w, const struct image *m, const char *file)
{
    cr_assert(run(w, MINGW "objdump -p %s", file));
    cr_expect_eq(m->base, number_after(w, "ImageBase", 16));
    cr_expect_eq(m->entry, m->base + number_after(w, "AddressOfEntryPoint", 16));
    cr_expect_eq(m->size, number_after(w, "SizeOfImage", 16));
    cr_expect_eq(m->version_major, number_after(w, "MajorImageVersion", 10));
    cr_expect_eq(m->version_minor, number_after(w, "MinorImageVersion", 10));
    cr_expect_eq(m->stack_reserve, number_after(w, "SizeOfStackReserve", 16));
    cr_expect_eq(m->stack_commit, number_after(w, "SizeOfStackCommit", 16));
    cr_expect_eq(m->heap_reserve, number_after(w, "SizeOfHeapReserve", 16));
    cr_expect_eq(m->heap_commit, number_after(w, "SizeOfHeapCommit", 16));
    cr_assert(run(w, MINGW "objdump -h %s", file));
    cr_expect_eq(each_line(w, m, section_row), m->segment_count - 1);
}

/* "	8000012d	  301  <none>" or "	706c	    1  AllocateRtMemory" */
static bool import_row(const struct image *m, const char *line, size_t i)
{
    unsigned vma, hint;
    char name[200];
    if (line[0] != '\t' || sscanf(line, "\t%x\t%u %199s", &vma, &hint, name) != 3) return false;
    cr_assert_lt(i, m->import_count);
    const struct image_import *x = &m->imports[i];
    if (vma >> 31)
        cr_expect(!x->name && x->ordinal == hint, "%s", line);
    else
        cr_expect(x->name && !strcmp(x->name, name) && x->hint == hint, "%s", line);
    return true;
}

static bool reloc_row(const struct image *m, const char *line, size_t i)
{
    unsigned n, off, rva;
    char type[32];
    if (sscanf(line, " reloc %u offset %x [%x] %31s", &n, &off, &rva, type) != 4 ||
        strcmp(type, "HIGHLOW"))
        return false;
    cr_assert_lt(i, m->reloc_count);
    cr_expect_eq(m->relocs[i], m->base + rva, "%s", line);
    return true;
}

static bool export_row(const struct image *m, const char *line, size_t i)
{
    unsigned index, ordinal, rva;
    if (sscanf(line, " [ %u] +base[ %u] %x Export RVA", &index, &ordinal, &rva) != 3) return false;
    const struct image_export *x = image_export_by_ordinal(m, (uint16_t)ordinal);
    cr_expect(x && x->vaddr == m->base + rva, "%s", line);
    return true;
}

/* "[  2](sec  1)(fl 0x00)(ty   20)(scl   2) (nx 1) 0x00000000 _start" */
static bool coff_symbol_row(const struct image *m, const char *line, size_t i)
{
    unsigned n, flags, type, class, aux, value;
    int section;
    char name[200];
    if (sscanf(line, "[ %u](sec %d)(fl 0x%x)(ty %x)(scl %u) (nx %u) 0x%x %199s", &n, &section,
               &flags, &type, &class, &aux, &value, name) != 8 ||
        section <= 0 || class != 2)
        return false;
    cr_assert_lt((size_t)section, m->segment_count);
    cr_expect(has_symbol(m, m->segments[section].vaddr + value, name), "%s", line);
    return true;
}

Test(tools, mingw_program_agrees_with_objdump)
{
    struct work w = work_mingw();
    const struct image *m = parse_file(&w, "a.rta");
    cr_assert(m && m->kind == IMAGE_PE, "%s", w.v.err);
    cr_expect(m->intime && !m->is_dll && !m->fixed);
    compare_headers(&w, m, "a.rta");
    cr_assert(run(&w, MINGW "objdump -p a.rta"));
    cr_expect_eq(each_line(&w, m, import_row), m->import_count);
    cr_expect_eq(m->import_count, 4);
    cr_expect_str_eq(m->imports[0].module, "clib.rsl");
    cr_expect_str_eq(m->imports[3].module, "RtRsl.rsl");
    cr_assert(run(&w, MINGW "objdump -p a.rta"));
    cr_expect_eq(each_line(&w, m, reloc_row), m->reloc_count);
    cr_expect_gt(m->reloc_count, 0);
    cr_assert(run(&w, MINGW "objdump -t a.rta"));
    cr_expect_gt(each_line(&w, m, coff_symbol_row), 4);
    cr_expect_str_eq(image_symbol_at(m, m->entry + 1)->name, "_start");
    work_close(&w);
}

Test(tools, mingw_library_agrees_with_objdump)
{
    struct work w = work_mingw();
    const struct image *m = parse_file(&w, "b.rsl");
    cr_assert(m, "%s", w.v.err);
    cr_expect(m->is_dll && !m->intime);
    cr_expect_str_eq(m->module, "b.rsl");
    compare_headers(&w, m, "b.rsl");
    cr_assert(run(&w, MINGW "objdump -p b.rsl"));
    cr_expect_eq(each_line(&w, m, export_row), m->export_count);
    cr_expect_eq(m->export_count, 4);
    cr_expect(image_export_by_name(m, "open_it") && image_export_by_name(m, "close_it"));
    cr_expect_null(image_export_by_name(m, "hidden"));
    cr_expect(image_export_by_ordinal(m, 40) && !image_export_by_ordinal(m, 40)->name);
    work_close(&w);
}

/* lld-link makes images with the very headers of the INtime programs found in the field. */
static const char source_lld[] =
    "__declspec(dllimport) void *__cdecl malloc(unsigned);\n"
    "__declspec(dllimport) unsigned short CreateRtMemoryHandle(void *, unsigned);\n"
    "#pragma section(\".tls\", long, read, write)\n"
    "#pragma section(\".tls$ZZZ\", long, read, write)\n"
    "__declspec(allocate(\".tls\")) char _tls_start = 1;\n"
    "__declspec(allocate(\".tls$ZZZ\")) char _tls_end = 2;\n"
    "unsigned _tls_index = ~0u;\n"
    "const struct { void *a, *b, *c, *d; unsigned e, f; } _tls_used =\n"
    "    {&_tls_start, &_tls_end, &_tls_index, 0, 0, 0};\n"
    "static int counter = 3; int *pointer = &counter; char zeroes[50000]; void *keep;\n"
    "void start(void) { keep = malloc(*pointer); CreateRtMemoryHandle(zeroes, 5); for (;;) ; }\n";

static bool build_lld(struct work *w)
{
    write_text(w, "m.c", source_lld);
    return run(w, "clang --target=i686-pc-windows-msvc -O1 -c m.c -o m.obj") &&
           run(w, "llvm-dlltool -m i386 -d clib.def -l clib.lib") &&
           run(w, "llvm-dlltool -m i386 -d rt.def -l rt.lib") &&
           run(w, "lld-link /subsystem:console,6.0 /version:21076.20053 /entry:start /nodefaultlib "
                  "/safeseh:no /include:__tls_used /out:m.rta m.obj clib.lib rt.lib");
}

Test(tools, lld_program_agrees_with_objdump)
{
    struct work w = work_mingw();
    if (!build_lld(&w)) {
        work_close(&w);
        cr_skip_test("no clang with lld-link and llvm-dlltool");
    }
    const struct image *m = parse_file(&w, "m.rta");
    cr_assert(m && m->kind == IMAGE_PE, "%s", w.v.err);
    cr_expect(m->intime);
    cr_expect_gt(m->segments[3].mem_size, 50000);
    cr_expect_leq(m->segments[3].file_size, 0x200);
    cr_expect_eq(m->tls_start, m->segments[4].vaddr);
    cr_expect_gt(m->tls_end, m->tls_start);
    cr_expect(m->tls_index && !m->tls_callbacks && !m->tls_zero);
    cr_assert(run(&w, MINGW "objdump -p m.rta"));
    cr_expect_eq(m->entry, m->base + number_after(&w, "AddressOfEntryPoint", 16));
    cr_expect_eq(m->version_major, number_after(&w, "MajorImageVersion", 10));
    cr_expect_eq(each_line(&w, m, import_row), 2);
    cr_expect_eq(m->import_count, 2);
    cr_assert(run(&w, MINGW "objdump -p m.rta"));
    cr_expect_eq(each_line(&w, m, reloc_row), m->reloc_count);
    work_close(&w);
}

/* Every length of a real image: the symbol table is its end, so each shorter file is refused. */
Test(tools, mingw_program_cut_is_refused)
{
    struct work w = work_mingw();
    cr_assert(parse_file(&w, "a.rta"), "%s", w.v.err);
    for (size_t n = 0; n < w.size; n++) {
        struct verdict v = check_parse(w.bytes, n, IMAGE_PE);
        cr_assert_null(v.image, "accepted with %zu of %zu bytes", n, w.size);
        verdict_free(&v);
    }
    work_close(&w);
}

Test(tools, mingw_debug_sections_have_long_names)
{
    struct work w = work_mingw();
    if (!run(&w,
             MINGW "gcc -g -ffreestanding -nostdlib -Wl,-e,_start a.c -L. -lclib -lrt -o d.rta")) {
        work_close(&w);
        cr_skip_test("no debug build");
    }
    const struct image *m = parse_file(&w, "d.rta");
    cr_assert(m, "%s", w.v.err);
    size_t debug = 0;
    for (size_t i = 0; i < m->segment_count; i++) {
        if (strncmp(m->segments[i].name, ".debug_", 7)) continue;
        debug++;
        cr_expect(m->segments[i].discardable, "%s", m->segments[i].name);
    }
    cr_expect_gt(debug, 2);
    work_close(&w);
}

Test(tools, mingw_driver_is_refused)
{
    struct work w = work_mingw();
    cr_assert(run(&w, MINGW "gcc -ffreestanding -nostdlib -Wl,--subsystem,native,-e,_start a.c -L. "
                            "-lclib -lrt -o a.sys"));
    cr_expect_null(parse_file(&w, "a.sys"));
    cr_expect(strstr(w.v.err, "Windows driver"), "%s", w.v.err);
    work_close(&w);
}
