/* The sandbox of whoever reads captures, tried in a child process: it is for good. */
#include "harness.h"

#include "base/error.h"
#include "net/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLOSED_WELL = 0, NO_SANDBOX = 77 };

/* What a program behind the sandbox finds: 0 when all is as it must be. */
static int child(int in)
{
	char c = 0;
	int error = sandbox_reader();

	if (error == E_UNSUPPORTED)
		return NO_SANDBOX;
	if (error != 0)
		return 1;
	if (read(in, &c, 1) != 1 || c != 'x')
		return 2;
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM)
		return 3;
	if (open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0 || errno != EPERM)
		return 4;
	if (fork() >= 0 || errno != EPERM)
		return 5;
	void *memory = malloc((size_t)64 << 20);
	if (memory == NULL)
		return 6;
	free(memory);
	return CLOSED_WELL;
}

TEST(
    "behind the sandbox open files are read and memory is had; files, sockets and programs are not")
{
	int ends[2];
	int status = 0;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(child(ends[0]));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) != NO_SANDBOX)
		assert_int_equal(WEXITSTATUS(status), CLOSED_WELL);
	(void)close(ends[0]);
	(void)close(ends[1]);
}
