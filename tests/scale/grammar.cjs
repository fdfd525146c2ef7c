// grammar.cjs - scale: checks statements against Trino's grammar: node grammar.cjs DIALECT FILE.sql... (bundled by
// esbuild, since the parser's modules name folders). Exit 1 and the errors if one is none of the dialect's.
const fs = require('fs');
const parsers = require('dt-sql-parser');

const [dialect, ...files] = process.argv.slice(2);
const parser = new parsers[dialect]();
let wrong = 0;
for (const file of files) {
	const errors = parser.validate(fs.readFileSync(file, 'utf8'));
	for (const e of errors.slice(0, 3)) console.log(`${file}:${e.startLine}: ${e.message}`);
	wrong += errors.length;
}
if (parser.validate('SELECT a FROM b WHERE c = GROUP BY').length === 0) wrong++, console.log('the parser takes anything');
process.exit(wrong ? 1 : 0);
