/* library.c: the shared library is made of the layers; this file only gives it a place to start. */
#include <rt386/rt386.h>

extern const char *(*const rt386_library_anchor)(void);
const char *(*const rt386_library_anchor)(void) = rt386_version;
