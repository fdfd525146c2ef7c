/* fetch-policy.c - app: see fetch-policy.h. */
#include "config.h"

#include "app/fetch-policy.h"

#include "base/json-writer.h"

struct writing {
	const struct fetch_policy *p;
	struct json_writer w;
	struct buf text;
};

static void begin(struct writing *x, const char *sid, const char *const *actions)
{
	json_begin_object(&x->w);
	json_member_text(&x->w, "Sid", span_of(sid));
	json_member_text(&x->w, "Effect", SPAN_LIT("Allow"));
	json_key(&x->w, "Action");
	json_begin_array(&x->w);
	for (; *actions; actions++)
		json_put_text(&x->w, span_of(*actions));
	json_end_array(&x->w);
	json_key(&x->w, "Resource");
	json_begin_array(&x->w);
}

static void end(struct writing *x)
{
	json_end_array(&x->w);
	json_end_object(&x->w);
}

/* A name in an ARN, in which '*', '?' and '$' stand for themselves. */
static void add_name(struct buf *b, struct span name)
{
	for (size_t i = 0; i < name.n; i++) {
		if (strchr("*?$", name.p[i]))
			buf_addf(b, "${%c}", name.p[i]);
		else
			buf_add_char(b, name.p[i]);
	}
}

static void put_arn(struct writing *x)
{
	json_put_text(&x->w, buf_span(&x->text));
	buf_reset(&x->text);
}

static void put_region_arns(struct writing *x, const char *service, const char *what,
                            const char *name, const char *suffix)
{
	const struct fetch_policy *p = x->p;
	for (size_t i = 0; i < (p->n_regions ? p->n_regions : 1); i++) {
		buf_addf(&x->text, "arn:%s:%s:%s:*:%s:", p->partition, service,
		         p->n_regions ? p->regions[i] : "*", what);
		/* what may be "log-group" or "workgroup/", and "catalog" without a name */
		if (x->text.p[x->text.n - 2] == '/' || !*name)
			x->text.n--;
		add_name(&x->text, span_of(name));
		buf_add_str(&x->text, suffix);
		put_arn(x);
	}
}

/* ---- sources */

static void list_bucket(struct writing *x)
{
	static const char *const list[] = {"s3:ListBucket", NULL};
	const struct fetch_policy *p = x->p;
	begin(x, "ListTheBucket", list);
	buf_addf(&x->text, "arn:%s:s3:::", p->partition);
	add_name(&x->text, p->bucket);
	put_arn(x);
	json_end_array(&x->w);
	if (p->prefix.n) {
		json_key(&x->w, "Condition");
		json_begin_object(&x->w);
		json_key(&x->w, "StringLike");
		json_begin_object(&x->w);
		add_name(&x->text, p->prefix);
		buf_add_char(&x->text, '*');
		json_member_text(&x->w, "s3:prefix", buf_span(&x->text));
		buf_reset(&x->text);
		json_end_object(&x->w);
		json_end_object(&x->w);
	}
	json_end_object(&x->w);
}

static void read_objects(struct writing *x)
{
	static const char *const get[] = {"s3:GetObject", NULL};
	const struct fetch_policy *p = x->p;
	size_t accounts = p->n_accounts ? p->n_accounts : 1;
	size_t regions = p->n_regions ? p->n_regions : 1;
	bool narrow = p->n_accounts || p->n_regions;
	begin(x, "ReadTheLogs", get);
	for (size_t i = 0; i < accounts * regions; i++) {
		buf_addf(&x->text, "arn:%s:s3:::", p->partition);
		add_name(&x->text, p->bucket);
		buf_add_char(&x->text, '/');
		add_name(&x->text, p->prefix);
		buf_add_char(&x->text, '*');
		if (narrow)
			buf_addf(&x->text, "%s/CloudTrail/%s%s*",
			         p->n_accounts ? p->accounts[i / regions] : "",
			         p->n_regions ? p->regions[i % regions] : "",
			         p->n_regions ? "/" : "");
		put_arn(x);
	}
	end(x);
}

/* Of any key, but for what CloudTrail encrypted alone: which key it is stands in the trail.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
 */
