/* child.h: the program that lies beside those which start it, and a handle that nobody has. */
#ifndef RT386_GUEST_CHILD_H
#define RT386_GUEST_CHILD_H

#include "rt.h"

#ifdef __ELF__
#define CHILD "child.elf"
#else
#define CHILD "child.rta"
#endif
#define NOBODY ((RTHANDLE)0xFFF8)

#endif
