#include "rule_text.h"

#include <string.h>

/* ---- values ---------------------------------------------------------------------------------- */

enum values {
    V_PLAIN,
    V_TABLE,
    V_DPL_CPL,
    V_DPL_RPL,
    V_PRESENT,
    V_KIND,
    V_WRITABLE,
    V_READABLE,
    V_RPL_CPL,
    V_DPL_IS_CPL,
    V_NULL,
    V_LAST,
    V_LOW,
    V_TI,
    V_LDT,
    V_RPL_MOST,
    V_RPL_LEAST,
    V_DPL_MOST,
    V_DPL_MOST_RPL,
    V_DPL_IS_RPL,
    V_BUSY,
    V_LIMIT_LEAST,
    V_EIP,
    V_TSS_LAST,
    V_IO_BITS,
    V_ENTRY
};

static const struct {
    const char *rule;
    enum values values;
} values_table[] = {
    {"SEGM_TABLE_GDT", V_TABLE},
    {"SEGM_TABLE_LDT", V_TABLE},
    {"SEGM_DATA_TYPE", V_KIND},
    {"SEGM_DATA_READABLE", V_READABLE},
    {"SEGM_DATA_DPL_CPL", V_DPL_CPL},
    {"SEGM_DATA_DPL_RPL", V_DPL_RPL},
    {"SEGM_DATA_PRESENT", V_PRESENT},
    {"SEGM_STACK_RPL", V_RPL_CPL},
    {"SEGM_STACK_TYPE", V_KIND},
    {"SEGM_STACK_WRITABLE", V_WRITABLE},
    {"SEGM_STACK_DPL", V_DPL_IS_CPL},
    {"SEGM_STACK_PRESENT", V_PRESENT},
    {"SEGM_CODE_PRESENT", V_PRESENT},
    {"SEGM_CALL_GATE_DPL_CPL", V_DPL_CPL},
    {"SEGM_CALL_GATE_DPL_RPL", V_DPL_RPL},
    {"SEGM_CALL_GATE_PRESENT", V_PRESENT},
    {"SEGM_TARGET_TYPE", V_KIND},
    {"SEGM_CODE_DPL", V_DPL_IS_CPL},
    {"SEGM_USE_NULL", V_NULL},
    {"SEGM_NULL", V_NULL},
    {"SEGM_NULL_STACK", V_NULL},
    {"SEGM_NULL_GATE", V_NULL},
    {"SEGM_NULL_ASK", V_NULL},
    {"SEGM_LAR_TYPE", V_KIND},
    {"SEGM_LSL_TYPE", V_KIND},
    {"SEGM_VER_TYPE", V_KIND},
    {"SEGM_VERR_READABLE", V_READABLE},
    {"SEGM_VERW_WRITABLE", V_WRITABLE},
    {"SEGM_RET_CODE", V_KIND},
    {"SEGM_GATE_CODE", V_KIND},
    {"SEGM_LIMIT_UP", V_LAST},
    {"SEGM_LIMIT_WRAP", V_LAST},
    {"SEGM_LIMIT_DOWN_HIGH", V_LAST},
    {"SEGM_LIMIT_DOWN_LOW", V_LOW},
    {"SEGM_WRITE_CODE", V_KIND},
    {"SEGM_WRITE_READ_ONLY", V_WRITABLE},
    {"SEGM_READ_EXECUTE_ONLY", V_READABLE},
    {"SEGM_ASK_DPL_CPL", V_DPL_CPL},
    {"SEGM_ASK_DPL_RPL", V_DPL_RPL},
    {"SEGM_GDT_ONLY", V_TI},
    {"SEGM_LDT_NONE", V_LDT},
    {"SEGM_CODE_RPL", V_RPL_MOST},
    {"SEGM_RET_RPL", V_RPL_LEAST},
    {"SEGM_CODE_CONFORM_DPL", V_DPL_MOST},
    {"SEGM_GATE_CALL_DPL", V_DPL_MOST},
    {"SEGM_GATE_JMP_CONFORM_DPL", V_DPL_MOST},
    {"SEGM_INT_DPL", V_DPL_MOST},
    {"SEGM_GATE_JMP_DPL", V_DPL_IS_CPL},
    {"SEGM_RET_DPL", V_DPL_IS_RPL},
    {"SEGM_TASK_CS_DPL", V_DPL_IS_RPL},
    {"SEGM_RET_CONFORM_DPL", V_DPL_MOST_RPL},
    {"SEGM_TASK_CS_CONFORM_DPL", V_DPL_MOST_RPL},
    {"SEGM_TASK_CS_CODE", V_KIND},
    {"SEGM_LDT_TYPE", V_KIND},
    {"SEGM_TSS_TYPE", V_KIND},
    {"SEGM_IDT_TYPE", V_KIND},
    {"SEGM_LDT_PRESENT", V_PRESENT},
    {"SEGM_TSS_PRESENT", V_PRESENT},
    {"SEGM_TASK_GATE_PRESENT", V_PRESENT},
    {"SEGM_IDT_PRESENT", V_PRESENT},
    {"SEGM_TSS_AVAILABLE", V_BUSY},
    {"SEGM_TSS_BUSY", V_BUSY},
    {"SEGM_TSS_DPL_CPL", V_DPL_CPL},
    {"SEGM_TSS_DPL_RPL", V_DPL_RPL},
    {"SEGM_TASK_GATE_DPL_CPL", V_DPL_CPL},
    {"SEGM_TASK_GATE_DPL_RPL", V_DPL_RPL},
    {"SEGM_IDT_DPL", V_DPL_CPL},
    {"SEGM_TSS_LIMIT16", V_LIMIT_LEAST},
    {"SEGM_TSS_LIMIT32", V_LIMIT_LEAST},
    {"SEGM_IDT_LIMIT", V_TABLE},
    {"FAR_IVT_LIMIT", V_TABLE},
    {"FAR_EIP_LIMIT", V_EIP},
    {"FAR_TSS_STACK_LIMIT", V_TSS_LAST},
    {"FAR_OLD_TSS_LIMIT", V_LIMIT_LEAST},
    {"FAR_BACK_LINK_TSS", V_LIMIT_LEAST},
    {"FAR_IO_TSS", V_LIMIT_LEAST},
    {"FAR_IO_LIMIT", V_TSS_LAST},
    {"FAR_IO_BITMAP", V_IO_BITS},
};

