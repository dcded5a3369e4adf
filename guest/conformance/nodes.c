/* nodes.c: the node that a program is on, found by name and by number, and global objects there. */
#include "string.h"
#include "tap.h"

static void locations(struct tap *t)
{
    LOCATION here = GetFirstRtLocation();
    HOLDS(t, here != BAD_LOCATION && here != THIS_LOCATION, DECIDED);
    FAILS(t, GetNextRtLocation(here), BAD_LOCATION, E_EXIST, DOCUMENTED);
    FAILS(t, GetNextRtLocation(here + 1), BAD_LOCATION, E_INVALID_ADDRESS, DOCUMENTED);
    GIVES(t, GetRtNodeLocationByName("NodeA"), here, DECIDED);
    GIVES(t, GetRtNodeLocationByName("intime:///NodeA"), here, DECIDED);
    FAILS(t, GetRtNodeLocationByName("NodeB"), BAD_LOCATION, E_INVALID_ADDRESS, DOCUMENTED);
    FAILS(t, GetRtNodeLocationByName(OUTSIDE), BAD_LOCATION, E_BAD_ADDR, DOCUMENTED);
    FAILS(
        t,
        GetRtNodeLocationByName("0123456789012345678901234567890123456789012345678901234567890123"),
        BAD_LOCATION, E_PARAM, DOCUMENTED);
    IS(t, GetRtNodeStatus(here), E_OK, DOCUMENTED);
    IS(t, GetRtNodeStatus(THIS_LOCATION), E_OK, INFERRED);
    IS(t, GetRtNodeStatus(here + 1), E_EXIST, DOCUMENTED);
}

static void this_node(struct tap *t)
{
    NODE_INFO info;
    memset(&info, 0xEE, sizeof info);
    GIVES(t, GetRtNodeInfo(THIS_LOCATION, &info), TRUE, DOCUMENTED);
    IS(t, info.Location, GetFirstRtLocation(), DOCUMENTED); /* the real value */
    HOLDS(t, strcmp(info.szNodeName, "NodeA") == 0, DECIDED);
    IS(t, GetRtNodeLocationByName(info.szNodeName), info.Location, INFERRED);
    IS(t, info.NodeClass, NODE_CLASS_WINDOWS_HOST, DECIDED);
    IS(t, info.NodeSubclass, NODE_SUBCLASS_SHARED, DECIDED);
    FAILS(t, GetRtNodeInfo(THIS_LOCATION, OUTSIDE), FALSE, E_BAD_ADDR, DOCUMENTED);
    FAILS(t, GetRtNodeInfo(BAD_LOCATION, &info), FALSE, E_INVALID_ADDRESS, DOCUMENTED);
}

static void references(struct tap *t, LOCATION here)
{
    RTHANDLE root = GetRtThreadHandles(ROOT_PROCESS), plain = CreateRtSemaphore(0, 1, 0);
    GIVES(t, GetRemoteRootRtProcess(here), root, DECIDED);
    FAILS(t, GetRemoteRootRtProcess(BAD_LOCATION), BAD_RTHANDLE, E_INVALID_ADDRESS, DOCUMENTED);
    GIVES(t, CreateRtReferenceObject(here, plain), plain, DECIDED);
    FAILS(t, CreateRtReferenceObject(here, BAD_RTHANDLE), BAD_RTHANDLE, E_EXIST, DOCUMENTED);
    FAILS(t, CreateRtReferenceObject(BAD_LOCATION, plain), BAD_RTHANDLE, E_INVALID_ADDRESS,
          DOCUMENTED);
    OBJECT_INFO info;
    GIVES(t, GetRtObjectInfo(plain, &info), TRUE, DECIDED);
    HOLDS(t, info.wType == SEMAPHORE_TYPE && info.Location == here && info.hRemoteObject == plain,
          DOCUMENTED);
    FAILS(t, GetRtObjectInfo(plain, OUTSIDE), FALSE, E_BAD_ADDR, DOCUMENTED);
    FAILS(t, GetRtObjectInfo(BAD_RTHANDLE, &info), FALSE, E_EXIST, DECIDED);
    FAILS(t, DeleteRtReferenceObject(plain), FALSE, E_TYPE, DOCUMENTED);
    DeleteRtSemaphore(plain);
}

static void global_objects(struct tap *t, LOCATION here)
{
    char buffer[DATA_MESSAGE_MAX];
    RTHANDLE mailbox = CreateGlobalRtMailbox(here, DATA_MAILBOX);
    GIVES(t, SendRtData(mailbox, "abc", 4), TRUE, DOCUMENTED);
    IS(t, ReceiveRtData(mailbox, buffer, NO_WAIT), 4, DOCUMENTED);
    GIVES(t, DeleteRtReferenceObject(mailbox), TRUE, DOCUMENTED); /* the owner does */
    FAILS(t, DeleteRtReferenceObject(mailbox), FALSE, E_EXIST, DOCUMENTED);
    RTHANDLE counted = CreateGlobalRtSemaphore(here, 1, 3, PRIORITY_QUEUING | REFCOUNT);
    CreateRtReferenceObject(here, counted);
    GIVES(t, WaitForRtSemaphore(counted, 1, NO_WAIT), 0, DOCUMENTED);
    GIVES(t, DeleteRtReferenceObject(counted), TRUE, DOCUMENTED);
    IS(t, GetRtHandleType(counted), SEMAPHORE_TYPE, DOCUMENTED);
    GIVES(t, DeleteRtReferenceObject(counted), TRUE, DOCUMENTED);
    IS(t, GetRtHandleType(counted), INVALID_TYPE, DOCUMENTED);
    FAILS(t, CreateGlobalRtMailbox(BAD_LOCATION, 0), BAD_RTHANDLE, E_INVALID_ADDRESS, DECIDED);
    FAILS(t, CreateGlobalRtSemaphore(BAD_LOCATION, 0, 1, 0), BAD_RTHANDLE, E_INVALID_ADDRESS,
          DECIDED);
    FAILS(t, CreateGlobalRtSemaphore(here, 2, 1, 0), BAD_RTHANDLE, E_PARAM, DECIDED);
    FAILS(t, CreateGlobalRtMemoryHandle(here, 0xB8000, 16, 0), BAD_RTHANDLE, E_NOT_CONFIGURED,
          DECIDED);
    FAILS(t, CreateGlobalRtMemoryHandle64(here, 0xB8000, 16, 0), BAD_RTHANDLE, E_NOT_CONFIGURED,
          DECIDED);
    FAILS(t, CreateGlobalRtMemoryObject(here, 16, 0), BAD_RTHANDLE, E_NOT_CONFIGURED, DECIDED);
    FAILS(t, CreateGlobalRtMemoryObject(here + 1, 16, 0), BAD_RTHANDLE, E_INVALID_ADDRESS, DECIDED);
}

int main(void)
{
    struct tap tap = {0, 0};
    locations(&tap);
    this_node(&tap);
    references(&tap, GetFirstRtLocation());
    global_objects(&tap, GetFirstRtLocation());
    return tap_end(&tap);
}
