/* intime.h: what the INtime personality shows, as plain data. Part of rt386.h; no functions. */
#ifndef RT386_INTIME_H
#define RT386_INTIME_H

#include <stdbool.h>
#include <stdint.h>

typedef struct rt386_call_event {
    const char *name;      /* "CreateRtMemoryHandle" */
    const char *arguments; /* decoded, "pOffset=0x00010000, cbSize=4096" */
    uint16_t process, thread;
    const char *process_name;
    bool leaving; /* false: entering, result is not known yet */
    bool blocked;
    uint32_t result, status;
    const char *status_name; /* "E_OK" */
} rt386_call_event;

typedef struct rt386_process {
    uint16_t handle, cs, ds;
    char name[16];
    uint32_t vseg_base, vseg_size, objects, pool_used;
    bool alive;
} rt386_process;

#endif
