/* The library of files: names, spellings, the cache, the administrator's directory, loads. */
#include "site.h"

#include "base/error.h"
#include "base/text.h"

#include <stdio.h>

TEST("a name means the same however a phone writes the way to it")
{
	static const struct {
		const char *asked, *path;
		enum file_kind kind;
		const char *claim;
	} rows[] = {
	    {"SEP003094C2D5CA.cnf.xml", "SEP003094C2D5CA.cnf.xml", FILE_PHONE, SITE_PHONE},
	    {"/SEP003094C2D5CA.cnf.xml", "SEP003094C2D5CA.cnf.xml", FILE_PHONE, SITE_PHONE},
	    {"//./SEP003094C2D5CA.cnf.xml", "SEP003094C2D5CA.cnf.xml", FILE_PHONE, SITE_PHONE},
	    {"\\SEP003094C2D5CA.cnf.xml", "SEP003094C2D5CA.cnf.xml", FILE_PHONE, SITE_PHONE},
	    {"/usr/local/cm/tftp/XMLDefault.cnf.xml", "XMLDefault.cnf.xml", FILE_DEFAULT, ""},
	    {"English_United_States\\mk-sccp.jar", "English_United_States/mk-sccp.jar", FILE_LOCALE,
	     ""},
	    {"/mk-sip.jar", "mk-sip.jar", FILE_LOCALE, ""},
	    {"United_States/g3-tones.xml", "United_States/g3-tones.xml", FILE_TONES, ""},
	    {"/g3-tones.xml", "g3-tones.xml", FILE_TONES, ""},
	    {"CTLSEP003094C2D5CA.tlv", "CTLSEP003094C2D5CA.tlv", FILE_TRUST, SITE_PHONE},
	    {"SEP003094C2D5CA.cnf.xml.sgn", "SEP003094C2D5CA.cnf.xml.sgn", FILE_PHONE_SIGNED,
	     SITE_PHONE},
	    {"RINGLIST.XML", "RINGLIST.XML", FILE_RINGS, ""},
	    {"gk003094c2d5ca", "gk003094c2d5ca", FILE_PHONE_PROFILE, SITE_PHONE},
	    {"SIP003094C2D5CA.cnf", "SIP003094C2D5CA.cnf", FILE_PHONE_SIP, SITE_PHONE},
	    {"SCCP41.8-5-4S.loads", "SCCP41.8-5-4S.loads", FILE_LOADS, ""},
	    {"Desktops/320x196x4/List.xml", "Desktops/320x196x4/List.xml", FILE_BACKGROUND, ""},
	    {"sep003094c2d5ca.cnf.xml", "sep003094c2d5ca.cnf.xml", FILE_OTHER, ""},
	    {"whatever", "whatever", FILE_OTHER, ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct file_name n;
		if (!file_name_read(slice_text(rows[i].asked), &n))
			fail_msg("%s is none", rows[i].asked);
		assert_string_equal(n.path, rows[i].path);
		assert_int_equal(n.kind, rows[i].kind);
		assert_string_equal(n.claim, rows[i].claim);
	}
}

TEST("the absence of trust lists, locales and tones is normal, of a load's image a fault")
{
	static const struct {
		const char *asked;
		enum file_absence absence;
	} rows[] = {
	    {"ITLFile.tlv", FILE_ABSENCE_NORMAL},
	    {"CTLSEP003094C2D5CA.tlv", FILE_ABSENCE_NORMAL},
	    {"United_States/g3-tones.xml", FILE_ABSENCE_NORMAL},
	    {"French_France/tc-sccp.jar", FILE_ABSENCE_NORMAL},
	    {"SEP003094C2D5CA.cnf.xml", FILE_ABSENCE_UNKNOWN},
	    {"XMLDefault.cnf.xml", FILE_ABSENCE_FAULT},
	    {"SCCP41.8-5-4S.loads", FILE_ABSENCE_FAULT},
	    {"cnu41.8-5-4TH1-6.sbn", FILE_ABSENCE_FAULT},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct file_name n;
		assert_true(file_name_read(slice_text(rows[i].asked), &n));
		assert_int_equal(n.absence, rows[i].absence);
		assert_true(n.what[0] != 0);
	}
}

TEST("the directory's files are served, its subdirectories too, and changes are noticed")
{
	struct site *site = site_new();
	struct buf got;
	site_put(site, "Old.raw", "ring");
	site_put(site, "French_France/mk-sccp.jar", "jar");
	site_read(site, "/French_France/mk-sccp.jar", &got);
	assert_string_equal(buf_cstr(&got), "jar");
	buf_done(&got);
	for (int i = 0; i < 2; i++) {
		site_read(site, "Old.raw", &got);
		assert_string_equal(buf_cstr(&got), "ring");
		buf_done(&got);
	}
	site_put(site, "Old.raw", "another ring");
	site_read(site, "Old.raw", &got);
	assert_string_equal(buf_cstr(&got), "another ring");
	buf_done(&got);
	site_remove(site, "Old.raw");
	assert_false(site_has(site, "Old.raw"));
	site_free(site);
}

TEST("a fixed name is found in the catalogue's spelling and in lower case, a phone's never")
{
	struct site *site = site_new();
	struct buf got;
	site_put(site, "Ringlist.xml", "usual");
	site_read(site, "RINGLIST.XML", &got);
	assert_string_equal(buf_cstr(&got), "usual");
	buf_done(&got);
	site_remove(site, "Ringlist.xml");
	site_put(site, "ringlist.xml", "lower");
	site_read(site, "RINGLIST.XML", &got);
	assert_string_equal(buf_cstr(&got), "lower");
	buf_done(&got);
	site_put(site, "sep003094c2d5cb.cnf.xml", "lower");
	assert_false(site_has(site, "SEP003094C2D5CB.cnf.xml"));
	site_free(site);
}

TEST("an old copy in the directory never stands before a record, but serves a phone without one")
{
	struct site *site = site_new();
	struct buf got;
	site_put(site, "SEP003094C2D5CA.cnf.xml", "old");
	site_put(site, "XMLDefault.cnf.xml", "old");
	site_put(site, "SEP003094C2D5CB.cnf.xml", "another server's phone");
	site_read(site, "SEP003094C2D5CA.cnf.xml", &got);
	assert_non_null(strstr(buf_cstr(&got), "<device>"));
	buf_done(&got);
	site_read(site, "XMLDefault.cnf.xml", &got);
	assert_non_null(strstr(buf_cstr(&got), "<Default>"));
	buf_done(&got);
	site_read(site, "SEP003094C2D5CB.cnf.xml", &got);
	assert_string_equal(buf_cstr(&got), "another server's phone");
	buf_done(&got);
	site_free(site);
}

TEST("a device of any name has its file, as CIPC does")
{
	struct site *site = site_new();
	struct device d = {.name = "CIPC01", .type = 30016, .dn = "1002", .version = 2};
	assert_false(site_has(site, "CIPC01.cnf.xml"));
	assert_int_equal(reg_load_device(site->reg, &d), 0);
	assert_true(site_has(site, "CIPC01.cnf.xml"));
	site_free(site);
}

TEST("the old binary files are there only with auto-registration")
{
	struct site *site = site_new();
	struct settings s = *reg_settings(site->reg);
	assert_false(site_has(site, "SEPDEFAULT.cnf"));
	assert_false(site_has(site, "SEP003094C2D5CA.cnf"));
	s.autoreg_on = true;
	reg_load_settings(site->reg, &s);
	assert_true(site_has(site, "SEPDEFAULT.cnf"));
	assert_true(site_has(site, "SEP003094C2D5CA.cnf"));
	site_free(site);
}

TEST("a generated file comes from the cache until its record changes")
{
	struct site *site = site_new();
	struct file *a = NULL;
	struct file *b = NULL;
	struct file_name n;
	struct device d = *reg_device_find(site->reg, SITE_PHONE);
	struct slice name = slice_text("SEP003094C2D5CA.cnf.xml");
	assert_int_equal(files_open(site->files, name, &a, &n), FILES_FOUND);
	assert_int_equal(files_open(site->files, name, &b, &n), FILES_FOUND);
	assert_ptr_equal(a, b);
	file_unref(b);
	d.version = 2;
	assert_int_equal(reg_load_device(site->reg, &d), 0);
	assert_int_equal(files_open(site->files, name, &b, &n), FILES_FOUND);
	assert_ptr_not_equal(a, b);
	assert_true(a->stamp != b->stamp);
	file_unref(a);
	file_unref(b);
	site_free(site);
}

TEST("the ring list names the rings of the directory, and follows it")
{
	struct site *site = site_new();
	struct buf got;
	site_read(site, "Ringlist.xml", &got);
	assert_null(strstr(buf_cstr(&got), "<Ring>"));
	buf_done(&got);
	site_put(site, "Old_Telephone.raw", "x");
	site_put(site, "wide.rwb", "x");
	site_read(site, "RINGLIST.XML", &got);
	assert_non_null(strstr(buf_cstr(&got), "<DisplayName>Old Telephone</DisplayName>"));
	assert_null(strstr(buf_cstr(&got), "wide"));
	buf_done(&got);
	site_read(site, "Ringlist-wb.xml", &got);
	assert_non_null(strstr(buf_cstr(&got), "wide.rwb"));
	buf_done(&got);
	site_free(site);
}

/* The phone's file, with a load in its record. */
static void read_with_load(struct site *site, const char *load, struct buf *got)
{
	struct device d = *reg_device_find(site->reg, SITE_PHONE);
	(void)text_copy(d.load, sizeof d.load, load);
	d.version++;
	assert_int_equal(reg_load_device(site->reg, &d), 0);
	site_read(site, "SEP003094C2D5CA.cnf.xml", got);
}

static const char load_list[] = "P0S.sbn\r\n# comment\r\nLA_VERSION=1\r\nP0S.sb2 \r\n";

TEST("a phone is sent to a load only while its chain is whole, and sent there once it is")
{
	struct site *site = site_new();
	struct buf got;
	struct files_event event;
	read_with_load(site, "P0S", &got);
	assert_non_null(strstr(buf_cstr(&got), "<loadInformation></loadInformation>"));
	buf_done(&got);
	assert_true(files_next_event(site->files, &event));
	assert_string_equal(event.device, SITE_PHONE);
	assert_int_equal(event.report.state, LOAD_ABSENT);

	site_put(site, "P0S.loads", load_list);
	site_put(site, "P0S.sbn", "image");
	site_read(site, "SEP003094C2D5CA.cnf.xml", &got);
	assert_non_null(strstr(buf_cstr(&got), "<loadInformation></loadInformation>"));
	buf_done(&got);
	assert_true(files_next_event(site->files, &event));
	assert_int_equal(event.report.state, LOAD_MEMBER_MISSING);
	assert_string_equal(event.report.member, "P0S.sb2");

	site_put(site, "P0S.sb2", "<html>404 not found</html>");
	site_read(site, "SEP003094C2D5CA.cnf.xml", &got);
	buf_done(&got);
	assert_true(files_next_event(site->files, &event));
	assert_int_equal(event.report.state, LOAD_MEMBER_DAMAGED);

	site_put(site, "P0S.sb2", "image");
	site_read(site, "SEP003094C2D5CA.cnf.xml", &got);
	assert_non_null(strstr(buf_cstr(&got), "<loadInformation>P0S</loadInformation>"));
	buf_done(&got);
	assert_false(files_next_event(site->files, &event));

	site_remove(site, "P0S.sbn");
	site_read(site, "SEP003094C2D5CA.cnf.xml", &got);
	assert_non_null(strstr(buf_cstr(&got), "<loadInformation></loadInformation>"));
	buf_done(&got);
	site_free(site);
}

TEST("a load of one image is whole when the image is there, under any of its endings")
{
	static const char *const names[] = {"CP7912080004SCCP080108A.sbin", "P00303020214.bin",
					    "P00405000700"};
	static const char *const loads[] = {"CP7912080004SCCP080108A", "P00303020214",
					    "P00405000700"};
	struct site *site = site_new();
	struct load_report report;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(files_check_load(site->files, loads[i], &report), LOAD_ABSENT);
		site_put(site, names[i], "image");
		assert_int_equal(files_check_load(site->files, loads[i], &report), LOAD_WHOLE);
	}
	site_put(site, "P00405000700", "");
	assert_int_equal(files_check_load(site->files, "P00405000700", &report),
			 LOAD_MEMBER_DAMAGED);
	assert_int_equal(files_check_load(site->files, "../../etc/passwd", &report), LOAD_ABSENT);
	site_free(site);
}

