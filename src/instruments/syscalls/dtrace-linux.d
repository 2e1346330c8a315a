/*
 * syscalls - how often did each process of a run make which system call?
 *
 * Uses one raw tracepoint for all calls, keyed by number; names are added outside. Enabling the 360
 * probes of syscall:::entry instead would take half a minute, most of it when they are disabled.
 *
 * PRINTS  syscall PID.IMAGE PPID NUMBER COUNT
 * COSTS   one aggregation in every system call of the run, a comparison in everybody else's
 */
rawtp:raw_syscalls::sys_enter
/execname == {{execname}}/
{
	@syscalls[pid, run_image, ppid, (int)arg1] = count();
}

syscall::getpriority:entry
/pid == {{launcher}} && (int)arg1 == asked_pid/
{
	printa("syscall %d.%d %d %d %@d\n", @syscalls);
	trunc(@syscalls);
}

dtrace:::END
{
	trunc(@syscalls);
}
