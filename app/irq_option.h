/* irq_option.h: --irq LINE@TIME (or msiVECTOR@TIME)[,every=TIME][,times=N][,spurious] as a source of interrupts. */
#ifndef RT386_APP_IRQ_OPTION_H
#define RT386_APP_IRQ_OPTION_H

#include <rt386/rt386.h>

/* TIME is virtual: a number with us, ms or s. NULL, or what is wrong with the text. */
const char *irq_option_read(const char *text, rt386_irq_source *source);

#endif
