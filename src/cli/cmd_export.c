/* dialtone export dhcp: what a site that keeps its own DHCP server has to tell it, in that
 * server's own language. The words of each are those of its manual. */
#include "cli/cli.h"
#include "cli/export_copy.h"
#include "cli/export_site.h"

#include <getopt.h>
#include <stdio.h>

static const char usage[] = "export dhcp --for dnsmasq|ios|isc|kea|windows [--socket PATH]\n"
			    "       dialtone export copy FILE [--socket PATH]";

static const struct {
	const char *name;
	void (*print)(const struct export_site *site);
} languages[] = {
    {"dnsmasq", export_dnsmasq}, {"ios", export_ios},         {"isc", export_isc},
    {"kea", export_kea},         {"windows", export_windows},
};

static int print_in(size_t language, const char *socket)
{
	int status = EXIT_CANNOT;
	struct export_site *site = export_site_read(socket, &status);

	if (site == NULL)
		return status;
	languages[language].print(site);
	export_site_free(site);
	return 0;
}

int cmd_export(int argc, char **argv)
{
	static const struct option options[] = {{"for", required_argument, NULL, 'f'},
						{"socket", required_argument, NULL, 's'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	const char *language = "";
	const char *socket = NULL;

	for (int option; (option = cli_option(argc, argv, options)) != -1;) {
		if (option == 'f')
			language = optarg;
		else if (option == 's')
			socket = optarg;
		else
			return option == 'h' ? (void)printf("usage: dialtone %s\n", usage),
			       0             : cli_usage(usage);
	}
	if (argc - optind == 2 && strcmp(argv[optind], "copy") == 0)
		return cli_export_copy(argv[optind + 1], cli_socket(socket));
	if (argc - optind != 1 || strcmp(argv[optind], "dhcp") != 0)
		return cli_usage(usage);
	for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
		if (strcmp(languages[i].name, language) == 0)
			return print_in(i, cli_socket(socket));
	}
	return cli_usage(usage);
}
