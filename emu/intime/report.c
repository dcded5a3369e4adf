/* report.c: entries for the host's log, and the state of the I/O services. */
#include <stdio.h>
#include <string.h>

#include "bits.h"
#include "kernel.h"

#define STRINGS_MAX 64u
#define IO_SERVICES 3u /* WAIT_FOR_IOPROXY, WAIT_FOR_IOSERVICE */

enum { EVENT_ERROR = 1, EVENT_WARNING = 2, EVENT_INFORMATION = 4 };

static const char *event_word(uint32_t type)
{
    return type == EVENT_ERROR ? "error" : type == EVENT_WARNING ? "warning" : "information";
}

/* --- ReportRtEvent(NULL, type, category, id, strings, bytes, strings' addresses, data) --- */

/* Adds the string at `at` of the caller to the line; false: it cannot be read. */
static bool line_string(struct rt_kernel *k, struct call *c, uint32_t at, size_t *n)
{
    call_string(k, c, at);
    if (c->str_reach != RT_REACH_OK) return false;
    for (unsigned i = 0; i < c->str_length; i++)
        if (c->str[i] < 0x20 || c->str[i] > 0x7e) c->str[i] = '?';
    size_t room = sizeof k->line - *n;
    int more = snprintf(k->line + *n, room, ", \"%.60s\"", c->str);
    *n += more < 0 ? 0 : (size_t)more < room ? (size_t)more : room - 1;
    return true;
}

static uint32_t line_strings(struct rt_kernel *k, struct call *c, size_t n)
{
    uint8_t at[4];
    for (uint32_t i = 0; i < c->arg[4]; i++) {
        enum rt_reach reach = k->port.user_read(k->port.ctx, c->arg[6] + i * 4, at, sizeof at);
        if (reach != RT_REACH_OK || !line_string(k, c, get32(at), &n)) return E_BAD_ADDR;
    }
    return E_OK;
}

uint32_t vrfy_ReportRtEvent(struct rt_kernel *k, struct call *c)
{
    uint32_t type = c->arg[1];
    bool known = type == EVENT_ERROR || type == EVENT_WARNING || type == EVENT_INFORMATION;
    if (c->arg[0] || !known || c->arg[4] > STRINGS_MAX) return E_PARAM;
    if (c->arg[5] && call_readable(k, c->arg[7], c->arg[5]) != E_OK) return E_BAD_ADDR;
    int n = snprintf(k->line, sizeof k->line, "%s reports: %s, event %08X, category %u", c->p->name,
                     event_word(type), c->arg[3], c->arg[2]);
    return line_strings(k, c, n < 0 ? 0 : (size_t)n);
}

void impl_ReportRtEvent(struct rt_kernel *k, struct call *c)
{
    struct rt_effect *fx = fx_add(k, RT_FX_LOG);
    fx->selector = c->p->handle;
    fx->text = kernel_text(k, k->line);
    c->eax = 1;
}

/* --- WaitForRtIoService(services, ms): both are there from the start, unless the configuration says that one
 * never comes --- */

uint32_t vrfy_WaitForRtIoService(struct rt_kernel *k, struct call *c)
{
    if (c->arg[0] & ~IO_SERVICES || !exchange_ms(c->arg[1])) return E_PARAM;
    if (!(c->arg[0] & k->config.io_missing)) return E_OK;
    return c->arg[1] < HIGH_TICK_US / 1000 ? E_TIME : E_OK;
}

void impl_WaitForRtIoService(struct rt_kernel *k, struct call *c)
{
    uint32_t ms = c->arg[1];
    c->eax = 1;
    if (!(c->arg[0] & k->config.io_missing)) return;
    sched_wait(k, c, WAIT_IO, exchange_due(k, ms));
}
