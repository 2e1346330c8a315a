/*
 * returns-at-once - a stand-in for a benchmark: it moves nothing and says that it did
 *
 * It says that it has moved 4 KiB: what is measured is what is around a run.
 */
#include <stdio.h>

int
main(void)
{
	puts("{ \"benchmark_samples\": [ { \"bandwidth\": 400000.00, \"time\": \"0.000010000\" } ] }");
	return (0);
}
