/* Message queues: short and long messages, room, cancelling, ends. */
#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"
#include "queue.h"

#define ALL     0xffffffffu
#define SCRATCH (FAKE_DATA + 0x100)
#define SIZE    (FAKE_DATA + 0x80)

struct three {
    struct fake *f;
    uint16_t p[3];
};

static struct three three(void)
{
    struct three t = {.f = fake_new(0x1000000, 0)};
    for (unsigned i = 0; i < 3; i++)
        t.p[i] = fake_app(t.f);
    fake_run(t.f);
    return t;
}

static void expect_runs(const struct three *t, unsigned i)
{
    cr_expect_eq(rt_current_process(t->f->k), i < 3 ? t->p[i] : 0);
    cr_expect_null(fake_check(t->f), "%s", fake_check(t->f));
}

static void stop(const struct three *t)
{
    CALL1(t->f, "SuspendRtThread", 0);
}

static uint32_t dword(const struct three *t, uint32_t at)
{
    uint8_t bytes[4];
    fake_get(t->f, at, bytes, 4);
    return get32(bytes);
}

static uint32_t send(const struct three *t, uint32_t q, const char *text)
{
    fake_put(t->f, FAKE_DATA + 0x700, text, (uint32_t)strlen(text) + 1);
    return CALL3(t->f, "SendRtShortDataMessage", q, FAKE_DATA + 0x700, strlen(text));
}

static void expect_text(const struct three *t, const char *text)
{
    char got[64] = "";
    cr_expect_eq(dword(t, SIZE), strlen(text));
    fake_get(t->f, SCRATCH, got, (uint32_t)strlen(text));
    cr_expect_str_eq(got, text);
}

static uint32_t receive(const struct three *t, uint32_t q, uint32_t room, uint32_t ms)
{
    return CALL5(t->f, "ReceiveRtDataMessage", q, SCRATCH, room, ms, SIZE);
}

Test(queue, short_messages_and_room)
{
    HOLDS_POINTERS();
    struct three t = three();
    struct process *p = object_find(t.f->k, t.p[0])->process;
    uint32_t used = p->pool.used, q = CALL3(t.f, "CreateRtQueue", 100, 60, 0);
    cr_expect_eq(p->pool.used, used + 1 + (p->block_count > 0 ? 0 : 1));
    cr_expect_eq(CALL1(t.f, "GetRtHandleType", q), TYPE_QUEUE);
    cr_expect_eq(send(&t, q, "twenty bytes of text"), 1);
    cr_expect_eq(send(&t, q, "twenty bytes of text"), 1);
    cr_expect_eq(send(&t, q, ""), 0, "100 bytes are used up");
    cr_expect_eq(fake_last(t.f), E_LIMIT);
    cr_expect_eq(receive(&t, q, 19, 0), 0);
    cr_expect_eq(fake_last(t.f), E_LIMIT);
    cr_expect_eq(dword(&t, SIZE), 20, "what is needed");
    cr_expect_eq(receive(&t, q, 20, 0), 1);
    expect_text(&t, "twenty bytes of text");
    cr_expect_eq(send(&t, q, "x"), 1);
    cr_expect_eq(CALL1(t.f, "FlushRtQueue", q), 1);
    cr_expect_eq(receive(&t, q, 20, 0), 0);
    cr_expect_eq(fake_last(t.f), E_TIME);
    CALL1(t.f, "DeleteRtQueue", q);
    cr_expect_eq(p->pool.used, used);
    fake_free(t.f);
}

Test(queue, hand_to_hand)
{
    struct three t = three();
    uint32_t q = CALL3(t.f, "CreateRtQueue", 4096, 60, 0);
    receive(&t, q, 3, ALL);
    expect_runs(&t, 1);
    receive(&t, q, 60, 20);
    expect_runs(&t, 2);
    cr_expect_eq(send(&t, q, "for b"), 1);
    stop(&t);
    expect_runs(&t, 0);
    cr_expect_eq(t.f->eax, 0, "too long for a");
    cr_expect_eq(fake_last(t.f), E_LIMIT);
    cr_expect_eq(dword(&t, SIZE), 5);
    stop(&t);
    expect_runs(&t, 1);
    cr_expect_eq(t.f->eax, 1);
    expect_text(&t, "for b");
    cr_expect_eq(t.f->alarm, UINT64_MAX);
    fake_free(t.f);
}

