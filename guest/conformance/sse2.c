/* sse2.c: compiled for SSE2, as programs for INtime are: the probe of start-up code, arithmetic of float and double,
 * loops that the compiler turns into lanes, and registers that every thread has for itself. */
#include "excpt.h"
#include "tap.h"

#define N 64

/* --- what start-up code asks --- */

struct leaf {
    DWORD eax, ebx, ecx, edx;
};

static struct leaf cpuid(DWORD leaf, DWORD sub)
{
    struct leaf r;
    __asm__ volatile("cpuid"
                     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                     : "a"(leaf), "c"(sub));
    return r;
}

static void probe(struct tap *tap)
{
    struct leaf id = cpuid(0, 0), one = cpuid(1, 0);
    tap_line(tap, id.eax >= 1, "leaf 1 exists", DECIDED);
    tap_line(tap, (one.edx >> 26 & 1) && (one.edx >> 25 & 1) && (one.edx >> 15 & 1),
             "SSE2, SSE, CMOV", DECIDED);
    tap_equal(tap, "no OSXSAVE, no XSAVE: nobody uses XGETBV", one.ecx >> 26 & 3, 0, DECIDED);
    static const DWORD more[3][2] = {{7, 0}, {7, 1}, {0x24, 0}};
    for (unsigned i = 0; i < 3; i++) {
        struct leaf r = cpuid(more[i][0], more[i][1]);
        tap_equal(tap, "a later leaf has nothing", r.eax | r.ebx | r.ecx | r.edx, 0, DECIDED);
    }
}

static void time_goes_on(struct tap *tap)
{
    DWORD low, high, low2, high2;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    for (volatile int i = 0; i < 100; i++) {
    }
    __asm__ volatile("rdtsc" : "=a"(low2), "=d"(high2));
    tap_line(tap, high2 > high || (high2 == high && low2 > low + 100), "RDTSC counts", DECIDED);
}

/* --- arithmetic --- */

/* The compiler must not know the operands. */
static volatile double one = 1, three = 3, two = 2, tenth = 0.1;
static volatile float half = 0.5f, big = 16777216.0f;

static DWORD low_of(double v)
{
    union {
        double d;
        DWORD w[2];
    } u = {v};
    return u.w[0];
}

static DWORD bits_of(float v)
{
    union {
        float f;
        DWORD w;
    } u = {v};
    return u.w;
}

static void scalars(struct tap *tap)
{
    tap_equal(tap, "1 / 3", low_of(one / three), 0x55555555, DOCUMENTED);
    tap_equal(tap, "0.1 + 0.1 + 0.1 in double, not extended", low_of(tenth + tenth + tenth),
              0x33333334, DOCUMENTED);
    tap_equal(tap, "root of 2", low_of(__builtin_sqrt(two)), 0x667F3BCD, DOCUMENTED);
    tap_equal(tap, "float: 2^24 + 1", bits_of(big + (float)one), 0x4B800000, DOCUMENTED);
    tap_equal(tap, "float: 0.5 * 0.5", bits_of(half * half), 0x3E800000, DOCUMENTED);
    tap_equal(tap, "to int, towards zero", (DWORD)(int)(three / -two), 0xFFFFFFFF, DOCUMENTED);
    tap_line(tap, one < three && !(three < one) && tenth != half, "comparisons", DOCUMENTED);
    printf("# %.17g %.9g\n", one / three, (double)(half / (float)three));
}

/* --- loops --- */

static float fa[N], fb[N];
static double da[N], db[N];
static int ia[N], ib[N];
static short sa[N], sb[N];
static unsigned char ca[N], cb[N];

static void fill(void)
{
    for (int i = 0; i < N; i++) {
        fa[i] = (float)i + 0.25f;
        fb[i] = (float)(N - i);
        da[i] = i * 1.5;
        db[i] = 1.0 / (i + 1);
        ia[i] = i * 100003;
        ib[i] = N - 3 * i;
        sa[i] = (short)(i * 1021);
        sb[i] = (short)(i - 32);
        ca[i] = (unsigned char)(i * 7);
        cb[i] = (unsigned char)(255 - i);
    }
}

