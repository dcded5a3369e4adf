/* Exceptions: what a fault leaves on the thread's stack for its handlers, and what becomes of the thread
 * when none of them takes it. */
#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"

#define DISPATCHER (FAKE_IMAGE + 0x800)
#define STACK      (FAKE_DATA + 0xF00)
#define EXCEPTION  (FAKE_DATA + 0x40)
#define CONTEXT    0x2CCu
#define RECORD     80u
#define FAULT_EIP  (FAKE_IMAGE + 0x12)
#define USER_ENTRY (FAKE_IMAGE + 0x900)

struct seen_fault {
    unsigned count;
    struct rt_fault_info info;
    struct rt_fault fault;
};

static void on_fault(void *ctx, const struct rt_fault_info *info)
{
    struct seen_fault *s = ctx;
    s->count++;
    s->info = *info;
    s->fault = *info->fault;
}

static const struct process *current(const struct fake *f)
{
    return f->k->current->process;
}

/* Frame on the kernel stack as the processor and the stub build it; returns where it lies. */
static uint32_t fault_at(struct fake *f, uint32_t vector, uint32_t error, uint32_t esp, uint16_t ss)
{
    uint8_t stack[28];
    const uint32_t words[7] = {vector, error, FAULT_EIP, current(f)->cs, 0x13246, esp, ss};
    uint32_t at = f->k->current->tss + PAGE - (uint32_t)sizeof stack;
    for (unsigned i = 0; i < 7; i++)
        put32(stack + 4 * i, words[i]);
    f->k->port.phys_write(f, at, stack, sizeof stack);
    struct rt_trap trap = {.point = RT_POINT_FAULT,
                           .tr = f->tr,
                           .stack_lin = kernel_lin(at),
                           .ds = 0x1111,
                           .es = 0x2222,
                           .fs = 0x3333,
                           .gs = 0x4444,
                           .cr2 = current(f)->base + 0x1234,
                           .gpr = {1, 2, 3, 4, 0xdead, 6, 7, 8},
                           .cause = {.known = true,
                                     .vector = (uint8_t)vector,
                                     .eip = FAULT_EIP,
                                     .cs = current(f)->cs,
                                     .rule = 99}};
    struct rt_effects fx;
    rt_kernel_trap(f->k, &trap, &fx);
    fake_apply(f, &fx);
    return at;
}

static uint32_t phys32(struct fake *f, uint32_t at)
{
    uint8_t raw[4] = {0};
    f->k->port.phys_read(f, at, raw, 4);
    return get32(raw);
}

static struct fake *app(enum rt_fault_action action, struct seen_fault *seen)
{
    struct fake *f = fake_new(0x1000000, 0);
    f->k->config.on_fault = action;
    const struct rt_observer observer = {.ctx = seen, .fault = on_fault};
    rt_kernel_observe(f->k, &observer);
    fake_app(f);
    fake_run(f);
    return f;
}

static uint32_t word(const uint8_t *context, uint32_t at)
{
    return get32(context + at);
}

Test(excepts, a_fault_goes_to_the_dispatcher)
{
    struct seen_fault seen = {0};
    struct fake *f = app(RT_FAULT_REPORT, &seen);
    cr_assert_eq(CALL1(f, "RslSetDispatcher", DISPATCHER), 1);
    uint32_t frame = fault_at(f, 14, 6, STACK, current(f)->ds);
    cr_expect_eq(seen.count, 0, "its handlers come first");
    cr_expect_eq(phys32(f, frame + 8), DISPATCHER);
    cr_expect_eq(phys32(f, frame + 12), current(f)->cs);
    cr_expect_eq(phys32(f, frame + 16), 0x3202, "IF and IOPL only");
    uint32_t low = phys32(f, frame + 20);
    uint8_t args[8], record[RECORD], context[CONTEXT];
    fake_get(f, low, args, 8);
    fake_get(f, get32(args), record, RECORD);
    fake_get(f, get32(args + 4), context, CONTEXT);
    cr_expect(get32(args) >= low + 8 && get32(args + 4) + CONTEXT <= STACK - 64);
    cr_expect_eq(word(record, 0), 0xC0000005);
    cr_expect_eq(word(record, 4), 0);
    cr_expect_eq(word(record, 12), FAULT_EIP);
    cr_expect_eq(word(record, 16), 2);
    cr_expect_eq(word(record, 20), 1, "a write");
    cr_expect_eq(word(record, 24), 0x1234, "an offset, as the program knows it");
    const uint32_t want[][2] = {
        {0x8C, 0x4444}, {0x90, 0x3333},    {0x94, 0x2222},  {0x98, 0x1111}, {0x9C, 8},
        {0xA0, 7},      {0xA4, 4},         {0xA8, 3},       {0xAC, 2},      {0xB0, 1},
        {0xB4, 6},      {0xB8, FAULT_EIP}, {0xC0, 0x13246}, {0xC4, STACK},  {0xC8, current(f)->ds}};
    for (unsigned i = 0; i < sizeof want / sizeof want[0]; i++)
        cr_expect_eq(word(context, want[i][0]), want[i][1], "at %X", want[i][0]);
    fake_free(f);
}

