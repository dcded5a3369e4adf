/* moo_report.c: what the moo command prints. */
#include "bytes.h"
#include "moo_cmd.h"

#include <stdio.h>
#include <string.h>

static uint32_t initial_of(const rt386_moo_test *t, unsigned reg)
{
    return t->init.regs.have >> reg & 1 ? t->init.regs.value[reg] : 0;
}

/* --- one test --- */

static void add_registers(struct text *t, const rt386_moo_regs *r, bool wide)
{
    unsigned on_line = 0;
    for (unsigned i = 0; i < RT386_MOO_REGS; i++) {
        const char *name = rt386_moo_reg_name(i, wide);
        if (!name || !(r->have >> i & 1)) continue;
        text_addf(t, "%s%-6s %0*x", on_line ? "  " : "    ", name, wide ? 8 : 4, r->value[i]);
        if (++on_line < 4) continue;
        text_add(t, "\n");
        on_line = 0;
    }
    if (on_line) text_add(t, "\n");
    if (r->shutdown) text_add(t, "    shutdown\n");
}

static void add_ram(struct text *t, const rt386_moo_list *ram)
{
    for (uint32_t i = 0; i < ram->n; i++) {
        const uint8_t *e = ram->p + 5 * (size_t)i;
        bool follows = i && bytes_get32(e) == bytes_get32(e - 5) + 1 && text_column(t) < 72;
        if (i && !follows) text_add(t, "\n");
        if (follows)
            text_addf(t, " %02x", e[4]);
        else
            text_addf(t, "    %06x: %02x", bytes_get32(e), e[4]);
    }
    if (ram->n) text_add(t, "\n");
}

static void add_descs(struct text *t, const rt386_moo_descs *d)
{
    for (unsigned i = 0; i < RT386_MOO_DESCS; i++) {
        const rt386_moo_hidden *h = &d->at[i];
        if (!(d->have >> i & 1)) continue;
        text_addf(t, "    %-5s %04x  base %08x  limit %08x", rt386_moo_desc_name(i), h->selector,
                  h->base, h->limit);
        if (i < RT386_MOO_DESC_GDTR) text_addf(t, "  access %02x  flags %x", h->access, h->flags);
        text_add(t, h->usable || i >= RT386_MOO_DESC_GDTR ? "\n" : "  not usable\n");
    }
}

/* How the test ends, when that is no HLT alone. */
static void add_end(struct text *t, const rt386_moo_test *test)
{
    if (test->has_exception && test->stop)
        text_addf(t, "  exception %u, not delivered", test->vector);
    else if (test->has_exception)
        text_addf(t, "  exception %u, flags pushed at %06x", test->vector, test->flags_at);
    else if (test->stop)
        text_add(t, "  ends when the instruction has completed");
    if (test->has_error) text_addf(t, ", error code %04x", test->error);
    if (test->has_cr2) text_addf(t, ", CR2 %08x", test->cr2);
    if (test->has_exception || test->stop) text_add(t, "\n");
}

static void add_name(struct text *t, const rt386_moo_test *test)
{
    text_addn(t, (const char *)test->name.p, test->name.n);
    text_add(t, "  [");
    for (uint32_t i = 0; i < test->bytes.n; i++)
        text_addf(t, "%s%02x", i ? " " : "", test->bytes.p[i]);
    text_add(t, "]");
}

static void add_hash(struct text *t, const rt386_moo_test *test)
{
    for (unsigned i = 0; test->has_hash && i < sizeof test->hash; i++)
        text_addf(t, "%02x", test->hash[i]);
}

void moo_show_test(struct text *t, const rt386_moo *moo, const rt386_moo_test *test)
{
    bool wide = rt386_moo_describe(moo)->wide;
    text_addf(t, "test %u: ", test->index);
    add_name(t, test);
    text_add(t, "\n");
    if (test->has_hash) {
        text_add(t, "  hash ");
        add_hash(t, test);
        text_add(t, "\n");
    }
    text_add(t, "  before\n");
    add_registers(t, &test->init.regs, wide);
    add_descs(t, &test->init.descs);
    add_ram(t, &test->init.ram);
    if (test->init.has_ea)
        text_addf(t, "  operand at %04x:%08x, linear %08x, physical %08x\n", test->init.ea.selector,
                  test->init.ea.offset, test->init.ea.linear, test->init.ea.physical);
    text_add(t, "  after (what changed)\n");
    add_registers(t, &test->fina.regs, wide);
    add_descs(t, &test->fina.descs);
    add_ram(t, &test->fina.ram);
    if (test->fina.mask.have || test->fina.ram_mask.n) text_add(t, "  defined bits\n");
    add_registers(t, &test->fina.mask, wide);
    add_ram(t, &test->fina.ram_mask);
    add_end(t, test);
    text_addf(t, "  %u bus cycles\n", test->cycles.n);
}

