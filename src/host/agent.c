/*
 * agent - starts, times and ends the commands of ipc-sweep on one machine
 *
 * Usage: agent VERSION [SILENCE_S]   requests on standard input, replies on standard output
 *        agent check                 does nothing, to show that this machine can run what it built
 *
 * It first writes the line `ipc-sweep-agent VERSION`, so that the other side can skip whatever a
 * login shell has printed before, and then a READY frame. A frame consists of its length (the
 * number of bytes that follow, u32), a type (u8), a number that pairs an answer with its request
 * (u32), and a body of u8, u32, u64 and byte strings, each preceded by its length (u32). All
 * numbers are big endian. Anything that is not a valid request ends the agent with an ERROR frame.
 * A request is read completely before any of it is carried out.
 *
 * A command leads its own process group; one whose output is sent as it comes also leads its own
 * session. (Linux gives each session its own share of the processors, so making one for each run
 * would cost time and change what is measured.) Its standard input is empty. Its output is either
 * kept here until it has ended or sent as it comes. In the second case, no more is sent than the
 * other side has asked for, and a command that is ahead waits. While a command whose output is kept
 * is running, the agent sends nothing (unless another command's output is sent as it comes; answers
 * wait for the end) and sleeps, except that it looks at the clock every ten seconds and tells whoever
 * asks who holds the machine.
 *
 * Nothing outlives a command: after the granted time, every process that it started and left behind
 * is killed, including those that have left its group. When standard input ends (because ipc-sweep
 * was killed or the link broke), on TERM, or after SILENCE_S seconds without a request or a run,
 * every command gets TERM, and KILL if it is still there END_NS later. Then saved settings are put
 * back and files that were sent are removed.
 *
 * The agent is two processes. The one that was started only waits for the other, which does all the
 * work. If the worker is killed by KILL, the first process does the cleanup in its place; if the
 * first process is killed, the worker gets TERM from the kernel, on Linux and FreeBSD. There,
 * commands get KILL from the kernel when their agent dies.
 *
 * How a process that has outlived its parent is assigned to a command: on FreeBSD the kernel tells.
 * On Linux it becomes a child of the agent and belongs to the command whose session or group it is
 * in. If it has left both, it belongs to the command that has ended, unless it was there before
 * that one began. So a helper of a tracer that leaves the tracer's session while a benchmark runs
 * is taken for the benchmark's. On other systems only the group is looked at.
 *
 * While it is told to hold the machine, it listens on a port of the loopback address, and tells
 * anyone else who tries to hold the machine who the holder is.
 *
 * Exit: 0 when the input has ended or on TERM, 1 after an ERROR frame, 64 for wrong usage.
 */
#if defined(__linux__)
#define _GNU_SOURCE
#elif defined(__APPLE__)
#define _DARWIN_C_SOURCE
#elif defined(__sun)
#define __EXTENSIONS__
#endif

#include <sys/types.h>

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#if defined(__linux__)
#include <link.h>
#include <malloc.h>
#include <sys/prctl.h>
#elif defined(__FreeBSD__)
#include <sys/procctl.h>
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#elif defined(__sun)
#include <sys/loadavg.h>
#endif

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif
#ifndef MAP_ANON
#define MAP_ANON MAP_ANONYMOUS
#endif

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define SECOND_NS INT64_C(1000000000)
#define MS_NS INT64_C(1000000)

/* Requests and replies; keep in step with src/host/protocol.ts. */
enum {
	START = 'S', SIGNAL = 'K', CREDIT = 'C', READ = 'R', LIST = 'L', STATE = 'T', REALPATH = 'P',
	SEND = 'F', DISCARD = 'D', SET = 'W', SAVE = 'B', ASK = 'A', PING = 'N', HOLD = 'H',
	READY = 'r', STARTED = 's', OUTPUT = 'o', END = 'e', ANSWER = 'a', ERROR = 'x'
};
enum { REFUSED, MORE, DONE };
enum { EXITED, SIGNALLED, TIMED_OUT, ABORTED, FLOODED_STDOUT, FLOODED_STDERR, NOT_STARTED };

enum {
	MOST_COMMANDS = 16,
	MOST_WORDS = 4096,
	MOST_WATCHED = 16,
	MOST_SETTINGS = 256,
	MOST_LEFT = 1024,
	LONGEST_REQUEST = 17 << 20,
	LONGEST_KEPT = 64 << 20,
	LONGEST_WATCHED = 64 << 10,
	LONGEST_QUEUE = 256 << 20,
	CROWDED_QUEUE = 1 << 20,
	LARGE = 256 << 10,
	LONGEST_HOLDER = 400,
	HOLD_TRIES = 5,
	HOLDER_ANSWERS_MS = 3000,
	PIECE = 128 << 10,
	HEADER = 9,
	DEEPEST_FOLDER = 16
};

#define TERM_NS (500 * MS_NS)
#define END_NS (2 * SECOND_NS)
/* A process that cannot be killed in this time waits in the kernel or is another user's. */
#define GIVE_UP_NS (5 * SECOND_NS)
#define LOOK_AGAIN_NS (10 * MS_NS)
/*
 * If poll() returns this much too late, the agent was stopped in between, and so was the clock of a
 * run. FreeBSD may make it late by a sixteenth of its time (kern.timecounter.alloweddeviation), so
 * an eighth is added.
 */
#define LATE_NS (250 * MS_NS)
/* Most runs are over before the first look. */
#define LOOK_NS (10 * SECOND_NS)

struct bytes {
	unsigned char *at;
	size_t length, room;
};

struct command {
	bool used;
	bool running;                   /* not waited for yet */
	bool sent_as_it_comes;
	uint32_t number;
	pid_t pid;
	int output[2];
	struct bytes kept[2];
	uint64_t written[2], limit[2];
	uint64_t credit[2];
	int forced;                     /* why the agent ended it, or -1 */
	int status;
	struct rusage use;
	int64_t started, started_at, wall;
	int64_t deadline, kill_at;      /* 0 if none */
	int64_t linger, linger_until, give_up_at;
	uint32_t seen, killed, remaining;
	double load;
	unsigned watched;
	char *watch[MOST_WATCHED];
	struct bytes before[MOST_WATCHED], after[MOST_WATCHED];
	bool was[MOST_WATCHED], is[MOST_WATCHED];
	bool found;                     /* the program, just before the start */
	struct stat program;
	pid_t older[32];                /* parentless processes that were there before it began */
	unsigned olders;
};

struct setting {
	char kind, target[512], value[512];
};

/* The work that remains if the agent is killed. */
struct to_do {
	pid_t groups[MOST_COMMANDS];
	char own_folder[PATH_MAX];
	unsigned settings_saved;
	struct setting settings[MOST_SETTINGS];
};

static struct command commands[MOST_COMMANDS];
/* Shared by both processes. */
static struct to_do *to_do;
static struct bytes in, out;
static size_t out_sent;
static int from_parent, to_parent, no_input, child_ended[2];
static volatile sig_atomic_t told_to_end, continued;
static bool ending;
static bool childless;
static int exit_code;
static int64_t ending_since, heard_at;
static char cache[PATH_MAX];
static int own_folder_at = -1;
static unsigned char piece[PIECE];

/* Signals that a terminal or a full disk sends to everybody; commands get the default handling. */
static const int ignored[] = { SIGINT, SIGQUIT, SIGHUP, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE, SIGXFSZ };

static void end_all(int code);

/* ---- time ---- */

static int64_t
clock_ns(clockid_t which)
{
	struct timespec now;

	clock_gettime(which, &now);
	return ((int64_t)now.tv_sec * SECOND_NS + now.tv_nsec);
}

static int64_t
now_ns(void)
{
	return (clock_ns(CLOCK_MONOTONIC));
}

/* ---- bytes ---- */

static void kill_at_once(void);

static void
out_of_memory(void)
{
	static const char text[] = "agent: out of memory\n";

	if (write(STDERR_FILENO, text, sizeof text - 1) < 0) {
		/* There is nobody to tell. */
	}
	kill_at_once();
}

static void
reserve(struct bytes *to, size_t more)
{
	size_t room = to->room == 0 ? 4096 : to->room;
	unsigned char *at;

	if (to->length + more <= to->room)
		return;
	while (room < to->length + more)
		room *= 2;
	at = realloc(to->at, room);
	if (at == NULL)
		out_of_memory();
	to->at = at;
	to->room = room;
}

static void
put(struct bytes *to, const void *from, size_t length)
{
	if (length == 0)
		return;
	reserve(to, length);
	memcpy(to->at + to->length, from, length);
	to->length += length;
}

static void
forget(struct bytes *what)
{
	free(what->at);
	*what = (struct bytes){ NULL, 0, 0 };
}

static void
put_number(uint64_t value, unsigned size)
{
	unsigned char digits[8];

	for (unsigned i = 0; i < size; i++)
		digits[i] = (unsigned char)(value >> (8 * (size - 1 - i)));
	put(&out, digits, size);
}

static void put_u8(unsigned value) { put_number(value, 1); }
static void put_u32(uint32_t value) { put_number(value, 4); }
static void put_u64(uint64_t value) { put_number(value, 8); }

