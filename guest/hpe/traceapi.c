/* traceapi.c: calls to INscope, whose server is not there (ADR 0066). */
#include "traceapi.h"

#define NO_SERVER       (-1)
#define NOT_LOADED_SAVE 0xFFFF

int log_RT_event(char event_id, UINT_16 event_var)
{
    (void)event_id;
    (void)event_var;
    return NO_SERVER;
}

int log_RT_app_start(void)
{
    return NO_SERVER;
}

int start_RT_trace(UINT_8 init_trace)
{
    (void)init_trace;
    return NO_SERVER;
}

int pause_RT_trace(void)
{
    return NO_SERVER;
}

int resume_RT_trace(void)
{
    return NO_SERVER;
}

int stop_RT_trace(void)
{
    return NO_SERVER;
}

int save_RT_trace(char *filename)
{
    (void)filename;
    return NOT_LOADED_SAVE;
}
