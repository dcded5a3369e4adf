/* The explanation: golden pages on synthetic events. Rules, descriptors and vectors are the library's;
 * the run is made up, so that every branch of the text is reached.
 *
 * A golden file is compared byte for byte; RT386_GOLDEN_UPDATE=1 writes it anew.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "view.h"

struct page {
    struct app app;
    struct view view;
    char *text;
    size_t size;
};

static void page_open(struct page *p, bool json)
{
    *p = (struct page){.app = {.verbosity = 1, .err = stderr}};
    p->app.out = open_memstream(&p->text, &p->size);
    cr_assert(json ? jsonl_view(&p->app, &p->view) : explain_view(&p->app, false, &p->view));
}

static void page_close(struct page *p)
{
    p->view.ops->close(p->view.ctx);
    fclose(p->app.out);
}

static uint16_t rule_id(const char *name)
{
    for (unsigned i = 1; i < rt386_rule_count(); i++)
        if (!strcmp(rt386_rule(i).name, name)) return (uint16_t)i;
    cr_assert_fail("no rule %s", name);
    return 0;
}

static const uint8_t handle_bytes[8] = {0xff, 0x0f, 0x00, 0x40, 0x01, 0xf2, 0x40, 0x00};
static const uint8_t kernel_bytes[8] = {0xff, 0x0f, 0x00, 0x40, 0x01, 0x92, 0x40, 0x00};
static const uint8_t no_bytes[8];

static const rt386_insn_event mov_es = {.cs = 0x3b,
                                        .eip = 0x401123,
                                        .linear = 0x10401123,
                                        .bytes = {0x8e, 0xc0},
                                        .length = 2,
                                        .code32 = true,
                                        .symbol = "main",
                                        .symbol_offset = 0x23};
static const rt386_insn_event mov_read = {.cs = 0x3b,
                                          .eip = 0x401130,
                                          .linear = 0x10401130,
                                          .bytes = {0x26, 0xa1, 0xfe, 0x0f, 0, 0},
                                          .length = 6,
                                          .code32 = true};

static rt386_call_event call_event(bool leaving, uint32_t result, uint32_t status)
{
    return (rt386_call_event){.name = "CreateRtMemoryHandle",
                              .arguments = "pOffset=0x00010000, cbSize=4096",
                              .process = 0x28,
                              .thread = 0x30,
                              .process_name = "maker",
                              .leaving = leaving,
                              .result = result,
                              .status = status,
                              .status_name = status ? "E_SLOT" : "E_OK"};
}

static rt386_table_event table_event(const uint8_t before[8], const uint8_t after[8])
{
    rt386_table_event e = {.selector = 0x280,
                           .linear = 0x280,
                           .before = rt386_desc_decode(before),
                           .after = rt386_desc_decode(after)};
    snprintf(e.owner, sizeof e.owner, "memory handle of process maker");
    return e;
}

static void add_check(rt386_explanation *e, const char *rule, bool passed, uint32_t have,
                      uint32_t want)
{
    bool after = e->count && e->checks[e->count - 1].state != RT386_CHECK_PASSED;
    rt386_check_state state = after    ? RT386_CHECK_NOT_REACHED
                              : passed ? RT386_CHECK_PASSED
                                       : RT386_CHECK_FAILED;
    e->checks[e->count++] = (rt386_check){.rule = rule_id(rule),
                                          .passed = state == RT386_CHECK_PASSED,
                                          .state = state,
                                          .have = have,
                                          .want = want};
    if (state == RT386_CHECK_FAILED) e->fault.rule = rule_id(rule);
}

static rt386_explanation load_explanation(const uint8_t bytes[8], bool granted)
{
    rt386_explanation e = {.purpose = "load of a data segment register",
                           .selector = 0x280,
                           .cpl = 3,
                           .located = true,
                           .descriptor_at = 0x280,
                           .desc = rt386_desc_decode(bytes)};
    add_check(&e, "SEGM_TABLE_GDT", true, 0x287, 0xffff);
    add_check(&e, "SEGM_DATA_TYPE", true, 0x12, 0x10);
    add_check(&e, "SEGM_DATA_READABLE", true, 0x12, 0x12);
    add_check(&e, "SEGM_DATA_DPL_CPL", granted, granted ? 3 : 0, 3);
    add_check(&e, "SEGM_DATA_DPL_RPL", granted, granted ? 3 : 0, granted ? 0 : 3);
    add_check(&e, "SEGM_DATA_PRESENT", true, 1, 1);
    if (granted) return e;
    e.fault = (rt386_fault){.raised = true,
                            .vector = 13,
                            .has_error = true,
                            .error = 0x280,
                            .rule = e.fault.rule,
                            .cs = 0x3b,
                            .eip = 0x401123};
    return e;
}

static void show_load(struct page *p, const rt386_explanation *why)
{
    struct view_load load = {
        .why = why, .insn = &mov_es, .reg = RT386_ES, .handle = true, .process = "user"};
    p->view.ops->load(p->view.ctx, &load);
}

static void show_limit_fault(struct page *p)
{
    rt386_explanation why = {
        .purpose = "read through a segment register", .selector = 0x280, .cpl = 3};
    add_check(&why, "SEGM_USE_NULL", true, 1, 1);
    add_check(&why, "SEGM_LIMIT_UP", false, 0x1001, 0xfff);
    rt386_event_event event = {.vector = 13,
                               .source = 'f',
                               .has_access = true,
                               .seg = RT386_ES,
                               .offset = 0xffe,
                               .size = 4,
                               .access = RT386_READ};
    event.fault = (rt386_fault){.raised = true,
                                .vector = 13,
                                .has_error = true,
                                .rule = rule_id("SEGM_LIMIT_UP"),
                                .cs = 0x3b,
                                .eip = 0x401130};
    struct view_event v = {.event = &event,
                           .insn = &mov_read,
                           .access = &why,
                           .have_desc = true,
                           .desc = rt386_desc_decode(handle_bytes),
                           .process = "user"};
    v.seg = (rt386_seg){
        .selector = 0x280, .usable = true, .base = 0x14000, .limit = 0xfff, .lo = 0, .hi = 0xfff};
    p->view.ops->event(p->view.ctx, &v);
}

/* The selector 0x001b of the reference: refused with error code 0x0018, and both are named. */
static void show_refused(struct page *p)
{
    rt386_explanation why = load_explanation(kernel_bytes, false);
    why.selector = 0x1b;
    why.fault.error = 0x18;
    why.descriptor_at = 0x18;
    show_load(p, &why);
    rt386_event_event event = {.vector = 13, .source = 'f', .fault = why.fault};
    struct view_event v = {.event = &event, .insn = &mov_es, .load = &why, .process = "user"};
    p->view.ops->event(p->view.ctx, &v);
}

