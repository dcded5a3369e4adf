/* services.c: a service that carries messages from one of its ports to another, and ports that use it. */
#include "rtserv.h"
#include "string.h"

#include "../demo/seg.h"
#include "tap.h"

#define TEXT  16u /* bytes of a control message */
#define FIRST 1u

typedef struct {
    RECEIVEINFO info;
    BYTE rest[TEXT];
} RTPACKED RECEIVED;

/* What the handlers have seen, and the code that they are to leave. */
static struct {
    DWORD inits, creates, deletes, finishes, verifies, cancels, updates;
    DWORD fetched; /* bytes of a request that come in fragments: */
    BOOLEAN apart; /* the next one's data stay away */
    WORD fail, attribute;
    LPTRANSACTION kept;
    LPSERVICEDESC service;
    RTHANDLE thread;
} seen;

static void initialize(LPSERVICEDESC service, LPWORD excep)
{
    seen.inits++;
    seen.service = service;
    *excep = seen.fail;
}

static void finish(LPSERVICEDESC service, LPWORD excep)
{
    seen.finishes += RequestControlBuffer(service) == NULL && GetLastRtError() == E_CONTEXT;
    *excep = seen.fail;
}

static void create_port(LPSERVICEDESC service, RTHANDLE port, LPWORD excep)
{
    seen.creates += service == seen.service && GetRtHandleType(port) == PORT_TYPE;
    *excep = seen.fail;
}

static void delete_port(LPSERVICEDESC service, RTHANDLE port, LPWORD excep)
{
    (void)service;
    (void)port;
    seen.deletes++;
    *excep = seen.fail;
}

static void cancel(LPSERVICEDESC service, RTHANDLE port, WORD id, LPWORD excep)
{
    (void)service;
    seen.cancels += GetTransaction(port, id, NULL) != NULL;
    *excep = seen.fail;
}

static void verify(LPSERVICEDESC service, RTHANDLE port, LPGENADDR address, LPWORD excep)
{
    (void)port;
    seen.verifies++;
    if (seen.fail)
        *excep = seen.fail;
    else if (LookupPortHandle(service, address->portId) == BAD_RTHANDLE)
        *excep = E_INVALID_ADDRESS;
}

static void get_attributes(LPSERVICEDESC service, LPSERVICEATTRIBUTES to, LPWORD excep)
{
    (void)service;
    if (to->wLength < 2) *excep = E_PARAM;
    if (to->wLength >= 2) *(LPWORD)(to + 1) = seen.attribute;
}

static void set_attributes(LPSERVICEDESC service, LPSERVICEATTRIBUTES from, LPWORD excep)
{
    (void)service;
    seen.attribute = *(LPWORD)(from + 1);
    *excep = seen.fail;
}

static void update(LPSERVICEDESC service, RTHANDLE port, LPCONTROLBUFFER control,
                   LPRECEIVEINFO info, LPWORD excep)
{
    (void)service;
    (void)port;
    (void)excep;
    seen.updates += info->wStatus == control->wMsgStatus;
    info->wTransID = 4711;
}

/* The data of a message into a buffer of the receiving port's heap. */
static LPVOID copied(RTHANDLE to, LPTRANSACTION t)
{
    PORTINFO info;
    WORD type;
    if (!t->cbDataLength || !GetRtPortAttributes(to, &info)) return NULL;
    LPVOID data = RequestRtBuffer(info.hHeap, t->cbDataLength, &type);
    if (data) memcpy(data, t->lpData, t->cbDataLength);
    return data;
}

static WORD carry(LPSERVICEDESC service, RTHANDLE from, RTHANDLE to, WORD id, LPTRANSACTION t,
                  LPBYTE text)
{
    PORTINFO info;
    LPCONTROLBUFFER c = RequestControlBuffer(service);
    if (!c) return E_RESOURCE_LIMIT;
    GetRtPortAttributes(from, &info);
    memcpy(c->byControlMsg, text, TEXT);
    c->SourceAddress = info.LocalAddress;
    c->hPort = to;
    c->wLocalTransID = id;
    c->cbDataLength = t->cbDataLength;
    if (id && !(t->wState & TRANSACTION_RSVP)) { /* a reply */
        LPTRANSACTION asked = GetTransaction(to, id, &info.LocalAddress);
        if (!asked || asked == BAD_POINTER) {
            ReleaseControlBuffer(service, c);
            return E_TRANS_ID;
        }
        if (t->cbDataLength <= asked->cbRSVPLength)
            memcpy(asked->lpRSVPData, t->lpData, t->cbDataLength);
        return DeliverTransaction(c, asked) ? E_OK : (WORD)GetLastRtError();
    }
    if (!seen.apart) c->pData = copied(to, t);
    return DeliverMessage(to, c) ? E_OK : (WORD)GetLastRtError();
}

