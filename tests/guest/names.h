/* names.h: included before everything when the guest C library is compiled for the host: its
 * functions get names of their own, so that they stand beside those of the host.
 */
#ifndef RT386_TEST_GUEST_NAMES_H
#define RT386_TEST_GUEST_NAMES_H

#define strlen   g_strlen
#define strcpy   g_strcpy
#define strncpy  g_strncpy
#define strcat   g_strcat
#define strcmp   g_strcmp
#define strncmp  g_strncmp
#define strnicmp g_strnicmp
#define strchr   g_strchr
#define strrchr  g_strrchr
#define strcspn  g_strcspn
#define strstr   g_strstr
#define strtok   g_strtok
#define memcmp   g_memcmp
#define memcpy   g_memcpy
#define memmove  g_memmove
#define memset   g_memset
#define vsprintf g_vsprintf
#define sprintf  g_sprintf
#define snprintf g_snprintf
#define sscanf   g_sscanf
#define malloc   g_malloc
#define calloc   g_calloc
#define free     g_free
#define strdup   g_strdup

#endif
