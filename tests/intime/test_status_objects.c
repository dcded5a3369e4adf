/* Rows of mailboxes, low-level objects, alarms and time, heaps and windows, queues, ports. */
#include <criterion/criterion.h>

#include "statuses.h"

void mailbox_calls(struct fake *f, struct seen *seen)
{
    uint32_t self = CALL1(f, "GetRtThreadHandles", 1);
    uint32_t remote = reference(f, TYPE_MAILBOX, "REMOTE MBX");
    WANT(E_OK, "CreateRtMailbox", 1, 0x21u);
    uint32_t o = CALL1(f, "CreateRtMailbox", 0), d = CALL1(f, "CreateRtMailbox", 0x20);
    WANT(E_LIMIT, "SendRtData", 3, d, SCRATCH, 129u);
    WANT(E_EXIST, "SendRtData", 3, 0xffffu, SCRATCH, 1u);
    WANT(E_EXIST, "SendRtData", 3, remote, SCRATCH, 1u);
    WANT(E_TYPE, "SendRtData", 3, self, SCRATCH, 1u);
    WANT(E_TYPE, "SendRtData", 3, o, SCRATCH, 1u);
    WANT(E_BAD_ADDR, "SendRtData", 3, d, 0x7fffffu, 2u);
    WANT(E_OK, "SendRtData", 3, d, SCRATCH, 128u);
    WANT(E_OK, "SendRtData", 3, d, 0u, 0u);
    WANT(E_PARAM, "ReceiveRtData", 3, d, SCRATCH, 655350u);
    WANT(E_EXIST, "ReceiveRtData", 3, 0u, SCRATCH, 0u);
    WANT(E_EXIST, "ReceiveRtData", 3, remote, SCRATCH, 0u);
    WANT(E_TYPE, "ReceiveRtData", 3, o, SCRATCH, 0u);
    WANT(E_BAD_ADDR, "ReceiveRtData", 3, d, FAKE_RO - 127, 0u);
    WANT(E_OK, "ReceiveRtData", 3, d, SCRATCH, 0u);
    WANT(E_OK, "ReceiveRtData", 3, d, SCRATCH, 0u);
    WANT(E_TIME, "ReceiveRtData", 3, d, SCRATCH, 9u);
    WANT(E_EXIST, "SendRtHandle", 3, 0u, o, 0u);
    WANT(E_EXIST, "SendRtHandle", 3, o, 0u, 0u);
    WANT(E_EXIST, "SendRtHandle", 3, o, d, 0xffffu);
    WANT(E_TYPE, "SendRtHandle", 3, d, o, 0u);
    WANT(E_TYPE, "SendRtHandle", 3, o, o, self);
    WANT(E_CONTEXT, "SendRtHandle", 3, o, o, remote);
    WANT(E_INVALID_ADDRESS, "SendRtHandle", 3, remote, o, 0u);
    WANT(E_OK, "SendRtHandle", 3, o, self, d);
    WANT(E_PARAM, "ReceiveRtHandle", 3, o, 655350u, 0u);
    WANT(E_EXIST, "ReceiveRtHandle", 3, remote, 0u, 0u);
    WANT(E_TYPE, "ReceiveRtHandle", 3, d, 0u, 0u);
    WANT(E_BAD_ADDR, "ReceiveRtHandle", 3, o, 0u, FAKE_RO);
    WANT(E_OK, "ReceiveRtHandle", 3, o, 0u, SCRATCH);
    WANT(E_TIME, "ReceiveRtHandle", 3, o, 0u, 0u);
    WANT(E_TYPE, "DeleteRtMailbox", 1, self);
    WANT(E_INVALID_ADDRESS, "DeleteRtMailbox", 1, remote);
    WANT(E_OK, "DeleteRtMailbox", 1, o);
    WANT(E_EXIST, "DeleteRtMailbox", 1, o);
}

