/*
 * page-faults - how many page faults did each process of a run take?
 *
 * These are the kernel's own counts, min_flt and maj_flt, which it keeps for each thread: minor if
 * the page only had to be mapped, made or copied, major if it had to be read first. Each thread's
 * are read once, at the last switch away from it (state 0x80, dead). The root's from before the
 * benchmark's exec are left out.
 *
 * proc:::lwp-exit does not serve: this DTrace (2.0.1) spoils its aggregations where a program has a
 * clause for proc:::exit, too, and the kernel refuses to load it.
 *
 * PRINTS  page_fault PID.IMAGE PPID KIND COUNT
 * COSTS   nothing in a fault; a comparison in every switch on the machine, one aggregation for each
 *         kind when a thread ends
 */
self uint64_t minor_before;
self uint64_t major_before;

proc:::exec-success
/execname == {{execname}} && ppid == {{launcher}}/
{
	self->minor_before = curthread->min_flt;
	self->major_before = curthread->maj_flt;
}

rawtp:sched::sched_switch
/execname == {{execname}} && (curthread->__state & 0x80) &&
    curthread->min_flt > self->minor_before/
{
	@page_faults[pid, run_image, ppid, "minor"] = sum(curthread->min_flt - self->minor_before);
}

rawtp:sched::sched_switch
/execname == {{execname}} && (curthread->__state & 0x80) &&
    curthread->maj_flt > self->major_before/
{
	@page_faults[pid, run_image, ppid, "major"] = sum(curthread->maj_flt - self->major_before);
}

rawtp:sched::sched_switch
/execname == {{execname}} && (curthread->__state & 0x80)/
{
	self->minor_before = 0;
	self->major_before = 0;
}

syscall::getpriority:entry
/pid == {{launcher}} && (int)arg1 == asked_pid/
{
	printa("page_fault %d.%d %d %s %@d\n", @page_faults);
	trunc(@page_faults);
}

dtrace:::END
{
	trunc(@page_faults);
}
