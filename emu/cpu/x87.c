/* x87.c: the register stack, its tags, and the status summary. */
#include "x87.h"

#include <string.h>

void x87_init(struct i386_x87 *f)
{
    f->cw = 0x037f;
    f->sw = 0;
    f->tw = 0xffff;
    f->fop = f->fcs = f->fds = 0;
    f->fip = f->fdp = 0;
}

void x87_reset(struct i386_x87 *f)
{
    memset(f, 0, sizeof *f);
    x87_init(f);
    f->cw &= (uint16_t)~FE_IE;
    f->sw = FE_IE | FSW_ES | FSW_B;
}

static unsigned tag_of(f80 v)
{
    enum f80_class c = f80_classify(v);
    return c == F80_NORMAL ? 0 : c == F80_ZERO ? 1 : 2;
}

static void set_tag(struct i386_x87 *f, unsigned reg, unsigned tag)
{
    f->tw = (uint16_t)((f->tw & ~(3u << 2 * reg)) | tag << 2 * reg);
}

void x87_set(struct i386_x87 *f, unsigned i, f80 v)
{
    unsigned r = x87_reg(f, i);
    f->m[r] = v.m;
    f->se[r] = v.se;
    set_tag(f, r, tag_of(v));
}

void x87_free(struct i386_x87 *f, unsigned i)
{
    set_tag(f, x87_reg(f, i), 3);
}

void x87_turn(struct i386_x87 *f, int by)
{
    unsigned top = (x87_top(f) + (unsigned)by) & 7;
    f->sw = (uint16_t)((f->sw & ~FSW_TOP) | top << 11);
}

void x87_load_tags(struct i386_x87 *f, uint16_t tw)
{
    f->tw = tw;
    for (unsigned r = 0; r < 8; r++)
        if ((tw >> 2 * r & 3) != 3) set_tag(f, r, tag_of((f80){f->m[r], f->se[r]}));
}

void x87_summarize(struct i386_x87 *f)
{
    bool up = f->sw & ~f->cw & FSW_EXC;
    f->sw = (uint16_t)((f->sw & ~(FSW_ES | FSW_B)) | (up ? FSW_ES | FSW_B : 0));
}
