/* What became of a fleet: the curve of phones up, the steps' times, what was sent again, and why
 * those that did not come up did not. */
#include "cli/cmd_fleet.h"

#include "base/error.h"
#include "base/text.h"

#include <stdio.h>

#define CURVE_ROWS 16 /* of the terminal's */

void fleet_print_progress(void *context, const struct fleet_report *r)
{
	(void)context;
	(void)fprintf(stderr, "\r\033[K%u of %u registered", r->registered, r->phones);
	for (unsigned state = PHONE_STARTING; state <= PHONE_REJECTED; state++) {
		if (state != PHONE_REGISTERED && r->in_state[state] > 0)
			(void)fprintf(stderr, ", %u %s", r->in_state[state],
				      phone_state_text((enum phone_state)state));
	}
	(void)fflush(stderr);
}

static void print_curve(const struct fleet_report *r)
{
	unsigned end = r->curve_count;
	unsigned rows = end < CURVE_ROWS ? end : CURVE_ROWS;
	unsigned width = cli_width() > 40 ? cli_width() - 34 : 10;

	if (end == 0)
		return;
	(void)printf("\nphones up\n");
	for (unsigned row = 1; row <= rows; row++) {
		unsigned at = (unsigned)((uint64_t)end * row / rows) - 1;
		int32_t up = r->curve[at] > 0 ? r->curve[at] : 0;
		unsigned bar = (unsigned)((uint64_t)width * (unsigned)up / r->phones);
		(void)printf("%9.1f s %9d  ", (double)(at + 1) * FLEET_CURVE_US / 1e6, up);
		for (unsigned i = 0; i < bar && i < width; i++)
			(void)fputs("#", stdout);
		(void)fputs("\n", stdout);
	}
}

static void print_steps(const struct fleet_report *r)
{
	bool any = false;

	for (unsigned i = 0; i < FLEET_STEP_COUNT; i++) {
		const struct fleet_times *t = &r->step[i];
		if (t->count > 0 && !any)
			(void)printf("\n%-14s %8s %10s %10s %10s\n", "step", "phones", "p50", "p99",
				     "longest");
		any = any || t->count > 0;
		if (t->count > 0)
			(void)printf("%-14s %8u %8.3f s %8.3f s %8.3f s\n", fleet_step_names[i],
				     t->count, (double)t->p50 / 1e6, (double)t->p99 / 1e6,
				     (double)t->max / 1e6);
	}
}

static void add_reason(struct fleet_stuck *s, unsigned state, const char *text)
{
	unsigned k = 0;

	if (text[0] == 0)
		return;
	while (k < s->count &&
	       (s->reason[k].state != state || strcmp(s->reason[k].text, text) != 0))
		k++;
	if (k == FLEET_REASONS_MAX)
		return;
	if (k == s->count)
		s->count++;
	s->reason[k].state = state;
	s->reason[k].text = text;
	s->reason[k].phones++;
}

struct fleet_stuck fleet_count_stuck(const struct fleet_report *r)
{
	struct fleet_stuck s = {.count = 0};

	for (unsigned i = 0; i < r->phones; i++) {
		const struct fleet_record *p = &r->records[i];
		if (p->state == PHONE_REGISTERED || p->state > PHONE_REJECTED)
			continue;
		s.phones[p->state]++;
		if (p->state == PHONE_REJECTED && p->explanation[0] == 0)
			add_reason(&s, p->state, p->last_reject);
		else
			add_reason(&s, p->state, p->explanation);
	}
	return s;
}

static void print_stuck(const struct fleet_report *r)
{
	struct fleet_stuck s = fleet_count_stuck(r);
	struct buf line;

	buf_init(&line, 4096);
	for (unsigned state = 0; state <= PHONE_REJECTED; state++) {
		if (s.phones[state] == 0)
			continue;
		(void)printf("\n%u phones: %s\n", s.phones[state],
			     phone_state_text((enum phone_state)state));
		for (unsigned k = 0; k < s.count; k++) {
			if (s.reason[k].state != state)
				continue;
			buf_clear(&line);
			text_escape_terminal(&line, slice_text(s.reason[k].text));
			(void)printf("%9u  %s\n", s.reason[k].phones, buf_cstr(&line));
		}
	}
	buf_done(&line);
}

static void print_tags(const struct fleet_report *r)
{
	if (r->tagged > 0)
		(void)printf("%u phones were given a voice VLAN by their switch%s\n", r->tagged,
			     r->tag_error == 0 ? "" : ", but their frames went untagged:");
	if (r->tag_error == E_DENIED || r->tag_error == E_UNKNOWN)
		(void)printf("tagging takes root and /dev/net/tun\n");
	else if (r->tag_error != 0)
		(void)printf("%s\n", error_text(r->tag_error));
}

