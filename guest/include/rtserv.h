/* rtserv.h of the guest: calls for the code of a service, and what its handlers are given. */
#ifndef RT386_GUEST_RTSERV_H
#define RT386_GUEST_RTSERV_H

#include "rt.h"

#define E_TRANSMIT_NOT_COMPLETE E_SEND_NOT_COMPLETE /* what its pages call it */

/* Flags without a published value: chosen (ADR 0046). */
#define FL_GENERIC_TYPE   0x00 /* wServiceFlags: the kind of service; the others are refused */
#define FL_INTERRUPT_TYPE 0x01
#define FL_POLLED_TYPE    0x02
#define FL_PORT_TYPE      0x03
#define FL_LATE_INIT      0x20
#define NO_FRAGMENTATION  0x02 /* wPortFlags */
#define CREATE_UNBOUND    0x04
#define SYNC_MODE         0x00 /* wTransmissionFlags */
#define ASYNC_MODE        0x10
#define NOTIFY_ALWAYS     0x20
#define NOT_EOT           0x40
#define USE_RECEIVE       0x80
#define NORMAL_MESSAGE    0x00 /* wFlags of RECEIVEINFO */
#define STATUS_MESSAGE    0x10
#define REQUEST_MESSAGE   0x20
#define RESPONSE_MESSAGE  0x30
#define TRANSACTION_RSVP  0x01 /* wState of TRANSACTION: a response is to come */

#ifdef __cplusplus
extern "C" {
#endif

RTAPI LPCONTROLBUFFER RequestControlBuffer(LPSERVICEDESC lpServiceDescriptor);
RTAPI BOOLEAN ReleaseControlBuffer(LPSERVICEDESC lpServiceDescriptor,
                                   LPCONTROLBUFFER lpControlBuffer);
RTAPI LPTRANSACTION RequestTransaction(RTHANDLE hPort, LPWORD lpwTransID);
RTAPI BOOLEAN ReleaseTransaction(RTHANDLE hPort, LPTRANSACTION lpTransaction);
RTAPI LPTRANSACTION GetTransaction(RTHANDLE hPort, WORD wTransID, LPGENADDR lpRemoteAddress);
RTAPI BOOLEAN DeliverMessage(RTHANDLE hPort, LPCONTROLBUFFER lpControlBuffer);
RTAPI BOOLEAN DeliverTransaction(LPCONTROLBUFFER lpControlBuf, LPTRANSACTION lpTrans);
RTAPI BOOLEAN DeliverStatus(LPTRANSACTION lpTransaction, WORD wStatusCode);
RTAPI RTHANDLE LookupPortHandle(LPSERVICEDESC lpServiceDescriptor, WORD wPortID);
RTAPI BOOLEAN EnterServiceRegion(LPSERVICEDESC lpServiceDescriptor);
RTAPI BOOLEAN ExitServiceRegion(LPSERVICEDESC lpServiceDescriptor);
RTAPI BOOLEAN SetPortParameter(RTHANDLE hPort, LPVOID pParameter);
RTAPI LPVOID GetPortParameter(RTHANDLE hPort);
RTAPI BOOLEAN EnqueueInputTransaction(RTHANDLE hObject, LPTRANSACTION lpTrans, BOOLEAN *lpbEmpty);
RTAPI BOOLEAN EnqueueOutputTransaction(RTHANDLE hObject, LPTRANSACTION lpTrans, BOOLEAN *lpbEmpty);
RTAPI LPTRANSACTION DequeueInputTransaction(RTHANDLE hObject);
RTAPI LPTRANSACTION DequeueOutputTransaction(RTHANDLE hObject);
RTAPI LPTRANSACTION QueryInputTransactionQueue(RTHANDLE hObject);
RTAPI LPTRANSACTION QueryOutputTransactionQueue(RTHANDLE hObject);

#ifdef __cplusplus
}
#endif

#endif
