#define _GNU_SOURCE /* memmem */
#include "gdb_inside.h"
#include "gdb_regs.h"

#include <stdlib.h>
#include <string.h>

#define SEARCHED (64u << 20) /* bytes, at most: some seconds */

const char *const gdb_view_name[3] = {"process", "linear", "physical"};

/* ---- threads ---------------------------------------------------------------------------------------- */

unsigned gdb_running_thread(const struct gdb *g)
{
    uint16_t t = rt386_intime_thread(gdb_machine(g), false, 0);
    return t ? t : 1;
}

/* The process of a thread; false: there is none. */
static bool process_of(const struct gdb *g, unsigned thread, rt386_process *p)
{
    rt386_object o;
    if (!rt386_intime_object(gdb_machine(g), (uint16_t)thread, &o)) return false;
    for (unsigned i = 0; rt386_intime_process(gdb_machine(g), i, p); i++)
        if (p->handle == o.owner) return true;
    return false;
}

static unsigned chosen_thread(const struct gdb *g)
{
    return g->thread ? g->thread : gdb_running_thread(g);
}

static bool waiting_regs(const struct gdb *g, struct thread_regs *r)
{
    unsigned t = chosen_thread(g);
    return t != gdb_running_thread(g) && thread_regs_get(gdb_machine(g), (uint16_t)t, r);
}

/* Calls `one` for each: the running one first. */
static void threads_each(const struct gdb *g,
                         void (*one)(const struct gdb *g, unsigned thread, bool sleeping,
                                     struct text *t),
                         struct text *t)
{
    unsigned n = 0;
    for (unsigned sleeping = 0; sleeping < 2; sleeping++) {
        uint16_t handle;
        for (unsigned i = 0; (handle = rt386_intime_thread(gdb_machine(g), sleeping, i)); i++, n++)
            one(g, handle, sleeping, t);
    }
    if (!n) one(g, 1, false, t);
}

static void thread_id(const struct gdb *g, unsigned thread, bool sleeping, struct text *t)
{
    (void)g, (void)sleeping;
    text_addf(t, "%s%x", t->n ? "," : "", thread);
}

static void xml_add(struct text *t, const char *s)
{
    text_markup(t, s, strlen(s));
}

static void thread_xml(const struct gdb *g, unsigned thread, bool sleeping, struct text *t)
{
    rt386_process p;
    rt386_object o;
    bool known = process_of(g, thread, &p);
    text_addf(t, "<thread id=\"%x\" name=\"", thread);
    xml_add(t, known ? p.name : "processor");
    if (rt386_intime_object(gdb_machine(g), (uint16_t)thread, &o) && o.name[0]) {
        text_add(t, ".");
        xml_add(t, o.name);
    }
    text_add(t, "\">");
    if (known) {
        text_addf(t, "INtime %s h=%04x ", sleeping ? "waits" : "ready", thread);
        xml_add(t, o.detail);
    }
    text_add(t, "</thread>\n");
}

void gdb_thread_choose(struct gdb *g, const char *s)
{
    unsigned t = *s ? (unsigned)strtoul(s + 1, NULL, 16) : 0;
    if (*s == 'g') g->thread = !strcmp(s + 1, "-1") || t == gdb_running_thread(g) ? 0 : t;
    gdb_say(g, "OK");
}

void gdb_thread_alive(struct gdb *g, const char *s)
{
    unsigned wanted = (unsigned)strtoul(s, NULL, 16);
    bool found = wanted == gdb_running_thread(g);
    for (unsigned sleeping = 0; sleeping < 2; sleeping++) {
        uint16_t handle;
        for (unsigned i = 0; (handle = rt386_intime_thread(gdb_machine(g), sleeping, i)); i++)
            found |= handle == wanted;
    }
    gdb_say(g, found ? "OK" : "E01");
}

void gdb_thread_ids(const struct gdb *g, struct text *t)
{
    threads_each(g, thread_id, t);
}

void gdb_threads_xml(const struct gdb *g, struct text *t)
{
    threads_each(g, thread_xml, t);
}

/* ---- memory ------------------------------------------------------------------------------------------ */

/* What gdb's addresses below `size` are added to; those above are linear ones, as the kernel's are. */
uint32_t gdb_view_base(const struct gdb *g, uint32_t *size)
{
    rt386_process p;
    *size = 0xffffffff;
    if (g->view != VIEW_PROCESS) return 0;
    if (!process_of(g, chosen_thread(g), &p)) return rt386_seg_get(gdb_machine(g), RT386_CS).base;
    if (p.xm) return 0;
    *size = p.vseg_size;
    return p.vseg_base;
}

rt386_addr gdb_view_address(const struct gdb *g, uint32_t at)
{
    uint32_t size, base = gdb_view_base(g, &size);
    return (rt386_addr){.space = g->view == VIEW_PHYSICAL ? RT386_PHYS : RT386_LINEAR,
                        .at = at < size ? base + at : at};
}

