/* Why these two and how they were chosen: docs/decisions/012-confined.md. */
#include "net/confine.h"

#include "base/error.h"

bool confine_is_built(void)
{
#ifdef DIALTONE_SECCOMP
	return true;
#else
	return false;
#endif
}

#ifndef DIALTONE_SECCOMP

int confine_files(const struct confine_path *path, size_t count)
{
	(void)path;
	(void)count;
	return 0;
}

int confine_calls(void)
{
	return 0;
}

#else

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Younger than Debian 12's headers; kernels from 6.2 know it. */
#define ACCESS_TRUNCATE ((__u64)1 << 14)

#define ACCESS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define ACCESS_WRITE                                                                               \
	(ACCESS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |            \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | ACCESS_TRUNCATE)
#define ACCESS_OTHER                                                                               \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                              \
	 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |                              \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |                            \
	 LANDLOCK_ACCESS_FS_MAKE_SYM)
/* What can be said of a file that is no directory. */
#define ACCESS_OF_FILE                                                                             \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE)

#define TRUNCATE_SINCE 3 /* version of Landlock's interface */

static int allow_path(int rules, __u64 known, const struct confine_path *p)
{
	struct landlock_path_beneath_attr beneath = {
	    .allowed_access = p->use == CONFINE_WRITE ? ACCESS_WRITE : ACCESS_READ,
	    .parent_fd = open(p->path, O_PATH | O_CLOEXEC)};
	struct stat s;

	if (beneath.parent_fd < 0)
		return 0;
	beneath.allowed_access &= known;
	if (fstat(beneath.parent_fd, &s) == 0 && !S_ISDIR(s.st_mode))
		beneath.allowed_access &= ACCESS_OF_FILE;
	long failed =
	    syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
	int error = errno;
	(void)close(beneath.parent_fd);
	errno = error;
	return failed != 0 ? E_SYSTEM : 0;
}

int confine_files(const struct confine_path *path, size_t count)
{
	struct landlock_ruleset_attr handled = {.handled_access_fs = ACCESS_WRITE | ACCESS_OTHER};
	long version =
	    syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	if (version < 1)
		return E_UNSUPPORTED;
	if (version < TRUNCATE_SINCE)
		handled.handled_access_fs &= ~ACCESS_TRUNCATE;
	int rules = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
	if (rules < 0)
		return E_SYSTEM;
	int error = 0;
	for (size_t i = 0; i < count && error == 0; i++)
		error = allow_path(rules, handled.handled_access_fs, &path[i]);
	if (error == 0 && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
			   syscall(SYS_landlock_restrict_self, rules, 0) != 0))
		error = E_SYSTEM;
	int saved = errno;
	(void)close(rules);
	errno = saved;
	return error;
}

/* The call is not carried out; its number goes to the log before the process ends. Only calls that
 * a signal handler may make. */
static void on_violation(int signal, siginfo_t *info, void *context)
{
	static const char before[] = "dialtone: stopped: system call ";
	static const char after[] = " is none that a running server makes; if nobody broke in, "
				    "report it with this number\n";
	char line[sizeof before + sizeof after + 16];
	char digits[16];
	size_t len = sizeof before - 1;
	size_t count = 0;

	(void)context;
	memcpy(line, before, len);
	for (unsigned n = (unsigned)info->si_syscall; count == 0 || n > 0; n /= 10)
		digits[count++] = (char)('0' + n % 10);
	while (count > 0)
		line[len++] = digits[--count];
	memcpy(line + len, after, sizeof after - 1);
	(void)!write(STDERR_FILENO, line, len + sizeof after - 1);
	/* SA_RESETHAND has put the default action back. */
	(void)raise(signal);
}

/* Calls allowed with some arguments only. */
static int allow_conditional(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp no_execution = {
	    .arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0};
	const struct scmp_arg_cmp a_thread = {
	    .arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = CLONE_THREAD, .datum_b = CLONE_THREAD};
	const struct scmp_arg_cmp itself = {
	    .arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)getpid()};
	const struct scmp_arg_cmp readable = {.arg = 1, .op = SCMP_CMP_EQ, .datum_a = FIONREAD};
	const struct scmp_arg_cmp is_terminal = {.arg = 1, .op = SCMP_CMP_EQ, .datum_a = TCGETS};
	const struct {
		int call;
		const struct scmp_arg_cmp *condition;
	} calls[] = {
	    {SCMP_SYS(mmap), &no_execution},     {SCMP_SYS(mmap2), &no_execution},
	    {SCMP_SYS(mprotect), &no_execution}, {SCMP_SYS(clone), &a_thread},
	    {SCMP_SYS(tgkill), &itself},         {SCMP_SYS(ioctl), &readable},
	    {SCMP_SYS(ioctl), &is_terminal},
	};

	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		int error = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, calls[i].call, 1,
						   calls[i].condition);
		if (error != 0 && error != -EDOM)
			return error;
	}
	/* Its flags lie in memory that a filter cannot read; libc then asks clone. */
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static int allow(scmp_filter_ctx filter)
{
	static const int calls[] = {
#define C(name)        SCMP_SYS(name),
#include "net/system_calls.def"
#undef C
	};

	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		/* -EDOM: not a call of this architecture. */
		int error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
		if (error != 0 && error != -EDOM)
			return error;
	}
	return allow_conditional(filter);
}

int confine_calls(void)
{
	struct sigaction told = {.sa_sigaction = on_violation,
				 .sa_flags = (int)(SA_SIGINFO | SA_RESETHAND | SA_NODEFER)};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);

	if (filter == NULL)
		return E_UNSUPPORTED;
	(void)sigaction(SIGSYS, &told, NULL);
	int error = allow(filter);
	/* The writer thread, too. */
	if (error == 0)
		error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (error == 0)
		error = seccomp_load(filter);
	seccomp_release(filter);
	if (error == -EINVAL || error == -EOPNOTSUPP)
		return E_UNSUPPORTED;
	errno = -error;
	return error == 0 ? 0 : E_SYSTEM;
}

#endif