void moo_show_info(struct text *t, const char *path, const rt386_moo *moo)
{
    const rt386_moo_info *i = rt386_moo_describe(moo);
    text_addf(t, "%s: MOO %u.%u, processor %s, %u tests, %u-bit register lists\n", path, i->major,
              i->minor, i->cpu, i->tests, i->wide ? 32 : 16);
    if (!i->has_meta) return;
    static const char *const mode[] = {"real", "protected", "V86", "unreal"};
    text_addf(t, "%s, opcode %x, %s mode, set version %u.%u, seed %llx\n", i->mnemonic, i->opcode,
              i->mode < 4 ? mode[i->mode] : "unknown", i->set_major, i->set_minor,
              (unsigned long long)i->seed);
    if (i->ram.n) text_addf(t, "%u bytes of memory that all tests begin with\n", i->ram.n);
    if (!i->mask.have) return;
    text_add(t, "defined bits in all tests\n");
    add_registers(t, &i->mask, i->wide);
}

/* --- differences --- */

static void flag_names(struct text *t, uint32_t bits)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } flag[] = {{0x1, "CF"},   {0x4, "PF"},      {0x10, "AF"},   {0x40, "ZF"},
                {0x80, "SF"},  {0x100, "TF"},    {0x200, "IF"},  {0x400, "DF"},
                {0x800, "OF"}, {0x3000, "IOPL"}, {0x4000, "NT"}, {0x10000, "RF"}};
    for (unsigned i = 0; i < sizeof flag / sizeof *flag; i++)
        if (bits & flag[i].bit) text_addf(t, " %s", flag[i].name);
}

static const char *field_name(const rt386_moo_diff *d)
{
    static const char *const hidden[] = {"base", "limit", "access", "usable"};
    static const char *const event[] = {"vector", "error code", "CR2"};
    return d->where == RT386_MOO_IN_DESC ? hidden[d->at & 3] : event[d->at < 3 ? d->at : 0];
}

static void add_field(struct text *t, const rt386_moo_diff *d)
{
    bool desc = d->where == RT386_MOO_IN_DESC;
    text_addf(t, "    %s%s%s", desc ? rt386_moo_desc_name(d->at >> 2) : "", desc ? " " : "",
              field_name(d));
    if (desc) text_addf(t, "  was %x", d->initial);
    bool vector = !desc && d->at == 0;
    if (vector && d->expected == 0xffffffffu)
        text_add(t, "  expected none");
    else
        text_addf(t, "  expected %x", d->expected);
    if (vector && d->actual == 0xffffffffu)
        text_add(t, "  actual none\n");
    else
        text_addf(t, "  actual %x\n", d->actual);
}

static void add_diff(struct text *t, const rt386_moo_diff *d, bool wide)
{
    if (d->where == RT386_MOO_IN_DESC || d->where == RT386_MOO_IN_EVENT) {
        add_field(t, d);
        return;
    }
    if (d->where == RT386_MOO_IN_END) {
        text_add(t, "    the run should have ended in another way\n");
        return;
    }
    if (d->where == RT386_MOO_IN_RAM) {
        text_addf(t, "    %06x     was %02x        expected %02x        actual %02x%s\n", d->at,
                  d->initial, d->expected, d->actual, d->stray ? "  (not to be written)" : "");
        return;
    }
    unsigned digits = wide ? 8 : 4;
    const char *name = rt386_moo_reg_name(d->at, wide);
    if (d->actual > 0xffff || d->initial > 0xffff) digits = 8;
    text_addf(t, "    %-8s   was %-8.*x  expected %-8.*x  actual %-8.*x", name, (int)digits,
              d->initial, (int)digits, d->expected, (int)digits, d->actual);
    if (d->at == RT386_MOO_EFLAGS) flag_names(t, (d->expected ^ d->actual) & d->mask);
    text_trim(t);
    text_add(t, "\n");
}

