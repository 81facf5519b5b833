#include "cli/sim_seeds.h"

#include "base/error.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS_MAX 64

/* What a child writes when a world is over: short enough to arrive whole. */
struct done {
	unsigned job;
	uint64_t seed, events;
	bool broken;
	int error;
};

struct running {
	const struct sim_seeds *seeds;
	pid_t child[JOBS_MAX];
	unsigned jobs;
	int read_fd, write_fd;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	interrupted = number;
}

static void child_main(const struct running *r, unsigned job)
{
	for (unsigned i = job; i < r->seeds->count; i += r->jobs) {
		struct sim_config c = r->seeds->config;
		struct sim_result result = {0};
		struct done done = {.job = job, .seed = c.seed + i};
		c.seed = done.seed;
		if (c.faults == NULL)
			c.faults = sim_faults_of_seed(c.seed);
		done.error = sim_run(&c, &result);
		done.events = result.events;
		done.broken = result.violated != 0;
		if (write(r->write_fd, &done, sizeof done) != (ssize_t)sizeof done)
			return;
		if (done.error != 0 || done.broken)
			return;
	}
}

static int begin(struct running *r)
{
	int fd[2];

	if (pipe(fd) != 0)
		return E_SYSTEM;
	r->read_fd = fd[0];
	r->write_fd = fd[1];
	for (unsigned k = 0; k < r->jobs; k++) {
		r->child[k] = fork();
		if (r->child[k] == 0) {
			(void)signal(SIGINT, SIG_DFL);
			(void)signal(SIGTERM, SIG_DFL);
			(void)close(fd[0]);
			child_main(r, k);
			_exit(0);
		}
		if (r->child[k] < 0)
			return E_SYSTEM;
	}
	(void)close(r->write_fd);
	r->write_fd = -1;
	return 0;
}

/* Lower seeds than the broken one are still waited for, higher ones are not. */
static void stop_beyond(const struct running *r, const struct done *done, uint64_t broken)
{
	if (done->seed + r->jobs > broken && r->child[done->job] > 0)
		(void)kill(r->child[done->job], SIGKILL);
}

static int collect(const struct running *r, struct sim_seeds_result *result)
{
	uint64_t reached[JOBS_MAX];
	struct done done;
	int error = 0;

	for (unsigned k = 0; k < r->jobs; k++)
		reached[k] = r->seeds->config.seed + k;
	for (;;) {
		ssize_t n = read(r->read_fd, &done, sizeof done);
		if (n < 0 && errno == EINTR && interrupted == 0)
			continue;
		if (n != (ssize_t)sizeof done || interrupted != 0 || error != 0)
			return error;
		error = done.error;
		reached[done.job] = done.seed + r->jobs;
		result->done++;
		result->events += done.events;
		if (done.broken && (!result->broken || done.seed < result->violated)) {
			result->broken = true;
			result->violated = done.seed;
		}
		for (unsigned k = 0; k < r->jobs && result->broken; k++) {
			struct done at = {.job = k, .seed = reached[k] - r->jobs};
			stop_beyond(r, &at, result->violated);
		}
		if (r->seeds->on_progress != NULL)
			r->seeds->on_progress(r->seeds->context, result->done);
	}
}

/* Nobody is left behind; one that died on its own did not run to its end. */
static int reap(const struct running *r, bool kill_them)
{
	int error = 0;

	for (unsigned k = 0; k < r->jobs; k++) {
		int status = 0;
		if (r->child[k] <= 0)
			continue;
		if (kill_them)
			(void)kill(r->child[k], SIGKILL);
		while (waitpid(r->child[k], &status, 0) < 0 && errno == EINTR)
			;
		if (!kill_them && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
			error = E_SYSTEM;
	}
	return error;
}

int sim_seeds_run(const struct sim_seeds *seeds, struct sim_seeds_result *ret_result)
{
	struct running r = {.seeds = seeds, .read_fd = -1, .write_fd = -1};
	struct sigaction action = {.sa_handler = on_signal};
	struct sigaction old[2];

	*ret_result = (struct sim_seeds_result){0};
	if (seeds->count == 0 || seeds->jobs == 0 || seeds->config.seed > UINT64_MAX - seeds->count)
		return E_BAD_VALUE;
	r.jobs = seeds->jobs < JOBS_MAX ? seeds->jobs : JOBS_MAX;
	r.jobs = r.jobs < seeds->count ? r.jobs : seeds->count;
	interrupted = 0;
	(void)sigaction(SIGINT, &action, &old[0]);
	(void)sigaction(SIGTERM, &action, &old[1]);
	int error = begin(&r);
	if (error == 0)
		error = collect(&r, ret_result);
	ret_result->signal = interrupted;
	int ended = reap(&r, error != 0 || interrupted != 0 || ret_result->broken);
	(void)close(r.read_fd);
	if (r.write_fd >= 0)
		(void)close(r.write_fd);
	(void)sigaction(SIGINT, &old[0], NULL);
	(void)sigaction(SIGTERM, &old[1], NULL);
	return error != 0 ? error : ended;
}
