#include "debug_words.h"

#include "opt.h"
#include "reg_value.h"
#include "running.h"
#include "seek_text.h"
#include "trace.h"
#include "verbs.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LOOKED 16u /* instructions that `u` shows, and the least that `x` does */

static rt386 *machine(const struct debug *d)
{
    return debugger_machine(d->d);
}

unsigned debug_insn(struct debug *d, uint32_t eip, rt386_insn_event *e)
{
    return running_insn(machine(d), d->disasm, eip, e);
}

/* ---- source lines ------------------------------------------------------------------------------------ */

static const char *short_name(const char *file)
{
    const char *slash = strrchr(file, '/');
    return slash ? slash + 1 : file;
}

static void source_line(struct debug *d, const char *file, unsigned line, const char *text)
{
    text_addf(&d->out, "%s:%u", short_name(file), line);
    if (text) text_addf(&d->out, "\t%.200s", text);
    text_add(&d->out, "\n");
}

/* Where the last move has led to another line. */
static void source_place(struct debug *d, uint32_t eip)
{
    struct source_place at;
    const char *text;
    if (!sources_at(d->sources, machine(d), eip, &at, &text)) {
        d->shown = (struct source_place){NULL, 0, 0};
    } else if (at.file != d->shown.file || at.line != d->shown.line) {
        source_line(d, at.file, at.line, text);
        d->shown = at;
    }
}

#define LISTED 5u /* lines before and behind */

static void word_list(struct debug *d, const char *rest)
{
    struct source_place at;
    const char *text;
    (void)rest;
    if (!sources_at(d->sources, machine(d), (uint32_t)reg_value(machine(d), "eip"), &at, &text)) {
        text_add(&d->out, "no line of source is known here: build the guest with -g\n");
        return;
    }
    if (!text) {
        text_addf(&d->out, "%s:%u: that file is not there\n", at.file, at.line);
        return;
    }
    unsigned from = at.line > LISTED ? at.line - LISTED : 1;
    for (unsigned i = from; i <= at.line + LISTED; i++)
        if ((text = sources_text(d->sources, at.file, i)))
            text_addf(&d->out, "%s %4u  %.200s\n", i == at.line ? "=>" : "  ", i, text);
}

void debug_place(struct debug *d)
{
    rt386_insn_event e;
    uint32_t eip = (uint32_t)reg_value(machine(d), "eip");
    source_place(d, eip);
    text_addf(&d->out, "(%llu%s) ", (unsigned long long)debugger_place(d->d).insns,
              debugger_in_past(d->d) ? ", past" : "");
    if (debug_insn(d, eip, &e))
        trace_insn_line(&d->out, d->disasm, &e);
    else
        text_addf(&d->out, "%04x:%08x: no memory is there\n", e.cs, eip);
}

static bool amount(struct debug *d, const char *rest, uint64_t *n)
{
    *n = 1;
    if (!*rest || (opt_number(rest, 1000, n) && *n)) return true;
    text_addf(&d->out, "'%.40s' is no number of instructions\n", rest);
    return false;
}

static void unassemble(struct debug *d, const char *rest)
{
    uint32_t eip = (uint32_t)reg_value(machine(d), "eip");
    rt386_insn_event e;
    if (*rest) {
        rt386_addr at;
        const char *end;
        if (!seek_address(rest, &end, &at) || at.space == RT386_PHYS) {
            text_add(&d->out, "u: name an address, linear or as cs:0x1000\n");
            return;
        }
        uint32_t base = at.space == RT386_LOGICAL ? rt386_seg_get(machine(d), at.seg).base : 0;
        eip = base + at.at - rt386_seg_get(machine(d), RT386_CS).base;
    }
    for (unsigned i = 0; i < LOOKED && debug_insn(d, eip, &e); i++) {
        trace_insn_line(&d->out, d->disasm, &e);
        eip += e.length;
    }
}

/* ---- memory ------------------------------------------------------------------------------------------- */

static void memory_line(struct debug *d, rt386_addr at, unsigned n)
{
    char chars[17] = "";
    text_addf(&d->out, "%08x ", at.at);
    for (unsigned i = 0; i < n; i++) {
        uint8_t byte;
        rt386_addr one = at;
        one.at += i;
        bool there = rt386_peek(machine(d), one, &byte, 1) == RT386_OK;
        if (there)
            text_addf(&d->out, " %02x", byte);
        else
            text_add(&d->out, " --");
        chars[i] = (char)(there && isprint(byte) ? byte : '.');
    }
    chars[n] = '\0';
    text_pad(&d->out, 58);
    text_addf(&d->out, " %s\n", chars);
}

