/* Who is on the network and is no phone: laptops, one of them behind the branch's relay, that take
 * an address, keep it, give it back or find it taken; and one who asks for, releases and declines
 * what is other people's. Nothing of theirs is lost on the way: what they are owed they get. */
#include "sim/judge.h"

#define VISIT_EVERY DT_SECONDS(150)
#define WIRE        200 /* µs one way */

enum scene {
	SCENE_LEASE,   /* DISCOVER to ACK, and stays */
	SCENE_RELEASE, /* likewise, and gives it back */
	SCENE_DECLINE, /* likewise, and finds it taken */
	SCENE_INFORM,
	SCENE_STEALS_RELEASE,
	SCENE_STEALS_DECLINE,
	SCENE_STEALS_REQUEST,
	SCENE_BEYOND, /* asks for the address behind the pool's last one */
	SCENE_ANOTHER_SERVER,
	SCENE_ANOTHER_SUBNET,
	SCENE_FILE,
	SCENES,
};

struct mac sim_client_mac(const struct world *w, uint32_t index)
{
	return mac_of_key(index < w->config.phones ? SIM_FIRST_MAC + index
						   : SIM_FIRST_VISITOR + index - w->config.phones);
}

uint32_t sim_client_index(const struct world *w, struct mac mac)
{
	uint64_t key = mac_key(mac);

	if (key >= SIM_FIRST_VISITOR && key - SIM_FIRST_VISITOR < SIM_VISITORS)
		return w->config.phones + (uint32_t)(key - SIM_FIRST_VISITOR);
	return key - SIM_FIRST_MAC < w->config.phones ? (uint32_t)(key - SIM_FIRST_MAC)
						      : SIM_NOBODY;
}

static bool is_in_branch(unsigned visitor)
{
	return visitor == 1;
}

static struct dhcp_message message_of(const struct world *w, unsigned visitor, enum dhcp_type type)
{
	static const uint8_t wanted[] = {1, 3, 6, 15, 66, 150};
	struct dhcp_message m = {
	    .op = 1, .type = type, .chaddr = mac_of_key(SIM_FIRST_VISITOR + visitor)};
	uint8_t client_id[7] = {1};

	m.xid = w->visitor[visitor].xid;
	if (is_in_branch(visitor)) {
		m.giaddr = ip4_of(SIM_BRANCH_ROUTER);
		m.hops = 1;
	}
	memcpy(client_id + 1, m.chaddr.b, 6);
	(void)dhcp_option_add(&m, DHCP_OPTION_CLIENT_ID, slice_of(client_id, sizeof client_id));
	(void)dhcp_option_add_text(&m, DHCP_OPTION_VENDOR_CLASS, "MSFT 5.0");
	if (type != DHCP_RELEASE && type != DHCP_DECLINE)
		(void)dhcp_option_add(&m, DHCP_OPTION_PARAMETERS, slice_of(wanted, sizeof wanted));
	return m;
}

static void send(struct world *w, struct dhcp_message *m)
{
	uint8_t bytes[DHCP_MESSAGE_MAX];
	struct writer to = writer_of(bytes, sizeof bytes);

	/* As a relay does it: circuit 7. */
	if (!ip4_is_zero(m->giaddr))
		(void)dhcp_option_add(m, DHCP_OPTION_RELAY_AGENT, slice_of("\x01\x01\x07", 3));
	if (dhcp_encode(m, &to) != 0)
		return;
	world_push(w, &(struct event){.at = w->now + WIRE,
				      .kind = EVENT_NODE_DATAGRAM,
				      .from = {m->ciaddr, DHCP_CLIENT_PORT},
				      .to = {sim_node_ip(0), DHCP_SERVER_PORT},
				      .len = (uint32_t)writer_done(&to).len,
				      .bytes = bytes});
}

static void send_for(struct world *w, struct dhcp_message *m, struct ip4 wanted, struct ip4 server)
{
	(void)dhcp_option_add_ip(m, DHCP_OPTION_REQUESTED_IP, wanted);
	if (!ip4_is_zero(server))
		(void)dhcp_option_add_ip(m, DHCP_OPTION_SERVER_ID, server);
	send(w, m);
}

/* Some phone's address; zero when it has none. */
static struct ip4 others_ip(struct world *w)
{
	return w->phones[rand_below(&w->rand, w->config.phones)].ip;
}

static void take_address(struct world *w, unsigned visitor)
{
	struct dhcp_message m = message_of(w, visitor, DHCP_DISCOVER);

	m.flags = rand_below(&w->rand, 2) == 0 ? DHCP_FLAG_BROADCAST : 0;
	send(w, &m);
}

