/* opcode.h: names that the columns of i386.def stand for. */
#ifndef RT386_CPU_OPCODE_H
#define RT386_CPU_OPCODE_H

/* The ext column. N: as _, a later meaning of an opcode that has a row already; R, 7R: the register form of
 * the row before. */
enum row_ext {
    EXT_R = -1,
    EXT_N = -1,
    EXT__ = -1,
    EXT_0,
    EXT_1,
    EXT_2,
    EXT_3,
    EXT_4,
    EXT_5,
    EXT_6,
    EXT_7,
    EXT_7R = EXT_7
};

/* The level column: from, to. */
#define LEVELS_3    LEVEL_386, LEVEL_LAST
#define LEVELS_3TO3 LEVEL_386, LEVEL_386
#define LEVELS_3TO4 LEVEL_386, LEVEL_486
#define LEVELS_4    LEVEL_486, LEVEL_LAST
#define LEVELS_5    LEVEL_PENTIUM, LEVEL_LAST
#define LEVELS_6    LEVEL_P6, LEVEL_LAST
#define LEVELS_6TO6 LEVEL_P6, LEVEL_P6
#define LEVELS_7    LEVEL_SSE, LEVEL_LAST
#define LEVELS_8    LEVEL_SSE2, LEVEL_LAST

/* Index of each row in i386_rows: ROW_<opcode>_<ext>. */
enum row_id {
    ROW_UNDEFINED,
#define ROW(code, ext, ...) ROW_##code##_##ext,
#include "i386.def"
#undef ROW
    ROW_COUNT
};

/* The body column. One row names one body; several rows may share it. */
enum body {
    BODY_NONE,
#define BODY(name) BODY_##name,
#include "bodies.def"
#undef BODY
    BODY_COUNT
};

#endif