Test(excepts, codes_of_all_vectors)
{
    static const uint32_t codes[20] = {0xC0000094, 0x80000004, 0xC000001D, 0x80000003, 0xC0000095,
                                       0xC000008C, 0xC000001D, 0xC000001D, 0xC000001D, 0xC000001D,
                                       0xC000001D, 0xC0000005, 0xC00000FD, 0xC0000005, 0xC0000005,
                                       0xC000001D, 0xC000001D, 0x80000002, 0xC000001D, 0xC000001D};
    struct seen_fault seen = {0};
    struct fake *f = app(RT_FAULT_REPORT, &seen);
    CALL1(f, "RslSetDispatcher", DISPATCHER);
    for (uint32_t v = 0; v < 20; v++) {
        uint8_t args[8], record[RECORD];
        uint32_t frame = fault_at(f, v, 0, STACK, current(f)->ds);
        fake_get(f, phys32(f, frame + 20), args, 8);
        fake_get(f, get32(args), record, RECORD);
        cr_expect_eq(get32(record), codes[v], "vector %u", v);
        cr_expect_eq(get32(record + 16), codes[v] == 0xC0000005 ? 2 : 0);
    }
    fake_free(f);
}

/* Where there is no stack for a handler, or nobody to search, the kernel decides at once. */
Test(excepts, a_fault_without_a_stack)
{
    static const struct {
        uint32_t esp;
        uint16_t ss; /* 0: the process's own */
    } stacks[] = {{0x200, 0}, {FAKE_RO + 0x800, 0}, {0xFFFFFFF0, 0}, {STACK, 0x23}, {0, 0}};
    for (unsigned i = 0; i < sizeof stacks / sizeof stacks[0]; i++) {
        struct seen_fault seen = {0};
        struct fake *f = app(RT_FAULT_REPORT, &seen);
        CALL1(f, "RslSetDispatcher", DISPATCHER);
        fault_at(f, 12, 0, stacks[i].esp, stacks[i].ss ? stacks[i].ss : current(f)->ds);
        cr_expect_eq(seen.count, 1, "stack %u", i);
        cr_expect_eq(f->end_reason, RT_END_FAULT);
        cr_expect_eq(f->end_code, 0x810C);
        cr_expect_eq(seen.fault.cause.rule, 99);
        cr_expect_null(fake_check(f), "%s", fake_check(f));
        fake_free(f);
    }
}

/* The record and the context of the last fault, for RslUnhandledException. */
static uint32_t unhandled(struct fake *f, uint32_t vector)
{
    uint8_t args[8];
    uint32_t frame = fault_at(f, vector, 0, STACK, current(f)->ds);
    fake_get(f, phys32(f, frame + 20), args, 8);
    return CALL2(f, "RslUnhandledException", get32(args), get32(args + 4));
}

Test(excepts, nobody_took_it)
{
    static const struct {
        enum rt_fault_action action;
        uint8_t reason;
    } cases[] = {{RT_FAULT_REPORT, RT_END_FAULT}, {RT_FAULT_DELETE_PROCESS, RT_END_DELETED}};
    for (unsigned i = 0; i < 2; i++) {
        struct seen_fault seen = {0};
        struct fake *f = app(cases[i].action, &seen);
        uint16_t process = rt_current_process(f->k);
        CALL1(f, "RslSetDispatcher", DISPATCHER);
        unhandled(f, 13);
        cr_expect_eq(seen.count, 1);
        cr_expect_eq(seen.info.process, process);
        cr_expect_eq(seen.info.code, 0x810D);
        cr_expect_not(seen.info.software);
        cr_expect_eq(seen.fault.gpr[0], 1, "registers are those of the fault");
        cr_expect_eq(seen.fault.gpr[4], STACK);
        cr_expect_eq(f->ends, 1);
        cr_expect_eq(f->end_process, process);
        cr_expect_eq(f->end_reason, cases[i].reason);
        cr_expect_eq(f->end_code, 0x810D);
        fake_free(f);
    }
}

