/*
 * context-switches - how often did each process of a run give up or lose the processor?
 *
 * A switch is voluntary if the thread went to sleep or ended, and involuntary if it was preempted.
 * These are the kernel's nvcsw and nivcsw, except that the kernel also counts when a thread yields
 * the processor in the middle of a long copy (up to once in about 0.2 s), for which there is no
 * probe.
 *
 * The last thread ends after proc:::exit, with which a process's counts are printed, so its end is
 * counted there, in advance. self->leaving is 1 in the thread that ends its process.
 *
 * PRINTS  context_switch PID.IMAGE PPID KIND COUNT
 * COSTS   one aggregation in every switch away from the run
 */
self int leaving;

sched:::sleep
/execname == {{execname}}/
{
	@context_switches[pid, run_image, ppid, "voluntary"] = count();
}

sched:::preempt
/execname == {{execname}}/
{
	@context_switches[pid, run_image, ppid, "involuntary"] = count();
}

proc:::exit
/execname == {{execname}}/
{
	self->leaving = 1;
	@context_switches[pid, run_image, ppid, "voluntary"] = count();
}

proc:::lwp-exit
/execname == {{execname}} && self->leaving == 0/
{
	@context_switches[pid, run_image, ppid, "voluntary"] = count();
}

proc:::lwp-exit
/execname == {{execname}}/
{
	self->leaving = 0;
}

profile:::tick-50hz
/flushes > 0/
{
	printa("context_switch %d.%d %d %s %@d\n", @context_switches);
	trunc(@context_switches);
}

dtrace:::END
{
	trunc(@context_switches);
}
