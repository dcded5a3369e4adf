#include "outside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- one input --- */

static void fetch(struct outside *o)
{
    o->has_next = trace_input_next(o->from, &o->next);
    o->payload = o->next.payload.p;
}

void outside_begin(rt386 *m, uint64_t skip)
{
    fetch(&m->outside);
    while (m->outside.has_next && skip--)
        fetch(&m->outside);
    m->outside.count = 0;
}

static bool here(const rt386 *m)
{
    const struct outside *o = &m->outside;
    return o->has_next && o->next.insns == m->cpu.s.insns && o->next.clocks == m->cpu.s.clocks;
}

static bool asks_host(const rt386 *m)
{
    return !m->outside.from || (m->outside.live && !m->outside.has_next);
}

static void diverge(rt386 *m, const char *what)
{
    m->outside.diverged = true;
    machine_end(m, RT386_EXIT_DIVERGED, 0,
                "the run asks for %s where the trace has %s (instruction %llu)", what,
                m->outside.has_next ? "another input" : "no more input",
                (unsigned long long)m->cpu.s.insns);
}

/* The answer from the trace, for an input of that kind. NULL: ask the host, or, after a divergence, make one up. */
static struct source *answer(rt386 *m, enum outside_kind kind, const char *what, bool *ask)
{
    struct outside *o = &m->outside;
    *ask = asks_host(m);
    if (*ask) return NULL;
    if (here(m) && o->next.kind == kind) return &o->next.payload;
    diverge(m, what);
    return NULL;
}

static void write_down(struct outside *o, unsigned kind, uint64_t insns, uint64_t clocks,
                       const uint8_t *payload, size_t n)
{
    buffer_add8(o->to, (uint8_t)kind);
    buffer_add_varint(o->to, insns);
    buffer_add_varint(o->to, clocks);
    buffer_add_varint(o->to, n);
    buffer_add(o->to, payload, n);
    o->noted++;
}

/* It has been used; a recording of the replay gets it as it was. */
static void used(rt386 *m, const char *what)
{
    struct outside *o = &m->outside;
    if (o->to)
        write_down(o, o->next.kind, o->next.insns, o->next.clocks, o->payload,
                   (size_t)(o->next.payload.end - o->payload));
    if (o->next.payload.bad || o->next.payload.p != o->next.payload.end) {
        m->outside.diverged = true;
        machine_end(m, RT386_EXIT_DIVERGED, 0,
                    "the trace's answer to %s is of another kind (instruction %llu)", what,
                    (unsigned long long)m->cpu.s.insns);
    }
    o->count++;
    fetch(o);
}

/* An answer of the host is written down. */
static void note(rt386 *m, enum outside_kind kind, const struct buffer *payload)
{
    struct outside *o = &m->outside;
    if (!o->to) return;
    write_down(o, kind, m->cpu.s.insns, m->cpu.s.clocks, payload->p, payload->n);
    if (payload->failed) o->to->failed = true;
}

static void copy_out(struct source *from, void *to, int32_t n)
{
    const uint8_t *p = n > 0 ? source_bytes(from, (size_t)n) : NULL;
    if (p) memcpy(to, p, (size_t)n);
}

/* --- files --- */

static void file_note(rt386 *m, const struct rt_file_op *op, int32_t result)
{
    struct buffer b = {0};
    if (!m->outside.to) return;
    buffer_add8(&b, op->kind);
    buffer_add32(&b, (uint32_t)result);
    if (op->kind == RT_FILE_GET && result > 0) buffer_add(&b, op->to, (size_t)result);
    if (op->kind == RT_FILE_STAT) {
        buffer_add32(&b, op->size);
        buffer_add8(&b, (uint8_t)(op->folder | op->writable << 1));
    }
    note(m, OUT_FILE, &b);
    buffer_free(&b);
}

int32_t outside_file(rt386 *m, struct rt_file_op *op)
{
    bool ask;
    struct source *from = answer(m, OUT_FILE, "a file", &ask);
    if (ask) {
        int32_t result = machine_file(m, op);
        file_note(m, op, result);
        return result;
    }
    if (!from) return -RT_FILE_EIO;
    if (source_8(from) != op->kind) from->bad = true;
    int32_t result = (int32_t)source_32(from);
    if (op->kind == RT_FILE_GET && result > 0 && (uint32_t)result > op->n) from->bad = true;
    if (op->kind == RT_FILE_GET && !from->bad) copy_out(from, op->to, result);
    if (op->kind == RT_FILE_STAT) {
        op->size = source_32(from);
        uint8_t bits = source_8(from);
        op->folder = bits & 1;
        op->writable = bits >> 1 & 1;
    }
    bool bad = from->bad;
    used(m, "a file operation");
    return bad ? -RT_FILE_EIO : result;
}