static void
put_bytes(const void *from, size_t length)
{
	put_u32((uint32_t)length);
	put(&out, from, length);
}

static void
put_text(const char *text)
{
	put_bytes(text, strlen(text));
}

/* Frames are written into the queue as they are built. */
static size_t
begin_frame(int type, uint32_t number)
{
	size_t start = out.length;

	put_u32(0);
	put_u8((unsigned)type);
	put_u32(number);
	return (start);
}

static void
end_frame(size_t start)
{
	size_t length = out.length - start - 4;

	for (int i = 0; i < 4; i++)
		out.at[start + (size_t)i] = (unsigned char)(length >> (8 * (3 - i)));
}

static void
answer(uint32_t number, int state, const void *what, size_t length)
{
	size_t frame = begin_frame(ANSWER, number);

	put_u8((unsigned)state);
	put(&out, what, length);
	end_frame(frame);
}

static void
answer_text(uint32_t number, int state, const char *text)
{
	answer(number, state, text, strlen(text));
}

/* ---- the contents of a request ---- */

struct request {
	unsigned char *at;
	size_t left;
	bool bad;
};

static uint64_t
take_number(struct request *from, unsigned size)
{
	uint64_t value = 0;

	if (from->left < size) {
		from->bad = true;
		from->left = 0;
		return (0);
	}
	for (unsigned i = 0; i < size; i++)
		value = value << 8 | *from->at++;
	from->left -= size;
	return (value);
}

static unsigned char *
take_bytes(struct request *from, size_t *length)
{
	unsigned char *bytes;

	*length = (size_t)take_number(from, 4);
	if (*length > from->left) {
		from->bad = true;
		from->left = 0;
		*length = 0;
	}
	bytes = from->at;
	from->at += *length;
	from->left -= *length;
	return (bytes);
}

/* Reads a byte string without zero bytes and moves it one byte left, to leave room behind it. */
static char *
take_text(struct request *from)
{
	static char nothing[1];
	size_t length;
	unsigned char *bytes = take_bytes(from, &length);

	if (from->bad || memchr(bytes, 0, length) != NULL) {
		from->bad = true;
		return (nothing);
	}
	memmove(bytes - 1, bytes, length);
	bytes[length - 1] = '\0';
	return ((char *)bytes - 1);
}

/* Reads a list of texts, ended by NULL. */
static unsigned
take_list(struct request *from, char **list, unsigned most)
{
	uint32_t count = (uint32_t)take_number(from, 4);

	if (count > most)
		from->bad = true;
	if (from->bad)
		count = 0;
	for (uint32_t i = 0; i < count; i++)
		list[i] = take_text(from);
	list[count] = NULL;
	return (count);
}

/* ---- names of numbers ---- */

static const char *
signal_name(int number)
{
	static const struct { int number; const char *name; } names[] = {
		{ SIGHUP, "SIGHUP" }, { SIGINT, "SIGINT" }, { SIGQUIT, "SIGQUIT" }, { SIGILL, "SIGILL" },
		{ SIGTRAP, "SIGTRAP" }, { SIGABRT, "SIGABRT" }, { SIGBUS, "SIGBUS" }, { SIGFPE, "SIGFPE" },
		{ SIGKILL, "SIGKILL" }, { SIGUSR1, "SIGUSR1" }, { SIGSEGV, "SIGSEGV" },
		{ SIGUSR2, "SIGUSR2" }, { SIGPIPE, "SIGPIPE" }, { SIGALRM, "SIGALRM" },
		{ SIGTERM, "SIGTERM" }, { SIGXCPU, "SIGXCPU" }, { SIGXFSZ, "SIGXFSZ" },
		{ SIGVTALRM, "SIGVTALRM" }, { SIGPROF, "SIGPROF" }, { SIGSYS, "SIGSYS" },
#ifdef SIGIO
		{ SIGIO, "SIGIO" },
#endif
	};
	static char other[24];

	for (size_t i = 0; i < LENGTH(names); i++) {
		if (names[i].number == number)
			return (names[i].name);
	}
	snprintf(other, sizeof other, "SIG%d", number);
	return (other);
}

static const char *
error_name(int number)
{
	static const struct { int number; const char *name; } names[] = {
		{ EPERM, "EPERM" }, { ENOENT, "ENOENT" }, { EIO, "EIO" }, { E2BIG, "E2BIG" },
		{ ENOEXEC, "ENOEXEC" }, { EAGAIN, "EAGAIN" }, { ENOMEM, "ENOMEM" }, { EACCES, "EACCES" },
		{ ENOTDIR, "ENOTDIR" }, { EISDIR, "EISDIR" }, { EINVAL, "EINVAL" }, { ENFILE, "ENFILE" },
		{ EMFILE, "EMFILE" }, { ETXTBSY, "ETXTBSY" }, { ELOOP, "ELOOP" },
		{ ENAMETOOLONG, "ENAMETOOLONG" },
	};
	static char other[24];

	for (size_t i = 0; i < LENGTH(names); i++) {
		if (names[i].number == number)
			return (names[i].name);
	}
	snprintf(other, sizeof other, "E%d", number);
	return (other);
}

/* ---- files ---- */

/* Appends a regular file's first bytes without blocking. Returns false if there are none. */
static bool
read_file(const char *path, struct bytes *to, off_t from, size_t limit)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	size_t start = to->length;
	struct stat state;
	ssize_t got = 0;

	if (file < 0)
		return (false);
	if (fstat(file, &state) != 0 || !S_ISREG(state.st_mode) ||
	    (from > 0 && lseek(file, from, SEEK_SET) != from)) {
		close(file);
		return (false);
	}
	while (to->length - start < limit) {
		size_t wanted = limit - (to->length - start);

		if (wanted > PIECE)
			wanted = PIECE;
		reserve(to, wanted < 4096 ? wanted : 4096);
		if (wanted > to->room - to->length)
			wanted = to->room - to->length;
		got = read(file, to->at + to->length, wanted);
		if (got <= 0)
			break;
		to->length += (size_t)got;
	}
	close(file);
	return (got >= 0);
}

static void
answer_file(uint32_t number, const char *path, off_t from, size_t limit)
{
	struct bytes text = { NULL, 0, 0 };
	size_t sent = 0;

	if (!read_file(path, &text, from, limit)) {
		answer_text(number, REFUSED, "");
		forget(&text);
		return;
	}
	for (; text.length - sent > PIECE; sent += PIECE)
		answer(number, MORE, text.at + sent, PIECE);
	answer(number, DONE, text.at == NULL ? NULL : text.at + sent, text.length - sent);
	forget(&text);
}

/* Answers with the names in a folder, each ended by a zero byte. */
static void
answer_list(uint32_t number, const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	size_t used = 0;

	if (folder == NULL) {
		answer_text(number, REFUSED, strerror(errno));
		return;
	}
	while ((entry = readdir(folder)) != NULL) {
		size_t length = strlen(entry->d_name) + 1;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (used + length > sizeof piece) {
			answer(number, MORE, piece, used);
			used = 0;
		}
		memcpy(piece + used, entry->d_name, length);
		used += length;
	}
	closedir(folder);
	answer(number, DONE, piece, used);
}

static uint64_t
in_ns(struct timespec at)
{
	return ((uint64_t)((int64_t)at.tv_sec * SECOND_NS + at.tv_nsec));
}

static void
put_state(const struct stat *state)
{
	put_u8(S_ISREG(state->st_mode) ? 'f' : S_ISDIR(state->st_mode) ? 'd' :
	    S_ISLNK(state->st_mode) ? 'l' : 'o');
	put_u64((uint64_t)state->st_dev);
	put_u64((uint64_t)state->st_ino);
	put_u32((uint32_t)state->st_mode);
	put_u32((uint32_t)state->st_uid);
	put_u64((uint64_t)state->st_nlink);
	put_u64((uint64_t)state->st_size);
#ifdef __APPLE__
	put_u64(in_ns(state->st_mtimespec));
	put_u64(in_ns(state->st_ctimespec));
#else
	put_u64(in_ns(state->st_mtim));
	put_u64(in_ns(state->st_ctim));
#endif
}

static void
answer_state(uint32_t number, const char *path, bool follow)
{
	struct stat state;
	size_t frame;

	if ((follow ? stat(path, &state) : lstat(path, &state)) != 0) {
		answer_text(number, REFUSED, strerror(errno));
		return;
	}
	frame = begin_frame(ANSWER, number);
	put_u8(DONE);
	put_state(&state);
	end_frame(frame);
}

static void
answer_real_path(uint32_t number, const char *path)
{
	char *real = realpath(path, NULL);

	if (real == NULL)
		answer_text(number, REFUSED, strerror(errno));
	else
		answer_text(number, DONE, real);
	free(real);
}

static int
write_all(int file, const void *from, size_t length)
{
	for (size_t written = 0; written < length;) {
		ssize_t more = write(file, (const char *)from + written, length - written);

		if (more < 0 && errno == EINTR)
			continue;
		if (more < 0)
			return (-1);
		written += (size_t)more;
	}
	return (0);
}

