/* rsl_none.c: for a build without the guest compilers. */
#include "rsl_images.h"

const unsigned char rt386_rtrsl_image[] = {0};
const size_t rt386_rtrsl_image_size = 0;
const unsigned char rt386_clib_image[] = {0};
const size_t rt386_clib_image_size = 0;
const unsigned char rt386_netlib_image[] = {0};
const size_t rt386_netlib_image_size = 0;
