/* objects.cpp: a program in C++: objects that are made before main and end after it, virtual calls, new and delete,
 * thread functions that are members; and every header, since all must do for C++. */
#include "arpa/inet.h"
#include "assert.h"
#include "ctype.h"
#include "errno.h"
#include "excpt.h"
#include "fcntl.h"
#include "getopt.h"
#include "heap.h"
#include "hpeif2.h"
#include "ifaddrs.h"
#include "inttypes.h"
#include "io.h"
#include "ioctl.h"
#include "locale.h"
#include "malloc.h"
#include "math.h"
#include "net/if.h"
#include "netdb.h"
#include "netinet/in.h"
#include "netinet/tcp.h"
#include "pcibus.h"
#include "poll.h"
#include "process.h"
#include "rtserv.h"
#include "setjmp.h"
#include "signal.h"
#include "stdlib.h"
#include "string.h"
#include "sys/endian.h"
#include "sys/socket.h"
#include "sys/stat.h"
#include "sys/time.h"
#include "tap.h"
#include "time.h"
#include "traceapi.h"
#include "utime.h"

void *operator new(size_t size)
{
    return malloc(size);
}
void operator delete(void *p) noexcept
{
    free(p);
}
void operator delete(void *p, size_t) noexcept
{
    free(p);
}
/* What compilers' own libraries have. */
extern "C" int _purecall()
{
    abort();
}
extern "C" void __cxa_pure_virtual()
{
    abort();
}

static unsigned made, ended, order;

struct Counted {
    unsigned number;
    explicit Counted(unsigned n) : number(n)
    {
        made++;
        order = order * 10 + n;
    }
    ~Counted()
    {
        ended++;
        if (number == 1) printf("the first object ends last: %s\n", ended == made ? "yes" : "no");
    }
};
static Counted first(1), second(2), third(3);

class Task
{
  public:
    Task() : done_(CreateRtSemaphore(0, 1, FIFO_QUEUING)) {}
    virtual ~Task() { DeleteRtSemaphore(done_); }
    bool start(BYTE priority) { return CreateRtThread(priority, entry, 8192, this) != BAD_RTHANDLE; }
    bool wait(DWORD ms) { return WaitForRtSemaphore(done_, 1, ms) != WAIT_FAILED; }

  protected:
    virtual void run() = 0;

  private:
    static void entry(void *task)
    {
        Task *t = static_cast<Task *>(task);
        t->run();
        ReleaseRtSemaphore(t->done_, 1);
    }
    RTHANDLE done_;
};

template <typename T> class Sum : public Task
{
  public:
    explicit Sum(T step) : step_(step), total(0) {}

  protected:
    void run() override
    {
        for (int i = 0; i < 10; i++) {
            total += step_;
            RtSleep(10);
        }
    }

  private:
    T step_;

  public:
    T total;
};

static Counted &on_first_use()
{
    static Counted object(4);
    return object;
}

int main()
{
    struct tap tap = {0, 0}, *t = &tap;
    IS(t, order, 123, DOCUMENTED);
    Sum<double> *floats = new Sum<double>(0.5);
    Sum<long long> *longs = new Sum<long long>(1LL << 40);
    HOLDS(t, floats->start(150) && longs->start(151), DOCUMENTED);
    HOLDS(t, floats->wait(1000) && longs->wait(1000), DOCUMENTED);
    HOLDS(t, floats->total == 5.0 && longs->total == 10LL << 40, DOCUMENTED);
    delete floats;
    delete longs;
    on_first_use();
    IS(t, on_first_use().number, 4, DOCUMENTED);
    IS(t, made, 4, DOCUMENTED);
    HOLDS(t, isdigit('7') && strlen("four") == 4 && fabs(-1.5) == 1.5, DOCUMENTED);
    return tap_end(t);
}
