/* files.c - store: files that were read to their end, by what their folder says of them, so that
 * they are known again without being opened. */
#include "config.h"

#include "store/writer.h"

#include "base/vec.h"

static int by_place(const struct file_identity *a, const struct file_identity *b)
{
	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	return a->inode < b->inode ? -1 : a->inode > b->inode;
}

static int by_file(const void *a, const void *b)
{
	const struct file_known *x = a, *y = b;
	return by_place(&x->file, &y->file);
}

enum status files_load(struct store *st, struct err *err)
{
	struct stmt *s = db_stmt(st, SQL_FILE_LIST, err);
	int row;
	if (!s)
		return STATUS_STOP;
	while ((row = db_row(st, s, err)) > 0)
		*(struct file_known *)vec_add(&st->files) =
		        (struct file_known){.file = {.device = (uint64_t)column_int(s, 0),
		                                     .inode = (uint64_t)column_int(s, 1),
		                                     .size = column_int(s, 2),
		                                     .modified = column_int(s, 3),
		                                     .changed = column_int(s, 4)},
		                            .content = column_hash(s, 5)};
	/* Numbers above INT64_MAX are stored as negative ones, which come first. */
	sort_items(st->files.v, st->files.n, sizeof *st->files.v, by_file);
	return row < 0 ? STATUS_STOP : STATUS_OK;
}

bool store_file_lookup(const struct store *st, const struct file_identity *file,
                       struct hash128 *content)
{
	const struct file_known *v = st->files.v;
	size_t low = 0, high = st->files.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (by_place(&v[middle].file, file) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == st->files.n || by_place(&v[low].file, file) != 0 ||
	    v[low].file.size != file->size || v[low].file.modified != file->modified ||
	    v[low].file.changed != file->changed)
		return false;
	*content = v[low].content;
	return true;
}

enum status store_file_note(struct store *st, const struct file_identity *file,
                            const struct hash128 *content, struct err *err)
{
	struct stmt *s;
	if (writer_begin(st, err) != STATUS_OK || !(s = db_stmt(st, SQL_FILE_SET, err)))
		return STATUS_STOP;
	bind_int(s, IN_DEVICE, (int64_t)file->device);
	bind_int(s, IN_INODE, (int64_t)file->inode);
	bind_int(s, IN_SIZE, file->size);
	bind_int(s, IN_MODIFIED, file->modified);
	bind_int(s, IN_CHANGED, file->changed);
	bind_hash(s, IN_CONTENT, content);
	return db_run(st, s, err);
}
