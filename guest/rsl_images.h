/* rsl_images.h: RtRsl.rsl, clib.rsl and netlib.rsl as bytes inside the emulator.
 *
 * Sizes are 0 when the emulator was built without the guest compilers.
 */
#ifndef RT386_GUEST_RSL_IMAGES_H
#define RT386_GUEST_RSL_IMAGES_H

#include <stddef.h>

extern const unsigned char rt386_rtrsl_image[];
extern const size_t rt386_rtrsl_image_size;
extern const unsigned char rt386_clib_image[];
extern const size_t rt386_clib_image_size;
extern const unsigned char rt386_netlib_image[];
extern const size_t rt386_netlib_image_size;

#endif
