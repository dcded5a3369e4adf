/* script.c: the lab without anybody at it: a command a line, and what only a script needs. */
#include "loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define PATIENCE 100000000u /* ns that a guest runs between two looks at whether it has stopped */

struct script {
    struct stage *stage;
    const char *path;
    unsigned line;
    char last[80]; /* what was done before this line; "": nothing */
    unsigned last_line;
};

static bool wrong(const struct script *s, const char *what)
{
    app_error(s->stage->lab->app, "%s:%u: %s", s->path, s->line, what);
    return false;
}

/* A text may be missing since the command before did something else than was thought: what came of it is told. It was
 * done, or the script would have ended there. */
static void told_before(const struct script *s, char *to, size_t size)
{
    const char *said = s->stage->lab->message;
    if (!*s->last)
        snprintf(to, size, "no command comes before");
    else
        snprintf(to, size, "line %u, '%s', was done%s%.200s", s->last_line, s->last,
                 *said ? " and said: " : "", said);
}

/* What can be read in the picture has this text, or, after "not ", has it not. */
static bool expect(struct script *s, const char *rest)
{
    char what[600], before[320];
    float w, h;
    struct text seen = {0};
    bool absent = !strncmp(rest, "not ", 4);
    if (absent) rest += 4;
    (void)s->stage->ops->begin(s->stage->screen, s->stage->lab->palette, &w, &h);
    lab_words(s->stage->lab, w, h, &seen);
    bool there = *rest && strstr(text_str(&seen), rest);
    text_free(&seen);
    if (there != absent) return true;
    told_before(s, before, sizeof before);
    snprintf(what, sizeof what, "'%.200s' is %s the picture; %s", rest,
             absent ? "in" : "nowhere in", before);
    return wrong(s, what);
}

static bool click(struct script *s, const char *rest)
{
    char *end;
    struct lab *l = s->stage->lab;
    float x = strtof(rest, &end);
    const char *second = end;
    float y = strtof(second, &end);
    const char *behind = end + strspn(end, " ");
    bool twice = !strcmp(behind, "twice");
    if (second == rest || end == second || (*behind && !twice))
        return wrong(s, "click: say where, as 'click 100 200' or 'click 100 200 twice'");
    stage_draw(s->stage);
    lab_click(l, x, y, twice);
    return true;
}

static bool time_left(struct script *s, const char *rest)
{
    (void)rest;
    struct lab *l = s->stage->lab;
    uint64_t begin = stage_now();
    while (l->running && stage_now() - begin < 60ull * 1000000000u)
        lab_tick(l, PATIENCE);
    if (!l->running) return true;
    return wrong(s, "the guest has run for a minute and nothing stopped it");
}

static uint64_t processor_time(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static bool measure(struct script *s, const char *rest)
{
    uint64_t begin = stage_now(), work = processor_time();
    bool good = lab_line(s->stage->lab, rest) && time_left(s, "");
    if (!good) return wrong(s, s->stage->lab->message);
    app_note(s->stage->lab->app, "%s: %.1f ms, %.1f ms of the processor", rest,
             (double)(stage_now() - begin) / 1e6, (double)(processor_time() - work) / 1e6);
    return true;
}

static bool key(struct script *s, const char *rest)
{
    return lab_key(s->stage->lab, rest) || wrong(s, "no key has that name");
}

static bool type(struct script *s, const char *rest)
{
    for (char one[2] = ""; *rest; rest++) {
        one[0] = *rest;
        lab_typed(s->stage->lab, one);
    }
    return true;
}

static bool screenshot(struct script *s, const char *rest)
{
    return stage_save(s->stage, rest) || wrong(s, "the picture was not written");
}

/* Only a script has these. */
static bool (*own_command(const char *line, size_t n))(struct script *s, const char *rest)
{
    static const struct {
        const char *name;
        bool (*run)(struct script *s, const char *rest);
    } own[] = {{"screenshot", screenshot},
               {"expect", expect},
               {"click", click},
               {"key", key},
               {"type", type},
               {"measure", measure}};
    for (unsigned i = 0; i < sizeof own / sizeof *own; i++)
        if (strlen(own[i].name) == n && !strncmp(own[i].name, line, n)) return own[i].run;
    return NULL;
}

static bool script_line(struct script *s, char *line)
{
    line[strcspn(line, "\r\n")] = '\0';
    line += strspn(line, " \t");
    if (!*line || *line == '#') return true;
    size_t n = strcspn(line, " \t");
    const char *rest = line + n + strspn(line + n, " \t");
    bool (*own)(struct script * s, const char *rest) = own_command(line, n);
    stage_draw(s->stage); /* what is selected depends on what is seen */
    if (own && !own(s, rest)) return false;
    if (!own && !lab_line(s->stage->lab, line)) return wrong(s, s->stage->lab->message);
    if (own == expect || own == screenshot) return true;
    snprintf(s->last, sizeof s->last, "%.79s", line);
    s->last_line = s->line;
    return time_left(s, "");
}

bool stage_script(struct stage *stage, const char *path)
{
    struct script s = {.stage = stage, .path = path};
    char *line = NULL;
    size_t room = 0;
    FILE *f = fopen(path, "re");
    struct stat st;
    if (f && fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
        fclose(f);
        f = NULL;
        errno = EISDIR;
    }
    if (!f) {
        app_error(stage->lab->app, "cannot read the commands in '%.120s': %s", path,
                  strerror(errno));
        return false;
    }
    bool good = true;
    while (good && !stage->lab->over && getline(&line, &room, f) >= 0) {
        s.line++;
        good = script_line(&s, line);
    }
    free(line);
    fclose(f);
    return good;
}
