/* dialtone doctor: this host, before the first phone is plugged in. Changes nothing; asks the wire
 * who answers DHCP. */
#include "cli/doctor.h"

#include "base/rand.h"
#include "net/packet.h"
#include "net/tcp.h"
#include "net/udp.h"
#include "proto/dhcp/dhcp.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define SERVERS_MAX 8
#define ASK_AGAIN   DT_SECONDS(1)
#define ASKS        3

static const char usage[] =
    "doctor [--interface IF] [--database FILE] [--files DIR] [--json] [--socket PATH]";

void doctor_tell(struct doctor *d, enum doctor_state state, const char *what, const char *remedy,
		 const char *format, ...)
{
	static const char *const words[] = {"ok", "look", "WRONG"};
	char text[256];
	va_list args;

	va_start(args, format);
	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, one line above
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	d->worst = state > d->worst ? state : d->worst;
	(void)json_array_append_new(d->findings,
				    json_pack("{s:s, s:s, s:s, s:s}", "state", words[state], "what",
					      what, "text", text, "do", remedy));
	if (d->as_json)
		return;
	(void)printf("%-6s %-10s %s\n", words[state], what, text);
	if (remedy[0] != 0)
		(void)printf("%18s%s\n", "", remedy);
	(void)fflush(stdout);
}

static void check_interface(struct doctor *d)
{
	char ip[IP4_TEXT_SIZE];
	int error =
	    d->interface != NULL ? iface_find(d->interface, &d->iface) : iface_only(&d->iface);

	if (error != 0 && d->interface != NULL)
		doctor_tell(d, DOCTOR_WRONG, "interface", "ip -brief address lists the names.",
			    "there is no interface %s", d->interface);
	else if (error != 0)
		doctor_tell(
		    d, DOCTOR_WRONG, "interface", "Name the one with the phones: --interface IF",
		    "there is not exactly one interface that is up and has an IPv4 address");
	else if (!d->iface.up)
		doctor_tell(d, DOCTOR_WRONG, "interface", "ip link set IF up", "%s is down",
			    d->iface.name);
	else if (ip4_is_zero(d->iface.ip))
		doctor_tell(d, DOCTOR_WRONG, "interface", "ip address add ADDRESS/LENGTH dev IF",
			    "%s has no IPv4 address", d->iface.name);
	else
		doctor_tell(d, DOCTOR_FINE, "interface", "", "%s, %s", d->iface.name,
			    ip4_format(d->iface.ip, ip));
	d->has_iface = d->worst == DOCTOR_FINE;
}

static void ignore_datagram(void *context, const struct udp_arrival *arrival, struct slice datagram)
{
	(void)context;
	(void)arrival;
	(void)datagram;
}

static void ignore_connection(void *context, struct tcp *connection, struct endpoint peer,
			      struct endpoint local)
{
	(void)context;
	(void)peer;
	(void)local;
	tcp_abort(connection);
}

static void tell_port(struct doctor *d, const char *name, unsigned port, int error)
{
	char remedy[96] = "";

	if (error == 0) {
		doctor_tell(d, DOCTOR_FINE, name, "", "port %u is free", port);
	} else if (errno == EADDRINUSE && d->serving) {
		doctor_tell(d, DOCTOR_FINE, name, "", "port %u: dialtone serve holds it", port);
	} else if (errno == EADDRINUSE) {
		(void)snprintf(remedy, sizeof remedy,
			       "ss -lnup 'sport = :%u' or ss -lntp names it; stop it.", port);
		doctor_tell(d, DOCTOR_WRONG, name, remedy, "port %u is taken by another program",
			    port);
	} else {
		doctor_tell(d, DOCTOR_WRONG, name,
			    "Run as root, or try it out with serve --ports high.", "port %u: %s",
			    port, cli_errno());
	}
}

