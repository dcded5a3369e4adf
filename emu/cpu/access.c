/* access.c: memory, system table and stack accesses out of line (see exec.h). */
#include "access.h"

#include "note.h"

/* --- accesses that are logged --- */

static bool is_logged(const struct i386_cpu *cpu)
{
    return cpu->straight >= LOGGED_PHYSICAL;
}

static inline void log_access(struct plain_log *log, enum segreg seg, eff_t off, unsigned size,
                              enum access access, uint32_t physical, uint32_t value)
{
    if (log->accesses == PLAIN_ACCESSES) return;
    struct plain_access *a = &log->access[log->accesses++];
    a->offset = off.v;
    a->physical = physical;
    a->value = value;
    a->shape = plain_shape(seg, access == ACCESS_WRITE, size);
}

/* The RAM behind a logged access, as acc_ram. */
static inline uint8_t *log_ram(struct i386_cpu *cpu, enum segreg seg, eff_t off, unsigned size,
                               enum access access, uint32_t *at)
{
    enum straight as = cpu->straight == LOGGED_PAGED ? STRAIGHT_PAGED : STRAIGHT_PHYSICAL;
    return acc_ram_as(cpu, as, seg, off, size, access, at);
}

uint32_t cpu_physical(const struct i386_cpu *cpu, lin_t at)
{
    if (!(cpu->s.cr0 & CR0_PG)) return at.v & cpu->bus->a20_mask;
    const struct tlb_entry *e = &cpu->tlb.entry[acc_user(cpu)][tlb_index(at.v)];
    if (e->read == tlb_tag(cpu->bus, at.v)) return e->wire | (at.v & PAGE_MASK);
    struct page_env env = cpu_page_env(cpu);
    struct page_walk walk;
    env.hook = NULL;
    if (is_fault(page_probe(&env, at, ACCESS_READ, false, &walk))) return at.v;
    return walk.phys.v & cpu->bus->a20_mask;
}

void acc_tell(struct i386_cpu *cpu, enum segreg seg, eff_t off, lin_t at, unsigned size,
              enum access access, uint32_t value)
{
    if (is_logged(cpu))
        log_access(cpu->log, seg, off, size, access, cpu_physical(cpu, at), value);
    else
        cpu->obs->mem(cpu->obs->ctx, cpu, seg, off, at, size, access, value);
}

fault_t mem_read(struct i386_cpu *cpu, enum segreg seg, eff_t off, unsigned size, uint32_t *out)
{
    uint32_t at;
    const uint8_t *ram = is_logged(cpu) ? log_ram(cpu, seg, off, size, ACCESS_READ, &at) : NULL;
    if (!ram) return acc_read(cpu, seg, off, size, out);
    *out = bus_load(ram, size);
    log_access(cpu->log, seg, off, size, ACCESS_READ, at, *out);
    return fault_none();
}

fault_t mem_write(struct i386_cpu *cpu, enum segreg seg, eff_t off, unsigned size, uint32_t value)
{
    uint32_t at;
    uint8_t *ram = is_logged(cpu) ? log_ram(cpu, seg, off, size, ACCESS_WRITE, &at) : NULL;
    if (!ram) return acc_write(cpu, seg, off, size, value);
    bus_store(ram, size, value);
    bus_stored(cpu->bus, at, size);
    log_access(cpu->log, seg, off, size, ACCESS_WRITE, at, value);
    return fault_none();
}

fault_t mem_read_rmw(struct i386_cpu *cpu, enum segreg seg, eff_t off, unsigned size, uint32_t *out)
{
    uint32_t at;
    const uint8_t *ram = is_logged(cpu) ? log_ram(cpu, seg, off, size, ACCESS_WRITE, &at) : NULL;
    if (!ram) return acc_read_rmw(cpu, seg, off, size, out);
    *out = bus_load(ram, size);
    log_access(cpu->log, seg, off, size, ACCESS_READ, at, *out);
    return fault_none();
}

