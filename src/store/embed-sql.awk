# embed-sql.awk - store: makes C of the files of sql/ named on the command line.
#   -v make=names: the enums of statements and of inputs (sql-names.h)
#   -v make=texts: the tables of texts (sql-texts.c)
# sql/SUBJECT.sql is cut into sections at "-- name: NAME"; a file of sql/report or sql/schema is one. Every section has
# a comment, and its "Inputs:" are exactly those that its text has: anything else is an error that names the section.

function fail(text) {
	print "sql: " section ": " text > "/dev/stderr"
	failed = 1
	exit 1
}

function constant(name) {
	name = toupper(name)
	gsub(/-/, "_", name)
	return name
}

# Without what may hold a colon and is no input.
function bare(line) {
	sub(/--.*/, "", line)
	gsub(/'[^']*'/, "", line)
	gsub(/"[^"]*"/, "", line)
	return line
}

function note_inputs(line,   name) {
	line = bare(line)
	while (match(line, /:[a-z_]+/)) {
		name = substr(line, RSTART + 1, RLENGTH - 1)
		line = substr(line, RSTART + RLENGTH)
		if (!((section, name) in used)) {
			used[section, name] = 1
			inputs[section] = inputs[section] (inputs[section] == "" ? "" : " ") name
		}
	}
}

# "a INTEGER, b TEXT (what it is)." must name the same inputs in the same order.
function check_inputs(   n, i, part, list, told) {
	told = declared
	gsub(/\([^)]*\)/, "", told)
	sub(/\.[ ]*$/, "", told)
	n = split(told, part, /, */)
	for (i = 1; i <= n; i++) {
		sub(/^ */, "", part[i])
		sub(/ .*/, "", part[i])
		if (part[i] != "none")
			list = list (list == "" ? "" : " ") part[i]
	}
	if (list != inputs[section])
		fail("the comment tells the inputs \"" list "\", the text has \"" inputs[section] "\"")
}

function end_section() {
	if (section == "")
		return
	if (text == "")
		fail("there is no statement")
	if (comment == "")
		fail("there is no comment")
	check_inputs()
	sub(/(\\n"\n\t \" *\\n"\n*)+$/, "\\n\"\n", text)
	texts[section] = text
	section = ""
}

function begin_section(name, of) {
	end_section()
	section = name
	if (name in kind)
		fail("there are two of this name")
	kind[name] = of
	order[++sections] = name
	text = comment = declared = ""
	telling = 0
	inputs[name] = ""
}

function quoted(line) {
	gsub(/\\/, "&&", line)
	gsub(/"/, "\\\"", line)
	gsub(/\t/, "\\t", line)
	return "\t \"" line "\\n\"\n"
}

FNR == 1 {
	end_section()
	base = FILENAME
	sub(/.*\//, "", base)
	sub(/\.sql$/, "", base)
	if (FILENAME ~ /\/report\//)
		begin_section("report/" base, "report")
	else if (FILENAME ~ /\/schema\//) {
		begin_section("schema/" base, "schema")
		if (base + 0 != ++migrations)
			fail("migrations are numbered from 001 without gaps")
	}
}
/^-- name: / {
	begin_section($3, "statement")
	next
}
section == "" { next }
/^--/ && text == "" || kind[section] == "report" && /^--/ {
	line = substr($0, 4)
	if (line ~ /^Inputs: /) {
		telling = 1
		sub(/^Inputs: /, "", line)
	} else if (line ~ /^(Rows|Columns): / || telling && declared ~ /\.$/)
		telling = 0
	else if (!telling)
		comment = comment line
	if (telling)
		declared = declared (declared == "" ? "" : " ") line
	if (kind[section] == "statement")
		next
}
kind[section] == "statement" && text == "" && /^$/ { next }
{
	note_inputs($0)
	text = text quoted($0)
}

function print_enum(of, prefix, last, names, n,   i) {
	print "enum " of " {"
	for (i = 1; i <= n; i++)
		print "\t" prefix constant(names[i]) ","
	print "\t" last
	print "};"
}

function print_table(type, name, of,   i, base) {
	print ""
	print "const struct sql_text " name "[] = {"
	for (i = 1; i <= sections; i++) {
		if (kind[order[i]] != of)
			continue
		base = order[i]
		sub(/.*\//, "", base)
		printf "\t{\"%s\", \"%s\",\n%s\t},\n", base, inputs[order[i]], texts[order[i]]
	}
	print "};"
}

END {
	if (failed)
		exit 1
	end_section()
	if (failed)
		exit 1
	for (i = 1; i <= sections; i++) {
		if (kind[order[i]] != "statement")
			continue
		statement[++statements] = order[i]
		n = split(inputs[order[i]], part, " ")
		for (k = 1; k <= n; k++)
			if (!(part[k] in seen)) {
				seen[part[k]] = 1
				input[++n_inputs] = part[k]
			}
	}
	print "/* Made by embed-sql.awk from sql/. */"
	if (make == "names") {
		print "#ifndef STORE_SQL_NAMES_H"
		print "#define STORE_SQL_NAMES_H"
		print ""
		print_enum("sql", "SQL_", "SQL_COUNT", statement, statements)
		print ""
		print_enum("sql_input", "IN_", "IN_COUNT", input, n_inputs)
		print ""
		print "#endif"
		exit 0
	}
	print "#include \"config.h\""
	print ""
	print "#include \"store/sql.h\""
	print_table("", "sql_texts", "statement")
	print_table("", "sql_reports", "report")
	print_table("", "sql_migrations", "schema")
	print ""
	print "const char *const sql_inputs[IN_COUNT] = {"
	for (i = 1; i <= n_inputs; i++)
		print "\t[IN_" constant(input[i]) "] = \"" input[i] "\","
	print "};"
	print ""
	print "const size_t n_sql_reports = sizeof sql_reports / sizeof sql_reports[0];"
	print "const size_t n_sql_migrations = sizeof sql_migrations / sizeof sql_migrations[0];"
}
