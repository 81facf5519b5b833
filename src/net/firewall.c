#include "net/firewall.h"

#include "base/error.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_SIZE    32768
#define ATTRIBUTE_HEAD sizeof(struct nlattr)

/* What a chain says of itself. */
struct chain {
	char table[40], name[40];
	bool sees_input, drops;
};

static uint32_t number_of(const struct nlattr *a)
{
	uint32_t value = 0;

	if (a->nla_len >= ATTRIBUTE_HEAD + sizeof value)
		memcpy(&value, (const char *)a + ATTRIBUTE_HEAD, sizeof value);
	return ntohl(value);
}

static void text_of(const struct nlattr *a, char *to, size_t size)
{
	const char *text = (const char *)a + ATTRIBUTE_HEAD;

	(void)text_copy_slice(to, size, slice_of(text, strnlen(text, a->nla_len - ATTRIBUTE_HEAD)));
}

/* The next attribute of so many bytes; NULL at the end, or where they lie. */
static const struct nlattr *next_attribute(const char **at, size_t *left)
{
	const struct nlattr *a = (const void *)*at;

	if (*left < ATTRIBUTE_HEAD || a->nla_len < ATTRIBUTE_HEAD || a->nla_len > *left)
		return NULL;
	size_t len = ((size_t)a->nla_len + 3) & ~(size_t)3;
	len = len < *left ? len : *left;
	*at += len;
	*left -= len;
	return a;
}

static void read_hook(const struct nlattr *hook, struct chain *to)
{
	const char *at = (const char *)hook + ATTRIBUTE_HEAD;
	size_t left = hook->nla_len - ATTRIBUTE_HEAD;

	for (const struct nlattr *a; (a = next_attribute(&at, &left)) != NULL;) {
		if ((a->nla_type & NLA_TYPE_MASK) == NFTA_HOOK_HOOKNUM)
			to->sees_input = number_of(a) == NF_INET_LOCAL_IN;
	}
}

static void read_chain(const struct nlmsghdr *m, struct firewall *to)
{
	const size_t head = NLMSG_LENGTH(sizeof(struct nfgenmsg));
	const char *at = (const char *)m + head;
	size_t left = m->nlmsg_len > head ? m->nlmsg_len - head : 0;
	struct chain chain = {0};

	for (const struct nlattr *a; (a = next_attribute(&at, &left)) != NULL;) {
		switch (a->nla_type & NLA_TYPE_MASK) {
		case NFTA_CHAIN_TABLE:
			text_of(a, chain.table, sizeof chain.table);
			break;
		case NFTA_CHAIN_NAME:
			text_of(a, chain.name, sizeof chain.name);
			break;
		case NFTA_CHAIN_HOOK:
			read_hook(a, &chain);
			break;
		case NFTA_CHAIN_POLICY:
			chain.drops = number_of(a) == NF_DROP;
			break;
		default:
			break;
		}
	}
	if (!chain.sees_input)
		return;
	if (to->chains == 0 || (chain.drops && to->dropping == 0))
		(void)snprintf(to->first, sizeof to->first, "%s %s", chain.table, chain.name);
	to->chains++;
	to->dropping += chain.drops;
}

/* true: that was the end; *ret_error then says how. */
static bool read_answer(const char *bytes, size_t len, struct firewall *to, int *ret_error)
{
	const struct nlmsghdr *m = (const void *)bytes;

	for (; NLMSG_OK(m, len);
	     m = (const void *)((const char *)m + NLMSG_ALIGN(m->nlmsg_len)),
	     len -= NLMSG_ALIGN(m->nlmsg_len) < len ? NLMSG_ALIGN(m->nlmsg_len) : len) {
		if (m->nlmsg_type == NLMSG_DONE)
			return true;
		if (m->nlmsg_type == NLMSG_ERROR) {
			const struct nlmsgerr *e = (const void *)((const char *)m + NLMSG_HDRLEN);
			errno = -e->error;
			*ret_error = errno == EPERM ? E_DENIED : E_SYSTEM;
			return true;
		}
		read_chain(m, to);
	}
	return false;
}

static int ask(int fd)
{
	const struct {
		struct nlmsghdr head;
		struct nfgenmsg body;
	} question = {.head = {.nlmsg_len = sizeof question,
			       .nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN,
			       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		      .body = {.nfgen_family = NFPROTO_UNSPEC, .version = NFNETLINK_V0}};

	return send(fd, &question, sizeof question, 0) == (ssize_t)sizeof question ? 0 : E_SYSTEM;
}

int firewall_look(struct firewall *ret_firewall)
{
	static _Alignas(struct nlmsghdr) char bytes[ANSWER_SIZE]; /* at start, one thread */
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	int error = fd >= 0 ? ask(fd) : E_SYSTEM;
	ssize_t got = 0;

	*ret_firewall = (struct firewall){0};
	while (error == 0 && (got = recv(fd, bytes, sizeof bytes, 0)) > 0) {
		if (read_answer(bytes, (size_t)got, ret_firewall, &error))
			break;
	}
	if (got < 0)
		error = E_SYSTEM;
	if (fd >= 0) {
		int saved = errno;
		(void)close(fd);
		errno = saved;
	}
	return error;
}
