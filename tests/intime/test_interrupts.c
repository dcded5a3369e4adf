/* Interrupts in the kernel: levels, statuses, gates, masks, signals, the chain, faults of handlers. */
#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"

#define IRQ5  0x58u
#define IRQ10 0x22u

static struct fake *start(void)
{
    struct fake *f = fake_new(16u << 20, 0);
    fake_app(f);
    fake_run(f);
    CALL2(f, "SetRtProcessMaxPriority", 0, 0);
    return f;
}

static void finish(struct fake *f)
{
    const char *bad = fake_check(f);
    cr_expect_null(bad, "%s", bad);
    fake_free(f);
}

static void gate(struct fake *f, unsigned vector, uint16_t *selector, uint32_t *offset)
{
    uint8_t raw[8];
    memcpy(raw, f->ram + (f->k->idt + vector * 8 - FAKE_RAM_BASE), 8);
    *selector = get16(raw + 2);
    *offset = get16(raw) | (uint32_t)get16(raw + 6) << 16;
}

Test(interrupts, levels_and_lines)
{
    static const struct {
        uint32_t level;
        uint8_t line;
    } rows[] = {{0x18, 1},         {0x38, 3},          {0x78, 7},         {0x20, 8},
                {0x27, 15},        {0x08, LINE_NONE},  {0x28, LINE_NONE}, {0x88, LINE_NONE},
                {0x19, LINE_NONE}, {0x1018, LINE_NONE}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(level_line(rows[i].level), rows[i].line, "%x", rows[i].level);
    for (uint8_t line = 1; line < LINES; line++)
        if (line != LINE_CASCADE) cr_expect_eq(level_line(line_level(line)), line);
    cr_expect(level_valid(MESSAGE_LEVEL | 0x60) && level_valid(MESSAGE_LEVEL | 0xDF));
    cr_expect(!level_valid(MESSAGE_LEVEL | 0x5F) && !level_valid(MESSAGE_LEVEL | 0xE0));
    cr_expect(level_valid(SHARED_LEVEL | 0x358) && !level_valid(SHARED_LEVEL | 0x28));
}

Test(interrupts, a_handler_is_a_gate_into_ring_0)
{
    struct fake *f = start();
    uint16_t selector, stub_selector;
    uint32_t offset, stub;
    gate(f, 0xE5, &stub_selector, &stub);
    cr_assert_eq(CALL3(f, "SetRtInterruptHandler", IRQ5, 0, FAKE_IMAGE + 0x10), 1);
    gate(f, 0xE5, &selector, &offset);
    cr_expect_eq(offset, FAKE_IMAGE + 0x10);
    const struct rt_segdef *cs = &f->gdt[selector >> 3];
    const struct process *p = f->k->current->process;
    cr_expect(cs->kind == RT_SEG_CODE && cs->dpl == 0 && cs->base == p->base &&
              cs->limit == f->gdt[p->cs >> 3].limit);
    cr_expect_eq(f->imr, 0xffff & ~(1u << 5));
    cr_assert_eq(CALL1(f, "ResetRtInterruptHandler", IRQ5), 1);
    gate(f, 0xE5, &selector, &offset);
    cr_expect(selector == stub_selector && offset == stub);
    cr_expect_eq(f->imr, 0xffff);
    cr_assert_eq(CALL3(f, "SetRtInterruptHandler", IRQ10, 0, FAKE_IMAGE), 1);
    cr_expect_eq(f->imr, 0xffff & ~(1u << 10 | 1u << 2));
    finish(f);
}

Test(interrupts, priorities_mask)
{
    struct fake *f = start();
    CALL3(f, "SetRtInterruptHandler", IRQ5, 0, FAKE_IMAGE);
    static const struct {
        uint8_t priority;
        bool lines, messages;
    } rows[] = {{129, false, false}, {128, false, true}, {61, false, true},
                {60, true, true},    {3, true, true},    {0xFE, false, false}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_assert_eq(CALL2(f, "SetRtThreadPriority", 0, rows[i].priority), 1);
        cr_expect_eq(f->imr == 0xffff, rows[i].lines, "%u", rows[i].priority);
        cr_expect_eq(f->messages_masked, rows[i].messages, "%u", rows[i].priority);
    }
    finish(f);
}

/* The main thread serves IRQ5; handlers call by fake_handler. */
Test(interrupts, outstanding_signals)
{
    struct fake *f = start();
    cr_assert_eq(CALL3(f, "SetRtInterruptHandler", IRQ5, 2, FAKE_IMAGE), 1);
    cr_expect_eq(CALL1(f, "GetRtThreadPriority", 0), 98);
    cr_expect_eq(f->imr, 0xffff, "disabled until the first wait");
    f->in_service = 1u << 5;
    cr_expect_eq(fake_handler(f, "SignalRtInterruptThread", IRQ5), 1);
    cr_expect_eq(f->in_service, 0, "the end of the interrupt");
    cr_expect_eq(CALL2(f, "WaitForRtInterrupt", IRQ5, 0), 1);
    cr_expect_eq(f->imr, 0xffff & ~(1u << 5));
    cr_expect_eq(fake_handler(f, "SignalRtInterruptThread", IRQ5), 0);
    cr_expect_eq(fake_handler(f, "GetLastRtError", 0), E_INTERRUPT_SATURATION);
    cr_expect_eq(f->imr, 0xffff, "saturated");
    cr_expect_eq(fake_handler(f, "SignalRtInterruptThread", IRQ5), 0);
    cr_expect_eq(fake_handler(f, "GetLastRtError", 0), E_INTERRUPT_OVERFLOW);
    cr_expect_eq(CALL1(f, "EnableRtInterrupt", IRQ5), 0);
    cr_expect_eq(fake_last(f), E_CONTEXT, "an overflow is pending");
    for (unsigned i = 0; i < 252; i++)
        fake_handler(f, "SignalRtInterruptThread", IRQ5);
    cr_expect_eq(fake_handler(f, "SignalRtInterruptThread", IRQ5), 0);
    cr_expect_eq(fake_handler(f, "GetLastRtError", 0), E_LIMIT);
    unsigned served = 1;
    while (CALL2(f, "WaitForRtInterrupt", IRQ5, 0))
        served++;
    cr_expect_eq(fake_last(f), E_TIME);
    cr_expect_eq(served, 255);
    finish(f);
}

Test(interrupts, the_signal_preempts_at_once)
{
    struct fake *f = start();
    uint16_t main_thread = f->tr;
    CALL4(f, "CreateRtThread", 100, FAKE_IMAGE, 4096, 0);
    uint16_t t = f->tr;
    cr_assert_neq(t, main_thread, "the better thread runs");
    cr_assert_eq(CALL3(f, "SetRtInterruptHandler", IRQ5, 1, FAKE_IMAGE), 1);
    CALL2(f, "WaitForRtInterrupt", IRQ5, WAIT_FOREVER);
    cr_assert_eq(f->tr, main_thread);
    cr_expect_eq(f->idles, 0);
    fake_handler(f, "SignalRtInterruptThread", IRQ5);
    cr_expect_eq(f->tr, t);
    cr_expect_eq(f->eax, 1);
    /* with the scheduler locked by the handler it comes later */
    CALL2(f, "WaitForRtInterrupt", IRQ5, WAIT_FOREVER);
    fake_handler(f, "knStopRtScheduler", 0);
    fake_handler(f, "SignalRtInterruptThread", IRQ5);
    cr_expect_eq(f->tr, main_thread);
    fake_handler(f, "knStartRtScheduler", 0);
    cr_expect_eq(f->tr, t);
    finish(f);
}

Test(interrupts, what_handlers_may_not_call)
{
    struct fake *f = start();
    CALL3(f, "SetRtInterruptHandler", IRQ5, 0, FAKE_IMAGE);
    for (unsigned i = 0; i < rt_row_count; i++) {
        const struct row *row = &rt_rows[i];
        if (row->flags & (FLAG_HANDLER | FLAG_LOCKED)) continue;
        fake_handler(f, row->name, 0);
        cr_expect_eq(f->leave_status, E_CONTEXT, "%s", row->name);
    }
    cr_expect_eq(fake_handler(f, "EnterRtInterrupt", IRQ5), 1);
    cr_expect_eq(f->edx, f->k->current->process->ds & ~3u);
    cr_expect_eq(fake_handler(f, "EnterRtInterrupt", 0x68), 0);
    cr_expect_eq(fake_handler(f, "GetLastRtError", 0), E_CONTEXT);
    f->in_service = 1u << 5;
    cr_expect_eq(fake_handler(f, "GetRtInterruptLevel", 0), IRQ5);
    f->in_service = 1u << 2 | 1u << 10;
    cr_expect_eq(fake_handler(f, "GetRtInterruptLevel", 0), IRQ10);
    f->in_service = 0;
    cr_expect_eq(fake_handler(f, "GetRtInterruptLevel", 0), 0x78, "nothing in service: 7");
    uint32_t area = f->k->current->process->base + FAKE_DATA;
    f->in_service = 1u << 2;
    cr_expect_eq(fake_handler(f, "GetRtInterruptLevel", 0), 0x27, "line 2 alone: 15");
    fake_handler(f, "knReleaseRtSemaphore", area);
    cr_expect_eq(f->leave_status, E_CONTEXT);
    fake_handler(f, "knStopRtScheduler", 0);
    fake_handler(f, "knReleaseRtSemaphore", area);
    cr_expect_eq(f->leave_status, E_OK);
    fake_handler(f, "knStartRtScheduler", 0);
    finish(f);
}

Test(interrupts, a_process_takes_its_levels_along)
{
    struct fake *f = fake_new(16u << 20, 0);
    fake_app(f);
    fake_run(f);
    CALL3(f, "SetRtInterruptHandler", IRQ10, 0, FAKE_IMAGE);
    cr_expect_neq(f->imr, 0xffff);
    CALL0(f, "ExitRtProcess");
    cr_expect_eq(f->ends, 1);
    cr_expect_eq(f->imr, 0xffff);
    uint16_t selector;
    uint32_t offset;
    gate(f, 0xEA, &selector, &offset);
    cr_expect_eq(selector, 8);
    finish(f);
}

Test(interrupts, no_deadlock_while_a_device_may_interrupt)
{
    struct fake *f = start();
    f->irq_comes = true;
    CALL3(f, "SetRtInterruptHandler", IRQ5, 1, FAKE_IMAGE);
    CALL2(f, "WaitForRtInterrupt", IRQ5, WAIT_FOREVER);
    cr_expect_eq(f->idles, 0);
    f->irq_comes = false;
    fake_run(f);
    cr_expect_eq(f->idles, 1);
    cr_expect_eq(f->idle_code, 1);
    finish(f);
}

Test(interrupts, a_fault_of_a_handler_ends_the_node)
{
    struct fake *f = start();
    CALL3(f, "SetRtInterruptHandler", IRQ5, 0, FAKE_IMAGE);
    uint16_t cs = f->k->current->process->ring0_cs;
    fake_fault_at(f, 14, 0, cs);
    cr_expect_eq(f->ends, 1);
    cr_expect_eq(f->end_code, 0x810E);
    cr_expect_eq(f->idles, 1);
    cr_expect_eq(f->idle_code, 2);
    fake_free(f);
}

/* The chain asks for one handler after the other: level, parameter, address, DS. */
Test(interrupts, the_chain_of_a_shared_line)
{
    struct fake *f = start();
    uint32_t a = CALL4(f, "SetRtInterruptHandlerEx", SHARED_LEVEL | IRQ10, 0, FAKE_IMAGE, 0x111);
    uint32_t b =
        CALL4(f, "SetRtInterruptHandlerEx", SHARED_LEVEL | IRQ10, 0, FAKE_IMAGE + 4, 0x222);
    uint32_t room[8];
    cr_assert_eq(a, SHARED_LEVEL | IRQ10);
    cr_assert_eq(b, SHARED_LEVEL | 0x100 | IRQ10);
    fake_chain(f, 0xEA, 0, room);
    cr_expect_eq(f->eax, 1);
    cr_expect(room[0] == a && room[1] == 0x111 && room[2] == FAKE_IMAGE);
    cr_expect_eq(room[3], f->k->current->process->ring0_cs);
    cr_expect_eq(room[4], f->k->current->process->ds & ~3u);
    cr_expect_eq(room[5], 0, "RETF");
    cr_expect_eq(room[6], f->k->current->process->directory);
    fake_chain(f, 0xEA, room[7], room);
    cr_expect(f->eax == 1 && room[0] == b && room[1] == 0x222 && room[2] == FAKE_IMAGE + 4);
    f->in_service = 1u << 2 | 1u << 10;
    fake_chain(f, 0xEA, room[7], room);
    cr_expect_eq(f->eax, 0);
    cr_expect_eq(f->in_service, 0, "nobody ended it, so the kernel does");
    finish(f);
}

/* A thread of another address space runs: the handler is reached through the chain, which ends it by IRET. */
Test(interrupts, a_handler_of_another_address_space)
{
    struct fake *f = start();
    uint16_t owner = rt_current_process(f->k), selector;
    uint32_t offset, room[8];
    struct rt_process_attr attr = {
        .name = "XM", .pool_min = 0x80000, .pool_max = 0xffffffffu, .xm = true};
    CALL3(f, "SetRtInterruptHandler", IRQ5, 0, FAKE_IMAGE + 0x20);
    fake_process(f, &attr);
    CALL1(f, "RtSleep", 100);
    cr_assert_neq(rt_current_process(f->k), owner);
    gate(f, 0xE5, &selector, &offset);
    cr_expect_eq(selector, 8, "the kernel's code");
    fake_chain(f, 0xE5, 0, room);
    const struct process *p = object_find(f->k, owner)->process;
    cr_expect(f->eax == 1 && room[2] == FAKE_IMAGE + 0x20 && room[5] == 1);
    cr_expect_eq(room[6], p->directory);
    fake_chain(f, 0xE5, room[7], room);
    cr_expect_eq(f->eax, 0);
    fake_time(f, 200000);
    CALL1(f, "RtSleep", 10);
    fake_time(f, 300000);
    cr_assert_eq(rt_current_process(f->k), owner);
    gate(f, 0xE5, &selector, &offset);
    cr_expect_eq(offset, FAKE_IMAGE + 0x20, "a gate of its own again");
    finish(f);
}
