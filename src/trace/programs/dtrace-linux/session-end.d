/*
 * session-end - stands last, so that its marker follows everything the instruments printed
 *
 * Prints `end PID`, the pid being the one that the launcher has asked for. printa shows the last
 * snapshot, which may be older than the question; a second question, asked when the first is
 * answered, cannot be answered from a snapshot older than the first answer. So the second marker
 * is the one to believe.
 */
syscall::getpriority:entry
/pid == {{launcher}}/
{
	printf("end %d\n", (int)arg1);
}
