/*
 * pipe-states - in which state does each read and write find the pipe?
 *
 * Linux has no state word, so one is made from struct pipe_inode_info at the entry of the call,
 * before the call changes anything:
 *      1 EMPTY            no slot in use
 *      2 FULL             every slot in use
 *      4 PARTIAL          neither
 *      8 READER_WAITING   somebody sleeps in the read queue
 *     16 WRITER_WAITING   somebody sleeps in the write queue
 *     32 NO_WRITERS       the last write end is closed
 *     64 NO_READERS       the last read end is closed
 * head and tail are members of an anonymous union, which this DTrace (2.0.1) reads at offset 0
 * without an error, so they are reached backwards from max_usage, the member that follows them.
 * Transitions are within one thread and one pipe. A pipe is identified by its inode's number,
 * because another pipe may get the same address, but never the same number.
 * self->before is state + 1.
 *
 * PRINTS  pipe_state PID.IMAGE PPID OPERATION STATE COUNT
 *         pipe_transition PID.IMAGE PPID OPERATION STATE_BEFORE STATE COUNT
 * COSTS   about ten kernel reads and two aggregations in every read and write on the pipe
 */
self int before;
self uint64_t inode_before;

syscall::read:entry,
syscall::write:entry
/execname == {{execname}} && self->channel == 3/
{
	this->pipe = (struct pipe_inode_info *)curthread->files->fdt->fd[arg0]->private_data;
	this->inode = (uint64_t)curthread->files->fdt->fd[arg0]->f_inode->i_ino;
	this->counters = ((uint32_t *)&this->pipe->max_usage) - 2;
	this->used = (uint32_t)(this->counters[0] - this->counters[1]);
	this->state = (this->used == 0 ? 1 : this->used >= this->pipe->max_usage ? 2 : 4)
	    | ((uint64_t)this->pipe->rd_wait.head.next != (uint64_t)&this->pipe->rd_wait.head ? 8 : 0)
	    | ((uint64_t)this->pipe->wr_wait.head.next != (uint64_t)&this->pipe->wr_wait.head ? 16 : 0)
	    | (this->pipe->writers == 0 ? 32 : 0)
	    | (this->pipe->readers == 0 ? 64 : 0);
	@pipe_states[pid, run_image, ppid, probefunc, (int)this->state] = count();
}

syscall::read:entry,
syscall::write:entry
/execname == {{execname}} && self->channel == 3 && self->before &&
    self->inode_before == this->inode/
{
	@pipe_transitions[pid, run_image, ppid, probefunc, self->before - 1, (int)this->state] = count();
}

syscall::read:entry,
syscall::write:entry
/execname == {{execname}} && self->channel == 3/
{
	self->before = (int)this->state + 1;
	self->inode_before = this->inode;
}

/* Forget the states of a wrapper script's own pipes: the benchmark's do not follow them. */
syscall::execve:entry
/execname == {{execname}}/
{
	self->before = 0;
}

proc:::exit
/execname == {{execname}}/
{
	self->before = 0;
	self->inode_before = 0;
}

syscall::getpriority:entry
/pid == {{launcher}} && (int)arg1 == asked_pid/
{
	printa("pipe_state %d.%d %d %s %d %@d\n", @pipe_states);
	printa("pipe_transition %d.%d %d %s %d %d %@d\n", @pipe_transitions);
	trunc(@pipe_states);
	trunc(@pipe_transitions);
}

dtrace:::END
{
	trunc(@pipe_states);
	trunc(@pipe_transitions);
}
