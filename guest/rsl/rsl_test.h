/* rsl_test.h: what the test libraries share. */
#ifndef RT386_GUEST_RSL_TEST_H
#define RT386_GUEST_RSL_TEST_H

#include "rt.h"

#define LOG_SIZE 96
#define NO_INDEX 0xFFFFFFFFul

/* Appends two letters to rsl_one.rsl's log: who, and what the entry point was told. */
void rsl_note(char who, DWORD reason);

#endif
