/* rtstruct.h: structures that INtime calls fill or read.
 *
 * SYSINFO (160 bytes), EXCEPTION (7) and EVENTINFO (12) have measured layouts. The others follow
 * the help pages' member lists with byte packing.
 */
#ifndef RT386_GUEST_RTSTRUCT_H
#define RT386_GUEST_RTSTRUCT_H

#include "rttypes.h"

typedef struct {
    DWORD dwHeapSize, dwAvailable, dwLargest;
    WORD wFlags;
} RTPACKED HEAPINFO, *LPHEAPINFO;

typedef struct {
    RTHANDLE hTargetProcess, hParentProcess;
    DWORD cbPoolMax, cbPoolMin, cbInitialSize, cbAllocated, cbAvailable, cbBorrowed;
} RTPACKED POOLINFO, *LPPOOLINFO;

typedef struct {
    RTHANDLE hTargetProcess, hParentProcess;
    QWORD cbPoolMax, cbPoolMin, cbAllocated, cbBorrowed, cbAvailable, cbLargestAvailable;
} RTPACKED PHYSICAL_MEMORY_INFO, *LPPHYSICAL_MEMORY_INFO;

typedef struct {
    RTHANDLE hProcess, hVseg;
    DWORD cbVsegSize; /* 0 means 4 GB */
    DWORD cbAllocated, cbAvailable, cbLargestAvailable;
} RTPACKED VIRTUAL_MEMORY_INFO, *LPVIRTUAL_MEMORY_INFO;

typedef struct {
    QWORD area_base, area_size;
    DWORD area_flags;
} RTPACKED SYSTEM_MEMORY_AREA;
typedef struct {
    DWORD count;
    SYSTEM_MEMORY_AREA area[1];
} RTPACKED SYSTEM_MEMORY_INFO, *LPSYSTEM_MEMORY_INFO;

typedef struct {
    DWORD dwPhysicalAddress, dwLength;
} RTPACKED CHBLOCK;
typedef struct {
    DWORD reserved1[2], dwFlags, reserved2[3], cbByteCount, reserved3;
    CHBLOCK paBlock[2];
} RTPACKED CHDESC, *LPCHDESC;

typedef struct {
    BYTE byLength;
    char cName[12]; /* not terminated */
    BYTE byStatus;  /* 0 invalid, 1 valid, 2 a thread waits for it */
    RTHANDLE hObject;
} RTPACKED OBJECTDIRENTRY, *LPOBJECTDIRENTRY;
typedef struct {
    WORD wNumSlots; /* in: room in Entry */
    WORD wNumUsed, wMaxSlots;
    OBJECTDIRENTRY Entry[1];
} RTPACKED OBJECTDIR, *LPOBJECTDIR;
typedef struct {
    BYTE byStatus; /* 1 valid, 2 waiting, 3 invalid */
    RTHANDLE hObject;
    BYTE byNameLenShort;
    char cNameShort[12];
    DWORD dwNameLenLong;
    char cNameLong[1];
} RTPACKED OBJECTDIRENTRYLONG, *LPOBJECTDIRENTRYLONG;

typedef struct {
    DWORD PoolMin, PoolMax, VsegSize, ObjDirSize;
} RTPACKED PROCESSATTRIBUTES, *LPPROCESSATTRIBUTES;
typedef struct {
    DWORD PoolMin, PoolMax, VsegSize, ObjDirSize, WaitForInit;
} RTPACKED PROCESSATTRIBUTESEX, *LPPROCESSATTRIBUTESEX;

typedef struct {
    RTHANDLE OwnerProcess, NextThread;
    WORD AccountingState, UsecsPerTick;
    DWORD CreateTimeLo, CreateTimeHi, ElapsedTimeLo, ElapsedTimeHi;
    DWORD TotalTicksSinceCallLo, RunningTicksSinceCallLo;
    DWORD TotalRunningTicksLo, TotalRunningTicksHi;
} RTPACKED THREADACCOUNTING, *LPTHREADACCOUNTING;

