/* Libraries of a process: order, use counts, circles, places, threads, the loader's lock. fake.c has the files. */
#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"
#include "rsl.h"

#define NEXT (FAKE_DATA + 0x40)

static const struct rt_export system_exports[] = {{"RslThreadAttach", 1, 0x20100, NULL},
                                                  {"RslThreadDetach", 2, 0x20200, NULL}};

static struct fake *started(void)
{
    struct fake *f = fake_new(0x1000000, 0);
    fake_app(f);
    fake_run(f);
    fake_module(f, "RtRsl.rsl", 0x20000, system_exports, 2);
    return f;
}

static uint32_t load(struct fake *f, const char *name)
{
    return CALL1(f, "LoadRtLibrary", fake_string(f, name));
}

static uint32_t handle_of(struct fake *f, const char *name)
{
    return CALL1(f, "GetRtModuleHandle", fake_string(f, name));
}

/* The module that is to be told next, 0 = none. */
static uint32_t next(struct fake *f, uint32_t reason, uint32_t after)
{
    uint8_t out[12];
    if (!CALL3(f, "RslNextHandler", reason, after, NEXT)) return 0;
    fake_get(f, NEXT, out, sizeof out);
    return get32(out + 4);
}

static uint32_t next_word(struct fake *f, unsigned i)
{
    uint8_t out[12];
    fake_get(f, NEXT, out, sizeof out);
    return get32(out + 4 * i);
}

static void attach_all(struct fake *f)
{
    while (next(f, RSL_PROCESS_ATTACH, 0)) {
    }
}

static void expect_sound(struct fake *f)
{
    const char *bad = fake_check(f);
    cr_expect_null(bad, "%s", bad);
}

Test(rsl, what_is_needed_is_told_first)
{
    struct fake *f = started();
    uint32_t two = load(f, "two.rsl"), one = handle_of(f, "one.rsl");
    cr_assert_neq(two, 0);
    cr_assert_neq(one, 0);
    cr_expect_eq(next(f, RSL_PROCESS_ATTACH, 0), one);
    cr_expect_eq(next(f, RSL_PROCESS_ATTACH, 0), two);
    cr_expect_eq(next(f, RSL_PROCESS_ATTACH, 0), 0, "once");
    cr_expect_eq(CALL1(f, "GetRtHandleType", two), TYPE_MODULE);
    expect_sound(f);
    fake_free(f);
}

/* Loaded twice, freed twice: then it goes, and what only it needed. */
Test(rsl, use_counts)
{
    HOLDS_POINTERS();
    struct fake *f = started();
    struct process *p = f->k->current->process;
    unsigned slots = rt_free_slots(f->k);
    uint32_t used = p->pool.used, two = load(f, "two.rsl");
    unsigned loads = f->loads;
    attach_all(f);
    cr_expect_eq(load(f, "TWO.RSL"), two, "the same file");
    cr_expect_eq(load(f, "c:\\lib/two.rsl"), two, "of a name the last part counts");
    cr_expect_eq(f->loads, loads, "no file is read again");
    for (unsigned i = 0; i < 2; i++) {
        cr_expect_eq(CALL1(f, "FreeRtLibrary", two), 1);
        cr_expect_eq(next(f, RSL_PROCESS_DETACH, 0), 0);
        CALL0(f, "RslSweep");
        cr_expect_eq(handle_of(f, "two.rsl"), two);
    }
    cr_expect_eq(CALL1(f, "FreeRtLibrary", two), 1);
    CALL0(f, "RslSweep");
    cr_expect_eq(handle_of(f, "two.rsl"), two, "it has not been told yet");
    cr_expect_eq(next(f, RSL_PROCESS_DETACH, 0), two);
    cr_expect_eq(next(f, RSL_PROCESS_DETACH, 0), handle_of(f, "one.rsl"));
    cr_expect_eq(next(f, RSL_PROCESS_DETACH, 0), 0);
    CALL0(f, "RslSweep");
    cr_expect_eq(handle_of(f, "two.rsl"), 0);
    cr_expect_eq(rt_free_slots(f->k), slots);
    cr_expect_eq(p->pool.used, used);
    cr_expect_eq(CALL1(f, "FreeRtLibrary", two), 0);
    expect_sound(f);
    fake_free(f);
}

