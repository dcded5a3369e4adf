/* setjmp.h of the guest C library.
 *
 *   jmp_buf, 40 bytes:  EBX ESI EDI EBP ESP EIP FS:[0] and three spare dwords
 */
#ifndef RT386_GUEST_SETJMP_H
#define RT386_GUEST_SETJMP_H

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned long jmp_buf[10];

int setjmp(jmp_buf env) __attribute__((returns_twice));
void longjmp(jmp_buf env, int value) __attribute__((noreturn));
#define setjmp(env) setjmp(env)

#ifdef __cplusplus
}
#endif

#endif
