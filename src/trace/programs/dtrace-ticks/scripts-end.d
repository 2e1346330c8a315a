/*
 * scripts-end - a run has ended for the user's scripts that ride in this program
 *
 * They count until the root has exited. On the last of the ticks that follow, every snapshot is
 * newer than that, so what is printed then is complete, and can be emptied. On the condition
 * scripts_closing follow what the scripts have in END, and then all their aggregations.
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

profile:::tick-50hz
/flushes == 1 && scripts_due && scripts_window == 0/
{
	scripts_due = 0;
	scripts_closing = 1;
}
