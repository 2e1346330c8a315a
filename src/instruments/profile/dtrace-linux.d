/*
 * profile - what did the processors do for each process of a run?
 *
 * Each processor looks 997 times a second at what it is doing; what it does for others, or nothing,
 * is not counted. 997 is a prime number, so that nothing periodic keeps in step with it. What runs
 * with interrupts off is seen where they are switched on again.
 *
 * arg0 is the place in the kernel, arg1 that in user code; one of them is 0. The functions of user
 * code have no names here: when the counts are printed, the process has ended.
 *
 * PRINTS  profile_user PID.IMAGE PPID COUNT
 *         profile PID.IMAGE PPID, then a line for each function from the innermost on, which
 *         begins with a blank, then profile_samples COUNT
 * COSTS   a comparison on each processor every millisecond; in those that run the benchmark, a walk
 *         over its stack and an aggregation
 *
 * Run with Oracle DTrace 2.0.1.
 */
profile:::profile-997
/execname == {{execname}} && arg0 != 0/
{
	@profile_stacks[pid, run_image, ppid, stack(64)] = count();
}

profile:::profile-997
/execname == {{execname}} && arg0 == 0/
{
	@user_samples[pid, run_image, ppid] = count();
}

syscall::getpriority:entry
/pid == {{launcher}} && (int)arg1 == asked_pid/
{
	printa("profile_user %d.%d %d %@d\n", @user_samples);
	trunc(@user_samples);
	printa("profile %d.%d %d%-1kprofile_samples %@d\n", @profile_stacks);
	trunc(@profile_stacks);
}

dtrace:::END
{
	trunc(@user_samples);
	trunc(@profile_stacks);
}
