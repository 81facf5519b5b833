#include "lab/spawn.h"

#include <assert.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 3000
#define LOOK_MS     10
#define ARGS_MAX    64

pid_t spawn_child(void)
{
	pid_t child = fork();

	/* Both say it: whoever comes first, the group is there before anybody is sent a signal. */
	if (child != 0)
		return child > 0 ? (void)setpgid(child, child), child : child;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setpgid(0, 0);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGHUP, SIG_DFL);
	spawn_log("/dev/null");
	return 0;
}

void spawn_log(const char *path)
{
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int out = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	if (in >= 0)
		(void)dup2(in, STDIN_FILENO);
	if (out >= 0) {
		(void)dup2(out, STDOUT_FILENO);
		(void)dup2(out, STDERR_FILENO);
	}
}

noreturn void spawn_become(const char *program, const char *const *argv)
{
	char *args[ARGS_MAX]; /* execvp wants no const */
	size_t n = 0;

	assert(program != NULL);
	for (; n < ARGS_MAX - 1 && argv[n] != NULL; n++)
		memcpy(&args[n], &argv[n], sizeof args[n]);
	args[n] = NULL;
	(void)execvp(program, args);
	_exit(127);
}

static void read_all(int fd, struct buf *to)
{
	char bytes[8192];
	ssize_t n = 0;

	while ((n = read(fd, bytes, sizeof bytes)) > 0) {
		if (to != NULL)
			buf_append(to, slice_of(bytes, (size_t)n));
	}
}

int spawn_read(const char *const *argv, struct buf *ret_output)
{
	int ends[2];
	int status = 0;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return 127;
	pid_t child = spawn_child();
	if (child == 0) {
		(void)dup2(ends[1], STDOUT_FILENO);
		spawn_become(argv[0], argv);
	}
	(void)close(ends[1]);
	read_all(ends[0], ret_output);
	(void)close(ends[0]);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return 127;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}

void spawn_end(pid_t *child)
{
	pid_t pid = *child;

	*child = 0;
	if (pid <= 0)
		return;
	(void)kill(-pid, SIGTERM);
	for (int ms = 0; ms < PATIENCE_MS; ms += LOOK_MS) {
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return;
		(void)poll(NULL, 0, LOOK_MS);
	}
	(void)kill(-pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}
