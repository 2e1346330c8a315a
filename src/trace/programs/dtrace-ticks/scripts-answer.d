/*
 * scripts-answer - the results of the user's scripts have been printed
 *
 * PRINTS  scripts_ends 1, if the snapshot is newer than the root's exit
 *         scripts
 */
profile:::tick-50hz
/scripts_closing/
{
	scripts_closing = 0;
	printa("scripts_ends %@d\n", @scripts_ends);
	trunc(@scripts_ends);
	printf("scripts\n");
}

dtrace:::END
{
	trunc(@scripts_ends);
}
