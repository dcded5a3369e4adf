/* rttypes.h: the INtime names for C types, as an i386 guest sees them.
 *
 *   RTHANDLE  16 bits  a GDT selector; comes back in AX
 *   BOOLEAN    8 bits  comes back in AL
 *   arguments          each takes one 4-byte stack slot (a QWORD two), caller cleans up
 */
#ifndef RT386_GUEST_RTTYPES_H
#define RT386_GUEST_RTTYPES_H

typedef unsigned char BYTE, BOOLEAN, *LPBYTE;
typedef unsigned short WORD, *LPWORD;
typedef unsigned long DWORD, *LPDWORD;
typedef unsigned long long QWORD, *LPQWORD;
typedef char *LPSTR;
typedef void VOID, *PVOID, *LPVOID;
typedef unsigned long ULONG_PTR;
typedef int BOOL;

typedef WORD RTHANDLE, *LPRTHANDLE;
typedef DWORD KNHANDLE;
typedef void *KNPTR;
typedef DWORD LOCATION;
typedef void (*LPPROC)(void *);

#ifndef TRUE
#define TRUE  1
#define FALSE 0
#endif
#ifndef NULL
#ifdef __cplusplus
#define NULL 0
#else
#define NULL ((void *)0)
#endif
#endif

/* Every call is cdecl with an undecorated export name. */
#ifdef __i386__
#define RTAPI  __attribute__((cdecl))
#define RSLAPI __attribute__((stdcall)) /* RslMain */
#else
#define RSLAPI
#define RTAPI /* only to read the headers elsewhere: cdecl is a convention of the i386 */
#endif
/* The vendor's headers pack SYSINFO and EXCEPTION to bytes; the others follow the same rule here.
 */
#define RTPACKED __attribute__((packed))

#endif
