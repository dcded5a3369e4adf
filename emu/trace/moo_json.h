/* moo_json.h: words that the JSON form of vectors uses for numbers of the MOO form. */
#ifndef RT386_TRACE_MOO_JSON_H
#define RT386_TRACE_MOO_JSON_H

#include <stdbool.h>
#include <stdint.h>

static const char *const moo_seg_name[] = {"CS", "SS", "DS", "ES", "FS", "GS"};

/* Bus status, by the raw value. */
static inline const char *moo_bus_name(bool wide, uint8_t raw)
{
    static const char *const w[8] = {"INTA", "PASV", "IOR", "IOW", "CODE", "HALT", "MEMR", "MEMW"};
    static const char *const n[16] = {"INTA", "PASV", "PASV", "PASV", "HALT", "MEMR",
                                      "MEMW", "PASV", "PASV", "IOR",  "IOW",  "PASV",
                                      "PASV", "CODE", "PASV", "PASV"};
    return wide ? w[raw & 7] : n[raw & 15];
}
static inline const char *moo_t_name(bool wide, uint8_t t)
{
    static const char *const name[2][3] = {{"Ti", "Ts", "Tc"}, {"Ti", "T1", "T2"}};
    return t < 3 ? name[wide][t] : "Tw";
}

#endif
