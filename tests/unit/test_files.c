/* test_files.c - arrays that grow, and files that are read and written whole. */
#define _GNU_SOURCE
#include "unit.h"

#include "base/read-file.h"
#include "base/vec.h"
#include "base/write-file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/iamreplay-files.XXXXXX";

static int make_folder(void **state)
{
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	return rmdir(folder);
}

static const char *in_folder(const char *name)
{
	static char path[2][4096];
	static unsigned turn;
	char *p = path[turn++ % 2];
	snprintf(p, sizeof path[0], "%s/%s", folder, name);
	return p;
}

static size_t files_in_folder(void)
{
	size_t n = 0;
	DIR *d = opendir(folder);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void assert_holds(const char *path, const char *want, mode_t mode)
{
	struct buf b;
	struct err err = {0};
	struct stat st;
	buf_init(&b, 4096);
	assert_int_equal(file_read(path, &b, &err), STATUS_OK);
	assert_string_equal(buf_str(&b), want);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
	buf_release(&b);
}

static void an_array_grows_to_its_ceiling(void **state)
{
	struct {
		VEC_OF(int);
	} a = {0};
	for (int i = 0; i < 1000; i++) {
		int *p = vec_push(&a, 1000);
		assert_non_null(p);
		assert_int_equal(*p, 0);
		*p = i;
	}
	assert_null(vec_push(&a, 1000));
	assert_int_equal(a.n, 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(a.v[i], i);
	a.n = 1;
	*vec_add(&a) = 7;
	assert_int_equal(a.v[1], 7);
	vec_release(&a);
	assert_null(a.v);
	assert_int_equal(a.n + a.room, 0);
}

static int tens(const void *a, const void *b)
{
	int x = *(const int *)a / 10, y = *(const int *)b / 10;
	return x < y ? -1 : x > y;
}

static void equal_items_are_kept_once(void **state)
{
	int v[] = {51, 10, 30, 52, 10, 11};
	size_t n = sort_unique(v, 6, sizeof *v, tens);
	assert_int_equal(n, 3);
	assert_int_equal(v[0] / 10, 1);
	assert_int_equal(v[1] / 10, 3);
	assert_int_equal(v[2] / 10, 5);
	assert_int_equal(sort_unique(NULL, 0, sizeof *v, tens), 0);
	assert_int_equal(sort_unique(v, 1, sizeof *v, tens), 1);
}

static void a_file_is_replaced_whole(void **state)
{
	const char *path = in_folder("f");
	struct err err = {0};
	umask(077);
	assert_int_equal(file_replace(path, SPAN_LIT("one"), 0, &err), STATUS_OK);
	assert_holds(path, "one", 0600);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(file_replace(path, SPAN_LIT("two"), 0, &err), STATUS_OK);
	assert_holds(path, "two", 0640);
	assert_int_equal(file_replace(path, SPAN_LIT("three"), 0644, &err), STATUS_OK);
	assert_holds(path, "three", 0644);
	assert_int_equal(files_in_folder(), 1);
	unlink(path);
}

static void a_link_stays_one(void **state)
{
	const char *path = in_folder("f"), *link = in_folder("l");
	struct err err = {0};
	struct stat st;
	assert_int_equal(file_replace(path, SPAN_LIT("one"), 0, &err), STATUS_OK);
	assert_int_equal(symlink("f", link), 0);
	assert_int_equal(file_replace(link, SPAN_LIT("two"), 0, &err), STATUS_OK);
	assert_holds(path, "two", 0600);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	unlink(link);
	unlink(path);
}

static void what_is_abandoned_leaves_nothing(void **state)
{
	const char *path = in_folder("f");
	struct file_write w;
	struct err err = {0};
	assert_int_equal(file_replace(path, SPAN_LIT("old"), 0, &err), STATUS_OK);
	assert_int_equal(file_write_begin(&w, path, 0, &err), STATUS_OK);
	assert_int_equal(file_write_add(&w, SPAN_LIT("half"), &err), STATUS_OK);
	assert_int_equal(files_in_folder(), 2);
	file_write_abandon(&w);
	file_write_abandon(&w);
	assert_int_equal(files_in_folder(), 1);
	assert_holds(path, "old", 0600);
	unlink(path);
}

static void a_failure_names_the_file(void **state)
{
	struct err err = {0};
	char line[2048];
	const char *path = in_folder("missing/f");
	assert_int_equal(file_replace(path, SPAN_LIT("x"), 0, &err), STATUS_STOP);
	assert_non_null(strstr(err_line(&err, line, sizeof line), "missing/f: cannot make"));
	err_clear(&err);
	/* a folder is in the place: the text is written, and goes again */
	const char *taken = in_folder("d");
	assert_int_equal(mkdir(taken, 0700), 0);
	assert_int_equal(file_replace(taken, SPAN_LIT("x"), 0, &err), STATUS_STOP);
	assert_non_null(strstr(err.text, "cannot be put in its place"));
	assert_int_equal(files_in_folder(), 1);
	rmdir(taken);
}

static void a_long_file_is_refused(void **state)
{
	const char *path = in_folder("f");
	struct err err = {0};
	struct buf b;
	buf_init(&b, 3);
	assert_int_equal(file_replace(path, SPAN_LIT("four"), 0, &err), STATUS_OK);
	assert_int_equal(file_read(path, &b, &err), STATUS_FILE);
	assert_string_equal(err.text, "longer than 3 bytes");
	assert_int_equal(file_read(folder, &b, &err), STATUS_FILE);
	assert_string_equal(err.reason, "read");
	unlink(path);
	assert_int_equal(file_read(path, &b, &err), STATUS_FILE);
	assert_string_equal(err.reason, "open");
	buf_release(&b);
}

static void a_full_disk_is_told(void **state)
{
	int fd = open("/dev/full", O_WRONLY);
	if (fd < 0)
		skip();
	assert_false(fd_write_all(fd, SPAN_LIT("x")));
	assert_true(fd_write_all(fd, SPAN_LIT("")));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_array_grows_to_its_ceiling),
	        cmocka_unit_test(equal_items_are_kept_once),
	        cmocka_unit_test(a_file_is_replaced_whole),
	        cmocka_unit_test(a_link_stays_one),
	        cmocka_unit_test(what_is_abandoned_leaves_nothing),
	        cmocka_unit_test(a_failure_names_the_file),
	        cmocka_unit_test(a_long_file_is_refused),
	        cmocka_unit_test(a_full_disk_is_told),
	};
	return cmocka_run_group_tests_name("files", tests, make_folder, remove_folder);
}
