/* service.h: services, their ports, and what goes on between the two: ADR 0046.
 *
 *   a service    object of type 11 in the process that installed it: region, a thread for its handlers, memory:
 *                |what a handler is given|transactions|control buffers|      `page`, for the service to read
 *   a port       object of type 9: number, addresses; one without a service is a sink port
 *
 *   caller --> request (the caller waits at the service) --> handler, on the service's thread, one after the other
 *          <-- what the handler left in pExcep
 *
 *   message: SendRtMessage   control buffer + transaction, written for the SendMessage handler
 *            DeliverMessage  a control buffer of the service is read once and stands in a port's queue, until somebody
 *                            has received it
 *
 * What the service can write is never read back as the truth: the records here are.
 */
#ifndef RT386_INTIME_SERVICE_H
#define RT386_INTIME_SERVICE_H

#include "kernel.h"

#define NAME_SERVICE_MAX 14u
#define SERVICE_DESC     208u /* bytes of a SERVICEDESC */
#define ADDRESS_BYTES    32u  /* of a GENADDR */
#define ADDRESS_MAX      28u
#define TRANSACTION_SIZE 108u
#define CONTROL_HEAD     56u /* of a CONTROLBUFFER, before the message */
#define RECEIVE_HEAD     84u /* of a RECEIVEINFO, before the message */
#define TRANSACTIONS_MAX                                                                           \
    254u /* of a port: an id has a count and a number from 1 on, and is never FFFF */
#define SERVICE_STACK   4u    /* pages, if the descriptor names no size */
#define ATTRIBUTES_MAX  4000u /* bytes that follow the head of SERVICEATTRIBUTES */
#define SCRATCH_EXCEP   0u
#define SCRATCH_ADDRESS 16u
#define SCRATCH_REST    64u /* RECEIVEINFO or SERVICEATTRIBUTES */

/* Handlers, in the order of the descriptor. */
enum serve {
    SERVE_INITIALIZE,
    SERVE_GET_ATTRIBUTES,
    SERVE_SET_ATTRIBUTES,
    SERVE_CREATE_PORT,
    SERVE_DELETE_PORT,
    SERVE_VERIFY_ADDRESS,
    SERVE_SEND_MESSAGE,
    SERVE_GET_FRAGMENT,
    SERVE_CANCEL_TRANSACTION,
    SERVE_UPDATE_RECEIVE_INFO,
    SERVE_FINISH,
    SERVE_SERVICE,
    SERVES
};
/* wServiceFlags, wPortFlags, wTransmissionFlags, wFlags of RECEIVEINFO, wState of TRANSACTION: values that no page
 * gives. */
enum {
    SERVICE_TYPE_MASK = 3, /* 0: FL_GENERIC_TYPE, the only one that can be installed */
    SERVICE_LATE_INIT = 0x20,
    PORT_UNBOUND = 4,
    PORT_FLAGS = 7,
    SEND_ASYNC = 0x10,
    SEND_NOTIFY = 0x20,
    SEND_RECEIVE = 0x80, /* USE_RECEIVE: the response is for ReceiveRtMessage */
    SEND_FLAGS =
        0xF0, /* 40: NOT_EOT, which is the service's business; below: the kind of buffer, 0 */
    MESSAGE_NORMAL = 0,
    MESSAGE_STATUS = 0x10,
    MESSAGE_REQUEST = 0x20,
    MESSAGE_RESPONSE = 0x30,
    STATE_RSVP = 1
};

/* Pages of another process that a handler sees. */
struct window {
    uint32_t page, pages; /* 0 pages: none */
};

/* SENT: its response is to come; LEFT: it is over, but the handler that it was given to has not come back: what that
 * sees of it stays. */
enum transaction_state {
    TRANSACTION_FREE,
    TRANSACTION_SENDING,
    TRANSACTION_SENT,
    TRANSACTION_LEFT
};
struct transaction {
    uint8_t state;
    bool rsvp;
    uint16_t port, id; /* GDT index */
    uint16_t control;  /* what is sent: its place plus 1; 0 = none */
    uint16_t thread;   /* whose call waits for the end of the transmission; 0 = nobody's */
    uint16_t flags;    /* as the sender gave them */
    struct window window;
    uint32_t data, size,
        shown; /* message, and the buffer for the response, where the service sees them */
    uint32_t reply, reply_size; /* that buffer, where the sender has it */
    uint16_t queue[2]; /* input, output: GDT index of the port or service whose queue it is in */
    uint64_t order[2];
    uint8_t remote[ADDRESS_BYTES];
};

