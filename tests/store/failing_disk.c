#include "failing_disk.h"

#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

struct file {
	sqlite3_file base;
	sqlite3_file *real; /* behind this struct, in the same memory */
};

static sqlite3_vfs disk;
static sqlite3_vfs *real_disk;

/* The writer thread uses the disk while the test sets the fault. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum disk_fault fault;
static unsigned left, failures;
static bool is_full;

static bool fails(void)
{
	bool now = false;

	(void)pthread_mutex_lock(&lock);
	if (fault != DISK_WORKS) {
		left -= left > 0;
		now = left == 0 && (fault == DISK_FAILS_ON || failures == 0);
		failures += now;
	}
	(void)pthread_mutex_unlock(&lock);
	return now;
}

static sqlite3_file *real_of(sqlite3_file *f)
{
	return ((struct file *)(void *)f)->real;
}

static int on_close(sqlite3_file *f)
{
	return real_of(f)->pMethods->xClose(real_of(f));
}

static int on_read(sqlite3_file *f, void *to, int size, sqlite3_int64 at)
{
	return real_of(f)->pMethods->xRead(real_of(f), to, size, at);
}

static int on_write(sqlite3_file *f, const void *bytes, int size, sqlite3_int64 at)
{
	if (!fails())
		return real_of(f)->pMethods->xWrite(real_of(f), bytes, size, at);
	(void)real_of(f)->pMethods->xWrite(real_of(f), bytes, size / 2, at);
	return is_full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int on_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	return fails() ? SQLITE_IOERR_TRUNCATE : real_of(f)->pMethods->xTruncate(real_of(f), size);
}

/* The process lives on, so nothing depends on the real sync, and it takes a thousandth of the time.
 */
static int on_sync(sqlite3_file *f, int flags)
{
	(void)f;
	(void)flags;
	return fails() ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int on_size(sqlite3_file *f, sqlite3_int64 *size)
{
	return real_of(f)->pMethods->xFileSize(real_of(f), size);
}

static int on_lock(sqlite3_file *f, int kind)
{
	return real_of(f)->pMethods->xLock(real_of(f), kind);
}

static int on_unlock(sqlite3_file *f, int kind)
{
	return real_of(f)->pMethods->xUnlock(real_of(f), kind);
}

static int on_check(sqlite3_file *f, int *reserved)
{
	return real_of(f)->pMethods->xCheckReservedLock(real_of(f), reserved);
}

static int on_control(sqlite3_file *f, int what, void *argument)
{
	return real_of(f)->pMethods->xFileControl(real_of(f), what, argument);
}

static int on_sector(sqlite3_file *f)
{
	return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int on_traits(sqlite3_file *f)
{
	return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
	/* Version 1: no shared memory and no mapping, every byte comes through here. */
	static const sqlite3_io_methods methods = {.iVersion = 1,
						   .xClose = on_close,
						   .xRead = on_read,
						   .xWrite = on_write,
						   .xTruncate = on_truncate,
						   .xSync = on_sync,
						   .xFileSize = on_size,
						   .xLock = on_lock,
						   .xUnlock = on_unlock,
						   .xCheckReservedLock = on_check,
						   .xFileControl = on_control,
						   .xSectorSize = on_sector,
						   .xDeviceCharacteristics = on_traits};
	struct file *file = (struct file *)(void *)f;

	(void)vfs;
	memset(file, 0, sizeof *file);
	if ((flags & SQLITE_OPEN_CREATE) != 0 && fails())
		return SQLITE_CANTOPEN;
	file->real = (sqlite3_file *)(void *)(file + 1);
	int code = real_disk->xOpen(real_disk, name, file->real, flags, out);
	if (file->real->pMethods != NULL)
		file->base.pMethods = &methods;
	return code;
}

static int on_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs;
	return fails() ? SQLITE_IOERR_DELETE : real_disk->xDelete(real_disk, name, sync);
}

void failing_disk_install(void)
{
	if (real_disk != NULL)
		return;
	real_disk = sqlite3_vfs_find(NULL);
	disk = *real_disk;
	disk.szOsFile = (int)sizeof(struct file) + real_disk->szOsFile;
	disk.zName = "failing";
	disk.xOpen = on_open;
	disk.xDelete = on_delete;
	(void)sqlite3_vfs_register(&disk, 1);
}

void failing_disk_set(enum disk_fault f, unsigned k, bool full)
{
	(void)pthread_mutex_lock(&lock);
	fault = f;
	left = k;
	failures = 0;
	is_full = full;
	(void)pthread_mutex_unlock(&lock);
}

unsigned failing_disk_failures(void)
{
	(void)pthread_mutex_lock(&lock);
	unsigned n = failures;
	(void)pthread_mutex_unlock(&lock);
	return n;
}
