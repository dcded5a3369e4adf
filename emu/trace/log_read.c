/* log_read.c: logs of other emulators: files, lines, whose they are. */
#include "log_lines.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char *rt386_log_value_name(unsigned index)
{
    static const char *const first[RT386_LOG_SEGMENTS] = {
        "eax", "ecx",    "edx", "ebx", "esp",       "ebp",        "esi",       "edi",
        "eip", "eflags", "cpl", "cr0", "cr2",       "cr3",        "dr0",       "dr1",
        "dr2", "dr3",    "dr6", "dr7", "gdtr_base", "gdtr_limit", "idtr_base", "idtr_limit"};
#define SEGMENT(s) s, s "_base", s "_limit", s "_access", s "_flags"
    static const char *const segment[] = {SEGMENT("es"),   SEGMENT("cs"), SEGMENT("ss"),
                                          SEGMENT("ds"),   SEGMENT("fs"), SEGMENT("gs"),
                                          SEGMENT("ldtr"), SEGMENT("tr")};
#undef SEGMENT
    if (index >= RT386_LOG_VALUES) return NULL;
    return index < RT386_LOG_SEGMENTS ? first[index] : segment[index - RT386_LOG_SEGMENTS];
}
_Static_assert(RT386_LOG_VALUES <= 64, "known is a word of 64 bits");

rt386_status rt386_log_open(const char *path, rt386_log_format format, rt386_log **log, char *err,
                            size_t err_size)
{
    rt386_log *l = calloc(1, sizeof *l);
    if (!l) {
        snprintf(err, err_size, "the host has no memory left");
        return RT386_E_NOMEM;
    }
    l->format = format;
    l->file = fopen(path, "rbe");
    if (!l->file) {
        int why = errno;
        snprintf(err, err_size, "%s", strerror(why));
        free(l);
        return why == ENOENT ? RT386_E_NOTFOUND : RT386_E_IO;
    }
    *log = l;
    return RT386_OK;
}

void rt386_log_close(rt386_log *log)
{
    if (!log) return;
    fclose(log->file);
    free(log);
}

rt386_log_format rt386_log_format_of(const rt386_log *log)
{
    return log->format;
}

const char *rt386_log_error(const rt386_log *log)
{
    return log->error;
}

rt386_status log_refuse(rt386_log *log, const char *format, ...)
{
    va_list list;
    int n = snprintf(log->error, sizeof log->error, "line %llu: ", (unsigned long long)log->line);
    va_start(list, format);
    vsnprintf(log->error + n, sizeof log->error - (size_t)n, format, list);
    va_end(list);
    return RT386_E_FORMAT;
}

/* --- lines --- */

/* A line without its end may be half of one: it is not used, and the sentence says so. */
static rt386_status at_end(rt386_log *log, bool rest)
{
    if (ferror(log->file)) {
        log_refuse(log, "the log cannot be read any further");
        return RT386_E_IO;
    }
    if (rest) log_refuse(log, "the log ends in the middle of this line");
    return RT386_E_NOTFOUND;
}

rt386_status log_line(rt386_log *log)
{
    size_t n = 0;
    int c;
    if (log->held) {
        log->held = false;
        return RT386_OK;
    }
    log->line++;
    while ((c = getc_unlocked(log->file)) != '\n') {
        if (c == EOF) return at_end(log, n > 0);
        if (c == 0 || c == '\r') continue; /* Bochs' display may have written between the lines */
        if (n == LOG_LINE_MAX)
            return log_refuse(log, "it is longer than %u bytes: no line of QEMU's or Bochs' is",
                              LOG_LINE_MAX);
        log->text[n++] = (char)c;
    }
    log->text[n] = 0;
    return RT386_OK;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool log_hex(const char **at, uint64_t *value)
{
    const char *p = *at;
    uint64_t v = 0;
    for (unsigned n = 0; hex_digit(*p) >= 0; n++, p++) {
        if (n == 16) return false;
        v = v << 4 | (unsigned)hex_digit(*p);
    }
    if (p == *at) return false;
    *at = p;
    *value = v;
    return true;
}

bool log_word(const char **at, const char *word)
{
    size_t n = strlen(word);
    if (strncmp(*at, word, n) != 0) return false;
    *at += n;
    return true;
}

unsigned log_bytes(const char *at, bool blanks, uint8_t to[15])
{
    unsigned n = 0;
    while (n < 15 && hex_digit(at[0]) >= 0 && hex_digit(at[1]) >= 0) {
        to[n++] = (uint8_t)(hex_digit(at[0]) << 4 | hex_digit(at[1]));
        at += 2;
        if (!blanks) continue;
        if (at[0] != ' ' || hex_digit(at[1]) < 0) break;
        at++;
    }
    return n;
}

void log_know(rt386_log_state *state, unsigned index, uint64_t value)
{
    state->known |= UINT64_C(1) << index;
    state->value[index] = (uint32_t)value;
}

/* --- whose --- */

/* Lines before the first that is QEMU's or Bochs' are passed over: prompts, messages, output of the guest. */
static rt386_status find_format(rt386_log *log)
{
    while (log->format == RT386_LOG_ANY) {
        rt386_status st = log_line(log);
        if (st != RT386_OK) return st;
        if (log_qemu_owns(log->text)) log->format = RT386_LOG_QEMU;
        if (log_bochs_owns(log->text)) log->format = RT386_LOG_BOCHS;
    }
    return RT386_OK;
}

static rt386_status found_nothing(rt386_log *log)
{
    static const char *const whose[] = {"QEMU's or Bochs'", "QEMU's", "Bochs'"};
    unsigned long long lines = log->line ? (unsigned long long)log->line - 1 : 0;
    snprintf(log->error, sizeof log->error,
             "none of its %llu lines tells of an instruction in %s way; see docs/trace-import.md",
             lines, whose[log->format]);
    return RT386_E_FORMAT;
}

rt386_status rt386_log_next(rt386_log *log, rt386_log_item *item)
{
    bool unknown = log->format == RT386_LOG_ANY;
    rt386_status st = find_format(log);
    if (st == RT386_OK) {
        if (unknown) log->held = true;
        st = log->format == RT386_LOG_QEMU ? log_qemu_next(log, item) : log_bochs_next(log, item);
    }
    if (st == RT386_OK) log->found = true;
    return st == RT386_E_NOTFOUND && !log->found ? found_nothing(log) : st;
}