static void check_ports(struct doctor *d, struct loop *l)
{
	static const struct {
		const char *name;
		uint16_t port;
	} udp_ports[] = {{"DHCP", 67}, {"TFTP", 69}};
	static const struct {
		const char *name;
		uint16_t port;
	} tcp_ports[] = {{"SCCP", 2000}, {"HTTP", 6970}};

	for (size_t i = 0; i < sizeof udp_ports / sizeof *udp_ports; i++) {
		struct udp_options o = {.bind = {ip4_of(0), udp_ports[i].port},
					.on_datagram = ignore_datagram};
		struct udp *u = NULL;
		int error = udp_open(l, &o, &u);
		tell_port(d, udp_ports[i].name, udp_ports[i].port, error);
		udp_close(u);
	}
	for (size_t i = 0; i < sizeof tcp_ports / sizeof *tcp_ports; i++) {
		struct endpoint at = {ip4_of(0), tcp_ports[i].port};
		struct tcp_listener *listener = NULL;
		int error = tcp_listen(l, at, ignore_connection, NULL, &listener);
		tell_port(d, tcp_ports[i].name, at.port, error);
		if (error == 0)
			tcp_listener_close(listener);
	}
}

static void check_raw(struct doctor *d, struct loop *l)
{
	struct packet *p = NULL;
	struct packet_options o = {.interface = d->iface.name, .filter = PACKET_NONE};

	if (!d->has_iface)
		return;
	if (packet_open(l, &o, &p) == 0)
		doctor_tell(d, DOCTOR_FINE, "raw", "",
			    "frames can be sent to phones without an address");
	else
		doctor_tell(d, DOCTOR_WRONG, "raw", "Run as root, or give the program CAP_NET_RAW.",
			    "no raw socket: a phone without an address cannot be answered");
	packet_close(p);
}

struct search {
	struct loop *loop;
	struct udp *udp;
	const struct iface *iface;
	struct timer *timer;
	unsigned asks;
	uint32_t xid;
	unsigned count;
	struct {
		struct ip4 server, boot;
		bool has_150;
	} found[SERVERS_MAX];
};

