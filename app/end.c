#include "end.h"

#include <string.h>

int end_fault_status(unsigned vector)
{
    switch (vector) {
    case 0: /* #DE */
    case 7: /* #NM: no coprocessor to be had */
    case 9: /* coprocessor segment overrun */
    case 16:
    case 19: /* #MF, #XM */ return STATUS_FPE;
    case 1:
    case 3: /* #DB, #BP */ return STATUS_TRAP;
    case 6: /* #UD */ return STATUS_ILL;
    case 8: /* #DF */ return STATUS_ABORT;
    case 17: /* #AC */ return STATUS_BUS;
    default: /* #OF, #BR, #TS, #NP, #SS, #GP, #PF */ return STATUS_SEGV;
    }
}

const char *end_kind_name(rt386_exit_kind kind)
{
    static const char *const name[] = {
        [RT386_EXIT_BUDGET] = "limit",
        [RT386_EXIT_TIME] = "limit",
        [RT386_EXIT_GUEST] = "guest-exit",
        [RT386_EXIT_FAULT] = "fault",
        [RT386_EXIT_EXCEPTION] = "exception",
        [RT386_EXIT_TRIPLE_FAULT] = "triple-fault",
        [RT386_EXIT_HALT] = "halt",
        [RT386_EXIT_DEADLOCK] = "deadlock",
        [RT386_EXIT_SHUTDOWN_PORT] = "shutdown",
        [RT386_EXIT_MISSING_CALL] = "unsupported",
        [RT386_EXIT_STOPPED] = "interrupted",
        [RT386_EXIT_DIVERGED] = "divergence",
    };
    return (unsigned)kind < sizeof name / sizeof *name ? name[kind] : "host";
}

static void end_tell(struct end *e, int status, const char *text)
{
    e->status = status;
    snprintf(e->text, sizeof e->text, "%s", text);
}

static void end_set(struct end *e, const char *kind, int status, const char *text)
{
    e->kind = kind;
    end_tell(e, status, text);
}

static void end_guest(struct end *e, uint32_t code)
{
    e->status = (int)(code & 0xff);
    e->has_code = true;
    e->code = code;
    e->folded = code >= STATUS_DEADLOCK;
    snprintf(e->text, sizeof e->text, "the guest ended with exit code %u (0x%x)", code, code);
}

static void end_halt(struct end *e, uint32_t code, bool post)
{
    end_tell(e, STATUS_OK, "the guest executed HLT with interrupts off: a normal end");
    if (!post) return;
    e->has_code = true;
    e->code = code;
    bool good = (code & 0xff) == 0xff;
    if (!good) e->status = STATUS_ABORT;
    snprintf(e->text, sizeof e->text, "the guest halted; its last POST code was %02Xh%s", code,
             good ? "" : ", not FFh (all passed)");
}

static void end_stopped(struct end *e, enum stop_reason reason)
{
    switch (reason) {
    case STOP_TIMEOUT:
        end_set(e, "timeout", STATUS_TIMEOUT, "the time-out passed before the guest ended");
        break;
    case STOP_INT: end_tell(e, STATUS_INT, "interrupted"); break;
    case STOP_TERM: end_tell(e, STATUS_TERM, "terminated"); break;
    case STOP_OUTPUT: end_set(e, "host", STATUS_USAGE, "standard output takes no more"); break;
    case STOP_NONE: end_set(e, "host", STATUS_USAGE, "the run was stopped"); break;
    }
}

static void end_fault(struct end *e, const rt386_exit *why)
{
    const rt386_fault *f = &why->fault;
    e->status = end_fault_status(f->vector);
    char error[32] = "";
    if (f->has_error) snprintf(error, sizeof error, ", error code 0x%04x", f->error);
    snprintf(e->text, sizeof e->text, "%s%.15s%sunhandled %s (%s)%s at %04x:%08x",
             why->process[0] ? "process " : "", why->process, why->process[0] ? ": " : "",
             rt386_vector_mnemonic(f->vector), rt386_vector_name(f->vector), error, f->cs, f->eip);
}

static void end_exception(struct end *e, const rt386_exit *why)
{
    e->status = STATUS_ABORT;
    e->has_code = true;
    e->code = why->code;
    snprintf(e->text, sizeof e->text, "process %.15s: unhandled software exception 0x%08x",
             why->process, why->code);
}

static void end_triple(struct end *e, const rt386_exit *why)
{
    e->status = STATUS_ABORT;
    const rt386_fault *f = why->chain;
    int n = snprintf(e->text, sizeof e->text, "triple fault, the processor shut down");
    for (unsigned i = 0; i < why->chain_length && i < 3; i++)
        n += snprintf(e->text + n, sizeof e->text - (size_t)n, "%s %s (%s)", i ? ", then" : ":",
                      rt386_vector_mnemonic(f[i].vector), rt386_rule(f[i].rule).name);
    if (why->chain_length)
        snprintf(e->text + n, sizeof e->text - (size_t)n, "; the first at %04x:%08x", f[0].cs,
                 f[0].eip);
}

