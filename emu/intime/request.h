/* request.h: programs that guests ask for, and waiting for processes. Private to emu/intime.
 *
 *   CreateRtProcess --> a request in the kernel's list, the caller waits (WAIT_LOAD)
 *                   --> RT_FX_LOAD; the machine takes the request (rt_load_next), loads the file
 *                       through rt_process_..., and answers (rt_load_done)
 *                   --> the caller goes on, or waits for R?END_INIT first (WAIT_INIT)
 *
 *   a wait handle   is an object of its own (TYPE_EXIT) that outlives the process: it keeps the
 *                   exit code until somebody has waited for it
 */
#ifndef RT386_INTIME_REQUEST_H
#define RT386_INTIME_REQUEST_H

#include "kernel.h"

#define LOAD_ARGUMENTS_MAX 4096u /* with the zero at the end */
#define END_INIT           "R?END_INIT"

struct load {
    struct load *next;
    struct thread *thread; /* who waits for it; NULL: it is gone */
    uint16_t exit;         /* GDT index of the wait handle; 0 = none */
    bool sync;             /* wait for R?END_INIT, at most init_ms */
    uint32_t init_ms;
    struct rt_load request;
    char file[PATH_BYTES + 4]; /* as c->str */
    char arguments[LOAD_ARGUMENTS_MAX];
};

/* --- loadcalls.c --- */
/* The caller waits until the machine has loaded what c->load asks for. */
void load_ask(struct rt_kernel *k, struct call *c);
/* The answer to LoadRtLibrary (rsl.c). */
void library_answer(struct rt_kernel *k, const struct load *l, uint32_t status, uint16_t handle);
/* t goes: its request is answered to nobody. */
void load_forget(struct rt_kernel *k, struct thread *t);
void loads_free(struct rt_kernel *k);
/* A name came into p's directory: the one that its creator waits for? */
void load_synchronize(struct rt_kernel *k, struct process *p, const char *name, unsigned length);
/* t has waited for R?END_INIT long enough: the process goes. */
void load_give_up(struct rt_kernel *k, struct thread *t);

/* --- exit.c --- */
/* Makes a wait handle of c's process for p; room has been checked. */
struct object *exit_make(struct rt_kernel *k, struct call *c, struct process *p);
/* p has ended: those who wait for it go on, its wait handles keep the code. */
void exit_tell(struct rt_kernel *k, struct process *p, uint32_t code);
/* The wait handle goes: who waits through it gets E_EXIST. */
void exit_close(struct rt_kernel *k, struct object *o);

#endif