void kn_calls(struct fake *f, struct seen *seen)
{
    uint32_t m = CALL4(f, "knCreateRtMailbox", FAKE_DATA, 16, 2, 0);
    WANT(E_OK, "knCreateRtMailbox", 4, FAKE_DATA, 16u, 2u, 0u);
    WANT(E_PARAM, "knCreateRtMailbox", 4, FAKE_DATA, 0u, 2u, 0u);
    WANT(E_PARAM, "knCreateRtMailbox", 4, FAKE_DATA, 16u, 0u, 0u);
    WANT(E_BAD_ADDR, "knCreateRtMailbox", 4, FAKE_DATA, 0x1000u, 0xffffffffu, 0u);
    WANT(E_OK, "knSendRtData", 3, m, SCRATCH, 16u);
    WANT(E_OK, "knSendRtPriorityData", 3, m, SCRATCH, 0u);
    WANT(E_KN_LIMIT_EXCEEDED, "knSendRtData", 3, m, SCRATCH, 16u);
    WANT(E_KN_LIMIT_EXCEEDED, "knSendRtPriorityData", 3, m, SCRATCH, 16u);
    WANT(E_PARAM, "knSendRtData", 3, m, SCRATCH, 17u);
    WANT(E_PARAM, "knSendRtPriorityData", 3, m, SCRATCH, 17u);
    WANT(E_BAD_ADDR, "knSendRtData", 3, m, 0u, 16u);
    WANT(E_BAD_ADDR, "knSendRtPriorityData", 3, 0u, SCRATCH, 16u);
    WANT(E_BAD_ADDR, "knWaitForRtData", 4, m, FAKE_RO, SCRATCH, 0u);
    WANT(E_OK, "knWaitForRtData", 4, m, SCRATCH, SCRATCH + 64, 0u);
    WANT(E_OK, "knWaitForRtData", 4, m, SCRATCH, SCRATCH + 64, 0u);
    WANT(E_KN_TIME_OUT, "knWaitForRtData", 4, m, SCRATCH, SCRATCH + 64, 0u);
    WANT(E_BAD_ADDR, "knDeleteRtMailbox", 1, m + 0x1000);
    WANT(E_OK, "knDeleteRtMailbox", 1, m);
    uint32_t a = CALL3(f, "knCreateRtAlarmEvent", FAKE_DATA + 0x80, 1, 4);
    WANT(E_OK, "knCreateRtAlarmEvent", 3, FAKE_DATA + 0x80, 1u, 4u);
    WANT(E_BAD_ADDR, "knCreateRtAlarmEvent", 3, FAKE_RO, 1u, 4u);
    WANT(E_KN_TIME_OUT, "knWaitForRtAlarmEvent", 2, a, 0u);
    f->now += 2000;
    WANT(E_OK, "knWaitForRtAlarmEvent", 2, a, 0u);
    WANT(E_BAD_ADDR, "knWaitForRtAlarmEvent", 2, 0u, 0u);
    WANT(E_OK, "knResetRtAlarmEvent", 1, a);
    WANT(E_BAD_ADDR, "knResetRtAlarmEvent", 1, 0u);
    WANT(E_OK, "knDeleteRtAlarmEvent", 1, a);
    WANT(E_BAD_ADDR, "knDeleteRtAlarmEvent", 1, 0u);
    WANT(E_OK, "knStopRtScheduler", 0);
    WANT(E_OK, "knStartRtScheduler", 0);
    uint32_t block = CALL1(f, "AllocateRtMemory", 256 * 4096);
    for (unsigned i = 0; i < 255; i++)
        CALL2(f, "knCreateRtSemaphore", block + i * 4096, 0);
    CALL1(f, "SetLastRtError", 0x7777);
    block += 255 * 4096;
    WANT(E_KN_LIMIT_EXCEEDED, "knCreateRtSemaphore", 2, block, 0u);
    WANT(E_KN_LIMIT_EXCEEDED, "knCreateRtMailbox", 4, block, 16u, 2u, 0u);
    WANT(E_KN_LIMIT_EXCEEDED, "knCreateRtAlarmEvent", 3, block, 0u, 1u);
}

