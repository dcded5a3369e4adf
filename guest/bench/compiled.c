/* compiled.c: a round of ordinary compiled code: a checksum, a sort, a sieve. */
typedef unsigned int u32;
typedef unsigned char u8;

enum { BYTES = 65536, NUMBERS = 20000, SIEVE = 262144 };

static u8 bytes[BYTES], composite[SIEVE];
static u32 table[256], numbers[NUMBERS];
volatile u32 result; /* so that nothing is left out */

static void make_table(void)
{
    for (u32 i = 0; i < 256; i++) {
        u32 v = i;
        for (u32 bit = 0; bit < 8; bit++)
            v = v & 1 ? v >> 1 ^ 0xedb88320u : v >> 1;
        table[i] = v;
    }
}

static u32 crc32(const u8 *p, u32 n)
{
    u32 v = ~0u;
    while (n--)
        v = v >> 8 ^ table[(v ^ *p++) & 0xff];
    return ~v;
}

static void quicksort(u32 *a, int low, int high)
{
    while (low < high) {
        u32 pivot = a[(low + high) / 2];
        int i = low, k = high;
        while (i <= k) {
            while (a[i] < pivot)
                i++;
            while (a[k] > pivot)
                k--;
            if (i > k) break;
            u32 t = a[i];
            a[i++] = a[k];
            a[k--] = t;
        }
        if (k - low < high - i) {
            quicksort(a, low, k);
            low = i;
        } else {
            quicksort(a, i, high);
            high = k;
        }
    }
}

static u32 sieve(void)
{
    u32 count = 0;
    for (u32 i = 0; i < SIEVE; i++)
        composite[i] = 0;
    for (u32 i = 2; i < SIEVE; i++) {
        if (composite[i]) continue;
        count++;
        for (u32 k = i + i; k < SIEVE; k += i)
            composite[k] = 1;
    }
    return count;
}

void round(void)
{
    u32 seed = 12345;
    make_table();
    for (u32 i = 0; i < BYTES; i++)
        bytes[i] = (u8)((seed = seed * 1103515245u + 12345u) >> 16);
    for (u32 i = 0; i < 4; i++)
        result += crc32(bytes, BYTES);
    for (u32 i = 0; i < NUMBERS; i++)
        numbers[i] = seed = seed * 1103515245u + 12345u;
    quicksort(numbers, 0, NUMBERS - 1);
    for (u32 i = 1; i < NUMBERS; i++)
        if (numbers[i - 1] > numbers[i]) result += 1;
    result += sieve();
}
