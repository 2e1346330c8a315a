/*
 * copy-rate - how fast can this machine copy memory at most?
 *
 * Usage: copy-rate                    prints bytes a second, one number
 *
 * Copies buffers that fit into the first, second and third cache of most processors, and takes
 * the fastest of several short rounds. A round is shorter than a time slice, so that some of them
 * are undisturbed on a busy machine. It takes about 20 ms in all.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUND_BYTES ((size_t)4 << 20)
#define ROUNDS 16

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((double)now.tv_sec + (double)now.tv_nsec / 1e9);
}

static double
fastest_copy(size_t bytes)
{
	unsigned char *from = malloc(bytes), *to = malloc(bytes);
	double best = 0;

	if (from == NULL || to == NULL)
		exit(1);
	memset(from, 1, bytes);
	memset(to, 2, bytes);
	for (int round = 0; round < ROUNDS; round++) {
		double begin = seconds(), taken;

		for (size_t done = 0; done < ROUND_BYTES; done += bytes) {
			/*
			 * Write a new value and read the copy, so that no compiler drops the
			 * copying.
			 */
			from[0] = (unsigned char)done;
			memcpy(to, from, bytes);
			if (((volatile unsigned char *)to)[0] != from[0])
				exit(1);
		}
		taken = seconds() - begin;
		if (taken > 0 && (double)ROUND_BYTES / taken > best)
			best = (double)ROUND_BYTES / taken;
	}
	free(from);
	free(to);
	return (best);
}

int
main(void)
{
	static const size_t sizes[] = { 16 << 10, 128 << 10, 1 << 20 };
	double best = 0;

	for (size_t at = 0; at < sizeof sizes / sizeof sizes[0]; at++) {
		double rate = fastest_copy(sizes[at]);
		if (rate > best)
			best = rate;
	}
	printf("%.0f\n", best);
	return (0);
}