Test(excepts, a_suspended_thread_can_go_on)
{
    HOLDS_POINTERS();
    struct seen_fault seen = {0};
    struct fake *f = app(RT_FAULT_SUSPEND, &seen);
    fake_app(f); /* somebody who resumes it */
    struct thread *t = f->k->current;
    CALL1(f, "RslSetDispatcher", DISPATCHER);
    unhandled(f, 6);
    cr_expect_neq(rt_current_thread(f->k), t->handle);
    cr_expect_eq(t->depth, 1);
    uint8_t state[102];
    CALL2(f, "GetRtThreadState", t->handle, FAKE_DATA);
    fake_get(f, FAKE_DATA, state, sizeof state);
    cr_expect_eq(state[4], 0x20);
    cr_expect_eq(CALL1(f, "ResumeRtThread", t->handle), 1);
    CALL1(f, "SuspendRtThread", 0);
    cr_expect_eq(rt_current_thread(f->k), t->handle);
    cr_expect_eq(f->eax, 0, "no handler to call: the context goes on");
    cr_expect_eq(f->ends, 0);
    fake_free(f);
}

Test(excepts, a_thread_alone_is_deleted)
{
    struct seen_fault seen = {0};
    struct fake *f = app(RT_FAULT_DELETE_THREAD, &seen);
    uint32_t main_thread = rt_current_thread(f->k);
    uint32_t region = CALL1(f, "CreateRtRegion", 0);
    uint32_t other = CALL4(f, "CreateRtThread", 200, FAKE_IMAGE, 4096, 0);
    CALL1(f, "WaitForRtControl", region); /* what it holds goes on */
    CALL1(f, "RslSetDispatcher", DISPATCHER);
    unhandled(f, 0);
    cr_expect_eq(rt_current_thread(f->k), other);
    cr_expect_null(object_find(f->k, main_thread));
    cr_expect_eq(CALL1(f, "AcceptRtControl", region), 1);
    cr_expect_eq(f->ends, 0);
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    fake_free(f);
}

Test(excepts, software_exceptions_have_their_own_code)
{
    struct seen_fault seen = {0};
    struct fake *f = app(RT_FAULT_REPORT, &seen);
    uint8_t record[RECORD] = {0}, context[CONTEXT] = {0};
    put32(record, 0xE06D7363);
    put32(context + 0xB8, 0x1234);
    put32(context + 0xC4, 0x5678);
    fake_put(f, FAKE_DATA, record, sizeof record);
    fake_put(f, FAKE_DATA + 0x100, context, sizeof context);
    CALL2(f, "RslUnhandledException", FAKE_DATA, FAKE_DATA + 0x100);
    cr_expect(seen.info.software);
    cr_expect_eq(seen.info.code, 0xE06D7363);
    cr_expect_eq(seen.fault.eip, 0x1234);
    cr_expect_eq(seen.fault.gpr[4], 0x5678);
    cr_expect_eq(f->end_code, 0xE06D7363);
    cr_expect_str_eq(f->text, "software exception E06D7363 was not handled");
    fake_free(f);
}

/* A software exception whose context lies where a fault's lay before is none. */
Test(excepts, a_place_used_again)
{
    struct seen_fault seen = {0};
    struct fake *f = app(RT_FAULT_REPORT, &seen);
    uint8_t args[8], code[4];
    CALL1(f, "RslSetDispatcher", DISPATCHER);
    uint32_t frame = fault_at(f, 13, 0, STACK, current(f)->ds);
    fake_get(f, phys32(f, frame + 20), args, 8);
    put32(code, 0xE0000001);
    fake_put(f, get32(args), code, 4);
    CALL2(f, "RslUnhandledException", get32(args), get32(args + 4));
    cr_expect(seen.info.software);
    cr_expect_eq(seen.info.code, 0xE0000001);
    fake_free(f);
}

static uint32_t handler_set(struct fake *f, uint32_t entry, uint8_t mode)
{
    uint8_t info[7] = {0};
    put32(info, entry);
    info[6] = mode;
    fake_put(f, EXCEPTION, info, sizeof info);
    return CALL1(f, "SetRtExceptionHandler", EXCEPTION);
}

static uint32_t handler_get(struct fake *f, uint32_t id, uint8_t *mode)
{
    uint8_t info[7] = {0};
    cr_assert_eq(CALL2(f, "GetRtExceptionHandlerInfo", id, EXCEPTION), 1);
    fake_get(f, EXCEPTION, info, sizeof info);
    cr_expect_eq(get16(info + 4), get32(info) ? current(f)->cs : 0);
    *mode = info[6];
    return get32(info);
}

