/*
 * ipc-benchmark: times one writer handing bytes to one reader over an IPC channel.
 *
 * usage: ipc-benchmark [-Bgjqsv] [-b bytes] [-i pipe|local|tcp|shmem] [-n count] [-p port]
 *                      [-P set] [-t bytes] 2proc|2thread|describe
 *
 * The receiver is always the process that was started; the sender is its child (2proc) or a
 * thread of it (2thread). Both are bound to CPU 0. A sample runs from just before the first
 * write(2) to just after the last read(2), or from before the first copy into shared memory to
 * after the last one out of it.
 *
 * Tracers count system calls from outside, so with -B the only reads and writes on descriptors
 * above 2 are those on the channel, and there are no more of them than the data needs: with shared
 * memory there are none.
 *
 * Exit status: 0 done, 64 usage, 71 the system refused something, 74 a transfer or an output
 * failed. docs/benchmark.md describes options, output and the differences from upstream.
 *
 * Plain C11 with POSIX threads: cc -std=c11 -O2 -pthread (illumos: add -lsocket -lnsl; FreeBSD, for
 * hardware counters: add -DWITH_LIBPMC -lpmc).
 */

#if defined(__linux__)
#define _GNU_SOURCE
#elif defined(__APPLE__)
#define _DARWIN_C_SOURCE
#elif defined(__sun)
#define __EXTENSIONS__
#endif

#include <sys/types.h>

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__)
#include <linux/perf_event.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#elif defined(__FreeBSD__)
#include <sys/param.h>
#include <sys/cpuset.h>
#include <sys/sysctl.h>
#if defined(WITH_LIBPMC)
#include <pmc.h>
#endif
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#elif defined(__sun)
#include <sys/processor.h>
#include <sys/procset.h>
#endif

#if !defined(MAP_ANON)
#define MAP_ANON MAP_ANONYMOUS
#endif

#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* The sysexits(3) values; some systems lack the header. */
enum { EXIT_USAGE = 64, EXIT_OS = 71, EXIT_IO = 74 };

enum { TCP_WAIT_MS = 5000, TCP_ACCEPT_TRIES = 100, MAX_PAGE_SIZES = 16 };

enum mode { MODE_2PROC, MODE_2THREAD, MODE_DESCRIBE };
enum ipc { IPC_PIPE, IPC_LOCAL, IPC_TCP, IPC_SHMEM };
enum set { SET_NONE, SET_ARCH, SET_DCACHE, SET_INSTR, SET_TLBMEM, SET_SOFTWARE };

static const char *const mode_names[] = {"2proc", "2thread", "describe"};
static const char *const ipc_names[] = {"pipe", "local", "tcp", "shmem"};
static const char *const set_names[] = {"none", "arch", "dcache", "instr", "tlbmem", "software"};

struct options {
    long long buffer_bytes;
    long long total_bytes;
    long long iterations;
    enum mode mode;
    enum ipc ipc;
    enum set set;
    int port;
    bool bare;
    bool rusage;
    bool quiet;
    bool set_socket_buffers;
    bool verbose;
};

static const char *program = "ipc-benchmark";

/* ---- The report on standard output: text, or JSON in the layout of libxo's pretty printer ---- */

enum { MAX_DEPTH = 4 };

static struct {
    bool json;
    bool closed;
    int depth; /* open levels; 0 until the first key is printed */
    bool empty[MAX_DEPTH];
    char closer[MAX_DEPTH];
} report;

static void json_push(char opener, char closer)
{
    putchar(opener);
    report.empty[report.depth] = true;
    report.closer[report.depth] = closer;
    report.depth++;
}

/* Starts the next element of the innermost level. The top level opens with its first element, so
   that a report without elements is "{ }". */
static void json_next(const char *key)
{
    if (report.depth == 0)
        json_push('{', '}');
    printf(report.empty[report.depth - 1] ? "\n" : ",\n");
    report.empty[report.depth - 1] = false;
    printf("%*s", 2 * report.depth, "");
    if (key != NULL)
        printf("\"%s\": ", key);
}

static void json_pop(void)
{
    report.depth--;
    printf("\n%*s%c", 2 * report.depth, "", report.closer[report.depth]);
}

/* Length of the well-formed UTF-8 sequence at s, or 0. */
static size_t utf8_length(const unsigned char *s)
{
    size_t length = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (length > 1 && (s[0] < 0xc2 || s[0] > 0xf4))
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool beyond = (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f);
    return overlong || beyond ? 0 : length;
}

/* Host names and arguments may contain any byte, but the document must still be valid UTF-8. */
static void json_string(const char *value)
{
    const unsigned char *s = (const unsigned char *)value;

    putchar('"');
    while (*s != '\0') {
        size_t length = utf8_length(s);
        if (length == 0)
            printf("\\ufffd");
        else if (*s == '"' || *s == '\\')
            printf("\\%c", *s);
        else if (*s < 0x20)
            printf("\\u%04x", (unsigned)*s);
        else
            fwrite(s, 1, length, stdout);
        s += length == 0 ? 1 : length;
    }
    putchar('"');
}

static void report_object(const char *key, const char *heading)
{
    if (report.json) {
        json_next(key);
        json_push('{', '}');
    } else {
        printf("%s:\n", heading);
    }
}

static void report_list(const char *key)
{
    if (report.json) {
        json_next(key);
        json_push('[', ']');
    }
}

static void report_end(void)
{
    if (report.json)
        json_pop();
}

static void report_string(const char *key, const char *value)
{
    if (report.json) {
        json_next(key);
        json_string(value);
    } else {
        printf("  %s: %s\n", key, value);
    }
}

static void report_number(const char *key, const char *unit, long long value)
{
    if (report.json) {
        json_next(key);
        printf("%lld", value);
    } else {
        printf("  %s: %lld%s\n", key, value, unit);
    }
}

/* Seconds are a string in JSON, because upstream's consumers parse a string. */
static void report_seconds(const char *key, long long seconds, long long fraction, int digits)
{
    if (report.json) {
        json_next(key);
        printf("\"%lld.%0*lld\"", seconds, digits, fraction);
    } else {
        printf("  %s: %lld.%0*lld seconds\n", key, seconds, digits, fraction);
    }
}

static void report_share(const char *key, double share)
{
    if (report.json) {
        json_next(key);
        printf("%.6f", share);
    } else {
        printf("  %s: %.6f\n", key, share);
    }
}

static void report_bandwidth(double kbytes_per_second)
{
    if (report.json) {
        json_next("bandwidth");
        printf("%.2f", kbytes_per_second);
    } else {
        printf("  bandwidth: %.2f KBytes/sec\n", kbytes_per_second);
    }
}

static void report_close(void)
{
    if (!report.json || report.closed)
        return;
    report.closed = true;
    if (report.depth == 0)
        printf("{ }");
    while (report.depth > 0)
        json_pop();
    putchar('\n');
}

/* ---- Ending early ---- */

