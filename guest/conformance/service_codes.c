/* service_codes.c: what the calls for the code of a service refuse. */
#include "rtserv.h"
#include "string.h"

#include "../demo/seg.h"
#include "tap.h"

static SERVICEDESC desc;
static struct tap tap;
static RTHANDLE port, self;
static LPTRANSACTION kept;
static LPCONTROLBUFFER buffer;
static WORD code;

/* Of a port that is being deleted. */
static void delete_port(LPSERVICEDESC service, RTHANDLE of, LPWORD excep)
{
    struct tap *t = &tap;
    BOOLEAN empty;
    WORD id;
    (void)service;
    (void)of;
    FAILS(t, DeliverMessage(port, buffer), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(t, DeliverTransaction(buffer, kept), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(t, DeliverStatus(kept, E_OK), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(t, RequestTransaction(port, &id), NULL, E_CONTEXT, DOCUMENTED);
    FAILS(t, ReleaseTransaction(port, kept), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(t, GetTransaction(port, 1, NULL), BAD_POINTER, E_CONTEXT, DOCUMENTED);
    FAILS(t, EnqueueInputTransaction(port, kept, &empty), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(t, EnqueueOutputTransaction(port, kept, &empty), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(t, DequeueInputTransaction(port), BAD_POINTER, E_CONTEXT, DOCUMENTED);
    FAILS(t, DequeueOutputTransaction(port), BAD_POINTER, E_CONTEXT, DECIDED);
    FAILS(t, QueryInputTransactionQueue(port), BAD_POINTER, E_CONTEXT, DOCUMENTED);
    FAILS(t, QueryOutputTransactionQueue(port), BAD_POINTER, E_CONTEXT, DOCUMENTED);
    FAILS(t, SetPortParameter(port, NULL), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(t, GetPortParameter(port), BAD_POINTER, E_CONTEXT, DOCUMENTED);
    *excep = code;
}

static void second_end(void *unused)
{
    (void)unused;
    FAILS(&tap, UninstallRtServiceDescriptor("CODES"), FALSE, E_EXIST, DOCUMENTED);
}

static void finish(LPSERVICEDESC service, LPWORD excep)
{
    struct tap *t = &tap;
    (void)excep;
    FAILS(t, RequestControlBuffer(service), NULL, E_CONTEXT, DOCUMENTED);
    FAILS(t, ReleaseControlBuffer(service, buffer), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(t, LookupPortHandle(service, 1), BAD_RTHANDLE, E_CONTEXT, DOCUMENTED);
    FAILS(t, EnterServiceRegion(service), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(t, ExitServiceRegion(service), FALSE, E_CONTEXT, DECIDED);
    CreateRtThread(150, second_end, 8192, NULL);
    RtSleep(50);
}

static void send(LPSERVICEDESC service, RTHANDLE from, LPGENADDR to, WORD id, LPTRANSACTION t,
                 LPBYTE text, WORD length, LPWORD excep)
{
    (void)service;
    (void)from;
    (void)to;
    (void)id;
    (void)t;
    (void)text;
    (void)length;
    *excep = code;
}

static void installs(struct tap *t)
{
    memcpy(desc.cName, "CODES", 5);
    desc.wPortCreationMask = desc.wMaxTransactionBuffers = desc.wMaxControlBuffers = 4;
    desc.wPortTableSize = desc.wLastValidPortID = 4;
    desc.pDeletePort = (LPPROC)(void *)delete_port;
    desc.pFinish = (LPPROC)(void *)finish;
    desc.pSendMessage = (LPPROC)(void *)send;
    desc.dwServiceThreadStackSize = 0xFFFFF000u;
    FAILS(t, InstallRtServiceDescriptor(&desc), FALSE, E_VMEM, DOCUMENTED);
    desc.dwServiceThreadStackSize = 0x4000;
    GIVES(t, InstallRtServiceDescriptor(&desc), TRUE, DOCUMENTED);
    port = CreateRtPort("CODES", 1, 0, 0);
    self = GetRtThreadHandles(THIS_PROCESS);
}

/* What a handler leaves is what its caller gets. */
static void handed_on(struct tap *t)
{
    BYTE text = 0;
    code = E_TRANSMISSION;
    FAILS(t, SendRtMessageRSVP(port, NULL, &text, 0, NULL, 0, NULL, 0, 0), BAD_TRANSACTION_ID,
          E_TRANSMISSION, DOCUMENTED);
    FAILS(t, SendRtReply(port, NULL, 1, &text, 0, NULL, 0, 0), FALSE, E_TRANSMISSION, DOCUMENTED);
    code = E_DISCONNECTED;
    FAILS(t, SendRtMessageRSVP(port, NULL, &text, 0, NULL, 0, NULL, 0, 0), BAD_TRANSACTION_ID,
          E_DISCONNECTED, DOCUMENTED);
    FAILS(t, SendRtReply(port, NULL, 1, &text, 0, NULL, 0, 0), FALSE, E_DISCONNECTED, DOCUMENTED);
}

static void no_port(struct tap *t)
{
    BOOLEAN empty;
    WORD id;
    FAILS(t, DeliverMessage(BAD_RTHANDLE, buffer), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, DeliverMessage(self, buffer), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, DeliverMessage(port, OUTSIDE), FALSE, E_NUC_BAD_BUF, DOCUMENTED);
    FAILS(t, RequestTransaction(BAD_RTHANDLE, &id), NULL, E_EXIST, DOCUMENTED);
    FAILS(t, RequestTransaction(self, &id), NULL, E_TYPE, DOCUMENTED);
    FAILS(t, RequestTransaction(port, OUTSIDE), NULL, E_NUC_BAD_BUF, DOCUMENTED);
    FAILS(t, ReleaseTransaction(BAD_RTHANDLE, kept), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, ReleaseTransaction(self, kept), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, ReleaseTransaction(port, OUTSIDE), FALSE, E_NUC_BAD_BUF, DOCUMENTED);
    FAILS(t, GetTransaction(BAD_RTHANDLE, 1, NULL), BAD_POINTER, E_EXIST, DOCUMENTED);
    FAILS(t, GetTransaction(self, 1, NULL), BAD_POINTER, E_TYPE, DOCUMENTED);
    FAILS(t, GetTransaction(port, 1, OUTSIDE), BAD_POINTER, E_NUC_BAD_BUF, DECIDED);
    FAILS(t, EnqueueInputTransaction(BAD_RTHANDLE, kept, &empty), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, EnqueueInputTransaction(self, kept, &empty), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, EnqueueInputTransaction(port, OUTSIDE, &empty), FALSE, E_NUC_BAD_BUF, DOCUMENTED);
    FAILS(t, EnqueueOutputTransaction(BAD_RTHANDLE, kept, &empty), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, EnqueueOutputTransaction(self, kept, &empty), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, EnqueueOutputTransaction(port, OUTSIDE, &empty), FALSE, E_NUC_BAD_BUF, DOCUMENTED);
    EnqueueInputTransaction(port, kept, &empty);
    FAILS(t, EnqueueInputTransaction(port, kept, &empty), FALSE, E_STATE, DOCUMENTED);
    FAILS(t, DequeueInputTransaction(BAD_RTHANDLE), BAD_POINTER, E_EXIST, DOCUMENTED);
    FAILS(t, DequeueInputTransaction(self), BAD_POINTER, E_TYPE, DOCUMENTED);
    FAILS(t, DequeueOutputTransaction(BAD_RTHANDLE), BAD_POINTER, E_EXIST, DECIDED);
    FAILS(t, DequeueOutputTransaction(self), BAD_POINTER, E_TYPE, DECIDED);
    FAILS(t, QueryInputTransactionQueue(BAD_RTHANDLE), BAD_POINTER, E_EXIST, DOCUMENTED);
    FAILS(t, QueryInputTransactionQueue(self), BAD_POINTER, E_TYPE, DOCUMENTED);
    FAILS(t, QueryOutputTransactionQueue(BAD_RTHANDLE), BAD_POINTER, E_EXIST, DOCUMENTED);
    FAILS(t, QueryOutputTransactionQueue(self), BAD_POINTER, E_TYPE, DOCUMENTED);
    FAILS(t, SetPortParameter(BAD_RTHANDLE, NULL), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, SetPortParameter(self, NULL), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, GetPortParameter(BAD_RTHANDLE), BAD_POINTER, E_EXIST, DOCUMENTED);
    FAILS(t, GetPortParameter(self), BAD_POINTER, E_TYPE, DOCUMENTED);
    FAILS(t, DeleteRtPort(self), FALSE, E_TYPE, DOCUMENTED);
}

static void bad_buffers(struct tap *t)
{
    LPCONTROLBUFFER other = RequestControlBuffer(&desc);
    other->pData = &desc; /* from no heap */
    other->cbDataLength = 4;
    FAILS(t, DeliverMessage(port, other), FALSE, E_NO_LOCAL_BUFFER, DOCUMENTED);
    FAILS(t, DeliverTransaction(other, OUTSIDE), FALSE, E_NUC_BAD_BUF, DOCUMENTED);
    other->hPort = port;
    FAILS(t, DeliverTransaction(other, kept), FALSE, E_NO_LOCAL_BUFFER, DECIDED);
    other->hPort = self;
    FAILS(t, DeliverTransaction(other, kept), FALSE, E_TYPE, DOCUMENTED);
    other->hPort = BAD_RTHANDLE;
    FAILS(t, DeliverTransaction(other, kept), FALSE, E_EXIST, DOCUMENTED);
    ReleaseControlBuffer(&desc, other);
    FAILS(t, DeliverTransaction(other, kept), FALSE, E_NUC_BAD_BUF, DOCUMENTED);
}

static void descriptors(struct tap *t)
{
    FAILS(t, ReleaseControlBuffer(OUTSIDE, buffer), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, EnterServiceRegion(OUTSIDE), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, ExitServiceRegion(OUTSIDE), FALSE, E_EXIST, DECIDED);
    GIVES(t, EnterServiceRegion(&desc), TRUE, DOCUMENTED);
    FAILS(t, EnterServiceRegion(&desc), FALSE, E_CONTEXT, DECIDED);
    ExitServiceRegion(&desc);
    desc.cName[0] = 'X'; /* it is damaged */
    FAILS(t, RequestControlBuffer(&desc), NULL, E_TYPE, DOCUMENTED);
    FAILS(t, ReleaseControlBuffer(&desc, buffer), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, LookupPortHandle(&desc, 1), BAD_RTHANDLE, E_TYPE, DOCUMENTED);
    FAILS(t, EnterServiceRegion(&desc), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, ExitServiceRegion(&desc), FALSE, E_TYPE, DECIDED);
    desc.cName[0] = 'C';
}

int main(void)
{
    WORD id;
    installs(&tap);
    handed_on(&tap);
    kept = RequestTransaction(port, &id);
    buffer = RequestControlBuffer(&desc);
    buffer->hPort = port;
    no_port(&tap);
    bad_buffers(&tap);
    descriptors(&tap);
    code = E_OK;
    GIVES(&tap, DeleteRtPort(port), TRUE, DOCUMENTED);
    FAILS(&tap, DeliverMessage(port, buffer), FALSE, E_EXIST, DOCUMENTED);
    GIVES(&tap, UninstallRtServiceDescriptor("CODES"), TRUE, DOCUMENTED);
    RtSleep(50);
    return tap_end(&tap);
}