/* --- sockets --- */

static void net_note(rt386 *m, const struct rt_net_op *op, int32_t result)
{
    struct buffer b = {0};
    if (!m->outside.to) return;
    buffer_add8(&b, op->kind);
    buffer_add32(&b, (uint32_t)result);
    buffer_add8(&b, op->events);
    buffer_add8(&b, op->named);
    buffer_add_varint(&b, op->port);
    buffer_add32(&b, op->address);
    buffer_add_varint(&b, op->flags);
    buffer_add_varint(&b, op->n);
    if (op->kind == RT_NET_RECEIVE && result > 0) buffer_add(&b, op->to, (size_t)result);
    note(m, OUT_NET, &b);
    buffer_free(&b);
}

int32_t outside_net(rt386 *m, struct rt_net_op *op)
{
    bool ask;
    struct source *from = answer(m, OUT_NET, "the network", &ask);
    uint32_t room = op->n;
    if (ask) {
        int32_t result = machine_net(m, op);
        net_note(m, op, result);
        return result;
    }
    if (!from) return -RT_NET_ENETDOWN;
    if (source_8(from) != op->kind) from->bad = true;
    int32_t result = (int32_t)source_32(from);
    op->events = source_8(from);
    op->named = source_8(from) & 1;
    op->port = (uint16_t)source_varint(from);
    op->address = source_32(from);
    op->flags = (uint32_t)source_varint(from);
    op->n = (uint32_t)source_varint(from);
    if (op->kind == RT_NET_RECEIVE && result > 0 && (uint32_t)result > room) from->bad = true;
    if (op->kind == RT_NET_RECEIVE && !from->bad) copy_out(from, op->to, result);
    bool bad = from->bad;
    used(m, "a socket operation");
    return bad ? -RT_NET_ENETDOWN : result;
}

/* --- programs and libraries that guests ask for --- */

/* The first n characters are those of the folder, but for separators at the end. */
static bool same_folder(const char *folder, const char *path, size_t n)
{
    size_t have = strlen(folder);
    while (have > 1 && folder[have - 1] == '/')
        have--;
    while (n > 1 && path[n - 1] == '/')
        n--;
    return have == n && !memcmp(folder, path, n);
}

static bool folder_given(const rt386 *m, const char *path, size_t n)
{
    for (unsigned i = 0; i < m->rsl_folder_count; i++)
        if (same_folder(m->rsl_folder[i], path, n)) return true;
    for (unsigned i = 0; i < m->loaded_count; i++) {
        const struct loaded *l = m->loaded[i];
        if (l->given && l->folder && same_folder(l->folder, path, n)) return true;
    }
    return !m->outside.foreign;
}

bool outside_readable(const rt386 *m, const char *path)
{
    const char *last = strrchr(path, '/');
    return !asks_host(m) || folder_given(m, last ? path : ".", last ? (size_t)(last - path) : 1);
}

static rt386_status find_on_host(rt386 *m, const char *folder, const char *name, char **path)
{
    if (!folder || folder_given(m, folder, strlen(folder)))
        return machine_find_file(m, folder, name, path);
    *path = NULL;
    return machine_fail(m, RT386_E_NOTFOUND,
                        "%.80s: only the trace says that it is in '%.120s': give that folder with "
                        "--rsl-path",
                        name, folder);
}

