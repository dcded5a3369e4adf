/* segload.c: selector -> descriptor -> segment register. */
#include "exec.h"
#include "transfer.h"

static void tell(struct i386_cpu *cpu, uint16_t sel, uint8_t cpl, enum seg_purpose purpose,
                 const struct resolved *r)
{
    const struct cpu_observer *obs = cpu->obs;
    if (obs && obs->selector)
        obs->selector(obs->ctx, cpu, sel, cpl, purpose, r->read, r->where, r->desc,
                      r->answer.fault);
}

/* Null, table, descriptor, rules; the outcome is in out->answer. */
static void resolve(struct i386_cpu *cpu, uint16_t sel, uint8_t cpl, enum seg_purpose purpose,
                    struct resolved *out)
{
    const struct i386_state *s = &cpu->s;
    const struct page_env env = cpu_page_cached(cpu);
    fault_t *fault = &out->answer.fault;
    *out = (struct resolved){.answer = {.kind = KIND_NULL, .sh = shadow_null(), .new_cpl = cpl}};
    if (segm_null(sel, cpl, purpose, fault, NULL)) return;
    *fault = segm_locate(&s->gdtr, &s->ldtr, sel, purpose, &out->where, NULL);
    if (is_fault(*fault)) return;
    out->located = true;
    *fault = lin_read64(&env, out->where, &out->desc.raw);
    if (is_fault(*fault)) return;
    out->read = true;
    struct seg_query query = {out->desc, sel, cpl, (uint8_t)purpose};
    out->answer = segm_resolve(query, NULL);
}

fault_t descriptor_resolve(struct i386_cpu *cpu, uint16_t sel, uint8_t cpl,
                           enum seg_purpose purpose, struct resolved *out)
{
    resolve(cpu, sel, cpl, purpose, out);
    tell(cpu, sel, cpl, purpose, out);
    return out->answer.fault;
}

/* Only the access byte differs, so one byte is written. */
#define ACCESS_BYTE_AT 5u

fault_t descriptor_write_access(struct i386_cpu *cpu, lin_t where, desc_t image)
{
    TRY(sys_write(cpu, lin(where.v + ACCESS_BYTE_AT), 1, desc_access(image)));
    if (note_wanted(cpu)) {
        const struct cpu_note note = {.kind = NOTE_BYTE, .where = where, .image = image};
        note_tell(cpu, &note);
    }
    return fault_none();
}

fault_t descriptor_write_back(struct i386_cpu *cpu, const struct resolved *r)
{
    if (!r->answer.write_back) return fault_none();
    return descriptor_write_access(cpu, r->where, r->answer.image);
}

static fault_t prepare_protected(struct i386_cpu *cpu, enum segreg reg, uint16_t sel,
                                 struct seg_load *load)
{
    struct resolved r;
    TRY(descriptor_resolve(cpu, sel, cpu->s.cpl, reg == SS ? SEG_STACK : SEG_DATA, &r));
    TRY(descriptor_write_back(cpu, &r));
    load->seg = (struct seg){.sel = sel, .sh = r.answer.sh};
    return fault_none();
}

fault_t segload_prepare(struct i386_cpu *cpu, enum segreg reg, uint16_t sel, struct seg_load *load)
{
    const struct i386_state *s = &cpu->s;
    if (state_descriptors(s)) return prepare_protected(cpu, reg, sel, load);
    load->seg = (struct seg){.sel = sel};
    load->seg.sh = state_v86(s) ? shadow_v86(sel) : shadow_real(s->seg[reg].sh, sel);
    return fault_none();
}

void segload_commit(struct i386_cpu *cpu, enum segreg reg, const struct seg_load *load)
{
    if (note_wanted(cpu)) {
        const struct cpu_note note = {.kind = NOTE_LOADED, .loaded = {reg, &load->seg}};
        note_tell(cpu, &note);
    }
    cpu->s.seg[reg] = load->seg;
}

fault_t cpu_seg_load(struct i386_cpu *cpu, enum segreg reg, uint16_t sel)
{
    struct seg_load load;
    if (reg == CS) return fault_make(VEC_UD, 0, RULE_FAR_LOAD_CS);
    TRY(segload_prepare(cpu, reg, sel, &load));
    segload_commit(cpu, reg, &load);
    return fault_none();
}

void cpu_seg_poke(struct i386_cpu *cpu, enum segreg reg, struct seg seg)
{
    cpu->s.seg[reg] = seg;
    if (reg == CS && state_descriptors(&cpu->s)) cpu->s.cpl = SEL_RPL(seg.sel);
}