TEST("a list with sizes tells a cut image, and a damaged list is told as such")
{
	struct site *site = site_new();
	struct load_report report;
	site_put(site, "CP7921G-1.LOADS", "#? HW_REV 0-4.*\r\nGUI7921G.bin 5 00112233\r\n");
	site_put(site, "GUI7921G.bin", "imag");
	assert_int_equal(files_check_load(site->files, "CP7921G-1", &report), LOAD_MEMBER_DAMAGED);
	site_put(site, "GUI7921G.bin", "image");
	assert_int_equal(files_check_load(site->files, "CP7921G-1", &report), LOAD_WHOLE);
	site_put(site, "CP7921G-1.LOADS", "# nothing\r\n");
	assert_int_equal(files_check_load(site->files, "CP7921G-1", &report), LOAD_DAMAGED);
	site_put(site, "CP7921G-1.LOADS", "\x01");
	assert_int_equal(files_check_load(site->files, "CP7921G-1", &report), LOAD_DAMAGED);
	site_free(site);
}

TEST("the default file gives a model its load only while the load's chain is whole")
{
	struct site *site = site_new();
	union record defaults = {.defaults = {.model = "7960", .load = "P0S", .version = 9}};
	struct buf got;
	assert_int_equal(reg_load_record(site->reg, RECORD_DEFAULTS, &defaults), 0);
	site_read(site, "XMLDefault.cnf.xml", &got);
	assert_non_null(strstr(buf_cstr(&got), "></loadInformation7>"));
	buf_done(&got);
	site_put(site, "P0S.sbn", "image");
	site_put(site, "P0S.sb2", "image");
	site_put(site, "P0S.loads", load_list);
	site_read(site, "XMLDefault.cnf.xml", &got);
	assert_non_null(strstr(buf_cstr(&got), ">P0S</loadInformation7>"));
	buf_done(&got);
	site_free(site);
}

