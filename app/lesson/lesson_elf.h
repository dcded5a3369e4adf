/* lesson_elf.h: what a lesson needs of its guest's ELF file besides running it: the addresses of names, and a boot sector's
 * bytes. Any bytes may be given; what lies outside the file is not there.
 */
#ifndef RT386_APP_LESSON_ELF_H
#define RT386_APP_LESSON_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The file is an ELF file of 32 bits, little-endian. */
bool lesson_elf_is(const uint8_t *bytes, size_t n);
/* The value of a symbol. */
bool lesson_elf_symbol(const uint8_t *bytes, size_t n, const char *name, uint32_t *value);
/* The file was linked to start at 0x7c00: its 512 bytes there. */
bool lesson_elf_boot(const uint8_t *bytes, size_t n, uint8_t sector[512]);

#endif
