/*
 * channel - is this read or write one on the benchmark's channel?
 *
 * A call counts when its descriptor is above 2 (0 to 2 are the benchmark's own input and output,
 * whatever they are) and it reaches pipe_read, pipe_write, soo_read or soo_write; what start-up
 * reads below /etc does neither.
 *
 * self->descriptor is the descriptor + 1, self->channel is 1 off the channel and 2 on it. Neither
 * is ever 0 while calls go on: a thread-local that is freed and made again in every call ends in
 * dynamic variable drops and missing counts. Both are freed when the thread ends.
 *
 * NEEDS   fbt with type information (CTF), as in GENERIC
 * COSTS   two stores in every read and write of the run
 */
self int descriptor;
self int channel;

syscall:freebsd:read:entry,
syscall:freebsd:write:entry
/execname == {{execname}}/
{
	self->descriptor = (int)arg0 + 1;
	self->channel = 1;
}

fbt::pipe_read:entry,
fbt::pipe_write:entry,
fbt::soo_read:entry,
fbt::soo_write:entry
/execname == {{execname}} && self->descriptor > 3/
{
	self->channel = 2;
}

proc:::lwp-exit
/execname == {{execname}}/
{
	self->descriptor = 0;
	self->channel = 0;
}
