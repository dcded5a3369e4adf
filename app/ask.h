/* ask.h: commands that run guests and then answer one question about what is there. */
#ifndef RT386_APP_ASK_H
#define RT386_APP_ASK_H

#include "json.h"
#include "session.h"

struct question {
    void (*text)(struct text *t, const rt386 *m, const struct question *q);
    void (*json)(struct json *j, const rt386 *m, const struct question *q);
    /* Of the word before the FILEs; NULL: there is none. False: it is `wrong`. */
    bool (*read)(const char *word, struct question *q);
    const char *wrong;
    uint16_t handle; /* or a selector */
    uint32_t offset;
    bool any; /* the guest need be no INtime program */
};

/* Reads the command line, runs the guest, then prints the answer. */
int ask(struct app *app, const struct command *self, int argc, char **argv,
        const struct question *question);

/* For whoever asks in another way, as a debugger does. */
extern const struct question question_objects, question_vf, question_vt, question_vk, question_vq,
    question_pdp;

/* "mailbox" */
const char *object_type_word(const rt386_object *o);
/* A process's objects, the names in its directory, its interrupt handlers: a line each. */
void objects_of_text(struct text *t, const rt386 *m, uint16_t process);
/* "interrupts": handlers of the process; 0: all of them. */
void interrupts_json(struct json *j, const rt386 *m, uint16_t process);

#define STOP_SOONER                                                                                \
    "Guest text goes to standard error. The exit status is 0 when the answer was printed, "        \
    "however "                                                                                     \
    "the guest ended.\n\nWhen a program has ended, its objects are gone: stop it before with "     \
    "--max-insns to see them."

#endif
