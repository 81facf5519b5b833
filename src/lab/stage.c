#include "lab/stage.h"

#include "base/text.h"
#include "fabric/fabric_io.h"
#include "http/http_client.h"
#include "lab/net.h"
#include "lab/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_MS 10000
#define LOOK_MS  20
#define SEED     "3"

__attribute__((format(printf, 2, 3))) static bool failed(struct stage *st, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, a line above
	(void)vsnprintf(st->why, sizeof st->why, format, args);
	va_end(args);
	return false;
}

static bool on_stage(const struct stage *st, size_t host)
{
	return scenario_holds(st->scenario->host[host].when, st->broken);
}

static const char *name_of(const struct stage *st, int host)
{
	return host == STAGE_PHONES ? "phones" : st->scenario->host[host].name;
}

static struct stage_host *place(struct stage *st, int host)
{
	return host == STAGE_PHONES ? &st->phones : &st->host[host];
}

const char *stage_capture(const struct stage *st, int host, char *to, size_t size)
{
	(void)snprintf(to, size, "%s/%s.pcap", st->directory, name_of(st, host));
	return to;
}

const char *stage_socket(const struct stage *st, int host, char *to, size_t size)
{
	(void)snprintf(to, size, "%s/%s/socket", st->directory, name_of(st, host));
	return to;
}

static const char *directory_of(const struct stage *st, int host, char *to, size_t size)
{
	(void)snprintf(to, size, "%s/%s", st->directory, name_of(st, host));
	return to;
}

/* Every program finds this one as "dialtone", and talks to the server of its own host. */
static void set_environment(const struct stage *st, int host)
{
	char socket[STAGE_PATH_MAX];
	static const char judges[] = "/usr/sbin:/sbin:/usr/local/lib/dialtone-judges/usr/sbin";
	const char *path = getenv("PATH");             // NOLINT(concurrency-mt-unsafe)
	const char *given = getenv("DIALTONE_JUDGES"); // NOLINT(concurrency-mt-unsafe)
	char together[1024];

	(void)snprintf(together, sizeof together, "%s:%s%s%s%s",
		       path != NULL ? path : "/bin:/usr/bin", judges, given != NULL ? ":" : "",
		       given != NULL ? given : "", given != NULL ? "/usr/sbin" : "");
	(void)setenv("PATH", together, 1);        // NOLINT(concurrency-mt-unsafe)
	(void)setenv("DIALTONE", st->program, 1); // NOLINT(concurrency-mt-unsafe)
	(void)setenv("DIALTONE_SOCKET",           // NOLINT(concurrency-mt-unsafe)
		     stage_socket(st, host, socket, sizeof socket), 1);
}

/* A shell line in a host's namespace and directory, its words written to HOST/log. */
static pid_t start(struct stage *st, int host, const char *line)
{
	char directory[STAGE_PATH_MAX];
	pid_t child = spawn_child();

	if (child != 0)
		return child;
	if (net_enter(place(st, host)->net) != 0 ||
	    chdir(directory_of(st, host, directory, sizeof directory)) != 0)
		_exit(126);
	set_environment(st, host);
	spawn_log("log");
	const char *const argv[] = {"sh", "-c", line, NULL};
	spawn_become("sh", argv);
}

static bool run(struct stage *st, int host, const char *line)
{
	int status = 0;
	pid_t child = start(st, host, line);

	if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	    WEXITSTATUS(status) == 0)
		return true;
	return failed(st, "%s: \"%s\" did not work", name_of(st, host), line);
}

static bool run_admin(struct stage *st, int host, const char *words)
{
	char line[1024];

	(void)snprintf(line, sizeof line, "dialtone() { \"$DIALTONE\" \"$@\"; }; dialtone %s",
		       words);
	return run(st, host, line);
}

int stage_run_self(struct stage *st, const char *const *arguments, struct buf *ret_output)
{
	const char *argv[24] = {st->program};
	size_t n = 1;

	for (; arguments[n - 1] != NULL && n < 23; n++)
		argv[n] = arguments[n - 1];
	return stage_run(argv, ret_output);
}

