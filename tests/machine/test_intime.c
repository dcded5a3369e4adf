/* test_intime.c: what INtime calls write into the emulated GDT, byte for byte. The guests are real programs;
 * RT386_TEST_GUESTS names the folder that holds them. */
#include <stdio.h>
#include <stdlib.h>

#include "guest.h"

#define MAX_HANDLES 16384

/* One CreateRtMemoryHandle as seen from outside. */
struct created {
    uint32_t offset, size, vseg;
    uint16_t handle;
    uint8_t bytes[8];
};
struct watch {
    rt386 *m;
    struct created now;
    bool creating, wrote, deleting;
    unsigned handles, deletes, wrong;
    char first_wrong[160];
    uint32_t last_status;
    bool saw_e_slot;
    unsigned events;
    rt386_event_event last_event;
    unsigned gate_calls;
};

static uint32_t vseg_of(const rt386 *m, uint16_t process)
{
    rt386_process p;
    for (unsigned i = 0; rt386_intime_process(m, i, &p); i++)
        if (p.handle == process && p.alive) return p.vseg_base;
    return 0;
}

/* The descriptor that the documentation asks for, written down without the emulator's own functions. */
static void expected_bytes(const struct created *c, uint8_t d[8])
{
    uint32_t base = c->vseg + c->offset, limit = c->size - 1;
    uint8_t flags = 0x4; /* D/B */
    if (limit > 0xfffff) {
        limit >>= 12;
        flags |= 0x8;
    }
    d[0] = (uint8_t)limit;
    d[1] = (uint8_t)(limit >> 8);
    d[2] = (uint8_t)base;
    d[3] = (uint8_t)(base >> 8);
    d[4] = (uint8_t)(base >> 16);
    d[5] = 0xf2; /* present, DPL 3, data, writable */
    d[6] = (uint8_t)((uint32_t)flags << 4 | ((limit >> 16) & 0xf));
    d[7] = (uint8_t)(base >> 24);
}

static void wrong(struct watch *w, const char *what)
{
    if (!w->wrong++)
        snprintf(w->first_wrong, sizeof w->first_wrong, "%s: offset 0x%x size 0x%x handle 0x%x",
                 what, w->now.offset, w->now.size, w->now.handle);
}

static void on_table(void *ctx, const rt386_table_event *e)
{
    struct watch *w = ctx;
    if (w->creating) {
        memcpy(w->now.bytes, e->after.bytes, 8);
        w->now.handle = e->selector;
        w->wrote = true;
        if (e->before.kind != RT386_DESC_EMPTY) wrong(w, "the slot was not free");
    }
    if (w->deleting && e->after.kind != RT386_DESC_EMPTY) wrong(w, "a deleted slot is not zero");
}

static void leave_create(struct watch *w, const rt386_call_event *e)
{
    uint8_t want[8];
    w->creating = false;
    w->last_status = e->status;
    w->saw_e_slot |= e->status == 0x000c;
    bool ok = (e->result & 0xffff) != 0xffff;
    if (ok != w->wrote)
        wrong(w, ok ? "success without a descriptor" : "failure wrote a descriptor");
    if (!ok) return;
    w->handles++;
    if ((e->result & 0xffff) != w->now.handle) wrong(w, "the result is not the selector");
    expected_bytes(&w->now, want);
    if (memcmp(want, w->now.bytes, 8)) wrong(w, "descriptor bytes");
}

static void on_call(void *ctx, const rt386_call_event *e)
{
    struct watch *w = ctx;
    w->gate_calls += !e->leaving;
    if (!strcmp(e->name, "DeleteRtMemoryHandle")) {
        w->deletes += e->leaving && e->result;
        w->deleting = !e->leaving;
    }
    if (strcmp(e->name, "CreateRtMemoryHandle")) return;
    if (e->leaving) {
        leave_create(w, e);
        return;
    }
    w->creating = true;
    w->wrote = false;
    unsigned offset = 0, size = 0;
    cr_assert_eq(sscanf(e->arguments, "pOffset=%x, cbSize=%u", &offset, &size), 2, "%s",
                 e->arguments);
    w->now = (struct created){.offset = offset, .size = size, .vseg = vseg_of(w->m, e->process)};
}

