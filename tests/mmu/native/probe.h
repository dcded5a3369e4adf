/* probe.h: one instruction of the host's processor at a time, with the exception it raised.
 *
 *   recovery point saved -> instruction -> no exception: vector -1
 *                                       -> signal: the handler notes vector and error code and goes on
 *                                          at the recovery point, with CS, SS and ES as they were
 *
 * For 32-bit Linux programs, linked statically. Page faults count as "segmentation had no objection": the
 * segments used lie where nothing is mapped, so no probe can change the program itself.
 */
#ifndef RT386_TESTS_NATIVE_PROBE_H
#define RT386_TESTS_NATIVE_PROBE_H

#include <stdbool.h>
#include <stdint.h>

struct outcome {
    int vector; /* -1: none */
    uint32_t error;
};

/* What modify_ldt can make: DPL 3, accessed. */
struct ldt_entry {
    uint32_t base, limit;
    unsigned contents; /* 0 data, 1 expand-down, 2 code, 3 conforming code */
    bool read_exec_only, pages, big, absent;
};

void probe_start(void); /* signal handlers */
/* False: the kernel refuses such an entry. */
bool probe_set_ldt(unsigned index, const struct ldt_entry *e);

enum probe_reg { PROBE_ES, PROBE_SS };
struct outcome probe_load(enum probe_reg reg, uint16_t sel);
/* size 1, 2 or 4 */
struct outcome probe_access(enum probe_reg reg, uint16_t sel, uint32_t off, unsigned size,
                            bool write);
struct outcome probe_far_jmp(uint16_t sel, uint32_t off);
struct outcome probe_far_ret(uint16_t sel, uint32_t off);
/* ZF; *value changes only for LAR and LSL with ZF = 1 */
bool probe_lar(uint16_t sel, uint32_t *value);
bool probe_lsl(uint16_t sel, uint32_t *value);
bool probe_verr(uint16_t sel);
bool probe_verw(uint16_t sel);

#endif