/* A wait of the main thread at a low-level object that another thread deletes. */
void kn_deleted(struct fake *f, struct seen *seen)
{
    static const char *const calls[][3] = {
        {"knCreateRtSemaphore", "knWaitForRtSemaphore", "knDeleteRtSemaphore"},
        {"knCreateRtMailbox", "knWaitForRtData", "knDeleteRtMailbox"},
        {"knCreateRtAlarmEvent", "knWaitForRtAlarmEvent", "knDeleteRtAlarmEvent"}};
    for (unsigned i = 0; i < 3; i++) {
        uint32_t h = CALL4(f, calls[i][0], FAKE_DATA, i == 1 ? 16 : 0, 100, 0);
        uint32_t other = CALL4(f, "CreateRtThread", 150, FAKE_IMAGE, 4096, 0);
        if (i == 1)
            CALL4(f, calls[i][1], h, SCRATCH, SCRATCH + 64, 0xffffffffu);
        else
            CALL2(f, calls[i][1], h, 0xffffffffu);
        cr_assert_eq(rt_current_thread(f->k), other);
        CALL1(f, calls[i][2], h);
        cr_expect_eq(f->eax, 0, "%s", calls[i][1]);
        cr_expect_eq(fake_last(f), E_KN_NONEXIST, "%s", calls[i][1]);
        CALL1(f, "DeleteRtThread", other);
    }
    mark(seen, fake_row("knWaitForRtSemaphore"), E_KN_NONEXIST);
    mark(seen, fake_row("knWaitForRtData"), E_KN_NONEXIST);
    mark(seen, fake_row("knWaitForRtAlarmEvent"), E_KN_NONEXIST);
}

void time_calls(struct fake *f, struct seen *seen)
{
    uint32_t self = CALL1(f, "GetRtThreadHandles", 1);
    WANT(E_OK, "CreateRtAlarm", 2, 1u, 0u);
    uint32_t a = CALL2(f, "CreateRtAlarm", 1, 0);
    WANT(E_TIME, "WaitForRtAlarm", 2, a, 0u);
    WANT(E_TYPE, "WaitForRtAlarm", 2, self, 0u);
    WANT(E_EXIST, "WaitForRtAlarm", 2, 0u, 0u);
    f->now += 500;
    WANT(E_OK, "WaitForRtAlarm", 2, a, 0u);
    f->now += 500 * 65536ull;
    WANT(E_LIMIT, "WaitForRtAlarm", 2, a, 0u);
    WANT(E_TYPE, "ResetRtAlarm", 1, self);
    WANT(E_EXIST, "ResetRtAlarm", 1, 0u);
    WANT(E_OK, "ResetRtAlarm", 1, a);
    WANT(E_TYPE, "DeleteRtAlarm", 1, self);
    WANT(E_OK, "DeleteRtAlarm", 1, a);
    WANT(E_EXIST, "DeleteRtAlarm", 1, a);
    WANT(E_PARAM, "GetRtSystemTime", 1, 0u);
    WANT(E_BAD_ADDR, "GetRtSystemTime", 1, FAKE_RO);
    WANT(E_OK, "GetRtSystemTime", 1, SCRATCH);
    WANT(E_OK, "SetRtSystemTime", 1, SCRATCH);
    WANT(E_PARAM, "SetRtSystemTime", 1, 0u);
    WANT(E_PARAM, "SetRtSystemTime", 1, SCRATCH + 2);
    WANT(E_BAD_ADDR, "SetRtSystemTime", 1, 0x7fffffu);
    WANT(E_BAD_ADDR, "GetRtSystemTimeAsTimeValue", 1, FAKE_RO);
    WANT(E_OK, "GetRtSystemTimeAsTimeValue", 1, SCRATCH);
    WANT(E_BAD_ADDR, "knGetKernelTime", 1, FAKE_RO);
    WANT(E_OK, "knGetKernelTime", 1, 0u);
    WANT(E_OK, "knGetKernelTime0", 0);
    WANT(E_BAD_ADDR, "knSetKernelTime", 1, 0u);
    WANT(E_OK, "knSetKernelTime", 1, SCRATCH);
}

