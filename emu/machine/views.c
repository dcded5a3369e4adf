/* views.c: tables, page walks and explanations, computed from live memory at each call by the same
 * functions that execute. */
#include <stdio.h>
#include <string.h>

#include "machine.h"

/* --- descriptors --- */

static rt386_desc_kind kind_of(desc_t d)
{
    static const rt386_desc_kind system[16] = {
        RT386_DESC_RESERVED, RT386_DESC_TSS16,     RT386_DESC_LDT,      RT386_DESC_TSS16,
        RT386_DESC_CALL16,   RT386_DESC_TASK_GATE, RT386_DESC_INT16,    RT386_DESC_TRAP16,
        RT386_DESC_RESERVED, RT386_DESC_TSS32,     RT386_DESC_RESERVED, RT386_DESC_TSS32,
        RT386_DESC_CALL32,   RT386_DESC_RESERVED,  RT386_DESC_INT32,    RT386_DESC_TRAP32};
    if (!d.raw) return RT386_DESC_EMPTY;
    if (!desc_is_segment(d)) return system[desc_type(d)];
    return desc_is_code(d) ? RT386_DESC_CODE : RT386_DESC_DATA;
}

static void decode_segment(rt386_desc *out, desc_t d)
{
    struct shadow sh = shadow_of(d);
    out->base = sh.base;
    out->limit_field = desc_limit_field(d);
    out->limit = sh.limit;
    out->first = sh.lo;
    out->last = sh.hi;
    out->granular = desc_flags(d) & FLG_G;
    out->big = desc_flags(d) & FLG_DB;
    out->avl = desc_flags(d) & FLG_AVL;
}

static void decode_gate(rt386_desc *out, desc_t d)
{
    struct gate g = desc_gate(d);
    out->selector = g.selector;
    out->offset = g.offset;
    out->count = g.count;
}

rt386_desc rt386_desc_decode(const uint8_t bytes[8])
{
    desc_t d = {get64(bytes)};
    rt386_desc out = {.kind = kind_of(d)};
    memcpy(out.bytes, bytes, 8);
    out.present = desc_present(d);
    out.dpl = (uint8_t)desc_dpl(d);
    out.type = (uint8_t)desc_type(d);
    bool segment = desc_is_segment(d);
    out.accessed = segment && (desc_access(d) & ACC_ACCESSED);
    out.busy = desc_is_tss(d) && !desc_is_tss_available(d);
    out.writable = desc_is_writable(d);
    out.readable = desc_is_readable(d);
    out.expand_down = desc_is_expand_down(d);
    out.conforming = desc_is_conforming(d);
    if (segment || desc_is_tss(d) || desc_is_system(d, SYS_LDT))
        decode_segment(&out, d);
    else if (out.kind != RT386_DESC_EMPTY && out.kind != RT386_DESC_RESERVED)
        decode_gate(&out, d);
    desc_describe(d, out.text, sizeof out.text);
    return out;
}

static bool table_range(const rt386 *m, rt386_table table, uint32_t *base, uint32_t *limit)
{
    const struct i386_state *s = &m->cpu.s;
    switch (table) {
    case RT386_GDT:
        *base = s->gdtr.base;
        *limit = s->gdtr.limit & 0xffffu;
        return true;
    case RT386_IDT:
        *base = s->idtr.base;
        *limit = s->idtr.limit & 0xffffu;
        return true;
    case RT386_LDT:
        *base = s->ldtr.sh.base;
        *limit = s->ldtr.sh.limit;
        return s->ldtr.sh.usable && !SEL_NULL(s->ldtr.sel);
    }
    return false;
}

rt386_table_info rt386_table_get(const rt386 *m, rt386_table table)
{
    rt386_table_info info = {0};
    if (!table_range(m, table, &info.base, &info.limit)) return info;
    info.entries = (unsigned)(((uint64_t)info.limit + 1) / 8);
    if (info.entries > 8192) info.entries = 8192;
    info.valid = true;
    return info;
}

rt386_status rt386_table_entry(const rt386 *m, rt386_table table, unsigned index, rt386_desc *desc,
                               char *owner)
{
    if (!desc) return RT386_E_ARG;
    if (owner) owner[0] = 0;
    rt386_table_info info = rt386_table_get(m, table);
    if (!info.valid || index >= info.entries) return RT386_E_NOTFOUND;
    uint8_t bytes[8];
    if (!machine_lin_peek(m, info.base + 8 * index, bytes, 8)) return RT386_E_RANGE;
    *desc = rt386_desc_decode(bytes);
    struct rt_slot_info slot;
    if (owner && table == RT386_GDT && m->kernel && rt_slot_info(m->kernel, (uint16_t)index, &slot))
        memcpy(owner, slot.text, sizeof slot.text);
    return RT386_OK;
}

