/* window.c: the module's surface: a window of SDL2, or none, and PNG files. */
#include "paint.h"
#include "screen.h"

#include <ctype.h>
#include <errno.h>
#include <png.h>
#include <SDL.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct screen {
    struct paint *paint;
    unsigned w, h;
    float scale;
    SDL_Window *window; /* NULL: only in memory */
    SDL_Renderer *renderer;
    SDL_Texture *texture;
    unsigned tw, th; /* of the texture */
    bool video;
};

static void screen_close(struct screen *s)
{
    if (!s) return;
    if (s->texture) SDL_DestroyTexture(s->texture);
    if (s->renderer) SDL_DestroyRenderer(s->renderer);
    if (s->window) SDL_DestroyWindow(s->window);
    paint_free(s->paint);
    if (s->video) SDL_Quit();
    free(s);
}

/* SDL2 falls back on a display that is none. */
static bool nobody_looks(void)
{
    const char *driver = SDL_GetCurrentVideoDriver();
    return !getenv("SDL_VIDEODRIVER") && driver &&
           (!strcmp(driver, "offscreen") || !strcmp(driver, "dummy"));
}

static bool window_open(struct screen *s, const struct screen_want *want, char *err, size_t size)
{
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    s->video = SDL_Init(SDL_INIT_VIDEO) == 0;
    if (s->video && nobody_looks()) SDL_SetError("there is no display");
    if (s->video && !nobody_looks())
        s->window = SDL_CreateWindow(want->title, SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED,
                                     (int)want->width, (int)want->height, SDL_WINDOW_RESIZABLE);
    if (s->window) s->renderer = SDL_CreateRenderer(s->window, -1, SDL_RENDERER_PRESENTVSYNC);
    if (s->window && !s->renderer)
        s->renderer = SDL_CreateRenderer(s->window, -1, SDL_RENDERER_SOFTWARE);
    if (s->renderer) {
        SDL_StartTextInput();
        return true;
    }
    snprintf(err, size, "no window can be opened (%.100s); --screenshot and --script need none",
             SDL_GetError());
    return false;
}

static struct screen *screen_open(const struct screen_want *want, char *err, size_t size)
{
    struct screen *s = calloc(1, sizeof *s);
    snprintf(err, size, "the host has no memory for the window");
    if (!s) return NULL;
    *s = (struct screen){.w = want->width, .h = want->height, .scale = want->scale};
    s->paint = paint_new(want->fonts, err, size);
    if (s->paint && (!want->window || window_open(s, want, err, size))) return s;
    screen_close(s);
    return NULL;
}

static struct canvas screen_begin(struct screen *s, const struct palette *p, float *w, float *h)
{
    *w = (float)s->w / s->scale;
    *h = (float)s->h / s->scale;
    if (!paint_begin(s->paint, p, s->w, s->h, s->scale)) return canvas_blank();
    return paint_canvas(s->paint);
}

static struct canvas screen_over(struct screen *s, float *w, float *h)
{
    *w = (float)s->w / s->scale;
    *h = (float)s->h / s->scale;
    return paint_canvas(s->paint);
}

static void screen_show(struct screen *s)
{
    unsigned w, h;
    const uint32_t *pixel = paint_pixels(s->paint, &w, &h);
    if (!s->renderer || !pixel) return;
    if (s->texture && (s->tw != w || s->th != h)) {
        SDL_DestroyTexture(s->texture);
        s->texture = NULL;
    }
    if (!s->texture)
        s->texture = SDL_CreateTexture(s->renderer, SDL_PIXELFORMAT_RGB888,
                                       SDL_TEXTUREACCESS_STREAMING, (int)w, (int)h);
    if (!s->texture) return;
    s->tw = w;
    s->th = h;
    SDL_UpdateTexture(s->texture, NULL, pixel, (int)(w * sizeof *pixel));
    SDL_RenderCopy(s->renderer, s->texture, NULL, NULL);
    SDL_RenderPresent(s->renderer);
}

/* No filter before packing: what is drawn here is flat, and then a third as large. False: libpng gave up, or the disk did. */
static bool png_put(FILE *to, const uint32_t *pixel, unsigned w, unsigned h, uint8_t *row)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info || setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        return false;
    }
    png_init_io(png, to);
    png_set_filter(png, 0, PNG_FILTER_NONE);
    png_set_compression_level(png, 9);
    png_set_IHDR(png, info, w, h, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (unsigned y = 0; y < h; y++) {
        for (unsigned x = 0; x < w; x++)
            for (unsigned k = 0; k < 3; k++)
                row[3 * x + k] = (uint8_t)(pixel[(size_t)y * w + x] >> (16 - 8 * k));
        png_write_row(png, row);
    }
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    return true;
}

