# engines.sh - what the tests with query engines have in common; read behind tap.sh. Leaves the scratch folder as the
# working directory; $have_clickhouse tells whether ClickHouse is here.
command -v node >/dev/null || skip_all "node is not here"
export NODE_PATH="$top_builddir/tests/scale/npm/node_modules"
scale=$top_srcdir/tests/scale
engine() { node "$scale/engine.cjs" "$@"; }
engine have duckdb 2>/dev/null || skip_all "DuckDB is not here: make scale-engines"
have_clickhouse=false
engine have clickhouse 2>/dev/null && have_clickhouse=true
cd "$scratch" || exit 99

# said DB: all that is answered alike of records and of counts. The sample event of several in one second may be another.
said() {
	"$iamreplay" query counts --db "$1" --json | sed '/^ *"event_id":/d; s/,* *"event_id": *[^,}]*//'
	"$iamreplay" principals --db "$1" --json
	rm -rf said.policies
	"$iamreplay" policy --all --db "$1" --format json --output said.policies >/dev/null 2>&1
	find said.policies -type f ! -name CHANGES.md | LC_ALL=C sort | while read -r f; do echo "$f" && cat "$f"; done
}

# rows DB ROWS...: a database of reduced rows
rows() {
	db=$1
	shift
	rm -f "$db"
	"$iamreplay" ingest --db "$db" "$@" >rows.out 2>&1 || note "$(tail -n 5 rows.out)"
}

# reduce DAYS ARGUMENT...: the statements of these days
reduce() {
	for day in $1; do
		(shift && "$iamreplay" reduce --since "$day" --until "$day" "$@") || return
	done
}

# trino ARGUMENT...: the text for Trino in DuckDB: functions by macros; what macros can't be is replaced.
trino() {
	mkdir out/trino
	sed -n '/^SET VARIABLE/,/;$/p' duckdb.sql | sed '/;$/q' >trino.sql
	cat "$scale/as-trino.sql" >>trino.sql
	reduce "$days" --engine trino --table trail "$@" >text.sql
	awk '/^-- /{day = $2; print "COPY ("; next} /;$/ {sub(/;$/, ""); print; print ") TO '\''out/trino/" day ".ndjson'\'' (FORMAT json);"; next} {print}' \
		text.sql | sed -e 's/transform(/list_transform(/g' -e 's/CAST(e\[1\] AS JSON)/to_json(e[1])/g' \
		-e 's/CAST(resources AS JSON)/to_json(resources)/g' \
		-e "s/\(regexp_replace([^()]*, chr(1)\))/\1, 'g')/g" >>trino.sql
	engine duckdb trino.sql
	ok $? "$name: the text for Trino runs in DuckDB"
	rows reduced.db out/trino
	said reduced.db >got
	same_file "$name: the text for Trino" got want
}
