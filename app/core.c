/* core.c: a process as an ELF core [System V ABI, Intel386], as gdb reads those of 32-bit Linux.
 *
 *   ELF header | program headers | notes | pages
 *                PT_NOTE           NT_PRPSINFO; of each thread, the faulting one first, NT_PRSTATUS, NT_PRFPREG and, if
 *                                  the processor has FXSAVE, NT_PRXFPREG; the report as "rt386"
 *                PT_LOAD ...       runs of pages of the process with the same rights, at their offsets in it
 *
 * Offsets and not linear addresses, so that they are those of the program's symbols (classic model: linear is offset
 * plus base).
 */
#include "bytes.h"
#include "crash.h"
#include "end.h"
#include "thread_regs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGE        4096u
#define EHDR_SIZE   52u
#define PHDR_SIZE   32u
#define RUNS_MAX    60000u      /* program headers are counted in 16 bits */
#define BYTES_MAX   0x80000000u /* file offsets have 32 bits */
#define NT_PRSTATUS 1u
#define NT_PRFPREG  2u
#define NT_PRPSINFO 3u
#define NT_PRXFPREG 0x46e62b7fu
#define NOTE_REPORT 0x52543836u /* "RT86" */

struct run { /* of pages */
    uint32_t offset, size;
    bool writable;
};

struct core {
    FILE *f;
    const rt386 *m;
    const rt386_thread_fault *e;
    rt386_process process;
    struct run *run;
    unsigned runs, room;
    uint64_t left_out;
    struct text notes;
};

/* ---- pages ------------------------------------------------------------------------------------- */

static int run_add(struct core *c, uint32_t offset, bool writable)
{
    struct run *last = c->runs ? &c->run[c->runs - 1] : NULL;
    if (last && last->offset + last->size == offset && last->writable == writable) {
        last->size += PAGE;
        return 0;
    }
    if (c->runs == RUNS_MAX) {
        c->left_out += PAGE;
        return 0;
    }
    if (c->runs == c->room) {
        unsigned room = c->room ? 2 * c->room : 64;
        struct run *grown = realloc(c->run, room * sizeof *grown);
        if (!grown) return ENOMEM;
        c->run = grown;
        c->room = room;
    }
    c->run[c->runs++] = (struct run){offset, PAGE, writable};
    return 0;
}

/* The pages that ring 3 of the process sees; those of 4 MB without a table are passed over at once. */
static int runs_find(struct core *c)
{
    int error = 0;
    for (uint64_t at = 0; at < c->process.vseg_size && !error;) {
        uint32_t linear = c->process.vseg_base + (uint32_t)at;
        rt386_walk w = rt386_page_walk(c->m, linear);
        if (w.paging && !(w.pde & 1)) {
            at += 0x400000u - (linear & 0x3fffffu);
            continue;
        }
        if (w.mapped && w.user) error = run_add(c, (uint32_t)at, w.writable);
        at += PAGE;
    }
    return error;
}

/* Contents up to BYTES_MAX; what lies behind keeps its header, with no bytes in the file. */
static void runs_cut(struct core *c, uint32_t held[])
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < c->runs; i++) {
        uint64_t room = BYTES_MAX - sum;
        held[i] = c->run[i].size < room ? c->run[i].size : (uint32_t)room;
        sum += held[i];
        c->left_out += c->run[i].size - held[i];
    }
}

/* ---- notes ------------------------------------------------------------------------------------- */

static void pad4(struct text *t)
{
    while (t->n % 4 && !t->failed)
        text_addn(t, "", 1);
}

static void note_add(struct core *c, const char *name, uint32_t type, const void *bytes, size_t n)
{
    uint8_t head[12];
    bytes_put32(head, (uint32_t)strlen(name) + 1);
    bytes_put32(head + 4, (uint32_t)n);
    bytes_put32(head + 8, type);
    text_addn(&c->notes, (const char *)head, sizeof head);
    text_addn(&c->notes, name, strlen(name) + 1);
    pad4(&c->notes);
    text_addn(&c->notes, bytes, n);
    pad4(&c->notes);
}

static void note_process(struct core *c)
{
    uint8_t info[124] = {0};
    info[1] = 'R';
    bytes_put32(info + 12, c->e->process);
    memcpy(info + 28, c->e->process_name, 15);
    memcpy(info + 44, c->e->process_name, 15);
    note_add(c, "CORE", NT_PRPSINFO, info, sizeof info);
}

static unsigned signal_of(const rt386_thread_fault *e)
{
    return e->software ? 6 : (unsigned)(end_fault_status(e->fault.vector) - 128);
}

static void note_thread(struct core *c, uint16_t handle, const struct thread_regs *r,
                        const rt386_coprocessor *x)
{
    uint8_t status[144] = {0};
    const uint32_t regs[17] = {
        r->gpr[3],        r->gpr[1],       r->gpr[2],        r->gpr[6],        r->gpr[7],
        r->gpr[5],        r->gpr[0],       r->seg[RT386_DS], r->seg[RT386_ES], r->seg[RT386_FS],
        r->seg[RT386_GS], r->gpr[0],       r->eip,           r->seg[RT386_CS], r->eflags,
        r->gpr[4],        r->seg[RT386_SS]};
    bytes_put32(status, signal_of(c->e));
    bytes_put16(status + 12, signal_of(c->e));
    bytes_put32(status + 24, handle);
    for (unsigned i = 0; i < 17; i++)
        bytes_put32(status + 72 + 4 * i, regs[i]);
    note_add(c, "CORE", NT_PRSTATUS, status, sizeof status);
    note_add(c, "CORE", NT_PRFPREG, x->fsave, sizeof x->fsave);
    if (x->has_fxsave) note_add(c, "LINUX", NT_PRXFPREG, x->fxsave, sizeof x->fxsave);
}

