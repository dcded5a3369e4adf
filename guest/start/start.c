/* start.c: start-up and end of a guest program, in the order that applications built with the
 * vendor's library have: see the steps in rt_start. Linked into each program.
 */
#include "rtbase.h"
#include "setjmp.h"
#include "stdlib.h"
#include "string.h"

void rt_start(void) __attribute__((noreturn));
unsigned rt_cpu_features(void);
int main(int argc, char **argv);

/* clib.rsl, by ordinal only: 540, 814, 822 and 1030 */
void clib_end(int code)
    __attribute__((noreturn)); /* writes buffers, closes files, ends the process */
void clib_start_failed(int code) __attribute__((noreturn));
int clib_args(int *argc, char **argv, unsigned long max, char *buffer, unsigned long size);
int clib_init(void);

typedef void (*initialiser)(void);

/* --- thread-local storage: the template and, in a PE file, its directory --- */

unsigned long _tls_index = 0xFFFFFFFF; /* the slot, allocated at start */

#ifdef __ELF__
void RslDispatchException(void); /* the library is inside: the kernel must be told where */
BOOLEAN RTAPI RslSetDispatcher(void (*function)(void));
__attribute__((section("rttls"), used)) static char tls_head[4] = "TLS";
extern char __start_rttls[], __stop_rttls[];
#define TLS_START __start_rttls
#define TLS_END   __stop_rttls
extern initialiser __init_array_start[], __init_array_end[];
extern initialiser __fini_array_start[], __fini_array_end[];
#else
#define SECTION(name) __attribute__((section(name), used))
SECTION(".tls") static char tls_head[4] = "TLS"; /* before .tls$ with every linker */
SECTION(".tls$ZZZ") static char tls_tail[4];
#define TLS_START     tls_head
#define TLS_END       tls_tail
static initialiser tls_callbacks[1];
struct tls_directory {
    char *start, *end;
    unsigned long *index;
    initialiser *callbacks;
    unsigned long zero_fill, characteristics;
};
extern const struct tls_directory _tls_used;
const struct tls_directory _tls_used = {tls_head, tls_tail, &_tls_index, tls_callbacks, 0, 0};
/* Load configuration: its size, nothing else. */
extern const unsigned long _load_config_used[18];
const unsigned long _load_config_used[18] = {sizeof _load_config_used};
/* Tables that the linker sorts by section name, as compilers for Windows fill them: C's initialisers (I), those of C++
 * objects (C); functions for before (P) and at (T) the end. Lists of GNU compilers: ctors.c. */
SECTION(".CRT$XCA") static initialiser cxx_first[1];
SECTION(".CRT$XCZ") static initialiser cxx_last[1];
SECTION(".CRT$XIA") static initialiser c_first[1];
SECTION(".CRT$XIZ") static initialiser c_last[1];
SECTION(".CRT$XPA") static initialiser before_end_first[1];
SECTION(".CRT$XPZ") static initialiser before_end_last[1];
SECTION(".CRT$XTA") static initialiser end_first[1];
SECTION(".CRT$XTZ") static initialiser end_last[1];
#endif

static void table_run(initialiser *from, initialiser *to)
{
    for (; from < to; from++)
        if (*from != NULL) (*from)();
}

static void initialise(void)
{
#ifdef __ELF__
    table_run(__init_array_start, __init_array_end);
#else
    table_run(c_first, c_last);
    table_run(cxx_first, cxx_last);
#endif
}

static void terminate(void)
{
#ifdef __ELF__
    for (initialiser *f = __fini_array_end; f > __fini_array_start; f--)
        f[-1]();
#else
    table_run(before_end_first, before_end_last);
    table_run(end_first, end_last);
#endif
}

/* --- state --- */