static void send(LPSERVICEDESC service, RTHANDLE port, LPGENADDR to, WORD id, LPTRANSACTION t,
                 LPBYTE text, WORD length, LPWORD excep)
{
    (void)length;
    seen.thread = t->hThread;
    if (seen.fail) {
        seen.kept = t;
        *excep = seen.fail;
        return;
    }
    RTHANDLE other = to ? LookupPortHandle(service, to->portId) : BAD_RTHANDLE;
    if (!to)
        *excep = E_DISCONNECTED; /* it takes no messages itself */
    else if (other == BAD_RTHANDLE)
        *excep = E_TRANSMISSION;
    else
        *excep = carry(service, port, other, id, t, text);
}

/* A piece of a request's data, from where the last one ended. */
static void get_fragment(LPSERVICEDESC service, RTHANDLE port, LPGENADDR from, WORD id, LPVOID to,
                         DWORD size, WORD flags, LPWORD excep)
{
    PORTINFO info;
    RTHANDLE other = from ? LookupPortHandle(service, from->portId) : BAD_RTHANDLE;
    GetRtPortAttributes(port, &info);
    LPTRANSACTION asked = GetTransaction(other, id, &info.LocalAddress);
    if (!asked || asked == BAD_POINTER || flags != CONTIGUOUS_BUFFER) {
        *excep = E_TRANS_ID;
        return;
    }
    DWORD left = asked->cbDataLength - seen.fetched;
    memcpy(to, (BYTE *)asked->lpData + seen.fetched, size < left ? size : left);
    seen.fetched += size < left ? size : left;
}

static SERVICEDESC loop;

static void describe(SERVICEDESC *d, const char *name)
{
    memset(d, 0, sizeof *d);
    memcpy(d->cName, name, strlen(name));
    d->wPortCreationMask = 2;
    d->wAddressSize = 4;
    d->wControlMessageSize = TEXT;
    d->wMaxTransactionBuffers = d->wMaxControlBuffers = 4;
    d->wPortTableSize = d->wLastValidPortID = 8;
    d->wFirstValidPortID = FIRST;
    d->wFirstAllocPortID = 6;
    d->wLastAllocPortID = 7;
    d->pSendMessage = (LPPROC)(void *)send;
}

static void handlers(SERVICEDESC *d)
{
    d->pInitialize = (LPPROC)(void *)initialize;
    d->pGetAttributes = (LPPROC)(void *)get_attributes;
    d->pSetAttributes = (LPPROC)(void *)set_attributes;
    d->pCreatePort = (LPPROC)(void *)create_port;
    d->pDeletePort = (LPPROC)(void *)delete_port;
    d->pVerifyAddress = (LPPROC)(void *)verify;
    d->pCancelTransaction = (LPPROC)(void *)cancel;
    d->pUpdateReceiveInfo = (LPPROC)(void *)update;
    d->pFinish = (LPPROC)(void *)finish;
    d->pGetFragment = (LPPROC)(void *)get_fragment;
}

static void installs(struct tap *t)
{
    describe(&loop, "LOOP");
    handlers(&loop);
    seen.fail = E_STATE;
    FAILS(t, InstallRtServiceDescriptor(&loop), FALSE, E_STATE, INFERRED); /* its own code */
    seen.fail = E_OK;
    loop.wServiceFlags = FL_PORT_TYPE;
    FAILS(t, InstallRtServiceDescriptor(&loop), FALSE, E_NOT_CONFIGURED, DECIDED);
    loop.wServiceFlags = 0x4000;
    FAILS(t, InstallRtServiceDescriptor(&loop), FALSE, E_PARAM, DOCUMENTED);
    loop.wServiceFlags = 0;
    GIVES(t, InstallRtServiceDescriptor(&loop), TRUE, DOCUMENTED);
    IS(t, seen.inits, 2, DOCUMENTED);
    IS(t, GetRtHandleType(loop.hServiceObject), SERVICE_TYPE, INFERRED);
    FAILS(t, InstallRtServiceDescriptor(&loop), FALSE, E_STATE, DECIDED);
}