enum control_state { CONTROL_FREE, CONTROL_TAKEN, CONTROL_SENDING, CONTROL_QUEUED, CONTROL_GIVEN };
struct control {
    uint8_t
        state; /* TAKEN: the service's; QUEUED: a message; GIVEN: the UpdateReceiveInfo handler has it */
    bool reply;    /* for ReceiveRtReply */
    uint16_t at;   /* the port in whose queue it stands; GDT index */
    uint16_t port; /* to which it was delivered */
    uint16_t kind, status, id;
    uint64_t order;
    uint16_t heap; /* where `data` is an offset; 0: data is the receiver's own buffer */
    uint32_t heap_life, data, size;
    uint8_t remote[ADDRESS_BYTES];
};

struct service {
    struct process *process;
    uint32_t descriptor; /* where it lies */
    char name[NAME_SERVICE_MAX];
    uint16_t transactions_default, address_size, control_size;
    uint16_t port_null, port_first, port_last, given_first, given_last;
    uint16_t transactions, controls;
    uint32_t handler[SERVES];
    uint8_t local[ADDRESS_BYTES];
    uint32_t parameter;
    uint32_t page, pages;
    bool late, initialized, ending;
    uint16_t region;    /* GDT index */
    uint16_t thread;    /* handle of the one that calls handlers */
    uint32_t room;      /* on its stack: arguments of the next handler */
    bool busy;          /* a handler is running: */
    uint8_t serving;    /* this one, */
    uint16_t caller;    /* for this thread (handle); 0: it is gone */
    struct window left; /* what it still sees of a caller that is gone */
    uint16_t working;   /* place plus 1 of the transaction that it was given; 0: none */
    struct transaction *transaction;
    struct control *control;
    uint8_t *message; /* control_size bytes for each control buffer */
};

struct port {
    uint16_t service; /* GDT index; 0: a sink port */
    uint16_t sink;    /* forwarded to; 0: nowhere */
    bool bound, connected, deleting;
    uint8_t count; /* of transactions: in their ids */
    uint32_t parameter;
    uint8_t local[ADDRESS_BYTES], remote[ADDRESS_BYTES];
};

/* What a thread that waits at a service wants. */
struct request {
    uint8_t serve;        /* the handler it is about */
    bool binds;           /* VERIFY_ADDRESS: BindRtPort, else ConnectRtPort */
    bool addressed;       /* `address` is there */
    uint16_t port;        /* GDT index; 0 = none */
    uint16_t id;          /* of a transaction, as the handler gets it */
    uint16_t transaction; /* its place plus 1; 0 = none */
    uint16_t control;     /* the same of a control buffer */
    uint32_t result;      /* EAX of the call when it succeeds */
    struct window
        window; /* GET_FRAGMENT: pages of the caller's buffer, where the service sees it, and its size */
    uint32_t shown, size;
    uint32_t to; /* in the caller's memory; CREATE_PORT: handle of the heap made with it, or 0 */
    uint8_t address[ADDRESS_BYTES];
    uint32_t length; /* of what follows: attributes, control message */
    uint8_t bytes[];
};

/* --- service.c: installing, and calling handlers --- */
void service_fill(uint8_t *pages); /* the code of its thread into the text pages */
struct service *service_of(const struct rt_kernel *k, uint16_t index);
/* The one whose handlers t calls; NULL: none. */
struct object *service_served(const struct rt_kernel *k, const struct thread *t);
/* That of the name in c->str; NULL: there is none. */
struct object *service_find(const struct rt_kernel *k, const struct call *c);
/* The caller hands its request over and waits, until the handler has answered. c->request is taken. */
void service_ask(struct rt_kernel *k, struct call *c, struct object *service);
/* The same for a thread that waits already. */
void service_turn(struct rt_kernel *k, struct thread *t, struct object *service, struct request *r);
void service_kick(struct rt_kernel *k,
                  struct object *service); /* a request has come, if the thread is free */
