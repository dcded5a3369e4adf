/* ctors.c: constructors and destructors as GNU compilers for Windows list them. The linker defines both lists:
 *
 *      -1 function ... function 0
 *
 * Compilers call __main at the begin of main. Linkers that are not GNU's define the lists when they are told to stand
 * in for it (lld-link /lldmingw); programs of other compilers go without this file.
 */
#include "stdlib.h"

typedef void (*initialiser)(void);
extern initialiser __CTOR_LIST__[], __DTOR_LIST__[];
void __main(void);

static void destruct(void)
{
    for (initialiser *f = __DTOR_LIST__ + 1; *f != NULL; f++)
        (*f)();
}

void __main(void)
{
    static int done; /* a program may call main again */
    unsigned n = 0;
    if (done++) return;
    while (__CTOR_LIST__[n + 1] != NULL)
        n++;
    atexit(destruct);
    for (; n > 0; n--) /* the last one first */
        __CTOR_LIST__[n]();
}
