/* Rows of services and of the ports that they have. */
#include <criterion/criterion.h>

#include "serving.h"
#include "statuses.h"

#define ROOM (FAKE_DATA + 0x300) /* RECEIVEINFO */
#define ADDR (FAKE_DATA + 0x280)

static const struct serving loop = {"LOOP",
                                    0,
                                    4,
                                    4,
                                    4,
                                    4,
                                    1u << SERVE_SEND_MESSAGE | 1u << SERVE_GET_ATTRIBUTES |
                                        1u << SERVE_SET_ATTRIBUTES | 1u << SERVE_DELETE_PORT |
                                        1u << SERVE_GET_FRAGMENT | 1u << SERVE_FINISH};

/* What a call that has waited ended with. */
static void later(struct fake *f, struct seen *seen, uint32_t status, const char *name)
{
    const struct row *row = fake_row(name);
    cr_expect_eq(fake_last(f), status ? status : 0x7777, "%s: last error %s", name,
                 rt_status_name(fake_last(f)));
    mark(seen, row, status);
    CALL1(f, "SetLastRtError", 0x7777);
}

/* The call waits; the handler leaves `code`: EAX of the call. */
static uint32_t handled(struct fake *f, struct seen *seen, uint32_t code, enum serve serve,
                        unsigned arguments, const char *name)
{
    cr_expect_eq(f->eax - SERVE_HANDLER, serve, "%s: another handler", name);
    serve_end(f, arguments, code);
    uint32_t eax = f->eax;
    cr_expect(code == E_OK || eax == row_failure(fake_row(name)), "%s: EAX %08X", name, eax);
    later(f, seen, code, name);
    return eax;
}

static void install_calls(struct fake *f, struct seen *seen)
{
    struct serving s = loop;
    serve_describe(f, &s);
    uint8_t byte = 0x40;
    fake_put(f, SERVE_DESC + 14, &byte, 1);
    WANT(E_PARAM, "InstallRtServiceDescriptor", 1, SERVE_DESC);
    byte = 1;
    fake_put(f, SERVE_DESC + 14, &byte, 1);
    WANT(E_NOT_CONFIGURED, "InstallRtServiceDescriptor", 1, SERVE_DESC);
    serve_describe(f, &s);
    uint8_t stack[4];
    put32(stack, 0x800000);
    fake_put(f, SERVE_DESC + 110, stack, 4);
    WANT(E_VMEM, "InstallRtServiceDescriptor", 1, SERVE_DESC);
    serve_describe(f, &s);
    WANT(E_OK, "InstallRtServiceDescriptor", 1, SERVE_DESC);
    WANT(E_STATE, "InstallRtServiceDescriptor", 1, SERVE_DESC);
    cr_expect_eq(CALL1(f, "GetRtHandleType", serve_half(f, SERVE_DESC + 116)), TYPE_SERVICE);
}

static void making_ports(struct fake *f, struct seen *seen, uint32_t *a, uint32_t *b)
{
    uint32_t name = fake_string(f, "LOOP");
    WANT(E_PARAM, "CreateRtPort", 4, name, 10u, 0u, 0u);
    *a = CALL4(f, "CreateRtPort", name, 1, 1, 0);
    WANT(E_PORT_ID_USED, "CreateRtPort", 4, name, 1u, 0u, 0u);
    WANT(E_PORT_ID_USED, "CreateRtPortEx", 5, name, 1u, 0u, 0u, 0u);
    *b = CALL5(f, "CreateRtPortEx", name, 2, 0, 0, 4096);
    CALL4(f, "CreateRtPort", name, 0, 0, 0);
    CALL4(f, "CreateRtPort", name, 0, 0, 0);
    WANT(E_LIMIT, "CreateRtPort", 4, name, 0u, 0u, 0u);
}