rt386_walk rt386_page_walk(const rt386 *m, uint32_t linear)
{
    struct page_env env = cpu_page_env(&m->cpu);
    struct page_walk w;
    env.hook = NULL;
    bool mapped = !is_fault(page_probe(&env, lin(linear), ACCESS_READ, false, &w));
    return (rt386_walk){.paging = w.paging,
                        .mapped = mapped,
                        .linear = linear,
                        .phys = mapped ? w.phys.v : 0,
                        .pde_at = w.pde_at.v,
                        .pde = w.pde,
                        .pte_at = w.pte_at.v,
                        .pte = w.pte,
                        .pte_valid = w.pte_read,
                        .user = w.user,
                        .writable = w.writable};
}

/* --- explanations --- */

rt386_check check_public(const struct check *check)
{
    return (rt386_check){.rule = check->rule,
                         .passed = check->passed,
                         .state = (rt386_check_state)check->state,
                         .have = check->have,
                         .want = check->want,
                         .where = check->where};
}

static void checks_public(rt386_explanation *out, const struct check_log *log)
{
    out->count = log->count < RT386_CHECKS_MAX ? log->count : RT386_CHECKS_MAX;
    for (unsigned i = 0; i < out->count; i++)
        out->checks[i] = check_public(&log->at[i]);
}

/* The pages of an access of `size` bytes, as page_probe checks them. */
static fault_t log_pages(const rt386 *m, lin_t at, unsigned size, enum access access, bool user,
                         struct check_log *log)
{
    struct page_env env = cpu_page_env(&m->cpu);
    unsigned room = PAGE_SIZE - (at.v & PAGE_MASK);
    env.hook = NULL;
    fault_t first = page_probe_checked(&env, at, access, user, NULL, log);
    if (size <= room) return first;
    fault_t second = page_probe_checked(&env, lin(at.v + room), access, user, NULL, log);
    return is_fault(first) ? first : second;
}

/* No descriptor was read: what is asked of every one has not been reached. */
static void log_unread(struct seg_query query, struct check_log *log)
{
    unsigned from = log->count;
    (void)segm_resolve(query, log);
    for (unsigned i = from; i < log->count; i++)
        log->at[i].have = log->at[i].want = 0;
}

/* Asks the executing functions again with the same inputs, this time with a log. */
void explain_fill(rt386_explanation *out, uint16_t sel, uint8_t cpl, enum seg_purpose purpose,
                  bool located, lin_t where, desc_t desc, fault_t fault, const struct rt386 *m)
{
    struct check_log log = {.carry_on = true};
    struct seg_query query = {desc, sel, cpl, (uint8_t)purpose};
    fault_t ignored = {0};
    memset(out, 0, sizeof *out);
    out->purpose = segm_purpose_text(purpose);
    out->selector = sel;
    out->cpl = cpl;
    out->located = located;
    out->fault = fault_public(m, fault, m->cpu.s.eip, m->cpu.s.seg[CS].sel);
    if (!segm_null(sel, cpl, purpose, &ignored, &log) || is_fault(ignored)) {
        lin_t at = {0};
        ignored = segm_locate(&m->cpu.s.gdtr, &m->cpu.s.ldtr, sel, purpose, &at, &log);
        if (is_fault(fault) && fault.has_cr2) /* the table is on a page that is not there */
            ignored = log_pages(m, at, 8, ACCESS_READ, false, &log);
        if (located) {
            uint8_t bytes[8];
            put64(bytes, desc.raw);
            out->desc = rt386_desc_decode(bytes);
            out->descriptor_at = where.v;
            (void)segm_resolve(query, &log);
        } else {
            log_unread(query, &log);
        }
    }
    checks_public(out, &log);
}

static const enum seg_purpose load_purposes[] = {SEG_DATA, SEG_JMP,  SEG_STACK, SEG_DATA,
                                                 SEG_DATA, SEG_DATA, SEG_LLDT,  SEG_LTR};

static rt386_status explain_load_at(const rt386 *m, uint8_t cpl, rt386_segreg reg,
                                    uint16_t selector, rt386_explanation *out)
{
    enum seg_purpose purpose = load_purposes[reg];
    fault_t fault = {0};
    lin_t where = {0};
    desc_t desc = {0};
    bool located = false;
    if (!segm_null(selector, cpl, purpose, &fault, NULL)) {
        fault = segm_locate(&m->cpu.s.gdtr, &m->cpu.s.ldtr, selector, purpose, &where, NULL);
        uint8_t bytes[8];
        if (!is_fault(fault)) {
            if (!machine_lin_peek(m, where.v, bytes, 8)) return RT386_E_RANGE;
            located = true;
            desc.raw = get64(bytes);
            fault =
                segm_resolve((struct seg_query){desc, selector, cpl, (uint8_t)purpose}, NULL).fault;
        }
    }
    explain_fill(out, selector, cpl, purpose, located, where, desc, fault, m);
    return RT386_OK;
}

