/* Logs of QEMU and Bochs: what is taken from them, and logs that are not what they should be. */
#include <rt386/log.h>

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DUMP(eax, eip)                                                                             \
    "EAX=" eax " EBX=00000003 ECX=00000001 EDX=00000002\n"                                         \
    "ESI=00000006 EDI=00000007 EBP=00000005 ESP=00007000\n"                                        \
    "EIP=" eip " EFL=00000246 [---Z-P-] CPL=3 II=0 A20=1 SMM=0 HLT=0\n"                            \
    "ES =0043 10000000 007fffff 00c7f300 DPL=3 DS   [-WA]\n"                                       \
    "CS =003b 10000000 007fffff 00c7fb00 DPL=3 CS32 [-RA]\n"                                       \
    "SS =0043 10000000 007fffff 00c7f300 DPL=3 DS   [-WA]\n"                                       \
    "DS =0043 10000000 007fffff 00c7f300 DPL=3 DS   [-WA]\n"                                       \
    "FS =0000 00000000 00000000 00000000\n"                                                        \
    "GS =0000 00000000 00000000 00000000\n"                                                        \
    "LDT=0000 00000000 0000ffff 00008200 DPL=0 LDT\n"                                              \
    "TR =0028 00001000 00000067 00008b00 DPL=0 TSS32-busy\n"                                       \
    "GDT=     00002000 000000ff\n"                                                                 \
    "IDT=     00003000 000007ff\n"                                                                 \
    "CR0=80000011 CR2=00000bad CR3=00009000 CR4=00000000\n"                                        \
    "DR0=00000000 DR1=00000000 DR2=00000000 DR3=00000000 \n"                                       \
    "DR6=ffff0ff0 DR7=00000400\n"                                                                  \
    "CCS=00000044 CCD=00000000 CCO=EFLAGS\n"                                                       \
    "EFER=0000000000000000\n"
#define TRACE(pc) "Trace 0: 0x7f994028b280 [10000000/" pc "/000000b0/ff000201] \n"

static rt386_log *open_bytes(const char *bytes, size_t n, rt386_log_format format)
{
    char path[] = "/tmp/rt386-log-XXXXXX", err[200] = "";
    rt386_log *log = NULL;
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    close(fd);
    rt386_status st = rt386_log_open(path, format, &log, err, sizeof err);
    unlink(path);
    cr_assert(st == RT386_OK, "%s", err);
    return log;
}
static rt386_log *open_text(const char *text)
{
    return open_bytes(text, strlen(text), RT386_LOG_ANY);
}
static rt386_log_item next(rt386_log *log)
{
    rt386_log_item item;
    rt386_status st = rt386_log_next(log, &item);
    cr_assert(st == RT386_OK, "%s", rt386_log_error(log));
    return item;
}
static void at_end(rt386_log *log, const char *note)
{
    rt386_log_item item;
    cr_assert(rt386_log_next(log, &item) == RT386_E_NOTFOUND);
    cr_assert_str_eq(rt386_log_error(log), note);
    rt386_log_close(log);
}
static void refused(rt386_log *log, const char *sentence)
{
    rt386_log_item item;
    rt386_status st;
    do {
        st = rt386_log_next(log, &item);
    } while (st == RT386_OK);
    cr_assert(st == RT386_E_FORMAT);
    cr_assert_str_eq(rt386_log_error(log), sentence);
    rt386_log_close(log);
}
static bool knows(const rt386_log_item *i, unsigned index, uint32_t value)
{
    return i->state.known >> index & 1 && i->state.value[index] == value;
}

/* --- QEMU --- */

