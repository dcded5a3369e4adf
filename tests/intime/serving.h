/* serving.h: services for tests: a descriptor, and the test in the place of a handler.
 *
 *   the service's thread runs whenever somebody waits for a handler: serve_start lets it take the request, serve_end
 *   leaves a code in pExcep and goes on; then the caller runs again, if nobody better is there
 */
#ifndef RT386_TESTS_SERVING_H
#define RT386_TESTS_SERVING_H

#include <string.h>

#include "fake.h"
#include "service.h"

#define SERVE_DESC    (FAKE_DATA + 0xA00)
#define SERVE_ROOM    (FAKE_DATA + 0x980)  /* arguments of handlers */
#define SERVE_HANDLER (FAKE_IMAGE + 0x100) /* + enum serve */

struct serving {
    const char *name;
    uint16_t flags, address_size, control_size, transactions, controls;
    uint32_t handlers; /* a bit for each enum serve */
};

/* The descriptor at SERVE_DESC. Ports 1 to 9; 0 asks for one of 5 to 6. */
static inline void serve_describe(struct fake *f, const struct serving *s)
{
    uint8_t desc[SERVICE_DESC] = {0};
    static const uint16_t ports[] = {9, 0, 1, 9, 5, 6};
    memcpy(desc, s->name, strlen(s->name));
    put16(desc + 14, s->flags);
    put16(desc + 16, 3);
    put16(desc + 18, s->address_size);
    put16(desc + 20, s->control_size);
    put16(desc + 22, s->transactions);
    put16(desc + 24, s->controls);
    for (unsigned i = 0; i < 6; i++)
        put16(desc + 26 + 2 * i, ports[i]);
    for (unsigned i = 0; i < SERVES; i++)
        if (s->handlers >> i & 1) put32(desc + 38 + 6 * i, SERVE_HANDLER + i);
    desc[118] = 7; /* the kernel sets the length itself */
    fake_put(f, SERVE_DESC, desc, sizeof desc);
}

static inline uint32_t serve_word(struct fake *f, uint32_t at)
{
    uint8_t raw[4];
    fake_get(f, at, raw, 4);
    return get32(raw);
}

static inline uint16_t serve_half(struct fake *f, uint32_t at)
{
    uint8_t raw[2];
    fake_get(f, at, raw, 2);
    return get16(raw);
}

static inline uint32_t serve_arg(struct fake *f, unsigned n)
{
    return serve_word(f, SERVE_ROOM + 4 * n);
}

/* The service's thread asks for work: the handler that it gets. */
static inline uint32_t serve_start(struct fake *f)
{
    return CALL1(f, "clib_service", SERVE_ROOM) - SERVE_HANDLER;
}

/* The handler of so many arguments is done. */
static inline void serve_end(struct fake *f, unsigned arguments, uint32_t status)
{
    uint8_t raw[2];
    put16(raw, status);
    fake_put(f, serve_arg(f, arguments - 1), raw, 2);
    CALL1(f, "clib_service", SERVE_ROOM);
}

/* A GENADDR of port `number`, at `at`. */
static inline uint32_t serve_address(struct fake *f, uint32_t at, uint16_t number)
{
    uint8_t raw[ADDRESS_BYTES] = {4};
    put16(raw + 2, number);
    fake_put(f, at, raw, sizeof raw);
    return at;
}

/* A control buffer of the service, filled in as one for that port. */
static inline uint32_t serve_control(struct fake *f, uint32_t port, uint16_t id, uint32_t data,
                                     uint32_t size)
{
    uint32_t at = CALL1(f, "RequestControlBuffer", SERVE_DESC);
    uint8_t raw[CONTROL_HEAD + 4] = {0};
    put16(raw + 6, port);
    put16(raw + 8, id);
    put32(raw + 10, data);
    put32(raw + 16, size);
    raw[24] = 4;
    put16(raw + 26, 77); /* from port 77 */
    memcpy(raw + CONTROL_HEAD, "ping", 4);
    fake_put(f, at, raw, sizeof raw);
    return at;
}

#endif
