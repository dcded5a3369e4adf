/* log.h: messages by category. A sink is handed down; there is no global logger.
 *
 * LOG_GUEST is its own level: "the guest did this", in words its developer can use; the others are
 * about rt386 itself. */
#ifndef RT386_BASE_LOG_H
#define RT386_BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_GUEST, LOG_INFO, LOG_DEBUG };
enum log_category {
    LOGC_CPU,
    LOGC_MMU,
    LOGC_BUS,
    LOGC_DEV,
    LOGC_INTIME,
    LOGC_LOADER,
    LOGC_MACHINE
};

struct log_sink {
    void (*write)(void *ctx, enum log_level level, enum log_category category, const char *text);
    void *ctx;
    enum log_level max; /* messages above this level are dropped before formatting */
};

/* printf-like; a null sink drops everything; text is cut at 511 bytes. */
void log_to(const struct log_sink *sink, enum log_level level, enum log_category category,
            const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Stable ids: "cpu", "mmu" ... */
const char *log_category_name(enum log_category category);

#endif
