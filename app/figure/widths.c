#include "widths.h"

#define CODE_WIDTH 0.6f /* of an em: every common font of fixed width */

/* Of a sans-serif, in hundredths of an em, from the blank to the tilde. */
static const uint8_t plain[] = {
    28, 27, 40, 63, 63, 81, 63, 22, 36, 36, 50, 65, 28, 46, 27, 35, 62, 46, 60, 63, 64, 60, 62, 57,
    61, 62, 27, 28, 65, 65, 65, 50, 93, 67, 65, 72, 71, 59, 58, 74, 74, 26, 54, 65, 56, 88, 75, 76,
    63, 76, 63, 63, 64, 74, 67, 94, 64, 66, 62, 36, 35, 36, 46, 45, 49, 56, 62, 55, 62, 58, 36, 60,
    59, 23, 23, 54, 23, 86, 58, 59, 60, 60, 37, 52, 36, 58, 55, 81, 54, 55, 54, 36, 32, 36, 65,
};
static const uint8_t bold[] = {
    24, 30, 39, 64, 64, 84, 66, 21,  39, 39, 54, 67, 29, 46, 29, 37, 66, 48, 62, 65, 66, 63, 64, 58,
    64, 64, 29, 29, 67, 67, 67, 54,  99, 72, 65, 74, 72, 60, 58, 75, 74, 27, 56, 67, 56, 90, 74, 77,
    64, 77, 65, 64, 66, 73, 72, 100, 69, 70, 65, 39, 37, 39, 48, 46, 49, 57, 63, 57, 63, 59, 37, 62,
    61, 26, 26, 56, 26, 89, 61, 60,  62, 62, 39, 54, 38, 60, 57, 83, 56, 57, 56, 39, 35, 39, 67,
};

float widths_text(struct type type, const char *s, size_t n)
{
    bool code = type.face == FACE_CODE || type.face == FACE_CODE_BOLD;
    const uint8_t *table = type.face == FACE_BOLD ? bold : plain;
    float sum = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char ch = (unsigned char)s[i];
        if ((ch & 0xc0) == 0x80) continue; /* the rest of a character */
        if (code)
            sum += CODE_WIDTH;
        else
            sum += (float)(ch >= 32 && ch < 127 ? table[ch - 32] : 66) / 100;
    }
    return sum * type.size;
}
