/* io.h of the guest C library: files by descriptor. 0, 1 and 2 are the console. */
#ifndef RT386_GUEST_IO_H
#define RT386_GUEST_IO_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

int close(int fd);
int dup(int fd);             /* of a file or the console; the lowest that is free */
int dup2(int fd, int other); /* 0; `other` is closed first */
int read(int fd, void *data, unsigned n);
int write(int fd, const void *data, unsigned n);
long lseek(int fd, long offset, int whence);
long ltell(int fd);
long tell(int fd);
char *mktemp(char *name); /* its last X become a name that no file has; NULL: EINVAL, EEXIST */
int eof(int fd);
long filelength(int fd);
int chsize(int fd, long size);
int isatty(int fd);
int setmode(int fd, int mode); /* O_TEXT or O_BINARY; the old one */
int access(const char *path, int mode);
int sopen(const char *path, int flags, int share, ...); /* as open: `share` is not looked at */
#define SH_COMPAT 0x00
#define SH_DENYRW 0x10
#define SH_DENYWR 0x20
#define SH_DENYRD 0x30
#define SH_DENYNO 0x40
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
