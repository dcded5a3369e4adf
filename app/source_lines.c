#define _GNU_SOURCE /* memfd_create */
#include "source_lines.h"

#include "debug_elf.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX   (256u << 20) /* bytes of a program that are read for its lines */
#define SOURCE_MAX (8u << 20)   /* bytes of a source file */

struct row {
    uint32_t address, line, column, order; /* order: in the file */
    const char *file, *folder;             /* folder: of the compiler; NULL: not told */
    bool ends;                             /* behind the last instruction of a sequence */
    bool statement;                        /* a good place to stop */
};
struct source_lines {
    int fd;
    Dwarf *dwarf;
    struct row *row;
    size_t n, cap;
    char *source_name, *source; /* the file that was shown last */
    size_t source_size;
    char *line; /* what source_lines_text gave */
};

/* All of a regular file of at most so many bytes, with a NUL behind; NULL: it is not that. */
static char *file_bytes(const char *path, size_t most, size_t *n)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *bytes = NULL;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size <= most) {
        size_t size = (size_t)st.st_size;
        bytes = malloc(size + 1);
        ssize_t got = bytes ? read(fd, bytes, size) : -1;
        if (got != (ssize_t)size) {
            free(bytes);
            bytes = NULL;
        } else {
            bytes[size] = '\0';
            *n = size;
        }
    }
    if (fd >= 0) close(fd);
    return bytes;
}

static bool is_elf(const char *bytes, size_t n)
{
    return n > 4 && memcmp(bytes,
                           "\x7f"
                           "ELF",
                           4) == 0;
}

/* A file that lives in memory only; -1: the host refuses. */
static int memory_file(const char *bytes, size_t n)
{
    int fd = memfd_create("rt386-lines", MFD_CLOEXEC);
    if (fd >= 0 && write(fd, bytes, n) != (ssize_t)n) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* The ELF file that the debug sections of a PE file make; -1: it has none. */
static int pe_file(const char *bytes, size_t n)
{
    struct text elf = {0};
    int fd = debug_elf_of_pe((const uint8_t *)bytes, n, &elf) ? memory_file(elf.p, elf.n) : -1;
    text_free(&elf);
    return fd;
}

/* -1: neither an ELF nor a PE file with lines. */
static int debug_file(const char *path)
{
    size_t n = 0;
    char *bytes = file_bytes(path, FILE_MAX, &n);
    if (!bytes) return -1;
    int fd = is_elf(bytes, n) ? open(path, O_RDONLY | O_CLOEXEC) : pe_file(bytes, n);
    free(bytes);
    return fd;
}

static struct row *row_new(struct source_lines *s)
{
    if (s->n == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 256;
        struct row *more = realloc(s->row, cap * sizeof *more);
        if (!more) return NULL;
        s->row = more;
        s->cap = cap;
    }
    return &s->row[s->n++];
}

static bool row_add(struct source_lines *s, Dwarf_Line *line, const char *folder)
{
    Dwarf_Addr address;
    int number = 0, column = 0;
    bool ends = false, statement = true;
    const char *file = dwarf_linesrc(line, NULL, NULL);
    if (!file || dwarf_lineaddr(line, &address) || dwarf_lineno(line, &number) ||
        dwarf_linebeginstatement(line, &statement) || dwarf_lineendsequence(line, &ends))
        return true;
    (void)dwarf_linecol(line, &column);
    if (address > UINT32_MAX || number < 0 || (!number && !ends)) return true;
    struct row *r = row_new(s);
    if (!r) return false;
    *r = (struct row){.address = (uint32_t)address,
                      .line = (uint32_t)number,
                      .column = (uint32_t)(column > 0 ? column : 0),
                      .order = (uint32_t)s->n,
                      .file = file,
                      .folder = folder,
                      .ends = ends,
                      .statement = statement};
    return true;
}

/* By address; where a sequence ends and the next begins at one address, the end comes first. Of the lines of one address the
 * last one counts. */
static int row_order(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->address != y->address) return x->address < y->address ? -1 : 1;
    if (x->ends != y->ends) return (int)y->ends - (int)x->ends;
    return x->order < y->order ? -1 : 1;
}

static bool unit_read(struct source_lines *s, Dwarf_Die *unit)
{
    Dwarf_Attribute attribute;
    Dwarf_Lines *lines;
    size_t n;
    if (dwarf_getsrclines(unit, &lines, &n) != 0) return true;
    const char *folder = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
    for (size_t i = 0; i < n; i++)
        if (!row_add(s, dwarf_onesrcline(lines, i), folder)) return false;
    return true;
}

