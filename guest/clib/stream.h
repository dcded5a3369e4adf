/* stream.h: inside of a FILE. All functions want the library's lock held.
 *
 *   reading                        where the kernel's descriptor stands
 *             |xxxxxxxxxxxx|yyyyyyyyy|        x taken, y read ahead; `back` is taken first
 *             0           at        end
 *   writing   |xxxxxxxxxxxx|                  x not yet with the kernel
 *             0           at
 *
 * A buffer always holds the bytes of the file: lines end in CR LF there when the stream is a text stream, and the
 * translation is done as characters pass. So a position in the file is the same number in both modes.
 */
#ifndef RT386_CLIB_STREAM_H
#define RT386_CLIB_STREAM_H

#include "clib.h"
#include "stdio.h"

#define STREAM_OPEN    0x001u
#define STREAM_READ    0x002u /* may be read */
#define STREAM_WRITE   0x004u
#define STREAM_APPEND  0x008u
#define STREAM_TEXT    0x010u
#define STREAM_EOF     0x020u
#define STREAM_ERROR   0x040u
#define STREAM_READING 0x080u /* the buffer holds what was read */
#define STREAM_WRITING 0x100u
#define STREAM_OWN     0x200u /* the buffer is of the heap */
#define STREAM_TEMP    0x400u /* of tmpfile */

/* False, and EBADF: not an open stream. */
bool stream_good(const FILE *f);
bool stream_start_reading(FILE *f);                        /* false: it cannot be read */
int stream_get(FILE *f);                                   /* a character or EOF */
size_t stream_read(FILE *f, void *data, size_t size);      /* how much was there */
void stream_back(FILE *f, int c);                          /* the character that was got last */
size_t stream_put(FILE *f, const char *text, size_t size); /* how much was taken */
int stream_flush(FILE *f);                                 /* writes what is pending; 0 or EOF */
int stream_settle(FILE *f); /* the same; and what was read ahead is given back */
long stream_tell(FILE *f);
int stream_close(FILE *f);
void stream_drop_buffer(FILE *f);

/* mode of fopen as STREAM_ flags, and RT_FILE_ flags for the kernel; false: no such mode */
bool stream_mode(const char *mode, unsigned *flags, unsigned *open);
FILE *stream_new(int fd, unsigned flags); /* NULL and EMFILE */

/* --- descriptors; -1 and errno on failure. 0, 1 and 2 are the console --- */
#define CONSOLE_FDS     3
#define FIRST_SOCKET_FD 67 /* and later ones; before it are files (ADR 0064) */
int fd_open(const char *path, unsigned flags);
int fd_close(int fd);
int fd_read(int fd, void *data, size_t size); /* 0 at the end of the file */
int fd_write(int fd, const void *data, size_t size);
int fd_write_all(int fd, const void *data, size_t size); /* 0: every byte */
long fd_seek(int fd, long offset, int whence);
bool fd_is_socket(int fd);
int socket_read(int fd, void *data,
                size_t size); /* what there is, waiting for the first byte; 0 at the end */
int socket_write(int fd, const void *data, size_t size);

#endif