/* ---- the agent's own folder: CACHE/agent-files/MACHINE.PID.NUMBER ---- */

/* The place for the folders of this machine's agents; a home may be shared by several machines. */
static void
own_prefix(char *prefix, size_t room)
{
	struct utsname machine;

	if (uname(&machine) < 0)
		machine.nodename[0] = '\0';
	for (char *at = machine.nodename; *at != '\0'; at++) {
		if (*at == '/' || *at == '.')
			*at = '-';
	}
	snprintf(prefix, room, "%.200s.", machine.nodename);
}

/* Removes the contents of a folder without following links. */
static void
empty_folder(int folder_at, int depth)
{
	DIR *folder = fdopendir(folder_at);
	const struct dirent *entry;

	if (folder == NULL) {
		close(folder_at);
		return;
	}
	while ((entry = readdir(folder)) != NULL) {
		int inner;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd(folder), entry->d_name, 0) == 0 || depth == DEEPEST_FOLDER)
			continue;
		inner = openat(dirfd(folder), entry->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (inner < 0)
			continue;
		empty_folder(inner, depth + 1);
		unlinkat(dirfd(folder), entry->d_name, AT_REMOVEDIR);
	}
	closedir(folder);
}

/* Removes the folders of agents that were killed before they could do it themselves. */
static void
remove_dead_folders(void)
{
	char path[PATH_MAX + 16], prefix[256];
	const struct dirent *entry;
	struct stat state;
	DIR *folder;
	int inner;

	snprintf(path, sizeof path, "%s/agent-files", cache);
	folder = opendir(path);
	if (folder == NULL)
		return;
	own_prefix(prefix, sizeof prefix);
	while ((entry = readdir(folder)) != NULL) {
		long owner;

		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
			continue;
		owner = strtol(entry->d_name + strlen(prefix), NULL, 10);
		if (owner <= 1 || kill((pid_t)owner, 0) == 0 || errno != ESRCH)
			continue;
		inner = openat(dirfd(folder), entry->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (inner < 0)
			continue;
		if (fstat(inner, &state) != 0 || state.st_uid != geteuid()) {
			close(inner);
			continue;
		}
		empty_folder(inner, 0);
		unlinkat(dirfd(folder), entry->d_name, AT_REMOVEDIR);
	}
	closedir(folder);
}

static bool
make_own_folder(void)
{
	char path[PATH_MAX + 400], prefix[256];

	if (own_folder_at >= 0)
		return (true);
	snprintf(path, sizeof path, "%s/agent-files", cache);
	for (char *at = path + 1; *at != '\0'; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		mkdir(path, 0755);
		*at = '/';
	}
	mkdir(path, 0700);
	own_prefix(prefix, sizeof prefix);
	for (int i = 0; i < 100; i++) {
		size_t end = strlen(cache) + strlen("/agent-files");

		snprintf(path + end, sizeof path - end, "/%s%ld.%llx", prefix, (long)getpid(),
		    (unsigned long long)clock_ns(CLOCK_REALTIME));
		if (strlen(path) >= sizeof to_do->own_folder) {
			errno = ENAMETOOLONG;
			return (false);
		}
		if (mkdir(path, 0700) == 0) {
			own_folder_at = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			memcpy(to_do->own_folder, path, strlen(path) + 1);
			return (own_folder_at >= 0);
		}
		if (errno != EEXIST)
			return (false);
	}
	return (false);
}

static bool
plain_name(const char *name)
{
	return (name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL && strlen(name) <= 200);
}

static void
take_file(uint32_t number, const char *name, mode_t mode, const void *content, size_t length)
{
	static const char draft[] = ".draft";
	char path[PATH_MAX + 256];
	int file, failed = 0;

	if (!plain_name(name)) {
		answer_text(number, REFUSED, "not a plain file name");
		return;
	}
	if (!make_own_folder()) {
		snprintf(path, sizeof path, "cannot make a folder in %s: %s", cache, strerror(errno));
		answer_text(number, REFUSED, path);
		return;
	}
	file = openat(own_folder_at, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file < 0 || write_all(file, content, length) != 0 || fchmod(file, mode & 0700) != 0)
		failed = errno;
	if (file >= 0 && close(file) != 0 && failed == 0)
		failed = errno;
	if (failed == 0 && renameat(own_folder_at, draft, own_folder_at, name) != 0)
		failed = errno;
	if (failed != 0) {
		unlinkat(own_folder_at, draft, 0);
		snprintf(path, sizeof path, "cannot write %s/%s: %s", to_do->own_folder, name, strerror(failed));
		answer_text(number, REFUSED, path);
		return;
	}
	snprintf(path, sizeof path, "%s/%s", to_do->own_folder, name);
	answer_text(number, DONE, path);
}

static void
discard_file(uint32_t number, const char *path)
{
	size_t length = strlen(to_do->own_folder);

	if (own_folder_at < 0 || strncmp(path, to_do->own_folder, length) != 0 || path[length] != '/' ||
	    !plain_name(path + length + 1))
		answer_text(number, REFUSED, "not a file that was sent");
	else if (unlinkat(own_folder_at, path + length + 1, 0) != 0 && errno != ENOENT)
		answer_text(number, REFUSED, strerror(errno));
	else
		answer_text(number, DONE, "");
}

static void
remove_own_folder(void)
{
	int folder;

	if (to_do->own_folder[0] == '\0')
		return;
	folder = open(to_do->own_folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder >= 0)
		empty_folder(folder, 0);
	rmdir(to_do->own_folder);
}

/* ---- settings of the machine ---- */

/* Returns 0 or errno. Never creates a file or follows a link. */
static int
write_setting(const char *path, const char *value)
{
	int file = open(path, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int failed = 0;

	if (file < 0)
		return (errno);
	/* The kernel takes a value in one piece. */
	if (write(file, value, strlen(value)) != (ssize_t)strlen(value))
		failed = errno == 0 ? EIO : errno;
	if (close(file) != 0 && failed == 0)
		failed = errno;
	return (failed);
}

static void
set_sysctl(const char *name, const char *value)
{
	char word[1200];
	pid_t child;

	snprintf(word, sizeof word, "%s=%s", name, value);
	child = fork();
	if (child == 0) {
		execl("/sbin/sysctl", "sysctl", word, (char *)NULL);
		execl("/usr/sbin/sysctl", "sysctl", word, (char *)NULL);
		_exit(127);
	}
	while (child > 0 && waitpid(child, NULL, 0) == -1 && errno == EINTR)
		;
}

static void
save_setting(uint32_t number, char kind, const char *target, const char *value)
{
	struct setting *one = &to_do->settings[to_do->settings_saved];
	bool known = kind == 'w' ? target[0] == '/' : kind == 's' && target[0] != '-';

	if (!known || target[0] == '\0' || strlen(target) >= sizeof one->target ||
	    strlen(value) >= sizeof one->value) {
		answer_text(number, REFUSED, "not a setting that can be put back");
		return;
	}
	if (to_do->settings_saved == MOST_SETTINGS) {
		answer_text(number, REFUSED, "too many settings");
		return;
	}
	one->kind = kind;
	memcpy(one->target, target, strlen(target) + 1);
	memcpy(one->value, value, strlen(value) + 1);
	to_do->settings_saved++;
	answer_text(number, DONE, "");
}

/* The last setting saved is the first one put back. */
static void
put_settings_back(void)
{
	while (to_do->settings_saved > 0) {
		const struct setting *one = &to_do->settings[--to_do->settings_saved];
		int failed = 0;

		if (one->kind == 's')
			set_sysctl(one->target, one->value);
		else
			failed = write_setting(one->target, one->value);
		if (failed != 0 && failed != ENOENT)
			fprintf(stderr, "agent: cannot put back %s: %s\n", one->target, strerror(failed));
	}
}

/* ---- kernel support for leaving nothing behind ---- */

/* A process that loses its parent becomes a child of the nearest reaper above it. */
static void
be_reaper(void)
{
#if defined(__linux__)
	prctl(PR_SET_CHILD_SUBREAPER, 1);
#elif defined(__FreeBSD__)
	procctl(P_PID, (id_t)getpid(), PROC_REAP_ACQUIRE, NULL);
#endif
}

static void
die_with_parent(int number)
{
#if defined(__linux__)
	prctl(PR_SET_PDEATHSIG, number);
#elif defined(__FreeBSD__)
	procctl(P_PID, 0, PROC_PDEATHSIG_CTL, &number);
#else
	(void)number;
#endif
}

/* ---- what a command has left behind ---- */

static struct command *
command_of(pid_t pid)
{
	for (int i = 0; i < MOST_COMMANDS; i++) {
		if (commands[i].used && commands[i].running && commands[i].pid == pid)
			return (&commands[i]);
	}
	return (NULL);
}

#if defined(__linux__)

struct process {
	pid_t pid, parent, group, session;
	char state;
	bool wanted;
};

/* Reads /proc/PID/stat. */
static bool
look_at(pid_t pid, struct process *to)
{
	char path[64], text[1024];
	int parent, group, session;
	const char *rest;
	ssize_t length;
	int file;

	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return (false);
	length = read(file, text, sizeof text - 1);
	close(file);
	if (length <= 0)
		return (false);
	text[length] = '\0';
	/* The name may contain anything, even a parenthesis. */
	rest = strrchr(text, ')');
	if (rest == NULL ||
	    sscanf(rest + 1, " %c %d %d %d", &to->state, &parent, &group, &session) != 4)
		return (false);
	to->pid = pid;
	to->parent = parent;
	to->group = group;
	to->session = session;
	to->wanted = false;
	return (true);
}

/* Children of the agent that are not commands: processes whose parents have ended. */
static unsigned
orphans(pid_t *found, unsigned most)
{
	static char path[64], text[64 << 10];
	static bool no_list;
	unsigned count = 0;
	size_t length = 0;
	ssize_t got = 0;
	char *at;
	int file = -1;

	if (!no_list) {
		snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
		file = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (file >= 0) {
		while ((got = read(file, text + length, sizeof text - 1 - length)) > 0)
			length += (size_t)got;
		close(file);
		text[length] = '\0';
		for (at = text; count < most;) {
			pid_t pid = (pid_t)strtol(at, &at, 10);

			if (pid <= 0)
				break;
			if (command_of(pid) == NULL)
				found[count++] = pid;
		}
		return (count);
	}
	/* The kernel was built without CONFIG_PROC_CHILDREN. */
	no_list = true;
	DIR *all = opendir("/proc");
	const struct dirent *entry;
	while (all != NULL && count < most && (entry = readdir(all)) != NULL) {
		struct process one;
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 0 && look_at(pid, &one) && one.parent == getpid() && command_of(pid) == NULL)
			found[count++] = pid;
	}
	if (all != NULL)
		closedir(all);
	return (count);
}

static bool
belongs_to(const struct process *orphan, const struct command *whose)
{
	if (whose == NULL)
		return (true);
	if (orphan->session == whose->pid || orphan->group == whose->pid)
		return (true);
	for (int i = 0; i < MOST_COMMANDS; i++) {
		const struct command *other = &commands[i];

		if (other->used && other != whose &&
		    (orphan->session == other->pid || orphan->group == other->pid))
			return (false);
	}
	for (unsigned i = 0; i < whose->olders; i++) {
		if (whose->older[i] == orphan->pid)
			return (false);
	}
	return (true);
}

/* Living processes that a command has left behind, or any command if `whose` is NULL. */
static unsigned
find_left(const struct command *whose, pid_t *found, unsigned most)
{
	static struct process *table;
	static size_t room;
	pid_t direct[MOST_LEFT];
	unsigned directs, count = 0;
	const struct dirent *entry;
	size_t processes = 0;
	bool more = false;
	DIR *all;

	if (childless)
		return (0);
	directs = orphans(direct, MOST_LEFT);
	for (unsigned i = 0; i < directs; i++) {
		struct process one;

		more = more || (look_at(direct[i], &one) && belongs_to(&one, whose));
	}
	if (!more || (all = opendir("/proc")) == NULL)
		return (0);
	while ((entry = readdir(all)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid <= 0)
			continue;
		if (processes == room) {
			struct process *larger = realloc(table, (room + 1024) * sizeof *table);

			if (larger == NULL)
				break;
			table = larger;
			room += 1024;
		}
		if (look_at(pid, &table[processes]))
			processes++;
	}
	closedir(all);
	for (more = true; more;) {
		more = false;
		for (size_t i = 0; i < processes; i++) {
			struct process *one = &table[i];

			if (one->wanted)
				continue;
			if (one->parent == getpid())
				one->wanted = command_of(one->pid) == NULL && belongs_to(one, whose);
			else {
				for (size_t j = 0; j < processes && !one->wanted; j++)
					one->wanted = table[j].pid == one->parent && table[j].wanted;
			}
			more = more || one->wanted;
		}
	}
	for (size_t i = 0; i < processes && count < most; i++) {
		if (table[i].wanted && table[i].state != 'Z' && table[i].state != 'X')
			found[count++] = table[i].pid;
	}
	return (count);
}

static void
note_older(struct command *one)
{
	one->olders = childless ? 0 : orphans(one->older, LENGTH(one->older));
}

#elif defined(__FreeBSD__)

static unsigned
find_left(const struct command *whose, pid_t *found, unsigned most)
{
	static struct procctl_reaper_pidinfo table[MOST_LEFT];
	struct procctl_reaper_pids all = { .rp_count = MOST_LEFT, .rp_pids = table };
	unsigned count = 0;

	if (childless)
		return (0);
	memset(table, 0, sizeof table);
	if (procctl(P_PID, (id_t)getpid(), PROC_REAP_GETPIDS, &all) != 0)
		return (0);
	for (unsigned i = 0; i < MOST_LEFT && count < most; i++) {
		const struct procctl_reaper_pidinfo *one = &table[i];
		siginfo_t end;

		if ((one->pi_flags & REAPER_PIDINFO_VALID) == 0)
			break;
		if (command_of(one->pi_pid) != NULL)
			continue;
		if (whose != NULL && one->pi_subtree != whose->pid)
			continue;
#ifdef REAPER_PIDINFO_ZOMBIE
		if ((one->pi_flags & REAPER_PIDINFO_ZOMBIE) != 0)
			continue;
#endif
		memset(&end, 0, sizeof end);
		if ((one->pi_flags & REAPER_PIDINFO_CHILD) != 0 &&
		    waitid(P_PID, (id_t)one->pi_pid, &end, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		    end.si_pid == one->pi_pid)
			continue;
		found[count++] = one->pi_pid;
	}
	return (count);
}

static void
note_older(struct command *one)
{
	one->olders = 0;
}

#else

/* The group as a whole; its number is not reused while any process is in it. */
static unsigned
find_left(const struct command *whose, pid_t *found, unsigned most)
{
	if (whose == NULL || most == 0 || kill(-whose->pid, 0) != 0)
		return (0);
	found[0] = -whose->pid;
	return (1);
}

static void
note_older(struct command *one)
{
	one->olders = 0;
}

#endif

/* Returns how many processes there were. */
static unsigned
kill_left(const struct command *whose)
{
	static pid_t left[MOST_LEFT];
	unsigned count = find_left(whose, left, MOST_LEFT);

#if defined(__FreeBSD__)
	/* This keeps processes in the tree from forking in between. */
	if (count > 0 && whose != NULL) {
		struct procctl_reaper_kill all = {
			.rk_sig = SIGKILL, .rk_flags = REAPER_KILL_SUBTREE, .rk_subtree = whose->pid
		};

		procctl(P_PID, (id_t)getpid(), PROC_REAP_KILL, &all);
	}
#endif
	for (unsigned i = 0; i < count; i++)
		kill(left[i], SIGKILL);
	return (count);
}

/* ---- the agent's own memory ---- */

#if defined(__linux__)

static int
drop_code(struct dl_phdr_info *object, size_t size, void *nothing)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)size;
	(void)nothing;
	for (unsigned i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &object->dlpi_phdr[i];
		uintptr_t start = (uintptr_t)object->dlpi_addr + part->p_vaddr;
		uintptr_t end = (start + part->p_memsz + page - 1) / page * page;

		start = start / page * page;
		if (part->p_type == PT_LOAD && (part->p_flags & PF_W) == 0)
			madvise((void *)start, end - start, MADV_DONTNEED);
	}
	return (0);
}

/*
 * A process that is started by vfork(2) begins with the memory of its parent, and Linux counts that
 * as its own. So no command could be reported with less memory than the agent's own peak. The agent
 * therefore drops the code that it needed only at its start, and makes the kernel forget its peak.
 */
static void
be_small(void)
{
	int file;

#ifdef __GLIBC__
	/* Otherwise it keeps memory that it has freed. */
	mallopt(M_MMAP_THRESHOLD, 128 << 10);
#endif
	dl_iterate_phdr(drop_code, NULL);
	file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
	if (file < 0)
		return;
	if (write(file, "5", 1) < 0) {
		/* The kernel is old. */
	}
	close(file);
}

#else

static void
be_small(void)
{
}

#endif

/* ---- commands ---- */

/* Runs in the child, which shares the agent's memory until it has become the command. */
static void
become(char **words, char **environment, const char *folder, const int *output, int failed,
    bool leads_session, pid_t agent)
{
	static char path[PATH_MAX];
	const char *search = "/usr/bin:/bin";
	struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t none;
	int error = 0;

	if (leads_session)
		setsid();
	else
		setpgid(0, 0);
	sigemptyset(&usual.sa_mask);
	for (size_t i = 0; i < LENGTH(ignored); i++)
		sigaction(ignored[i], &usual, NULL);
	sigaction(SIGCHLD, &usual, NULL);
	sigaction(SIGTERM, &usual, NULL);
	die_with_parent(SIGKILL);
	/* The agent may have been killed before the signal was requested. */
	if (getppid() != agent)
		_exit(127);
	if (dup2(no_input, STDIN_FILENO) < 0 || dup2(output[0], STDOUT_FILENO) < 0 ||
	    dup2(output[1], STDERR_FILENO) < 0 || (folder[0] != '\0' && chdir(folder) != 0)) {
		error = errno;
		goto out;
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (strchr(words[0], '/') != NULL) {
		execve(words[0], words, environment);
		error = errno;
		goto out;
	}
	for (char **at = environment; *at != NULL; at++) {
		if (strncmp(*at, "PATH=", 5) == 0)
			search = *at + 5;
	}
	/* Like execvp(3), but a file that the kernel cannot run is not handed to a shell. */
	for (error = ENOENT;; search++) {
		size_t length = strcspn(search, ":"), name = strlen(words[0]);

		if (length + name + 3 > sizeof path)
			error = ENAMETOOLONG;
		else {
			memcpy(path, length == 0 ? "." : search, length == 0 ? 1 : length);
			length += length == 0;
			path[length] = '/';
			memcpy(path + length + 1, words[0], name + 1);
			execve(path, words, environment);
			if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) {
				error = errno;
				break;
			}
			if (errno == EACCES)
				error = EACCES;
		}
		search += strcspn(search, ":");
		if (*search == '\0')
			break;
	}
out:
	if (write(failed, &error, sizeof error) < 0) {
		/* The agent has gone. */
	}
	_exit(127);
}

static int
make_pipe(int *ends)
{
	if (pipe(ends) != 0) {
		ends[0] = ends[1] = -1;
		return (-1);
	}
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	return (0);
}

static void
close_end(int *end)
{
	if (*end >= 0)
		close(*end);
	*end = -1;
}

/* Returns 0, or errno if the command could not be started. */
static int
start_process(struct command *one, char **words, char **environment, const char *folder)
{
	int outputs[2][2] = { { -1, -1 }, { -1, -1 } }, failed[2] = { -1, -1 }, ends[2], error = 0;
	sigset_t all, mask;
	pid_t agent = getpid();
	pid_t child;

	if (make_pipe(outputs[0]) != 0 || make_pipe(outputs[1]) != 0 || make_pipe(failed) != 0) {
		error = errno;
		goto out;
	}
	ends[0] = outputs[0][1];
	ends[1] = outputs[1][1];
	/* None of our handlers may run in the child. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &mask);
	one->started_at = clock_ns(CLOCK_REALTIME);
	one->started = now_ns();
#if defined(__APPLE__)
	child = fork();
#else
	child = vfork();
#endif
	if (child == 0)
		become(words, environment, folder, ends, failed[1], one->sent_as_it_comes, agent);
	error = child < 0 ? errno : 0;
	sigprocmask(SIG_SETMASK, &mask, NULL);
	close_end(&failed[1]);
	if (child > 0) {
		ssize_t length;

		childless = false;
		while ((length = read(failed[0], &error, sizeof error)) == -1 && errno == EINTR)
			;
		if (length != (ssize_t)sizeof error)
			error = 0;
		if (error != 0) {
			while (waitpid(child, NULL, 0) == -1 && errno == EINTR)
				;
		}
	}
	if (error == 0) {
		one->pid = child;
		to_do->groups[one - commands] = child;
		for (int i = 0; i < 2; i++) {
			one->output[i] = outputs[i][0];
			outputs[i][0] = -1;
			fcntl(one->output[i], F_SETFL, O_NONBLOCK);
		}
	}
out:
	for (int i = 0; i < 2; i++) {
		close_end(&outputs[i][0]);
		close_end(&outputs[i][1]);
		close_end(&failed[i]);
	}
	return (error);
}

static void
send_output(const struct command *one, int stream, const unsigned char *what, size_t length)
{
	size_t frame = begin_frame(OUTPUT, one->number);

	put_u8((unsigned)stream);
	put(&out, what, length);
	end_frame(frame);
}

static void
force(struct command *one, int why, int64_t now)
{
	if (one->forced >= 0)
		return;
	one->forced = why;
	if (!one->running) {
		one->linger_until = now;
		return;
	}
	kill(-one->pid, SIGTERM);
	one->kill_at = now + TERM_NS;
}

/* Reads what is available, about 128 KiB at a time. Returns whether there may be more. */
static bool
read_output(struct command *one, int stream, int64_t now)
{
	size_t wanted = sizeof piece;
	ssize_t got;

	if (one->output[stream] < 0)
		return (false);
	if (one->sent_as_it_comes && one->running && one->forced < 0 && !ending &&
	    one->credit[stream] < wanted)
		wanted = (size_t)one->credit[stream];
	if (wanted == 0)
		return (false);
	got = read(one->output[stream], piece, wanted);
	if (got < 0)
		return (errno == EINTR);
	if (got == 0) {
		close_end(&one->output[stream]);
		return (false);
	}
	uint64_t before = one->written[stream], room = one->limit[stream] - before;
	size_t length = (uint64_t)got > room ? (size_t)room : (size_t)got;
	one->written[stream] = before + length;
	if (ending)
		return (true);
	if (one->sent_as_it_comes) {
		if (length > 0)
			send_output(one, stream, piece, length);
		one->credit[stream] -= one->credit[stream] < length ? one->credit[stream] : length;
	} else
		put(&one->kept[stream], piece, length);
	if (length < (size_t)got)
		force(one, FLOODED_STDOUT + stream, now);
	return (true);
}

static void
put_watched(bool there, const struct bytes *what)
{
	put_u8(there);
	put_bytes(what->at, what->length);
}

static void
forget_command(struct command *one)
{
	for (int i = 0; i < 2; i++) {
		close_end(&one->output[i]);
		forget(&one->kept[i]);
	}
	for (unsigned i = 0; i < one->watched; i++) {
		forget(&one->before[i]);
		forget(&one->after[i]);
		free(one->watch[i]);
	}
	to_do->groups[one - commands] = 0;
	one->used = false;
}

static uint64_t
in_time(struct timeval time)
{
	return ((uint64_t)((int64_t)time.tv_sec * SECOND_NS + (int64_t)time.tv_usec * 1000));
}

static void
send_end(const struct command *one, int kind, uint32_t code, const char *name, const char *reason)
{
#ifdef __APPLE__
	const uint64_t memory_unit = 1;
#else
	const uint64_t memory_unit = 1024;
#endif
	size_t frame;

	for (int i = 0; i < 2; i++) {
		for (size_t at = 0; at < one->kept[i].length; at += PIECE) {
			size_t rest = one->kept[i].length - at;

			send_output(one, i, one->kept[i].at + at, rest > PIECE ? PIECE : rest);
		}
	}
	frame = begin_frame(END, one->number);
	put_u32((uint32_t)one->pid);
	put_u8((unsigned)kind);
	put_u32(code);
	put_text(name);
	put_text(reason);
	put_u64((uint64_t)one->started_at);
	put_u64((uint64_t)one->wall);
	put_u64(in_time(one->use.ru_utime));
	put_u64(in_time(one->use.ru_stime));
	put_u64((uint64_t)one->use.ru_maxrss * memory_unit);
	put_u64((uint64_t)one->use.ru_nvcsw);
	put_u64((uint64_t)one->use.ru_nivcsw);
	put_u32(one->seen);
	put_u32(one->killed);
	put_u32(one->remaining);
	put_u64(one->load < 0 ? UINT64_MAX : (uint64_t)(one->load * 1000 + 0.5));
	put_u32(one->watched);
	for (unsigned i = 0; i < one->watched; i++) {
		put_watched(one->was[i], &one->before[i]);
		put_watched(one->is[i], &one->after[i]);
	}
	put_u8(one->found);
	if (one->found)
		put_state(&one->program);
	end_frame(frame);
}

/* Called when the command and everything that it left behind have ended. */
static void
finish(struct command *one, int64_t now)
{
	int kind = one->forced;
	uint32_t code = 0;
	const char *name = "";

	for (int i = 0; i < 2; i++) {
		/* A surviving process may go on writing, so the number of rounds is limited. */
		for (int rounds = 0; rounds < 1024 && read_output(one, i, now); rounds++)
			;
	}
	if (kind < 0)
		kind = one->forced;
	if (kind < 0 && WIFEXITED(one->status)) {
		kind = EXITED;
		code = (uint32_t)WEXITSTATUS(one->status);
	} else if (kind < 0) {
		kind = SIGNALLED;
		code = (uint32_t)WTERMSIG(one->status);
		name = signal_name(WTERMSIG(one->status));
	}
	if (!ending)
		send_end(one, kind, code, name, "");
	if (!one->sent_as_it_comes)
		heard_at = now;
	forget_command(one);
}

/* The command itself does not end: it belongs to another user, or hangs in the kernel. */
static void
give_up(struct command *one, int64_t now)
{
	one->running = false;
	one->wall = now - one->started;
	one->remaining = 1;
	finish(one, now);
}

/* Takes care of the processes that an ended command has left behind. */
static void
settle(struct command *one, int64_t now)
{
	static pid_t left[MOST_LEFT];
	unsigned count = find_left(one, left, MOST_LEFT);

	if (count == 0) {
		finish(one, now);
		return;
	}
	if (count > one->seen)
		one->seen = count;
	if (now < one->linger_until)
		return;
	count = kill_left(one);
	if (count > one->killed)
		one->killed = count;
	if (one->give_up_at == 0)
		one->give_up_at = now + GIVE_UP_NS;
	else if (now >= one->give_up_at) {
		one->remaining = count;
		finish(one, now);
		return;
	}
	one->linger_until = now + LOOK_AGAIN_NS;
}

static void
has_ended(struct command *one, int status, const struct rusage *use, int64_t now)
{
	one->running = false;
	one->status = status;
	one->use = *use;
	one->wall = now - one->started;
	one->deadline = one->kill_at = 0;
	one->linger_until = one->forced >= 0 || ending ? now : now + one->linger;
	for (unsigned i = 0; !ending && i < one->watched; i++)
		one->is[i] = read_file(one->watch[i], &one->after[i], 0, LONGEST_WATCHED);
}

/* Reaps every child that has ended. */
static void
reap(void)
{
	struct rusage use;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, WNOHANG, &use)) != 0) {
		int64_t now = now_ns();
		struct command *one;

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0) {
			childless = errno == ECHILD;
			return;
		}
		one = command_of(pid);
		if (one != NULL) {
			has_ended(one, status, &use, now);
			continue;
		}
		for (int i = 0; i < MOST_COMMANDS; i++) {
			for (unsigned j = 0; commands[i].used && j < commands[i].olders; j++) {
				if (commands[i].older[j] == pid)
					commands[i].older[j] = 0;
			}
		}
	}
	childless = false;
}

