/* fault.h: the result of everything that a guest can make fail.
 *
 * fault_t is a value: "none", or the exception with its error code, CR2 and the id of the rule that
 * refused. It is never a jump. A zeroed fault_t is "none".
 *
 * Error code of segment exceptions [386 9.7]:
 *
 *   31            16 15                    3  2   1   0
 *   +---------------+----------------------+---+---+---+
 *   |   undefined   |    selector index    |TI |IDT|EXT|
 *   +---------------+----------------------+---+---+---+
 *
 * EXT is not known where a rule refuses; event.c adds it at delivery.
 */
#ifndef RT386_BASE_FAULT_H
#define RT386_BASE_FAULT_H

#include <stdbool.h>
#include <stdint.h>

enum rule {
    RULE_NONE = 0,
#define RULE(id, section, sentence) RULE_##id,
#include "rules.def"
#undef RULE
    RULE_COUNT
};

/* Exception vectors of the 80386 [386 9.8]; the last two came with the 80486 and with SSE. */
enum vector {
    VEC_DE = 0,
    VEC_DB = 1,
    VEC_NMI = 2,
    VEC_BP = 3,
    VEC_OF = 4,
    VEC_BR = 5,
    VEC_UD = 6,
    VEC_NM = 7,
    VEC_DF = 8,
    VEC_CSO = 9,
    VEC_TS = 10,
    VEC_NP = 11,
    VEC_SS = 12,
    VEC_GP = 13,
    VEC_PF = 14,
    VEC_MF = 16,
    VEC_AC = 17,
    VEC_XM = 19
};

typedef struct fault {
    uint16_t rule;   /* enum rule; RULE_NONE = no fault */
    uint8_t vector;  /* enum vector */
    uint8_t has_cr2; /* page fault: cr2 is valid */
    uint32_t error;  /* error code without EXT; 0 where the vector has none */
    uint32_t cr2;    /* faulting linear address of a #PF */
    uint32_t detail; /* what the rule looked at (offset, limit ...), for explanations only */
} fault_t;

#define MUST_USE __attribute__((warn_unused_result))

static inline fault_t fault_none(void)
{
    return (fault_t){0};
}
static inline bool is_fault(fault_t f)
{
    return f.rule != RULE_NONE;
}
static inline fault_t fault_make(uint8_t vector, uint32_t error, enum rule rule)
{
    return (fault_t){.rule = (uint16_t)rule, .vector = vector, .error = error};
}
/* With what was compared: `detail` is for explanations only. */
static inline fault_t fault_detail(uint8_t vector, uint32_t error, enum rule rule, uint32_t detail)
{
    fault_t f = fault_make(vector, error, rule);
    f.detail = detail;
    return f;
}
static inline fault_t fault_page(uint32_t error, uint32_t cr2, enum rule rule)
{
    return (fault_t){
        .rule = (uint16_t)rule, .vector = VEC_PF, .has_cr2 = 1, .error = error, .cr2 = cr2};
}

/* The one word that hides control flow: return the fault of `expr`, if it is one. */
#define TRY(expr)                                                                                  \
    do {                                                                                           \
        fault_t try_fault_ = (expr);                                                               \
        if (is_fault(try_fault_)) return try_fault_;                                               \
    } while (0)

/* Does this vector push an error code? [386 9.7] */
bool vector_has_error(unsigned vector);
/* "#GP" and "general protection"; "INT" for vectors without a name. */
const char *vector_mnemonic(unsigned vector);
const char *vector_name(unsigned vector);

/* Facts about a rule id; out-of-range ids answer for RULE_NONE. */
const char *rule_name(unsigned rule);     /* "SEGM_NULL" */
const char *rule_section(unsigned rule);  /* "386 6.3.1" */
const char *rule_sentence(unsigned rule); /* words for a student */

#endif