Test(log_qemu, state)
{
    rt386_log *log = open_text(
        "----------------\nIN: \n0x10000100:  8b 45 08             movl     8(%ebp), %eax\n"
        "0x10000103:  c3                   retl     \n\n" TRACE("10000100")
            DUMP("00000004", "00000100"));
    rt386_log_item i = next(log);
    cr_assert(rt386_log_format_of(log) == RT386_LOG_QEMU);
    cr_assert(i.kind == RT386_LOG_STATE && i.line == 6);
    cr_assert(i.state.has_linear && i.state.linear == 0x10000100);
    cr_assert(i.state.length == 3 && !memcmp(i.state.bytes, "\x8b\x45\x08", 3));
    static const uint32_t gpr[10] = {4, 1, 2, 3, 0x7000, 5, 6, 7, 0x100, 0x246};
    for (unsigned n = 0; n < 10; n++)
        cr_assert(knows(&i, n, gpr[n]), "%s", rt386_log_value_name(n));
    cr_assert(knows(&i, RT386_LOG_CPL, 3) && knows(&i, RT386_LOG_CR0, 0x80000011));
    cr_assert(knows(&i, RT386_LOG_CR2, 0xbad) && knows(&i, RT386_LOG_CR3, 0x9000) &&
              knows(&i, RT386_LOG_DR7, 0x400));
    cr_assert(knows(&i, RT386_LOG_GDTR_BASE, 0x2000) && knows(&i, RT386_LOG_IDTR_LIMIT, 0x7ff));
    cr_assert(knows(&i, RT386_LOG_PART(RT386_CS, RT386_LOG_SELECTOR), 0x3b));
    cr_assert(knows(&i, RT386_LOG_PART(RT386_CS, RT386_LOG_BASE), 0x10000000));
    cr_assert(knows(&i, RT386_LOG_PART(RT386_CS, RT386_LOG_LIMIT), 0x7fffff));
    cr_assert(knows(&i, RT386_LOG_PART(RT386_CS, RT386_LOG_ACCESS), 0xfb));
    cr_assert(knows(&i, RT386_LOG_PART(RT386_CS, RT386_LOG_FLAGS), 0xc));
    cr_assert(knows(&i, RT386_LOG_PART(7, RT386_LOG_SELECTOR), 0x28));
    at_end(log, "");
}

Test(log_qemu, names)
{
    cr_assert_str_eq(rt386_log_value_name(RT386_LOG_DR7), "dr7");
    cr_assert_str_eq(rt386_log_value_name(RT386_LOG_PART(RT386_GS, RT386_LOG_FLAGS)), "gs_flags");
    cr_assert_str_eq(rt386_log_value_name(RT386_LOG_PART(7, RT386_LOG_FLAGS)), "tr_flags");
    cr_assert_null(rt386_log_value_name(RT386_LOG_VALUES));
}

Test(log_qemu, with_exec_alone_and_cpu_alone)
{
    rt386_log *log = open_text(TRACE("10000100") TRACE("10000102"));
    rt386_log_item i = next(log);
    cr_assert(knows(&i, RT386_LOG_EIP, 0x100) && i.state.linear == 0x10000100);
    i = next(log);
    cr_assert(knows(&i, RT386_LOG_EIP, 0x102) && !(i.state.known & 1));
    at_end(log, "");
    log = open_text(DUMP("00000001", "00000100") DUMP("00000002", "00000102"));
    i = next(log);
    cr_assert(knows(&i, 0, 1) && i.state.has_linear && i.state.linear == 0x10000100);
    i = next(log);
    cr_assert(knows(&i, 0, 2) && i.line == 19);
    at_end(log, "");
}

Test(log_qemu, forms_of_trace)
{
    rt386_log *log = open_text(
        "Trace 0x7f9 [0: 00100000] main\nTrace 0x7f9 [1: 00200000] \nTrace 0x7f9 [00100002] \n"
        "Trace 1: 0x7f9 [00000000/00300000/0/0] \n" DUMP("00000001", "00300000"));
    rt386_log_item i = next(log);
    cr_assert(i.state.linear == 0x100000 && !(i.state.known >> RT386_LOG_EIP & 1));
    i = next(log);
    cr_assert(i.state.linear == 0x100002);
    at_end(log, ""); /* the second processor is passed over */
}

Test(log_qemu, events)
{
    rt386_log *log = open_text(TRACE("10000100") DUMP(
        "00000001",
        "00000100") "check_exception old: 0xffffffff new 0xe\n"
                    "     0: v=0e e=0006 i=0 cpl=3 IP=003b:00000100 pc=10000100 SP=0043:00007000 "
                    "CR2=00000bad\n" DUMP("00000001", "00000100") TRACE("10000200") DUMP(
                        "00000001",
                        "00000200") "     1: v=20 e=0000 i=1 cpl=3 IP=003b:00000200 pc=10000200 "
                                    "SP=0043:00007000 env->regs[R_EAX]=00000001\n"
                                    "Servicing hardware INT=0x21\n"
                                    "     2: v=21 e=0000 i=0 cpl=3 IP=003b:00000202 pc=10000202 "
                                    "SP=0043:00007000 env->regs[R_EAX]=00000001\n" DUMP(
                                        "00000001", "00000202") "Servicing hardware "
                                                                "INT=0x08\n" TRACE("10000300"));
    rt386_log_item i = next(log);
    cr_assert(i.kind == RT386_LOG_STATE);
    i = next(log);
    cr_assert(i.kind == RT386_LOG_EVENT && i.vector == 14 && i.has_error && i.error == 6 &&
              !i.external);
    cr_assert(knows(&i, RT386_LOG_CR2, 0xbad) && knows(&i, RT386_LOG_EIP, 0x100));
    i = next(log);
    cr_assert(i.kind == RT386_LOG_STATE && i.state.linear == 0x10000200);
    i = next(log);
    cr_assert(i.kind == RT386_LOG_EVENT && i.vector == 0x20 && !i.has_error && !i.external);
    i = next(log);
    cr_assert(i.kind == RT386_LOG_EVENT && i.vector == 0x21 && i.external && !i.has_error);
    i = next(log);
    cr_assert(i.kind == RT386_LOG_EVENT && i.vector == 8 && i.external);
    i = next(log);
    cr_assert(i.kind == RT386_LOG_STATE && i.state.linear == 0x10000300);
    at_end(log, "");
}

