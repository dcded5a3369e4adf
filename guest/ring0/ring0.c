/* ring0.c: the tables of the ring-0 guests, and the lines they print. */
#include "ring0.h"

/* a page each, so that paging can tell them apart */
u32 gdt[1024] __attribute__((aligned(4096)));
u32 idt[1024] __attribute__((aligned(4096)));
u32 ldt[1024] __attribute__((aligned(4096)));
struct tss tssa __attribute__((aligned(4096)));
struct tss tssb __attribute__((aligned(4096)));
struct tss tssc __attribute__((aligned(4096)));
struct tss tssv __attribute__((aligned(4096)));
struct tss tssd __attribute__((aligned(4096)));
struct tss286 t286, u286;
struct far_pointer far_target;
u32 frame[9];

static struct fact_text {
    const char *what;
    u32 is, want;
} facts[12];
static u32 fact_count, case_count, failure_count;
static const char *case_name, *case_rule;

__asm__(".text\n"
        ".globl enter_frame\n"
        "enter_frame:\n"
        " movw %ss, %ax\n movw %ax, %ds\n movw %ax, %es\n"
        " subl $36, %esp\n"
        " movl $frame, %esi\n movl %esp, %edi\n movl $9, %ecx\n cld\n rep movsl\n"
        " movl $" STRING(0x33) ", %eax\n"
                               " movw %ax, %ds\n movw %ax, %es\n movw %ax, %fs\n movw %ax, %gs\n"
                               " iretl\n");

static void clear(void *at, u32 bytes)
{
    u8 *p = at;
    while (bytes-- > 0)
        *p++ = 0;
}

u32 *descriptor(u32 selector)
{
    return selector & 4 ? &ldt[selector / 8 * 2] : &gdt[selector / 8 * 2];
}

/* size: bit 3 G, bit 2 D/B */
void set_segment(u32 selector, u32 base, u32 limit, u32 access, u32 size)
{
    u32 *d = descriptor(selector);
    d[0] = limit & 0xFFFF | base << 16;
    d[1] = base >> 16 & 0xFF | access << 8 | limit & 0xF0000 | size << 20 | base & 0xFF000000;
}

void set_gate(u32 *table, u32 index, u32 selector, u32 offset, u32 access, u32 count)
{
    table[index * 2] = offset & 0xFFFF | selector << 16;
    table[index * 2 + 1] = offset & 0xFFFF0000 | access << 8 | count;
}

void set_rights(u32 selector, u32 access)
{
    u32 *d = descriptor(selector);
    d[1] = d[1] & ~0xFF00u | access << 8;
}

u32 rights(u32 selector)
{
    return descriptor(selector)[1] >> 8 & 0xFF;
}

void set_task(struct tss *t, u32 number)
{
    clear(t, sizeof *t);
    t->esp0 = ADDRESS(inner_stack_top);
    t->ss0 = DATA0;
    t->esp1 = ADDRESS(middle_stack_top);
    t->ss1 = DATA1 + 1;
    t->eip = ADDRESS(task_stub);
    t->eflags = 2;
    t->ebx = number;
    t->esp = ADDRESS(inner_stack_top) - 0x800;
    t->cs = CODE0;
    t->es = t->ss = t->ds = t->fs = t->gs = DATA0;
    t->map = 104;
}

void set_task286(struct tss286 *t, u32 ip)
{
    clear(t, sizeof *t);
    t->ip = (u16)ip;
    t->flags = 2;
    t->sp = 0x7000;
    t->cs = CODE0;
    t->es = t->ss = t->ds = DATA0;
}

static void set_flat(u32 code, u32 ring)
{
    set_segment(code, 0, 0xFFFFF, A_CODE | ring << 5, 0xC);
    set_segment(code + 8, 0, 0xFFFFF, A_DATA | ring << 5, 0xC);
}

