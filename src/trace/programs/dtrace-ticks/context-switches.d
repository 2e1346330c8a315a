/*
 * context-switches - how often did each process of a run give up or lose the processor?
 *
 * voluntary: it went to sleep; involuntary: it was preempted. Close to nvcsw and nivcsw of -g,
 * which also count the end of a thread and a yield, for which there is no probe.
 *
 * PRINTS  context_switch PID.IMAGE PPID KIND COUNT
 * COSTS   one aggregation in every switch away from the run
 */
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
