/* rtbase.h: prototypes of the INtime system calls, by family. All cdecl. */
#ifndef RT386_GUEST_RTBASE_H
#define RT386_GUEST_RTBASE_H

#include "rtconst.h"
#include "rterror.h"
#include "rtstruct.h"
#include "rttypes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- memory --- */
RTAPI PVOID AllocateRtMemory(DWORD cbSize);
RTAPI PVOID AllocateRtMemoryEx(DWORD cbSize, QWORD qwLowFilter, QWORD qwHighFilter,
                               DWORD cbAlignment);
RTAPI DWORD FreeRtMemory(PVOID pAddress);
RTAPI RTHANDLE CreateRtMemoryHandle(PVOID pOffset, DWORD cbSize);
RTAPI BOOLEAN DeleteRtMemoryHandle(RTHANDLE hSeg);
RTAPI PVOID MapRtSharedMemory(RTHANDLE hSeg);
RTAPI PVOID MapRtPhysicalMemory(DWORD dwAbsoluteAddress, DWORD cbSize);
RTAPI PVOID MapRtPhysicalMemoryEx(DWORD dwAbsoluteAddress, DWORD cbSize, DWORD dwFlags);
RTAPI PVOID MapRtPhysicalMemory64(QWORD qwAbsoluteAddress, DWORD cbSize, DWORD dwFlags);
RTAPI LPVOID MapRtPhysicalMemoryList(LPCHDESC pAddrList, DWORD cbSize, DWORD dwFlags);
RTAPI DWORD GetRtPhysicalAddress(PVOID pOffset, DWORD cbLength, DWORD dwReserved);
RTAPI QWORD GetRtPhysicalAddress64(PVOID pOffset, DWORD cbLength, DWORD dwReserved);
RTAPI DWORD GetRtLinearAddress(RTHANDLE hObject, DWORD pOffset, DWORD cbSize, DWORD _reserved);
RTAPI DWORD GetRtSize(RTHANDLE hSeg);
RTAPI BOOLEAN CopyRtData(RTHANDLE hSrcHandle, LPVOID dwSrcOffset, RTHANDLE hDestHandle,
                         LPVOID dwDestOffset, DWORD dwCount);
RTAPI RTHANDLE GetRtProcessDataSegment(DWORD rfu);
RTAPI BOOLEAN ValidateRtBuffer(LPVOID pBuffer, DWORD cbSize, DWORD dwFlags);
RTAPI BOOLEAN GetRtPhysicalMemoryInfo(RTHANDLE hProcess, LPPHYSICAL_MEMORY_INFO pMemoryInfo);
RTAPI BOOLEAN GetRtVirtualMemoryInfo(RTHANDLE hProcOrVseg, LPVIRTUAL_MEMORY_INFO pMemoryInfo);
RTAPI BOOLEAN GetRtSystemMemoryInfo(DWORD dwMemtype, LPVOID pMemoryInfo);
RTAPI BOOLEAN GetRtProcessPoolInfo(RTHANDLE hProcess, LPPOOLINFO pPoolInfo);
RTAPI RTHANDLE CreateRtHeap(DWORD cbHeapSize, WORD wHeapFlags);
RTAPI BOOLEAN DeleteRtHeap(RTHANDLE hHeap);
RTAPI LPVOID RequestRtBuffer(RTHANDLE hHeap, DWORD cbSize, LPWORD lpType);
RTAPI BOOLEAN ReleaseRtBuffer(RTHANDLE hHeap, LPVOID lpBuffer, WORD wType);
RTAPI DWORD GetRtBufferSize(RTHANDLE hHeap, LPVOID lpBuffer, WORD wType);
RTAPI BOOLEAN GetRtHeapInfo(RTHANDLE hHeap, LPHEAPINFO lpInfo);

