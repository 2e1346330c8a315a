/*
 * syscalls - how often did each process of a run make which system call?
 *
 * PRINTS  syscall PID.IMAGE PPID NAME COUNT
 * COSTS   one aggregation in every system call of the run, a comparison in everybody else's
 */
syscall:freebsd::entry
/execname == {{execname}}/
{
	@syscalls[pid, run_image, ppid, probefunc] = count();
}

profile:::tick-50hz
/flushes > 0/
{
	printa("syscall %d.%d %d %s %@d\n", @syscalls);
	trunc(@syscalls);
}

dtrace:::END
{
	trunc(@syscalls);
}
