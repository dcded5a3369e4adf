/* The runs of the matrix: a state of the fault sweep, spoilt in one way, and what came of it. */
#include <criterion/criterion.h>
#include <string.h>

#include "matrix.h"
#include "operand.h"

/* Descriptors that the undisturbed run looked at. */
#define SEEN 24u

struct spoil {
    struct sweep *w;
    struct i386_state from;
    uint32_t seen[SEEN];
    unsigned seen_count;
};

static unsigned body(const struct sweep *w)
{
    return i386_rows[w->form.row].body;
}

static uint32_t code_at(const struct sweep *w)
{
    return w->start.seg[CS].sh.base + w->start.eip;
}

/* --- ways to spoil a state --- */

static void nothing(struct spoil *p) {}

static void lock_prefix(struct spoil *p)
{
    p->from.eip--;
    sweep_poke(p->w, code_at(p->w) - 1, 1, 0xf0);
}

static void breakpoint(struct spoil *p)
{
    p->from.dr[0] = code_at(p->w);
    p->from.dr[7] = 0x402;
    p->from.eflags &= ~FL_RF;
}

static void cut_code(struct spoil *p)
{
    struct shadow *sh = &p->from.seg[CS].sh;
    sh->limit = sh->hi = p->from.eip + sweep_random(p->w, p->w->code_len) - 1;
}

/* The instruction fits, its target may not. */
static void cut_target(struct spoil *p)
{
    struct shadow *sh = &p->from.seg[CS].sh;
    sh->limit = sh->hi = p->from.eip + p->w->code_len - 1;
    if (body(p->w) == BODY_JCXZ) p->from.gpr[ECX] = 0;
}

static void absent_page(struct sweep *w, uint32_t at)
{
    uint32_t page = at & ~PAGE_MASK;
    if (at < SW_RAM) sweep_poke(w, SW_PT + page / PAGE_SIZE * 4, 4, page | 0x66);
}

static void absent_code(struct spoil *p)
{
    absent_page(p->w, code_at(p->w) + sweep_random(p->w, p->w->code_len));
}

static void absent_data(struct spoil *p)
{
    struct sweep *w = p->w;
    unsigned n = sweep_plain_accesses(w), at = n ? sweep_random(w, n) : 0;
    for (unsigned i = 0; i < n; i++, at = (at + 1) % n)
        if (w->plain.access[at].access != ACCESS_FETCH) {
            absent_page(w, w->plain.access[at].at.v);
            return;
        }
}

static void cut_data(struct spoil *p)
{
    struct sweep *w = p->w;
    if (body(w) == BODY_CLFLUSH) { /* moves nothing: nobody tells of its access */
        struct shadow *sh = &p->from.seg[w->in.seg].sh;
        sh->limit = sh->hi = w->operand - sh->base - 1;
    }
    if (!w->plain.uses) return;
    const struct sweep_use *use = &w->plain.use[sweep_random(w, w->plain.uses)];
    struct shadow *sh = &p->from.seg[use->seg].sh;
    sh->limit = sh->hi = use->off + use->size - 2;
}

/* A segment that may not be read, or not be written. */
static void wrong_rights(struct spoil *p)
{
    struct sweep *w = p->w;
    if (!w->plain.uses) return;
    struct shadow *sh = &p->from.seg[w->plain.use[sweep_random(w, w->plain.uses)].seg].sh;
    sh->access = (uint8_t)((sh->access & 0xe0) | (sweep_chance(w, 2) ? 0x11 : 0x19));
}

static void zeroes(struct spoil *p)
{
    struct sweep *w = p->w;
    if (w->form.mem) sweep_poke(w, w->operand, 4, 0);
    for (unsigned i = 0; i < 8 && !w->form.mem; i++)
        if (i != ESP) p->from.gpr[i] = 0;
    if (body(w) == BODY_AAM) sweep_poke(w, code_at(w) + w->code_len - 1, 1, 0);
}

/* Null selectors, wherever the form takes its selector from. */
static void null_selector(struct spoil *p)
{
    struct sweep *w = p->w;
    unsigned size = w->form.opsize, b = body(w);
    uint16_t null = (uint16_t)sweep_random(w, 4);
    bool pointer = i386_rows[w->form.row].op[1] == O_Mp || i386_rows[w->form.row].op[0] == O_Mp;
    if (w->form.mem) sweep_poke(w, w->operand + (pointer ? size : 0), 2, null);
    for (unsigned i = 0; i < 8 && !w->form.mem; i++)
        if (i != ESP) p->from.gpr[i] &= 0xffff0000u;
    if (i386_rows[w->form.row].op[0] == O_Ap) sweep_poke(w, code_at(w) + w->code_len - 2, 2, null);
    if (b == BODY_RET_FAR || b == BODY_IRET) sweep_poke_stack(w, 1, size, null);
    if (b == BODY_POP_SREG) sweep_poke_stack(w, 0, 2, null);
}

