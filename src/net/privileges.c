#include "net/privileges.h"

#include "base/error.h"
#include "base/text.h"
#include "net/confine.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Ports below 1024; frames and broadcasts; buffers beyond the system's limit; the administration
 * socket's group. */
#define KEPT                                                                                       \
	(CAP_TO_MASK(CAP_NET_BIND_SERVICE) | CAP_TO_MASK(CAP_NET_RAW) |                            \
	 CAP_TO_MASK(CAP_NET_ADMIN) | CAP_TO_MASK(CAP_CHOWN))

static struct privileges_user user_of(const struct passwd *entry)
{
	struct privileges_user user = {.uid = entry->pw_uid, .gid = entry->pw_gid};

	(void)text_copy(user.name, sizeof user.name, entry->pw_name);
	return user;
}

int privileges_find_user(const char *name, struct privileges_user *ret_user)
{
	const struct passwd *entry = getpwnam(name); // NOLINT(concurrency-mt-unsafe): at start

	if (entry == NULL)
		return E_UNKNOWN;
	*ret_user = user_of(entry);
	return 0;
}

int privileges_find_group(const char *name, gid_t *ret_group)
{
	const struct group *entry = getgrnam(name); // NOLINT(concurrency-mt-unsafe): at start

	if (entry == NULL)
		return E_UNKNOWN;
	*ret_group = entry->gr_gid;
	return 0;
}

void privileges_owner(uid_t uid, gid_t gid, struct privileges_user *ret_user)
{
	const struct passwd *entry = getpwuid(uid); // NOLINT(concurrency-mt-unsafe): at start

	*ret_user = (struct privileges_user){.uid = uid, .gid = gid};
	if (entry != NULL)
		*ret_user = user_of(entry);
	else
		(void)snprintf(ret_user->name, sizeof ret_user->name, "%u", (unsigned)uid);
}

static int set_capabilities(uint32_t mask)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0, 0, 0}, {0, 0, 0}};

	/* What this process never had cannot be kept. */
	if (mask != 0 && syscall(SYS_capget, &header, data) != 0)
		return E_SYSTEM;
	data[0].permitted &= mask;
	data[0].effective = data[0].permitted;
	data[0].inheritable = 0;
	data[1] = (struct __user_cap_data_struct){0, 0, 0};
	return syscall(SYS_capset, &header, data) == 0 ? 0 : E_SYSTEM;
}

/* A namespace that maps one id only answers EPERM or EINVAL: there is nobody else to become there,
 * and nothing outside that its root could do. */
int privileges_become(const struct privileges_user *user)
{
	if (geteuid() != 0 || user->uid == 0)
		return E_UNSUPPORTED;
	if (setgroups(0, NULL) != 0 || setresgid(user->gid, user->gid, user->gid) != 0)
		return errno == EPERM || errno == EINVAL ? E_UNSUPPORTED : E_SYSTEM;
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
		return E_SYSTEM;
	if (setresuid(user->uid, user->uid, user->uid) != 0)
		return errno == EPERM || errno == EINVAL ? E_UNSUPPORTED : E_SYSTEM;
	return set_capabilities(KEPT);
}

int privileges_drop(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return E_SYSTEM;
	return set_capabilities(0);
}

size_t privileges_raise_descriptors(void)
{
	struct rlimit limit = {0, 0};

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 0;
	rlim_t had = limit.rlim_cur;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		limit.rlim_cur = had;
	return limit.rlim_cur == RLIM_INFINITY ? SIZE_MAX : (size_t)limit.rlim_cur;
}

void privileges_hide_memory(void)
{
	const struct rlimit none = {0, 0};

	if (!confine_is_built())
		return;
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