static enum values values_of(const char *rule)
{
    for (unsigned i = 0; i < sizeof values_table / sizeof *values_table; i++)
        if (!strcmp(values_table[i].rule, rule)) return values_table[i].values;
    return strncmp(rule, "PAGE_", 5) ? V_PLAIN : V_ENTRY;
}

/* type: the low five bits of the access byte, S and type. */
static const char *kind_words(const rt386_explanation *e, uint32_t type)
{
    if (e->located && e->desc.kind == RT386_DESC_EMPTY) return "the entry is empty";
    if (type & 0x10) return type & 8 ? "it is a code segment" : "it is a data segment";
    switch (type & 15) {
    case 1:
    case 3:
    case 9:
    case 11: return "it is a TSS";
    case 2: return "it is an LDT";
    case 0:
    case 8:
    case 10:
    case 13: return "it is of a reserved type";
    default: return "it is a gate";
    }
}

/* The bit that was asked for, in a page directory's or a page table's entry. */
static void entry_words(struct text *t, const rt386_check *c)
{
    const char *bit = c->want == 1 ? "P" : c->want == 2 ? "R/W" : "U/S";
    const char *entry = strstr(rt386_rule(c->rule).name, "PDE") ? "PDE" : "PTE";
    text_addf(t, "%s=%u in %s 0x%08x at 0x%08x", bit, (c->have & c->want) != 0, entry, c->have,
              c->where);
}