static void add_failure(struct text *t, const struct moo_place *p, const struct moo_failure *f)
{
    rt386_moo_test test;
    const rt386_moo_result *r = &f->result;
    bool wide = rt386_moo_describe(p->moo)->wide;
    if (!rt386_moo_test_at(p->moo, f->position, &test)) return;
    text_addf(t, "  test %u: ", f->position);
    add_name(t, &test);
    text_add(t, "\n    ");
    add_hash(t, &test);
    text_add(t, "\n");
    if (r->verdict == RT386_MOO_NAMED)
        text_addf(t, "    named %s\n", rt386_moo_difference(r->difference).name);
    if (test.has_exception)
        text_addf(t, "    expected: vector %u %s\n", test.vector,
                  test.stop ? "not delivered" : "taken, then HLT");
    text_addf(t, "    actual: %s\n", r->end);
    for (unsigned i = 0; i < r->diffs && i < RT386_MOO_DIFFS; i++)
        add_diff(t, &r->diff[i], wide);
    if (r->diffs > RT386_MOO_DIFFS)
        text_addf(t, "    and %u more differences\n", r->diffs - RT386_MOO_DIFFS);
    text_addf(t, "    before: eax %x ecx %x edx %x ebx %x esp %x ebp %x\n",
              initial_of(&test, RT386_MOO_EAX), initial_of(&test, RT386_MOO_ECX),
              initial_of(&test, RT386_MOO_EDX), initial_of(&test, RT386_MOO_EBX),
              initial_of(&test, RT386_MOO_ESP), initial_of(&test, RT386_MOO_EBP));
    text_addf(t, "            esi %x edi %x cs:eip %x:%x ss %x ds %x es %x flags %x\n",
              initial_of(&test, RT386_MOO_ESI), initial_of(&test, RT386_MOO_EDI),
              initial_of(&test, RT386_MOO_CS), initial_of(&test, RT386_MOO_EIP),
              initial_of(&test, RT386_MOO_SS), initial_of(&test, RT386_MOO_DS),
              initial_of(&test, RT386_MOO_ES), initial_of(&test, RT386_MOO_EFLAGS));
}

/* --- sums --- */

static void add_counts(struct text *t, const struct moo_tally *tally)
{
    const uint64_t *v = tally->verdict;
    text_addf(t, "%llu tests: %llu passed, %llu masked, %llu named, %llu failed",
              (unsigned long long)tally->tests, (unsigned long long)v[RT386_MOO_PASS],
              (unsigned long long)v[RT386_MOO_MASKED], (unsigned long long)v[RT386_MOO_NAMED],
              (unsigned long long)v[RT386_MOO_FAIL]);
    if (tally->unsupported)
        text_addf(t, ", %llu not of a kind that runs here", (unsigned long long)tally->unsupported);
    if (tally->revoked) text_addf(t, ", %llu revoked", (unsigned long long)tally->revoked);
}

void moo_report_file(struct text *t, const struct moo_place *p, bool tests)
{
    const char *slash = strrchr(p->path, '/');
    text_addf(t, "%s: ", slash ? slash + 1 : p->path);
    add_counts(t, p->tally);
    text_add(t, "\n");
    for (unsigned i = 0; tests && i < p->tally->failures; i++)
        add_failure(t, p, &p->tally->failure[i]);
}

void moo_report_refused_json(struct text *t, const char *path, const char *why)
{
    struct json j = {.to = t};
    json_open(&j, NULL, '{');
    json_str(&j, "schema", SCHEMA_MOO);
    json_str(&j, "file", path);
    json_str(&j, "error", why);
    json_close(&j, '}');
    text_add(t, "\n");
}

void moo_report_total(struct text *t, const struct moo_tally *sum, unsigned files, unsigned refused)
{
    text_addf(t, "%u file%s, ", files, files == 1 ? "" : "s");
    add_counts(t, sum);
    if (refused) text_addf(t, "; %u file%s refused", refused, refused == 1 ? "" : "s");
    if (sum->seconds > 0) text_addf(t, "\n%.0f tests a second", (double)sum->tests / sum->seconds);
    text_add(t, "\n");
    for (unsigned i = 0; i < rt386_moo_difference_count() && i < MOO_NAMED_MAX; i++) {
        if (!sum->named[i]) continue;
        text_addf(t, "%9llu  %s: ", (unsigned long long)sum->named[i],
                  rt386_moo_difference(i).name);
        text_wrap(t, rt386_moo_difference(i).sentence, 11, TEXT_WIDTH);
    }
}

static void json_counts(struct json *j, const struct moo_tally *tally)
{
    json_num(j, "tests", tally->tests);
    json_num(j, "passed", tally->verdict[RT386_MOO_PASS]);
    json_num(j, "masked", tally->verdict[RT386_MOO_MASKED]);
    json_num(j, "named", tally->verdict[RT386_MOO_NAMED]);
    json_num(j, "failed", tally->verdict[RT386_MOO_FAIL]);
    json_num(j, "unsupported", tally->unsupported);
    json_num(j, "revoked", tally->revoked);
    json_open(j, "differences", '{');
    for (unsigned i = 0; i < rt386_moo_difference_count() && i < MOO_NAMED_MAX; i++)
        if (tally->named[i]) json_num(j, rt386_moo_difference(i).name, tally->named[i]);
    json_close(j, '}');
    json_real(j, "seconds", tally->seconds);
}

