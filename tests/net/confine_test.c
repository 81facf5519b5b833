/* What a confined process can no longer do: each in a child of its own. */
#include "harness.h"

#include "net/confine.h"
#include "net/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Both are given up when the process starts to serve; the deed comes after. */
struct told {
	int status;
	char text[512];
};

static struct told confined(int (*deed)(void))
{
	struct told t = {0};
	int fd[2];
	size_t len = 0;
	ssize_t n = 0;
	assert_int_equal(pipe(fd), 0);
	pid_t child = fork();
	if (child == 0) {
		(void)dup2(fd[1], STDERR_FILENO);
		if (privileges_drop() != 0 || confine_calls() != 0)
			_exit(99);
		_exit(deed());
	}
	(void)close(fd[1]);
	while ((n = read(fd[0], t.text + len, sizeof t.text - 1 - len)) > 0)
		len += (size_t)n;
	(void)close(fd[0]);
	assert_int_equal(waitpid(child, &t.status, 0), child);
	return t;
}

static int run_program(void)
{
	static char name[] = "/bin/true";
	char *const arguments[] = {name, NULL};
	return execve(name, arguments, NULL) == 0 ? 0 : 1;
}

static int start_process(void)
{
	return fork() < 0 ? 1 : 0;
}

static int open_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0 ? 1 : 0;
}

static int debug_another(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) < 0 ? 1 : 0;
}

static int make_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);
	return p == MAP_FAILED ? 1 : 0;
}

static int kill_another(void)
{
	return kill(getppid(), 0) == 0 ? 0 : 1;
}

TEST("a confined process that runs a program, forks, opens a socket, debugs, signals others or "
     "makes "
     "code is stopped, and says by which call")
{
	static const struct {
		int (*deed)(void);
		const char *what;
	} deeds[] = {{run_program, "execve"},     {start_process, "fork"},
		     {open_socket, "socket"},     {debug_another, "ptrace"},
		     {make_code, "mmap of code"}, {kill_another, "kill"}};
	if (!confine_is_built())
		return; /* sanitizers cannot live in one */
	for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
		struct told t = confined(deeds[i].deed);
		if (!WIFSIGNALED(t.status) || WTERMSIG(t.status) != SIGSYS)
			fail_msg("%s: status %d, %s", deeds[i].what, t.status, t.text);
		assert_non_null(strstr(t.text, "stopped: system call "));
	}
}

static void *do_nothing(void *context)
{
	return context;
}

/* What libraries do behind a server's back. */
static int work(void)
{
	char name[] = "/tmp/dialtone-confine-XXXXXX";
	pthread_t thread;
	void *much = calloc(1, (size_t)64 << 20);
	int fd = mkstemp(name);
	int bad = much == NULL || fd < 0 || write(fd, name, sizeof name) < 0 || fdatasync(fd) != 0;
	bad |= pthread_create(&thread, NULL, do_nothing, NULL) != 0;
	bad |= pthread_join(thread, NULL) != 0;
	(void)close(fd);
	(void)unlink(name);
	free(much);
	(void)fprintf(stderr, "%d", isatty(2));
	return bad;
}

TEST("files, memory and threads go on working in a confined process")
{
	struct told t = confined(work);
	if (!WIFEXITED(t.status) || WEXITSTATUS(t.status) != 0)
		fail_msg("status %d: %s", t.status, t.text);
}

/* All threads: the one that is there when the doors close, too. */
static void *wait_and_run(void *context)
{
	const int *go = context;
	char c = 0;
	if (read(*go, &c, 1) == 1)
		(void)run_program();
	return NULL;
}

TEST("a thread that was there before is confined as well")
{
	int go[2];
	int status = 0;
	if (!confine_is_built())
		return;
	assert_int_equal(pipe(go), 0);
	pid_t child = fork();
	if (child == 0) {
		pthread_t thread;
		(void)close(STDERR_FILENO);
		if (pthread_create(&thread, NULL, wait_and_run, &go[0]) != 0 ||
		    privileges_drop() != 0 || confine_calls() != 0 || write(go[1], "x", 1) != 1)
			_exit(99);
		(void)pthread_join(thread, NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	(void)close(go[0]);
	(void)close(go[1]);
}

/* 0 when all is as it should be, else the number of the line that is not. */
static int reach_out(const char *inside, const char *outside)
{
	char path[128];
	const struct confine_path paths[] = {
	    {inside, CONFINE_WRITE}, {"/nowhere", CONFINE_WRITE}, {"/etc/hostname", CONFINE_READ}};
	if (confine_files(paths, sizeof paths / sizeof *paths) != 0)
		return __LINE__;
	(void)snprintf(path, sizeof path, "%s/a", inside);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, 0) != 0 || close(fd) != 0 || unlink(path) != 0)
		return __LINE__;
	(void)snprintf(path, sizeof path, "%s/a", outside);
	if (open(path, O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES)
		return __LINE__;
	if (open(path, O_WRONLY | O_CLOEXEC) >= 0 || unlink(path) == 0)
		return __LINE__;
	(void)snprintf(path, sizeof path, "%s/b", outside);
	if (open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) >= 0)
		return __LINE__;
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 ? __LINE__ : 0;
}

TEST("a confined process reaches its own directory and no other, root or not")
{
	char inside[] = "/tmp/dialtone-inside-XXXXXX";
	char outside[] = "/tmp/dialtone-outside-XXXXXX";
	char path[128];
	int status = 0;
	if (!confine_is_built())
		return;
	assert_non_null(mkdtemp(inside));
	assert_non_null(mkdtemp(outside));
	(void)snprintf(path, sizeof path, "%s/a", outside);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fclose(f), 0);
	pid_t child = fork();
	if (child == 0) {
		int line = reach_out(inside, outside);
		_exit(line == 0 ? 0 : line & 0x7f ? line & 0x7f : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(outside), 0);
	assert_int_equal(rmdir(inside), 0);
	assert_int_equal(status, 0);
}

TEST("descriptors are raised to the limit, and a limit is told as it is")
{
	struct rlimit old;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	struct rlimit low = {.rlim_cur = 64, .rlim_max = old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	size_t got = privileges_raise_descriptors();
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(got, old.rlim_max);
}
