#include "guest.h"

static rt386_exit run(rt386 *m)
{
    rt386_exit why;
    cr_assert_eq(rt386_run(m, 10000000, 0, &why), RT386_OK, "%s", rt386_error(m));
    return why;
}

Test(bare, exit_port_gives_the_code)
{
    rt386 *m = MACHINE(NULL, 0xb0, 42, 0xe6, 0xf4, 0xeb, 0xfe); /* mov al,42; out 0xf4,al; jmp $ */
    rt386_exit why = run(m);
    cr_assert_eq(why.kind, RT386_EXIT_GUEST);
    cr_assert_eq(why.code, 42);
    cr_assert_eq(why.insns, 2);
    rt386_exit again = run(m); /* an ended machine repeats its verdict */
    cr_assert_eq(again.kind, RT386_EXIT_GUEST);
    cr_assert_eq(again.insns, 2);
    rt386_destroy(m);
}

Test(bare, hlt_with_interrupts_off_ends)
{
    rt386 *m = MACHINE(NULL, 0x90, 0xfa, 0xf4);
    rt386_exit why = run(m);
    cr_assert_eq(why.kind, RT386_EXIT_HALT);
    cr_assert_eq(why.insns, 3);
    rt386_destroy(m);
}

Test(bare, triple_fault_names_the_chain)
{
    rt386 *m = MACHINE(NULL, 0x0f, 0x0b); /* #UD without an IDT */
    rt386_exit why = run(m);
    cr_assert_eq(why.kind, RT386_EXIT_TRIPLE_FAULT);
    cr_assert_eq(why.chain_length, 3);
    cr_assert_eq(why.chain[0].vector, 6);
    cr_assert_eq(why.chain[0].eip, 0x100000);
    /* #UD -> #GP(6 * 8 + 2) -> double fault -> shutdown: the entries of vectors 6, 13, 8 are outside */
    cr_assert_eq(why.chain[1].vector, 13);
    cr_assert_eq(why.chain[1].error & ~1u, 13 * 8 + 2);
    cr_assert_eq(why.chain[2].error & ~1u, 8 * 8 + 2);
    cr_assert(strlen(rt386_rule(why.chain[0].rule).sentence) > 10);
    rt386_destroy(m);
}

Test(bare, com1_line_status_and_text)
{
    struct text out;
    /* mov dx,3fd; in al,dx; test al,20h; jz -5; mov dx,3f8; mov al,'x'; out dx,al; hlt */
    rt386 *m = MACHINE(&out, 0x66, 0xba, 0xfd, 0x03, 0xec, 0xa8, 0x20, 0x74, 0xfb, 0x66, 0xba, 0xf8,
                       0x03, 0xb0, 'x', 0xee, 0xf4);
    cr_assert_eq(run(m).kind, RT386_EXIT_HALT);
    cr_assert_str_eq(out.bytes, "x");
    rt386_destroy(m);
}

Test(bare, shutdown_word_on_port_8900)
{
    uint8_t code[8 * 4 + 5] = {0x66, 0xba, 0x00, 0x89};
    for (int i = 0; i < 8; i++)
        memcpy(code + 4 + 4 * i, (uint8_t[]){0xb0, (uint8_t) "Shutdown"[i], 0xee, 0x90}, 4);
    code[36] = 0xf4;
    rt386 *m = machine_with(code, sizeof code, NULL);
    cr_assert_eq(run(m).kind, RT386_EXIT_SHUTDOWN_PORT);
    rt386_destroy(m);
}

Test(bare, boot_sector_starts_in_real_mode_at_7c00)
{
    uint8_t sector[512] = {0xb0, 'B', 0xe6, 0xe9, 0xfa, 0xf4};
    sector[510] = 0x55;
    sector[511] = 0xaa;
    struct text out = {0};
    rt386_config config = {.size = sizeof config, .console = text_put, .console_ctx = &out};
    rt386 *m;
    cr_assert_eq(rt386_create(&config, &m), RT386_OK);
    cr_assert_eq(rt386_load_bytes(m, sector, sizeof sector, NULL), RT386_OK, "%s", rt386_error(m));
    cr_assert_eq(reg(m, "cr0") & 1, 0);
    cr_assert_eq(reg(m, "eip"), 0x7c00);
    cr_assert_eq(reg(m, "edx"), 0x80);
    cr_assert_eq(run(m).kind, RT386_EXIT_HALT);
    cr_assert_str_eq(out.bytes, "B");
    rt386_destroy(m);
}

