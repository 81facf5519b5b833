/* The sandbox of whoever reads a stranger's capture: a list of system calls, by libseccomp
 * (docs/decisions/011-seccomp.md). */
#include "net/sandbox.h"

#include "base/error.h"
#include "net/privileges.h"

#ifdef DIALTONE_SECCOMP

#include <errno.h>
#include <seccomp.h>

/* What reading, thinking and printing takes. */
static const int allowed[] = {
    SCMP_SYS(read),         SCMP_SYS(readv),          SCMP_SYS(pread64),
    SCMP_SYS(write),        SCMP_SYS(writev),         SCMP_SYS(lseek),
    SCMP_SYS(close),        SCMP_SYS(fstat),          SCMP_SYS(newfstatat),
    SCMP_SYS(brk),          SCMP_SYS(mmap),           SCMP_SYS(munmap),
    SCMP_SYS(mremap),       SCMP_SYS(madvise),        SCMP_SYS(mprotect),
    SCMP_SYS(ioctl),        SCMP_SYS(poll),           SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday), SCMP_SYS(getrandom),      SCMP_SYS(futex),
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(exit),         SCMP_SYS(exit_group),     SCMP_SYS(restart_syscall),
    SCMP_SYS(getpid),       SCMP_SYS(gettid),         SCMP_SYS(tgkill),
    SCMP_SYS(sysinfo),
};

/* … and what the loop and a socket that is open take beside. */
static const int watching[] = {
    SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2), SCMP_SYS(epoll_ctl),
    SCMP_SYS(recvmsg),    SCMP_SYS(recvmmsg),    SCMP_SYS(recvfrom),     SCMP_SYS(timerfd_settime),
    SCMP_SYS(getsockopt), SCMP_SYS(sendto), /* libevent's own signal pair */
    SCMP_SYS(sendmsg),
};

static bool allow(scmp_filter_ctx filter, const int *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) != 0)
			return false;
	}
	return true;
}

static int enter(bool watches)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool ok = filter != NULL && allow(filter, allowed, sizeof allowed / sizeof *allowed) &&
		  (!watches || allow(filter, watching, sizeof watching / sizeof *watching)) &&
		  seccomp_load(filter) == 0;

	seccomp_release(filter);
	return ok ? 0 : E_SYSTEM;
}

int sandbox_reader(void)
{
	return enter(false);
}

int sandbox_watcher(void)
{
	int error = privileges_drop();

	return error == 0 ? enter(true) : error;
}

#else

int sandbox_reader(void)
{
	return E_UNSUPPORTED;
}

int sandbox_watcher(void)
{
	int error = privileges_drop();

	return error == 0 ? E_UNSUPPORTED : error;
}

#endif
