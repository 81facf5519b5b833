#include "net/tap.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "net/loop_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH 256

struct tap {
	struct loop *loop;
	struct watch *watch;
	struct tap_options options;
	int fd;
	uint32_t index;
	struct mac mac;
	char name[IFNAMSIZ];
	bool busy, gone; /* closed from its own callback: freed after it */
};

static void on_readable(void *context)
{
	struct tap *t = context;

	t->busy = true;
	for (int i = 0; i < BATCH && !t->gone; i++) {
		ssize_t n = read(t->fd, t->loop->scratch, LOOP_SCRATCH);
		if (n <= 0)
			break;
		t->options.on_frame(t->options.context, slice_of(t->loop->scratch, (size_t)n));
	}
	t->busy = false;
	if (t->gone)
		tap_close(t);
}

static int system_error(void)
{
	if (errno == EPERM || errno == EACCES)
		return E_DENIED;
	return errno == ENOENT || errno == ENODEV || errno == ENXIO ? E_UNKNOWN : E_SYSTEM;
}

/* Its index and hardware address, and up with it: that takes any socket. */
static int bring_up(struct tap *t, int any)
{
	struct ifreq r = {0};

	(void)text_copy(r.ifr_name, sizeof r.ifr_name, t->name);
	if (ioctl(any, SIOCGIFINDEX, &r) != 0)
		return E_SYSTEM;
	t->index = (uint32_t)r.ifr_ifindex;
	if (ioctl(any, SIOCGIFHWADDR, &r) != 0)
		return E_SYSTEM;
	memcpy(t->mac.b, r.ifr_hwaddr.sa_data, 6);
	if (ioctl(any, SIOCGIFFLAGS, &r) != 0)
		return E_SYSTEM;
	r.ifr_flags = (short)(r.ifr_flags | IFF_UP);
	return ioctl(any, SIOCSIFFLAGS, &r) == 0 ? 0 : system_error();
}

static int create(struct tap *t)
{
	struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI};

	t->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	(void)text_copy(r.ifr_name, sizeof r.ifr_name, "dtphones%d");
	if (t->fd < 0 || ioctl(t->fd, TUNSETIFF, &r) != 0)
		return system_error();
	(void)text_copy(t->name, sizeof t->name, r.ifr_name);
	int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (any < 0)
		return E_SYSTEM;
	int error = bring_up(t, any);
	int number = errno;
	(void)close(any);
	errno = number;
	return error;
}

int tap_open(struct loop *l, const struct tap_options *options, struct tap **ret_tap)
{
	struct tap *t = alloc_zero(1, sizeof *t);

	if (t == NULL)
		return E_NO_MEMORY;
	t->loop = l;
	t->options = *options;
	int error = create(t);
	if (error == 0) {
		t->watch = watch_new(l, t->fd, on_readable, t);
		error = t->watch != NULL ? 0 : E_NO_MEMORY;
	}
	if (error != 0) {
		int number = errno;
		tap_close(t);
		errno = number;
		return error;
	}
	*ret_tap = t;
	return 0;
}

void tap_close(struct tap *t)
{
	if (t == NULL)
		return;
	if (t->busy) {
		t->gone = true;
		return;
	}
	watch_free(t->watch);
	if (t->fd >= 0)
		(void)close(t->fd);
	alloc_free(t);
}

const char *tap_name(const struct tap *t)
{
	return t->name;
}

uint32_t tap_index(const struct tap *t)
{
	return t->index;
}

struct mac tap_mac(const struct tap *t)
{
	return t->mac;
}

void tap_send(struct tap *t, struct slice frame)
{
	ssize_t n = write(t->fd, frame.ptr, frame.len);

	(void)n; /* lost, as on a wire */
}