static void
start_command(uint32_t number, struct request *from)
{
	static char *words[MOST_WORDS + 1], *environment[MOST_WORDS + 1], *watch[MOST_WATCHED + 1];
	unsigned flags = (unsigned)take_number(from, 1);
	uint64_t deadline = take_number(from, 8);
	uint64_t limits[2], linger;
	struct command *one = NULL;
	unsigned watched;
	const char *folder, *program;
	int error;

	limits[0] = take_number(from, 8);
	limits[1] = take_number(from, 8);
	linger = take_number(from, 8);
	folder = take_text(from);
	if (take_list(from, words, MOST_WORDS) == 0)
		from->bad = true;
	take_list(from, environment, MOST_WORDS);
	watched = take_list(from, watch, MOST_WATCHED);
	program = take_text(from);
	for (int i = 0; i < MOST_COMMANDS; i++) {
		if (!commands[i].used)
			one = &commands[i];
		else if (commands[i].number == number)
			from->bad = true;
	}
	if (flags > 1 || deadline > INT64_MAX / 4 || linger > INT64_MAX / 4)
		from->bad = true;
	if (flags == 0 && (limits[0] > LONGEST_KEPT || limits[1] > LONGEST_KEPT))
		from->bad = true;
	if (from->bad || from->left > 0)
		return;
	if (one == NULL) {
		struct command none = { .number = number, .load = -1 };

		send_end(&none, NOT_STARTED, EAGAIN, "EAGAIN", "too many commands at once");
		return;
	}
	memset(one, 0, sizeof *one);
	one->number = number;
	one->sent_as_it_comes = flags == 1;
	one->output[0] = one->output[1] = -1;
	one->forced = -1;
	one->load = -1;
	one->linger = (int64_t)linger;
	memcpy(one->limit, limits, sizeof limits);
	/* They may also be what earlier commands have left and nobody could kill. */
	note_older(one);
	if (getloadavg(&one->load, 1) != 1)
		one->load = -1;
	for (unsigned i = 0; i < watched; i++) {
		one->watch[i] = strdup(watch[i]);
		if (one->watch[i] == NULL)
			out_of_memory();
		one->was[i] = read_file(watch[i], &one->before[i], 0, LONGEST_WATCHED);
		one->watched = i + 1;
	}
	one->found = program[0] != '\0' && stat(program, &one->program) == 0;
	error = start_process(one, words, environment, folder);
	if (error != 0) {
		one->wall = now_ns() - one->started;
		if (one->started == 0)
			one->wall = 0;
		send_end(one, NOT_STARTED, (uint32_t)error, error_name(error), strerror(error));
		forget_command(one);
		return;
	}
	one->used = one->running = true;
	one->deadline = deadline == 0 ? 0 : one->started + (int64_t)deadline;
	if (one->sent_as_it_comes) {
		size_t frame = begin_frame(STARTED, number);

		put_u32((uint32_t)one->pid);
		end_frame(frame);
	}
}

