/* account_json.c: an account as JSON, one object; docs/account-format.md lists the keys. And the names of its parts, which are the
 * same in words. */
#include "account_text.h"

#include "desc_text.h"
#include "end.h"

static const char *const reg_names[] = {"es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"};

const char *account_end_name(rt386_account_end end)
{
    static const char *const names[] = {"retired", "fault", "interrupt", "shutdown", "idle"};
    return names[end <= RT386_ACCOUNT_IDLE ? end : RT386_ACCOUNT_IDLE];
}

const char *account_element_name(rt386_element element)
{
    static const char *const names[] = {"EIP", "CS", "EFLAGS", "ESP",        "SS",       "ES",
                                        "DS",  "FS", "GS",     "error code", "parameter"};
    return names[element <= RT386_ELEMENT_PARAMETER ? element : 0];
}

const char *account_stage_name(rt386_task_stage stage)
{
    static const char *const names[] = {"back link read", "begin",    "commit",
                                        "saved",          "not busy", "busy",
                                        "linked",         "fetched",  "registers"};
    return names[stage <= RT386_TASK_REGISTERS ? stage : 0];
}

static void seg_json(struct json *j, const char *key, const rt386_seg *s)
{
    json_open(j, key, '{');
    json_hex(j, "selector", s->selector, 4);
    json_bool(j, "usable", s->usable);
    json_hex(j, "base", s->base, 8);
    json_hex(j, "limit", s->limit, 8);
    json_hex(j, "first", s->lo, 8);
    json_hex(j, "last", s->hi, 8);
    json_hex(j, "access", s->access, 2);
    json_hex(j, "flags", s->flags, 1);
    json_close(j, '}');
}

static void checks_json(struct json *j, const rt386_explanation *why)
{
    static const char *const states[] = {"passed", "failed", "not reached"};
    if (!why->count) return;
    json_open(j, "checks", '[');
    for (unsigned i = 0; i < why->count; i++) {
        const rt386_check *c = &why->checks[i];
        rt386_rule_info rule = rt386_rule(c->rule);
        json_open(j, NULL, '{');
        json_str(j, "rule", rule.name);
        json_str(j, "section", rule.section);
        json_str(j, "state", states[c->state]);
        json_hex(j, "have", c->have, 8);
        json_hex(j, "want", c->want, 8);
        if (c->where) json_hex(j, "at", c->where, 8);
        json_close(j, '}');
    }
    json_close(j, ']');
}

void account_why_json(struct json *j, const rt386_explanation *why)
{
    json_num(j, "cpl", why->cpl);
    if (why->purpose) json_str(j, "purpose", why->purpose);
    if (why->located) json_hex(j, "descriptor_at", why->descriptor_at, 8);
    if (why->located) desc_json(j, "descriptor", &why->desc);
    checks_json(j, why);
    if (why->fault.raised) fault_json(j, "fault", &why->fault);
}

