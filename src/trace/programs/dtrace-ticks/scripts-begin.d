/*
 * scripts-begin - a run begins for the user's scripts that ride in this program
 *
 * Such a script's clauses look at scripts_window, which is 1 from the exec of a run's root until
 * its exit. So nothing that happens between two runs is counted. On the condition
 * self->scripts_opening follow the first values of the scripts' variables and what the scripts have
 * in BEGIN; then comes scripts-window.
 *
 * NEEDS   session
 * COSTS   a comparison in every exec on the machine
 */
int scripts_window;
int scripts_due;
int scripts_closing;
self int scripts_opening;

proc:::exec-success
/execname == {{execname}} && ppid == {{launcher}} && scripts_window == 0/
{
	self->scripts_opening = 1;
}
