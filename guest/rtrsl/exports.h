/* exports.h: preprocessed into RtRsl.def, from which the import library is made. */
#define EXPORT_RSL(name) name
#define EXPORT_CLIB(name)
#define RT_CALL(class, number, name, ...) EXPORT_##class(name)
#define RT_GAP(class, number, name, ...) EXPORT_##class(name)
LIBRARY RtRsl.rsl
EXPORTS
#include "rtcalls.def"
