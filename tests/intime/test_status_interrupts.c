/* Statuses of the calls about interrupts. */
#include <criterion/criterion.h>
#include <string.h>

#include "statuses.h"

#define IRQ5   0x58u
#define IRQ6   0x68u
#define IRQ10  0x22u
#define SHARED 0x4000u
#define MSI    0x6000u

#define HANDLER(status, name, argument)                                                            \
    want_handler(f, seen, status, name, fake_handler(f, name, argument))

/* As `want`, but the last status is the handler's own. */
static void want_handler(struct fake *f, struct seen *seen, uint32_t status, const char *name,
                         uint32_t eax)
{
    const struct row *row = fake_row(name);
    cr_expect_eq(f->leave_status, status, "%s: %s instead of %s", name,
                 rt_status_name(f->leave_status), rt_status_name(status));
    mark(seen, row, f->leave_status);
    if (status != E_OK) cr_expect_eq(eax, row_failure(row), "%s: EAX %08X", name, eax);
    if (status != E_OK) cr_expect_eq(fake_handler(f, "GetLastRtError", 0), status, "%s", name);
    cr_expect_null(fake_check(f), "%s: %s", name, fake_check(f));
}

static void message_param(struct fake *f, uint32_t index, uint32_t vectors)
{
    uint8_t param[16] = {0};
    put16(param + 8, (uint16_t)index);
    put16(param + 10, (uint16_t)vectors);
    fake_put(f, SCRATCH, param, sizeof param);
}

static void setting(struct fake *f, struct seen *seen)
{
    WANT(E_PARAM, "SetRtInterruptHandler", 3, 0x08u, 0u, FAKE_IMAGE);
    WANT(E_PARAM, "SetRtInterruptHandler", 3, IRQ5, 1u, FAKE_IMAGE); /* priority 98 */
    WANT(E_BAD_ADDR, "SetRtInterruptHandler", 3, IRQ5, 0u, 0x800000u);
    WANT(E_OK, "SetRtInterruptHandler", 3, 0xFFFF0000u | IRQ5, 0xFFFFFF00u, FAKE_IMAGE);
    WANT(E_CONTEXT, "SetRtInterruptHandler", 3, IRQ5, 0u, FAKE_IMAGE);
    WANT(E_CONTEXT, "SetRtInterruptHandlerEx", 4, SHARED | IRQ5, 0u, FAKE_IMAGE, 0u);
    WANT(E_PARAM, "SetRtInterruptHandlerEx", 4, SHARED | 0x28u, 0u, FAKE_IMAGE, 0u);
    WANT(E_PARAM, "SetRtInterruptHandlerEx", 4, 0x6001u, 0u, FAKE_IMAGE, SCRATCH);
    WANT(E_BAD_ADDR, "SetRtInterruptHandlerEx", 4, MSI, 0u, FAKE_IMAGE, 0u);
    message_param(f, 0, 0xffff);
    WANT(E_EXIST, "SetRtInterruptHandlerEx", 4, MSI, 0u, FAKE_IMAGE, SCRATCH);
    message_param(f, 0, CALL1(f, "GetRtThreadHandles", 1));
    WANT(E_TYPE, "SetRtInterruptHandlerEx", 4, MSI, 0u, FAKE_IMAGE, SCRATCH);
    uint32_t vectors = CALL1(f, "AllocateRtInterrupts", 2);
    message_param(f, 2, vectors);
    WANT(E_PARAM, "SetRtInterruptHandlerEx", 4, MSI, 0u, FAKE_IMAGE, SCRATCH);
    message_param(f, 1, vectors);
    WANT(E_OK, "SetRtInterruptHandlerEx", 4, MSI, 0u, FAKE_IMAGE, SCRATCH);
    WANT(E_CONTEXT, "SetRtInterruptHandlerEx", 4, MSI, 0u, FAKE_IMAGE, SCRATCH);
    for (unsigned i = 0; i < SHARED_MAX; i++)
        WANT(E_OK, "SetRtInterruptHandlerEx", 4, SHARED | IRQ10, 0u, FAKE_IMAGE, i);
    WANT(E_LIMIT, "SetRtInterruptHandlerEx", 4, SHARED | IRQ10, 0u, FAKE_IMAGE, 0u);
    message_param(f, 0, 0);
    for (unsigned i = 2 + SHARED_MAX; i < INTERRUPTS; i++)
        WANT(E_OK, "SetRtInterruptHandlerEx", 4, MSI, 0u, FAKE_IMAGE, SCRATCH);
    WANT(E_LIMIT, "SetRtInterruptHandler", 3, IRQ6, 0u, FAKE_IMAGE);
    WANT(E_PARAM, "AllocateRtInterrupts", 1, 0u);
    WANT(E_PARAM, "AllocateRtInterrupts", 1, 3u);
    WANT(E_PARAM, "AllocateRtInterrupts", 1, 64u);
    WANT(E_OK, "AllocateRtInterrupts", 1, 32u);
    while (CALL1(f, "AllocateRtInterrupts", 1) != BAD_RTHANDLE) {
    }
    CALL1(f, "SetLastRtError", 0x7777);
    WANT(E_LIMIT, "AllocateRtInterrupts", 1, 1u);
}

