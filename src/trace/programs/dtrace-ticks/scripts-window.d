/*
 * scripts-window - from here on, the user's scripts count
 */
proc:::exec-success
/self->scripts_opening/
{
	self->scripts_opening = 0;
	scripts_due = 1;
	scripts_window = 1;
}
