/*
 * guard - nothing that ipc-sweep has started outlives it, whatever kills it
 *
 * Usage: guard watch FIFO                 one for each ipc-sweep; makes FIFO and reads it
 *        guard run COMMAND [ARGUMENT ...] starts a command, descriptor 3 being FIFO's writing end
 *
 * `run` writes `+PID` to the watcher, closes descriptor 3 and becomes the command, keeping its
 * pid, its parent and its process group: a command is known to the watcher before it exists.
 * ipc-sweep writes `-PID` when it has seen the command's group end. The watcher's input ends when
 * ipc-sweep ends, by whatever signal, and no `run` is on its way; it then kills every group it
 * still knows. It never polls, and it is asleep while a benchmark runs.
 *
 * Exit: `run` as the command, or 127 with a line on stderr when it cannot be started;
 *       `watch` 0, or 1 with a line on stderr.
 */
#define _POSIX_C_SOURCE 200809L

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_GROUPS 256
#define REGISTRY 3
#define PATIENCE_S 60

static pid_t groups[MOST_GROUPS];

static void
replace(pid_t old, pid_t new)
{
	for (int i = 0; i < MOST_GROUPS; i++) {
		if (groups[i] == old) {
			groups[i] = new;
			return;
		}
	}
}

static void
note(const char *line)
{
	pid_t group = (pid_t)strtol(line + 1, NULL, 10);

	/* 0 would be this process's own group, and -1 everybody. */
	if (group <= 1)
		return;
	if (line[0] == '+')
		replace(0, group);
	else if (line[0] == '-')
		replace(group, 0);
}

static int
watch(const char *path)
{
	FILE *registry;
	char line[64];

	/* What ends ipc-sweep from a terminal must not end its watcher first. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (mkfifo(path, 0600) != 0) {
		fprintf(stderr, "guard: cannot make %s: %s\n", path, strerror(errno));
		return (1);
	}
	printf("ready\n");
	fflush(stdout);
	/* An ipc-sweep that is killed before it opens its end would leave this waiting for ever. */
	alarm(PATIENCE_S);
	registry = fopen(path, "r");
	alarm(0);
	unlink(path);
	if (registry == NULL) {
		fprintf(stderr, "guard: cannot open %s: %s\n", path, strerror(errno));
		return (1);
	}
	while (fgets(line, sizeof line, registry) != NULL)
		note(line);
	for (int i = 0; i < MOST_GROUPS; i++) {
		if (groups[i] != 0)
			kill(-groups[i], SIGKILL);
	}
	return (0);
}

static int
run(char **command)
{
	char line[64];
	int length = snprintf(line, sizeof line, "+%ld\n", (long)getpid());

	/* A watcher that has gone must not take the command with it. */
	signal(SIGPIPE, SIG_IGN);
	if (write(REGISTRY, line, (size_t)length) != length)
		fprintf(stderr, "guard: %s is not watched: %s\n", command[0], strerror(errno));
	signal(SIGPIPE, SIG_DFL);
	close(REGISTRY);
	execvp(command[0], command);
	fprintf(stderr, "guard: cannot start %s: %s\n", command[0], strerror(errno));
	return (127);
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "watch") == 0)
		return (watch(argv[2]));
	if (argc > 2 && strcmp(argv[1], "run") == 0)
		return (run(argv + 2));
	fprintf(stderr, "usage: guard watch FIFO | guard run COMMAND [ARGUMENT ...]\n");
	return (127);
}
