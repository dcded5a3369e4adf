/* ctype.c: kinds of characters in the C locale: those of ASCII; nothing else is of any kind. */
#include "ctype.h"

static int in(int c, int first, int last)
{
    return c >= first && c <= last;
}

int isupper(int c)
{
    return in(c, 'A', 'Z');
}
int islower(int c)
{
    return in(c, 'a', 'z');
}
int isdigit(int c)
{
    return in(c, '0', '9');
}
int isalpha(int c)
{
    return isupper(c) || islower(c);
}
int isalnum(int c)
{
    return isalpha(c) || isdigit(c);
}
int isxdigit(int c)
{
    return isdigit(c) || in(c, 'A', 'F') || in(c, 'a', 'f');
}
int isblank(int c)
{
    return c == ' ' || c == '\t';
}
int isspace(int c)
{
    return c == ' ' || in(c, '\t', '\r');
}
int iscntrl(int c)
{
    return in(c, 0, 0x1F) || c == 0x7F;
}
int isprint(int c)
{
    return in(c, 0x20, 0x7E);
}
int isgraph(int c)
{
    return in(c, 0x21, 0x7E);
}
int ispunct(int c)
{
    return isgraph(c) && !isalnum(c);
}
int isascii(int c)
{
    return in(c, 0, 0x7F);
}
int toascii(int c)
{
    return c & 0x7F;
}
int tolower(int c)
{
    return isupper(c) ? c + ('a' - 'A') : c;
}
int toupper(int c)
{
    return islower(c) ? c - ('a' - 'A') : c;
}
