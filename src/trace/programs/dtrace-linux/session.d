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
 * The instruments print when the launcher has asked for it twice: it calls getpriority(2) for the
 * pid of a root that has exited. Ticks would not work: here they come from a processor's own clock
 * and stop for seconds while it idles, which it does when a run is over.
 *
 * NEEDS   root, debugfs; no fbt
 * COSTS   nothing in the benchmark's own path
 */
int asked_pid;
int run_pid;
int run_image;

dtrace:::BEGIN
{
	printf("ready\n");
}

proc:::exec-success
/execname == {{execname}} && ppid == {{launcher}}/
{
	run_pid = pid;
	run_image = run_image + 1;
	printf("start %d.%d\n", pid, run_image);
}

proc:::exec-success
/execname == {{execname}} && ppid != {{launcher}} && ppid != run_pid/
{
	printf("foreign %d\n", pid);
}
