/* rt.h: everything an INtime application includes. */
#ifndef RT386_GUEST_RT_H
#define RT386_GUEST_RT_H

#include "portio.h"
#include "rtbase.h"
#include "rtint.h"

#endif