static void
signal_command(uint32_t number, unsigned letter)
{
	for (int i = 0; i < MOST_COMMANDS; i++) {
		struct command *one = &commands[i];

		if (!one->used || one->number != number)
			continue;
		if (letter == 'A')
			force(one, ABORTED, now_ns());
		else if (one->running)
			kill(-one->pid, letter == 'K' ? SIGKILL : letter == 'I' ? SIGINT : SIGTERM);
	}
}

static void
give_credit(uint32_t number, unsigned stream, uint64_t more)
{
	for (int i = 0; i < MOST_COMMANDS; i++) {
		if (commands[i].used && commands[i].number == number)
			commands[i].credit[stream] += more;
	}
}

/* ---- one sweep at a time ---- */

/*
 * The holder of the machine listens on a port of the loopback address. The kernel gives the port to
 * one process only, whichever user runs it, and frees it when that process ends. Anyone who
 * connects is told one line.
 */
static int holding = -1;
/* Until then nobody who asks is answered: no descriptor was left for the last one. */
static int64_t deaf_until;
static char holder[LONGEST_HOLDER + 2];

/* Returns a socket that commands do not inherit, or -1. */
static int
loopback_socket(uint16_t port, struct sockaddr_in *address)
{
	int one = 1, made = socket(AF_INET, SOCK_STREAM, 0);

	memset(address, 0, sizeof *address);
	address->sin_family = AF_INET;
	address->sin_port = htons(port);
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (made < 0)
		return (-1);
	fcntl(made, F_SETFD, FD_CLOEXEC);
	fcntl(made, F_SETFL, O_NONBLOCK);
	/* Ignore connections of an earlier holder that the kernel still remembers. */
	setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	return (made);
}

