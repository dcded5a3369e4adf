/* flag_sets.h: short names for sets of flags and checks, for those who expand i386.def. */
#ifndef RT386_CPU_FLAG_SETS_H
#define RT386_CPU_FLAG_SETS_H

#include "insn.h"
#include "state.h"

#define F_ALL    FL_ARITH
#define F_NOTC   (FL_ARITH & ~FL_CF)
#define F_SZP    (FL_SF | FL_ZF | FL_PF)
#define F_SZAP   (F_SZP | FL_AF)
#define F_SZPC   (F_SZP | FL_CF)
#define F_SZPO   (F_SZP | FL_OF)
#define F_SZPCO  (F_SZP | FL_CF | FL_OF)
#define F_SZAPC  (F_SZAP | FL_CF)
#define F_SZAPO  (F_SZAP | FL_OF)
#define F_SAPCO  (FL_ARITH & ~FL_ZF)
#define F_ACO    (FL_AF | FL_CF | FL_OF)
#define F_LOADED (FL_ARITH | FL_TF | FL_IF | FL_DF | FL_IOPL | FL_NT)
#define LOCKABLE (CHK_LOCK | CHK_NOLOCKREG)

#endif
