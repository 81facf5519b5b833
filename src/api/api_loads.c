/* The loads that records name: whether a phone that is sent to one would get all of it. */
#include "api/api_internal.h"

static void add(void *context, const struct load_report *r, const char *named_by)
{
	json_t *loads = context;

	(void)json_array_append_new(loads, json_pack("{s:s, s:b, s:s, s:s, s:s}", "load", r->load,
						     "whole", r->state == LOAD_WHOLE, "state",
						     load_state_text(r->state), "member", r->member,
						     "named_by", named_by));
}

void api_loads_list(const struct api_site *site, const struct api_request *request,
		    const char *name, struct api_reply *reply)
{
	json_t *loads = json_array();

	(void)request;
	(void)name;
	if (site->files != NULL)
		files_each_load(site->files, add, loads);
	api_answer(reply, 200, json_pack("{s:o}", "loads", loads));
}
