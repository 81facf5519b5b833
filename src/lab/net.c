#include "lab/net.h"

#include "lab/spawn.h"

#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int ip(const char *line)
{
	const char *const argv[] = {"sh", "-c", line, NULL};

	return spawn_read(argv, NULL);
}

/* Nobody here speaks IPv6, and its chatter would be in every capture. */
static void quieten(void)
{
	static const char *const settings[] = {"/proc/sys/net/ipv6/conf/all/disable_ipv6",
					       "/proc/sys/net/ipv6/conf/default/disable_ipv6"};

	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		int fd = open(settings[i], O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		(void)!write(fd, "1", 1);
		(void)close(fd);
	}
}

/* The switch reads frames as they are: checksums finished, no segment larger than the MTU. */
static void finish_checksums(const char *interface)
{
	struct ethtool_value off = {.cmd = ETHTOOL_STXCSUM, .data = 0};
	struct ifreq request = {.ifr_data = (void *)&off};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
	(void)ioctl(fd, SIOCETHTOOL, &request);
	(void)close(fd);
}

int net_prepare(void)
{
	quieten();
	return ip("ip link set lo up");
}

int net_enter(int net)
{
	return setns(net, CLONE_NEWNET);
}

int net_new(unsigned port, const char *address)
{
	char line[256];
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (here < 0 || unshare(CLONE_NEWNET) != 0)
		return -1;
	quieten();
	/* Inherited, so that `ip` finds it by its own /proc/self/fd. */
	int net = open("/proc/self/ns/net", O_RDONLY);
	(void)setns(here, CLONE_NEWNET);
	(void)snprintf(line, sizeof line,
		       "ip link add p%u type veth peer name e0 netns /proc/self/fd/%d && "
		       "ip link set p%u up",
		       port, net, port);
	bool laid = net >= 0 && ip(line) == 0;
	(void)snprintf(line, sizeof line,
		       "ip link set lo up && ip address add %s dev e0 && ip link set e0 up",
		       address);
	if (laid && setns(net, CLONE_NEWNET) == 0) {
		finish_checksums("e0");
		laid = ip(line) == 0;
	}
	(void)setns(here, CLONE_NEWNET);
	(void)close(here);
	return laid ? net : -1;
}

/* Lines but for the title. */
static bool has_entries(const char *path)
{
	char text[512];
	FILE *file = fopen(path, "re");
	bool more = file != NULL && fgets(text, sizeof text, file) != NULL &&
		    fgets(text, sizeof text, file) != NULL;

	if (file != NULL)
		(void)fclose(file);
	return more;
}

bool net_listens(int net)
{
	int status = 1;
	pid_t child = spawn_child();

	if (child == 0) {
		bool any = net_enter(net) == 0 && (has_entries("/proc/self/net/udp") ||
						   has_entries("/proc/self/net/tcp") ||
						   has_entries("/proc/self/net/packet"));
		_exit(any ? 0 : 1);
	}
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}