/* "ADDRESS", "ADDRESS,N"; Bochs' "/NUF" before it is passed over but for N. */
static void examine(struct debug *d, const char *rest)
{
    uint64_t n = 4 * LOOKED;
    rt386_addr at;
    if (*rest == '/') {
        char *end;
        unsigned long v = strtoul(rest + 1, &end, 10);
        n = v ? v * 4 : n;
        rest = end + strcspn(end, " ");
        rest += strspn(rest, " ");
    }
    const char *end = rest;
    bool good = seek_address(rest, &end, &at);
    if (good && *end == ',') good = opt_number(end + 1, 1024, &n);
    if (!good || n > 65536) {
        text_add(&d->out,
                 "x: name an address: 0x401000 (linear), ds:0x1000 or phys:0x9000, and ,N\n");
        return;
    }
    for (uint64_t done = 0; done < n; done += 16, at.at += 16)
        memory_line(d, at, n - done < 16 ? (unsigned)(n - done) : 16);
}

/* "NAME VALUE" */
static void set(struct debug *d, const char *rest)
{
    char name[24] = "";
    size_t n = strcspn(rest, " =");
    uint64_t v;
    rest += n;
    if (n < sizeof name) memcpy(name, rest - n, n);
    const char *number = rest + strspn(rest, " =");
    rt386 *m = debugger_change(d->d);
    if (!m)
        text_add(&d->out, "the past cannot be changed; 'live' goes to the present\n");
    else if (!opt_number(number, 0, &v) || rt386_reg_set(m, name, v) != RT386_OK)
        text_add(&d->out, "set: name a register and a number, as eax 0x10 or ds_limit 0xfff\n");
}

/* ---- what stops it ------------------------------------------------------------------------------------ */

#define SAYS 300u

/* What was done is a line, what was not a sentence that may take several. */
static void said(struct debug *d, bool done, const char *say)
{
    if (done)
        text_addf(&d->out, "%s\n", say);
    else
        text_wrap(&d->out, say, 0, TEXT_WIDTH);
}

static void word_break(struct debug *d, const char *rest)
{
    char say[SAYS];
    said(d, points_break(&d->points, d->sources, machine(d), rest, say, sizeof say), say);
}

static void word_watch(struct debug *d, const char *rest)
{
    char say[SAYS];
    said(d, points_watch(&d->points, machine(d), rest, say, sizeof say), say);
}

static void word_catch(struct debug *d, const char *rest)
{
    char say[SAYS];
    said(d, points_catch(&d->points, rest, say, sizeof say), say);
}

static void word_break_physical(struct debug *d, const char *rest)
{
    char say[SAYS], words[80];
    snprintf(words, sizeof words, "exec:phys:%.60s", rest);
    said(d, points_break(&d->points, NULL, machine(d), words, say, sizeof say), say);
}

static void word_points(struct debug *d, const char *rest)
{
    (void)rest;
    for (unsigned i = 0; i < d->points.n; i++)
        text_addf(&d->out, "%u: %s\n", d->points.point[i].number, d->points.point[i].words);
    if (!d->points.n) text_add(&d->out, "nothing stops the guest but its end\n");
}

static void word_delete(struct debug *d, const char *rest)
{
    char say[SAYS];
    if (verb_entry(machine(d), rest, &d->out)) return;
    said(d, points_delete(&d->points, rest, say, sizeof say), say);
}

/* ---- moves -------------------------------------------------------------------------------------------- */

static void stopped(struct debug *d)
{
    const struct debug_stop *s = &d->stop;
    char say[SAYS];
    d->moved = true;
    if (s->reason == DEBUG_MET && points_met(&d->points, &s->met, say, sizeof say))
        text_addf(&d->out, "%s\n", say);
    else if (s->reason != DEBUG_STEPPED && s->reason != DEBUG_MET)
        text_addf(&d->out, "%s\n", s->text);
}

static void word_step(struct debug *d, const char *rest)
{
    uint64_t n;
    if (!amount(d, rest, &n)) return;
    d->begin(d->ctx);
    debugger_step(d->d, n, &d->stop);
    d->end(d->ctx);
    stopped(d);
}

static void word_back(struct debug *d, const char *rest)
{
    uint64_t n;
    if (!amount(d, rest, &n)) return;
    d->begin(d->ctx);
    debugger_back(d->d, n, &d->stop);
    d->end(d->ctx);
    stopped(d);
}

static void go_on(struct debug *d, const rt386_seek *seek, unsigned n, bool back)
{
    d->begin(d->ctx);
    if (back)
        debugger_run_back(d->d, seek, n, &d->stop);
    else
        debugger_run(d->d, seek, n, 0, &d->stop);
    d->end(d->ctx);
    stopped(d);
}

static void word_continue(struct debug *d, const char *rest)
{
    rt386_seek seek[RT386_SEEK_MAX];
    (void)rest;
    go_on(d, seek, points_seeks(&d->points, seek), false);
}

static void word_run_back(struct debug *d, const char *rest)
{
    rt386_seek seek[RT386_SEEK_MAX];
    (void)rest;
    go_on(d, seek, points_seeks(&d->points, seek), true);
}