static void lanes(struct tap *tap)
{
    fill();
    for (int i = 0; i < N; i++) {
        fa[i] = fa[i] * fb[i] + 1.0f;
        da[i] = da[i] - db[i];
        ia[i] = ia[i] > ib[i] ? ia[i] + ib[i] : ib[i] * 3;
        sa[i] = (short)(sa[i] * sb[i]);
        ca[i] = (unsigned char)((ca[i] + cb[i] + 1) >> 1);
    }
    unsigned bad = 0;
    for (volatile int k = 0; k < N; k++) { /* one at a time */
        int i = k, was = i * 100003, other = N - 3 * i;
        float f = ((float)i + 0.25f) * (float)(N - i) + 1.0f;
        bad += fa[i] != f || da[i] != i * 1.5 - 1.0 / (i + 1);
        bad += ia[i] != (was > other ? was + other : other * 3);
        bad += sa[i] != (short)((short)(i * 1021) * (i - 32));
        bad += ca[i] != (((i * 7 & 255) + (255 - i) + 1) >> 1 & 255);
    }
    tap_equal(tap, "loops in lanes", bad, 0, DOCUMENTED);
}

/* --- threads --- */

static volatile int wrong, turns;

static void counter(void *param)
{
    double step = (double)(DWORD)param, sum = 0;
    for (int i = 0; i < 50; i++) {
        sum += step;
        RtSleep(1);
        if (sum != step * (i + 1)) wrong++;
    }
    turns++;
}

static void threads(struct tap *tap)
{
    for (DWORD i = 1; i <= 3; i++)
        CreateRtThread(150, counter, 4096, (void *)i);
    for (int i = 0; i < 500 && turns < 3; i++)
        RtSleep(10);
    tap_equal(tap, "three threads", (DWORD)turns, 3, DOCUMENTED);
    tap_equal(tap, "each with its own registers", (DWORD)wrong, 0, DOCUMENTED);
}

/* --- a fault in the middle of arithmetic: the handler uses the registers and has the code go on --- */

static DWORD mended;

static EXCEPTION_DISPOSITION RTAPI mend(PEXCEPTION_RECORD record, PVOID frame, PCONTEXT context,
                                        PVOID dispatcher)
{
    (void)record;
    (void)frame;
    (void)dispatcher;
    DWORD control = 0x1F80 | 0x6000; /* towards zero */
    __asm__ volatile("ldmxcsr %0\n\txorps %%xmm3, %%xmm3\n\txorps %%xmm7, %%xmm7"
                     :
                     : "m"(control)
                     : "xmm3", "xmm7");
    context->Eax = (DWORD)&mended;
    return ExceptionContinueExecution;
}

static void resumed(struct tap *tap)
{
    EXCEPTION_REGISTRATION frame = {NULL, mend};
    static const float in[4] = {1, 2, 3, 4};
    float out[8];
    DWORD control = 0;
    __asm__ volatile("movl %%fs:0, %%eax\n\tmovl %%eax, (%0)\n\tmovl %0, %%fs:0\n\t"
                     "movups %1, %%xmm3\n\tmovups %1, %%xmm7\n\txorl %%eax, %%eax\n\t"
                     "movl $77, (%%eax)\n\t"
                     "movups %%xmm3, (%2)\n\tmovups %%xmm7, 16(%2)\n\tstmxcsr %3\n\t"
                     "movl (%0), %%eax\n\tmovl %%eax, %%fs:0"
                     :
                     : "r"(&frame), "m"(in), "r"(out), "m"(control)
                     : "eax", "xmm3", "xmm7", "memory");
    IS(tap, mended, 77, DECIDED);
    tap_line(tap, out[0] == 1 && out[1] == 2 && out[2] == 3 && out[3] == 4, "XMM3 is as before",
             DECIDED);
    tap_line(tap, out[4] == 1 && out[7] == 4, "XMM7 is as before", DECIDED);
    tap_equal(tap, "MXCSR is as before", control & 0xFFC0, 0x1F80, DECIDED);
}

int main(void)
{
    struct tap tap = {0, 0};
    probe(&tap);
    time_goes_on(&tap);
    scalars(&tap);
    lanes(&tap);
    threads(&tap);
    resumed(&tap);
    return tap_end(&tap);
}
