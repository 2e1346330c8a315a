/*
 * tend - runs a command that ipc-sweep may not signal, and takes orders about it
 *
 * Usage: tend COMMAND [ARGUMENT ...]          as root: sudo -n tend ...; standard input: the orders
 *
 * Starts the command in a process group of its own, with an empty standard input and with stdout and
 * stderr as they are. Orders are single letters: `T` sends TERM to the group, `K` sends KILL. When
 * the orders end, because ipc-sweep has ended by whatever signal, or when tend itself is sent TERM,
 * the group gets TERM, and KILL if the command is still there GRACE_S later. What is left of the
 * group when the command has ended is killed. It never polls, and it is asleep in between.
 *
 * Exit: as the command, by the same exit code or signal; 127 with a line on stderr when it cannot
 *       be started.
 */
#define _POSIX_C_SOURCE 200809L

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/wait.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define GRACE_S 2

/* What a terminal sends to everybody is ipc-sweep's to answer. */
static const int from_terminal[] = { SIGINT, SIGQUIT, SIGHUP, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE };
#define FROM_TERMINAL (sizeof from_terminal / sizeof *from_terminal)

static volatile sig_atomic_t told_to_end;

static void
on_signal(int number)
{
	/* SIGCHLD has nothing to say but that waiting is over. */
	if (number == SIGTERM)
		told_to_end = 1;
}

/* In the child: becomes the command, with the signals as they were before tend. */
static void
become(char **command, const sigset_t *mask)
{
	int nothing = open("/dev/null", O_RDONLY);

	setpgid(0, 0);
#ifdef __linux__
	/* Whoever kills tend with KILL kills the command, too; elsewhere it would live on. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
	/* The orders are not for the command. */
	if (nothing > STDIN_FILENO) {
		dup2(nothing, STDIN_FILENO);
		close(nothing);
	}
	for (size_t i = 0; i < FROM_TERMINAL; i++)
		signal(from_terminal[i], SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(command[0], command);
	fprintf(stderr, "tend: cannot start %s: %s\n", command[0], strerror(errno));
	_exit(127);
}

/* Obeys what there is to be read. Returns whether more may come. */
static int
obey(pid_t group)
{
	char orders[64];
	ssize_t length = read(STDIN_FILENO, orders, sizeof orders);

	for (ssize_t i = 0; i < length; i++) {
		if (orders[i] == 'T')
			kill(-group, SIGTERM);
		else if (orders[i] == 'K')
			kill(-group, SIGKILL);
	}
	return (length > 0 || (length == -1 && (errno == EINTR || errno == EAGAIN)));
}

static int
has_ended(pid_t command)
{
	siginfo_t end = { 0 };

	/* It is not reaped here, so that its group's number stays its own. */
	return (waitid(P_PID, (id_t)command, &end, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    end.si_pid == command);
}

static time_t
now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec);
}

/* Returns when the command has ended. `mask` lets SIGCHLD and SIGTERM in; outside they wait. */
static void
attend(pid_t command, const sigset_t *mask)
{
	enum { ATTENDING, ENDING, KILLED } state = ATTENDING;
	int more_orders = 1;
	time_t deadline = 0;

	while (!has_ended(command)) {
		struct timespec left = { 0, 0 };
		fd_set input;

		if (state == ATTENDING && (!more_orders || told_to_end)) {
			kill(-command, SIGTERM);
			/* One more: whole seconds are read. */
			deadline = now_s() + GRACE_S + 1;
			state = ENDING;
		}
		if (state == ENDING) {
			time_t now = now_s();
			if (now >= deadline) {
				kill(-command, SIGKILL);
				state = KILLED;
			} else
				left.tv_sec = deadline - now;
		}
		FD_ZERO(&input);
		if (more_orders)
			FD_SET(STDIN_FILENO, &input);
		if (pselect(STDIN_FILENO + 1, &input, NULL, NULL, state == ENDING ? &left : NULL, mask) > 0)
			more_orders = obey(command);
	}
}

static int
end_alike(int status)
{
	const struct rlimit no_core = { 0, 0 };
	sigset_t its_own;
	int number;

	if (WIFEXITED(status))
		return (WEXITSTATUS(status));
	number = WTERMSIG(status);
	/* The command may have left a core; a second one helps nobody. */
	setrlimit(RLIMIT_CORE, &no_core);
	signal(number, SIG_DFL);
	sigemptyset(&its_own);
	sigaddset(&its_own, number);
	sigprocmask(SIG_UNBLOCK, &its_own, NULL);
	raise(number);
	return (128 + number);
}

int
main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t handled, mask;
	int status;
	pid_t command;

	if (argc < 2) {
		fprintf(stderr, "usage: tend COMMAND [ARGUMENT ...]\n");
		return (127);
	}
	for (size_t i = 0; i < FROM_TERMINAL; i++)
		signal(from_terminal[i], SIG_IGN);
	sigemptyset(&handled);
	sigaddset(&handled, SIGCHLD);
	sigaddset(&handled, SIGTERM);
	sigprocmask(SIG_BLOCK, &handled, &mask);
	sigdelset(&mask, SIGCHLD);
	sigdelset(&mask, SIGTERM);
	sigemptyset(&action.sa_mask);
	sigaction(SIGCHLD, &action, NULL);
	sigaction(SIGTERM, &action, NULL);

	command = fork();
	if (command == -1) {
		fprintf(stderr, "tend: cannot start %s: %s\n", argv[1], strerror(errno));
		return (127);
	}
	if (command == 0)
		become(argv + 1, &mask);
	/* Both do it: an order may come before the child gets there. */
	setpgid(command, command);
	attend(command, &mask);
	kill(-command, SIGKILL);
	while (waitpid(command, &status, 0) == -1) {
		if (errno != EINTR)
			return (127);
	}
	return (end_alike(status));
}
