/* How a run ended: the status contract and the record. */
#include <criterion/criterion.h>
#include <string.h>

#include "end.h"

Test(end, fault_statuses)
{
    static const struct {
        unsigned vector;
        int status;
    } cases[] = {{6, 132},  {1, 133},  {3, 133},  {17, 135}, {0, 136},
                 {13, 139}, {12, 139}, {11, 139}, {10, 139}, {14, 139},
                 {8, 134},  {16, 136}, {7, 136},  {4, 139},  {5, 139}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_eq(end_fault_status(cases[i].vector), cases[i].status, "vector %u",
                     cases[i].vector);
}

Test(end, kinds_and_statuses)
{
    static const struct {
        rt386_exit_kind kind;
        uint32_t code;
        enum stop_reason reason;
        bool post;
        int status;
        const char *name;
        bool folded;
    } cases[] = {
        {RT386_EXIT_GUEST, 0, STOP_NONE, false, 0, "guest-exit", false},
        {RT386_EXIT_GUEST, 119, STOP_NONE, false, 119, "guest-exit", false},
        {RT386_EXIT_GUEST, 120, STOP_NONE, false, 120, "guest-exit", true},
        {RT386_EXIT_GUEST, 139, STOP_NONE, false, 139, "guest-exit", true},
        {RT386_EXIT_GUEST, 0x105, STOP_NONE, false, 5, "guest-exit", true},
        {RT386_EXIT_GUEST, 0xffffffff, STOP_NONE, false, 255, "guest-exit", true},
        {RT386_EXIT_HALT, 0, STOP_NONE, false, 0, "halt", false},
        {RT386_EXIT_HALT, 0xff, STOP_NONE, true, 0, "halt", false},
        {RT386_EXIT_HALT, 0x09, STOP_NONE, true, 134, "halt", false},
        {RT386_EXIT_SHUTDOWN_PORT, 0, STOP_NONE, false, 0, "shutdown", false},
        {RT386_EXIT_DEADLOCK, 0, STOP_NONE, false, 120, "deadlock", false},
        {RT386_EXIT_BUDGET, 0, STOP_NONE, false, 121, "limit", false},
        {RT386_EXIT_TIME, 0, STOP_NONE, false, 121, "limit", false},
        {RT386_EXIT_MISSING_CALL, 0, STOP_NONE, false, 122, "unsupported", false},
        {RT386_EXIT_TRIPLE_FAULT, 0, STOP_NONE, false, 134, "triple-fault", false},
        {RT386_EXIT_STOPPED, 0, STOP_TIMEOUT, false, 124, "timeout", false},
        {RT386_EXIT_STOPPED, 0, STOP_INT, false, 130, "interrupted", false},
        {RT386_EXIT_STOPPED, 0, STOP_TERM, false, 143, "interrupted", false},
        {RT386_EXIT_STOPPED, 0, STOP_OUTPUT, false, 125, "host", false},
        {RT386_EXIT_STOPPED, 0, STOP_NONE, false, 125, "host", false},
        {(rt386_exit_kind)77, 0, STOP_NONE, false, 125, "host", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rt386_exit why = {.kind = cases[i].kind, .code = cases[i].code};
        struct end e = end_of_run(&why, cases[i].reason, cases[i].post);
        cr_expect_eq(e.status, cases[i].status, "case %zu: %d", i, e.status);
        cr_expect_str_eq(e.kind, cases[i].name, "case %zu", i);
        cr_expect_eq(e.folded, cases[i].folded, "case %zu", i);
        cr_expect(e.text[0], "case %zu has a sentence", i);
    }
}

/* A trace knows no reason for a stop. */
Test(end, words_of_traces)
{
    for (unsigned kind = 0; kind <= RT386_EXIT_DIVERGED; kind++) {
        rt386_exit why = {.kind = (rt386_exit_kind)kind};
        cr_expect_str_eq(end_kind_name((rt386_exit_kind)kind),
                         end_of_run(&why, STOP_INT, false).kind, "kind %u", kind);
    }
    cr_expect_str_eq(end_kind_name((rt386_exit_kind)77), "host");
}

Test(end, fault_sentence)
{
    rt386_exit why = {.kind = RT386_EXIT_FAULT, .process = "user"};
    why.fault = (rt386_fault){.raised = true,
                              .vector = 13,
                              .has_error = true,
                              .error = 0x18,
                              .rule = 1,
                              .cs = 0x1b,
                              .eip = 0x1234};
    struct end e = end_of_run(&why, STOP_NONE, false);
    cr_assert_eq(e.status, 139);
    cr_assert(strstr(e.text, "process user"), "%s", e.text);
    cr_assert(strstr(e.text, "#GP"));
    cr_assert(strstr(e.text, "error code 0x0018"));
    cr_assert(strstr(e.text, "001b:00001234"));
}

Test(end, record)
{
    rt386_exit why = {.kind = RT386_EXIT_GUEST, .code = 300, .insns = 12, .clocks = 34};
    struct end e = end_of_run(&why, STOP_NONE, false);
    struct text t = {0};
    end_json(&t, &e);
    cr_assert_str_eq(text_str(&t),
                     "{\"schema\":\"rt386-run/1\",\"end\":{\"kind\":\"guest-exit\",\"status\":44,"
                     "\"code\":300,\"insns\":12,\"clocks\":34,"
                     "\"text\":\"the guest ended with exit code 300 (0x12c)\"}}");
    text_free(&t);
}

Test(end, triple_fault_names_the_chain)
{
    rt386_exit why = {.kind = RT386_EXIT_TRIPLE_FAULT, .chain_length = 3};
    why.chain[0] = (rt386_fault){.raised = true, .vector = 13, .rule = 1};
    why.chain[1] = (rt386_fault){.raised = true, .vector = 11, .rule = 1};
    why.chain[2] = (rt386_fault){.raised = true, .vector = 8, .rule = 1};
    struct end e = end_of_run(&why, STOP_NONE, false);
    cr_assert(strstr(e.text, "#GP"), "%s", e.text);
    cr_assert(strstr(e.text, "#NP"));
    cr_assert(strstr(e.text, "#DF"));
    struct text t = {0};
    end_json(&t, &e);
    cr_assert(strstr(text_str(&t), "\"chain\":["));
    text_free(&t);
}