static void addresses(struct fake *f, struct seen *seen, uint32_t a, uint32_t self)
{
    uint8_t size = 5;
    uint32_t loose = CALL4(f, "CreateRtPort", fake_string(f, "LOOP"), 3, 0, PORT_UNBOUND);
    serve_address(f, ADDR, 2);
    WANT(E_UNBOUND, "ConnectRtPort", 2, loose, ADDR);
    WANT(E_UNBOUND, "SendRtMessage", 7, loose, 0u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_UNBOUND, "SendRtMessageRSVP", 9, loose, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_UNBOUND, "SendRtReply", 8, loose, 0u, 1u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_UNBOUND, "ReceiveRtFragment", 6, loose, 0u, 1u, SCRATCH, 4u, 0u);
    WANT(E_NUC_BAD_BUF, "BindRtPort", 2, loose, 0u);
    fake_put(f, ADDR, &size, 1);
    WANT(E_INVALID_ADDRESS, "BindRtPort", 2, loose, ADDR);
    WANT(E_INVALID_ADDRESS, "ConnectRtPort", 2, a, ADDR);
    WANT(E_INVALID_ADDRESS, "SendRtMessage", 7, a, ADDR, 0u, 0u, 0u, 0u, 0u);
    WANT(E_INVALID_ADDRESS, "SendRtMessageRSVP", 9, a, ADDR, 0u, 0u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_INVALID_ADDRESS, "SendRtReply", 8, a, ADDR, 1u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_INVALID_ADDRESS, "ReceiveRtFragment", 6, a, ADDR, 1u, SCRATCH, 4u, 0u);
    serve_address(f, ADDR, 2);
    WANT(E_OK, "BindRtPort", 2, loose, ADDR);
    WANT(E_STATE, "BindRtPort", 2, loose, ADDR);
    WANT(E_NUC_BAD_BUF, "ConnectRtPort", 2, a, 4u);
    WANT(E_OK, "ConnectRtPort", 2, a, ADDR);
    WANT(E_OK, "ConnectRtPort", 2, a, 0u);
    uint32_t sink = CALL4(f, "CreateRtPort", 0, 0, 0, 0);
    WANT(E_CONTEXT, "ReceiveRtFragment", 6, sink, 0u, 1u, SCRATCH, 4u, 0u);
    WANT(E_TYPE, "ReceiveRtFragment", 6, self, 0u, 1u, SCRATCH, 4u, 0u);
    WANT(E_OK, "AttachRtPort", 2, a, sink);
    WANT(E_STATE, "AttachRtPort", 2, a, sink);
    WANT(E_OK, "DetachRtPort", 1, a);
    WANT(E_TYPE, "AttachRtPort", 2, self, sink);
}

static void send_refusals(struct fake *f, struct seen *seen, uint32_t a)
{
    WANT(E_PARAM, "SendRtMessage", 7, a, 0u, ADDR, 5u, 0u, 0u, 0u);
    WANT(E_PARAM, "SendRtMessageRSVP", 9, a, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 1u);
    WANT(E_PARAM, "SendRtReply", 8, a, 0u, 1u, 0u, 0u, 0u, 0u, 0x100u);
    WANT(E_NUC_BAD_BUF, "SendRtMessage", 7, a, 0u, 0u, 4u, 0u, 0u, 0u);
    WANT(E_NUC_BAD_BUF, "SendRtMessageRSVP", 9, a, 0u, 0u, 0u, 0u, 0u, FAKE_RO, 4u, 0u);
    WANT(E_NUC_BAD_BUF, "SendRtReply", 8, a, 4u, 1u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_TRANS_ID, "SendRtReply", 8, a, 0u, 0u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_TRANS_ID, "ReceiveRtFragment", 6, a, 0u, 0xffffu, SCRATCH, 4u, 0u);
    WANT(E_PARAM, "ReceiveRtFragment", 6, a, 0u, 1u, SCRATCH, 4u, 1u);
    WANT(E_NUC_BAD_BUF, "ReceiveRtFragment", 6, a, 0u, 1u, FAKE_RO, 4u, 0u);
    WANT(E_NUC_BAD_BUF, "ReceiveRtFragment", 6, a, 4u, 1u, SCRATCH, 4u, 0u);
}