static void notes_make(struct core *c, const struct text *report)
{
    const struct thread_regs own = thread_regs_of_fault(c->e);
    note_process(c);
    note_thread(c, c->e->thread, &own, &c->e->coprocessor);
    for (unsigned slot = 0; slot < 8192; slot++) {
        rt386_object o;
        struct thread_regs r;
        rt386_coprocessor x;
        uint16_t handle = (uint16_t)(slot << 3);
        if (handle == c->e->thread || !rt386_intime_object(c->m, handle, &o)) continue;
        if (o.type != 2 || o.owner != c->e->process || !thread_regs_get(c->m, handle, &r) ||
            !rt386_thread_coprocessor(c->m, handle, &x))
            continue;
        note_thread(c, handle, &r, &x);
    }
    note_add(c, "rt386", NOTE_REPORT, text_str(report), report->n);
}

/* ---- the file ---------------------------------------------------------------------------------- */

static bool put_bytes(struct core *c, const void *bytes, size_t n)
{
    return fwrite(bytes, 1, n, c->f) == n;
}

static bool put_zeros(struct core *c, size_t n)
{
    static const uint8_t zeros[PAGE];
    return put_bytes(c, zeros, n);
}

static bool put_header(struct core *c)
{
    uint8_t h[EHDR_SIZE] = {0x7f, 'E', 'L', 'F', 1, 1, 1};
    bytes_put16(h + 16, 4); /* ET_CORE */
    bytes_put16(h + 18, 3); /* EM_386 */
    bytes_put32(h + 20, 1);
    bytes_put32(h + 28, EHDR_SIZE);
    bytes_put16(h + 40, EHDR_SIZE);
    bytes_put16(h + 42, PHDR_SIZE);
    bytes_put16(h + 44, c->runs + 1);
    return put_bytes(c, h, sizeof h);
}

static bool put_segment(struct core *c, uint32_t type, uint32_t at, const struct run *run,
                        uint32_t held)
{
    uint8_t h[PHDR_SIZE] = {0};
    bool load = type == 1;
    bytes_put32(h, type);
    bytes_put32(h + 4, at);
    bytes_put32(h + 8, run->offset);
    bytes_put32(h + 16, held);
    bytes_put32(h + 20, load ? run->size : 0);
    bytes_put32(h + 24, load ? run->writable ? 6 : 5 : 0);
    bytes_put32(h + 28, load ? PAGE : 4);
    return put_bytes(c, h, sizeof h);
}

static bool put_pages(struct core *c, const struct run *run, uint32_t held)
{
    uint8_t page[PAGE];
    for (uint32_t at = 0; at < held; at += PAGE) {
        const rt386_addr from = {.space = RT386_LINEAR,
                                 .at = c->process.vseg_base + run->offset + at};
        if (rt386_peek(c->m, from, page, PAGE) != RT386_OK) memset(page, 0, PAGE);
        if (!put_bytes(c, page, PAGE)) return false;
    }
    return true;
}

static bool put_all(struct core *c, const uint32_t held[])
{
    uint32_t at = EHDR_SIZE + PHDR_SIZE * (c->runs + 1);
    const struct run notes = {0};
    bool good = put_header(c) && put_segment(c, 4, at, &notes, (uint32_t)c->notes.n);
    at += (uint32_t)c->notes.n;
    uint32_t gap = -at % PAGE;
    at += gap;
    for (unsigned i = 0; i < c->runs && good; i++) {
        good = put_segment(c, 1, at, &c->run[i], held[i]);
        at += held[i];
    }
    good = good && put_bytes(c, text_str(&c->notes), c->notes.n) && put_zeros(c, gap);
    for (unsigned i = 0; i < c->runs && good; i++)
        good = put_pages(c, &c->run[i], held[i]);
    return good;
}

/* An XM process's memory can only be seen from one of its threads; a handler may have interrupted another's. */
static bool memory_in_sight(const struct core *c)
{
    rt386_object thread;
    return !c->process.xm ||
           (rt386_intime_object(c->m, c->e->thread, &thread) && thread.owner == c->e->process);
}

static int core_make(struct core *c, const struct text *report)
{
    bool found = false;
    for (unsigned i = 0; !found && rt386_intime_process(c->m, i, &c->process); i++)
        found = c->process.alive && c->process.handle == c->e->process;
    int error = found && memory_in_sight(c) ? runs_find(c) : 0;
    if (error) return error;
    uint32_t *held = calloc(c->runs + 1, sizeof *held);
    if (!held) return ENOMEM;
    runs_cut(c, held);
    notes_make(c, report);
    errno = 0;
    if (c->notes.failed)
        error = ENOMEM;
    else if (!put_all(c, held))
        error = errno ? errno : EIO;
    free(held);
    return error;
}

int core_write(FILE *f, const rt386 *m, const rt386_thread_fault *e, const struct text *report,
               uint64_t *left_out)
{
    struct core c = {.f = f, .m = m, .e = e};
    int error = core_make(&c, report);
    *left_out = c.left_out;
    free(c.run);
    text_free(&c.notes);
    return error;
}