typedef struct {
    LPPROC ExceptionHandlerPtr;
    WORD ExceptionHandlerPtr_seg;
    BYTE ExceptionMode;
} RTPACKED EXCEPTION, *PEXCEPTION;

typedef struct {
    RTHANDLE hThread, hProcess;
    WORD wExceptionCode;
    DWORD pFaultingEIP;
    WORD wFaultingCS;
} RTPACKED HWEXCEPTIONMSG;

typedef struct {
    DWORD dwNotifyType, dwLocation, dwProcessId;
} RTPACKED EVENTINFO, *LPEVENTINFO;

typedef struct {
    BYTE Reserved0[57];
    WORD NucleusTickInterval; /* 57: always 10 */
    WORD KernelTickRatio;     /* 59: low-level ticks in 10 ms */
    BYTE Reserved1[3];
    BYTE MajorVersion, MinorVersion; /* 64, 65 */
    WORD BuildNumber;                /* 66 */
    BYTE Reserved2[2];
    DWORD PentiumTicksPerUsec; /* 70 */
    BYTE Reserved3[3];
    BYTE LogicalCPUId, NodeType, NumProcs; /* 77..79 */
    BYTE Reserved4[2];
    WORD DelayConst; /* 82 */
    BYTE Reserved5[7];
    BYTE CPUType; /* 91 */
    BYTE Reserved6[4];
    BYTE TimeZone;    /* 96 */
    DWORD PhysicalKb; /* 97 */
    BYTE Reserved7[8];
    BYTE CPUModel;        /* 109 */
    DWORD CPUFeatures;    /* 110 */
    BYTE LogicalPageSize; /* 114 */
    BYTE Reserved8[6];
    DWORD SystemLockAddress; /* 121 */
    RTHANDLE INscopeSeg;     /* 125 */
    BYTE SystemFlags;        /* 127 */
    BYTE UserReserved[32];
} RTPACKED SYSINFO, *LPSYSINFO;

