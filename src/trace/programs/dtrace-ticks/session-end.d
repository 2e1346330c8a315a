/*
 * session-end - comes last, so that its marker follows everything the instruments printed
 *
 * PRINTS  exit PID.IMAGE PPID COUNT
 *
 * The end of a process is counted like everything else, and so is printed from the same snapshot: a
 * snapshot with a process's exit has everything that its processor counted before it. So a reader
 * that has the exits of a run's processes has all of the run. Output is in the order of time stamps
 * (temporal, dtrace's default), and clauses of one probe run in the order of the text.
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
