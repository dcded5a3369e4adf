/* test_lab.c: the lab without a window: its commands and keys against what they should do to the guest and to what is seen. */
#include "checks.h"
#include "lab_fixture.h"
#include "lesson.h"

/* ---- moves ---------------------------------------------------------------------------------------------------- */

Test(lab, steps_go_on_and_back)
{
    struct fixture f = begin("demo/limit.elf");
    uint32_t at[6];
    for (unsigned i = 0; i < 6; i++) {
        at[i] = reg(f.l, "eip");
        lab_typed(f.l, "s");
    }
    for (unsigned i = 6; i--;) {
        lab_key(f.l, "left");
        cr_expect_eq(reg(f.l, "eip"), at[i], "%u back", i);
    }
    cr_expect(sees(f.l, "past"));
    done(f.l, "step 6");
    cr_expect(sees(f.l, "live"));
    done(f.l, "back 1000");
    cr_expect_eq(debugger_place(f.l->d).insns, 0);
    end(&f);
}

Test(lab, what_a_step_changes_is_marked)
{
    struct fixture f = begin("demo/limit.elf");
    cr_expect_not(lab_changed(f.l, "eip"), "nothing has moved yet");
    done(f.l, "step");
    cr_expect(lab_changed(f.l, "eip"));
    cr_expect_not(lab_changed(f.l, "cr3"));
    end(&f);
}

Test(lab, a_breakpoint_stops_a_run_however_it_is_cut)
{
    struct fixture f = begin("demo/limit.elf");
    char line[60];
    done(f.l, "step 200");
    uint32_t there = lab_pc(f.l);
    done(f.l, "go 0");
    done(f.l, "live");
    end(&f);
    uint64_t first = 0;
    for (unsigned most = 1; most < 8; most++) {
        f = begin("demo/limit.elf");
        snprintf(line, sizeof line, "break 0x%08x", there);
        done(f.l, line);
        cr_expect(lab_line(f.l, "run"));
        for (unsigned i = 0; f.l->running && i < 1000; i++) {
            f.l->slice = most;
            lab_tick(f.l, 1);
        }
        cr_expect_not(f.l->running);
        cr_expect_eq(lab_pc(f.l), there);
        if (!first) first = debugger_place(f.l->d).insns;
        cr_expect_eq(debugger_place(f.l->d).insns, first, "slices of %u", most);
        end(&f);
    }
}

Test(lab, break_at_the_selected_line_and_off_again)
{
    struct fixture f = begin("demo/limit.elf");
    done(f.l, "pane code");
    lab_typed(f.l, "b");
    cr_expect_eq(f.l->points.n, 1);
    cr_expect_not_null(lab_point_at(f.l, lab_pc(f.l)));
    lab_typed(f.l, "b");
    cr_expect_eq(f.l->points.n, 0);
    lab_key(f.l, "down");
    lab_typed(f.l, "b");
    cr_expect_eq(f.l->points.n, 1);
    cr_expect_null(lab_point_at(f.l, lab_pc(f.l)));
    end(&f);
}

Test(lab, watches_of_all_three_kinds_and_faults_stop_it)
{
    struct fixture f = begin("demo/limit.elf");
    done(f.l, "catch 13");
    done(f.l, "run");
    cr_expect(sees(f.l, "#GP general protection"));
    cr_expect(sees(f.l, "SEGM_LIMIT_UP"), "the checks of the refused access");
    cr_expect(sees(f.l, "not reached"), "the address row ends at the segment");
    uint32_t esp = reg(f.l, "esp"), base = rt386_seg_get(f.m, RT386_SS).base;
    rt386_walk w = rt386_page_walk(f.m, base + esp);
    end(&f);
    char line[3][60];
    snprintf(line[0], sizeof *line, "watch ss:0x%x,4", esp);
    snprintf(line[1], sizeof *line, "watch 0x%x,4", base + esp);
    snprintf(line[2], sizeof *line, "watch phys:0x%x,4", w.phys);
    uint64_t at[3];
    for (unsigned i = 0; i < 3; i++) {
        f = begin("demo/limit.elf");
        done(f.l, line[i]);
        done(f.l, "run");
        cr_expect_eq(f.l->stop.reason, DEBUG_MET, "%s: %s", line[i], f.l->message);
        at[i] = debugger_place(f.l->d).insns;
        done(f.l, "step 30");
        done(f.l, "run-back");
        cr_expect_leq(debugger_place(f.l->d).insns, at[i] + 30);
        end(&f);
    }
    cr_expect(at[0] == at[1] && at[1] == at[2]);
}

/* ---- what is followed --------------------------------------------------------------------------------------------- */