int stage_run(const char *const *argv, struct buf *ret_output)
{
	return spawn_read(argv, ret_output);
}

/* The file a line names, and the lines that follow. */
static bool write_file(struct stage *st, size_t at)
{
	const struct scenario_line *line = &st->scenario->line[at];
	char path[2 * STAGE_PATH_MAX];
	char directory[STAGE_PATH_MAX];

	(void)snprintf(path, sizeof path, "%s/%s",
		       directory_of(st, line->host, directory, sizeof directory), line->text);
	for (char *slash = path + strlen(directory) + 1; (slash = strchr(slash, '/')) != NULL;
	     slash++) {
		*slash = 0;
		(void)mkdir(path, 0755);
		*slash = '/';
	}
	FILE *file = fopen(path, "we");
	if (file == NULL)
		return failed(st, "cannot write %s", path);
	for (at++; at < st->scenario->lines && st->scenario->line[at].kind == SCENARIO_LINE; at++)
		(void)fprintf(file, "%s\n", st->scenario->line[at].text);
	return fclose(file) == 0 ? true : failed(st, "cannot write %s", path);
}

/* Each line of this kind that holds in this run. */
static bool each(struct stage *st, enum scenario_kind kind,
		 bool (*act)(struct stage *st, size_t line))
{
	for (size_t i = 0; i < st->scenario->lines; i++) {
		const struct scenario_line *line = &st->scenario->line[i];
		if (line->kind == kind && scenario_holds(line->when, st->broken) && !act(st, i))
			return false;
	}
	return true;
}

static bool set_up(struct stage *st, size_t at)
{
	return run(st, st->scenario->line[at].host, st->scenario->line[at].text);
}

static bool administer(struct stage *st, size_t at)
{
	return run_admin(st, st->scenario->line[at].host, st->scenario->line[at].text);
}

/* A namespace with one cable, e0, to the next port of the switch. */
static bool build_host(struct stage *st, int host, const char *address)
{
	struct stage_host *h = place(st, host);
	char directory[STAGE_PATH_MAX];

	h->port = st->ports++;
	if (mkdir(directory_of(st, host, directory, sizeof directory), 0755) != 0 ||
	    (h->net = net_new(h->port, address)) < 0)
		return failed(st, "no network for %s: is `ip` (iproute2) there?",
			      name_of(st, host));
	return true;
}

static bool build_hosts(struct stage *st)
{
	st->phones.net = -1;
	for (size_t i = 0; i < SCENARIO_HOSTS_MAX; i++)
		st->host[i].net = -1;
	if (net_prepare() != 0 || !build_host(st, STAGE_PHONES, "10.77.0.2/24"))
		return failed(st, "no network for the phones: is `ip` (iproute2) there?");
	for (size_t i = 0; i < st->scenario->hosts; i++) {
		if (on_stage(st, i) && !build_host(st, (int)i, st->scenario->host[i].address))
			return false;
	}
	return true;
}

static volatile sig_atomic_t fabric_stop;

static void on_stop(int number)
{
	(void)number;
	fabric_stop = 1;
}

/* One `switch` or `voice` line. */
static bool teach(struct fabric *f, const struct scenario_line *line, const char *const *names,
		  size_t count, const char **ret_why)
{
	struct fabric_rule rule;
	struct fabric_voice voice;

	if (line->kind == SCENARIO_VOICE) {
		if (fabric_voice_parse(line->text, names, count, &voice, ret_why) != 0)
			return false;
		fabric_set_voice(f, &voice);
		return true;
	}
	*ret_why = "too many rules";
	return fabric_rule_parse(line->text, names, count, &rule, ret_why) == 0 &&
	       fabric_add(f, &rule) == 0;
}

