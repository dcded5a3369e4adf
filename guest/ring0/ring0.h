/* ring0.h: what the ring-0 guests share: tables that every case starts from, stimuli, and one line for each case.
 *
 *   begin("name", "[386 6.3.4.1]");   the rule that the expectation rests on
 *   provoke(stimulus);                ends in INT 20h or in whatever the processor raises
 *   fault(13, CODE0);                 the facts that must hold
 *   fact("cs", got_cs(), CODE3 + 3);
 *   end();                            name: got ..., expected ... [rule]: ok
 *
 * No device and no interrupt line but in interrupts.c: IF stays 0 unless a case sets it.
 */
#ifndef RING0_H
#define RING0_H

typedef unsigned int u32;
typedef unsigned short u16;
typedef unsigned char u8;

enum selector {
    CODE0 = 0x08, /* flat, 32-bit */
    DATA0 = 0x10,
    CODE1 = 0x18, /* DPL 1 */
    DATA1 = 0x20,
    CODE3 = 0x28, /* DPL 3 */
    DATA3 = 0x30,
    TSSA = 0x38,  /* where every case starts */
    CONF0 = 0x40, /* conforming code, DPL 0 */
    CONF3 = 0x48,
    CODE2 = 0x50,
    DATA2 = 0x58,
    TSSB = 0x60, /* other tasks: 386 */
    TSSC = 0x68,
    T286 = 0x70, /* 286 TSS */
    U286 = 0x78,
    TSSV = 0x80, /* a V86 task */
    LDTA = 0x88,
    TGATE = 0x90, /* task gate to TSSB */
    GATE = 0x98,  /* free for a case */
    FREE = 0xA0,
    FREE2 = 0xA8,
    FREE3 = 0xB0,
    TSSD = 0xB8,
    BEYOND = 128 * 8,
};

enum access {
    PRESENT = 0x80,
    RING1 = 0x20,
    RING2 = 0x40,
    RING3 = 0x60,
    A_DATA = 0x92,
    A_CODE = 0x9A,
    A_CONF = 0x9E,
    A_TSS = 0x89,
    A_TSS286 = 0x81,
    A_LDT = 0x82,
    A_CALL = 0x8C,
    A_CALL286 = 0x84,
    A_TASK = 0x85,
    A_INT = 0x8E,
    A_TRAP = 0x8F,
    A_INT286 = 0x86,
    A_TRAP286 = 0x87,
};

enum flag { TF = 0x100, IF = 0x200, IOPL3 = 0x3000, NT = 0x4000, RF = 0x10000, VM = 0x20000 };

struct tss {
    u32 link, esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags, eax, ecx, edx, ebx, esp, ebp, esi,
        edi;
    u32 es, cs, ss, ds, fs, gs, ldt;
    u16 trap, map;
    u8 bits[0x2000 + 8];
};

struct tss286 {
    u16 link, sp0, ss0, sp1, ss1, sp2, ss2, ip, flags, ax, cx, dx, bx, sp, bp, si, di, es, cs, ss,
        ds, ldt;
};

/* The registers as the stub found them, and 20 dwords of the stack above the vector. */
struct got {
    u32 gs, fs, es, ds, edi, esi, ebp, esp, ebx, edx, ecx, eax, vector, stack[20];
};

extern struct got got;
extern u32 got_cr0, got_cr2, got_cr3, got_dr6, got_dr7, got_tr, got_ldtr, got_ss, got_esp,
    got_flags;
extern u32 gdt[1024], idt[1024], ldt[1024];
extern struct tss tssa, tssb, tssc, tssv, tssd;
extern struct tss286 t286, u286;
extern const u32 stubs[256];
extern u8 kernel_stack_top[], stimulus_stack_top[], inner_stack_top[], outer_stack_top[],
    middle_stack_top[];
extern struct far_pointer {
    u32 offset;
    u16 selector;
} __attribute__((packed)) far_target;
/* What an IRET or RETF of a case pops; loaded by `enter_frame`. */
extern u32 frame[9];

void provoke(void (*stimulus)(void));
void task_stub(void);
/* Pops `frame` with a 32-bit IRET in ring 0. */
void enter_frame(void);
/* Ring 3 at `code`, flat, with these EFLAGS. */
void provoke_ring3(void (*code)(void), u32 flags);
void provoke_ring1(void (*code)(void));

/* All tables as every case finds them. */
void world(void);
void set_segment(u32 selector, u32 base, u32 limit, u32 access, u32 size);
void set_gate(u32 *table, u32 index, u32 selector, u32 offset, u32 access, u32 count);
u32 *descriptor(u32 selector);
void set_rights(u32 selector, u32 access);
u32 rights(u32 selector);
/* A 386 task that reaches task_stub with EBX = number. */
void set_task(struct tss *t, u32 number);
void set_task286(struct tss286 *t, u32 ip);

void begin(const char *name, const char *rule);
void fact(const char *what, u32 is, u32 want);
void fault(u32 vector, u32 error);
void done(void);
void end(void);
/* begin, provoke, fault, end */
void expect(const char *name, const char *rule, void (*stimulus)(void), u32 vector, u32 error);
void run(void);
void recover(void);
void finish(void);
void text(const char *s);

/* Index of the saved EIP in got.stack. */
u32 has_error(void);
#define FRAME(i)   got.stack[has_error() + (i)]
#define GOT_EIP    FRAME(0)
#define GOT_CS     (FRAME(1) & 0xFFFF)
#define GOT_EFLAGS FRAME(2)
#define GOT_ESP    FRAME(3)
#define GOT_SS     (FRAME(4) & 0xFFFF)
#define ADDRESS(x) ((u32)(unsigned long)(x))

/* A piece of code that starts with nothing assumed and ends in INT 20h unless the processor objects. */
#define STIMULUS(name, code)                                                                       \
    void name(void);                                                                               \
    __asm__(".text\n" #name ":\n" code "\n int $0x20\n")

#define STRING_(x) #x
#define STRING(x)  STRING_(x)

#endif
