/* foreign.c - records: see foreign.h. Sources: the formats' specifications as their magic numbers
 * are registered; access log entries (Elastic Load Balancing), flow log records (Amazon VPC),
 * standard logging (CloudFront), delivered configuration items (AWS
 * Config), exported findings (GuardDuty), AWS WAF and Route 53 Resolver log fields, Kubernetes
 * audit events, the audit logs of Google Cloud, Azure and Microsoft 365. */
#include "config.h"

#include "records/foreign.h"

#include "records/scan.h"

#include <stdio.h>

static const char no_calls[] =
        "it tells no API calls; CloudTrail's files lie under AWSLogs/.../CloudTrail/";
static const char unpack[] = "unpack it and read what is in it";
static const char parquet[] = "duckdb -c \"COPY (FROM 'FILE.parquet') TO 'FILE.ndjson' (FORMAT "
                              "json)\" makes lines of JSON of it";

static const struct magic {
	size_t offset;
	struct span bytes;
	struct foreign foreign;
} magics[] = {
#define MAGIC(at, text, what, advice)      \
	{                                  \
		at, SPAN_LIT(text),        \
		{                          \
			what, advice, true \
		}                          \
	}
        MAGIC(0, "PAR1", "a Parquet file", parquet),
        MAGIC(0, "ORC", "an ORC file", "turn it into lines of JSON"),
        MAGIC(0, "Obj\x01", "an Avro file", "turn it into lines of JSON"),
        MAGIC(0, "PK\x03\x04", "a zip archive", unpack),
        MAGIC(0, "PK\x05\x06", "an empty zip archive", NULL),
        MAGIC(0, "7z\xbc\xaf\x27\x1c", "a 7z archive", unpack),
        MAGIC(0, "Rar!\x1a\x07", "a RAR archive", unpack),
        MAGIC(0,
              "\xfd"
              "7zXZ",
              "an xz file", unpack),
        MAGIC(0, "BZh", "a bzip2 file", unpack),
        MAGIC(0, "\x28\xb5\x2f\xfd", "a zstd file", unpack),
        MAGIC(0, "\x04\x22\x4d\x18", "an lz4 file", unpack),
        MAGIC(257, "ustar", "a tar archive", unpack),
        MAGIC(0, "\x1f\x8b", "gzip in more layers than are decompressed", unpack),
        MAGIC(0, "SQLite format 3", "a SQLite database of another program", NULL),
        MAGIC(0, "\x89PNG", "a picture", NULL),
        MAGIC(0, "\xff\xd8\xff", "a picture", NULL),
        MAGIC(0, "GIF8", "a picture", NULL),
        MAGIC(0, "RIFF", "a picture, sound or film", NULL),
        MAGIC(0, "BM6", "a picture", NULL),
        MAGIC(0, "%PDF-", "a PDF document", NULL),
        MAGIC(0, "\xd0\xcf\x11\xe0", "a document of Microsoft Office", NULL),
        MAGIC(0,
              "\x7f"
              "ELF",
              "a program", NULL),
        MAGIC(0, "MZ", "a program", NULL),
        MAGIC(0, "\xca\xfe\xba\xbe", "a program", NULL),
        MAGIC(0, "\xcf\xfa\xed\xfe", "a program", NULL),
        MAGIC(0, "ElfFile", "a Windows event log", NULL),
        MAGIC(0, "\xd4\xc3\xb2\xa1", "a capture of network packets", NULL),
        MAGIC(0, "\x0a\x0d\x0d\x0a", "a capture of network packets", NULL),
        MAGIC(0, "wOF", "a font", NULL),
        MAGIC(0, "DUCK", "a DuckDB database", NULL),
#undef MAGIC
};

/* First lines, as patterns. */
static const struct {
	const char *pattern;
	struct foreign foreign;
} lines[] = {
        {"version account-id interface-id *", {"a VPC flow log", no_calls, false}},
        {"2 * eni-*", {"a VPC flow log", no_calls, false}},
        {"?* 20*-*-*T*:*:**Z app/* *:*", {"an ELB access log", no_calls, false}},
        {"tls ?.? 20*-*-*T*", {"an ELB access log", no_calls, false}},
        {"20*-*-*T*:*:*.*Z ?* *:* * * * * * * * * \"*", {"an ELB access log", no_calls, false}},
        {"#Version: 1.0*", {"a CloudFront log", no_calls, false}},
        {"* - * [*/*/*:*] \"*", {"a web server's access log", no_calls, false}},
        {"#!*", {"a script", NULL, false}},
        {"<?xml*", {"an XML document", NULL, false}},
        {"<!DOCTYPE*", {"an HTML page", NULL, false}},
        {"<html*", {"an HTML page", NULL, false}},
        {"<Error>*", {"an error that a service answered with", NULL, false}},
        {"-----BEGIN *", {"a key or certificate", NULL, false}},
        {"An error occurred (*", {"an error message of the AWS CLI", NULL, false}},
        {"AWSTemplateFormatVersion*", {"a CloudFormation template", NULL, false}},
        {"version https://git-lfs.github.com/*",
         {"a pointer of Git LFS", "git lfs pull fetches the file", false}},
};

