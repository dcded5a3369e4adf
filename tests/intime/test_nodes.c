/* Nodes by name and number, and global objects on the only node: who may delete them, and when they go. */
#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"

#define OUT      (FAKE_DATA + 0x100)
#define REFCOUNT 0x100u
#define ALL      0xffffffffu

static struct fake *start(void)
{
    struct fake *f = fake_new(0x1000000, 0);
    fake_app(f);
    fake_run(f);
    return f;
}

static uint32_t located(struct fake *f, const char *name)
{
    return CALL1(f, "GetRtNodeLocationByName", fake_string(f, name));
}

Test(nodes, names_with_and_without_a_host)
{
    struct fake *f = start();
    static const char *const here[] = {
        "NodeA",           "///NodeA",          "intime:///NodeA",
        "localhost/NodeA", "//localhost/NodeA", "intime://localhost/NodeA"};
    static const char *const nowhere[] = {
        "nodea",         "NodeA/",           "/NodeA",     "//NodeA",          "intime://NodeA",
        "far/NodeA",     "NodeAB",           "intime:///", "localhost/",       "localhost",
        "http:///NodeA", "intime:////NodeA", "Node",       "localhost//NodeA", "intime:/NodeA"};
    for (unsigned i = 0; i < sizeof here / sizeof here[0]; i++)
        cr_expect_eq(located(f, here[i]), 1, "%s", here[i]);
    for (unsigned i = 0; i < sizeof nowhere / sizeof nowhere[0]; i++) {
        cr_expect_eq(located(f, nowhere[i]), ALL, "%s", nowhere[i]);
        cr_expect_eq(f->leave_status, E_INVALID_ADDRESS, "%s", nowhere[i]);
    }
    char longest[65];
    memset(longest, 'N', 64);
    longest[64] = 0;
    located(f, longest);
    cr_expect_eq(f->leave_status, E_PARAM);
    located(f, longest + 1);
    cr_expect_eq(f->leave_status, E_INVALID_ADDRESS);
    fake_free(f);
}

Test(nodes, the_only_one)
{
    struct fake *f = start();
    uint8_t info[88], want[88] = {1};
    memset(info, 0xEE, sizeof info);
    fake_put(f, OUT, info, sizeof info);
    memcpy(want + 4, "NodeA", 5);
    want[69] = want[70] = 1;
    cr_expect_eq(CALL2(f, "GetRtNodeInfo", 0, OUT), 1);
    fake_get(f, OUT, info, sizeof info);
    cr_expect_arr_eq(info, want, sizeof info);
    cr_expect_eq(CALL1(f, "GetRtNodeStatus", 0), E_OK);
    cr_expect_eq(CALL1(f, "GetRtNodeStatus", CALL0(f, "GetFirstRtLocation")), E_OK);
    cr_expect_eq(CALL1(f, "GetRtNodeStatus", 2), E_EXIST);
    cr_expect_eq(CALL1(f, "GetRtNodeStatus", ALL), E_EXIST);
    cr_expect_eq(CALL1(f, "GetRemoteRootRtProcess", 1), CALL1(f, "GetRtThreadHandles", 3));
    fake_free(f);
}

/* An object that its maker deletes, one that counts, and one that is not global at all. */
Test(nodes, global_objects)
{
    struct fake *f = start();
    uint32_t owned = CALL2(f, "CreateGlobalRtMailbox", 1, 0x20);
    uint32_t counted = CALL4(f, "CreateGlobalRtSemaphore", 0, 1, 5, REFCOUNT | 1);
    uint32_t plain = CALL3(f, "CreateRtSemaphore", 0, 1, 0);
    cr_expect(f->k->slot[owned >> 3].subtype);
    cr_expect_eq(f->k->slot[counted >> 3].units, 1);
    cr_expect_eq(f->k->slot[counted >> 3].units_max, 5);
    cr_expect(f->k->slot[counted >> 3].by_priority);
    cr_expect_eq(CALL2(f, "CreateRtReferenceObject", 1, owned), owned);
    cr_expect_eq(CALL2(f, "CreateRtReferenceObject", 1, counted), counted);
    cr_expect_eq(CALL2(f, "CreateRtReferenceObject", 1, plain), plain);
    cr_expect_eq(CALL1(f, "DeleteRtReferenceObject", plain), 0);
    cr_expect_eq(f->leave_status, E_TYPE);
    cr_expect_eq(CALL1(f, "DeleteRtReferenceObject", counted), 1);
    cr_expect_eq(CALL1(f, "GetRtHandleType", counted), TYPE_SEMAPHORE, "one reference is left");
    cr_expect_eq(CALL1(f, "DeleteRtReferenceObject", counted), 1);
    cr_expect_eq(CALL1(f, "GetRtHandleType", counted), 0);
    cr_expect_eq(CALL1(f, "DeleteRtReferenceObject", owned), 1);
    cr_expect_eq(CALL1(f, "GetRtHandleType", owned), 0);
    fake_free(f);
}

Test(nodes, only_the_owner_deletes_an_object_without_a_count)
{
    struct fake *f = start();
    uint32_t owned = CALL2(f, "CreateGlobalRtMailbox", 1, 0);
    fake_app(f);
    CALL1(f, "RtSleep", 100);
    cr_expect_eq(CALL1(f, "DeleteRtReferenceObject", owned), 1);
    cr_expect_eq(CALL1(f, "GetRtHandleType", owned), TYPE_MAILBOX);
    CALL3(f, "ReceiveRtHandle", owned, ALL, 0);
    cr_assert(f->leave_blocked);
    fake_time(f, f->now + 200000);
    cr_expect_eq(CALL1(f, "DeleteRtReferenceObject", owned), 1);
    cr_expect_eq(CALL1(f, "GetRtHandleType", owned), 0);
    CALL1(f, "RtSleep", 100);
    cr_expect_eq(fake_last(f), E_EXIST, "who waited at it goes on");
    cr_expect_null(fake_check(f));
    fake_free(f);
}

Test(nodes, what_a_reference_is_of)
{
    struct fake *f = start();
    uint8_t info[12], want[12] = {TYPE_MAILBOX, 0, 1, 0, 1};
    uint32_t owned = CALL2(f, "CreateGlobalRtMailbox", 1, 0x20);
    put16(want + 8, (uint16_t)owned);
    cr_expect_eq(CALL2(f, "GetRtObjectInfo", owned, OUT), 1);
    fake_get(f, OUT, info, sizeof info);
    cr_expect_arr_eq(info, want, sizeof info);
    fake_free(f);
}
