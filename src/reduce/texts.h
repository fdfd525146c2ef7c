/* texts.h - reduce: the files of sql/engine, as they are. */
#ifndef REDUCE_TEXTS_H
#define REDUCE_TEXTS_H

extern const char reduce_sql[];
extern const char fold_sql[], fold_cut_sql[], fold_level_sql[], fold_message_sql[];
extern const char fold_resources_sql[], fold_shape_sql[], fold_word_sql[];
extern const char read_clickhouse_sql[], read_duckdb_sql[];
extern const char table_athena_sql[], table_clickhouse_sql[], table_duckdb_sql[], table_trino_sql[];

#endif