/* The codes that come from the handler, as it leaves them. */
static void send_codes(struct fake *f, struct seen *seen, uint32_t a)
{
    static const uint16_t codes[] = {E_OK, E_TRANSMISSION, E_DISCONNECTED};
    for (unsigned i = 0; i < 3; i++) {
        CALL6(f, "SendRtMessage", a, 0, 0, 0, 0, 0);
        handled(f, seen, codes[i], SERVE_SEND_MESSAGE, 8, "SendRtMessage");
        fake_call(f, "SendRtReply", 8, a, 0u, 1u, 0u, 0u, 0u, 0u, 0u);
        handled(f, seen, codes[i], SERVE_SEND_MESSAGE, 8, "SendRtReply");
        fake_call(f, "SendRtMessageRSVP", 9, a, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u);
        uint32_t id = handled(f, seen, codes[i], SERVE_SEND_MESSAGE, 8, "SendRtMessageRSVP");
        if (codes[i] == E_OK) CALL2(f, "CancelRtTransaction", a, id);
        if (codes[i] != E_OK) continue;
        CALL6(f, "ReceiveRtFragment", a, 0, 1, SCRATCH, 4, 0);
        handled(f, seen, E_OK, SERVE_GET_FRAGMENT, 8, "ReceiveRtFragment");
    }
}

static void attributes(struct fake *f, struct seen *seen, uint32_t a)
{
    const uint8_t head[8] = {1, 0, 4, 0};
    fake_put(f, SCRATCH, head, sizeof head);
    CALL2(f, "GetRtServiceAttributes", a, SCRATCH);
    handled(f, seen, E_OK, SERVE_GET_ATTRIBUTES, 3, "GetRtServiceAttributes");
    CALL2(f, "SetRtServiceAttributes", a, SCRATCH);
    handled(f, seen, E_OK, SERVE_SET_ATTRIBUTES, 3, "SetRtServiceAttributes");
}

/* Own buffers and transactions of the service; the second port has a table of three. */
static void buffers(struct fake *f, struct seen *seen, uint32_t a, uint32_t b, uint32_t self)
{
    uint32_t sink = CALL4(f, "CreateRtPort", 0, 0, 0, 0);
    WANT(E_EXIST, "RequestControlBuffer", 1, SERVE_DESC + 1);
    WANT(E_EXIST, "ReleaseControlBuffer", 2, SERVE_DESC + 1, 0u);
    WANT(E_OK, "RequestControlBuffer", 1, SERVE_DESC);
    uint32_t buffer = f->k->current ? CALL1(f, "RequestControlBuffer", SERVE_DESC) : 0;
    CALL1(f, "RequestControlBuffer", SERVE_DESC);
    CALL1(f, "RequestControlBuffer", SERVE_DESC);
    WANT(E_RESOURCE_LIMIT, "RequestControlBuffer", 1, SERVE_DESC);
    WANT(E_RESOURCE_LIMIT, "SendRtMessage", 7, a, 0u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_RESOURCE_LIMIT, "SendRtMessageRSVP", 9, a, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_RESOURCE_LIMIT, "SendRtReply", 8, a, 0u, 1u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_NUC_BAD_BUF, "ReleaseControlBuffer", 2, SERVE_DESC, buffer + 1);
    WANT(E_OK, "ReleaseControlBuffer", 2, SERVE_DESC, buffer);
    for (unsigned i = 1; i < 4; i++)
        CALL2(f, "ReleaseControlBuffer", SERVE_DESC, buffer + i * 60);
    CALL2(f, "ReleaseControlBuffer", SERVE_DESC, buffer - 60);
    WANT(E_EXIST, "RequestTransaction", 2, 0u, SCRATCH);
    WANT(E_TYPE, "RequestTransaction", 2, self, SCRATCH);
    WANT(E_TYPE, "RequestTransaction", 2, sink, SCRATCH);
    WANT(E_NUC_BAD_BUF, "RequestTransaction", 2, a, FAKE_RO);
    uint32_t x = CALL2(f, "RequestTransaction", a, SCRATCH);
    uint32_t id = serve_half(f, SCRATCH);
    mark(seen, fake_row("RequestTransaction"), E_OK);
    WANT(E_TRANS_LIMIT, "RequestTransaction", 2, a, SCRATCH);
    WANT(E_TRANS_LIMIT, "SendRtMessage", 7, a, 0u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_TRANS_LIMIT, "SendRtMessageRSVP", 9, a, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_TRANS_LIMIT, "SendRtReply", 8, a, 0u, 1u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_EXIST, "GetTransaction", 3, 0u, id, 0u);
    WANT(E_TYPE, "GetTransaction", 3, self, id, 0u);
    WANT(E_NUC_BAD_BUF, "GetTransaction", 3, a, id, 4u);
    WANT(E_OK, "GetTransaction", 3, a, id, 0u);
    cr_expect_eq(CALL3(f, "GetTransaction", a, id, 0), x);
    cr_expect_eq(CALL3(f, "GetTransaction", a, id + 1, 0), 0);
    cr_expect_eq(CALL3(f, "GetTransaction", b, id, 0), 0);
    WANT(E_EXIST, "ReleaseTransaction", 2, 0u, x);
    WANT(E_TYPE, "ReleaseTransaction", 2, self, x);
    WANT(E_NUC_BAD_BUF, "ReleaseTransaction", 2, b, x);
    WANT(E_OK, "ReleaseTransaction", 2, a, x);
    WANT(E_NUC_BAD_BUF, "ReleaseTransaction", 2, a, x);
    CALL1(f, "DeleteRtPort", sink);
}

