/*
 * Starts RATE processes a second for SECONDS, each born into a cgroup (CLONE_INTO_CGROUP), with a
 * life of 50 to 100 ms, taking the given executables in turn.
 *
 *	spawner CGROUP_DIRECTORY RATE SECONDS CPU_MILLISECONDS PROGRAM...
 *
 * Prints: ended, failed, the median and the largest life in milliseconds, seconds it took.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_LIVING 4096

static struct {
	pid_t pid;
	int64_t start;
} living[MAX_LIVING];
static double *lives;
static int ended, failed;

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ll + time.tv_nsec;
}

/*
 * Like vfork: the child runs this program's code for some microseconds only, in the cgroup already,
 * and whatever is sampled there belongs to the spawner.
 */
static pid_t spawn_child(int cgroup, char *const argv[])
{
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP,
		.exit_signal = SIGCHLD,
		.cgroup = cgroup,
	};
	pid_t pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0) {
		execv(argv[0], argv);
		_exit(127);
	}
	return pid;
}

static void reap(int options)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, options)) > 0) {
		failed += status != 0;
		for (int i = 0; i < MAX_LIVING; i++) {
			if (living[i].pid != pid)
				continue;
			lives[ended++] = (now() - living[i].start) / 1e6;
			living[i].pid = 0;
			break;
		}
	}
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
	int cgroup, count, slot = 0;
	int64_t begin;
	double rate;

	if (argc < 6) {
		fprintf(stderr, "usage: spawner CGROUP RATE SECONDS CPU_MILLISECONDS PROGRAM...\n");
		return 2;
	}
	cgroup = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup < 0) {
		perror("spawner: cgroup");
		return 1;
	}
	rate = atof(argv[2]);
	count = rate * atof(argv[3]);
	lives = calloc(count + 1, sizeof(*lives));
	begin = now();
	for (int i = 0; i < count; i++) {
		int64_t due = begin + i * 1e9 / rate;
		char life[16];
		char *arguments[] = {argv[5 + i % (argc - 5)], argv[4], life, NULL};

		while (now() < due) {
			struct timespec pause = {0, 1000000};

			nanosleep(&pause, NULL);
			reap(WNOHANG);
		}
		snprintf(life, sizeof(life), "%d", 50 + i * 37 % 51);
		while (living[slot].pid)
			slot = (slot + 1) % MAX_LIVING;
		living[slot].start = now();
		living[slot].pid = spawn_child(cgroup, arguments);
		if (living[slot].pid < 0) {
			perror("spawner: clone3");
			return 1;
		}
	}
	reap(0);
	qsort(lives, ended, sizeof(*lives), compare);
	printf("%d %d %.1f %.1f %.1f\n", ended, failed, lives[ended / 2], lives[ended - 1],
	       (now() - begin) / 1e9);
	return failed != 0;
}
