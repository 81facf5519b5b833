/* The file servers' wiring: the administrator's directory, HTTP 6970, and what they saw. */
#include "daemon/node.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>

#define LOAD_ALARM_LASTS DT_SECONDS(3600)

/* "files" beside the database: what a site without an option has. */
static void usual_directory(const struct node *n, char *to, size_t size)
{
	const char *beside = n->options->copy != NULL ? n->options->copy : n->database;
	const char *slash = strrchr(beside, '/');

	(void)snprintf(to, size, "%.*s/files", slash != NULL ? (int)(slash - beside) : 1,
		       slash != NULL ? beside : ".");
}

int node_open_directory(struct node *n)
{
	char usual[sizeof n->database + 8];
	const char *path = n->options->files;

	usual_directory(n, usual, sizeof usual);
	int error = directory_io_open(path != NULL ? path : usual, &n->directory);
	if (error == 0)
		files_set_directory(n->files, directory_io_port(n->directory));
	if (error == 0 || (path == NULL && error == E_SYSTEM && errno == ENOENT))
		return 0;
	(void)fprintf(stderr, "dialtone: cannot serve files from %s: %s\n",
		      path != NULL ? path : usual,
		      error == E_SYSTEM ? strerror(errno) // NOLINT(concurrency-mt-unsafe)
					: error_text(error));
	return error;
}

static void saw_http(void *context, const struct http6970_event *event)
{
	static const enum fact_kind kinds[] = {
	    [HTTP6970_ASKED] = FACT_FILE_ASKED,         [HTTP6970_REFUSED] = FACT_FILE_REFUSED,
	    [HTTP6970_STARTED] = FACT_FILE_STARTED,     [HTTP6970_DELIVERED] = FACT_FILE_DELIVERED,
	    [HTTP6970_ABANDONED] = FACT_FILE_ABANDONED,
	};
	struct node *n = context;
	struct fact f = {.kind = kinds[event->kind],
			 .vantage = VANTAGE_SERVER,
			 .at = loop_now(n->loop),
			 .evidence = ++n->events,
			 .ip = event->peer.ip,
			 .peer = {event->local, HTTP6970_PORT},
			 .number = (uint32_t)event->number};
	struct file_name name;

	/* The name of the file is the phone's; failing that, whoever has the address. */
	if (!file_name_read(slice_text(event->name), &name) || name.claim[0] == 0 ||
	    mac_of_device_name(name.claim, &f.mac) != 0)
		(void)observer_identify(n->observer, f.ip, &f.mac);
	(void)text_copy(f.name, sizeof f.name, event->name);
	(void)timeline_add(n->timeline, &f);
	node_saw_files(n);
}

int node_open_http6970(struct node *n, uint16_t port)
{
	struct http6970_io_options options = {.port = port, .on_event = saw_http, .context = n};

	n->http6970 = http6970_new(n->files);
	if (n->http6970 == NULL)
		return E_NO_MEMORY;
	http6970_set_mischief(n->http6970, n->mischief);
	return http6970_io_open(n->loop, n->http6970, &options, &n->http6970_io);
}

static void tell_load(struct node *n, const struct load_report *r)
{
	char text[ALARM_TEXT_SIZE];
	struct buf line;

	(void)snprintf(text, sizeof text,
		       "load %s %s%s%s: phones that are to run it keep the one they have", r->load,
		       load_state_text(r->state), r->member[0] != 0 ? ": " : "", r->member);
	if (!alarms_raise(&n->alarms, "load", r->load, text, LOAD_ALARM_LASTS, loop_now(n->loop)))
		return;
	buf_init(&line, (size_t)4 * ALARM_TEXT_SIZE);
	text_escape_terminal(&line, slice_text(text));
	(void)fprintf(stderr, "error alarm=load why=\"%s\"\n", buf_cstr(&line));
	buf_done(&line);
}

void node_saw_files(struct node *n)
{
	struct files_event event;

	while (files_next_event(n->files, &event)) {
		struct fact f = {.kind = FACT_SERVER_LOAD_MISSING,
				 .vantage = VANTAGE_SERVER,
				 .at = loop_now(n->loop),
				 .evidence = ++n->events};
		const struct load_report *r = &event.report;
		if (r->member[0] != 0)
			(void)text_copy(f.name, sizeof f.name, r->member);
		else
			(void)snprintf(f.name, sizeof f.name, "%s.loads", r->load);
		(void)text_copy(f.text, sizeof f.text, r->load);
		tell_load(n, r);
		/* The default file is everybody's: no phone's boot says which load it was for. */
		if (mac_of_device_name(event.device, &f.mac) == 0)
			(void)timeline_add(n->timeline, &f);
	}
}

void node_close_files(struct node *n)
{
	http6970_free(n->http6970);
	files_free(n->files);
	directory_io_close(n->directory);
}
