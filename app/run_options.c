#include "run_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct run_options, member)
#define GIB        0x40000000u

const struct opt_def debug_options[] = {{.name = "script",
                                         .letter = 'x',
                                         .kind = OPT_TEXT,
                                         .at = AT(script),
                                         .argument = "FILE",
                                         .help = "commands from FILE instead of standard input"},
                                        {.name = "screen",
                                         .kind = OPT_FLAG,
                                         .at = AT(screen),
                                         .help = "panes on a terminal of at least 80x24: code, "
                                                 "registers, tables, checks; f1 tells the keys"},
                                        {.kind = OPT_END}};

const struct opt_def dump_options[] = {
    {.name = "picture",
     .kind = OPT_TEXT,
     .at = AT(picture),
     .argument = "FILE",
     .help = "draw the table into FILE, by its name's end an SVG document, an HTML page or a PNG"},
    {.kind = OPT_END}};

const struct opt_def run_only_options[] = {
    {.name = "watch-tables",
     .kind = OPT_FLAG,
     .at = AT(watch_tables),
     .help = "after each INtime call: what it changed in GDT, LDT and IDT"},
    {.name = "explain",
     .kind = OPT_MAYBE,
     .at = AT(explain),
     .argument = "all",
     .help = "tell each INtime call, GDT change, segment load and fault in words; with =all also "
             "the start-up, every load and every access"},
    {.name = "expect-exit",
     .kind = OPT_NUM,
     .at = AT(expect_exit),
     .max = 255,
     .argument = "N",
     .help = "end with 0 if the run's status is N, else with 1"},
    {.name = "expect-output",
     .kind = OPT_TEXT,
     .at = AT(expect_output),
     .argument = "FILE",
     .help = "end with 0 if the guest's text equals FILE (and the status is 0 or that of "
             "--expect-exit), else with 1"},
    {.name = "status-file",
     .kind = OPT_TEXT,
     .at = AT(status_file),
     .argument = "FILE",
     .help = "write how the run ended as one line of JSON"},
    {.name = "snapshot",
     .kind = OPT_TEXT,
     .at = AT(snapshot),
     .argument = "FILE",
     .help = "when the run has ended, at its end or limit, write the machine to FILE, which run, "
             "debug, dump and seg take in place of a guest"},
    {.kind = OPT_END}};

