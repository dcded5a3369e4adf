#include "profile.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct function {
    char *object, *name;
};
/* A line: callee is NONE. A call: with callee. */
struct row {
    uint32_t function, address, callee, target;
    uint64_t calls;
    struct profile_cost cost;
};
struct profile {
    struct function *function;
    struct row *row;
    uint32_t *slot; /* numbers of rows + 1, by hash; 0: free */
    size_t functions, function_room, rows, row_room, slots;
    struct profile_cost total;
    bool failed;
};
#define NONE    UINT32_MAX
#define SLOTS_0 1024u

struct profile *profile_new(void)
{
    struct profile *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->slots = SLOTS_0;
    p->slot = calloc(p->slots, sizeof *p->slot);
    if (p->slot) return p;
    free(p);
    return NULL;
}

void profile_free(struct profile *p)
{
    if (!p) return;
    for (size_t i = 0; i < p->functions; i++) {
        free(p->function[i].object);
        free(p->function[i].name);
    }
    free(p->function);
    free(p->row);
    free(p->slot);
    free(p);
}

bool profile_failed(const struct profile *p)
{
    return p->failed;
}

unsigned profile_function(struct profile *p, const char *object, const char *name)
{
    for (size_t i = p->functions; i-- > 0;)
        if (!strcmp(p->function[i].name, name) && !strcmp(p->function[i].object, object))
            return (unsigned)i;
    if (p->functions == p->function_room) {
        size_t room = p->function_room ? 2 * p->function_room : 64;
        void *to = realloc(p->function, room * sizeof *p->function);
        p->failed |= !to;
        if (!to) return 0;
        p->function = to;
        p->function_room = room;
    }
    struct function f = {strdup(object), strdup(name)};
    if (!f.object || !f.name) {
        free(f.object);
        free(f.name);
        p->failed = true;
        return 0;
    }
    p->function[p->functions] = f;
    return (unsigned)p->functions++;
}

/* --- rows --- */

static size_t hash(const struct profile *p, uint32_t function, uint32_t address, uint32_t callee)
{
    uint64_t h = (uint64_t)function * 0x9e3779b97f4a7c15u;
    h = (h ^ address) * 0xff51afd7ed558ccdu;
    h = (h ^ callee ^ h >> 29) * 0xc4ceb9fe1a85ec53u;
    return (size_t)(h >> 32) & (p->slots - 1);
}

static bool slots_double(struct profile *p)
{
    uint32_t *old = p->slot;
    p->slot = calloc(2 * p->slots, sizeof *p->slot);
    if (!p->slot) {
        p->slot = old;
        p->failed = true;
        return false;
    }
    p->slots *= 2;
    free(old);
    for (size_t i = 0; i < p->rows; i++) {
        const struct row *r = &p->row[i];
        size_t at = hash(p, r->function, r->address, r->callee);
        while (p->slot[at])
            at = (at + 1) & (p->slots - 1);
        p->slot[at] = (uint32_t)i + 1;
    }
    return true;
}

static struct row *row_of(struct profile *p, uint32_t function, uint32_t address, uint32_t callee)
{
    size_t at = hash(p, function, address, callee);
    for (; p->slot[at]; at = (at + 1) & (p->slots - 1)) {
        struct row *r = &p->row[p->slot[at] - 1];
        if (r->function == function && r->address == address && r->callee == callee) return r;
    }
    if (p->rows == p->row_room) {
        size_t room = p->row_room ? 2 * p->row_room : SLOTS_0 / 2;
        void *to = realloc(p->row, room * sizeof *p->row);
        p->failed |= !to;
        if (!to) return NULL;
        p->row = to;
        p->row_room = room;
    }
    struct row *r = &p->row[p->rows++];
    *r = (struct row){.function = function, .address = address, .callee = callee};
    p->slot[at] = (uint32_t)p->rows;
    if (2 * p->rows > p->slots) slots_double(p);
    return p->failed ? NULL : r;
}

void profile_add(struct profile *p, unsigned function, uint32_t address, enum profile_event event,
                 uint64_t n)
{
    struct row *r = p->failed ? NULL : row_of(p, function, address, NONE);
    if (!r) return;
    r->cost.of[event] += n;
    p->total.of[event] += n;
}

void profile_call(struct profile *p, unsigned caller, uint32_t address, unsigned callee,
                  uint32_t target, const struct profile_cost *inclusive)
{
    struct row *r = p->failed ? NULL : row_of(p, caller, address, callee);
    if (!r) return;
    r->target = target;
    r->calls++;
    for (unsigned e = 0; e < PROFILE_EVENTS; e++)
        r->cost.of[e] += inclusive->of[e];
}

/* --- text --- */

static int by_place(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->function != y->function) return x->function < y->function ? -1 : 1;
    if (x->address != y->address) return x->address < y->address ? -1 : 1;
    if (x->callee == y->callee) return 0;
    return x->callee == NONE || (y->callee != NONE && x->callee < y->callee) ? -1 : 1;
}

static void cost_line(struct text *t, uint32_t address, const struct profile_cost *cost)
{
    text_addf(t, "0x%x", address);
    for (unsigned e = 0; e < PROFILE_EVENTS; e++)
        text_addf(t, " %" PRIu64, cost->of[e]);
    text_add(t, "\n");
}

void profile_text(struct profile *p, struct text *t)
{
    uint32_t in = NONE;
    if (p->rows) qsort(p->row, p->rows, sizeof *p->row, by_place);
    memset(p->slot, 0, p->slots * sizeof *p->slot); /* the numbers of rows are others now */
    for (size_t i = 0; i < p->rows; i++) {
        const struct row *r = &p->row[i];
        const struct function *f = &p->function[r->function];
        if (r->function != in) text_addf(t, "\nob=%s\nfl=???\nfn=%s\n", f->object, f->name);
        in = r->function;
        if (r->callee != NONE) {
            f = &p->function[r->callee];
            text_addf(t, "cob=%s\ncfi=???\ncfn=%s\ncalls=%" PRIu64 " 0x%x\n", f->object, f->name,
                      r->calls, r->target);
        }
        cost_line(t, r->address, &r->cost);
    }
    text_add(t, "\ntotals:");
    for (unsigned e = 0; e < PROFILE_EVENTS; e++)
        text_addf(t, " %" PRIu64, p->total.of[e]);
    text_add(t, "\n");
}