static void queues(struct fake *f, struct seen *seen, uint32_t a, uint32_t self)
{
    static const char *const put[] = {"EnqueueInputTransaction", "EnqueueOutputTransaction"};
    static const char *const take[] = {"DequeueInputTransaction", "DequeueOutputTransaction"};
    static const char *const look[] = {"QueryInputTransactionQueue", "QueryOutputTransactionQueue"};
    uint32_t x = CALL2(f, "RequestTransaction", a, SCRATCH);
    for (unsigned i = 0; i < 2; i++) {
        WANT(E_EXIST, put[i], 3, 0u, x, SCRATCH);
        WANT(E_TYPE, put[i], 3, self, x, SCRATCH);
        WANT(E_NUC_BAD_BUF, put[i], 3, a, x + 1, SCRATCH);
        WANT(E_OK, put[i], 3, a, x, SCRATCH);
        cr_expect_eq(serve_half(f, SCRATCH) & 255, 1, "the queue was empty");
        WANT(E_STATE, put[i], 3, a, x, SCRATCH);
        WANT(E_EXIST, look[i], 1, 0u);
        WANT(E_TYPE, look[i], 1, self);
        WANT(E_OK, look[i], 1, a);
        WANT(E_EXIST, take[i], 1, 0u);
        WANT(E_TYPE, take[i], 1, self);
        WANT(E_OK, take[i], 1, a);
        cr_expect_eq(CALL1(f, take[i], a), 0, "it is empty again");
    }
    CALL2(f, "ReleaseTransaction", a, x);
    WANT(E_EXIST, "SetPortParameter", 2, 0u, 5u);
    WANT(E_TYPE, "SetPortParameter", 2, self, 5u);
    WANT(E_OK, "SetPortParameter", 2, a, 5u);
    WANT(E_EXIST, "GetPortParameter", 1, 0u);
    WANT(E_TYPE, "GetPortParameter", 1, self);
    WANT(E_OK, "GetPortParameter", 1, a);
    cr_expect_eq(CALL1(f, "GetPortParameter", a), 5);
}

