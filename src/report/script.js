"use strict";
document.querySelectorAll("[data-tools]").forEach(function (e) { e.hidden = false; });
var filter = document.getElementById("filter");
if (filter) {
	filter.addEventListener("input", function () {
		var words = filter.value.toLowerCase().split(/\s+/), shown = 0;
		document.querySelectorAll("#ranking tbody tr, section.principal").forEach(function (e) {
			var row = e.tagName === "TR", name = (row ? e.cells[0] : e.querySelector("h3")).textContent.toLowerCase();
			e.hidden = !words.every(function (w) { return name.indexOf(w) >= 0; });
			shown += row && !e.hidden ? 1 : 0;
		});
		document.getElementById("shown").textContent = shown + " shown";
	});
}
function value(row, column) {
	var text = row.cells[column].textContent;
	return /^[0-9,]+$/.test(text) ? Number(text.replace(/,/g, "")) : text;
}
document.querySelectorAll("th[data-sort]").forEach(function (th) {
	var button = document.createElement("button"), down = true;
	button.type = "button";
	button.textContent = th.textContent;
	th.textContent = "";
	th.appendChild(button);
	button.addEventListener("click", function () {
		var body = th.closest("table").tBodies[0], rows = Array.from(body.rows);
		var column = th.cellIndex, sign = down ? -1 : 1;
		rows.sort(function (a, b) {
			var x = value(a, column), y = value(b, column);
			return x < y ? -sign : x > y ? sign : 0;
		});
		rows.forEach(function (row) { body.appendChild(row); });
		th.closest("tr").querySelectorAll("th").forEach(function (other) { other.removeAttribute("aria-sort"); });
		th.setAttribute("aria-sort", down ? "descending" : "ascending");
		down = !down;
	});
});
document.querySelectorAll("pre[data-file]").forEach(function (pre) {
	var bar = document.createElement("div"), copy = document.createElement("button"), save = document.createElement("a");
	bar.className = "tools";
	copy.type = "button";
	copy.textContent = "Copy";
	copy.addEventListener("click", function () {
		navigator.clipboard.writeText(pre.textContent).then(function () { copy.textContent = "Copied"; });
	});
	save.textContent = "Download";
	save.download = pre.getAttribute("data-file");
	save.href = "#";
	save.addEventListener("click", function () {
		save.href = URL.createObjectURL(new Blob([pre.textContent], {type: "application/json"}));
	});
	bar.append(copy, save);
	pre.before(bar);
});
function open_target() {
	var target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
	if (target && target.tagName === "SECTION" && target.querySelector("details"))
		target.querySelector("details").open = true;
}
addEventListener("hashchange", open_target);
open_target();
