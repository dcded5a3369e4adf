/* gdb_packet.h: the remote serial protocol's packets over one connection.
 *
 *     $payload#checksum     checksum: sum of the payload's bytes, two hexadecimal digits
 *     + -                   taken, send again; until QStartNoAckMode
 *     0x03                  Ctrl-C, outside of packets
 *
 * In payloads of both directions '}' escapes the byte after it (XOR 0x20).
 */
#ifndef RT386_APP_GDB_PACKET_H
#define RT386_APP_GDB_PACKET_H

#include "text.h"

#include <stdint.h>

struct gdb_link {
    int fd;
    bool (*quit)(
        void *
            ctx); /* asked while nothing comes: true is as if the connection had ended; NULL: never */
    void *quit_ctx;
    bool no_ack;
    uint8_t in[4096]; /* bytes that have come and are not read yet */
    size_t at, have;
};

/* The next packet's payload, without escapes; n may hold zero bytes. False: the connection has ended. A Ctrl-C that comes
 * alone is the payload "\3". */
bool gdb_receive(struct gdb_link *l, struct text *payload);
/* Escapes what must be. False: the connection has ended. */
bool gdb_send(struct gdb_link *l, const char *payload, size_t n);

/* ":1234", "127.0.0.1:1234" (the host's loopback only) or "unix:PATH"; waits for nobody. -1: `why` says what is wrong. */
int gdb_listen(const char *where, char *why, size_t why_size);
/* Of a TCP socket: the port, which the host may have chosen (":0"). */
unsigned gdb_port(int listener);

void gdb_hex(struct text *t, const void *bytes, size_t n);
/* Pairs of digits; how many bytes there were, at most `max`. */
size_t gdb_unhex(const char *text, uint8_t *bytes, size_t max);

#endif
