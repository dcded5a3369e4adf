/* The host has no memory: the n-th allocation in the kernel fails, for every n. The call says E_MEM (or
 * the kernel is not made), nothing is half done, and the same call works afterwards. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "hostmem.h"

/* Runs `step` with the n-th allocation failing, n = 1, 2 ... until it needs fewer. */
static unsigned every_allocation(struct fake *f, uint32_t (*step)(struct fake *), const char *what)
{
    for (unsigned n = 1; n < 100; n++) {
        hostmem_fail(n);
        uint32_t status = step(f);
        bool done = !hostmem_failed();
        hostmem_fail(0);
        cr_assert_null(fake_check(f), "%s, allocation %u: %s", what, n, fake_check(f));
        if (done) {
            cr_expect_eq(status, E_OK, "%s: %s", what, rt_status_name(status));
            return n - 1;
        }
        cr_expect_eq(status, E_MEM, "%s, allocation %u: %s", what, n, rt_status_name(status));
    }
    cr_assert(false, "%s never ends", what);
    return 0;
}

static uint16_t made;

static uint32_t step_create(struct fake *f)
{
    struct rt_effects fx;
    struct rt_process_attr attr = {.name = "POOR", .pool_max = 0xffffffffu, .vseg_size = 0x4000000};
    uint32_t status = rt_process_create(f->k, &attr, &made, &fx);
    fake_apply(f, &fx);
    return status;
}

static uint32_t step_place(struct fake *f)
{
    return rt_process_place(f->k, made, FAKE_IMAGE, 0x4000, true);
}

static uint32_t step_module(struct fake *f)
{
    static const struct rt_export exports[] = {
        {"One", 1, 0x1000, NULL}, {"Two", 2, 0x2000, NULL}, {"Three", 3, 0, "other.Three"}};
    struct rt_effects fx;
    const struct rt_module_def def = {.name = "lib.rsl",
                                      .file = "/folder/lib.rsl",
                                      .base = 0x20000,
                                      .size = 0x2000,
                                      .exports = exports,
                                      .export_count = 3,
                                      .library = true};
    uint16_t handle;
    uint32_t base, status = rt_module_map(f->k, made, &def, &handle, &base);
    rt_kernel_more(f->k, &fx);
    fake_apply(f, &fx);
    return status;
}

static uint32_t step_start(struct fake *f)
{
    struct rt_effects fx;
    const char *argv[] = {"poor.rta"};
    uint32_t status = rt_process_start(f->k, made, FAKE_IMAGE, 0x4000, 1, argv, &fx);
    fake_apply(f, &fx);
    return status;
}

static uint32_t step_thread(struct fake *f)
{
    CALL4(f, "CreateRtThread", 150, FAKE_IMAGE, 0x1000, 0);
    return f->leave_status;
}

/* New tables: a window larger than what is mapped so far. */
static uint32_t step_window(struct fake *f)
{
    CALL2(f, "MapRtPhysicalMemory", 0, 0x100000);
    return f->leave_status;
}

static uint32_t step_child(struct fake *f)
{
    fake_put(f, FAKE_DATA + 0x900, "child.rta", 10);
    uint32_t child = CALL4(f, "CreateRtProcess", FAKE_DATA + 0x900, 0, 0, 0x100);
    uint32_t status = f->leave_status;
    CALL2(f, "DeleteRtProcess", child, 0);
    return status;
}

Test(hostmem, every_allocation_fails_once)
{
    struct fake *f = fake_new(0x1000000, 0);
    unsigned n = every_allocation(f, step_create, "create");
    n += every_allocation(f, step_place, "place");
    n += every_allocation(f, step_module, "module");
    n += every_allocation(f, step_start, "start");
    cr_expect_geq(n, 13, "%u allocations", n);
    fake_run(f);
    cr_assert_eq(rt_current_process(f->k), made);
    cr_expect_geq(every_allocation(f, step_thread, "thread"), 1);
    cr_expect_geq(every_allocation(f, step_child, "child"), 8);
    n = 0;
    for (unsigned i = 0; i < 30; i++)
        n += every_allocation(f, step_window, "window");
    cr_expect_geq(n, 6, "tables and a longer list of areas");
    for (unsigned i = 0; i < 300; i++) {
        hostmem_fail(i % 3 == 0);
        CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 16);
        hostmem_fail(0);
        cr_expect(f->leave_status == E_OK || f->leave_status == E_MEM);
    }
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    CALL0(f, "ExitRtProcess");
    cr_expect_eq(rt_free_slots(f->k), 8192 - 10);
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    fake_free(f);
}

