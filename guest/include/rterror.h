/* rterror.h: condition codes of INtime system calls.
 *
 * 0x0000..0x3FFF environmental conditions, 0x8000..0xBFFF programming errors. Codes marked "chosen"
 * have no published value: they are this project's own and may differ from the vendor's.
 */
#ifndef RT386_GUEST_RTERROR_H
#define RT386_GUEST_RTERROR_H

#define E_OK                   0x0000
#define E_TIME                 0x0001
#define E_MEM                  0x0002
#define E_BUSY                 0x0003
#define E_LIMIT                0x0004
#define E_CONTEXT              0x0005
#define E_EXIST                0x0006
#define E_STATE                0x0007
#define E_NOT_CONFIGURED       0x0008
#define E_INTERRUPT_SATURATION 0x0009
#define E_INTERRUPT_OVERFLOW   0x000A
#define E_TRANSMISSION         0x000B
#define E_SLOT                 0x000C
#define E_DATA_CHAIN           0x000D /* inferred from iRMX */
/* Of files: names of the help's, but for the last four; values inferred from iRMX. */
#define E_FEXIST          0x0020
#define E_FNEXIST         0x0021
#define E_SUPPORT         0x0023
#define E_FACCESS         0x0026
#define E_SHARE           0x0028
#define E_SPACE           0x0029
#define E_IO              0x002B
#define E_DIR_NOT_EMPTY   0x0031
#define E_INVALID_ADDRESS 0x00E2
#define E_INVALID_ADDR    0x00E2 /* the same value under the ports' name */
#define E_NO_LOCAL_BUFFER 0x00E3
#define E_RESOURCE_LIMIT  0x00E6
#define E_TRANS_ID        0x00E8
#define E_DISCONNECTED    0x00E9
#define E_TRANS_LIMIT     0x00EA
#define E_UNBOUND         0x00EB
#define E_VMEM            0x00F0
#define E_NOT_ALLOCATED   0x00F2

#define E_TYPE              0x8002
#define E_PARAM             0x8004
#define E_BAD_CALL          0x8005
#define E_PROTECTION        0x800D
#define E_BAD_ADDR          0x800F
#define E_STRING            0x8084
#define E_PROTOCOL          0x80E0
#define E_PORT_ID_USED      0x80E1
#define E_NUC_BAD_BUF       0x80E2
#define E_SEND_NOT_COMPLETE 0x80E3
#define E_ALIGNMENT         0x80F1
#define E_LOCATION          0x8F02

/* Hardware faults: 0x8100 + vector. */
#define EH_ZERO_DIVIDE         0x8100
#define EH_SINGLE_STEP         0x8101
#define EH_NMI                 0x8102
#define EH_DEBUG_TRAP          0x8103
#define EH_OVERFLOW            0x8104
#define EH_ARRAY_BOUNDS        0x8105
#define EH_INVALID_OPCODE      0x8106
#define EH_DEVICE_NOT_PRESENT  0x8107
#define EH_DOUBLE_FAULT        0x8108
#define EH_DEVICE_ERROR        0x8109
#define EH_INVALID_TSS         0x810A
#define EH_SEGMENT_NOT_PRESENT 0x810B
#define EH_STACK_FAULT         0x810C
#define EH_GENERAL_PROTECTION  0x810D
#define EH_PAGE_FAULT          0x810E
#define EH_DEVICE_ERROR1       0x8110 /* value inferred: vector 16 */
#define EH_ALIGNMENT_CHECK     0x8111

/* Names without a published value: chosen. */
#define E_CANCELLED         0x00F8
#define E_KN_TIME_OUT       0x2001
#define E_KN_NONEXIST       0x2002
#define E_KN_LIMIT_EXCEEDED 0x2003

#endif