/* --- threads --- */
RTAPI RTHANDLE CreateRtThread(BYTE byPriority, LPPROC lpEntry, DWORD dwStackSize, LPVOID lpParam);
RTAPI BOOLEAN DeleteRtThread(RTHANDLE hThread);
RTAPI BOOLEAN SuspendRtThread(RTHANDLE hThread);
RTAPI BOOLEAN ResumeRtThread(RTHANDLE hThread);
RTAPI RTHANDLE GetRtThreadHandles(BYTE bySelection);
RTAPI BYTE GetRtThreadPriority(RTHANDLE hThread);
RTAPI BOOLEAN SetRtThreadPriority(RTHANDLE hThread, BYTE byPriority);
RTAPI BOOLEAN SetRtProcessMaxPriority(RTHANDLE hProcess, BYTE byPriority);
RTAPI BOOLEAN GetRtThreadInfo(RTHANDLE hThread, LPTHREADINFO_SNAPSHOT lpInfo);
RTAPI BOOLEAN GetRtThreadState(RTHANDLE hThread, LPTHREADSTATE_SNAPSHOT lpState);
RTAPI BOOLEAN GetRtStackInfo(RTHANDLE hThread, LPSTACKINFO pInfo);
RTAPI BOOLEAN GetRtThreadAccounting(RTHANDLE hThread, LPTHREADACCOUNTING lpInfo, DWORD dwFlags);
RTAPI BOOLEAN SetRtSystemAccountingMode(BOOLEAN bMode);
RTAPI BOOLEAN RtSleep(DWORD dwMilliseconds);
RTAPI BOOLEAN RtSleepEx(DWORD dwMilliseconds);

/* --- object directories --- */
RTAPI BOOLEAN CatalogRtHandle(RTHANDLE hProcess, RTHANDLE hObject, LPSTR lpszName);
RTAPI BOOLEAN CatalogRtHandleLong(RTHANDLE hProcess, RTHANDLE hObject, LPSTR lpszLongName);
RTAPI RTHANDLE LookupRtHandle(RTHANDLE hProcess, LPSTR lpszName, DWORD dwMilliseconds);
RTAPI RTHANDLE LookupRtHandleLong(RTHANDLE hProcess, LPSTR lpszLongName,
                                  DWORD dwMilliseconds); /* prototype inferred */
/* dwNameLenLong in: room in cNameLong (prototype inferred). */
RTAPI BOOLEAN GetRtProcessDirectoryEntryLong(RTHANDLE hProcess, DWORD dwIndex,
                                             LPOBJECTDIRENTRYLONG pEntry);
RTAPI BOOLEAN UncatalogRtHandle(RTHANDLE hProcess, LPSTR lpszName);
RTAPI BOOLEAN InspectRtProcessDirectory(RTHANDLE hProcess, LPOBJECTDIR pObjectDir);
RTAPI BOOLEAN GetRtProcessDirectoryEntry(RTHANDLE hProcess, DWORD dwIndex, LPOBJECTDIRENTRY pEntry);
RTAPI WORD GetRtHandleType(RTHANDLE hObject);
RTAPI WORD GetRtHandleTypeEx(RTHANDLE hObject, LPWORD pSubType);

/* --- processes --- */
RTAPI RTHANDLE CreateRtProcess(LPSTR szFileName, LPSTR szArguments,
                               LPPROCESSATTRIBUTES lpAttributes, DWORD dwFlags);
RTAPI RTHANDLE CreateRtProcessEx(LPSTR szFileName, LPSTR szArguments,
                                 LPPROCESSATTRIBUTESEX lpAttributes, DWORD dwFlags,
                                 LPRTHANDLE phWait);
RTAPI RTHANDLE CreateRemoteRtProcess(LOCATION hLoc, LPSTR szFileName, LPSTR szArguments,
                                     LPPROCESSATTRIBUTES lpAttributes, DWORD dwFlags,
                                     LPRTHANDLE phWait);
