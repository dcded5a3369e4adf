/* lab_fixture.h: the lab without a window, with a guest of the tree, and what can be read in it. */
#ifndef TEST_APP_LAB_FIXTURE_H
#define TEST_APP_LAB_FIXTURE_H

#include "inside.h"
#include "reg_value.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
    rt386 *m;
    struct chronicle *chronicle;
    struct lab *l;
};

static inline void on_text(void *ctx, const char *bytes, size_t n)
{
    struct view v = chronicle_view(ctx);
    v.ops->console(v.ctx, bytes, n);
}

static inline struct fixture begin(const char *guest)
{
    char path[400];
    const char *folder = getenv("RT386_TEST_GUESTS");
    struct fixture f = {.chronicle = chronicle_new()};
    cr_assert(folder, "the environment names no folder of guests");
    snprintf(path, sizeof path, "%s/%s", folder, guest);
    rt386_config config = {.size = sizeof config, .console = on_text, .console_ctx = f.chronicle};
    rt386_load_options load = {.size = sizeof load};
    cr_assert_eq(rt386_create(&config, &f.m), RT386_OK);
    cr_assert_eq(rt386_load_file(f.m, path, &load), RT386_OK, "%s: %s", path, rt386_error(f.m));
    cr_assert_eq(chronicle_attach(f.chronicle, f.m), RT386_OK);
    f.l = lab_new(NULL, f.m, f.chronicle, "guest");
    cr_assert_not_null(f.l);
    return f;
}

static inline void end(struct fixture *f)
{
    lab_free(f->l);
    rt386_destroy(f->m);
    chronicle_free(f->chronicle);
}

static inline void done(struct lab *l, const char *line)
{
    cr_expect(lab_line(l, line), "%s: %s", line, l->message);
    for (unsigned i = 0; l->running && i < 1000; i++)
        lab_tick(l, 20000000);
    cr_expect_not(l->running, "%s goes on", line);
}

static inline bool sees(struct lab *l, const char *what)
{
    struct text t = {0};
    lab_words(l, 1280, 800, &t);
    bool there = strstr(text_str(&t), what) != NULL;
    if (!there) fprintf(stderr, "'%s' is not in:\n%s\n", what, text_str(&t));
    text_free(&t);
    return there;
}

static inline uint32_t reg(struct lab *l, const char *name)
{
    return (uint32_t)reg_value(lab_machine(l), name);
}

#endif