static void pages_json(struct json *j, const rt386_step *s)
{
    if (!s->pages) return;
    json_open(j, "pages", '[');
    for (unsigned i = 0; i < s->pages; i++) {
        const rt386_step_page *g = &s->page[i];
        json_open(j, NULL, '{');
        json_hex(j, "linear", g->walk.linear, 8);
        json_hex(j, "pde_at", g->walk.pde_at, 8);
        json_hex(j, "pde", g->walk.pde, 8);
        json_hex(j, "pde_after", g->pde_after, 8);
        if (g->walk.pte_valid) {
            json_hex(j, "pte_at", g->walk.pte_at, 8);
            json_hex(j, "pte", g->walk.pte, 8);
            json_hex(j, "pte_after", g->pte_after, 8);
        }
        if (g->walk.mapped) json_hex(j, "physical", g->walk.phys, 8);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void access_json(struct json *j, const rt386_step *s)
{
    static const char *const verbs[] = {"read", "write", "fetch"};
    json_str(j, "access", verbs[s->access]);
    json_num(j, "size", s->size);
    json_hex(j, "offset", s->offset, 8);
    json_hex(j, "linear", s->linear, 8);
    if (s->kind != RT386_STEP_FAULT) json_hex(j, "value", s->value, 8);
    seg_json(j, "segment", &s->before);
    pages_json(j, s);
}

static void task_json(struct json *j, const rt386_step *s)
{
    static const char *const how[] = {"jmp", "call", "int", "iret"};
    json_str(j, "stage", account_stage_name(s->task.stage));
    json_str(j, "by", how[s->task.how & 3]);
    json_hex(j, "from", s->task.from, 4);
    json_hex(j, "to", s->task.to, 4);
    if (s->size) json_hex(j, "linear", s->linear, 8);
    if (s->size) json_num(j, "size", s->size);
    if (s->value) json_hex(j, "value", s->value, 8);
}

static void port_json(struct json *j, const rt386_step *s)
{
    json_hex(j, "port", s->port, 4);
    json_num(j, "size", s->size);
    if (s->kind == RT386_STEP_PORT)
        json_str(j, "access", s->access == RT386_WRITE ? "write" : "read");
    if (s->kind == RT386_STEP_IO_MAP) json_hex(j, "map_base", s->offset, 4);
    if (s->kind == RT386_STEP_IO_MAP) json_hex(j, "linear", s->linear, 8);
    json_hex(j, "value", s->value, 8);
}

static void call_json(struct json *j, const rt386_step *s)
{
    json_str(j, "name", s->call.name);
    json_str(j, "phase", s->call.blocked ? "block" : s->call.leaving ? "leave" : "enter");
    json_str(j, "arguments", s->call.arguments);
    if (!s->call.leaving || s->call.blocked) return;
    json_hex(j, "result", s->call.result, 8);
    json_hex(j, "status", s->call.status, 4);
}

static void body_json(struct json *j, const rt386_step *s)
{
    switch (s->kind) {
    case RT386_STEP_SELECTOR: json_hex(j, "selector", s->selector, 4); break;
    case RT386_STEP_GATE:
        json_num(j, "vector", s->vector);
        json_hex(j, "linear", s->linear, 8);
        if (s->value) json_hex(j, "value", s->value, 8);
        break;
    case RT386_STEP_PUSH:
        json_str(j, "element", account_element_name(s->element));
        if (s->element == RT386_ELEMENT_PARAMETER) json_num(j, "number", s->number);
        access_json(j, s);
        break;
    case RT386_STEP_MEMORY: access_json(j, s); break;
    case RT386_STEP_STACK:
        json_num(j, "level", s->level);
        json_hex(j, "linear", s->linear, 8);
        json_hex(j, "selector", s->selector, 4);
        json_hex(j, "value", s->value, 8);
        break;
    case RT386_STEP_TARGET:
        json_hex(j, "value", s->value, 8);
        json_hex(j, "linear", s->linear, 8);
        seg_json(j, "after", &s->after);
        break;
    case RT386_STEP_DESCRIPTOR:
        json_hex(j, "linear", s->linear, 8);
        desc_json(j, "before", &s->old_desc);
        desc_json(j, "after", &s->new_desc);
        break;
    case RT386_STEP_REGISTER:
        seg_json(j, "before", &s->before);
        seg_json(j, "after", &s->after);
        break;
    case RT386_STEP_TASK: task_json(j, s); break;
    case RT386_STEP_IO_MAP:
    case RT386_STEP_PORT: port_json(j, s); break;
    case RT386_STEP_FAULT:
        if (s->has_reg) access_json(j, s);
        break;
    case RT386_STEP_DELIVERY:
        json_num(j, "vector", s->vector);
        json_str(j, "source", (char[]){s->source, 0});
        break;
    case RT386_STEP_CALL: call_json(j, s); break;
    case RT386_STEP_ENTRY:
        json_hex(j, "selector", s->selector, 4);
        json_hex(j, "linear", s->linear, 8);
        json_str(j, "owner", s->owner);
        desc_json(j, "before", &s->old_desc);
        desc_json(j, "after", &s->new_desc);
        break;
    }
}

void account_step_json(struct json *j, const rt386_step *step)
{
    static const char *const kinds[] = {"selector", "gate",       "memory",   "stack", "push",
                                        "target",   "descriptor", "register", "task",  "io map",
                                        "port",     "fault",      "delivery", "call",  "entry"};
    json_open(j, NULL, '{');
    json_str(j, "step", kinds[step->kind]);
    if (step->has_reg) json_str(j, "register", reg_names[step->reg]);
    body_json(j, step);
    account_why_json(j, &step->why);
    json_close(j, '}');
}

void account_insn_json(struct json *j, const rt386_insn_event *insn)
{
    json_hex(j, "cs", insn->cs, 4);
    json_hex(j, "eip", insn->eip, 8);
    json_bytes(j, "bytes", insn->bytes, insn->length);
}

static void state_json(struct json *j, const char *key, const rt386_account_state *s)
{
    static const char *const gpr[] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    json_open(j, key, '{');
    for (unsigned i = 0; i < 8; i++)
        json_hex(j, gpr[i], s->gpr[i], 8);
    json_hex(j, "eip", s->eip, 8);
    json_hex(j, "eflags", s->eflags, 8);
    json_hex(j, "cr0", s->cr0, 8);
    json_hex(j, "cr2", s->cr2, 8);
    json_hex(j, "cr3", s->cr3, 8);
    json_num(j, "cpl", s->cpl);
    for (unsigned i = 0; i < 8; i++)
        seg_json(j, reg_names[i], &s->seg[i]);
    json_close(j, '}');
}

void account_json(struct json *j, const rt386_account *account)
{
    const rt386_account_result *r = rt386_account_result_of(account);
    const rt386_step *s;
    json_open(j, NULL, '{');
    json_str(j, "schema", SCHEMA_ACCOUNT);
    json_str(j, "end", account_end_name(r->end));
    json_num(j, "deliveries", r->deliveries);
    if (r->fault.raised) fault_json(j, "fault", &r->fault);
    if (r->has_insn) account_insn_json(j, &r->insn);
    json_open(j, "steps", '[');
    for (unsigned i = 0; (s = rt386_account_step(account, i)); i++)
        account_step_json(j, s);
    json_close(j, ']');
    state_json(j, "before", &r->before);
    state_json(j, "after", &r->after);
    json_close(j, '}');
}