struct end end_of_run(const rt386_exit *why, enum stop_reason reason, bool post)
{
    struct end e = {.why = *why, .kind = end_kind_name(why->kind)};
    switch (why->kind) {
    case RT386_EXIT_GUEST: end_guest(&e, why->code); break;
    case RT386_EXIT_HALT: end_halt(&e, why->code, post); break;
    case RT386_EXIT_FAULT: end_fault(&e, why); break;
    case RT386_EXIT_EXCEPTION: end_exception(&e, why); break;
    case RT386_EXIT_TRIPLE_FAULT: end_triple(&e, why); break;
    case RT386_EXIT_STOPPED: end_stopped(&e, reason); break;
    case RT386_EXIT_BUDGET:
        end_tell(&e, STATUS_LIMIT,
                 why->fault.raised ? why->text : "the instruction limit was reached");
        break;
    case RT386_EXIT_TIME:
        end_tell(&e, STATUS_LIMIT, "the limit of virtual time was reached");
        break;
    case RT386_EXIT_DEADLOCK:
        end_tell(&e, STATUS_DEADLOCK, "deadlock: every thread waits for ever");
        break;
    case RT386_EXIT_SHUTDOWN_PORT:
        end_tell(&e, STATUS_OK, "the guest asked for shutdown through port 0x8900");
        break;
    case RT386_EXIT_DIVERGED: end_tell(&e, STATUS_DIVERGED, why->text); break;
    case RT386_EXIT_BREAK: end_set(&e, "breakpoint", STATUS_OK, why->text); break;
    case RT386_EXIT_MISSING_CALL:
        end_tell(&e, STATUS_UNSUPPORTED,
                 why->text[0] ? why->text
                              : "the guest asked for something this build does not have");
        break;
    }
    if (!e.text[0]) end_tell(&e, STATUS_USAGE, "the run ended for a reason unknown to rt386");
    return e;
}

struct end end_of_host(int status, const char *text)
{
    struct end e = {0};
    end_set(&e, "host", status, text);
    return e;
}

void fault_json(struct json *j, const char *key, const rt386_fault *f)
{
    rt386_rule_info rule = rt386_rule(f->rule);
    json_open(j, key, '{');
    json_num(j, "vector", f->vector);
    json_str(j, "mnemonic", rt386_vector_mnemonic(f->vector));
    if (f->has_error) json_hex(j, "error_code", f->error, 4);
    if (f->has_cr2) json_hex(j, "cr2", f->cr2, 8);
    json_hex(j, "cs", f->cs, 4);
    json_hex(j, "eip", f->eip, 8);
    if (f->rule) {
        json_str(j, "rule", rule.name);
        json_str(j, "section", rule.section);
        json_str(j, "sentence", rule.sentence);
    }
    json_close(j, '}');
}

/* Nothing when every call was there. */
static void missing_json(struct json *j, const rt386 *machine)
{
    rt386_missing_call c;
    if (!machine || !rt386_missing_at(machine, 0, &c)) return;
    json_open(j, "missing", '[');
    for (unsigned i = 0; rt386_missing_at(machine, i, &c); i++) {
        json_open(j, NULL, '{');
        json_str(j, "call", c.name);
        json_str(j, "module", c.module);
        json_hex(j, "offset", c.offset, 8);
        json_hex(j, "address", c.address, 8);
        json_open(j, "arguments", '[');
        for (unsigned n = 0; n < 4; n++)
            json_hex(j, NULL, c.argument[n], 8);
        json_close(j, ']');
        json_num(j, "times", c.times);
        json_close(j, '}');
    }
    json_close(j, ']');
}

void end_json(struct text *t, const struct end *e)
{
    struct json j = {.to = t};
    json_open(&j, NULL, '{');
    json_str(&j, "schema", SCHEMA_RUN);
    json_open(&j, "end", '{');
    json_str(&j, "kind", e->kind);
    json_num(&j, "status", (uint64_t)e->status);
    if (e->has_code) json_num(&j, "code", e->code);
    if (!strcmp(e->kind, "fault")) {
        json_num(&j, "vector", e->why.fault.vector);
        fault_json(&j, "fault", &e->why.fault);
    }
    if (e->why.chain_length) {
        json_open(&j, "chain", '[');
        for (unsigned i = 0; i < e->why.chain_length && i < 3; i++)
            fault_json(&j, NULL, &e->why.chain[i]);
        json_close(&j, ']');
    }
    if (e->why.process[0]) json_str(&j, "process", e->why.process);
    missing_json(&j, e->machine);
    json_num(&j, "insns", e->why.insns);
    json_num(&j, "clocks", e->why.clocks);
    json_str(&j, "text", e->text);
    json_close(&j, '}');
    json_close(&j, '}');
}
