// engine.cjs - scale: runs SQL in an engine that npm has.
//     node engine.cjs duckdb FILE.sql...            statements that write their own files
//     node engine.cjs clickhouse OUT FILE.sql...    the rows to OUT, one JSON object a line
//     node engine.cjs have ENGINE                   exit 0 if it is there
// A statement ends in ";" at a line's end.
const fs = require('fs');

function statements(file) {
	return fs.readFileSync(file, 'utf8').split(/;\n/).filter((s) => s.trim());
}

async function duckdb(files) {
	const { DuckDBInstance } = require('@duckdb/node-api');
	const instance = await DuckDBInstance.create(process.env.ENGINE_DATABASE || ':memory:', {
		threads: process.env.ENGINE_THREADS || '2', memory_limit: process.env.ENGINE_MEMORY || '2GB',
	});
	const connection = await instance.connect();
	for (const file of files)
		for (const s of statements(file)) await connection.run(s);
	connection.closeSync();
	instance.closeSync();
}

function clickhouse(out, files) {
	const { query } = require('chdb');
	for (const file of files)
		for (const s of statements(file)) fs.appendFileSync(out, query(s, 'JSONEachRow'));
}

async function main() {
	const [what, ...rest] = process.argv.slice(2);
	if (what === 'have') require({ duckdb: '@duckdb/node-api', clickhouse: 'chdb', grammar: 'dt-sql-parser/package.json' }[rest[0]]);
	else if (what === 'duckdb') await duckdb(rest);
	else clickhouse(rest[0], rest.slice(1));
}

main().catch((e) => {
	console.error(String(e.message || e).slice(0, 2000));
	process.exit(1);
});
