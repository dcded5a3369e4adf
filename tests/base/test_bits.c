#include <criterion/criterion.h>

#include "bits.h"

Test(bits, slices)
{
    uint64_t v = UINT64_C(0x8899aabbccddeeff);
    cr_assert_eq(bits64(v, 7, 0), 0xff);
    cr_assert_eq(bits64(v, 63, 56), 0x88);
    cr_assert_eq(bits64(v, 31, 0), 0xccddeeff);
    cr_assert_eq(bits64(v, 63, 32), 0x8899aabb);
    cr_assert_eq(bits64(v, 63, 63), 1);
}

Test(bits, masks_and_signs)
{
    cr_assert_eq(size_mask(1), 0xff);
    cr_assert_eq(size_mask(2), 0xffff);
    cr_assert_eq(size_mask(4), 0xffffffffu);
    cr_assert_eq(sign_extend(0x80, 1), 0xffffff80u);
    cr_assert_eq(sign_extend(0x17f, 1), 0x7f);
    cr_assert_eq(sign_extend(0x8000, 2), 0xffff8000u);
    cr_assert_eq(sign_extend(0x80000000u, 4), 0x80000000u);
}

Test(bits, little_endian_round_trip)
{
    uint8_t b[8];
    put64(b, UINT64_C(0x0102030405060708));
    cr_assert_eq(b[0], 8);
    cr_assert_eq(get16(b), 0x0708);
    cr_assert_eq(get32(b + 4), 0x01020304);
    cr_assert_eq(get64(b), UINT64_C(0x0102030405060708));
}