typedef struct {
    BYTE len, unused;
    WORD portId;
    BYTE address[28];
} RTPACKED GENADDR, *LPGENADDR;
typedef struct {
    WORD wPortID;
    BYTE byType, _reserved_a; /* byType: always FF */
    WORD wNumTransactions, wControlMsgSize;
    RTHANDLE hService, hSinkPort;
    DWORD _reserved_b;
    RTHANDLE hHeap;
    WORD wFlags;
    GENADDR LocalAddress, RemoteAddress;
    char cName[14]; /* of the service */
} RTPACKED PORTINFO, *LPPORTINFO;
/* What a service gives the kernel; a handler that is not needed is NULL. */
typedef struct tagServiceDesc {
    char cName[14]; /* filled up with spaces or zeros */
    WORD wServiceFlags, wPortCreationMask, wAddressSize, wControlMessageSize;
    WORD wMaxTransactionBuffers, wMaxControlBuffers, wPortTableSize;
    WORD wNullPortID, wFirstValidPortID, wLastValidPortID, wFirstAllocPortID, wLastAllocPortID;
    LPPROC pInitialize;
    WORD _reserved_1;
    LPPROC pGetAttributes;
    WORD _reserved_2;
    LPPROC pSetAttributes;
    WORD _reserved_3;
    LPPROC pCreatePort;
    WORD _reserved_4;
    LPPROC pDeletePort;
    WORD _reserved_5;
    LPPROC pVerifyAddress;
    WORD _reserved_6;
    LPPROC pSendMessage;
    WORD _reserved_7;
    LPPROC pGetFragment;
    WORD _reserved_8;
    LPPROC pCancelTransaction;
    WORD _reserved_9;
    LPPROC pUpdateReceiveInfo;
    WORD _reserved_10;
    LPPROC pFinish;
    WORD _reserved_11;
    LPPROC pService;
    WORD _reserved_12;
    DWORD dwServiceThreadStackSize;
    WORD _reserved_13;
    RTHANDLE hServiceObject;
    GENADDR LocalAddress;
    LPVOID _reserved_14[14];
    WORD wExtraSize; /* bytes that follow, of the service's own */
} RTPACKED SERVICEDESC, *LPSERVICEDESC;
/* What the kernel and a service know of a message under way; the address of its sender, its text at the end. */
typedef struct tagControlBuf {
    LPVOID pLink;
    WORD _reserved_1;
    RTHANDLE hPort;
    WORD wLocalTransID;
    LPVOID pData;
    WORD _reserved_2;
    DWORD cbDataLength;
    WORD wFlags, wMsgStatus;
    GENADDR SourceAddress;
    BYTE byControlMsg[1];
} RTPACKED CONTROLBUFFER, *LPCONTROLBUFFER;
typedef struct tagTransaction {
    LPVOID lpOutQlink;
    WORD _reserved_1;
    LPVOID lpInQLink;
    WORD _reserved_2;
    BYTE byTransCntr, byTransID;
    WORD _reserved;
    WORD wFlags, wState;
    RTHANDLE hPort, hThread;
    LPVOID lpMsg;
    WORD _reserved_3;
    WORD wSendStatus;
    LPCONTROLBUFFER lpInControlMsg;
    WORD _reserved_4;
    LPCONTROLBUFFER lpOutControlMsg;
    WORD _reserved_5;
    DWORD cbDataLength;
    LPVOID lpData;
    WORD _reserved_6;
    DWORD cbRSVPLength;
    LPVOID lpRSVPData;
    WORD _reserved_7;
    LPVOID lpOrgRSVPData;
    WORD _reserved_8;
    DWORD dwFragOffset;
    WORD wFragBlock;
    GENADDR RemoteHost;
} RTPACKED TRANSACTION, *LPTRANSACTION;
/* Head of what services define. */
typedef struct {
    WORD wOpCode, wLength; /* length of what follows */
} RTPACKED SERVICEATTRIBUTES, *LPSERVICEATTRIBUTES;
typedef struct {
    WORD wFlags, wStatus, wTransID;
    DWORD dwDataSize;
    LPVOID pData;
    WORD _reserved;
    RTHANDLE hForwPort;
    GENADDR Local, Remote;
    WORD wControlMsgLength;
    BYTE byControlMessage[1];
} RTPACKED RECEIVEINFO, *LPRECEIVEINFO;

typedef struct {
    DWORD lo, hi;
} RTPACKED KNTIME, *LPKNTIME;
typedef struct {
    QWORD qwSeconds; /* since 1 January 1978 */
    DWORD dwMicroseconds;
} RTPACKED TIMEVALUE, *LPTIMEVALUE;
/* Member order from the help page's list; widths chosen (dwMicroseconds is a published name). */
typedef struct {
    WORD wYear, wMonth, wDayOfWeek, wDay, wHour, wMinute, wSecond;
    DWORD dwMicroseconds;
} RTPACKED SYSTEMTIME, *LPSYSTEMTIME;

typedef struct {
    LOCATION location;
    DWORD msgId, reserved1, dwUserParam, length, reserved, reserved2;
} RTPACKED MSG_DESCRIPTOR;

typedef struct {
    RTHANDLE OwnerProcess, NextThread;
    LPPROC ExceptionHandler;
    WORD ExceptionHandler_seg;
    BYTE ExceptionMode, _fill0, StaticPriority, DynamicPriority, ThreadFlags;
    BYTE InterruptThread, PendingInterrupts, MaxInterrupts;
    WORD IntLevel;
    BYTE ThreadState, SuspendDepth;
    WORD DelayRequest;
    RTHANDLE LastExchange;
    DWORD KnDelayRequest;
    KNHANDLE LastKnExchange;
} RTPACKED THREADINFO_SNAPSHOT, *LPTHREADINFO_SNAPSHOT;

