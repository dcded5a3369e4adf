/* matrix.h: opcode form x mode x exception, what must be reachable and what was reached.
 *
 *   form = row of i386.def x (register | memory operand)
 *   cell = form x mode x column; a column is an exception with its kind of error code
 *
 * A model (test_matrix_model.c) says for each cell whether the manual lets it happen, and if not, why
 * not. It looks at operands, checks and the name of the body only, never at the engine. The runs
 * (test_matrix_run.c) spoil random states of the fault sweep in every way they know and note what
 * came. The test wants both to be the same, with at least MATRIX_HITS states in each reachable cell.
 */
#ifndef RT386_TESTS_CPU_MATRIX_H
#define RT386_TESTS_CPU_MATRIX_H

#include "sweep.h"

#define MATRIX_HITS 32u

enum matrix_column {
    MX_DE,
    MX_DB,
    MX_OF,
    MX_BR,
    MX_UD,
    MX_NM,
    MX_DF,
    MX_TS, /* selector in the error code, as in the next one */
    MX_NP,
    MX_SS0,    /* error code 0 */
    MX_SS_SEL, /* selector in the error code */
    MX_GP0,    /* after the fetch */
    MX_GP_SEL,
    MX_GP_FETCH, /* the bytes of the instruction are outside CS */
    MX_PF,       /* after the fetch */
    MX_PF_FETCH,
    MX_MF,
    MX_CSO,
    MX_XM,
    MX_COLUMNS,
    MX_OTHER = MX_COLUMNS
};
enum matrix_mode { MXM_REAL, MXM_V86, MXM_RING0, MXM_RING3, MXM_COUNT };

struct matrix_form {
    unsigned row;
    bool mem;
};
struct matrix_column_text {
    const char *name, *key, *about;
};
extern const struct matrix_column_text matrix_columns[MX_COLUMNS];
extern const char *const matrix_modes[MXM_COUNT];

/* --- the model (test_matrix_model.c) --- */
/* NULL: reachable; else why it is not. */
const char *matrix_why_not(struct matrix_form form, enum matrix_mode mode, enum matrix_column col);

/* --- the runs (test_matrix_run.c) --- */
struct matrix {
    uint32_t hits[ROW_COUNT][2][MXM_COUNT][MX_COLUMNS + 1]; /* [form.mem] */
    uint64_t states, runs;
    unsigned rounds; /* of the form that took the most */
};
void matrix_run(struct matrix *m);
/* Is there such a form? */
bool matrix_has(struct matrix_form form);

#endif
