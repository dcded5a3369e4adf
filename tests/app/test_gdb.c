/* test_gdb.c: gdb's protocol, spoken with the server over a socket, packet by packet. */
#include "gdb.h"
#include "gdb_packet.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct peer {
    struct app app;
    rt386 *machine;
    struct realtime *sleeper;
    char path[64], where[80];
    pthread_t thread;
    enum gdb_end end;
    rt386_exit why;
    struct gdb_link link;
    struct text in;
    struct text said; /* on gdb's console */
};

static void *serve(void *ctx)
{
    struct peer *p = ctx;
    p->end = gdb_serve(&p->app, p->machine, p->sleeper, p->where, &p->why);
    return NULL;
}

static void dial(struct peer *p)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    memcpy(a.sun_path, p->path, strlen(p->path));
    for (unsigned i = 0; i < 500; i++) {
        p->link.fd = socket(AF_UNIX, SOCK_STREAM, 0);
        if (!connect(p->link.fd, (struct sockaddr *)&a, sizeof a)) return;
        close(p->link.fd);
        usleep(10000);
    }
    cr_assert(false, "nobody waits at %s", p->path);
}

static struct peer *peer_with(const char *guest, const rt386_load_options *o, bool sleeps)
{
    const char *folder = getenv("RT386_TEST_GUESTS");
    char path[512];
    struct peer *p = calloc(1, sizeof *p);
    p->sleeper = sleeps ? realtime_new(NULL) : NULL;
    const rt386_config config = {
        .size = sizeof config, .idle = sleeps ? realtime_idle : NULL, .idle_ctx = p->sleeper};
    if (sleeps) realtime_start(p->sleeper);
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "guest", guest);
    snprintf(p->path, sizeof p->path, "/tmp/rt386-test-%d.sock", (int)getpid());
    snprintf(p->where, sizeof p->where, "unix:%s", p->path);
    unlink(p->path);
    p->app = (struct app){.out = stdout, .err = stderr};
    cr_assert_eq(rt386_create(&config, &p->machine), RT386_OK);
    cr_assert_eq(rt386_load_file(p->machine, path, o), RT386_OK, "%s", rt386_error(p->machine));
    cr_assert_eq(pthread_create(&p->thread, NULL, serve, p), 0);
    dial(p);
    return p;
}

static struct peer *peer_new(const char *guest)
{
    return peer_with(guest, NULL, false);
}

static void peer_free(struct peer *p)
{
    close(p->link.fd);
    pthread_join(p->thread, NULL);
    cr_expect(access(p->path, F_OK) != 0, "the socket is gone");
    rt386_destroy(p->machine);
    realtime_free(p->sleeper);
    text_free(&p->in);
    text_free(&p->said);
    free(p);
}

/* The reply; what comes for the console is kept. */
static const char *reply(struct peer *p)
{
    uint8_t bytes[4096];
    do {
        cr_assert(gdb_receive(&p->link, &p->in), "the server has gone");
        if (*text_str(&p->in) != 'O' || !strcmp(text_str(&p->in), "OK")) break;
        size_t n = gdb_unhex(text_str(&p->in) + 1, bytes, sizeof bytes);
        text_addn(&p->said, (char *)bytes, n);
    } while (true);
    return text_str(&p->in);
}

static const char *ask_n(struct peer *p, const char *packet, size_t n)
{
    text_clear(&p->said);
    cr_assert(gdb_send(&p->link, packet, n));
    return reply(p);
}

static const char *ask(struct peer *p, const char *packet)
{
    return ask_n(p, packet, strlen(packet));
}

static const char *monitor(struct peer *p, const char *words)
{
    struct text t = {0};
    text_add(&t, "qRcmd,");
    gdb_hex(&t, words, strlen(words));
    cr_assert_str_eq(ask(p, text_str(&t)), "OK");
    text_free(&t);
    return text_str(&p->said);
}