Test(bare, bios_starts_at_the_reset_vector)
{
    static uint8_t rom[65536];
    memset(rom, 0xf4, sizeof rom);
    /* at F000:FFF0: mov al,5a; mov dx,190; out dx,al; hlt */
    memcpy(rom + 0xfff0, (uint8_t[]){0xb0, 0x5a, 0xba, 0x90, 0x01, 0xee, 0xf4}, 7);
    rt386_config config = {.size = sizeof config, .post_port = 0x190};
    rt386 *m;
    cr_assert_eq(rt386_create(&config, &m), RT386_OK);
    rt386_load_options o = {.size = sizeof o, .kind = RT386_IMAGE_BIOS};
    cr_assert_eq(rt386_load_bytes(m, rom, sizeof rom, &o), RT386_OK, "%s", rt386_error(m));
    rt386_exit why = run(m);
    cr_assert_eq(why.kind, RT386_EXIT_HALT);
    cr_assert_eq(why.code, 0x5a);
    uint8_t b;
    rt386_addr low = {.space = RT386_PHYS, .at = 0xffff0};
    cr_assert_eq(rt386_peek(m, low, &b, 1), RT386_OK);
    cr_assert_eq(b, 0xb0, "the ROM shows below 1 MB too");
    rt386_destroy(m);
}

Test(bare, rom_of_odd_size_is_refused)
{
    uint8_t rom[1000] = {0};
    rt386 *m;
    cr_assert_eq(rt386_create(NULL, &m), RT386_OK);
    rt386_load_options o = {.size = sizeof o, .kind = RT386_IMAGE_BIOS};
    cr_assert_eq(rt386_load_bytes(m, rom, sizeof rom, &o), RT386_E_FORMAT);
    cr_assert(strstr(rt386_error(m), "4096"));
    rt386_destroy(m);
}

Test(bare, multiboot_registers_and_information)
{
    struct {
        uint32_t magic, flags, checksum, header, load, load_end, bss_end, entry;
        uint8_t code[4];
    } k = {0x1badb002, 0x10000, 0, 0x100000, 0x100000, 0, 0, 0x100020, {0xf4}};
    k.checksum = 0u - k.magic - k.flags;
    rt386_config config = {.size = sizeof config, .memory = 4u << 20};
    rt386 *m;
    cr_assert_eq(rt386_create(&config, &m), RT386_OK);
    const char *args[] = {"one", "two"};
    rt386_load_options o = {.size = sizeof o, .name = "k", .argc = 2, .argv = args};
    cr_assert_eq(rt386_load_bytes(m, &k, sizeof k, &o), RT386_OK, "%s", rt386_error(m));
    cr_assert_eq(reg(m, "eax"), 0x2badb002);
    cr_assert_eq(reg(m, "eip"), 0x100020);
    uint32_t info[24];
    rt386_addr at = {.space = RT386_PHYS, .at = (uint32_t)reg(m, "ebx")};
    cr_assert_eq(rt386_peek(m, at, info, sizeof info), RT386_OK);
    cr_assert_eq(info[0] & 0x45, 0x45); /* memory sizes, command line, map */
    cr_assert_eq(info[2], 3 * 1024);
    char line[16] = "";
    at.at = info[4];
    cr_assert_eq(rt386_peek(m, at, line, sizeof line), RT386_OK);
    cr_assert_str_eq(line, "k one two");
    rt386_destroy(m);
}

Test(bare, what_the_loader_adds_never_covers_the_image)
{
    static struct {
        uint32_t magic, flags, checksum, header, load, load_end, bss_end, entry;
        uint8_t code[0x7fe0];
    } k = {0x1badb002, 0x10000, 0, 0x1000, 0x1000, 0, 0, 0x1020, {0xf4}};
    k.checksum = 0u - k.magic - k.flags;
    memset(k.code + 1, 0x90, sizeof k.code - 1);
    rt386 *m;
    cr_assert_eq(rt386_create(NULL, &m), RT386_OK);
    cr_assert_eq(rt386_load_bytes(m, &k, sizeof k, NULL), RT386_OK, "%s", rt386_error(m));
    static uint8_t seen[sizeof k];
    rt386_addr at = {.space = RT386_PHYS, .at = 0x1000};
    cr_assert_eq(rt386_peek(m, at, seen, sizeof seen), RT386_OK);
    cr_assert_arr_eq(seen, &k, sizeof seen);
    cr_assert_eq(reg(m, "ebx") >> 12, 0x9, "the first free page");
    rt386_destroy(m);
}
