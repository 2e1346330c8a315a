/*
 * scripts-end - a run has ended for the user's scripts that ride in this program
 *
 * They count until the root has exited. When the launcher asks for the second time, the snapshot is
 * newer than that (see session-end), so what is printed then is complete, and can be emptied. On
 * the condition scripts_closing follow what the scripts have in END, and then all their
 * aggregations.
 */
proc:::exit
/execname == {{execname}} && pid == run_pid/
{
	scripts_window = 0;
}

syscall::getpriority:entry
/pid == {{launcher}} && (int)arg1 == asked_pid && scripts_due && scripts_window == 0/
{
	scripts_due = 0;
	scripts_closing = 1;
}
