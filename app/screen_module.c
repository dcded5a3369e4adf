#include "screen_module.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef RT386_LAB_DIR
#define RT386_LAB_DIR ""
#endif

/* Beside the command (where it is built), then where it is installed. */
static void *module_open(const char **why)
{
    char path[4096], *slash;
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 32);
    *why = "it was made without SDL2";
    if (n > 0) {
        path[n] = '\0';
        slash = strrchr(path, '/');
        strcpy(slash ? slash + 1 : path, "rt386-lab.so");
        if (access(path, R_OK) == 0) goto found;
    }
    snprintf(path, sizeof path, "%s/rt386-lab.so", RT386_LAB_DIR);
    if (!*RT386_LAB_DIR || access(path, R_OK) != 0) return NULL;
found:;
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!module) *why = dlerror();
    return module;
}

const struct screen_ops *screen_module(const char **why)
{
    const struct screen_ops *(*get)(void) = NULL;
    void *module = module_open(why);
    if (module) *(void **)&get = dlsym(module, SCREEN_SYMBOL);
    const struct screen_ops *ops = get ? get() : NULL;
    if (ops && ops->version == SCREEN_VERSION) return ops;
    if (module) *why = "rt386-lab.so belongs to another build";
    return NULL;
}
