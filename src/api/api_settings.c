/* The settings of the node, to be read: what a site that keeps its own DHCP server has to repeat
 * there. */
#include "api/api_internal.h"

static void put_ip(json_t *json, const char *key, struct ip4 ip)
{
	char text[IP4_TEXT_SIZE];

	(void)json_object_set_new(json, key,
				  json_string(ip4_is_zero(ip) ? "" : ip4_format(ip, text)));
}

void api_settings_get(const struct api_site *site, const struct api_request *request,
		      const char *name, struct api_reply *reply)
{
	const struct settings *s = reg_settings(site->reg);
	json_t *json = json_object();

	(void)request;
	(void)name;
	put_ip(json, "server_ip", s->server_ip);
	put_ip(json, "callmanager_ip",
	       ip4_is_zero(s->callmanager_ip) ? s->server_ip : s->callmanager_ip);
	put_ip(json, "subnet", s->subnet);
	put_ip(json, "netmask", s->netmask);
	put_ip(json, "pool_first", s->pool_first);
	put_ip(json, "pool_last", s->pool_last);
	put_ip(json, "router", s->router);
	put_ip(json, "dns", s->dns);
	(void)json_object_set_new(json, "domain", json_string(s->domain));
	(void)json_object_set_new(json, "lease_s", json_integer(s->lease_s));
	(void)json_object_set_new(json, "keepalive_s", json_integer(s->keepalive_s));
	api_answer(reply, 200, json);
}