/* Prints one line on standard error, and closes the report so far, so that it stays valid JSON. */
__attribute__((format(printf, 2, 3)))
static _Noreturn void fail(int status, const char *format, ...)
{
    char reason[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    fprintf(stderr, "%s: FAIL: %s\n", program, reason);
    report_close();
    exit(status);
}

static const char synopsis[] =
    "[-Bgjqsv] [-b bytes] [-i pipe|local|tcp|shmem] [-n count] [-p port] "
    "[-P none|arch|dcache|instr|tlbmem|software] [-t bytes] "
    "2proc|2thread|describe";

static const char option_help[] =
    "  -B        bare: no settling sleeps, no flush, no sync\n"
    "  -b bytes  size of the buffer, one write(2) each (default 131072)\n"
    "  -g        report resource usage with each sample\n"
    "  -i type   channel: pipe, local (stream socket pair), tcp or shmem (default pipe)\n"
    "  -j        report in JSON\n"
    "  -n count  samples to take (default 1)\n"
    "  -P set    count while the data moves: arch, dcache, instr or tlbmem by hardware counters,\n"
    "            software (faults, switches, CPU time) on every machine (default none)\n"
    "  -p port   TCP port on 127.0.0.1 (default 10141)\n"
    "  -q        no report unless something fails\n"
    "  -s        set the socket buffers to the buffer size (local and tcp)\n"
    "  -t bytes  bytes to move for one sample, a multiple of -b (default 16777216)\n"
    "  -v        report the machine and the configuration first\n";

/* Which stream it is printed on depends on whether -j came before the mistake. */
__attribute__((format(printf, 1, 2)))
static _Noreturn void usage_error(const char *format, ...)
{
    char reason[512];
    char message[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);

    if (report.json) {
        snprintf(message, sizeof message, "%s; usage: %s %s", reason, program, synopsis);
        report_object("error", "");
        report_string("message", message);
        report_close();
    } else {
        fprintf(stderr, "%s: %s\nusage: %s %s\n%s", program, reason, program, synopsis,
                option_help);
    }
    exit(EXIT_USAGE);
}

/* A result that did not reach its reader is not a success. */
static void flush_report(void)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        fail(EXIT_IO, "standard output: %s", strerror(errno));
}

/* ---- The command line ---- */

static long long parse_number(int letter, const char *text, long long most)
{
    char *end;

    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno == ERANGE || value < 1 || value > most)
        usage_error("-%c: expected a whole number from 1 to %lld, got '%s'", letter, most, text);
    return value;
}

static enum ipc parse_ipc(const char *text)
{
    for (size_t i = 0; i < ARRAY_LENGTH(ipc_names); i++) {
        if (strcmp(text, ipc_names[i]) == 0)
            return (enum ipc)i;
    }
    usage_error("-i: expected pipe, local, tcp or shmem, got '%s'", text);
}

static enum set parse_set(const char *text)
{
    for (size_t i = 0; i < ARRAY_LENGTH(set_names); i++) {
        if (strcmp(text, set_names[i]) == 0)
            return (enum set)i;
    }
    usage_error("-P: expected none, arch, dcache, instr, tlbmem or software, got '%s'", text);
}

static enum mode parse_mode(const char *text)
{
    for (size_t i = 0; i < ARRAY_LENGTH(mode_names); i++) {
        if (strcmp(text, mode_names[i]) == 0)
            return (enum mode)i;
    }
    usage_error("mode: expected 2proc, 2thread or describe, got '%s'", text);
}

static void parse_option(struct options *o, int letter)
{
    switch (letter) {
    case 'B': o->bare = true; break;
    case 'b': o->buffer_bytes = parse_number(letter, optarg, SSIZE_MAX); break;
    case 'g': o->rusage = true; break;
    case 'i': o->ipc = parse_ipc(optarg); break;
    case 'j': report.json = true; break;
    case 'n': o->iterations = parse_number(letter, optarg, LLONG_MAX); break;
    case 'P': o->set = parse_set(optarg); break;
    case 'p': o->port = (int)parse_number(letter, optarg, 65535); break;
    case 'q': o->quiet = true; break;
    case 's': o->set_socket_buffers = true; break;
    case 't': o->total_bytes = parse_number(letter, optarg, LLONG_MAX); break;
    case 'v': o->verbose = true; break;
    case ':': usage_error("-%c: needs a value", optopt);
    default: usage_error("unknown option -%c", isprint(optopt) ? optopt : '?');
    }
}

static struct options parse_command_line(int argc, char **argv)
{
    struct options o = {
        .buffer_bytes = 128 * 1024,
        .total_bytes = 16 * 1024 * 1024,
        .iterations = 1,
        .port = 10141,
    };
    /* Options end at the mode. Every getopt(3) does that but glibc's, which needs the plus. */
#if defined(__GLIBC__)
    const char *letters = "+:Bb:gi:jn:P:p:qst:v";
#else
    const char *letters = ":Bb:gi:jn:P:p:qst:v";
#endif
    int letter;

    opterr = 0;
    while ((letter = getopt(argc, argv, letters)) != -1)
        parse_option(&o, letter);

    if (o.set_socket_buffers && o.ipc != IPC_LOCAL && o.ipc != IPC_TCP)
        usage_error("-s: expected -i local or -i tcp, %s has no socket buffers", ipc_names[o.ipc]);
    if (argc - optind != 1)
        usage_error("expected one mode after the options, got %d arguments", argc - optind);
    o.mode = parse_mode(argv[optind]);
    if (o.mode == MODE_DESCRIBE)
        o.verbose = true;
    if (o.total_bytes % o.buffer_bytes != 0)
        fail(EXIT_USAGE, "total size (%lld) is not a multiple of buffer size (%lld)", o.total_bytes,
             o.buffer_bytes);
    return o;
}

/* ---- Facts about this machine, keyed by FreeBSD's sysctl names (false: no equivalent) ---- */

#if defined(__FreeBSD__) || defined(__APPLE__)

static const char *sysctl_name(const char *key)
{
#if defined(__APPLE__)
    if (strcmp(key, "hw.physmem") == 0)
        return "hw.memsize"; /* macOS's hw.physmem stops at 2 GiB */
#endif
    return key;
}

static bool fact_number(const char *key, long long *value)
{
    union {
        uint32_t narrow;
        int64_t wide;
    } raw = {.wide = 0};
    size_t size = sizeof raw;

    if (sysctlbyname(sysctl_name(key), &raw, &size, NULL, 0) != 0)
        return false;
    *value = size == sizeof raw.narrow ? (long long)raw.narrow : (long long)raw.wide;
    return true;
}

static bool fact_text(const char *key, char *text, size_t size)
{
    size_t length = size - 1;

    if (sysctlbyname(sysctl_name(key), text, &length, NULL, 0) != 0)
        return false;
    text[length] = '\0';
    return true;
}

#else

#if defined(__linux__)

static bool first_line(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    bool found = fgets(text, (int)size, file) != NULL;
    fclose(file);
    if (found)
        text[strcspn(text, "\n")] = '\0';
    return found;
}

static bool file_number(const char *path, long long *value)
{
    char text[64];

    return first_line(path, text, sizeof text) && sscanf(text, "%lld", value) == 1;
}

/* Reads "model name" on x86, "Model" on Arm boards. */
static bool cpu_model(char *text, size_t size)
{
    char line[512];
    bool found = false;
    FILE *file = fopen("/proc/cpuinfo", "r");

    if (file == NULL)
        return false;
    while (!found && fgets(line, sizeof line, file) != NULL) {
        char *colon = strchr(line, ':');
        if (colon == NULL)
            continue;
        found = strncmp(line, "model name", 10) == 0 || strncmp(line, "Model", 5) == 0;
        if (found) {
            colon += 1 + strspn(colon + 1, " \t");
            colon[strcspn(colon, "\n")] = '\0';
            snprintf(text, size, "%s", colon);
        }
    }
    fclose(file);
    return found;
}

/* Finds the largest buffer that both ends of a socket may ask for. */
static bool max_socket_buffer(long long *value)
{
    long long receive, send;

    if (!file_number("/proc/sys/net/core/rmem_max", &receive) ||
        !file_number("/proc/sys/net/core/wmem_max", &send))
        return false;
    *value = receive < send ? receive : send;
    return true;
}

#endif

static bool fact_number(const char *key, long long *value)
{
    *value = 0;
    if (strcmp(key, "hw.ncpu") == 0)
        *value = sysconf(_SC_NPROCESSORS_ONLN);
    else if (strcmp(key, "hw.physmem") == 0)
        *value = (long long)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
#if defined(__linux__)
    else if (strcmp(key, "kern.ipc.maxsockbuf") == 0)
        return max_socket_buffer(value);
#endif
    return *value > 0;
}

