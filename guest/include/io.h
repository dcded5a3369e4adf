/* io.h of the guest C library: files by descriptor. 0, 1 and 2 are the console. */
#ifndef RT386_GUEST_IO_H
#define RT386_GUEST_IO_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

int close(int fd);
int read(int fd, void *data, unsigned n);
int write(int fd, const void *data, unsigned n);
long lseek(int fd, long offset, int whence);
long ltell(int fd);
int eof(int fd);
long filelength(int fd);
int chsize(int fd, long size);
int isatty(int fd);
int setmode(int fd, int mode); /* O_TEXT or O_BINARY; the old one */
int access(const char *path, int mode);
int unlink(const char *path);
int mkdir(const char *path, ...); /* a second argument is not looked at */
int rmdir(const char *path);

#define F_OK 0
#define W_OK 2
#define R_OK 4

#ifdef __cplusplus
}
#endif

#endif
