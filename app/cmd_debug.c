/* cmd_debug.c: rt386 vk, vq and pdp: more questions in the words of the vendor's debugger. */
#include "ask.h"

#include <stdlib.h>

/* ---- vk: ready and sleeping threads ------------------------------------------------------------ */

static void vk_line(struct text *t, const rt386 *m, const char *title, bool sleeping)
{
    uint16_t handle;
    text_addf(t, "%s", title);
    for (unsigned i = 0; (handle = rt386_intime_thread(m, sleeping, i)); i++)
        text_addf(t, " %04x", handle);
    text_add(t, "\n");
}

static void vk_text(struct text *t, const rt386 *m, const struct question *q)
{
    vk_line(t, m, "Ready_threads:   ", false);
    vk_line(t, m, "Sleeping_threads:", true);
}

static void vk_list(struct json *j, const rt386 *m, const char *key, bool sleeping)
{
    uint16_t handle;
    json_open(j, key, '[');
    for (unsigned i = 0; (handle = rt386_intime_thread(m, sleeping, i)); i++)
        json_hex(j, NULL, handle, 4);
    json_close(j, ']');
}

static void vk_json(struct json *j, const rt386 *m, const struct question *q)
{
    json_str(j, "schema", "rt386-vk/1");
    vk_list(j, m, "ready", false);
    vk_list(j, m, "sleeping", true);
}

const struct question question_vk = {.text = vk_text, .json = vk_json};

static int cmd_vk(struct app *app, const struct command *self, int argc, char **argv)
{
    return ask(app, self, argc, argv, &question_vk);
}

/* ---- vq: interrupts ---------------------------------------------------------------------------- */

static void vq_text(struct text *t, const rt386 *m, const struct question *q)
{
    rt386_interrupt i;
    text_add(t, "level pri vect  process thread  signals\n");
    for (unsigned n = 0; rt386_intime_interrupt(m, n, &i); n++)
        text_addf(t, " %04x %3u   %02x     %04x   %04x  %3u/%-3u (%s, %s)\n", i.level, i.priority,
                  i.vector, i.process, i.thread, i.outstanding, i.max,
                  i.enabled ? "enabled" : "disabled",
                  i.message  ? "MSI"
                  : i.shared ? "shared"
                             : "ISA");
}

