/* netopt.c: options of sockets. Time limits and lingering are the kernel's: the network never makes the machine wait. */
#include "net.h"

#include "bits.h"

#define US_PER_SECOND 1000000u
#define STREAM        1u /* SOCK_STREAM */
#define DATAGRAM      2u

static const struct {
    uint32_t level, name;
} options[RT_NET_OPTIONS] = {
#define RT_NET_OPTION(name, level, value) [RT_NET_SO_##name] = {level, value},
#include "rtnet.def"
};

/* RT_NET_OPTIONS: there is none of that name. */
static unsigned option_find(uint32_t level, uint32_t name)
{
    unsigned i = 0;
    while (i < RT_NET_OPTIONS && (options[i].level != level || options[i].name != name))
        i++;
    return i;
}

static uint32_t value_size(unsigned option)
{
    bool two =
        option == RT_NET_SO_LINGER || option == RT_NET_SO_SNDTIMEO || option == RT_NET_SO_RCVTIMEO;
    return two ? 8 : 4;
}

/* --- setsockopt --- */

static int32_t time_set(uint64_t *us, uint32_t seconds, uint32_t micro)
{
    if (seconds > INT32_MAX || micro >= US_PER_SECOND) return -RT_NET_EINVAL;
    *us = (uint64_t)seconds * US_PER_SECOND + micro;
    return 0;
}

static int32_t pass_on(struct rt_kernel *k, struct socket *s, unsigned option, uint32_t value)
{
    struct rt_net_op op = {
        .kind = RT_NET_SET, .socket = s->number, .option = (uint8_t)option, .n = value};
    int32_t result = net_op(k, &op);
    if (result >= 0) s->option[option] = value;
    return result < 0 ? result : 0;
}

/* Closing never waits, so only "at once, and the rest is lost" means something to the network. */
static int32_t linger_set(struct rt_kernel *k, struct socket *s, uint32_t on, uint32_t seconds)
{
    if (seconds > INT32_MAX) return -RT_NET_EINVAL;
    s->linger[0] = on != 0;
    s->linger[1] = seconds;
    struct rt_net_op op = {.kind = RT_NET_SET,
                           .socket = s->number,
                           .option = RT_NET_SO_LINGER,
                           .n = on && seconds == 0};
    int32_t result = net_op(k, &op);
    return result < 0 ? result : 0;
}

int32_t option_set(struct rt_kernel *k, struct socket *s, uint32_t level, uint32_t name,
                   const uint8_t *value, uint32_t n)
{
    unsigned option = option_find(level, name);
    if (option == RT_NET_OPTIONS) return -RT_NET_ENOPROTOOPT;
    if (n < value_size(option)) return -RT_NET_EINVAL;
    uint32_t first = get32(value), second = n < 8 ? 0 : get32(value + 4);
    switch (option) {
    case RT_NET_SO_ACCEPTCONN:
    case RT_NET_SO_ERROR:
    case RT_NET_SO_TYPE: return -RT_NET_ENOPROTOOPT; /* only to be asked */
    case RT_NET_SO_LINGER: return linger_set(k, s, first, second);
    case RT_NET_SO_SNDTIMEO: return time_set(&s->send_us, first, second);
    case RT_NET_SO_RCVTIMEO: return time_set(&s->receive_us, first, second);
    default: return pass_on(k, s, option, first);
    }
}

/* --- getsockopt --- */

static void time_get(uint64_t us, uint8_t *value)
{
    put32(value, (uint32_t)(us / US_PER_SECOND));
    put32(value + 4, (uint32_t)(us % US_PER_SECOND));
}

/* The error that the network keeps, as errno: it is told once. */
static int32_t error_get(struct rt_kernel *k, const struct socket *s, uint8_t *value)
{
    struct rt_net_op op = {.kind = RT_NET_GET, .socket = s->number, .option = RT_NET_SO_ERROR};
    int32_t error = net_op(k, &op);
    if (error >= 0) put32(value, (uint32_t)error);
    return error < 0 ? error : 0;
}

int32_t option_get(struct rt_kernel *k, const struct socket *s, uint32_t level, uint32_t name,
                   uint8_t value[8], uint32_t *n)
{
    unsigned option = option_find(level, name);
    if (option == RT_NET_OPTIONS) return -RT_NET_ENOPROTOOPT;
    *n = value_size(option);
    switch (option) {
    case RT_NET_SO_ACCEPTCONN: put32(value, s->listening); break;
    case RT_NET_SO_ERROR: return error_get(k, s, value);
    case RT_NET_SO_TYPE: put32(value, s->stream ? STREAM : DATAGRAM); break;
    case RT_NET_SO_LINGER:
        put32(value, s->linger[0]);
        put32(value + 4, s->linger[1]);
        break;
    case RT_NET_SO_SNDTIMEO: time_get(s->send_us, value); break;
    case RT_NET_SO_RCVTIMEO: time_get(s->receive_us, value); break;
    default: put32(value, s->option[option]); break;
    }
    return 0;
}
