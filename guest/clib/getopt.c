/* getopt.c: options of a command line.
 *
 *   -a -b            single        -ab          several in a word
 *   -o name, -oname  with an argument           --           none comes behind it
 */
#include "getopt.h"
#include "stddef.h"
#include "stdio.h"
#include "string.h"

static struct getopt_state state = {.index = 1, .prints = 1};

struct getopt_state *_getopt_ptr(void)
{
    return &state;
}

static int wrong(char *const argv[], const char *options, const char *what, int answer)
{
    if (state.prints && *options != ':')
        fprintf(stderr, "%s: %s -- %c\n", argv[0] == NULL ? "" : argv[0], what, state.option);
    return answer;
}

static int argument_of(int argc, char *const argv[], const char *options, int letter)
{
    if (*state.inside_word != 0) {
        state.argument = (char *)state.inside_word;
        state.index++;
    } else if (++state.index < argc) {
        state.argument = argv[state.index++];
    } else {
        state.inside_word = NULL;
        state.option = letter;
        return wrong(argv, options, "option requires an argument", *options == ':' ? ':' : '?');
    }
    state.inside_word = NULL;
    return letter;
}

int getopt(int argc, char *const argv[], const char *options)
{
    state.argument = NULL;
    if (state.inside_word == NULL || *state.inside_word == 0) {
        const char *word = state.index < argc ? argv[state.index] : NULL;
        if (word == NULL || word[0] != '-' || word[1] == 0) return -1;
        if (word[1] == '-' && word[2] == 0) {
            state.index++;
            return -1;
        }
        state.inside_word = word + 1;
    }
    int letter = (unsigned char)*state.inside_word++;
    const char *known = letter == ':' ? NULL : strchr(options, letter);
    if (known != NULL && known[1] == ':') return argument_of(argc, argv, options, letter);
    if (*state.inside_word == 0) {
        state.index++;
        state.inside_word = NULL;
    }
    state.option = letter;
    return known == NULL ? wrong(argv, options, "illegal option", '?') : letter;
}