void heap_calls(struct fake *f, struct seen *seen)
{
    uint32_t self = CALL1(f, "GetRtThreadHandles", 1), thread = CALL1(f, "GetRtThreadHandles", 0);
    WANT(E_PARAM, "CreateRtHeap", 2, 39u, 0u);
    WANT(E_PARAM, "CreateRtHeap", 2, 4096u, 1u);
    WANT(E_VMEM, "CreateRtHeap", 2, 0x700000u, 0u);
    WANT(E_OK, "CreateRtHeap", 2, 40u, 0u);
    uint32_t h = CALL2(f, "CreateRtHeap", 4096, 0);
    WANT(E_PARAM, "RequestRtBuffer", 3, h, 0u, SCRATCH);
    WANT(E_EXIST, "RequestRtBuffer", 3, 0u, 1u, SCRATCH);
    WANT(E_TYPE, "RequestRtBuffer", 3, self, 1u, SCRATCH);
    WANT(E_BAD_ADDR, "RequestRtBuffer", 3, h, 1u, FAKE_RO);
    WANT(E_MEM, "RequestRtBuffer", 3, h, 4096u, SCRATCH);
    WANT(E_OK, "RequestRtBuffer", 3, h, 1u, SCRATCH);
    uint32_t b = CALL3(f, "RequestRtBuffer", h, 10, SCRATCH);
    WANT(E_PARAM, "GetRtBufferSize", 3, h, b, 1u);
    WANT(E_EXIST, "GetRtBufferSize", 3, 0u, b, 0u);
    WANT(E_TYPE, "GetRtBufferSize", 3, self, b, 0u);
    WANT(E_NUC_BAD_BUF, "GetRtBufferSize", 3, h, b + 1, 0u);
    WANT(E_OK, "GetRtBufferSize", 3, h, b, 0u);
    WANT(E_PARAM, "ReleaseRtBuffer", 3, h, b, 1u);
    WANT(E_EXIST, "ReleaseRtBuffer", 3, 0u, b, 0u);
    WANT(E_TYPE, "ReleaseRtBuffer", 3, self, b, 0u);
    WANT(E_NUC_BAD_BUF, "ReleaseRtBuffer", 3, h, 0u, 0u);
    WANT(E_OK, "ReleaseRtBuffer", 3, h, b, 0u);
    WANT(E_EXIST, "GetRtHeapInfo", 2, 0u, SCRATCH);
    WANT(E_TYPE, "GetRtHeapInfo", 2, self, SCRATCH);
    WANT(E_BAD_ADDR, "GetRtHeapInfo", 2, h, FAKE_RO);
    WANT(E_OK, "GetRtHeapInfo", 2, h, SCRATCH);
    WANT(E_TYPE, "DeleteRtHeap", 1, self);
    WANT(E_OK, "DeleteRtHeap", 1, h);
    WANT(E_EXIST, "DeleteRtHeap", 1, h);
    WANT(E_PARAM, "MapRtPhysicalMemory64", 4, 0u, 0u, 0u, 0u);
    WANT(E_VMEM, "MapRtPhysicalMemory64", 4, 0u, 0u, 0x10000000u, 0u);
    WANT(E_OK, "MapRtPhysicalMemory64", 4, 0xB8000u, 0u, 4000u, 0x10u);
    WANT(E_PARAM, "GetRtPhysicalAddress64", 3, FAKE_DATA, 0u, 0u);
    WANT(E_BAD_ADDR, "GetRtPhysicalAddress64", 3, FAKE_RO, 1u, 0u);
    WANT(E_OK, "GetRtPhysicalAddress64", 3, FAKE_DATA, 1u, 0u);
    uint8_t list[40] = {0};
    put32(list + 24, 0x1000);
    put32(list + 32, 0x200000);
    put32(list + 36, 0x1000);
    fake_put(f, SCRATCH, list, sizeof list);
    WANT(E_OK, "MapRtPhysicalMemoryList", 3, SCRATCH, 0x1000u, 0u);
    WANT(E_STATE, "MapRtPhysicalMemoryList", 3, SCRATCH, 0x1001u, 0u);
    WANT(E_PARAM, "MapRtPhysicalMemoryList", 3, SCRATCH, 0x1000u, 1u);
    WANT(E_BAD_ADDR, "MapRtPhysicalMemoryList", 3, 0u, 0x1000u, 0u);
    put32(list + 24, 0x10000000);
    fake_put(f, SCRATCH, list, sizeof list);
    WANT(E_VMEM, "MapRtPhysicalMemoryList", 3, SCRATCH, 0x10000000u, 0u);
    WANT(E_PARAM, "GetRtSystemMemoryInfo", 2, 1u, SCRATCH);
    WANT(E_BAD_ADDR, "GetRtSystemMemoryInfo", 2, 0u, FAKE_RO);
    WANT(E_OK, "GetRtSystemMemoryInfo", 2, 0u, SCRATCH);
    WANT(E_EXIST, "GetRtProcessPoolInfo", 2, 0xffffu, SCRATCH);
    WANT(E_TYPE, "GetRtProcessPoolInfo", 2, thread, SCRATCH);
    WANT(E_BAD_ADDR, "GetRtProcessPoolInfo", 2, 0u, FAKE_RO);
    WANT(E_OK, "GetRtProcessPoolInfo", 2, 0u, SCRATCH);
}

