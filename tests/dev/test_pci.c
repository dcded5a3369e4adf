#include <criterion/criterion.h>

#include "pci.h"

Test(pci, the_address_register_is_there)
{
    struct bus *bus = bus_new();
    struct pci pci;
    cr_assert_eq(pci_init(&pci, bus), ST_OK);
    cr_expect_eq(bus_in(bus, 0xcf8, 4), 0);
    bus_out(bus, 0xcf8, 4, 0x80000000);
    cr_expect_eq(bus_in(bus, 0xcf8, 4), 0x80000000, "how software knows mechanism 1");
    bus_out(bus, 0xcf8, 4, 0xffffffff);
    cr_expect_eq(bus_in(bus, 0xcf8, 4), 0x80fffffc, "reserved bits are 0");
    bus_out(bus, 0xcf8, 1, 0x55);
    bus_out(bus, 0xcfb, 1, 1);
    bus_out(bus, 0xcfa, 2, 0x1234);
    cr_expect_eq(bus_in(bus, 0xcf8, 4), 0x80fffffc, "dwords only");
    cr_expect_eq(bus_in(bus, 0xcf8, 1), 0xff);
    bus_free(bus);
}

Test(pci, no_device_answers)
{
    struct bus *bus = bus_new();
    struct pci pci;
    cr_assert_eq(pci_init(&pci, bus), ST_OK);
    for (uint32_t device = 0; device < 32; device++) {
        bus_out(bus, 0xcf8, 4, 0x80000000 | device << 11);
        cr_expect_eq(bus_in(bus, 0xcfc, 4), 0xffffffff);
        cr_expect_eq(bus_in(bus, 0xcfe, 2), 0xffff);
        cr_expect_eq(bus_in(bus, 0xcff, 1), 0xff);
        bus_out(bus, 0xcfc, 4, 0x12345678); /* goes nowhere */
        cr_expect_eq(bus_in(bus, 0xcfc, 4), 0xffffffff);
    }
    bus_free(bus);
}
