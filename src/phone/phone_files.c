/* Which file the phone asks next, and what it makes of it: trust lists, its own configuration, the
 * default one, in the order of its profile. The first configuration that can be read ends the
 * search; a phone that holds a trust list asks only for signed ones.
 *
 * A phone keeps its own configuration in flash. When the file server is silent, its file broken, or
 * there is no signed file for a phone that needs one, it goes on with what it has. */
#include "phone/phone_internal.h"

#include "base/error.h"
#include "base/text.h"

#include <ctype.h>

#define TLV_VERSION 1 /* the tag every trust list and signed file begins with */

/* A folder and its slash are one: without a locale the name begins with the slash, as phones were
 * seen to ask ("/mk-sip.jar"). */
static void put_part(const struct phone *p, char kind, struct buf *to)
{
	char hex[MAC_HEX_SIZE];

	(void)text_copy(hex, sizeof hex, p->hex);
	for (char *c = hex; kind == 'm' && *c != 0; c++)
		*c = (char)tolower((unsigned char)*c);
	buf_text(to, kind == 'L' ? p->cnf.user_locale : kind == 'C' ? p->cnf.network_locale : hex);
}

/* One file name of the profile, its parts filled in. */
static void file_name(const struct phone *p, const struct profile_file *file, char *to, size_t size)
{
	bool is_signed =
	    p->trusted && (file->kind == PROFILE_CONFIG || file->kind == PROFILE_DEFAULT);
	struct buf name;

	buf_init(&name, size);
	for (const char *c = file->pattern; *c != 0; c++) {
		if (*c == '%')
			put_part(p, *++c, &name);
		else
			buf_append(&name, slice_of(c, 1));
	}
	if (is_signed)
		buf_text(&name, ".sgn");
	(void)text_copy_slice(to, size, buf_error(&name) == 0 ? buf_slice(&name) : slice_text(""));
	buf_done(&name);
}

/* NULL behind the last one. */
static const struct profile_file *current(const struct phone *p)
{
	bool end =
	    p->file_index == PROFILE_FILES_MAX || p->profile->file[p->file_index].pattern == NULL;

	return end ? NULL : &p->profile->file[p->file_index];
}

/* Where files are asked: Alternate TFTP beats DHCP. */
static bool tftp_server(const struct phone *p, unsigned index, struct ip4 *ret_ip)
{
	struct ip4 manual = p->config.faults.alternate_tftp;

	if (ip4_is_zero(manual))
		manual = p->config.static_tftp;
	if (!ip4_is_zero(manual)) {
		*ret_ip = manual;
		return index == 0;
	}
	if (!ip4_is_zero(p->tftp_resolved)) {
		*ret_ip = p->tftp_resolved;
		return index == 0;
	}
	if (index >= p->dhcp.tftp_count)
		return false;
	*ret_ip = p->dhcp.tftp[index];
	return true;
}

/* Nothing that helps: what flash holds, or the real thing restarts its network stack, DHCP
 * included. */
static void give_up(struct phone *p, dt_time now)
{
	if (p->applying)
		p->applying = false;
	else if (p->settled || p->has_cnf)
		list_start(p, now);
	else
		phone_start_over(p, now, p->profile->reject_wait_us, true);
}

void files_fetch(struct phone *p, const char *name, struct ip4 server, bool keep, dt_time now)
{
	if (p->profile->http_first && !p->http_silent)
		http_client_ask(p, name, server, keep, now);
	else
		tftp_client_ask(p, name, server, keep, now);
}

/* Is its file server a name? */
static bool has_name(const struct phone *p)
{
	return p->dhcp.tftp_name[0] != 0 && ip4_is_zero(p->config.faults.alternate_tftp) &&
	       ip4_is_zero(p->config.static_tftp);
}

