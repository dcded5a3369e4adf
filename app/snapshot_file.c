#include "snapshot_file.h"

#include <rt386/snapshot.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char magic[8] = {'R', 'T', '3', '8', '6', 'S', 'N', 'P'};

bool snapshot_is(const char *path)
{
    char head[sizeof magic];
    FILE *f = fopen(path, "rbe");
    bool is =
        f && fread(head, 1, sizeof head, f) == sizeof head && !memcmp(head, magic, sizeof magic);
    if (f) fclose(f);
    return is;
}

bool snapshot_read(const char *path, struct text *bytes)
{
    char part[1 << 16];
    size_t n;
    FILE *f = fopen(path, "rbe");
    if (!f) return false;
    while ((n = fread(part, 1, sizeof part, f)) > 0 && !bytes->failed)
        text_addn(bytes, part, n);
    bool good = !ferror(f) && !bytes->failed;
    int why = bytes->failed ? ENOMEM : errno;
    fclose(f);
    errno = why;
    return good;
}

static void keep(void *ctx, const void *bytes, size_t n)
{
    text_addn(ctx, bytes, n);
}

bool snapshot_write(struct app *app, const rt386 *machine, const char *path)
{
    struct text t = {0};
    rt386_status st = rt386_snapshot_save(machine, keep, &t);
    if (st != RT386_OK || t.failed) {
        app_error(app, "the snapshot '%.200s' cannot be made: %s", path,
                  st == RT386_E_STATE ? rt386_error(machine) : "the host has no memory left");
        text_free(&t);
        return false;
    }
    FILE *f = fopen(path, "wbe");
    bool good = f && fwrite(t.p, 1, t.n, f) == t.n;
    if (f && fclose(f) != 0) good = false;
    int why = errno;
    text_free(&t);
    if (good) return true;
    if (f) (void)unlink(path);
    app_error(app, "the snapshot '%.200s' cannot be written: %s", path, strerror(why));
    return false;
}
