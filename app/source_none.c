/* source_none.c: source_lines.h of a build without libdw: no file has line numbers. */
#include "source_lines.h"

struct source_lines *source_lines_open(const char *path)
{
    (void)path;
    return NULL;
}
struct source_lines *source_lines_of_bytes(const void *bytes, size_t n)
{
    (void)bytes, (void)n;
    return NULL;
}
void source_lines_close(struct source_lines *s)
{
    (void)s;
}
bool source_lines_at(const struct source_lines *s, uint32_t address, struct source_place *to)
{
    (void)s, (void)address, (void)to;
    return false;
}
bool source_lines_find(const struct source_lines *s, const char *file, unsigned *line,
                       uint32_t *address)
{
    (void)s, (void)file, (void)line, (void)address;
    return false;
}
const char *source_lines_text(struct source_lines *s, const char *file, unsigned line)
{
    (void)s, (void)file, (void)line;
    return NULL;
}