void queue_calls(struct fake *f, struct seen *seen)
{
    uint32_t self = CALL1(f, "GetRtThreadHandles", 1);
    WANT(E_PARAM, "CreateRtQueue", 3, 31u, 0u, 0u);
    WANT(E_PARAM, "CreateRtQueue", 3, 32u, 3u, 0u);
    WANT(E_PARAM, "CreateRtQueue", 3, 32u, 2u, 1u);
    WANT(E_OK, "CreateRtQueue", 3, 32u, 2u, 0u);
    uint32_t q = CALL3(f, "CreateRtQueue", 64, 20, 0), room = SCRATCH + 200;
    WANT(E_EXIST, "SendRtShortDataMessage", 3, 0u, SCRATCH, 1u);
    WANT(E_TYPE, "SendRtShortDataMessage", 3, self, SCRATCH, 1u);
    WANT(E_PARAM, "SendRtShortDataMessage", 3, q, SCRATCH, 21u);
    WANT(E_BAD_ADDR, "SendRtShortDataMessage", 3, q, 0u, 1u);
    WANT(E_OK, "SendRtShortDataMessage", 3, q, SCRATCH, 20u);
    WANT(E_LIMIT, "SendRtShortDataMessage", 3, q, SCRATCH, 20u);
    WANT(E_LIMIT, "SendRtLongDataMessage", 5, q, SCRATCH, 20u, 10u, 0u);
    WANT(E_EXIST, "SendRtLongDataMessage", 5, 0u, SCRATCH, 20u, 10u, 0u);
    WANT(E_TYPE, "SendRtLongDataMessage", 5, self, SCRATCH, 20u, 10u, 0u);
    WANT(E_PARAM, "SendRtLongDataMessage", 5, q, SCRATCH, 19u, 10u, 0u);
    WANT(E_BAD_ADDR, "SendRtLongDataMessage", 5, q, 0u, 20u, 10u, 0u);
    WANT(E_TIME, "SendRtLongDataMessage", 5, q, SCRATCH, 20u, 0u, 0u);
    WANT(E_PARAM, "ReceiveRtDataMessage", 5, q, SCRATCH, 20u, 655350u, room);
    WANT(E_EXIST, "ReceiveRtDataMessage", 5, 0u, SCRATCH, 20u, 0u, room);
    WANT(E_TYPE, "ReceiveRtDataMessage", 5, self, SCRATCH, 20u, 0u, room);
    WANT(E_BAD_ADDR, "ReceiveRtDataMessage", 5, q, FAKE_RO, 20u, 0u, room);
    WANT(E_LIMIT, "ReceiveRtDataMessage", 5, q, SCRATCH, 19u, 0u, room);
    WANT(E_OK, "ReceiveRtDataMessage", 5, q, SCRATCH, 20u, 0u, room);
    WANT(E_TIME, "ReceiveRtDataMessage", 5, q, SCRATCH, 20u, 0u, room);
    WANT(E_CANCELLED, "GetRtLongDataMessage", 5, q, SCRATCH, FAKE_DATA, 64u, room);
    WANT(E_BAD_ADDR, "GetRtLongDataMessage", 5, q, 0u, FAKE_DATA, 64u, room);
    WANT(E_CANCELLED, "CancelRtLongDataMessage", 2, q, SCRATCH);
    WANT(E_BAD_ADDR, "CancelRtLongDataMessage", 2, q, 0u);
    uint32_t main_thread = rt_current_thread(f->k);
    CALL4(f, "CreateRtThread", 150, FAKE_IMAGE, 4096, 0);
    for (unsigned i = 0; i < 2; i++) {
        CALL5(f, "SendRtLongDataMessage", q, SCRATCH, 64, 0xffffffffu, 0);
        CALL1(f, "SetLastRtError", 0x7777);
        WANT(E_NO_LOCAL_BUFFER, "ReceiveRtDataMessage", 5, q, SCRATCH, 64u, 0u, room);
        WANT(E_PARAM, "GetRtLongDataMessage", 5, q, SCRATCH, FAKE_DATA, 63u, room);
        if (i)
            CALL5(f, "GetRtLongDataMessage", q, SCRATCH, FAKE_DATA, 64, room);
        else
            CALL2(f, "CancelRtLongDataMessage", q, SCRATCH);
        cr_expect_eq(rt_current_thread(f->k), main_thread);
        cr_expect_eq(f->eax, i);
        if (!i) cr_expect_eq(fake_last(f), E_CANCELLED);
    }
    mark(seen, fake_row("SendRtLongDataMessage"), E_OK);
    mark(seen, fake_row("SendRtLongDataMessage"), E_CANCELLED);
    mark(seen, fake_row("GetRtLongDataMessage"), E_OK);
    mark(seen, fake_row("CancelRtLongDataMessage"), E_OK);
    CALL1(f, "SetLastRtError", 0x7777);
    WANT(E_EXIST, "FlushRtQueue", 1, 0u);
    WANT(E_TYPE, "FlushRtQueue", 1, self);
    WANT(E_OK, "FlushRtQueue", 1, q);
    WANT(E_TYPE, "DeleteRtQueue", 1, self);
    WANT(E_OK, "DeleteRtQueue", 1, q);
    WANT(E_EXIST, "DeleteRtQueue", 1, q);
}