static bool fact_text(const char *key, char *text, size_t size)
{
    struct utsname name;
    const char *value = NULL;

    if (uname(&name) < 0)
        return false;
    if (strcmp(key, "hw.machine") == 0)
        value = name.machine;
    else if (strcmp(key, "kern.ostype") == 0)
        value = name.sysname;
    else if (strcmp(key, "kern.osrelease") == 0)
        value = name.release;
    else if (strcmp(key, "kern.hostname") == 0)
        value = name.nodename;
#if defined(__linux__)
    else if (strcmp(key, "hw.model") == 0)
        return cpu_model(text, size);
    else if (strcmp(key, "net.inet.tcp.cc.algorithm") == 0)
        return first_line("/proc/sys/net/ipv4/tcp_congestion_control", text, size);
#endif
    if (value == NULL)
        return false;
    snprintf(text, size, "%s", value);
    return true;
}

#endif

#if defined(__linux__)

static int compare_numbers(const void *a, const void *b)
{
    const long long *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

/* Lists the base page, then the huge pages that the kernel names "hugepages-2048kB" and the like.
   */
static int page_sizes(long long *sizes)
{
    int count = 0;
    long long kbytes;
    struct dirent *entry;
    DIR *directory = opendir("/sys/kernel/mm/hugepages");

    sizes[count++] = sysconf(_SC_PAGESIZE);
    if (directory == NULL)
        return count;
    while (count < MAX_PAGE_SIZES && (entry = readdir(directory)) != NULL) {
        if (sscanf(entry->d_name, "hugepages-%lldkB", &kbytes) == 1)
            sizes[count++] = kbytes * 1024;
    }
    closedir(directory);
    qsort(sizes, (size_t)count, sizeof *sizes, compare_numbers);
    return count;
}

#elif defined(__FreeBSD__) || defined(__sun)

static int page_sizes(long long *sizes)
{
    size_t known[MAX_PAGE_SIZES];
    int count = getpagesizes(known, MAX_PAGE_SIZES);

    for (int i = 0; i < count; i++)
        sizes[i] = (long long)known[i];
    return count > 0 ? count : 0;
}

#else

static int page_sizes(long long *sizes)
{
    sizes[0] = sysconf(_SC_PAGESIZE);
    return 1;
}

#endif

#if defined(__linux__)
static const char loopback[] = "lo";
#else
static const char loopback[] = "lo0";
#endif

static bool loopback_mtu(long long *mtu)
{
#if defined(__sun)
    (void)mtu;
    return false;
#else
    struct ifreq request;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    if (fd < 0)
        return false;
    memset(&request, 0, sizeof request);
    memcpy(request.ifr_name, loopback, sizeof loopback);
    bool known = ioctl(fd, SIOCGIFMTU, &request) == 0;
    close(fd);
    if (known)
        *mtu = request.ifr_mtu;
    return known;
#endif
}

static void report_fact_number(const char *key)
{
    long long value;

    if (fact_number(key, &value))
        report_number(key, "", value);
}

static void report_fact_text(const char *key)
{
    char text[512];

    if (fact_text(key, text, sizeof text))
        report_string(key, text);
}

static void report_page_sizes(void)
{
    long long sizes[MAX_PAGE_SIZES];
    int count = page_sizes(sizes);

    if (!report.json) {
        for (int i = 0; i < count; i++)
            printf("%s%lld", i == 0 ? "  hw.pagesizes: " : ", ", sizes[i]);
        putchar('\n');
        return;
    }
    report_list("hw.pagesizes");
    for (int i = 0; i < count; i++) {
        report_object(NULL, "");
        report_number("pagesize", "", sizes[i]);
        report_end();
    }
    report_end();
}

static void report_machine(void)
{
    long long mtu;

    report_object("hardware_configuration", "Hardware configuration");
    report_fact_text("hw.machine");
    report_fact_text("hw.model");
    report_fact_number("hw.ncpu");
    report_fact_number("hw.physmem");
    report_page_sizes();
    report_fact_number("hw.cpufreq.arm_freq");
    report_end();

    report_object("os_configuration", "OS configuration");
    report_fact_text("kern.ostype");
    report_fact_text("kern.osrelease");
    report_fact_text("kern.ident");
    report_fact_text("kern.hostname");
    report_end();

    report_object("network_ipc_configuration", "Network and IPC configuration");
    report_fact_number("kern.ipc.pipe_mindirect");
    report_fact_number("kern.ipc.maxsockbuf");
    report_string("ifnet.name", loopback);
    if (loopback_mtu(&mtu))
        report_number("ifnet.mtu", "", mtu);
    report_fact_text("net.inet.tcp.cc.algorithm");
    report_fact_number("net.isr.bindthreads");
    report_fact_number("net.isr.defaultqlimit");
    report_end();
}

static void report_benchmark(const struct options *o)
{
    report_object("benchmark_configuration", "Benchmark configuration");
    report_number("buffersize", "", o->buffer_bytes);
    report_number("totalsize", "", o->total_bytes);
    report_number("msgcount", "", o->total_bytes / o->buffer_bytes);
    report_string("mode", mode_names[o->mode]);
    report_string("ipctype", ipc_names[o->ipc]);
    report_string("pmctype", set_names[o->set]);
    report_number("iterations", "", o->iterations);
    report_end();
}

/* ---- Setting up ---- */

/* If a descriptor below 3 is closed, the channel would get its number, and the report would be
   written to the channel. The placeholder is opened the wrong way round, so using it is still an
   error. */
static void occupy_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
    }
}

/* A writer without a reader must get EPIPE and report it, and waitpid() must find the child even if
   the caller of this program ignored SIGCHLD. */
static void set_signals(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
}

/* Both ends share one CPU, so that a sample does not depend on where the scheduler put them. */
static void pin_to_cpu_0(void)
{
    int error = 0;
#if defined(__linux__)
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(0, &set);
    if (sched_setaffinity(0, sizeof set, &set) < 0)
        error = errno;
#elif defined(__FreeBSD__)
    cpuset_t set;
    CPU_ZERO(&set);
    CPU_SET(0, &set);
    if (cpuset_setaffinity(CPU_LEVEL_WHICH, CPU_WHICH_PID, -1, sizeof set, &set) < 0)
        error = errno;
#elif defined(__sun)
    if (processor_bind(P_PID, P_MYID, 0, NULL) < 0)
        error = errno;
#endif
    if (error != 0)
        fprintf(stderr, "%s: warning: not bound to CPU 0: %s\n", program, strerror(error));
}

static void *map_anonymous(size_t bytes, int visibility)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, visibility | MAP_ANON, -1, 0);

    if (memory == MAP_FAILED)
        fail(EXIT_OS, "cannot map %zu bytes: %s", bytes, strerror(errno));
    memset(memory, 0, bytes); /* get the page faults over with now */
    return memory;
}

/* With overcommit, the kernel would grant more memory than it has and kill the process while it is
   cleared. The limit counts three buffers, because after fork() the receiver's buffer is copied
   when it is written, and the one that is shared. */
static void check_memory(const struct options *o)
{
    long long memory_bytes;
    int buffers = o->ipc == IPC_SHMEM ? 4 : 3;

    if (fact_number("hw.physmem", &memory_bytes) && o->buffer_bytes > memory_bytes / buffers)
        fail(EXIT_OS, "buffers of %lld bytes do not fit in %lld bytes of memory", o->buffer_bytes,
             memory_bytes);
}

static void sleep_one_second(void)
{
    struct timespec left = {.tv_sec = 1};

    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        continue;
}

/* Lets output and dirty pages reach the disk before a sample instead of during it. */
static void settle(void)
{
    flush_report();
    fflush(stderr);
    for (int i = 0; i < 3; i++)
        sync();
    sleep_one_second();
}

static long long now_ns(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- The channel ---- */

struct channel {
    int read_fd;
    int write_fd;
    struct exchange *exchange; /* only with shared memory */
};

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void set_blocking(int fd, bool blocking)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || fcntl(fd, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK) < 0)
        fail(EXIT_OS, "fcntl: %s", strerror(errno));
}