rt386_status outside_find(rt386 *m, const char *folder, const char *name, char **path)
{
    bool ask;
    struct source *from = answer(m, OUT_FIND, "a file's name", &ask);
    struct buffer b = {0};
    if (ask) {
        rt386_status st = find_on_host(m, folder, name, path);
        buffer_add8(&b, (uint8_t)st);
        buffer_add_text(&b, *path ? *path : "");
        note(m, OUT_FIND, &b);
        buffer_free(&b);
        return st;
    }
    *path = NULL;
    if (!from) return machine_fail(m, RT386_E_NOTFOUND, "the replay has gone another way");
    rt386_status st = (rt386_status)source_8(from);
    size_t n = (size_t)(from->end - from->p) + 1;
    *path = malloc(n);
    if (*path) source_text(from, *path, n);
    used(m, "a file's name");
    if (!*path) return machine_fail(m, RT386_E_NOMEM, "the host has no memory for a path");
    if (st == RT386_OK) return st;
    free(*path);
    *path = NULL;
    return machine_fail(m, st, "%.80s: no such file beside the program", name);
}

status_t outside_read(rt386 *m, const char *path, bool given, uint8_t **bytes, size_t *n, char *err,
                      size_t size)
{
    bool ask;
    struct source *from = answer(m, OUT_READ, "a program's file", &ask);
    struct buffer b = {0};
    if (ask) {
        status_t st = ST_NOTFOUND;
        *bytes = NULL;
        if (given || outside_readable(m, path))
            st = file_read(path, bytes, n, err, size);
        else
            snprintf(err, size, "only the trace names it: give its folder with --rsl-path");
        buffer_add8(&b, (uint8_t)st);
        if (st == ST_OK) buffer_add(&b, *bytes, *n);
        note(m, OUT_READ, &b);
        buffer_free(&b);
        return st;
    }
    *bytes = NULL;
    snprintf(err, size, "it could not be read when this was recorded");
    status_t st = from ? (status_t)source_8(from) : ST_IO;
    if (from && st == ST_OK) {
        *n = (size_t)(from->end - from->p);
        *bytes = malloc(*n + 1);
        if (!*bytes) st = ST_NOMEM;
        if (*bytes) copy_out(from, *bytes, (int32_t)*n);
    }
    if (from) used(m, "a program's file");
    return st;
}

/* --- idle time --- */

/* The next input is how far an idle time got that is under way: it began here, or before a run that was to stop inside of it. */
static bool idling(const rt386 *m, uint64_t *to)
{
    const struct outside *o = &m->outside;
    const struct i386_state *s = &m->cpu.s;
    if (!o->has_next || o->next.kind != OUT_IDLE || o->next.insns != s->insns) return false;
    struct source from = o->next.payload;
    *to = source_varint(&from);
    return o->next.clocks == s->clocks || (o->next.clocks < s->clocks && s->clocks < *to);
}

bool outside_idle(rt386 *m, uint64_t *to, bool *heard)
{
    const struct outside *o = &m->outside;
    uint64_t end;
    if (!o->from || (o->live && !o->has_next)) return false;
    *heard = false;
    if (!idling(m, &end) || end > *to) return true; /* as far as was to be */
    struct source *from = &m->outside.next.payload;
    *to = source_varint(from);
    *heard = source_8(from) & 1;
    used(m, "idle time");
    return true;
}

/* Only when it is not what was to be expected: nothing else is needed to do it again. */
void outside_idle_was(rt386 *m, uint64_t to, bool heard)
{
    struct buffer b = {0};
    buffer_add_varint(&b, to);
    buffer_add8(&b, heard);
    note(m, OUT_IDLE, &b);
    buffer_free(&b);
}

/* --- requests to end --- */

bool outside_terminate_now(rt386 *m)
{
    if (!m->outside.from || !here(m) || m->outside.next.kind != OUT_TERMINATE) return false;
    used(m, "a request to end");
    m->outside.told = true;
    return true;
}

bool outside_terminate_was(rt386 *m)
{
    const struct buffer nothing = {0};
    bool told = m->outside.told;
    m->outside.told = false;
    if (told) return true;
    if (!asks_host(m)) return false;
    note(m, OUT_TERMINATE, &nothing);
    return true;
}

uint64_t outside_steps(rt386 *m)
{
    const struct outside *o = &m->outside;
    uint64_t insns = m->cpu.s.insns;
    if (!o->from || !o->has_next) return UINT64_MAX;
    uint64_t idle_end;
    bool passed = o->next.insns == insns && o->next.clocks < m->cpu.s.clocks;
    if (o->next.insns < insns || (passed && !idling(m, &idle_end))) diverge(m, "nothing");
    if (o->next.kind != OUT_TERMINATE) return UINT64_MAX;
    return o->next.insns > insns ? o->next.insns - insns : 1;
}