static void ports(struct tap *t, RTHANDLE *a, RTHANDLE *b)
{
    *a = CreateRtPort("LOOP", FIRST, 0, FIFO_QUEUING);
    *b = CreateRtPortEx("LOOP", 2, 2, FIFO_QUEUING, 4096);
    HOLDS(t, *a != BAD_RTHANDLE && *b != BAD_RTHANDLE, DOCUMENTED);
    IS(t, seen.creates, 2, DOCUMENTED);
    FAILS(t, CreateRtPort("LOOP", 2, 0, 0), BAD_RTHANDLE, E_PORT_ID_USED, DECIDED);
    FAILS(t, CreateRtPortEx("LOOP", 2, 0, 0, 0), BAD_RTHANDLE, E_PORT_ID_USED, DECIDED);
    FAILS(t, CreateRtPort("LOOP", 9, 0, 0), BAD_RTHANDLE, E_PARAM, DOCUMENTED);
    seen.fail = E_CONTEXT;
    FAILS(t, CreateRtPort("LOOP", 3, 0, 0), BAD_RTHANDLE, E_CONTEXT, DOCUMENTED);
    seen.fail = E_OK;
    RTHANDLE first = CreateRtPort("LOOP", 0, 0, 0), second = CreateRtPort("LOOP", 0, 0, 0);
    PORTINFO info;
    GIVES(t, GetRtPortAttributes(second, &info), TRUE, DOCUMENTED);
    IS(t, info.wPortID, 7, INFERRED);
    IS(t, info.wNumTransactions, 2, DOCUMENTED);
    IS(t, info.hService, loop.hServiceObject, DOCUMENTED);
    IS(t, info.LocalAddress.portId, 7, INFERRED);
    HOLDS(t, !memcmp(info.cName, "LOOP", 5), DOCUMENTED);
    FAILS(t, CreateRtPort("LOOP", 0, 0, 0), BAD_RTHANDLE, E_LIMIT, DOCUMENTED);
    DeleteRtPort(first);
    DeleteRtPort(second);
    IS(t, seen.deletes, 2, DOCUMENTED);
}

static void addresses(struct tap *t, RTHANDLE a)
{
    GENADDR to = {4, 0, 2, {0}}, nowhere = {4, 0, 5, {0}}, too_long = {5, 0, 2, {0}};
    RTHANDLE loose = CreateRtPort("LOOP", 4, 0, CREATE_UNBOUND);
    BYTE text[TEXT] = "";
    FAILS(t, ConnectRtPort(loose, &to), FALSE, E_UNBOUND, DOCUMENTED);
    FAILS(t, SendRtMessage(loose, &to, text, TEXT, NULL, 0, 0), BAD_TRANSACTION_ID, E_UNBOUND,
          DOCUMENTED);
    FAILS(t, SendRtMessageRSVP(loose, &to, text, TEXT, NULL, 0, NULL, 0, 0), BAD_TRANSACTION_ID,
          E_UNBOUND, DOCUMENTED);
    FAILS(t, SendRtReply(loose, &to, 1, text, TEXT, NULL, 0, 0), FALSE, E_UNBOUND, DOCUMENTED);
    FAILS(t, ReceiveRtFragment(loose, &to, 1, text, TEXT, 0), FALSE, E_UNBOUND, DECIDED);
    FAILS(t, BindRtPort(loose, OUTSIDE), FALSE, E_NUC_BAD_BUF, DOCUMENTED);
    FAILS(t, BindRtPort(loose, &too_long), FALSE, E_INVALID_ADDRESS, DOCUMENTED);
    GIVES(t, BindRtPort(loose, &to), TRUE, DOCUMENTED);
    FAILS(t, BindRtPort(loose, &to), FALSE, E_STATE, DOCUMENTED);
    DeleteRtPort(loose);
    FAILS(t, ConnectRtPort(a, OUTSIDE), FALSE, E_NUC_BAD_BUF, DOCUMENTED);
    FAILS(t, ConnectRtPort(a, &nowhere), FALSE, E_INVALID_ADDRESS, DOCUMENTED);
    GIVES(t, ConnectRtPort(a, &to), TRUE, DOCUMENTED);
    IS(t, seen.verifies, 3, DOCUMENTED);
    GIVES(t, ConnectRtPort(a, NULL), TRUE, DOCUMENTED);
    FAILS(t, SendRtMessage(a, NULL, text, TEXT, NULL, 0, 0), BAD_TRANSACTION_ID, E_DISCONNECTED,
          DOCUMENTED);
    FAILS(t, SendRtMessage(a, &nowhere, text, TEXT, NULL, 0, 0), BAD_TRANSACTION_ID, E_TRANSMISSION,
          DOCUMENTED);
    FAILS(t, SendRtMessage(a, &too_long, text, TEXT, NULL, 0, 0), BAD_TRANSACTION_ID,
          E_INVALID_ADDRESS, DOCUMENTED);
    FAILS(t, SendRtMessageRSVP(a, &too_long, text, TEXT, NULL, 0, NULL, 0, 0), BAD_TRANSACTION_ID,
          E_INVALID_ADDRESS, DOCUMENTED);
    FAILS(t, SendRtReply(a, &too_long, 1, text, TEXT, NULL, 0, 0), FALSE, E_INVALID_ADDRESS,
          DOCUMENTED);
}

