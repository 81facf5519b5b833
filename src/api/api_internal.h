/* What the files of api/ share: one handler a route, and JSON answers. */
#ifndef DIALTONE_API_API_INTERNAL_H
#define DIALTONE_API_API_INTERNAL_H

#include "api/api.h"

#include <jansson.h>

typedef void (*api_handler_fn)(const struct api_site *site, const struct api_request *request,
			       const char *name, struct api_reply *reply);

/* Answers with a JSON value and takes its reference; NULL (out of memory while building) answers
 * 500. */
void api_answer(struct api_reply *reply, unsigned status, json_t *json);
/* {"error": sentence} */
void api_refuse(struct api_reply *reply, unsigned status, const char *sentence);
/* Refuses with what an E_… of the registrar means; `why` may be NULL. */
void api_refuse_error(struct api_reply *reply, int error, const char *why);
/* The body as a JSON object, or NULL after refusing. */
json_t *api_body_object(const struct api_request *request, struct api_reply *reply);
/* The value of a query parameter, "" when absent. Not decoded: ours are plain words and numbers. */
void api_query_value(const struct api_request *request, const char *key, char *to, size_t size);
/* The reply waits for this ticket. */
void api_wait(struct api_reply *reply, uint64_t ticket, unsigned status_when_done,
	      const char *name);

/* api_fields.c: a record's fields into an object, and an object's members into a record. Members
 * that are no field, or that the server keeps itself, are refused: false then, with the reply made.
 */
void api_fields_put(json_t *object, enum record_kind kind, const void *record);
bool api_fields_take(json_t *body, enum record_kind kind, void *record, struct api_reply *reply);
json_t *api_record_json(enum record_kind kind, const union record *record);
/* Answers when the path is one of a kind of records; false when it is not. */
bool api_records_route(const struct api_site *site, const struct api_request *request,
		       struct api_reply *reply);
/* A phone by device name or by anything that is a MAC. */
bool api_find_mac(const char *name, struct mac *ret_mac);
json_t *api_phone_json(const struct api_site *site, const struct device *device);
json_t *api_autoreg_json(const struct api_site *site);

void api_phones_list(const struct api_site *, const struct api_request *, const char *,
		     struct api_reply *);
void api_phones_add(const struct api_site *, const struct api_request *, const char *,
		    struct api_reply *);
void api_phone_get(const struct api_site *, const struct api_request *, const char *,
		   struct api_reply *);
void api_phone_set(const struct api_site *, const struct api_request *, const char *,
		   struct api_reply *);
void api_phone_delete(const struct api_site *, const struct api_request *, const char *,
		      struct api_reply *);
void api_phone_reset(const struct api_site *, const struct api_request *, const char *,
		     struct api_reply *);
void api_autoreg_get(const struct api_site *, const struct api_request *, const char *,
		     struct api_reply *);
void api_autoreg_put(const struct api_site *, const struct api_request *, const char *,
		     struct api_reply *);
void api_leases_list(const struct api_site *, const struct api_request *, const char *,
		     struct api_reply *);
void api_boots_list(const struct api_site *, const struct api_request *, const char *,
		    struct api_reply *);
void api_boots_get(const struct api_site *, const struct api_request *, const char *,
		   struct api_reply *);
void api_facts_get(const struct api_site *, const struct api_request *, const char *,
		   struct api_reply *);
void api_history_get(const struct api_site *, const struct api_request *, const char *,
		     struct api_reply *);
void api_knocking_list(const struct api_site *, const struct api_request *, const char *,
		       struct api_reply *);
void api_settings_get(const struct api_site *, const struct api_request *, const char *,
		      struct api_reply *);
void api_phone_replace(const struct api_site *, const struct api_request *, const char *,
		       struct api_reply *);
void api_loads_list(const struct api_site *, const struct api_request *, const char *,
		    struct api_reply *);
void api_perf_get(const struct api_site *, const struct api_request *, const char *,
		  struct api_reply *);
void api_openapi_get(const struct api_site *, const struct api_request *, const char *,
		     struct api_reply *);
void api_node_get(const struct api_site *, const struct api_request *, const char *,
		  struct api_reply *);

#endif
