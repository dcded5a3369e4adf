/* ports.c: sink ports, and what is refused without a service; with one: services.c. */
#include "../demo/seg.h"
#include "tap.h"

static void services(struct tap *t)
{
    FAILS(t, CreateRtPort("NOSERVICE", 0, 0, FIFO_QUEUING), BAD_RTHANDLE, E_CONTEXT, DOCUMENTED);
    FAILS(t, CreateRtPortEx("NOSERVICE", 0, 0, 0, 0), BAD_RTHANDLE, E_CONTEXT, DOCUMENTED);
    FAILS(t, CreateRtPort("", 0, 0, 0), BAD_RTHANDLE, E_PARAM, DOCUMENTED);
    FAILS(t, CreateRtPortEx("", 0, 0, 0, 0), BAD_RTHANDLE, E_PARAM, DOCUMENTED);
}

static void heap_of_port(struct tap *t, RTHANDLE port, RTHANDLE heap)
{
    IS(t, GetRtHandleType(port), PORT_TYPE, INFERRED);
    FAILS(t, AttachRtHeap(BAD_RTHANDLE, port), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, AttachRtHeap(port, port), FALSE, E_TYPE, DOCUMENTED);
    GIVES(t, AttachRtHeap(heap, port), TRUE, DOCUMENTED);
    FAILS(t, AttachRtHeap(heap, port), FALSE, E_STATE, DOCUMENTED);
    FAILS(t, DeleteRtHeap(heap), FALSE, E_CONTEXT, DECIDED);
    FAILS(t, DetachRtHeap(BAD_RTHANDLE), BAD_RTHANDLE, E_EXIST, DOCUMENTED);
    FAILS(t, DetachRtHeap(heap), BAD_RTHANDLE, E_TYPE, DOCUMENTED);
    GIVES(t, DetachRtHeap(port), heap, DOCUMENTED);
    FAILS(t, DetachRtHeap(port), BAD_RTHANDLE, E_STATE, DOCUMENTED);
}

static void connections(struct tap *t, RTHANDLE self, RTHANDLE port)
{
    FAILS(t, ConnectRtPort(BAD_RTHANDLE, NULL), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, ConnectRtPort(self, NULL), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, ConnectRtPort(port, NULL), FALSE, E_STATE, DOCUMENTED);
    FAILS(t, AttachRtPort(port, BAD_RTHANDLE), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, AttachRtPort(port, port), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, DetachRtPort(BAD_RTHANDLE), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, DetachRtPort(self), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, DetachRtPort(port), FALSE, E_STATE, DOCUMENTED);
}