void rule_values(struct text *t, const rt386_explanation *e, const rt386_check *c)
{
    const char *least = c->have >= c->want ? ">=" : "<";
    const char *most = c->have <= c->want ? "<=" : ">";
    const char *same = c->have == c->want ? "=" : "is not";
    switch (values_of(rt386_rule(c->rule).name)) {
    case V_TABLE:
        text_addf(t, "last byte 0x%04x %s table limit 0x%04x", c->have, most, c->want);
        break;
    case V_DPL_CPL: text_addf(t, "DPL %u %s CPL %u", c->have, least, c->want); break;
    case V_DPL_RPL: text_addf(t, "DPL %u %s RPL %u", c->have, least, c->want); break;
    case V_RPL_CPL: text_addf(t, "RPL %u %s CPL %u", c->have, same, c->want); break;
    case V_DPL_IS_CPL: text_addf(t, "DPL %u %s CPL %u", c->have, same, c->want); break;
    case V_PRESENT: text_addf(t, "P=%u", c->have & 1); break;
    case V_KIND: text_add(t, kind_words(e, c->have)); break;
    case V_WRITABLE: text_addf(t, "W=%u", c->have >> 1 & 1); break;
    case V_READABLE:
        if (c->have & 8)
            text_addf(t, "R=%u", c->have >> 1 & 1);
        else
            text_add(t, "it is data, always readable");
        break;
    case V_NULL: text_addf(t, "selector 0x%04x", e->selector); break;
    case V_LAST: text_addf(t, "last byte 0x%08x %s limit 0x%08x", c->have, most, c->want); break;
    case V_LOW:
        text_addf(t, "first byte 0x%08x %s limit 0x%08x", c->have, c->passed ? ">" : "<=", c->want);
        break;
    case V_ENTRY: entry_words(t, c); break;
    case V_TI: text_addf(t, "TI=%u", c->have); break;
    case V_LDT: text_add(t, c->have ? "LDTR holds an LDT" : "LDTR holds no LDT"); break;
    case V_RPL_MOST: text_addf(t, "RPL %u %s CPL %u", c->have, most, c->want); break;
    case V_RPL_LEAST: text_addf(t, "RPL %u %s CPL %u", c->have, least, c->want); break;
    case V_DPL_MOST: text_addf(t, "DPL %u %s CPL %u", c->have, most, c->want); break;
    case V_DPL_MOST_RPL: text_addf(t, "DPL %u %s RPL %u", c->have, most, c->want); break;
    case V_DPL_IS_RPL: text_addf(t, "DPL %u %s RPL %u", c->have, same, c->want); break;
    case V_BUSY: text_addf(t, "busy bit %u", c->have >> 1 & 1); break;
    case V_LIMIT_LEAST: text_addf(t, "limit 0x%04x %s 0x%04x", c->have, least, c->want); break;
    case V_EIP: text_addf(t, "EIP 0x%08x %s limit 0x%08x", c->have, most, c->want); break;
    case V_TSS_LAST:
        text_addf(t, "last byte 0x%04x %s limit 0x%04x", c->have, most, c->want);
        break;
    case V_IO_BITS: text_addf(t, "map 0x%04x, bits asked 0x%04x", c->have, c->want); break;
    case V_PLAIN: text_addf(t, "have 0x%x, want 0x%x", c->have, c->want); break;
    }
}

const rt386_check *rule_failed(const rt386_explanation *e)
{
    for (unsigned i = 0; i < e->count; i++)
        if (e->checks[i].state == RT386_CHECK_FAILED) return &e->checks[i];
    return NULL;
}

const char *rule_not_reached(const rt386_explanation *e, unsigned n)
{
    for (unsigned i = 0; i < e->count; i++)
        if (e->checks[i].state == RT386_CHECK_NOT_REACHED && n-- == 0)
            return rt386_rule(e->checks[i].rule).name;
    return NULL;
}

/* ---- hints
 * --------------------------------------------------------------------------------------- */

