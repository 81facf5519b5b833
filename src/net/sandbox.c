/* The sandbox of whoever reads a stranger's capture: a list of system calls, by libseccomp
 * (docs/decisions/011-seccomp.md). */
#include "net/sandbox.h"

#include "base/error.h"

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

int sandbox_reader(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool failed = filter == NULL;

	for (size_t i = 0; !failed && i < sizeof allowed / sizeof *allowed; i++)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) != 0;
	failed = failed || seccomp_load(filter) != 0;
	seccomp_release(filter);
	return failed ? E_SYSTEM : 0;
}

#else

int sandbox_reader(void)
{
	return E_UNSUPPORTED;
}

#endif
