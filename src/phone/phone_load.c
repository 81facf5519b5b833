/* Another load than the one the phone runs: it fetches every file the load names and boots anew
 * with it. A file that is missing, or silence, ends the attempt: the phone goes on with the load it
 * has, says so in its alarm, and tries again at its next boot. */
#include "phone/phone_internal.h"

#include "base/text.h"

#define NAMES_MAX 4096 /* a .loads file; real ones are below 1,000 bytes */

/* Loads are named with and without their suffix. */
static size_t bare_length(const struct phone *p, const char *load)
{
	size_t len = strlen(load);
	size_t suffix = strlen(p->profile->load_suffix);

	if (len > suffix && strcmp(load + len - suffix, p->profile->load_suffix) == 0)
		return len - suffix;
	return len;
}

/* The name is another model's, or another protocol's: such a load is refused unseen. */
static bool is_own(const struct phone *p)
{
	const char *prefix = p->profile->load_prefix;

	return strncmp(p->cnf.load, prefix, strlen(prefix)) == 0;
}

bool load_is_wanted(const struct phone *p)
{
	size_t wanted = bare_length(p, p->cnf.load);

	if (wanted == 0 || !is_own(p))
		return false;
	return wanted != bare_length(p, p->load) || strncmp(p->cnf.load, p->load, wanted) != 0;
}

static void ask(struct phone *p, const char *name, bool keep, dt_time now)
{
	files_fetch(p, name, p->tftp.server.ip, keep, now);
}

void load_start(struct phone *p, dt_time now)
{
	char name[64];
	bool listed = text_equal_nocase(p->profile->load_suffix, ".loads");

	phone_set_state(p, PHONE_UPGRADING);
	p->upgrade.busy = true;
	(void)text_copy_slice(p->upgrade.load, sizeof p->upgrade.load,
			      slice_of(p->cnf.load, bare_length(p, p->cnf.load)));
	buf_done(&p->upgrade.names);
	buf_init(&p->upgrade.names, NAMES_MAX);
	(void)snprintf(name, sizeof name, "%s%s", p->upgrade.load, p->profile->load_suffix);
	ask(p, name, listed, now);
}

/* The text of a .loads file, behind its signature. */
static void take_names(struct phone *p)
{
	struct slice file = buf_slice(&p->tftp.file);

	if (file.len >= 10 && file.ptr[0] == 1 && file.ptr[5] == 2)
		file = slice_from(file, (size_t)file.ptr[8] << 8 | file.ptr[9]);
	buf_append(&p->upgrade.names, slice_head(file, NAMES_MAX));
	buf_done(&p->tftp.file);
}

/* The next file a .loads file names: the first word of a line that is no comment and no setting. */
static bool next_name(struct buf *names, char *to, size_t size)
{
	while (names->len > 0) {
		const char *text = buf_cstr(names);
		size_t line = strcspn(text, "\r\n");
		size_t word = strcspn(text, " \t\r\n");
		bool is_name = word > 0 && text[0] != '#' && memchr(text, '=', word) == NULL;
		if (is_name)
			(void)text_copy_slice(to, size, slice_of(text, word));
		buf_consume(names, line < names->len ? line + 1 : names->len);
		if (is_name)
			return true;
	}
	return false;
}

void load_file_ended(struct phone *p, bool delivered, dt_time now)
{
	char name[64];

	if (!delivered) {
		p->upgrade.busy = false;
		buf_done(&p->upgrade.names);
		p->last = LAST_LOAD_MISSING;
		files_after(p, now);
		return;
	}
	if (p->tftp.keep)
		take_names(p);
	if (next_name(&p->upgrade.names, name, sizeof name)) {
		ask(p, name, false, now);
		return;
	}
	p->upgrade.busy = false;
	buf_done(&p->upgrade.names);
	(void)text_copy(p->load, sizeof p->load, p->upgrade.load);
	p->view.upgrades++;
	p->last = LAST_INITIALIZED;
	phone_reboot(p, now);
}
