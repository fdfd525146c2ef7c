/* dialect.c - reduce: see dialect.h. Sources: Functions (Amazon Athena user guide, engine version
 * 3; Trino documentation), Functions (ClickHouse documentation), SQL functions (DuckDB
 * documentation). Athena speaks Trino. */
#include "config.h"

#include "reduce/dialect.h"

static const struct dialect_word trino_words[] = {
        {"match", "regexp_like(%1, %2)"},
        {"group", "coalesce(regexp_extract(%1, %2, 1), '')"},
        {"groups", "regexp_extract_all(%1, %2, 1)"},
        {"position", "strpos(%1, %2)"},
        {"bytes", "length(to_utf8(%1))"},
        {"least_by", "min_by(%1, %2)"},
        {"members", "map_entries(TRY(CAST(json_parse(%1) AS MAP(VARCHAR, JSON))))"},
        {"name", "e[1]"},
        {"value", "json_format(e[2])"},
        {"filter", "filter(%1, e -> %2)"},
        {"each", "transform(%1, e -> %2)"},
        {"quoted", "json_format(CAST(%1 AS JSON))"},
        {"joined", "array_join(array_sort(%1), ',')"},
        {"inner", "transform(%1, f -> %2)"},
        {"concat", "array_join(%1, '')"},
        {"mark", "chr(1)"},
        {"marked", "regexp_replace(%1, %2, chr(1))"},
        {"text", "varchar"},
        {NULL, NULL},
};

static const struct dialect_word clickhouse_words[] = {
        {"match", "match(%1, %2)"},
        {"group", "extract(%1, %2)"},
        {"groups", "extractAll(%1, %2)"},
        {"position", "position(%1, %2)"},
        {"bytes", "length(%1)"},
        {"least_by", "argMin(%1, %2)"},
        {"members", "JSONExtractKeysAndValuesRaw(%1)"},
        {"name", "e.1"},
        {"value", "e.2"},
        {"filter", "arrayFilter(e -> %2, %1)"},
        {"each", "arrayMap(e -> %2, %1)"},
        {"quoted", "toJSONString(%1)"},
        {"joined", "arrayStringConcat(arraySort(%1), ',')"},
        {"inner", "arrayMap(f -> %2, %1)"},
        {"concat", "arrayStringConcat(%1)"},
        {"mark", "char(1)"},
        {"marked", "replaceRegexpAll(%1, %2, char(1))"},
        {"text", "String"},
        {NULL, NULL},
};

static const struct dialect_word duckdb_words[] = {
        {"match", "regexp_matches(%1, %2)"},
        {"group", "regexp_extract(%1, %2, 1)"},
        {"groups", "regexp_extract_all(%1, %2, 1)"},
        {"position", "strpos(%1, %2)"},
        {"bytes", "strlen(%1)"},
        {"least_by", "min_by(%1, %2)"},
        {"members", "map_entries(TRY(CAST(CAST(%1 AS JSON) AS MAP(VARCHAR, JSON))))"},
        {"name", "e.key"},
        {"value", "CAST(e.value AS VARCHAR)"},
        {"filter", "list_filter(%1, lambda e: %2)"},
        {"each", "list_transform(%1, lambda e: %2)"},
        {"quoted", "CAST(to_json(%1) AS VARCHAR)"},
        {"joined", "array_to_string(list_sort(%1), ',')"},
        {"inner", "list_transform(%1, lambda f: %2)"},
        {"concat", "array_to_string(%1, '')"},
        {"mark", "chr(1)"},
        {"marked", "regexp_replace(%1, %2, chr(1), 'g')"},
        {"text", "VARCHAR"},
        {NULL, NULL},
};

static const struct dialect dialects[] = {
        [ENGINE_ATHENA] = {.engine = ENGINE_ATHENA,
                           .name = "athena",
                           .table = SHAPE_NESTED,
                           .resources_text = "json_format(CAST(%1 AS JSON))",
                           .words = trino_words},
        [ENGINE_TRINO] = {.engine = ENGINE_TRINO,
                          .name = "trino",
                          .table = SHAPE_NESTED,
                          .resources_text = "json_format(CAST(%1 AS JSON))",
                          .words = trino_words},
        [ENGINE_CLICKHOUSE] = {.engine = ENGINE_CLICKHOUSE,
                               .name = "clickhouse",
                               .table = SHAPE_FLAT,
                               .backslash = true,
                               .json_text = "if(%1 = 'null', '', %1)",
                               .words = clickhouse_words},
        [ENGINE_DUCKDB] = {.engine = ENGINE_DUCKDB,
                           .name = "duckdb",
                           .table = SHAPE_FLAT,
                           .json_text = "nullif(CAST(%1 AS VARCHAR), 'null')",
                           .words = duckdb_words},
};

const struct dialect *dialect_of(enum engine engine)
{
	return &dialects[engine];
}

const char *dialect_word(const struct dialect *d, struct span word)
{
	for (const struct dialect_word *w = d->words; w->word; w++)
		if (span_is(word, w->word))
			return w->text;
	return NULL;
}
