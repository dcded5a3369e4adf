/* dbgport.h: the ports by which bare guests talk to emulators.
 *
 *   port     write                                         read
 *   0xE9     one character of text                         0xE9: "there is such a port"
 *   0xF4     byte, word or dword: exit with that code      0
 *   0x8900   the letters of "Shutdown": power off          all ones
 *   POST     a progress code, 8 or 16 bits                 the last code
 *
 * A port whose callback is NULL is not claimed, so that its use counts as unclaimed; the POST port
 * alone is claimed without one, when its number is given.
 *
 * Not emulated: other emulators' command ports, and any hardware that really lives at these numbers
 * (the POST port of a PC is a DMA page register).
 */
#ifndef RT386_DEV_DBGPORT_H
#define RT386_DEV_DBGPORT_H

#include <stdint.h>

#include "bus.h"
#include "status.h"

struct snap;

struct dbgport_config {
    void (*put)(void *ctx, uint8_t c);
    /* `code` as written, zero-extended; only writes that start at 0xF4 count. */
    void (*exit)(void *ctx, uint32_t code, unsigned size);
    /* After the last letter. A wrong letter starts again; an 'S' is then the first one. */
    void (*shutdown)(void *ctx);
    void (*post)(void *ctx, uint32_t code, unsigned size);
    void *ctx;          /* for all four */
    uint16_t post_port; /* 0 = 0x80 if `post` is given, else none */
    uint8_t post_size;  /* widest POST code in bytes: 1 (also 0) or 2 */
};
struct dbgport {
    struct dbgport_config config;
    uint8_t letters; /* of "Shutdown" seen so far */
    uint16_t last_post;
};

/* `port` must outlive the bus and not move. */
status_t dbgport_init(struct dbgport *port, const struct dbgport_config *config, struct bus *bus);
void dbgport_snap(struct snap *s, struct dbgport *port); /* to or from a snapshot */

#endif