static void port_refusals(struct fake *f, struct seen *seen, uint32_t port, uint32_t self)
{
    WANT(E_EXIST, "ConnectRtPort", 1, 0u);
    WANT(E_TYPE, "ConnectRtPort", 1, self);
    WANT(E_STATE, "ConnectRtPort", 1, port);
    WANT(E_EXIST, "DetachRtPort", 1, 0u);
    WANT(E_TYPE, "DetachRtPort", 1, self);
    WANT(E_STATE, "DetachRtPort", 1, port);
    WANT(E_EXIST, "ReceiveRtReply", 1, 0u);
    WANT(E_TYPE, "ReceiveRtReply", 1, self);
    WANT(E_STATE, "ReceiveRtReply", 1, port);
    WANT(E_EXIST, "AttachRtPort", 2, port, 0u);
    WANT(E_TYPE, "AttachRtPort", 2, port, port);
    WANT(E_EXIST, "SendRtMessage", 1, 0u);
    WANT(E_TYPE, "SendRtMessage", 1, self);
    WANT(E_CONTEXT, "SendRtMessage", 1, port);
    WANT(E_EXIST, "SendRtReply", 1, 0u);
    WANT(E_TYPE, "SendRtReply", 1, self);
    WANT(E_CONTEXT, "SendRtReply", 1, port);
    WANT(E_EXIST, "BindRtPort", 2, 0u, SCRATCH);
    WANT(E_TYPE, "BindRtPort", 2, self, SCRATCH);
    WANT(E_STATE, "BindRtPort", 2, port, SCRATCH);
    WANT(E_EXIST, "SendRtMessageRSVP", 2, 0u, SCRATCH);
    WANT(E_TYPE, "SendRtMessageRSVP", 2, self, SCRATCH);
    WANT(E_CONTEXT, "SendRtMessageRSVP", 2, port, SCRATCH);
    WANT(E_EXIST, "CancelRtTransaction", 2, 0u, 1u);
    WANT(E_TYPE, "CancelRtTransaction", 2, self, 1u);
    WANT(E_TRANS_ID, "CancelRtTransaction", 2, port, 1u);
}

