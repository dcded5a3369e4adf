/* inside.h: what the parts of the lab share. */
#ifndef RT386_APP_LAB_INSIDE_H
#define RT386_APP_LAB_INSIDE_H

#include "lab.h"
#include "style.h"

/* ---- lab.c ------------------------------------------------------------------------------------------------ */

/* Before a move: what is there now will be the old. After it: what is made of the machine is made anew. */
void lab_before(struct lab *l);
void lab_moved(struct lab *l);
/* The last move has changed a register, a segment register with its hidden part, an entry of the GDT. */
bool lab_changed(const struct lab *l, const char *reg);
bool lab_changed_segment(const struct lab *l, const char *seg);
bool lab_changed_gdt(const struct lab *l, unsigned index, const rt386_desc *now);
uint32_t lab_pc(const struct lab *l); /* linear */
bool lab_real(const struct lab *l);   /* real mode */
bool lab_selectors(
    const struct lab *l); /* segment registers hold selectors: not in real mode and V86 */
/* What stops the guest before the instruction there; NULL: nothing. */
const struct point *lab_point_at(const struct lab *l, uint32_t linear);
void lab_hit(struct lab *l, enum pane_id pane, struct box at, const char *once, const char *twice);
void lab_scroll(struct lab *l, enum pane_id pane, int rows);

/* Of the help that lies over everything. */
void help_scroll(struct lab *l, int rows);

/* Another machine in place of one that is gone, with its debugger. False: no memory; the lab is over. */
bool lab_put_machine(struct lab *l, rt386 *machine);

/* ---- moves.c ---------------------------------------------------------------------------------------------- */

bool move_step(struct lab *l, const char *rest);
bool move_next(struct lab *l, const char *rest);
bool move_back(struct lab *l, const char *rest);
bool move_run(struct lab *l, const char *rest);
bool move_run_back(struct lab *l, const char *rest);
bool move_stop(struct lab *l, const char *rest);
bool move_go(struct lab *l, const char *rest);
bool move_live(struct lab *l, const char *rest);
bool point_break(struct lab *l, const char *rest);
bool point_watch(struct lab *l, const char *rest);
bool point_catch(struct lab *l, const char *rest);
bool point_delete(struct lab *l, const char *rest);

/* ---- code.c: instructions ----------------------------------------------------------------------------------- */

/* The instruction at an offset of CS; its length, 0: no memory is there. */
unsigned code_insn(const struct lab *l, uint32_t eip, rt386_insn_event *e);
/* Where `lines` instructions before that one begin, as far as can be told. */
uint32_t code_above(const struct lab *l, uint32_t eip, unsigned lines);
void code_scroll(struct lab *l, int rows);
void code_select(struct lab *l, int rows);
/* To the beginning or the last instruction of the function that is selected; without names, to where the guest stands. False: no
 * end is known. */
bool code_end(struct lab *l, bool last);
/* A name of the guest's for an offset of CS; NULL: none. */
const char *code_symbol(const struct lab *l, uint32_t eip, uint32_t *behind);

/* ---- checks.c ------------------------------------------------------------------------------------------------ */

struct checks *checks_new(void);
void checks_free(struct checks *c);
/* A descriptor is changed on a copy of the machine and the instruction at EIP tried there: "001b p", "001b dpl 0". "": no longer. */
bool checks_what_if(struct lab *l, const char *rest);

/* ---- follow.c ------------------------------------------------------------------------------------------------ */

bool follow(struct lab *l, const char *rest);
bool follow_return(struct lab *l, const char *rest);
bool look_at(struct lab *l, const char *rest);
/* Selects the entry of a selector in its table. False: it is in none. */
bool follow_selector(struct lab *l, uint16_t selector);
void follow_memory(struct lab *l, rt386_addr at);
bool checks_follow(struct lab *l, unsigned row);
bool stack_follow(struct lab *l, unsigned row);
/* Another row of memory; beyond the first or last one that is seen, memory goes on under it. */
void memory_select(struct lab *l, long by);
/* The first or last bytes of the segment, or of all addresses. */
void memory_end(struct lab *l, bool last);
bool pages_follow(struct lab *l, unsigned row);
bool objects_follow(struct lab *l, unsigned row);

/* ---- pane_lesson.c: another step, an answer, a hint ----------------------------------------------------------- */

bool page_turn(struct lab *l, const char *rest);
bool page_answer(struct lab *l, const char *rest);
bool page_hint(struct lab *l, const char *rest);
/* From 1; 0: there is none. */
unsigned page_open_question(const struct lab *l);

/* ---- panes ----------------------------------------------------------------------------------------------------- */

struct pane {
    const char *name, *title; /* in commands; on the tab */
    void (*draw)(struct lab *l, const struct canvas *c, struct box at);
};
extern const struct pane panes[PANE_COUNT];
/* PANE_COUNT: there is none of that name. */
enum pane_id pane_named(const char *name);

void draw_code(struct lab *l, const struct canvas *c, struct box at);
void draw_registers(struct lab *l, const struct canvas *c, struct box at);
void draw_segments(struct lab *l, const struct canvas *c, struct box at);
void draw_checks(struct lab *l, const struct canvas *c, struct box at);
void draw_gdt(struct lab *l, const struct canvas *c, struct box at);
void draw_ldt(struct lab *l, const struct canvas *c, struct box at);
void draw_idt(struct lab *l, const struct canvas *c, struct box at);
void draw_tss(struct lab *l, const struct canvas *c, struct box at);
void draw_pages(struct lab *l, const struct canvas *c, struct box at);
void draw_map(struct lab *l, const struct canvas *c, struct box at);
void draw_address(struct lab *l, const struct canvas *c, struct box at);
void draw_stack(struct lab *l, const struct canvas *c, struct box at);
void draw_memory(struct lab *l, const struct canvas *c, struct box at);
void draw_objects(struct lab *l, const struct canvas *c, struct box at);
void draw_slots(struct lab *l, const struct canvas *c, struct box at);
void draw_console(struct lab *l, const struct canvas *c, struct box at);
void draw_screen(struct lab *l, const struct canvas *c, struct box at);
void draw_lesson(struct lab *l, const struct canvas *c, struct box at);
void draw_time(struct lab *l, const struct canvas *c, struct box at);

/* ---- pane_registers.c --- */

/* A hidden part in few words; the entry it came from says something else now. */
void segment_words(const rt386_seg *s, char *to, size_t size);
bool segment_stale(const struct lab *l, const rt386_seg *s);

/* ---- layout.c -------------------------------------------------------------------------------------------------- */

#define SLOTS_MAX 8u
struct slot { /* a place with one or more panes, of which one is seen */
    struct box at;
    enum pane_id pane[16];
    unsigned panes;
};
struct layout {
    struct slot slot[SLOTS_MAX];
    unsigned slots;
};
void layout_make(const struct lab *l, float w, float h, struct layout *to);
enum pane_id slot_seen(const struct lab *l, const struct slot *s);

#endif
