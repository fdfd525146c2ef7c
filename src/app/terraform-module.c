/* terraform-module.c - app: see terraform-module.h.
 *
 * Sources: Terraform language, "Providers: alias" and "Dynamic blocks"; the AWS provider's
 * allowed_account_ids, which keeps a policy from being made in an account that it is not for. */
#include "config.h"

#include "app/terraform-module.h"

#include "base/hash.h"
#include "base/vec.h"

/* IAM takes 128 characters of a policy's name, which the label is; "__10" may stand behind it. */
enum { LABEL_MOST = 110, HASH_DIGITS = 8 };

static bool add_hash(struct buf *b, struct span name)
{
	struct hash128 h = hash_of(name);
	bool ok = buf_add_str(b, "_x");
	for (size_t i = 0; i < HASH_DIGITS / 2 && ok; i++)
		ok = buf_addf(b, "%02x", h.b[i]);
	return ok;
}

/* Letters and digits, with one '_' for each run of anything else: so none has the "__" of a further
 * document. */
static struct span label_of(struct arena *arena, struct span file, struct span name, bool hashed)
{
	struct buf b;
	buf_init(&b, 8192);
	for (size_t i = 0; i < file.n; i++) {
		char c = file.p[i];
		bool plain = ascii_alpha(c) || ascii_digit(c);
		if (b.n == 0 && ascii_digit(c))
			buf_add_str(&b, "a");
		if (plain)
			buf_add_char(&b, c);
		else if (b.n && b.p[b.n - 1] != '_')
			buf_add_char(&b, '_');
	}
	if (b.n && b.p[b.n - 1] == '_')
		b.n--;
	if (b.n > LABEL_MOST - HASH_DIGITS - 2) {
		b.n = LABEL_MOST - HASH_DIGITS - 2;
		hashed = true;
	}
	if (hashed || !b.n) {
		if (!b.n)
			buf_add_str(&b, "policy");
		add_hash(&b, name);
	}
	struct span out = arena_span(arena, buf_span(&b));
	buf_release(&b);
	return out;
}

static int by_label(const void *a, const void *b)
{
	return span_cmp_ci(((const struct module_name *)a)->label,
	                   ((const struct module_name *)b)->label);
}

static int by_principal(const void *a, const void *b)
{
	return span_cmp(((const struct module_name *)a)->principal,
	                ((const struct module_name *)b)->principal);
}

void terraform_module_init(struct terraform_module *m, const struct subjects *subjects)
{
	*m = (struct terraform_module){.n = subjects->n};
	arena_init(&m->arena);
	emit_variables_init(&m->variables);
	m->names = arena_calloc(&m->arena, subjects->n + 1, sizeof *m->names);
	m->accounts = arena_calloc(&m->arena, subjects->n + 1, sizeof *m->accounts);
	for (size_t i = 0; i < subjects->n; i++)
		if (subjects->s[i].account.n)
			m->accounts[m->n_accounts++] = subjects->s[i].account;
	m->n_accounts = spans_sort_unique(m->accounts, m->n_accounts);
	for (size_t i = 0; i < subjects->n; i++) {
		struct span file = subjects->s[i].file;
		if (m->n_accounts == 1 && span_starts(file, m->accounts[0]))
			file = span_from(file, m->accounts[0].n);
		m->names[i] = (struct module_name){
		        subjects->s[i].name,
		        label_of(&m->arena, file, subjects->s[i].name, false)};
	}
	sort_items(m->names, m->n, sizeof *m->names, by_label);
	for (size_t i = 0, k; i < m->n; i = k) {
		for (k = i + 1; k < m->n && by_label(&m->names[i], &m->names[k]) == 0;)
			k++;
		for (size_t j = i; j < k && k - i > 1; j++)
			m->names[j].label = label_of(&m->arena, m->names[j].label,
			                             m->names[j].principal, true);
	}
	sort_items(m->names, m->n, sizeof *m->names, by_principal);
	if (m->n_accounts == 1)
		m->variables.account = m->accounts[0];
}

void terraform_module_release(struct terraform_module *m)
{
	emit_variables_release(&m->variables);
	arena_release(&m->arena);
}

struct span terraform_module_label(const struct terraform_module *m, const struct subject *who)
{
	const struct module_name key = {.principal = who->name};
	const struct module_name *one =
	        m->n ? bsearch(&key, m->names, m->n, sizeof key, by_principal) : NULL;
	return one ? one->label : SPAN_LIT("policy");
}

struct span terraform_module_provider(struct terraform_module *m, const struct subject *who)
{
	return m->n_accounts > 1 && who->account.n
	               ? arena_printf(&m->arena, "aws.account_%.*s", SPAN_ARG(who->account))
	               : SPAN_NONE;
}

bool terraform_module_text(const struct terraform_module *m, struct buf *b)
{
	bool ok = buf_add_str(b, "terraform {\n  required_version = \">= 1.5\"\n\n"
	                         "  required_providers {\n    aws = {\n"
	                         "      source  = \"hashicorp/aws\"\n"
	                         "      version = \">= 5.0\"\n    }\n  }\n}\n");
	if (m->n_accounts < 2)
		return ok;
	ok = ok && buf_add_str(b, "\nvariable \"assume_role\" {\n"
	                          "  description = \"By account: the ARN of a role that may "
	                          "manage its policies.\"\n"
	                          "  type        = map(string)\n  default     = {}\n}\n");
	for (size_t i = 0; i < m->n_accounts && ok; i++)
		ok = buf_addf(b,
		              "\nprovider \"aws\" {\n  alias               = \"account_%.*s\"\n"
		              "  allowed_account_ids = [\"%.*s\"]\n\n"
		              "  dynamic \"assume_role\" {\n"
		              "    for_each = compact([lookup(var.assume_role, \"%.*s\", \"\")])\n\n"
		              "    content {\n      role_arn = assume_role.value\n    }\n  }\n}\n",
		              SPAN_ARG(m->accounts[i]), SPAN_ARG(m->accounts[i]),
		              SPAN_ARG(m->accounts[i]));
	return ok;
}
