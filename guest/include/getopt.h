/* getopt.h of the guest C library: options of a command line. The variables are the process's. */
#ifndef RT386_GUEST_GETOPT_H
#define RT386_GUEST_GETOPT_H

#ifdef __cplusplus
extern "C" {
#endif

struct getopt_state {
    char *argument;          /* of the option that was found last */
    int index;               /* of the next word, 1 at first */
    int prints;              /* not 0: what is wrong goes to stderr */
    int option;              /* the one that was wrong */
    const char *inside_word; /* the library's */
};
struct getopt_state *_getopt_ptr(void);
#define optarg (_getopt_ptr()->argument)
#define optind (_getopt_ptr()->index)
#define opterr (_getopt_ptr()->prints)
#define optopt (_getopt_ptr()->option)

/* The next option's letter; '?': one that is not among them, or lacks its argument (':' where `options` begins with one); -1: no
 * more. A letter with ':' behind it has an argument. */
int getopt(int argc, char *const argv[], const char *options);

#ifdef __cplusplus
}
#endif

#endif