static void show_page_fault(struct page *p)
{
    rt386_event_event event = {.vector = 14, .source = 'f'};
    event.fault = (rt386_fault){.raised = true,
                                .vector = 14,
                                .has_error = true,
                                .error = 6,
                                .has_cr2 = true,
                                .cr2 = 0x10700123,
                                .rule = rule_id("PAGE_PTE_PRESENT"),
                                .cs = 0x3b,
                                .eip = 0x401130};
    struct view_event v = {.event = &event, .insn = &mov_read, .process = "user"};
    v.walk = (rt386_walk){.paging = true,
                          .linear = 0x10700123,
                          .pde_at = 0x11104,
                          .pde = 0x74067,
                          .pte_at = 0x74c00,
                          .pte = 0x10,
                          .pte_valid = true};
    p->view.ops->event(p->view.ctx, &v);
}

static void show_later(struct page *p)
{
    rt386_event_event event = {.vector = 6, .source = 'f'};
    event.fault = (rt386_fault){.raised = true,
                                .vector = 6,
                                .rule = rule_id("INSN_UNDEFINED"),
                                .cs = 0x3b,
                                .eip = 0x401130};
    rt386_insn_event insn = mov_read;
    struct view_event v = {
        .event = &event, .insn = &insn, .code = {0x0f, 0x4f, 0xc2}, .code_length = 3};
    insn.bytes[0] = 0x0f, insn.bytes[1] = 0x4f, insn.length = 2;
    p->view.ops->event(p->view.ctx, &v);
}

static void show_call(struct page *p, bool fails)
{
    rt386_call_event enter = call_event(false, 0, 0);
    rt386_call_event leave = fails ? call_event(true, 0xffff, 12) : call_event(true, 0x280, 0);
    rt386_table_event table = table_event(no_bytes, handle_bytes);
    p->view.ops->call(p->view.ctx, &enter);
    if (!fails) p->view.ops->table(p->view.ctx, &table, 8147);
    p->view.ops->call(p->view.ctx, &leave);
}