const struct opt_def guest_options[] = {
    {.name = "trace",
     .kind = OPT_MAYBE,
     .at = AT(trace),
     .argument = "FILE",
     .help = "one line for each instruction, to FILE or standard error"},
    {.name = "gdb",
     .kind = OPT_TEXT,
     .at = AT(gdb),
     .argument = "WHERE",
     .help = "wait for gdb at :PORT on this host, or at unix:PATH, before the first instruction"},
    {.name = "record",
     .kind = OPT_TEXT,
     .at = AT(record),
     .argument = "FILE",
     .help = "record the run as a trace that rt386 trace reads: every instruction and all that "
             "happens"},
    {.name = "inputs-only",
     .kind = OPT_FLAG,
     .at = AT(inputs_only),
     .help =
         "of --record: no instructions, only what replay needs, at full speed; run --replay FILE "
         "--record OTHER adds them"},
    {.name = "keyframe-every",
     .kind = OPT_AMOUNT,
     .at = AT(keyframe_every),
     .min = 1,
     .argument = "N",
     .help = "of --record: a keyframe, where replay can begin, every N instructions; 16M unless "
             "told"},
    {.name = "digest-every",
     .kind = OPT_AMOUNT,
     .at = AT(digest_every),
     .min = 1,
     .argument = "N",
     .help = "of --record: a digest of the whole state, which each replay compares, every N "
             "instructions; 16M unless told"},
    {.name = "replay",
     .kind = OPT_TEXT,
     .at = AT(replay),
     .argument = "FILE",
     .help = "run again what was recorded: all that came from outside (files, the network, idle "
             "time, requests to end) comes from the trace; without a guest, everything does"},
    {.name = "from",
     .kind = OPT_AMOUNT,
     .at = AT(from),
     .argument = "N",
     .help = "of --replay without a guest: begin at the last keyframe at or before instruction N"},
    {.name = "live",
     .kind = OPT_FLAG,
     .at = AT(live),
     .help = "of --replay: behind the last that came from outside in the trace, go on with what "
             "is outside now; programs and libraries of guests out of a trace only from the "
             "folders of --rsl-path"},
    {.name = "verify",
     .kind = OPT_FLAG,
     .at = AT(verify),
     .help = "compare everything that a replay does with its trace; the first difference ends it "
             "(status 123)"},
    {.name = "max-insns",
     .kind = OPT_AMOUNT,
     .at = AT(max_insns),
     .min = 1,
     .argument = "N",
     .help =
         "stop after N instructions, or when the guest only faults (status 121); K, M and G are "
         "thousands, millions ..."},
    {.name = "timeout",
     .kind = OPT_MILLIS,
     .at = AT(timeout),
     .argument = "SECONDS",
     .help = "stop after so much time (status 124)"},
    {.name = "on-fault",
     .kind = OPT_TEXT,
     .at = AT(on_fault_word),
     .argument = "WHAT",
     .help =
         "what becomes of an INtime thread whose exception no handler takes: report (its process "
         "ends, the status says so; the default), core (the same, and an ELF core of the process "
         "for gdb is written), suspend, delete-thread or delete-process (the run goes on)"},
    {.name = "crash-report",
     .kind = OPT_MAYBE,
     .at = AT(crash_report),
     .argument = "DIR",
     .help = "write a report of each such fault: DIR/PROCESS-N.crash, never over a file that is "
             "there; cores go there too; default: the current folder for cores, and no reports"},
    {.name = "crash-insns",
     .kind = OPT_NUM,
     .at = AT(crash_insns),
     .max = 10000,
     .argument = "N",
     .help =
         "the last N instructions are in the report, 64 unless told; they are run again for it"},
    {.name = "on-missing",
     .kind = OPT_TEXT,
     .at = AT(on_missing_word),
     .argument = "WHAT",
     .help =
         "an INtime call that is not there: stop (status 122; the default), or fail as a call that "
         "fails does; the end of the run lists them"},
    {.name = "memory",
     .kind = OPT_SIZE,
     .at = AT(memory),
     .min = 1u << 20,
     .max = 2ull * GIB,
     .argument = "SIZE",
     .help = "guest memory, 1M to 2G in whole megabytes; default 32M, and more when the INtime "
             "programs "
             "named ask for more"},
    {.name = "irq",
     .kind = OPT_LIST,
     .at = AT(irq),
     .argument = "LINE@TIME",
     .help =
         "a device raises interrupt line LINE (0 to 15) at the virtual TIME (500us, 10ms, 1s) "
         "and holds it "
         "until it is acknowledged; more, behind commas: every=TIME, times=N, spurious (line 7 "
         "or 15: the "
         "request has gone by then); msiVECTOR@TIME is a message to INtime; may be given again"},
    {.name = "bios",
     .kind = OPT_TEXT,
     .at = AT(bios),
     .argument = "FILE",
     .help = "FILE is a ROM that replaces the BIOS: it appears below 1 MB and below 4 GB, and the "
             "processor starts in it"},
    {.name = "post-port",
     .kind = OPT_NUM,
     .at = AT(post_port),
     .min = 1,
     .max = 0xffff,
     .argument = "PORT",
     .help = "show the bytes written to PORT as POST codes; a halt is then good (status 0) only "
             "after code FF"},
    {.name = "raw-base",
     .kind = OPT_NUM,
     .at = AT(raw_base),
     .max = 0xffffffff,
     .argument = "ADDRESS",
     .help = "FILE is a flat 32-bit binary: load it at ADDRESS and start there"},
    {.name = "cpu",
     .kind = OPT_TEXT,
     .at = AT(cpu_word),
     .argument = "LEVEL",
     .help =
         "the processor: 386, 486, pentium, p6 or sse2; default sse2 for INtime programs, 386 for "
         "all others"},
    {.name = "undefined",
     .kind = OPT_TEXT,
     .at = AT(undefined_word),
     .argument = "WHAT",
     .help = "what the manual of 1986 leaves undefined: chip (as measured on 80386 parts; the "
             "default) or documented (left as it was; encodings it does not have are #UD)"},
    {.name = "start-time",
     .kind = OPT_TEXT,
     .at = AT(start_time),
     .argument = "DATE",
     .help = "INtime's system time when the run begins, as 2000-01-31 or 2000-01-31T12:30:00; "
             "default 2000-01-01"},
    {.name = "realtime",
     .kind = OPT_FLAG,
     .at = AT(realtime),
     .help =
         "sleep while the guest is idle, so that its sleeps and timers take as long as they say; "
         "without it idle time is skipped"},
    {.name = "kernel-tick",
     .kind = OPT_NUM,
     .at = AT(kernel_tick),
     .min = 50,
     .max = 10000,
     .argument = "US",
     .help =
         "INtime's low-level tick in microseconds, 50 to 10000, a divisor of 10000; default 500"},
    {.name = "wait-states",
     .kind = OPT_NUM,
     .at = AT(wait_states),
     .max = 255,
     .argument = "N",
     .help = "charge N more clocks for each bus cycle of a memory access (not of a fetch); the "
             "manual's counts have none"},
    {.name = "misaligned-clocks",
     .kind = OPT_NUM,
     .at = AT(misaligned),
     .max = 255,
     .argument = "N",
     .help = "charge N more clocks for each bus cycle that an access takes because it is "
             "misaligned; a real 80386 takes 2"},
    {.name = "page-walk-clocks",
     .kind = OPT_NUM,
     .at = AT(page_walk),
     .max = 255,
     .argument = "N",
     .help = "charge N more clocks for each page of a memory access while paging is on, as if no "
             "translation were ever kept"},
    {.name = "fs",
     .kind = OPT_TEXT,
     .at = AT(fs),
     .argument = "DIR",
     .help =
         "the files of INtime programs are those below DIR, and no others; without it there are "
         "none"},
    {.name = "fs-ro",
     .kind = OPT_TEXT,
     .at = AT(fs_ro),
     .argument = "DIR",
     .help = "the same, and nothing below DIR is changed"},
    {.name = "net",
     .kind = OPT_TEXT,
     .at = AT(net),
     .argument = "WHERE",
     .help = "INtime programs have sockets: loopback, on 127.0.0.0/8 of this host; without it "
             "there is no network"},
    {.name = "rsl-path",
     .kind = OPT_LIST,
     .at = AT(rsl_path),
     .argument = "DIR",
     .help =
         "INtime programs find libraries (RSLs) in DIR too, after the program's own folder; may "
         "be given again"},
    {.name = "env",
     .kind = OPT_LIST,
     .at = AT(env),
     .argument = "NAME=VALUE",
     .help = "a variable of the environment that INtime programs see; may be given again"},
    {.name = "a",
     .one_dash = true,
     .kind = OPT_TEXT,
     .at = AT(loader_args),
     .argument = "ARGS",
     .help = "guest arguments in one string, split at blanks"},
    {.name = "pmin",
     .one_dash = true,
     .kind = OPT_SIZE,
     .at = AT(pool_min),
     .max = 0xffffffff,
     .argument = "SIZE",
     .help = "memory pool minimum of the process"},
    {.name = "pmax",
     .one_dash = true,
     .kind = OPT_SIZE,
     .at = AT(pool_max),
     .max = 0xffffffff,
     .argument = "SIZE",
     .help = "memory pool maximum of the process"},
    {.name = "vseg",
     .one_dash = true,
     .kind = OPT_SIZE,
     .at = AT(vseg),
     .max = 0xffffffff,
     .argument = "SIZE",
     .help = "size of the virtual segment"},
    {.name = "odir",
     .one_dash = true,
     .kind = OPT_NUM,
     .at = AT(dir),
     .max = 0xffff,
     .argument = "N",
     .help = "entries of the object directory"},
    {.name = "olim",
     .one_dash = true,
     .kind = OPT_NUM,
     .at = AT(objects),
     .max = 0xffff,
     .argument = "N",
     .help = "object limit of the process"},
    {.name = "tlim",
     .one_dash = true,
     .kind = OPT_NUM,
     .at = AT(threads),
     .max = 0xffff,
     .argument = "N",
     .help = "thread limit of the process"},
    {.name = "odseg",
     .one_dash = true,
     .kind = OPT_FLAG,
     .at = AT(executable_ds),
     .help = "executable data segment"},
    {.name = "args",
     .one_dash = true,
     .kind = OPT_TEXT,
     .at = AT(loader_args),
     .argument = "ARGS",
     .help = "the same as -a"},
    {.name = "n", .one_dash = true, .kind = OPT_IGNORED, .help = "no effect: there is no dialog"},
    {.name = "noui", .one_dash = true, .kind = OPT_IGNORED, .help = "the same as -n"},
    {.name = "noxm",
     .one_dash = true,
     .kind = OPT_FLAG,
     .at = AT(noxm),
     .help = "classic memory model: one linear space for all (default)"},
    {.name = "xm",
     .one_dash = true,
     .kind = OPT_FLAG,
     .at = AT(xm),
     .help = "XM memory model: each process has its own 4 GB"},
    {.name = "d",
     .one_dash = true,
     .kind = OPT_UNFIT,
     .help = "there is no debugger to break into; use --trace or --max-insns"},
    {.name = "debug",
     .one_dash = true,
     .kind = OPT_UNFIT,
     .help = "there is no debugger to break into; use --trace or --max-insns"},
    {.name = "fbrw",
     .one_dash = true,
     .kind = OPT_UNFIT,
     .help = "there is no dialog to open; name the file"},
    {.name = "node",
     .one_dash = true,
     .kind = OPT_UNFIT,
     .help = "there is one node only; leave the switch out"},
    {.name = "r",
     .one_dash = true,
     .kind = OPT_UNFIT,
     .help = "there is one node only; leave the switch out"},
    {.name = "remote",
     .one_dash = true,
     .kind = OPT_UNFIT,
     .help = "there is one node only; leave the switch out"},
    {.kind = OPT_END}};

