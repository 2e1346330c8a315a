/*
 * io-sizes - how many bytes did each read and write on the channel move?
 *
 * This is the call's return value: bytes, 0 at the end of file, negative for an error. With it come
 * the kind of channel (self->channel) and whether the call moved less than it was asked for. A run
 * is checked by the sums: bytes read = bytes written = total x iterations.
 *
 * PRINTS  io_size PID.IMAGE PPID OPERATION RETURNED KIND 1_IF_LESS COUNT
 *         asked PID.IMAGE PPID OPERATION BYTES: the most asked for by a call that moved less
 * COSTS   one aggregation in every read and write on the channel, two in those that moved less
 */
syscall::read:return,
syscall::write:return
/execname == {{execname}} && self->channel > 1/
{
	this->less = (int)arg0 > 0 && (uint64_t)arg0 + 1 < self->asked ? 1 : 0;
	@io_sizes[pid, run_image, ppid, probefunc, (int)arg0, self->channel, this->less] = count();
}

syscall::read:return,
syscall::write:return
/execname == {{execname}} && self->channel > 1 && this->less/
{
	@asked[pid, run_image, ppid, probefunc] = max(self->asked - 1);
}

syscall::read:return,
syscall::write:return
/execname == {{execname}} && self->channel > 1/
{
	self->channel = 1;
}

syscall::getpriority:entry
/pid == {{launcher}} && (int)arg1 == asked_pid/
{
	printa("io_size %d.%d %d %s %d %d %d %@d\n", @io_sizes);
	printa("asked %d.%d %d %s %@d\n", @asked);
	trunc(@io_sizes);
	trunc(@asked);
}

dtrace:::END
{
	trunc(@io_sizes);
	trunc(@asked);
}