static void json_failure(struct json *j, const struct moo_place *p, const struct moo_failure *f)
{
    static const char *const where[] = {"register", "memory", "end", "descriptor", "event"};
    bool wide = rt386_moo_describe(p->moo)->wide;
    rt386_moo_test test;
    struct text hash = {0};
    if (!rt386_moo_test_at(p->moo, f->position, &test)) return;
    json_open(j, NULL, '{');
    json_num(j, "test", f->position);
    json_strn(j, "name", (const char *)test.name.p, test.name.n);
    add_hash(&hash, &test);
    json_str(j, "hash", text_str(&hash));
    text_free(&hash);
    json_bytes(j, "bytes", test.bytes.p, test.bytes.n);
    if (test.has_exception) json_num(j, "expected_vector", test.vector);
    json_str(j, "end", f->result.end);
    json_open(j, "differences", '[');
    for (unsigned i = 0; i < f->result.diffs && i < RT386_MOO_DIFFS; i++) {
        const rt386_moo_diff *d = &f->result.diff[i];
        json_open(j, NULL, '{');
        json_str(j, "where", where[d->where]);
        if (d->where == RT386_MOO_IN_REG) json_str(j, "register", rt386_moo_reg_name(d->at, wide));
        if (d->where == RT386_MOO_IN_RAM) json_hex(j, "address", d->at, 8);
        if (d->where == RT386_MOO_IN_DESC) json_str(j, "register", rt386_moo_desc_name(d->at >> 2));
        if (d->where >= RT386_MOO_IN_DESC) json_str(j, "field", field_name(d));
        json_hex(j, "expected", d->expected, 8);
        json_hex(j, "actual", d->actual, 8);
        json_hex(j, "mask", d->mask, 8);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
}

void moo_report_file_json(struct text *t, const struct moo_place *p)
{
    const rt386_moo_info *info = rt386_moo_describe(p->moo);
    struct json j = {.to = t};
    json_open(&j, NULL, '{');
    json_str(&j, "schema", SCHEMA_MOO);
    json_str(&j, "file", p->path);
    json_str(&j, "cpu", info->cpu);
    json_str(&j, "mnemonic", info->mnemonic);
    json_counts(&j, p->tally);
    json_open(&j, "failures", '[');
    for (unsigned i = 0; i < p->tally->failures; i++)
        json_failure(&j, p, &p->tally->failure[i]);
    json_close(&j, ']');
    json_close(&j, '}');
    text_add(t, "\n");
}

void moo_report_total_json(struct text *t, const struct moo_tally *sum, unsigned files,
                           unsigned refused)
{
    struct json j = {.to = t};
    json_open(&j, NULL, '{');
    json_str(&j, "schema", SCHEMA_MOO);
    json_open(&j, "total", '{');
    json_num(&j, "files", files);
    json_num(&j, "refused", refused);
    json_counts(&j, sum);
    json_close(&j, '}');
    json_close(&j, '}');
    text_add(t, "\n");
}

static void add_case(struct text *t, const char *path, double seconds)
{
    text_add(t, "  <testcase classname=\"moo\" name=\"");
    text_markup(t, path, strlen(path));
    text_addf(t, "\" time=\"%.3f\">\n", seconds);
}

void moo_report_junit(struct text *t, const struct moo_place *p)
{
    struct text body = {0};
    const struct moo_tally *n = p->tally;
    bool failed = n->verdict[RT386_MOO_FAIL];
    add_case(t, p->path, n->seconds);
    moo_report_file(&body, p, true);
    if (!failed && moo_none_ran(n)) text_add(t, "    <skipped message=\"no test was run\"/>\n");
    text_add(t, failed ? "    <failure message=\"vectors differ\">" : "    <system-out>");
    text_markup(t, text_str(&body), body.n);
    text_add(t, failed ? "</failure>\n" : "</system-out>\n");
    text_add(t, "  </testcase>\n");
    text_free(&body);
}

void moo_report_junit_refused(struct text *t, const char *path, const char *why)
{
    add_case(t, path, 0);
    text_add(t, "    <error message=\"");
    text_markup(t, why, strlen(why));
    text_add(t, "\"/>\n  </testcase>\n");
}

bool moo_none_ran(const struct moo_tally *n)
{
    return n->tests == n->unsupported + n->revoked;
}
