/*
 * channel - is this read or write on the benchmark's channel, and what else moves its bytes?
 *
 * A call counts when its descriptor is above 2 (0 to 2 are the benchmark's own input and output,
 * whatever they are) and is a FIFO or a socket; files that are read at start-up are neither.
 *
 * self->channel is 1 off the channel, 2 on a socket and 3 on a pipe, self->asked the bytes asked
 * for + 1. They are never 0 while calls go on: a thread-local variable that is freed and made again
 * in every call leads to dynamic variable drops.
 *
 * Other calls that move bytes on the channel are counted by name, by the kind of their first
 * descriptor. splice, tee and sendfile may also reach the channel by their second descriptor, so
 * each of these calls counts, whatever it works on.
 *
 * PRINTS  other_call PID.IMAGE PPID NAME COUNT
 * COSTS   a walk from the descriptor to its inode in every read and write of the run
 */
self int channel;
self uint64_t asked;

syscall::read:entry,
syscall::write:entry
/execname == {{execname}}/
{
	self->channel = 1;
	self->asked = (uint64_t)arg2 + 1;
}

syscall::read:entry,
syscall::write:entry
/execname == {{execname}} && arg0 > 2/
{
	this->kind = curthread->files->fdt->fd[arg0]->f_inode->i_mode & 0170000;
	self->channel = this->kind == 0010000 ? 3 : this->kind == 0140000 ? 2 : 1;
}

syscall::readv:entry,
syscall::writev:entry,
syscall::preadv2:entry,
syscall::pwritev2:entry,
syscall::vmsplice:entry,
syscall::recvfrom:entry,
syscall::sendto:entry,
syscall::recvmsg:entry,
syscall::sendmsg:entry
/execname == {{execname}} && (int)arg0 > 2/
{
	this->other = curthread->files->fdt->fd[arg0]->f_inode->i_mode & 0170000;
}

syscall::readv:entry,
syscall::writev:entry,
syscall::preadv2:entry,
syscall::pwritev2:entry,
syscall::vmsplice:entry,
syscall::recvfrom:entry,
syscall::sendto:entry,
syscall::recvmsg:entry,
syscall::sendmsg:entry
/execname == {{execname}} && (int)arg0 > 2 && (this->other == 0010000 || this->other == 0140000)/
{
	@other_calls[pid, run_image, ppid, probefunc] = count();
}

syscall::splice:entry,
syscall::tee:entry,
syscall::sendfile*:entry
/execname == {{execname}}/
{
	@other_calls[pid, run_image, ppid, probefunc] = count();
}

proc:::exit
/execname == {{execname}}/
{
	self->channel = 0;
	self->asked = 0;
}

syscall::getpriority:entry
/pid == {{launcher}} && (int)arg1 == asked_pid/
{
	printa("other_call %d.%d %d %s %@d\n", @other_calls);
	trunc(@other_calls);
}

dtrace:::END
{
	trunc(@other_calls);
}
