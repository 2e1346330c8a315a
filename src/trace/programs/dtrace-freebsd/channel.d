/*
 * channel - is this read or write on the benchmark's channel, and what else moves its bytes?
 *
 * A call counts when its descriptor is above 2 (0 to 2 are the benchmark's own input and output,
 * whatever they are) and it reaches pipe_read, pipe_write, soo_read or soo_write. The files below
 * /etc that are read at start-up do neither.
 *
 * self->descriptor is the descriptor + 1, self->asked the bytes asked for + 1, self->channel is 1
 * off the channel, 2 on a socket and 3 on a pipe. None is ever 0 while calls go on: a thread-local
 * variable that is freed and made again in every call leads to dynamic variable drops and missing
 * counts. All are freed when the thread ends.
 *
 * Other calls that move bytes on the channel are counted by name: readv and writev if they reach
 * the same functions, and calls that work only on sockets if their descriptor is above 2.
 *
 * PRINTS  other_call PID.IMAGE PPID NAME COUNT
 * NEEDS   fbt with type information (CTF), as in GENERIC
 * COSTS   three stores in every read and write of the run
 */
self int descriptor;
self int channel;
self uint64_t asked;

syscall:freebsd:read:entry,
syscall:freebsd:write:entry
/execname == {{execname}}/
{
	self->descriptor = (int)arg0 + 1;
	self->asked = (uint64_t)arg2 + 1;
	self->channel = 1;
}

syscall:freebsd:readv:entry,
syscall:freebsd:writev:entry
/execname == {{execname}}/
{
	self->descriptor = (int)arg0 + 1;
	self->channel = 1;
}

fbt::pipe_read:entry,
fbt::pipe_write:entry
/execname == {{execname}} && self->descriptor > 3/
{
	self->channel = 3;
}

fbt::soo_read:entry,
fbt::soo_write:entry
/execname == {{execname}} && self->descriptor > 3/
{
	self->channel = 2;
}

syscall:freebsd:readv:return,
syscall:freebsd:writev:return
/execname == {{execname}} && self->channel > 1/
{
	@other_calls[pid, run_image, ppid, probefunc] = count();
	self->channel = 1;
}

syscall:freebsd:recvfrom:entry,
syscall:freebsd:sendto:entry,
syscall:freebsd:recvmsg:entry,
syscall:freebsd:sendmsg:entry
/execname == {{execname}} && (int)arg0 > 2/
{
	@other_calls[pid, run_image, ppid, probefunc] = count();
}

syscall:freebsd:sendfile:entry
/execname == {{execname}} && (int)arg1 > 2/
{
	@other_calls[pid, run_image, ppid, probefunc] = count();
}

proc:::lwp-exit
/execname == {{execname}}/
{
	self->descriptor = 0;
	self->channel = 0;
	self->asked = 0;
}

profile:::tick-50hz
/flushes > 0/
{
	printa("other_call %d.%d %d %s %@d\n", @other_calls);
	trunc(@other_calls);
}

dtrace:::END
{
	trunc(@other_calls);
}