RTAPI BOOLEAN DeleteRtProcess(RTHANDLE hProcess, DWORD dwFlags);
RTAPI BOOLEAN WaitForRtProcess(RTHANDLE hProcess, DWORD msWait, LPDWORD pdwExitCode);
RTAPI RTHANDLE WaitForRtProcessEx(RTHANDLE hWaitOrProcess, DWORD msWait, LPDWORD pdwExitCode);
RTAPI RTHANDLE StartRtProcess(RTHANDLE hProcess);
RTAPI VOID ExitRtProcess(VOID);
RTAPI BOOLEAN TerminateRtProcess(RTHANDLE hProcess, BOOLEAN bForce, DWORD msWait);
RTAPI BOOLEAN GetRtLoadPath(LPSTR path, DWORD len);
RTAPI BOOLEAN SynchronizeRtLoader(VOID);

/* --- semaphores, regions, mailboxes --- */
RTAPI RTHANDLE CreateRtSemaphore(WORD wInitCount, WORD wMaxCount, WORD wSemaphoreFlags);
RTAPI BOOLEAN DeleteRtSemaphore(RTHANDLE hSemaphore);
RTAPI BOOLEAN ReleaseRtSemaphore(RTHANDLE hSemaphore, WORD wReleaseCount);
RTAPI DWORD WaitForRtSemaphore(RTHANDLE hSemaphore, WORD wCount, DWORD dwMilliseconds);
RTAPI RTHANDLE CreateRtRegion(WORD wRegionFlags);
RTAPI BOOLEAN DeleteRtRegion(RTHANDLE hRegion);
RTAPI BOOLEAN WaitForRtControl(RTHANDLE hRegion);
RTAPI BOOLEAN AcceptRtControl(RTHANDLE hRegion);
RTAPI BOOLEAN ReleaseRtControl(VOID);
RTAPI RTHANDLE CreateRtMailbox(WORD wMailboxFlags);
RTAPI BOOLEAN DeleteRtMailbox(RTHANDLE hMailbox);
RTAPI BOOLEAN SendRtData(RTHANDLE hMailbox, LPVOID lpData, WORD cbBytesSent);
RTAPI WORD ReceiveRtData(RTHANDLE hMailbox, LPVOID lpData, DWORD dwMilliseconds);
RTAPI BOOLEAN SendRtHandle(RTHANDLE hMailbox, RTHANDLE hObject, RTHANDLE hResponse);
RTAPI RTHANDLE ReceiveRtHandle(RTHANDLE hMailbox, DWORD dwMilliseconds, LPRTHANDLE lphResponse);

/* --- low-level objects --- */
RTAPI KNHANDLE knCreateRtSemaphore(KNPTR lpSemaphoreArea, DWORD dwSemaphoreFlags);
RTAPI VOID knReleaseRtSemaphore(KNHANDLE hSemaphore);
RTAPI BOOLEAN knWaitForRtSemaphore(KNHANDLE hSemaphore, DWORD dwKernelTicks);
RTAPI VOID knDeleteRtSemaphore(KNHANDLE hSemaphore);
RTAPI KNHANDLE knCreateRtMailbox(KNPTR lpMailboxArea, DWORD cbMessageSize, DWORD dwQueueLength,
                                 DWORD dwKnMailboxFlags);
RTAPI BOOLEAN knSendRtData(KNHANDLE hMailbox, LPVOID lpData, DWORD cbBytesSent);
RTAPI BOOLEAN knSendRtPriorityData(KNHANDLE hMailbox, LPVOID lpData, DWORD cbBytesSent);
RTAPI BOOLEAN knWaitForRtData(KNHANDLE hMailbox, LPVOID lpData, LPDWORD lpcbBytesReceived,
                              DWORD dwKernelTicks);
RTAPI VOID knDeleteRtMailbox(KNHANDLE hMailbox);
RTAPI VOID knStopRtScheduler(VOID);
RTAPI VOID knStartRtScheduler(VOID);
RTAPI KNHANDLE knCreateRtAlarmEvent(LPVOID lpAlarmEventArea, DWORD dwAlarmFlags,
                                    DWORD dwKernelTicks);