static bool screen_save(struct screen *s, const char *path, char *err, size_t size)
{
    unsigned w, h;
    const uint32_t *pixel = paint_pixels(s->paint, &w, &h);
    uint8_t *row = pixel ? malloc(3 * (size_t)w) : NULL;
    snprintf(err, size, "the host has no memory for the picture");
    if (!row) return false;
    FILE *to = fopen(path, "wbe");
    bool good = to && png_put(to, pixel, w, h, row);
    if (to && fclose(to) != 0) good = false;
    if (!good) snprintf(err, size, "'%.120s' cannot be written: %s", path, strerror(errno));
    free(row);
    return good;
}

/* ---- events ------------------------------------------------------------------------------------------- */

/* Printable ones come as text, whatever the layout of the keyboard. */
static bool key_event(const SDL_KeyboardEvent *k, struct screen_event *e)
{
    SDL_Keycode sym = k->keysym.sym;
    bool ctrl = k->keysym.mod & KMOD_CTRL, shift = k->keysym.mod & KMOD_SHIFT;
    bool printable = sym >= SDLK_SPACE && sym < SDLK_DELETE;
    if (printable && !ctrl) return false;
    if (sym == SDLK_LSHIFT || sym == SDLK_RSHIFT || sym == SDLK_LCTRL || sym == SDLK_RCTRL)
        return false;
    e->kind = SCREEN_KEY;
    snprintf(e->name, sizeof e->name, "%s%s%.20s", ctrl ? "ctrl+" : "", shift ? "shift+" : "",
             SDL_GetKeyName(sym));
    for (char *at = e->name; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return true;
}

static bool window_event(struct screen *s, const SDL_WindowEvent *w, struct screen_event *e)
{
    int width, height;
    if (w->event != SDL_WINDOWEVENT_SIZE_CHANGED && w->event != SDL_WINDOWEVENT_EXPOSED)
        return false;
    SDL_GetWindowSize(s->window, &width, &height);
    s->w = width > 320 ? (unsigned)width : 320;
    s->h = height > 240 ? (unsigned)height : 240;
    e->kind = SCREEN_RESIZED;
    return true;
}

static void at_pointer(const struct screen *s, int x, int y, struct screen_event *e)
{
    e->x = (float)x / s->scale;
    e->y = (float)y / s->scale;
}

static bool event_of(struct screen *s, const SDL_Event *in, struct screen_event *e)
{
    int x, y;
    switch (in->type) {
    case SDL_QUIT: e->kind = SCREEN_QUIT; return true;
    case SDL_KEYDOWN: return key_event(&in->key, e);
    case SDL_WINDOWEVENT: return window_event(s, &in->window, e);
    case SDL_TEXTINPUT:
        e->kind = SCREEN_TEXT;
        snprintf(e->name, sizeof e->name, "%.30s", in->text.text);
        return true;
    case SDL_MOUSEBUTTONDOWN:
        e->kind = SCREEN_CLICK;
        e->count = in->button.clicks;
        at_pointer(s, in->button.x, in->button.y, e);
        return in->button.button == SDL_BUTTON_LEFT;
    case SDL_MOUSEWHEEL:
        e->kind = SCREEN_WHEEL;
        e->count = -3 * in->wheel.y;
        SDL_GetMouseState(&x, &y);
        at_pointer(s, x, y, e);
        return true;
    case SDL_MOUSEMOTION:
        e->kind = SCREEN_MOVED;
        at_pointer(s, in->motion.x, in->motion.y, e);
        return true;
    default: return false;
    }
}

static bool screen_event(struct screen *s, int wait, struct screen_event *e)
{
    SDL_Event in;
    *e = (struct screen_event){.kind = SCREEN_NOTHING};
    if (!s->window || !(wait > 0 ? SDL_WaitEventTimeout(&in, wait) : SDL_PollEvent(&in)))
        return false;
    do
        if (event_of(s, &in, e)) return true;
    while (SDL_PollEvent(&in));
    return false;
}

static void screen_rescale(struct screen *s, float scale)
{
    s->scale = scale;
}

static void screen_name(struct screen *s, const char *title)
{
    if (s->window) SDL_SetWindowTitle(s->window, title);
}

__attribute__((visibility("default"))) const struct screen_ops *rt386_lab_screen(void);

const struct screen_ops *rt386_lab_screen(void)
{
    static const struct screen_ops ops = {SCREEN_VERSION, screen_open, screen_close, screen_begin,
                                          screen_over,    screen_show, screen_save,  screen_event,
                                          screen_rescale, screen_name};
    return &ops;
}