fault_t mem_touch(struct i386_cpu *cpu, enum segreg seg, eff_t off, unsigned size,
                  enum access access)
{
    TRY(acc_check(cpu, seg, off, size, access));
    struct page_env env = cpu_page_cached(cpu);
    lin_t at = segm_linear(&cpu->s.seg[seg], off);
    TRY(acc_align(cpu, seg, off, at, size, access));
    fault_t f = lin_touch(&env, at, size, access, acc_user(cpu));
    return is_fault(f) ? acc_refuse(cpu, seg, off, size, access, f) : f;
}

/* --- alignment --- */

/* By the size of the whole operand: 14 and 94 bytes, 28 and 108 are the coprocessor's environment and state with 16-bit
 * and with 32-bit operands. The image of FXSAVE has a rule of its own. */
static bool is_aligned(lin_t at, unsigned size)
{
    switch (size) {
    case 2:
    case 14:
    case 94: return !(at.v & 1);
    case 4:
    case 28:
    case 108: return !(at.v & 3);
    case 6: return (at.v & 3) == 2; /* a word, then a dword: SGDT, SIDT */
    case 8:
    case 10: return !(at.v & 7);
    case 16: return !(at.v & 15); /* UNDOC: MOVUPS, MOVUPD, MOVDQU */
    default: return true;
    }
}

/* A page fault comes first, and an access that is refused leaves A and D alone: so the pages are only looked at. */
fault_t acc_misaligned(struct i386_cpu *cpu, enum segreg seg, eff_t off, lin_t at, unsigned size,
                       enum access access)
{
    const struct page_env env = cpu_page_env(cpu);
    if (!acc_checks_alignment(cpu) || cpu->granted || is_aligned(at, size)) return fault_none();
    lin_t last = lin(at.v + size - 1);
    if (is_fault(page_probe(&env, at, access, true, NULL)) ||
        is_fault(page_probe(&env, last, access, true, NULL)))
        return fault_none();
    fault_t f = fault_detail(VEC_AC, 0, RULE_LATER_ALIGNMENT, at.v);
    return acc_refuse(cpu, seg, off, size, access, f);
}

/* --- system tables --- */

fault_t sys_read(struct i386_cpu *cpu, lin_t at, unsigned size, uint32_t *out)
{
    struct page_env env = cpu_page_cached(cpu);
    return lin_read(&env, at, size, false, out);
}

fault_t sys_write(struct i386_cpu *cpu, lin_t at, unsigned size, uint32_t value)
{
    struct page_env env = cpu_page_cached(cpu);
    return lin_write(&env, at, size, false, value);
}

fault_t sys_touch(struct i386_cpu *cpu, lin_t at, unsigned size, enum access access)
{
    struct page_env env = cpu_page_cached(cpu);
    return lin_touch(&env, at, size, access, false);
}

/* --- stack --- */

struct stack stack_at(struct i386_cpu *cpu, const struct seg *ss, uint32_t esp, uint8_t cpl)
{
    return (struct stack){.cpu = cpu, .ss = *ss, .esp = esp, .cpl = cpl};
}

struct stack stack_now(struct i386_cpu *cpu)
{
    return stack_at(cpu, &cpu->s.seg[SS], cpu->s.gpr[ESP], cpu->s.cpl);
}

/* The B bit: offsets of a 16-bit stack wrap, and the upper half of ESP stays. */
static uint32_t stack_moved(const struct stack *st, uint32_t by)
{
    uint32_t to = st->esp + by;
    return shadow_big(&st->ss.sh) ? to : (st->esp & 0xffff0000u) | (to & 0xffffu);
}

static eff_t stack_offset(const struct stack *st, uint32_t esp)
{
    return eff(shadow_big(&st->ss.sh) ? esp : esp & 0xffffu);
}