RTAPI BOOLEAN knWaitForRtAlarmEvent(KNHANDLE hAlarm, DWORD dwKernelTicks);
RTAPI VOID knResetRtAlarmEvent(KNHANDLE hAlarm);
RTAPI VOID knDeleteRtAlarmEvent(KNHANDLE hAlarm);
RTAPI VOID knRtSleep(DWORD dwKernelTicks);

/* --- time and alarms --- */
RTAPI RTHANDLE CreateRtAlarm(DWORD dwAlarmFlags, DWORD dwMicroseconds);
RTAPI BOOLEAN WaitForRtAlarm(RTHANDLE hAlarm, DWORD dwMicroseconds);
RTAPI BOOLEAN ResetRtAlarm(RTHANDLE hAlarm);
RTAPI BOOLEAN DeleteRtAlarm(RTHANDLE hAlarm);
RTAPI BOOLEAN GetRtSystemTime(LPSYSTEMTIME pSysTime);
RTAPI BOOLEAN SetRtSystemTime(LPSYSTEMTIME pSysTime);
RTAPI BOOLEAN GetRtSystemTimeAsTimeValue(LPTIMEVALUE pTime);
RTAPI QWORD knGetKernelTime(LPKNTIME lpTime);
RTAPI QWORD knGetKernelTime0(VOID);
RTAPI VOID knSetKernelTime(LPKNTIME lpTime); /* prototype inferred */

/* --- interrupts --- */
RTAPI BOOLEAN SetRtInterruptHandler(WORD wLevel, BYTE byMaxInt, LPPROC lpfnHandler);
RTAPI WORD SetRtInterruptHandlerEx(WORD wLevel, BYTE byMaxInt, LPPROC lpfnHandler,
                                   LPVOID lpParamPtr);
RTAPI BOOLEAN ResetRtInterruptHandler(WORD wLevel);
RTAPI BOOLEAN EnterRtInterrupt(WORD wLevel);
RTAPI WORD GetRtInterruptLevel(VOID);
RTAPI VOID SignalEndOfRtInterrupt(WORD wLevel);
RTAPI BOOLEAN SignalRtInterruptThread(WORD wLevel);
RTAPI BOOLEAN WaitForRtInterrupt(WORD wLevel, DWORD dwMilliseconds);
RTAPI BOOLEAN EnableRtInterrupt(WORD wLevel);
RTAPI BOOLEAN DisableRtInterrupt(WORD wLevel);
RTAPI RTHANDLE AllocateRtInterrupts(DWORD nVectors);
RTAPI BOOLEAN GetRtInterruptInfo(WORD wLevel, LPINTERRUPTINFO pInfo);

/* --- exceptions --- */
RTAPI BOOLEAN SetRtExceptionHandler(PEXCEPTION lpInfo);
RTAPI BOOLEAN GetRtExceptionHandlerInfo(BYTE bHandlerID, PEXCEPTION lpInfo);
RTAPI VOID RaiseException(DWORD dwExceptionCode, DWORD dwExceptionFlags, DWORD nNumberOfArguments,
                          const ULONG_PTR *lpArguments);

