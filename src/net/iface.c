#include "net/iface.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static void take_address(const struct ifaddrs *a, struct iface *to)
{
	to->up = (a->ifa_flags & IFF_UP) != 0;
	to->loopback = (a->ifa_flags & IFF_LOOPBACK) != 0;
	if (a->ifa_addr == NULL)
		return;
	if (a->ifa_addr->sa_family == AF_INET && ip4_is_zero(to->ip) && a->ifa_netmask != NULL) {
		struct sockaddr_in in;
		memcpy(&in, a->ifa_addr, sizeof in);
		memcpy(to->ip.b, &in.sin_addr, 4);
		memcpy(&in, a->ifa_netmask, sizeof in);
		memcpy(to->mask.b, &in.sin_addr, 4);
	} else if (a->ifa_addr->sa_family == AF_PACKET) {
		struct sockaddr_ll ll;
		memcpy(&ll, a->ifa_addr, sizeof ll);
		if (ll.sll_halen == 6)
			memcpy(to->mac.b, ll.sll_addr, 6);
	}
}

int iface_find(const char *name, struct iface *ret_iface)
{
	struct iface found = {.index = if_nametoindex(name)};
	struct ifaddrs *all = NULL;

	if (found.index == 0 || !text_copy(found.name, sizeof found.name, name) ||
	    getifaddrs(&all) != 0)
		return E_UNKNOWN;
	for (const struct ifaddrs *a = all; a != NULL; a = a->ifa_next) {
		if (strcmp(a->ifa_name, name) == 0)
			take_address(a, &found);
	}
	freeifaddrs(all);
	*ret_iface = found;
	return 0;
}

int iface_only(struct iface *ret_iface)
{
	struct ifaddrs *all = NULL;
	struct iface found = {.index = 0};
	int count = 0;

	if (getifaddrs(&all) != 0)
		return E_UNKNOWN;
	for (const struct ifaddrs *a = all; a != NULL; a = a->ifa_next) {
		bool usable = (a->ifa_flags & IFF_UP) != 0 && (a->ifa_flags & IFF_LOOPBACK) == 0 &&
			      a->ifa_addr != NULL && a->ifa_addr->sa_family == AF_INET;
		if (usable && (count == 0 || strcmp(found.name, a->ifa_name) != 0) &&
		    iface_find(a->ifa_name, &found) == 0)
			count++;
	}
	freeifaddrs(all);
	if (count == 1)
		*ret_iface = found;
	return count == 1 ? 0 : count == 0 ? E_UNKNOWN : E_BAD_VALUE;
}

struct route_request {
	struct nlmsghdr header;
	struct rtmsg route;
	uint8_t attributes[32];
};

static void add_attribute(struct route_request *r, unsigned short type, const void *value,
			  unsigned short len)
{
	struct rtattr a = {.rta_len = (unsigned short)RTA_LENGTH(len), .rta_type = type};
	size_t at = r->header.nlmsg_len - offsetof(struct route_request, attributes);

	memcpy(r->attributes + at, &a, sizeof a);
	memcpy(r->attributes + at + sizeof a, value, len);
	r->header.nlmsg_len += RTA_ALIGN(a.rta_len);
}

/* Sends one request and reads its acknowledgement. 0 or a negative errno. */
static int ask_kernel(const struct route_request *r)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		uint8_t rest[256];
	} answer = {0};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int result = -EIO;

	if (fd < 0)
		return -errno;
	if (sendto(fd, r, r->header.nlmsg_len, 0, (const struct sockaddr *)&kernel, sizeof kernel) <
		0 ||
	    recv(fd, &answer, sizeof answer, 0) < 0)
		result = -errno;
	else if (answer.header.nlmsg_type == NLMSG_ERROR)
		result = answer.error.error;
	(void)close(fd);
	return result;
}

int iface_local_route(uint32_t index, struct ip4 ip, bool add)
{
	struct route_request r = {
	    .header = {.nlmsg_len = offsetof(struct route_request, attributes),
		       .nlmsg_type = add ? RTM_NEWROUTE : RTM_DELROUTE,
		       .nlmsg_flags = (unsigned short)(NLM_F_REQUEST | NLM_F_ACK |
						       (add ? NLM_F_CREATE | NLM_F_REPLACE : 0))},
	    .route = {.rtm_family = AF_INET,
		      .rtm_dst_len = 32,
		      .rtm_table = RT_TABLE_LOCAL,
		      .rtm_protocol = RTPROT_STATIC,
		      .rtm_scope = RT_SCOPE_HOST,
		      .rtm_type = RTN_LOCAL},
	};

	add_attribute(&r, RTA_DST, ip.b, sizeof ip.b);
	add_attribute(&r, RTA_OIF, &index, sizeof index);
	int error = ask_kernel(&r);
	if (error == 0)
		return 0;
	errno = -error;
	return error == -EPERM || error == -EACCES ? E_DENIED : E_SYSTEM;
}
