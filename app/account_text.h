/* account_text.h: an account (rt386/account.h) in words, 80 columns, and as JSON (docs/account-format.md). */
#ifndef RT386_APP_ACCOUNT_TEXT_H
#define RT386_APP_ACCOUNT_TEXT_H

#include "app.h"
#include "json.h"

#include <rt386/account.h>

#define SCHEMA_ACCOUNT "rt386-account/1"

/* The instruction, its steps, how it ended. colour: with escapes. */
void account_text(struct text *t, const rt386_account *account, bool colour);
/* One step as its lines; `number` from 1. */
void account_step_text(struct text *t, const rt386_step *step, unsigned number, bool colour);
void account_json(struct json *j, const rt386_account *account);
void account_step_json(struct json *j, const rt386_step *step);
/* Keys "cpl", "purpose", "descriptor_at", "descriptor", "checks", "fault" in the open object. */
void account_why_json(struct json *j, const rt386_explanation *why);
/* What the next instruction of the machine will do. False: `t` says why it cannot be told. */
bool account_next_text(struct text *t, const rt386 *m, bool colour);
/* "retired" ... of account-format.md */
const char *account_end_name(rt386_account_end end);
const char *account_element_name(rt386_element element); /* "EIP", "error code" ... */
const char *account_stage_name(rt386_task_stage stage);  /* "commit" ... */

#endif
