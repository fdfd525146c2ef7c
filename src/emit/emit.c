/* emit.c - emit: the table of output syntaxes. */
#include "config.h"

#include "emit/emit.h"

const struct emitter emitters[] = {
        {"json", ".json", emit_json, DEPLOYED_BY_NOBODY},
        {"hcl", ".tf", emit_hcl, DEPLOYED_BY_NOBODY},
        {"hcl-json", ".tf.json", emit_hcl_json, DEPLOYED_BY_NOBODY},
        {"cfn-yaml", ".yaml", emit_cfn_yaml, DEPLOYED_BY_CLOUDFORMATION},
        {"cfn-json", ".cfn.json", emit_cfn_json, DEPLOYED_BY_CLOUDFORMATION},
        {"cdk-ts", ".ts", emit_cdk_ts, DEPLOYED_BY_CDK},
        {"table", ".txt", emit_table, DEPLOYED_BY_NOBODY},
        {"markdown", ".md", emit_markdown, DEPLOYED_BY_NOBODY},
        {"minified", ".min.json", emit_minified, DEPLOYED_BY_NOBODY},
        {NULL, NULL, NULL, DEPLOYED_BY_NOBODY},
};

bool emit_identifier(struct buf *out, struct span name, bool underscore)
{
	bool ok = true, upper = !underscore;
	size_t before = out->n;
	for (size_t i = 0; i < name.n && ok; i++) {
		char c = name.p[i];
		bool plain = ascii_alpha(c) || ascii_digit(c);
		if (out->n == before && ascii_digit(c))
			ok = buf_add_str(out, underscore ? "_" : "P");
		if (plain && upper && c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (plain)
			ok = ok && buf_add_char(out, c);
		else if (underscore)
			ok = ok && buf_add_char(out, '_');
		upper = !underscore && !plain;
	}
	if (ok && out->n == before)
		ok = buf_add_str(out, underscore ? "policy" : "Policy");
	return ok;
}