Test(log_qemu, dumps_of_other_things)
{
    rt386_log *log =
        open_text("CPU Reset (CPU 0)\n" DUMP("00000009", "0000fff0") "SMM: enter\n" DUMP(
            "00000009", "00000001") "SMM: after RSM\n" DUMP("00000009", "00000001")
                      DUMP("00000001", "00000100") "some other line\n" TRACE(
                          "10000102") "Stopped execution of TB chain before 0x7f99 [10000102] "
                                      "\n" TRACE("10000102"));
    rt386_log_item i = next(log);
    cr_assert(knows(&i, 0, 1) && knows(&i, RT386_LOG_EIP, 0x100));
    i = next(log);
    cr_assert(i.state.linear == 0x10000102 && i.line == 79);
    at_end(log, "");
}

Test(log_qemu, cut)
{
    rt386_log *log = open_text(
        TRACE("10000100") "EAX=00000001 EBX=00000003 ECX=00000001 EDX=00000002\nESI=0000");
    rt386_log_item i = next(log);
    cr_assert(knows(&i, 0, 1) && !(i.state.known >> 6 & 1));
    at_end(log, "line 3: the log ends in the middle of this line");
}

Test(log_qemu, damaged)
{
    refused(open_text(TRACE("10000100") "EAX=0000000x EBX= ECX=1\n"),
            "line 2: there is no number behind 'EBX='");
    refused(open_text(TRACE("10000100") "EAX=1\nES =0043 10000000\n"),
            "line 3: there are no 4 numbers behind 'ES ='");
    refused(open_text("Trace 0: nothing\n"),
            "line 1: there is no address in brackets behind 'Trace'");
    refused(open_text("Trace 0: [11112222333344445/1/2/3]\n"),
            "line 1: there is no address in brackets behind 'Trace'");
    refused(open_text(TRACE("10000100") " 0: v=1zz\n"),
            "line 2: there are no numbers of an exception behind 'v='");
    refused(open_text("Servicing hardware INT=0x123\n"),
            "line 1: there is no vector behind 'INT='");
    refused(open_text("IN:\n"),
            "none of its 1 lines tells of an instruction in QEMU's way; see docs/trace-import.md");
}

Test(log_qemu, coprocessor)
{
    rt386_log *log =
        open_text("EAX=00000001\nEIP=00001000 EFL=00000002\nCS =0008 00000000 ffffffff 00cf9b00\n"
                  "EFER=0\nFCW=037f FSW=3820 [ST=7] FTW=80 MXCSR=00001f80\n"
                  "FPR0=0000000000000000 0000 FPR6=c90fdaa22168c235 4000\n"
                  "FPR7=8487ed5110b4611a 4001\nXMM00=0 0\n"
                  "EAX=00000002\nEIP=00001002 EFL=00000002\nCS =0008 00000000 ffffffff 00cf9b00\n");
    rt386_log_item i = next(log);
    cr_assert(i.state.has_x87);
    cr_expect(i.state.x87.fcw == 0x37f && i.state.x87.fsw == 0x3820 && i.state.x87.full == 0x80);
    cr_expect(i.state.x87.significand[7] == UINT64_C(0x8487ed5110b4611a));
    cr_expect(i.state.x87.sign_exponent[7] == 0x4001 && i.state.x87.sign_exponent[6] == 0x4000);
    i = next(log);
    cr_expect(!i.state.has_x87 && knows(&i, 0, 2));
    at_end(log, "");
    refused(open_text("EAX=00000001\nFPR8=0 0\n"),
            "line 2: there are no two numbers of a register behind 'FPR'");
}

/* --- Bochs --- */

