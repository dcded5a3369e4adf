/* convert_trace32.c: x64dbg's .trace32.
 *
 *   "TRAC" u32 length, JSON, then a block for each instruction:
 *   u8 0   u8 registers   u8 accesses   u8 bytes of the instruction, | 0x80 when the thread's number follows
 *   u32 thread   the instruction's bytes
 *   u8 place[registers]: less the place before and 1   u32 value[registers]
 *   u8 flags[accesses]   u32 address[accesses]   u32 old[accesses]   u32 new[those whose flags have not bit 0]
 *
 * Places are words of x64dbg's REGDUMP, 216 of them; a block has what changed since the block before, as the instruction finds
 * it, and every 512th all. Flags: bit 0 the memory is as before; ours besides, as x64dbg leaves them 0: bit 1 a read,
 * bit 2 a write. The old value of a write is that of a read before it in the same instruction, if there is one, else unknown: 0.
 */
#include "convert.h"

#include <string.h>

#define PLACES     216u
#define EVERY      512u
#define P_EIP      8u
#define P_EFLAGS   9u
#define P_SEGMENTS 10u /* GS FS, ES DS, CS SS: low half, high half */
#define P_DEBUG    13u
#define P_FLAGS    144u /* a byte each: C P A Z, S T I D, O */
#define UNCHANGED  1u
#define IS_READ    2u
#define IS_WRITE   4u

struct trace32 {
    uint32_t place[PLACES];
    uint16_t thread; /* as written last */
};

static void u8(struct text *t, unsigned v)
{
    text_addn(t, &(const char){(char)v}, 1);
}

static void u32(struct text *t, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        u8(t, v >> (8 * i) & 0xff);
}

static int begin(struct convert *c)
{
    struct text head = {0};
    struct json j = {.to = &head};
    const char *guest = rt386_trace_value(c->trace, "guest");
    json_open(&j, NULL, '{');
    json_num(&j, "ver", 1);
    json_str(&j, "arch", "x86");
    json_str(&j, "compression", "");
    json_str(&j, "path", guest ? guest : "");
    json_str(&j, "memory flags", "1 unchanged, 2 read, 4 write");
    json_close(&j, '}');
    text_add(&c->out.text, "TRAC");
    u32(&c->out.text, (uint32_t)head.n);
    text_addn(&c->out.text, text_str(&head), head.n);
    text_free(&head);
    return STATUS_OK;
}

static uint32_t selector(const struct convert *c, unsigned s)
{
    return convert_register(c, CONVERT_SEGMENT(s, CONVERT_SELECTOR)) & 0xffff;
}

static void places(const struct convert *c, const rt386_trace_insn *in, uint32_t to[PLACES])
{
    static const uint8_t flag[9] = {0, 2, 4, 6, 7, 8, 9, 10, 11};
    uint32_t f = in->before.eflags;
    memset(to, 0, PLACES * sizeof *to);
    memcpy(to, in->before.gpr, sizeof in->before.gpr);
    /* x64dbg's order is EAX ECX EDX EBX ESP EBP ESI EDI as well; EIP is where the instruction stands, linear */
    to[P_EIP] = in->linear;
    to[P_EFLAGS] = f;
    to[P_SEGMENTS] = selector(c, RT386_GS) | selector(c, RT386_FS) << 16;
    to[P_SEGMENTS + 1] = selector(c, RT386_ES) | selector(c, RT386_DS) << 16;
    to[P_SEGMENTS + 2] = selector(c, RT386_CS) | selector(c, RT386_SS) << 16;
    for (unsigned i = 0; i < 6; i++)
        to[P_DEBUG + i] = convert_register(c, CONVERT_DR0 + i);
    for (unsigned i = 0; i < sizeof flag; i++)
        to[P_FLAGS + i / 4] |= (f >> flag[i] & 1) << (8 * (i % 4));
}

/* The old value: what a read of the same place before it in this instruction gave. */
static bool old_value(const struct convert *c, unsigned n, uint32_t *old)
{
    for (unsigned i = n; i-- > 0;)
        if (c->access[i].linear == c->access[n].linear && c->access[i].size == c->access[n].size) {
            *old = c->access[i].value;
            return true;
        }
    *old = 0;
    return false;
}

static void memory(struct convert *c, unsigned count)
{
    struct text *t = &c->out.text;
    uint32_t old;
    uint8_t flags[255];
    for (unsigned i = 0; i < count; i++) {
        bool read = c->access[i].access == RT386_READ;
        bool known = old_value(c, i, &old);
        flags[i] = read ? UNCHANGED | IS_READ : IS_WRITE;
        if (!read && known && old == c->access[i].value) flags[i] |= UNCHANGED;
        u8(t, flags[i]);
    }
    for (unsigned i = 0; i < count; i++)
        u32(t, c->access[i].linear);
    for (unsigned i = 0; i < count; i++) {
        old_value(c, i, &old);
        u32(t, flags[i] & UNCHANGED ? c->access[i].value : old);
    }
    for (unsigned i = 0; i < count; i++)
        if (!(flags[i] & UNCHANGED)) u32(t, c->access[i].value);
}

static void item(struct convert *c, const rt386_trace_item *i)
{
    struct trace32 *own = c->own;
    struct text *t = &c->out.text;
    uint32_t now[PLACES];
    bool all = c->insns % EVERY == 0;
    unsigned changed = 0, next = 0, count = c->accesses < 255 ? c->accesses : 255;
    if (i->kind != RT386_TRACE_INSN) return;
    places(c, &i->insn, now);
    for (unsigned n = 0; n < PLACES; n++)
        changed += all || now[n] != own->place[n];
    uint16_t thread = (uint16_t)convert_register(c, CONVERT_SEGMENT(CONVERT_TR, CONVERT_SELECTOR));
    bool other = !c->insns || thread != own->thread;
    u8(t, 0);
    u8(t, changed);
    u8(t, count);
    u8(t, i->insn.length | (other ? 0x80u : 0));
    if (other) u32(t, thread);
    text_addn(t, (const char *)i->insn.bytes, i->insn.length);
    for (unsigned n = 0; n < PLACES; n++)
        if (all || now[n] != own->place[n]) {
            u8(t, n - next);
            next = n + 1;
        }
    for (unsigned n = 0; n < PLACES; n++)
        if (all || now[n] != own->place[n]) u32(t, now[n]);
    memory(c, count);
    memcpy(own->place, now, sizeof own->place);
    own->thread = thread;
}

const struct convert_format convert_trace32 = {.name = "trace32",
                                               .summary = "x64dbg's .trace32",
                                               .own = sizeof(struct trace32),
                                               .begin = begin,
                                               .item = item};
