/* native.c: the runner: states in, one instruction on the host's processor, states out (proto.h).
 *
 * A 32-bit static program for Linux, linked high, so that every address below 60000000h belongs to the
 * guest. Two ways to run:
 *
 *   batch  registers loaded -> instruction -> far jump back -> registers stored. No kernel in between:
 *          millions a second. GS is the flat segment throughout, for the runner's own use.
 *   trap   a signal handler rewrites the saved context and returns with TF set; the processor runs one
 *          instruction and comes back with a trap number, error code and CR2. Tens of thousands a second.
 *
 * Built without stack protector: the handler starts with the guest's GS. Globals are the only things
 * that a signal handler and assembly code can find: this program is exempt from the rule against them.
 */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "proto.h"

#define PIPE_IN   0
#define PIPE_OUT  1
#define SHARED_FD 3
#define FLAG_TF   0x100u
#define STUB_AT   0x60000000u
#define STUB_SEL  (SIL_KINDS * 8u + 7u) /* 16-bit code over the stub, behind the guest's entries */
#define STUB_SIZE 0x1000u

static struct sil_shared *shared;
static uint8_t *alias;  /* the arena, always writable */
static uint8_t *before; /* what it holds between states */

/* For the assembly part. */
struct batch_frame {
    uint32_t gpr[8], eflags;
    uint32_t sel_es, sel_ss, sel_ds, sel_fs;
    uint32_t entry, entry_sel;
};
struct batch_frame batch_in, batch_out;
uint32_t host_esp, host_ss, host_gs, host_fs;
void batch_enter(void);
void batch_exit(void);
void on_signal_entry(int sig, siginfo_t *info, void *context);
void on_signal(int sig, siginfo_t *info, void *context);

__asm__(
    ".text\n.globl batch_enter, batch_exit, on_signal_entry\n"
    "batch_enter:\n"
    "pushal; pushfl; push %ds; push %es\n"
    "mov %esp, host_esp\n"
    "mov $0x2b, %eax; mov %eax, %gs\n"
    "mov batch_in+36, %es; mov batch_in+48, %fs\n"
    "pushl batch_in+32; popfl\n"
    "mov batch_in+44, %ds\n"
    "mov %gs:batch_in+4, %ecx; mov %gs:batch_in+8, %edx; mov %gs:batch_in+12, %ebx\n"
    "mov %gs:batch_in+20, %ebp; mov %gs:batch_in+24, %esi; mov %gs:batch_in+28, %edi\n"
    "mov %gs:batch_in+0, %eax\n"
    "mov %gs:batch_in+40, %ss; mov %gs:batch_in+16, %esp\n"
    "ljmp *%gs:batch_in+52\n"
    "batch_exit:\n"
    "mov %eax, %gs:batch_out+0; mov %ecx, %gs:batch_out+4; mov %edx, %gs:batch_out+8\n"
    "mov %ebx, %gs:batch_out+12; mov %esp, %gs:batch_out+16; mov %ebp, %gs:batch_out+20\n"
    "mov %esi, %gs:batch_out+24; mov %edi, %gs:batch_out+28\n"
    "mov %gs:host_ss, %ss; mov %gs:host_esp, %esp\n"
    "pushfl; popl %gs:batch_out+32\n"
    "pop %es; pop %ds; popfl; cld\n"
    "mov %gs:host_fs, %fs; mov %gs:host_gs, %gs; popal; ret\n"
    /* The guest's GS must not reach compiled code; AC, NT and ID would stay for all later states. */
    "on_signal_entry:\n"
    "mov host_gs, %gs; mov host_fs, %fs; cld\n"
    "pushfl; andl $~0x244000, (%esp); popfl\n"
    "jmp on_signal\n");

/* --- memory --- */

static uint8_t *arena_byte(uint32_t linear)
{
    return sil_page_of(linear) == PAGE_HOLE ? NULL : alias + (linear - ARENA_AT);
}

static void put_bytes(uint32_t at, const uint8_t *from, uint32_t n)
{
    uint8_t *first = arena_byte(at);
    if (first && n && first + n - 1 == arena_byte(at + n - 1)) {
        memcpy(first, from, n);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint8_t *p = arena_byte(at + i);
        if (p) *p = from[i];
    }
}

/* Back to what is there between states. */
static void reset_bytes(uint32_t at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint8_t *p = arena_byte(at + i);
        if (p) *p = before[at + i - ARENA_AT];
    }
}

static void put_state_memory(const struct sil_in *in)
{
    for (unsigned w = 0; w < 2; w++)
        put_bytes(in->win[w].at, in->win[w].bytes, in->win[w].n);
}

static void *must_map(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
    void *p = mmap(at, size, prot, flags, fd, offset);
    if (p == MAP_FAILED || (at && p != at)) exit(3);
    return p;
}

