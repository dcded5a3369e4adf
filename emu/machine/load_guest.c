/* load_guest.c: programs that a guest starts: which file a name means, and how it becomes a process.
 *
 *   "C:\app\part.rta"  -->  "part.rta"  -->  FOLDER/part.rta
 *                                            of the program that asks, as the user named it
 *
 * A guest reaches files beside the program that the user started, and no other (ADR 0036): of a name only
 * its last part counts, so that no name leads out of the folder. Libraries are looked for in more places: load_rsl.c.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "machine.h"
#include "outside.h"

#define ARGUMENTS_MAX 99 /* after argv[0]; start-up code has room for 100 */

#define E_OK    0x0000u
#define E_MEM   0x0002u
#define E_EXIST 0x0006u
#define E_PARAM 0x8004u

/* --- names --- */

static const char *last_part(const char *name)
{
    const char *last = name;
    for (; *name; name++)
        if (*name == '/' || *name == '\\' || *name == ':') last = name + 1;
    return last;
}

/* A file: no folder, pipe or device, and no link, which could lead out of the folder. */
static bool is_file(DIR *dir, const char *name)
{
    struct stat st;
    return !fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode);
}

/* The file of the folder that has this name: exactly, or else without regard to case, then the first one
 * in the order of its bytes. */
static bool folder_find(const char *folder, const char *name, char *found, size_t size)
{
    DIR *dir = opendir(folder);
    bool any = false, exact = false;
    if (!dir) return false;
    for (struct dirent *e; !exact && (e = readdir(dir));) {
        if (strcasecmp(e->d_name, name) || strlen(e->d_name) >= size) continue;
        if (!is_file(dir, e->d_name)) continue;
        exact = !strcmp(e->d_name, name);
        if (exact || !any || strcmp(e->d_name, found) < 0) snprintf(found, size, "%s", e->d_name);
        any = true;
    }
    closedir(dir);
    return any;
}

rt386_status machine_find_file(rt386 *m, const char *folder, const char *name, char **path)
{
    char found[256];
    const char *last = last_part(name);
    *path = NULL;
    if (!folder || !*last || !strcmp(last, ".") || !strcmp(last, "..") ||
        !folder_find(folder, last, found, sizeof found))
        return machine_fail(m, RT386_E_NOTFOUND, "%.80s: no such file beside the program", last);
    size_t n = strlen(folder) + strlen(found) + 2;
    *path = malloc(n);
    if (!*path) return machine_fail(m, RT386_E_NOMEM, "the host has no memory for a path");
    snprintf(*path, n, "%s/%s", folder, found);
    return RT386_OK;
}

rt386_status rt386_rsl_folder(rt386 *m, const char *path)
{
    struct stat st;
    if (!path || !*path) return machine_fail(m, RT386_E_ARG, "no folder of libraries");
    if (stat(path, &st) || !S_ISDIR(st.st_mode))
        return machine_fail(m, RT386_E_NOTFOUND, "%.120s: no such folder of libraries", path);
    char **grown = realloc(m->rsl_folder, (m->rsl_folder_count + 1) * sizeof *grown);
    if (grown) m->rsl_folder = grown;
    char *copy = grown ? strdup(path) : NULL;
    if (!copy) return machine_fail(m, RT386_E_NOMEM, "the host has no memory for a path");
    m->rsl_folder[m->rsl_folder_count++] = copy;
    return RT386_OK;
}

void rsl_folders_free(rt386 *m)
{
    for (unsigned i = 0; i < m->rsl_folder_count; i++)
        free(m->rsl_folder[i]);
    free(m->rsl_folder);
}

/* --- arguments --- */

/* Splits at blanks; "..." keeps them. Changes `text`; returns the number of words, at most `max`. */
static int arguments_split(char *text, const char **word, int max)
{
    int n = 0;
    char *from = text, *to = text;
    while (n < max) {
        from += strspn(from, " \t");
        if (!*from) break;
        word[n++] = to;
        for (bool quoted = false; *from && (quoted || !strchr(" \t", *from)); from++) {
            if (*from == '"')
                quoted = !quoted;
            else
                *to++ = *from;
        }
        bool more = *from != 0;
        *to++ = 0;
        if (!more) break;
        from++;
    }
    return n;
}

/* --- a request --- */

static struct loaded *loaded_of(const rt386 *m, uint16_t process)
{
    for (unsigned i = 0; i < m->loaded_count; i++)
        if (m->loaded[i]->process == process && !m->loaded[i]->ended) return m->loaded[i];
    return NULL;
}

static uint32_t status_of(rt386_status st)
{
    switch (st) {
    case RT386_OK: return E_OK;
    case RT386_E_NOMEM: return E_MEM;
    case RT386_E_NOTFOUND:
    case RT386_E_IO: return E_EXIST;
    default: return E_PARAM;
    }
}

static rt386_status start_file(rt386 *m, const struct rt_load *request, const char *path,
                               struct program *program, uint16_t *process)
{
    const char *words[ARGUMENTS_MAX];
    char *text = strdup(request->arguments);
    if (!text) return machine_fail(m, RT386_E_NOMEM, "the host has no memory for arguments");
    program->attr = request->attr;
    program->argc = arguments_split(text, words, ARGUMENTS_MAX);
    program->argv = words;
    rt386_status st = machine_load_program(m, path, program, process);
    free(text);
    return st;
}

static uint32_t load_one(rt386 *m, const struct rt_load *request, uint16_t *process)
{
    const struct loaded *caller = loaded_of(m, request->process);
    const char *folder = caller ? caller->folder : NULL;
    struct program program = {.of_guest = true};
    char *path = NULL;
    rt386_status st = outside_find(m, folder, request->file, &path);
    if (st == RT386_OK) st = start_file(m, request, path, &program, process);
    free(path);
    if (st != RT386_OK)
        machine_log(m, RT386_LOG_GUEST, "intime", "process 0x%04x asks for a program: %s",
                    request->process, m->error);
    return program.status ? program.status : status_of(st);
}

static uint32_t load_rsl(rt386 *m, const struct rt_load *request, uint16_t *module)
{
    const struct loaded *caller = loaded_of(m, request->process);
    struct rt_load one = *request;
    uint32_t status = 0;
    one.file = last_part(request->file);
    rt386_status st = load_library(m, &one, caller ? caller->folder : NULL, module, &status);
    if (st != RT386_OK)
        machine_log(m, RT386_LOG_GUEST, "intime", "process 0x%04x asks for a library: %s",
                    request->process, m->error);
    return status ? status : status_of(st);
}

void port_loads(rt386 *m)
{
    struct rt_load request;
    while (rt_load_next(m->kernel, &request)) {
        uint16_t handle = 0;
        struct rt_effects fx = {0};
        uint32_t status =
            request.library ? load_rsl(m, &request, &handle) : load_one(m, &request, &handle);
        rt_load_done(m->kernel, status, handle, &fx);
        port_apply(m, &fx);
    }
}

void loaded_ended(rt386 *m, uint16_t process)
{
    struct loaded *l = loaded_of(m, process);
    if (!l) return;
    l->ended = true;
    if (!l->of_guest) return; /* the user's own files stay: their names are shown */
    for (unsigned i = 0; i < m->loaded_count; i++)
        if (m->loaded[i] == l) {
            m->loaded[i] = m->loaded[--m->loaded_count];
            break;
        }
    loaded_free(l);
}

bool loaded_of_user(const rt386 *m, uint16_t process)
{
    const struct loaded *l = loaded_of(m, process);
    return l && !l->of_guest;
}
