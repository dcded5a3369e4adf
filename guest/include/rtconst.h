/* rtconst.h: constants of the INtime calls. "chosen": no value is published, this project's own. */
#ifndef RT386_GUEST_RTCONST_H
#define RT386_GUEST_RTCONST_H

#define NULL_RTHANDLE ((RTHANDLE)0)
#define BAD_RTHANDLE  ((RTHANDLE)0xFFFF)

#define NO_WAIT      0u
#define WAIT_FOREVER 0xFFFFFFFFu
#define INFINITE     0xFFFFFFFFu
#define RT_MAX_WAIT  655349u     /* longest finite wait in ms: 65534 ticks of 10 ms */
#define WAIT_FAILED  0xFFFFFFFFu /* chosen */
#define BAD_PRIORITY 0xFF        /* chosen */

#define FIFO_QUEUING     0
#define PRIORITY_QUEUING 1 /* inferred from the Windows side */
#define OBJECT_MAILBOX   0
#define DATA_MAILBOX     0x20
#define MAILBOX_DEPTH(n) (((n) >> 1) & 0x1E)
#define DATA_MESSAGE_MAX 128
#define REFCOUNT         0x0100 /* chosen */

#define THIS_THREAD  0
#define THIS_PROCESS 1
#define ROOT_PROCESS 3

/* Object types. 0, 1, 4, 6 are proven; 2, 3, 5, 7, 9..11 inferred from the Windows side. */
#define INVALID_TYPE   0
#define PROCESS_TYPE   1
#define THREAD_TYPE    2
#define MAILBOX_TYPE   3
#define SEMAPHORE_TYPE 4
#define REGION_TYPE    5
#define SEGMENT_TYPE   6
#define EXTENSION_TYPE 7
#define PORT_TYPE      9
#define HEAP_TYPE      10
#define SERVICE_TYPE   11
/* chosen */
#define RSL_TYPE           12
#define RSL_OBJECT_TYPE    12
#define ALARM_TYPE         13
#define QUEUE_TYPE         14
#define RSL_REF_TYPE       15
#define RSL_REFERENCE_TYPE 15
#define FILE_TYPE          16
#define WIN_FILE_TYPE      17
#define WAIT_HANDLE_TYPE   18 /* of CreateRtProcessEx and StartRtProcess */
/* Subtypes: chosen. */
#define OBJECT_MAILBOX_SUBTYPE  0
#define DATA_MAILBOX_SUBTYPE    1
#define SEGMENT_SUBTYPE         1
#define DESCRIPTOR_SUBTYPE      2
#define VIRTUAL_SEGMENT_SUBTYPE 3
#define REFERENCE_OBJECT        0x8000

/* Memory: chosen, but for the PTE flags, which are the processor's own bits. */
#define BUFFER_READONLY             0
#define BUFFER_WRITABLE             1
#define BAD_PHYSICAL_ADDRESS        0xFFFFFFFFu
#define BAD_PHYSICAL_ADDRESS_64     0xFFFFFFFFFFFFFFFFull
#define PTE_WRITE_THRU              0x08
#define PTE_CACHE_DISABLE           0x10
#define PTE_PAT                     0x80
#define GET_SYSTEM_MEMORY_AREA_LIST 0
#define CONTIGUOUS_BUFFER           0
#define DATA_CHAIN                  1
#define DATA_LIST                   2
#define DATA_CHAIN_BUFFER           DATA_CHAIN
#define DATA_LIST_BUFFER            DATA_LIST

/* Events: 12 = system | exit is proven, the split is inferred. */
#define RT_SPONSOR_NOTIFICATIONS   1
#define RT_DEPENDENT_NOTIFICATIONS 2
#define RT_SYSTEM_NOTIFICATIONS    4
#define RT_EXIT_NOTIFICATIONS      8
#define RT_ALL_NOTIFICATIONS       15
#define TERMINATE                  255
#define DEPENDENT_UNREGISTERED     2
#define DEPENDENT_TERMINATED       3
#define SPONSOR_TERMINATED         4
#define SPONSOR_UNREGISTERED       5
#define RT_CLIENT_DOWN             6
#define DEPENDENT_REGISTERED       7
#define NT_HOST_DOWN               8
#define RT_CLIENT_UP               9

/* Exception handlers: 0 is proven, the others chosen in the order of the help page. */
#define THREAD_HANDLER         0
#define PROCESS_HANDLER        1
#define SYSTEM_HANDLER         2
#define HARDWARE_HANDLER       3
#define DELETE_PROCESS_HANDLER 4
#define DELETE_THREAD_HANDLER  5
#define SUSPENSION_HANDLER     6

/* Processes: 1, 2 and 8 inferred from the Windows side, the others chosen. */
#define PROC_DEBUG               0x0001
#define PROC_EXECUTABLE_DS       0x0002
#define PROC_WAIT_FOR_INIT       0x0008
#define PROC_WAIT_FOR_INIT_PARAM 0x0010
#define PROC_STRICTRSL           0x0020
#define PROC_XM                  0x0040
#define PROC_NOTXM               0x0080
#define PROC_SUSPEND             0x0100