static fault_t stack_refuse(const struct stack *st, eff_t off, unsigned size, enum access access,
                            fault_t f)
{
    if (note_wanted(st->cpu)) {
        const struct cpu_note note = {.kind = NOTE_NO_STACK, .no_stack = {&st->ss}};
        note_tell(st->cpu, &note);
    }
    return acc_refuse(st->cpu, SS, off, size, access, f);
}

/* Refusals for an inner stack name its selector; those of the present stack have error code 0. */
static fault_t stack_check(const struct stack *st, eff_t off, unsigned size, enum access access)
{
    fault_t f = segm_check_access(&st->ss, true, off, size, access, NULL);
    if (!is_fault(f) || acc_waived(st->cpu, &st->ss, f)) return fault_none();
    if (st->ss_error) f.error = SEL_ERROR(st->ss.sel);
    return stack_refuse(st, off, size, access, f);
}

static fault_t stack_page_fault(const struct stack *st, eff_t off, unsigned size,
                                enum access access, fault_t f)
{
    return is_fault(f) ? stack_refuse(st, off, size, access, f) : f;
}

/* Inner stacks are not user's. */
static fault_t stack_align(const struct stack *st, eff_t off, unsigned size, enum access access)
{
    if (LIKELY(st->cpl != 3)) return fault_none();
    return acc_align(st->cpu, SS, off, segm_linear(&st->ss, off), size, access);
}

fault_t stack_push(struct stack *st, unsigned size, uint32_t value)
{
    uint32_t esp = stack_moved(st, 0u - size);
    eff_t off = stack_offset(st, esp);
    TRY(stack_check(st, off, size, ACCESS_WRITE));
    TRY(stack_align(st, off, size, ACCESS_WRITE));
    struct page_env env = cpu_page_cached(st->cpu);
    lin_t at = segm_linear(&st->ss, off);
    TRY(stack_page_fault(st, off, size, ACCESS_WRITE,
                         lin_write(&env, at, size, st->cpl == 3, value)));
    acc_seen(st->cpu, SS, off, at, size, ACCESS_WRITE, value & size_mask(size));
    st->esp = esp;
    return fault_none();
}

static fault_t stack_load(struct stack *st, uint32_t esp, unsigned size, uint32_t *value)
{
    eff_t off = stack_offset(st, esp);
    TRY(stack_check(st, off, size, ACCESS_READ));
    TRY(stack_align(st, off, size, ACCESS_READ));
    struct page_env env = cpu_page_cached(st->cpu);
    lin_t at = segm_linear(&st->ss, off);
    TRY(stack_page_fault(st, off, size, ACCESS_READ,
                         lin_read(&env, at, size, st->cpl == 3, value)));
    acc_seen(st->cpu, SS, off, at, size, ACCESS_READ, *value);
    return fault_none();
}

fault_t stack_pop(struct stack *st, unsigned size, uint32_t *value)
{
    TRY(stack_load(st, st->esp, size, value));
    st->esp = stack_moved(st, size);
    return fault_none();
}

fault_t stack_peek(struct stack *st, uint32_t index, unsigned size, uint32_t *value)
{
    return stack_load(st, stack_moved(st, index), size, value);
}

fault_t stack_room(struct stack *st, uint32_t bytes)
{
    if (bytes == 0) return fault_none();
    eff_t off = stack_offset(st, stack_moved(st, 0u - bytes));
    TRY(stack_check(st, off, bytes, ACCESS_WRITE));
    TRY(stack_align(st, off, bytes, ACCESS_WRITE));
    struct page_env env = cpu_page_cached(st->cpu);
    return stack_page_fault(
        st, off, bytes, ACCESS_WRITE,
        lin_touch(&env, segm_linear(&st->ss, off), bytes, ACCESS_WRITE, st->cpl == 3));
}

void stack_skip(struct stack *st, int32_t bytes)
{
    st->esp = stack_moved(st, (uint32_t)bytes);
}

void stack_commit(const struct stack *st)
{
    st->cpu->s.gpr[ESP] = st->esp;
}
