#include "cli/lab_net.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *system_words(void)
{
	return strerror(errno); // NOLINT(concurrency-mt-unsafe): one thread
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? write(fd, text, strlen(text)) : -1;

	if (fd >= 0)
		(void)close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

/* Our own user becomes root of the new namespace: enough for interfaces, addresses and low ports in
 * it. */
static int map_user(unsigned uid, unsigned gid)
{
	char map[64];

	(void)snprintf(map, sizeof map, "0 %u 1", uid);
	if (write_file("/proc/self/uid_map", map) != 0 ||
	    write_file("/proc/self/setgroups", "deny") != 0)
		return -1;
	(void)snprintf(map, sizeof map, "0 %u 1", gid);
	return write_file("/proc/self/gid_map", map);
}

int lab_net_enter(void)
{
	unsigned uid = geteuid();
	unsigned gid = getegid();
	int flags = CLONE_NEWNET | (uid != 0 ? CLONE_NEWUSER : 0);

	if (unshare(flags) == 0 && (uid == 0 || map_user(uid, gid) == 0))
		return 0;
	(void)fprintf(stderr,
		      "dialtone: cannot make a private network: %s\n"
		      "The lab needs root, or unprivileged user namespaces (sysctl "
		      "kernel.unprivileged_userns_clone).\n",
		      system_words());
	return -1;
}

/* execv wants no const. */
static void become(const char *path, const char *const argv[])
{
	char *args[64];
	size_t n = 0;

	for (; n < 63 && argv[n] != NULL; n++)
		memcpy(&args[n], &argv[n], sizeof args[n]);
	args[n] = NULL;
	(void)execvp(path, args);
	_exit(127);
}

int lab_run(const char *const argv[])
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		become(argv[0], argv);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return 127;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}

/* In the child: dies with its parent, keeps quiet, leaves Ctrl-C to the parent. */
static void settle_child(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setpgid(0, 0);
	if (null >= 0) {
		(void)dup2(null, STDIN_FILENO);
		(void)dup2(null, STDOUT_FILENO);
	}
}

pid_t lab_start(const char *const argv[])
{
	pid_t child = fork();

	if (child == 0) {
		settle_child();
		become("/proc/self/exe", argv);
	}
	return child;
}

static void serve_behind_cable(int ready, int go, const char *const argv[])
{
	static const char *const address[] = {
	    "ip", "address", "add", LAB_SERVER_ADDRESS, "dev", LAB_SERVER_INTERFACE, NULL};
	static const char *const up[] = {"ip", "link", "set", LAB_SERVER_INTERFACE, "up", NULL};
	static const char *const loopback[] = {"ip", "link", "set", "lo", "up", NULL};
	char byte = 0;

	settle_child();
	if (unshare(CLONE_NEWNET) != 0 || write(ready, &byte, 1) != 1 || read(go, &byte, 1) != 1)
		_exit(126);
	if (lab_run(loopback) != 0 || lab_run(address) != 0 || lab_run(up) != 0)
		_exit(126);
	become("/proc/self/exe", argv);
}

/* The cable, once the other end's namespace is there. */
static int lay_cable(pid_t server)
{
	char pid[16];
	(void)snprintf(pid, sizeof pid, "%d", (int)server);
	const char *const cable[] = {"ip",   "link", "add",  LAB_PHONES_INTERFACE, "type",
				     "veth", "peer", "name", LAB_SERVER_INTERFACE, "netns",
				     pid,    NULL};
	static const char *const address[] = {
	    "ip", "address", "add", LAB_PHONES_ADDRESS, "dev", LAB_PHONES_INTERFACE, NULL};
	static const char *const up[] = {"ip", "link", "set", LAB_PHONES_INTERFACE, "up", NULL};
	static const char *const loopback[] = {"ip", "link", "set", "lo", "up", NULL};

	return lab_run(loopback) != 0 || lab_run(cable) != 0 || lab_run(address) != 0 ||
		       lab_run(up) != 0
		   ? -1
		   : 0;
}

pid_t lab_start_server(const char *const argv[])
{
	int ready[2];
	int go[2];
	char byte = 0;

	if (pipe2(ready, O_CLOEXEC) != 0 || pipe2(go, O_CLOEXEC) != 0)
		return -1;
	pid_t child = fork();
	if (child == 0)
		serve_behind_cable(ready[1], go[0], argv);
	bool laid = child > 0 && read(ready[0], &byte, 1) == 1 && lay_cable(child) == 0 &&
		    write(go[1], &byte, 1) == 1;
	for (int i = 0; i < 2; i++) {
		(void)close(ready[i]);
		(void)close(go[i]);
	}
	if (laid)
		return child;
	(void)fprintf(stderr,
		      "dialtone: the lab's network could not be laid: is `ip` (iproute2) there?\n");
	if (child > 0) {
		(void)kill(child, SIGKILL);
		(void)waitpid(child, NULL, 0);
	}
	return -1;
}