int words_split(char *s, char **word, int max)
{
    int n = 0;
    for (;;) {
        s += strspn(s, " \t");
        if (!*s) return n;
        if (n == max) return -1;
        word[n++] = s;
        char *to = s;
        bool quoted = false;
        for (; *s && (quoted || (*s != ' ' && *s != '\t')); s++) {
            if (*s == '"')
                quoted = !quoted;
            else
                *to++ = *s;
        }
        bool more = *s != '\0';
        *to = '\0';
        if (!more) return n;
        s++;
    }
}

static int run_guest_args(struct app *app, struct run_options *o, const struct opt_args *args)
{
    if (o->loader_args) {
        o->split = strdup(o->loader_args);
        o->guests = o->split ? words_split(o->split, o->guest, GUEST_ARGS_MAX) : -1;
    }
    if (o->guests < 0 || o->guests + args->guests > GUEST_ARGS_MAX) {
        app_error(app, "more than %d guest arguments: use fewer", GUEST_ARGS_MAX);
        return STATUS_USAGE;
    }
    for (int i = 0; i < args->guests; i++)
        o->guest[o->guests++] = args->guest[i];
    return -1;
}

/* The place of the word among the `n`; -1: it is none of them. */
static int word_place(const char *const words[], size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (words[i] && !strcmp(words[i], word)) return (int)i;
    return -1;
}

