#include "lab/facts.h"

#include <string.h>

#define LINE_MAX_SIZE 600

/* The next line that belongs to the layer, as both sides can know it; false at the end. */
struct facts {
	const char *at;
	bool captured; /* each line begins with a time and a packet's number */
};

static bool begins(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

static const char *skip_stamp(const char *line)
{
	line += strspn(line, " ");
	line += strspn(line, "0123456789.");
	line += strspn(line, " ");
	line += strspn(line, "0123456789");
	return line + strspn(line, " ");
}

/* Of connections the server's own view is their beginnings and ends; segments sent again are the
 * wire's. */
static bool is_common(const char *line)
{
	static const char *const tcp[] = {"tcp.syn ", "tcp.open ", "tcp.refused ", "tcp.closed ",
					  "tcp.reset "};

	for (size_t i = 0; i < sizeof tcp / sizeof *tcp; i++) {
		if (begins(line, tcp[i]))
			return true;
	}
	/* What a status says in words, and a length in a head, only the wire shows too. */
	bool by_http = strstr(line, ":6970 ") != NULL;
	return begins(line, "dhcp.") || (begins(line, "file.") && !by_http) ||
	       begins(line, "sccp.");
}

/* Milliseconds are the capture's or the server's own; the bytes of a connection and its TTL only
 * the wire shows. */
static void drop_value(char *line)
{
	char *value = NULL;

	if (!begins(line, "file.started ") && !begins(line, "file.delivered ") &&
	    !begins(line, "tcp.open ") && !begins(line, "tcp.closed ") &&
	    !begins(line, "tcp.reset "))
		return;
	if ((value = strstr(line, " value=")) == NULL)
		return;
	const char *end = value + 7 + strspn(value + 7, "0123456789,");
	memmove(value, end, strlen(end) + 1);
}

static bool next_line(struct facts *f, const char *layer, char to[static LINE_MAX_SIZE])
{
	while (*f->at != 0) {
		const char *line = f->captured ? skip_stamp(f->at) : f->at;
		size_t len = strcspn(line, "\n");
		f->at = line + len + (line[len] != 0);
		if (len >= LINE_MAX_SIZE)
			len = LINE_MAX_SIZE - 1;
		memcpy(to, line, len);
		to[len] = 0;
		drop_value(to);
		if (begins(to, layer) && is_common(to))
			return true;
	}
	to[0] = 0;
	return false;
}

static bool layer_alike(const char *live, const char *captured, const char *layer,
			struct buf *ret_difference)
{
	struct facts a = {live, false};
	struct facts b = {captured, true};
	char left[LINE_MAX_SIZE];
	char right[LINE_MAX_SIZE];

	for (;;) {
		bool more_left = next_line(&a, layer, left);
		bool more_right = next_line(&b, layer, right);
		if (strcmp(left, right) != 0) {
			buf_printf(ret_difference, "live \"%s\", captured \"%s\"", left, right);
			return false;
		}
		if (!more_left && !more_right)
			return true;
	}
}

/* Layer by layer: what is written down first is not the same on both sides of a machine. */
bool facts_alike(const char *live, const char *captured, struct buf *ret_difference)
{
	static const char *const layers[] = {"dhcp.", "file.", "tcp.", "sccp."};

	for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
		if (!layer_alike(live, captured, layers[i], ret_difference))
			return false;
	}
	return true;
}