static void port_attributes(struct fake *f, struct seen *seen, uint32_t port, uint32_t self)
{
    uint8_t head[4] = {0xff, 0x7f, 0, 0};
    fake_put(f, SCRATCH, head, sizeof head);
    WANT(E_NOT_CONFIGURED, "GetRtServiceAttributes", 2, port, SCRATCH);
    WANT(E_NOT_CONFIGURED, "SetRtServiceAttributes", 2, port, SCRATCH);
    head[1] = 0x80;
    fake_put(f, SCRATCH, head, sizeof head);
    WANT(E_PARAM, "GetRtServiceAttributes", 2, port, SCRATCH);
    WANT(E_EXIST, "GetRtServiceAttributes", 2, 0u, SCRATCH);
    WANT(E_TYPE, "GetRtServiceAttributes", 2, self, SCRATCH);
    WANT(E_NUC_BAD_BUF, "GetRtServiceAttributes", 2, port, 0u);
    WANT(E_PARAM, "SetRtServiceAttributes", 2, port, SCRATCH);
    WANT(E_EXIST, "SetRtServiceAttributes", 2, 0u, SCRATCH);
    WANT(E_TYPE, "SetRtServiceAttributes", 2, self, SCRATCH);
    WANT(E_NUC_BAD_BUF, "SetRtServiceAttributes", 2, port, 0u);
    WANT(E_EXIST, "GetRtPortAttributes", 2, 0u, SCRATCH);
    WANT(E_TYPE, "GetRtPortAttributes", 2, self, SCRATCH);
    WANT(E_NUC_BAD_BUF, "GetRtPortAttributes", 2, port, FAKE_RO);
    WANT(E_OK, "GetRtPortAttributes", 2, port, SCRATCH);
}

/* Here: 0 and 1; elsewhere: all other locations. */
static void location_calls(struct fake *f, struct seen *seen)
{
    WANT(E_OK, "GetFirstRtLocation", 0);
    WANT(E_EXIST, "GetNextRtLocation", 1, 1u);
    WANT(E_INVALID_ADDRESS, "GetNextRtLocation", 1, 2u);
    WANT(E_OK, "GetRtNodeLocationByName", 1, fake_string(f, "NodeA"));
    WANT(E_BAD_ADDR, "GetRtNodeLocationByName", 1, 0u);
    WANT(E_PARAM, "GetRtNodeLocationByName", 1, fake_string(f, ""));
    WANT(E_INVALID_ADDRESS, "GetRtNodeLocationByName", 1, fake_string(f, "NodeB"));
    WANT(E_OK, "GetRtNodeInfo", 2, 0u, SCRATCH);
    WANT(E_BAD_ADDR, "GetRtNodeInfo", 2, 0u, FAKE_RO);
    WANT(E_INVALID_ADDRESS, "GetRtNodeInfo", 2, 7u, SCRATCH);
    WANT(E_OK, "GetRtNodeStatus", 1, 7u);
    WANT(E_OK, "GetRemoteRootRtProcess", 1, 1u);
    WANT(E_INVALID_ADDRESS, "GetRemoteRootRtProcess", 1, 0xffffffffu);
}

static void global_calls(struct fake *f, struct seen *seen, uint32_t self, uint32_t remote)
{
    WANT(E_OK, "GetRtObjectInfo", 2, self, SCRATCH);
    WANT(E_BAD_ADDR, "GetRtObjectInfo", 2, self, FAKE_RO);
    WANT(E_EXIST, "GetRtObjectInfo", 2, 0u, SCRATCH);
    WANT(E_INVALID_ADDRESS, "GetRtObjectInfo", 2, remote, SCRATCH);
    WANT(E_OK, "CreateRtReferenceObject", 2, 0u, self);
    WANT(E_INVALID_ADDRESS, "CreateRtReferenceObject", 2, 2u, self);
    WANT(E_EXIST, "CreateRtReferenceObject", 2, 0u, 0xffffu);
    WANT(E_CONTEXT, "CreateRtReferenceObject", 2, 0u, remote);
    WANT(E_OK, "CreateGlobalRtMailbox", 2, 1u, 0x120u);
    WANT(E_INVALID_ADDRESS, "CreateGlobalRtMailbox", 2, 2u, 0u);
    WANT(E_OK, "CreateGlobalRtSemaphore", 4, 0u, 1u, 2u, 0u);
    WANT(E_INVALID_ADDRESS, "CreateGlobalRtSemaphore", 4, 9u, 1u, 2u, 0u);
    WANT(E_PARAM, "CreateGlobalRtSemaphore", 4, 0u, 3u, 2u, 0u);
    uint32_t counted = CALL4(f, "CreateGlobalRtSemaphore", 0, 1, 2, 0x100);
    for (unsigned i = 1; i < 0xffff; i++)
        f->k->slot[counted >> 3].references++;
    WANT(E_LIMIT, "CreateRtReferenceObject", 2, 0u, counted);
    const char *memory[] = {"CreateGlobalRtMemoryHandle", "CreateGlobalRtMemoryHandle64",
                            "CreateGlobalRtMemoryObject"};
    for (unsigned i = 0; i < 3; i++) {
        WANT(E_NOT_CONFIGURED, memory[i], 1, 1u);
        mark(seen, fake_row(memory[i]), E_NOT_CONFIGURED);
        WANT(E_INVALID_ADDRESS, memory[i], 1, 2u);
    }
}

