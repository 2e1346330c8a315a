/*
 * channel - is this read or write one on the benchmark's channel?
 *
 * A call counts when its descriptor is above 2 (0 to 2 are the benchmark's own input and output,
 * whatever they are) and is a FIFO or a socket; files that start-up reads are neither.
 *
 * self->channel is 1 off the channel, 2 on a socket and 3 on a pipe; never 0 while calls go on: a
 * thread-local that is freed and made again in every call ends in dynamic variable drops.
 *
 * COSTS   a walk from the descriptor to its inode in every read and write of the run
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
/execname == {{execname}} && arg0 > 2/
{
	this->kind = curthread->files->fdt->fd[arg0]->f_inode->i_mode & 0170000;
	self->channel = this->kind == 0010000 ? 3 : this->kind == 0140000 ? 2 : 1;
}

proc:::exit
/execname == {{execname}}/
{
	self->channel = 0;
}