static void descriptors(struct fake *f, struct seen *seen)
{
    static const char *const names[] = {"EnterServiceRegion", "ExitServiceRegion",
                                        "RequestControlBuffer"};
    uint8_t letter = 'X';
    for (unsigned i = 0; i < 2; i++)
        WANT(E_EXIST, names[i], 1, SERVE_DESC + 1);
    WANT(E_EXIST, "LookupPortHandle", 2, SERVE_DESC, 8u);
    WANT(E_OK, "LookupPortHandle", 2, SERVE_DESC, 2u);
    WANT(E_CONTEXT, "ExitServiceRegion", 1, SERVE_DESC);
    WANT(E_OK, "EnterServiceRegion", 1, SERVE_DESC);
    WANT(E_CONTEXT, "EnterServiceRegion", 1, SERVE_DESC);
    WANT(E_OK, "ExitServiceRegion", 1, SERVE_DESC);
    fake_put(f, SERVE_DESC, &letter, 1);
    for (unsigned i = 0; i < 3; i++)
        WANT(E_TYPE, names[i], 1, SERVE_DESC);
    WANT(E_TYPE, "ReleaseControlBuffer", 2, SERVE_DESC, 0u);
    WANT(E_TYPE, "LookupPortHandle", 2, SERVE_DESC, 2u);
    letter = 'L';
    fake_put(f, SERVE_DESC, &letter, 1);
}

static void deliveries(struct fake *f, struct seen *seen, uint32_t a, uint32_t b, uint32_t self)
{
    uint32_t buffer = serve_control(f, b, 0, 0, 0), x;
    WANT(E_EXIST, "DeliverMessage", 2, 0u, buffer);
    WANT(E_TYPE, "DeliverMessage", 2, self, buffer);
    WANT(E_NUC_BAD_BUF, "DeliverMessage", 2, b, buffer + 1);
    WANT(E_OK, "DeliverMessage", 2, b, buffer);
    WANT(E_NUC_BAD_BUF, "ReceiveRtMessage", 3, b, 0u, FAKE_RO - 86u);
    WANT(E_OK, "ReceiveRtMessage", 3, b, 0u, ROOM);
    cr_expect_eq(serve_word(f, ROOM + RECEIVE_HEAD), get32((const uint8_t *)"ping"));
    buffer = serve_control(f, b, 0, FAKE_DATA, 4);
    WANT(E_NO_LOCAL_BUFFER, "DeliverMessage", 2, b, buffer);
    x = CALL2(f, "RequestTransaction", b, SCRATCH);
    WANT(E_NO_LOCAL_BUFFER, "DeliverTransaction", 2, buffer, x);
    CALL2(f, "ReleaseControlBuffer", SERVE_DESC, buffer);
    WANT(E_NUC_BAD_BUF, "DeliverTransaction", 2, buffer, x);
    buffer = serve_control(f, 0, 0, 0, 0);
    WANT(E_EXIST, "DeliverTransaction", 2, buffer, x);
    CALL2(f, "ReleaseControlBuffer", SERVE_DESC, buffer);
    buffer = serve_control(f, a, 0, 0, 0);
    WANT(E_TYPE, "DeliverTransaction", 2, buffer, x);
    CALL2(f, "ReleaseControlBuffer", SERVE_DESC, buffer);
    buffer = serve_control(f, b, 0, 0, 0);
    WANT(E_OK, "DeliverTransaction", 2, buffer, x);
    WANT(E_NUC_BAD_BUF, "DeliverStatus", 2, x, 0u);
    x = CALL2(f, "RequestTransaction", a, SCRATCH);
    WANT(E_OK, "DeliverStatus", 2, x, E_TRANSMISSION);
}

/* A request, and the response that nobody has fetched. */
static void replies(struct fake *f, struct seen *seen, uint32_t b, uint32_t self)
{
    fake_call(f, "SendRtMessageRSVP", 9, b, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u);
    handled(f, seen, E_OK, SERVE_SEND_MESSAGE, 8, "SendRtMessageRSVP");
    const struct service *s = object_find(f->k, serve_half(f, SERVE_DESC + 116))->service;
    unsigned i = 0;
    while (s->transaction[i].state == TRANSACTION_FREE)
        i++;
    uint32_t id = s->transaction[i].id, x = transaction_at(s, i);
    WANT(E_PARAM, "ReceiveRtReply", 4, b, id, 655350u, ROOM);
    WANT(E_TRANS_ID, "ReceiveRtReply", 4, b, id + 1, 0u, ROOM);
    WANT(E_NUC_BAD_BUF, "ReceiveRtReply", 4, b, id, 0u, FAKE_RO);
    WANT(E_TIME, "ReceiveRtReply", 4, b, id, 0u, ROOM);
    CALL2(f, "DeliverTransaction", serve_control(f, b, 0, 0, 0), x);
    WANT(E_OK, "ReceiveRtReply", 4, b, id, 0u, ROOM);
    cr_expect_eq(serve_half(f, ROOM), MESSAGE_RESPONSE);
    fake_call(f, "SendRtMessageRSVP", 9, b, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u);
    handled(f, seen, E_OK, SERVE_SEND_MESSAGE, 8, "SendRtMessageRSVP");
    WANT(E_OK, "CancelRtTransaction", 2, b, s->transaction[i].id);
    (void)self;
}