static void map_arena(void)
{
    int fd = memfd_create("arena", 0);
    if (fd < 0 || ftruncate(fd, ARENA_SIZE)) exit(3);
    alias = must_map(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    before = must_map(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (uint32_t at = ARENA_AT; at < ARENA_AT + ARENA_SIZE; at += 0x1000) {
        enum sil_page page = sil_page_of(at);
        if (page == PAGE_HOLE) continue;
        int prot = page == PAGE_RO ? PROT_READ : PROT_READ | PROT_WRITE | PROT_EXEC;
        must_map((void *)at, 0x1000, prot, MAP_SHARED | MAP_FIXED, fd, (off_t)(at - ARENA_AT));
    }
    /* Present from the start: an error code must not depend on what was touched before. */
    for (uint32_t at = ARENA_AT; at < ARENA_AT + ARENA_SIZE; at += 0x1000) {
        volatile uint8_t *p = (volatile uint8_t *)at;
        if (sil_page_of(at) != PAGE_HOLE) (void)*p;
        if (sil_page_of(at) == PAGE_RW) *p = 0;
    }
    mlockall(MCL_CURRENT);
    must_map((void *)STUB_AT, STUB_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

/* --- trap mode --- */

static struct {
    uint32_t at; /* state that runs; SIL_NONE: none */
    bool batch;
    gregset_t home;
} run;

static void take_registers(struct sil_out *out, const greg_t *g)
{
    static const uint8_t order[8] = {REG_EAX, REG_ECX, REG_EDX, REG_EBX,
                                     REG_ESP, REG_EBP, REG_ESI, REG_EDI};
    static const uint8_t segs[6] = {REG_ES, REG_CS, REG_SS, REG_DS, REG_FS, REG_GS};
    for (unsigned i = 0; i < 8; i++)
        out->gpr[i] = (uint32_t)g[order[i]];
    for (unsigned i = 0; i < 6; i++)
        out->sel[i] = (uint16_t)g[segs[i]];
    out->eip = (uint32_t)g[REG_EIP];
    out->eflags = (uint32_t)g[REG_EFL];
    out->vector = (uint32_t)g[REG_TRAPNO];
    out->error = (uint32_t)g[REG_ERR];
}

static void put_registers(const struct sil_in *in, greg_t *g)
{
    static const uint8_t order[8] = {REG_EAX, REG_ECX, REG_EDX, REG_EBX,
                                     REG_ESP, REG_EBP, REG_ESI, REG_EDI};
    static const uint8_t segs[6] = {REG_ES, REG_CS, REG_SS, REG_DS, REG_FS, REG_GS};
    for (unsigned i = 0; i < 8; i++)
        g[order[i]] = (greg_t)in->gpr[i];
    for (unsigned i = 0; i < 6; i++)
        g[segs[i]] = in->sel[i];
    g[REG_EIP] = (greg_t)in->eip;
    g[REG_EFL] = (greg_t)(in->eflags | FLAG_TF);
}

/* Changed bytes into the list, and back to what they were. */
static void take_changes(struct sil_out *out)
{
    for (uint32_t page = 0; page < ARENA_SIZE; page += 0x1000) {
        if (sil_page_of(ARENA_AT + page) == PAGE_HOLE) continue;
        if (memcmp(alias + page, before + page, 0x1000) == 0) continue;
        for (uint32_t i = page; i < page + 0x1000; i++)
            if (alias[i] != before[i]) sil_note(out, i, alias[i]);
    }
}

/* `before` follows the state's own bytes, so that only the instruction's writes are changes. */
static void place(const struct sil_in *in)
{
    uint8_t *was = alias;
    put_state_memory(in);
    put_bytes(in->code_at, in->code, SIL_INSN);
    alias = before;
    put_state_memory(in);
    put_bytes(in->code_at, in->code, SIL_INSN);
    alias = was;
}

static void unplace(const struct sil_in *in, bool changed)
{
    const struct {
        uint32_t at, n;
    } part[3] = {
        {in->code_at, SIL_INSN}, {in->win[0].at, in->win[0].n}, {in->win[1].at, in->win[1].n}};
    for (unsigned k = 0; k < 3; k++)
        for (uint32_t i = 0; i < part[k].n; i++) {
            uint32_t linear = part[k].at + i;
            if (sil_page_of(linear) == PAGE_HOLE) continue;
            before[linear - ARENA_AT] = alias[linear - ARENA_AT] = shared->arena[linear - ARENA_AT];
        }
    if (changed) memcpy(alias, shared->arena, ARENA_SIZE);
}

static void trap_next(greg_t *g)
{
    if (run.at == shared->count) {
        memcpy(g, run.home, sizeof run.home);
        run.at = SIL_NONE;
        return;
    }
    shared->at = run.at;
    place(&shared->in[run.at]);
    put_registers(&shared->in[run.at], g);
}

void on_signal(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    greg_t *g = u->uc_mcontext.gregs;
    (void)sig;
    (void)info;
    if (run.at == SIL_NONE) { /* the int3 of trap_run */
        memcpy(run.home, g, sizeof run.home);
        run.at = 0;
        trap_next(g);
        return;
    }
    struct sil_out *out = &shared->out[run.at];
    take_registers(out, g);
    out->cr2 = (uint32_t)u->uc_mcontext.cr2;
    if (run.batch) { /* a fault where none was expected: back to the stub's end */
        g[REG_EIP] = (greg_t)(uintptr_t)batch_exit;
        g[REG_CS] = SEL_USER_CS;
        g[REG_GS] = SEL_USER_DS;
        return;
    }
    out->changes = out->hash = 0;
    take_changes(out);
    unplace(&shared->in[run.at], out->changes != 0);
    run.at++;
    trap_next(g);
}

static void trap_run(void)
{
    run.at = SIL_NONE;
    run.batch = false;
    __asm__ volatile("int3" ::: "memory");
}

/* --- batch mode --- */

static const struct sil_in *stub_of; /* whose instruction the stub holds */

static void stub_write(const struct sil_in *in)
{
    uint8_t *p = (uint8_t *)STUB_AT;
    uint32_t to = (uint32_t)(uintptr_t)batch_exit;
    memcpy(p, in->code, in->len);
    p += in->len;
    if (!in->code32) *p++ = 0x66;
    *p++ = 0xea;
    memcpy(p, &to, 4);
    p[4] = SEL_USER_CS;
    p[5] = 0;
    stub_of = in;
}

static bool same_form(const struct sil_in *a, const struct sil_in *b)
{
    return a->len == b->len && a->code32 == b->code32 && memcmp(a->code, b->code, a->len) == 0;
}

static void batch_one(const struct sil_in *in, struct sil_out *out)
{
    if (!stub_of || !same_form(stub_of, in)) stub_write(in);
    put_state_memory(in);
    memcpy(batch_in.gpr, in->gpr, sizeof in->gpr);
    batch_in.eflags = in->eflags;
    batch_in.sel_es = in->sel[0];
    batch_in.sel_ss = in->sel[2];
    batch_in.sel_ds = in->sel[3];
    batch_in.sel_fs = in->sel[4];
    batch_in.entry = in->code32 ? STUB_AT : 0;
    batch_in.entry_sel = in->code32 ? SEL_USER_CS : STUB_SEL;
    out->vector = SIL_NONE;
    batch_enter();
    if (out->vector == SIL_NONE) {
        memcpy(out->gpr, batch_out.gpr, sizeof out->gpr);
        out->eflags = batch_out.eflags;
        out->eip = in->eip + in->len;
        out->error = out->cr2 = 0;
    } else {
        out->eip = out->eip == batch_in.entry ? in->eip : SIL_NONE;
    }
    memcpy(out->sel, in->sel, sizeof out->sel);
    out->changes = out->hash = 0;
    for (unsigned w = 0; w < 2; w++) {
        memcpy(out->mem.win[w], alias + (in->win[w].at - ARENA_AT), SIL_WINDOW);
        reset_bytes(in->win[w].at, SIL_WINDOW);
    }
}

static void batch_run(void)
{
    run.batch = true;
    stub_of = NULL;
    for (run.at = 0; run.at < shared->count; run.at++) {
        shared->at = run.at;
        batch_one(&shared->in[run.at], &shared->out[run.at]);
    }
    shared->stray = 0;
    for (uint32_t i = 0; i < ARENA_SIZE; i++)
        shared->stray += alias[i] != before[i];
    if (shared->stray) memcpy(alias, before, ARENA_SIZE);
}

/* --- setting up --- */

static bool set_ldt(unsigned index, const struct sil_ldt *e)
{
    struct user_desc d = {.entry_number = index, .base_addr = e->base, .limit = e->limit};
    d.contents = e->contents & 3u;
    d.read_exec_only = e->read_only & 1u;
    d.limit_in_pages = e->pages & 1u;
    d.seg_32bit = e->big & 1u;
    d.seg_not_present = e->absent & 1u;
    return syscall(SYS_modify_ldt, 0x11, &d, sizeof d) == 0;
}

static void setup(void)
{
    const struct sil_ldt stub = {.base = STUB_AT, .limit = STUB_SIZE - 1, .contents = 2};
    shared->refused = 0;
    for (unsigned i = shared->kinds; i-- > 1;)
        if (!set_ldt(i, &shared->ldt[i])) shared->refused = i + 1;
    if (!set_ldt(SIL_KINDS, &stub)) shared->refused = SIL_KINDS + 1;
    memcpy(alias, shared->arena, ARENA_SIZE);
    memcpy(before, shared->arena, ARENA_SIZE);
}

static void catch_signals(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    static char stack[65536];
    stack_t own = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    action.sa_sigaction = on_signal_entry;
    sigaltstack(&own, NULL);
    for (unsigned i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], &action, NULL);
    __asm__("mov %%ss, %0\n\tmov %%gs, %1\n\tmov %%fs, %2"
            : "=r"(host_ss), "=r"(host_gs), "=r"(host_fs));
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int main(void)
{
    char command;
    shared = must_map(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, SHARED_FD, 0);
    map_arena();
    catch_signals();
    while (read(PIPE_IN, &command, 1) == 1) {
        uint64_t start = now();
        if (command == SIL_SETUP) setup();
        if (command == SIL_BATCH) batch_run();
        if (command == SIL_TRAP) trap_run();
        shared->nanoseconds = now() - start;
        if (write(PIPE_OUT, &command, 1) != 1) return 1;
    }
    return 0;
}
