/* wire.h: a network without a network: the port's function for tests of socket calls. What comes in and what goes out are
 * bytes here; each operation is noted in `log`. */
#ifndef RT386_TESTS_WIRE_H
#define RT386_TESTS_WIRE_H

#include "fake.h"

#define BOUND 0x7F000001u

struct wire {
    char log[8192];
    int32_t sockets, closed; /* made and closed so far; numbers from 500 */
    int32_t fail;            /* what the next operation gives */
    unsigned callers;        /* connections that can be accepted */
    int32_t connect;         /* what a connection gives; 0 = there */
    uint8_t in[8192], out[8192];
    uint32_t in_size, out_size, window; /* window: bytes that can be sent */
    bool ended;                         /* nothing more comes in */
    bool cut;                           /* there was more in the datagram */
    uint32_t error;
    bool hung_up; /* the connection is over */
    uint16_t peer_port;
};

extern struct wire wire;

void wire_attach(struct fake *f); /* from here on it is the machine's network */
/* A machine with one process that runs, and the network. */
struct fake *wire_start(void);
void wire_in(const char *text);
/* A socket of the running process, made without a word in the log. */
uint32_t wire_socket(struct fake *f, bool stream);
/* errno of the running thread. */
uint32_t wire_errno(struct fake *f);

#endif
