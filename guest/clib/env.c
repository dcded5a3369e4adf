/* env.c: the environment: what the machine was given, and what the program adds to it. */
#include "clib.h"
#include "errno.h"
#include "stdlib.h"
#include "string.h"

/* "NAME=VALUE" strings on the heap; the lock guards the list, and strings are never given back: getenv has handed them
 * out. */
static struct {
    char **text;
    unsigned count, room;
    bool filled;
} env;

/* False: no memory. */
static bool add(char *text)
{
    if (env.count == env.room) {
        unsigned room = env.room == 0 ? 16 : env.room * 2;
        char **list = heap_take(room * sizeof *list);
        if (list == NULL) return false;
        memcpy(list, env.text, env.count * sizeof *list);
        heap_give(env.text);
        env.text = list;
        env.room = room;
    }
    env.text[env.count++] = text;
    return true;
}

/* The machine's part: strings one after the other. */
static void fill(void)
{
    if (env.filled) return;
    env.filled = true;
    long size = (long)clib_environment(NULL, 0);
    char *texts = size <= 0 ? NULL : heap_take((size_t)size);
    if (texts == NULL || (long)clib_environment(texts, (unsigned long)size) != size) return;
    for (char *at = texts; at < texts + size; at += strlen(at) + 1)
        if (strchr(at, '=') != NULL && !add(at)) return;
}

/* The variable `name`, which ends at = or 0; NULL: there is none. */
static char **find(const char *name)
{
    size_t n = strcspn(name, "=");
    fill();
    for (unsigned i = 0; i < env.count; i++)
        if (strncmp(env.text[i], name, n) == 0 && env.text[i][n] == '=') return &env.text[i];
    return NULL;
}

char *getenv(const char *name)
{
    if (strchr(name, '=') != NULL) return NULL;
    clib_lock();
    char **found = find(name);
    char *value = found == NULL ? NULL : *found + strlen(name) + 1;
    clib_unlock();
    return value;
}

int unsetenv(const char *name)
{
    if (*name == 0 || strchr(name, '=') != NULL) {
        errno = EINVAL;
        return -1;
    }
    clib_lock();
    char **found = find(name);
    if (found != NULL) *found = env.text[--env.count];
    clib_unlock();
    return 0;
}

/* The text itself becomes part of the environment. */
int putenv(char *text)
{
    const char *equal = strchr(text, '=');
    if (equal == NULL) return unsetenv(text);
    if (equal == text) {
        errno = EINVAL;
        return -1;
    }
    clib_lock();
    char **found = find(text);
    bool good = found != NULL || add(text);
    if (found != NULL) *found = text;
    clib_unlock();
    if (!good) errno = ENOMEM;
    return good ? 0 : -1;
}

int setenv(const char *name, const char *value, int overwrite)
{
    if (*name == 0 || strchr(name, '=') != NULL) {
        errno = EINVAL;
        return -1;
    }
    if (overwrite == 0 && getenv(name) != NULL) return 0;
    char *text = malloc(strlen(name) + strlen(value) + 2);
    if (text == NULL) return -1;
    strcat(strcat(strcpy(text, name), "="), value);
    return putenv(text);
}

/* There is no command processor. */
int system(const char *command)
{
    if (command == NULL) return 0;
    errno = ENOENT;
    return -1;
}