/* A firewall on the loopback must not make the program wait for ever. */
static void wait_for(int fd, short events, const char *what)
{
    struct pollfd entry = {.fd = fd, .events = events};
    int ready;

    do
        ready = poll(&entry, 1, TCP_WAIT_MS);
    while (ready < 0 && errno == EINTR);
    if (ready < 0)
        fail(EXIT_OS, "poll: %s", strerror(errno));
    if (ready == 0)
        fail(EXIT_OS, "%s: nothing happened for %d ms", what, TCP_WAIT_MS);
}

static int tcp_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0)
        fail(EXIT_OS, "socket: %s", strerror(errno));
    set_blocking(fd, false);
    return fd;
}

/* Forgets what the kernel has learnt about the peer, like upstream. Without root this does nothing.
   */
static void purge_tcp_host_cache(void)
{
#if defined(__FreeBSD__)
    int yes = 1;
    (void)sysctlbyname("net.inet.tcp.hostcache.purgenow", NULL, NULL, &yes, sizeof yes);
#endif
}

static int tcp_listen(const struct sockaddr_in *address)
{
    int fd = tcp_socket();
    int yes = 1;

    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0)
        fail(EXIT_OS, "SO_REUSEADDR: %s", strerror(errno));
    if (bind(fd, (const struct sockaddr *)address, sizeof *address) < 0)
        fail(EXIT_OS, "bind 127.0.0.1:%d: %s", ntohs(address->sin_port), strerror(errno));
    if (listen(fd, 1) < 0)
        fail(EXIT_OS, "listen: %s", strerror(errno));
    return fd;
}

static int tcp_connect(const struct sockaddr_in *address)
{
    int fd = tcp_socket();
    int error = 0;
    socklen_t size = sizeof error;

    if (connect(fd, (const struct sockaddr *)address, sizeof *address) < 0) {
        if (errno != EINPROGRESS)
            fail(EXIT_OS, "connect: %s", strerror(errno));
        wait_for(fd, POLLOUT, "connect");
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
            error = errno;
    }
    if (error != 0)
        fail(EXIT_OS, "connect: %s", strerror(error));
    return fd;
}

/* Accepts the connection made by peer_fd; another program on this machine may have connected first.
   */
static int tcp_accept(int listen_fd, int peer_fd)
{
    struct sockaddr_in expected = {0};
    socklen_t size = sizeof expected;

    if (getsockname(peer_fd, (struct sockaddr *)&expected, &size) < 0)
        fail(EXIT_OS, "getsockname: %s", strerror(errno));
    for (int i = 0; i < TCP_ACCEPT_TRIES; i++) {
        struct sockaddr_in found = {0};
        size = sizeof found;
        wait_for(listen_fd, POLLIN, "accept");
        int fd = accept(listen_fd, (struct sockaddr *)&found, &size);
        if (fd < 0) {
            if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ECONNABORTED)
                continue;
            fail(EXIT_OS, "accept: %s", strerror(errno));
        }
        if (found.sin_port == expected.sin_port &&
            found.sin_addr.s_addr == expected.sin_addr.s_addr)
            return fd;
        close(fd);
    }
    fail(EXIT_OS, "accept: the connection to port %d did not arrive among %d others",
         ntohs(expected.sin_port), TCP_ACCEPT_TRIES);
}

static struct channel open_tcp(int port)
{
    struct channel channel = {-1, -1, NULL};
    struct sockaddr_in address;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    purge_tcp_host_cache();
    int listen_fd = tcp_listen(&address);
    channel.read_fd = tcp_connect(&address);
    channel.write_fd = tcp_accept(listen_fd, channel.read_fd);
    close(listen_fd);
    set_blocking(channel.read_fd, true);
    set_blocking(channel.write_fd, true); /* some systems pass the listener's flag on */
    return channel;
}

static void set_socket_buffers(const struct channel *channel, long long bytes)
{
    int size = (int)bytes;

    if (bytes > INT_MAX)
        fail(EXIT_OS, "-s: no socket takes a buffer of %lld bytes", bytes);
    if (setsockopt(channel->write_fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size) < 0)
        fail(EXIT_OS, "SO_SNDBUF of %d bytes: %s", size, strerror(errno));
    if (setsockopt(channel->read_fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) < 0)
        fail(EXIT_OS, "SO_RCVBUF of %d bytes: %s", size, strerror(errno));
}

/* ---- Shared memory: a buffer that sender and receiver own in turn ---- */

struct exchange {
    pthread_mutex_t mutex; /* held all the time, except while waiting for the other side */
    pthread_cond_t emptied; /* also signalled when ready changes; only the sender waits for it */
    pthread_cond_t filled;
    bool is_full;
    int ready;    /* the receiver, which waits, and in 2proc the thread that watches it */
    char *buffer; /* as large as -b, at the same address in both processes */
};

static void check_thread_call(int error, const char *what)
{
    if (error != 0)
        fail(EXIT_OS, "%s: %s", what, strerror(error));
}

static struct exchange *open_exchange(const struct options *o)
{
    struct exchange *exchange = map_anonymous(sizeof *exchange, MAP_SHARED);
    int sharing = o->mode == MODE_2PROC ? PTHREAD_PROCESS_SHARED : PTHREAD_PROCESS_PRIVATE;
    pthread_mutexattr_t of_mutex;
    pthread_condattr_t of_conditions;

    exchange->buffer = map_anonymous((size_t)o->buffer_bytes, MAP_SHARED);
    check_thread_call(pthread_mutexattr_init(&of_mutex), "pthread_mutexattr_init");
    check_thread_call(pthread_mutexattr_setpshared(&of_mutex, sharing),
                      "pthread_mutexattr_setpshared");
    check_thread_call(pthread_mutex_init(&exchange->mutex, &of_mutex), "pthread_mutex_init");
    pthread_mutexattr_destroy(&of_mutex);
    check_thread_call(pthread_condattr_init(&of_conditions), "pthread_condattr_init");
    check_thread_call(pthread_condattr_setpshared(&of_conditions, sharing),
                      "pthread_condattr_setpshared");
    check_thread_call(pthread_cond_init(&exchange->emptied, &of_conditions), "pthread_cond_init");
    check_thread_call(pthread_cond_init(&exchange->filled, &of_conditions), "pthread_cond_init");
    pthread_condattr_destroy(&of_conditions);
    return exchange;
}

static void close_exchange(struct exchange *exchange, const struct options *o)
{
    pthread_cond_destroy(&exchange->filled);
    pthread_cond_destroy(&exchange->emptied);
    pthread_mutex_destroy(&exchange->mutex);
    munmap(exchange->buffer, (size_t)o->buffer_bytes);
    munmap(exchange, sizeof *exchange);
}

/* Waits until it is the caller's turn. */
static int wait_until(struct exchange *exchange, bool is_full)
{
    int error = 0;

    while (error == 0 && exchange->is_full != is_full)
        error = pthread_cond_wait(is_full ? &exchange->filled : &exchange->emptied,
                                  &exchange->mutex);
    return error;
}

/* Keeps the start of threads and processes out of the time that is measured. */
static int wait_until_ready(struct exchange *exchange, int wanted)
{
    int error = pthread_mutex_lock(&exchange->mutex);

    while (error == 0 && exchange->ready < wanted)
        error = pthread_cond_wait(&exchange->emptied, &exchange->mutex);
    pthread_mutex_unlock(&exchange->mutex);
    return error;
}

/* Makes it the other side's turn. */
static int hand_over(struct exchange *exchange, bool is_full)
{
    exchange->is_full = is_full;
    return pthread_cond_signal(is_full ? &exchange->filled : &exchange->emptied);
}

static struct channel open_channel(const struct options *o)
{
    struct channel channel = {-1, -1, NULL};
    int fds[2] = {-1, -1};

