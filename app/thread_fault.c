#include "thread_fault.h"

#include "end.h"

const char *thread_fault_action(const rt386_thread_fault *e)
{
    switch (e->action) {
    case RT386_ON_FAULT_DELETE_PROCESS: return "the process is deleted";
    case RT386_ON_FAULT_DELETE_THREAD: return "the thread is deleted";
    case RT386_ON_FAULT_SUSPEND: return "the thread is suspended";
    case RT386_ON_FAULT_CALLED: return "the program's own handler is called";
    default: return "the process ends";
    }
}

void thread_fault_words(struct text *t, const rt386_thread_fault *e)
{
    text_addf(t, "process %.15s, thread 0x%04x: unhandled ", e->process_name, e->thread);
    if (e->software)
        text_addf(t, "software exception 0x%08x", e->code);
    else
        text_addf(t, "%s (%s)", rt386_vector_mnemonic(e->fault.vector),
                  rt386_vector_name(e->fault.vector));
    if (e->fault.has_error) text_addf(t, ", error code 0x%04x,", e->fault.error);
    text_addf(t, " at %04x:%08x: %s", e->seg[RT386_CS].selector, e->eip, thread_fault_action(e));
}

void thread_fault_json(struct json *j, const rt386_thread_fault *e)
{
    static const char *const actions[] = {"report", "delete-process", "delete-thread", "suspend",
                                          "handler"};
    json_hex(j, "process", e->process, 4);
    json_str(j, "name", e->process_name);
    json_hex(j, "thread", e->thread, 4);
    json_bool(j, "software", e->software);
    json_hex(j, "code", e->code, e->software ? 8 : 4);
    json_str(j, "action", actions[(unsigned)e->action < 5 ? (unsigned)e->action : 0]);
    json_hex(j, "cs", e->seg[RT386_CS].selector, 4);
    json_hex(j, "eip", e->eip, 8);
    if (e->fault.raised) fault_json(j, "fault", &e->fault);
}