/* Each call that makes something: the one that step_call makes. */
static const struct making {
    const char *name;
    unsigned count;
    uint32_t arg[5];
} * making;

static uint32_t step_call(struct fake *f)
{
    const uint32_t *a = making->arg;
    fake_call(f, making->name, making->count, a[0], a[1], a[2], a[3], a[4]);
    return f->leave_status;
}

Test(hostmem, every_call_that_makes_something)
{
    const uint32_t text = FAKE_DATA + 0x800, handler = FAKE_IMAGE + 0x10;
    const struct making rows[] = {
        {"CreateRtThread", 4, {150, FAKE_IMAGE, 4096, 0}},
        {"CreateRtMailbox", 1, {0}},
        {"CreateRtMailbox", 1, {0x20}},
        {"CreateRtAlarm", 2, {1, 1000}},
        {"CreateRtQueue", 3, {4000, 64, 0}},
        {"CreateRtHeap", 2, {20000, 0}},
        {"CreateRtPortEx", 5, {0, 0, 0, 0, 8192}},
        {"RegisterRtEventHandler", 2, {8, handler}},
        {"RegisterRtSponsor", 1, {text}},
    };
    struct fake *f = fake_new(0x1000000, 0);
    fake_app(f);
    fake_run(f);
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        making = &rows[i];
        fake_string(f, "SPONSOR");
        cr_expect_geq(every_allocation(f, step_call, making->name), 1, "%s", making->name);
    }
    CALL0(f, "ExitRtProcess");
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    fake_free(f);
}

/* The mailbox of RtNotifyEvent; without events it ends with E_TIME. */
Test(hostmem, notify)
{
    struct fake *f = fake_new(0x1000000, 0);
    fake_app(f);
    fake_run(f);
    for (unsigned n = 1; n < 10; n++) {
        hostmem_fail(n);
        CALL3(f, "RtNotifyEvent", 8, 0, FAKE_DATA);
        bool done = !hostmem_failed();
        hostmem_fail(0);
        cr_assert_null(fake_check(f), "%s", fake_check(f));
        cr_expect_eq(f->leave_status, done ? E_TIME : E_MEM);
        if (done) break;
    }
    fake_free(f);
}

Test(hostmem, kernel)
{
    struct fake *f = fake_new(0x400000, 0);
    const struct rt_config config = {.ram_base = FAKE_RAM_BASE, .ram_size = 0x400000};
    unsigned n = 1;
    for (;; n++) {
        hostmem_fail(n);
        struct rt_kernel *k = rt_kernel_new(&config, &f->k->port);
        bool done = !hostmem_failed();
        hostmem_fail(0);
        rt_kernel_free(k);
        if (done) {
            cr_expect_not_null(k);
            break;
        }
        cr_expect_null(k, "allocation %u", n);
    }
    cr_expect_geq(n, 10);
    fake_free(f);
}

/* Refused configurations. */
Test(hostmem, too_little_or_impossible_ram)
{
    struct fake *f = fake_new(0x400000, 0);
    const struct {
        uint32_t base, size;
        bool good;
    } rows[] = {{0x100000, 0x1fffff, false},     {0x100000, 0x200000, true},
                {0x100001, 0x200000, false},     {0xfff00000, 0x200000, false},
                {0x8000000, 0x200000, false},    {0x7e00000, 0x200000, true},
                {0xffffffff, 0xffffffff, false}, {0, 0, false}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rt_config config = {.ram_base = rows[i].base, .ram_size = rows[i].size};
        struct rt_kernel *k = rt_kernel_new(&config, &f->k->port);
        cr_expect_eq(k != NULL, rows[i].good, "row %u", i);
        rt_kernel_free(k);
    }
    fake_free(f);
}
