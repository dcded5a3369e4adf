#include "trace_text.h"

#include "desc_text.h"
#include "json.h"
#include "trace.h"

#include <string.h>

const char *trace_reg_name(unsigned i)
{
    static const char *const name[TRACE_REGS] = {"eax", "ecx", "edx", "ebx", "esp",
                                                 "ebp", "esi", "edi", "eip", "eflags"};
    return name[i % TRACE_REGS];
}

uint32_t trace_reg(const rt386_trace_regs *r, unsigned i)
{
    return i < 8 ? r->gpr[i] : i == 8 ? r->eip : r->eflags;
}

const char *trace_kind_name(rt386_trace_kind kind)
{
    static const char *const name[] = {
        [RT386_TRACE_INSN] = "insn",   [RT386_TRACE_MEM] = "mem",
        [RT386_TRACE_FIELD] = "field", [RT386_TRACE_LOAD] = "load",
        [RT386_TRACE_TABLE] = "table", [RT386_TRACE_EVENT] = "event",
        [RT386_TRACE_IO] = "io",       [RT386_TRACE_TASK] = "task",
        [RT386_TRACE_CALL] = "call",   [RT386_TRACE_PROCESS] = "process"};
    return (unsigned)kind < sizeof name / sizeof *name ? name[kind] : "?";
}

void trace_insn_words(struct disasm *d, const rt386_trace_insn *in, char *to, size_t size)
{
    rt386_insn_event e = {.cs = in->cs,
                          .eip = in->before.eip,
                          .linear = in->linear,
                          .length = in->length,
                          .code32 = in->code32,
                          .cpu = RT386_CPU_386};
    memcpy(e.bytes, in->bytes, sizeof e.bytes);
    disasm_text(d, &e, to, size);
}

static void access_line(struct text *t, const rt386_trace_access *a)
{
    text_addf(t, "    %s:%08x %08x %s %0*x\n", segreg_name(a->seg), a->offset, a->linear,
              a->access == RT386_WRITE ? "<-" : "->", a->size >= 4 ? 8 : a->size * 2, a->value);
}

static void insn_lines(struct text *t, struct disasm *d, const rt386_trace_item *i)
{
    const rt386_trace_insn *in = &i->insn;
    char bytes[2 * sizeof in->bytes + 1] = "", words[160];
    for (unsigned n = 0; n < in->length && n < sizeof in->bytes; n++)
        snprintf(bytes + 2 * n, 3, "%02x", in->bytes[n]);
    trace_insn_words(d, in, words, sizeof words);
    text_addf(t, "%llu %04x:%08x %08x %-20s %s", (unsigned long long)i->insns, in->cs,
              in->before.eip, in->linear, bytes, words);
    for (unsigned n = 0; n < 8; n++)
        if (in->before.gpr[n] != in->after.gpr[n])
            text_addf(t, "  %s=%08x", trace_reg_name(n), in->after.gpr[n]);
    if (in->before.eflags != in->after.eflags) text_addf(t, "  eflags=%08x", in->after.eflags);
    text_add(t, "\n");
    for (unsigned n = 0; n < in->accesses; n++)
        access_line(t, &in->access[n]);
}

static void load_line(struct text *t, const rt386_trace_item *i)
{
    text_addf(t, "    %s: %04x", i->load.purpose, i->load.selector);
    if (i->load.located) text_addf(t, ", %s", rt386_desc_decode(i->load.descriptor).text);
    if (i->load.rule_name[0]) text_addf(t, ": refused by %s", i->load.rule_name);
    text_add(t, "\n");
}

static void event_line(struct text *t, const rt386_trace_item *i)
{
    static const char *const source[] = {"fault", "trap", "INT", "interrupt"};
    const char *at = strchr("ftsx", i->event.source);
    text_addf(t, "    %s, vector %u", at && *at ? source[at - "ftsx"] : "event", i->event.vector);
    if (i->event.source == 'f') text_addf(t, " %s", rt386_vector_mnemonic(i->event.vector));
    if (i->event.has_error) text_addf(t, "(0x%04x)", i->event.error);
    if (i->event.has_cr2) text_addf(t, ", cr2 %08x", i->event.cr2);
    if (i->event.rule_name[0]) text_addf(t, ": %s", i->event.rule_name);
    text_add(t, "\n");
}