/* An entry point that frees another library must not lose the ground under its feet. */
Test(rsl, no_sweep_inside_of_an_entry_point)
{
    struct fake *f = started();
    CALL0(f, "RslEnter");
    uint32_t one = load(f, "one.rsl");
    attach_all(f);
    CALL1(f, "FreeRtLibrary", one);
    cr_expect_eq(next(f, RSL_PROCESS_DETACH, 0), one);
    CALL0(f, "RslEnter");
    CALL0(f, "RslSweep");
    CALL0(f, "RslLeave");
    cr_expect_eq(handle_of(f, "one.rsl"), one);
    CALL0(f, "RslSweep");
    cr_expect_eq(handle_of(f, "one.rsl"), 0);
    fake_free(f);
}

Test(rsl, what_another_needs_stays)
{
    struct fake *f = started();
    uint32_t one = load(f, "one.rsl"), two = load(f, "two.rsl");
    attach_all(f);
    CALL1(f, "FreeRtLibrary", one);
    cr_expect_eq(next(f, RSL_PROCESS_DETACH, 0), 0);
    CALL0(f, "RslSweep");
    cr_expect_eq(handle_of(f, "one.rsl"), one);
    CALL1(f, "FreeRtLibrary", two);
    cr_expect_eq(next(f, RSL_PROCESS_DETACH, 0), two);
    cr_expect_eq(next(f, RSL_PROCESS_DETACH, 0), one);
    CALL0(f, "RslSweep");
    cr_expect_eq(handle_of(f, "one.rsl"), 0);
    expect_sound(f);
    fake_free(f);
}

Test(rsl, two_that_need_each_other_go_together)
{
    struct fake *f = started();
    unsigned slots = rt_free_slots(f->k);
    uint32_t circle = load(f, "circle.rsl"), other = handle_of(f, "rebound.rsl");
    cr_expect_eq(next(f, RSL_PROCESS_ATTACH, 0), other);
    cr_expect_eq(next(f, RSL_PROCESS_ATTACH, 0), circle);
    CALL1(f, "FreeRtLibrary", circle);
    cr_expect_eq(next(f, RSL_PROCESS_DETACH, 0), circle);
    cr_expect_eq(next(f, RSL_PROCESS_DETACH, 0), other);
    CALL0(f, "RslSweep");
    cr_expect_eq(rt_free_slots(f->k), slots);
    expect_sound(f);
    fake_free(f);
}

/* The second one finds the place taken. */
Test(rsl, own_base_or_the_first_free_place)
{
    struct fake *f = started();
    f->library_base = 0x300000;
    uint32_t one = load(f, "one.rsl"), plain = load(f, "plain.rsl");
    struct rt_module_info info;
    uint16_t p = rt_current_process(f->k);
    cr_assert(rt_module_at(f->k, p, 0x300000, &info));
    cr_expect_str_eq(info.name, "one.rsl");
    cr_expect_eq(CALL2(f, "GetRtProcAddress", one, 7), 0x300070);
    uint32_t moved = CALL2(f, "GetRtProcAddress", plain, 7);
    cr_expect_eq(moved & 0xfff, 0x70);
    cr_expect_neq(moved, 0x300070);
    cr_assert(rt_module_at(f->k, p, moved, &info));
    cr_expect_eq(info.base, moved & ~0xfffu);
    next(f, RSL_PROCESS_ATTACH, 0);
    cr_expect_eq(next_word(f, 0), 0x300100, "its entry");
    cr_expect_eq(next(f, RSL_PROCESS_ATTACH, 0), 0, "plain.rsl has no entry");
    cr_expect_eq(CALL1(f, "FreeRtMemory", 0x300000), 0xffffffff,
                 "its pages are not the program's to free");
    fake_free(f);
}