    switch (o->ipc) {
    case IPC_PIPE:
        if (pipe(fds) < 0)
            fail(EXIT_OS, "pipe: %s", strerror(errno));
        break;
    case IPC_LOCAL:
        if (socketpair(AF_LOCAL, SOCK_STREAM, 0, fds) < 0)
            fail(EXIT_OS, "socketpair: %s", strerror(errno));
        break;
    case IPC_TCP:
        channel = open_tcp(o->port);
        fds[0] = channel.read_fd;
        fds[1] = channel.write_fd;
        break;
    case IPC_SHMEM:
        channel.exchange = open_exchange(o);
        /* Not a byte goes through this pipe. It shows the sender when the receiver is gone. */
        if (o->mode == MODE_2PROC && pipe(fds) < 0)
            fail(EXIT_OS, "pipe: %s", strerror(errno));
        break;
    }
    channel.read_fd = fds[0];
    channel.write_fd = fds[1];
    if (o->set_socket_buffers)
        set_socket_buffers(&channel, o->buffer_bytes);
    return channel;
}

/* ---- Counters ---- */

/*
 * A set is counted from just before the sender's clock starts to just after the receiver's stops, in
 * both processes or threads. The sender switches the counters on, the receiver off, so that they
 * also count the few microseconds that the switching itself takes; elapsed times do not have them.
 *
 * The names are upstream's, which are Arm's names of its events, wherever the same thing is counted.
 */

enum { MAX_COUNTERS = 6 };

struct reading {
    const char *name;
    long long value;
    bool known;
};

struct readings {
    struct reading of[MAX_COUNTERS];
    int count;
    double counted_share; /* of the time, the least of all counters: below 1 if they took turns */
};

struct usage {
    long long system_us;
    long long user_us;
    long long messages_sent;
    long long messages_received;
    long long voluntary_switches;
    long long involuntary_switches;
    long long minor_faults;
    long long major_faults;
};

static void add_usage(struct usage *sum, int who, int sign)
{
    struct rusage r;

    if (getrusage(who, &r) < 0)
        fail(EXIT_OS, "getrusage: %s", strerror(errno));
    sum->system_us += sign * ((long long)r.ru_stime.tv_sec * 1000000 + r.ru_stime.tv_usec);
    sum->user_us += sign * ((long long)r.ru_utime.tv_sec * 1000000 + r.ru_utime.tv_usec);
    sum->messages_sent += sign * r.ru_msgsnd;
    sum->messages_received += sign * r.ru_msgrcv;
    sum->voluntary_switches += sign * r.ru_nvcsw;
    sum->involuntary_switches += sign * r.ru_nivcsw;
    sum->minor_faults += sign * r.ru_minflt;
    sum->major_faults += sign * r.ru_majflt;
}

/* How the counters of the current sample are kept. */
static struct {
    enum { COUNT_NOTHING, COUNT_EVENTS, COUNT_USAGE } by;
    int count;
    const char *names[MAX_COUNTERS];
    char absent[256]; /* names of those that cannot be counted, each after a blank */
#if defined(__linux__)
    int ids[MAX_COUNTERS];
#elif defined(__FreeBSD__) && defined(WITH_LIBPMC)
    pmc_id_t ids[MAX_COUNTERS];
#endif
} counting;

/* The software set where the kernel has no better source: what getrusage(2) says, of both sides. */
static void read_usage(const struct usage *used, struct readings *readings)
{
    const struct reading values[] = {
        {"TASK_CLOCK_NS", 1000 * (used->system_us + used->user_us), true},
        {"PAGE_FAULTS", used->minor_faults + used->major_faults, true},
        {"MINOR_FAULTS", used->minor_faults, true},
        {"MAJOR_FAULTS", used->major_faults, true},
        {"CONTEXT_SWITCHES", used->voluntary_switches + used->involuntary_switches, true},
    };

    readings->count = (int)ARRAY_LENGTH(values);
    memcpy(readings->of, values, sizeof values);
}

#if defined(__linux__) || (defined(__FreeBSD__) && defined(WITH_LIBPMC))

struct counter {
    const char *name;
#if defined(__linux__)
    uint32_t type;
    uint64_t config;
#else
    const char *events[3]; /* libpmc's names for it, by the processors that have them */
#endif
};