static bool rows_read(struct source_lines *s)
{
    Dwarf_Off at = 0, next;
    size_t header;
    while (dwarf_nextcu(s->dwarf, at, &next, &header, NULL, NULL, NULL) == 0) {
        Dwarf_Die unit;
        if (dwarf_offdie(s->dwarf, at + header, &unit) && !unit_read(s, &unit)) return false;
        if (next <= at) break;
        at = next;
    }
    if (s->n) qsort(s->row, s->n, sizeof *s->row, row_order);
    return s->n != 0;
}

/* Takes the descriptor. */
static struct source_lines *lines_of(int fd)
{
    struct source_lines *s = calloc(1, sizeof *s);
    if (!s) {
        if (fd >= 0) close(fd);
        return NULL;
    }
    s->fd = fd;
    s->dwarf = s->fd >= 0 ? dwarf_begin(s->fd, DWARF_C_READ) : NULL;
    if (s->dwarf && rows_read(s)) return s;
    source_lines_close(s);
    return NULL;
}

struct source_lines *source_lines_open(const char *path)
{
    return lines_of(debug_file(path));
}

struct source_lines *source_lines_of_bytes(const void *bytes, size_t n)
{
    return lines_of(is_elf(bytes, n) ? memory_file(bytes, n) : pe_file(bytes, n));
}

void source_lines_close(struct source_lines *s)
{
    if (!s) return;
    if (s->dwarf) dwarf_end(s->dwarf);
    if (s->fd >= 0) close(s->fd);
    free(s->row);
    free(s->source_name);
    free(s->source);
    free(s->line);
    free(s);
}

bool source_lines_at(const struct source_lines *s, uint32_t address, struct source_place *to)
{
    size_t low = 0, high = s->n; /* the first row above the address */
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->row[mid].address <= address)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == 0 || s->row[low - 1].ends) return false;
    const struct row *r = &s->row[low - 1];
    *to = (struct source_place){r->file, r->line, r->column};
    return true;
}

/* "dir/a.c" is also called "a.c". */
static bool is_called(const char *file, const char *name)
{
    size_t n = strlen(file), m = strlen(name);
    return m && n >= m && !strcmp(file + n - m, name) && (n == m || file[n - m - 1] == '/');
}

/* Is a, for a line from `wanted` on, a better place than b (NULL: none yet)? */
static bool is_better(const struct row *a, const struct row *b)
{
    if (!b) return true;
    if (a->line != b->line) return a->line < b->line;
    return a->statement && !b->statement;
}

bool source_lines_find(const struct source_lines *s, const char *file, unsigned *line,
                       uint32_t *address)
{
    const struct row *best = NULL;
    for (size_t i = 0; i < s->n; i++) {
        const struct row *r = &s->row[i];
        if (!r->ends && r->line >= *line && is_called(r->file, file) && is_better(r, best))
            best = r;
    }
    if (!best) return false;
    *address = best->address;
    *line = best->line;
    return true;
}

static const char *folder_of(const struct source_lines *s, const char *file)
{
    for (size_t i = 0; i < s->n; i++)
        if (!strcmp(s->row[i].file, file)) return s->row[i].folder;
    return NULL;
}

/* By its name from here, else from the compiler's folder. */
static bool source_get(struct source_lines *s, const char *file)
{
    if (s->source_name && !strcmp(s->source_name, file)) return s->source != NULL;
    const char *folder = *file == '/' ? NULL : folder_of(s, file);
    struct text there = {0};
    if (folder) text_addf(&there, "%s/%s", folder, file);
    free(s->source_name);
    free(s->source);
    s->source = file_bytes(file, SOURCE_MAX, &s->source_size);
    if (!s->source && folder) s->source = file_bytes(text_str(&there), SOURCE_MAX, &s->source_size);
    s->source_name = strdup(file);
    text_free(&there);
    return s->source != NULL;
}

const char *source_lines_text(struct source_lines *s, const char *file, unsigned line)
{
    if (!source_get(s, file)) return NULL;
    const char *at = text_line_at(s->source, strlen(s->source), line);
    if (!at) return NULL;
    size_t n = strcspn(at, "\r\n");
    char *text = realloc(s->line, n + 1);
    if (!text) return NULL;
    memcpy(text, at, n);
    text[n] = '\0';
    return s->line = text;
}
