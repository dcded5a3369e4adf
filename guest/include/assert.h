/* assert.h of the guest C library: to be included again whenever NDEBUG has changed. */
#undef assert
#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition)                                                                          \
    ((condition) ? (void)0 : clib_assert_failed(#condition, __FILE__, __LINE__, __func__))
#endif

#ifndef RT386_GUEST_ASSERT_H
#define RT386_GUEST_ASSERT_H

#if !defined __cplusplus && __STDC_VERSION__ >= 201112L
#define static_assert _Static_assert
#endif

#ifdef __cplusplus
extern "C" {
#endif
/* Says on stderr what failed, and aborts. */
void clib_assert_failed(const char *condition, const char *file, int line, const char *function)
    __attribute__((noreturn));
#ifdef __cplusplus
}
#endif

#endif
