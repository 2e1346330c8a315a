/*
 * session - which processes belong to a run, and when its counts are printed
 *
 * Prints
 *     ready            the probes are enabled
 *     start PID.IMAGE  a run's root has exec'd the benchmark
 *     foreign PID      somebody else exec'd a program of the same name: not counted
 *
 * A run's root is the benchmark process whose parent is the launcher. The instruments count every
 * process with the benchmark's name and key it by pid, image and ppid. The ppid identifies the root
 * and its children, and execname survives the fork. Each exec of a root begins a new image: what a
 * wrapper script of the same name did before it exec'd the benchmark, and its children at that
 * time, have an older one and are left out.
 *
 * When the root exits, the instruments print and empty what they have on the next ticks: a printa
 * shows the last snapshot and not the present, so a single print would lose the last calls. They
 * also print once a second in any case, so anything late is late by a second at most.
 *
 * NEEDS   root; on FreeBSD dtraceall
 * COSTS   nothing in the benchmark's own path
 */
int run_pid;
int run_image;
int flushes;

dtrace:::BEGIN
{
	printf("ready\n");
}

proc:::exec-success
/execname == {{execname}} && ppid == {{launcher}}/
{
	run_pid = pid;
	run_image++;
	printf("start %d.%d\n", pid, run_image);
}

proc:::exec-success
/execname == {{execname}} && ppid != {{launcher}} && ppid != run_pid/
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
