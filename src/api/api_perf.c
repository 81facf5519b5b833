/* Performance counters, by object. */
#include "api/api_internal.h"

static json_t *object_json(const struct perf *perf, enum perf_object object)
{
	json_t *counters = json_array();

	for (int i = 0; i < PERF_COUNTERS; i++) {
		const struct perf_row *row = perf_row((enum perf_counter)i);
		if (row->object != object)
			continue;
		(void)json_array_append_new(counters,
					    json_pack("{s:s, s:s, s:I}", "name", row->name, "kind",
						      row->gauge ? "gauge" : "count", "value",
						      (json_int_t)perf->value[i]));
	}
	return json_pack("{s:s, s:o}", "name", perf_object_name(object), "counters", counters);
}

void api_perf_get(const struct api_site *site, const struct api_request *request, const char *name,
		  struct api_reply *reply)
{
	json_t *objects = json_array();

	(void)request;
	(void)name;
	for (int i = 0; i < PERF_OBJECTS; i++)
		(void)json_array_append_new(objects, object_json(site->perf, (enum perf_object)i));
	api_answer(reply, 200, json_pack("{s:o}", "objects", objects));
}
