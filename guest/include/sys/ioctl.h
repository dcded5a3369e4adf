/* sys/ioctl.h of the guest C library: of sockets. */
#ifndef RT386_GUEST_SYS_IOCTL_H
#define RT386_GUEST_SYS_IOCTL_H

#define FIONBIO  0x8004667EUL /* int: not 0 = calls do not wait */
#define FIONREAD 0x4004667FUL /* int: bytes that can be received at once */

#ifdef __cplusplus
extern "C" {
#endif
int ioctl(int fd, unsigned long request, ...);
#ifdef __cplusplus
}
#endif

#endif