static void bad_sends(struct tap *t, RTHANDLE a)
{
    GENADDR to = {4, 0, 2, {0}};
    BYTE text[TEXT] = "";
    FAILS(t, SendRtMessage(a, &to, text, TEXT + 1, NULL, 0, 0), BAD_TRANSACTION_ID, E_PARAM,
          DOCUMENTED);
    FAILS(t, SendRtMessage(a, &to, OUTSIDE, TEXT, NULL, 0, 0), BAD_TRANSACTION_ID, E_NUC_BAD_BUF,
          DOCUMENTED);
    FAILS(t, SendRtMessageRSVP(a, &to, text, TEXT, NULL, 0, NULL, 0, 1), BAD_TRANSACTION_ID,
          E_PARAM, DOCUMENTED);
    FAILS(t, SendRtMessageRSVP(a, &to, text, TEXT, NULL, 0, OUTSIDE, 4, 0), BAD_TRANSACTION_ID,
          E_NUC_BAD_BUF, DOCUMENTED);
    FAILS(t, SendRtReply(a, &to, 1, text, TEXT + 1, NULL, 0, 0), FALSE, E_PARAM, DOCUMENTED);
    FAILS(t, SendRtReply(a, &to, 1, text, TEXT, OUTSIDE, 4, 0), FALSE, E_NUC_BAD_BUF, DOCUMENTED);
    FAILS(t, SendRtReply(a, &to, 0, text, TEXT, NULL, 0, 0), FALSE, E_TRANS_ID, DOCUMENTED);
}

static void message(struct tap *t, RTHANDLE a, RTHANDLE b)
{
    GENADDR to = {4, 0, 2, {0}};
    RECEIVED got;
    BYTE text[TEXT] = "one";
    PORTINFO info;
    HOLDS(t, SendRtMessage(a, &to, text, TEXT, (LPVOID) "data", 5, SYNC_MODE) != BAD_TRANSACTION_ID,
          DOCUMENTED);
    IS(t, seen.thread, GetRtThreadHandles(THIS_THREAD), INFERRED);
    char *data = ReceiveRtMessage(b, 100, &got.info);
    HOLDS(t, data != BAD_POINTER && !strcmp(data, "data"), DOCUMENTED);
    HOLDS(t, data == got.info.pData, INFERRED);
    IS(t, got.info.dwDataSize, 5, DOCUMENTED);
    IS(t, got.info.wFlags, NORMAL_MESSAGE, DOCUMENTED);
    IS(t, got.info.wTransID, 0, DOCUMENTED);
    IS(t, got.info.Remote.portId, FIRST, DOCUMENTED);
    IS(t, got.info.Local.portId, 2, DOCUMENTED);
    IS(t, got.info.wControlMsgLength, TEXT, DECIDED);
    HOLDS(t, !memcmp(got.info.byControlMessage, "one", 4), DOCUMENTED);
    GetRtPortAttributes(b, &info);
    GIVES(t, ReleaseRtBuffer(info.hHeap, data, 0), TRUE, DOCUMENTED);
    FAILS(t, ReceiveRtMessage(b, NO_WAIT, &got.info), BAD_POINTER, E_TIME, DOCUMENTED);
    FAILS(t, ReceiveRtMessage(b, NO_WAIT, OUTSIDE), BAD_POINTER, E_NUC_BAD_BUF, DECIDED);
}

