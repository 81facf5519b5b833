/* What explain answers without a capture or a server: a rule's page, and a display's words. */
#include "boot/rulebook.h"
#include "boot/screen.h"
#include "cli/cli.h"
#include "cli/explain_pages.h"

#include <stdio.h>

#define PAGE_MAX 65536

int explain_rule(const char *id)
{
	enum rule rule;
	struct buf text;

	if (!rule_find(id, &rule)) {
		(void)fprintf(stderr,
			      "dialtone: there is no rule \"%s\"; they are listed in "
			      "dialtone-faults(7)\n",
			      id);
		return EXIT_USAGE;
	}
	buf_init(&text, PAGE_MAX);
	rulebook_page(rule, cli_width(), &text);
	(void)fwrite(text.ptr, 1, text.len, stdout);
	buf_done(&text);
	return 0;
}

int explain_screen(const char *words, const char *model)
{
	struct buf text;

	buf_init(&text, PAGE_MAX);
	bool known = screen_explain(words, model != NULL ? model : "", cli_width(), &text);
	(void)fwrite(text.ptr, 1, text.len, stdout);
	buf_done(&text);
	return known ? 0 : EXIT_ANSWER_NO;
}