void interrupts_json(struct json *j, const rt386 *m, uint16_t process)
{
    rt386_interrupt i;
    json_open(j, "interrupts", '[');
    for (unsigned n = 0; rt386_intime_interrupt(m, n, &i); n++) {
        if (process && i.process != process) continue;
        json_open(j, NULL, '{');
        json_hex(j, "level", i.level, 4);
        json_num(j, "priority", i.priority);
        json_hex(j, "vector", i.vector, 2);
        json_hex(j, "process", i.process, 4);
        json_hex(j, "thread", i.thread, 4);
        json_num(j, "outstanding", i.outstanding);
        json_num(j, "max", i.max);
        json_bool(j, "enabled", i.enabled);
        json_bool(j, "shared", i.shared);
        json_bool(j, "message", i.message);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void vq_json(struct json *j, const rt386 *m, const struct question *q)
{
    json_str(j, "schema", "rt386-vq/1");
    interrupts_json(j, m, 0);
}

const struct question question_vq = {.text = vq_text, .json = vq_json};

static int cmd_vq(struct app *app, const struct command *self, int argc, char **argv)
{
    return ask(app, self, argc, argv, &question_vq);
}

/* ---- pdp: from selector and offset to a physical address ------------------------------------------ */

static bool pdp_linear(const rt386 *m, const struct question *q, rt386_desc *d, uint32_t *linear)
{
    rt386_table table = q->handle & 4 ? RT386_LDT : RT386_GDT;
    if (rt386_table_entry(m, table, q->handle >> 3, d, NULL) != RT386_OK) return false;
    *linear = d->base + q->offset;
    return true;
}

static void pdp_entry(struct text *t, const char *name, uint32_t at, uint32_t entry)
{
    text_addf(t, "%s at %08X: %08X  base %05X AV %u D %u A %u PCD %u PWT %u U %u W %u P %u\n", name,
              at, entry, entry >> 12, entry >> 9 & 7, entry >> 6 & 1, entry >> 5 & 1,
              entry >> 4 & 1, entry >> 3 & 1, entry >> 2 & 1, entry >> 1 & 1, entry & 1);
}

static void pdp_text(struct text *t, const rt386 *m, const struct question *q)
{
    rt386_desc d;
    uint32_t linear;
    if (!pdp_linear(m, q, &d, &linear)) {
        text_addf(t, "%04X: no descriptor is there\n", q->handle);
        return;
    }
    rt386_walk w = rt386_page_walk(m, linear);
    text_addf(t, "LINEAR ADDRESS %08X\n", linear);
    if (!w.paging || w.mapped)
        text_addf(t, "PHYSICAL ADDRESS %08X\n", w.paging ? w.phys : linear);
    else
        text_add(t, "PHYSICAL ADDRESS none: the page is not present\n");
    if (w.paging) pdp_entry(t, "PDIR", w.pde_at, w.pde);
    if (w.paging && w.pte_valid) pdp_entry(t, "PTBL", w.pte_at, w.pte);
}

static void pdp_json(struct json *j, const rt386 *m, const struct question *q)
{
    rt386_desc d;
    uint32_t linear;
    json_str(j, "schema", "rt386-pdp/1");
    bool found = pdp_linear(m, q, &d, &linear);
    json_bool(j, "found", found);
    if (!found) return;
    rt386_walk w = rt386_page_walk(m, linear);
    json_hex(j, "linear", linear, 8);
    if (!w.paging || w.mapped) json_hex(j, "physical", w.paging ? w.phys : linear, 8);
    if (w.paging) json_hex(j, "pde", w.pde, 8);
    if (w.paging && w.pte_valid) json_hex(j, "pte", w.pte, 8);
}

static bool pointer_read(const char *word, struct question *q)
{
    char *end;
    unsigned long selector = strtoul(word, &end, 16);
    if (end == word || *end != ':' || selector > 0xffff) return false;
    const char *at = end + 1;
    unsigned long long offset = strtoull(at, &end, 16);
    q->handle = (uint16_t)selector;
    q->offset = (uint32_t)offset;
    return end != at && !*end && offset <= 0xffffffff;
}

const struct question question_pdp = {
    .text = pdp_text,
    .json = pdp_json,
    .read = pointer_read,
    .wrong = "name SELECTOR:OFFSET in hexadecimal, as 001b:00401000, and a FILE",
    .any = true};

static int cmd_pdp(struct app *app, const struct command *self, int argc, char **argv)
{
    return ask(app, self, argc, argv, &question_pdp);
}

const struct command command_vk = {
    .name = "vk",
    .arguments = "FILE... [options] [-- guest arguments]",
    .summary = "run INtime programs, then list ready and sleeping threads, as the debugger's vk",
    .examples = "  rt386 vk --max-insns 100000 maker.rta\n",
    .details = "The first ready thread is the running one.\n\n" STOP_SOONER,
    .more = guest_options,
    .run = cmd_vk};

const struct command command_vq = {
    .name = "vq",
    .arguments = "FILE... [options] [-- guest arguments]",
    .summary = "run INtime programs, then list their interrupt handlers, as the debugger's vq",
    .examples = "  rt386 vq --irq 5@10ms,every=1ms --max-insns 100000 driver.rta\n",
    .details = STOP_SOONER,
    .more = guest_options,
    .run = cmd_vq};

const struct command command_pdp = {
    .name = "pdp",
    .arguments = "SELECTOR:OFFSET FILE... [options] [-- guest arguments]",
    .summary =
        "run a guest, then take a logical address to its physical one, as the debugger's pdp",
    .examples = "  rt386 pdp 0050:00401000 --max-insns 100000 hello.rta\n",
    .details = "The page tables are those that are loaded then.\n\n" STOP_SOONER,
    .more = guest_options,
    .run = cmd_pdp};
