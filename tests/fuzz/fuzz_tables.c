/* fuzz_tables.c - any table: the first byte chooses which file of a small mapping the rest stands
 * for. It is read or refused with file and line; what is read answers. */
#include "mapping/compile/compile.h"
#include "fuzz.h"

#include "mapping/describe.h"
#include "mapping/mapping.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *name, *text;
} tables[] = {
        {"version.tsv", "2026-01-01\n"},
        {"services.tsv",
         "box\tBox Service\tbox\tbox\tbox\tjson\tBox\t2026-01-01\tbox.amazonaws.com\t-\n"},
        {"generated/box.tsv", "*\tsensitive\tSecret\n*\twire\tBoxName\tname,x-box\n"
                              "GetBox\tapi\tsame-name\tGET\t/{BoxName}?box\t-\n"
                              "GetBox\ton\t=\tbox\tr\tBoxName=BoxName,Boxes[].Name|noarn\n"
                              "PutBox\tapi\tsame-name\tPUT\t/\t-\nPutBox\tgrant\tbox:TagBox\tTags\n"
                              "PutBox\tpass\tRoleArn\n"},
        {"sar/box.tsv",
         "action\tGetBox\tRead\tbox!\t:ResourceTag/${TagKey}\t-\naction\tPutBox\tWrite\tbox!\t-\t"
         "box:TagBox\naction\tTagBox\tTagging\tbox\t-\t-\n"
         "type\tbox\tarn:${Partition}:box:${Region}:${Account}:box/${BoxName}\t-\n"},
        {"exceptions.tsv",
         "box\tPutBox\tbox:PutBox\t-\tA reason\t-\nbox\tPutBox\tbox:TagBox\tinstead "
         "Tags&!BoxName&Mode=x&Mode~y*\tA reason\t-\n"},
        {"arn.tsv", "box\tGetBox\t=\tbox\td\t?=BoxName,!Boxes @=BoxArn "
                    "BoxName=BoxName|before(:)&'*'+Other\tWhy\t-\n"},
        {"passrole.tsv", "box\tPutBox\tRoleArn\tpass\tbox.amazonaws.com\tWhy\t-\n"},
        {"noauth.tsv", "box\tTagBox\tpermissionless\tevent: Why\t-\n"},
        {"events.tsv", "source\tbox.amazonaws.com\t-\tbox\tWhy\t-\ncall\tbox.amazonaws."
                       "com\tBoxGet\tbox.GetBox\tWhy\t-\n"},
        {"members.tsv", "box\tBoxName\tboxname2\tWhy\t-\n"},
        {"dependents.tsv", "box:GetBox\tbox:TagBox\tadd\tWhy\t-\n"},
};
enum { TABLES = sizeof tables / sizeof tables[0] };

static char dir[4096];

static void put(size_t i, const void *p, size_t n)
{
	char path[4200];
	snprintf(path, sizeof path, "%s/%s", dir, tables[i].name);
	FILE *f = fopen(path, "wb");
	if (!f || (n && fwrite(p, 1, n, f) != n) || fclose(f) != 0)
		abort();
}

static void clean(void)
{
	char path[4200];
	for (size_t i = 0; i < TABLES; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, tables[i].name);
		unlink(path);
	}
	snprintf(path, sizeof path, "%s/sar", dir);
	rmdir(path);
	snprintf(path, sizeof path, "%s/generated", dir);
	rmdir(path);
	rmdir(dir);
}

static void begin(void)
{
	char path[4200];
	const char *tmp = getenv("TMPDIR");
	snprintf(dir, sizeof dir, "%s/iamreplay-fuzz.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		abort();
	atexit(clean);
	snprintf(path, sizeof path, "%s/sar", dir);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/generated", dir);
	mkdir(path, 0700);
	for (size_t i = 0; i < TABLES; i++)
		put(i, tables[i].text, strlen(tables[i].text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mapping *m;
	struct err err;
	struct buf out;
	char line[2048];
	if (!dir[0])
		begin();
	if (!size)
		return 0;
	size_t at = data[0] % TABLES;
	put(at, data + 1, size - 1);
	err_clear(&err);
	buf_init(&out, 1 << 20);
	if (mapping_read(dir, &m, &err) == STATUS_OK) {
		describe_json(m, SPAN_LIT("box.amazonaws.com:GetBox"), &out);
		describe_text(m, SPAN_LIT("Box Service.PutBox"), &out);
		mapping_free(m);
	} else if (!err_is_set(&err) || !err.where[0]) {
		fprintf(stderr, "refused without a place: %s\n", err_line(&err, line, sizeof line));
		abort();
	}
	buf_release(&out);
	put(at, tables[at].text, strlen(tables[at].text));
	return 0;
}