Test(rsl, forwarded_exports)
{
    struct fake *f = started();
    uint32_t two = load(f, "two.rsl"), one = handle_of(f, "one.rsl");
    uint32_t there = CALL2(f, "GetRtProcAddress", one, fake_string(f, "One"));
    cr_expect_eq(CALL2(f, "GetRtProcAddress", two, fake_string(f, "Two")), there);
    cr_expect_eq(CALL2(f, "GetRtProcAddress", two, 2), there);
    cr_expect_eq(CALL2(f, "GetRtProcAddress", two, fake_string(f, "Lost")), 0);
    cr_expect_eq(CALL2(f, "GetRtProcAddress", two, fake_string(f, "one")), 0, "case counts");
    fake_free(f);
}

/* "a.X" leads to "b.X" and that to "a.X". */
Test(rsl, forwarders_in_a_circle_lead_nowhere)
{
    struct fake *f = started();
    const struct rt_export to_b[] = {{"X", 1, 0, "b.X"}}, to_a[] = {{"X", 1, 0, "a.#1"}};
    uint32_t a = fake_module(f, "a.rsl", 0x30000, to_b, 1);
    fake_module(f, "b.rsl", 0x32000, to_a, 1);
    cr_expect_eq(CALL2(f, "GetRtProcAddress", a, 1), 0);
    fake_free(f);
}

static uint32_t tss_word(struct fake *f, uint32_t thread, uint32_t at)
{
    uint8_t raw[4] = {0};
    cr_assert(phys_get(f->k, kernel_phys(f->gdt[thread >> 3].base) + at, raw, 4));
    return get32(raw);
}

static uint32_t word_at(struct fake *f, uint32_t off)
{
    uint8_t raw[4];
    fake_get(f, off, raw, 4);
    return get32(raw);
}

/* The program's callback, the libraries, the entry: each returns to the next. */
Test(rsl, a_thread_begins_with_the_libraries)
{
    struct fake *f = started();
    uint32_t trampoline = f->k->current->process->text_off + TRAMPOLINE_OFF;
    load(f, "plain.rsl");
    uint32_t t = CALL4(f, "CreateRtThread", 200, FAKE_IMAGE + 0x10, 0x1000, 0x1234);
    cr_expect_eq(tss_word(f, t, 0x20), FAKE_IMAGE + 0x10, "nobody listens");
    load(f, "one.rsl");
    t = CALL4(f, "CreateRtThread", 200, FAKE_IMAGE + 0x10, 0x1000, 0x1234);
    cr_expect_eq(tss_word(f, t, 0x20), FAKE_IMAGE + 0x10, "not told of the process yet");
    attach_all(f);
    t = CALL4(f, "CreateRtThread", 200, FAKE_IMAGE + 0x10, 0x1000, 0x1234);
    uint32_t esp = tss_word(f, t, 0x38);
    cr_expect_eq(tss_word(f, t, 0x20), 0x20100, "RslThreadAttach");
    cr_expect_eq(word_at(f, esp), FAKE_IMAGE + 0x10);
    cr_expect_eq(word_at(f, esp + 4), trampoline);
    CALL2(f, "RslSetCallback", FAKE_IMAGE + 0x800, 0);
    t = CALL4(f, "CreateRtThread", 200, 0, 0x1000, 0x1234);
    esp = tss_word(f, t, 0x38);
    cr_expect_eq(tss_word(f, t, 0x20), FAKE_IMAGE + 0x800);
    cr_expect_eq(word_at(f, esp), 0x20100);
    cr_expect_eq(word_at(f, esp + 4), 0, "an entry at 0");
    cr_expect_eq(word_at(f, esp + 8), trampoline);
    cr_expect_eq(word_at(f, esp + 12), 0x1234);
    fake_free(f);
}

Test(rsl, a_thread_ends_with_the_libraries)
{
    struct fake *f = started();
    load(f, "one.rsl");
    attach_all(f);
    CALL2(f, "RslSetCallback", FAKE_IMAGE + 0x900, 1);
    uint32_t t = CALL4(f, "CreateRtThread", 0, FAKE_IMAGE, 0x1000, 0);
    CALL1(f, "RtSleep", 10);
    cr_assert_eq(rt_current_thread(f->k), t);
    cr_expect_eq(CALL1(f, "DeleteRtThread", 0), 0x20200, "RslThreadDetach");
    cr_expect_eq(CALL0(f, "clib_thread_return"), FAKE_IMAGE + 0x900, "then the program's");
    CALL0(f, "clib_thread_return");
    cr_expect_null(object_find(f->k, t));
    expect_sound(f);
    fake_free(f);
}