Test(excepts, handlers_are_inherited_when_a_thread_is_made)
{
    struct seen_fault seen = {0};
    struct fake *f = app(RT_FAULT_DELETE_THREAD, &seen);
    uint8_t mode;
    uint32_t delete_thread = handler_get(f, 5, &mode), suspend = handler_get(f, 6, &mode);
    cr_expect_eq(handler_get(f, 0, &mode), 0);
    cr_expect_eq(handler_get(f, 3, &mode), delete_thread, "what the configuration says");
    cr_expect_eq(mode, 0x30);
    cr_expect_eq(handler_set(f, suspend, 0x11), 1, "of the process");
    cr_expect_eq(handler_get(f, 1, &mode), suspend);
    cr_expect_eq(mode, 0x11);
    cr_expect_eq(handler_get(f, 0, &mode), 0, "this thread is older");
    cr_expect_eq(handler_set(f, 0, 3), 1, "null: what its process has");
    cr_expect_eq(handler_get(f, 0, &mode), suspend);
    cr_expect_eq(mode, 3);
    uint32_t t = CALL4(f, "CreateRtThread", 200, FAKE_IMAGE, 4096, 0);
    cr_expect_eq(object_find(f->k, t)->thread->handler.kind, HANDLER_SUSPEND);
    cr_expect_eq(handler_set(f, delete_thread, 0x20), 1, "system-wide: the root process's");
    fake_app(f);
    cr_expect_eq(f->k->process[f->k->process_count - 1]->handler.kind, HANDLER_DELETE_THREAD);
    fake_free(f);
}

Test(excepts, a_handler_of_the_programs_own)
{
    struct seen_fault seen = {0};
    struct fake *f = app(RT_FAULT_REPORT, &seen);
    CALL1(f, "RslSetDispatcher", DISPATCHER);
    cr_expect_eq(handler_set(f, USER_ENTRY, 0), 1);
    cr_expect_eq(unhandled(f, 0), USER_ENTRY);
    cr_expect_eq(seen.info.action, RT_FAULT_CALL);
    cr_expect_eq(f->ends, 0);
    fault_at(f, 0, 0, 0x200, current(f)->ds);
    cr_expect_eq(seen.info.action, RT_FAULT_REPORT, "no stack to call it on");
    fake_free(f);
}

/* A system-wide handler in one program's memory cannot be called in another's. */
Test(excepts, a_handler_in_another_process)
{
    struct seen_fault seen = {0};
    struct fake *f = app(RT_FAULT_REPORT, &seen);
    uint8_t mode;
    cr_expect_eq(handler_set(f, USER_ENTRY, 0x30), 1);
    cr_expect_eq(handler_get(f, 3, &mode), USER_ENTRY);
    fake_app(f);
    CALL1(f, "SuspendRtThread", 0);
    cr_expect_eq(handler_get(f, 3, &mode), 0);
    CALL1(f, "RslSetDispatcher", DISPATCHER);
    unhandled(f, 0);
    cr_expect_eq(seen.info.action, RT_FAULT_REPORT);
    fake_free(f);
}

/* Behind the addresses of the system's handlers is code that calls the kernel. */
Test(excepts, code_of_the_systems_handlers)
{
    static const char *const names[] = {"ExitRtProcess", "DeleteRtThread", "SuspendRtThread"};
    struct seen_fault seen = {0};
    struct fake *f = app(RT_FAULT_REPORT, &seen);
    for (uint32_t i = 0; i < 3; i++) {
        uint8_t mode, code[24];
        fake_get(f, handler_get(f, 4 + i, &mode), code, sizeof code);
        const struct row *row = fake_row(names[i]);
        cr_expect_eq(code[7], 0x68);
        cr_expect_eq(get32(code + 8), (uint32_t)row->number << 16 | row->class);
        cr_expect_eq(code[12], 0x9A);
        cr_expect_eq(get16(code + 17), RT_CALL_GATE_SEL);
    }
    fake_free(f);
}

/* The root's HW_FAULT_MBX is there from the start; what nobody fetches does not pile up. */
Test(excepts, messages_about_hardware_faults)
{
    struct seen_fault seen = {0};
    struct fake *f = app(RT_FAULT_REPORT, &seen);
    const uint32_t box = SLOT_FAULT_MAILBOX << 3;
    const unsigned free = rt_free_slots(f->k);
    CALL1(f, "SuspendRtThread", 0); /* it only keeps the node alive */
    for (unsigned i = 0; i < 5; i++) {
        fake_app(f);
        fake_run(f);
        fault_at(f, i, 0, 0, 0);
    }
    fake_app(f);
    fake_run(f);
    cr_expect_eq(rt_free_slots(f->k), free - 5, "the last process, no longer queue");
    cr_expect_eq(CALL3(f, "LookupRtHandle", RT_ROOT_PROCESS, fake_string(f, "HW_FAULT_MBX"), 0),
                 box);
    for (unsigned i = 0; i < 3; i++) {
        uint8_t message[12];
        cr_expect_eq(CALL3(f, "ReceiveRtData", box, FAKE_DATA, 0), sizeof message);
        fake_get(f, FAKE_DATA, message, sizeof message);
        cr_expect_eq(get16(message + 4), 0x8100 + i);
        cr_expect_eq(get32(message + 6), FAULT_EIP);
    }
    cr_expect_eq(CALL3(f, "ReceiveRtData", box, FAKE_DATA, 0), 0);
    fake_free(f);
}
