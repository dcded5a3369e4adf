/* rows.h: tables of single refusals (and acceptances), one row for each way a rule can refuse. The
 * tests in test_rules.c run them; the coverage test looks for rules that no row expects. */
#ifndef RT386_TESTS_MMU_ROWS_H
#define RT386_TESTS_MMU_ROWS_H

#include "page.h"
#include "segm.h"

/* vector 0 with RULE_NONE: accepted. ANY_VECTOR: LAR and its like deliver none. */
#define ANY_VECTOR 0xff

struct expect {
    uint8_t vector;
    uint32_t error;
    enum rule rule;
};

struct locate_row {
    const char *what;
    uint16_t sel;
    enum seg_purpose purpose;
    uint32_t gdt_limit, ldt_limit;
    bool ldt_usable;
    struct expect want;
    uint32_t where; /* when found */
};

struct null_row {
    const char *what;
    uint16_t sel;
    uint8_t cpl;
    enum seg_purpose purpose;
    struct expect want;
};

struct resolve_row {
    const char *what;
    enum seg_purpose purpose;
    uint8_t cpl;
    uint16_t sel;
    uint8_t access;
    uint32_t limit; /* field; G = 0 */
    struct expect want;
};

struct idt_row {
    const char *what;
    uint8_t vector;
    bool software;
    uint8_t cpl;
    uint32_t idt_limit;
    uint8_t access;
    struct expect want;
};

struct use_row {
    const char *what;
    uint8_t access;
    uint8_t flags;
    uint32_t base, limit_field;
    bool null, is_stack;
    uint32_t off;
    unsigned size;
    enum access how;
    struct expect want;
};

struct page_row {
    const char *what;
    uint32_t pde, pte; /* low bits */
    enum access how;
    bool user, wp;
    struct expect want;
};

extern const struct locate_row locate_rows[];
extern const struct null_row null_rows[];
extern const struct resolve_row resolve_rows[];
extern const struct idt_row idt_rows[];
extern const struct use_row use_rows[];
extern const struct page_row page_rows[];
extern const unsigned locate_count, null_count, resolve_count, idt_count, use_count, page_count;

/* The descriptor image, packed here and not by the code under test. */
static inline desc_t image(uint32_t base, uint32_t limit_field, uint8_t access, uint8_t flags)
{
    uint64_t low = (base & 0xffffu) << 16 | (limit_field & 0xffffu);
    uint64_t high = (base & 0xff000000u) | (uint32_t)flags << 20 | (limit_field & 0xf0000u) |
                    (uint32_t)access << 8 | (base >> 16 & 0xffu);
    return (desc_t){high << 32 | low};
}

#endif