/* What there would be with other nodes, or with services. */
static void node_refusals(struct fake *f, struct seen *seen, uint32_t self)
{
    WANT(E_NUC_BAD_BUF, "InstallRtServiceDescriptor", 1, 0u);
    WANT(E_CONTEXT, "UninstallRtServiceDescriptor", 1, fake_string(f, "MINE"));
    WANT(E_NUC_BAD_BUF, "UninstallRtServiceDescriptor", 1, 0u);
    uint32_t remote = reference(f, TYPE_MAILBOX, "REMOTE REF");
    location_calls(f, seen);
    global_calls(f, seen, self, remote);
    WANT(E_TYPE, "DeleteRtReferenceObject", 1, self);
    WANT(E_OK, "DeleteRtReferenceObject", 1, remote);
    WANT(E_EXIST, "DeleteRtReferenceObject", 1, remote);
}

static void receive_calls(struct fake *f, struct seen *seen, uint32_t port, uint32_t self)
{
    WANT(E_PARAM, "ReceiveRtMessage", 3, port, 655350u, SCRATCH);
    WANT(E_EXIST, "ReceiveRtMessage", 3, 0u, 0u, SCRATCH);
    WANT(E_TYPE, "ReceiveRtMessage", 3, self, 0u, SCRATCH);
    WANT(E_NUC_BAD_BUF, "ReceiveRtMessage", 3, port, 0u, FAKE_RO);
    WANT(E_TIME, "ReceiveRtMessage", 3, port, 0u, SCRATCH);
}

void port_calls(struct fake *f, struct seen *seen)
{
    uint32_t self = CALL1(f, "GetRtThreadHandles", 1), heap = CALL2(f, "CreateRtHeap", 4096, 0);
    WANT(E_OK, "CreateRtPort", 4, 0u, 0u, 0u, 0u);
    uint32_t port = CALL4(f, "CreateRtPort", 0, 0, 0, 0), name = fake_string(f, "SERVICE");
    WANT(E_CONTEXT, "CreateRtPort", 4, name, 0u, 0u, 0u);
    WANT(E_CONTEXT, "CreateRtPortEx", 5, name, 0u, 0u, 0u, 0u);
    WANT(E_PARAM, "CreateRtPort", 4, 4u, 0u, 0u, 0u);
    WANT(E_PARAM, "CreateRtPortEx", 5, fake_string(f, ""), 0u, 0u, 0u, 0u);
    WANT(E_VMEM, "CreateRtPortEx", 5, 0u, 0u, 0u, 0u, 0x700000u);
    WANT(E_OK, "CreateRtPortEx", 5, 0u, 0u, 0u, 0u, 4096u);
    WANT(E_EXIST, "AttachRtHeap", 2, heap, 0u);
    WANT(E_TYPE, "AttachRtHeap", 2, port, port);
    WANT(E_OK, "AttachRtHeap", 2, heap, port);
    WANT(E_STATE, "AttachRtHeap", 2, heap, port);
    WANT(E_CONTEXT, "DeleteRtHeap", 1, heap);
    WANT(E_EXIST, "DetachRtHeap", 1, 0u);
    WANT(E_TYPE, "DetachRtHeap", 1, heap);
    WANT(E_OK, "DetachRtHeap", 1, port);
    WANT(E_STATE, "DetachRtHeap", 1, port);
    port_refusals(f, seen, port, self);
    port_attributes(f, seen, port, self);
    node_refusals(f, seen, self);
    receive_calls(f, seen, port, self);
    CALL2(f, "AttachRtHeap", heap, port);
    WANT(E_TYPE, "DeleteRtPort", 1, self);
    WANT(E_OK, "DeleteRtPort", 1, port);
    WANT(E_EXIST, "DeleteRtPort", 1, port);
    WANT(E_OK, "DeleteRtHeap", 1, heap);
}
