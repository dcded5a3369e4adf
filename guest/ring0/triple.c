/* triple.c: a fault that nothing can take: the processor shuts down, nothing follows the first line. */
#include "ring0.h"

STIMULUS(general_protection, "movl $0xFFFC, %eax\n movw %ax, %ds");

void run(void)
{
    begin("no gate for #GP, none for #DF: the next line must not come", "[386 9.8.8]");
    fact("line", 1, 1);
    end();
    set_gate(idt, 13, CODE0, stubs[13], A_INT & ~PRESENT, 0);
    set_gate(idt, 8, CODE0, stubs[8], A_INT & ~PRESENT, 0);
    provoke(general_protection);
    begin("still running after a triple fault", "[386 9.8.8]");
    fact("line", 2, 0);
    end();
}
