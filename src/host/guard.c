/*
 * guard - nothing that ipc-sweep has started outlives it, whatever kills it
 *
 * Usage: guard watch FIFO PARENT          one for each ipc-sweep, whose pid PARENT is; makes FIFO
 *                                         and reads it
 *        guard run COMMAND [ARGUMENT ...] starts a command, descriptor 3 being FIFO's writing end
 *
 * `run` writes `+PID` to the watcher, closes descriptor 3 and becomes the command, keeping its
 * pid, its parent and its process group: a command is known to the watcher before it exists.
 * ipc-sweep writes `-PID` when it has seen the command's group end. The watcher's input ends when
 * ipc-sweep ends, by whatever signal, and no `run` is on its way; it then kills every group it
 * still knows. Before ipc-sweep has opened its end, once a second, the watcher looks whether its
 * parent lives; from then on it never polls, and it is asleep while a benchmark runs.
 *
 * Before ipc-sweep changes a setting of the machine it writes `wPATH<tab>VALUE` (a file's) or
 * `sNAME<tab>VALUE` (a sysctl's). When its input ends, the watcher puts these values back.
 *
 * Exit: `run` as the command, or 127 with a line on stderr when it cannot be started;
 *       `watch` 0, or 1 with a line on stderr.
 */
#define _POSIX_C_SOURCE 200809L

#include <sys/types.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_GROUPS 256
#define REGISTRY 3
#define LOOK_EVERY_S 1
/* A pipe takes as much from one writer without mixing in another's, everywhere. */
#define LONGEST_LINE 512

struct saved {
	struct saved *before;
	char kind;
	const char *value;
	char target[LONGEST_LINE];
};

/* The last one saved is the first one put back. */
static struct saved *last_saved;

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

static void
save(const char *line)
{
	struct saved *entry = malloc(sizeof *entry);
	char *tab;

	if (entry == NULL)
		return;
	entry->kind = line[0];
	snprintf(entry->target, sizeof entry->target, "%s", line + 1);
	entry->target[strcspn(entry->target, "\n")] = '\0';
	tab = strchr(entry->target, '\t');
	if (tab == NULL || (entry->kind == 'w' && entry->target[0] != '/')) {
		free(entry);
		return;
	}
	/* sysctl takes both as one word. */
	*tab = entry->kind == 'w' ? '\0' : '=';
	entry->value = tab + 1;
	entry->before = last_saved;
	last_saved = entry;
}

static void
put_back_file(const struct saved *entry)
{
	int file = open(entry->target, O_WRONLY | O_TRUNC | O_NOFOLLOW);
	size_t length = strlen(entry->value);

	if (file < 0)
		return;
	if (write(file, entry->value, length) != (ssize_t)length)
		fprintf(stderr, "guard: cannot restore %s: %s\n", entry->target, strerror(errno));
	close(file);
}

static void
put_back_sysctl(const struct saved *entry)
{
	pid_t child = fork();

	if (child == 0) {
		/* Whoever read what it prints has gone. */
		signal(SIGPIPE, SIG_IGN);
		execl("/sbin/sysctl", "sysctl", entry->target, (char *)NULL);
		_exit(127);
	}
	if (child > 0)
		waitpid(child, NULL, 0);
}

static void
put_back(void)
{
	for (const struct saved *at = last_saved; at != NULL; at = at->before) {
		if (at->kind == 'w')
			put_back_file(at);
		else
			put_back_sysctl(at);
	}
}

static const char *registry_path;
static pid_t parent;

/* An ipc-sweep that is killed before it opens its end would leave its watcher waiting for ever. */
static void
look_after_parent(int number)
{
	(void)number;
	if (getppid() != parent) {
		unlink(registry_path);
		_exit(1);
	}
	alarm(LOOK_EVERY_S);
}

static int
watch(const char *path, pid_t started_by)
{
	/* The opening goes on after each look. */
	struct sigaction look = { .sa_handler = look_after_parent, .sa_flags = SA_RESTART };
	FILE *registry;
	char line[LONGEST_LINE];

	/* What ends ipc-sweep from a terminal must not end its watcher first. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (mkfifo(path, 0600) != 0) {
		fprintf(stderr, "guard: cannot make %s: %s\n", path, strerror(errno));
		return (1);
	}
	registry_path = path;
	parent = started_by;
	sigemptyset(&look.sa_mask);
	sigaction(SIGALRM, &look, NULL);
	alarm(LOOK_EVERY_S);
	printf("ready\n");
	fflush(stdout);
	registry = fopen(path, "r");
	alarm(0);
	unlink(path);
	if (registry == NULL) {
		fprintf(stderr, "guard: cannot open %s: %s\n", path, strerror(errno));
		return (1);
	}
	while (fgets(line, sizeof line, registry) != NULL) {
		if (line[0] == 'w' || line[0] == 's')
			save(line);
		else
			note(line);
	}
	for (int i = 0; i < MOST_GROUPS; i++) {
		if (groups[i] != 0)
			kill(-groups[i], SIGKILL);
	}
	put_back();
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
	if (argc == 4 && strcmp(argv[1], "watch") == 0)
		return (watch(argv[2], (pid_t)strtol(argv[3], NULL, 10)));
	if (argc > 2 && strcmp(argv[1], "run") == 0)
		return (run(argv + 2));
	fprintf(stderr, "usage: guard watch FIFO PARENT | guard run COMMAND [ARGUMENT ...]\n");
	return (127);
}