static void call_line(struct text *t, const rt386_trace_item *i)
{
    text_addf(t, "    %04x: %s(%s)", i->call.thread, i->call.name, i->call.arguments);
    if (i->call.leaving && i->call.blocked)
        text_add(t, " waits");
    else if (i->call.leaving)
        text_addf(t, " = 0x%x, %s", i->call.result, rt386_intime_status_name(i->call.status));
    text_add(t, "\n");
}

static void field_line(struct text *t, const rt386_trace *trace, const rt386_trace_item *i)
{
    unsigned bits = 32;
    const char *name = rt386_trace_field_name(trace, i->field.index, &bits);
    int digits = (int)(bits + 3) / 4;
    text_addf(t, "    %s: %0*llx -> %0*llx\n", name ? name : "?", digits,
              (unsigned long long)i->field.before, digits, (unsigned long long)i->field.after);
}

void trace_item_text(struct text *t, struct disasm *d, const rt386_trace *trace,
                     const rt386_trace_item *i)
{
    switch (i->kind) {
    case RT386_TRACE_INSN: insn_lines(t, d, i); break;
    case RT386_TRACE_MEM: access_line(t, &i->mem); break;
    case RT386_TRACE_FIELD: field_line(t, trace, i); break;
    case RT386_TRACE_LOAD: load_line(t, i); break;
    case RT386_TRACE_TABLE:
        text_addf(t, "    gdt %04x: %s (%s)\n", i->table.selector,
                  rt386_desc_decode(i->table.after).text, i->table.owner);
        break;
    case RT386_TRACE_EVENT: event_line(t, i); break;
    case RT386_TRACE_IO:
        text_addf(t, "    port %04x %s %0*x\n", i->io.port, i->io.out ? "<-" : "->", i->io.size * 2,
                  i->io.value);
        break;
    case RT386_TRACE_TASK: text_addf(t, "    task %04x -> %04x\n", i->task.from, i->task.to); break;
    case RT386_TRACE_CALL: call_line(t, i); break;
    case RT386_TRACE_PROCESS:
        text_addf(t, "    process %04x %s %s", i->process.handle, i->process.name,
                  i->process.started ? "begins\n" : "ends");
        if (!i->process.started) text_addf(t, " with %u\n", i->process.code);
        break;
    }
}

/* --- JSON --- */

static void access_json(struct json *j, const char *key, const rt386_trace_access *a)
{
    json_open(j, key, '{');
    json_str(j, "access", a->access == RT386_WRITE ? "write" : "read");
    json_str(j, "register", segreg_name(a->seg));
    json_hex(j, "offset", a->offset, 8);
    json_hex(j, "linear", a->linear, 8);
    json_hex(j, "physical", a->physical, 8);
    json_num(j, "size", a->size);
    json_hex(j, "value", a->value, 8);
    json_close(j, '}');
}

static void insn_json(struct json *j, struct disasm *d, const rt386_trace_insn *in)
{
    char words[160];
    trace_insn_words(d, in, words, sizeof words);
    json_hex(j, "cs", in->cs, 4);
    json_hex(j, "eip", in->before.eip, 8);
    json_hex(j, "linear", in->linear, 8);
    json_bytes(j, "bytes", in->bytes, in->length);
    json_str(j, "text", words);
    json_num(j, "clocks", in->clocks);
    json_open(j, "changed", '{');
    for (unsigned n = 0; n < 8; n++)
        if (in->before.gpr[n] != in->after.gpr[n])
            json_hex(j, trace_reg_name(n), in->after.gpr[n], 8);
    if (in->before.eflags != in->after.eflags) json_hex(j, "eflags", in->after.eflags, 8);
    json_hex(j, "eip", in->after.eip, 8);
    json_close(j, '}');
    json_open(j, "memory", '[');
    for (unsigned n = 0; n < in->accesses; n++)
        access_json(j, NULL, &in->access[n]);
    json_close(j, ']');
}