/* Waits until a socket can be read or written. */
static bool
is_ready(int socket, short events, int64_t until)
{
	struct pollfd file = { socket, events, 0 };

	for (;;) {
		int64_t left = until - now_ns();
		int ready = left > 0 ? poll(&file, 1, (int)(left / MS_NS) + 1) : 0;

		if (ready >= 0 || errno != EINTR)
			return (ready > 0);
	}
}

/* Asks the process that has the port. Returns false when no process has it any more. */
static bool
ask_holder(uint16_t port, char *said, size_t room)
{
	struct sockaddr_in address;
	int64_t until = now_ns() + HOLDER_ANSWERS_MS * MS_NS;
	int error = 0, to = loopback_socket(port, &address);
	socklen_t length = sizeof error;
	size_t have = 0;

	said[0] = '\0';
	if (to < 0)
		return (true);
	if (connect(to, (struct sockaddr *)&address, sizeof address) < 0)
		error = errno;
	if (error == EINPROGRESS && is_ready(to, POLLOUT, until))
		getsockopt(to, SOL_SOCKET, SO_ERROR, &error, &length);
	while (error == 0 && have + 1 < room && is_ready(to, POLLIN, until)) {
		ssize_t got = read(to, said + have, room - 1 - have);

		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got < 0)
			error = errno;
		if (got <= 0)
			break;
		have += (size_t)got;
		said[have] = '\0';
		if (strchr(said, '\n') != NULL)
			break;
	}
	close(to);
	return (have > 0 || (error != ECONNREFUSED && error != ECONNRESET));
}

/* Answers with nothing if the port is now held, otherwise with its holder's line or the reason. */
static void
hold_machine(uint32_t number, uint16_t port, const char *words)
{
	struct sockaddr_in address;
	char said[LONGEST_HOLDER];

	if (holding >= 0) {
		close(holding);
		holding = -1;
	}
	snprintf(holder, sizeof holder, "%.*s\n", LONGEST_HOLDER, words);
	for (int tries = 0; tries < HOLD_TRIES; tries++) {
		int made = loopback_socket(port, &address);

		if (made >= 0 && bind(made, (struct sockaddr *)&address, sizeof address) == 0 &&
		    listen(made, 16) == 0) {
			holding = made;
			answer_text(number, DONE, "");
			return;
		}
		if (made < 0 || errno != EADDRINUSE) {
			answer_text(number, REFUSED, strerror(errno));
			if (made >= 0)
				close(made);
			return;
		}
		close(made);
		if (ask_holder(port, said, sizeof said)) {
			answer_text(number, REFUSED, said[0] != '\0' ? said : "its port is used by something that says nothing");
			return;
		}
	}
	answer_text(number, REFUSED, "its port is taken and left again and again");
}

static void
tell_who_holds(void)
{
	int asks;

	while ((asks = accept(holding, NULL, NULL)) >= 0) {
		if (write(asks, holder, strlen(holder)) < 0) {
			/* The asking side does not listen. */
		}
		close(asks);
	}
	if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
		deaf_until = now_ns() + SECOND_NS;
}