static void ask(struct phone *p, dt_time now)
{
	const struct profile_file *file = current(p);
	char name[64];
	struct ip4 server;

	if (p->settled) {
		while (file != NULL && file->kind != PROFILE_AFTER) {
			p->file_index++;
			file = current(p);
		}
		if (file == NULL) {
			list_start(p, now);
			return;
		}
	} else if (file == NULL || file->kind == PROFILE_AFTER) {
		/* "Not found" is an answer: only a phone that asked for the wrong name, the signed
		 * one, keeps what it has. */
		if (!p->trusted)
			p->has_cnf = false;
		give_up(p, now);
		return;
	}
	if (has_name(p) && !p->name_asked) {
		p->name_asked = true;
		dns_client_ask(p, p->dhcp.tftp_name, DNS_FOR_FILES, now);
		return;
	}
	if (!tftp_server(p, p->server_index, &server)) {
		give_up(p, now);
		return;
	}
	file_name(p, file, name, sizeof name);
	files_fetch(p, name, server, true, now);
}

void files_resolved(struct phone *p, struct ip4 server, dt_time now)
{
	p->tftp_resolved = server;
	ask(p, now);
}

/* Behind the model's pause. */
static void ask_paced(struct phone *p, dt_time now)
{
	dt_time gap = p->profile->file_gap_us;

	if (p->file_index < PROFILE_FILES_MAX)
		gap += p->profile->file_pause_us[p->file_index];
	if (gap == 0 || p->config.unpaced)
		ask(p, now);
	else
		p->ask_at = dt_time_add(now, gap);
}

static void ask_next(struct phone *p, dt_time now)
{
	p->file_index++;
	ask_paced(p, now);
}

void files_expire(struct phone *p, dt_time now)
{
	if (now < p->ask_at)
		return;
	p->ask_at = DT_NEVER;
	ask(p, now);
}

void files_stop(struct phone *p)
{
	p->ask_at = DT_NEVER;
	dns_client_stop(p);
	tftp_client_stop(p);
	http_client_stop(p);
}

void files_start(struct phone *p, dt_time now)
{
	phone_set_state(p, PHONE_FILES);
	p->applying = false;
	p->settled = false;
	p->upgrade.busy = false;
	p->file_index = 0;
	p->server_index = 0;
	p->name_asked = false;
	p->tftp_resolved = ip4_of(0);
	ask(p, now);
}

void files_after(struct phone *p, dt_time now)
{
	p->settled = true;
	p->file_index = 0;
	while (current(p) != NULL && current(p)->kind != PROFILE_AFTER)
		p->file_index++;
	ask_paced(p, now);
}

void files_apply(struct phone *p, dt_time now)
{
	if (p->applying)
		return;
	p->applying = true;
	p->settled = false;
	p->server_index = 0;
	p->file_index = 0;
	while (current(p) != NULL && current(p)->kind != PROFILE_CONFIG)
		p->file_index++;
	ask(p, now);
}

/* A signed file begins with a header of tag, length, value; the second one, tag 2, is the length
 * of the whole header. */
static struct slice without_signature(struct slice file)
{
	if (file.len < 10 || file.ptr[0] != TLV_VERSION || file.ptr[5] != 2)
		return file;
	return slice_from(file, (size_t)file.ptr[8] << 8 | file.ptr[9]);
}

static bool same_list(const struct cnf_phone *a, const struct cnf_phone *b)
{
	if (a->member_count != b->member_count)
		return false;
	for (unsigned i = 0; i < a->member_count; i++) {
		if (strcmp(a->member[i].host, b->member[i].host) != 0 ||
		    a->member[i].port != b->member[i].port)
			return false;
	}
	return true;
}

/* What apply config brought: only another load or list costs the registration. */
static void applied(struct phone *p, const struct cnf_phone *cnf, dt_time now)
{
	bool same = same_list(cnf, &p->cnf);

	p->applying = false;
	p->cnf = *cnf;
	if (p->link[LINK_ACTIVE].state != LINK_REGISTERED)
		return;
	if (load_is_wanted(p))
		sccp_client_leave(p, AFTER_REBOOT, now);
	else if (!same)
		sccp_client_leave(p, AFTER_RESTART, now);
}

