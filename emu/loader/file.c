/* Reading a file whole, with a limit. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "image.h"

#define FIRST_READ 65536u

static status_t say(char *err, size_t err_size, status_t status, const char *text)
{
    if (err && err_size) snprintf(err, err_size, "%s", text);
    return status;
}

static status_t say_errno(char *err, size_t err_size, const char *doing, int code)
{
    if (err && err_size)
        snprintf(err, err_size, "the file cannot be %s: %s; check its name and rights", doing,
                 strerror(code));
    return code == ENOENT || code == ENOTDIR ? ST_NOTFOUND : ST_IO;
}

/* Everything up to the end of the stream, at most IMAGE_FILE_MAX bytes and one more to notice. */
static status_t read_all(FILE *f, uint8_t **bytes, size_t *size, char *err, size_t err_size)
{
    size_t room = FIRST_READ, n = 0;
    uint8_t *buffer = malloc(room);
    while (buffer) {
        n += fread(buffer + n, 1, room - n, f);
        if (n < room || n > IMAGE_FILE_MAX) break;
        room = room > IMAGE_FILE_MAX / 2 ? IMAGE_FILE_MAX + 1u : room * 2;
        uint8_t *more = realloc(buffer, room);
        if (!more) free(buffer);
        buffer = more;
    }
    if (!buffer) return say(err, err_size, ST_NOMEM, "the host has no memory left for this file");
    status_t s = ST_OK;
    if (ferror(f)) s = say_errno(err, err_size, "read", errno);
    if (!s && n > IMAGE_FILE_MAX)
        s = say(err, err_size, ST_FORMAT, "the file has more than 256 MB; give a smaller one");
    if (s) {
        free(buffer);
        return s;
    }
    *bytes = buffer;
    *size = n;
    return ST_OK;
}

status_t file_read(const char *path, uint8_t **bytes, size_t *size, char *err, size_t err_size)
{
    struct stat st;
    *bytes = NULL;
    *size = 0;
    if (err && err_size) err[0] = 0;
    FILE *f = fopen(path, "rb");
    if (!f) return say_errno(err, err_size, "opened", errno);
    status_t s;
    if (!fstat(fileno(f), &st) && S_ISDIR(st.st_mode))
        s = say(err, err_size, ST_IO, "this is a folder; give a file in it");
    else
        s = read_all(f, bytes, size, err, err_size);
    fclose(f);
    return s;
}
