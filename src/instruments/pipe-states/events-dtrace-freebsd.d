/*
 * events - every read and write on the pipe, in order
 *
 * Comes after pipe-states, whose state it repeats. Use it to look at sequences in a short run: it
 * prints one line for each call, and lines can be dropped, which is counted.
 *
 * Lines and aggregations come through different buffers: a run's exits, which are aggregated, may
 * be printed while most of its events are still to come. So each process's events end with a line
 * of their own, which comes through the same buffer.
 *
 * PRINTS  event NANOSECONDS PID.IMAGE PPID OPERATION STATE
 *         end PID.IMAGE, after the last event of a process
 * COSTS   a record in the principal buffer in every read and write
 */
fbt::pipe_read:entry
/execname == {{execname}} && self->descriptor > 3/
{
	printf("event %d %d.%d %d read %d\n", timestamp, pid, run_image, ppid, this->state);
}

fbt::pipe_write:entry
/execname == {{execname}} && self->descriptor > 3/
{
	printf("event %d %d.%d %d write %d\n", timestamp, pid, run_image, ppid, this->state);
}

proc:::exit
/execname == {{execname}}/
{
	printf("end %d.%d\n", pid, run_image);
}