/* The receiver's space has no room for the heap that the data are in. */
static void no_room(struct fake *f, struct seen *seen, uint32_t b)
{
    uint32_t heap = CALL1(f, "DetachRtHeap", b);
    CALL2(f, "AttachRtHeap", heap, b);
    uint32_t data = CALL3(f, "RequestRtBuffer", heap, 4, SCRATCH);
    uint16_t first = rt_current_process(f->k);
    fake_app(f);
    CALL1(f, "knRtSleep", 0);
    cr_assert_neq(rt_current_process(f->k), first);
    CALL1(f, "SetLastRtError", 0x7777);
    uint32_t sink = CALL4(f, "CreateRtPort", 0, 0, 0, 0);
    WANT(E_OK, "AttachRtPort", 2, b, sink);
    for (uint32_t size = 0x400000; size >= 0x1000; size /= 2)
        while (CALL2(f, "MapRtPhysicalMemory", 0x200000, size)) {
        }
    CALL1(f, "SetLastRtError", 0x7777);
    CALL1(f, "knRtSleep", 0);
    CALL2(f, "DeliverMessage", b, serve_control(f, b, 0, data, 4));
    uint32_t held[64], n = 0;
    for (uint32_t size = 0x400000; size >= 0x1000; size /= 2)
        while (n < 64 && (held[n] = CALL2(f, "MapRtPhysicalMemory", 0x200000, size)))
            n++;
    CALL1(f, "SetLastRtError", 0x7777);
    CALL1(f, "knRtSleep", 0);
    WANT(E_RESOURCE_LIMIT, "ReceiveRtFragment", 6, b, 0u, 1u, SCRATCH, 4u, 0u);
    CALL1(f, "knRtSleep", 0);
    while (n)
        CALL1(f, "FreeRtMemory", held[--n]);
    CALL1(f, "knRtSleep", 0);
    WANT(E_VMEM, "ReceiveRtMessage", 3, sink, 0u, ROOM);
    CALL0(f, "ExitRtProcess");
}

/* While the DeletePort handler works, and while Finish does. */
static void endings(struct fake *f, struct seen *seen, uint32_t b)
{
    static const char *const of_object[] = {
        "DequeueInputTransaction",    "DequeueOutputTransaction",
        "QueryInputTransactionQueue", "QueryOutputTransactionQueue",
        "SetPortParameter",           "GetPortParameter",
        "EnqueueInputTransaction",    "EnqueueOutputTransaction",
        "ReleaseTransaction",         "GetTransaction",
        "RequestTransaction"};
    static const char *const of_desc[] = {"RequestControlBuffer", "ReleaseControlBuffer",
                                          "LookupPortHandle", "EnterServiceRegion",
                                          "ExitServiceRegion"};
    uint32_t x = CALL2(f, "RequestTransaction", b, SCRATCH);
    uint32_t buffer = serve_control(f, b, 0, 0, 0);
    CALL1(f, "DeleteRtPort", b);
    cr_expect_eq(f->eax - SERVE_HANDLER, SERVE_DELETE_PORT);
    CALL1(f, "SetLastRtError", 0x7777);
    for (unsigned i = 0; i < sizeof of_object / sizeof *of_object; i++)
        WANT(E_CONTEXT, of_object[i], 2, b, x);
    WANT(E_CONTEXT, "DeliverMessage", 2, b, buffer);
    WANT(E_CONTEXT, "DeliverTransaction", 2, buffer, x);
    WANT(E_CONTEXT, "DeliverStatus", 2, x, 0u);
    WANT(E_CONTEXT, "DeleteRtPort", 1, CALL2(f, "LookupPortHandle", SERVE_DESC, 1));
    serve_end(f, 3, E_STATE);
    cr_expect_eq(fake_last(f), E_STATE, "the handler has refused");
    CALL1(f, "SetLastRtError", 0x7777);
    uint32_t other = CALL4(f, "CreateRtThread", 200, FAKE_IMAGE, 4096, 0);
    CALL1(f, "UninstallRtServiceDescriptor", fake_string(f, "LOOP"));
    cr_expect_eq(f->eax - SERVE_HANDLER, SERVE_FINISH);
    for (unsigned i = 0; i < sizeof of_desc / sizeof *of_desc; i++)
        WANT(E_CONTEXT, of_desc[i], 2, SERVE_DESC, 0u);
    CALL1(f, "RtSleep", 10);
    cr_expect_eq(rt_current_thread(f->k), other);
    CALL1(f, "SetLastRtError", 0x7777);
    WANT(E_EXIST, "UninstallRtServiceDescriptor", 1, fake_string(f, "LOOP"));
    fake_time(f, f->now + 20000);
    serve_end(f, 2, E_OK);
    later(f, seen, E_OK, "UninstallRtServiceDescriptor");
}

