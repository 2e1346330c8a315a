/*
 * session - which processes belong to a run, and when a run begins and ends
 *
 * Prints
 *     ready            the probes are enabled
 *     start PID        a run's root has exec'd the benchmark
 *     foreign PID      somebody else exec'd a program of the same name: not counted
 *
 * A run's root is the benchmark whose parent is the launcher. The instruments count whatever
 * bears the benchmark's name and key it by pid and ppid, which names the root and its children;
 * execname survives the fork. At the root's exit the instruments print on the next ticks: a
 * printa shows the last snapshot and not the present, so one print would lose the last calls.
 *
 * NEEDS   root; on FreeBSD dtraceall
 * COSTS   nothing in the benchmark's own path
 */
int run_pid;
int ended_pid;
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
	ended_pid = pid;
	flushes = {{flushes}};
}
