/*
 * session-end - stands last, so that its marker follows everything the instruments printed
 *
 * Prints `end PID` in the last of the flushing ticks. Output is in the order of time stamps
 * (temporal, dtrace's default), and clauses of one probe run in the order of the text.
 */
profile:::tick-50hz
/flushes == 1 && ended_pid/
{
	printf("end %d\n", ended_pid);
	ended_pid = 0;
}

profile:::tick-50hz
/flushes > 0/
{
	flushes--;
}