/* ---- requests ---- */

static void
end_all(int code)
{
	if (ending)
		return;
	ending = true;
	exit_code = code;
	ending_since = now_ns();
	for (int i = 0; i < MOST_COMMANDS; i++) {
		struct command *one = &commands[i];

		if (!one->used)
			continue;
		one->linger_until = ending_since;
		one->deadline = one->kill_at = 0;
		if (one->running)
			kill(-one->pid, SIGTERM);
	}
}

static void
flush(void)
{
	while (out_sent < out.length) {
		ssize_t written = write(to_parent, out.at + out_sent, out.length - out_sent);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0) {
			if (errno != EAGAIN && errno != EWOULDBLOCK)
				end_all(0);
			break;
		}
		out_sent += (size_t)written;
	}
	if (out_sent == out.length) {
		out.length = out_sent = 0;
		if (out.room > LARGE) {
			forget(&out);
			be_small();
		}
	}
}

/* Whether replies must wait, so that the other side does not wake up during a run. */
static bool
holds_back(void)
{
	bool run = false;

	for (int i = 0; i < MOST_COMMANDS; i++) {
		if (!commands[i].used)
			continue;
		if (commands[i].sent_as_it_comes)
			return (false);
		run = true;
	}
	return (run && out.length - out_sent < CROWDED_QUEUE);
}

static void
garbage(const char *what)
{
	struct pollfd there = { to_parent, POLLOUT, 0 };
	size_t frame = begin_frame(ERROR, 0);

	put_text(what);
	end_frame(frame);
	for (int i = 0; i < 10 && out_sent < out.length && poll(&there, 1, 100) >= 0; i++)
		flush();
	end_all(1);
}

static void
obey(int type, uint32_t number, struct request *from)
{
	struct request rest = *from;
	const char *text = NULL, *value = NULL;
	unsigned char *content = NULL;
	size_t length = 0;
	uint64_t amount = 0, offset = 0;

	switch (type) {
	case START:
		start_command(number, from);
		if (from->bad || from->left > 0)
			garbage("a request to start a command cannot be read");
		return;
	case SIGNAL:
		amount = take_number(&rest, 1);
		rest.bad = rest.bad || amount == 0 || strchr("TKIA", (int)amount) == NULL;
		break;
	case CREDIT:
		amount = take_number(&rest, 8);
		length = (size_t)take_number(&rest, 1);
		rest.bad = rest.bad || length > 1 || amount > UINT32_MAX;
		break;
	case READ:
		amount = take_number(&rest, 8);
		offset = take_number(&rest, 8);
		text = take_text(&rest);
		rest.bad = rest.bad || amount > LONGEST_KEPT || offset > INT64_MAX;
		break;
	case STATE:
		amount = take_number(&rest, 1);
		text = take_text(&rest);
		rest.bad = rest.bad || amount > 1;
		break;
	case LIST:
	case REALPATH:
	case DISCARD:
		text = take_text(&rest);
		break;
	case SEND:
		amount = take_number(&rest, 4);
		text = take_text(&rest);
		content = take_bytes(&rest, &length);
		break;
	case SET:
		text = take_text(&rest);
		value = take_text(&rest);
		break;
	case SAVE:
		amount = take_number(&rest, 1);
		text = take_text(&rest);
		value = take_text(&rest);
		break;
	case ASK:
		amount = take_number(&rest, 4);
		break;
	case HOLD:
		amount = take_number(&rest, 4);
		text = take_text(&rest);
		rest.bad = rest.bad || amount == 0 || amount > UINT16_MAX;
		break;
	case PING:
		break;
	default:
		rest.bad = true;
	}
	if (rest.bad || rest.left > 0) {
		garbage("not a request that can be read");
		return;
	}
	switch (type) {
	case SIGNAL:
		signal_command(number, (unsigned)amount);
		break;
	case CREDIT:
		give_credit(number, (unsigned)length, amount);
		break;
	case READ:
		answer_file(number, text, (off_t)offset, (size_t)amount);
		break;
	case STATE:
		answer_state(number, text, amount == 1);
		break;
	case LIST:
		answer_list(number, text);
		break;
	case REALPATH:
		answer_real_path(number, text);
		break;
	case SEND:
		take_file(number, text, (mode_t)amount, content, length);
		break;
	case DISCARD:
		discard_file(number, text);
		break;
	case SET: {
		int failed = write_setting(text, value);

		answer_text(number, failed == 0 ? DONE : REFUSED, failed == 0 ? "" : strerror(failed));
		break;
	}
	case SAVE:
		save_setting(number, (char)amount, text, value);
		break;
	case ASK:
		/* A tracing program sees the call. */
		errno = 0;
		getpriority(PRIO_PROCESS, (id_t)amount);
		break;
	case HOLD:
		hold_machine(number, (uint16_t)amount, text);
		break;
	case PING:
		answer_text(number, DONE, "");
		break;
	}
}

/* Carries out the requests that have arrived completely. */
static void
read_requests(int64_t now)
{
	size_t at = 0;
	ssize_t got;

	reserve(&in, PIECE);
	got = read(from_parent, in.at + in.length, in.room - in.length);
	if (got <= 0) {
		if (got == 0 || (errno != EINTR && errno != EAGAIN))
			end_all(0);
		return;
	}
	heard_at = now;
	in.length += (size_t)got;
	while (!ending && in.length - at >= 4) {
		struct request head = { in.at + at, 4, false };
		size_t length = (size_t)take_number(&head, 4);

		if (length < HEADER - 4 || length > LONGEST_REQUEST) {
			garbage("not a request: its length is wrong");
			break;
		}
		if (in.length - at - 4 < length)
			break;
		head.left = length;
		int type = (int)take_number(&head, 1);
		uint32_t number = (uint32_t)take_number(&head, 4);
		obey(type, number, &head);
		at += 4 + length;
		if (out.length - out_sent > LONGEST_QUEUE)
			end_all(1);
	}
	in.length -= at;
	memmove(in.at, in.at + at, in.length);
	if (in.length == 0 && in.room > LARGE) {
		forget(&in);
		be_small();
	}
}

/* ---- beginning, waiting, end ---- */

static void
on_signal(int number)
{
	int kept = errno;

	if (number == SIGTERM)
		told_to_end = 1;
	if (number == SIGCONT)
		continued = 1;
	if (write(child_ended[1], "", 1) < 0) {
		/* The pipe is full, so the agent will look anyway. */
	}
	errno = kept;
}

static uint64_t
memory_bytes(void)
{
#if defined(__APPLE__)
	uint64_t bytes = 0;
	size_t length = sizeof bytes;

	return (sysctlbyname("hw.memsize", &bytes, &length, NULL, 0) == 0 ? bytes : 0);
#else
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);

	return (pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : 0);
#endif
}

static void
say_ready(const char *version, const char *own_path)
{
	struct utsname machine;
	const struct passwd *user = getpwuid(geteuid());
	const char *home = getenv("HOME"), *caches = getenv("XDG_CACHE_HOME"), *path = getenv("PATH");
	char *real = realpath(own_path, NULL);
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	char line[128];
	size_t frame;

	if (home == NULL || home[0] == '\0')
		home = user == NULL ? "/" : user->pw_dir;
	if (caches != NULL && caches[0] != '\0')
		snprintf(cache, sizeof cache, "%s/ipc-sweep", caches);
	else
		snprintf(cache, sizeof cache, "%s/.cache/ipc-sweep", home);
	remove_dead_folders();
	if (uname(&machine) < 0)
		memset(&machine, 0, sizeof machine);
	snprintf(line, sizeof line, "ipc-sweep-agent %.64s\n", version);
	put(&out, line, strlen(line));
	frame = begin_frame(READY, 0);
	put_text(machine.sysname);
	put_text(machine.machine);
	put_text(machine.release);
	put_text(machine.version);
	put_text(machine.nodename);
	put_u32(processors < 1 ? 1 : (uint32_t)processors);
	put_u64(memory_bytes());
	put_u32((uint32_t)geteuid());
	put_text(home);
	put_text(cache);
	put_text(path == NULL ? "" : path);
	put_u32((uint32_t)getpid());
	put_text(real == NULL ? own_path : real);
	end_frame(frame);
	free(real);
}

