/* lesson_html.c: a lesson as one HTML document: no script is needed to read it, no font, style or picture comes from
 * elsewhere. Answers are in <details>; one small script opens or closes all of them.
 */
#include "lesson_priv.h"

#include <stdio.h>
#include <string.h>

static const char style[] =
    ":root{color-scheme:light;--ink:#1b222d;--dim:#5a6472;--line:#d5dae2;--panel:#f6f8fa;"
    "--accent:#1f5fbf;--note:#fff7e0;--note-line:#c98a00}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:#fff;color:var(--ink);font:17px/1.6 Inter,'Helvetica Neue',Arial,"
    "'Liberation Sans',sans-serif;font-feature-settings:'calt' 0}\n"
    "main{max-width:46rem;margin:0 auto;padding:3rem 1.25rem 5rem}\n"
    "header{border-bottom:2px solid var(--ink);padding-bottom:1.25rem;margin-bottom:2rem}\n"
    ".kicker{margin:0 0 .35rem;color:var(--dim);font-size:.85rem;letter-spacing:.08em;"
    "text-transform:uppercase}\n"
    "h1{margin:0;font-size:2.3rem;line-height:1.15;letter-spacing:-.015em}\n"
    "h2{margin:3.2rem 0 1rem;font-size:1.5rem;line-height:1.25;letter-spacing:-.01em}\n"
    "h2 .n{color:var(--dim);font-weight:400;margin-right:.6rem}\n"
    "h3{margin:0 0 .5rem;font-size:1rem;display:flex;justify-content:space-between;gap:1rem}\n"
    "h3 span{font-weight:400;color:var(--dim);font-size:.9rem}\n"
    ".lead{margin:.8rem 0 0;font-size:1.15rem;line-height:1.5;color:var(--dim)}\n"
    "p{margin:0 0 1rem}\n"
    "nav{margin:0 0 1rem;padding:.9rem 1.1rem;background:var(--panel);border-radius:8px}\n"
    "nav ol{margin:0;padding-left:1.3rem}\n"
    "a{color:var(--accent)}\n"
    ".cite{color:var(--dim);font-size:.85em;white-space:nowrap}\n"
    "pre,code{font-family:'JetBrains Mono','DejaVu Sans Mono',Menlo,Consolas,monospace}\n"
    "code{font-size:.86em;white-space:nowrap}\n"
    "pre{margin:0 0 1.25rem;padding:.85rem 1rem;background:var(--panel);border-radius:8px;"
    "font-size:.8rem;line-height:1.5;overflow-x:auto}\n"
    "figure{margin:1.6rem 0}\n"
    "figure svg{display:block;width:100%;height:auto;border:1px solid "
    "var(--line);border-radius:8px}\n"
    "figure pre{margin:0;border:1px solid var(--line)}\n"
    "figcaption{margin-top:.5rem;color:var(--dim);font-size:.9rem;line-height:1.45}\n"
    "aside{margin:1.25rem 0;padding:.8rem 1rem;background:var(--note);border-left:4px solid "
    "var(--note-line);border-radius:0 8px 8px 0;font-size:.95rem}\n"
    "aside b{display:block;font-size:.8rem;letter-spacing:.06em;text-transform:uppercase}\n"
    ".q{margin:1.5rem 0;padding:1.1rem 1.25rem;border:1px solid var(--line);border-left:4px solid "
    "var(--accent);border-radius:0 8px 8px 0}\n"
    ".q p{margin:0 0 .7rem}\n"
    ".q ol{list-style:upper-alpha;margin:0 0 .8rem;padding-left:1.8rem}\n"
    ".q .form{color:var(--dim);font-size:.9rem}\n"
    ".q .line{height:1.6rem;margin:.2rem 0 .9rem;border-bottom:1px solid "
    "var(--ink);max-width:22rem}\n"
    "details{margin:.35rem 0}\n"
    "summary{cursor:pointer;color:var(--accent);font-size:.95rem}\n"
    "summary:focus-visible,button:focus-visible,a:focus-visible{outline:3px solid var(--accent);"
    "outline-offset:2px}\n"
    "details p{margin:.4rem 0 .4rem 1.1rem}\n"
    ".as-text summary{font-size:.8rem;color:var(--dim)}\n"
    "button{font:inherit;font-size:.9rem;padding:.35rem .8rem;border:1px solid var(--accent);"
    "border-radius:6px;background:#fff;color:var(--accent);cursor:pointer}\n"
    "footer{margin-top:4rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--dim);"
    "font-size:.85rem}\n"
    "@media print{@page{margin:18mm 16mm}body{font-size:10.5pt}main{max-width:none;padding:0}"
    "h1{font-size:22pt}h2{font-size:14pt;break-after:avoid;margin-top:1.6rem}button,nav{display:"
    "none}"
    "figure,.q,aside,pre{break-inside:avoid}a{color:inherit;text-decoration:none}"
    "details:not([open]){display:none}pre{font-size:8pt;white-space:pre-wrap}}\n"
    "@media(max-width:36rem){body{font-size:16px}h1{font-size:1.8rem}main{padding-top:1.5rem}}\n";

