/* Pointer arguments against every way in which they can be bad: exact code, nothing changed; and no
 * argument byte read twice. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

enum place {
    GOOD,
    NULLPTR,
    LAST_BYTE,
    WRAP,
    CROSS_MISSING,
    READ_ONLY,
    OUTSIDE,
    TEXTS,
    DEVICE,
    PLACES
};
static const char *const place_names[] = {"good",    "null",          "last byte",
                                          "wrap",    "cross missing", "read-only",
                                          "outside", "texts",         "device"};

/* The pointer argument of a call, and what it points to. */
struct target {
    const char *call;
    unsigned arg, count;
    uint32_t size; /* 0: a string */
    bool write;
    uint32_t ok; /* status with a good pointer */
    uint32_t fill[5];
};

static uint32_t place_at(struct fake *f, enum place place, uint32_t size)
{
    const struct process *p = f->k->current->process;
    switch (place) {
    case NULLPTR: return 0;
    case LAST_BYTE: return p->size - 1;
    case WRAP: return 0xffffffffu;
    case CROSS_MISSING: return FAKE_IMAGE + 0x4000 - 1; /* one byte is there, then no page */
    case READ_ONLY: return FAKE_RO;
    case OUTSIDE: return p->size;
    case TEXTS: return p->text_off + 16;
    case DEVICE: return CALL2(f, "MapRtPhysicalMemory", 0xB8000, 0x1000); /* no RAM there */
    default: return FAKE_DATA + 0x400 + (size & 0);
    }
}

static bool place_bad(enum place place, const struct target *t)
{
    if (place == GOOD) return false;
    if (place == READ_ONLY || place == TEXTS) return t->write;
    return true;
}

/* Of all RAM but the thread's kernel stack, which the call gate itself writes. */
static uint32_t checksum(const struct fake *f)
{
    uint32_t sum = 0, stack = kernel_phys(f->gdt[f->tr >> 3].base) - FAKE_RAM_BASE;
    for (uint32_t i = 0; i < f->ram_size; i++)
        if (i < stack || i >= stack + 4096) sum = sum * 31 + f->ram[i];
    return sum;
}

static void try_place(struct fake *f, const struct target *t, enum place place)
{
    uint32_t arg[5];
    memcpy(arg, t->fill, sizeof arg);
    arg[t->arg] = place_at(f, place, t->size);
    if (!t->size && place == LAST_BYTE) return; /* a 0 stands there: an empty string */
    if (!t->size && place == CROSS_MISSING)
        rt_process_poke(f->k, rt_current_process(f->k), arg[t->arg], "N", 1);
    if (!t->size && (place == GOOD || place == READ_ONLY || place == TEXTS)) {
        if (place != GOOD) return; /* those strings are longer than 12: another code */
        fake_put(f, arg[t->arg], "NOT THERE", 10);
    }
    uint8_t raw[20];
    for (unsigned i = 0; i < 5; i++)
        put32(raw + i * 4, arg[i]);
    fake_put(f, FAKE_STACK + 8, raw, t->count * 4);
    const struct row *row = fake_row(t->call);
    memset(f->touched, 0, sizeof f->touched);
    uint32_t before = checksum(f);
    memset(f->fetched, 0, f->ram_size);
    fake_call_raw(f, (uint32_t)row->number << 16 | row->class, FAKE_STACK);
    for (uint32_t i = 0; i < f->ram_size; i++)
        cr_assert_leq(f->fetched[i], 1, "%s, %s: a byte of the caller is read twice", t->call,
                      place_names[place]);
    if (place_bad(place, t)) cr_expect(checksum(f) == before, "%s changed memory", t->call);
    uint32_t want = place_bad(place, t) ? E_BAD_ADDR : t->ok;
    cr_expect_eq(f->leave_status, want, "%s, %s: %s", t->call, place_names[place],
                 rt_status_name(f->leave_status));
    for (unsigned i = 0; i < t->count * 4; i++)
        cr_expect_eq(f->touched[i], 1, "%s: argument byte %u read %u times", t->call, i,
                     f->touched[i]);
    cr_expect_null(fake_check(f), "%s", fake_check(f));
}

