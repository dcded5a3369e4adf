/* thread_fault.h: an exception that no handler of an INtime thread took, in words and in JSON. */
#ifndef RT386_APP_THREAD_FAULT_H
#define RT386_APP_THREAD_FAULT_H

#include "json.h"

#include <rt386/rt386.h>

/* One sentence without full stop: "process P, thread 0x0300: unhandled #GP (...) at ...: suspended". */
void thread_fault_words(struct text *t, const rt386_thread_fault *e);
/* The members of a JSON object. */
void thread_fault_json(struct json *j, const rt386_thread_fault *e);
/* "suspended": what becomes of it. */
const char *thread_fault_action(const rt386_thread_fault *e);

#endif