static struct fabric *make_fabric(struct stage *st)
{
	const char *names[FABRIC_PORTS_MAX] = {"phones"};
	struct fabric *f = fabric_new(st->ports, 1);

	for (size_t i = 0; i < st->scenario->hosts; i++) {
		if (st->host[i].net >= 0)
			names[st->host[i].port] = st->scenario->host[i].name;
	}
	for (size_t i = 0; f != NULL && i < st->scenario->lines; i++) {
		const struct scenario_line *line = &st->scenario->line[i];
		const char *why = NULL;
		if ((line->kind != SCENARIO_SWITCH && line->kind != SCENARIO_VOICE) ||
		    !scenario_holds(line->when, st->broken) ||
		    teach(f, line, names, st->ports, &why))
			continue;
		(void)failed(st, "switch %s: %s", line->text, why);
		fabric_free(f);
		return NULL;
	}
	return f;
}

static void open_captures(struct stage *st, char interface[][8], struct fabric_io_port *ports)
{
	char path[STAGE_PATH_MAX];

	for (int host = STAGE_PHONES; host < (int)st->scenario->hosts; host++) {
		const struct stage_host *h = place(st, host);
		if (h->net < 0)
			continue;
		(void)snprintf(interface[h->port], 8, "p%u", h->port);
		ports[h->port] = (struct fabric_io_port){
		    interface[h->port],
		    open(stage_capture(st, host, path, sizeof path),
			 O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0644)};
	}
}

/* In a process of its own; its cables are open before this returns. */
static bool start_fabric(struct stage *st)
{
	char interface[FABRIC_PORTS_MAX][8];
	struct fabric_io_port ports[FABRIC_PORTS_MAX] = {0};
	int fds[FABRIC_PORTS_MAX];
	struct fabric *f = make_fabric(st);

	if (f == NULL)
		return st->why[0] != 0 ? false : failed(st, "no memory for the switch");
	open_captures(st, interface, ports);
	if (fabric_io_open(ports, st->ports, fds) != 0)
		return failed(st, "the switch could not open its cables");
	st->fabric = spawn_child();
	if (st->fabric == 0) {
		struct sigaction action = {.sa_handler = on_stop};
		(void)sigaction(SIGTERM, &action, NULL);
		fabric_io_run(f, ports, fds, st->ports, &fabric_stop);
		_exit(0);
	}
	for (size_t i = 0; i < st->ports; i++) {
		(void)close(fds[i]);
		(void)close(ports[i].capture);
	}
	fabric_free(f);
	return st->fabric > 0 ? true : failed(st, "no process for the switch");
}

static void node_line(const struct stage *st, int host, char *to, size_t size)
{
	size_t len = (size_t)snprintf(
	    to, size, "exec \"$DIALTONE\" serve --interface e0 --database db --socket socket");

	for (size_t i = 0; i < st->scenario->lines && len < size; i++) {
		const struct scenario_line *line = &st->scenario->line[i];
		if (line->kind == SCENARIO_SERVE && line->host == host &&
		    scenario_holds(line->when, st->broken))
			len += (size_t)snprintf(to + len, size - len, " %s", line->text);
	}
}

static bool answers(const struct stage *st, int host)
{
	char socket[STAGE_PATH_MAX];
	unsigned status = 0;
	struct buf answer;

	buf_init(&answer, 1u << 20);
	int error = http_client_request(stage_socket(st, host, socket, sizeof socket), NULL, "GET",
					"/v1/node", slice_of(NULL, 0), &status, &answer);
	buf_done(&answer);
	return error == 0 && status == 200;
}

static bool is_ready(const struct stage *st, int host)
{
	return st->scenario->host[host].kind == SCENARIO_NODE ? answers(st, host)
							      : net_listens(st->host[host].net);
}

