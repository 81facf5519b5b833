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
	assert_true(explain("10 Mb", "7910"));
	assert_non_null(strstr(buf_cstr(&text), "P-04"));
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
