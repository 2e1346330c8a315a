/*
 * scripts-end - a run has ended for the user's scripts that ride in this program
 *
 * They count until the root has exited. When the launcher asks for the second time, the snapshot is
 * newer than that (see session-end), so what is printed then is complete, and can be emptied. On
 * the condition scripts_closing follow what the scripts have in END, and then all their
 * aggregations.
 *
 * @scripts_ends is counted by the root's exit: a snapshot without it is older, and the reader says
 * so.
 */
proc:::exit
/execname == {{execname}} && pid == run_pid/
{
	scripts_window = 0;
	@scripts_ends = count();
}

syscall::getpriority:entry
/pid == {{launcher}} && (int)arg1 == asked_pid && scripts_due && scripts_window == 0/
{
	scripts_due = 0;
	scripts_closing = 1;
}