static const char *run_on_fault(struct run_options *o)
{
    static const char *const words[] = {[RT386_ON_FAULT_REPORT] = "report",
                                        [RT386_ON_FAULT_DELETE_PROCESS] = "delete-process",
                                        [RT386_ON_FAULT_DELETE_THREAD] = "delete-thread",
                                        [RT386_ON_FAULT_SUSPEND] = "suspend"};
    if (!o->on_fault_word) return NULL;
    o->core = !strcmp(o->on_fault_word, "core");
    if (o->core) return NULL;
    int place = word_place(words, sizeof words / sizeof *words, o->on_fault_word);
    if (place < 0) return "--on-fault takes report, core, suspend, delete-thread or delete-process";
    o->on_fault = (rt386_on_fault)place;
    return NULL;
}

static const char *run_cpu(struct run_options *o)
{
    static const char *const words[] = {[RT386_CPU_386] = "386",
                                        [RT386_CPU_486] = "486",
                                        [RT386_CPU_PENTIUM] = "pentium",
                                        [RT386_CPU_P6] = "p6",
                                        [RT386_CPU_SSE2] = "sse2"};
    if (!o->cpu_word) return NULL;
    int place = word_place(words, sizeof words / sizeof *words, o->cpu_word);
    if (place < 0) return "--cpu must be 386, 486, pentium, p6 or sse2";
    o->cpu = (rt386_cpu)place;
    return NULL;
}

static const char *run_on_missing(struct run_options *o)
{
    const char *word = o->on_missing_word;
    o->missing_fails = word && !strcmp(word, "fail");
    return !word || o->missing_fails || !strcmp(word, "stop") ? NULL
                                                              : "--on-missing takes stop or fail";
}

/* Options that say what machine and guest there are to be. */
static bool configures(const struct run_options *o)
{
    return o->memory.given || o->cpu_word || o->wait_states.given || o->misaligned.given ||
           o->page_walk.given || o->start_time || o->kernel_tick.given || o->on_missing_word ||
           o->undefined_word || o->raw_base.given || o->fs || o->fs_ro || o->net || o->irq.count ||
           o->env.count || o->loader_args;
}

