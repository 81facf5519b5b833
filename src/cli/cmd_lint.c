/* dialtone lint: files that phones and their DHCP servers read, checked before a phone reads them.
 */
#include "base/error.h"
#include "cli/cli.h"
#include "cli/lint_print.h"
#include "cli/lint_read.h"
#include "lint/rulebook.h"
#include "model/phone_type.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#define PAGE_MAX 65536

static const char usage[] =
    "lint FILE… [--model MODEL] [--as KIND] [--all] [--json]\n"
    "       dialtone lint FOLDER [--all] [--json]\n"
    "       dialtone lint --rules | --rule ID\n\n"
    "  FILE          SEP files, XMLDefault, SIPDefault and SIP<MAC>.cnf, dial rules, soft keys,\n"
    "                rings, .loads, OS79XX.TXT; DHCP: dhcpd.conf, dnsmasq, Kea, IOS, Windows\n"
    "  FOLDER        the root of a TFTP server: names, rights and loads too\n"
    "  -             standard input; what it is is found out, or said with --as\n"
    "  --model …     the phone they are for: 7941, SEP files against what it takes\n"
    "  --as KIND     take the file for this, whatever it looks like\n"
    "  --all         remarks too\n"
    "  --json        one object, for programs\n"
    "  --rules       all rules\n"
    "  --rule ID     one rule: why it hurts, how to mend it\n\n"
    "exit status: 0 no error, 1 errors, 2 wrong usage, 3 a file could not be read";

struct lint_order {
	enum lint_kind as;
	uint32_t type;
	bool all, as_json, rules;
	const char *rule;
};

static bool read_model(const char *text, uint32_t *ret_type)
{
	const struct phone_type *type = phone_type_find_model(text);

	*ret_type = type != NULL ? type->number : lint_type_of_model(text);
	if (*ret_type != 0)
		return true;
	(void)fprintf(stderr,
		      "dialtone: no model \"%s\" is known; `dialtone defaults list` names them\n",
		      text);
	return false;
}

static bool read_kind(const char *text, enum lint_kind *ret_kind)
{
	if (lint_kind_find(text, ret_kind))
		return true;
	(void)fprintf(stderr, "dialtone: there is no kind \"%s\"; there are:", text);
	for (size_t i = 1; i < LINT_KINDS; i++)
		(void)fprintf(stderr, " %s", lint_kind_word((enum lint_kind)i));
	(void)fputc('\n', stderr);
	return false;
}

/* false: wrong usage. */
static bool read_order(int argc, char **argv, struct lint_order *order, bool *ret_help)
{
	static const struct option options[] = {
	    {"model", required_argument, NULL, 'm'}, {"as", required_argument, NULL, 'k'},
	    {"all", no_argument, NULL, 'a'},         {"json", no_argument, NULL, 'j'},
	    {"rules", no_argument, NULL, 'l'},       {"rule", required_argument, NULL, 'r'},
	    {"help", no_argument, NULL, 'h'},        {0}};

	for (int option; (option = cli_option(argc, argv, options)) != -1;) {
		switch (option) {
		case 'm':
			if (!read_model(optarg, &order->type))
				return false;
			break;
		case 'k':
			if (!read_kind(optarg, &order->as))
				return false;
			break;
		case 'a':
			order->all = true;
			break;
		case 'j':
			order->as_json = true;
			break;
		case 'l':
			order->rules = true;
			break;
		case 'r':
			order->rule = optarg;
			break;
		case 'h':
			*ret_help = true;
			return true;
		default:
			return false;
		}
	}
	return order->rules || order->rule != NULL ? optind == argc : optind < argc;
}

static int print_rules(const char *id)
{
	enum lint_rule rule = 0;
	struct buf text;

	if (id != NULL && !lint_rule_find(id, &rule)) {
		(void)fprintf(
		    stderr,
		    "dialtone: there is no rule \"%s\"; `dialtone lint --rules` lists them\n", id);
		return EXIT_USAGE;
	}
	buf_init(&text, PAGE_MAX);
	if (id != NULL)
		lint_rulebook_page(rule, cli_width(), &text);
	else
		lint_rulebook_list(cli_width(), &text);
	(void)fwrite(text.ptr, 1, text.len, stdout);
	buf_done(&text);
	return 0;
}

static int check(char **paths, int count, const struct lint_order *order)
{
	struct lint *l = lint_new(order->type);
	int status = 0;

	if (l == NULL) {
		(void)fprintf(stderr, "dialtone: %s\n", error_text(E_NO_MEMORY));
		return EXIT_CANNOT;
	}
	for (int i = 0; i < count; i++) {
		int one = lint_read(l, paths[i], order->as);
		if (one != 0)
			status = one;
	}
	lint_finish(l);
	/* When not a single file could be read, the line that says so is all. */
	size_t errors =
	    status == 0 || lint_files(l) > 1 ? lint_print(l, order->all, order->as_json) : 0;
	if (lint_error(l) != 0) {
		(void)fprintf(stderr, "dialtone: not everything could be told: %s\n",
			      error_text(lint_error(l)));
		status = EXIT_CANNOT;
	}
	lint_free(l);
	return status != 0 ? status : errors > 0 ? EXIT_ANSWER_NO : 0;
}

int cmd_lint(int argc, char **argv)
{
	struct lint_order order = {0};
	bool help = false;

	if (!read_order(argc, argv, &order, &help))
		return cli_usage(usage);
	if (help)
		return (void)printf("usage: dialtone %s\n", usage), 0;
	if (order.rules || order.rule != NULL)
		return print_rules(order.rule);
	return check(argv + optind, argc - optind, &order);
}
