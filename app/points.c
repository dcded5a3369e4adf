#include "points.h"

#include "desc_text.h"
#include "opt.h"
#include "reg_value.h"
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

/* Where an address that is not physical is now. */
static uint32_t linear_of(const rt386 *m, rt386_addr at)
{
    return at.space == RT386_LOGICAL ? rt386_seg_get(m, at.seg).base + at.at : at.at;
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

/* "0x1b:0x401000", a selector and an offset. */
static bool is_pair(const char *rest, uint64_t *selector, uint64_t *offset)
{
    char first[24];
    const char *colon = strchr(rest, ':');
    size_t n = colon ? (size_t)(colon - rest) : sizeof first;
    if (n >= sizeof first) return false;
    snprintf(first, sizeof first, "%.*s", (int)n, rest);
    return opt_number(first, 0, selector) && opt_number(colon + 1, 0, offset) &&
           *selector <= 0xffff && *offset <= 0xffffffffu;
}

/* What a selector's offsets are relative to now: that of a segment register that has it, else its table's entry. */
static bool base_of(const rt386 *m, uint16_t selector, uint32_t *base)
{
    static const rt386_segreg first[] = {RT386_CS, RT386_ES, RT386_SS,
                                         RT386_DS, RT386_FS, RT386_GS};
    rt386_desc d;
    for (unsigned i = 0; i < 6; i++) {
        rt386_seg s = rt386_seg_get(m, first[i]);
        *base = s.base;
        if (s.usable && s.selector == selector) return true;
    }
    *base = (uint32_t)selector << 4;
    if (!(reg_value(m, "cr0") & 1) || reg_value(m, "eflags") >> 17 & 1) return true;
    if (rt386_table_entry(m, selector & 4 ? RT386_LDT : RT386_GDT, selector >> 3, &d, NULL) !=
            RT386_OK ||
        !desc_is_segment(d.kind))
        return false;
    *base = d.base;
    return true;
}

static bool break_at_pair(struct points *p, const rt386 *m, uint16_t selector, uint32_t offset,
                          char *say, size_t size)
{
    char words[60];
    uint32_t base;
    if (!base_of(m, selector, &base)) {
        snprintf(say, size, "selector 0x%04x names no segment now", selector);
        return false;
    }
    snprintf(words, sizeof words, "exec:0x%08x", base + offset);
    if (!add(p, "", words, say, size)) return false;
    size_t n = strlen(say);
    snprintf(say + n, size - n, ", %04x:%08x", selector, offset);
    return true;
}

bool points_break(struct points *p, struct sources *sources, const rt386 *m, const char *rest,
                  char *say, size_t size)
{
    rt386_addr at;
    const char *end;
    uint64_t line, selector, offset;
    if (seek_address(rest, &end, &at) && !*end) return add(p, "exec:", rest, say, size);
    if (is_pair(rest, &selector, &offset))
        return break_at_pair(p, m, (uint16_t)selector, (uint32_t)offset, say, size);
    if (is_line(rest, &line)) return break_at_line(p, sources, m, rest, line, say, size);
    return add(p, "", rest, say, size);
}

bool points_watch(struct points *p, const rt386 *m, const char *rest, char *say, size_t size)
{
    bool read = !strncmp(rest, "r ", 2);
    if (read || !strncmp(rest, "w ", 2)) rest += 2;
    if (!add(p, read ? "read:" : "write:", rest, say, size)) return false;
    rt386_addr at = p->point[p->n - 1].seek.at;
    if (at.space == RT386_PHYS) return true;
    rt386_walk w = rt386_page_walk(m, linear_of(m, at));
    size_t n = strlen(say);
    if (w.paging && !w.mapped) snprintf(say + n, size - n, "; nothing is mapped there now");
    return true;
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
        uint32_t here = linear;
        bool physical = s->at.space == RT386_PHYS;
        if (physical) {
            rt386_walk w = rt386_page_walk(m, linear);
            if (w.paging && !w.mapped) continue;
            if (w.paging) here = w.phys;
        }
        if (here == (physical ? s->at.at : linear_of(m, s->at))) return &p->point[i];
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
