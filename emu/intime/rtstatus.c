/* rtstatus.c: names and texts of status codes, and the pages in which guests read the texts. */
#include <stdio.h>
#include <string.h>

#include "bits.h"
#include "service.h"

struct status_row {
    uint32_t value;
    const char *name, *text;
};
static const struct status_row rows[] = {
#define RT_STATUS(symbol, value, text) {value, #symbol, text},
#include "rtstatus.def"
#undef RT_STATUS
};
#define ROWS (sizeof rows / sizeof rows[0])
static const char unknown_text[] = "There is no text for this code.";
#define TEXT_START 16u

static const struct status_row *status_find(uint32_t status)
{
    for (unsigned i = 0; i < ROWS; i++)
        if (rows[i].value == status) return &rows[i];
    return NULL;
}

const char *rt_status_name(uint32_t status)
{
    const struct status_row *row = status_find(status);
    return row ? row->name : "?";
}

const char *rt_status_text(uint32_t status)
{
    const struct status_row *row = status_find(status);
    return row ? row->text : unknown_text;
}

uint32_t status_text_off(uint32_t status)
{
    uint32_t off = TEXT_START + (uint32_t)sizeof unknown_text;
    for (unsigned i = 0; i < ROWS; i++) {
        if (rows[i].value == status) return off;
        off += (uint32_t)strlen(rows[i].text) + 1;
    }
    return TEXT_START;
}

/* The first bytes are code of a thread's end; an entry function returns to the second line:
 *     FF D0                call eax: the process's last callback
 *     68 imm32             push function code
 *     9A 00000000 0818     call far the gate */
void status_fill(uint8_t *pages)
{
    memset(pages, 0, (size_t)TEXT_PAGES * PAGE);
    pages[FINISH_OFF] = 0xFF;
    pages[FINISH_OFF + 1] = 0xD0;
    pages[TRAMPOLINE_OFF] = 0x68;
    put32(pages + TRAMPOLINE_OFF + 1, 5u << 16 | CLASS_CLIB);
    pages[TRAMPOLINE_OFF + 5] = 0x9A;
    put32(pages + TRAMPOLINE_OFF + 6, 0);
    put16(pages + TRAMPOLINE_OFF + 10, RT_CALL_GATE_SEL);
    handler_fill(pages);
    event_fill(pages);
    service_fill(pages);
    memcpy(pages + TEXT_START, unknown_text, sizeof unknown_text);
    for (unsigned i = 0; i < ROWS; i++) {
        uint32_t at = status_text_off(rows[i].value);
        size_t n = strlen(rows[i].text) + 1;
        if (at + n <= SERVICE_OFF) memcpy(pages + at, rows[i].text, n);
    }
}
