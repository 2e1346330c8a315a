/*
 * session-end - comes last, so that its marker follows everything the instruments printed
 *
 * Prints `end PID` for each question; PID is the one that the launcher has asked for. printa shows
 * the last snapshot, which may be older than the first question, and trunc also throws away what no
 * snapshot has seen yet. So the first question is answered with the marker alone, and the
 * instruments print at the second question, which is asked when that answer has arrived. Its
 * snapshot is newer than the first answer, and so newer than the end of the run.
 */
syscall::getpriority:entry
/pid == {{launcher}}/
{
	asked_pid = (int)arg1;
	printf("end %d\n", asked_pid);
}
