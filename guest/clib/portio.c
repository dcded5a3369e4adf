/* portio.c: ports of the processor's I/O space [7-1/io]. Applications run with IOPL 3, so these are the plain
 * instructions. The string forms are loops: ES stays as the program has it. */
#include "portio.h"

BYTE inbyte(WORD port)
{
    BYTE value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "d"(port));
    return value;
}

WORD inhword(WORD port)
{
    WORD value;
    __asm__ volatile("inw %1, %0" : "=a"(value) : "d"(port));
    return value;
}

DWORD inword(WORD port)
{
    DWORD value;
    __asm__ volatile("inl %1, %0" : "=a"(value) : "d"(port));
    return value;
}

void outbyte(WORD port, BYTE value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "d"(port));
}

void outhword(WORD port, WORD value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "d"(port));
}

void outword(WORD port, DWORD value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "d"(port));
}

void blockinbyte(WORD port, BYTE *buffer, unsigned length)
{
    while (length-- > 0)
        *buffer++ = inbyte(port);
}

void blockinhword(WORD port, WORD *buffer, unsigned length)
{
    while (length-- > 0)
        *buffer++ = inhword(port);
}

void blockinword(WORD port, DWORD *buffer, unsigned length)
{
    while (length-- > 0)
        *buffer++ = inword(port);
}

void blockoutbyte(WORD port, BYTE *buffer, unsigned length)
{
    while (length-- > 0)
        outbyte(port, *buffer++);
}

void blockouthword(WORD port, WORD *buffer, unsigned length)
{
    while (length-- > 0)
        outhword(port, *buffer++);
}

void blockoutword(WORD port, DWORD *buffer, unsigned length)
{
    while (length-- > 0)
        outword(port, *buffer++);
}