rt386_status rt386_explain_load(const rt386 *m, rt386_segreg reg, uint16_t selector,
                                rt386_explanation *out)
{
    if (!out || reg > RT386_TR) return RT386_E_ARG;
    return explain_load_at(m, m->cpu.s.cpl, reg, selector, out);
}

struct asked_access {
    struct seg seg;
    bool stack;
    uint8_t cpl;
    uint32_t offset;
    unsigned size;
    enum access access;
};

static const char *const access_words[] = {"read through a segment register",
                                           "write through a segment register", "instruction fetch"};

void explain_segment(const rt386 *m, const struct seg *seg, bool stack, uint32_t offset,
                     unsigned size, enum access access, rt386_explanation *out)
{
    struct check_log log = {.carry_on = true};
    memset(out, 0, sizeof *out);
    out->purpose = access_words[access];
    out->selector = seg->sel;
    out->cpl = m->cpu.s.cpl;
    fault_t fault = segm_check_access(seg, stack, eff(offset), size, access, &log);
    (void)fault; /* the log has it */
    checks_public(out, &log);
}

static void explain_access_of(const rt386 *m, const struct asked_access *a, rt386_explanation *out)
{
    struct check_log log = {.carry_on = true};
    memset(out, 0, sizeof *out);
    out->purpose = access_words[a->access];
    out->selector = a->seg.sel;
    out->cpl = a->cpl;
    fault_t f = segm_check_access(&a->seg, a->stack, eff(a->offset), a->size, a->access, &log);
    lin_t at = segm_linear(&a->seg, eff(a->offset));
    fault_t page = log_pages(m, at, a->size, a->access, a->cpl == 3, &log);
    if (!is_fault(f)) f = page;
    out->fault = fault_public(m, f, m->cpu.s.eip, m->cpu.s.seg[CS].sel);
    checks_public(out, &log);
}

rt386_status rt386_explain_access(const rt386 *m, rt386_segreg reg, uint32_t offset, unsigned n,
                                  rt386_access access, rt386_explanation *out)
{
    if (!out || reg > RT386_GS || !n || n > 4096) return RT386_E_ARG;
    const struct asked_access a = {.seg = m->cpu.s.seg[reg],
                                   .stack = reg == RT386_SS,
                                   .cpl = m->cpu.s.cpl,
                                   .offset = offset,
                                   .size = n,
                                   .access =
                                       access <= RT386_FETCH ? (enum access)access : ACCESS_READ};
    explain_access_of(m, &a, out);
    return RT386_OK;
}

/* The error code has no RPL, and the load may have been of any kind. */
static rt386_status explain_selector(const rt386 *m, const rt386_thread_fault *f,
                                     rt386_explanation *out)
{
    static const rt386_segreg kinds[] = {RT386_DS, RT386_SS, RT386_CS};
    uint8_t cpl = f->seg[RT386_CS].selector & 3;
    if (!(f->fault.error & 0xfffcu) || f->fault.error & 2) return RT386_E_NOTFOUND;
    for (unsigned i = 0; i < 4 * sizeof kinds / sizeof *kinds; i++) {
        uint16_t selector = (uint16_t)((f->fault.error & 0xfffcu) | (3 - i % 4));
        if (explain_load_at(m, cpl, kinds[i / 4], selector, out) != RT386_OK) continue;
        if (out->fault.raised && out->fault.rule == f->fault.rule &&
            out->fault.vector == f->fault.vector)
            return RT386_OK;
    }
    return RT386_E_NOTFOUND;
}

rt386_status rt386_explain_thread_fault(const rt386 *m, const rt386_thread_fault *f,
                                        rt386_explanation *out)
{
    if (!f || !out) return RT386_E_ARG;
    if (!f->fault.raised || !f->fault.rule) return RT386_E_NOTFOUND;
    if (!f->has_access) return explain_selector(m, f, out);
    if (f->access_seg > RT386_GS || f->access > RT386_FETCH) return RT386_E_ARG;
    const rt386_seg *s = &f->seg[f->access_seg];
    const struct asked_access a = {.seg = {.sel = s->selector,
                                           .sh = {.usable = s->usable,
                                                  .base = s->base,
                                                  .limit = s->limit,
                                                  .lo = s->lo,
                                                  .hi = s->hi,
                                                  .access = s->access,
                                                  .flags = s->flags}},
                                   .stack = f->access_seg == RT386_SS,
                                   .cpl = f->seg[RT386_CS].selector & 3,
                                   .offset = f->access_offset,
                                   .size = f->access_size ? f->access_size : 1,
                                   .access = (enum access)f->access};
    explain_access_of(m, &a, out);
    return out->fault.raised && out->fault.rule == f->fault.rule ? RT386_OK : RT386_E_NOTFOUND;
}

