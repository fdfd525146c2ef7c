/* inflate.c - bench: how long libdeflate takes to decompress the files of a trail, the measure that other
 * costs are told in multiples of. Files are read once before, so that only decompression counts.
 *
 *     inflate FILE.gz... : seconds of CPU, bytes of text */
#include <libdeflate.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static unsigned char *read_file(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	unsigned char *p = NULL;
	long size;
	if (!f || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 18 || fseek(f, 0, SEEK_SET) != 0 ||
	    !(p = malloc((size_t)size)) || fread(p, 1, (size_t)size, f) != (size_t)size) {
		fprintf(stderr, "inflate: %s can't be read\n", path);
		exit(1);
	}
	fclose(f);
	*n = (size_t)size;
	return p;
}

int main(int argc, char **argv)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	double seconds = 0;
	size_t total = 0;
	for (int i = 1; i < argc; i++) {
		size_t n, room, made;
		unsigned char *in = read_file(argv[i], &n);
		uint32_t length; /* the last four bytes of a member, least first */
		memcpy(&length, in + n - sizeof length, sizeof length);
		room = (size_t)length + 1;
		unsigned char *out = malloc(room);
		if (!d || !out)
			return 1;
		memset(out, 1, room); /* its pages are there */
		clock_t start = clock();
		if (libdeflate_gzip_decompress(d, in, n, out, room, &made) != LIBDEFLATE_SUCCESS) {
			fprintf(stderr, "inflate: %s is no gzip file of one member\n", argv[i]);
			return 1;
		}
		seconds += (double)(clock() - start) / CLOCKS_PER_SEC;
		total += made;
		free(in);
		free(out);
	}
	libdeflate_free_decompressor(d);
	printf("%.4f %zu\n", seconds, total);
	return 0;
}