static void on_event(void *ctx, const rt386_event_event *e)
{
    struct watch *w = ctx;
    w->events++;
    w->last_event = *e;
}

static const char *guest_path(const char *name)
{
    static char path[512];
    const char *folder = getenv("RT386_TEST_GUESTS");
    if (!folder) cr_skip_test("RT386_TEST_GUESTS is not set: run through meson test");
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    if (!f) cr_skip_test("the guest programs were not built");
    fclose(f);
    return path;
}

static rt386_exit run_watched(const char *name, struct watch *w)
{
    const char *path = guest_path(name);
    rt386_config config = {.size = sizeof config};
    memset(w, 0, sizeof *w);
    cr_assert_eq(rt386_create(&config, &w->m), RT386_OK);
    rt386_observer o = {
        .size = sizeof o, .ctx = w, .call = on_call, .table = on_table, .event = on_event};
    rt386_observe(w->m, &o);
    cr_assert_eq(rt386_load_file(w->m, path, NULL), RT386_OK, "%s", rt386_error(w->m));
    rt386_exit why;
    cr_assert_eq(rt386_run(w->m, 500000000, 0, &why), RT386_OK);
    cr_assert_eq(w->wrong, 0, "%u wrong, first: %s", w->wrong, w->first_wrong);
    return why;
}

Test(intime, every_memory_handle_is_the_documented_descriptor)
{
    struct watch w;
    rt386_exit why = run_watched("conformance/memory.rta", &w);
    cr_assert_eq(why.kind, RT386_EXIT_GUEST, "%s", why.text);
    cr_assert_eq(why.code, 0);
    cr_assert_gt(w.handles, 5);
    cr_assert_gt(w.deletes, 3);
    rt386_destroy(w.m);
}

Test(intime, a_full_gdt_answers_e_slot_and_recovers)
{
    struct watch w;
    rt386_exit why = run_watched("demo/fill.rta", &w);
    cr_assert_eq(why.kind, RT386_EXIT_GUEST, "%s", why.text);
    cr_assert(w.saw_e_slot);
    cr_assert_gt(w.handles, 2 * 8000);
    cr_assert_eq(w.handles, w.deletes);
    cr_assert_gt(rt386_intime_free_slots(w.m), 8100);
    rt386_destroy(w.m);
}

Test(intime, the_limit_violation_is_found_by_the_cpu)
{
    struct watch w;
    rt386_exit why = run_watched("demo/limit.rta", &w);
    cr_assert_eq(why.kind, RT386_EXIT_FAULT);
    cr_assert_eq(why.fault.vector, 13);
    cr_assert_eq(why.fault.error, 0);
    cr_assert_str_eq(rt386_rule(why.fault.rule).name, "SEGM_LIMIT_UP");
    cr_assert_str_eq(why.process, "limit.rta");
    cr_assert(w.last_event.has_access);
    cr_assert_eq(w.last_event.offset, 4095);
    cr_assert_eq(w.last_event.size, 4);
    rt386_destroy(w.m);
}

Test(intime, a_deleted_handle_faults_when_it_is_loaded_again)
{
    struct watch w;
    rt386_exit why = run_watched("demo/stale.rta", &w);
    cr_assert_eq(why.kind, RT386_EXIT_FAULT);
    cr_assert_eq(why.fault.vector, 13);
    cr_assert_eq(why.fault.error & 3, 0, "the error code holds no RPL");
    cr_assert_eq(why.fault.error, w.now.handle);
    rt386_destroy(w.m);
}

