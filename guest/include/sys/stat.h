/* sys/stat.h of the guest C library. Of a file only its kind, its size and whether it may be written are known: the
 * times are all that of the machine's start, so that runs repeat. */
#ifndef RT386_GUEST_SYS_STAT_H
#define RT386_GUEST_SYS_STAT_H

#ifdef __cplusplus
extern "C" {
#endif

#define S_IFMT   0xF000
#define S_IFDIR  0x4000
#define S_IFCHR  0x2000
#define S_IFREG  0x8000
#define S_IFSOCK 0xC000
#define S_IREAD  0x0100
#define S_IWRITE 0x0080

struct stat {
    unsigned short st_dev, st_ino, st_mode;
    short st_nlink;
    long st_size, st_atime, st_mtime, st_ctime;
};
int stat(const char *path, struct stat *s);
int fstat(int fd, struct stat *s);
int chmod(const char *path, int mode); /* S_IWRITE as it is already; else EPERM */
int umask(int mask);                   /* kept, and of no effect; the old one */

#ifdef __cplusplus
}
#endif

#endif
