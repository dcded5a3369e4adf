#include "feed.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#define BLOCKS         8u
#define FEW            4u /* blocks that are worth waking somebody up */
#define BLOCK_STEPS    8192u
#define BLOCK_STATES   4096u
#define BLOCK_ACCESSES 8192u
#define BLOCK_BYTES    (256u << 10)
#define LONGEST        1024u /* bytes of a message, at most */
#define SELDOM         63u /* items between two looks at how large a chunk is that cannot end here */

enum said { SAID_PLAIN, SAID_CODE, SAID_INSN, SAID_FIELD, SAID_ITEM, SAID_LOAD, SAID_CLOCKS };

/* Before what belongs to it. */
struct message {
    uint16_t said, index; /* of a field: which one */
    uint32_t bytes;       /* to the next one */
};
struct said_plain {
    uint32_t eip, n, states;
    uint32_t step, state, access; /* where they are */
};
struct said_code {
    uint32_t number;
    struct plain_code code;
};
/* Of rt386_trace_insn what is looked at. */
struct said_insn {
    uint32_t linear, clocks;
    uint8_t length, accesses, bytes[15];
    bool code32;
    rt386_trace_regs after;
    rt386_trace_access access[RT386_TRACE_ACCESSES];
};

struct block {
    unsigned steps, states, accesses;
    size_t bytes;
    struct plain_step step[BLOCK_STEPS];
    struct plain_state state[BLOCK_STATES];
    struct plain_access access[BLOCK_ACCESSES];
    uint64_t message[BLOCK_BYTES / 8];
};
_Static_assert(sizeof(struct message) + sizeof(rt386_trace_item) <= LONGEST, "a message has room");
_Static_assert(BLOCK_STEPS >= PLAIN_INSNS && BLOCK_STATES >= PLAIN_STATES &&
                   BLOCK_ACCESSES >= PLAIN_ACCESSES,
               "so has a batch");

struct trace_feed {
    struct trace_writer *w;
    bool whole; /* the writer's: an instruction or an exception came last, a chunk may end here */
    struct block *block[BLOCKS], *filling;
    bool alone; /* there is no thread, and will be none */
    bool begun; /* there is one */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t given, written; /* blocks */
    bool hurry;              /* somebody waits for all of them */
    bool over;
    atomic_bool failed; /* the writer has */
};

static void block_clear(struct block *b)
{
    b->bytes = 0;
    b->steps = b->states = b->accesses = 0;
}

/* --- the writer --- */

static void write_insn(struct encoder *e, const struct said_insn *s)
{
    rt386_trace_insn in;
    in.linear = s->linear;
    in.clocks = s->clocks;
    in.length = s->length;
    in.accesses = s->accesses;
    in.code32 = s->code32;
    memcpy(in.bytes, s->bytes, sizeof in.bytes);
    in.after = s->after;
    memcpy(in.access, s->access, s->accesses * sizeof in.access[0]);
    encode_insn(e, &in);
}

static void write_one(struct trace_feed *f, struct block *b, const struct message *m)
{
    struct encoder *e = f->w->enc;
    const void *p = m + 1;
    if (m->said != SAID_FIELD && (f->whole || !(e->items & SELDOM))) {
        size_t most = f->whole ? ENCODE_FULL : ENCODE_MOST;
        f->whole = false;
        if (encoder_size(e) > most) trace_records_flush(f->w);
    }
    switch ((enum said)m->said) {
    case SAID_PLAIN: {
        const struct said_plain *s = p;
        encode_plain(e, &(struct plain_batch){.eip = s->eip,
                                              .n = s->n,
                                              .states = s->states,
                                              .step = &b->step[s->step],
                                              .state = &b->state[s->state],
                                              .access = &b->access[s->access]});
        f->whole = e->c.insns % PLAIN_INSNS == 0;
        break;
    }
    case SAID_CODE: {
        const struct said_code *s = p;
        encode_code(e, s->number, &s->code);
        break;
    }
    case SAID_INSN:
        write_insn(e, p);
        f->whole = e->c.insns % PLAIN_INSNS == 0;
        break;
    case SAID_FIELD: encode_field(e, m->index, *(const uint64_t *)p); break;
    case SAID_LOAD: encode_load(e, p); break;
    case SAID_ITEM:
        encode_item(e, p);
        f->whole = ((const rt386_trace_item *)p)->kind == RT386_TRACE_EVENT;
        break;
    case SAID_CLOCKS: encode_clocks(e, *(const uint64_t *)p); break;
    }
}

