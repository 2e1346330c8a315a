/*
 * scripts-answer - the results of the user's scripts have been printed
 *
 * PRINTS  scripts_ends 1: at the second question, every snapshot is newer than the run
 *         scripts
 */
syscall::getpriority:entry
/scripts_closing/
{
	scripts_closing = 0;
	printf("scripts_ends 1\nscripts\n");
}
