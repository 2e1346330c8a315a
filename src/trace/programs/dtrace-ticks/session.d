/*
 * session - which processes belong to a run, and when its counts are printed
 *
 * Prints
 *     ready            the probes are enabled
 *     start PID        a run's root has exec'd the benchmark
 *     foreign PID      somebody else exec'd a program of the same name: not counted
 *
 * A run's root is the benchmark whose parent is the launcher. The instruments count whatever
 * bears the benchmark's name and key it by pid and ppid, which names the root and its children;
 * execname survives the fork. When the root exits the instruments print and empty what they have on
 * the next ticks: a printa shows the last snapshot and not the present, so one print would lose the
 * last calls. Once a second they print in any case: whatever came late is late by a second at most.
 *
 * NEEDS   root; on FreeBSD dtraceall
 * COSTS   nothing in the benchmark's own path
 */
int run_pid;
int flushes;

dtrace:::BEGIN
{
	printf("ready\n");
}

proc:::exec-success
/execname == {{execname}} && ppid == {{launcher}}/
{
	run_pid = pid;
	printf("start %d\n", pid);
}

proc:::exec-success
/execname == {{execname}} && ppid != {{launcher}}/
{
	printf("foreign %d\n", pid);
}

proc:::exit
/execname == {{execname}} && pid == run_pid/
{
	flushes = {{flushes}};
}

profile:::tick-1hz
/flushes == 0/
{
	flushes = 1;
}
