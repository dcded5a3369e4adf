/* debug_elf.h: the debug sections of a PE file as an ELF file, for readers that know only ELF. */
#ifndef RT386_APP_DEBUG_ELF_H
#define RT386_APP_DEBUG_ELF_H

#include "text.h"

#include <stdint.h>

/* Appends an ELF file that holds the .debug_* sections of the PE file `pe`. False: it is no PE file, is damaged, or has
 * none. */
bool debug_elf_of_pe(const uint8_t *pe, size_t n, struct text *elf);

#endif