static bool start_host(struct stage *st, int host)
{
	const struct scenario_host *h = &st->scenario->host[host];
	char line[2048];

	if (h->kind == SCENARIO_BARE)
		return true;
	if (h->kind == SCENARIO_NODE)
		node_line(st, host, line, sizeof line);
	else
		(void)snprintf(line, sizeof line, "exec %s", h->command);
	st->host[host].program = start(st, host, line);
	for (int ms = 0; ms < READY_MS; ms += LOOK_MS) {
		if (is_ready(st, host))
			return true;
		if (waitpid(st->host[host].program, NULL, WNOHANG) != 0)
			break;
		(void)poll(NULL, 0, LOOK_MS);
	}
	return failed(st, "%s did not start", h->name);
}

bool stage_open(struct stage *st, const struct scenario *s, bool broken, const char *directory)
{
	*st = (struct stage){.scenario = s, .broken = broken};
	(void)text_copy(st->directory, sizeof st->directory, directory);
	ssize_t n = readlink("/proc/self/exe", st->program, sizeof st->program - 1);
	st->program[n > 0 ? n : 0] = 0;
	if (!build_hosts(st) || !each(st, SCENARIO_FILE, write_file) ||
	    !each(st, SCENARIO_SETUP, set_up) || !start_fabric(st))
		return false;
	for (size_t i = 0; i < s->hosts; i++) {
		if (on_stage(st, i) && !start_host(st, (int)i))
			return false;
	}
	return each(st, SCENARIO_ADMIN, administer);
}

/* Phones talk to their switch only where there is one to talk to. */
static bool has_voice(const struct stage *st)
{
	for (size_t i = 0; i < st->scenario->lines; i++) {
		if (st->scenario->line[i].kind == SCENARIO_VOICE &&
		    scenario_holds(st->scenario->line[i].when, st->broken))
			return true;
	}
	return false;
}

static bool start_fleet(struct stage *st, int number)
{
	char line[2048];
	size_t len = (size_t)snprintf(
	    line, sizeof line, "exec \"$DIALTONE\" fleet --dhcp e0 --phones 1 --seed " SEED "%s",
	    has_voice(st) ? "" : " --voice-vlan none");
	bool wanted = number == 1;

	for (size_t i = 0; i < st->scenario->lines && len < sizeof line; i++) {
		const struct scenario_line *l = &st->scenario->line[i];
		if (l->kind != SCENARIO_PHONES || l->host != number)
			continue;
		wanted = wanted || scenario_holds(l->when, st->broken);
		if (scenario_holds(l->when, st->broken))
			len += (size_t)snprintf(line + len, sizeof line - len, " %s", l->text);
	}
	if (!wanted)
		return true;
	st->fleet[number - 1] = start(st, STAGE_PHONES, line);
	return st->fleet[number - 1] > 0;
}

bool stage_start_phones(struct stage *st)
{
	for (int i = 1; i <= STAGE_FLEETS_MAX; i++) {
		if (!start_fleet(st, i))
			return failed(st, "the phones did not start");
	}
	return true;
}

bool stage_do(struct stage *st, const struct scenario_line *line)
{
	switch (line->deed) {
	case SCENARIO_START:
		return line->host == STAGE_PHONES ? stage_start_phones(st)
						  : start_host(st, line->host);
	case SCENARIO_STOP:
		if (line->host == STAGE_PHONES)
			stage_stop_phones(st);
		else
			spawn_end(&st->host[line->host].program);
		return true;
	case SCENARIO_COMMAND:
		return run(st, line->host, line->text);
	case SCENARIO_ORDER:
		return run_admin(st, line->host, line->text);
	}
	return true;
}

void stage_stop_phones(struct stage *st)
{
	for (size_t i = 0; i < STAGE_FLEETS_MAX; i++)
		spawn_end(&st->fleet[i]);
}

void stage_stop_fabric(struct stage *st)
{
	spawn_end(&st->fabric);
}

void stage_close(struct stage *st)
{
	stage_stop_phones(st);
	for (size_t i = 0; i < st->scenario->hosts; i++)
		spawn_end(&st->host[i].program);
	stage_stop_fabric(st);
}
