/* loop.h: the lab with a surface to draw on: in a window, or following a script. */
#ifndef RT386_APP_LAB_LOOP_H
#define RT386_APP_LAB_LOOP_H

#include "lab.h"
#include "screen.h"

struct stage {
    struct lab *lab;
    const struct screen_ops *ops;
    struct screen *screen;
    bool stats;
    char name[120]; /* of the window */
    /* measured */
    unsigned frames,
        late; /* pictures while the guest ran; those that took longer than a sixtieth */
    uint64_t drawing, waited,
        longest; /* ns: in all to draw, from first to last, of the longest picture */
};

uint64_t stage_now(void); /* ns of a clock that only goes on */
void stage_draw(struct stage *s);
/* Until somebody leaves. */
void stage_loop(struct stage *s);
/* The commands of a file, and those that only a script has (docs/lab.md). False: a sentence with file and line was printed. */
bool stage_script(struct stage *s, const char *path);
bool stage_save(struct stage *s, const char *path);

#endif