Test(intime, calls_enter_through_the_call_gate)
{
    struct watch w;
    (void)run_watched("demo/hello.rta", &w);
    cr_assert_gt(w.gate_calls, 5);
    rt386_desc gate;
    char owner[64];
    cr_assert_eq(rt386_table_entry(w.m, RT386_GDT, 0x0818 >> 3, &gate, owner), RT386_OK);
    cr_assert_eq(gate.kind, RT386_DESC_CALL32);
    cr_assert_eq(gate.dpl, 3);
    cr_assert_eq(gate.count, 1);
    cr_assert(gate.present);
    rt386_destroy(w.m);
}

/* What was made for in-circuit emulation is none of an INtime processor: #UD [docs/profile.md, 9]. */
Test(intime, undocumented_opcodes_of_the_386_are_refused)
{
    static const struct {
        uint8_t bytes[3];
        uint8_t vector;
    } codes[] = {{{0xf1}, 6}, {{0x0f, 0x07}, 6}, {{0x0f, 0x10, 0xc0}, 6}, {{0xcc}, 3}};
    const char *path = guest_path("demo/hello.rta");
    for (unsigned i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct watch w = {0};
        rt386_config config = {.size = sizeof config, .cpu = RT386_CPU_386};
        cr_assert_eq(rt386_create(&config, &w.m), RT386_OK);
        rt386_observer o = {.size = sizeof o, .ctx = &w, .event = on_event};
        rt386_observe(w.m, &o);
        cr_assert_eq(rt386_load_file(w.m, path, NULL), RT386_OK, "%s", rt386_error(w.m));
        rt386_exit why;
        cr_assert_eq(rt386_run(w.m, 1, 0, &why), RT386_OK); /* in the process now */
        uint32_t at = (uint32_t)(reg(w.m, "cs_base") + reg(w.m, "eip"));
        rt386_addr here = {.space = RT386_LINEAR, .at = at};
        cr_assert_eq(rt386_poke(w.m, here, codes[i].bytes, 3), RT386_OK);
        cr_assert_eq(rt386_run(w.m, 1, 0, &why), RT386_OK);
        cr_expect_eq(w.last_event.vector, codes[i].vector, "%02x: vector %u", codes[i].bytes[0],
                     w.last_event.vector);
        rt386_destroy(w.m);
    }
}

/* Runs the guest `events` as `what` for a while, asks it to end, and goes on. */
static rt386_exit terminated(const char *what, char *text, size_t size)
{
    static struct text out;
    char path[512];
    rt386 *m = NULL;
    rt386_exit why = {0};
    const char *const argv[] = {what};
    out = (struct text){0};
    rt386_config config = {.size = sizeof config, .console = text_put, .console_ctx = &out};
    rt386_load_options o = {.size = sizeof o, .argc = 1, .argv = argv};
    const char *folder = getenv("RT386_TEST_GUESTS");
    if (!folder) cr_skip_test("RT386_TEST_GUESTS is not set: run through meson test");
    snprintf(path, sizeof path, "%s/conformance/events.rta", folder);
    cr_assert_eq(rt386_create(&config, &m), RT386_OK);
    cr_assert_eq(rt386_load_file(m, path, &o), RT386_OK, "%s", rt386_error(m));
    cr_assert_eq(rt386_run(m, 300000, 0, &why), RT386_OK);
    cr_assert_eq(why.kind, RT386_EXIT_BUDGET);
    rt386_terminate(m);
    cr_assert_eq(rt386_run(m, 300000, 0, &why), RT386_OK);
    snprintf(text, size, "%s", out.bytes);
    rt386_destroy(m);
    return why;
}

Test(intime, terminate_asks_those_that_listen)
{
    char text[4096];
    rt386_exit why = terminated("serve", text, sizeof text);
    cr_assert_eq(why.kind, RT386_EXIT_GUEST);
    cr_assert_eq(why.code, 5);
    cr_assert_not_null(strstr(text, "told to end after"));
    cr_assert_eq(terminated("stay", text, sizeof text).kind, RT386_EXIT_BUDGET, "it goes on");
    cr_assert_eq(terminated("deaf", text, sizeof text).kind, RT386_EXIT_STOPPED);
}