/* The other side: answers one request at its port. */
static void answers(void *param)
{
    RTHANDLE port = (RTHANDLE)(DWORD)param;
    RECEIVED got;
    BYTE text[TEXT] = "answer";
    if (ReceiveRtMessage(port, WAIT_FOREVER, &got.info) != BAD_POINTER &&
        got.info.wFlags == REQUEST_MESSAGE)
        SendRtReply(port, &got.info.Remote, got.info.wTransID, text, TEXT, (LPVOID) "yes", 4, 0);
}

static void request(struct tap *t, RTHANDLE a, RTHANDLE b)
{
    GENADDR to = {4, 0, 2, {0}};
    BYTE text[TEXT] = "question", reply[8] = "";
    RECEIVED got;
    CreateRtThread(150, answers, 4096, (void *)(DWORD)b);
    WORD id = SendRtMessageRSVP(a, &to, text, TEXT, NULL, 0, reply, sizeof reply, 0);
    HOLDS(t, id != BAD_TRANSACTION_ID, DOCUMENTED);
    FAILS(t, ReceiveRtReply(a, (WORD)(id + 1), 100, &got.info), BAD_POINTER, E_TRANS_ID,
          DOCUMENTED);
    FAILS(t, ReceiveRtReply(a, id, NO_WAIT, OUTSIDE), BAD_POINTER, E_NUC_BAD_BUF, DOCUMENTED);
    FAILS(t, ReceiveRtReply(a, id, 655350, &got.info), BAD_POINTER, E_PARAM, DECIDED);
    FAILS(t, ReceiveRtReply(a, id, NO_WAIT, &got.info), BAD_POINTER, E_TIME, DOCUMENTED);
    HOLDS(t, ReceiveRtReply(a, id, 1000, &got.info) == reply, DOCUMENTED);
    IS(t, got.info.wFlags, RESPONSE_MESSAGE, DOCUMENTED);
    IS(t, got.info.wTransID, id, DOCUMENTED);
    IS(t, got.info.dwDataSize, 4, DOCUMENTED);
    HOLDS(t, !strcmp((char *)reply, "yes"), DOCUMENTED);
    FAILS(t, ReceiveRtReply(a, id, NO_WAIT, &got.info), BAD_POINTER, E_TRANS_ID, DOCUMENTED);
    FAILS(t, SendRtReply(b, &(GENADDR){4, 0, FIRST, {0}}, id, text, TEXT, NULL, 0, 0), FALSE,
          E_TRANS_ID, DOCUMENTED);
    CreateRtThread(150, answers, 4096, (void *)(DWORD)b);
    id = SendRtMessageRSVP(a, &to, text, TEXT, NULL, 0, reply, sizeof reply, USE_RECEIVE);
    HOLDS(t, ReceiveRtMessage(a, 1000, &got.info) == reply, DOCUMENTED);
    IS(t, got.info.wTransID, id, DOCUMENTED);
}

