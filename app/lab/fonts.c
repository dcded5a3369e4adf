#include "fonts.h"

#include <SDL.h>
#include <SDL_ttf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SETS      2048u /* of texts, a power of two */
#define WAYS      4u    /* texts in each */
#define SIZES     32u   /* fonts of one size each */
#define WORDS_MAX 256u  /* bytes of a text; more are cut */

struct kept {
    uint64_t hash, used; /* when it was asked for last */
    struct glyphs glyphs;
    uint8_t *cover;
};
struct sized {
    TTF_Font *font;
    enum face face;
    unsigned dpi;
};
struct fonts {
    char path[FACE_COUNT][256];
    void *file[FACE_COUNT]; /* in memory: a letter is no reason to go to the disk */
    size_t bytes[FACE_COUNT];
    struct sized sized[SIZES];
    unsigned sizes;
    struct kept kept[SETS][WAYS];
    uint64_t asked;
};

/* The first that is there: the packages fonts-inter and fonts-jetbrains-mono, then what most systems have. */
static const char *const places[FACE_COUNT][6] = {
    [FACE_TEXT] = {"/usr/share/fonts/opentype/inter/Inter-Regular.otf",
                   "/usr/share/fonts/truetype/inter/Inter-Regular.ttf",
                   "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
                   "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"},
    [FACE_BOLD] = {"/usr/share/fonts/opentype/inter/Inter-SemiBold.otf",
                   "/usr/share/fonts/truetype/inter/Inter-SemiBold.ttf",
                   "/usr/share/fonts/truetype/liberation/LiberationSans-Bold.ttf",
                   "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"},
    [FACE_CODE] = {"/usr/share/fonts/truetype/jetbrains-mono/JetBrainsMono-Regular.ttf",
                   "/usr/share/fonts/truetype/liberation/LiberationMono-Regular.ttf",
                   "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"},
    [FACE_CODE_BOLD] = {"/usr/share/fonts/truetype/jetbrains-mono/JetBrainsMono-SemiBold.ttf",
                        "/usr/share/fonts/truetype/jetbrains-mono/JetBrainsMono-Bold.ttf",
                        "/usr/share/fonts/truetype/liberation/LiberationMono-Bold.ttf",
                        "/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf"}};

static bool font_find(struct fonts *f, enum face face, const char *folder)
{
    for (unsigned i = 0; folder && i < 6 && places[face][i]; i++) {
        const char *name = strrchr(places[face][i], '/');
        snprintf(f->path[face], sizeof f->path[face], "%.180s%s", folder, name);
        if (access(f->path[face], R_OK) == 0) return true;
    }
    for (unsigned i = 0; i < 6 && places[face][i]; i++) {
        snprintf(f->path[face], sizeof f->path[face], "%s", places[face][i]);
        if (access(f->path[face], R_OK) == 0) return true;
    }
    return false;
}

static void font_read(struct fonts *f, enum face face)
{
    f->file[face] = SDL_LoadFile(f->path[face], &f->bytes[face]);
}

struct fonts *fonts_open(const char *folder, char *err, size_t size)
{
    struct fonts *f = calloc(1, sizeof *f);
    snprintf(err, size, "the host has no memory for fonts");
    if (!f) return NULL;
    if (TTF_Init() != 0) {
        snprintf(err, size, "SDL2_ttf does not start: %s", TTF_GetError());
        free(f);
        return NULL;
    }
    for (unsigned i = 0; i < FACE_COUNT; i++) {
        if (font_find(f, i, folder)) {
            font_read(f, i);
            continue;
        }
        snprintf(
            err, size,
            "no font is found for the lab; install fonts-inter and fonts-jetbrains-mono, or name a "
            "folder that has %s with --fonts",
            strrchr(places[i][0], '/') + 1);
        fonts_close(f);
        return NULL;
    }
    return f;
}

void fonts_close(struct fonts *f)
{
    if (!f) return;
    for (unsigned i = 0; i < f->sizes; i++)
        if (f->sized[i].font) TTF_CloseFont(f->sized[i].font);
    for (unsigned i = 0; i < SETS * WAYS; i++)
        free(f->kept[i / WAYS][i % WAYS].cover);
    TTF_Quit();
    for (unsigned i = 0; i < FACE_COUNT; i++)
        SDL_free(f->file[i]);
    free(f);
}

