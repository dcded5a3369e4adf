/* raise.c: a software exception that nobody takes. */
#include "rt.h"
#include "stdio.h"

int main(void)
{
    RaiseException(0xE0001234, 0, 0, NULL);
    puts("must never be seen");
    return 0;
}
