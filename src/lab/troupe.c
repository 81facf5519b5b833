#include "lab/troupe.h"

#include "base/text.h"
#include "lab/act.h"
#include "lab/spawn.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TOGETHER_MAX 256
#define PATIENCE_S   60 /* beyond what the scenario itself allows */
#define LOOK_MS      200

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

static double now_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? write(fd, text, strlen(text)) : -1;

	if (fd >= 0)
		(void)close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

/* Our own user becomes root of a new namespace: enough for networks and low ports in it. */
static int become_root(void)
{
	char map[64];
	unsigned uid = geteuid();
	unsigned gid = getegid();

	if (uid == 0)
		return 0;
	if (unshare(CLONE_NEWUSER) != 0)
		return -1;
	(void)snprintf(map, sizeof map, "0 %u 1", uid);
	if (write_text("/proc/self/uid_map", map) != 0 ||
	    write_text("/proc/self/setgroups", "deny") != 0)
		return -1;
	(void)snprintf(map, sizeof map, "0 %u 1", gid);
	return write_text("/proc/self/gid_map", map);
}

/* As fork, with network and process namespaces of its own: when the child ends, all it started
 * ends. */
static pid_t fork_alone(void)
{
	return (pid_t)syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNET | SIGCHLD, NULL, NULL, NULL,
			      NULL);
}

static int remove_tree(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry = NULL;

	while (directory != NULL &&
	       (entry = readdir(directory)) != NULL) { // NOLINT(concurrency-mt-unsafe)
		char inner[512];
		struct stat what;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		(void)snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
		if (lstat(inner, &what) == 0 && S_ISDIR(what.st_mode))
			(void)remove_tree(inner);
		else
			(void)unlink(inner);
	}
	if (directory != NULL)
		(void)closedir(directory);
	return rmdir(path);
}

static void play(const struct troupe_run *r, int out)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setpgid(0, 0);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGHUP, SIG_DFL);
	json_t *result = act_run(r->scenario, r->broken, r->directory, r->keep);
	(void)json_dumpfd(result, out, JSON_COMPACT);
	_exit(0);
}

static int begin(struct troupe_run *r)
{
	const char *tmp = getenv("TMPDIR"); // NOLINT(concurrency-mt-unsafe): one thread
	int ends[2];

	(void)snprintf(r->directory, sizeof r->directory, "%.40s/dialtone-lab-XXXXXX",
		       tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(r->directory) == NULL || pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	(void)fflush(NULL);
	r->began = now_s();
	r->pid = fork_alone();
	if (r->pid == 0)
		play(r, ends[1]);
	(void)close(ends[1]);
	r->pipe = ends[0];
	if (r->pid > 0)
		return 0;
	int error = errno;
	(void)close(r->pipe);
	(void)remove_tree(r->directory);
	errno = error;
	return -1;
}

static json_t *read_result(int fd)
{
	json_t *result = json_loadfd(fd, 0, NULL);

	(void)close(fd);
	return result;
}

/* The first process of a namespace takes the others with it. */
static void finish(struct troupe_run *r)
{
	r->result = read_result(r->pipe);
	(void)kill(r->pid, SIGKILL);
	(void)waitpid(r->pid, NULL, 0);
	(void)remove_tree(r->directory);
	r->pid = 0;
}

static void give_up(struct troupe_run *r)
{
	(void)kill(r->pid, SIGKILL);
	finish(r);
}

static bool is_running(const struct troupe_run *r)
{
	return r->pid > 0;
}

static size_t wait_some(struct troupe_run *runs, size_t begun,
			void (*on_done)(void *context, struct troupe_run *run), void *context)
{
	struct pollfd polled[TOGETHER_MAX];
	struct troupe_run *of[TOGETHER_MAX];
	nfds_t count = 0;
	size_t done = 0;

	for (size_t i = 0; i < begun && count < TOGETHER_MAX; i++) {
		if (!is_running(&runs[i]))
			continue;
		polled[count] = (struct pollfd){.fd = runs[i].pipe, .events = POLLIN};
		of[count++] = &runs[i];
	}
	(void)poll(polled, count, LOOK_MS);
	for (nfds_t i = 0; i < count; i++) {
		if (polled[i].revents != 0)
			finish(of[i]);
		else if (now_s() - of[i]->began > of[i]->scenario->within + PATIENCE_S)
			give_up(of[i]);
		else
			continue;
		done++;
		on_done(context, of[i]);
	}
	return done;
}

static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

static int cannot(void)
{
	(void)fprintf(stderr,
		      "dialtone: cannot make a private network: %s\n"
		      "The lab needs root, or unprivileged user namespaces (sysctl "
		      "kernel.unprivileged_userns_clone).\n",
		      strerror(errno)); // NOLINT(concurrency-mt-unsafe): one thread
	return -1;
}

int troupe_run(struct troupe_run *runs, size_t count, unsigned together,
	       void (*on_done)(void *context, struct troupe_run *run), void *context)
{
	size_t begun = 0;
	size_t running = 0;
	int error = 0;

	catch_signals();
	if (become_root() != 0)
		return cannot();
	while (!interrupted && error == 0 && (begun < count || running > 0)) {
		if (begun < count && running < together && running < TOGETHER_MAX) {
			error = begin(&runs[begun]) == 0 ? 0 : cannot();
			begun += error == 0;
			running += error == 0;
			continue;
		}
		running -= wait_some(runs, begun, on_done, context);
	}
	for (size_t i = 0; i < begun; i++) {
		if (is_running(&runs[i]))
			give_up(&runs[i]);
	}
	return interrupted ? -1 : error;
}
