/* fuzz_snapshot.c: libFuzzer's entry to snapshots that somebody has changed. The input is a list of changes to a good one,
 * five bytes each: where, and the byte to put there.
 *
 *   CC=clang meson setup build-fuzz -Dfuzz=true && ninja -C build-fuzz tests/machine/fuzz_snapshot
 *   RT386_FUZZ_GUEST=build/guest/demo/startup.rta build-fuzz/tests/machine/fuzz_snapshot -max_len=200 CORPUS
 *
 * What is taken must run without an error of the host; then it must be good enough to be saved and loaded again.
 */
#include <rt386/snapshot.h>
#include <stdlib.h>
#include <string.h>

#define RAN   30000u
#define MOST  20000u
#define PATCH 5u

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
    uint8_t *at;
    size_t n;
} base;
static rt386_config config;

/* It comes in pieces. */
static void keep(void *ctx, const void *bytes, size_t n)
{
    (void)ctx;
    base.at = realloc(base.at, base.n + n);
    if (!base.at) abort();
    memcpy(base.at + base.n, bytes, n);
    base.n += n;
}

static void forget(void *ctx, const void *bytes, size_t n)
{
    (void)ctx;
    (void)bytes;
    (void)n;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const uint8_t loop[] = {0x40, 0xe6, 0x80, 0xeb, 0xfb}; /* INC EAX; OUT 80,AL; JMP */
    const char *guest = getenv("RT386_FUZZ_GUEST");
    const rt386_config small = {.size = sizeof small, .memory = 8u << 20};
    const rt386_load_options raw = {.size = sizeof raw, .kind = RT386_IMAGE_RAW};
    rt386_exit why;
    rt386 *m;
    (void)argc;
    (void)argv;
    if (rt386_create(&small, &m) != RT386_OK) abort();
    rt386_status st =
        guest ? rt386_load_file(m, guest, NULL) : rt386_load_bytes(m, loop, sizeof loop, &raw);
    if (st != RT386_OK || rt386_run(m, RAN, 0, &why) != RT386_OK) abort();
    if (rt386_snapshot_save(m, keep, NULL) != RT386_OK) abort();
    if (rt386_snapshot_config(base.at, base.n, &config, NULL, 0) != RT386_OK) abort();
    rt386_destroy(m);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt386 *m;
    rt386_exit why;
    uint8_t *bytes = malloc(base.n);
    if (!bytes || rt386_create(&config, &m) != RT386_OK) abort();
    memcpy(bytes, base.at, base.n);
    for (; size >= PATCH; data += PATCH, size -= PATCH) {
        uint32_t at = (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 |
                      (uint32_t)data[3] << 24;
        bytes[at % base.n] = data[4];
    }
    if (rt386_snapshot_load(m, bytes, base.n) == RT386_OK) {
        rt386_run(m, MOST, 0, &why);
        rt386_snapshot_save(m, forget, NULL);
    }
    rt386_destroy(m);
    free(bytes);
    return 0;
}