static void show_accesses(struct page *p)
{
    rt386_mem_event mem = {.seg = RT386_ES,
                           .offset = 0x10,
                           .linear = 0x14010,
                           .size = 2,
                           .access = RT386_WRITE,
                           .value = 0x1234};
    struct view_access access = {&mem, 0x280};
    p->view.ops->access(p->view.ctx, &access);
    mem.access = RT386_READ;
    p->view.ops->access(p->view.ctx, &access);
    struct view_accesses more = {RT386_ES, 0x280, 7, 9, 0x12, 0xfff};
    p->view.ops->accesses(p->view.ctx, &more);
}

static void show_run(struct page *p)
{
    const char *const files[] = {"maker.rta", "user.rta"};
    rt386_explanation granted = load_explanation(handle_bytes, true);
    p->view.ops->start(p->view.ctx, files, 2);
    p->view.ops->process(p->view.ctx, 0x28, "maker", true, 0);
    p->view.ops->console(p->view.ctx, "hello\r\nhalf", 11);
    p->view.ops->console(p->view.ctx, " line\n\"tail\"", 12);
    show_call(p, false);
    show_call(p, true);
    show_load(p, &granted);
    show_accesses(p);
    show_load(p, &granted);
    show_refused(p);
    show_limit_fault(p);
    show_page_fault(p);
    show_later(p);
    p->view.ops->post(p->view.ctx, 0x1c);
    p->view.ops->task(p->view.ctx, 0x18, 0x30);
    p->view.ops->process(p->view.ctx, 0x28, "maker", false, 5);
    struct view_hidden hidden = {1, 2, 3, 4};
    p->view.ops->hidden(p->view.ctx, &hidden);
    rt386_exit why = {.kind = RT386_EXIT_GUEST, .code = 5, .insns = 100, .clocks = 400};
    struct end end = end_of_run(&why, STOP_NONE, false);
    p->view.ops->end(p->view.ctx, &end);
}

static void golden(const char *name, const char *have)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", GOLDEN, name);
    if (getenv("RT386_GOLDEN_UPDATE")) {
        FILE *f = fopen(path, "w");
        cr_assert(f && fputs(have, f) >= 0 && fclose(f) == 0);
    }
    FILE *f = fopen(path, "r");
    cr_assert(f, "%s", path);
    char line[1024];
    unsigned n = 0;
    while (fgets(line, sizeof line, f)) {
        size_t len = strlen(line);
        n++;
        cr_assert(!strncmp(have, line, len), "%s line %u: want %shave %.200s", name, n, line, have);
        have += len;
    }
    fclose(f);
    cr_assert_str_eq(have, "", "%s: more text than expected", name);
}

Test(explain, page_of_a_run)
{
    struct page p;
    page_open(&p, false);
    show_run(&p);
    page_close(&p);
    for (const char *s = p.text; *s; s += strcspn(s, "\n") + 1)
        cr_expect_leq(strcspn(s, "\n"), TEXT_WIDTH, "%.100s", s);
    golden("explain.txt", p.text);
    free(p.text);
}

Test(explain, selector_and_error_code_are_not_mixed)
{
    struct page p;
    page_open(&p, false);
    show_refused(&p);
    page_close(&p);
    cr_assert(strstr(p.text, "selector 0x001b, error code 0x0018"), "%s", p.text);
    cr_assert(strstr(p.text, "not reached"), "%s", p.text);
    free(p.text);
}

Test(explain, colour_changes_no_word)
{
    struct page plain, colour;
    page_open(&plain, false);
    show_run(&plain);
    page_close(&plain);
    page_open(&colour, false);
    colour.app.out_colour = true;
    show_run(&colour);
    page_close(&colour);
    cr_assert(strstr(colour.text, "\033["));
    size_t n = 0; /* take the escapes out again */
    for (const char *s = colour.text; *s; s++) {
        if (*s == '\033')
            s += strcspn(s, "m");
        else
            colour.text[n++] = *s;
    }
    colour.text[n] = '\0';
    cr_assert_str_eq(colour.text, plain.text);
    free(plain.text);
    free(colour.text);
}

Test(jsonl, records_of_a_run)
{
    struct page p;
    page_open(&p, true);
    show_run(&p);
    page_close(&p);
    golden("run.jsonl", p.text);
    free(p.text);
}