Test(lab, from_a_register_to_its_descriptor_to_its_memory)
{
    struct fixture f = begin("demo/limit.elf");
    done(f.l, "catch 13");
    done(f.l, "run");
    rt386_seg es = rt386_seg_get(f.m, RT386_ES);
    done(f.l, "select segments 0");
    lab_key(f.l, "return");
    cr_expect_eq(f.l->focus, PANE_GDT);
    cr_expect_eq(f.l->pane[PANE_GDT].selected, es.selector >> 3);
    lab_key(f.l, "return");
    cr_expect_eq(f.l->focus, PANE_MEMORY);
    cr_expect_eq(f.l->memory.at, es.base);
    lab_key(f.l, "backspace");
    lab_key(f.l, "backspace");
    cr_expect_eq(f.l->focus, PANE_SEGMENTS);
    cr_expect_not(lab_line(f.l, "return"));
    done(f.l, "select gdt 0");
    cr_expect_not(lab_line(f.l, "follow"), "the null descriptor leads nowhere");
    end(&f);
}

Test(lab, a_gate_leads_to_its_code_segment)
{
    struct fixture f = begin("demo/limit.elf");
    rt386_desc d;
    cr_assert_eq(rt386_table_entry(f.m, RT386_IDT, 13, &d, NULL), RT386_OK);
    done(f.l, "select idt 13");
    done(f.l, "follow");
    cr_expect_eq(f.l->focus, d.selector & 4 ? PANE_LDT : PANE_GDT);
    cr_expect_eq(f.l->pane[f.l->focus].selected, d.selector >> 3);
    end(&f);
}

/* ---- what if ---------------------------------------------------------------------------------------------------------- */

/* Before the first load of a memory handle's selector that is not refused. */
static uint16_t before_a_load(struct lab *l)
{
    char line[40];
    done(l, "catch 13");
    done(l, "run");
    uint16_t selector = rt386_seg_get(lab_machine(l), RT386_ES).selector;
    done(l, "delete");
    snprintf(line, sizeof line, "catch selector:0x%x", selector);
    done(l, line);
    done(l, "run-back");
    for (unsigned i = 0; i < 40; i++) { /* not LAR, LSL, VERR: those raise nothing */
        const struct what_if *what;
        const struct look *then, *now = checks_look(l, &what, &then);
        if (now->selector && !strncmp(now->selector->why.purpose, "load", 4)) break;
        done(l, "run-back");
    }
    return selector;
}

Test(lab, a_flipped_bit_is_tried_on_a_copy)
{
    struct fixture f = begin("demo/limit.elf");
    const struct what_if *what;
    const struct look *then, *now;
    char line[60];
    uint16_t selector = before_a_load(f.l);
    rt386_place here = debugger_place(f.l->d);
    now = checks_look(f.l, &what, &then);
    cr_assert_not_null(now->selector);
    cr_expect_eq(now->selector->why.selector & ~3, selector & ~3);
    cr_expect_not(now->result->fault.raised);
    cr_expect_null(what);
    snprintf(line, sizeof line, "what-if %04x p", selector);
    done(f.l, line);
    now = checks_look(f.l, &what, &then);
    cr_assert_not_null(then);
    cr_expect_not(now->result->fault.raised);
    cr_expect(then->result->fault.raised && then->result->fault.vector == 11, "#NP");
    cr_expect_eq(then->result->fault.error, selector & 0xfffc);
    cr_expect(sees(f.l, "#NP"));
    snprintf(line, sizeof line, "what-if %04x dpl 0", selector);
    done(f.l, line);
    (void)checks_look(f.l, &what, &then);
    cr_expect(then->result->fault.raised && then->result->fault.vector == 13, "#GP");
    cr_expect_eq(what->after.dpl, 0);
    rt386_desc d;
    cr_assert_eq(rt386_table_entry(lab_machine(f.l), RT386_GDT, selector >> 3, &d, NULL), RT386_OK);
    cr_expect(d.present && d.dpl == 3, "the machine itself is as it was");
    cr_expect_eq(debugger_place(f.l->d).clocks, here.clocks);
    done(f.l, "what-if");
    (void)checks_look(f.l, &what, &then);
    cr_expect_null(then);
    end(&f);
}

