/* Alarms of this node: what its operator must do something about. */
#include "daemon/node.h"

#include "base/text.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/statvfs.h>

#define OTHER_DHCP_LASTS    DT_SECONDS(3600)
#define DISK_TRY_EVERY      DT_SECONDS(5)
#define AUTOREG_CHECK_EVERY DT_SECONDS(1)
#define COPIED_NAME_LASTS   DT_SECONDS(3600)

static void tell(const char *what, const char *text)
{
	struct buf line;

	buf_init(&line, (size_t)4 * ALARM_TEXT_SIZE);
	text_escape_terminal(&line, slice_text(text));
	(void)fprintf(stderr, "error alarm=%s why=\"%s\"\n", what, buf_cstr(&line));
	buf_done(&line);
}

static void directory_of(const char *path, char *to, size_t size)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		(void)text_copy(to, size, ".");
	else
		(void)text_copy_slice(to, size,
				      slice_of(path, slash == path ? 1 : (size_t)(slash - path)));
}

void node_watch_disk(struct node *n)
{
	char directory[sizeof n->database];

	directory_of(n->database, directory, sizeof directory);
	n->disk = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void node_alarm_disk(struct node *n, const char *what)
{
	char directory[sizeof n->database];
	char text[ALARM_TEXT_SIZE];
	struct statvfs fs;

	directory_of(n->database, directory, sizeof directory);
	if (n->disk >= 0 && fstatvfs(n->disk, &fs) == 0)
		(void)snprintf(text, sizeof text, "%s%s; %llu bytes free in %s", n->database, what,
			       (unsigned long long)fs.f_bavail * fs.f_frsize, directory);
	else
		(void)snprintf(text, sizeof text, "%s%s; %s cannot be asked for its free space",
			       n->database, what, directory);
	if (alarms_raise(&n->alarms, "disk", "", text, DT_NEVER, loop_now(n->loop)))
		tell("disk", text);
	if (n->disk_try != NULL)
		timer_set(n->disk_try, dt_time_add(loop_now(n->loop), DISK_TRY_EVERY));
}

void node_try_disk(void *context)
{
	struct node *n = context;
	struct change change = {
	    .kind = CHANGE_TRY, .owner = CHANGE_OWNER_NODE, .ticket = NODE_TRY_TICKET};

	if (store_submit(n->store, &change) != 0)
		timer_set(n->disk_try, dt_time_add(loop_now(n->loop), DISK_TRY_EVERY));
}

void node_disk_tried(struct node *n, bool ok, const char *why)
{
	size_t len = strlen(n->database);

	if (ok)
		node_disk_works(n);
	else /* `why` begins with the path */
		node_alarm_disk(n, strncmp(why, n->database, len) == 0 ? why + len : why);
}

void node_disk_works(struct node *n)
{
	if (n->disk_try != NULL)
		timer_set(n->disk_try, DT_NEVER);
	if (alarms_clear(&n->alarms, "disk", "", loop_now(n->loop)))
		(void)fprintf(stderr, "info alarm=disk why=\"%s takes changes again\"\n",
			      n->database);
}

void node_alarm_other_dhcp(struct node *n, const struct dhcp_event *event)
{
	char ip[IP4_TEXT_SIZE];
	char mac[MAC_TEXT_SIZE];
	char text[ALARM_TEXT_SIZE];

	(void)snprintf(text, sizeof text,
		       "another DHCP server, %s, answers on our wire (seen with %s): stop it, or "
		       "start this one with --no-dhcp",
		       ip4_format(event->ip, ip), mac_format(event->mac, mac));
	if (alarms_raise(&n->alarms, "other-dhcp", ip, text, OTHER_DHCP_LASTS, loop_now(n->loop)))
		tell("other-dhcp", text);
}

void node_alarm_copied_name(struct node *n, const struct station_event *event)
{
	char text[ALARM_TEXT_SIZE];
	char newcomer[IP4_TEXT_SIZE];
	char there[IP4_TEXT_SIZE];

	(void)snprintf(
	    text, sizeof text, "%s registers as %s, which is registered from %s and answers",
	    ip4_format(event->peer.ip, newcomer), event->name, ip4_format(event->rival.ip, there));
	if (alarms_raise(&n->alarms, "copied-name", event->name, text, COPIED_NAME_LASTS,
			 loop_now(n->loop)))
		tell("copied-name", text);
}

void node_check_autoreg(struct node *n)
{
	const struct settings *s = reg_settings(n->reg);
	uint32_t size = s->autoreg_last - s->autoreg_first + 1;
	uint32_t few = size / 10 > 0 ? size / 10 : 1;
	dt_time now = loop_now(n->loop);
	char text[ALARM_TEXT_SIZE];

	/* Counting goes through the range: not after each of two thousand registrations. */
	if (n->autoreg_checked != 0 && now < n->autoreg_checked + AUTOREG_CHECK_EVERY)
		return;
	n->autoreg_checked = now;
	uint32_t left = reg_autoreg_open(n->reg, loop_unix_s(n->loop))
			    ? reg_autoreg_free(n->reg, few + 1)
			    : UINT32_MAX;
	if (left > few) {
		(void)alarms_clear(&n->alarms, "autoreg-range", "", now);
		return;
	}
	(void)snprintf(text, sizeof text,
		       "%u numbers of the auto-registration range %u-%u are left%s: extend it with "
		       "dialtone autoreg on --range FIRST-LAST",
		       left, s->autoreg_first, s->autoreg_last,
		       left == 0 ? ", unknown phones are refused" : "");
	if (alarms_raise(&n->alarms, "autoreg-range", "", text, DT_NEVER, now))
		tell("autoreg-range", text);
}
