/* main.c: the rt386 command. */
#include "app.h"

#include <signal.h>

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a reader that leaves is seen as a write error */
    struct app app = {.out = stdout, .err = stderr, .verbosity = 1};
    int status = app_main(&app, argc > 0 ? argc - 1 : 0, argv + (argc > 0));
    if (app.log) fclose(app.log);
    return status;
}
