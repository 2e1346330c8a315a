/*
 * page-faults - how many page faults did each process of a run take?
 *
 * These are the kernel's own counts, ru_minflt and ru_majflt, which vm_fault() keeps for each
 * thread: minor if the page only had to be mapped, made or copied, major if it had to be read
 * first. Each thread's are read once: the last one's when the process exits, because it ends after
 * that, and any other's when it ends. The root's from before the benchmark's exec are left out.
 * self->faults_told is 1 in the thread that ends its process.
 *
 * PRINTS  page_fault PID.IMAGE PPID KIND COUNT
 * NEEDS   type information (CTF), as in GENERIC
 * COSTS   nothing in a fault; one aggregation for each kind when a thread ends
 */
self int64_t minor_before;
self int64_t major_before;
self int faults_told;

proc:::exec-success
/execname == {{execname}} && ppid == {{launcher}}/
{
	self->minor_before = curthread->td_ru.ru_minflt;
	self->major_before = curthread->td_ru.ru_majflt;
}

proc:::exit,
proc:::lwp-exit
/execname == {{execname}} && self->faults_told == 0 &&
    curthread->td_ru.ru_minflt > self->minor_before/
{
	@page_faults[pid, run_image, ppid, "minor"] =
	    sum(curthread->td_ru.ru_minflt - self->minor_before);
}

proc:::exit,
proc:::lwp-exit
/execname == {{execname}} && self->faults_told == 0 &&
    curthread->td_ru.ru_majflt > self->major_before/
{
	@page_faults[pid, run_image, ppid, "major"] =
	    sum(curthread->td_ru.ru_majflt - self->major_before);
}

proc:::exit
/execname == {{execname}}/
{
	self->faults_told = 1;
}

proc:::lwp-exit
/execname == {{execname}}/
{
	self->minor_before = 0;
	self->major_before = 0;
	self->faults_told = 0;
}

profile:::tick-50hz
/flushes > 0/
{
	printa("page_fault %d.%d %d %s %@d\n", @page_faults);
	trunc(@page_faults);
}

dtrace:::END
{
	trunc(@page_faults);
}
