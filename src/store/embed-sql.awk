# embed-sql.awk - store: writes the SQL files named on the command line, in order, as one C table.
# The name of a row is the file's name without folder and ".sql".
BEGIN {
	print "/* Made by embed-sql.awk from sql/. */"
	print "#include \"config.h\""
	print ""
	print "#include \"store/sql.h\""
	print ""
	print "const struct sql_text sql_texts[] = {"
}
FNR == 1 {
	if (NR > 1)
		print "\t},"
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.sql$/, "", name)
	print "\t{\"" name "\","
}
{
	line = $0
	gsub(/\\/, "&&", line)
	gsub(/"/, "\\\"", line)
	gsub(/\t/, "\\t", line)
	print "\t \"" line "\\n\""
}
END {
	print "\t},"
	print "};"
	print ""
	print "const size_t n_sql_texts = sizeof sql_texts / sizeof sql_texts[0];"
}