void world(void)
{
    clear(gdt, sizeof gdt);
    clear(ldt, sizeof ldt);
    set_flat(CODE0, 0);
    set_flat(CODE1, 1);
    set_flat(CODE2, 2);
    set_flat(CODE3, 3);
    set_segment(CONF0, 0, 0xFFFFF, A_CONF, 0xC);
    set_segment(CONF3, 0, 0xFFFFF, A_CONF | RING3, 0xC);
    set_segment(TSSA, ADDRESS(&tssa), sizeof tssa - 1, A_TSS, 0);
    set_segment(TSSB, ADDRESS(&tssb), sizeof tssb - 1, A_TSS, 0);
    set_segment(TSSC, ADDRESS(&tssc), sizeof tssc - 1, A_TSS, 0);
    set_segment(TSSD, ADDRESS(&tssd), sizeof tssd - 1, A_TSS, 0);
    set_segment(TSSV, ADDRESS(&tssv), sizeof tssv - 1, A_TSS, 0);
    set_segment(T286, ADDRESS(&t286), sizeof t286 - 1, A_TSS286, 0);
    set_segment(U286, ADDRESS(&u286), sizeof u286 - 1, A_TSS286, 0);
    set_segment(LDTA, ADDRESS(ldt), 127, A_LDT, 0);
    set_gate(gdt, TGATE / 8, TSSB, 0, A_TASK, 0);
    for (u32 i = 0; i < 256; i++)
        set_gate(idt, i, CODE0, stubs[i], A_INT | (i >= 0x20 && i < 0x30 ? RING3 : 0), 0);
    set_task(&tssa, 0);
    set_task(&tssb, 1);
    set_task(&tssc, 2);
    set_task(&tssd, 3);
    set_task(&tssv, 4);
    set_task286(&t286, 0);
    set_task286(&u286, 0);
    clear(&got, sizeof got);
    clear(frame, sizeof frame);
}

static void provoke_ring(void (*code)(void), u32 flags, u32 ring, u32 selector)
{
    frame[0] = ADDRESS(code);
    frame[1] = selector | ring;
    frame[2] = flags | 2;
    frame[3] = ADDRESS(outer_stack_top) - 0x40;
    frame[4] = (selector + 8) | ring;
    provoke(enter_frame);
}

void provoke_ring3(void (*code)(void), u32 flags)
{
    provoke_ring(code, flags, 3, CODE3);
}

void provoke_ring1(void (*code)(void))
{
    provoke_ring(code, 0, 1, CODE1);
}

static void put(char c)
{
    __asm__ volatile("outb %0, $0xE9" : : "a"(c));
}

void text(const char *s)
{
    while (*s != 0)
        put(*s++);
}

static void hex(u32 value)
{
    int shift = 28;
    while (shift > 0 && value >> shift == 0)
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        put("0123456789abcdef"[value >> shift & 15]);
}

static void decimal(u32 value)
{
    if (value >= 10) decimal(value / 10);
    put((char)('0' + value % 10));
}

u32 has_error(void)
{
    u32 v = got.vector;
    return v == 8 || (v >= 10 && v <= 14);
}

void begin(const char *name, const char *rule)
{
    world();
    recover();
    case_name = name;
    case_rule = rule;
    fact_count = 0;
}

void fact(const char *what, u32 is, u32 want)
{
    if (fact_count < sizeof facts / sizeof facts[0])
        facts[fact_count++] = (struct fact_text){what, is, want};
}

void fault(u32 vector, u32 error)
{
    fact("vector", got.vector, vector);
    if (vector == 8 || (vector >= 10 && vector <= 14)) fact("error", got.stack[0], error);
}

void done(void)
{
    fact("vector", got.vector, 0x20);
}

static void line_of(int wanted)
{
    for (u32 i = 0; i < fact_count; i++) {
        text(" ");
        text(facts[i].what);
        text(" ");
        hex(wanted ? facts[i].want : facts[i].is);
    }
}

void end(void)
{
    int good = fact_count > 0;
    for (u32 i = 0; i < fact_count; i++)
        good = good && facts[i].is == facts[i].want;
    text(case_name);
    text(": got");
    line_of(0);
    text(", expected");
    line_of(1);
    text(" ");
    text(case_rule);
    text(good ? ": ok\n" : ": DIFFERS\n");
    case_count++;
    failure_count += !good;
}

void expect(const char *name, const char *rule, void (*stimulus)(void), u32 vector, u32 error)
{
    begin(name, rule);
    provoke(stimulus);
    fault(vector, error);
    end();
}

/* The count to port F4, then the word that ends Bochs. */
void finish(void)
{
    decimal(case_count);
    text(" cases, ");
    decimal(failure_count);
    text(" differ\n");
    __asm__ volatile("outb %%al, $0xF4" : : "a"(failure_count > 255 ? 255 : failure_count));
    for (const char *s = "Shutdown"; *s != 0; s++)
        __asm__ volatile("outb %b0, %w1" : : "a"(*s), "d"(0x8900));
}
