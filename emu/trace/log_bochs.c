/* log_bochs.c: what Bochs' debugger prints with trace on, trace-reg on, trace-mem on.
 *
 *   CPU0:                                          trace-reg: the registers that the next instruction finds
 *   rax: 00000000_00100000                         older ones: eax: 0x00100000 1048576
 *   eflags 0x00000046: id vip vif ac vm rf nt IOPL=0 of df if tf sf ZF af PF cf
 *   (0).[153778142] [0x000000100006] 0008:0000000000100006 (unk. ctxt): add byte ptr ds:[eax], al ; 0000
 *   [CPU0 RW]: LIN 0x0000000000100000 PHY 0x000000100000 (len=1, UC): 0x02
 *   [CPU0 WR]: PHY 0x000000100000 (len=1, UC): 0x02            trace-mem; the second half of RW names no linear address
 *   CPU 0: Exception 0x0d - (#GP) general protection fault occurred (error_code=0x0040)
 *   CPU 0: Interrupt 0x0d occurred (error_code=0x0040)         for an exception too, and for INT n and from outside
 *
 * Output of the guest (port E9) may stand before any of them in the same line. The number in the second bracket is linear or physical,
 * as the version has it, so it is not used. Other processors than the first, accesses of page walks, and the
 * debugger's own lines are passed over.
 */
#include "log_lines.h"

#include <string.h>

/* Behind `word`, wherever it stands in the line; NULL. */
static const char *behind(const char *text, const char *word)
{
    const char *at = strstr(text, word);
    return at ? at + strlen(word) : NULL;
}

/* --- registers --- */

/* "rax: 00000000_00100000", "eax: 0x00100000 1048576", "eflags 0x00000002: id vip ...": the index, or -1; *at moves to
 * the number. */
static int register_of(const char **at)
{
    static const struct {
        char name[3];
        int index;
    } name[] = {{"ax", 0}, {"cx", 1}, {"dx", 2},
                {"bx", 3}, {"sp", 4}, {"bp", 5},
                {"si", 6}, {"di", 7}, {"ip", RT386_LOG_EIP}};
    const char *p = *at;
    if (log_word(at, "eflags ")) return RT386_LOG_EFLAGS;
    if (*p != 'r' && *p != 'e') return -1;
    p++;
    for (unsigned i = 0; i < sizeof name / sizeof *name; i++) {
        if (!log_word(&p, name[i].name) || *p != ':') continue;
        *at = p + 1 + strspn(p + 1, " ");
        return name[i].index;
    }
    return -1;
}

bool log_bochs_owns(const char *text)
{
    const char *at = behind(text, "(0).[");
    const char *number = text;
    if (register_of(&number) >= 0 && strspn(number, "0123456789abcdef")) return true;
    if (at && strspn(at, "0123456789") && strstr(at, "] [0x")) return true;
    return strstr(text, "[CPU0 RD]: ") || strstr(text, "[CPU0 WR]: ") ||
           strstr(text, "CPU 0: Exception 0x") || strstr(text, "CPU 0: Interrupt 0x") ||
           strstr(text, "Register-Tracing enabled for CPU0");
}

static rt386_status register_line(rt386_log *log, int index, const char *at)
{
    struct log_bochs *b = &log->bochs;
    uint64_t v;
    (void)log_word(&at, "0x");
    if (!log_hex(&at, &v) || (log_word(&at, "_") && !log_hex(&at, &v)))
        return log_refuse(log, "there is no number behind a register's name");
    if (!b->regs.known) b->line = log->line;
    log_know(&b->regs, (unsigned)index, v);
    return RT386_OK;
}

/* --- instructions --- */

