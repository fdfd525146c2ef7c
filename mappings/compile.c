/* compile.c - build tool: reads this folder's tables and writes them as C, the mapping in the
 * binary. Runs on the building machine, so the numbers go out as numbers and the compiler gives
 * them the target's byte order. Usage: compile DIR OUT.c */
#include "config.h"

#include "mapping/compile/compile.h"

#include <stdio.h>
#include <stdlib.h>

static void write_words(FILE *f, const struct image *im)
{
	for (size_t i = 0; i < im->n_words; i++)
		fprintf(f, "%d,%s", (int)(int32_t)im->words[i], i % 16 == 15 ? "\n" : "");
}

static void write_text(FILE *f, const struct image *im)
{
	for (size_t i = 0; i < im->n_text; i++) {
		unsigned char c = (unsigned char)im->text[i];
		if (i % 128 == 0)
			fputs(i ? "\"\n\"" : "\"", f);
		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\' || c == '?')
			fprintf(f, "\\%03o", c);
		else
			fputc(c, f);
	}
	fputs("\"\n", f);
}

int main(int argc, char **argv)
{
	struct image im = {0};
	struct err err;
	char line[2048];
	err_clear(&err);
	if (argc != 3) {
		fprintf(stderr, "usage: %s DIR OUT.c\n", argv[0]);
		return 2;
	}
	if (mapping_compile(argv[1], &im, &err) != STATUS_OK) {
		fprintf(stderr, "%s\n", err_line(&err, line, sizeof line));
		return 1;
	}
	FILE *f = fopen(argv[2], "w");
	if (!f) {
		perror(argv[2]);
		return 1;
	}
	fprintf(f,
	        "/* Made by mappings/compile from the tables. */\n#include <stdint.h>\n"
	        "const void *mapping_image(void);\n"
	        "static const struct {\n\tint32_t words[%zu];\n\tchar text[%zu];\n} image = {{\n",
	        im.n_words, im.n_text + 1);
	write_words(f, &im);
	fputs("},\n", f);
	write_text(f, &im);
	fputs("};\nconst void *mapping_image(void)\n{\n\treturn &image;\n}\n", f);
	int failed = ferror(f);
	failed |= fclose(f) != 0;
	if (failed) {
		perror(argv[2]);
		remove(argv[2]);
	}
	image_release(&im);
	return failed ? 1 : 0;
}
