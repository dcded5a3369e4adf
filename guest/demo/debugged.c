/* debugged.c: something to look at with a debugger; built with line numbers. */
#include "rt.h"
#include "stdio.h"

struct sums {
    int count;
    int total;
    int squares;
};

static struct sums sums;

__attribute__((noinline)) static void add(struct sums *to, int value)
{
    to->count++;
    to->total += value;
    to->squares += value * value;
}

__attribute__((noinline)) static int gather(struct sums *to, const int *value, int n)
{
    for (int i = 0; i < n; i++)
        add(to, value[i]);
    return to->total;
}

int main(void)
{
    static const int value[] = {3, 8, 6};
    int total = gather(&sums, value, 3);
    printf("%d values, total %d, squares %d\n", sums.count, total, sums.squares);
    return total;
}