/* One point at so many dots an inch: sizes need not be whole pixels. */
static TTF_Font *font_of(struct fonts *f, enum face face, float size)
{
    unsigned dpi = (unsigned)(size * 72 + 0.5f), i = 0;
    while (i < f->sizes && !(f->sized[i].face == face && f->sized[i].dpi == dpi))
        i++;
    if (i < f->sizes) return f->sized[i].font;
    if (f->sizes == SIZES) { /* somebody has changed the scale often */
        for (i = 0; i < SIZES; i++)
            if (f->sized[i].font) TTF_CloseFont(f->sized[i].font);
        f->sizes = i = 0;
    }
    SDL_RWops *from = f->file[face] ? SDL_RWFromConstMem(f->file[face], (int)f->bytes[face]) : NULL;
    TTF_Font *font = from ? TTF_OpenFontDPIRW(from, 1, 1, dpi, dpi) : NULL;
    if (font) TTF_SetFontHinting(font, TTF_HINTING_LIGHT_SUBPIXEL);
    f->sized[f->sizes++] = (struct sized){font, face, dpi};
    return font;
}

static uint64_t hash_of(enum face face, float size, const char *s, size_t n)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ ((uint64_t)face << 32 | (uint32_t)(size * 72));
    for (size_t i = 0; i < n; i++)
        h = (h ^ (uint8_t)s[i]) * UINT64_C(0x100000001b3);
    return (h ^ h >> 29) | 1;
}

/* The opaque parts of what SDL2_ttf drew in white, in 16 steps: no eye sees more, and pictures pack better. */
static void cover_of(struct kept *k, SDL_Surface *drawn)
{
    k->cover = malloc((size_t)drawn->w * (size_t)drawn->h);
    if (!k->cover) return;
    k->glyphs.w = (unsigned)drawn->w;
    k->glyphs.h = (unsigned)drawn->h;
    for (int y = 0; y < drawn->h; y++) {
        const uint32_t *row =
            (const uint32_t *)(const void *)((const char *)drawn->pixels + y * drawn->pitch);
        for (int x = 0; x < drawn->w; x++)
            k->cover[y * drawn->w + x] = (uint8_t)(((row[x] >> 24) * 15 + 127) / 255 * 17);
    }
}

/* Where the text is, or where it will be: the one of its set that was not asked for the longest time. */
static struct kept *kept_of(struct fonts *f, uint64_t hash)
{
    struct kept *set = f->kept[hash >> 8 & (SETS - 1)], *oldest = set;
    for (unsigned i = 0; i < WAYS; i++) {
        if (set[i].hash == hash) return &set[i];
        if (set[i].used < oldest->used) oldest = &set[i];
    }
    return oldest;
}

struct glyphs fonts_text(struct fonts *f, enum face face, float size, const char *s, size_t n)
{
    char words[WORDS_MAX];
    uint64_t hash = hash_of(face, size, s, n);
    struct kept *k = kept_of(f, hash);
    k->used = ++f->asked;
    if (k->hash == hash) return k->glyphs;
    free(k->cover);
    *k = (struct kept){.hash = hash, .used = f->asked};
    TTF_Font *font = font_of(f, face, size);
    n = n < sizeof words ? n : sizeof words - 1;
    memcpy(words, s, n);
    words[n] = '\0';
    if (!font || !n) return k->glyphs;
    SDL_Surface *drawn = TTF_RenderUTF8_Blended(font, words, (SDL_Color){255, 255, 255, 255});
    int width = 0;
    if (TTF_SizeUTF8(font, words, &width, NULL) == 0) k->glyphs.width = (float)width;
    k->glyphs.ascent = TTF_FontAscent(font);
    if (drawn) cover_of(k, drawn);
    k->glyphs.cover = k->cover;
    if (drawn) SDL_FreeSurface(drawn);
    return k->glyphs;
}