/* A citation: "[386 5.1.3]" or "[SDM3 Protection]". */
static size_t citation(const char *s)
{
    if (strncmp(s, "[386 ", 5) != 0 && strncmp(s, "[SDM", 4) != 0) return 0;
    const char *end = strchr(s, ']');
    return end ? (size_t)(end + 1 - s) : 0;
}

/* `mov es, ax` */
static size_t quoted(const char *s)
{
    const char *end = *s == '`' ? strchr(s + 1, '`') : NULL;
    return end ? (size_t)(end + 1 - s) : 0;
}

static size_t character(const char *s)
{
    unsigned n = text_utf8(s, strnlen(s, 4));
    return n ? n : 1;
}

static void words(struct text *t, const char *s)
{
    size_t n;
    for (; *s; s += n) {
        if ((n = quoted(s)) != 0) {
            text_add(t, "<code>");
            text_markup(t, s + 1, n - 2);
            text_add(t, "</code>");
        } else if ((n = citation(s)) != 0) {
            text_add(t, "<span class=\"cite\">");
            text_markup(t, s, n);
            text_add(t, "</span>");
        } else
            text_markup(t, s, n = character(s));
    }
}

static void tagged(struct text *t, const char *open, const char *s, const char *close)
{
    text_add(t, open);
    words(t, s);
    text_add(t, close);
}

/* ---- blocks -------------------------------------------------------------------------------------------------- */

/* Inside an HTML document an SVG element names no namespace. */
static void inline_svg(struct text *t, const char *svg)
{
    static const char name[] = " xmlns=\"http://www.w3.org/2000/svg\"";
    const char *at = strstr(svg, name);
    text_addn(t, svg, at ? (size_t)(at - svg) : strlen(svg));
    if (at) text_add(t, at + sizeof name - 1);
}

static void figure(const struct lesson *l, unsigned i, struct text *t)
{
    const struct lesson_block *b = &l->page.block[i];
    struct text svg = {0};
    text_add(t, "<figure>\n");
    bool drawn = lesson_figure_svg(l, i, &svg);
    if (drawn)
        inline_svg(t, text_str(&svg));
    else
        tagged(t, "<pre>", b->text, "</pre>\n");
    if (b->caption[0]) tagged(t, "<figcaption>", b->caption, "</figcaption>\n");
    if (drawn && b->text[0]) /* for those who cannot see it, and to copy from */
        tagged(t, "<details class=\"as-text\"><summary>As text</summary><pre>", b->text,
               "</pre></details>\n");
    text_add(t, "</figure>\n");
    text_free(&svg);
}

static void block(const struct lesson *l, unsigned i, bool notes, struct text *t)
{
    const struct lesson_block *b = &l->page.block[i];
    switch (b->kind) {
    case LESSON_PARAGRAPH: tagged(t, "<p>", b->text, "</p>\n"); break;
    case LESSON_CODE: tagged(t, "<pre>", b->text, "</pre>\n"); break;
    case LESSON_FIGURE: figure(l, i, t); break;
    case LESSON_NOTE:
        if (notes) tagged(t, "<aside><b>For the instructor</b>", b->text, "</aside>\n");
        break;
    }
}

/* ---- questions -------------------------------------------------------------------------------------------------- */

static void paragraphs(struct text *t, const char *s)
{
    while (*s) {
        const char *end = strstr(s, "\n\n");
        size_t n = end ? (size_t)(end - s) : strlen(s);
        bool code = !strncmp(s, "    ", 4);
        struct text one = {0};
        for (size_t i = code ? 4 : 0; i < n; i++) {
            text_addn(&one, s + i, 1);
            if (code && s[i] == '\n') i += 4;
        }
        if (code)
            tagged(t, "<pre>", text_str(&one), "</pre>\n");
        else
            tagged(t, "<p>", text_str(&one), "</p>\n");
        text_free(&one);
        s += n + (end ? 2 : 0);
    }
}