Test(rsl, order_for_threads)
{
    struct fake *f = started();
    uint32_t two = load(f, "two.rsl"), one = handle_of(f, "one.rsl");
    attach_all(f);
    cr_expect_eq(next(f, RSL_THREAD_ATTACH, 0), one);
    cr_expect_eq(next(f, RSL_THREAD_ATTACH, next_word(f, 2)), two);
    cr_expect_eq(next(f, RSL_THREAD_ATTACH, next_word(f, 2)), 0);
    cr_expect_eq(next(f, RSL_THREAD_DETACH, 0xffffffff), two);
    cr_expect_eq(next(f, RSL_THREAD_DETACH, next_word(f, 2)), one);
    cr_expect_eq(next(f, RSL_THREAD_DETACH, next_word(f, 2)), 0);
    cr_expect_eq(next(f, 0x80000000, 0), two, "the end of the process");
    cr_expect_eq(next(f, 0x80000000, 0), one);
    cr_expect_eq(next(f, 0x80000000, 0), 0);
    fake_free(f);
}

/* The loader is one thread's; when that is deleted, the next one has it. */
Test(rsl, one_thread_loads_at_a_time)
{
    struct fake *f = started();
    uint32_t main_thread = rt_current_thread(f->k);
    CALL0(f, "RslEnter");
    CALL0(f, "RslEnter");
    uint32_t t = CALL4(f, "CreateRtThread", 0, FAKE_IMAGE, 0x1000, 0);
    CALL1(f, "RtSleep", 10);
    cr_assert_eq(rt_current_thread(f->k), t);
    CALL0(f, "RslLeave"); /* not its own: nothing happens */
    CALL0(f, "RslEnter");
    cr_expect(f->leave_blocked);
    fake_time(f, 10000);
    cr_assert_eq(rt_current_thread(f->k), main_thread);
    CALL0(f, "RslLeave");
    cr_expect_eq(rt_current_thread(f->k), main_thread, "it entered twice");
    uint32_t third = CALL4(f, "CreateRtThread", 200, FAKE_IMAGE, 0x1000, 0);
    CALL1(f, "SetRtThreadPriority", 0);
    CALL0(f, "RslLeave");
    cr_expect_eq(f->k->current->process->rsl_owner->handle, t);
    CALL1(f, "SuspendRtThread", t);
    CALL1(f, "DeleteRtThread", t);
    cr_expect_null(f->k->current->process->rsl_owner);
    CALL1(f, "DeleteRtThread", third);
    expect_sound(f);
    fake_free(f);
}

Test(rsl, program_file_name)
{
    struct fake *f = started();
    const struct rt_module_def def = {.name = "demo.rta",
                                      .file = "demo.rta",
                                      .base = 0x400000,
                                      .size = 0x4000,
                                      .entry = 0x400010};
    uint16_t handle;
    uint32_t base;
    uint8_t info[12];
    char name[16];
    cr_assert_eq(rt_module_map(f->k, rt_current_process(f->k), &def, &handle, &base), E_OK);
    load(f, "one.rsl");
    cr_expect_eq(CALL3(f, "GetRtModuleFilename", 0, NEXT, 16), 1);
    fake_get(f, NEXT, name, 11);
    cr_expect_str_eq(name, ".\\demo.rta");
    cr_expect_eq(CALL2(f, "GetRtModuleInformation", 0, NEXT), 1);
    fake_get(f, NEXT, info, sizeof info);
    cr_expect_eq(get32(info), 0x400000);
    cr_expect_eq(get32(info + 4), 0x4000);
    cr_expect_eq(get32(info + 8), 0x400010);
    fake_free(f);
}

