/* portio.h of the guest C library: input and output by port; "hword" has 16 bits, "word" 32. */
#ifndef RT386_GUEST_PORTIO_H
#define RT386_GUEST_PORTIO_H

#include "rttypes.h"

#ifdef __cplusplus
extern "C" {
#endif

BYTE inbyte(WORD port);
WORD inhword(WORD port);
DWORD inword(WORD port);
void outbyte(WORD port, BYTE value);
void outhword(WORD port, WORD value);
void outword(WORD port, DWORD value);
void blockinbyte(WORD port, BYTE *buffer, unsigned length);
void blockinhword(WORD port, WORD *buffer, unsigned length);
void blockinword(WORD port, DWORD *buffer, unsigned length);
void blockoutbyte(WORD port, BYTE *buffer, unsigned length);
void blockouthword(WORD port, WORD *buffer, unsigned length);
void blockoutword(WORD port, DWORD *buffer, unsigned length);

#ifdef __cplusplus
}
#endif

#endif