static const char *run_trace_clash(const struct run_options *o)
{
    bool recording = o->inputs_only || o->keyframe_every.given || o->digest_every.given;
    if (o->record && o->verify)
        return "--record and --verify exclude each other: what is verified is recorded already";
    if (recording && !o->record)
        return "--inputs-only, --keyframe-every and --digest-every are options of --record";
    if ((o->verify || o->live || o->from.given) && !o->replay)
        return "--verify, --from and --live are options of --replay";
    if (o->gdb &&
        (o->record || o->replay || o->crash_report || o->max_insns.given || o->timeout.given))
        return "--gdb records for itself, and gdb says when to stop: leave out --record, --replay, "
               "--crash-report, --max-insns and --timeout";
    if (o->replay && !o->files && !o->bios && configures(o))
        return "without a guest a replay's machine is that of the trace: leave out options of the "
               "machine (--memory, --cpu ...) and of its loader";
    if (o->from.given && (o->files || o->bios))
        return "--from begins at a keyframe, which holds the guest: name no FILE besides it";
    return NULL;
}

/* Options that cannot go together. Returns the sentence, or NULL. */
static const char *run_clash(const struct run_options *o)
{
    if (o->bios && o->files) return "--bios starts its ROM alone; name no FILE besides it";
    if (o->bios && o->raw_base.given) return "--bios and --raw-base exclude each other";
    if (o->raw_base.given && o->files > 1) return "--raw-base takes one FILE only";
    if (o->explain && o->watch_tables)
        return "--watch-tables and --explain exclude each other: --explain shows GDT entries, too";
    if (o->explain && *o->explain && strcmp(o->explain, "all"))
        return "--explain takes no value but 'all'";
    if (o->memory.given && o->memory.value % (1u << 20))
        return "--memory must be a whole number of megabytes";
    if (o->kernel_tick.given && 10000 % o->kernel_tick.value)
        return "--kernel-tick must divide 10000, the microseconds of a high-level tick";
    if (o->files > FILES_MAX) return "more than 32 files in one run";
    if (o->xm && o->noxm) return "-xm and -noxm exclude each other";
    if (o->xm && o->vseg.given)
        return "-xm and -vseg exclude each other: an XM process has no VSEG";
    const char *trace = run_trace_clash(o);
    if (trace) return trace;
    if (o->fs && o->fs_ro) return "--fs and --fs-ro exclude each other";
    if (o->net && strcmp(o->net, "loopback") != 0)
        return "--net takes loopback: guests have sockets on this host only";
    return NULL;
}

/* Seconds from 1978 to "YYYY-MM-DD" or "YYYY-MM-DDThh:mm:ss"; false: it is no such date. */
static bool date_read(const char *text, uint64_t *seconds)
{
    static const unsigned before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    unsigned y, m, d, hour = 0, minute = 0, second = 0;
    int end = 0, whole = 0;
    if (sscanf(text, "%4u-%2u-%2u%nT%2u:%2u:%2u%n", &y, &m, &d, &end, &hour, &minute, &second,
               &whole) < 3)
        return false;
    if (text[end] && (whole == 0 || text[whole])) return false;
    if (y < 1978 || m < 1 || m > 12 || hour > 23 || minute > 59 || second > 59) return false;
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    if (d < 1 || d > before[m] - before[m - 1] + (leap && m == 2)) return false;
    uint64_t days = (y - 1978) * 365ull + before[m - 1] + d - 1 + (leap && m > 2);
    days += (y - 1) / 4 - (y - 1) / 100 + (y - 1) / 400 - (1977 / 4 - 1977 / 100 + 1977 / 400);
    *seconds = days * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

int run_options_read(struct app *app, const struct command *self, int argc, char **argv, int skip,
                     struct run_options *o, struct opt_args *args)
{
    int status = app_options(app, self, o, argc, argv, args);
    if (status >= 0) return status;
    o->file = args->word + (args->words < skip ? args->words : skip);
    o->files = args->words < skip ? 0 : args->words - skip;
    const char *clash = run_clash(o);
    if (!clash) clash = run_on_fault(o);
    if (!clash && o->start_time && !date_read(o->start_time, &o->start_seconds))
        clash = "--start-time must be a date from 1978 on, as 2000-01-31 or 2000-01-31T12:30:00";
    if (!clash) clash = run_on_missing(o);
    if (!clash) clash = run_cpu(o);
    if (clash) {
        app_error(app, "%s: %s", self->name, clash);
        return STATUS_USAGE;
    }
    if (!app_undefined(app, o->undefined_word, &o->undefined)) return STATUS_USAGE;
    return run_guest_args(app, o, args);
}

void run_options_free(struct run_options *o)
{
    free(o->split);
    o->split = NULL;
}
