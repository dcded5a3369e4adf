/* convert_perfetto.c: Chrome's trace JSON, which ui.perfetto.dev and chrome://tracing open.
 *
 *   process of pid 0, "CPU"      which thread runs, a slice from task switch to task switch; below it, as instants, descriptors
 *                                that are written into GDT, LDT and IDT
 *   process of an INtime handle  a track for each thread: calls as slices, waits as async slices, interrupts and faults as
 *                                instants; flows lead from the call that released a thread to the end of its wait
 *   counters                     threads that wait, descriptors in the GDT that the kernel has made since the beginning
 *
 * Times are microseconds of virtual time. A guest without INtime has the CPU's track only, with its interrupts there.
 */
#include "convert_tables.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CPU       0u /* pid and tid of the CPU's track */
#define TABLES    1u /* tid of the descriptors' */
#define PRESENT   0x80u
#define THREADS_0 16u

struct thread {
    uint16_t handle, process;
    bool open, waiting; /* a call is under way; it waits */
    uint32_t wait;      /* number of its wait */
};
struct perfetto {
    struct thread *thread;
    unsigned threads, room;
    uint16_t processes[256]; /* named already */
    unsigned named;
    uint16_t running; /* selector of the task register */
    bool begun;
    uint64_t since, last; /* clocks: it runs since; the last item */
    uint32_t waits, flows;
    uint64_t waiting, slots;
    uint16_t caller; /* thread whose call is being served; 0: none */
    uint64_t called; /* clocks at which it began */
    struct tables tables;
};

/* --- one event --- */

static void event_begin(struct convert *c, struct json *j, const char *ph, const char *name,
                        uint64_t clocks, unsigned pid, unsigned tid)
{
    struct perfetto *own = c->own;
    uint64_t ns = convert_nanoseconds(c, clocks);
    char ts[40];
    text_add(&c->out.text, own->begun ? ",\n" : "");
    own->begun = true;
    *j = (struct json){.to = &c->out.text};
    json_open(j, NULL, '{');
    json_str(j, "ph", ph);
    json_str(j, "name", name);
    snprintf(ts, sizeof ts, ",\"ts\":%" PRIu64 ".%03u", ns / 1000, (unsigned)(ns % 1000));
    text_add(&c->out.text, ts);
    json_num(j, "pid", pid);
    json_num(j, "tid", tid);
}

static void event_end(struct json *j)
{
    json_close(j, '}');
}

static void meta(struct convert *c, const char *what, unsigned pid, unsigned tid, const char *name)
{
    struct json j;
    event_begin(c, &j, "M", what, 0, pid, tid);
    json_open(&j, "args", '{');
    json_str(&j, "name", name);
    json_close(&j, '}');
    event_end(&j);
}

static void counter(struct convert *c, const char *name, uint64_t clocks, uint64_t value)
{
    struct json j;
    event_begin(c, &j, "C", name, clocks, CPU, CPU);
    json_open(&j, "args", '{');
    json_num(&j, "value", value);
    json_close(&j, '}');
    event_end(&j);
}

/* --- processes and threads --- */

static void name_process(struct convert *c, uint16_t handle, const char *name)
{
    struct perfetto *own = c->own;
    char text[64];
    for (unsigned i = 0; i < own->named && !*name; i++)
        if (own->processes[i] == handle) return;
    if (own->named < sizeof own->processes / sizeof own->processes[0])
        own->processes[own->named++] = handle;
    snprintf(text, sizeof text, *name ? "process %04x %s" : "process %04x%s", handle, name);
    meta(c, "process_name", handle, 0, text);
}

static struct thread *thread_find(struct perfetto *own, uint16_t handle)
{
    for (unsigned i = 0; i < own->threads; i++)
        if (own->thread[i].handle == handle) return &own->thread[i];
    return NULL;
}

/* NULL: the host has no memory, which the text remembers. */
static struct thread *thread_of(struct convert *c, uint16_t handle, uint16_t process)
{
    struct perfetto *own = c->own;
    struct thread *t = thread_find(own, handle);
    char name[24];
    if (t && t->process == process) return t;
    if (!t && own->threads == own->room) {
        unsigned room = own->room ? 2 * own->room : THREADS_0;
        void *p = realloc(own->thread, room * sizeof *own->thread);
        if (!p) {
            c->out.text.failed = true;
            return NULL;
        }
        own->thread = p;
        own->room = room;
    }
    if (!t) t = &own->thread[own->threads++];
    *t = (struct thread){.handle = handle, .process = process};
    name_process(c, process, "");
    snprintf(name, sizeof name, "thread %04x", handle);
    meta(c, "thread_name", process, handle, name);
    return t;
}

/* --- calls --- */

static void wait_event(struct convert *c, const struct thread *t, const char *ph, uint64_t clocks,
                       const char *name)
{
    struct json j;
    event_begin(c, &j, ph, name, clocks, t->process, t->handle);
    json_str(&j, "cat", "wait");
    json_num(&j, "id", t->wait);
    event_end(&j);
}