/* "153778142] [0x000000100006] 0008:0000000000100006 (unk. ctxt): add ... ; 0000"; the bytes are behind the last ';'. */
static rt386_status instruction(rt386_log *log, const char *at, rt386_log_item *item)
{
    struct log_bochs *b = &log->bochs;
    uint64_t cs, eip;
    const char *place = behind(at, "] [0x"), *bytes = strrchr(at, ';');
    if (place) place = behind(place, "] ");
    if (!place || !log_hex(&place, &cs) || !log_word(&place, ":") || !log_hex(&place, &eip))
        return log_refuse(log, "there is no selector:offset of an instruction behind '(0).['");
    *item = (rt386_log_item){
        .kind = RT386_LOG_STATE, .line = b->regs.known ? b->line : log->line, .state = b->regs};
    log_know(&item->state, RT386_LOG_EIP, eip);
    log_know(&item->state, RT386_LOG_PART(RT386_CS, RT386_LOG_SELECTOR), cs);
    if (bytes) {
        bytes++;
        item->state.length =
            (uint8_t)log_bytes(bytes + strspn(bytes, " "), false, item->state.bytes);
    }
    b->regs.known = 0;
    b->has_rmw = b->has_exception = false;
    return RT386_OK;
}

/* --- memory --- */

/* "WR]: LIN 0x... PHY 0x... (len=4, WB): 0x00178DD4". False: no access of data. */
static bool access(rt386_log *log, const char *at, rt386_log_item *item)
{
    struct log_bochs *b = &log->bochs;
    uint64_t linear = b->rmw, value, size;
    bool write = log_word(&at, "WR"), modify = !write && log_word(&at, "RW");
    const char *lin = behind(at, "]: LIN 0x"), *len = behind(at, "(len="),
               *number = behind(at, "): 0x");
    if (lin && !log_hex(&lin, &linear)) return false;
    if (modify) b->rmw = (uint32_t)linear, b->has_rmw = lin != NULL;
    if (!lin && !(write && b->has_rmw)) return false;
    if (!len || !number || !log_hex(&len, &size) || size > 64 || !log_hex(&number, &value))
        return false;
    if (write) b->has_rmw = false;
    *item = (rt386_log_item){.kind = RT386_LOG_MEMORY,
                             .line = log->line,
                             .write = write,
                             .size = (uint8_t)size,
                             .linear = (uint32_t)linear,
                             .value = (uint32_t)value};
    return true;
}

/* --- events --- */

static rt386_status event(rt386_log *log, const char *at, bool exception, rt386_log_item *item)
{
    struct log_bochs *b = &log->bochs;
    uint64_t vector, error = 0;
    const char *code = behind(at, "(error_code=0x");
    if (!log_hex(&at, &vector) || vector > 255)
        return log_refuse(log, "there is no vector behind '%s'",
                          exception ? "Exception" : "Interrupt");
    bool again = !exception && b->has_exception && b->exception == vector;
    b->has_exception = exception;
    b->exception = (unsigned)vector;
    if (again) return RT386_E_NOTFOUND;
    *item = (rt386_log_item){.kind = RT386_LOG_EVENT, .line = log->line, .vector = (uint8_t)vector};
    item->has_error = exception && code && log_hex(&code, &error) &&
                      (vector == 8 || (vector >= 10 && vector <= 14) || vector == 17);
    item->error = (uint16_t)error;
    return RT386_OK;
}

/* RT386_OK: an item; RT386_E_NOTFOUND: none in this line. */
static rt386_status line(rt386_log *log, rt386_log_item *item)
{
    const char *text = log->text, *at = text, *found;
    int index = register_of(&at);
    if (index >= 0) {
        rt386_status st = register_line(log, index, at);
        return st == RT386_OK ? RT386_E_NOTFOUND : st;
    }
    if ((found = behind(text, "(0).["))) return instruction(log, found, item);
    if ((found = behind(text, "[CPU0 ")))
        return access(log, found, item) ? RT386_OK : RT386_E_NOTFOUND;
    if ((found = behind(text, "CPU 0: Exception 0x"))) return event(log, found, true, item);
    if ((found = behind(text, "CPU 0: Interrupt 0x"))) return event(log, found, false, item);
    return RT386_E_NOTFOUND;
}

rt386_status log_bochs_next(rt386_log *log, rt386_log_item *item)
{
    for (;;) {
        rt386_status st = log_line(log);
        if (st != RT386_OK) return st;
        st = line(log, item);
        if (st != RT386_E_NOTFOUND) return st;
    }
}