static void messages(struct tap *t, RTHANDLE self, RTHANDLE port)
{
    RECEIVEINFO info;
    FAILS(t, SendRtMessage(port, NULL, NULL, 0, NULL, 0, 0), BAD_TRANSACTION_ID, E_CONTEXT,
          DOCUMENTED);
    FAILS(t, SendRtMessage(BAD_RTHANDLE, NULL, NULL, 0, NULL, 0, 0), BAD_TRANSACTION_ID, E_EXIST,
          DOCUMENTED);
    FAILS(t, SendRtMessage(self, NULL, NULL, 0, NULL, 0, 0), BAD_TRANSACTION_ID, E_TYPE,
          DOCUMENTED);
    FAILS(t, SendRtReply(port, NULL, 1, NULL, 0, NULL, 0, 0), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(t, SendRtReply(BAD_RTHANDLE, NULL, 1, NULL, 0, NULL, 0, 0), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, SendRtReply(self, NULL, 1, NULL, 0, NULL, 0, 0), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, ReceiveRtFragment(port, NULL, 1, NULL, 0, 0), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(t, ReceiveRtFragment(BAD_RTHANDLE, NULL, 1, NULL, 0, 0), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, ReceiveRtFragment(self, NULL, 1, NULL, 0, 0), FALSE, E_TYPE, DECIDED);
    FAILS(t, ReceiveRtMessage(port, 30, &info), BAD_POINTER, E_TIME, DOCUMENTED);
    FAILS(t, ReceiveRtMessage(port, NO_WAIT, NULL), BAD_POINTER, E_NUC_BAD_BUF, DECIDED);
    FAILS(t, ReceiveRtReply(port, 1, NO_WAIT, &info), BAD_POINTER, E_STATE, DOCUMENTED);
    FAILS(t, ReceiveRtReply(BAD_RTHANDLE, 1, NO_WAIT, &info), BAD_POINTER, E_EXIST, DOCUMENTED);
    FAILS(t, ReceiveRtReply(self, 1, NO_WAIT, &info), BAD_POINTER, E_TYPE, DOCUMENTED);
}

static void services_of_its_own(struct tap *t)
{
    SERVICEDESC desc = {.cName = "MINE"};
    desc.wPortTableSize = desc.wLastValidPortID = 8;
    desc.wLastValidPortID = 9;
    FAILS(t, InstallRtServiceDescriptor(&desc), FALSE, E_PARAM, DOCUMENTED);
    FAILS(t, InstallRtServiceDescriptor(OUTSIDE), FALSE, E_NUC_BAD_BUF, DOCUMENTED);
    FAILS(t, UninstallRtServiceDescriptor("MINE"), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(t, UninstallRtServiceDescriptor(OUTSIDE), FALSE, E_NUC_BAD_BUF, DOCUMENTED);
}

static void other_calls(struct tap *t, RTHANDLE self, RTHANDLE port)
{
    GENADDR address = {0};
    FAILS(t, BindRtPort(port, &address), FALSE, E_STATE, DOCUMENTED);
    FAILS(t, BindRtPort(BAD_RTHANDLE, &address), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, BindRtPort(self, &address), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, SendRtMessageRSVP(port, NULL, NULL, 0, NULL, 0, NULL, 0, 0), BAD_TRANSACTION_ID,
          E_CONTEXT, DOCUMENTED);
    FAILS(t, SendRtMessageRSVP(BAD_RTHANDLE, NULL, NULL, 0, NULL, 0, NULL, 0, 0),
          BAD_TRANSACTION_ID, E_EXIST, DOCUMENTED);
    FAILS(t, SendRtMessageRSVP(self, NULL, NULL, 0, NULL, 0, NULL, 0, 0), BAD_TRANSACTION_ID,
          E_TYPE, DOCUMENTED);
    services_of_its_own(t);
    FAILS(t, DeleteRtReferenceObject(port), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, DeleteRtReferenceObject(BAD_RTHANDLE), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, CancelRtTransaction(port, 1), FALSE, E_TRANS_ID, DOCUMENTED);
    FAILS(t, CancelRtTransaction(BAD_RTHANDLE, 1), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, CancelRtTransaction(self, 1), FALSE, E_TYPE, DOCUMENTED);
}

static void attributes(struct tap *t, RTHANDLE self, RTHANDLE heap)
{
    SERVICEATTRIBUTES of_service = {1, 0}, of_kernel = {0x8000, 0};
    PORTINFO info;
    RTHANDLE port = CreateRtPort(NULL, 77, 5, PRIORITY_QUEUING);
    AttachRtHeap(heap, port);
    GIVES(t, GetRtPortAttributes(port, &info), TRUE, DOCUMENTED);
    IS(t, info.wPortID, 77, DOCUMENTED);
    IS(t, info.byType, 0xFF, DOCUMENTED);
    IS(t, info.wNumTransactions, 5, DOCUMENTED);
    IS(t, info.hHeap, heap, DOCUMENTED);
    IS(t, info.wFlags, PRIORITY_QUEUING, DOCUMENTED);
    IS(t, info.hService | info.hSinkPort, NULL_RTHANDLE, INFERRED);
    DetachRtHeap(port);
    FAILS(t, GetRtPortAttributes(port, OUTSIDE), FALSE, E_NUC_BAD_BUF, DOCUMENTED);
    FAILS(t, GetRtPortAttributes(self, &info), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, GetRtServiceAttributes(port, &of_service), FALSE, E_NOT_CONFIGURED, DOCUMENTED);
    FAILS(t, GetRtServiceAttributes(port, &of_kernel), FALSE, E_PARAM, DOCUMENTED);
    FAILS(t, GetRtServiceAttributes(port, OUTSIDE), FALSE, E_NUC_BAD_BUF, DOCUMENTED);
    FAILS(t, GetRtServiceAttributes(self, &of_service), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, SetRtServiceAttributes(port, &of_service), FALSE, E_NOT_CONFIGURED, DOCUMENTED);
    FAILS(t, SetRtServiceAttributes(port, &of_kernel), FALSE, E_PARAM, DOCUMENTED);
    FAILS(t, SetRtServiceAttributes(port, OUTSIDE), FALSE, E_NUC_BAD_BUF, DOCUMENTED);
    FAILS(t, SetRtServiceAttributes(self, &of_service), FALSE, E_TYPE, DOCUMENTED);
    DeleteRtPort(port);
    FAILS(t, GetRtPortAttributes(port, &info), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, GetRtServiceAttributes(port, &of_service), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, SetRtServiceAttributes(port, &of_service), FALSE, E_EXIST, DOCUMENTED);
}

static void ends(struct tap *t, RTHANDLE port, RTHANDLE heap)
{
    WORD type;
    HOLDS(t, RequestRtBuffer(heap, 10, &type) != NULL, DOCUMENTED);
    GIVES(t, DeleteRtPort(port), TRUE, INFERRED);
    FAILS(t, DeleteRtPort(port), FALSE, E_EXIST, INFERRED);
}

int main(void)
{
    struct tap t = {0, 0};
    services(&t);
    RTHANDLE self = GetRtThreadHandles(THIS_PROCESS);
    RTHANDLE port = CreateRtPort(NULL, 0, 0, PRIORITY_QUEUING), heap = CreateRtHeap(4096, 0);
    heap_of_port(&t, port, heap);
    connections(&t, self, port);
    messages(&t, self, port);
    other_calls(&t, self, port);
    attributes(&t, self, heap);
    ends(&t, port, heap);
    return tap_end(&t);
}
