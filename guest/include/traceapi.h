/* traceapi.h: what a program says to INscope. Nobody listens: every call fails as it does on a node where the INscope
 * server has not been loaded. rt386 has its own traces (rt386 trace).
 */
#ifndef RT386_GUEST_TRACEAPI_H
#define RT386_GUEST_TRACEAPI_H

#include "rttypes.h"

typedef BYTE UINT_8;
typedef WORD UINT_16;

#ifdef __cplusplus
extern "C" {
#endif

/* All give -1: there is no server [7-0/log_rt_event, 7-0/start_rt_trace, 7-0/pause_rt_trace]; save_RT_trace gives
 * 0xFFFF [7-0/save_rt_trace]. */
int log_RT_event(char event_id, UINT_16 event_var);
int log_RT_app_start(void);
int start_RT_trace(UINT_8 init_trace);
int pause_RT_trace(void);
int resume_RT_trace(void);
int stop_RT_trace(void);
int save_RT_trace(char *filename);

#ifdef __cplusplus
}
#endif

#endif
