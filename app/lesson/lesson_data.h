/* lesson_data.h: the files that the build puts into the binary: lesson sources, guest images and the guests' own
 * sources. embed.py writes the table; a build without the guests' compilers has the lessons' sources only.
 */
#ifndef RT386_APP_LESSON_DATA_H
#define RT386_APP_LESSON_DATA_H

#include <stddef.h>

struct lesson_file {
    const char *name; /* "01-selectors.lesson", "lesson01.elf", "lesson01.S" */
    const unsigned char *bytes;
    size_t n;
};
/* Ends with a name of NULL; sources in the order of their numbers. */
extern const struct lesson_file lesson_files[];

#endif