Test(lab, fields_in_two_pieces_are_put_together)
{
    struct fixture f = begin("demo/limit.elf");
    const struct what_if *what;
    const struct look *then;
    char line[60];
    uint16_t selector = before_a_load(f.l);
    snprintf(line, sizeof line, "what-if %04x base 0x12345678", selector);
    done(f.l, line);
    (void)checks_look(f.l, &what, &then);
    cr_expect_eq(what->after.base, 0x12345678);
    cr_expect_eq(what->after.limit_field, what->before.limit_field);
    snprintf(line, sizeof line, "what-if %04x limit 0xabcde", selector);
    done(f.l, line);
    (void)checks_look(f.l, &what, &then);
    cr_expect_eq(what->after.limit_field, 0xabcde);
    cr_expect_eq(what->after.base, what->before.base);
    cr_expect_not(lab_line(f.l, "what-if 0068 limit"), "takes a value");
    cr_expect_not(lab_line(f.l, "what-if 0068 dpl 4"), "does not fit");
    cr_expect_not(lab_line(f.l, "what-if 0068 colour"));
    cr_expect_not(lab_line(f.l, "what-if zz p"));
    end(&f);
}

/* ---- panes ------------------------------------------------------------------------------------------------------------- */

Test(lab, every_pane_is_drawn_in_every_size)
{
    static const char *const guests[] = {"demo/limit.elf", "ring0/ring0_paging.elf",
                                         "ring0/ring0_tasks.elf", "bare/bare_hello.elf"};
    static const float size[][2] = {{1280, 800}, {800, 500}, {1920, 1080}, {200, 150}};
    for (unsigned g = 0; g < sizeof guests / sizeof *guests; g++) {
        struct fixture f = begin(guests[g]);
        for (unsigned round = 0; round < 2; round++) {
            for (unsigned p = 0; p < PANE_LESSON; p++)
                for (unsigned i = 0; i < 8; i++) {
                    struct text t = {0};
                    lab_focus(f.l, p);
                    f.l->zoomed = i >= 4;
                    lab_words(f.l, size[i % 4][0], size[i % 4][1], &t);
                    cr_expect(strstr(text_str(&t), panes[p].title), "%s: %s", guests[g],
                              panes[p].name);
                    text_free(&t);
                }
            (void)lab_line(f.l, "step 3000");
        }
        end(&f);
    }
}

Test(lab, no_ldt_is_said_so)
{
    struct fixture f = begin("ring0/ring0_paging.elf");
    done(f.l, "pane ldt");
    cr_expect(sees(f.l, "no LDT: LDTR holds a null selector"));
    done(f.l, "pane pages");
    cr_expect(sees(f.l, "paging is off"));
    end(&f);
}

Test(lab, the_console_shows_what_was_written_by_then)
{
    struct fixture f = begin("demo/limit.elf");
    done(f.l, "catch 13");
    done(f.l, "run");
    cr_expect(sees(f.l, "its last byte is outside"));
    done(f.l, "back 30000");
    struct text t = {0};
    lab_words(f.l, 1280, 800, &t);
    cr_expect_null(strstr(text_str(&t), "its last byte is outside"));
    text_free(&t);
    end(&f);
}

/* At the beginning of a function that was compiled with line numbers. */
Test(lab, instructions_have_their_source_line)
{
    struct fixture f = begin("demo/debugged.elf");
    char path[400], line[60];
    snprintf(path, sizeof path, "%s/demo/debugged.elf", getenv("RT386_TEST_GUESTS"));
    char *files[] = {path};
    const char *text;
    struct source_place place;
    f.l->sources = sources_new(files, 1);
    cr_assert_not_null(f.l->sources);
    uint32_t behind = 1, at = 0x401000;
    const char *name = NULL;
    for (; at < 0x402000 && (!name || behind || strcmp(name, "gather") != 0); at++)
        name = code_symbol(f.l, at, &behind);
    at--;
    cr_expect_not(lab_line(f.l, "break nowhere.c:3"));
    if (sources_at(f.l->sources, f.m, at, &place, &text)) {
        snprintf(line, sizeof line, "break debugged.c:%u", place.line);
        done(f.l, line);
        cr_expect_not_null(lab_point_at(f.l, rt386_seg_get(f.m, RT386_CS).base + at));
        done(f.l, "delete");
    }
    snprintf(line, sizeof line, "break cs:0x%x", at);
    done(f.l, line);
    done(f.l, "run");
    cr_expect_eq(reg(f.l, "eip"), at);
    cr_expect(sees(f.l, "gather:"));
    /* a build without libdw has the name only */
    if (sources_at(f.l->sources, f.m, at, &place, &text)) cr_expect(sees(f.l, "debugged.c:2"));
    sources_free(f.l->sources);
    end(&f);
}

/* ---- lessons -------------------------------------------------------------------------------------------------------------- */

