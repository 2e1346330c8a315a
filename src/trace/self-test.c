/*
 * self-test - a pipe whose states are all known, for checking a tracing program
 *
 * Fills an empty pipe buffer by buffer until it takes no more, then empties it until it gives no
 * more. So the writes find it empty once, then partly filled, and full once, and the reads find the
 * opposite order. Prints the number of buffers that fitted.
 *
 * Usage: self-test        (installed under the name of the traced benchmark)
 * Exit:  0, or 1 when the system refuses a pipe
 */
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define BUFFER_BYTES 4096
#define MOST_BUFFERS 4096

int
main(void)
{
	static char buffer[BUFFER_BYTES];
	int ends[2];
	int written = 0;

	if (pipe(ends) != 0) {
		perror("self-test: pipe");
		return (1);
	}
	for (int end = 0; end < 2; end++) {
		int flags = fcntl(ends[end], F_GETFL);
		if (flags == -1 || fcntl(ends[end], F_SETFL, flags | O_NONBLOCK) == -1) {
			perror("self-test: fcntl");
			return (1);
		}
	}
	while (written < MOST_BUFFERS && write(ends[1], buffer, BUFFER_BYTES) == BUFFER_BYTES)
		written++;
	while (read(ends[0], buffer, BUFFER_BYTES) > 0)
		;
	printf("%d\n", written);
	return (0);
}
