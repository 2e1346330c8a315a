/*
 * channel - is this read or write on the benchmark's channel?
 *
 * A call counts when its descriptor is above 2 and leads to the file system of pipes (fifofs) or of
 * sockets (sockfs); files that are read at start-up are in neither.
 *
 * self->channel is 1 off the channel and 2 on it, whatever kind it is; never 0 while calls go on.
 *
 * NOTE    written from the documentation; it has not been run
 */
self int channel;

syscall::read:entry,
syscall::write:entry
/execname == {{execname}}/
{
	self->channel = 1;
}

syscall::read:entry,
syscall::write:entry
/execname == {{execname}} && arg0 > 2 &&
 (fds[arg0].fi_fs == "fifofs" || fds[arg0].fi_fs == "sockfs")/
{
	self->channel = 2;
}

proc:::exit
/execname == {{execname}}/
{
	self->channel = 0;
}
