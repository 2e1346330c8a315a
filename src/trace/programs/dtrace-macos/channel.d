/*
 * channel - is this read or write on the benchmark's channel?
 *
 * A call counts when its descriptor is above 2: it is not possible here to ask what else it is. If
 * a benchmark reads files by read(2), the sums show it, because they are too large. Each call has a
 * twin that is not a cancellation point.
 *
 * self->channel is 1 off the channel and 2 on it; never 0 while calls go on.
 *
 * NEEDS   a system that lets root use DTrace (csrutil enable --without dtrace)
 * NOTE    written from the documentation; it has not been run
 */
self int channel;

syscall::read:entry,
syscall::read_nocancel:entry,
syscall::write:entry,
syscall::write_nocancel:entry
/execname == {{execname}}/
{
	self->channel = arg0 > 2 ? 2 : 1;
}

proc:::exit
/execname == {{execname}}/
{
	self->channel = 0;
}
