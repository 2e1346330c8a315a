/*
 * io-sizes - how many bytes did each read and write on the channel move?
 *
 * What the call returned: bytes, 0 at the end of file, negative for an error. The sums are what
 * a run is checked by: bytes read = bytes written = total x iterations.
 *
 * PRINTS  io_size PID PPID OPERATION RETURNED COUNT
 * COSTS   one aggregation in every read and write on the channel
 */
syscall::read:return,
syscall::write:return
/execname == {{execname}} && self->channel > 1/
{
	@io_sizes[pid, ppid, probefunc, (int)arg0] = count();
	self->channel = 1;
}

syscall::getpriority:entry
/pid == {{launcher}} && (int)arg1 == asked_pid/
{
	printa("io_size %d %d %s %d %@d\n", @io_sizes);
	trunc(@io_sizes);
}

dtrace:::END
{
	trunc(@io_sizes);
}
