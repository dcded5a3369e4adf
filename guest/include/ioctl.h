/* ioctl.h of the guest C library: the name under which programs for INtime include it. */
#ifndef RT386_GUEST_IOCTL_H
#define RT386_GUEST_IOCTL_H

#include "sys/ioctl.h"

#endif