#define REGS(rax, rip)                                                                             \
    "CPU0:\nrax: 00000000_" rax "\nrbx: 00000000_00000003\nrcx: 00000000_00000001\n"               \
    "rdx: 00000000_00000002\nrsp: 00000000_00007000\nrbp: 00000000_00000005\n"                     \
    "rsi: 00000000_00000006\nrdi: 00000000_00000007\nr8 : 00000000_00000000\n"                     \
    "rip: 00000000_" rip                                                                           \
    "\neflags 0x00000246: id vip vif ac vm rf nt IOPL=0 of df if tf sf ZF af PF cf\n"
#define INSN(eip)                                                                                  \
    "(0).[153778142] [0x0000" eip "] 0008:00000000" eip                                            \
    " (unk. ctxt): add byte ptr ds:[eax], al ; 0000\n"

Test(log_bochs, state)
{
    rt386_log *log = open_text(
        "Next at t=5\n(0) [0x000000100000] 0008:0000000000100000 (unk. ctxt): nop ; 90\n" REGS(
            "00000004", "00100006") INSN("00100006"));
    rt386_log_item i = next(log);
    cr_assert(rt386_log_format_of(log) == RT386_LOG_BOCHS);
    static const uint32_t gpr[10] = {4, 1, 2, 3, 0x7000, 5, 6, 7, 0x100006, 0x246};
    for (unsigned n = 0; n < 10; n++)
        cr_assert(knows(&i, n, gpr[n]), "%s", rt386_log_value_name(n));
    cr_assert(knows(&i, RT386_LOG_PART(RT386_CS, RT386_LOG_SELECTOR), 8));
    cr_assert(i.state.length == 2 && !memcmp(i.state.bytes, "\0\0", 2));
    at_end(log, "");
}

Test(log_bochs, older_form_and_output_of_the_guest)
{
    rt386_log *log = open_text(
        "eax: 0x00000004 4\nesp: 0x00007000 28672\neip: 0x00100006\neflags 0x00000246\n"
        "h(0).[00000042] [0x00100006] 0008:00100006 (unk. ctxt): nop                       ; 90\n"
        "iCPU0:\n(1).[00000043] [0x00200000] 0008:00200000 (unk. ctxt): nop ; 90\n"
        "\r(0).[00000043] [0x00000410] 0040:0010 (unk. ctxt): nop ; 90\n");
    rt386_log_item i = next(log);
    cr_assert(knows(&i, 0, 4) && knows(&i, 4, 0x7000) && knows(&i, RT386_LOG_EFLAGS, 0x246) &&
              i.line == 1);
    cr_assert(!(i.state.known >> 1 & 1));
    i = next(log);
    cr_assert(knows(&i, RT386_LOG_EIP, 0x10) &&
              knows(&i, RT386_LOG_PART(RT386_CS, RT386_LOG_SELECTOR), 0x40) && i.line == 8);
    cr_assert(!(i.state.known & 1));
    at_end(log, "");
}

Test(log_bochs, memory_and_events)
{
    rt386_log *log = open_text(INSN(
        "00100006") "[CPU0 RW]: LIN 0x0000000000100000 PHY 0x000000100000 (len=1, UC): 0x02\n"
                    "[CPU0 WR]: PHY 0x000000100000 (len=1, UC): 0x03\n"
                    "[CPU0 RD]: PHY 0x000000009000 (len=4, UC; PDE): 0x00000067\n"
                    "[CPU0 WR]: LIN 0x0000000000106ffc PHY 0x000000106ffc (len=4, UC): 0x00178DD4\n"
                    "[CPU0 RD]: LIN 0x0000000000100260 PHY 0x000000100260 (len=8, UC): 0x00CF9A00 "
                    "0x0000FFFF\n"
                    "xCPU 0: Exception 0x0d - (#GP) general protection fault occurred "
                    "(error_code=0x0008)\n"
                    "CPU 0: Interrupt 0x0d occurred (error_code=0x0008)\n"
                    "CPU 0: Interrupt 0x20 occurred (error_code=0x0000)\n");
    rt386_log_item i = next(log);
    cr_assert(i.kind == RT386_LOG_STATE);
    i = next(log);
    cr_assert(i.kind == RT386_LOG_MEMORY && !i.write && i.linear == 0x100000 && i.size == 1 &&
              i.value == 2);
    i = next(log);
    cr_assert(i.kind == RT386_LOG_MEMORY && i.write && i.linear == 0x100000 && i.size == 1 &&
              i.value == 3);
    i = next(log);
    cr_assert(i.kind == RT386_LOG_MEMORY && i.write && i.linear == 0x106ffc && i.size == 4 &&
              i.value == 0x178dd4);
    i = next(log);
    cr_assert(i.kind == RT386_LOG_MEMORY && !i.write && i.linear == 0x100260 && i.size == 8);
    i = next(log);
    cr_assert(i.kind == RT386_LOG_EVENT && i.vector == 13 && i.has_error && i.error == 8);
    i = next(log);
    cr_assert(i.kind == RT386_LOG_EVENT && i.vector == 0x20 && !i.has_error);
    at_end(log, "");
}