void fleet_print_report(const struct fleet_options *options, const struct fleet_report *r)
{
	if (options->on_progress != NULL)
		(void)fputs("\r\033[K", stderr);
	(void)printf("%u phones: %u registered, %u rejected, %u on their way", r->phones,
		     r->registered, r->rejected, r->phones - r->registered - r->rejected);
	if (r->ever > 0)
		(void)printf("; the last came up after %.2f s", (double)r->last_up / 1e6);
	if (options->until == FLEET_UNTIL_DIAL_TONE)
		(void)printf("; %u had dial tone", r->dial_tones);
	(void)printf("\n");
	if (!r->heard)
		(void)printf("no server answered anything\n");
	else if (r->gave_up)
		(void)printf("given up: nothing came nearer for %.0f s\n",
			     (double)options->give_up / 1e6);
	print_tags(r);
	if (options->phones > 1) {
		print_curve(r);
		print_steps(r);
		(void)printf("\n%llu keepalives, %llu answered\nsent again: %llu DHCP, %llu file "
			     "requests and blocks; %llu failovers, "
			     "%llu tokens refused, %llu power cycles\n"
			     "a phone cost %.3f ms of processor time and %.1f KiB\n",
			     (unsigned long long)r->keepalives, (unsigned long long)r->answered,
			     (unsigned long long)r->resent_dhcp,
			     (unsigned long long)r->resent_files, (unsigned long long)r->failovers,
			     (unsigned long long)r->tokens_rejected,
			     (unsigned long long)r->power_cycles, r->cpu_us / 1000,
			     (double)r->memory / 1024);
	}
	print_stuck(r);
}

static json_t *json_steps(const struct fleet_report *r)
{
	json_t *steps = json_object();

	for (unsigned i = 0; i < FLEET_STEP_COUNT; i++) {
		const struct fleet_times *t = &r->step[i];
		(void)json_object_set_new(steps, fleet_step_names[i],
					  json_pack("{s:i, s:f, s:f, s:f}", "phones", (int)t->count,
						    "p50_s", (double)t->p50 / 1e6, "p99_s",
						    (double)t->p99 / 1e6, "max_s",
						    (double)t->max / 1e6));
	}
	return steps;
}

static json_t *json_curve(const struct fleet_report *r)
{
	json_t *curve = json_array();
	int32_t before = 0;

	/* A point where something changed, and the last. */
	for (unsigned i = 0; i < r->curve_count; i++) {
		if (r->curve[i] == before && i + 1 < r->curve_count)
			continue;
		before = r->curve[i];
		(void)json_array_append_new(
		    curve,
		    json_pack("[f, i]", (double)(i + 1) * FLEET_CURVE_US / 1e6, (int)before));
	}
	return curve;
}

static json_t *json_stuck(const struct fleet_report *r)
{
	struct fleet_stuck s = fleet_count_stuck(r);
	json_t *list = json_array();

	for (unsigned state = 0; state <= PHONE_REJECTED; state++) {
		if (s.phones[state] == 0)
			continue;
		json_t *why = json_array();
		for (unsigned k = 0; k < s.count; k++) {
			if (s.reason[k].state == state)
				(void)json_array_append_new(
				    why, json_pack("{s:i, s:s}", "phones", (int)s.reason[k].phones,
						   "why", s.reason[k].text));
		}
		(void)json_array_append_new(
		    list,
		    json_pack("{s:s, s:i, s:o}", "state", phone_state_text((enum phone_state)state),
			      "phones", (int)s.phones[state], "explained", why));
	}
	return list;
}

void fleet_print_json(const struct fleet_options *options, const struct fleet_report *r)
{
	json_t *json = json_pack(
	    "{s:i, s:i, s:i, s:i, s:i, s:i, s:f, s:f, s:b, s:b}", "phones", (int)r->phones,
	    "registered", (int)r->registered, "ever_registered", (int)r->ever, "rejected",
	    (int)r->rejected, "waiting", (int)(r->phones - r->registered - r->rejected),
	    "dial_tones", (int)r->dial_tones, "last_registered_s", (double)r->last_up / 1e6,
	    "ran_s", (double)r->ran / 1e6, "answered", (int)r->heard, "gave_up", (int)r->gave_up);

	(void)json_object_update_new(
	    json,
	    json_pack("{s:I, s:I, s:I, s:I, s:I, s:f, s:I, s:I}", "resent_dhcp",
		      (json_int_t)r->resent_dhcp, "resent_files", (json_int_t)r->resent_files,
		      "failovers", (json_int_t)r->failovers, "tokens_rejected",
		      (json_int_t)r->tokens_rejected, "power_cycles", (json_int_t)r->power_cycles,
		      "cpu_ms_a_phone", r->cpu_us / 1000, "bytes_a_phone", (json_int_t)r->memory,
		      "seed", (json_int_t)options->seed));
	(void)json_object_update_new(json,
				     json_pack("{s:i, s:I, s:I}", "voice_vlan", (int)r->tagged,
					       "keepalives", (json_int_t)r->keepalives,
					       "keepalives_answered", (json_int_t)r->answered));
	(void)json_object_set_new(json, "steps", json_steps(r));
	(void)json_object_set_new(json, "curve", json_curve(r));
	(void)json_object_set_new(json, "not_registered", json_stuck(r));
	cli_print_json(json);
	json_decref(json);
}