/* A register out of the whole: eight digits each for the first sixteen. */
static uint32_t reg(struct peer *p, unsigned n)
{
    char packet[16];
    uint8_t b[4];
    snprintf(packet, sizeof packet, "p%x", n);
    cr_assert_eq(gdb_unhex(ask(p, packet), b, 4), 4u);
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

#define EIP             8u
#define starts(s, with) cr_assert(!strncmp(s, with, strlen(with)), "%s", s)
#define holds(s, part)  cr_assert(strstr(s, part), "%s", s)

Test(gdb, begins)
{
    struct peer *p = peer_new("demo/limit.elf");
    holds(ask(p, "qSupported:multiprocess+;swbreak+"), "ReverseContinue+");
    cr_expect_str_eq(ask(p, "vMustReplyEmpty"), "");
    cr_expect_str_eq(ask(p, "QStartNoAckMode"), "OK");
    p->link.no_ack = true;
    const char *xml = ask(p, "qXfer:features:read:target.xml:0,1fff");
    holds(xml, "<osabi>none</osabi>");
    holds(xml, "name=\"fop\"");
    starts(ask(p, "?"), "T05thread:");
    cr_expect_str_eq(ask(p, "qAttached"), "1");
    cr_expect_str_eq(ask(p, "qOffsets"), "Text=0;Data=0;Bss=0");
    cr_expect_str_eq(ask(p, "qXfer:features:read:other.xml:0,100"), "E00");
    cr_expect_str_eq(ask(p, "qNonsense"), "");
    cr_expect_str_eq(ask(p, "D"), "OK");
    peer_free(p);
}

/* Ctrl-C in gdb while the guest sleeps for ten minutes. */
Test(gdb, called_out_of_a_sleep)
{
    const char *const argv[] = {"1", "600000"};
    const rt386_load_options o = {.size = sizeof o, .argc = 2, .argv = argv};
    struct peer *p = peer_with("conformance/naps.elf", &o, true);
    struct timespec from, to;
    cr_assert(gdb_send(&p->link, "c", 1));
    usleep(500000);
    clock_gettime(CLOCK_MONOTONIC, &from);
    cr_assert_eq(send(p->link.fd, "\003", 1, 0), 1);
    starts(reply(p), "T02thread:");
    clock_gettime(CLOCK_MONOTONIC, &to);
    cr_expect_lt(to.tv_sec - from.tv_sec, 60);
    cr_expect_str_eq(ask(p, "D"), "OK");
    peer_free(p);
}

/* A document in parts is the same document. */
Test(gdb, documents_in_parts)
{
    struct peer *p = peer_new("demo/limit.elf");
    struct text whole = {0}, parts = {0};
    text_add(&whole, ask(p, "qXfer:features:read:target.xml:0,1fff") + 1);
    bool more = true;
    while (more) {
        char packet[64];
        snprintf(packet, sizeof packet, "qXfer:features:read:target.xml:%zx,100", parts.n);
        const char *part = ask(p, packet);
        more = *part == 'm';
        text_add(&parts, part + 1);
    }
    cr_expect_eq(strncmp(text_str(&whole), text_str(&parts), whole.n), 0);
    cr_expect_gt(parts.n, 2000u);
    text_free(&whole);
    text_free(&parts);
    peer_free(p);
}

/* Registers in 'g' are those of 'p', in order; each count of digits fits target.xml. */
Test(gdb, registers)
{
    struct peer *p = peer_new("demo/limit.elf");
    struct text all = {0};
    text_add(&all, ask(p, "g"));
    size_t at = 0;
    unsigned n = 0;
    for (;; n++) {
        char packet[16];
        snprintf(packet, sizeof packet, "p%x", n);
        const char *one = ask(p, packet);
        if (!strcmp(one, "E01")) break;
        cr_assert_eq(strncmp(text_str(&all) + at, one, strlen(one)), 0, "register %u", n);
        at += strlen(one);
    }
    cr_expect_eq(at, all.n);
    cr_expect_gt(n, 70u);
    cr_expect_str_eq(ask(p, "P0=78563412"), "OK");
    cr_expect_eq(reg(p, 0), 0x12345678u);
    cr_expect_str_eq(ask(p, "P10=00000000000000c0ff3f"), "OK", "st0 = 1.5");
    cr_expect_str_eq(ask(p, "p10"), "00000000000000c0ff3f");
    cr_expect_str_eq(ask(p, "Pa=77000000"), "E01", "CS is not to be loaded so");
    cr_expect_str_eq(ask(p, "Pff=00000000"), "E01");
    text_free(&all);
    peer_free(p);
}

/* Where `main` is, as the guest's symbol table says: the server knows nothing of symbols. */
static uint32_t symbol(const char *guest, const char *name)
{
    const char *folder = getenv("RT386_TEST_GUESTS");
    char command[600];
    unsigned at = 0;
    snprintf(command, sizeof command, "nm '%s/%s' | grep ' %s$'", folder ? folder : "guest", guest,
             name);
    FILE *f = popen(command, "r");
    cr_assert(f && fscanf(f, "%x", &at) == 1, "%s", command);
    pclose(f);
    return at;
}

Test(gdb, breakpoint_and_back)
{
    struct peer *p = peer_new("demo/limit.elf");
    uint32_t at = symbol("demo/limit.elf", "main");
    char packet[64];
    snprintf(packet, sizeof packet, "Z0,%x,1", at);
    cr_expect_str_eq(ask(p, packet), "OK");
    holds(ask(p, "vCont;c"), "swbreak:;");
    cr_expect_eq(reg(p, EIP), at);
    starts(ask(p, "vCont;s"), "T05");
    uint32_t behind = reg(p, EIP);
    cr_expect_neq(behind, at);
    starts(ask(p, "bs"), "T05");
    cr_expect_eq(reg(p, EIP), at);
    starts(ask(p, "s"), "T05");
    cr_expect_eq(reg(p, EIP), behind);
    cr_expect_str_eq(ask(p, "P0=00000000"), "OK", "that is the present again");
    /* Bytes at main are the file's: offsets in the process. */
    snprintf(packet, sizeof packet, "m%x,4", at);
    starts(ask(p, packet), "8d4c2404"); /* lea ecx,[esp+4] */
    starts(ask(p, "bc"), "T05");
    cr_expect_eq(reg(p, EIP), at);
    cr_expect_str_eq(ask(p, "P0=00000000"), "E01", "the past cannot be changed");
    snprintf(packet, sizeof packet, "z0,%x,1", at);
    cr_expect_str_eq(ask(p, packet), "OK");
    holds(ask(p, "bc"), "replaylog:begin;");
    peer_free(p);
}

/* The fault that ends the guest is shown before it happens; then the end. */
Test(gdb, fault)
{
    struct peer *p = peer_new("demo/limit.elf");
    starts(ask(p, "vCont;c"), "T0b");
    holds(text_str(&p->said), "#GP");
    holds(monitor(p, "why"), "SEGM_LIMIT_UP");
    holds(text_str(&p->said), "FAIL");
    uint32_t eip = reg(p, EIP);
    starts(ask(p, "bs"), "T05");
    cr_expect_neq(reg(p, EIP), eip);
    starts(ask(p, "s"), "T05");
    cr_expect_eq(reg(p, EIP), eip);
    cr_expect_str_eq(ask(p, "c"), "X0b");
    peer_free(p);
}

/* Each exception may stop it, as often as there are some. */
Test(gdb, catches)
{
    struct peer *p = peer_new("conformance/exceptions.elf");
    holds(monitor(p, "catch 14"), "#PF");
    starts(ask(p, "c"), "T0b");
    holds(text_str(&p->said), "#PF");
    uint32_t eip = reg(p, EIP);
    starts(ask(p, "c"), "T0b");
    cr_expect(reg(p, EIP) != eip || true);
    holds(monitor(p, "catch off"), "do not stop");
    cr_expect_str_eq(ask(p, "c"), "W00");
    peer_free(p);
}

Test(gdb, memory)
{
    struct peer *p = peer_new("demo/limit.elf");
    uint32_t at = symbol("demo/limit.elf", "main");
    char packet[64];
    snprintf(packet, sizeof packet, "Z1,%x,1", at);
    ask(p, packet);
    holds(ask(p, "c"), "hwbreak:;");
    snprintf(packet, sizeof packet, "M%x,2:9090", at);
    cr_expect_str_eq(ask(p, packet), "OK");
    snprintf(packet, sizeof packet, "m%x,2", at);
    cr_expect_str_eq(ask(p, packet), "9090");
    /* Binary, with a byte that is escaped on the way. */
    int n = snprintf(packet, sizeof packet, "X%x,3:", at);
    memcpy(packet + n, "}\0#", 3);
    cr_expect_str_eq(ask_n(p, packet, (size_t)n + 3), "OK");
    snprintf(packet, sizeof packet, "m%x,3", at);
    cr_expect_str_eq(ask(p, packet), "7d0023");
    n = snprintf(packet, sizeof packet, "qSearch:memory:%x;1000;", at - 16);
    memcpy(packet + n, "}\0#", 3);
    char found[32];
    snprintf(found, sizeof found, "1,%x", at);
    cr_expect_str_eq(ask_n(p, packet, (size_t)n + 3), found);
    cr_expect_str_eq(ask(p, "m70000000,4"), "E14");
    cr_expect_str_eq(ask(p, "mzz"), "E22");
    cr_expect_str_eq(ask(p, "m0,ffffffff"), "E22");
    cr_expect_str_eq(ask(p, "M0,ffffffff:00"), "E22");
    /* The same byte through the other views. */
    holds(monitor(p, "view linear"), "view linear");
    snprintf(packet, sizeof packet, "m%x,1", 0x10000000 + at);
    cr_expect_str_eq(ask(p, packet), "7d");
    holds(monitor(p, "view physical"), "physical");
    cr_expect_eq(strlen(ask(p, "m1000,1")), 2u);
    peer_free(p);
}

/* A watchpoint tells of its address; so does one on reads. main's return address is written and read once each. */
Test(gdb, watchpoints)
{
    struct peer *p = peer_new("demo/hello.elf");
    uint32_t at = symbol("demo/hello.elf", "main");
    char packet[64], wanted[32];
    snprintf(packet, sizeof packet, "Z0,%x,1", at);
    ask(p, packet);
    ask(p, "c");
    uint32_t stack = reg(p, 4);
    snprintf(packet, sizeof packet, "Z3,%x,4", stack);
    cr_expect_str_eq(ask(p, packet), "OK");
    snprintf(wanted, sizeof wanted, "rwatch:%x;", stack);
    holds(ask(p, "c"), wanted);
    cr_expect_neq(reg(p, EIP), at);
    snprintf(packet, sizeof packet, "z3,%x,4", stack);
    cr_expect_str_eq(ask(p, packet), "OK");
    snprintf(packet, sizeof packet, "Z2,%x,4", stack);
    cr_expect_str_eq(ask(p, packet), "OK");
    holds(ask(p, "bc"), "swbreak:;"); /* back at main */
    cr_expect_eq(reg(p, EIP), at);
    snprintf(wanted, sizeof wanted, "watch:%x;", stack);
    holds(ask(p, "bc"), wanted); /* and before the CALL */
    cr_expect_eq(reg(p, 4), stack + 4);
    cr_expect_str_eq(ask(p, "Z7,0,1"), "");
    peer_free(p);
}

/* INtime's threads have names and states; one that waits has its registers. */
Test(gdb, threads)
{
    struct peer *p = peer_new("conformance/threads.elf");
    const char *list = NULL;
    for (unsigned i = 0; i < 10000; i++) { /* a thread alone waits for one step: idle time */
        ask(p, "s");
        list = ask(p, "qXfer:threads:read::0,1fff");
        if (strstr(list, "INtime waits")) break;
    }
    holds(list, "INtime waits");
    holds(list, "threads.elf");
    unsigned waits = (unsigned)strtoul(strstr(strstr(list, "INtime waits h="), "=") + 1, NULL, 16);
    char packet[32];
    snprintf(packet, sizeof packet, "T%x", waits);
    cr_expect_str_eq(ask(p, packet), "OK");
    cr_expect_str_eq(ask(p, "T7777"), "E01");
    uint32_t esp = reg(p, 4);
    snprintf(packet, sizeof packet, "Hg%x", waits);
    cr_expect_str_eq(ask(p, packet), "OK");
    cr_expect_neq(reg(p, 4), esp);
    cr_expect_str_eq(ask(p, "p2a"), "xxxxxxxx", "hidden parts of a thread that waits");
    cr_expect_str_eq(ask(p, "P0=00000000"), "E01");
    cr_expect_str_eq(ask(p, "Hg0"), "OK");
    holds(monitor(p, "vk"), "Ready_threads");
    peer_free(p);
}

/* A guest for ever: Ctrl-C comes through. */
Test(gdb, interrupt, .timeout = 60)
{
    struct peer *p = peer_new("conformance/threads.elf");
    cr_assert(gdb_send(&p->link, "c", 1));
    usleep(1000);
    cr_assert_eq(send(p->link.fd, "\3", 1, 0), 1);
    const char *got = reply(p);
    cr_assert(!strncmp(got, "T02", 3) || *got == 'W', "%s", got);
    peer_free(p);
}

Test(gdb, words)
{
    struct peer *p = peer_new("demo/limit.elf");
    static const char *const word[] = {
        "help",      "info gdt",  "info ldt",    "info idt", "info tss",   "info tab",
        "info sreg", "info creg", "info eflags", "regs",     "info place", "page 0x10000000",
        "objects",   "vt 0060",   "vk",          "vf",       "vq",         "pdp 003b:00401000",
        "view"};
    for (unsigned i = 0; i < sizeof word / sizeof *word; i++) {
        const char *said = monitor(p, word[i]);
        cr_expect(strlen(said) > 10 && !strstr(said, "no word"), "%s: %s", word[i], said);
    }
    holds(monitor(p, "nonsense"), "'monitor help' lists them");
    holds(monitor(p, "page x"), "name a linear address");
    holds(monitor(p, "go x"), "name an instruction's number");
    holds(monitor(p, "go 100"), "instruction 100");
    holds(monitor(p, "go 5"), "instruction 5");
    holds(monitor(p, "info place"), "instruction 5,");
    ask(p, "vKill;1");
    peer_free(p);
}

/* Whatever comes, it answers or the connection ends; the host stands. */
Test(gdb, nonsense, .timeout = 120)
{
    struct peer *p = peer_new("demo/limit.elf");
    uint64_t x = 386;
    for (unsigned i = 0; i < 3000; i++) {
        char packet[40];
        static const char first[] = "?gGpPmMXZzHTqQvbRi!_";
        size_t n = 0;
        packet[n++] = first[i % (sizeof first - 1)];
        while (n < sizeof packet - 1 &&
               (x = x * 6364136223846793005u + 1442695040888963407u, (x >> 33) % 12))
            packet[n++] =
                (char)((x >> 40) % 3 ? "0123456789abcdef,;:=-"[(x >> 45) % 21] : (char)(x >> 50));
        ask_n(p, packet, n);
        if (!strncmp(text_str(&p->in), "OK", 2) && packet[0] == 'Q') p->link.no_ack = true;
    }
    starts(ask(p, "?"), "T");
    peer_free(p);
}

Test(gdb, where)
{
    char why[200];
    static const char *const wrong[] = {"",       "1234",       ":",     ":x",
                                        ":70000", "10.0.0.1:5", "unix:", "unix:/nowhere/at/all/x"};
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_expect_eq(gdb_listen(wrong[i], why, sizeof why), -1, "%s", wrong[i]);
        cr_expect_gt(strlen(why), 10u);
    }
    int fd = gdb_listen(":0", why, sizeof why);
    cr_assert_geq(fd, 0, "%s", why);
    cr_expect_gt(gdb_port(fd), 0u);
    close(fd);
}
