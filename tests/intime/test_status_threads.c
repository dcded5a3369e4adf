/* Statuses of the calls about threads. */
#include <criterion/criterion.h>

#include "statuses.h"

void thread_calls(struct fake *f, struct seen *seen)
{
    uint32_t self = CALL1(f, "GetRtThreadHandles", 1);
    WANT(E_OK, "RtSleep", 1, 9u);
    WANT(E_PARAM, "RtSleep", 1, 655350u);
    WANT(E_OK, "RtSleepEx", 1, 0u);
    WANT(E_PARAM, "RtSleepEx", 1, 0xffffffffu);
    WANT(E_OK, "knRtSleep", 1, 0u);
    WANT(E_EXIST, "SuspendRtThread", 1, 0xffffu);
    WANT(E_TYPE, "SuspendRtThread", 1, self);
    WANT(E_EXIST, "ResumeRtThread", 1, 0xffffu);
    WANT(E_TYPE, "ResumeRtThread", 1, self);
    WANT(E_STATE, "ResumeRtThread", 1, 0u);
    uint16_t running = rt_current_thread(f->k);
    uint16_t other = fake_app(f);
    struct thread *t = object_find(f->k, other)->process->threads;
    cr_assert_eq(running, rt_current_thread(f->k), "an equal thread does not preempt");
    for (unsigned i = 0; i < 254; i++)
        cr_assert_eq(CALL1(f, "SuspendRtThread", t->handle), 1);
    WANT(E_LIMIT, "SuspendRtThread", 1, (uint32_t)t->handle);
    WANT(E_OK, "ResumeRtThread", 1, (uint32_t)t->handle);
    WANT(E_OK, "SuspendRtThread", 1, (uint32_t)t->handle);
}

void making_calls(struct fake *f, struct seen *seen)
{
    uint32_t self = CALL1(f, "GetRtThreadHandles", 1);
    WANT(E_PARAM, "CreateRtThread", 4, 150u, FAKE_IMAGE, 0u, 0u);
    WANT(E_PARAM, "CreateRtThread", 4, 255u, FAKE_IMAGE, 4096u, 0u);
    WANT(E_BAD_ADDR, "CreateRtThread", 4, 150u, 0x800000u, 4096u, 0u);
    WANT(E_LIMIT, "CreateRtThread", 4, 128u, FAKE_IMAGE, 4096u, 0u);
    WANT(E_MEM, "CreateRtThread", 4, 150u, FAKE_IMAGE, 0x7ffff000u, 0u);
    WANT(E_OK, "CreateRtThread", 4, 0u, FAKE_IMAGE, 4097u, 5u);
    uint32_t t = CALL4(f, "CreateRtThread", 150, FAKE_IMAGE, 1, 0);
    WANT(E_EXIST, "GetRtThreadPriority", 1, 0xffffu);
    WANT(E_TYPE, "GetRtThreadPriority", 1, self);
    WANT(E_OK, "GetRtThreadPriority", 1, t);
    WANT(E_EXIST, "SetRtThreadPriority", 2, 0xffffu, 200u);
    WANT(E_TYPE, "SetRtThreadPriority", 2, self, 200u);
    WANT(E_PARAM, "SetRtThreadPriority", 2, t, 255u);
    WANT(E_LIMIT, "SetRtThreadPriority", 2, t, 128u);
    WANT(E_OK, "SetRtThreadPriority", 2, t, 0u);
    WANT(E_EXIST, "SetRtProcessMaxPriority", 2, 0xffffu, 100u);
    WANT(E_CONTEXT, "SetRtProcessMaxPriority", 2, t, 100u);
    WANT(E_LIMIT, "SetRtProcessMaxPriority", 2, 0u, 130u);
    WANT(E_OK, "SetRtProcessMaxPriority", 2, self, 100u);
    WANT(E_OK, "SetRtThreadPriority", 2, 0u, 100u);
    WANT(E_EXIST, "GetRtThreadInfo", 2, 0xffffu, SCRATCH);
    WANT(E_TYPE, "GetRtThreadInfo", 2, self, SCRATCH);
    WANT(E_BAD_ADDR, "GetRtThreadInfo", 2, t, FAKE_RO);
    WANT(E_OK, "GetRtThreadInfo", 2, 0u, SCRATCH);
    WANT(E_EXIST, "GetRtThreadState", 2, 0xffffu, SCRATCH);
    WANT(E_TYPE, "GetRtThreadState", 2, self, SCRATCH);
    WANT(E_BAD_ADDR, "GetRtThreadState", 2, t, FAKE_RO);
    WANT(E_OK, "GetRtThreadState", 2, t, SCRATCH);
    uint8_t size[4];
    put32(size, 12);
    fake_put(f, SCRATCH, size, 4);
    WANT(E_EXIST, "GetRtStackInfo", 2, 0xffffu, SCRATCH);
    WANT(E_TYPE, "GetRtStackInfo", 2, self, SCRATCH);
    WANT(E_BAD_ADDR, "GetRtStackInfo", 2, t, 0u);
    WANT(E_OK, "GetRtStackInfo", 2, t, SCRATCH);
    put32(size, 11);
    fake_put(f, SCRATCH, size, 4);
    WANT(E_PARAM, "GetRtStackInfo", 2, t, SCRATCH);
    rt_process_poke(f->k, (uint16_t)self, FAKE_RO, "\x0c\0\0", 4);
    WANT(E_BAD_ADDR, "GetRtStackInfo", 2, t, FAKE_RO);
    WANT(E_EXIST, "DeleteRtThread", 1, 0xffffu);
    WANT(E_TYPE, "DeleteRtThread", 1, self);
    WANT(E_OK, "DeleteRtThread", 1, t);
}