unsigned rt386_rule_count(void)
{
    return RULE_COUNT;
}

rt386_rule_info rt386_rule(unsigned rule)
{
    return (rt386_rule_info){rule_name(rule), rule_section(rule), rule_sentence(rule)};
}

const char *rt386_vector_mnemonic(unsigned vector)
{
    return vector_mnemonic(vector);
}

const char *rt386_vector_name(unsigned vector)
{
    return vector_name(vector);
}

/* --- INtime --- */

bool rt386_intime_process(const rt386 *m, unsigned index, rt386_process *out)
{
    struct rt_process_info p;
    if (!m->kernel || !out || !rt_process_info(m->kernel, index, &p)) return false;
    *out = (rt386_process){.handle = p.handle,
                           .cs = p.cs,
                           .ds = p.ds,
                           .vseg_base = p.vseg_base,
                           .vseg_size = p.vseg_size,
                           .objects = p.objects,
                           .pool_used = p.pool_used,
                           .alive = p.alive,
                           .xm = p.xm};
    memcpy(out->name, p.name, sizeof out->name);
    return true;
}

bool rt386_intime_object(const rt386 *m, uint16_t handle, rt386_object *out)
{
    struct rt_object_info o;
    if (!m->kernel || !out || handle % 8 || !rt_object_info(m->kernel, handle >> 3, &o))
        return false;
    *out = (rt386_object){.handle = o.handle,
                          .owner = o.owner,
                          .type = o.type,
                          .subtype = o.subtype,
                          .reference = o.reference};
    memcpy(out->name, o.name, sizeof out->name);
    memcpy(out->detail, o.detail, sizeof out->detail);
    return true;
}

bool rt386_intime_name(const rt386 *m, uint16_t process, unsigned index, rt386_dir_entry *out)
{
    struct rt_name_info n;
    if (!m->kernel || !out || !rt_name_info(m->kernel, process, index, &n)) return false;
    *out = (rt386_dir_entry){.handle = n.handle, .waited = n.waited};
    memcpy(out->name, n.name, sizeof out->name);
    return true;
}

bool rt386_intime_module(const rt386 *m, uint16_t process, uint32_t offset, rt386_module *out)
{
    struct rt_module_info i;
    if (!m->kernel || !out || !rt_module_at(m->kernel, process, offset, &i)) return false;
    *out = (rt386_module){.base = i.base, .size = i.size};
    memcpy(out->name, i.name, sizeof out->name);
    return true;
}

const char *rt386_intime_symbol(const rt386 *m, uint16_t process, uint32_t offset, uint32_t *behind)
{
    for (unsigned i = 0; i < m->loaded_count; i++) {
        const struct loaded *l = m->loaded[i];
        if (l->ended || !process || l->process != process) continue;
        const struct image_symbol *s = image_symbol_at(l->image, offset - l->delta);
        if (!s) continue;
        *behind = offset - l->delta - s->value;
        return s->name;
    }
    return NULL;
}

unsigned rt386_intime_free_slots(const rt386 *m)
{
    return m->kernel ? rt_free_slots(m->kernel) : 0;
}

const char *rt386_intime_status_name(uint32_t status)
{
    return rt_status_name(status);
}

const char *rt386_intime_status_text(uint32_t status)
{
    return rt_status_text(status);
}

uint16_t rt386_intime_thread(const rt386 *m, bool sleeping, unsigned index)
{
    return m->kernel ? rt_thread_at(m->kernel, sleeping, index) : 0;
}

bool rt386_intime_interrupt(const rt386 *m, unsigned index, rt386_interrupt *out)
{
    struct rt_interrupt_info i;
    if (!m->kernel || !out || !rt_interrupt_at(m->kernel, index, &i)) return false;
    *out = (rt386_interrupt){.level = i.level,
                             .vector = i.vector,
                             .priority = i.priority,
                             .process = i.process,
                             .thread = i.thread,
                             .outstanding = i.outstanding,
                             .max = i.max,
                             .enabled = i.enabled,
                             .shared = i.shared,
                             .message = i.message};
    return true;
}