#if defined(__linux__)
#define EVENT(name, type, config, ...) {name, type, config}
#else
#define EVENT(name, type, config, ...) {name, {__VA_ARGS__}}
#endif
#define CACHE(cache, result)                                                                       \
    (PERF_COUNT_HW_CACHE_##cache | PERF_COUNT_HW_CACHE_OP_READ << 8 |                              \
     PERF_COUNT_HW_CACHE_RESULT_##result << 16)

#if defined(__aarch64__)
/* The numbers of PMUv3's events, which FreeBSD knows by the same names. */
#define ARM(name, number) EVENT(name, PERF_TYPE_RAW, number, name)
#define INSTRUCTIONS ARM("INST_RETIRED", 0x08)
#define CYCLES ARM("CPU_CYCLES", 0x11)
static const struct counter sets[][MAX_COUNTERS] = {
    [SET_ARCH] = {INSTRUCTIONS, CYCLES, ARM("LD_SPEC", 0x70), ARM("ST_SPEC", 0x71),
                  ARM("EXC_RETURN", 0x0a), ARM("BR_RETURN_SPEC", 0x79)},
    [SET_DCACHE] = {INSTRUCTIONS, CYCLES, ARM("L1D_CACHE", 0x04), ARM("L1D_CACHE_REFILL", 0x03),
                    ARM("L2D_CACHE", 0x16), ARM("L2D_CACHE_REFILL", 0x17)},
    [SET_INSTR] = {INSTRUCTIONS, CYCLES, ARM("L1I_CACHE", 0x14), ARM("L1I_CACHE_REFILL", 0x01),
                   ARM("BR_MIS_PRED", 0x10), ARM("BR_PRED", 0x12)},
    [SET_TLBMEM] = {INSTRUCTIONS, CYCLES, ARM("L1D_TLB_REFILL", 0x05), ARM("L1I_TLB_REFILL", 0x02),
                    ARM("MEM_ACCESS", 0x13), ARM("BUS_ACCESS", 0x19)},
#else
/* What the kernel counts on processors of many makers; libpmc's names are Intel's and AMD's. */
#define INSTRUCTIONS                                                                               \
    EVENT("INST_RETIRED", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, "inst_retired.any_p",    \
          "ex_ret_instr")
#define CYCLES                                                                                     \
    EVENT("CPU_CYCLES", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, "cpu_clk_unhalted.thread_p", \
          "ls_not_halted_cyc")
#define BRANCHES                                                                                   \
    EVENT("BR_RETIRED", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS,                     \
          "br_inst_retired.all_branches", "ex_ret_brn")
#define BRANCH_MISSES                                                                              \
    EVENT("BR_MIS_PRED_RETIRED", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES,                  \
          "br_misp_retired.all_branches", "ex_ret_brn_misp")
static const struct counter sets[][MAX_COUNTERS] = {
    [SET_ARCH] = {INSTRUCTIONS, CYCLES, BRANCHES, BRANCH_MISSES},
    [SET_DCACHE] = {INSTRUCTIONS, CYCLES,
                    EVENT("L1D_LOADS", PERF_TYPE_HW_CACHE, CACHE(L1D, ACCESS),
                          "mem_inst_retired.all_loads", "mem_uops_retired.all_loads"),
                    EVENT("L1D_LOAD_MISSES", PERF_TYPE_HW_CACHE, CACHE(L1D, MISS),
                          "mem_load_retired.l1_miss", "mem_load_uops_retired.l1_miss"),
                    EVENT("LLC_REFERENCES", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES,
                          "longest_lat_cache.reference"),
                    EVENT("LLC_MISSES", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES,
                          "longest_lat_cache.miss")},
    [SET_INSTR] = {INSTRUCTIONS, CYCLES, BRANCHES, BRANCH_MISSES,
                   /* libpmc cannot set what the events frontend_retired.* also need, MSR 0x3f7. */
                   EVENT("L1I_MISSES", PERF_TYPE_HW_CACHE, CACHE(L1I, MISS),
                         "icache_64b.iftag_miss", "icache.misses")},
    [SET_TLBMEM] = {INSTRUCTIONS, CYCLES,
                    EVENT("DTLB_LOADS", PERF_TYPE_HW_CACHE, CACHE(DTLB, ACCESS),
                          "mem_inst_retired.all_loads", "mem_uops_retired.all_loads"),
                    EVENT("DTLB_LOAD_MISSES", PERF_TYPE_HW_CACHE, CACHE(DTLB, MISS),
                          "dtlb_load_misses.miss_causes_a_walk"),
                    EVENT("ITLB_MISSES", PERF_TYPE_HW_CACHE, CACHE(ITLB, MISS),
                          "itlb_misses.miss_causes_a_walk")},
#endif
#if defined(__linux__)
    [SET_SOFTWARE] = {{"TASK_CLOCK_NS", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK},
                      {"PAGE_FAULTS", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS},
                      {"MINOR_FAULTS", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN},
                      {"MAJOR_FAULTS", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ},
                      {"CONTEXT_SWITCHES", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES},
                      {"CPU_MIGRATIONS", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS}},
#endif
};

/* Some processors lack an event of a set: that is said once, and the others are counted. */
static void warn_of_absent(const struct options *o)
{
    static bool warned;

    if (!warned && counting.absent[0] != '\0')
        fprintf(stderr, "%s: warning: -P %s: not counted on this processor:%s\n", program,
                set_names[o->set], counting.absent);
    warned = true;
}

/* Opens one counter. Leaves its id in counting.ids[counting.count]; 0 or an error of errno(2). */
static int open_counter(const struct counter *counter);

/* @return 0, or why the last of the counters cannot be opened if none can */
static int open_events(const struct options *o)
{
    int error = 0;

    for (size_t i = 0; i < MAX_COUNTERS && sets[o->set][i].name != NULL; i++) {
        const struct counter *counter = &sets[o->set][i];
        int failed = open_counter(counter);
        if (failed == 0) {
            counting.names[counting.count++] = counter->name;
            continue;
        }
        error = failed;
        size_t used = strlen(counting.absent);
        snprintf(counting.absent + used, sizeof counting.absent - used, " %s", counter->name);
    }
    if (counting.count == 0)
        return error;
    counting.by = COUNT_EVENTS;
    warn_of_absent(o);
    return 0;
}

#endif

#if defined(__linux__)

static int open_counter(const struct counter *counter)
{
    struct perf_event_attr attr = {
        .type = counter->type,
        .size = sizeof attr,
        .config = counter->config,
        .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
        .disabled = 1,
        .inherit = 1, /* the sender's process or thread, which is started later */
        .exclude_hv = 1,
    };
    long fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

    counting.ids[counting.count] = (int)fd;
    return fd < 0 ? errno : 0;
}

static _Noreturn void refuse_events(const struct options *o, int error)
{
    long long paranoid;
    char level[128] = "";

    if (error == EACCES || error == EPERM) {
        if (file_number("/proc/sys/kernel/perf_event_paranoid", &paranoid) && paranoid > 1)
            snprintf(level, sizeof level, "; kernel.perf_event_paranoid is %lld, and must be 1 or "
                     "less for users other than root", paranoid);
        fail(EXIT_OS, "-P %s: this user may not count (perf_event_open: %s%s); -P software works",
             set_names[o->set], strerror(error), level);
    }
    fail(EXIT_OS, "-P %s: this machine has no hardware counters:%s (perf_event_open: %s); "
         "-P software works", set_names[o->set], counting.absent, strerror(error));
}

static void open_set(const struct options *o)
{
    static bool warned;
    int error = open_events(o);

    if (error == 0)
        return;
    if (o->set != SET_SOFTWARE)
        refuse_events(o, error);
    counting.by = COUNT_USAGE;
    if (!warned)
        fprintf(stderr, "%s: warning: -P software: perf_event_open: %s; counted by getrusage, "
                "without CPU_MIGRATIONS\n", program, strerror(error));
    warned = true;
}

static void control_events(unsigned long request)
{
    for (int i = 0; i < counting.count; i++)
        (void)ioctl(counting.ids[i], request, 0);
}

static void start_events(void)
{
    control_events(PERF_EVENT_IOC_ENABLE);
}

static void stop_events(void)
{
    control_events(PERF_EVENT_IOC_DISABLE);
}

/* Uses readv(2), since tracers count the reads. A counter that shared its place in the processor is
   scaled up to the whole time. */
static void read_event(int i, struct readings *readings)
{
    struct reading *reading = &readings->of[i];
    struct { uint64_t value, enabled, running; } raw;
    struct iovec place = {&raw, sizeof raw};
    ssize_t n = readv(counting.ids[i], &place, 1);

    if (n != (ssize_t)sizeof raw)
        fail(EXIT_OS, "-P: reading %s: %s", reading->name, n < 0 ? strerror(errno) : "end of file");
    double share = raw.running < raw.enabled ? (double)raw.running / (double)raw.enabled : 1;
    reading->known = raw.running > 0;
    reading->value = share < 1 && reading->known ? (long long)((double)raw.value / share + 0.5)
                                                 : (long long)raw.value;
    if (share < readings->counted_share)
        readings->counted_share = share;
}

static void close_event(int i)
{
    close(counting.ids[i]);
}

#elif defined(__FreeBSD__) && defined(WITH_LIBPMC)

/* Only sampling uses it, but every allocation needs one. */
enum { SAMPLE_COUNT = 65536 };

/* In process mode a counter follows a process and its descendants, in all their threads. */
static int open_counter(const struct counter *counter)
{
    pmc_id_t *id = &counting.ids[counting.count];
    int error = EOPNOTSUPP;

    for (size_t i = 0; i < ARRAY_LENGTH(counter->events) && counter->events[i] != NULL; i++) {
        if (pmc_allocate(counter->events[i], PMC_MODE_TC, PMC_F_DESCENDANTS, PMC_CPU_ANY, id,
                         SAMPLE_COUNT) < 0) {
            error = errno;
            continue;
        }
        if (pmc_attach(*id, 0) == 0 && pmc_write(*id, 0) == 0)
            return 0;
        error = errno;
        (void)pmc_release(*id);
    }
    return error;
}

static void open_set(const struct options *o)
{
    static bool ready;

    if (o->set == SET_SOFTWARE) {
        counting.by = COUNT_USAGE;
        return;
    }
    if (!ready && pmc_init() < 0)
        fail(EXIT_OS, "-P %s: no hardware counters (pmc_init: %s); load them with `kldload hwpmc`, "
             "if this machine has any; -P software works", set_names[o->set], strerror(errno));
    ready = true;
    int error = open_events(o);
    if (error != 0)
        fail(EXIT_OS, "-P %s: this machine has no hardware counters:%s (pmc_allocate: %s); "
             "-P software works", set_names[o->set], counting.absent, strerror(error));
}

static void start_events(void)
{
    for (int i = 0; i < counting.count; i++)
        (void)pmc_start(counting.ids[i]);
}

static uint64_t pmc_values[MAX_COUNTERS];
static bool pmc_known[MAX_COUNTERS];

/* A counter that has been stopped no longer has the values of the process that runs now. One that
   the sender could not start reads as 0, and cannot be stopped. */
static void stop_events(void)
{
    for (int i = 0; i < counting.count; i++)
        pmc_known[i] = pmc_read(counting.ids[i], &pmc_values[i]) == 0;
    for (int i = 0; i < counting.count; i++)
        pmc_known[i] = pmc_stop(counting.ids[i]) == 0 && pmc_known[i];
}

static void read_event(int i, struct readings *readings)
{
    readings->of[i].known = pmc_known[i];
    readings->of[i].value = (long long)pmc_values[i];
}

static void close_event(int i)
{
    (void)pmc_detach(counting.ids[i], 0);
    (void)pmc_release(counting.ids[i]);
}

#else

static void open_set(const struct options *o)
{
#if defined(__FreeBSD__)
    const char *why = "this program was built without libpmc, whose <pmc.h> was not found";
#else
    const char *why = "this program has no hardware counters on this system";
#endif

    if (o->set != SET_SOFTWARE)
        fail(EXIT_OS, "-P %s: %s; -P software works", set_names[o->set], why);
    counting.by = COUNT_USAGE;
}

static void start_events(void) {}
static void stop_events(void) {}
static void read_event(int i, struct readings *readings) { (void)i, (void)readings; }
static void close_event(int i) { (void)i; }

#endif

static void open_counters(const struct options *o)
{
    counting.by = COUNT_NOTHING;
    counting.count = 0;
    counting.absent[0] = '\0';
    if (o->set != SET_NONE)
        open_set(o);
}

/* Reads what both sides have counted, when both have ended. @param used by COUNT_USAGE */
static struct readings close_counters(const struct usage *used)
{
    struct readings readings = {.counted_share = 1};

    if (counting.by == COUNT_USAGE)
        read_usage(used, &readings);
    if (counting.by == COUNT_EVENTS) {
        readings.count = counting.count;
        for (int i = 0; i < counting.count; i++) {
            readings.of[i].name = counting.names[i];
            read_event(i, &readings);
            close_event(i);
        }
    }
    return readings;
}

/* ---- Moving the bytes ---- */

/* The values that the sender leaves for the receiver. In 2proc they are in memory that both share:
   a second pipe would add reads and writes to those being counted. */
struct handoff {
    long long start_ns;
    int error;
    struct usage used; /* by the sender, where getrusage(2) is what counts */
};

struct buffers {
    char *read;
    char *write;
    struct handoff *handoff;
};

struct sender {
    const struct options *options;
    const struct buffers *buffers;
    struct channel *channel;
};

struct receipt {
    long long bytes;
    long long end_ns;
    struct usage used; /* by the receiver, likewise */
    int error; /* 0 with fewer bytes than the total means end of file */
};

static size_t request_bytes(size_t bytes)
{
#if defined(__APPLE__)
    return bytes > INT_MAX ? INT_MAX : bytes; /* macOS rejects more with EINVAL */
#else
    return bytes;
#endif
}

/* Uses one write(2) per buffer; after a partial write, the rest of that buffer follows. */
static int send_all(int fd, const char *buffer, size_t size, long long total)
{
    size_t offset = 0;

    for (long long sent = 0; sent < total;) {
        ssize_t n = write(fd, buffer + offset, request_bytes(size - offset));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? errno : EIO;
        sent += n;
        offset += (size_t)n;
        if (offset == size)
            offset = 0;
    }
    return 0;
}

/* Stops reading once it has everything: reads are counted, and another one would block. */
static struct receipt receive_all(int fd, char *buffer, size_t size, long long total)
{
    struct receipt receipt = {0};
    size_t offset = 0;

    while (receipt.bytes < total) {
        ssize_t n = read(fd, buffer + offset, request_bytes(size - offset));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            receipt.error = n < 0 ? errno : 0;
            break;
        }
        receipt.bytes += n;
        offset += (size_t)n;
        if (offset == size)
            offset = 0;
    }
    receipt.end_ns = now_ns();
    return receipt;
}

/* Copies one buffer at a time into the shared one, when it is empty. */
static int send_by_memory(struct exchange *exchange, const char *buffer, size_t size,
                          long long total)
{
    int error = pthread_mutex_lock(&exchange->mutex);

    for (long long sent = 0; error == 0 && sent < total; sent += (long long)size) {
        error = wait_until(exchange, false);
        if (error == 0) {
            memcpy(exchange->buffer, buffer, size);
            error = hand_over(exchange, true);
        }
    }
    pthread_mutex_unlock(&exchange->mutex);
    return error;
}

/* Copies one buffer at a time out of the shared one, when it is full. */
static struct receipt receive_by_memory(struct exchange *exchange, char *buffer, size_t size,
                                        long long total)
{
    struct receipt receipt = {.error = pthread_mutex_lock(&exchange->mutex)};

    exchange->ready++;
    pthread_cond_signal(&exchange->emptied);
    while (receipt.error == 0 && receipt.bytes < total) {
        receipt.error = wait_until(exchange, true);
        if (receipt.error == 0) {
            memcpy(buffer, exchange->buffer, size);
            receipt.bytes += (long long)size;
            receipt.error = hand_over(exchange, false);
        }
    }
    receipt.end_ns = now_ns();
    pthread_mutex_unlock(&exchange->mutex);
    return receipt;
}

static void send_and_stamp(const struct sender *sender)
{
    const struct options *o = sender->options;
    struct handoff *handoff = sender->buffers->handoff;

    if (!o->bare)
        sleep_one_second();
    handoff->error = 0; /* take the child's page fault before the clock starts */
    memset(&handoff->used, 0, sizeof handoff->used);
    if (o->ipc == IPC_SHMEM) {
        handoff->error = wait_until_ready(sender->channel->exchange, o->mode == MODE_2PROC ? 2 : 1);
        if (handoff->error != 0)
            return;
    }
    if (counting.by == COUNT_USAGE)
        add_usage(&handoff->used, RUSAGE_SELF, -1);
    start_events();
    handoff->start_ns = now_ns();
    handoff->error = o->ipc == IPC_SHMEM
                         ? send_by_memory(sender->channel->exchange, sender->buffers->write,
                                          (size_t)o->buffer_bytes, o->total_bytes)
                         : send_all(sender->channel->write_fd, sender->buffers->write,
                                    (size_t)o->buffer_bytes, o->total_bytes);
    /* Threads share what getrusage(2) counts: there the receiver takes the end of both. */
    if (counting.by == COUNT_USAGE && o->mode == MODE_2PROC)
        add_usage(&handoff->used, RUSAGE_SELF, 1);
}

static struct receipt receive(const struct sender *sender)
{
    const struct options *o = sender->options;
    struct usage used = {0};

    if (counting.by == COUNT_USAGE && o->mode == MODE_2PROC)
        add_usage(&used, RUSAGE_SELF, -1);
    struct receipt receipt =
        o->ipc == IPC_SHMEM ? receive_by_memory(sender->channel->exchange, sender->buffers->read,
                                                (size_t)o->buffer_bytes, o->total_bytes)
                            : receive_all(sender->channel->read_fd, sender->buffers->read,
                                          (size_t)o->buffer_bytes, o->total_bytes);
    stop_events();
    if (counting.by == COUNT_USAGE)
        add_usage(&used, RUSAGE_SELF, 1);
    receipt.used = used;
    return receipt;
}

static _Noreturn void fail_read(const struct receipt *receipt, const struct options *o)
{
    fail(EXIT_IO, "read: %s after %lld of %lld bytes", strerror(receipt->error), receipt->bytes,
         o->total_bytes);
}

/* ---- 2proc ---- */

/* Ends the child if the receiver is gone: with shared memory nobody would ever wake it. */
static void *watch_receiver(void *argument)
{
    const struct channel *channel = argument;
    struct pollfd entry = {.fd = channel->write_fd};

    pthread_mutex_lock(&channel->exchange->mutex);
    channel->exchange->ready++;
    pthread_cond_signal(&channel->exchange->emptied);
    pthread_mutex_unlock(&channel->exchange->mutex);
    while (poll(&entry, 1, -1) < 0 && errno == EINTR)
        continue;
    _exit(EXIT_IO);
}

/* The child does not use stdio, so that the parent's buffered output and JSON are printed only
   once. */
static _Noreturn void run_child(const struct sender *sender)
{
    struct handoff *handoff = sender->buffers->handoff;
    pthread_t watcher;

    close_end(&sender->channel->read_fd);
    if (sender->channel->exchange != NULL) {
        handoff->error = pthread_create(&watcher, NULL, watch_receiver, sender->channel);
        if (handoff->error != 0)
            _exit(EXIT_IO);
    }
    send_and_stamp(sender);
    if (sender->buffers->handoff->error != 0)
        _exit(EXIT_IO);
    if (!sender->options->bare)
        sleep_one_second();
    _exit(0);
}

static int reap(pid_t child)
{
    int status;

    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            fail(EXIT_OS, "waitpid: %s", strerror(errno));
    }
    return status;
}

