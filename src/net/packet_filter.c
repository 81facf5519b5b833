/* The kernel-side filters, in classic BPF. Offsets count from the network header
 * (SKF_NET_OFF), so that a program fits Ethernet and everything else. Jumps are written to labels
 * and resolved at the end, since a classic jump is a distance. */
#include "net/packet_internal.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>

enum label {
	NEXT,
	ACCEPT,
	DROP,
	TCP,
	TCP_PORT,
	PORT,
	UDP,
	TFTP,
	LABELS,
};

#define NET(at) ((uint32_t)(SKF_NET_OFF + (at)))

struct assembler {
	struct sock_filter *program;
	uint8_t yes[PACKET_PROGRAM_MAX], no[PACKET_PROGRAM_MAX];
	uint8_t place[LABELS];
	unsigned len;
};

static void op(struct assembler *a, unsigned code, uint32_t k)
{
	a->program[a->len] = (struct sock_filter){.code = (uint16_t)code, .k = k};
	a->yes[a->len] = a->no[a->len] = NEXT;
	a->len++;
}

static void jump(struct assembler *a, unsigned code, uint32_t k, enum label yes, enum label no)
{
	op(a, BPF_JMP | code | BPF_K, k);
	a->yes[a->len - 1] = (uint8_t)yes;
	a->no[a->len - 1] = (uint8_t)no;
}

static void here(struct assembler *a, enum label label)
{
	a->place[label] = (uint8_t)a->len;
}

static void resolve(struct assembler *a)
{
	for (unsigned i = 0; i < a->len; i++) {
		struct sock_filter *f = &a->program[i];
		if (BPF_CLASS(f->code) != BPF_JMP)
			continue;
		f->jt = (uint8_t)(a->yes[i] != NEXT ? a->place[a->yes[i]] - i - 1 : 0);
		f->jf = (uint8_t)(a->no[i] != NEXT ? a->place[a->no[i]] - i - 1 : 0);
	}
}

static void tcp(struct assembler *a, uint16_t port)
{
	here(a, TCP);
	op(a, BPF_LDX | BPF_B | BPF_MSH, NET(0));
	op(a, BPF_LD | BPF_H | BPF_IND, NET(0));
	jump(a, BPF_JEQ, port, TCP_PORT, NEXT);
	op(a, BPF_LD | BPF_H | BPF_IND, NET(2));
	jump(a, BPF_JEQ, port, TCP_PORT, DROP);
	here(a, TCP_PORT);
	op(a, BPF_LD | BPF_B | BPF_IND, NET(13));
	jump(a, BPF_JSET, 0x07, ACCEPT, DROP); /* FIN, SYN, RST */
}

/* Names and time, whichever way; and files asked of another server. */
static void udp_beside(struct assembler *a, struct ip4 own)
{
	here(a, UDP);
	op(a, BPF_LD | BPF_H | BPF_ABS, NET(6));
	jump(a, BPF_JSET, 0x1fff, DROP, NEXT);
	op(a, BPF_LDX | BPF_B | BPF_MSH, NET(0));
	op(a, BPF_LD | BPF_H | BPF_IND, NET(0));
	jump(a, BPF_JEQ, 53, ACCEPT, NEXT);
	jump(a, BPF_JEQ, 123, ACCEPT, NEXT);
	op(a, BPF_LD | BPF_H | BPF_IND, NET(2));
	jump(a, BPF_JEQ, 53, ACCEPT, NEXT);
	jump(a, BPF_JEQ, 123, ACCEPT, NEXT);
	jump(a, BPF_JEQ, 69, TFTP, DROP);
	here(a, TFTP);
	op(a, BPF_LD | BPF_W | BPF_ABS, NET(16)); /* whom it asks, which may be behind this host */
	jump(a, BPF_JEQ, ip4_number(own), DROP, ACCEPT);
}

static void finish(struct assembler *a)
{
	here(a, ACCEPT);
	op(a, BPF_RET | BPF_K, UINT32_MAX);
	here(a, DROP);
	op(a, BPF_RET | BPF_K, 0);
	resolve(a);
}

/* Leaves the destination port in A and the IP header's length in X. */
static void udp_port(struct assembler *a)
{
	op(a, BPF_LD | BPF_H | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL));
	jump(a, BPF_JEQ, ETH_P_IP, NEXT, DROP);
	op(a, BPF_LD | BPF_B | BPF_ABS, NET(9));
	jump(a, BPF_JEQ, IPPROTO_UDP, NEXT, DROP);
	op(a, BPF_LD | BPF_H | BPF_ABS, NET(6)); /* a later fragment shows no ports */
	jump(a, BPF_JSET, 0x1fff, DROP, NEXT);
	op(a, BPF_LDX | BPF_B | BPF_MSH, NET(0));
	op(a, BPF_LD | BPF_H | BPF_IND, NET(2));
}

unsigned packet_filter_dhcp(struct sock_filter program[static PACKET_PROGRAM_MAX])
{
	struct assembler a = {.program = program};

	udp_port(&a);
	jump(&a, BPF_JEQ, 67, ACCEPT, NEXT);
	jump(&a, BPF_JEQ, 68, ACCEPT, DROP);
	finish(&a);
	return a.len;
}

unsigned packet_filter_dhcp_replies(struct sock_filter program[static PACKET_PROGRAM_MAX])
{
	struct assembler a = {.program = program};

	op(&a, BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE));
	jump(&a, BPF_JEQ, PACKET_OUTGOING, DROP, NEXT);
	udp_port(&a);
	jump(&a, BPF_JEQ, 67, PORT, NEXT);
	jump(&a, BPF_JEQ, 68, PORT, DROP);
	here(&a, PORT);
	op(&a, BPF_LD | BPF_B | BPF_IND, NET(8)); /* op */
	jump(&a, BPF_JEQ, 2, ACCEPT, DROP);
	finish(&a);
	return a.len;
}

unsigned packet_filter_tcp_ends(uint16_t port, struct ip4 own,
				struct sock_filter program[static PACKET_PROGRAM_MAX])
{
	struct assembler a = {.program = program};

	op(&a, BPF_LD | BPF_H | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL));
	jump(&a, BPF_JEQ, ETH_P_IP, NEXT, DROP);
	op(&a, BPF_LD | BPF_B | BPF_ABS, NET(9));
	jump(&a, BPF_JEQ, IPPROTO_ICMP, ACCEPT, NEXT);
	jump(&a, BPF_JEQ, IPPROTO_UDP, UDP, NEXT);
	jump(&a, BPF_JEQ, IPPROTO_TCP, NEXT, DROP);
	op(&a, BPF_LD | BPF_H | BPF_ABS, NET(6)); /* a later fragment shows no ports */
	jump(&a, BPF_JSET, 0x1fff, DROP, TCP);
	tcp(&a, port);
	udp_beside(&a, own);
	finish(&a);
	return a.len;
}

unsigned packet_filter_tagged(struct sock_filter program[static PACKET_PROGRAM_MAX])
{
	struct assembler a = {.program = program};

	op(&a, BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE));
	jump(&a, BPF_JEQ, PACKET_OUTGOING, DROP, NEXT);
	op(&a, BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT));
	jump(&a, BPF_JEQ, 0, DROP, ACCEPT);
	finish(&a);
	return a.len;
}
