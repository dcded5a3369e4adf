/* level.c: see level.h. */
#include "level.h"

#include "fp.h"

#define CR0_386    (CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_PG)
#define CR0_486    (CR0_386 | CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD)
#define CR0_CACHES (CR0_CD | CR0_NW | CR0_ET) /* [486 10.1] */
#define CR3_486    0x18u
#define CR4_P5     (CR4_TSD | CR4_DE)
#define CR4_P6     (CR4_P5 | CR4_PCE | CR4_OSFXSR)

#define FEATURES_P5 (FEATURE_FPU | FEATURE_DE | FEATURE_TSC | FEATURE_MSR | FEATURE_CX8)
#define FEATURES_P6 (FEATURES_P5 | FEATURE_CMOV | FEATURE_MMX | FEATURE_FXSR)
#define FEATURES_P4 (FEATURES_P6 | FEATURE_CLFSH | FEATURE_SSE | FEATURE_SSE2)

/* Signatures: 386DX D1, 486DX D0, Pentium 75-200 (P54C), Pentium II (Deschutes), Pentium 4 (Northwood). */
static const struct level levels[] = {
    [LEVEL_386] = {.name = "386", .signature = 0x308, .cr0 = CR0_386, .eflags = FL_ALL},
    [LEVEL_486] = {.name = "486",
                   .signature = 0x404,
                   .cr0 = CR0_486,
                   .cr0_reset = CR0_CACHES,
                   .cr3 = CR3_486,
                   .eflags = FL_ALL | FL_AC},
    [LEVEL_PENTIUM] = {.name = "pentium",
                       .signature = 0x525,
                       .cr0 = CR0_486,
                       .cr4 = CR4_P5,
                       .cr0_reset = CR0_CACHES,
                       .cr3 = CR3_486,
                       .eflags = FL_ALL | FL_AC | FL_ID,
                       .features = FEATURES_P5,
                       .leaf_max = 1},
    [LEVEL_P6] = {.name = "p6",
                  .signature = 0x652,
                  .cr0 = CR0_486,
                  .cr4 = CR4_P6,
                  .cr0_reset = CR0_CACHES,
                  .cr3 = CR3_486,
                  .eflags = FL_ALL | FL_AC | FL_ID,
                  .features = FEATURES_P6,
                  .leaf_max = 2},
    [LEVEL_SSE2] = {.name = "sse2",
                    .signature = 0xf24,
                    .cr0 = CR0_486,
                    .cr4 = CR4_P6 | CR4_OSXMMEXCPT,
                    .cr0_reset = CR0_CACHES,
                    .cr3 = CR3_486,
                    .eflags = FL_ALL | FL_AC | FL_ID,
                    .features = FEATURES_P4,
                    .leaf_max = 2,
                    .leaf_ext_max = 0x80000004u},
};

const struct level *level_of(enum cpu_level level)
{
    if (level < LEVEL_386) level = LEVEL_386;
    return &levels[level == LEVEL_SSE ? LEVEL_SSE2 : level];
}

void level_reset(struct i386_cpu *cpu)
{
    const struct level *l = level_of(cpu->level);
    cpu->s.gpr[EDX] = l->signature;
    cpu->s.cr0 |= l->cr0_reset;
    if (l->features & FEATURE_SSE) cpu->s.sse.mxcsr = MXCSR_DEFAULT;
}

void cpu_set_level(struct i386_cpu *cpu, enum cpu_level level)
{
    cpu->level = level;
    cpu->wp_exists = level_of(level)->cr0 & CR0_WP;
    cpu_drop_derived(cpu); /* decoded as by another one */
}