static void wait_ends(struct convert *c, struct thread *t, uint64_t clocks, const char *name)
{
    struct perfetto *own = c->own;
    if (!t->waiting) return;
    wait_event(c, t, "e", clocks, name);
    t->waiting = false;
    counter(c, "threads that wait", clocks, --own->waiting);
}

static void flow(struct convert *c, const char *ph, uint64_t clocks, unsigned pid, unsigned tid,
                 uint32_t id)
{
    struct json j;
    event_begin(c, &j, ph, "releases", clocks, pid, tid);
    json_str(&j, "cat", "wake");
    json_num(&j, "id", id);
    if (*ph == 'f') json_str(&j, "bp", "e");
    event_end(&j);
}

static void slice_end(struct convert *c, struct thread *t, uint64_t clocks, const char *name)
{
    struct json j;
    if (!t->open) return;
    event_begin(c, &j, "E", name, clocks, t->process, t->handle);
    event_end(&j);
    t->open = false;
}

static void call_enters(struct convert *c, const rt386_trace_item *i, struct thread *t)
{
    struct perfetto *own = c->own;
    struct json j;
    wait_ends(c, t, i->clocks, "wait"); /* a thread that was deleted, and another with its handle */
    slice_end(c, t, i->clocks, "");
    event_begin(c, &j, "B", i->call.name, i->clocks, t->process, t->handle);
    json_str(&j, "cat", "call");
    json_open(&j, "args", '{');
    json_str(&j, "arguments", i->call.arguments);
    json_close(&j, '}');
    event_end(&j);
    t->open = true;
    own->caller = t->handle;
    own->called = i->clocks;
}

static void call_waits(struct convert *c, const rt386_trace_item *i, struct thread *t)
{
    struct perfetto *own = c->own;
    if (own->caller == t->handle) own->caller = 0;
    if (t->waiting) return;
    t->waiting = true;
    t->wait = ++own->waits;
    wait_event(c, t, "b", i->clocks, i->call.name);
    counter(c, "threads that wait", i->clocks, ++own->waiting);
}

static void call_leaves(struct convert *c, const rt386_trace_item *i, struct thread *t)
{
    struct perfetto *own = c->own;
    struct thread *by = own->caller ? thread_find(own, own->caller) : NULL;
    struct json j;
    if (t->waiting && by && by != t) {
        flow(c, "s", own->called, by->process, by->handle, ++own->flows);
        flow(c, "f", i->clocks, t->process, t->handle, own->flows);
    }
    wait_ends(c, t, i->clocks, i->call.name);
    if (own->caller == t->handle) own->caller = 0;
    if (!t->open) return; /* it began before the trace */
    event_begin(c, &j, "E", i->call.name, i->clocks, t->process, t->handle);
    json_open(&j, "args", '{');
    json_hex(&j, "result", i->call.result, 8);
    json_str(&j, "status", rt386_intime_status_name(i->call.status));
    json_close(&j, '}');
    event_end(&j);
    t->open = false;
}

static void call(struct convert *c, const rt386_trace_item *i)
{
    struct thread *t = thread_of(c, i->call.thread, i->call.process);
    if (!t) return;
    if (!i->call.leaving)
        call_enters(c, i, t);
    else if (i->call.blocked)
        call_waits(c, i, t);
    else
        call_leaves(c, i, t);
}

/* --- the CPU --- */

static void run_ends(struct convert *c, uint64_t clocks)
{
    struct perfetto *own = c->own;
    const struct thread *t = thread_find(own, own->running);
    uint64_t from = convert_nanoseconds(c, own->since), to = convert_nanoseconds(c, clocks);
    char name[24], dur[40];
    struct json j;
    if (to <= from) return;
    snprintf(name, sizeof name, t ? "thread %04x" : "task %04x", own->running);
    event_begin(c, &j, "X", name, own->since, CPU, CPU);
    snprintf(dur, sizeof dur, ",\"dur\":%" PRIu64 ".%03u", (to - from) / 1000,
             (unsigned)((to - from) % 1000));
    text_add(&c->out.text, dur);
    event_end(&j);
}

static void task(struct convert *c, uint64_t clocks, uint16_t to)
{
    struct perfetto *own = c->own;
    if (to == own->running) return;
    run_ends(c, clocks);
    own->running = to;
    own->since = clocks;
}

static void event(struct convert *c, const rt386_trace_item *i)
{
    struct perfetto *own = c->own;
    const struct thread *t = thread_find(own, own->running);
    struct json j;
    char name[40];
    if (i->event.source == 'f' || i->event.source == 't')
        snprintf(name, sizeof name, "%s", rt386_vector_mnemonic(i->event.vector));
    else
        snprintf(name, sizeof name, "%s 0x%02x", i->event.source == 's' ? "INT" : "interrupt",
                 i->event.vector);
    event_begin(c, &j, "i", name, i->clocks, t ? t->process : CPU, t ? t->handle : CPU);
    json_str(&j, "cat", i->event.source == 'x' ? "interrupt" : "exception");
    json_str(&j, "s", "t");
    json_open(&j, "args", '{');
    if (i->event.has_error) json_hex(&j, "error", i->event.error, 4);
    if (i->event.has_cr2) json_hex(&j, "cr2", i->event.cr2, 8);
    if (i->event.rule_name[0]) json_str(&j, "rule", i->event.rule_name);
    json_close(&j, '}');
    event_end(&j);
}

