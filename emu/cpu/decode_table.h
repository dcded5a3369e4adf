/* decode_table.h: the rows of one level by slot, for decode.c: included once for each level, with TABLE and LEVEL
 * (a number, enum cpu_level) defined. Two rows for one slot do not compile.
 */
#define HAS_3(...) __VA_ARGS__
#if LEVEL >= 4
#define HAS_4(...) __VA_ARGS__
#else
#define HAS_4(...)
#endif
#if LEVEL >= 5
#define HAS_5(...) __VA_ARGS__
#else
#define HAS_5(...)
#endif
#if LEVEL >= 6
#define HAS_6(...) __VA_ARGS__
#else
#define HAS_6(...)
#endif
#if LEVEL >= 7
#define HAS_7(...) __VA_ARGS__
#else
#define HAS_7(...)
#endif
#if LEVEL >= 8
#define HAS_8(...) __VA_ARGS__
#else
#define HAS_8(...)
#endif
#if LEVEL <= 3
#define HAS_3TO3(...) __VA_ARGS__
#else
#define HAS_3TO3(...)
#endif
#if LEVEL <= 4
#define HAS_3TO4(...) __VA_ARGS__
#else
#define HAS_3TO4(...)
#endif
#if LEVEL == 6
#define HAS_6TO6(...) __VA_ARGS__
#else
#define HAS_6TO6(...)
#endif

static const uint16_t TABLE[SLOTS] = {
#define ROW(code, ext, name, a, b, c, body, w, u, checks, attrs, level, clocks, section)           \
    HAS_##level(PLACE_##ext([FIRST(0x##code, EXT_##ext)... LAST(0x##code, EXT_##ext, attrs)] =     \
                                ROW_##code##_##ext, ))
#include "i386.def"
#undef ROW
};

#undef HAS_3
#undef HAS_4
#undef HAS_5
#undef HAS_6
#undef HAS_7
#undef HAS_8
#undef HAS_3TO3
#undef HAS_3TO4
#undef HAS_6TO6
#undef TABLE
#undef LEVEL