/* Offsets beyond FFFF, wherever the form takes its target from. */
static void far_away(struct spoil *p)
{
    struct sweep *w = p->w;
    unsigned b = body(w);
    if (w->form.opsize != 4) return;
    if (w->form.mem) sweep_poke(w, w->operand + 2, 2, 0x7fff);
    if (i386_rows[w->form.row].op[0] == O_Ap)
        sweep_poke(w, code_at(w) + w->code_len - 4, 2, 0x7fff);
    if (i386_rows[w->form.row].op[0] == O_Jv)
        sweep_poke(w, code_at(w) + w->code_len - 2, 2, 0x7fff);
    if (b == BODY_RET || b == BODY_RET_FAR || b == BODY_IRET)
        sweep_poke_stack(w, 0, 4, 0x7fff0000u);
}

static void no_iopl(struct spoil *p)
{
    p->from.eflags &= ~FL_IOPL;
    for (uint32_t at = 0x68; at < 0x70; at += 4)
        sweep_poke(p->w, SW_TSS_A + at, 4, 0xffffffffu);
    for (uint32_t at = 0x68 + 0x40 / 8; at < 0x78; at += 4)
        sweep_poke(p->w, SW_TSS_A + at, 4, 0xffffffffu);
    sweep_poke(p->w, SW_TSS_A + 0x68 + 0x1230 / 8, 4, 0xffffffffu);
}

/* No privilege by IOPL: the I/O map is read; its page may be absent. */
static void io_map(struct spoil *p)
{
    p->from.eflags &= ~FL_IOPL;
    if (sweep_chance(p->w, 2)) absent_page(p->w, SW_TSS_A);
}

static void coprocessor(struct spoil *p)
{
    static const uint32_t bits[] = {CR0_EM, CR0_TS, CR0_TS | CR0_MP, CR0_EM | CR0_TS | CR0_MP};
    p->from.cr0 |= bits[sweep_random(p->w, 4)];
}

/* An exception of the coprocessor is up and not masked. */
static void coprocessor_error(struct spoil *p)
{
    p->from.x87.cw &= 0xffc0;
    p->from.x87.sw |= 0x8081;
}

/* Every exception of SSE is unmasked, and the operands are worth one. */
static void numeric_error(struct spoil *p)
{
    static const uint32_t some[] = {0x7f800001, 0x00000001, 0x7fc00000, 0x7ff00000, 0xff7fffff};
    struct sweep *w = p->w;
    if (w->cpu.level < LEVEL_SSE2) return;
    p->from.sse.mxcsr = 0;
    for (unsigned i = 0; i < 16; i++) {
        uint32_t v = some[sweep_random(w, 5)];
        p->from.sse.xmm[i / 2][i % 2] = (uint64_t)v << 32 | v;
    }
    for (unsigned at = 0; w->form.mem && at < 16 && i386_rows[w->form.row].body != BODY_LDMXCSR;
         at += 4)
        sweep_poke(w, w->operand + at, 4, some[sweep_random(w, 5)]);
}

static void model_bits(struct spoil *p)
{
    if (p->w->cpu.level < LEVEL_PENTIUM) return;
    p->from.cr4 ^= CR4_TSD | (sweep_chance(p->w, 2) ? CR4_PCE : CR4_OSFXSR);
}

/* The operand begins at FFFF, or shortly before it, in a segment that ends there. */
static void operand_across_64k(struct spoil *p)
{
    struct sweep *w = p->w;
    if (!w->form.mem || w->in.adsize != 2 || w->in.base > EDI) return;
    struct shadow *sh = &p->from.seg[w->in.seg].sh;
    uint32_t *base = &p->from.gpr[w->in.base];
    uint32_t by = 0xffffu - sweep_random(w, 4) - (w->operand - sh->base);
    *base = (*base & 0xffff0000u) | ((*base + by) & 0xffffu);
    sh->limit = sh->hi = 0xffff;
}

static void paging_without_protection(struct spoil *p)
{
    for (unsigned i = 0; i < 8; i++)
        if (i != ESP) p->from.gpr[i] = CR0_PG;
}

static void spoil_table(struct spoil *p)
{
    unsigned b = body(p->w);
    if (b == BODY_INT || b == BODY_INT1 || b == BODY_INT3 || b == BODY_INTO)
        p->from.idtr.limit = (uint16_t)sweep_random(p->w, 12);
    else
        p->from.gdtr.limit = (uint16_t)(SW_CODE32 - 1);
}