TEST("a large file is read as it is sent, and one written over meanwhile ends in an error")
{
	struct site *site = site_new();
	struct file *file = NULL;
	struct file_name n;
	uint8_t part[16];
	site_put_large(site, "term41.sbn", 42ULL * 1024 * 1024);
	assert_int_equal(files_open(site->files, slice_text("term41.sbn"), &file, &n), FILES_FOUND);
	assert_int_equal(file->size, 42ULL * 1024 * 1024);
	size_t bytes = 0;
	(void)files_cached(site->files, &bytes);
	assert_true(bytes < 4096);
	assert_int_equal(file_read(file, 40000000, part, sizeof part), sizeof part);
	assert_int_equal(part[3], site_large_byte(40000003));
	assert_int_equal(file_read(file, file->size - 3, part, sizeof part), 3);
	assert_int_equal(file_read(file, file->size, part, sizeof part), 0);
	site_put_large(site, "term41.sbn", 42ULL * 1024 * 1024);
	assert_int_equal(file_read(file, 0, part, sizeof part), E_SYSTEM);
	file_unref(file);
	site_free(site);
}

TEST("the cache keeps to its ceilings, whatever is asked")
{
	struct site *site = site_new();
	static char names[FILES_ENTRIES_MAX + 10][DEVICE_NAME_SIZE];
	size_t bytes = 0;
	for (size_t i = 0; i < FILES_ENTRIES_MAX + 10; i++) {
		struct device d = {.type = 7, .version = 2};
		char file[64];
		(void)snprintf(names[i], sizeof names[i], "SEP00309500%04zX", i);
		(void)text_copy(d.name, sizeof d.name, names[i]);
		assert_int_equal(reg_load_device(site->reg, &d), 0);
		(void)snprintf(file, sizeof file, "%s.cnf.xml", names[i]);
		assert_true(site_has(site, file));
		assert_true(files_cached(site->files, &bytes) <= FILES_ENTRIES_MAX);
		assert_true(bytes <= FILES_CACHE_MAX);
	}
	site_free(site);
}

HARNESS_OOM("the library of files survives any allocation failing")
{
	struct reg *r = reg_new();
	struct files *f = r != NULL ? files_new(r, NULL) : NULL;
	struct file *file = NULL;
	struct file_name n;
	int error = f == NULL ? E_NO_MEMORY : 0;
	if (error == 0 && files_open(f, slice_text("XMLDefault.cnf.xml"), &file, &n) != FILES_FOUND)
		error = E_NO_MEMORY;
	file_unref(file);
	files_free(f);
	reg_free(r);
	return error;
}
