/* handler_fault.c: a handler that uses the address of its own variable, as its rules forbid. Needs line 5. */
#include "rt.h"
#include "stdio.h"

__INTERRUPT static void bad(void)
{
    volatile DWORD local = 0;
    volatile DWORD *volatile at = &local;
    __INTERRUPT_PROLOG();
    EnterRtInterrupt(GetRtInterruptLevel());
    *at = 1; /* through DS, but it lies in SS */
    SignalEndOfRtInterrupt(IRQ5_LEVEL);
    __INTERRUPT_RETURN();
}

int main(void)
{
    if (!SetRtInterruptHandler(IRQ5_LEVEL, 0, (LPPROC)bad)) return 1;
    RtSleep(1000);
    printf("must never be seen\n");
    return 2;
}
