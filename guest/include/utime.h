/* utime.h of the guest C library. Files have the time of the machine's start, whoever asks for another one: EPERM. */
#ifndef RT386_GUEST_UTIME_H
#define RT386_GUEST_UTIME_H

#ifdef __cplusplus
extern "C" {
#endif

struct utimbuf {
    long actime, modtime;
};
int utime(const char *path, const struct utimbuf *times);

#ifdef __cplusplus
}
#endif

#endif