static void
prepare(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	long most = sysconf(_SC_OPEN_MAX);
	sigset_t none;

	/* Drop what was inherited: open files, the signal mask and ignored signals. */
	for (int i = 3; i < 1024 && i < most; i++)
		close(i);
	sigemptyset(&action.sa_mask);
	for (int i = 1; i < 32; i++)
		sigaction(i, &action, NULL);
	no_input = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (no_input >= 0 && no_input < 3)
		no_input = fcntl(no_input, F_DUPFD_CLOEXEC, 3);
	from_parent = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	to_parent = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (no_input < 0 || from_parent < 0 || to_parent < 0 || make_pipe(child_ended) != 0) {
		fprintf(stderr, "agent: cannot begin: %s\n", strerror(errno));
		exit(1);
	}
	/* Accidental output must not end up between two frames. */
	dup2(no_input, STDIN_FILENO);
	dup2(no_input, STDOUT_FILENO);
	fcntl(to_parent, F_SETFL, fcntl(to_parent, F_GETFL) | O_NONBLOCK);
	for (int i = 0; i < 2; i++)
		fcntl(child_ended[i], F_SETFL, O_NONBLOCK);
	action.sa_handler = SIG_IGN;
	for (size_t i = 0; i < LENGTH(ignored); i++)
		sigaction(ignored[i], &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	to_do = mmap(NULL, sizeof *to_do, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANON, -1, 0);
	if (to_do == MAP_FAILED) {
		fprintf(stderr, "agent: cannot begin: %s\n", strerror(errno));
		exit(1);
	}
}

/* The signals that the agent waits for. */
static void
attend(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	sigset_t none;

	sigemptyset(&action.sa_mask);
	sigaction(SIGCHLD, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGCONT, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
sooner(int64_t *at, int64_t candidate)
{
	if (candidate != 0 && candidate < *at)
		*at = candidate;
}

/* Kills processes whose time is up; those that ended by themselves were reaped before. */
static void
look_at_clock(int64_t now, int64_t silence)
{
	bool run = false;

	for (int i = 0; i < MOST_COMMANDS; i++) {
		struct command *one = &commands[i];

		if (!one->used)
			continue;
		run = run || !one->sent_as_it_comes;
		if (!one->running) {
			settle(one, now);
			continue;
		}
		if (ending && now - ending_since >= END_NS)
			kill(-one->pid, SIGKILL);
		if (one->kill_at != 0 && now >= one->kill_at) {
			kill(-one->pid, SIGKILL);
			one->kill_at = 0;
			one->give_up_at = now + GIVE_UP_NS;
		}
		if (one->give_up_at != 0 && now >= one->give_up_at) {
			give_up(one, now);
			continue;
		}
		if (one->deadline != 0 && now >= one->deadline) {
			one->deadline = 0;
			force(one, TIMED_OUT, now);
		}
	}
	if (silence > 0 && !run && now - heard_at >= silence)
		end_all(0);
}

static int64_t
next_look(int64_t now, int64_t silence)
{
	int64_t at = INT64_MAX;
	bool run = false;

	for (int i = 0; i < MOST_COMMANDS; i++) {
		const struct command *one = &commands[i];

		if (!one->used)
			continue;
		run = run || !one->sent_as_it_comes;
		if (one->running) {
			sooner(&at, one->deadline);
			sooner(&at, one->kill_at);
			sooner(&at, one->give_up_at);
			/* Waits in steps, so that a suspended machine is noticed. */
			if (at != INT64_MAX)
				sooner(&at, now + LOOK_NS);
		} else
			sooner(&at, one->linger_until);
#if !defined(__linux__) && !defined(__FreeBSD__)
		/* Nothing reports when a group becomes empty. */
		if (!one->running)
			sooner(&at, now + LOOK_AGAIN_NS);
#endif
	}
	if (deaf_until > now)
		sooner(&at, deaf_until);
	if (ending)
		sooner(&at, now + LOOK_AGAIN_NS * 5);
	else if (silence > 0 && !run)
		sooner(&at, heard_at + silence);
	return (at);
}

/*
 * The machine or the agent was stopped for a while. How long it was cannot be told more exactly
 * than the time that was waited for, so none of that time counts against any command.
 */
static void
postpone(int64_t by)
{
	for (int i = 0; i < MOST_COMMANDS; i++) {
		struct command *one = &commands[i];

		if (one->deadline != 0)
			one->deadline += by;
		if (one->kill_at != 0)
			one->kill_at += by;
		if (one->linger_until != 0)
			one->linger_until += by;
		if (one->give_up_at != 0)
			one->give_up_at += by;
	}
	heard_at += by;
}

static bool
all_gone(int64_t now)
{
	for (int i = 0; i < MOST_COMMANDS; i++) {
		if (commands[i].used && now - ending_since < END_NS + GIVE_UP_NS)
			return (false);
	}
	return (true);
}

static void
wait_and_act(int64_t silence)
{
	struct pollfd files[4 + 2 * MOST_COMMANDS];
	struct { struct command *one; int stream; } reads[2 * MOST_COMMANDS];
	nfds_t count = 0, first;
	int64_t before = now_ns(), at = next_look(before, silence), now;
	int timeout = at == INT64_MAX ? -1 : at <= before ? 0 : (int)((at - before + MS_NS - 1) / MS_NS);
	bool speaks = !ending && out_sent < out.length && !holds_back();
	char woken[64];
	int ready;

	files[count++] = (struct pollfd){ child_ended[0], POLLIN, 0 };
	files[count++] = (struct pollfd){ ending ? -1 : from_parent, POLLIN, 0 };
	files[count++] = (struct pollfd){ speaks ? to_parent : -1, POLLOUT, 0 };
	files[count++] = (struct pollfd){ before < deaf_until ? -1 : holding, POLLIN, 0 };
	first = count;
	for (int i = 0; i < MOST_COMMANDS; i++) {
		struct command *one = &commands[i];

		for (int stream = 0; one->used && stream < 2; stream++) {
			bool waits = one->sent_as_it_comes && one->running && one->forced < 0 && !ending &&
			    (one->credit[stream] == 0 || out.length - out_sent > CROWDED_QUEUE);

			if (one->output[stream] < 0 || waits)
				continue;
			reads[count - first].one = one;
			reads[count - first].stream = stream;
			files[count++] = (struct pollfd){ one->output[stream], POLLIN, 0 };
		}
	}
	ready = poll(files, count, timeout);
	if (ready < 0 && errno != EINTR) {
		end_all(1);
		return;
	}
	now = now_ns();
	if (continued || (timeout >= 0 && now - before > timeout * (MS_NS + MS_NS / 8) + LATE_NS))
		postpone(now - before);
	continued = 0;
	if (ready < 0)
		return;
	if (files[0].revents != 0) {
		while (read(child_ended[0], woken, sizeof woken) == (ssize_t)sizeof woken)
			;
		reap();
	}
	/* Read before looking at the clock, so that a command that ended in time survives. */
	for (nfds_t i = first; i < count; i++) {
		if (files[i].revents != 0)
			read_output(reads[i - first].one, reads[i - first].stream, now);
	}
	if (files[3].revents != 0)
		tell_who_holds();
	if (told_to_end)
		end_all(0);
	now = now_ns();
	look_at_clock(now, silence);
	if (files[1].revents != 0 && !ending)
		read_requests(now);
	if (!ending && !holds_back())
		flush();
}

/* Ends everything at once and without a reply. */
static void
clear_up(void)
{
	ending = true;
	childless = false;
	for (int i = 0; i < MOST_COMMANDS; i++) {
		if (to_do->groups[i] > 1)
			kill(-to_do->groups[i], SIGKILL);
	}
	for (int i = 0; i < 200; i++) {
		reap();
		if (kill_left(NULL) == 0)
			break;
		poll(NULL, 0, 10);
	}
	put_settings_back();
	remove_own_folder();
}

static void
kill_at_once(void)
{
	clear_up();
	_exit(1);
}

static pid_t agent;

static void
pass_on(int number)
{
	if (agent > 1)
		kill(agent, number);
}

/* Makes the process that does the work; the one that was started waits for it and never returns. */
static void
keep_another(void)
{
	struct sigaction action = { .sa_handler = pass_on, .sa_flags = SA_RESTART };
	const pid_t keeper = getpid();
	sigset_t term;
	int status;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	be_reaper();
	agent = fork();
	if (agent < 0) {
		fprintf(stderr, "agent: cannot begin: %s\n", strerror(errno));
		exit(1);
	}
	if (agent == 0) {
		/* Killing the group of one of them must not kill both. */
		setpgid(0, 0);
		die_with_parent(SIGTERM);
		if (getppid() != keeper)
			exit(1);
		be_reaper();
		return;
	}
	setpgid(agent, agent);
	sigemptyset(&action.sa_mask);
	sigaction(SIGTERM, &action, NULL);
	action.sa_handler = SIG_DFL;
	sigaction(SIGCHLD, &action, NULL);
	sigprocmask(SIG_UNBLOCK, &term, NULL);
	while (waitpid(agent, &status, 0) == -1) {
		if (errno != EINTR)
			_exit(1);
	}
	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	/* The worker was killed. */
	agent = 0;
	clear_up();
	_exit(1);
}

int
main(int argc, char **argv)
{
	int64_t silence;

	if (argc == 2 && strcmp(argv[1], "check") == 0)
		return (0);
	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: agent VERSION [SILENCE_S] | agent check\n");
		return (64);
	}
	silence = argc == 3 ? strtol(argv[2], NULL, 10) * SECOND_NS : 0;
	prepare();
	keep_another();
	attend();
	say_ready(argv[1], argv[0]);
	heard_at = now_ns();
	flush();
	be_small();
	while (!ending || !all_gone(now_ns()))
		wait_and_act(silence);
	clear_up();
	return (exit_code);
}
