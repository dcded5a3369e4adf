/* guest.h: small guests as bytes, for tests of the machine. */
#ifndef TEST_MACHINE_GUEST_H
#define TEST_MACHINE_GUEST_H

#include <criterion/criterion.h>
#include <rt386/rt386.h>
#include <string.h>

struct text {
    char bytes[4096];
    size_t n;
};

static inline void text_put(void *ctx, const char *bytes, size_t n)
{
    struct text *t = ctx;
    for (size_t i = 0; i < n && t->n + 1 < sizeof t->bytes; i++)
        t->bytes[t->n++] = bytes[i];
    t->bytes[t->n] = 0;
}

/* A machine with 2 MB and `code` as a flat binary at 1 MB. */
static inline rt386 *machine_with(const void *code, size_t n, struct text *out)
{
    rt386_config config = {.size = sizeof config, .memory = 2u << 20};
    if (out) {
        *out = (struct text){0};
        config.console = text_put;
        config.console_ctx = out;
    }
    rt386 *m = NULL;
    cr_assert_eq(rt386_create(&config, &m), RT386_OK);
    rt386_load_options o = {.size = sizeof o, .kind = RT386_IMAGE_RAW};
    cr_assert_eq(rt386_load_bytes(m, code, n, &o), RT386_OK, "%s", rt386_error(m));
    return m;
}

static inline uint64_t reg(const rt386 *m, const char *name)
{
    uint64_t v = 0;
    cr_assert_eq(rt386_reg_get(m, name, &v), RT386_OK, "register %s", name);
    return v;
}

#define CODE(...)         ((const uint8_t[]){__VA_ARGS__})
#define MACHINE(out, ...) machine_with(CODE(__VA_ARGS__), sizeof CODE(__VA_ARGS__), out)

#endif
