/* interrupts.c: external interrupts, through the two 8259A of a PC. Needs from outside: line 10 each
 * millisecond, line 12 each millisecond, and one spurious request of line 7 after 2 s, of line 15 after 4 s
 * (tests/guest/meson.build). The timer (line 0) and COM1's transmitter (line 4) are its own. */
#include "ring0.h"

enum { MASTER = 0x20, SLAVE = 0xA0, BASE = 0x30, BASE2 = 0x38, COM1 = 0x3F8 };
enum { EOI = 0x20, ROTATE_EOI = 0xA0, READ_IRR = 0x0A, READ_ISR = 0x0B, POLL = 0x0C };
enum { ICW4_8086 = 1, ICW4_AEOI = 2, MODE0 = 0x30, MODE2 = 0x34 };

static void outb(u32 port, u32 value)
{
    __asm__ volatile("outb %b0, %w1" : : "a"(value), "d"(port));
}

static u32 inb(u32 port)
{
    u8 value;
    __asm__ volatile("inb %w1, %0" : "=a"(value) : "d"(port));
    return value;
}

static u32 pic_read(u32 port, u32 what)
{
    outb(port, what);
    return inb(port);
}

static void pic_start(u32 port, u32 base, u32 icw3, u32 icw4)
{
    outb(port, 0x11);
    outb(port + 1, base);
    outb(port + 1, icw3);
    outb(port + 1, icw4);
    outb(port + 1, 0xFF);
}

/* Both controllers anew, every line masked but those of `lines`; the timer and COM1 silent. */
static void board(u32 lines, u32 icw4)
{
    outb(0x43, MODE0);
    outb(COM1 + 1, 0);
    pic_start(MASTER, BASE, 4, icw4);
    pic_start(SLAVE, BASE2, 2, icw4);
    outb(MASTER + 1, ~lines & 0xFF);
    outb(SLAVE + 1, ~lines >> 8 & 0xFF);
}

/* mode 2: a request each `ticks` of 838 ns; mode 0: one after as many */
static void timer(u32 mode, u32 ticks)
{
    outb(0x43, mode);
    outb(0x40, ticks & 0xFF);
    outb(0x40, ticks >> 8);
}

/* The transmitter is empty, always: the request comes with the enable bit. */
static void com1(void)
{
    outb(COM1 + 4, 8);
    outb(COM1 + 1, 2);
}

static void pause(void)
{
    for (volatile u32 i = 0; i < 20000; i++) {
    }
}

STIMULUS(wait_hlt, "sti\n hlt\n .globl hlt_back\nhlt_back:\n");
STIMULUS(wait_spin, "sti\n movl $300000, %ecx\n1: loop 1b\n");
STIMULUS(sti_cli, "movl $300000, %ecx\n1: sti\n cli\n loop 1b\n");
STIMULUS(sti_shadow, "sti\n nop\n .globl shadow_back\nshadow_back:\n nop\n nop\n");
STIMULUS(popf_now, "pushl $0x202\n popfl\n .globl flags_back\nflags_back:\n nop\n nop\n");
STIMULUS(ss_shadow, "movw %ss, %ax\n sti\n movw %ax, %ss\n nop\n .globl ss_back\nss_back:\n nop\n");
extern u8 hlt_back[], shadow_back[], flags_back[], ss_back[];

static void taken(u32 vector)
{
    fact("vector", got.vector, vector);
    fact("if pushed", GOT_EFLAGS & IF, IF);
    fact("if in handler", got_flags & IF, 0);
}

static void timer_cases(void)
{
    begin("timer, HLT", "[386 9.1, 17 HLT]");
    board(1, ICW4_8086);
    timer(MODE2, 1193);
    provoke(wait_hlt);
    taken(BASE);
    fact("eip", GOT_EIP, ADDRESS(hlt_back));
    fact("isr", pic_read(MASTER, READ_ISR), 1);
    end();
    begin("timer, no end of interrupt: no second one", "[8259A]");
    provoke(wait_spin);
    done();
    fact("irr", pic_read(MASTER, READ_IRR), 1);
    end();
    begin("timer, after the end", "[8259A]");
    outb(MASTER, EOI);
    provoke(wait_spin);
    taken(BASE);
    end();
    begin("timer masked", "[8259A]");
    outb(MASTER, EOI);
    outb(MASTER + 1, 0xFF);
    provoke(wait_spin);
    done();
    end();
    begin("timer unmasked: the request was kept", "[8259A]");
    outb(MASTER + 1, 0xFE);
    provoke(wait_spin);
    taken(BASE);
    end();
    begin("timer, mode 0: once", "[8254]");
    board(1, ICW4_8086);
    timer(MODE0, 100);
    provoke(wait_spin);
    outb(MASTER, EOI);
    u32 first = got.vector;
    provoke(wait_spin);
    fact("first", first, BASE);
    done();
    end();
}

/* IRR holds a request of the timer. */
static void pending(void)
{
    board(1, ICW4_8086);
    timer(MODE0, 10);
    pause();
}