static void looking(struct fake *f, struct seen *seen)
{
    WANT(E_PARAM, "GetRtInterruptInfo", 2, 0x08u, SCRATCH);
    WANT(E_CONTEXT, "GetRtInterruptInfo", 2, IRQ6, SCRATCH);
    WANT(E_BAD_ADDR, "GetRtInterruptInfo", 2, IRQ5, FAKE_RO);
    WANT(E_OK, "GetRtInterruptInfo", 2, IRQ5, SCRATCH);
    WANT(E_PARAM, "DisableRtInterrupt", 1, 0x08u);
    WANT(E_CONTEXT, "DisableRtInterrupt", 1, IRQ6);
    WANT(E_OK, "DisableRtInterrupt", 1, IRQ5);
    WANT(E_CONTEXT, "DisableRtInterrupt", 1, IRQ5);
    WANT(E_PARAM, "EnableRtInterrupt", 1, 0x08u);
    WANT(E_CONTEXT, "EnableRtInterrupt", 1, IRQ6);
    WANT(E_OK, "EnableRtInterrupt", 1, IRQ5);
    WANT(E_CONTEXT, "EnableRtInterrupt", 1, IRQ5);
}

static void from_handlers(struct fake *f, struct seen *seen)
{
    WANT(E_CONTEXT, "EnterRtInterrupt", 1, IRQ5);
    WANT(E_CONTEXT, "GetRtInterruptLevel", 0);
    WANT(E_CONTEXT, "SignalEndOfRtInterrupt", 1, IRQ5);
    WANT(E_CONTEXT, "SignalRtInterruptThread", 1, IRQ5);
    HANDLER(E_CONTEXT, "EnterRtInterrupt", 0x08u);
    HANDLER(E_OK, "EnterRtInterrupt", IRQ5);
    HANDLER(E_OK, "GetRtInterruptLevel", 0);
    HANDLER(E_PARAM, "SignalEndOfRtInterrupt", 0x08u);
    HANDLER(E_CONTEXT, "SignalEndOfRtInterrupt", IRQ6);
    HANDLER(E_OK, "SignalEndOfRtInterrupt", IRQ5);
    HANDLER(E_PARAM, "SignalRtInterruptThread", 0x08u);
    HANDLER(E_CONTEXT, "SignalRtInterruptThread", IRQ5);
    WANT(E_PARAM, "WaitForRtInterrupt", 2, 0x08u, 0u);
    WANT(E_PARAM, "WaitForRtInterrupt", 2, IRQ5, 655350u);
    WANT(E_CONTEXT, "WaitForRtInterrupt", 2, IRQ5, 0u);
    WANT(E_PARAM, "ResetRtInterruptHandler", 1, 0x08u);
    WANT(E_CONTEXT, "ResetRtInterruptHandler", 1, IRQ6);
    WANT(E_OK, "ResetRtInterruptHandler", 1, IRQ5);
}

void interrupt_calls(struct fake *f, struct seen *seen)
{
    setting(f, seen);
    looking(f, seen);
    from_handlers(f, seen);
}

/* The main thread serves IRQ5. */
void interrupt_threads(struct fake *f, struct seen *seen)
{
    uint32_t self = CALL1(f, "GetRtThreadHandles", 0);
    CALL2(f, "SetRtProcessMaxPriority", 0, 0);
    WANT(E_OK, "SetRtInterruptHandler", 3, IRQ5, 2u, FAKE_IMAGE);
    WANT(E_CONTEXT, "SetRtInterruptHandler", 3, IRQ6, 1u, FAKE_IMAGE);
    WANT(E_CONTEXT, "SuspendRtThread", 1, self);
    WANT(E_CONTEXT, "ResumeRtThread", 1, self);
    WANT(E_CONTEXT, "SetRtThreadPriority", 2, self, 200u);
    WANT(E_CONTEXT, "DeleteRtThread", 1, self);
    WANT(E_TIME, "WaitForRtInterrupt", 2, IRQ5, 9u);
    HANDLER(E_OK, "SignalRtInterruptThread", IRQ5);
    WANT(E_OK, "WaitForRtInterrupt", 2, IRQ5, WAIT_FOREVER);
    HANDLER(E_INTERRUPT_SATURATION, "SignalRtInterruptThread", IRQ5);
    HANDLER(E_INTERRUPT_OVERFLOW, "SignalRtInterruptThread", IRQ5);
    WANT(E_CONTEXT, "EnableRtInterrupt", 1, IRQ5);
    while (f->k->interrupt[0].count < OUTSTANDING)
        fake_handler(f, "SignalRtInterruptThread", IRQ5);
    HANDLER(E_LIMIT, "SignalRtInterruptThread", IRQ5);
}
