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

static void show(struct page *p, const rt386_step *step, unsigned n, const rt386_insn_event *insn)
{
    struct view_steps v = {.step = step, .count = n, .insn = insn, .process = "user"};
    p->view.ops->steps(p->view.ctx, &v);
}

static void show_load(struct page *p, const rt386_explanation *why)
{
    static const rt386_seg was = {0x43, true, 0x10000000, 0x7fffff, 0, 0x7fffff, 0xf3, 12};
    rt386_step step[2] = {{.kind = RT386_STEP_SELECTOR, .why = *why, .selector = why->selector},
                          {.kind = RT386_STEP_REGISTER,
                           .has_reg = true,
                           .reg = RT386_ES,
                           .before = was,
                           .after = {why->selector, true, 0x14000, 0xfff, 0, 0xfff, 0xf3, 4}}};
    show(p, step, 2, &mov_es);
}

static rt386_step delivery(uint8_t vector)
{
    return (rt386_step){.kind = RT386_STEP_DELIVERY, .vector = vector, .source = 'f'};
}

static rt386_step limit_fault(void)
{
    rt386_step step = {
        .kind = RT386_STEP_FAULT,
        .has_reg = true,
        .reg = RT386_ES,
        .before = {0x280, true, 0x14000, 0xfff, 0, 0xfff, 0xf3, 4},
        .selector = 0x280,
        .offset = 0xffe,
        .linear = 0x14ffe,
        .size = 4,
        .vector = 13,
        .why = {.purpose = "read through a segment register", .selector = 0x280, .cpl = 3}};
    add_check(&step.why, "SEGM_USE_NULL", true, 1, 1);
    add_check(&step.why, "SEGM_LIMIT_UP", false, 0x1001, 0xfff);
    step.why.fault = (rt386_fault){.raised = true,
                                   .vector = 13,
                                   .has_error = true,
                                   .rule = rule_id("SEGM_LIMIT_UP"),
                                   .cs = 0x3b,
                                   .eip = 0x401130};
    return step;
}

static void show_limit_fault(struct page *p)
{
    rt386_step step[2] = {limit_fault(), delivery(13)};
    show(p, step, 2, &mov_read);
}

/* The entry was given back, and given away again. */
static void show_stale(struct page *p)
{
    rt386_step step = limit_fault();
    struct view_steps v = {.step = &step, .count = 1, .insn = &mov_read, .have_desc = true};
    v.desc = rt386_desc_decode(no_bytes);
    p->view.ops->steps(p->view.ctx, &v);
}

/* The selector 0x001b of the reference: refused with error code 0x0018, and both are named. */
static void show_refused(struct page *p)
{
    rt386_step step[3] = {{.kind = RT386_STEP_SELECTOR, .selector = 0x1b}, {0}, delivery(13)};
    rt386_explanation *why = &step[0].why;
    *why = load_explanation(kernel_bytes, false);
    why->selector = 0x1b;
    why->fault.error = 0x18;
    why->descriptor_at = 0x18;
    step[1] = step[0];
    step[1].kind = RT386_STEP_FAULT;
    step[1].vector = 13;
    show(p, step, 3, &mov_es);
}

static void show_page_fault(struct page *p)
{
    rt386_step step = {.kind = RT386_STEP_FAULT,
                       .has_reg = true,
                       .reg = RT386_ES,
                       .before = {0x280, true, 0x14000, 0x1fffffff, 0, 0x1fffffff, 0xf3, 4},
                       .selector = 0x280,
                       .offset = 0x106ec123,
                       .linear = 0x10700123,
                       .size = 4,
                       .access = RT386_WRITE,
                       .pages = 1,
                       .vector = 14};
    add_check(&step.why, "SEGM_USE_NULL", true, 1, 1);
    add_check(&step.why, "PAGE_PTE_PRESENT", false, 0, 1);
    step.why.fault = (rt386_fault){.raised = true,
                                   .vector = 14,
                                   .has_error = true,
                                   .error = 6,
                                   .has_cr2 = true,
                                   .cr2 = 0x10700123,
                                   .rule = rule_id("PAGE_PTE_PRESENT"),
                                   .cs = 0x3b,
                                   .eip = 0x401130};
    step.page[0].walk = (rt386_walk){.paging = true,
                                     .linear = 0x10700123,
                                     .pde_at = 0x11104,
                                     .pde = 0x74067,
                                     .pte_at = 0x74c00,
                                     .pte = 0x10,
                                     .pte_valid = true};
    step.page[0].pde_after = 0x74067;
    step.page[0].pte_after = 0x10;
    show(p, &step, 1, &mov_read);
}

static void show_later(struct page *p)
{
    rt386_step step = {.kind = RT386_STEP_FAULT, .vector = 6};
    step.why.fault = (rt386_fault){.raised = true,
                                   .vector = 6,
                                   .rule = rule_id("INSN_UNDEFINED"),
                                   .cs = 0x3b,
                                   .eip = 0x401130};
    rt386_insn_event insn = mov_read;
    struct view_steps v = {
        .step = &step, .count = 1, .insn = &insn, .code = {0x0f, 0x4f, 0xc2}, .code_length = 3};
    insn.bytes[0] = 0x0f, insn.bytes[1] = 0x4f, insn.length = 2;
    p->view.ops->steps(p->view.ctx, &v);
}

/* The bytes of the instruction cannot be read: there is no instruction. An interrupt has none either. */
static void show_without_insn(struct page *p)
{
    rt386_step step = {.kind = RT386_STEP_FAULT, .vector = 14};
    step.why.fault = (rt386_fault){.raised = true,
                                   .vector = 14,
                                   .has_error = true,
                                   .error = 4,
                                   .has_cr2 = true,
                                   .cr2 = 0x10500000,
                                   .rule = rule_id("PAGE_PDE_PRESENT"),
                                   .cs = 0x3b,
                                   .eip = 0x500000};
    show(p, &step, 1, NULL);
    step = (rt386_step){.kind = RT386_STEP_DELIVERY, .vector = 0x20, .source = 'x'};
    show(p, &step, 1, NULL);
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
    show_stale(p);
    show_page_fault(p);
    show_later(p);
    show_without_insn(p);
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

/* A guest writes byte by byte: no record ends in a character. */
Test(jsonl, text_of_bytes)
{
    struct page p;
    page_open(&p, true);
    for (unsigned i = 0; i < 3000; i++) {
        p.view.ops->console(p.view.ctx, "\xc3", 1);
        p.view.ops->console(p.view.ctx, &"\xa4x"[i % 2], 1);
    }
    struct view_hidden hidden = {1, 0, 0, 0};
    p.view.ops->hidden(p.view.ctx, &hidden);
    page_close(&p);
    unsigned good = 0, broken = 0;
    for (const char *s = p.text; (s = strstr(s, "\xc3\xa4")); s += 2)
        good++;
    for (const char *s = p.text; (s = strstr(s, "\\\\xc3x")); s += 6)
        broken++;
    cr_expect_eq(good, 1500, "%u", good);
    cr_expect_eq(broken, 1500, "%u", broken);
    free(p.text);
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