static void spoil_descriptor(struct spoil *p)
{
    struct sweep *w = p->w;
    if (!p->seen_count) return;
    uint32_t at = p->seen[sweep_random(w, p->seen_count)];
    uint32_t access = sweep_get(w, at + 5, 1);
    switch (sweep_random(w, 5)) {
    case 0:
    case 1: sweep_poke(w, at + 5, 1, access & 0x7f); break;               /* absent */
    case 2: sweep_poke(w, at + 5, 1, 0x80 | sweep_random(w, 128)); break; /* another type */
    case 3: sweep_poke(w, at + 5, 1, access ^ 0x60); break;               /* another level */
    default:                                                              /* small */
        sweep_poke(w, at, 2, sweep_random(w, 0x20));
        sweep_poke(w, at + 6, 1, sweep_get(w, at + 6, 1) & 0x40);
        break;
    }
}

static void spoil_gate(struct spoil *p)
{
    struct sweep *w = p->w;
    uint32_t at = SW_IDT + 8u * sweep_vector(body(w));
    if (!w->mode->prot) return;
    switch (sweep_random(w, 5)) {
    case 0: sweep_poke(w, at + 5, 1, sweep_get(w, at + 5, 1) & 0x7f); break;
    case 1: sweep_poke(w, at + 5, 1, 0x80 | sweep_random(w, 128)); break;
    case 2: sweep_poke(w, at + 2, 2, sweep_random(w, 4)); break;
    case 3: sweep_poke(w, at + 6, 2, 0x7fff); break;
    default: sweep_poke(w, at + 5, 1, sweep_get(w, at + 5, 1) & 0x9f); break;
    }
}

static void small_vector_target(struct spoil *p)
{
    struct sweep *w = p->w;
    struct shadow *sh = &p->from.seg[CS].sh;
    if (w->mode->prot) return;
    sh->limit = sh->hi = SW_HANDLER - 1;
}

/* No room on the stack of level 0. */
static void inner_stack(struct spoil *p)
{
    struct sweep *w = p->w;
    uint32_t at = SW_GDT + SW_FRESH_STACK32;
    sweep_poke(w, at, 2, 0x10);
    sweep_poke(w, at + 6, 1, 0x40);
}

static void (*const ways[])(struct spoil *p) = {nothing,
                                                nothing,
                                                lock_prefix,
                                                breakpoint,
                                                cut_code,
                                                cut_target,
                                                absent_code,
                                                absent_data,
                                                absent_data,
                                                cut_data,
                                                cut_data,
                                                wrong_rights,
                                                zeroes,
                                                null_selector,
                                                far_away,
                                                no_iopl,
                                                io_map,
                                                coprocessor,
                                                spoil_table,
                                                paging_without_protection,
                                                spoil_descriptor,
                                                spoil_descriptor,
                                                spoil_gate,
                                                spoil_descriptor,
                                                inner_stack,
                                                small_vector_target,
                                                coprocessor_error,
                                                numeric_error,
                                                model_bits,
                                                operand_across_64k};
#define WAYS (sizeof ways / sizeof ways[0])

/* --- what came --- */

/* The accesses of the step that faulted are all fetches, and not all that the instruction needs. */
static bool while_fetching(const struct sweep *w, unsigned vector)
{
    const struct sweep_trail *t = &w->faulty;
    unsigned from = t->point[t->points - 1].accesses, to = t->point[t->points].accesses;
    for (unsigned i = from; i < to; i++)
        if (t->access[i].access != ACCESS_FETCH) return false;
    return vector == VEC_PF || to - from < w->in.len;
}

static enum matrix_column column(const struct sweep *w)
{
    const fault_t *f = &w->faulty.what;
    bool fetch = while_fetching(w, f->vector), selector = f->error & ~1u; /* less EXT */
    switch (f->vector) {
    case VEC_DE: return MX_DE;
    case VEC_DB: return MX_DB;
    case VEC_BR: return MX_BR;
    case VEC_UD: return MX_UD;
    case VEC_NM: return MX_NM;
    case VEC_DF: return MX_DF;
    case VEC_TS: return selector ? MX_TS : MX_OTHER;
    case VEC_NP: return selector ? MX_NP : MX_OTHER;
    case VEC_SS: return selector ? MX_SS_SEL : MX_SS0;
    case VEC_GP: return selector ? MX_GP_SEL : fetch ? MX_GP_FETCH : MX_GP0;
    case VEC_PF: return fetch ? MX_PF_FETCH : MX_PF;
    case VEC_MF: return MX_MF;
    case VEC_CSO: return MX_CSO;
    case VEC_XM: return MX_XM;
    default: return MX_OTHER;
    }
}

