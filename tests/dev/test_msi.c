#include <criterion/criterion.h>

#include "msi.h"

#define AT phys(0xFEE00000)

static void level(void *ctx, bool up)
{
    *(bool *)ctx = up;
}

Test(msi, the_highest_vector_first_each_once)
{
    bool up = false;
    struct msi msi;
    struct bus *bus = bus_new();
    const struct irq_line out = {level, &up};
    cr_assert_eq(msi_init(&msi, &out, bus), ST_OK);
    cr_expect_eq(msi_acknowledge(&msi), -1);
    bus_write(bus, AT, 4, 0x61);
    bus_write(bus, phys(0xFEEFF00C), 4, 0xC0);
    bus_write(bus, AT, 4, 0x61);
    cr_expect(up);
    cr_expect_eq(msi_acknowledge(&msi), 0xC0);
    cr_expect_eq(msi_acknowledge(&msi), 0x61);
    cr_expect_not(up);
    cr_expect_eq(msi_acknowledge(&msi), -1);
    cr_expect_eq(bus_read(bus, AT, 4), 0xFFFFFFFF);
    bus_free(bus);
}

Test(msi, what_is_no_message_is_ignored)
{
    bool up = false;
    struct msi msi;
    struct bus *bus = bus_new();
    const struct irq_line out = {level, &up};
    cr_assert_eq(msi_init(&msi, &out, bus), ST_OK);
    bus_write(bus, AT, 1, 0x61);
    bus_write(bus, AT, 4, 0x0F);  /* an exception's vector */
    bus_write(bus, AT, 4, 0xFF);  /* spurious */
    bus_write(bus, AT, 4, 0x461); /* NMI */
    cr_expect_not(up);
    msi_mask(&msi, true);
    bus_write(bus, AT, 4, 0x61);
    cr_expect_not(up);
    cr_expect_eq(msi_acknowledge(&msi), -1);
    msi_mask(&msi, false);
    cr_expect(up);
    cr_expect_eq(msi_acknowledge(&msi), 0x61);
    bus_free(bus);
}