/* RslMain reasons: chosen with the Win32 numbers; start-up code passes 1 at process attach. */
#define RSL_PROCESS_DETACH 0
#define RSL_PROCESS_ATTACH 1
#define RSL_THREAD_ATTACH  2
#define RSL_THREAD_DETACH  3

/* Low-level objects: chosen. Flag 5 of start-up code reads as "region or priority kind, one unit".
 */
#define KN_FIFO_QUEUEING         0
#define KN_PRIORITY_QUEUEING     1
#define KN_REGION                2
#define KN_ZERO_UNITS            0
#define KN_ONE_UNIT              4
#define KN_RESERVE_PRIORITY_DATA 8
#define KN_SINGLE_SHOT           0
#define KN_REPEATER              1
#define ALARM_REPETITION_MASK    1
#define KN_DONT_WAIT             0u
#define KN_WAIT_FOREVER          0xFFFFFFFFu
#define KN_SEMAPHORE_SIZE        8
#define KN_MAILBOX_SIZE          32
#define KN_MAILBOX_MSG_OVERHEAD  4
#define KN_ALARM_EVENT_SIZE      16

/* Interrupt levels: the encoding of iRMX (master lines x8h, slave lines 2xh). */
#define RT_IRQ_LEVEL(irq) ((WORD)((irq) < 8 ? (irq)*16 + 8 : (1 + (irq) / 8) * 16 + (irq) % 8))
#define IRQ0_LEVEL        0x08
#define IRQ1_LEVEL        0x18
#define IRQ2_LEVEL        0x28
#define IRQ3_LEVEL        0x38
#define IRQ4_LEVEL        0x48
#define IRQ5_LEVEL        0x58
#define IRQ6_LEVEL        0x68
#define IRQ7_LEVEL        0x78
#define IRQ8_LEVEL        0x20
#define IRQ9_LEVEL        0x21
#define IRQ10_LEVEL       0x22
#define IRQ11_LEVEL       0x23
#define IRQ12_LEVEL       0x24
#define IRQ13_LEVEL       0x25
#define IRQ14_LEVEL       0x26
#define IRQ15_LEVEL       0x27
/* Chosen; a handler's own level has more bits. */
#define SHARED_LEVEL 0x4000 /* or-ed in: more handlers on the line */
#define MSI_LEVEL    0x6000
#define BAD_LEVEL    0xFFFF

/* I/O services: chosen. */
#define WAIT_FOR_IOPROXY   1
#define WAIT_FOR_IOSERVICE 2
#define MAX_PATH           260

/* Nodes: chosen, the first two inferred from the Windows side. */
#define THIS_LOCATION           ((LOCATION)0)
#define BAD_LOCATION            ((LOCATION)0xFFFFFFFF)
#define NODE_CLASS_WINDOWS_HOST 1
#define NODE_CLASS_INTIME_HOST  2
#define NODE_SUBCLASS_SHARED    1
#define NODE_SUBCLASS_DEDICATED 2
#define NODE_SUBCLASS_PRIMARY   3
#define NODE_SUBCLASS_SECONDARY 4

/* Files: names of the help's where it gives them; values chosen, those of the same meaning in Win32 where there are some. */
#define FILE_MODE_READ_ONLY    1
#define FILE_MODE_WRITE_ONLY   2
#define FILE_MODE_READ_WRITE   3
#define FILE_SHARE_NONE        0
#define FILE_SHARE_READ        1
#define FILE_SHARE_WRITE       2
#define FILE_SHARE_DELETE      4
#define FILE_SHARE_ALL         7
#define FILE_CREATE_NEW        1
#define FILE_CREATE_ALWAYS     2
#define FILE_OPEN_EXISTING     3
#define FILE_OPEN_ALWAYS       4
#define FILE_TRUNCATE_EXISTING 5
#define FILE_ATTR_READONLY     0x01
#define FILE_ATTR_HIDDEN       0x02
#define FILE_ATTR_SYSTEM       0x04
#define FILE_ATTR_DIRECTORY    0x10
#define FILE_ATTR_ARCHIVE      0x20
#define FILE_ATTR_NORMAL       0x80
#define FILE_FLAG_ASYNCHRONOUS 0x40000000
#define FILE_BEGIN             0
#define FILE_CURRENT           1
#define FILE_END               2
#define FILE_TYPE_UNKNOWN      0
#define FILE_TYPE_DISK         1
#define FILE_TYPE_DEVICE       2
#define FILE_TYPE_DIRECTORY    3

/* Sources of SyncLocalRtClock: chosen. */
#define DEFAULT_CLOCK_TYPE 0
#define WINDOWS_CLOCK_TYPE 1
#define LOCAL_CLOCK_TYPE   2

#define EVENTLOG_ERROR_TYPE       1
#define EVENTLOG_WARNING_TYPE     2
#define EVENTLOG_INFORMATION_TYPE 4
#define RESET_ACCOUNTING          1
#define BAD_TRANSACTION_ID        0xFFFF
#define BAD_POINTER               ((LPVOID)0xFFFFFFFFu)

#endif
