/*
 * session-end - stands last, so that its marker follows everything the instruments printed
 *
 * PRINTS  exit PID.IMAGE PPID COUNT
 *
 * A process that has ended is counted like everything else, and so is printed from the same
 * snapshot: one that holds a process's exit holds all that its processor counted before it. Whoever
 * has read the exits of a run's processes has read all of the run. Output is in the order of time
 * stamps (temporal, dtrace's default), and clauses of one probe run in the order of the text.
 */
proc:::exit
/execname == {{execname}}/
{
	@exits[pid, run_image, ppid] = count();
}

profile:::tick-50hz
/flushes > 0/
{
	printa("exit %d.%d %d %@d\n", @exits);
	trunc(@exits);
	flushes--;
}

dtrace:::END
{
	trunc(@exits);
}