static void decrypt(struct writing *x)
{
	static const char *const actions[] = {"kms:Decrypt", NULL};
	begin(x, "IfTheTrailIsEncrypted", actions);
	buf_addf(&x->text, "arn:%s:kms:*:*:key/*", x->p->partition);
	put_arn(x);
	json_end_array(&x->w);
	json_key(&x->w, "Condition");
	json_begin_object(&x->w);
	json_key(&x->w, "Null");
	json_begin_object(&x->w);
	json_member_text(&x->w, "kms:EncryptionContext:aws:cloudtrail:arn", SPAN_LIT("false"));
	json_end_object(&x->w);
	json_end_object(&x->w);
	json_end_object(&x->w);
}

static void on_all(struct writing *x, const char *sid, const char *const *actions)
{
	begin(x, sid, actions);
	json_put_text(&x->w, SPAN_LIT("*"));
	end(x);
}

/* What Athena does with the caller's permissions: it reads the catalog, and writes the result.
 * https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
 * https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html */
static void read_tables(struct writing *x)
{
	static const char *const tables[] = {"glue:GetDatabase", "glue:GetTable",
	                                     "glue:GetPartitions", NULL};
	if (!x->p->database)
		return;
	begin(x, "ReadTheCatalog", tables);
	put_region_arns(x, "glue", "catalog", "", "");
	put_region_arns(x, "glue", "database/", x->p->database, "");
	put_region_arns(x, "glue", "table/", x->p->database, "/*");
	end(x);
}

static void keep_result(struct writing *x)
{
	static const char *const bucket[] = {"s3:GetBucketLocation", "s3:ListBucket",
	                                     "s3:ListBucketMultipartUploads", NULL};
	static const char *const objects[] = {"s3:GetObject", "s3:PutObject",
	                                      "s3:AbortMultipartUpload",
	                                      "s3:ListMultipartUploadParts", NULL};
	const struct fetch_policy *p = x->p;
	if (!p->result_bucket.n)
		return;
	begin(x, "FindTheResult", bucket);
	buf_addf(&x->text, "arn:%s:s3:::", p->partition);
	add_name(&x->text, p->result_bucket);
	put_arn(x);
	end(x);
	begin(x, "WriteAndReadTheResult", objects);
	buf_addf(&x->text, "arn:%s:s3:::", p->partition);
	add_name(&x->text, p->result_bucket);
	buf_add_char(&x->text, '/');
	add_name(&x->text, p->result_prefix);
	buf_add_char(&x->text, '*');
	put_arn(x);
	end(x);
}

static void put_source(struct writing *x)
{
	static const char *const lookup[] = {"cloudtrail:LookupEvents", NULL};
	static const char *const filter[] = {"logs:FilterLogEvents", NULL};
	static const char *const query[] = {"athena:StartQueryExecution",
	                                    "athena:GetQueryExecution", "athena:GetQueryResults",
	                                    NULL};
	static const char *const accessed[] = {"iam:GenerateServiceLastAccessedDetails",
	                                       "iam:GetServiceLastAccessedDetails", NULL};
	static const char *const details[] = {"iam:GetAccountAuthorizationDetails", NULL};
	switch (x->p->kind) {
	case FETCH_S3:
		list_bucket(x);
		read_objects(x);
		decrypt(x);
		break;
	case FETCH_CLOUDTRAIL: on_all(x, "LookUpEvents", lookup); break;
	case FETCH_LOGS:
		begin(x, "ReadTheLogGroup", filter);
		put_region_arns(x, "logs", "log-group", x->p->group, ":*");
		end(x);
		break;
	case FETCH_ATHENA:
		begin(x, "RunTheQuery", query);
		put_region_arns(x, "athena", "workgroup/", x->p->workgroup, "");
		end(x);
		read_tables(x);
		keep_result(x);
		break;
	case FETCH_IAM:
		if (x->p->last_accessed)
			on_all(x, "ReadLastAccessed", accessed);
		else
			on_all(x, "ReadAllOfIam", details);
		break;
	}
}

bool fetch_policy_write(const struct fetch_policy *p, struct buf *out)
{
	struct writing x = {.p = p};
	buf_init(&x.text, 1 << 16);
	json_to_buf(&x.w, out, LAYOUT_INDENT);
	json_begin_object(&x.w);
	json_member_text(&x.w, "Version", SPAN_LIT("2012-10-17"));
	json_key(&x.w, "Statement");
	json_begin_array(&x.w);
	put_source(&x);
	json_end_array(&x.w);
	json_end_object(&x.w);
	buf_release(&x.text);
	return json_finish(&x.w) && buf_add_char(out, '\n');
}