/* A request whose data do not come with it: the receiver fetches them in pieces. */
static void fragments(struct tap *t, RTHANDLE a, RTHANDLE b)
{
    GENADDR to = {4, 0, 2, {0}}, too_long = {5, 0, 2, {0}};
    BYTE text[TEXT] = "pieces", piece[6] = "";
    RECEIVED got;
    seen.apart = TRUE;
    seen.fetched = 0;
    WORD id = SendRtMessageRSVP(a, &to, text, TEXT, (LPVOID) "nine bytes", 10, NULL, 0, 0);
    seen.apart = FALSE;
    GIVES(t, ReceiveRtMessage(b, 100, &got.info), NULL, DECIDED);
    IS(t, got.info.wFlags, REQUEST_MESSAGE, DOCUMENTED);
    IS(t, got.info.dwDataSize, 10, DECIDED);
    GIVES(t, ReceiveRtFragment(b, &got.info.Remote, id, piece, 5, CONTIGUOUS_BUFFER), TRUE,
          DOCUMENTED);
    HOLDS(t, !memcmp(piece, "nine ", 6), DOCUMENTED);
    GIVES(t, ReceiveRtFragment(b, &got.info.Remote, id, piece, 5, CONTIGUOUS_BUFFER), TRUE,
          DOCUMENTED);
    HOLDS(t, !memcmp(piece, "bytes", 6), DOCUMENTED);
    FAILS(t, ReceiveRtFragment(b, &got.info.Remote, (WORD)(id ^ 0x5500), piece, 5, 0), FALSE,
          E_TRANS_ID, INFERRED); /* the handler's own */
    FAILS(t, ReceiveRtFragment(b, &got.info.Remote, id, piece, 5, DATA_CHAIN), FALSE, E_PARAM,
          DECIDED);
    FAILS(t, ReceiveRtFragment(b, &got.info.Remote, id, OUTSIDE, 5, 0), FALSE, E_NUC_BAD_BUF,
          DECIDED);
    FAILS(t, ReceiveRtFragment(b, &too_long, id, piece, 5, 0), FALSE, E_INVALID_ADDRESS, DECIDED);
    FAILS(t, ReceiveRtFragment(b, &got.info.Remote, 0, piece, 5, 0), FALSE, E_TRANS_ID, DECIDED);
    GIVES(t, CancelRtTransaction(a, id), TRUE, DOCUMENTED);
    seen.cancels = 0;
}

static void limits(struct tap *t, RTHANDLE a)
{
    GENADDR to = {4, 0, 2, {0}};
    BYTE text[TEXT] = "";
    WORD one, two;
    RtSleep(50); /* the answer's own transmission ends */
    LPTRANSACTION x = RequestTransaction(a, &one), y = RequestTransaction(a, &two);
    HOLDS(t, x && y && x->byTransID == (one & 255) && x->hPort == a, DOCUMENTED);
    FAILS(t, RequestTransaction(a, &two), NULL, E_TRANS_LIMIT, DOCUMENTED);
    FAILS(t, SendRtMessage(a, &to, text, TEXT, NULL, 0, 0), BAD_TRANSACTION_ID, E_TRANS_LIMIT,
          DOCUMENTED);
    FAILS(t, SendRtMessageRSVP(a, &to, text, TEXT, NULL, 0, NULL, 0, 0), BAD_TRANSACTION_ID,
          E_TRANS_LIMIT, DOCUMENTED);
    FAILS(t, SendRtReply(a, &to, 1, text, TEXT, NULL, 0, 0), FALSE, E_TRANS_LIMIT, DOCUMENTED);
    GIVES(t, ReleaseTransaction(a, x), TRUE, DOCUMENTED);
    GIVES(t, ReleaseTransaction(a, y), TRUE, DOCUMENTED);
    LPCONTROLBUFFER c[4];
    for (unsigned i = 0; i < 4; i++)
        c[i] = RequestControlBuffer(&loop);
    FAILS(t, RequestControlBuffer(&loop), NULL, E_RESOURCE_LIMIT, DOCUMENTED);
    FAILS(t, SendRtMessage(a, &to, text, TEXT, NULL, 0, 0), BAD_TRANSACTION_ID, E_RESOURCE_LIMIT,
          DOCUMENTED);
    FAILS(t, SendRtMessageRSVP(a, &to, text, TEXT, NULL, 0, NULL, 0, 0), BAD_TRANSACTION_ID,
          E_RESOURCE_LIMIT, DOCUMENTED);
    FAILS(t, SendRtReply(a, &to, 1, text, TEXT, NULL, 0, 0), FALSE, E_RESOURCE_LIMIT, DOCUMENTED);
    for (unsigned i = 0; i < 4; i++)
        GIVES(t, ReleaseControlBuffer(&loop, c[i]), TRUE, DOCUMENTED);
    FAILS(t, ReleaseControlBuffer(&loop, c[0]), FALSE, E_NUC_BAD_BUF, DOCUMENTED);
}

