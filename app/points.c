#include "points.h"

#include "opt.h"
#include "seek_text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool add(struct points *p, const char *prefix, const char *rest, char *say, size_t size)
{
    struct point *x = &p->point[p->n];
    if (p->n == POINTS_MOST) {
        snprintf(say, size, "there are %u already; 'delete N' takes one off", POINTS_MOST);
        return false;
    }
    *x = (struct point){.number = p->numbers + 1};
    snprintf(x->words, sizeof x->words, "%s%.60s", prefix, rest);
    const char *wrong = seek_read(x->words, &x->seek);
    if (wrong) {
        snprintf(say, size, "%s", wrong);
        return false;
    }
    p->n++;
    p->numbers++;
    snprintf(say, size, "%u: %s", x->number, x->words);
    return true;
}

void points_remove(struct points *p, unsigned index)
{
    p->n--;
    memmove(&p->point[index], &p->point[index + 1], (p->n - index) * sizeof *p->point);
    for (unsigned i = index; i < p->n; i++) /* names lie in their words */
        if (p->point[i].seek.call) p->point[i].seek.call = strchr(p->point[i].words, ':') + 1;
}

/* "FILE.c:LINE", of which *line is the number. */
static bool is_line(const char *rest, uint64_t *line)
{
    const char *colon = strrchr(rest, ':');
    return colon && memchr(rest, '.', (size_t)(colon - rest)) && opt_number(colon + 1, 0, line);
}

static bool break_at_line(struct points *p, struct sources *sources, const rt386 *m,
                          const char *rest, uint64_t line, char *say, size_t size)
{
    char file[200], words[40];
    unsigned wanted = (unsigned)line;
    uint32_t eip;
    snprintf(file, sizeof file, "%.*s", (int)(strrchr(rest, ':') - rest), rest);
    if (!sources || !sources_find(sources, m, file, &wanted, &eip)) {
        snprintf(say, size, "no instruction is known to come from %.60s", rest);
        return false;
    }
    snprintf(words, sizeof words, "exec:0x%x", rt386_seg_get(m, RT386_CS).base + eip);
    if (!add(p, "", words, say, size)) return false;
    size_t n = strlen(say);
    if (wanted != line)
        snprintf(say + n, size - n, "; line %u is the next with instructions", wanted);
    else
        snprintf(say + n, size - n, ", line %u", wanted);
    return true;
}

bool points_break(struct points *p, struct sources *sources, const rt386 *m, const char *rest,
                  char *say, size_t size)
{
    rt386_addr at;
    const char *end;
    uint64_t line;
    if (seek_address(rest, &end, &at) && !*end) return add(p, "exec:", rest, say, size);
    if (is_line(rest, &line)) return break_at_line(p, sources, m, rest, line, say, size);
    return add(p, "", rest, say, size);
}

bool points_watch(struct points *p, const char *rest, char *say, size_t size)
{
    bool read = !strncmp(rest, "r ", 2);
    if (read || !strncmp(rest, "w ", 2)) rest += 2;
    return add(p, read ? "read:" : "write:", rest, say, size);
}

bool points_catch(struct points *p, const char *rest, char *say, size_t size)
{
    if (!*rest || !strcmp(rest, "all")) return add(p, "", "event", say, size);
    return add(p, isdigit((unsigned char)*rest) ? "event:" : "", rest, say, size);
}

bool points_delete(struct points *p, const char *rest, char *say, size_t size)
{
    uint64_t n = 0;
    if (!*rest) {
        p->n = 0;
        snprintf(say, size, "nothing stops the guest but its end");
        return true;
    }
    for (unsigned i = 0; opt_number(rest, 0, &n) && i < p->n; i++) {
        if (p->point[i].number != n) continue;
        points_remove(p, i);
        snprintf(say, size, "%u no longer stops it", (unsigned)n);
        return true;
    }
    snprintf(say, size, "there is no number '%.20s'", rest);
    return false;
}

unsigned points_seeks(const struct points *p, rt386_seek seek[RT386_SEEK_MAX])
{
    for (unsigned i = 0; i < p->n; i++)
        seek[i] = p->point[i].seek;
    return p->n;
}

const struct point *points_at(const struct points *p, const rt386 *m, uint32_t linear)
{
    for (unsigned i = 0; i < p->n; i++) {
        const rt386_seek *s = &p->point[i].seek;
        if (s->kind != RT386_SEEK_EXEC) continue;
        uint32_t at = s->at.at;
        if (s->at.space == RT386_LOGICAL) at += rt386_seg_get(m, s->at.seg).base;
        if (at == linear) return &p->point[i];
    }
    return NULL;
}

bool points_met(const struct points *p, const rt386_sighting *met, char *say, size_t size)
{
    if (met->which >= p->n) return false;
    const struct point *x = &p->point[met->which];
    if (x->seek.kind == RT386_SEEK_EVENT)
        snprintf(say, size, "%u: %s: %s %s", x->number, x->words,
                 rt386_vector_mnemonic(met->vector), rt386_vector_name(met->vector));
    else if (met->by_kernel)
        snprintf(say, size, "%u: %s: by the INtime kernel%s%s", x->number, x->words,
                 *met->call ? " in " : "", met->call);
    else
        snprintf(say, size, "%u: %s", x->number, x->words);
    return true;
}
