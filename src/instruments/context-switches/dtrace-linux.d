/*
 * context-switches - how often did each process of a run give up or lose the processor?
 *
 * curthread is the thread that leaves. A thread that could go on running (state 0) is preempted;
 * any other has gone to sleep, or is ending.
 *
 * PRINTS  context_switch PID.IMAGE PPID KIND COUNT
 * COSTS   one aggregation in every switch away from the run
 */
sched:::off-cpu
/execname == {{execname}} && curthread->__state != 0/
{
	@context_switches[pid, run_image, ppid, "voluntary"] = count();
}

sched:::off-cpu
/execname == {{execname}} && curthread->__state == 0/
{
	@context_switches[pid, run_image, ppid, "involuntary"] = count();
}

syscall::getpriority:entry
/pid == {{launcher}} && (int)arg1 == asked_pid/
{
	printa("context_switch %d.%d %d %s %@d\n", @context_switches);
	trunc(@context_switches);
}

dtrace:::END
{
	trunc(@context_switches);
}
