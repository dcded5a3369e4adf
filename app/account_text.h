/* account_text.h: an account (rt386/account.h) in words, 80 columns, and as JSON (docs/account-format.md). */
#ifndef RT386_APP_ACCOUNT_TEXT_H
#define RT386_APP_ACCOUNT_TEXT_H

#include "app.h"
#include "json.h"

#include <rt386/account.h>

#define SCHEMA_ACCOUNT "rt386-account/1"

/* The instruction, its steps, how it ended. colour: with escapes. */
void account_text(struct text *t, const rt386_account *account, bool colour);
#define ACCOUNT_RULES 1024u
/* Rules whose sentence, and whose hint, a reader has been told. */
struct account_told {
    uint8_t sentence[ACCOUNT_RULES / 8], hint[ACCOUNT_RULES / 8];
};
/* One step as its lines; `number` from 1, 0: none. before: the step that it follows, or NULL: what has just been told of a refused
 * selector is not told again with its fault. told: each rule has its sentence the first time, whatever comes of it, and its
 * hint once; NULL: a rule that refuses has both each time, and no other. */
void account_step_text(struct text *t, const rt386_step *before, const rt386_step *step,
                       unsigned number, bool colour, struct account_told *told);
/* "     label       words", as the lines of a step. */
void account_line(struct text *t, const char *label, const char *words);
/* The checks alone; a load that is only asked for (rt386_explain_load), with what it would raise. */
void account_checks_text(struct text *t, const rt386_explanation *why);
void account_load_text(struct text *t, const rt386_explanation *why, rt386_segreg reg);
void account_json(struct json *j, const rt386_account *account);
void account_step_json(struct json *j, const rt386_step *step);
/* Keys "cs", "eip", "bytes" in the open object. */
void account_insn_json(struct json *j, const rt386_insn_event *insn);
/* Keys "cpl", "purpose", "descriptor_at", "descriptor", "checks", "fault" in the open object. */
void account_why_json(struct json *j, const rt386_explanation *why);
/* What the next instruction of the machine will do. False: `t` says why it cannot be told. */
bool account_next_text(struct text *t, const rt386 *m, bool colour);
/* "retired" ... of account-format.md */
const char *account_end_name(rt386_account_end end);
const char *account_element_name(rt386_element element); /* "EIP", "error code" ... */
const char *account_stage_name(rt386_task_stage stage);  /* "commit" ... */

#endif
