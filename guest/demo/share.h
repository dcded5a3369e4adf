/* share.h: what the two processes of the sharing demo agree on.
 *
 *   0     64         128     132     136                4999   5000
 *   +-----+----------+-------+-------+------------------+      |
 *   | A's text | B's text | b_ready | a_seen | bytes of A |     first byte outside
 */
#ifndef RT386_GUEST_SHARE_H
#define RT386_GUEST_SHARE_H

#define SHARE_NAME "SHAREDMEM"
#define SHARE_SIZE 5000u /* no multiple of a page: the limit is exact to the byte */

#define SHARE_A_TEXT  0u
#define SHARE_B_TEXT  64u
#define SHARE_B_READY 128u
#define SHARE_A_SEEN  132u
#define SHARE_BYTES   136u

#define SHARE_BYTE(offset) ((BYTE)((offset)*7u + 3u)) /* what A leaves at an offset */

#endif
