/* statuses.h: what the tests of status codes share: each call with each code of its row, by family. */
#ifndef RT386_TESTS_STATUSES_H
#define RT386_TESTS_STATUSES_H

#include "fake.h"

#define SCRATCH (FAKE_DATA + 0x100)

/* Which (row, status) pairs have been seen; by position in the row's lists. */
struct seen {
    bool ok[512];
    bool documented[512][STATUS_MAX], own[512][STATUS_MAX];
};

void mark(struct seen *seen, const struct row *row, uint32_t status);
/* The call's outcome: its status, and the last error changed on failure only (it was 7777). */
void want(struct fake *f, struct seen *seen, uint32_t status, const char *name, uint32_t eax);
#define WANT(status, name, n, ...) want(f, seen, status, name, fake_call(f, name, n, ##__VA_ARGS__))
/* A handle that stands for an object of another node. */
uint32_t reference(struct fake *f, uint8_t type, const char *name);

/* test_status_threads.c */
void thread_calls(struct fake *f, struct seen *seen);
void making_calls(struct fake *f, struct seen *seen);
/* test_status_rsl.c */
void rsl_calls(struct fake *f, struct seen *seen);
/* test_status_processes.c */
void process_calls(struct fake *f, struct seen *seen);
void process_ends(struct fake *f, struct seen *seen);
/* test_status_events.c */
void notify_calls(struct fake *f, struct seen *seen);
void event_calls(struct fake *f, struct seen *seen);
void event_thread_calls(struct fake *f, struct seen *seen);
void sponsor_calls(struct fake *f, struct seen *seen);
void terminate_calls(struct fake *f, struct seen *seen);
/* test_status_objects.c */
void mailbox_calls(struct fake *f, struct seen *seen);
void kn_calls(struct fake *f, struct seen *seen);
void kn_deleted(struct fake *f, struct seen *seen);
void time_calls(struct fake *f, struct seen *seen);
void heap_calls(struct fake *f, struct seen *seen);
void queue_calls(struct fake *f, struct seen *seen);
void port_calls(struct fake *f, struct seen *seen);
/* test_status_services.c */
void service_calls(struct fake *f, struct seen *seen);
/* test_status_interrupts.c */
void interrupt_calls(struct fake *f, struct seen *seen);
void interrupt_threads(struct fake *f, struct seen *seen);
/* test_status_files.c */
void object_file_calls(struct fake *f, struct seen *seen);
/* test_status_net.c */
void net_calls(struct fake *f, struct seen *seen);
/* test_status_scarce.c */
void scarce_calls(struct fake *f, struct seen *seen);
/* test_status_reports.c */
void account_calls(struct fake *f, struct seen *seen);
void long_name_calls(struct fake *f, struct seen *seen);
void log_calls(struct fake *f, struct seen *seen);

#endif