static void call_json(struct json *j, const rt386_trace_item *i)
{
    json_str(j, "name", i->call.name);
    json_str(j, "arguments", i->call.arguments);
    json_hex(j, "process", i->call.process, 4);
    json_hex(j, "thread", i->call.thread, 4);
    json_bool(j, "leaving", i->call.leaving);
    json_bool(j, "blocked", i->call.blocked);
    if (i->call.leaving && !i->call.blocked) {
        json_hex(j, "result", i->call.result, 8);
        json_str(j, "status", rt386_intime_status_name(i->call.status));
    }
}

static void event_json(struct json *j, const rt386_trace_item *i)
{
    json_num(j, "vector", i->event.vector);
    json_str(j, "source", (char[]){i->event.source, 0});
    if (i->event.has_error) json_hex(j, "error", i->event.error, 4);
    if (i->event.has_cr2) json_hex(j, "cr2", i->event.cr2, 8);
    if (i->event.rule_name[0]) json_str(j, "rule", i->event.rule_name);
}

static void load_json(struct json *j, const rt386_trace_item *i)
{
    json_str(j, "purpose", i->load.purpose);
    json_hex(j, "selector", i->load.selector, 4);
    json_num(j, "cpl", i->load.cpl);
    if (i->load.located) {
        json_hex(j, "descriptor_at", i->load.descriptor_at, 8);
        json_bytes(j, "descriptor", i->load.descriptor, 8);
    }
    json_bool(j, "refused", i->load.rule_name[0] != 0);
    if (i->load.rule_name[0]) json_str(j, "rule", i->load.rule_name);
}

static void small_json(struct json *j, const rt386_trace *trace, const rt386_trace_item *i)
{
    unsigned bits = 32;
    const char *name;
    switch (i->kind) {
    case RT386_TRACE_FIELD:
        name = rt386_trace_field_name(trace, i->field.index, &bits);
        json_str(j, "field", name ? name : "?");
        json_hex(j, "before", i->field.before, (bits + 3) / 4);
        json_hex(j, "after", i->field.after, (bits + 3) / 4);
        break;
    case RT386_TRACE_TABLE:
        json_hex(j, "selector", i->table.selector, 4);
        json_hex(j, "linear", i->table.linear, 8);
        json_bytes(j, "before", i->table.before, 8);
        json_bytes(j, "after", i->table.after, 8);
        json_str(j, "owner", i->table.owner);
        break;
    case RT386_TRACE_IO:
        json_hex(j, "port", i->io.port, 4);
        json_bool(j, "out", i->io.out);
        json_num(j, "size", i->io.size);
        json_hex(j, "value", i->io.value, 8);
        break;
    case RT386_TRACE_TASK:
        json_hex(j, "from", i->task.from, 4);
        json_hex(j, "to", i->task.to, 4);
        break;
    default:
        json_hex(j, "handle", i->process.handle, 4);
        json_str(j, "name", i->process.name);
        json_bool(j, "started", i->process.started);
        if (!i->process.started) json_num(j, "code", i->process.code);
        break;
    }
}

void trace_item_json(struct text *t, struct disasm *d, const rt386_trace *trace,
                     const rt386_trace_item *i)
{
    struct json j = {.to = t};
    json_open(&j, NULL, '{');
    json_str(&j, "kind", trace_kind_name(i->kind));
    json_num(&j, "insns", i->insns);
    json_num(&j, "clock", i->clocks);
    switch (i->kind) {
    case RT386_TRACE_INSN: insn_json(&j, d, &i->insn); break;
    case RT386_TRACE_MEM: access_json(&j, "memory", &i->mem); break;
    case RT386_TRACE_LOAD: load_json(&j, i); break;
    case RT386_TRACE_EVENT: event_json(&j, i); break;
    case RT386_TRACE_CALL: call_json(&j, i); break;
    default: small_json(&j, trace, i); break;
    }
    json_close(&j, '}');
    text_add(t, "\n");
}
