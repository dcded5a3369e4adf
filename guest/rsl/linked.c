/* linked.c: a program that is linked with rsl_two.rsl and rsl_one.rsl: they hear of the process before main, of its end
 * after its exit functions, and cannot be freed. */
#include "rsl_test.h"
#include "stdio.h"
#include "stdlib.h"
#include "string.h"

__declspec(dllimport) extern char rsl_log[LOG_SIZE];
int two_sum(void);

static void at_end(void)
{
    printf("exit function: %s\n", rsl_log);
}

int main(int argc, char **argv)
{
    RTHANDLE two = GetRtModuleHandle("rsl_two.rsl");
    printf("before main: %s\n", rsl_log);
    printf("sum %d\n", two_sum());
    FreeRtLibrary(two);
    printf("after freeing: %s, %s\n", rsl_log,
           GetRtModuleHandle("rsl_two.rsl") == two ? "still there" : "gone");
    atexit(at_end);
    if (argc > 1 && strcmp(argv[1], "quick") == 0) ExitRtProcess();
    return 0;
}