Test(rsl, a_library_of_another_process_is_found_by_name)
{
    struct fake *f = started();
    cr_expect_null(rt_module_file(f->k, "one.rsl"));
    load(f, "one.rsl");
    cr_expect_str_eq(rt_module_file(f->k, "ONE.rsl"), "/folder/of/libraries");
    cr_expect_null(rt_module_file(f->k, "RtRsl.rsl"), "no library");
    CALL0(f, "ExitRtProcess");
    cr_expect_null(rt_module_file(f->k, "one.rsl"), "its process has ended");
    fake_free(f);
}

Test(rsl, sizes_and_places_that_cannot_be)
{
    struct fake *f = started();
    uint16_t p = rt_current_process(f->k), handle;
    uint32_t base;
    struct rt_module_def def = {.name = "x.rsl", .library = true, .base = 0x100000};
    cr_expect_eq(rt_module_map(f->k, p, &def, &handle, &base), E_PARAM);
    def.size = 0x1001;
    cr_expect_eq(rt_module_map(f->k, p, &def, &handle, &base), E_PARAM);
    def.size = 0x1000;
    def.base = 0x100001;
    cr_expect_eq(rt_module_map(f->k, p, &def, &handle, &base), E_PARAM);
    def.base = 0xfffff000;
    def.fixed = true;
    cr_expect_eq(rt_module_map(f->k, p, &def, &handle, &base), E_VMEM);
    def.size = 0x80000000;
    def.fixed = false;
    cr_expect_eq(rt_module_map(f->k, p, &def, &handle, &base), E_VMEM);
    cr_expect_eq(rt_module_map(f->k, 0, &def, &handle, &base), E_EXIST);
    expect_sound(f);
    fake_free(f);
}

/* Any order of calls: the tables hold, what is loaded is there, and nothing is left when all is freed. */
Test(rsl, random_calls)
{
    HOLDS_POINTERS();
    static const char *const names[] = {"one.rsl", "two.rsl", "circle.rsl", "rebound.rsl",
                                        "plain.rsl"};
    enum { NAMES = sizeof names / sizeof names[0] };
    struct fake *f = started();
    struct process *p = f->k->current->process;
    unsigned slots = rt_free_slots(f->k), loads[NAMES] = {0}, depth = 0;
    uint32_t used = p->pool.used, seed = 4711;
    for (unsigned step = 0; step < 1500; step++) {
        seed = seed * 1664525u + 1013904223u;
        unsigned which = (seed >> 8) % NAMES;
        switch (seed >> 28) {
        case 0:
        case 1:
        case 2:
        case 3: loads[which] += load(f, names[which]) != 0; break;
        case 4:
        case 5:
        case 6:
        case 7:
        case 8:
            if (!loads[which]) break;
            cr_assert_eq(CALL1(f, "FreeRtLibrary", handle_of(f, names[which])), 1);
            loads[which]--;
            break;
        case 9:
        case 10: next(f, RSL_PROCESS_ATTACH, 0); break;
        case 11:
        case 12: next(f, RSL_PROCESS_DETACH, 0); break;
        case 13:
            CALL0(f, "RslEnter");
            depth++;
            break;
        case 14:
            CALL0(f, "RslLeave");
            depth -= depth > 0;
            break;
        default: CALL0(f, "RslSweep"); break;
        }
        for (unsigned i = 0; i < NAMES; i++)
            cr_assert(!loads[i] || handle_of(f, names[i]), "%s is loaded and not there", names[i]);
        if (step % 50 == 0) expect_sound(f);
    }
    while (depth-- > 0)
        CALL0(f, "RslLeave");
    for (unsigned i = 0; i < NAMES; i++)
        while (loads[i]--)
            CALL1(f, "FreeRtLibrary", handle_of(f, names[i]));
    while (next(f, RSL_PROCESS_DETACH, 0)) {
    }
    CALL0(f, "RslSweep");
    cr_expect_eq(rt_free_slots(f->k), slots);
    cr_expect_eq(p->pool.used, used);
    cr_expect_null(handle_of(f, "one.rsl") ? "one.rsl is still there" : NULL);
    expect_sound(f);
    fake_free(f);
}