static void boundary_cases(void)
{
    begin("IF = 0: pending, not taken", "[386 9.2.2]");
    pending();
    fact("irr", pic_read(MASTER, READ_IRR), 1);
    end();
    begin("STI CLI leaves no boundary", "[386 17 STI]");
    pending();
    provoke(sti_cli);
    done();
    end();
    begin("STI: after the next instruction", "[386 17 STI]");
    pending();
    provoke(sti_shadow);
    taken(BASE);
    fact("eip", GOT_EIP, ADDRESS(shadow_back));
    end();
    begin("POPF: before the next instruction", "[386 17 POPF]");
    pending();
    provoke(popf_now);
    taken(BASE);
    fact("eip", GOT_EIP, ADDRESS(flags_back));
    end();
    begin("MOV SS: after the next instruction", "[386 9.2.4]");
    pending();
    provoke(ss_shadow);
    taken(BASE);
    fact("eip", GOT_EIP, ADDRESS(ss_back));
    end();
}

static void priority_cases(void)
{
    begin("lines 0 and 4 together: 0 first", "[8259A]");
    board(0x11, ICW4_8086);
    com1();
    timer(MODE0, 10);
    pause();
    fact("irr", pic_read(MASTER, READ_IRR), 0x11);
    provoke(wait_spin);
    fact("first", got.vector, BASE);
    outb(MASTER, EOI);
    provoke(wait_spin);
    taken(BASE + 4);
    end();
    begin("line 4 in service: 0 comes through", "[8259A]");
    timer(MODE0, 10);
    provoke(wait_spin);
    taken(BASE);
    fact("isr", pic_read(MASTER, READ_ISR), 0x11);
    end();
    begin("one end: 4 is still in service", "[8259A]");
    outb(MASTER, EOI);
    fact("isr", pic_read(MASTER, READ_ISR), 0x10);
    outb(MASTER, EOI);
    fact("isr", pic_read(MASTER, READ_ISR), 0);
    end();
    begin("rotation: the line that ended is the last", "[8259A]");
    board(0x11, ICW4_8086);
    timer(MODE0, 10);
    provoke(wait_spin);
    outb(MASTER, ROTATE_EOI);
    com1();
    timer(MODE0, 10);
    pause();
    provoke(wait_spin);
    taken(BASE + 4);
    end();
    begin("automatic end", "[8259A]");
    board(1, ICW4_8086 | ICW4_AEOI);
    timer(MODE2, 1193);
    provoke(wait_spin);
    taken(BASE);
    fact("isr", pic_read(MASTER, READ_ISR), 0);
    end();
    begin("poll: request and line, and it is in service", "[8259A]");
    board(0x10, ICW4_8086);
    com1();
    fact("poll", pic_read(MASTER, POLL), 0x84);
    fact("isr", pic_read(MASTER, READ_ISR), 0x10);
    provoke(wait_spin);
    done();
    end();
}

static void cascade_cases(void)
{
    begin("line 10: through line 2", "[8259A]");
    board(0x404, ICW4_8086);
    provoke(wait_hlt);
    taken(BASE2 + 2);
    fact("isr", pic_read(MASTER, READ_ISR), 4);
    fact("isr 2", pic_read(SLAVE, READ_ISR), 4);
    end();
    begin("line 10 ended in both: 12 is next", "[8259A]");
    outb(SLAVE + 1, 0xEB);
    pause();
    outb(SLAVE, EOI);
    outb(MASTER, EOI);
    outb(SLAVE + 1, 0xEF);
    provoke(wait_hlt);
    taken(BASE2 + 4);
    end();
    begin("line 10 with line 2 masked", "[8259A]");
    board(0x400, ICW4_8086);
    provoke(wait_spin);
    done();
    fact("irr 2", pic_read(SLAVE, READ_IRR) & 4, 4);
    end();
    begin("slave in service holds its worse lines up", "[8259A]");
    board(0x404, ICW4_8086);
    provoke(wait_hlt);
    outb(MASTER, EOI); /* the slave's own end is missing */
    outb(SLAVE + 1, 0xEF);
    provoke(wait_spin);
    done();
    outb(SLAVE, EOI);
    end();
}

static void spurious_cases(void)
{
    begin("spurious: vector 7, nothing in service", "[8259A]");
    board(0, ICW4_8086);
    provoke(wait_hlt);
    taken(BASE + 7);
    fact("isr", pic_read(MASTER, READ_ISR), 0);
    end();
    begin("spurious behind line 2: vector 15, only line 2 in service", "[8259A]");
    board(4, ICW4_8086);
    provoke(wait_hlt);
    taken(BASE2 + 7);
    fact("isr", pic_read(MASTER, READ_ISR), 4);
    fact("isr 2", pic_read(SLAVE, READ_ISR), 0);
    end();
}

void run(void)
{
    timer_cases();
    boundary_cases();
    priority_cases();
    cascade_cases();
    spurious_cases();
    board(0, ICW4_8086);
}