/* A service without addresses and with nothing that sends. */
static void mute(struct fake *f, struct seen *seen)
{
    const struct serving s = {"MUTE", 0, 0, 0, 1, 1, 0};
    serve_describe(f, &s);
    CALL1(f, "InstallRtServiceDescriptor", SERVE_DESC);
    uint32_t port = CALL4(f, "CreateRtPort", fake_string(f, "MUTE"), 0, 0, 0);
    WANT(E_NOT_CONFIGURED, "SendRtMessage", 7, port, 0u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_NOT_CONFIGURED, "SendRtMessageRSVP", 9, port, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_NOT_CONFIGURED, "ReceiveRtFragment", 6, port, 0u, 1u, SCRATCH, 4u, 0u);
    WANT(E_NOT_CONFIGURED, "SendRtReply", 8, port, 0u, 1u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_CONTEXT, "ConnectRtPort", 2, port, ADDR);
    WANT(E_CONTEXT, "BindRtPort", 2, port, ADDR);
    WANT(E_CONTEXT, "clib_service", 1, SERVE_ROOM);
    CALL1(f, "RtSleep", 10);
    WANT(E_BAD_ADDR, "clib_service", 1, FAKE_RO);
    CALL1(f, "clib_service", SERVE_ROOM);
    fake_time(f, f->now + 20000);
    mark(seen, fake_row("clib_service"), E_OK);
    WANT(E_OK, "UninstallRtServiceDescriptor", 1, fake_string(f, "MUTE"));
    WANT(E_EXIST, "SendRtMessage", 7, port, 0u, 0u, 0u, 0u, 0u, 0u);
    WANT(E_EXIST, "ReceiveRtFragment", 6, port, 0u, 1u, SCRATCH, 4u, 0u);
    CALL1(f, "RtSleep", 10);
    cr_expect_eq(f->eax, 0, "its thread has nothing to do any more");
    CALL1(f, "DeleteRtThread", 0);
    fake_time(f, f->now + 20000);
}

void service_calls(struct fake *f, struct seen *seen)
{
    uint32_t a, b, self = CALL1(f, "GetRtThreadHandles", 1);
    mute(f, seen);
    install_calls(f, seen);
    making_ports(f, seen, &a, &b);
    addresses(f, seen, a, self);
    send_refusals(f, seen, a);
    CALL1(f, "RtSleep", 10);
    CALL1(f, "clib_service", SERVE_ROOM);
    fake_time(f, f->now + 20000);
    send_codes(f, seen, a);
    attributes(f, seen, a);
    buffers(f, seen, a, b, self);
    queues(f, seen, a, self);
    descriptors(f, seen);
    deliveries(f, seen, a, b, self);
    replies(f, seen, b, self);
    no_room(f, seen, b);
    endings(f, seen, b);
}
