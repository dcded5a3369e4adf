/* opcode.h: names that the columns of i386.def stand for. */
#ifndef RT386_CPU_OPCODE_H
#define RT386_CPU_OPCODE_H

/* The ext column. */
enum row_ext { EXT__ = -1, EXT_0, EXT_1, EXT_2, EXT_3, EXT_4, EXT_5, EXT_6, EXT_7 };

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
