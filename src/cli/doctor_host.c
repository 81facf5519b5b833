/* This host: what a server needs of it beside its ports. */
#include "cli/doctor.h"

#include "base/error.h"
#include "net/firewall.h"
#include "net/privileges.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define SPACE_NEEDED       (64ull << 20)
#define YEAR_2024          1704067200
#define DESCRIPTORS_NEEDED 19100 /* 18,100 phones, and what the server needs beside them */

static void check_clock(struct doctor *d)
{
	struct timex clock = {0};

	if (time(NULL) < YEAR_2024)
		doctor_tell(d, DOCTOR_WRONG, "clock",
			    "Set it, or let NTP: phones show the time they get here.",
			    "this host believes it is before 2024");
	else if (adjtimex(&clock) < 0 || (clock.status & STA_UNSYNC) != 0)
		doctor_tell(d, DOCTOR_LOOK, "clock",
			    "Run chrony or systemd-timesyncd: phones show the time they get here.",
			    "is set, and nothing keeps it right");
	else
		doctor_tell(d, DOCTOR_FINE, "clock", "", "is set and kept right");
}

/* Not what its rules say: only that they are there to be looked at. */
static void check_firewall(struct doctor *d)
{
	struct firewall found;
	int error = firewall_look(&found);

	if (error == E_DENIED)
		doctor_tell(d, DOCTOR_LOOK, "firewall", "Run as root to be told.", "not asked");
	else if (error != 0 || found.chains == 0)
		doctor_tell(d, DOCTOR_FINE, "firewall", "",
			    "no packet filter of this host looks at what comes in");
	else
		doctor_tell(d, DOCTOR_LOOK, "firewall",
			    "Let UDP 67 and 69 and TCP 2000 and 6970 in: nft list ruleset",
			    "%zu packet filters look at what comes in, %zu drop by default: %s",
			    found.chains, found.dropping, found.first);
}

static void check_descriptors(struct doctor *d)
{
	struct rlimit limit = {0, 0};

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max >= DESCRIPTORS_NEEDED)
		doctor_tell(d, DOCTOR_FINE, "limits", "", "enough open files for 18,000 phones");
	else
		doctor_tell(d, DOCTOR_LOOK, "limits",
			    "LimitNOFILE=20000 in the service's unit, or ulimit -Hn 20000",
			    "%llu open files at most: no more than some %llu phones",
			    (unsigned long long)limit.rlim_max,
			    (unsigned long long)(limit.rlim_max > 2000 ? limit.rlim_max - 1000
								       : limit.rlim_max / 2));
}

static void check_space(struct doctor *d, const char *where)
{
	struct statvfs fs;

	if (statvfs(where, &fs) != 0) {
		/* serve makes its own directory. */
		doctor_tell(d, errno == ENOENT ? DOCTOR_LOOK : DOCTOR_WRONG, "database",
			    errno == ENOENT ? "serve makes it under /var/lib; elsewhere: mkdir."
					    : "",
			    "%s: %s", where, cli_errno());
		return;
	}
	unsigned long long free_bytes = (unsigned long long)fs.f_bavail * fs.f_frsize;
	if (access(where, W_OK) != 0)
		doctor_tell(d, DOCTOR_WRONG, "database",
			    "Run as root, or name another place with --database.",
			    "%s cannot be written", where);
	else if (free_bytes < SPACE_NEEDED)
		doctor_tell(d, DOCTOR_WRONG, "database",
			    "A full disk stops new leases and registrations.",
			    "only %llu MB free in %s", free_bytes >> 20, where);
	else
		doctor_tell(d, DOCTOR_FINE, "database", "", "%llu MB free in %s", free_bytes >> 20,
			    where);
}

/* Of root alone: who else starts a server stays who he is. */
static void check_user(struct doctor *d, const char *where)
{
	struct stat directory;
	struct stat file;
	struct privileges_user user;
	bool usual = strcmp(where, "/var/lib/dialtone") == 0;
	bool there = stat(where, &directory) == 0;

	if (geteuid() != 0)
		return;
	if (there && directory.st_uid != 0)
		privileges_owner(directory.st_uid, directory.st_gid, &user);
	else if (!usual || privileges_find_user("dialtone", &user) != 0) {
		doctor_tell(d, DOCTOR_LOOK, "user",
			    usual ? "useradd --system dialtone"
				  : "serve --user NAME, with a directory that is that user's",
			    "a server stays root, without any capability");
		return;
	}
	if (stat(d->database, &file) == 0 && file.st_uid != user.uid && file.st_uid != 0)
		doctor_tell(d, DOCTOR_WRONG, "user", "Give it to that user: chown",
			    "%s is not %s's, who owns its directory", d->database, user.name);
	else
		doctor_tell(d, DOCTOR_FINE, "user", "", "a server becomes %s", user.name);
}

void doctor_check_host(struct doctor *d)
{
	char directory[256];
	const char *slash = strrchr(d->database, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - d->database);

	(void)snprintf(directory, sizeof directory, "%.*s", (int)len,
		       slash == NULL ? "" : d->database);
	const char *where = directory[0] != 0 ? directory : slash != NULL ? "/" : ".";
	check_clock(d);
	check_firewall(d);
	check_descriptors(d);
	check_space(d, where);
	check_user(d, where);
}
