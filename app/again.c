#include "again.h"

#include "app.h"

int again_machine(rt386_trace *trace, rt386 **machine, const char **why)
{
    rt386_config config = {.size = sizeof config};
    bool network = false;
    *machine = NULL;
    rt386_status st = rt386_trace_config(trace, &config, &network);
    *why = st == RT386_E_NOTFOUND ? "it has no keyframe, so it cannot be run again"
                                  : "its keyframe is damaged";
    if (st != RT386_OK) return STATUS_REFUSED;
    *why = "the host has no memory for its machine";
    if (rt386_create(&config, machine) != RT386_OK) return STATUS_USAGE;
    if (!network || rt386_share_loopback(*machine) == RT386_OK) return STATUS_OK;
    *why = rt386_error(*machine);
    return STATUS_USAGE;
}