static void write_block(struct trace_feed *f, struct block *b)
{
    for (size_t at = 0; at < b->bytes;) {
        const struct message *m = (const struct message *)(const void *)&b->message[at / 8];
        write_one(f, b, m);
        at += m->bytes;
    }
    block_clear(b);
    if (f->w->out.failed) atomic_store(&f->failed, true);
}

/* Both sides sleep until there is some more to do than one block: waking up costs as much as a block. */
static void *work(void *ctx)
{
    struct trace_feed *f = ctx;
    pthread_mutex_lock(&f->lock);
    for (;;) {
        if (f->written == f->given)
            while (f->given - f->written < FEW && !f->hurry && !f->over)
                pthread_cond_wait(&f->changed, &f->lock);
        if (f->written == f->given && f->over) break;
        if (f->written == f->given) {
            f->hurry = false;
            pthread_cond_signal(&f->changed);
            continue;
        }
        struct block *b = f->block[f->written % BLOCKS];
        pthread_mutex_unlock(&f->lock);
        write_block(f, b);
        pthread_mutex_lock(&f->lock);
        f->written++;
        if (f->given - f->written == FEW) pthread_cond_signal(&f->changed);
    }
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

/* --- the thread --- */

struct trace_feed *feed_new(struct trace_writer *w)
{
    struct trace_feed *f = calloc(1, sizeof *f);
    if (!f) return NULL;
    *f = (struct trace_feed){.w = w, .block = {malloc(sizeof *f->block[0])}};
    f->filling = f->block[0];
    if (!f->filling || pthread_mutex_init(&f->lock, NULL) || pthread_cond_init(&f->changed, NULL)) {
        free(f->filling);
        free(f);
        return NULL;
    }
    block_clear(f->filling);
    return f;
}

static bool other_blocks(struct trace_feed *f)
{
    for (unsigned i = 1; i < BLOCKS; i++) {
        if (!f->block[i]) f->block[i] = malloc(sizeof *f->block[i]);
        if (!f->block[i]) return false;
        block_clear(f->block[i]);
    }
    return true;
}

/* Signals are for the others. */
static bool begin(struct trace_feed *f)
{
    sigset_t all, before;
    if (f->begun || f->alone) return f->begun;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    f->begun = other_blocks(f) && !pthread_create(&f->thread, NULL, work, f);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    f->alone = !f->begun;
    return f->begun;
}

/* The block goes to the thread; an empty one takes its place. */
static void give(struct trace_feed *f)
{
    if (!begin(f)) {
        write_block(f, f->filling);
        return;
    }
    pthread_mutex_lock(&f->lock);
    f->given++;
    if (f->given - f->written >= FEW) pthread_cond_signal(&f->changed);
    if (f->given - f->written == BLOCKS)
        while (f->given - f->written > FEW)
            pthread_cond_wait(&f->changed, &f->lock);
    pthread_mutex_unlock(&f->lock);
    f->filling = f->block[f->given % BLOCKS];
}

void feed_wait(struct trace_feed *f)
{
    if (f->begun) {
        pthread_mutex_lock(&f->lock);
        f->hurry = true;
        pthread_cond_signal(&f->changed);
        while (f->hurry)
            pthread_cond_wait(&f->changed, &f->lock);
        pthread_mutex_unlock(&f->lock);
    }
    write_block(f, f->filling);
}

bool feed_failed(const struct trace_feed *f)
{
    return atomic_load(&f->failed);
}

void feed_free(struct trace_feed *f)
{
    if (!f) return;
    feed_wait(f);
    if (f->begun) {
        pthread_mutex_lock(&f->lock);
        f->over = true;
        pthread_cond_signal(&f->changed);
        pthread_mutex_unlock(&f->lock);
        pthread_join(f->thread, NULL);
    }
    for (unsigned i = 0; i < BLOCKS; i++)
        free(f->block[i]);
    pthread_cond_destroy(&f->changed);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

/* --- messages --- */

static void *say_of(struct trace_feed *f, enum said said, unsigned index, size_t n)
{
    size_t bytes = (sizeof(struct message) + n + 7) & ~(size_t)7;
    if (f->filling->bytes + bytes > BLOCK_BYTES) give(f);
    struct block *b = f->filling;
    struct message *m = (struct message *)(void *)&b->message[b->bytes / 8];
    *m = (struct message){
        .said = (uint16_t)said, .index = (uint16_t)index, .bytes = (uint32_t)bytes};
    b->bytes += bytes;
    return m + 1;
}

static void *say(struct trace_feed *f, enum said said, size_t n)
{
    return say_of(f, said, 0, n);
}

void feed_insn(struct trace_feed *f, const rt386_trace_insn *in)
{
    size_t accesses = in->accesses * sizeof in->access[0];
    struct said_insn *s = say(f, SAID_INSN, offsetof(struct said_insn, access) + accesses);
    s->linear = in->linear;
    s->clocks = in->clocks;
    s->length = in->length;
    s->accesses = in->accesses;
    s->code32 = in->code32;
    memcpy(s->bytes, in->bytes, sizeof in->bytes);
    s->after = in->after;
    memcpy(s->access, in->access, accesses);
}

void feed_field(struct trace_feed *f, unsigned index, uint64_t value)
{
    *(uint64_t *)say_of(f, SAID_FIELD, index, sizeof value) = value;
}

void feed_load(struct trace_feed *f, const struct encode_load *load)
{
    *(struct encode_load *)say(f, SAID_LOAD, sizeof *load) = *load;
}

#define UP_TO(member)                                                                              \
    (offsetof(rt386_trace_item, member) + sizeof(((const rt386_trace_item *)0)->member))

void feed_item(struct trace_feed *f, const rt386_trace_item *item)
{
    static const uint16_t most[] = {
        [RT386_TRACE_MEM] = UP_TO(mem),     [RT386_TRACE_LOAD] = UP_TO(load),
        [RT386_TRACE_TABLE] = UP_TO(table), [RT386_TRACE_EVENT] = UP_TO(event),
        [RT386_TRACE_IO] = UP_TO(io),       [RT386_TRACE_TASK] = UP_TO(task),
        [RT386_TRACE_CALL] = UP_TO(call),   [RT386_TRACE_PROCESS] = UP_TO(process)};
    size_t n = most[item->kind];
    memcpy(say(f, SAID_ITEM, n), item, n);
}

void feed_clocks(struct trace_feed *f, uint64_t clocks)
{
    *(uint64_t *)say(f, SAID_CLOCKS, sizeof clocks) = clocks;
}

void feed_code(struct trace_feed *f, unsigned number, const struct plain_code *code)
{
    struct said_code *s = say(f, SAID_CODE, sizeof *s);
    *s = (struct said_code){.number = number, .code = *code};
}

/* A batch may bring new bytes with each of its instructions: the block stays until it is taken. */
#define BATCH_BYTES (PLAIN_INSNS * 32u + 64u)
_Static_assert(sizeof(struct message) + sizeof(struct said_code) <= 32, "code has room");

void feed_room(struct trace_feed *f, struct plain_log *log)
{
    const struct block *b = f->filling;
    if (b->steps + PLAIN_INSNS > BLOCK_STEPS || b->states + PLAIN_STATES > BLOCK_STATES ||
        b->accesses + PLAIN_ACCESSES > BLOCK_ACCESSES || b->bytes + BATCH_BYTES > BLOCK_BYTES)
        give(f);
    b = f->filling;
    log->step = &f->filling->step[b->steps];
    log->state = &f->filling->state[b->states];
    log->access = &f->filling->access[b->accesses];
}

void feed_plain(struct trace_feed *f, uint32_t eip, const struct plain_log *log)
{
    struct block *b = f->filling;
    if (!log->n) return;
    struct said_plain *s = say(f, SAID_PLAIN, sizeof *s);
    *s = (struct said_plain){.eip = eip,
                             .n = log->n,
                             .states = log->states,
                             .step = b->steps,
                             .state = b->states,
                             .access = b->accesses};
    b->steps += log->n;
    b->states += log->states;
    b->accesses += log->state[log->states - 1].accesses;
}
