/* remote.c: E_INVALID_ADDRESS, the status of handles that stand for objects of a node that cannot
 * be reached. One node makes none by itself: the test that runs this program catalogs FARSEGMENT,
 * FARPROCESS, FARMAILBOX and FARSEMAPHOR in the root process.
 */
#include "tap.h"

int main(void)
{
    struct tap tap = {0, 0};
    RTHANDLE root = GetRtThreadHandles(ROOT_PROCESS);
    RTHANDLE segment = LookupRtHandle(root, "FARSEGMENT", NO_WAIT);
    RTHANDLE process = LookupRtHandle(root, "FARPROCESS", NO_WAIT);
    if (segment == BAD_RTHANDLE || process == BAD_RTHANDLE) {
        printf("1..0 # SKIP there is no object of another node\n");
        return 0;
    }
    WORD subtype = 0;
    IS(&tap, GetRtHandleType(segment), SEGMENT_TYPE, DOCUMENTED); /* the target's type */
    IS(&tap, GetRtHandleTypeEx(process, &subtype), PROCESS_TYPE, DOCUMENTED);
    IS(&tap, subtype & REFERENCE_OBJECT, REFERENCE_OBJECT, DOCUMENTED);
    FAILS(&tap, DeleteRtMemoryHandle(segment), FALSE, E_INVALID_ADDRESS, DOCUMENTED);
    FAILS(&tap, LookupRtHandle(process, "X", NO_WAIT), BAD_RTHANDLE, E_INVALID_ADDRESS, DOCUMENTED);
    FAILS(&tap, UncatalogRtHandle(process, "X"), FALSE, E_INVALID_ADDRESS, DOCUMENTED);
    RTHANDLE mailbox = LookupRtHandle(root, "FARMAILBOX", NO_WAIT);
    RTHANDLE semaphore = LookupRtHandle(root, "FARSEMAPHOR", NO_WAIT);
    FAILS(&tap, DeleteRtMailbox(mailbox), FALSE, E_INVALID_ADDRESS, DOCUMENTED);
    FAILS(&tap, SendRtHandle(mailbox, root, NULL_RTHANDLE), FALSE, E_INVALID_ADDRESS, DOCUMENTED);
    FAILS(&tap, SendRtHandle(CreateRtMailbox(0), root, mailbox), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(&tap, DeleteRtSemaphore(semaphore), FALSE, E_INVALID_ADDRESS, DOCUMENTED);
    FAILS(&tap, ReleaseRtSemaphore(semaphore, 1), FALSE, E_INVALID_ADDRESS, DOCUMENTED);
    FAILS(&tap, WaitForRtSemaphore(semaphore, 1, NO_WAIT), WAIT_FAILED, E_INVALID_ADDRESS,
          DOCUMENTED);
    FAILS(&tap, GetRtSize(segment), 0, E_EXIST, DECIDED);
    FAILS(&tap, MapRtSharedMemory(segment), NULL, E_EXIST, DECIDED);
    OBJECT_INFO info;
    FAILS(&tap, GetRtObjectInfo(segment, &info), FALSE, E_INVALID_ADDRESS, DOCUMENTED);
    FAILS(&tap, CreateRtReferenceObject(THIS_LOCATION, segment), BAD_RTHANDLE, E_CONTEXT, DECIDED);
    return tap_end(&tap);
}