static const char *const hints[][2] = {
    {"SEGM_LIMIT_UP",
     "The limit is the last valid offset, so it is the size minus 1: 4096 bytes have limit 0xfff. "
     "With G=1 it counts 4 KB pages. An access of n bytes must end there, not only start there."},
    {"SEGM_LIMIT_DOWN_LOW", "An expand-down segment is valid above its limit, not below it."},
    {"SEGM_USE_NULL",
     "Loading 0 into DS, ES, FS or GS is allowed, using it is not. Was the register ever loaded? A "
     "return to an outer ring also clears registers that the outer ring may not use."},
    {"SEGM_TABLE_GDT", "A selector is 8 times the index, plus TI and RPL. Was an index or a base "
                       "address given in its "
                       "place?"},
    {"SEGM_TABLE_LDT",
     "Bit 2 of the selector (TI) is set, so it is looked up in the LDT. Was the GDT meant?"},
    {"SEGM_LDT_NONE", "Bit 2 of the selector (TI) is set, but there is no LDT. Was the GDT meant?"},
    {"SEGM_DATA_TYPE",
     "System descriptors (LDT, TSS, gates) cannot be addressed as data; make a data "
     "segment over the same bytes."},
    {"SEGM_DATA_DPL_CPL", "A segment with DPL 0 belongs to the kernel. INtime gives DPL 3 to "
                          "memory handles only; handles "
                          "of other objects cannot be used as memory."},
    {"SEGM_DATA_DPL_RPL",
     "The low two bits of the selector (RPL) weaken it: 0x0013 asks as ring 3."},
    {"SEGM_DATA_PRESENT", "P is bit 7 of byte 5. Is the access byte right (0xf2 for ring-3 data)?"},
    {"SEGM_STACK_RPL", "For ring 3 the stack selector must end in binary 11."},
    {"SEGM_STACK_DPL", "Each ring has a stack segment of its own level."},
    {"SEGM_STACK_WRITABLE", "Set W (bit 1 of the access byte) in the stack's descriptor."},
    {"SEGM_NULL_STACK", "Unlike DS and ES, SS can never hold a null selector in protected mode."},
    {"SEGM_WRITE_CODE", "Use a writable data segment with the same base to change code."},
    {"SEGM_WRITE_READ_ONLY", "Set W (bit 1 of the access byte) if writing is meant."},
    {"SEGM_READ_EXECUTE_ONLY",
     "Set R (bit 1 of the access byte) if constants lie in the code segment."},
    {"SEGM_TSS_AVAILABLE",
     "The busy bit of a TSS is bit 1 of its type; the running task is busy too."},
    {"SEGM_IDT_LIMIT", "Was LIDT done, with limit = 8 times the number of entries, minus 1?"},
    {"SEGM_IDT_DPL", "A software interrupt from ring 3 needs a gate with DPL 3."},
    {"PAGE_PDE_PRESENT", "No page table covers this linear address. Is the pointer wild?"},
    {"PAGE_PTE_PRESENT", "No page is mapped at this linear address. Is the pointer wild?"},
    {"PAGE_PDE_USER", "The page belongs to the supervisor: ring 3 may not touch it."},
    {"PAGE_PTE_USER", "The page belongs to the supervisor: ring 3 may not touch it."},
    {"INSN_UNDEFINED",
     "Is it data executed as code, or an instruction that the 80386 does not have "
     "(compile with -march=i386)?"},
};

const char *rule_hint(const char *rule, bool empty)
{
    if (empty && !strncmp(rule, "SEGM_DATA_", 10))
        return "The slot is empty: the handle was deleted, or was never one. A segment register "
               "loaded before keeps working; a new load does not.";
    for (unsigned i = 0; i < sizeof hints / sizeof *hints; i++)
        if (!strcmp(hints[i][0], rule)) return hints[i][1];
    return NULL;
}

unsigned rule_hint_count(void)
{
    return sizeof hints / sizeof *hints;
}

void error_code_words(struct text *t, uint8_t vector, uint32_t error)
{
    if (vector == 14) {
        text_addf(t, "P=%u %s, W=%u %s, U=%u %s", error & 1,
                  error & 1 ? "rights violated" : "page not present", error >> 1 & 1,
                  error & 2 ? "write" : "read", error >> 2 & 1,
                  error & 4 ? "at CPL 3" : "by the supervisor");
        return;
    }
    if (error == 0) {
        text_add(t, "no selector is to blame");
        return;
    }
    const char *table = error & 2 ? "IDT" : error & 4 ? "LDT" : "GDT";
    text_addf(t, "entry %u of the %s%s%s", error >> 3, table,
              error & 1 ? ", while another event was delivered" : "",
              error & 2 ? "" : "; the RPL is not part of it");
}