Test(lab, a_lesson_is_read_answered_and_turned)
{
    char err[200], line[80];
    struct lesson_question q;
    struct lesson *lesson = lesson_open("4", 1, err, sizeof err, NULL);
    cr_assert_not_null(lesson, "%s", err);
    struct chronicle *chronicle = chronicle_new();
    struct lab *l = lab_new(NULL, lesson_machine(lesson), chronicle, "lesson");
    cr_assert_not_null(l);
    page_begin(l, lesson);
    cr_expect(sees(l, "The hidden part"));
    cr_assert(lesson_reveal(lesson, 0, &q));
    snprintf(line, sizeof line, "answer 1 %s", q.correct);
    rt386_place at = debugger_place(l->d);
    done(l, "step 2");
    done(l, line);
    cr_expect(sees(l, "right: "), "asked of the machine as the step left it");
    cr_expect_not(lab_line(l, "answer 9 1"));
    cr_expect_not(lab_line(l, "page no-such-step"));
    for (unsigned i = 0; i < 4; i++) { /* both layouts, and alone */
        struct text t = {0};
        l->zoomed = i & 1;
        lab_words(l, i & 2 ? 800 : 1280, i & 2 ? 500 : 800, &t);
        cr_expect(strstr(text_str(&t), "Lesson"));
        text_free(&t);
    }
    l->zoomed = false;
    lab_typed(l, ">");
    cr_expect_eq(lesson_step(lesson), 1);
    cr_expect(sees(l, "The table is changed"));
    lab_typed(l, "H");
    cr_expect_str_eq(l->prompt, "hint 1 ");
    lab_key(l, "return");
    lab_typed(l, "<");
    cr_expect_eq(lesson_step(lesson), 0);
    cr_expect_eq(debugger_place(l->d).insns, at.insns, "the step's machine, not the explored one");
    cr_expect(sees(l, "right: "), "answers stay");
    lab_free(l);
    lesson_close(lesson);
    chronicle_free(chronicle);
}

/* ---- keys and the pointer ------------------------------------------------------------------------------------------------ */

Test(lab, a_click_selects_what_is_under_it)
{
    struct fixture f = begin("demo/limit.elf");
    struct text t = {0};
    lab_words(f.l, 1280, 800, &t);
    text_free(&t);
    const struct lab_hit *row = NULL;
    for (unsigned i = 0; i < f.l->hits; i++)
        if (!strcmp(f.l->hit[i].once, "select gdt 3")) row = &f.l->hit[i];
    cr_assert_not_null(row);
    float x = row->at.x + 20, y = row->at.y + 5;
    lab_click(f.l, x, y, false);
    cr_expect_eq(f.l->focus, PANE_GDT);
    cr_expect_eq(f.l->pane[PANE_GDT].selected, 3);
    lab_wheel(f.l, x, y, 5);
    cr_expect_eq(f.l->pane[PANE_GDT].top, 5);
    lab_click(f.l, 0, 0, false);
    end(&f);
}

Test(lab, a_command_is_typed)
{
    struct fixture f = begin("demo/limit.elf");
    done(f.l, "go 10");
    for (const char *s = ":stepx"; *s; s++)
        lab_typed(f.l, (const char[]){*s, 0});
    lab_key(f.l, "backspace");
    for (const char *s = " 4"; *s; s++)
        lab_typed(f.l, (const char[]){*s, 0});
    cr_expect(sees(f.l, "step 4"));
    lab_key(f.l, "return");
    cr_expect_eq(debugger_place(f.l->d).insns, 14);
    lab_typed(f.l, "g");
    lab_typed(f.l, "2");
    lab_key(f.l, "return");
    cr_expect_eq(debugger_place(f.l->d).insns, 2);
    lab_typed(f.l, "g");
    lab_key(f.l, "escape");
    cr_expect_not(f.l->prompting);
    cr_expect_not(lab_line(f.l, "stpe"));
    cr_expect(strstr(f.l->message, "the nearest is step"));
    end(&f);
}

Test(lab, the_help_lists_every_command_and_closes)
{
    struct fixture f = begin("demo/limit.elf");
    struct lab_help one;
    char keys[80];
    unsigned n = 0, with_key = 0;
    lab_typed(f.l, "?");
    cr_expect(f.l->help);
    for (; lab_help_at(n, &one, keys, sizeof keys); n++)
        with_key += *keys != '\0';
    cr_expect_gt(n, 20);
    cr_expect_geq(with_key, n - 1, "all but select have a key");
    lab_key(f.l, "escape");
    cr_expect_not(f.l->help);
    end(&f);
}

Test(lab, the_keyboard_gets_to_every_pane)
{
    struct fixture f = begin("demo/limit.elf");
    bool seen[PANE_COUNT] = {false};
    for (unsigned i = 0; i < 8; i++) {
        lab_key(f.l, "tab");
        for (unsigned k = 0; k < 10; k++) {
            seen[f.l->focus] = true;
            lab_typed(f.l, "]");
        }
    }
    for (unsigned p = 0; p < PANE_COUNT; p++)
        cr_expect(seen[p] || p == PANE_LESSON, "%s", panes[p].name);
    end(&f);
}