/* Transmissions that the service ends later. */
static void late(struct tap *t, RTHANDLE a)
{
    GENADDR to = {4, 0, 2, {0}};
    BYTE text[TEXT] = "late";
    RECEIVED got;
    seen.fail = E_TRANSMIT_NOT_COMPLETE;
    WORD id = SendRtMessage(a, &to, text, TEXT, NULL, 0, ASYNC_MODE);
    HOLDS(t, id != BAD_TRANSACTION_ID, DOCUMENTED);
    GIVES(t, DeliverStatus(seen.kept, E_TRANSMISSION), TRUE, DOCUMENTED);
    FAILS(t, DeliverStatus(seen.kept, E_OK), FALSE, E_NUC_BAD_BUF, DOCUMENTED);
    GIVES(t, ReceiveRtMessage(a, NO_WAIT, &got.info), NULL, DOCUMENTED);
    IS(t, got.info.wFlags, STATUS_MESSAGE, DOCUMENTED);
    IS(t, got.info.wStatus, E_TRANSMISSION, DOCUMENTED);
    IS(t, got.info.wTransID, 4711, DOCUMENTED); /* the handler's */
    IS(t, seen.updates, 1, DOCUMENTED);
    id = SendRtMessage(a, &to, text, TEXT, NULL, 0, ASYNC_MODE);
    seen.fail = E_STATE;
    FAILS(t, CancelRtTransaction(a, id), FALSE, E_STATE, INFERRED); /* its own code */
    seen.fail = E_OK;
    GIVES(t, CancelRtTransaction(a, id), TRUE, DOCUMENTED);
    IS(t, seen.cancels, 2, DOCUMENTED);
    FAILS(t, CancelRtTransaction(a, id), FALSE, E_TRANS_ID, DOCUMENTED);
}

static void sinks(struct tap *t, RTHANDLE a, RTHANDLE b)
{
    GENADDR to = {4, 0, 2, {0}};
    BYTE text[TEXT] = "sunk";
    RECEIVED got;
    RTHANDLE sink = CreateRtPort(NULL, 0, 0, 0);
    GIVES(t, AttachRtPort(b, sink), TRUE, DOCUMENTED);
    FAILS(t, AttachRtPort(b, sink), FALSE, E_STATE, DOCUMENTED);
    SendRtMessage(a, &to, text, TEXT, NULL, 0, 0);
    FAILS(t, ReceiveRtMessage(b, NO_WAIT, &got.info), BAD_POINTER, E_TIME, DOCUMENTED);
    GIVES(t, ReceiveRtMessage(sink, NO_WAIT, &got.info), NULL, DOCUMENTED);
    IS(t, got.info.hForwPort, b, DOCUMENTED);
    GIVES(t, DetachRtPort(b), TRUE, DOCUMENTED);
    AttachRtPort(b, sink);
    DeleteRtPort(sink);
    FAILS(t, DetachRtPort(b), FALSE, E_STATE, DOCUMENTED);
}

static void attributes(struct tap *t, RTHANDLE a)
{
    struct {
        SERVICEATTRIBUTES head;
        WORD value;
    } x = {{1, 2}, 386};
    GIVES(t, SetRtServiceAttributes(a, &x.head), TRUE, DOCUMENTED);
    x.value = 0;
    GIVES(t, GetRtServiceAttributes(a, &x.head), TRUE, DOCUMENTED);
    IS(t, x.value, 386, DOCUMENTED);
    x.head.wLength = 0;
    FAILS(t, GetRtServiceAttributes(a, &x.head), FALSE, E_PARAM, DOCUMENTED);
}