/* Whoever waits for the thread of a service lends it his priority. */
void service_hurry(struct rt_kernel *k, const struct service *s, const struct thread *t);
/* The request of t is over: t goes on. */
void service_answer(struct rt_kernel *k, struct thread *t, uint32_t status);
void service_forget(struct rt_kernel *k, struct thread *t); /* t waits no longer, whatever for */
void service_close(struct rt_kernel *k, struct object *o);
void service_thread_gone(struct rt_kernel *k, const struct thread *t);
void service_free(struct object *o);
const char *service_check(const struct rt_kernel *k, const struct object *o);
/* Whether a handler may be called for c: not by the thread that calls them. */
bool service_may_wait(const struct service *s, const struct call *c);
uint32_t scratch_at(const struct service *s, uint32_t off);
uint32_t transaction_at(const struct service *s, unsigned i); /* addresses in its process */
uint32_t control_at(const struct service *s, unsigned i);
uint32_t scratch_size(const struct service *s);
uint32_t control_bytes(const struct service *s); /* of a control buffer, with what fills it up */
uint64_t memory_pages(const struct service *s);
/* A record with all that it will ever need: one piece of host memory. */
struct service *service_record(uint32_t transactions, uint32_t controls, uint16_t control_size);

/* --- servicework.c --- */
/* The handler that comes next for a request. */
enum serve request_serve(const struct service *s, const struct request *r);
/* Arguments of that handler into arg[8], and what they point to into the service's memory. */
void arguments_fill(struct rt_kernel *k, struct service *s, struct request *r, enum serve serve,
                    uint32_t *arg);

/* --- servicecalls.c --- */
/* Whether it is the region of a service, which goes with the service and not before. */
bool service_region(const struct rt_kernel *k, const struct object *region);

/* --- portsend.c: transactions, control buffers, messages --- */
/* The first free one; `transactions`, `controls` when there is none. */
unsigned transaction_free(const struct service *s);
unsigned control_free(const struct service *s);
/* That of port and id; `transactions` when there is none. */
unsigned transaction_find(const struct service *s, uint16_t port, uint16_t id);
unsigned reply_find(const struct service *s, uint16_t port, uint16_t id);
unsigned transactions_used(const struct service *s, uint16_t port); /* by the port */
uint16_t transaction_id(const struct service *s, struct port *p, uint16_t port);
void transaction_write(struct rt_kernel *k, struct service *s, unsigned i);
/* It is over: its buffers are free, now or when the handler that works on it comes back; who waits for it goes on with
 * `status`. */
void transaction_end(struct rt_kernel *k, struct service *s, unsigned i, uint32_t status);
/* The same at the service's own wish: at once. */
void transaction_give(struct rt_kernel *k, struct service *s, unsigned i, uint32_t status);
/* The handler has come back: what was left of its transaction goes. */
void transaction_left(struct rt_kernel *k, struct service *s);
/* Its message has gone out, or not. */
void transaction_sent(struct rt_kernel *k, struct service *s, unsigned i, uint32_t status);
void control_drop(struct rt_kernel *k, struct service *s, unsigned i);
/* A control buffer, filled in but for its place in the queue, is a message at its port. */
void message_queue(struct rt_kernel *k, struct service *s, unsigned i);
void send_done(struct rt_kernel *k, struct service *s, struct thread *t, uint32_t status);

/* Pages that n bytes at `at` touch. */
uint32_t pages_touched(uint32_t at, uint32_t n);

/* --- portfragment.c --- */
void window_hide(struct rt_kernel *k, struct process *p, struct window *w);
/* The request of t is over: its window goes, but not before a handler that works for t has come back. */
void window_leave(struct rt_kernel *k, struct service *s, const struct thread *t,
                  struct request *r);

/* --- portreceive.c --- */
void port_serve(struct rt_kernel *k, struct object *o); /* messages to those who wait */
/* A message that nobody will receive: its buffer goes back to the heap. All of a port that goes. */
void message_discard(struct rt_kernel *k, struct service *s, unsigned i);
void messages_discard(struct rt_kernel *k, uint16_t port);
/* The UpdateReceiveInfo handler is to be called, has been called. */
void receive_prepare(struct rt_kernel *k, struct service *s, const struct request *r);
void receive_done(struct rt_kernel *k, struct service *s, struct thread *t, uint32_t status);

/* --- rtport.c --- */
void port_close(struct rt_kernel *k, struct object *o);
uint32_t port_get(struct rt_kernel *k, struct call *c, uint32_t handle);
void port_free(struct object *o);
/* That of a request to make one whose caller waits no longer. */
void port_unmake(struct rt_kernel *k, const struct request *r);
const char *port_check(const struct rt_kernel *k, const struct object *o);
/* Of a request about a port, when the handler has answered; false: another handler is to be called for it. */
bool port_done(struct rt_kernel *k, struct service *s, struct thread *t, uint32_t status);
struct request *request_new(struct call *c, enum serve serve,
                            uint32_t bytes); /* c->request; NULL: no host memory */

#endif
