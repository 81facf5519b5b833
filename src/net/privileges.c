#include "net/privileges.h"

#include "base/error.h"
#include "net/confine.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* setresuid fails in a namespace that maps one id only: there is nobody else to become, and nothing
 * outside that root of such a namespace could do. */
static void become(const char *name)
{
	const struct passwd *user =
	    name != NULL ? getpwnam(name) : NULL; // NOLINT(concurrency-mt-unsafe): at start

	if (user == NULL || geteuid() != 0)
		return;
	uid_t uid = user->pw_uid;
	gid_t gid = user->pw_gid;
	if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0)
		return;
	(void)!setresuid(uid, uid, uid);
}

int privileges_drop(const char *user)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};

	become(user);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_capset, &header, none) != 0)
		return E_SYSTEM;
	return 0;
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