struct reason {
    char text[128];
};

static struct reason reason_of(int status, const struct sender *sender)
{
    int error = sender->buffers->handoff->error;
    struct reason reason;

    if (error != 0)
        snprintf(reason.text, sizeof reason.text, "write: %s", strerror(error));
    else if (WIFSIGNALED(status))
        snprintf(reason.text, sizeof reason.text, "killed by signal %d", WTERMSIG(status));
    else
        snprintf(reason.text, sizeof reason.text, "exit status %d", WEXITSTATUS(status));
    return reason;
}

static void check_child(int status, const struct receipt *receipt, const struct sender *sender)
{
    bool early = receipt->bytes < sender->options->total_bytes;

    if (early || status != 0)
        fail(EXIT_IO, "writer %s after %lld of %lld bytes (%s)", early ? "ended early" : "failed",
             receipt->bytes, sender->options->total_bytes, reason_of(status, sender).text);
}

struct watch {
    const struct sender *sender;
    pid_t child;
};

/* Waits for the child beside a receiver of shared memory, which would wait for ever for a dead one.
   */
static void *watch_child(void *argument)
{
    const struct watch *watch = argument;
    int status = reap(watch->child);

    if (status != 0)
        fail(EXIT_IO, "writer ended early (%s)", reason_of(status, watch->sender).text);
    return NULL;
}