/* --- shared libraries, thread-local storage --- */
RTAPI RTHANDLE LoadRtLibrary(char *lpModuleName);
RTAPI BOOLEAN FreeRtLibrary(RTHANDLE hModule);
RTAPI LPPROC GetRtProcAddress(RTHANDLE hModule, char *lpSymbolName);
RTAPI RTHANDLE GetRtModuleHandle(char *lpModuleName);
RTAPI BOOLEAN GetRtModuleInformation(RTHANDLE hModule, LPMODULEINFO lpInfo);
RTAPI BOOLEAN GetRtModuleFilename(RTHANDLE hModule, LPSTR lpName, DWORD cbName);
RTAPI DWORD RtTlsAlloc(VOID);
RTAPI BOOLEAN RtTlsFree(DWORD dwIndex);
RTAPI LPVOID RtTlsGetValue(DWORD dwIndex);
RTAPI BOOLEAN RtTlsSetValue(DWORD dwIndex, LPVOID lpValue);
/* The entry point of an RSL: stdcall, one function for every reason; what it answers counts at process attach only. */
BOOLEAN RSLAPI RslMain(RTHANDLE hModule, DWORD dwReason, LPVOID lpReserved);
/* Used by start-up code; prototypes inferred from it. */
RTAPI BOOLEAN RslCallRslHandlers(DWORD dwReserved, DWORD dwReason);
RTAPI BOOLEAN RslSetCallback(LPPROC lpFunction, DWORD dwSlot);

/* --- status and system data --- */
RTAPI DWORD GetLastRtError(VOID);
RTAPI VOID SetLastRtError(DWORD dwErrorCode);
RTAPI const char *GetRtErrorText(DWORD dwErrorCode);
RTAPI BOOLEAN ReportRtEvent(PVOID hEventLog, WORD wType, WORD wCategory, DWORD dwEventID,
                            WORD wNumStrings, DWORD dwDataSize, LPSTR *lpStrings, LPVOID lpRawData);
RTAPI BOOLEAN WaitForRtIoService(DWORD dwFlags, DWORD dwMilliseconds);
RTAPI DWORD GetCurrentRtDirectory(DWORD dwBufSize, LPSTR lpBuffer);
RTAPI BOOLEAN SetCurrentRtDirectory(LPSTR lpPathName);
RTAPI DWORD GetFullRtPathName(LPSTR lpFileName, DWORD nBufferLength, char *lpBuffer,
                              char **lpFilePart);
RTAPI BOOLEAN CopyRtSystemInfo(LPSYSINFO lpSysInfo);

/* --- message queues --- */
RTAPI RTHANDLE CreateRtQueue(DWORD queueSize, DWORD msgThreshold, DWORD flags);
RTAPI BOOLEAN SendRtShortDataMessage(RTHANDLE hQueue, LPVOID msg, DWORD msgLength);
RTAPI BOOLEAN SendRtLongDataMessage(RTHANDLE hQueue, LPVOID msg, DWORD msgLength, DWORD msWait,
                                    DWORD dwUserParam);
RTAPI BOOLEAN ReceiveRtDataMessage(RTHANDLE hQueue, LPVOID msgBuffer, DWORD msgBufferSize,
                                   DWORD msWait, DWORD *pMsgSize);
RTAPI BOOLEAN GetRtLongDataMessage(RTHANDLE hQueue, MSG_DESCRIPTOR *msgDesc, LPVOID msgBuffer,
                                   DWORD msgBufferLength, DWORD *msgSize);

/* prototypes inferred */
RTAPI BOOLEAN CancelRtLongDataMessage(RTHANDLE hQueue, MSG_DESCRIPTOR *msgDesc);
RTAPI BOOLEAN FlushRtQueue(RTHANDLE hQueue);
RTAPI BOOLEAN DeleteRtQueue(RTHANDLE hQueue);

/* --- ports (deprecated by the vendor since 6.0) --- */
RTAPI BOOLEAN AttachRtHeap(RTHANDLE hHeap, RTHANDLE hPort);
RTAPI RTHANDLE DetachRtHeap(RTHANDLE hPort);
RTAPI RTHANDLE CreateRtPort(LPSTR lpszServiceName, WORD wPortNumber, WORD wMaxTransactions,
                            WORD wPortFlags);
RTAPI RTHANDLE CreateRtPortEx(LPSTR lpszServiceName, WORD wPortNumber, WORD wMaxTransactions,
                              WORD wPortFlags, DWORD dwHeapSize);