/* A call, a software interrupt or a repeated instruction as one step. False: something else has stopped it. */
static bool step_over(struct debug *d)
{
    rt386_insn_event e;
    char words[160] = "";
    uint32_t eip = (uint32_t)reg_value(machine(d), "eip");
    if (debug_insn(d, eip, &e)) disasm_text(d->disasm, &e, words, sizeof words);
    if (!steps_over(words)) {
        debugger_step(d->d, 1, &d->stop);
        return d->stop.reason == DEBUG_STEPPED;
    }
    rt386_seek seek[RT386_SEEK_MAX];
    unsigned n = points_seeks(&d->points, seek);
    seek[n] = (rt386_seek){.size = sizeof *seek,
                           .kind = RT386_SEEK_EXEC,
                           .at = {.space = RT386_LINEAR, .at = e.linear + e.length}};
    debugger_run(d->d, seek, n + 1, 0, &d->stop);
    return d->stop.reason == DEBUG_MET && d->stop.met.which == n;
}

static void word_next(struct debug *d, const char *rest)
{
    uint64_t n;
    if (!amount(d, rest, &n)) return;
    d->begin(d->ctx);
    while (n-- && step_over(d))
        ;
    d->end(d->ctx);
    stopped(d);
}

static void word_go(struct debug *d, const char *rest)
{
    uint64_t n;
    if (!*rest || !opt_number(rest, 1000, &n)) {
        text_add(&d->out, "go: name an instruction's number, as 120000 or 3M\n");
        return;
    }
    d->begin(d->ctx);
    debugger_go(d->d, n, &d->stop);
    d->end(d->ctx);
    stopped(d);
}

static void word_live(struct debug *d, const char *rest)
{
    (void)rest;
    debugger_go_live(d->d);
    d->moved = true;
}

static void word_quit(struct debug *d, const char *rest)
{
    (void)rest;
    d->over = true;
}

/* ---- the table ----------------------------------------------------------------------------------------- */

static void word_help(struct debug *d, const char *rest);

static const struct word {
    const char *names, *help; /* the first name, then others for it */
    void (*run)(struct debug *d, const char *rest);
} words[] = {{"s step stepi si t", "s [N]: N instructions on", word_step},
             {"n next nexti ni p", "n [N]: the same, but a call is one step", word_next},
             {"c cont continue g", "on to what stops it", word_continue},
             {"rs reverse-step reverse-stepi rsi back", "rs [N]: N instructions back", word_back},
             {"rc reverse-continue", "back to what stops it", word_run_back},
             {"go", "go N: to where N instructions have retired", word_go},
             {"live", "to the present", word_live},
             {"b break lb vb",
              "b ADDRESS, b SELECTOR:OFFSET, b FILE.c:LINE: stop before an instruction; also b "
              "exec:, read:, "
              "write:, event:, call:, selector:, switch",
              word_break},
             {"pb", "pb ADDRESS: the same, by physical address", word_break_physical},
             {"watch", "watch [r|w] ADDRESS,N: stop behind an access", word_watch},
             {"catch", "catch VECTOR|all|call:NAME|selector:N|switch: stop there", word_catch},
             {"bl blist", "what stops it", word_points},
             {"d del delete",
              "d [N]: no longer that one, or none; d gdt(N), ldt(N), idt(N): an entry",
              word_delete},
             {"x xp", "x ADDRESS,N: memory", examine},
             {"l list", "source around here, when the guest was built with -g", word_list},
             {"u disasm", "u [ADDRESS]: instructions", unassemble},
             {"set", "set REGISTER VALUE", set},
             {"q quit exit", "leave; the guest ends", word_quit},
             {"help h ?", "this list", word_help}};
#define WORDS (sizeof words / sizeof *words)

static void word_help(struct debug *d, const char *rest)
{
    (void)rest;
    for (unsigned i = 0; i < WORDS; i++) {
        text_addf(&d->out, "  %-24.*s ", (int)strcspn(words[i].names, " "), words[i].names);
        text_wrap(&d->out, words[i].help, 27, TEXT_WIDTH);
    }
    verbs_help(&d->out);
    text_add(&d->out, "An empty line does the last one again. Addresses: 0x401000 (linear), "
                      "cs:0x1000, phys:0x9000.\n");
}

static bool named(const char *names, const char *word, size_t n)
{
    for (const char *at = names; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        if (len == n && !strncmp(at, word, n)) return true;
        at += len;
    }
    return false;
}

static void unknown(struct debug *d, const char *line, size_t n)
{
    text_addf(&d->out, "'%.*s' is no word of the debugger; 'help' lists them\n",
              (int)(n < 40 ? n : 40), line);
}

void debug_line(struct debug *d, const char *line)
{
    d->moved = false;
    line += strspn(line, " \t");
    size_t n = strcspn(line, " \t/");
    const char *rest = line + n + strspn(line + n, " \t");
    if (!n || *line == '#') return;
    bool points = n == 4 && !strncmp(line, "info", n) && (*rest == 'b' || !strncmp(rest, "wat", 3));
    if (points) { /* of Bochs and gdb */
        word_points(d, "");
        return;
    }
    for (unsigned i = 0; i < WORDS; i++) {
        if (!named(words[i].names, line, n)) continue;
        words[i].run(d, rest);
        if (d->moved) debug_place(d);
        return;
    }
    if (!verb_run(d->app, machine(d), line, &d->out)) unknown(d, line, n);
}