static void steal(struct world *w, unsigned visitor, enum scene scene)
{
	struct ip4 ip = others_ip(w);
	struct dhcp_message m = message_of(w, visitor,
					   scene == SCENE_STEALS_RELEASE   ? DHCP_RELEASE
					   : scene == SCENE_STEALS_DECLINE ? DHCP_DECLINE
									   : DHCP_REQUEST);

	if (ip4_is_zero(ip))
		return;
	if (scene == SCENE_STEALS_RELEASE)
		m.ciaddr = ip;
	if (scene == SCENE_STEALS_RELEASE)
		(void)dhcp_option_add_ip(&m, DHCP_OPTION_SERVER_ID, sim_node_ip(0));
	if (scene == SCENE_STEALS_RELEASE)
		send(w, &m);
	else
		send_for(w, &m, ip, scene == SCENE_STEALS_DECLINE ? sim_node_ip(0) : ip4_of(0));
}

static void play(struct world *w, unsigned visitor, enum scene scene)
{
	struct dhcp_message m = message_of(w, visitor, DHCP_REQUEST);
	uint32_t beyond = ip4_number(w->disk.settings.pool_last) + 1;

	switch (scene) {
	case SCENE_LEASE:
	case SCENE_RELEASE:
	case SCENE_DECLINE:
		take_address(w, visitor);
		break;
	case SCENE_INFORM:
		m = message_of(w, visitor, DHCP_INFORM);
		m.ciaddr = ip4_of(SIM_SERVER_IP + 230 + visitor);
		send(w, &m);
		break;
	case SCENE_STEALS_RELEASE:
	case SCENE_STEALS_DECLINE:
	case SCENE_STEALS_REQUEST:
		steal(w, visitor, scene);
		break;
	case SCENE_BEYOND:
		send_for(w, &m, ip4_of(beyond), ip4_of(0));
		break;
	case SCENE_ANOTHER_SERVER:
		send_for(w, &m, w->disk.settings.pool_last, ip4_of(SIM_SERVER_IP + 9));
		break;
	case SCENE_ANOTHER_SUBNET:
		m = message_of(w, visitor, DHCP_DISCOVER);
		m.giaddr = ip4_of(0x0a630001);
		send(w, &m);
		break;
	case SCENE_FILE:
		visitor_reads(w, visitor);
		break;
	case SCENES:
		break;
	}
}

void visitors_start(struct world *w)
{
	if (!w->config.faults->tight_pool)
		world_again(w, EVENT_VISIT, VISIT_EVERY);
}

void visitors_visit(struct world *w, uint32_t again)
{
	unsigned visitor = (unsigned)rand_below(&w->rand, SIM_VISITORS);
	struct visitor *v = &w->visitor[visitor];
	enum scene scene = (enum scene)rand_below(&w->rand, SCENES);

	/* Who found its address taken asks for another one: not for that. */
	if (again != 0) {
		visitor = again - 1;
		v = &w->visitor[visitor];
		scene = SCENE_RELEASE;
	} else {
		world_again(w, EVENT_VISIT, VISIT_EVERY);
	}
	/* What is found taken lies idle for an hour: not more than there are. */
	if (scene == SCENE_DECLINE && w->now - v->declined_at < DT_SECONDS(4000))
		scene = SCENE_RELEASE;
	v->scene = scene;
	v->xid = (uint32_t)rand_next(&w->rand);
	play(w, visitor, scene);
}

static void on_ack(struct world *w, unsigned visitor, struct ip4 ip)
{
	struct visitor *v = &w->visitor[visitor];
	struct dhcp_message m =
	    message_of(w, visitor, v->scene == SCENE_DECLINE ? DHCP_DECLINE : DHCP_RELEASE);

	if (v->scene == SCENE_DECLINE) {
		v->declined_at = w->now;
		send_for(w, &m, ip, sim_node_ip(0));
		world_push(w, &(struct event){.at = w->now + DT_SECONDS(10),
					      .kind = EVENT_VISIT,
					      .who = visitor + 1});
	} else if (v->scene == SCENE_RELEASE) {
		m.ciaddr = ip;
		m.flags = 0;
		(void)dhcp_option_add_ip(&m, DHCP_OPTION_SERVER_ID, sim_node_ip(0));
		send(w, &m);
	}
}

void visitors_dhcp(struct world *w, unsigned visitor, const struct dhcp_message *m)
{
	struct visitor *v = &w->visitor[visitor];
	struct dhcp_message request = message_of(w, visitor, DHCP_REQUEST);

	if (m->xid != v->xid || v->scene > SCENE_DECLINE)
		return;
	if (m->type == DHCP_OFFER)
		send_for(w, &request, m->yiaddr, sim_node_ip(0));
	else if (m->type == DHCP_ACK)
		on_ack(w, visitor, m->yiaddr);
}
