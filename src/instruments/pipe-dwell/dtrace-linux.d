/*
 * pipe-dwell - how long is the pipe in each state?
 *
 * The pipe is looked at when a read or write on it enters, when it returns, and whenever its thread
 * loses the processor in between, as it does to sleep; the on-cpu probe of this DTrace (2.0.1) does
 * not fire when a thread gets it back. The time between two looks is charged to the state that the
 * first one found; the state that the second one found is noted with it. The states are those of
 * pipe-states.
 *
 * Both ends share a pipe, so its looks form one chain, whoever makes them. The chain begins when
 * the first write on the pipe enters: the reader's wait for the writer to begin is left out, as in
 * the benchmark's own time. It ends with the last look. A pipe is identified by its inode's number,
 * because another pipe may get the same address, but never the same number. A write on another
 * pipe ends the chain, so two pipes that are used in turns make more chains than iterations.
 *
 * Two processors that look at the same time may both charge the time since the last look. The sum
 * of the states is then longer than the pipe's span, because the span comes from the chain's first
 * and last time alone.
 *
 * self->dwell_data is the address of the pipe while a call is on it, and 1 otherwise;
 * self->dwell_inode is that pipe's inode number. They are not freed before the thread ends (see
 * channel).
 *
 * PRINTS  pipe_dwell PID.IMAGE PPID STATE NEXT_STATE NANOSECONDS, of the run's root
 *         pipe_span PID.IMAGE PPID N NANOSECONDS, from the first to the last look at the n-th pipe
 * COSTS   about ten kernel reads, one aggregation and some stores at entry and return of every read
 *         and write on the pipe, a comparison in every switch on the machine
 */
uint64_t dwell_pipe;
uint64_t dwell_first;
uint64_t dwell_since;
int dwell_state;
int dwell_pipes;
self uint64_t dwell_data;
self uint64_t dwell_inode;

syscall::read:entry,
syscall::write:entry
/execname == {{execname}} && self->channel == 3 && (pid == run_pid || ppid == run_pid)/
{
	self->dwell_data = (uint64_t)curthread->files->fdt->fd[arg0]->private_data;
	self->dwell_inode = (uint64_t)curthread->files->fdt->fd[arg0]->f_inode->i_ino;
}

syscall::read:entry,
syscall::write:entry,
syscall::read:return,
syscall::write:return,
sched:::off-cpu
/execname == {{execname}} && self->dwell_data > 1/
{
	this->now = (uint64_t)timestamp;
	this->looked = (struct pipe_inode_info *)self->dwell_data;
	this->slots = ((uint32_t *)&this->looked->max_usage) - 2;
	this->taken = (uint32_t)(this->slots[0] - this->slots[1]);
	this->found = (this->taken == 0 ? 1 : this->taken >= this->looked->max_usage ? 2 : 4)
	    | ((uint64_t)this->looked->rd_wait.head.next != (uint64_t)&this->looked->rd_wait.head ? 8 : 0)
	    | ((uint64_t)this->looked->wr_wait.head.next != (uint64_t)&this->looked->wr_wait.head ? 16 : 0)
	    | (this->looked->writers == 0 ? 32 : 0)
	    | (this->looked->readers == 0 ? 64 : 0);
}

syscall::read:entry,
syscall::write:entry,
syscall::read:return,
syscall::write:return,
sched:::off-cpu
/execname == {{execname}} && self->dwell_data > 1 && dwell_pipe == self->dwell_inode &&
    this->now >= dwell_since/
{
	@pipe_dwell[run_pid, run_image, {{launcher}}, dwell_state, (int)this->found] =
	    sum(this->now - dwell_since);
	dwell_since = this->now;
	dwell_state = (int)this->found;
}

syscall::write:entry
/execname == {{execname}} && self->dwell_data > 1 && dwell_pipe != 0 &&
    dwell_pipe != self->dwell_inode/
{
	@pipe_spans[run_pid, run_image, {{launcher}}, dwell_pipes] = sum(dwell_since - dwell_first);
}

syscall::write:entry
/execname == {{execname}} && self->dwell_data > 1 && dwell_pipe != self->dwell_inode/
{
	dwell_pipe = self->dwell_inode;
	dwell_pipes = dwell_pipes + 1;
	dwell_first = this->now;
	dwell_since = this->now;
	dwell_state = (int)this->found;
}

syscall::read:return,
syscall::write:return
/execname == {{execname}} && self->dwell_data > 1/
{
	self->dwell_data = 1;
}

proc:::exit
/execname == {{execname}}/
{
	self->dwell_data = 0;
	self->dwell_inode = 0;
}

/*
 * The last switch away from the root (state 0x80, dead). This DTrace spoils aggregations in
 * proc:::exit, and the kernel refuses to load the program.
 */
rawtp:sched::sched_switch
/execname == {{execname}} && (curthread->__state & 0x80) && pid == run_pid && tid == run_pid &&
    dwell_pipe != 0/
{
	@pipe_spans[run_pid, run_image, {{launcher}}, dwell_pipes] = sum(dwell_since - dwell_first);
	dwell_pipe = 0;
}

/* A wrapper script's own pipes are left out: each exec of the root begins a new image. */
proc:::exec-success
/execname == {{execname}} && ppid == {{launcher}}/
{
	dwell_pipe = 0;
	dwell_pipes = 0;
}

syscall::getpriority:entry
/pid == {{launcher}} && (int)arg1 == asked_pid/
{
	printa("pipe_dwell %d.%d %d %d %d %@d\n", @pipe_dwell);
	printa("pipe_span %d.%d %d %d %@d\n", @pipe_spans);
	trunc(@pipe_dwell);
	trunc(@pipe_spans);
}

dtrace:::END
{
	trunc(@pipe_dwell);
	trunc(@pipe_spans);
}