RTAPI BOOLEAN DeleteRtPort(RTHANDLE hPort); /* prototype inferred */
RTAPI BOOLEAN DetachRtPort(RTHANDLE hPort); /* prototype inferred */
RTAPI BOOLEAN ConnectRtPort(RTHANDLE hPort, LPGENADDR lpAddress);
RTAPI BOOLEAN AttachRtPort(RTHANDLE hPort, RTHANDLE hSinkPort);
RTAPI WORD SendRtMessage(RTHANDLE hPort, LPGENADDR lpAddress, LPBYTE lpControl, WORD wControlLength,
                         LPVOID lpData, DWORD dwDataSize, WORD wTransmissionFlags);
RTAPI BOOLEAN SendRtReply(RTHANDLE hPort, LPGENADDR lpAddress, WORD wTransID, LPBYTE lpControl,
                          WORD wControlLength, LPVOID lpData, DWORD dwDataSize,
                          WORD wTransmissionFlags);
RTAPI LPVOID ReceiveRtMessage(RTHANDLE hPort, DWORD dwMilliseconds, LPRECEIVEINFO lpReceiveInfo);
RTAPI LPVOID ReceiveRtReply(RTHANDLE hPort, WORD wTransID, DWORD dwMilliseconds,
                            LPRECEIVEINFO lpReplyInfo);
RTAPI BOOLEAN BindRtPort(RTHANDLE hPort, LPGENADDR pAddress);
RTAPI WORD SendRtMessageRSVP(RTHANDLE hPort, LPGENADDR lpAddress, LPBYTE lpControl,
                             WORD wControlLength, LPVOID lpData, DWORD dwDataSize, LPVOID lpReply,
                             DWORD dwReplySize, WORD wTransmissionFlags);
RTAPI BOOLEAN ReceiveRtFragment(RTHANDLE hPort, LPGENADDR lpAddress, WORD wTransID,
                                LPVOID lpFragment, DWORD dwFragmentSize, WORD wFlags);
RTAPI BOOLEAN InstallRtServiceDescriptor(LPSERVICEDESC lpServiceDescriptor);
RTAPI BOOLEAN UninstallRtServiceDescriptor(LPSTR lpzServiceName);
RTAPI BOOLEAN CancelRtTransaction(RTHANDLE hPort, WORD wTransID);
RTAPI BOOLEAN GetRtPortAttributes(RTHANDLE hPort, LPPORTINFO lpInfo);
RTAPI BOOLEAN GetRtServiceAttributes(RTHANDLE hPort, LPSERVICEATTRIBUTES lpAttributes);
RTAPI BOOLEAN SetRtServiceAttributes(RTHANDLE hPort, LPSERVICEATTRIBUTES lpAttributes);

/* --- events --- */
typedef VOID (*EVENTHANDLER)(LPEVENTINFO lpInfo);
RTAPI BOOLEAN RtNotifyEvent(DWORD dwEventFlags, DWORD dwMilliseconds, LPEVENTINFO lpEventInfo);
RTAPI DWORD RegisterRtEventHandler(DWORD dwEventFlags, EVENTHANDLER pHandler);
RTAPI BOOLEAN UnregisterRtEventHandler(DWORD dwEventHandle);
RTAPI BOOLEAN SetRtEventHandlerPriority(BYTE byPriority);
RTAPI BOOLEAN RegisterRtSponsor(LPSTR lpszSponsorName);
RTAPI BOOLEAN UnregisterRtSponsor(LPSTR lpszSponsorName);
RTAPI BOOLEAN RegisterRtDependency(LPSTR lpszSponsorName, DWORD dwMilliseconds);
RTAPI BOOLEAN UnregisterRtDependency(LPSTR lpszSponsorName);