static void own_calls(struct tap *t, RTHANDLE a)
{
    BOOLEAN empty = 2;
    WORD id;
    LPTRANSACTION x = RequestTransaction(a, &id), y = RequestTransaction(a, &id);
    GIVES(t, EnqueueOutputTransaction(loop.hServiceObject, x, &empty), TRUE, DOCUMENTED);
    IS(t, empty, TRUE, DOCUMENTED);
    GIVES(t, EnqueueOutputTransaction(loop.hServiceObject, y, &empty), TRUE, DOCUMENTED);
    IS(t, empty, FALSE, DOCUMENTED);
    FAILS(t, EnqueueOutputTransaction(a, x, &empty), FALSE, E_STATE, DOCUMENTED);
    GIVES(t, EnqueueInputTransaction(a, x, &empty), TRUE, DOCUMENTED);
    HOLDS(t, QueryInputTransactionQueue(a) == x, DOCUMENTED);
    HOLDS(t, DequeueInputTransaction(a) == x, DOCUMENTED);
    GIVES(t, DequeueInputTransaction(a), NULL, DOCUMENTED);
    ReleaseTransaction(a, x);
    HOLDS(t, QueryOutputTransactionQueue(loop.hServiceObject) == y, DOCUMENTED);
    HOLDS(t, DequeueOutputTransaction(loop.hServiceObject) == y, DOCUMENTED);
    ReleaseTransaction(a, y);
    GIVES(t, SetPortParameter(a, &loop), TRUE, DOCUMENTED);
    HOLDS(t, GetPortParameter(a) == &loop, DOCUMENTED);
    IS(t, LookupPortHandle(&loop, FIRST), a, DOCUMENTED);
    FAILS(t, LookupPortHandle(&loop, 3), BAD_RTHANDLE, E_EXIST, DOCUMENTED);
    GIVES(t, EnterServiceRegion(&loop), TRUE, DOCUMENTED);
    GIVES(t, ExitServiceRegion(&loop), TRUE, DOCUMENTED);
    FAILS(t, ExitServiceRegion(&loop), FALSE, E_CONTEXT, DECIDED);
    FAILS(t, RequestControlBuffer(OUTSIDE), NULL, E_EXIST, DOCUMENTED);
}

/* A service without addresses or anything that sends, which is initialized when it is first needed. */
static void mute(struct tap *t)
{
    static SERVICEDESC d;
    SERVICEATTRIBUTES none = {1, 0};
    GENADDR to = {0, 0, 2, {0}};
    BYTE text[TEXT] = "";
    describe(&d, "MUTE");
    d.pInitialize = (LPPROC)(void *)initialize;
    d.wServiceFlags = FL_LATE_INIT;
    d.wAddressSize = 0;
    d.pSendMessage = NULL;
    seen.inits = 0;
    GIVES(t, InstallRtServiceDescriptor(&d), TRUE, DOCUMENTED);
    IS(t, seen.inits, 0, DOCUMENTED);
    RTHANDLE port = CreateRtPort("MUTE", 1, 0, 0);
    IS(t, seen.inits, 1, DOCUMENTED);
    FAILS(t, ConnectRtPort(port, &to), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(t, BindRtPort(port, &to), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(t, SendRtMessage(port, NULL, text, TEXT, NULL, 0, 0), BAD_TRANSACTION_ID,
          E_NOT_CONFIGURED, DOCUMENTED);
    FAILS(t, SendRtMessageRSVP(port, NULL, text, TEXT, NULL, 0, NULL, 0, 0), BAD_TRANSACTION_ID,
          E_NOT_CONFIGURED, DOCUMENTED);
    FAILS(t, SendRtReply(port, NULL, 1, text, TEXT, NULL, 0, 0), FALSE, E_NOT_CONFIGURED,
          DOCUMENTED);
    FAILS(t, ReceiveRtFragment(port, NULL, 1, text, TEXT, 0), FALSE, E_NOT_CONFIGURED, DOCUMENTED);
    FAILS(t, GetRtServiceAttributes(port, &none), FALSE, E_NOT_CONFIGURED, DOCUMENTED);
    GIVES(t, UninstallRtServiceDescriptor("MUTE"), TRUE, DOCUMENTED);
    FAILS(t, DeleteRtPort(port), FALSE, E_EXIST, DOCUMENTED);
}

int main(void)
{
    struct tap t = {0, 0};
    RTHANDLE a, b;
    installs(&t);
    ports(&t, &a, &b);
    addresses(&t, a);
    bad_sends(&t, a);
    message(&t, a, b);
    request(&t, a, b);
    fragments(&t, a, b);
    limits(&t, a);
    late(&t, a);
    sinks(&t, a, b);
    attributes(&t, a);
    own_calls(&t, a);
    mute(&t);
    seen.fail = E_STATE;
    FAILS(&t, DeleteRtPort(a), FALSE, E_STATE, INFERRED); /* its own code */
    seen.fail = E_OK;
    GIVES(&t, UninstallRtServiceDescriptor("LOOP"), TRUE, DOCUMENTED);
    IS(&t, seen.finishes, 1, DOCUMENTED);
    FAILS(&t, UninstallRtServiceDescriptor("LOOP"), FALSE, E_CONTEXT, DOCUMENTED);
    return tap_end(&t);
}
