/* The running server, as the other commands see it. */
#include "cli/cli.h"

#include "base/error.h"
#include "base/text.h"
#include "http/http_client.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define ANSWER_MAX (64u << 20)

const char *cli_socket(const char *given)
{
	static const char host[] = "/run/dialtone/dialtone.sock";
	static char path[128];
	const char *named =
	    given != NULL ? given : getenv("DIALTONE_SOCKET"); // NOLINT(concurrency-mt-unsafe)
	const char *runtime = getenv("XDG_RUNTIME_DIR");       // NOLINT(concurrency-mt-unsafe)

	if (named != NULL)
		return named;
	/* One's own server before the host's, which members of its group may administer. */
	if (geteuid() != 0 && runtime != NULL) {
		(void)snprintf(path, sizeof path, "%s/dialtone.sock", runtime);
		if (access(path, F_OK) == 0 || access(host, F_OK) != 0)
			return path;
	}
	(void)text_copy(path, sizeof path, host);
	return path;
}

static void tell_unreachable(const char *socket, int error)
{
	if (error == E_SYSTEM && errno == EACCES)
		(void)fprintf(stderr,
			      "dialtone: you may not administer the server at %s: ask as root, or "
			      "as a member of the group that `ls -l` shows there.\n",
			      socket);
	else
		(void)fprintf(
		    stderr,
		    "dialtone: no server answers at %s (%s).\n"
		    "Start one with `dialtone serve`, or name its socket with --socket.\n",
		    socket, error == E_SYSTEM ? cli_errno() : error_text(error));
}

int cli_exchange(const char *socket, const char *method, const char *path, const json_t *body,
		 unsigned *ret_status, struct buf *to)
{
	char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
	struct slice bytes = text != NULL ? slice_text(text) : slice_of(NULL, 0);
	const char *token = getenv("DIALTONE_TOKEN"); // NOLINT(concurrency-mt-unsafe)
	int error = http_client_request(socket, token, method, path, bytes, ret_status, to);

	free(text);
	return error;
}

json_t *cli_request(const char *socket, const char *method, const char *path, json_t *body,
		    int *ret_exit)
{
	struct buf answer;
	unsigned status = 0;
	json_t *json = NULL;

	buf_init(&answer, ANSWER_MAX);
	int error = cli_exchange(socket, method, path, body, &status, &answer);
	*ret_exit = EXIT_CANNOT;
	if (error != 0) {
		tell_unreachable(socket, error);
	} else {
		json = json_loadb(buf_cstr(&answer), buf_slice(&answer).len, 0, NULL);
		if (json == NULL || status >= 300) {
			const char *why = json_string_value(json_object_get(json, "error"));
			struct buf clean;
			buf_init(&clean, 1024);
			text_escape_terminal(
			    &clean,
			    slice_text(why != NULL ? why : "the server's answer cannot be read"));
			(void)fprintf(stderr, "dialtone: %s\n", buf_cstr(&clean));
			buf_done(&clean);
			json_decref(json);
			json = NULL;
			*ret_exit = status == 404 ? EXIT_ANSWER_NO : EXIT_CANNOT;
		}
	}
	buf_done(&answer);
	return json;
}

void cli_print_json(const json_t *json)
{
	(void)json_dumpf(json, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	(void)printf("\n");
}