/* --- global objects, and the nodes that have them --- */
RTAPI LOCATION GetFirstRtLocation(void);
RTAPI LOCATION GetNextRtLocation(LOCATION loc);
RTAPI LOCATION GetRtNodeLocationByName(const char *NodeName);
RTAPI BOOLEAN GetRtNodeInfo(LOCATION hLoc, NODE_INFO *pInfo);
RTAPI WORD GetRtNodeStatus(LOCATION hLoc);
RTAPI RTHANDLE GetRemoteRootRtProcess(LOCATION hLoc);
RTAPI BOOLEAN GetRtObjectInfo(RTHANDLE hRef, OBJECT_INFO *info);
RTAPI RTHANDLE CreateRtReferenceObject(LOCATION hLoc, RTHANDLE hObject);
RTAPI BOOLEAN DeleteRtReferenceObject(RTHANDLE hReference);
RTAPI RTHANDLE CreateGlobalRtMailbox(LOCATION hLoc, WORD Flags);
RTAPI RTHANDLE CreateGlobalRtSemaphore(LOCATION hLoc, WORD InitUnits, WORD MaxUnits, WORD Flags);
RTAPI RTHANDLE CreateGlobalRtMemoryHandle(LOCATION hLoc, DWORD paBaseAddr, DWORD cbSize,
                                          WORD Flags);
RTAPI RTHANDLE CreateGlobalRtMemoryHandle64(LOCATION hLoc, QWORD paBaseAddr, DWORD cbSize,
                                            WORD Flags);
RTAPI RTHANDLE CreateGlobalRtMemoryObject(LOCATION hLoc, DWORD cbSize, WORD Flags);

/* --- files (the C library's are those of stdio.h and io.h) --- */
RTAPI RTHANDLE CreateRtFile(LPSTR lpFileName, DWORD dwAccessMode, DWORD dwShareMode,
                            DWORD dwOpenMode, DWORD dwAttributesAndFlags);
RTAPI BOOLEAN DeleteRtFile(RTHANDLE hFile);
RTAPI BOOLEAN ReadRtFile(RTHANDLE hFile, LPVOID lpBuffer, DWORD cbBufferSize, LPDWORD lpcbBytesRead,
                         LPASYNCIO lpAsync);
RTAPI BOOLEAN WriteRtFile(RTHANDLE hFile, LPVOID lpBuffer, DWORD cbBufferSize,
                          LPDWORD lpcbBytesWritten, LPASYNCIO lpAsync);
RTAPI BOOLEAN WaitForRtIo(LPASYNCIO lpAsync, DWORD dwMilliseconds, LPDWORD lpdwBytesTransferred);
RTAPI BOOLEAN CancelRtIo(LPASYNCIO pAsync);
RTAPI BOOLEAN SetRtFilePointer(RTHANDLE hFile, long long qiDistanceToMove,
                               LPQWORD lpqwNewFilePointer, DWORD dwMoveMethod);
RTAPI BOOLEAN SetEndOfRtFile(RTHANDLE hFile);
RTAPI BOOLEAN GetRtFileSize(RTHANDLE hFile, LPQWORD lpqwFileSize);
RTAPI DWORD GetRtFileType(RTHANDLE hFile);
RTAPI BOOLEAN FlushRtFileBuffers(RTHANDLE hFile);
RTAPI BOOLEAN RemoveRtFile(LPSTR lpFileName);
RTAPI BOOLEAN CreateRtDirectory(const char *lpPathName, LPVOID reserved);
RTAPI BOOLEAN RemoveRtDirectory(const char *lpPathName);

/* --- the node and its host --- */
RTAPI BOOLEAN ShutdownRtHost(BOOLEAN bReboot, DWORD dwMillisecondsDelay);
RTAPI BOOLEAN StartLocalRtApplicationNode(LOCATION loc);
RTAPI BOOLEAN StopLocalRtApplicationNode(LOCATION loc);
RTAPI BOOLEAN SyncLocalRtClock(DWORD dwClockSource);
RTAPI BOOLEAN GetRtHardwareClock(TIMEVALUE *pHwClock);
RTAPI DWORD GetINtimeProductVersion(LPSTR buffer, DWORD buffer_length);

#ifdef __cplusplus
}
#endif

#endif
