/* ctype.h of the guest C library: the C locale, whose letters are those of ASCII. */
#ifndef RT386_GUEST_CTYPE_H
#define RT386_GUEST_CTYPE_H

#ifdef __cplusplus
extern "C" {
#endif

int isalnum(int c);
int isalpha(int c);
int isblank(int c);
int iscntrl(int c);
int isdigit(int c);
int isgraph(int c);
int islower(int c);
int isprint(int c);
int ispunct(int c);
int isspace(int c);
int isupper(int c);
int isxdigit(int c);
int tolower(int c);
int toupper(int c);

/* not of the C standard */
int isascii(int c);
int toascii(int c);

#ifdef __cplusplus
}
#endif

#endif