/* The client we pretend to be: our own interface, so that we take at most one address. */
static void ask(struct search *s)
{
	uint8_t bytes[DHCP_MESSAGE_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct dhcp_message m = {.op = 1,
				 .type = DHCP_DISCOVER,
				 .xid = s->xid,
				 .flags = DHCP_FLAG_BROADCAST,
				 .chaddr = s->iface->mac};
	struct endpoint all = {ip4_of(0xffffffff), DHCP_SERVER_PORT};

	if (dhcp_encode(&m, &w) == 0)
		(void)udp_send(s->udp, all, s->iface->ip, s->iface->index, writer_done(&w));
	timer_set(s->timer, loop_now(s->loop) + ASK_AGAIN);
}

static void on_time(void *context)
{
	struct search *s = context;

	if (++s->asks < ASKS)
		ask(s);
	else
		loop_stop(s->loop);
}

static void on_answer(void *context, const struct udp_arrival *arrival, struct slice datagram)
{
	struct search *s = context;
	struct dhcp_message m;
	struct ip4 server = arrival->from.ip;
	unsigned i = 0;

	if (dhcp_decode(datagram, &m, NULL) != 0 || m.type != DHCP_OFFER || m.xid != s->xid)
		return;
	(void)dhcp_option_ip(&m, DHCP_OPTION_SERVER_ID, &server);
	while (i < s->count && !ip4_equal(s->found[i].server, server))
		i++;
	if (i == SERVERS_MAX)
		return;
	s->count += i == s->count;
	s->found[i].server = server;
	s->found[i].has_150 = dhcp_option_ip(&m, DHCP_OPTION_TFTP_SERVERS, &s->found[i].boot);
}

static void tell_servers(struct doctor *d, const struct search *s)
{
	unsigned others = 0;

	for (unsigned i = 0; i < s->count; i++) {
		char ip[IP4_TEXT_SIZE];
		char boot[IP4_TEXT_SIZE] = "";
		bool ours = ip4_equal(s->found[i].server, d->iface.ip);
		if (s->found[i].has_150)
			(void)ip4_format(s->found[i].boot, boot);
		if (ours && d->serving)
			continue;
		others++;
		bool right = s->found[i].has_150 && ip4_equal(s->found[i].boot, d->iface.ip);
		doctor_tell(d, right ? DOCTOR_FINE : DOCTOR_LOOK, "DHCP wire",
			    right
				? "Start dialtone with --no-dhcp, so that there is one."
				: "Stop it, or keep it: serve --no-dhcp and dialtone export dhcp.",
			    "%s answers phones already, option 150 %s%s",
			    ip4_format(s->found[i].server, ip),
			    s->found[i].has_150 ? "= " : "is missing", boot);
	}
	if (others == 0)
		doctor_tell(d, DOCTOR_FINE, "DHCP wire", "", "no other DHCP server answers on %s",
			    d->iface.name);
}

static void check_other_servers(struct doctor *d, struct loop *l)
{
	struct rand seed = rand_of((uint64_t)time(NULL));
	struct search s = {.loop = l, .iface = &d->iface, .xid = (uint32_t)rand_next(&seed)};
	struct udp_options o = {.bind = {ip4_of(0), DHCP_CLIENT_PORT},
				.interface = d->iface.name,
				.broadcast = true,
				.shared = true,
				.on_datagram = on_answer,
				.context = &s};

	if (!d->has_iface)
		return;
	if (udp_open(l, &o, &s.udp) != 0) {
		doctor_tell(d, DOCTOR_LOOK, "DHCP wire",
			    "Run as root to see who else answers DHCP.", "not asked: port 68: %s",
			    cli_errno());
		return;
	}
	s.timer = timer_new(l, on_time, &s);
	if (s.timer != NULL) {
		ask(&s);
		(void)loop_run(l);
		tell_servers(d, &s);
	}
	timer_free(s.timer);
	udp_close(s.udp);
}

static int examine(struct doctor *d)
{
	struct loop *l = loop_new();
	struct buf answer;
	unsigned status = 0;

	if (l == NULL)
		return EXIT_CANNOT;
	buf_init(&answer, 1u << 20);
	d->serving = cli_exchange(d->socket, "GET", "/v1/node", NULL, &status, &answer) == 0 &&
		     status == 200;
	buf_done(&answer);
	check_interface(d);
	check_ports(d, l);
	check_raw(d, l);
	doctor_check_host(d);
	doctor_check_files(d);
	check_other_servers(d, l);
	loop_free(l);
	return d->worst == DOCTOR_WRONG ? EXIT_ANSWER_NO : 0;
}

int cmd_doctor(int argc, char **argv)
{
	static const struct option options[] = {{"interface", required_argument, NULL, 'i'},
						{"database", required_argument, NULL, 'd'},
						{"files", required_argument, NULL, 'f'},
						{"json", no_argument, NULL, 'j'},
						{"socket", required_argument, NULL, 's'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	struct doctor d = {.database = "/var/lib/dialtone/dialtone.db"};

	for (int option; (option = cli_option(argc, argv, options)) != -1;) {
		if (option == 'i')
			d.interface = optarg;
		else if (option == 'd')
			d.database = optarg;
		else if (option == 'f')
			d.files = optarg;
		else if (option == 's')
			d.socket = optarg;
		else if (option == 'j')
			d.as_json = true;
		else
			return option == 'h' ? (void)printf("usage: dialtone %s\n", usage),
			       0             : cli_usage(usage);
	}
	if (optind < argc)
		return cli_usage(usage);
	d.socket = cli_socket(d.socket);
	d.findings = json_array();
	int status = examine(&d);
	json_t *report = json_pack("{s:b, s:o}", "healthy", status == 0, "findings", d.findings);
	if (d.as_json)
		cli_print_json(report);
	json_decref(report);
	return status;
}