typedef struct {
    DWORD dwIrq; /* -1: a message */
    WORD wVector, wIntThread;
    DWORD reserved[2];
} RTPACKED INTERRUPTINFO, *LPINTERRUPTINFO;

/* The 4th argument of SetRtInterruptHandlerEx(MSI_LEVEL): order and widths chosen. */
typedef struct {
    DWORD PciAddress;
    LPVOID Param;
    WORD MsiIndex;
    RTHANDLE MsiVectors; /* of AllocateRtInterrupts; 0: one vector of its own */
    DWORD ReservedZero;
} RTPACKED MSI_PARAM_EX, MSI_PARAM;

typedef struct {
    DWORD Location;
    char szNodeName[64];
    BYTE NodeId, NodeClass, NodeSubclass, NetIdType;
    BYTE NetId[16];
} RTPACKED NODE_INFO, *LPNODE_INFO;
typedef struct {
    WORD wType, wSubtype;
    LOCATION Location;
    WORD hRemoteObject, hRemoteOwner; /* the owner: reserved */
} RTPACKED OBJECT_INFO, *LPOBJECT_INFO;

typedef struct AsyncIo {
    RTHANDLE hFile, hMailbox;
    WORD wOperation, wStatus;
    QWORD qwFilePointer;
    LPVOID lpOriginalBuffer;
    DWORD cbAmountRequested, cbAmountReturned;
    LPPROC IoCompletion;
    LPVOID lpContext;
} RTPACKED ASYNCIO, *LPASYNCIO;

/* PUSHAD order, then the frame of an interrupt from ring 3. Selectors and handles are one type. */
typedef struct {
    RTHANDLE RunningThread;
    WORD _f0;
    DWORD regCR2;
    RTHANDLE regGS;
    WORD _f1;
    RTHANDLE regFS;
    WORD _f2;
    RTHANDLE regES;
    WORD _f3;
    RTHANDLE regDS;
    WORD _f4;
    RTHANDLE regLDT;
    WORD _f5;
    DWORD regEDI, regESI, regEBP, regESP, regEBX, regEDX, regECX, regEAX;
    DWORD ErrorCode, ReturnEIP;
    RTHANDLE ReturnCS;
    WORD _f6;
    DWORD ReturnEFLAGS, ReturnESP;
    RTHANDLE ReturnSS;
    WORD _f7;
} RTPACKED CPUFRAME;
typedef struct {
    RTHANDLE OwnerProcess, NextThread;
    BYTE ThreadState, SuspendDepth;
    WORD DelayRequest;
    RTHANDLE LastExchange;
    DWORD KnDelayRequest;
    KNHANDLE LastKnExchange;
    CPUFRAME CpuFrame;
} RTPACKED THREADSTATE_SNAPSHOT, *LPTHREADSTATE_SNAPSHOT;

/* Layouts not published: chosen. cbSize is set by the caller. */
typedef struct {
    DWORD cbSize, cbStackSize, cbStackUsed;
} RTPACKED STACKINFO, *LPSTACKINFO;
typedef struct {
    LPVOID lpBaseOfDll;
    DWORD SizeOfImage;
    LPVOID EntryPoint;
} RTPACKED MODULEINFO, *LPMODULEINFO;

#define RT_SIZE_IS(type, size) _Static_assert(sizeof(type) == (size), #type " has the wrong size")
#if defined __i386__ && !defined __cplusplus
RT_SIZE_IS(SYSINFO, 160);
RT_SIZE_IS(EXCEPTION, 7);
RT_SIZE_IS(EVENTINFO, 12);
RT_SIZE_IS(OBJECTDIRENTRY, 16);
RT_SIZE_IS(PHYSICAL_MEMORY_INFO, 52);
RT_SIZE_IS(VIRTUAL_MEMORY_INFO, 20);
RT_SIZE_IS(CPUFRAME, 84);
RT_SIZE_IS(NODE_INFO, 88);
RT_SIZE_IS(THREADINFO_SNAPSHOT, 34);
#endif

#endif