Test(log_bochs, damaged)
{
    refused(open_text(INSN("00100006") "rax: none\n"),
            "line 2: there is no number behind a register's name");
    refused(open_text("(0).[1] [0x00100006] here: nop\n"),
            "line 1: there is no selector:offset of an instruction behind '(0).['");
    refused(open_text("CPU 0: Exception 0xfff\n"), "line 1: there is no vector behind 'Exception'");
}

/* --- neither --- */

Test(log, nothing)
{
    refused(open_text(""), "none of its 0 lines tells of an instruction in QEMU's or Bochs' way; "
                           "see docs/trace-import.md");
    refused(open_text("a\nb\n"), "none of its 2 lines tells of an instruction in QEMU's or Bochs' "
                                 "way; see docs/trace-import.md");
    char err[200] = "";
    rt386_log *log = NULL;
    cr_assert(rt386_log_open("/nowhere/log", RT386_LOG_ANY, &log, err, sizeof err) ==
              RT386_E_NOTFOUND);
    cr_assert_str_eq(err, "No such file or directory");
}

Test(log, named)
{
    static const char both[] = TRACE("10000100") INSN("00100006");
    rt386_log *log = open_bytes(both, sizeof both - 1, RT386_LOG_BOCHS);
    rt386_log_item i = next(log);
    cr_assert(knows(&i, RT386_LOG_EIP, 0x100006));
    at_end(log, "");
}

Test(log, huge_line)
{
    size_t n = 8u << 20;
    char *text = malloc(n);
    memset(text, 'A', n);
    memcpy(text, "IN:\n", 4);
    refused(open_bytes(text, n, RT386_LOG_ANY),
            "line 2: it is longer than 4096 bytes: no line of QEMU's or Bochs' is");
    free(text);
}

/* Every damage is either passed over or refused with the line's number; nothing is read outside, no item lacks its place. */
static void mutate(const char *good, rt386_log_format format)
{
    size_t n = strlen(good);
    char *text = malloc(n);
    uint32_t x = 1;
    for (unsigned round = 0; round < 1000; round++) {
        memcpy(text, good, n);
        for (unsigned k = 0; k <= round % 4; k++) {
            x = x * 1664525u + 1013904223u;
            size_t at = (x >> 8) % n;
            text[at] = round % 3 ? "\n\0 :[=x0f"[x >> 4 & 7] : (char)(x >> 16);
        }
        rt386_log *log = open_bytes(text, round % 5 ? n : x % n, format);
        rt386_log_item item;
        rt386_status st;
        while ((st = rt386_log_next(log, &item)) == RT386_OK) {
            cr_assert(item.line && item.size <= 64 && item.state.length <= 15);
            if (item.kind == RT386_LOG_STATE)
                cr_assert(item.state.has_linear || item.state.known >> RT386_LOG_EIP & 1);
        }
        cr_assert(st == RT386_E_NOTFOUND || (st == RT386_E_FORMAT && *rt386_log_error(log)));
        rt386_log_close(log);
    }
    free(text);
}

Test(log, mutated)
{
    mutate(TRACE("10000100")
               DUMP("00000001",
                    "00000100") "Servicing hardware INT=0x21\n     2: v=21 e=0000 i=0 cpl=3 "
                                "IP=003b:00000202 "
                                "pc=10000202 SP=0043:00007000 CR2=1\n" DUMP(
                                    "00000001",
                                    "00000202") "IN: \n0x10000103:  c3    retl\n" TRACE("10000103"),
           RT386_LOG_QEMU);
    mutate(REGS("00000004", "00100006")
               INSN("00100006") "[CPU0 RW]: LIN 0x0000000000100000 PHY 0x000000100000 (len=1, UC): "
                                "0x02\n[CPU0 WR]: PHY 0x000000100000 (len=1, UC): 0x03\n"
                                "CPU 0: Exception 0x0d - (#GP) general protection fault occurred "
                                "(error_code=0x0008)\n",
           RT386_LOG_BOCHS);
    mutate(TRACE("10000100") INSN("00100006"), RT386_LOG_ANY);
}