/* --- descriptors --- */

static void bytes_text(char to[24], const uint8_t bytes[8], unsigned known)
{
    for (unsigned i = 0; i < 8; i++)
        if (known >> i & 1)
            snprintf(to + 3 * i, 4, i < 7 ? "%02x " : "%02x", bytes[i]);
        else
            memcpy(to + 3 * i, i < 7 ? "?? " : "??", i < 7 ? 4 : 3);
}

static const char *change_name(const struct table_write *w)
{
    if (w->known_before != 0xff || w->known_after != 0xff) return "written";
    bool was = w->before[5] & PRESENT, is = w->after[5] & PRESENT;
    return was == is ? "changed" : is ? "made" : "given back";
}

static void descriptor(void *ctx, const struct table_write *w)
{
    struct convert *c = ctx;
    struct perfetto *own = c->own;
    struct json j;
    char name[40], text[24];
    snprintf(name, sizeof name, w->table == RT386_IDT ? "%s 0x%02x %s" : "%s 0x%04x %s",
             table_write_name(w), w->key, change_name(w));
    event_begin(c, &j, "i", name, own->last, CPU, TABLES);
    json_str(&j, "cat", "table");
    json_str(&j, "s", "t");
    json_open(&j, "args", '{');
    json_str(&j, "by", w->owner ? "INtime" : "guest");
    json_hex(&j, "linear", w->linear, 8);
    bytes_text(text, w->before, w->known_before);
    json_str(&j, "before", text);
    bytes_text(text, w->after, w->known_after);
    json_str(&j, "after", text);
    if (w->known_after == 0xff) json_str(&j, "text", rt386_desc_decode(w->after).text);
    if (w->owner && w->owner[0]) json_str(&j, "owner", w->owner);
    json_close(&j, '}');
    event_end(&j);
}

static void table(struct convert *c, const rt386_trace_item *i)
{
    struct perfetto *own = c->own;
    bool was = i->table.before[5] & PRESENT, is = i->table.after[5] & PRESENT;
    if (was == is) return;
    if (is)
        own->slots++;
    else if (own->slots)
        own->slots--;
    counter(c, "descriptors made", i->clocks, own->slots);
}

/* --- the format --- */

static int begin(struct convert *c)
{
    text_add(&c->out.text, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n");
    meta(c, "process_name", CPU, CPU, "CPU");
    meta(c, "thread_name", CPU, CPU, "runs");
    meta(c, "thread_name", CPU, TABLES, "descriptor tables");
    return STATUS_OK;
}

static void item(struct convert *c, const rt386_trace_item *i)
{
    struct perfetto *own = c->own;
    unsigned tr = CONVERT_SEGMENT(CONVERT_TR, CONVERT_SELECTOR);
    if (!own->last && !own->since) {
        own->since = i->clocks;
        own->running = (uint16_t)convert_register(c, tr);
    }
    own->last = i->clocks + (i->kind == RT386_TRACE_INSN ? i->insn.clocks : 0);
    tables_item(&own->tables, c, i, descriptor, c);
    switch (i->kind) {
    case RT386_TRACE_CALL: call(c, i); break;
    case RT386_TRACE_TASK: task(c, i->clocks, i->task.to); break;
    case RT386_TRACE_EVENT: event(c, i); break;
    case RT386_TRACE_TABLE: table(c, i); break;
    case RT386_TRACE_PROCESS:
        if (i->process.started) name_process(c, i->process.handle, i->process.name);
        break;
    default: break;
    }
}

static void loose(struct convert *c, const rt386_trace_access *a)
{
    struct perfetto *own = c->own;
    tables_access(&own->tables, c, a, descriptor, c);
}

/* Whatever is under way ends with the trace. */
static void end(struct convert *c)
{
    struct perfetto *own = c->own;
    run_ends(c, own->last);
    for (unsigned n = 0; n < own->threads; n++) {
        wait_ends(c, &own->thread[n], own->last, "wait");
        slice_end(c, &own->thread[n], own->last, "");
    }
    text_add(&c->out.text, "\n]}\n");
}

static void release(struct convert *c)
{
    struct perfetto *own = c->own;
    free(own->thread);
    tables_free(&own->tables);
}

const struct convert_format convert_perfetto = {.name = "perfetto",
                                                .summary = "Chrome's trace JSON",
                                                .own = sizeof(struct perfetto),
                                                .begin = begin,
                                                .item = item,
                                                .loose = loose,
                                                .end = end,
                                                .release = release};
