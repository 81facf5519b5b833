/* dialtone show …: what those who come from CME, IOS or chan-sccp type. Each form is an alias of a
 * command of ours; the table is all there is. */
#include "cli/cli.h"

#include "base/text.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <strings.h>

static const char usage[] = "show ephone [registered|unregistered|attempted-registrations] | …\n"
			    "       `dialtone show` alone lists the forms";

struct listing {
	const char *words;         /* as typed, one space between */
	const char *path, *member; /* the request, and the rows in its answer */
	const char *status;        /* only rows with this status; "!" before: all but those */
	const char *keys[8], *titles[8];
	const char *empty;
};

#define PHONE_KEYS                                                                                 \
	{                                                                                          \
		"name", "model", "dn", "status", "ip", "load", "description"                       \
	}
#define PHONE_TITLES                                                                               \
	{                                                                                          \
		"NAME", "MODEL", "DN", "STATUS", "ADDRESS", "LOAD", "DESCRIPTION"                  \
	}

static const struct listing listings[] = {
    {"ephone", "/v1/phones", "phones", "", PHONE_KEYS, PHONE_TITLES, "No phones in the database."},
    {"ephone registered", "/v1/phones", "phones", "registered", PHONE_KEYS, PHONE_TITLES,
     "No phone is registered."},
    {"ephone unregistered", "/v1/phones", "phones", "!registered", PHONE_KEYS, PHONE_TITLES,
     "Every phone is registered."},
    {"ephone attempted-registrations",
     "/v1/knocking",
     "knocking",
     "",
     {"name", "model", "ip", "seconds_ago", "step", "wants"},
     {"NAME", "MODEL", "ADDRESS", "S AGO", "STEP", "LAST SEEN DOING"},
     "Nobody knocks: every device seen is in the database."},
    {"ephone summary", "/v1/node", NULL, "", {NULL}, {NULL}, ""},
    {"ephone phone-load",
     "/v1/phones",
     "phones",
     "",
     {"name", "model", "load", "status"},
     {"NAME", "MODEL", "LOAD", "STATUS"},
     "No phones in the database."},
    {"ephone-dn",
     "/v1/phones",
     "phones",
     "",
     {"dn", "lines", "name", "label", "status"},
     {"DN", "LINES", "NAME", "LABEL", "STATUS"},
     "No phones in the database."},
    {"ephone-dn summary",
     "/v1/phones",
     "phones",
     "",
     {"dn", "name", "status"},
     {"DN", "NAME", "STATUS"},
     "No phones in the database."},
    {"ip dhcp binding",
     "/v1/leases",
     "leases",
     "",
     {"ip", "mac", "seconds_left", "name"},
     {"ADDRESS", "MAC", "SECONDS LEFT", "PHONE"},
     "No leases yet."},
    {"devices", "/v1/phones", "phones", "", PHONE_KEYS, PHONE_TITLES, "No phones in the database."},
    {"lines",
     "/v1/lines",
     "lines",
     "",
     {"dn", "label", "display", "forward_all", "description"},
     {"DN", "LABEL", "DISPLAY", "FORWARD ALL", "DESCRIPTION"},
     "No line has properties of its own."},
    {"telephony-service", "/v1/settings", NULL, "", {NULL}, {NULL}, ""},
    {"telephony-service tftp-bindings",
     "/v1/loads",
     "loads",
     "",
     {"load", "state", "member", "named_by"},
     {"LOAD", "STATE", "IMAGE", "NAMED BY"},
     "No phone and no model names a load."},
    {"version", "/v1/node", NULL, "", {NULL}, {NULL}, ""},
};
#define LISTINGS (sizeof listings / sizeof *listings)

static void print_forms(FILE *to)
{
	(void)fprintf(to, "dialtone show … (words may be shortened)\n  ephone SEP…\n");
	for (size_t i = 0; i < LISTINGS; i++)
		(void)fprintf(to, "  %s\n", listings[i].words);
}

