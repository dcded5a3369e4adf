/* x87_image.c: what FSTENV and FSAVE write.
 *
 *   protected mode          real and V86 mode (linear addresses)
 *   16 bits     32 bits     16 bits                32 bits
 *   00 CW       00 CW       00 CW                  00 CW
 *   02 SW       04 SW       02 SW                  04 SW
 *   04 TW       08 TW       04 TW                  08 TW
 *   06 IP       0C IP       06 IP 15..0            0C IP 15..0
 *   08 CS       10 CS, op   08 IP 19..16, op       10 IP 31..16 in bits 27..12, op in 10..0
 *   0A DP       14 DP       0A DP 15..0            14 DP 15..0
 *   0C DS       18 DS       0C DP 19..16 (15..12)  18 DP 31..16 in bits 27..12
 *
 * FSAVE appends ST0 to ST7, ten bytes each. Unused upper halves of the 32-bit forms are stored as ones
 * (UNDOC: as later parts do), those of IP 15..0 and DP 15..0 too.
 */
#include <string.h>

#include "bits.h"
#include "x87.h"

#define UPPER_ONES 0xffff0000u

unsigned x87_env_bytes(enum x87_format format)
{
    return format == X87_PROT16 || format == X87_REAL16 ? 14 : 28;
}

struct pointers {
    uint32_t ip, cs, dp, ds; /* the last four fields, ready to store */
};

static struct pointers pointers_of(const struct i386_x87 *f, enum x87_format format)
{
    uint32_t ip = f->fip + ((uint32_t)f->fcs << 4), dp = f->fdp + ((uint32_t)f->fds << 4);
    switch (format) {
    case X87_PROT16: return (struct pointers){f->fip, f->fcs, f->fdp, f->fds};
    case X87_PROT32:
        return (struct pointers){f->fip, (uint32_t)f->fop << 16 | f->fcs, f->fdp,
                                 UPPER_ONES | f->fds};
    case X87_REAL16:
        return (struct pointers){ip, (ip >> 16 & 15) << 12 | f->fop, dp, (dp >> 16 & 15) << 12};
    default:
        return (struct pointers){UPPER_ONES | (ip & 0xffff), ip >> 16 << 12 | f->fop,
                                 UPPER_ONES | (dp & 0xffff), dp >> 16 << 12};
    }
}

void x87_put_env(const struct i386_x87 *f, enum x87_format format, uint8_t *to)
{
    struct pointers p = pointers_of(f, format);
    uint32_t v[7] = {f->cw, f->sw, f->tw, p.ip, p.cs, p.dp, p.ds};
    bool wide = x87_env_bytes(format) == 28;
    for (unsigned i = 0; i < 7; i++) {
        if (wide)
            put32(to + 4 * i, i < 3 ? UPPER_ONES | v[i] : v[i]);
        else
            put16(to + 2 * i, (uint16_t)v[i]);
    }
}

static void get_pointers(struct i386_x87 *f, enum x87_format format, const uint32_t *v)
{
    f->fcs = f->fds = 0;
    switch (format) {
    case X87_PROT32: f->fop = v[1] >> 16 & 0x7ff; /* fall through */
    case X87_PROT16:
        if (format == X87_PROT16) f->fop = 0;
        f->fip = v[0];
        f->fcs = (uint16_t)v[1];
        f->fdp = v[2];
        f->fds = (uint16_t)v[3];
        break;
    case X87_REAL16:
        f->fip = v[0] | (v[1] & 0xf000) << 4;
        f->fdp = v[2] | (v[3] & 0xf000) << 4;
        f->fop = v[1] & 0x7ff;
        break;
    default:
        f->fip = (v[0] & 0xffff) | (v[1] & 0x0ffff000) << 4;
        f->fdp = (v[2] & 0xffff) | (v[3] & 0x0ffff000) << 4;
        f->fop = v[1] & 0x7ff;
        break;
    }
}

void x87_get_env(struct i386_x87 *f, enum x87_format format, const uint8_t *from)
{
    uint32_t v[7];
    bool wide = x87_env_bytes(format) == 28;
    for (unsigned i = 0; i < 7; i++)
        v[i] = wide ? get32(from + 4 * i) : get16(from + 2 * i);
    f->cw = (uint16_t)((v[0] & FCW_KEPT) | FCW_FIXED);
    f->sw = (uint16_t)v[1];
    get_pointers(f, format, v + 3);
    x87_load_tags(f, (uint16_t)v[2]);
    x87_summarize(f);
}

void x87_put_regs(const struct i386_x87 *f, uint8_t to[80])
{
    for (unsigned i = 0; i < 8; i++) {
        f80 v = x87_get(f, i);
        put64(to + 10 * i, v.m);
        put16(to + 10 * i + 8, v.se);
    }
}

/* The tags are those just loaded: empty stays empty. */
void x87_get_regs(struct i386_x87 *f, const uint8_t from[80])
{
    for (unsigned i = 0; i < 8; i++) {
        unsigned r = x87_reg(f, i);
        f->m[r] = get64(from + 10 * i);
        f->se[r] = get16(from + 10 * i + 8);
    }
    x87_load_tags(f, f->tw);
}
