/* workers.c: as a program for INtime is written and optimised: threads that wait at a mailbox for handles of shared
 * memory, floating point in lanes, variables of each thread, exceptions caught in every thread, and a report in a file. */
#include "excpt.h"
#include "rt.h"
#include "tap.h"

#define WORKERS 3
#define JOBS    9
#define N       256
#define REPORT  "workers.txt"

int _fltused; /* asked for by whatever uses floating point */

struct job {
    double a[N], b[N], sum;
    float least;
    int faults, worker, turn;
};

static RTHANDLE jobs, done;
static volatile int zero;
static __declspec(thread) int turns = 1000; /* each worker has its own */

/* In two lanes, and in four. */
static __attribute__((noinline)) double dot(const double *a, const double *b)
{
    double sum[2] = {0, 0};
    for (int i = 0; i < N; i += 2) {
        sum[0] += a[i] / b[i];
        sum[1] += a[i + 1] / b[i + 1];
    }
    return sum[0] + sum[1];
}
static __attribute__((noinline)) float least(const double *a)
{
    float low = 1e30f;
    for (int i = 0; i < N; i++)
        low = (float)a[i] < low ? (float)a[i] : low;
    return low;
}
static __attribute__((noinline)) int divide(int value)
{
    return value / zero;
}
static __attribute__((noinline)) void store(int *to)
{
    *(volatile int *)to = 1;
}

/* The sums must outlive an exception that comes up between them. */
static void work(struct job *job, int worker)
{
    job->sum = dot(job->a, job->b);
    __try {
        job->faults += divide(worker);
    } __except (GetExceptionCode() == EXCEPTION_INT_DIVIDE_BY_ZERO ? EXCEPTION_EXECUTE_HANDLER
                                                                   : EXCEPTION_CONTINUE_SEARCH) {
        job->faults++;
    }
    job->least = least(job->a);
    __try {
        __try {
            store((int *)0x10);
        } __finally {
            job->faults += AbnormalTermination() ? 10 : 0;
        }
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        job->faults += 100;
    }
    job->worker = worker;
    job->turn = ++turns;
}

static void worker(void *param)
{
    for (;;) {
        RTHANDLE memory = ReceiveRtHandle(jobs, WAIT_FOREVER, NULL);
        if (memory == BAD_RTHANDLE) return;
        struct job *job = MapRtSharedMemory(memory);
        if (job) work(job, (int)(DWORD)param);
        ReleaseRtSemaphore(done, 1);
        RtSleep(20); /* some clock ticks: the others have their turn */
    }
}

static double quotient(int job, int i)
{
    return (double)(job * 1000 + i) / (i + 1);
}

static struct job *make(int number, RTHANDLE *handle)
{
    struct job *job = AllocateRtMemory(sizeof *job);
    if (!job) return NULL;
    for (int i = 0; i < N; i++) {
        job->a[i] = number * 1000 + i;
        job->b[i] = i + 1;
    }
    job->faults = job->worker = job->turn = 0;
    *handle = CreateRtMemoryHandle(job, sizeof *job);
    return job;
}

/* Written with 17 digits, a double comes back as it was. */
static unsigned report(struct job *const job[JOBS])
{
    unsigned bad = 0;
    FILE *f = fopen(REPORT, "w");
    if (!f) return JOBS;
    for (int i = 0; i < JOBS; i++)
        fprintf(f, "%d %.17g %.9g\n", job[i]->faults, job[i]->sum, (double)job[i]->least);
    fclose(f);
    f = fopen(REPORT, "r");
    if (!f) return JOBS;
    for (int i = 0; i < JOBS; i++) {
        int faults;
        double sum, low;
        int n = fscanf(f, "%d %lf %lf", &faults, &sum, &low);
        bad += n != 3 || faults != 111 || sum != job[i]->sum || low != (double)job[i]->least;
    }
    fclose(f);
    return bad;
}

int main(void)
{
    struct tap tap = {0, 0}, *t = &tap;
    struct job *job[JOBS];
    RTHANDLE handle[JOBS];
    unsigned sums = 0, leasts = 0, faults = 0, used = 0, out_of_turn = 0;
    int next[WORKERS + 1] = {1001, 1001, 1001, 1001};
    jobs = CreateRtMailbox(OBJECT_MAILBOX);
    done = CreateRtSemaphore(0, JOBS, FIFO_QUEUING);
    for (DWORD i = 1; i <= WORKERS; i++)
        HOLDS(t, CreateRtThread(150, worker, 8192, (void *)i) != BAD_RTHANDLE, DOCUMENTED);
    for (int i = 0; i < JOBS; i++) {
        job[i] = make(i + 1, &handle[i]);
        if (!job[i] || !SendRtHandle(jobs, handle[i], NULL_RTHANDLE)) return 1;
    }
    HOLDS(t, WaitForRtSemaphore(done, JOBS, 5000) != WAIT_FAILED, DOCUMENTED);
    for (int k = 0; k < JOBS; k++) {
        double even = 0, odd = 0;
        for (volatile int i = 0; i < N; i += 2) {
            even += quotient(k + 1, i);
            odd += quotient(k + 1, i + 1);
        }
        sums += job[k]->sum == even + odd;
        leasts += job[k]->least == (float)((k + 1) * 1000);
        faults += job[k]->faults == 111;
        used |= 1u << job[k]->worker;
        out_of_turn += job[k]->turn != next[job[k]->worker]++;
    }
    IS(t, sums, JOBS, DOCUMENTED);
    IS(t, leasts, JOBS, DOCUMENTED);
    IS(t, faults, JOBS, DOCUMENTED);
    IS(t, used, 0xe, DECIDED);
    IS(t, out_of_turn, 0, DOCUMENTED);
    IS(t, turns, 1000, DOCUMENTED);
    IS(t, report(job), 0, DOCUMENTED);
    return tap_end(t);
}
