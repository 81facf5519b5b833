/* Which file the phone asks next, and what it makes of it: trust lists, its own configuration, the
 * default one, in the order of its profile. The first configuration that can be read ends the
 * search; a phone that holds a trust list asks only for signed ones.
 *
 * A phone keeps its own configuration in flash. When the file server is silent, or has no signed
 * file for a phone that needs one, it goes on with what it has. */
#include "phone/phone_internal.h"

#include "base/text.h"

#define TLV_VERSION 1 /* the tag every trust list and signed file begins with */

/* The MAC of the name it goes by: its own, unless it was set up as another. */
static void file_name(const struct phone *p, const struct profile_file *file, char *to, size_t size)
{
	const char *m = strstr(file->pattern, "%M");
	bool is_signed =
	    p->trusted && (file->kind == PROFILE_CONFIG || file->kind == PROFILE_DEFAULT);

	if (m == NULL)
		(void)snprintf(to, size, "%s%s", file->pattern, is_signed ? ".sgn" : "");
	else
		(void)snprintf(to, size, "%.*s%s%s%s", (int)(m - file->pattern), file->pattern,
			       p->hex, m + 2, is_signed ? ".sgn" : "");
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
	else if (p->has_cnf)
		list_start(p, now);
	else
		phone_start_over(p, now, p->profile->reject_wait_us, true);
}

static void ask(struct phone *p, dt_time now)
{
	char name[64];
	struct ip4 server;

	if (p->file_index == p->profile->file_count) {
		/* "Not found" is an answer: only a phone that asked for the wrong name, the signed
		 * one, keeps what it has. */
		if (!p->trusted)
			p->has_cnf = false;
		give_up(p, now);
		return;
	}
	if (!tftp_server(p, p->server_index, &server)) {
		give_up(p, now);
		return;
	}
	const struct profile_file *file = &p->profile->file[p->file_index];
	file_name(p, file, name, sizeof name);
	tftp_client_ask(p, name, server, true, now);
}

void files_start(struct phone *p, dt_time now)
{
	phone_set_state(p, PHONE_FILES);
	p->applying = false;
	p->upgrade.busy = false;
	p->file_index = 0;
	p->server_index = 0;
	ask(p, now);
}

void files_apply(struct phone *p, dt_time now)
{
	if (p->applying)
		return;
	p->applying = true;
	p->server_index = 0;
	for (p->file_index = 0; p->file_index < p->profile->file_count; p->file_index++) {
		if (p->profile->file[p->file_index].kind == PROFILE_CONFIG)
			break;
	}
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
		list_start(p, now);
}

/* A trust list, a binary file or a broken one does not end the search. */
void files_ended(struct phone *p, bool delivered, dt_time now)
{
	struct cnf_error error;
	struct cnf_phone cnf;

	if (p->upgrade.busy) {
		load_file_ended(p, delivered, now);
		return;
	}
	const struct profile_file *file = &p->profile->file[p->file_index];
	bool readable = file->kind == PROFILE_CONFIG || file->kind == PROFILE_DEFAULT;

	/* An empty trust list, or a page of HTML, is none. */
	if (delivered && file->kind == PROFILE_TRUST && p->tftp.file.len > 0 &&
	    p->tftp.file.ptr[0] == TLV_VERSION)
		p->trusted = true;
	bool good = delivered && readable &&
		    cnf_parse(without_signature(buf_slice(&p->tftp.file)), p->profile->type, &cnf,
			      &error) == 0;
	buf_done(&p->tftp.file);
	if (good && p->applying) {
		applied(p, &cnf, now);
	} else if (good) {
		use(p, &cnf, now);
	} else {
		p->file_index++;
		ask(p, now);
	}
}

/* The second server is for silence, never for "file not found". Silence about a trust list costs
 * its time and no more: some firewalls and servers drop what they do not have. Silence about the
 * configuration restarts the network stack, DHCP included, every minute or so. */
void files_silent(struct phone *p, dt_time now)
{
	struct ip4 server;

	if (p->upgrade.busy) {
		load_file_ended(p, false, now);
		return;
	}
	p->server_index++;
	if (tftp_server(p, p->server_index, &server)) {
		ask(p, now);
	} else if (p->profile->file[p->file_index].kind == PROFILE_TRUST) {
		p->server_index = 0;
		p->file_index++;
		ask(p, now);
	} else {
		give_up(p, now);
	}
}