Test(pointers, matrix)
{
    static const struct target targets[] = {
        {"CatalogRtHandle", 2, 3, 0, false, E_OK, {0, 0x258, 0}},
        {"LookupRtHandle", 1, 3, 0, false, E_TIME, {0}},
        {"UncatalogRtHandle", 1, 2, 0, false, E_CONTEXT, {0}},
        {"GetRtModuleHandle", 0, 1, 0, false, E_EXIST, {0}},
        {"GetRtHandleTypeEx", 1, 2, 2, true, E_OK, {0x258}},
        {"GetRtPhysicalMemoryInfo", 1, 2, 52, true, E_OK, {0}},
        {"GetRtVirtualMemoryInfo", 1, 2, 20, true, E_OK, {0}},
        {"GetRtThreadInfo", 1, 2, 34, true, E_OK, {0}},
        {"GetRtThreadState", 1, 2, 102, true, E_OK, {0}},
        {"CopyRtSystemInfo", 0, 1, 160, true, E_OK, {0}},
        {"CreateRtProcess", 0, 4, 0, false, E_EXIST, {0}},
        {"GetRtLoadPath", 0, 2, 2, true, E_OK, {0, 260}},
        {"clib_write", 0, 2, 64, false, E_OK, {0, 64}},
        {"clib_args", 0, 5, 4, true, E_OK, {0, FAKE_DATA + 0x100, 10, FAKE_DATA + 0x200, 0x100}},
        {"clib_args", 1, 5, 12, true, E_OK, {FAKE_DATA, 0, 10, FAKE_DATA + 0x200, 0x100}},
        {"clib_args", 3, 5, 32, true, E_OK, {FAKE_DATA, FAKE_DATA + 0x100, 10, 0, 0x100}},
        {"knCreateRtSemaphore", 0, 2, 8, true, E_OK, {0, 4}},
        {"knCreateRtMailbox", 0, 4, 72, true, E_OK, {0, 16, 2, 0}},
        {"knCreateRtAlarmEvent", 0, 3, 16, true, E_OK, {0, 0, 1}},
        {"GetRtSystemTimeAsTimeValue", 0, 1, 12, true, E_OK, {0}},
        {"knSetKernelTime", 0, 1, 8, false, E_OK, {0}},
    };
    for (unsigned i = 0; i < sizeof targets / sizeof targets[0]; i++)
        for (enum place place = GOOD; place < PLACES; place++) {
            struct fake *f = fake_new(0x200000, 1024);
            fake_app(f);
            fake_run(f);
            f->fetched = calloc(1, f->ram_size);
            try_place(f, &targets[i], place);
            free(f->fetched);
            fake_free(f);
        }
}

/* The arguments themselves: EBP anywhere. */
Test(pointers, frame)
{
    struct fake *f = fake_new(0x400000, 0);
    fake_app(f);
    fake_run(f);
    const uint32_t bad[] = {0,        0xfffffff8, 0xffffffff, 0xfffffff4, 0x7ffff8, 0x800000,
                            0x403ff5, 0x80000000, 0x10000000, 0x7fffff,   0x300000, 0x7ffff5};
    const struct row *row = fake_row("CreateRtMemoryHandle");
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        unsigned slots = rt_free_slots(f->k);
        uint32_t eax = fake_call_raw(f, (uint32_t)row->number << 16 | row->class, bad[i]);
        cr_expect_eq(eax, BAD_RTHANDLE, "EBP %08X", bad[i]);
        cr_expect_eq(f->leave_status, E_BAD_ADDR, "EBP %08X", bad[i]);
        cr_expect_eq(rt_free_slots(f->k), slots);
    }
    cr_expect_null(fake_check(f));
    fake_free(f);
}

/* Names: 1 to 12 bytes of anything but 0; longer strings are cut off, not read to their end. */
Test(pointers, names_are_bounded)
{
    struct fake *f = fake_new(0x400000, 0);
    fake_app(f);
    fake_run(f);
    uint8_t fill[0x1000];
    memset(fill, 0xff, sizeof fill);
    fake_put(f, FAKE_DATA, fill, sizeof fill);
    f->reads = 0;
    CALL3(f, "CatalogRtHandle", 0, 0x258, FAKE_DATA);
    cr_expect_eq(f->leave_status, E_PARAM);
    cr_expect_lt(f->reads, 300, "%u reads", f->reads);
    fake_put(f, FAKE_DATA, "\xff\x01 \x80tab\ttab\x7f", 13);
    cr_expect_eq(CALL3(f, "CatalogRtHandle", 0, 0x258, FAKE_DATA), 1);
    cr_expect_eq(CALL3(f, "LookupRtHandle", 0, FAKE_DATA, 0), 0x258);
    fake_free(f);
}

/* The guest writes over the kernel's tables in its memory: nothing of it is believed. */
Test(pointers, guest_edits_descriptors_and_tables)
{
    struct fake *f = fake_new(0x1000000, 0);
    fake_app(f);
    fake_run(f);
    uint32_t window = CALL2(f, "MapRtPhysicalMemory", kernel_phys(f->boot.gdt_base), 0x10000);
    cr_assert_neq(window, 0);
    uint32_t h = CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 16);
    uint8_t noise[4096];
    for (unsigned round = 0; round < 50; round++) {
        for (unsigned i = 0; i < sizeof noise; i++)
            noise[i] = (uint8_t)(i * 7 + round * 13);
        fake_put(f, window + (round % 16) * 4096, noise, sizeof noise);
        cr_expect_eq(CALL1(f, "GetRtSize", h), 16);
        uint32_t other = CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 100);
        cr_expect_eq(CALL1(f, "DeleteRtMemoryHandle", other), 1);
        cr_expect_null(fake_check(f));
    }
    fake_free(f);
}