static json_t *rows_with(const json_t *rows, const char *status)
{
	bool but = status[0] == '!';
	json_t *taken = json_array();
	size_t index = 0;
	json_t *row = NULL;

	json_array_foreach(rows, index, row)
	{
		const char *has = json_string_value(json_object_get(row, "status"));
		bool same = has != NULL && strcmp(has, status + but) == 0;
		if (status[0] == 0 || same != but)
			(void)json_array_append(taken, row);
	}
	return taken;
}

static void print_members(json_t *object)
{
	const char *key = NULL;
	json_t *value = NULL;

	json_object_foreach(object, key, value)
	{
		if (json_is_string(value))
			(void)printf("%-22s %s\n", key, json_string_value(value));
		else if (json_is_integer(value))
			(void)printf("%-22s %lld\n", key, (long long)json_integer_value(value));
	}
}

static void print_listing(const struct listing *l, json_t *answer)
{
	size_t columns = 0;

	if (l->member == NULL) {
		print_members(answer);
		return;
	}
	json_t *rows = rows_with(json_object_get(answer, l->member), l->status);
	while (columns < 8 && l->keys[columns] != NULL)
		columns++;
	if (json_array_size(rows) == 0)
		(void)printf("%s\n", l->empty);
	else
		cli_print_table(rows, l->keys, l->titles, columns);
	json_decref(rows);
}

/* Is each word typed the beginning of the form's, as IOS takes them? */
static bool fits(const char *form, int argc, char **argv)
{
	for (int i = optind; i < argc; i++) {
		size_t len = strcspn(form, " ");
		size_t typed = strlen(argv[i]);
		if (typed == 0 || typed > len || strncmp(form, argv[i], typed) != 0)
			return false;
		form += len + (form[len] == ' ');
	}
	return *form == 0;
}

/* The form that fits, whole words before abbreviations; NULL when none does, or several. */
static const struct listing *find_listing(int argc, char **argv)
{
	struct buf words;
	const struct listing *whole = NULL;
	const struct listing *found = NULL;
	size_t count = 0;

	buf_init(&words, 256);
	for (int i = optind; i < argc; i++)
		buf_printf(&words, "%s%s", i > optind ? " " : "", argv[i]);
	for (size_t i = 0; i < LISTINGS; i++) {
		if (strcmp(listings[i].words, buf_cstr(&words)) == 0)
			whole = &listings[i];
		if (!fits(listings[i].words, argc, argv))
			continue;
		found = &listings[i];
		count++;
	}
	buf_done(&words);
	return whole != NULL ? whole : count == 1 ? found : NULL;
}

/* show ephone SEP…: one phone's record. */
static const struct listing *one_phone(int argc, char **argv, char *path, size_t size,
				       struct listing *to)
{
	if (argc - optind != 2 || strcmp(argv[optind], "ephone") != 0 ||
	    strncasecmp(argv[optind + 1], "SEP", 3) != 0)
		return NULL;
	(void)snprintf(path, size, "/v1/phones/%.32s", argv[optind + 1]);
	for (char *p = path + strlen("/v1/phones/"); *p != 0; p++)
		*p = (char)toupper((unsigned char)*p);
	*to = (struct listing){.path = path};
	return to;
}

int cmd_show(int argc, char **argv)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{"socket", required_argument, NULL, 's'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	const char *socket = NULL;
	bool as_json = false;
	int status = 0;

	for (int option; (option = cli_option(argc, argv, options)) != -1;) {
		if (option == 'j')
			as_json = true;
		else if (option == 's')
			socket = optarg;
		else if (option == 'h') {
			print_forms(stdout);
			return 0;
		} else {
			return cli_usage(usage);
		}
	}
	if (optind == argc) {
		print_forms(stdout);
		return 0;
	}
	struct listing phone;
	char path[64];
	const struct listing *l = one_phone(argc, argv, path, sizeof path, &phone);
	if (l == NULL)
		l = find_listing(argc, argv);
	if (l == NULL) {
		(void)fprintf(stderr,
			      "dialtone: show knows no such form, or several. There are:\n");
		print_forms(stderr);
		return EXIT_USAGE;
	}
	json_t *answer = cli_request(cli_socket(socket), "GET", l->path, NULL, &status);
	if (answer == NULL)
		return status;
	if (as_json)
		cli_print_json(answer);
	else
		print_listing(l, answer);
	json_decref(answer);
	return 0;
}
