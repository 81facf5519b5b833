/* From a display's words to causes. */
#include "harness.h"

#include "boot/screen.h"

#include <string.h>

static struct buf text;

static bool explain(const char *words, const char *model)
{
	buf_done(&text);
	buf_init(&text, 1 << 16);
	return screen_explain(words, model, 80, &text);
}

TEST("the words of the display name the likely causes, the next check and the model's keys")
{
	assert_true(explain("Configuring IP", "7941"));
	assert_non_null(strstr(buf_cstr(&text), "D-02"));
	assert_non_null(strstr(buf_cstr(&text), "Check next"));
	assert_non_null(strstr(buf_cstr(&text), "**#"));
	assert_true(explain("registration rejected: security error", ""));
	assert_non_null(strstr(buf_cstr(&text), "S-07"));
	buf_done(&text);
}

TEST("a dark display and the 10 Mb port have their answers")
{
	assert_true(explain("", ""));
	assert_non_null(strstr(buf_cstr(&text), "P-01"));
	assert_true(explain("display dead", "7960"));
	assert_non_null(strstr(buf_cstr(&text), "P-02"));
	assert_non_null(strstr(buf_cstr(&text), "Often: "));
	assert_true(explain("10 Mb", "7910"));
	assert_non_null(strstr(buf_cstr(&text), "P-04"));
	assert_non_null(strstr(buf_cstr(&text), "Settings, 6"));
	buf_done(&text);
}

TEST("every status message of the phones has its answer")
{
	/* The table of the administration guides; those that tell of nothing wrong say so. */
	static const struct {
		const char *words, *wanted;
	} rows[] = {
	    {"BootP timeout", "D-02"},
	    {"Could not acquire an IP address from DHCP", "D-02"},
	    {"Duplicate IP", "D-11"},
	    {"IP address released", "D-18"},
	    {"No default router", "D-16"},
	    {"No DNS server IP", "D-14"},
	    {"DNS unknown host", "R-21"},
	    {"TFTP timeout", "T-02"},
	    {"TFTP access error", "T-11"},
	    {"TFTP error", "T-12"},
	    {"Trust List update failed", "S-01"},
	    {"CTL update failed", "S-03"},
	    {"CTL installed", "nothing to repair"},
	    {"ITL installed", "nothing to repair"},
	    {"Trust List updated", "nothing to repair"},
	    {"Erasing CTL and ITL", "nothing to repair"},
	    {"SEP001380AD9E5F.cnf.xml", "nothing to repair"},
	    {"Timed Out", "V-05"},
	    {"Load ID incorrect", "F-05"},
	    {"Load rejected HC", "F-06"},
	    {"Version error", "F-07"},
	    {"Checksum error", "F-03"},
	    {"CFG TFTP size error", "F-02"},
	    {"CFG file not found", "T-08"},
	    {"File not found SIP41.loads", "F-04"},
	    {"TFTP file not found", "F-04"},
	    {"Error update locale", "F-18"},
	    {"Restart requested by CUCM", "K-08"},
	    {"No Trust List installed", "F-10"},
	    {"Cert key size is not FIPS compliant", "S-10"},
	    {"Phone is not registered", "R-05"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!explain(rows[i].words, "") || strstr(buf_cstr(&text), rows[i].wanted) == NULL)
			fail_msg("\"%s\" is not answered with %s:\n%s", rows[i].words,
				 rows[i].wanted, buf_cstr(&text));
	}
	buf_done(&text);
}

TEST("where DHCP may be at fault, the test without it is told, and that it must be undone")
{
	assert_true(explain("Configuring IP", "7960"));
	assert_non_null(strstr(buf_cstr(&text), "D-20"));
	assert_true(explain("Registering", "7960"));
	assert_null(strstr(buf_cstr(&text), "D-20"));
	buf_done(&text);
}

TEST("words no display says are answered with those that are known")
{
	assert_false(explain("Abracadabra", ""));
	assert_non_null(strstr(buf_cstr(&text), "Configuring CM List"));
	buf_done(&text);
}

TEST("the answer is no wider than the terminal")
{
	static const char *const words[] = {"", "TFTP timeout", "Upgrading", "Opening 10.0.0.1"};
	for (size_t i = 0; i < 4; i++) {
		(void)explain(words[i], i % 2 == 0 ? "8845" : "");
		for (const char *line = buf_cstr(&text); *line != 0;) {
			size_t n = strcspn(line, "\n");
			assert_in_range(n, 0, 80);
			line += n + (line[n] == '\n');
		}
	}
	buf_done(&text);
}
