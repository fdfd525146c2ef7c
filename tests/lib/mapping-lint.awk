# mapping-lint.awk - what the mapping tables alone can tell: that they are whole, sorted, free of doubles and agree
# with each other (mappings/README). One line a problem, FILE:LINE: what is wrong. Files in this order: sar/*.tsv,
# services.tsv, generated/*.tsv, then the curated ones. Whether members exist in the API models is checked where the
# models are (mappings/generate/lint.py).
function say(what) { print FILENAME ":" FNR ": " what }
function base(path) { sub(/.*\//, "", path); sub(/\.tsv$/, "", path); return path }
function known(action) { return tolower(action) in sar }
function prefix_of(action) { return substr(action, 1, index(action, ":") - 1) }
function type_known(action, type, slash) {
	if (type == "*" || type ~ /^arn:/ || (prefix_of(action), type) in types)
		return 1
	slash = index(type, "/")
	return slash && (substr(type, 1, slash - 1), substr(type, slash + 1)) in types
}
function fields(n) {
	if (NF != n)
		say("has " NF " fields, not " n)
	return NF == n
}
function reason(text, document) {
	if (text == "-" || text == "")
		say("gives no reason")
	if (document != "-" && document !~ /^https:\/\/[a-z0-9.-]*(amazon\.com|aws)\//)
		say("the document is no AWS page: " document)
}
function own(service, op) { return prefix[service] ":" op }
function whole(service, op, action) { return action == "=" ? tolower(own(service, op)) : tolower(action) }
function operation(service, op) {
	if (!(service in prefix))
		say("no service '" service "'")
	else if (!((service, op) in operations) && !((service, op) in logged))
		say("no operation " service "." op)
}

BEGIN { FS = "\t" }
FNR == 1 {
	file = base(FILENAME)
	kind = FILENAME ~ /\/sar\/[^\/]*$/ ? "sar" : FILENAME ~ /\/generated\/[^\/]*$/ ? "generated" : file
	previous = ""
	if ($0 !~ /^# [a-z]/)
		say("the first line does not name the columns")
}
/^#/ { next }
/^$/ || /\r/ || /\t\t/ || /\t$/ { say("an empty line or field, or a carriage return") }
{
	line = $0 ""
	if (previous != "" && line <= previous)
		say(line == previous ? "stands twice" : "is not in its place: the file is not sorted")
	previous = line
}

kind == "sar" && $1 == "action" {
	if (fields(6)) {
		sar[tolower(file ":" $2)] = 1
		prefixes[file] = 1
		if ($3 !~ /^(List|Read|Write|Tagging|Permissions)$/)
			say("access level '" $3 "'")
		if ($4 != "-") {
			n = split($4, list, ",")
			for (i = 1; i <= n; i++) {
				sub(/!$/, "", list[i])
				asked[file, list[i]] = FILENAME ":" FNR
			}
		}
	}
	next
}
kind == "sar" && $1 == "type" {
	if (fields(4)) {
		types[file, $2] = 1
		if ($3 !~ /^arn:\$\{Partition\}:/)
			say("the ARN pattern does not begin with arn:${Partition}:")
	}
	next
}
kind == "sar" { say("a row of kind '" $1 "'"); next }

kind == "services" {
	if (fields(10)) {
		prefix[$1] = $3
		row_of[$1] = FILENAME ":" FNR
	}
	next
}

kind == "generated" {
	if (!(file in prefix))
		say("services.tsv has no service '" file "'")
	if ($1 == "*") {
		if ($2 != "free" && $2 != "sensitive" && $2 != "wire")
			say("a row of kind '" $2 "' for all operations")
		fields($2 == "wire" ? 4 : 3)
		next
	}
	if ($2 == "api" && fields(6)) {
		if ((file, $1) in operations)
			say("two api rows of " $1)
		operations[file, $1] = FILENAME ":" FNR
		if ($3 == "same-name" && !known(own(file, $1)))
			say("'same-name', but the reference has no " own(file, $1))
		answered[file, $1] = $3 != "-" || $6 ~ /unsigned/
		if ($3 == "same-name")
			granted[file, $1, tolower(own(file, $1))] = "-"
		has_file[file] = 1
	} else if ($2 == "grant" && fields(4)) {
		if (!known($3))
			say("the reference has no " $3)
		granted[file, $1, tolower($3)] = $4
		answered[file, $1] = 1
	} else if ($2 == "on" && fields(6)) {
		a = whole(file, $1, $3)
		if (!known(a))
			say("the reference has no " a)
		else if (!type_known(a, $4))
			say("no resource type '" $4 "'")
		if ($5 !~ /^[roed]$/)
			say("need '" $5 "'")
		on[file, $1, a, $4] = $5 "\t" $6
	} else if ($2 == "pass" && fields(NF == 4 ? 4 : 3))
		passed[file, $1, $3] = 1
	else if ($2 == "also" && fields(3)) {
		if (!known($3))
			say("the reference has no " $3)
	} else if ($2 == "mark")
		fields(3)
	else if ($2 !~ /^(api|grant|on|pass|also|mark)$/)
		say("a row of kind '" $2 "'")
	next
}

kind == "exceptions" {
	if (!fields(6))
		next
	if ($5 ~ /^event:/)
		logged[$1, $2] = 1
	operation($1, $2)
	if (!known($3) && $5 !~ /not in reference:/)
		say("the reference has no " $3)
	reason($5, $6)
	excepted[$1, $2]++
	if (((($1, $2, tolower($3)) in granted)) && granted[$1, $2, tolower($3)] == $4)
		repeated[$1, $2]++
	at[$1, $2] = FILENAME ":" FNR
	answered[$1, $2] = 1
	next
}
kind == "arn" {
	if (($1, $2, tolower($3), $4) in bound)
		say("two rows of " $1 "." $2 " for " $3 " on " $4)
	bound[$1, $2, tolower($3), $4] = 1
	if (!fields(8))
		next
	operation($1, $2)
	a = whole($1, $2, $3)
	if (known(a) && !type_known(a, $4))
		say("no resource type '" $4 "'")
	if ($5 !~ /^[roedx]$/)
		say("need '" $5 "'")
	if (($1, $2, a, $4) in on && on[$1, $2, a, $4] == $5 "\t" $6)
		say("repeats the generated row")
	reason($7, $8)
	next
}
kind == "passrole" {
	if (!fields(7))
		next
	if ($2 != "*")
		operation($1, $2)
	if ($4 !~ /^(pass|never|to|profile)$/)
		say("verdict '" $4 "'")
	if ($4 == "pass" && $5 == "-" && ($1, $2, $3) in passed)
		say("repeats the generated row")
	if ($4 == "never" && !(($1, $2, $3) in passed))
		say("nothing is generated that this could withdraw")
	reason($6, $7)
	next
}
kind == "noauth" {
	if (!fields(5))
		next
	if ($2 != "*")
		operation($1, $2)
	if ($3 !~ /^(unauthenticated|permissionless|bearer|retired|not-in-reference|unanswered)$/)
		say("kind '" $3 "'")
	reason($4, $5)
	if ($2 == "*")
		all[$1] = 1
	else
		answered[$1, $2] = 1
	next
}
kind == "events" {
	if (!fields(6))
		next
	if ($1 !~ /^(source|call|none)$/)
		say("kind '" $1 "'")
	if ($2 !~ /\.amazonaws\.com$/ && $2 !~ /\.aws\.internal$/)
		say("an event source in full, not '" $2 "'")
	if ($1 == "source") {
		n = split($4, list, ",")
		for (i = 1; i <= n; i++)
			if (!(list[i] in prefix) && !(list[i] in prefixes))
				say("no service '" list[i] "'")
	}
	if ($1 == "call") {
		dot = index($4, ".")
		operation(substr($4, 1, dot - 1), substr($4, dot + 1))
	}
	reason($5, $6)
	next
}
kind == "members" { if (fields(5)) { if (!($1 in prefix)) say("no service '" $1 "'"); reason($4, $5) } next }
kind == "dependents" {
	if (fields(5)) {
		if (!known($1)) say("the reference has no " $1)
		if (!known($2)) say("the reference has no " $2)
		if ($3 !~ /^(add|drop)$/) say("verdict '" $3 "'")
		reason($4, $5)
	}
	next
}

END {
	for (k in asked) {
		split(k, part, SUBSEP)
		if (!((part[1], part[2]) in types))
			print asked[k] ": no resource type '" part[2] "'"
	}
	for (k in operations) {
		split(k, part, SUBSEP)
		if (!answered[part[1], part[2]] && !(part[1] in all))
			print operations[k] ": " part[2] " has neither an action nor a flag"
	}
	for (s in prefix)
		if (!(s in has_file))
			print row_of[s] ": generated/" s ".tsv has no operation"
	for (k in excepted) {
		split(k, part, SUBSEP)
		n = 0
		if (excepted[k] == repeated[k]) {
			for (g in granted) {
				split(g, q, SUBSEP)
				n += q[1] == part[1] && q[2] == part[2]
			}
			if (n == excepted[k])
				print at[k] ": the rows of " part[2] " repeat the generated ones"
		}
	}
}