static void question(struct lesson *l, unsigned i, const struct lesson_question *q, struct text *t)
{
    const struct asked *a = &l->asked[l->step][i];
    text_addf(t, "<section class=\"q\" id=\"%s\">\n<h3>Predict <span>%s, %u points</span></h3>\n",
              q->id, q->id, q->points);
    paragraphs(t, q->text);
    if (q->choices) text_add(t, "<ol>\n");
    for (unsigned k = 0; k < q->choices; k++)
        tagged(t, "<li>", q->choice[k], "</li>\n");
    if (q->choices) text_add(t, "</ol>\n");
    tagged(t, "<p class=\"form\">", q->form, "</p>\n<div class=\"line\"></div>\n");
    for (unsigned k = 0; k < a->hints; k++) {
        text_addf(t, "<details class=\"hint\"><summary>Hint, %u points</summary>", a->hint_cost[k]);
        tagged(t, "<p>", text_str(&a->hint[k]), "</p></details>\n");
    }
    tagged(t, "<details class=\"answer\"><summary>Reveal</summary><p><b><code>", q->correct,
           "</code></b></p>");
    if (q->why[0]) tagged(t, "<p>", q->why, "</p>");
    text_add(t, "</details>\n</section>\n");
}

/* ---- the document ------------------------------------------------------------------------------------------------- */

static void head(const struct lesson *l, struct text *t)
{
    struct lesson_entry e = lesson_describe(l);
    text_addf(t,
              "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
              "<link rel=\"icon\" href=\"data:,\">\n<title>%u. ",
              e.number);
    text_markup(t, e.title, strlen(e.title));
    text_addf(t,
              "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n<header>\n"
              "<p class=\"kicker\">Lesson %u &middot; i386 segmentation</p>\n",
              style, e.number);
    tagged(t, "<h1>", e.title, "</h1>\n");
    tagged(t, "<p class=\"lead\">", e.about, "</p>\n</header>\n");
    text_add(t, "<nav aria-label=\"Steps\">\n<ol>\n");
    for (unsigned i = 0; i < l->source.steps; i++) {
        text_addf(t, "<li><a href=\"#%s\">", l->source.step[i].name);
        tagged(t, "", l->source.step[i].title, "</a></li>\n");
    }
    text_add(t, "</ol>\n</nav>\n<p><button type=\"button\" id=\"all\" hidden>Reveal all "
                "answers</button></p>\n");
}

static void foot(const struct lesson *l, struct text *t)
{
    text_addf(t,
              "<footer>Every number on this page was read from the emulated machine when the page "
              "was made: rt386 %s, lesson %s, seed %llu. <code>rt386 lesson run %s --seed "
              "%llu</code> asks the same questions.</footer>\n</main>\n",
              rt386_version(), l->source.id, (unsigned long long)l->seed, l->source.id,
              (unsigned long long)l->seed);
    text_add(t, "<script>\n"
                "const b = document.getElementById('all');\n"
                "b.hidden = false;\n"
                "b.onclick = () => {\n"
                "  const open = b.textContent.startsWith('Reveal');\n"
                "  document.querySelectorAll('details.answer').forEach(d => { d.open = open; });\n"
                "  b.textContent = open ? 'Hide all answers' : 'Reveal all answers';\n"
                "};\n"
                "</script>\n</body>\n</html>\n");
}

bool lesson_html(struct lesson *l, bool notes, struct text *t)
{
    head(l, t);
    for (unsigned i = 0; i < l->source.steps; i++) {
        if (!lesson_go(l, i)) return false;
        text_addf(t, "<section id=\"%s\">\n<h2><span class=\"n\">%u</span>", l->page.name, i + 1);
        tagged(t, "", l->page.title, "</h2>\n");
        for (unsigned k = 0; k < l->page.blocks; k++)
            block(l, k, notes, t);
        for (unsigned k = 0; k < l->page.questions; k++) {
            struct lesson_question q;
            if (!lesson_reveal(l, k, &q)) return false;
            question(l, k, &q, t);
        }
        text_add(t, "</section>\n");
    }
    foot(l, t);
    return !t->failed || lesson_wrong(l, 0, "the host has no memory left");
}