static struct receipt receive_while_watching(const struct sender *sender, pid_t child)
{
    struct watch watch = {.sender = sender, .child = child};
    pthread_t watcher;

    check_thread_call(pthread_create(&watcher, NULL, watch_child, &watch), "pthread_create");
    struct receipt receipt = receive(sender);
    if (receipt.error != 0)
        fail_read(&receipt, sender->options); /* the child sees it, and ends */
    pthread_join(watcher, NULL);
    return receipt;
}

/* Each process closes the end it does not use. Otherwise the other would not notice its death, as
   end of file or as EPIPE. */
static struct receipt run_two_processes(const struct sender *sender)
{
    pid_t child = fork();

    if (child < 0)
        fail(EXIT_OS, "fork: %s", strerror(errno));
    if (child == 0)
        run_child(sender);

    close_end(&sender->channel->write_fd);
    if (sender->channel->exchange != NULL)
        return receive_while_watching(sender, child);
    struct receipt receipt = receive(sender);
    /* After end of file the child is already exiting, and this changes nothing. After a read error
       it may be blocked in write(2). */
    if (receipt.bytes < sender->options->total_bytes)
        kill(child, SIGKILL);
    int status = reap(child);
    if (receipt.error != 0)
        fail_read(&receipt, sender->options);
    check_child(status, &receipt, sender);
    return receipt;
}

/* ---- 2thread ---- */

static void *run_thread(void *argument)
{
    const struct sender *sender = argument;

    send_and_stamp(sender);
    if (sender->buffers->handoff->error != 0) {
        if (sender->channel->exchange != NULL)
            fail(EXIT_OS, "shared memory: %s", strerror(sender->buffers->handoff->error));
        close_end(&sender->channel->write_fd); /* the receiver sees end of file */
    }
    return NULL;
}

static struct receipt run_two_threads(struct sender *sender)
{
    pthread_t thread;
    int error = pthread_create(&thread, NULL, run_thread, sender);

    if (error != 0)
        fail(EXIT_OS, "pthread_create: %s", strerror(error));
    struct receipt receipt = receive(sender);
    if (receipt.error != 0)
        fail_read(&receipt, sender->options); /* ends the thread too, blocked or not */
    pthread_join(thread, NULL);
    if (sender->buffers->handoff->error != 0)
        fail(EXIT_IO, "writer ended early after %lld of %lld bytes (write: %s)", receipt.bytes,
             sender->options->total_bytes, strerror(sender->buffers->handoff->error));
    return receipt;
}

/* ---- Samples ---- */

/* A counter that was never running has no value. */
static void report_counters(const struct readings *readings)
{
    for (int i = 0; i < readings->count; i++) {
        if (readings->of[i].known)
            report_number(readings->of[i].name, "", readings->of[i].value);
    }
    if (readings->counted_share < 1)
        report_share("COUNTED_SHARE", readings->counted_share);
}

static void add(struct usage *sum, const struct usage *more)
{
    sum->system_us += more->system_us;
    sum->user_us += more->user_us;
    sum->voluntary_switches += more->voluntary_switches;
    sum->involuntary_switches += more->involuntary_switches;
    sum->minor_faults += more->minor_faults;
    sum->major_faults += more->major_faults;
}

static void report_sample(const struct options *o, long long elapsed_ns, const struct usage *usage,
                          const struct readings *readings)
{
    double seconds = (double)elapsed_ns / 1e9;

    report_object(NULL, "datum");
    report_bandwidth((double)o->total_bytes / 1024.0 / seconds);
    report_seconds("time", elapsed_ns / 1000000000, elapsed_ns % 1000000000, 9);
    if (o->rusage) {
        report_seconds("stime", usage->system_us / 1000000, usage->system_us % 1000000, 6);
        report_seconds("utime", usage->user_us / 1000000, usage->user_us % 1000000, 6);
        report_number("msgsnd", " messages", usage->messages_sent);
        report_number("msgrcv", " messages", usage->messages_received);
        report_number("nvcsw", " voluntary context switches", usage->voluntary_switches);
        report_number("nivcsw", " involuntary context switches", usage->involuntary_switches);
    }
    report_counters(readings);
    report_end();
    flush_report();
}

/* The interval of -g is wider than the clock's: it includes fork, sleeps and the end of the child.
   */
static void take_sample(const struct options *o, const struct buffers *buffers)
{
    struct channel channel = open_channel(o);
    struct sender sender = {.options = o, .buffers = buffers, .channel = &channel};
    struct usage usage = {0};

    open_counters(o);
    if (!o->bare)
        settle();
    if (o->rusage) {
        add_usage(&usage, RUSAGE_SELF, -1);
        add_usage(&usage, RUSAGE_CHILDREN, -1);
    }
    struct receipt receipt =
        o->mode == MODE_2PROC ? run_two_processes(&sender) : run_two_threads(&sender);
    if (o->rusage) {
        add_usage(&usage, RUSAGE_SELF, 1);
        add_usage(&usage, RUSAGE_CHILDREN, 1);
    }
    add(&receipt.used, &buffers->handoff->used);
    struct readings readings = close_counters(&receipt.used);
    close_end(&channel.read_fd);
    close_end(&channel.write_fd);
    if (channel.exchange != NULL)
        close_exchange(channel.exchange, o);

    long long elapsed_ns = receipt.end_ns - buffers->handoff->start_ns;
    if (elapsed_ns <= 0)
        fail(EXIT_OS, "the monotonic clock did not advance during the transfer");
    if (!o->quiet)
        report_sample(o, elapsed_ns, &usage, &readings);
}

static void run(const struct options *o)
{
    pin_to_cpu_0();
    check_memory(o);
    struct buffers buffers = {
        .read = map_anonymous((size_t)o->buffer_bytes, MAP_PRIVATE),
        .write = map_anonymous((size_t)o->buffer_bytes, MAP_PRIVATE),
        .handoff = map_anonymous(sizeof(struct handoff), MAP_SHARED),
    };

    if (!o->quiet)
        report_list("benchmark_samples");
    for (long long i = 0; i < o->iterations; i++)
        take_sample(o, &buffers);
    if (!o->quiet)
        report_end();
}

int main(int argc, char **argv)
{
    if (argc > 0 && argv[0] != NULL) {
        const char *slash = strrchr(argv[0], '/');
        program = slash == NULL ? argv[0] : slash + 1;
    }
    occupy_standard_descriptors();
    set_signals();

    struct options options = parse_command_line(argc, argv);
    if (options.verbose && !options.quiet) {
        report_machine();
        report_benchmark(&options);
    }
    if (options.mode != MODE_DESCRIBE)
        run(&options);
    if (!options.quiet) {
        report_close();
        flush_report();
    }
    return 0;
}
