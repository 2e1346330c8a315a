/*
 * io-sizes - how many bytes did each read and write on the channel move?
 *
 * This is the call's return value: bytes, 0 at the end of file, -1 for an error. A run is checked
 * by the sums: bytes read = bytes written = total x iterations.
 *
 * PRINTS  io_size PID.IMAGE PPID OPERATION RETURNED COUNT
 * COSTS   one aggregation in every read and write on the channel
 * NOTE    written from the documentation; it has not been run
 */
syscall::read:return,
syscall::read_nocancel:return
/execname == {{execname}} && self->channel == 2/
{
	@io_sizes[pid, run_image, ppid, "read", (int)arg0] = count();
	self->channel = 1;
}

syscall::write:return,
syscall::write_nocancel:return
/execname == {{execname}} && self->channel == 2/
{
	@io_sizes[pid, run_image, ppid, "write", (int)arg0] = count();
	self->channel = 1;
}

profile:::tick-50hz
/flushes > 0/
{
	printa("io_size %d.%d %d %s %d %@d\n", @io_sizes);
	trunc(@io_sizes);
}

dtrace:::END
{
	trunc(@io_sizes);
}
