/* path.c: the current directory of a process, as a text: there is no file system behind it.
 *
 *   X:\part\part      a drive, then parts; "." and ".." are worked out, "/" counts as "\"
 */
#include <stdio.h>
#include <string.h>

#include "bits.h"
#include "kernel.h"

#define ROOT_LEN 3u /* "C:\" */

static bool separator(char c)
{
    return c == '\\' || c == '/';
}

static bool drive(const char *path)
{
    char c = (char)(path[0] | 0x20);
    return c >= 'a' && c <= 'z' && path[1] == ':';
}

/* Appends one part to a path of `n` bytes; the new length, 0 = too long. */
static unsigned part_add(char *to, unsigned n, const char *part, unsigned length)
{
    if (length == 1 && part[0] == '.') return n;
    if (length == 2 && part[0] == '.' && part[1] == '.') {
        while (n > ROOT_LEN && to[n - 1] != '\\')
            n--;
        return n > ROOT_LEN ? n - 1 : n;
    }
    if (n + (n > ROOT_LEN) + length + 1 > PATH_BYTES) return 0;
    if (n > ROOT_LEN) to[n++] = '\\';
    memcpy(to + n, part, length);
    return n + length;
}

/* name, seen from the directory `from`, as a whole path of less than PATH_BYTES bytes; false: too long. */
static bool path_whole(const char *from, const char *name, char *to)
{
    unsigned n = (unsigned)strlen(from);
    memcpy(to, from, n);
    if (drive(name)) {
        to[0] = name[0];
        name += 2;
        n = ROOT_LEN;
    }
    if (separator(*name)) n = ROOT_LEN;
    while (*name) {
        unsigned length = 0;
        while (name[length] && !separator(name[length]))
            length++;
        if (length) n = part_add(to, n, name, length);
        if (n == 0) return false;
        name += length + (name[length] != 0);
    }
    to[n] = 0;
    return true;
}

static uint32_t name_good(const struct call *c)
{
    if (c->str_reach != RT_REACH_OK) return E_BAD_ADDR;
    return c->str_length == 0 || c->str_length >= PATH_BYTES ? E_PARAM : E_OK;
}

void path_start(struct process *p)
{
    snprintf(p->path, sizeof p->path, "C:\\");
}

/* --- GetCurrentRtDirectory(size, buffer): length, or the size that is needed --- */

uint32_t vrfy_GetCurrentRtDirectory(struct rt_kernel *k, struct call *c)
{
    c->off = (uint32_t)strlen(c->p->path);
    return c->arg[0] > c->off ? call_writable(k, c->arg[1], c->off + 1) : E_OK;
}

void impl_GetCurrentRtDirectory(struct rt_kernel *k, struct call *c)
{
    c->eax = c->off + 1;
    if (c->arg[0] <= c->off) return;
    call_put(k, c->arg[1], c->p->path, c->off + 1);
    c->eax = c->off;
}

/* --- SetCurrentRtDirectory(path) --- */

uint32_t vrfy_SetCurrentRtDirectory(struct rt_kernel *k, struct call *c)
{
    (void)k;
    char path[PATH_BYTES];
    uint32_t status = name_good(c);
    if (status != E_OK) return status;
    return path_whole(c->p->path, c->str, path) ? E_OK : E_PARAM;
}

void impl_SetCurrentRtDirectory(struct rt_kernel *k, struct call *c)
{
    (void)k;
    char path[PATH_BYTES];
    path_whole(c->p->path, c->str, path);
    memcpy(c->p->path, path, sizeof path);
    c->eax = 1;
}

/* --- GetFullRtPathName(name, size, buffer, address of the file's part or NULL) --- */

uint32_t vrfy_GetFullRtPathName(struct rt_kernel *k, struct call *c)
{
    char path[PATH_BYTES];
    uint32_t status = name_good(c);
    if (status != E_OK) return status;
    if (!path_whole(c->p->path, c->str, path)) return E_PARAM;
    c->off = (uint32_t)strlen(path);
    if (c->arg[1] <= c->off) return E_OK;
    status = call_writable(k, c->arg[2], c->off + 1);
    return status == E_OK && c->arg[3] ? call_writable(k, c->arg[3], 4) : status;
}

void impl_GetFullRtPathName(struct rt_kernel *k, struct call *c)
{
    char path[PATH_BYTES];
    uint8_t part[4];
    path_whole(c->p->path, c->str, path);
    c->eax = c->off + 1;
    if (c->arg[1] <= c->off) return;
    call_put(k, c->arg[2], path, c->off + 1);
    c->eax = c->off;
    const char *last = strrchr(path, '\\') + 1;
    bool folder = !*last || separator(c->str[c->str_length - 1]);
    put32(part, folder ? 0 : c->arg[2] + (uint32_t)(last - path));
    if (c->arg[3]) call_put(k, c->arg[3], part, sizeof part);
}