/* a sends, b receives the descriptor and fetches; the data never lies in the queue. */
static uint32_t long_sent(struct three *t, uint32_t ms)
{
    uint32_t q = CALL3(t->f, "CreateRtQueue", 64, 0, 0),
             block = CALL1(t->f, "AllocateRtMemory", 8192);
    for (uint32_t i = 0; i < 8192; i += 4) {
        uint8_t bytes[4];
        put32(bytes, i * 3);
        fake_put(t->f, block + i, bytes, 4);
    }
    CALL5(t->f, "SendRtLongDataMessage", q, block + 100, 5000, ms, 0x55aa);
    expect_runs(t, 1);
    return q;
}

Test(queue, long_message)
{
    struct three t = three();
    uint32_t q = long_sent(&t, ALL), to = CALL1(t.f, "AllocateRtMemory", 8192);
    cr_expect_eq(receive(&t, q, 60, 0), 0);
    cr_expect_eq(fake_last(t.f), E_NO_LOCAL_BUFFER);
    cr_expect_eq(dword(&t, SIZE), 5000);
    cr_expect_eq(dword(&t, SCRATCH + 12), 0x55aa, "the user's value");
    cr_expect_eq(dword(&t, SCRATCH + 16), 5000);
    expect_runs(&t, 1);
    cr_expect_eq(CALL5(t.f, "GetRtLongDataMessage", 0, SCRATCH, to, 4999, SIZE), 0);
    cr_expect_eq(fake_last(t.f), E_PARAM);
    cr_expect_eq(CALL5(t.f, "GetRtLongDataMessage", 0, SCRATCH, to, 8192, SIZE), 1);
    for (uint32_t i = 0; i < 5000; i += 4)
        cr_assert_eq(dword(&t, to + i), (i + 100) * 3);
    CALL5(t.f, "GetRtLongDataMessage", 0, SCRATCH, to, 8192, SIZE);
    cr_expect_eq(t.f->leave_status, E_CANCELLED, "it is over");
    stop(&t);
    stop(&t);
    expect_runs(&t, 0);
    cr_expect_eq(t.f->eax, 1);
    fake_free(t.f);
}

/* How a long message can end otherwise; the sender's status. */
Test(queue, long_message_not_fetched)
{
    for (unsigned how = 0; how < 7; how++) {
        struct three t = three();
        uint32_t q = long_sent(&t, how == 0 ? 30 : ALL), want = E_CANCELLED;
        bool described = how != 1 && how != 5;
        if (described) receive(&t, q, 60, 0);
        uint16_t a = object_find(t.f->k, t.p[0])->process->threads->handle;
        switch (how) {
        case 0:
            fake_time(t.f, 30000);
            want = E_TIME;
            break;
        case 1: CALL1(t.f, "FlushRtQueue", q); break;
        case 2: CALL2(t.f, "CancelRtLongDataMessage", q, SCRATCH); break;
        case 3:
        case 5:
            CALL1(t.f, "DeleteRtQueue", q);
            want = E_EXIST;
            break;
        case 4: CALL1(t.f, "DeleteRtThread", a); break;
        default: /* the sender's memory goes */
            object_find(t.f->k, t.p[0])->process->threads->message->from = 0x300000;
            CALL5(t.f, "GetRtLongDataMessage", 0, SCRATCH, FAKE_DATA, 4096, SIZE);
            cr_expect_eq(t.f->leave_status, E_PARAM);
            CALL5(t.f, "GetRtLongDataMessage", 0, SCRATCH, CALL1(t.f, "AllocateRtMemory", 8192),
                  8192, SIZE);
            cr_expect_eq(fake_last(t.f), E_BAD_ADDR);
            want = E_BAD_ADDR;
            break;
        }
        expect_runs(&t, 1);
        if (described && how != 6) {
            CALL2(t.f, "CancelRtLongDataMessage", q, SCRATCH);
            cr_expect_eq(t.f->leave_status, E_CANCELLED, "way %u", how);
        }
        stop(&t);
        stop(&t);
        expect_runs(&t, how == 4 ? 9 : 0);
        if (how != 4) cr_expect_eq(fake_last(t.f), want, "way %u", how);
        cr_expect_null(t.f->k->described);
        fake_free(t.f);
    }
}

Test(queue, end_of_the_owner)
{
    struct three t = three();
    stop(&t);
    uint32_t q = CALL3(t.f, "CreateRtQueue", 4096, 0, 0);
    CALL1(t.f, "knRtSleep", 0);
    CALL5(t.f, "SendRtLongDataMessage", q, FAKE_DATA, 64, ALL, 0); /* c */
    expect_runs(&t, 1);
    CALL0(t.f, "ExitRtProcess");
    expect_runs(&t, 2);
    cr_expect_eq(fake_last(t.f), E_EXIST);
    fake_free(t.f);
}