/* INTO is an interrupt by software, not a fault: the handler was reached. */
static bool overflow(const struct sweep *w)
{
    return body(w) == BODY_INTO && !w->faulty.fault &&
           w->faulty.s.eip != w->start.eip + w->code_len;
}

/* --- a form in a mode --- */

static struct spoil *seeing; /* whom the observer tells */

static void on_selector(void *ctx, const struct i386_cpu *cpu, uint16_t sel, uint8_t cpl,
                        enum seg_purpose purpose, bool located, lin_t where, desc_t desc,
                        fault_t fault)
{
    struct spoil *p = seeing;
    if (p && located && where.v < SW_RAM && p->seen_count < SEEN)
        p->seen[p->seen_count++] = where.v;
}

static void spoil_once(struct matrix *m, struct spoil *p, void (*way)(struct spoil *),
                       uint32_t hits[MX_COLUMNS + 1])
{
    struct sweep *w = p->w;
    p->from = w->start;
    way(p);
    sweep_run(w, &w->faulty, &p->from, 0);
    if (w->faulty.fault) hits[column(w)]++;
    if (overflow(w)) hits[MX_OF]++;
    sweep_restore(w, &w->faulty, 0);
    m->runs++;
}

static void one_state(struct matrix *m, struct sweep *w, const struct sweep_form *form,
                      uint64_t seed, uint32_t hits[MX_COLUMNS + 1])
{
    struct spoil p = {.w = w};
    for (unsigned k = 0; k < WAYS; k++) {
        w->random = seed;
        sweep_prepare(w, form);
        if (i386_rows[form->row].body == BODY_TRAP) w->cpu.personality = false;
        if (k == 0) {
            seeing = &p;
            sweep_run(w, &w->plain, &w->start, 0);
            sweep_restore(w, &w->plain, 0);
            seeing = NULL;
            m->states++;
        }
        w->random ^= (uint64_t)(k + 1) << 32;
        spoil_once(m, &p, ways[k], hits);
    }
    sweep_undo(w);
}

static enum matrix_mode mode_of(const struct sweep_mode *mode)
{
    if (!mode->prot) return MXM_REAL;
    if (mode->v86) return MXM_V86;
    return mode->ring ? MXM_RING3 : MXM_RING0;
}

static bool complete(struct matrix_form f, enum matrix_mode mode,
                     const uint32_t hits[MX_COLUMNS + 1], unsigned want)
{
    for (unsigned c = 0; c < MX_COLUMNS; c++)
        if (hits[c] < want && !matrix_why_not(f, mode, (enum matrix_column)c)) return false;
    return true;
}

#define ROUNDS_MIN 4u
#define ROUNDS_MAX 250u

/* Some rounds in any case, then more until each reachable cell has its states. */
static void one_form(struct matrix *m, struct sweep *w, struct matrix_form f)
{
    enum matrix_mode mode = mode_of(w->mode);
    uint32_t *hits = m->hits[f.row][f.mem][mode];
    unsigned variants = sweep_variants(w->mode, f.row);
    for (unsigned round = 0; round < ROUNDS_MAX; round++) {
        if (round >= ROUNDS_MIN && complete(f, mode, hits, MATRIX_HITS)) break;
        for (unsigned v = 0; v < (variants ? variants : 1); v++)
            for (unsigned k = 0; k < 4; k++) {
                struct sweep_form form = {f.row, k & 1 ? 4 : 2, k & 2 ? 4 : 2, f.mem, (uint8_t)v};
                if (!sweep_has_size(w->mode, f.row, form.opsize)) continue;
                uint64_t seed = 0x1986u + (uint64_t)f.row * 0x9e3779b97f4a7c15ull + k + 16 * v +
                                1024u * round + ((uint64_t)f.mem << 40) +
                                ((uint64_t)(w->mode - sweep_modes) << 44);
                one_state(m, w, &form, seed, hits);
            }
        if (round + 1 > m->rounds) m->rounds = round + 1;
    }
}

bool matrix_has(struct matrix_form f)
{
    bool mem, reg;
    sweep_has_operand(f.row, &mem, &reg);
    return f.mem ? mem : reg;
}

void matrix_run(struct matrix *m)
{
    struct sweep *w = sweep_new();
    w->obs.selector = on_selector;
    for (unsigned i = 0; i < SW_MODES; i++) {
        w->paging = sweep_modes[i].prot;
        sweep_set_mode(w, &sweep_modes[i]);
        for (unsigned row = 1; row < ROW_COUNT; row++)
            for (unsigned mem = 0; mem < 2; mem++)
                if (matrix_has((struct matrix_form){row, mem}))
                    one_form(m, w, (struct matrix_form){row, mem});
    }
    sweep_free(w);
}
