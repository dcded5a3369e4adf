#include "copy.h"

#include <rt386/snapshot.h>

const char *copy_refused(rt386_status status)
{
    if (status == RT386_OK) return NULL;
    return status == RT386_E_STATE ? "this machine cannot be copied: it has a network"
                                   : "the host has no memory for a copy of the machine";
}

const char *machine_copy(const rt386 *m, rt386 **copy)
{
    return copy_refused(rt386_copy(m, copy));
}