/* "ADDRESS,LENGTH"; where the rest begins, NULL: it is not that. */
const char *gdb_range(const char *s, uint32_t *at, uint32_t *n)
{
    char *end;
    *at = (uint32_t)strtoul(s, &end, 16);
    if (end == s || *end != ',') return NULL;
    s = end + 1;
    *n = (uint32_t)strtoul(s, &end, 16);
    return end == s ? NULL : end;
}

void gdb_memory_read(struct gdb *g, const char *s)
{
    uint32_t at, n;
    uint8_t byte;
    if (!gdb_range(s, &at, &n) || n > PACKET_BYTES / 2 - 8) {
        gdb_say(g, "E22");
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (rt386_peek(gdb_machine(g), gdb_view_address(g, at + i), &byte, 1) != RT386_OK) break;
        gdb_hex(&g->out, &byte, 1);
    }
    if (n && !g->out.n) gdb_say(g, "E14");
}

/* data: the bytes themselves (X), or digits (M). */
void gdb_memory_write(struct gdb *g, const char *s, size_t left, bool digits)
{
    uint32_t at, n;
    const char *begin = s, *rest = gdb_range(s, &at, &n);
    uint8_t bytes[PACKET_BYTES];
    if (!rest || *rest != ':' || n > sizeof bytes) {
        gdb_say(g, "E22");
        return;
    }
    rest++;
    left -= (size_t)(rest - begin);
    if (digits ? gdb_unhex(rest, bytes, n) != n : left != n) {
        gdb_say(g, "E22");
        return;
    }
    if (!digits) memcpy(bytes, rest, n);
    rt386 *m = debugger_change(g->d);
    bool good = m && (!n || rt386_poke(m, gdb_view_address(g, at), bytes, n) == RT386_OK);
    gdb_say(g, good ? "OK" : "E14");
}

/* "ADDRESS;LENGTH;PATTERN" */
void gdb_memory_search(struct gdb *g, const char *s, size_t left)
{
    char *end;
    uint32_t at = (uint32_t)strtoul(s, &end, 16);
    uint32_t n = *end == ';' ? (uint32_t)strtoul(end + 1, &end, 16) : 0;
    if (*end != ';') {
        gdb_say(g, "E22");
        return;
    }
    const char *pattern = end + 1;
    size_t size = left - (size_t)(pattern - s);
    if (n > SEARCHED) n = SEARCHED;
    char *bytes = size && size <= n ? malloc(n) : NULL;
    uint32_t have = 0; /* of one piece; memory that is not there begins another */
    const char *found = NULL;
    for (uint32_t i = 0, part; bytes && i < n && !found; i += part) {
        part = 4096 - ((at + i) & 4095);
        if (part > n - i) part = n - i;
        bool there =
            rt386_peek(gdb_machine(g), gdb_view_address(g, at + i), bytes + i, part) == RT386_OK;
        have = there ? have + part : 0;
        uint32_t from = have > part + (uint32_t)size ? part + (uint32_t)size : have;
        if (there) found = memmem(bytes + i + part - from, from, pattern, size);
    }
    if (found)
        text_addf(&g->out, "1,%x", at + (uint32_t)(found - bytes));
    else
        gdb_say(g, "0");
    free(bytes);
}

/* ---- registers --------------------------------------------------------------------------------------- */

void gdb_registers_read(struct gdb *g)
{
    struct thread_regs r;
    bool waits = waiting_regs(g, &r);
    for (unsigned i = 0; i < gdb_reg_count(); i++)
        gdb_reg_get(&g->out, gdb_machine(g), waits ? &r : NULL, i);
}

void gdb_register_read(struct gdb *g, const char *s)
{
    struct thread_regs r;
    bool waits = waiting_regs(g, &r);
    gdb_reg_get(&g->out, gdb_machine(g), waits ? &r : NULL, (unsigned)strtoul(s, NULL, 16));
    if (!g->out.n) gdb_say(g, "E01");
}

static rt386 *to_change(struct gdb *g)
{
    return chosen_thread(g) == gdb_running_thread(g) ? debugger_change(g->d) : NULL;
}

void gdb_register_write(struct gdb *g, const char *s)
{
    char *end;
    unsigned n = (unsigned)strtoul(s, &end, 16);
    rt386 *m = to_change(g);
    gdb_say(g, *end == '=' && m && gdb_reg_set(m, n, end + 1) == RT386_OK ? "OK" : "E01");
}

/* Those that cannot be set stay as they are. */
void gdb_registers_write(struct gdb *g, const char *s)
{
    rt386 *m = to_change(g);
    size_t left = strlen(s);
    for (unsigned i = 0; m && i < gdb_reg_count() && left >= gdb_reg_digits(i); i++) {
        (void)gdb_reg_set(m, i, s);
        s += gdb_reg_digits(i);
        left -= gdb_reg_digits(i);
    }
    gdb_say(g, m ? "OK" : "E01");
}
