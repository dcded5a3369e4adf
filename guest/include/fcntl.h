/* fcntl.h of the guest C library: how open opens. Values chosen: those of BSD. */
#ifndef RT386_GUEST_FCNTL_H
#define RT386_GUEST_FCNTL_H

#define O_RDONLY   0
#define O_WRONLY   1
#define O_RDWR     2
#define O_NONBLOCK 0x0004 /* of sockets, by fcntl */
#define O_APPEND   0x0008
#define O_CREAT    0x0200
#define O_TRUNC    0x0400
#define O_EXCL     0x0800 /* with O_CREAT: the file must be new */
#define O_TEXT     0x4000 /* the default */
#define O_BINARY   0x8000

#ifdef __cplusplus
extern "C" {
#endif
int open(const char *path, int flags, ...); /* with O_CREAT: int mode, which is not looked at */
int creat(const char *path, int mode);
/* Sockets only: F_GETFL, F_SETFL with O_NONBLOCK. */
int fcntl(int fd, int command, ...);
#define F_GETFL 3
#define F_SETFL 4
#ifdef __cplusplus
}
#endif

#endif
