/* guest_machine.h: a machine with one of the build's guests in it, before its first instruction. */
#ifndef TEST_APP_GUEST_MACHINE_H
#define TEST_APP_GUEST_MACHINE_H

#include <criterion/criterion.h>
#include <rt386/rt386.h>
#include <stdio.h>
#include <stdlib.h>

/* guest: "demo/limit.elf", in the folder that RT386_TEST_GUESTS names. The caller destroys the machine. */
static inline rt386 *machine_of(const char *guest)
{
    const char *folder = getenv("RT386_TEST_GUESTS");
    char path[512];
    rt386 *m;
    const rt386_config config = {.size = sizeof config};
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "guest", guest);
    cr_assert_eq(rt386_create(&config, &m), RT386_OK);
    cr_assert_eq(rt386_load_file(m, path, NULL), RT386_OK, "%s", rt386_error(m));
    return m;
}

#endif
