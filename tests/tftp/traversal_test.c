/* No way out of the directory: real files, a real secret beside them, and hundreds of spellings of
 * the way to it, by TFTP and by HTTP. */
#include "site.h"

#include "tftp/directory_io.h"
#include "tftp/http6970.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET "the-secret-beside-the-directory"

static char base[64];

static void write_file(const char *name, const char *text)
{
	char path[256];
	(void)snprintf(path, sizeof path, "%s/%s", base, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void make_link(const char *name, const char *to)
{
	char path[256];
	(void)snprintf(path, sizeof path, "%s/%s", base, name);
	assert_int_equal(symlink(to, path), 0);
}

/* base/secret, and base/files with a file, a directory and links that lead out. */
static void make_tree(void)
{
	char path[128];
	(void)snprintf(base, sizeof base, "/tmp/dialtone-traversal-XXXXXX");
	assert_non_null(mkdtemp(base));
	(void)snprintf(path, sizeof path, "%s/files", base);
	assert_int_equal(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof path, "%s/files/French_France", base);
	assert_int_equal(mkdir(path, 0755), 0);
	write_file("secret", SECRET);
	write_file("files/inside.raw", "inside");
	write_file("files/French_France/mk-sccp.jar", "jar");
	make_link("files/link.raw", "../secret");
	make_link("files/absolute.raw", "/etc/passwd");
	make_link("files/up", "..");
	make_link("files/same.raw", "inside.raw");
}

static void remove_tree(void)
{
	static const char *const names[] = {"files/French_France/mk-sccp.jar",
					    "files/French_France",
					    "files/inside.raw",
					    "files/link.raw",
					    "files/absolute.raw",
					    "files/up",
					    "files/same.raw",
					    "files",
					    "secret"};
	char path[256];
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", base, names[i]);
		assert_int_equal(remove(path), 0);
	}
	assert_int_equal(rmdir(base), 0);
}

/* Ways to say "one up", ways to begin, and what lies there. */
static const char *const ups[] = {
    "../",
    "..\\",
    "..//",
    "./../",
    ".././",
    "..\\/",
    "%2e%2e/",
    "%2e%2e%2f",
    "..%2f",
    "..%5c",
    "%2E%2E%5C",
    ".%2e/",
    "%2e./",
    "%252e%252e%252f",
    "..%c0%af",
    "%c0%ae%c0%ae/",
    "..%255c",
    "....//",
    "...//",
    "..;/",
    "up/",
    "French_France/../../",
    "French_France\\..\\..\\",
};
static const char *const fronts[] = {"",    "/",    "//",   "\\",         "./",
				     "/./", "//./", "\\\\", "/tftpboot/", "/usr/local/cm/tftp/"};
static const char *const targets[] = {"secret", "etc/passwd"};

struct spelling {
	char text[256];
};

static size_t spellings(struct spelling *to, size_t max)
{
	static const char *const others[] = {
	    "link.raw",
	    "absolute.raw",
	    "up/secret",
	    "same.raw",
	    "/etc/passwd",
	    "//etc/passwd",
	    "C:\\secret",
	    "file:///etc/passwd",
	    "/proc/self/environ",
	    "/dev/zero",
	    "~root/secret",
	    "French_France",
	    "French_France/",
	    ".",
	    "..",
	    "/",
	    "./",
	    "../files/inside.raw",
	    "inside.raw/",
	    "inside.raw/../inside.raw",

	    "..",
	    "...",
	    "",
	};
	size_t count = 0;
	for (size_t f = 0; f < sizeof fronts / sizeof *fronts; f++) {
		for (size_t u = 0; u < sizeof ups / sizeof *ups; u++) {
			for (unsigned times = 1; times <= 7; times += 2) {
				struct spelling *s = &to[count];
				int len = snprintf(s->text, sizeof s->text, "%s", fronts[f]);
				for (unsigned i = 0; i < times; i++)
					len += snprintf(s->text + len, sizeof s->text - (size_t)len,
							"%s", ups[u]);
				(void)snprintf(s->text + len, sizeof s->text - (size_t)len, "%s",
					       targets[times > 1]);
				assert_true(++count < max);
			}
		}
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		(void)snprintf(to[count++].text, sizeof to->text, "%s", others[i]);
	return count;
}

static struct spelling all[2000];

/* A site on the real directory. */
static struct site *real_site(struct directory_io **ret_directory)
{
	struct site *site = site_new();
	char path[128];
	(void)snprintf(path, sizeof path, "%s/files", base);
	assert_int_equal(directory_io_open(path, ret_directory), 0);
	files_set_directory(site->files, directory_io_port(*ret_directory));
	return site;
}

TEST("no spelling of a way out leads out by TFTP")
{
	struct directory_io *directory = NULL;
	make_tree();
	struct site *site = real_site(&directory);
	size_t count = spellings(all, sizeof all / sizeof *all);
	assert_true(count >= 300);
	assert_true(site_has(site, "inside.raw"));
	assert_true(site_has(site, "\\French_France\\mk-sccp.jar"));
	for (size_t i = 0; i < count; i++) {
		struct tftp_output out = {0};
		if (all[i].text[0] == 0)
			continue;
		site_ask_file(site, all[i].text, 0);
		struct tftp_packet p = site_sent(site, &out);
		if (p.op != TFTP_ERROR || p.code != TFTP_ERROR_NOT_FOUND)
			fail_msg("\"%s\" is answered with %d", all[i].text, p.op);
	}
	site_free(site);
	directory_io_close(directory);
	remove_tree();
}

TEST("no spelling of a way out leads out by HTTP")
{
	struct directory_io *directory = NULL;
	make_tree();
	struct site *site = real_site(&directory);
	struct http6970 *http = http6970_new(site->files);
	size_t count = spellings(all, sizeof all / sizeof *all);
	for (size_t i = 0; i < count; i++) {
		char request[400];
		http6970_id id = 0;
		struct slice bytes;
		bool close = false;
		assert_int_equal(http6970_accept(http, site_client, site_local, 0, &id), 0);
		(void)snprintf(request, sizeof request, "GET %s%.255s HTTP/1.1\r\nHost: a\r\n\r\n",
			       all[i].text[0] == '/' ? "" : "/", all[i].text);
		http6970_input(http, id, slice_text(request), 0);
		assert_true(http6970_output(http, id, 0, &bytes, &close));
		if (memmem(bytes.ptr, bytes.len, " 404 ", 5) == NULL &&
		    memmem(bytes.ptr, bytes.len, " 400 ", 5) == NULL)
			fail_msg("\"%s\": %.40s", all[i].text, (const char *)bytes.ptr);
		http6970_closed(http, id);
	}
	http6970_free(http);
	site_free(site);
	directory_io_close(directory);
	remove_tree();
}

TEST("the directory itself stays beneath itself, whatever path it is given")
{
	static const char *const paths[] = {
	    "../secret",     "up/secret", "link.raw",
	    "absolute.raw",  "same.raw",  "/etc/passwd",
	    "French_France", ".",         "French_France/../inside.raw/x"};
	struct directory_io *directory = NULL;
	char path[128];
	make_tree();
	(void)snprintf(path, sizeof path, "%s/files", base);
	assert_int_equal(directory_io_open(path, &directory), 0);
	const struct directory *d = directory_io_port(directory);
	struct directory_file file;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		assert_int_not_equal(d->open(d->context, paths[i], &file), 0);
	assert_int_equal(d->open(d->context, "inside.raw", &file), 0);
	uint64_t stamp = file.stamp;
	assert_int_equal(d->stamp(d->context, file.handle), stamp);
	write_file("files/inside.raw", "another inside");
	assert_int_not_equal(d->stamp(d->context, file.handle), stamp);
	d->close(d->context, file.handle);
	directory_io_close(directory);
	remove_tree();
}