static void use(struct phone *p, const struct cnf_phone *cnf, dt_time now)
{
	p->cnf = *cnf;
	p->has_cnf = !cnf->is_default;
	if (load_is_wanted(p))
		load_start(p, now);
	else
		files_after(p, now);
}

/* The one published specimen of SEPDEFAULT.cnf: address at 5, port at 11, little-endian (reference:
 * boot 6.7). Experimental: what else stands in it nobody knows. */
static bool read_binary(struct slice file, struct cnf_phone *ret_cnf)
{
	struct cnf_phone cnf = {.is_default = true, .member_count = 1};
	struct ip4 ip;

	if (file.len < 16 || file.ptr[0] != 1 || file.ptr[1] != 1)
		return false;
	memcpy(ip.b, file.ptr + 5, 4);
	(void)ip4_format(ip, cnf.member[0].host);
	cnf.member[0].port = (uint16_t)(file.ptr[11] | file.ptr[12] << 8);
	if (ip4_is_zero(ip) || cnf.member[0].port == 0)
		return false;
	*ret_cnf = cnf;
	return true;
}

enum reading { READ, NOT_READ, BROKEN };

/* BROKEN: its own file, and XML that is not well-formed. */
static enum reading read_config(const struct phone *p, const struct profile_file *file,
				struct cnf_phone *ret_cnf)
{
	struct slice bytes = buf_slice(&p->tftp.file);

	if (file->kind == PROFILE_CONFIG_BINARY)
		return read_binary(bytes, ret_cnf) ? READ : NOT_READ;
	if (file->kind != PROFILE_CONFIG && file->kind != PROFILE_DEFAULT)
		return NOT_READ;
	bytes = without_signature(bytes);
	int error = memo_parse(p->config.memo, bytes, p->profile->type, ret_cnf);
	if (error == 0)
		return READ;
	return error == E_BAD_FORMAT && file->kind == PROFILE_CONFIG &&
		       cnf_form_of(bytes) == CNF_FORM_XML
		   ? BROKEN
		   : NOT_READ;
}

/* A trust list does not end the search, nor does a file that is no configuration at all. Its own
 * one does, broken or not: a phone refuses what it cannot read, and goes on with what it had, not
 * with the default file, which would make it another phone (reference: diagnosis F-01). */
void files_ended(struct phone *p, bool delivered, dt_time now)
{
	const struct profile_file *file = current(p);
	struct cnf_phone cnf;

	if (p->upgrade.busy) {
		load_file_ended(p, delivered, now);
		return;
	}
	if (file == NULL)
		return;
	/* An empty trust list, or a page of HTML, is none. */
	if (delivered && file->kind == PROFILE_TRUST && p->tftp.file.len > 0 &&
	    p->tftp.file.ptr[0] == TLV_VERSION)
		p->trusted = true;
	enum reading reading = delivered && !p->settled ? read_config(p, file, &cnf) : NOT_READ;
	buf_done(&p->tftp.file);
	if (reading == READ && p->applying)
		applied(p, &cnf, now);
	else if (reading == READ)
		use(p, &cnf, now);
	else if (reading == BROKEN)
		give_up(p, now);
	else
		ask_next(p, now);
}

static bool is_optional(const struct profile_file *file)
{
	return file->kind == PROFILE_TRUST || file->kind == PROFILE_EXTRA ||
	       file->kind == PROFILE_AFTER;
}

/* The second server is for silence, never for "file not found". Silence about a trust list costs
 * its time and no more: some firewalls and servers drop what they do not have. Silence about the
 * configuration restarts the network stack, DHCP included, every minute or so. */
void files_silent(struct phone *p, dt_time now)
{
	const struct profile_file *file = current(p);
	struct ip4 server;

	if (p->upgrade.busy) {
		load_file_ended(p, false, now);
		return;
	}
	p->server_index++;
	if (tftp_server(p, p->server_index, &server)) {
		ask(p, now);
	} else if (file != NULL && is_optional(file)) {
		p->server_index = 0;
		ask_next(p, now);
	} else {
		give_up(p, now);
	}
}