/* Members that objects of one kind have. */
static const struct {
	const char *first, *second; /* second: NULL if one is enough */
	struct foreign foreign;
} objects[] = {
        {"configurationItems", NULL, {"an AWS Config snapshot or history", no_calls, false}},
        {"configSnapshotId", NULL, {"an AWS Config snapshot", no_calls, false}},
        {"schemaVersion", "severity", {"a GuardDuty finding", no_calls, false}},
        {"ProductArn", "Severity", {"a Security Hub finding", no_calls, false}},
        {"webaclId", NULL, {"a WAF log", no_calls, false}},
        {"firewall_name", NULL, {"a Network Firewall log", no_calls, false}},
        {"query_timestamp", "query_name", {"a Route 53 Resolver query log", no_calls, false}},
        {"protoPayload", NULL, {"a Google Cloud audit log", "only AWS is read", false}},
        {"operationName", "resourceId", {"an Azure activity log", "only AWS is read", false}},
        {"Workload", "Operation", {"a Microsoft 365 audit log", "only AWS is read", false}},
        {"auditID", NULL, {"a Kubernetes audit log", "only calls of AWS's APIs are read", false}},
        {"UserDetailList",
         NULL,
         {"account details of IAM", "iamreplay diff --account-details reads them", false}},
        {"RoleDetailList",
         NULL,
         {"account details of IAM", "iamreplay diff --account-details reads them", false}},
        {"Statement", NULL, {"an IAM policy", "iamreplay diff and verify read it", false}},
        {"terraform_version", NULL, {"a Terraform state or plan", NULL, false}},
        {"dependencies", "name", {"a package description", NULL, false}},
        {"Resources", "AWSTemplateFormatVersion", {"a CloudFormation template", NULL, false}},
        {"user_identity",
         NULL,
         {"a record in Elastic's spelling", "keep event.original when it is exported", false}},
};

static bool is_binary(struct span text)
{
	size_t n = text.n < 512 ? text.n : 512, odd = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		odd += c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != 0x1b;
	}
	return odd > n / 50 + 1;
}

const struct foreign *foreign_text(struct span text)
{
	static const struct foreign binary = {"no text at all", NULL, true};
	for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
		if (text.n >= magics[i].offset &&
		    span_starts(span_from(text, magics[i].offset), magics[i].bytes))
			return &magics[i].foreign;
	if (is_binary(text))
		return &binary;
	enum { LONGEST = 2000 };
	ptrdiff_t end = span_chr(text, '\n');
	struct span line = span_trim(span_sub(text, 0, end < 0 ? text.n : (size_t)end));
	line = span_sub(line, 0, LONGEST);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		if (span_glob(line, span_of(lines[i].pattern), false))
			return &lines[i].foreign;
	return NULL;
}

const struct foreign *foreign_object(struct span object)
{
	enum { N = sizeof objects / sizeof objects[0] };
	bool first[N] = {false}, second[N] = {false};
	struct scan j;
	struct span key;
	scan_init(&j, object);
	if (!scan_enter(&j, SCAN_OBJECT))
		return NULL;
	for (; scan_next_key(&j, &key); scan_skip(&j))
		for (size_t i = 0; i < N; i++) {
			first[i] |= span_is(key, objects[i].first);
			second[i] |= !objects[i].second || span_is(key, objects[i].second);
		}
	for (size_t i = 0; i < N; i++)
		if (first[i] && second[i])
			return &objects[i].foreign;
	return NULL;
}

const char *foreign_line(const struct foreign *f, char *out, size_t size)
{
	snprintf(out, size, "seems to be %s%s%s", f->what, f->advice ? ": " : "",
	         f->advice ? f->advice : "");
	return out;
}
