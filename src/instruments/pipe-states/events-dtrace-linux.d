/*
 * events - every read and write on the pipe, in order
 *
 * Comes after pipe-states, whose state it repeats. Use it to look at sequences in a short run: it
 * prints one line for each call, and lines can be dropped, which is counted.
 *
 * PRINTS  event NANOSECONDS PID.IMAGE PPID OPERATION STATE
 * COSTS   a record in the principal buffer in every read and write
 */
syscall::read:entry
/execname == {{execname}} && self->channel == 3/
{
	printf("event %d %d.%d %d read %d\n", timestamp, pid, run_image, ppid, (int)this->state);
}

syscall::write:entry
/execname == {{execname}} && self->channel == 3/
{
	printf("event %d %d.%d %d write %d\n", timestamp, pid, run_image, ppid, (int)this->state);
}