#define EXIT_FUNCTIONS 32 /* what C asks for; more are kept on the heap */
struct exit_list {
    void (**function)(void);
    void (*first[EXIT_FUNCTIONS])(void);
    unsigned count, room;
};
static struct {
    jmp_buf failed;
    DWORD lock_area[2];
    KNHANDLE lock; /* guards the exit list */
    unsigned features;
    int argc;
    char *argv[101];
    char arguments[0x1000];
    struct exit_list at_exit, at_quick_exit;
} start;

static int list_grow(struct exit_list *list)
{
    unsigned room = list->room ? 2 * list->room : EXIT_FUNCTIONS;
    void (**to)(void) = list->room ? malloc(room * sizeof *to) : list->first;
    if (to == NULL) return 0;
    if (list->count) memcpy(to, list->function, list->count * sizeof *to);
    if (list->function != list->first) free(list->function);
    list->function = to;
    list->room = room;
    return 1;
}

static int list_add(struct exit_list *list, void (*function)(void))
{
    int result = -1;
    knWaitForRtSemaphore(start.lock, KN_WAIT_FOREVER);
    if (list->count < list->room || list_grow(list)) {
        list->function[list->count++] = function;
        result = 0;
    }
    knReleaseRtSemaphore(start.lock);
    return result;
}

/* The last one first; a function may add others, and those run too. */
static void list_run(struct exit_list *list)
{
    knWaitForRtSemaphore(start.lock, KN_WAIT_FOREVER);
    while (list->count > 0) {
        void (*function)(void) = list->function[--list->count];
        knReleaseRtSemaphore(start.lock);
        function();
        knWaitForRtSemaphore(start.lock, KN_WAIT_FOREVER);
    }
    knReleaseRtSemaphore(start.lock);
}

int atexit(void (*function)(void))
{
    return list_add(&start.at_exit, function);
}

int at_quick_exit(void (*function)(void))
{
    return list_add(&start.at_quick_exit, function);
}

onexit_t onexit(onexit_t function)
{
    return atexit((void (*)(void))function) == 0 ? function : NULL;
}

void exit(int code)
{
    list_run(&start.at_exit);
    terminate();
    clib_end(code);
}

void quick_exit(int code)
{
    list_run(&start.at_quick_exit);
    _Exit(code);
}

static void thread_attach(void *unused)
{
    (void)unused;
    size_t size = (size_t)(TLS_END - TLS_START);
    char *block = malloc(size);
    if (block == NULL) clib_start_failed(-1);
    memcpy(block, TLS_START, size);
    if (_tls_index == 0xFFFFFFFF) _tls_index = RtTlsAlloc();
    RtTlsSetValue(_tls_index, block);
}

static void thread_detach(void *unused)
{
    (void)unused;
    free(RtTlsGetValue(_tls_index));
}

static void register_callbacks(void)
{
    RTHANDLE rsl = GetRtModuleHandle("RtRsl.rsl");
    if (rsl == NULL_RTHANDLE) return; /* a program with the library inside */
    LPPROC found = GetRtProcAddress(rsl, "RslSetCallback");
    if (found == NULL) return;
    BOOLEAN (*set)(LPPROC, DWORD) = (BOOLEAN(*)(LPPROC, DWORD))(void (*)(void))found;
    set(thread_attach, 0);
    set(thread_detach, 1);
}

void rt_start(void)
{
#ifdef __ELF__
    RslSetDispatcher(RslDispatchException);
#endif
    if (setjmp(start.failed) != 0) clib_start_failed(-1);
    start.features = rt_cpu_features();
    start.lock = knCreateRtSemaphore(start.lock_area, 5);
    if (clib_init() < 0) clib_start_failed(-1);
    thread_attach(NULL);
    if (!RslCallRslHandlers(0, RSL_PROCESS_ATTACH)) clib_start_failed(-1);
    register_callbacks();
    initialise();
    clib_args(&start.argc, start.argv, 100, start.arguments, sizeof start.arguments);
    exit(main(start.argc, start.argv));
}
