# embed-text.awk - commands: writes a text file as a C string; -v name=NAME -v header=HEADER.
BEGIN {
	print "/* Made by embed-text.awk. */"
	print "#include \"config.h\""
	print ""
	print "#include \"" header "\""
	print ""
	print "const char " name "[] ="
}
{
	gsub(/\\/, "&&")
	gsub(/"/, "\\\"")
	gsub(/\t/, "\\t")
	print "\t\"" $0 "\\n\""
}
END {
	print "\t;"
}
